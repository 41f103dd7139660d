"""A certificate authority of this data file, good for a short list of names and for nothing else.

Whoever trusts it is asked to trust little: name constraints (RFC 5280 4.2.1.10) keep it to the hosts that the
server stands in for, to the loopback, and to the names it was given. It lives in a folder beside the data file;
deleting that folder removes it.

Rule 1: the key stands in one file together with its certificate, readable for the owner only, so that no crash
parts them. The certificate alone is written out anew at every start.
Rule 2: an authority that no longer covers the names, or that nears its end, is replaced, which the log says:
clients have to be given the new one. One that cannot be read is an error, never replaced in silence.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from collections.abc import Iterable
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from msgspec import Struct

from rsvpd import log
from rsvpd.config import Config
from rsvpd.edge.hosts import VENDOR_HOSTS
from rsvpd.files import write_secret

_log = log.get(__name__)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_AUTHORITY_LIFE, _AUTHORITY_REST = dt.timedelta(days=730), dt.timedelta(days=100)
_LEAF_LIFE, LEAF_USE = dt.timedelta(days=90), dt.timedelta(days=60)
# Clocks of clients, in containers above all, may be behind.
_BEFORE = dt.timedelta(days=1)
_LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
_KEY_FILE, _CERTIFICATE_FILE = "authority.key", "authority.pem"


class AuthorityError(Exception):
    """The authority cannot be read or written; the text is one line for the person at the terminal."""


class OwnNames(Struct, frozen=True):
    """What a server is known as: names, some of them beginning with `*.`, and addresses."""

    dns: tuple[str, ...]
    addresses: tuple[Address, ...]


class Leaf(Struct, frozen=True):
    """A certificate with its key, as one PEM text, and when another is to be made."""

    pem: bytes
    good_until: dt.datetime


class Authority(Struct, frozen=True):
    """What signs certificates; `folder` is where it is kept."""

    folder: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        """Return the certificate, for clients to trust."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def issue(self, names: Iterable[x509.GeneralName], now: dt.datetime) -> Leaf:
        """Return a certificate for `names`, of which there is at least one."""
        key = ec.generate_private_key(ec.SECP256R1())
        listed = list(names)
        end = min(now + _LEAF_LIFE, self.certificate.not_valid_after_utc)
        builder = _builder(str(listed[0].value), self.certificate.subject, key, now, end)
        identifier = self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (_usage(signs_certificates=False), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
            (x509.SubjectAlternativeName(listed), False),
            (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), False),
        )
        signed = _with_extensions(builder, extensions).sign(self.key, hashes.SHA256())
        return Leaf(_private(key) + signed.public_bytes(serialization.Encoding.PEM), min(now + LEAF_USE, end))


def folder_of(data: Path) -> Path:
    """Return where the authority of a data file is kept."""
    return data.with_name(f"{data.name}.tls")


def own_names(config: Config) -> OwnNames:
    """Return what the settings call this server, besides the loopback."""
    named = [one for one in dict.fromkeys((config.host.lower(), *config.hosts)) if one != "localhost"]
    addresses = {one: _address(one) for one in named}
    found = [one for one in addresses.values() if one is not None and not (one.is_loopback or one.is_unspecified)]
    return OwnNames(tuple(one for one in named if addresses[one] is None), tuple(found))


def open_authority(folder: Path, names: OwnNames, now: dt.datetime) -> Authority:
    """Return the authority kept in `folder`, made where there is none or it is used up. Raises AuthorityError."""
    try:
        kept = read_authority(folder)
        if kept is None or _is_used_up(kept, names, now):
            if kept is not None:
                _log.warning("authority.replaced", folder=str(folder), hint="clients have to be given the new one")
            kept = _make(folder, names, now)
        (folder / _CERTIFICATE_FILE).write_bytes(kept.pem)
    except OSError as wrong:
        raise AuthorityError(f"{folder} cannot be written ({wrong.strerror})") from None
    return kept


def read_authority(folder: Path) -> Authority | None:
    """Return the authority kept in `folder`, or None where there is none. Raises AuthorityError."""
    file = folder / _KEY_FILE
    try:
        text = file.read_bytes()
        key = serialization.load_pem_private_key(text, password=None)
        certificate = x509.load_pem_x509_certificate(text)
    except FileNotFoundError:
        return None
    except OSError as wrong:
        raise AuthorityError(f"{file} cannot be read ({wrong.strerror})") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise AuthorityError(f"{file} is no authority; delete {folder} and another is made") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or certificate.public_key() != key.public_key():
        raise AuthorityError(f"{file} has a key that is not its certificate's; delete {folder} and another is made")
    return Authority(folder, certificate, key)


def _make(folder: Path, names: OwnNames, now: dt.datetime) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    common_name = f"rsvpd local authority {os.urandom(4).hex()}"
    subject = _subject(common_name)
    builder = _builder(common_name, subject, key, now, now + _AUTHORITY_LIFE)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (_usage(signs_certificates=True), True),
        (x509.NameConstraints(permitted_subtrees=_permitted_subtrees(names), excluded_subtrees=None), True),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), False),
    )
    certificate = _with_extensions(builder, extensions).sign(key, hashes.SHA256())
    made = Authority(folder, certificate, key)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_secret(folder / _KEY_FILE, _private(key) + made.pem)
    return made


def _is_used_up(kept: Authority, names: OwnNames, now: dt.datetime) -> bool:
    constraints = kept.certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    is_covered = set(_permitted_subtrees(names)) <= set(constraints.permitted_subtrees or ())
    return not is_covered or kept.certificate.not_valid_after_utc - now < _AUTHORITY_REST


def _permitted_subtrees(names: OwnNames) -> list[x509.GeneralName]:
    """A DNS constraint covers the name and all below it (RFC 5280 4.2.1.10)."""
    dns = dict.fromkeys((*VENDOR_HOSTS, "localhost", *(one.removeprefix("*.") for one in names.dns)))
    networks = (*_LOOPBACK, *map(ipaddress.ip_network, names.addresses))
    return [*map(x509.DNSName, dns), *map(x509.IPAddress, networks)]


def _builder(
    common_name: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: dt.datetime, end: dt.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_subject(common_name))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BEFORE)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _with_extensions(
    builder: x509.CertificateBuilder, extensions: Iterable[tuple[x509.ExtensionType, bool]]
) -> x509.CertificateBuilder:
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder


def _subject(common_name: str) -> x509.Name:
    """A common name has at most 64 letters (RFC 5280, appendix A.1); what counts are the alternative names."""
    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "rsvpd")
    return x509.Name([organization, x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _address(name: str) -> Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None
