"""The authority: what it may sign, where it is kept, when another takes its place; who is shown which certificate."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import stat
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from rsvpd.cli.secure import open_secure_sockets
from rsvpd.edge.authority import AuthorityError, OwnNames, folder_of, open_authority, own_names, read_authority
from rsvpd.edge.certificates import Certificates
from rsvpd.edge.hosts import VENDOR_HOSTS
from support.fakes import settings

NOW = dt.datetime(2026, 12, 7, 8, tzinfo=dt.UTC)
# The handshakes are Python's own, which go by the clock of the machine.
NOW_REALLY = dt.datetime.now(dt.UTC)
NOTHING = OwnNames((), ())
NAMED = OwnNames(("cal.example.com", "*.example.org"), (ipaddress.ip_address("10.0.0.5"),))


def verified(authority, name, *, issued=None, now=NOW):
    """Return whether a certificate for `issued` is good for `name`, as a strict verifier sees it."""
    leaf = authority.issue([issued or x509.DNSName(name)], now)
    certificate = x509.load_pem_x509_certificate(leaf.pem)
    is_address = isinstance(certificate_name(certificate), x509.IPAddress)
    wanted = x509.IPAddress(ipaddress.ip_address(name)) if is_address else x509.DNSName(name)
    verifier = PolicyBuilder().store(Store([authority.certificate])).time(now).build_server_verifier(wanted)
    try:
        verifier.verify(certificate, [])
    except VerificationError:
        return False
    return True


def certificate_name(certificate):
    """Return the first name that a certificate is for."""
    return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value[0]


def shaken(certificates: Certificates, authority, name: str | None, host: str) -> str:
    """Shake hands in memory and return what the client says of it, the common name of the certificate or the error."""
    client = ssl.create_default_context(cadata=authority.pem.decode())
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    client.check_hostname = name is not None
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server, server_hostname=name)
    answering = certificates.context().wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (asking, answering):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLError as wrong:
                return str(wrong.reason)
    found = asking.getpeercert()
    assert any(host in one for one in found["subjectAltName"]), found
    return dict(part[0] for part in found["subject"])["commonName"]


@pytest.mark.parametrize("name", [*VENDOR_HOSTS, "localhost", "app.localhost", "cal.example.com", "a.example.org"])
def test_a_name_of_the_list_or_of_the_server_is_good(tmp_path, name):
    assert verified(open_authority(tmp_path, NAMED, NOW), name)


@pytest.mark.parametrize("name", ["example.com", "example.net", "microsoft.com", "evilgraph.microsoft.com.example"])
def test_a_certificate_for_any_other_name_is_worth_nothing(tmp_path, name):
    assert not verified(open_authority(tmp_path, NAMED, NOW), name)


@pytest.mark.parametrize(("address", "is_good"), [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True),
                                                  ("10.0.0.5", True), ("10.0.0.6", False), ("2001:db8::1", False)])
def test_addresses_are_constrained_too(tmp_path, address, is_good):
    issued = x509.IPAddress(ipaddress.ip_address(address))
    assert verified(open_authority(tmp_path, NAMED, NOW), address, issued=issued) is is_good


def test_only_the_owner_reads_the_key(tmp_path):
    folder = folder_of(tmp_path / "t.db")
    open_authority(folder, NOTHING, NOW)
    modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()}
    assert modes["authority.key"] == 0o600
    assert b"PRIVATE" not in (folder / "authority.pem").read_bytes()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("days", "names", "is_kept"),
    [
        (0, NOTHING, True),
        (600, NOTHING, True),
        (640, NOTHING, False),
        (0, NAMED, False),
    ],
    ids=["same start", "far from its end", "near its end", "a name it does not cover"],
)
def test_an_authority_is_kept_until_it_is_used_up(tmp_path, days, names, is_kept):
    first = open_authority(tmp_path, NOTHING, NOW)
    second = open_authority(tmp_path, names, NOW + dt.timedelta(days=days))
    assert (first.certificate == second.certificate) is is_kept
    assert (tmp_path / "authority.pem").read_bytes() == second.pem


def test_fewer_names_are_covered_still(tmp_path):
    first = open_authority(tmp_path, NAMED, NOW)
    assert open_authority(tmp_path, NOTHING, NOW).certificate == first.certificate


@pytest.mark.parametrize("text", [b"", b"garbage", b"-----BEGIN CERTIFICATE-----\n"])
def test_what_cannot_be_read_is_told_and_not_replaced(tmp_path, text):
    (tmp_path / "authority.key").write_bytes(text)
    with pytest.raises(AuthorityError, match="delete"):
        open_authority(tmp_path, NOTHING, NOW)
    assert (tmp_path / "authority.key").read_bytes() == text


def test_a_key_that_is_not_its_own(tmp_path):
    authority = open_authority(tmp_path, NOTHING, NOW)
    other = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "authority.key").write_bytes(other + authority.pem)
    with pytest.raises(AuthorityError, match="not its certificate's"):
        read_authority(tmp_path)


def test_what_the_settings_call_a_server():
    config = settings(host="0.0.0.0", hosts=("cal.example.com", "10.0.0.5", "127.0.0.1", "localhost", "2001:db8::1"))
    addresses = tuple(map(ipaddress.ip_address, ("10.0.0.5", "2001:db8::1")))
    assert own_names(config) == OwnNames(("cal.example.com",), addresses)


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("graph.microsoft.com", "graph.microsoft.com"),
        ("ACCOUNTS.google.com", "accounts.google.com"),
        ("cal.example.com", "cal.example.com"),
        ("a.example.org", "a.example.org"),
        ("app.localhost", "app.localhost"),
        ("localhost", "127.0.0.1"),
        (None, "10.0.0.5"),
    ],
)
def test_a_client_is_shown_the_certificate_of_the_host_it_asks_for(tmp_path, name, host):
    authority = open_authority(tmp_path, NAMED, NOW_REALLY)
    shown = shaken(Certificates(authority, NAMED, clock=lambda: NOW_REALLY), authority, name, host)
    assert shown == (host if name and name != "localhost" and "cal." not in name else "localhost")


@pytest.mark.parametrize("name", ["example.com", "example.org", "evil.graph.microsoft.com", "microsoft.com"])
def test_a_host_outside_the_list_is_refused(tmp_path, name):
    authority = open_authority(tmp_path, NAMED, NOW_REALLY)
    shown = shaken(Certificates(authority, NAMED, clock=lambda: NOW_REALLY), authority, name, name)
    assert shown == "CALLBACK_FAILED"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["authority.key", "authority.pem"]


def test_a_certificate_is_made_anew_before_it_ends(tmp_path):
    authority = open_authority(tmp_path, NOTHING, NOW)
    moment = [NOW]
    certificates = Certificates(authority, NOTHING, clock=lambda: moment[0])
    contexts = []
    for days in (0, 59, 61):
        moment[0] = NOW + dt.timedelta(days=days)
        contexts.append(certificates.context_for("graph.microsoft.com"))
    assert contexts[0] is contexts[1] is not contexts[2]


def test_a_folder_that_is_no_folder(tmp_path):
    file = tmp_path / "taken"
    Path(file).write_text("x")
    with pytest.raises(AuthorityError, match="taken"):
        open_authority(file, NOTHING, NOW)


def test_the_standard_port_is_had_where_it_can_be_and_not_missed_where_not(tmp_path):
    config = settings(https=True, https_port=0, proxy_port=0, port=0)
    config = msgspec.structs.replace(config, data=tmp_path / "t.db")
    with open_secure_sockets(config) as first:
        ports = [one.getsockname()[1] for one in first.listening]
        with pytest.raises(OSError, match=r"(?i)in use|denied"), socket.socket() as other:
            other.bind(("127.0.0.1", 443))  # taken by then, or for nobody like us
        with open_secure_sockets(config) as second:
            assert len(second.listening) == 1
    assert ports[1:] in ([], [443])
    with open_secure_sockets(msgspec.structs.replace(config, https_standard_port=False)) as third:
        assert len(third.listening) == 1


def test_the_proxy_stays_on_this_machine(tmp_path):
    config = settings(https=True, https_port=0, proxy_port=0, https_standard_port=False, host="0.0.0.0",
                      allow_public_bind=True)
    with open_secure_sockets(msgspec.structs.replace(config, data=tmp_path / "t.db")) as sockets:
        assert sockets.listening[0].getsockname()[0] == "0.0.0.0"
        assert sockets.proxy.getsockname()[0] == "127.0.0.1"
