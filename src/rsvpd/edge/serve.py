"""Running the application: a socket, uvicorn around it, a graceful stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import ipaddress
import os
import resource
import signal
import socket
import ssl
import sys
import time
from collections.abc import Awaitable, Callable
from types import FrameType

import uvicorn
from msgspec import Struct
from starlette.types import ASGIApp

from rsvpd import log
from rsvpd.config import Config
from rsvpd.edge.acceptor import Acceptor, Proxy, Secure
from rsvpd.edge.connection import LINGERING, Connection, ServerLimits, connections

_log = log.get(__name__)

_BACKLOG = 1024
_SWITCH_SECONDS = 0.001
_KEEP_ALIVE_SECONDS = 75
_TICKS_PER_SECOND = 10
# The data file and its readers, standard streams, the loop's own.
_OTHER_FILES = 64
_INPUT_BYTES = 65_536


class BindError(Exception):
    """The address cannot be listened on; the text is one line for the person at the terminal."""


def bind(host: str, port: int, *, allow_public: bool, flag: str = "--port") -> socket.socket:
    """Return a socket bound to `host` (not yet listening). Port 0 takes any free one. Raises BindError.

    `flag` is what the person at the terminal may say otherwise.

    Everybody who reaches the port can try tokens, so an address that others can reach is taken only
    where somebody said so.
    """
    family, address = _resolve(host, port)
    if not allow_public and not ipaddress.ip_address(address[0].partition("%")[0]).is_loopback:
        raise BindError(
            f"{host} can be reached from other machines; say --allow-public-bind if that is meant"
        )
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as wrong:
        bound.close()
        raise BindError(
            f"cannot listen on {host} port {port}: {wrong.strerror} (another {flag}, or 0 for any free one?)"
        ) from None
    return bound


def _resolve(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    """The first address counts, IPv4 before IPv6, so that `localhost` is where clients look first."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise BindError(f"{host} is not an address of this machine") from None
    family, _, _, _, address = min(found, key=lambda one: one[0] is not socket.AF_INET)
    return family, (str(address[0]), int(address[1]))


def url_of(bound: socket.socket, *, scheme: str = "http") -> str:
    """Return the URL under which this machine reaches the socket."""
    address, port = bound.getsockname()[:2]
    if ipaddress.ip_address(address.partition("%")[0]).is_unspecified:
        address = "::1" if bound.family is socket.AF_INET6 else "127.0.0.1"
    return f"{scheme}://[{address}]:{port}" if ":" in address else f"{scheme}://{address}:{port}"


class SecureSockets(Struct, frozen=True):
    """Bound sockets where TLS is spoken with `context`, and the one of the proxy that leads there."""

    context: ssl.SSLContext
    listening: tuple[socket.socket, ...]
    proxy: socket.socket

    @property
    def https_url(self) -> str:
        """Return the URL under which this machine reaches the first of them."""
        return url_of(self.listening[0], scheme="https")

    @property
    def proxy_url(self) -> str:
        """Return the URL of the proxy."""
        return url_of(self.proxy)


def serve(
    app: ASGIApp,
    bound: socket.socket,
    config: Config,
    *,
    on_ready: Callable[[], Awaitable[None]],
    on_stop: Callable[[], None] = lambda: None,
    secure: SecureSockets | None = None,
) -> None:
    """Answer requests until SIGINT or SIGTERM; what is under way is finished for up to `stop_seconds`.

    `on_ready` is awaited once, when requests are answered; an exception of it ends the server. `on_stop` is called
    before what is under way is waited for, to end what would not end by itself.
    """
    limits = ServerLimits(
        most_connections=_allow_connections(config.max_connections),
        head_seconds=config.head_seconds,
        body_seconds=config.body_seconds,
        clock=time.monotonic,
    )
    uvicorn_config = uvicorn.Config(
        app, http=connections(limits), loop="auto", ws="none", interface="asgi3",
        lifespan="on", log_config=None, access_log=False, proxy_headers=False, server_header=False,
        backlog=_BACKLOG, timeout_keep_alive=_KEEP_ALIVE_SECONDS, timeout_graceful_shutdown=config.stop_seconds,
    )
    server = _Server(uvicorn_config, limits, on_ready, on_stop, secure)
    server.stops_at_eof = config.stop_at_eof

    def stop(number: int, frame: FrameType | None) -> None:
        """uvicorn raises the signal once more after a graceful stop; by then it means nothing."""
        server.should_exit = True

    # A reading thread asks for the interpreter again after every row; while the loop writes a long answer it
    # would have it for so long each time.
    sys.setswitchinterval(_SWITCH_SECONDS)
    # What was made to begin with stays. A full collection that looked at it would hold everybody up, for 60 ms.
    gc.collect()
    gc.freeze()
    kept = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    kept_hook, sys.unraisablehook = sys.unraisablehook, _log_unraisable
    try:
        server.run(sockets=[bound])
    finally:
        gc.unfreeze()
        sys.unraisablehook = kept_hook
        for number, handler in kept.items():
            signal.signal(number, handler)


def _log_unraisable(found: sys.UnraisableHookArgs) -> None:
    """Log what Python would print with its traceback; a host name in TLS that is not ASCII is a client's fault."""
    if isinstance(found.exc_value, UnicodeDecodeError) and isinstance(found.object, bytes):
        _log.debug("tls.name_refused", name=found.object.decode("ascii", "replace"))
    elif found.exc_value is not None:
        _log.failure("unraisable", found.exc_value)


def _allow_connections(wanted: int) -> int:
    """Have the system allow as many files as connections take, and return how many connections it allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + LINGERING + _OTHER_FILES
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return wanted
    limit = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
        soft = limit
    allowed = max(1, min(wanted, soft - LINGERING - _OTHER_FILES))
    if allowed < wanted:
        _log.warning("connections.limited", wanted=wanted, allowed=allowed, open_files=soft)
    return allowed


class _Server(uvicorn.Server):
    """uvicorn's server, saying when it is ready, and looking after its connections."""

    def __init__(
        self,
        config: uvicorn.Config,
        limits: ServerLimits,
        on_ready: Callable[[], Awaitable[None]],
        on_stop: Callable[[], None],
        secure: SecureSockets | None,
    ) -> None:
        super().__init__(config)
        self.stops_at_eof = False
        self._limits = limits
        self._on_ready = on_ready
        self._on_stop = on_stop
        self._secure = secure
        self._acceptor = Acceptor(limits, count=lambda: len(self.server_state.connections))
        self._told = 0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then tell."""
        await super().startup(sockets)
        if self.started:
            if self._secure:
                self._listen(self._secure)
            if self.stops_at_eof:
                self._watch_input()
            await self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, and finish what is under way."""
        self._on_stop()
        await self._acceptor.close()
        await super().shutdown(sockets)

    def _listen(self, sockets: SecureSockets) -> None:
        """Speak HTTPS with the connections of uvicorn's own making, which end up among all others."""

        def make_protocol() -> asyncio.Protocol:
            connection: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]  # as uvicorn does
                config=self.config, server_state=self.server_state, app_state=self.lifespan.state
            )
            return connection

        secure = Secure(sockets.context, self._limits, make_protocol)
        for bound in sockets.listening:
            self._acceptor.listen(bound, secure, backlog=_BACKLOG)
        self._acceptor.listen(sockets.proxy, Proxy(secure, self._limits), backlog=_BACKLOG)

    def _watch_input(self) -> None:
        """Stop when standard input ends: whoever started this process and holds the other end has gone."""
        loop = asyncio.get_running_loop()

        def read() -> None:
            if not os.read(sys.stdin.fileno(), _INPUT_BYTES):
                loop.remove_reader(sys.stdin.fileno())
                self.should_exit = True

        loop.add_reader(sys.stdin.fileno(), read)

    async def on_tick(self, counter: int) -> bool:
        """Look once a second for what takes too long; uvicorn calls this ten times as often."""
        if counter % _TICKS_PER_SECOND == 0:
            for connection in tuple(self.server_state.connections):
                assert isinstance(connection, Connection)
                connection.check()
            self._tell()
        return await super().on_tick(counter)

    def _tell(self) -> None:
        """Say once a second at most how many were turned away."""
        count = self._limits.refused_connections - self._told
        if count:
            self._told = self._limits.refused_connections
            _log.warning("connections.refused", count=count, most=self._limits.most_connections)
