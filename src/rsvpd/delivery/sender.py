"""Sends notifications to receivers over HTTP, and to nobody else.

Rule 1: a name is resolved first, each address is checked, and the connection goes to a checked address: what a name
        means a moment later does not count (DNS rebinding). Certificates are checked against the name.
Rule 2: http goes to this machine alone. Beyond it, addresses that are not public are refused, unless allowed.
Rule 3: an answer is read for ten seconds and no more than its beginning; it leads nowhere, and leaves no cookies.

Below httpx (httpcore), since that is where a connection is made to one address and secured for one name.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

import certifi
import httpcore

from rsvpd import __version__
from rsvpd.addresses import Address, is_public, read_address
from rsvpd.dialects.push import Answer, Push, Undelivered

# learn.microsoft.com/graph/change-notifications-delivery-webhooks: an endpoint is slow beyond ten seconds.
DEADLINE_SECONDS = 10.0
MOST_BODY_BYTES = 4_096
_MOST_CONNECTIONS, _IDLE_CONNECTIONS, _IDLE_SECONDS = 256, 64, 30.0
_HEADERS = (("User-Agent", f"rsvpd/{__version__}"), ("Accept", "*/*"))

Allows = Callable[[Address], bool]


class HttpSender:
    """See `dialects.push.Sender`. `reaches_private` allows addresses that are not public."""

    def __init__(self, *, reaches_private: bool) -> None:
        self._reaches_private = reaches_private
        self._pools: dict[str, httpcore.AsyncConnectionPool] = {}

    async def __call__(self, push: Push) -> Answer:
        """Send a POST and return the answer. Raises Undelivered."""
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                return await self._send(push)
        except (TimeoutError, httpcore.TimeoutException):
            raise Undelivered("timeout") from None
        except _Forbidden:
            raise Undelivered("forbidden") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError, ValueError):
            raise Undelivered("refused") from None

    async def close(self) -> None:
        """Let go of all connections."""
        for pool in self._pools.values():
            await pool.aclose()

    async def _send(self, push: Push) -> Answer:
        pool = self._pool(urlsplit(push.url).scheme)
        headers = [
            ("Host", urlsplit(push.url).netloc), *_HEADERS, *push.headers, ("Content-Length", str(len(push.body)))
        ]  # fmt: skip
        async with pool.stream("POST", push.url, headers=headers, content=push.body) as response:
            body = b""
            async for part in response.aiter_stream():
                body += part
                if len(body) >= MOST_BODY_BYTES:
                    break  # the connection is closed with what is left on it
            media = next((value for name, value in response.headers if name.lower() == b"content-type"), b"")
            return Answer(response.status, media.decode("latin-1"), body[:MOST_BODY_BYTES])


    def _pool(self, scheme: str) -> httpcore.AsyncConnectionPool:
        """Return the connections of a scheme, made once something is sent: to load certificates takes a while."""
        if scheme not in self._pools:
            self._pools[scheme] = _pool(self._allows(scheme), _secured() if scheme == "https" else None)
        return self._pools[scheme]

    def _allows(self, scheme: str) -> Allows:
        if scheme == "https":
            return (lambda address: not address.is_multicast) if self._reaches_private else is_public
        # Where this machine is not to be asked either, nothing goes over http.
        return lambda address: self._reaches_private and address.is_loopback


class _Forbidden(Exception):
    """A name stands for addresses alone that may not be reached."""


class _CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to addresses that `allows` lets through."""

    def __init__(self, allows: Allows) -> None:
        self._allows = allows
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Return a connection to the first address that answers. Raises _Forbidden where none may be reached."""
        allowed = [one for one in await _addresses(host, port) if self._allows(one)]
        if not allowed:
            raise _Forbidden
        last: Exception | None = None
        for address in allowed:
            try:
                return await self._network.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except httpcore.ConnectError as fault:
                last = fault
        assert last is not None
        raise last

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._network.sleep(seconds)


async def _addresses(host: str, port: int) -> list[Address]:
    given = read_address(host)
    if given is not None:
        return [given]
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    named = [ipaddress.ip_address(str(place[0]).partition("%")[0]) for *_, place in found]
    return list(dict.fromkeys(getattr(one, "ipv4_mapped", None) or one for one in named))


def _pool(allows: Allows, secured: ssl.SSLContext | None) -> httpcore.AsyncConnectionPool:
    return httpcore.AsyncConnectionPool(
        ssl_context=secured,
        max_connections=_MOST_CONNECTIONS,
        max_keepalive_connections=_IDLE_CONNECTIONS,
        keepalive_expiry=_IDLE_SECONDS,
        network_backend=_CheckedBackend(allows),
    )


def _secured() -> ssl.SSLContext:
    """Return what certificates are checked with: those the machine trusts, and the public ones."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
