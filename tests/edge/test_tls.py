"""HTTPS and the proxy of a running server: who is answered, who is refused and how, where links lead."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import ssl
import stat
import subprocess
import sys
import time

import httpx
import pytest

from rsvpd.edge.hosts import VENDOR_HOSTS
from support.running import PATIENCE_SECONDS, Running

pytestmark = pytest.mark.slow  # a server in a process of its own

FLAGS = ("--https", "--https-port", "0", "--proxy-port", "0")
ENVIRON = {"RSVPD_HTTPS_STANDARD_PORT": "false", "RSVPD_HEAD_SECONDS": "1", "RSVPD_HOSTS": "cal.example.com"}
CONNECT = b"CONNECT %s HTTP/1.1\r\nHost: x\r\n\r\n"
# A first record as of a client that never goes on: a handshake of 512 bytes, of which 4 came.
HALF_A_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"


class Secured(Running):
    """A server that speaks HTTPS."""

    @property
    def ready(self):
        """Return the ready file."""
        return json.loads(self.ready_file.read_bytes())

    @property
    def authority(self):
        """Return the file of the certificate to trust."""
        return self.folder / "t.db.tls" / "authority.pem"

    def port(self, which: str) -> int:
        """Return the port of the URL called `which`."""
        return httpx.URL(self.ready[which]).port

    def connect(self, which: str) -> socket.socket:
        """Return a bare connection."""
        return socket.create_connection(("127.0.0.1", self.port(which)), timeout=PATIENCE_SECONDS)

    def get(self, url: str, **headers: str):
        """Ask by the proxy, with verification on."""
        context = ssl.create_default_context(cafile=str(self.authority))
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        with httpx.Client(proxy=self.ready["proxy_url"], verify=context, trust_env=False) as http:
            return http.get(url, headers=self.auth("bob") | headers)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Secured(tmp_path_factory.mktemp("tls"), *FLAGS, environ=ENVIRON)
    yield running
    running.kill()
    assert "Traceback" not in running.logged
    assert "error" not in running.logged


def answer(connection: socket.socket, sent: bytes) -> bytes:
    """Return everything that comes after `sent`, to the end of the connection."""
    with connection:
        connection.sendall(sent)
        whole = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := connection.recv(65_536):
                whole += piece
        return whole


@pytest.mark.parametrize("host", VENDOR_HOSTS)
def test_every_host_of_the_list_is_answered(server, host):
    reply = server.get(f"https://{host}/v1.0/me")
    assert (reply.status_code, reply.json()["mail"]) == (200, "bob@example.com")
    assert reply.json()["@odata.context"].startswith(f"https://{host}/v1.0/")


def links(found: object) -> list[str]:
    """Return every link of an answer."""
    if isinstance(found, dict):
        own = [one for name, one in found.items() if name in LINKS and isinstance(one, str)]
        return own + [link for one in found.values() for link in links(one)]
    return [link for one in found for link in links(one)] if isinstance(found, list) else []


LINKS = {"webLink", "WebLink", "htmlLink", "@odata.context", "@odata.nextLink", "@odata.id", "selfLink"}


@pytest.mark.parametrize(
    ("origin", "path"),
    [
        ("https://graph.microsoft.com", "/v1.0/me/events?$top=1"),
        ("https://outlook.office.com", "/api/v2.0/me/events?$top=1"),
        ("https://outlook.office365.com", "/api/v1.0/me/messages?$top=1"),
        ("https://www.googleapis.com", "/calendar/v3/calendars/primary/events?maxResults=1"),
    ],
)
def test_links_lead_to_the_host_that_was_asked(server, origin, path):
    reply = server.get(origin + path)
    found = links(reply.json())
    assert reply.status_code == 200
    assert found
    assert all(link.startswith(f"{origin}/") for link in found), found


def test_a_page_leads_to_the_next_by_its_link(server):
    page = server.get("https://graph.microsoft.com/v1.0/me/events?$top=1").json()
    assert server.get(page["@odata.nextLink"]).status_code == 200


def test_own_names_are_answered_over_https(server):
    port = server.port("https_url")
    for host in ("127.0.0.1", "localhost"):
        with httpx.Client(verify=ssl.create_default_context(cafile=str(server.authority)), trust_env=False) as http:
            assert http.get(f"https://{host}:{port}/health").status_code == 200


def test_the_first_lines_say_where_https_is_spoken(server):
    lines = server.said.splitlines()
    assert f"{server.ready['url']}, {server.ready['https_url']} " in lines[0]
    assert len(lines[0]) <= 80
    assert len(lines) <= 25


def test_a_vendors_host_is_misdirected_without_tls(server):
    reply = server.ask("GET", "/v1.0/me", "bob", headers={"Host": "graph.microsoft.com"})
    assert reply.status_code == 421


def test_a_strangers_host_is_misdirected_over_tls_too(server):
    reply = server.get("https://graph.microsoft.com/v1.0/me", Host="example.com")
    assert reply.status_code == 421


@pytest.mark.parametrize("name", ["example.com", "graph.microsoft.com.example", "xn--a", "gr\u00e4ph", "a" * 60])
def test_a_name_outside_the_list_is_refused_by_an_alert(server, name):
    context = ssl.create_default_context(cafile=str(server.authority))
    if not name.isascii():  # Python would not send it
        assert refused_raw_name(server, name.encode()) in (b"", b"\x15\x03\x03\x00\x02\x02\x70")
        return
    with server.connect("https_url") as plain, pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
        context.wrap_socket(plain, server_hostname=name)


def refused_raw_name(server: Secured, name: bytes) -> bytes:
    """Return what answers a ClientHello that names `name`, made from that of a name of the same length."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    stand_in = b"x" * len(name)
    asking = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname=stand_in.decode())
    with contextlib.suppress(ssl.SSLWantReadError):
        asking.do_handshake()
    return answer(server.connect("https_url"), outgoing.read().replace(stand_in, name))


def test_plain_http_on_the_secure_port_is_told(server):
    told = answer(server.connect("https_url"), b"GET /v1.0/me HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert told.startswith(b"HTTP/1.1 400 ")
    assert b"https://" in told


@pytest.mark.parametrize("sent", [b"", b"\x16", HALF_A_HELLO], ids=["nothing", "a byte", "half a hello"])
def test_a_handshake_has_its_time(server, sent):
    began = time.monotonic()
    assert not answer(server.connect("https_url"), sent).startswith(b"HTTP")
    assert time.monotonic() - began < 30


def test_a_request_has_its_time_over_tls(server):
    context = ssl.create_default_context(cafile=str(server.authority))
    with context.wrap_socket(server.connect("https_url"), server_hostname="graph.microsoft.com") as secure:
        secure.sendall(b"GET /v1.0/me HTTP/1.1\r\n")
        assert b" 408 " in secure.recv(65_536)


def shaken(server: Secured) -> ssl.SSLSocket:
    """Return a connection to Graph's host on which nothing was said yet."""
    context = ssl.create_default_context(cafile=str(server.authority))
    return context.wrap_socket(server.connect("https_url"), server_hostname="graph.microsoft.com")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /v1.0/me HTTP/1.1\r\nX: " + b"x" * 200_000, b"431"),
        (b"GET /v1.0/" + b"x" * 200_000, b"414"),
        (b"no request at all\r\n\r\n", b"400"),
    ],
)
def test_what_is_refused_over_tls_is_told(server, sent, status):
    with shaken(server) as secure:
        secure.sendall(sent)
        assert secure.recv(65_536).startswith(b"HTTP/1.1 " + status)


def test_one_connection_too_many_is_told_over_tls(tmp_path):
    running = Secured(tmp_path, *FLAGS, environ=ENVIRON | {"RSVPD_MAX_CONNECTIONS": "1", "RSVPD_HEAD_SECONDS": "20"})
    try:
        with shaken(running), shaken(running) as second:
            assert second.recv(65_536).startswith(b"HTTP/1.1 503 ")
    finally:
        running.kill()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (CONNECT % b"example.com:443", b"403"),
        (CONNECT % b"graph.microsoft.com:80", b"403"),
        (CONNECT % b"graph.microsoft.com.example:443", b"403"),
        (CONNECT % b"127.0.0.1:22", b"403"),
        (CONNECT % b"[::1]:443", b"403"),
        (CONNECT % b"graph.microsoft.com", b"400"),
        (CONNECT % b"https://graph.microsoft.com/", b"400"),
        (CONNECT % b"graph.microsoft.com:999999", b"400"),
        (b"GET http://graph.microsoft.com/ HTTP/1.1\r\nHost: graph.microsoft.com\r\n\r\n", b"405"),
        (b"\x16\x03\x01\r\n\r\n", b"400"),
        (b"CONNECT a:443 HTTP/1.1\r\nX: " + b"x" * 9000, b"431"),
        (b"CONNECT graph.micro", b"408"),
    ],
)
def test_the_proxy_refuses_all_else(server, sent, status):
    told = answer(server.connect("proxy_url"), sent)
    assert told.startswith(b"HTTP/1.1 " + status + b" ")
    assert told.partition(b"\r\n\r\n")[2].count(b"\n") == 1


def test_a_refusal_of_the_proxy_names_what_it_is_for(server):
    told = answer(server.connect("proxy_url"), CONNECT % b"example.com:443").decode()
    assert "example.com:443 is not reached through this proxy" in told
    assert all(host in told for host in VENDOR_HOSTS)


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_a_client_that_does_not_wait_for_the_proxy(server, size):
    """The ClientHello may follow the head at once, and all of it come in pieces of any size."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context(cafile=str(server.authority))
    asking = context.wrap_bio(incoming, outgoing, server_hostname="graph.microsoft.com")
    with contextlib.suppress(ssl.SSLWantReadError):
        asking.do_handshake()
    sent = CONNECT % b"graph.microsoft.com:443" + outgoing.read()
    with server.connect("proxy_url") as connection:
        for at in range(0, len(sent), size):
            connection.sendall(sent[at : at + size])
        told = b""
        while len(told) < 60:
            told += connection.recv(65_536)
    assert told.startswith(b"HTTP/1.1 200 ")
    assert told.partition(b"\r\n\r\n")[2][:1] == b"\x16"


def test_connections_are_bounded_before_their_handshake(tmp_path):
    running = Secured(tmp_path, *FLAGS, environ=ENVIRON | {"RSVPD_MAX_CONNECTIONS": "1", "RSVPD_HEAD_SECONDS": "600"})
    try:
        held = [running.connect("https_url") for _ in range(70)]
        held[-1].settimeout(PATIENCE_SECONDS)
        assert held[-1].recv(1) == b""
        for one in held:
            one.close()
    finally:
        running.kill()


def test_a_server_that_stops_lets_go_of_what_waits(tmp_path):
    running = Secured(tmp_path, *FLAGS, environ=ENVIRON | {"RSVPD_HEAD_SECONDS": "60"})
    with running.connect("https_url"), running.connect("proxy_url"):
        assert running.stop() == 0
    assert "error" not in running.logged


def test_an_authority_outlives_a_restart(tmp_path):
    running = Secured(tmp_path, *FLAGS, environ=ENVIRON)
    first = running.authority.read_bytes()
    running.restart()
    try:
        assert running.authority.read_bytes() == first
        assert stat.S_IMODE((running.authority.parent / "authority.key").stat().st_mode) == 0o600
    finally:
        running.kill()


def test_without_https_there_is_no_authority(start_server):
    running = start_server()
    assert not (running.folder / "t.db.tls").exists()
    assert "https_url" not in json.loads(running.ready_file.read_bytes())


def test_a_taken_port_is_told_with_its_flag(server, tmp_path):
    with pytest.raises(AssertionError, match="another --proxy-port"):
        Secured(tmp_path, "--https", "--https-port", "0", "--proxy-port", str(server.port("proxy_url")),
                environ=ENVIRON)


def test_a_server_stops_when_its_input_ends(tmp_path):
    data = tmp_path / "t.db"
    command = ["--data", str(data), "--port", "0", "--stop-at-eof", "--ready-file", str(tmp_path / "r")]
    process = subprocess.Popen(
        [sys.executable, "-m", "rsvpd.cli.rsvpd", "up", *command],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    assert process.stdin
    process.stdin.write(b"words that nobody reads")
    process.stdin.close()
    assert process.wait(PATIENCE_SECONDS) == 0


def test_an_input_that_nobody_holds_is_refused(tmp_path):
    reply = subprocess.run(
        [sys.executable, "-m", "rsvpd.cli.rsvpd", "up", "--data", str(tmp_path / "t.db"), "--stop-at-eof"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_SECONDS,
    )  # fmt: skip
    assert (reply.returncode, reply.stdout) == (2, "")
    assert reply.stderr.startswith("rsvpd: --stop-at-eof: standard input is no pipe")


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_curl_by_the_proxy(server):
    bearer = f"Authorization: Bearer {server.token('bob')}"
    done = subprocess.run(
        ["curl", "-sS", "--proxy", server.ready["proxy_url"], "--cacert", str(server.authority), "-H", bearer,
         "https://graph.microsoft.com/v1.0/me"],
        capture_output=True, text=True, check=False,
    )
    assert json.loads(done.stdout or "{}").get("mail") == "bob@example.com", done.stderr


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_openssl_accepts_the_chain_in_its_strict_mode(server):
    where = f"127.0.0.1:{server.port('https_url')}"
    done = subprocess.run(
        ["openssl", "s_client", "-connect", where, "-servername", "graph.microsoft.com", "-x509_strict",
         "-verify_hostname", "graph.microsoft.com", "-verify_return_error", "-CAfile", str(server.authority)],
        capture_output=True, text=True, input="", check=False,
    )
    assert "Verify return code: 0 (ok)" in done.stdout, done.stdout
