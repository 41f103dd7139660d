"""A whole server, asked as clients, browsers, proxies and strangers ask, in the shape of each dialect."""

from __future__ import annotations

import gzip
import json
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from support.running import PATIENCE_SECONDS, Running

EVENTS = {
    "graph": "/v1.0/me/events",
    "beta": "/beta/me/events",
    "outlook-v2": "/api/v2.0/me/events",
    "outlook-v1": "/api/v1.0/me/events",
    "google": "/calendar/v3/calendars/primary/events",
}
# What com.google.api-client 1.27 sends for events().insert over NetHttpTransport.
JAVA = (
    "{method} {path} HTTP/1.1\r\n"
    "Accept-Encoding: gzip\r\n"
    "Authorization: Bearer {token}\r\n"
    "User-Agent: rsvpd-test Google-API-Java-Client Google-HTTP-Java-Client/1.27.0 (gzip)\r\n"
    "x-goog-api-client: java/11.0.22 http-google-calendar-3 linux/6.1.0\r\n"
    "Content-Type: application/json; charset=UTF-8\r\n"
    "Content-Encoding: gzip\r\n"
    "{more}"
    "Host: {host}\r\n"
    "Accept: text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2\r\n"
    "Connection: keep-alive\r\n"
    "Transfer-Encoding: chunked\r\n\r\n"
)


def wall(hour: int, path: str) -> dict[str, object]:
    start, end = (f"2027-03-01T{one:02}:00:00" for one in (hour, hour + 1))
    if path.startswith("/api/v1.0"):
        return {"Subject": "Packed", "Start": start, "StartTimeZone": "UTC", "End": end, "EndTimeZone": "UTC"}
    name = "summary" if "calendar/v3" in path else "subject"
    return {
        name: "Packed",
        "start": {"dateTime": start, "timeZone": "UTC"},
        "end": {"dateTime": end, "timeZone": "UTC"},
    }


def open_to(server: Running) -> socket.socket:
    place = urlsplit(server.url)
    return socket.create_connection((place.hostname, place.port), timeout=PATIENCE_SECONDS)


def read_all(wire: socket.socket) -> bytes:
    parts = []
    while part := wire.recv(65_536):
        parts.append(part)
    return b"".join(parts)


def java(server: Running, path: str, body: object, *, method: str = "POST", more: str = "") -> tuple[int, dict]:
    packed = gzip.compress(json.dumps(body).encode())
    host = urlsplit(server.url).netloc
    head = JAVA.format(method=method, path=path, token=server.token("bob"), host=host, more=more)
    with open_to(server) as wire:
        wire.sendall(head.encode())
        for part in (packed[:10], packed[10:]):
            wire.sendall(b"%x\r\n%s\r\n" % (len(part), part))
        wire.sendall(b"0\r\n\r\n")
        reply = b""
        while b"\r\n\r\n" not in reply:
            reply += wire.recv(65_536)
        top, _, rest = reply.partition(b"\r\n\r\n")
        headers = dict(line.lower().split(": ", 1) for line in top.decode("latin-1").split("\r\n")[1:])
        while len(rest) < int(headers["content-length"]):
            rest += wire.recv(65_536)
    text = gzip.decompress(rest) if headers.get("content-encoding") == "gzip" else rest
    return int(reply[9:12]), json.loads(text)


@pytest.mark.parametrize("path", EVENTS.values(), ids=EVENTS.keys())
def test_what_google_s_java_client_sends_is_read(shared_server, path):
    status, made = java(shared_server, path, wall(9, path))
    assert status == (200 if "calendar/v3" in path else 201), made
    assert "Packed" in (made.get("summary"), made.get("subject"), made.get("Subject"))


def test_google_s_java_client_patches_by_post(shared_server):
    """HttpURLConnection knows no PATCH, so the client says so in a header."""
    _, made = java(shared_server, EVENTS["google"], wall(10, EVENTS["google"]))
    status, changed = java(
        shared_server, f"{EVENTS['google']}/{made['id']}", {"summary": "Packed again"},
        more="X-HTTP-Method-Override: PATCH\r\n",
    )
    assert (status, changed["summary"]) == (200, "Packed again")


PACKED = {
    "another coding": ("deflate", b"{}", 415),
    "not packed": ("gzip", b"{}", 400),
    "cut short": ("gzip", gzip.compress(b'{"subject": "x"}')[:-5], 400),
    "a bomb": ("gzip", gzip.compress(b" " * 40_000_000), 413),
}


@pytest.mark.parametrize("path", EVENTS.values(), ids=EVENTS.keys())
@pytest.mark.parametrize(("coding", "body", "status"), PACKED.values(), ids=PACKED.keys())
def test_what_cannot_be_unpacked_is_refused_in_the_dialect_s_shape(shared_server, path, coding, body, status):
    headers = {"Content-Encoding": coding, "Content-Type": "application/json"}
    reply = shared_server.ask("POST", path, "bob", content=body, headers=headers)
    assert reply.status_code == status
    is_shape_of(path, reply.json(), status)


def is_shape_of(path: str, body: dict, status: int) -> None:
    error = body["error"]
    if "calendar/v3" in path:
        assert error["code"] == status
        assert error["errors"][0]["reason"]
    else:
        assert isinstance(error["code"], str)
        assert ("innerError" in error) is path.startswith(("/v1.0", "/beta"))
    assert error["message"]


POST = b"POST PATH HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
STRANGE = {
    "lines": (b"GET PATH HTTP/1.1\r\nHost: localhost\r\n" + b"a: b\r\n" * 300 + b"\r\n", 431),
    "a long line": (b"GET PATH HTTP/1.1\r\nHost: localhost\r\na: " + b"b" * 300_000 + b"\r\n\r\n", 431),
    "a long target": (b"GET PATH?q=" + b"b" * 300_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    "another host": (b"GET PATH HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 421),
    "two hosts": (b"GET PATH HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400),
    "no host": (b"GET PATH HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
    "a large body": (POST + b"Content-Length: 9999999\r\n\r\n", 413),
    "a large body of nobody's": (POST + b"Content-Length: 999999\r\n\r\n", 401),
}


@pytest.mark.parametrize("path", EVENTS.values(), ids=EVENTS.keys())
@pytest.mark.parametrize(("raw", "status"), STRANGE.values(), ids=STRANGE.keys())
def test_what_is_not_taken_is_refused_in_the_dialect_s_shape(shared_server, path, raw, status):
    with open_to(shared_server) as wire:
        wire.sendall(raw.replace(b"PATH", path.encode()))
        reply = read_all(wire)
    assert int(reply[9:12]) == status
    is_shape_of(path, json.loads(reply.partition(b"\r\n\r\n")[2]), status)


@pytest.fixture(scope="module")
def hasty_server(tmp_path_factory):
    """Return a server that waits for one second, holds two connections, and knows names and proxies."""
    environ = {
        "RSVPD_HEAD_SECONDS": "1", "RSVPD_BODY_SECONDS": "1", "RSVPD_MAX_CONNECTIONS": "2",
        "RSVPD_HOSTS": "cal.example.com", "RSVPD_TRUSTED_PROXIES": "127.0.0.1", "RSVPD_LOG_FORMAT": "json",
        "RSVPD_CORS_ORIGINS": "https://app.example.com",
    }
    running = Running(tmp_path_factory.mktemp("hasty"), environ=environ)
    yield running
    running.kill()


@pytest.mark.slow
@pytest.mark.parametrize("path", EVENTS.values(), ids=EVENTS.keys())
@pytest.mark.parametrize(
    "raw",
    [b"GET PATH HTTP/1.1\r\nHost: local", b"POST PATH HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"],
    ids=["head", "body"],
)
def test_what_does_not_come_in_time_is_408(hasty_server, path, raw):
    with open_to(hasty_server) as wire:
        wire.sendall(raw.replace(b"PATH", path.encode()))
        reply = read_all(wire)
    assert reply.startswith(b"HTTP/1.1 408")
    is_shape_of(path, json.loads(reply.partition(b"\r\n\r\n")[2]), 408)


def test_beyond_the_most_connections_one_is_told_to_come_back(hasty_server):
    waiting = [open_to(hasty_server) for _ in range(2)]
    try:
        for wire in waiting:  # an answer shows that the server has it
            wire.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert wire.recv(65_536).startswith(b"HTTP/1.1 200")
        with open_to(hasty_server) as wire:
            reply = read_all(wire)
        assert reply.startswith(b"HTTP/1.1 503")
        assert b"\r\nRetry-After: 1\r\n" in reply
        assert json.loads(reply.partition(b"\r\n\r\n")[2])["error"]["code"] == "ServiceUnavailable"
    finally:
        for wire in waiting:
            wire.close()


def test_links_lead_where_a_trusted_proxy_says(hasty_server):
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "cal.example.com"}
    found = hasty_server.ask("GET", "/v1.0/me", "bob", headers=headers).json()
    assert found["@odata.context"].startswith("https://cal.example.com/v1.0/$metadata")
    assert hasty_server.ask("GET", "/v1.0/me", headers={"X-Forwarded-Host": "evil.example"}).status_code == 421


def test_links_lead_where_no_stranger_says(shared_server):
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    found = shared_server.ask("GET", "/v1.0/me", "bob", headers=headers).json()
    assert found["@odata.context"].startswith(f"{shared_server.url}/v1.0/$metadata")


@pytest.mark.parametrize("path", EVENTS.values(), ids=EVENTS.keys())
def test_options_need_no_token(shared_server, path):
    reply = shared_server.ask("OPTIONS", path)
    assert reply.status_code == 204
    assert {"GET", "POST", "HEAD", "OPTIONS"} <= set(reply.headers["allow"].split(", "))
    reply = shared_server.ask("OPTIONS", path.replace("events", "evnts"))
    is_shape_of(path, reply.json(), reply.status_code)
    headers = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
    reply = shared_server.ask("OPTIONS", path, headers=headers)
    assert reply.headers["access-control-allow-origin"] == "http://localhost:3000"


def test_a_broken_body_is_not_taken_for_a_whole_one_by_the_control_interface(shared_server):
    token = json.loads(shared_server.data.with_name("t.db.server").read_bytes())["control_token"]
    body = b'{"address": "mallory@example.com"}'
    with open_to(shared_server) as wire:
        wire.sendall(
            b"POST /_rsvpd/people HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
            b"Expect: 100-continue\r\nAuthorization: Bearer %s\r\n\r\n" % token.encode()
        )
        assert wire.recv(65_536).startswith(b"HTTP/1.1 100"), "the body is waited for"
        wire.sendall(b"%x\r\n%s\r\nzz\r\n" % (len(body), body))
        assert read_all(wire).startswith(b"HTTP/1.1 400")
    assert "mallory" not in shared_server.cli("user", "add", "mallory@example.com").stderr


def test_options_of_the_pages_without_a_token(shared_server):
    for path in ("/v1.0", "/v1.0/$metadata", "/api/v1.0/"):
        assert shared_server.ask("OPTIONS", path).headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", EVENTS.values(), ids=EVENTS.keys())
def test_a_page_reads_refusals_too(shared_server, path):
    reply = shared_server.ask("GET", path, headers={"Origin": "http://127.0.0.1:5173"})
    assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (401, "http://127.0.0.1:5173")


def test_beta_is_answered_as_v1_and_says_so(shared_server):
    reply = shared_server.ask("GET", "/beta/me/messages?$top=1", "bob")
    assert reply.status_code == 200
    assert "/v1.0" in reply.headers["x-rsvpd-hint"]
    assert reply.json()["@odata.context"].startswith(f"{shared_server.url}/v1.0/$metadata#")
    link = reply.json()["@odata.nextLink"]
    assert link.startswith(f"{shared_server.url}/v1.0/me/messages?")
    assert shared_server.ask("GET", link, "bob").status_code == 200
    straight = shared_server.ask("GET", "/v1.0/me/messages?$top=1", "bob")
    assert straight.json() == reply.json()
    assert "x-rsvpd-hint" not in straight.headers
    assert shared_server.ask("GET", "/beta/$metadata").content == shared_server.ask("GET", "/v1.0/$metadata").content
    assert shared_server.ask("GET", "/beta/me").headers["x-rsvpd-hint"]
    assert shared_server.ask("GET", "/beta/me").status_code == 401


def test_the_requests_stand_in_the_log(start_server):
    server = start_server()
    server.ask("GET", "/v1.0/me/messages?$top=1&$search=secret", "bob")
    server.ask("GET", "/v1.0/users/alice@example.com/calendar", "bob")
    server.ask("GET", f"/calendar/v3/calendars/primary/events?access_token={server.token('bob')}")
    server.ask("GET", "/beta/me", "alice")
    server.ask("GET", "/health")
    assert server.stop() == 0
    assert "bob@example.com GET /v1.0/me/messages?$top=1&$search=… " in server.logged
    assert "bob@example.com GET /v1.0/users/{address}/calendar " in server.logged
    assert "GET /calendar/v3/calendars/primary/events?access_token=… " in server.logged
    assert " alice@example.com GET /beta/me 200 " in server.logged
    assert "\n         Answered as /v1.0, " in server.logged
    assert "/health" not in server.logged
    for secret in ("secret", server.token("bob"), server.token("bob")[-40:]):
        assert secret not in server.logged


def test_quiet_prints_no_requests(start_server):
    server = start_server("--quiet")
    server.ask("GET", "/v1.0/me", "bob")
    assert server.stop() == 0
    assert "GET" not in server.logged
    assert server.url in server.said


def test_the_requests_as_json(hasty_server):
    hasty_server.ask("GET", "/v1.0/me/calendar", "bob", headers={"Origin": "https://app.example.com"})
    hasty_server.stop()
    lines = [json.loads(line) for line in hasty_server.logged.splitlines()]
    asked = [one for one in lines if one["event"] == "request" and one["path"] == "/v1.0/me/calendar"]
    assert [(one["person"], one["method"], one["status"]) for one in asked] == [("bob@example.com", "GET", 200)]
    hasty_server.start()


def resident(server: Running) -> int:
    """Return the most memory that the server has had, in bytes."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc")
def test_strangers_take_no_memory(start_server):
    """40 MB of header lines; 60 bodies of 4 MB that are never complete."""
    server = start_server()
    server.ask("GET", "/v1.0/me/messages", "bob")
    before = resident(server)
    with open_to(server) as wire:
        wire.sendall(b"GET /v1.0/me HTTP/1.1\r\nHost: localhost\r\n" + b"a: b\r\n" * (40_000_000 // 6))
        assert read_all(wire).startswith(b"HTTP/1.1 431")
    body = b"x" * 3_999_999
    wires = [open_to(server) for _ in range(60)]
    for wire in wires:
        wire.sendall(b"POST /v1.0/me/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000000\r\n\r\n" + body)
        assert wire.recv(65_536).startswith(b"HTTP/1.1 401")
    grown = resident(server) - before
    for wire in wires:
        wire.close()
    assert grown < 16_000_000, f"{grown} bytes"
    assert server.ask("GET", "/v1.0/me", "bob").status_code == 200
