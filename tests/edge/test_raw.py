"""Bytes on a socket: whatever comes in, an HTTP answer below 500 goes out, and the server lives on."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from support.running import PATIENCE_SECONDS

POST = (
    b"POST /v1.0/me/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer TOKEN\r\n"
    b"Content-Type: application/json\r\n"
)
GET = b"GET /v1.0/me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer TOKEN\r\nConnection: close\r\n\r\n"


def sent(body: bytes) -> bytes:
    return POST + b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


CASES = {
    "not HTTP": b"hello\r\n\r\n",
    "TLS": b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + bytes(60) + b"\r\n\r\n",
    "no path": b"GET HTTP/1.1\r\n\r\n",
    "bytes in the path": b"GET /v1.0/m\xff\xfe HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    "a bad escape": GET.replace(b"/me ", b"/%zz%f ", 1),
    "an escape that is not UTF-8": GET.replace(b"/me ", b"/users/%ff%fe ", 1),
    "a null": GET.replace(b"/me ", b"/users/a%00b ", 1),
    "slashes": GET.replace(b"/v1.0/me ", b"//v1.0//me// ", 1),
    "an absolute target": GET.replace(b"/v1.0/me ", b"http://localhost/v1.0/me ", 1),
    "no host": b"GET /v1.0/me HTTP/1.0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "a length that is none": POST + b"Content-Length: many\r\n\r\n{}",
    "bytes in a header": GET.replace(b"Host: localhost", b"Host: \xff\xfe", 1),
    "an endless token": GET.replace(b"TOKEN", b"A" * 20_000, 1),
    "many headers": GET.replace(b"Host: localhost", b"\r\n".join(b"X-%d: y" % n for n in range(5000)), 1),
    "a strange method": GET.replace(b"GET", b"PROPFIND", 1),
    "options of all": b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    "no body": sent(b""),
    "not JSON": sent(b"{"),
    "not UTF-8": sent(b'{"subject": "\xff"}'),
    "half a surrogate": sent(b'{"subject": "\\ud800"}'),
    "deep": sent(b'{"subject":' * 50_000 + b"1" + b"}" * 50_000),
    "deep lists": sent(b"[" * 200_000),
    "a long number": sent(b'{"reminderMinutesBeforeStart": ' + b"9" * 5000 + b"}"),
    "a list": sent(b"[]"),
    "a null ": sent(b"null"),
    "a null in a text": sent(b'{"subject": "a\\u0000b", "start": {"dateTime": "\\u0000"}}'),
    "absurd dates": sent(
        b'{"subject":"x","start":{"dateTime":"9999-12-31T23:59:59","timeZone":"UTC"},'
        b'"end":{"dateTime":"0001-01-01T00:00:00","timeZone":"UTC"}}'
    ),
    "chunks": POST + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "broken chunks": POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}",
    "both lengths": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\nConnection: close\r\n\r\n0\r\n\r\n",
    "an upgrade": GET.replace(b"Connection: close", b"Connection: Upgrade, close\r\nUpgrade: websocket", 1),
    "Google: not JSON": sent(b"{").replace(b"/v1.0/me/events", b"/calendar/v3/calendars/primary/events", 1),
    "Google: a bad escape": GET.replace(b"/v1.0/me", b"/calendar/v3/calendars/%zz%ff/events", 1),
    "Google: deep": sent(b'{"a":' * 50_000).replace(b"/v1.0/me/events", b"/calendar/v3/calendars/primary/events", 1),
}


def said(server, raw: bytes) -> bytes:
    """Send `raw` and return all that comes back until the server hangs up."""
    place = urlsplit(server.url)
    with socket.create_connection((place.hostname, place.port), timeout=PATIENCE_SECONDS) as wire:
        wire.sendall(raw.replace(b"TOKEN", server.token("bob").encode()))
        parts = []
        while part := wire.recv(65_536):
            parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize("raw", CASES.values(), ids=CASES.keys())
def test_whatever_comes_in_is_answered(shared_server, raw):
    answer = said(shared_server, raw)
    assert answer.startswith(b"HTTP/1.1 "), answer[:80]
    assert int(answer[9:12]) < 500, answer[:600]
    assert shared_server.ask("GET", "/v1.0/me", "bob").status_code == 200
    assert "request.failed" not in shared_server.logged
    assert "Traceback" not in shared_server.logged


def test_requests_in_one_go_are_answered_in_turn(shared_server):
    keep = GET.replace(b"Connection: close", b"Connection: keep-alive")
    answer = said(shared_server, keep + keep + GET)
    assert answer.count(b"HTTP/1.1 200 OK") == 3


def test_a_body_over_the_limit_ends_only_its_own_request(shared_server):
    body = b"x" * 5_000_000
    keep = sent(body).replace(b"Connection: close\r\n", b"")
    answer = said(shared_server, keep + GET)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"HTTP/1.1 200 OK" in answer
