"""Sends notifications to receivers over HTTP/1.1, and to nobody else.

Rule 1: a name is resolved first, each address is checked, and the connection goes to a checked address: what a name
        means a moment later does not count (DNS rebinding). Certificates are checked against the name.
Rule 2: http goes to this machine alone. Beyond it, addresses that are not public are refused, unless allowed.
Rule 3: an answer is waited for ten seconds and read no further than its beginning; it leads nowhere.

A client of our own, since a thousand small requests at once have to leave within a second beside everything else: the
pools of general clients take several times that.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections import deque
from contextlib import suppress
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

import certifi
import httptools
from msgspec import Struct

from rsvpd import __version__
from rsvpd.addresses import Address, is_public, read_address
from rsvpd.dialects.push import Answer, Push, Sender, Undelivered, origin_of

# learn.microsoft.com/graph/change-notifications-delivery-webhooks: an endpoint is slow beyond ten seconds.
DEADLINE_SECONDS = 10.0
MOST_BODY_BYTES = 4_096
MOST_HEAD_BYTES = 65_536
IDLE_CONNECTIONS, IDLE_SECONDS = 64, 30.0
_COMMON = f"User-Agent: rsvpd/{__version__}\r\nAccept: */*\r\n"


class ClosableSender(Sender, Protocol):
    """A sender that holds connections."""

    async def close(self) -> None:
        """Let go of them."""
        ...


class HttpSender:
    """See `dialects.push.Sender`. `reaches_private` allows addresses that are not public."""

    def __init__(self, *, reaches_private: bool) -> None:
        self._reaches_private = reaches_private
        self._idle: deque[_Connection] = deque()  # whoever was used last comes last
        self._secured: ssl.SSLContext | None = None

    async def __call__(self, push: Push) -> Answer:
        """Send a POST and return the answer. Raises Undelivered."""
        try:
            async with asyncio.timeout(min(push.seconds, DEADLINE_SECONDS)):
                return await self._send(_target_of(push.url), push)
        except TimeoutError:
            raise Undelivered("timeout") from None
        except _Forbidden:
            raise Undelivered("forbidden") from None
        except (OSError, ValueError):  # certificates that do not fit are among these
            raise Undelivered("refused") from None

    async def close(self) -> None:
        """Let go of all connections."""
        while self._idle:
            self._idle.pop().abort()

    async def _send(self, target: _Target, push: Push) -> Answer:
        request = _request(target, push)
        connection = self._take_idle(target.origin)
        if connection is not None:
            try:
                return await self._exchange(connection, request)
            except ConnectionError:
                # It was closed at the other end while it rested. Whoever got the request gets it twice.
                if connection.has_heard:
                    raise
        return await self._exchange(await self._connect(target), request)

    async def _exchange(self, connection: _Connection, request: bytes) -> Answer:
        try:
            answer = await connection.exchange(request)
        except BaseException:
            connection.abort()
            raise
        if not connection.is_reusable:
            connection.abort()
            return answer
        connection.used = asyncio.get_running_loop().time()
        self._idle.append(connection)
        while len(self._idle) > IDLE_CONNECTIONS:
            self._idle.popleft().abort()
        return answer

    def _take_idle(self, origin: str) -> _Connection | None:
        """Return a connection that rests, the last one that was used; drop those that rested too long."""
        oldest = asyncio.get_running_loop().time() - IDLE_SECONDS
        while self._idle and self._idle[0].used < oldest:
            self._idle.popleft().abort()
        for place in range(len(self._idle) - 1, -1, -1):
            one = self._idle[place]
            if one.origin == origin:
                del self._idle[place]
                if not one.is_lost:
                    return one
        return None

    async def _connect(self, target: _Target) -> _Connection:
        """Return a connection to the first address that answers. Raises _Forbidden where none may be reached."""
        loop = asyncio.get_running_loop()
        allowed = [one for one in await _addresses(target.host, target.port) if self._allows(target, one)]
        if not allowed:
            raise _Forbidden
        secured = self._context() if target.is_secure else None
        name = target.host if target.is_secure else None
        for last, address in enumerate(allowed, 1):
            with suppress(*(() if last == len(allowed) else (OSError,))):
                _, made = await loop.create_connection(
                    lambda: _Connection(target.origin), str(address), target.port, ssl=secured, server_hostname=name
                )
                return made
        raise ConnectionError

    def _allows(self, target: _Target, address: Address) -> bool:
        if not target.is_secure:
            # Where this machine is not to be asked either, nothing goes over http.
            return self._reaches_private and address.is_loopback
        return not address.is_multicast if self._reaches_private else is_public(address)

    def _context(self) -> ssl.SSLContext:
        """Return what certificates are checked with: those this machine trusts, and the public ones. Made once."""
        if self._secured is None:
            self._secured = ssl.create_default_context()
            self._secured.load_verify_locations(certifi.where())
        return self._secured


class _Forbidden(Exception):
    """A name stands for addresses alone that may not be reached."""


class _Target(Struct, frozen=True):
    """Where a request goes; `path` is what its first line says."""

    origin: str
    host: str
    port: int
    authority: str
    path: str

    @property
    def is_secure(self) -> bool:
        return self.origin.startswith("https:")


class _Connection(asyncio.Protocol):
    """One connection: a request, its answer, the next. `used` is when it was last, by the loop's clock."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.used = 0.0
        self.is_lost = False
        self.is_reusable = False
        self.has_heard = False
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._begin()

    async def exchange(self, request: bytes) -> Answer:
        """Send a request and return the answer. Raises ConnectionError."""
        assert self._transport is not None
        if self.is_lost:
            raise ConnectionError
        self.has_heard = self.is_reusable = False
        self._begin()
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def abort(self) -> None:
        """End it."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        if self._answer is None or self._answer.done():
            self.abort()  # what nobody asked for
            return
        self.has_heard = True
        self._head_bytes += 0 if self._has_head else len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail()
        if self._head_bytes > MOST_HEAD_BYTES and not self._has_head:
            self._fail()

    def connection_lost(self, exc: Exception | None) -> None:
        """Take what came for all of the answer, where its end is that of the connection (RFC 9112 6.3)."""
        self.is_lost = True
        if self._has_head and exc is None:
            self._finish()
        self._fail()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note what kind the body is of."""
        if name.lower() == b"content-type":
            self._media = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Note that the body begins."""
        self._has_head = self._parser.get_status_code() >= 200  # what comes before is no answer yet

    def on_body(self, body: bytes) -> None:
        """Read no more than the beginning."""
        self._body += body[: MOST_BODY_BYTES - len(self._body)]
        if len(self._body) >= MOST_BODY_BYTES:
            self._finish()

    def on_message_complete(self) -> None:
        """Answer whoever waits."""
        if self._has_head:
            self.is_reusable = self._parser.should_keep_alive() and not self._is_answered()
            self._finish()

    def _begin(self) -> None:
        self._parser: Any = httptools.HttpResponseParser(self)
        self._media, self._body = "", b""
        self._has_head = False
        self._head_bytes = 0

    def _is_answered(self) -> bool:
        return self._answer is None or self._answer.done()

    def _finish(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(Answer(self._parser.get_status_code(), self._media, self._body))

    def _fail(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError())


def _target_of(url: str) -> _Target:
    origin = origin_of(url)
    parts = urlsplit(url)
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    return _Target(origin, (parts.hostname or "").rstrip("."), int(origin.rpartition(":")[2]), parts.netloc, path)


def _request(target: _Target, push: Push) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in push.headers)
    if lines.count("\n") != len(push.headers) or lines.count("\r") != len(push.headers):
        raise ValueError("A header has several lines.")
    head = f"POST {target.path} HTTP/1.1\r\nHost: {target.authority}\r\n{_COMMON}{lines}"
    return f"{head}Content-Length: {len(push.body)}\r\n\r\n".encode("latin-1") + push.body


async def _addresses(host: str, port: int) -> list[Address]:
    given = read_address(host)
    if given is not None:
        return [given]
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    named = [ipaddress.ip_address(str(place[0]).partition("%")[0]) for *_, place in found]
    return list(dict.fromkeys(getattr(one, "ipv4_mapped", None) or one for one in named))
