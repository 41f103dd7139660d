"""Running the application: a socket, uvicorn around it, a graceful stop."""

from __future__ import annotations

import contextlib
import ipaddress
import resource
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from rsvpd import log
from rsvpd.config import Config
from rsvpd.edge.connection import LINGERING, Connection, ServerLimits, connections

_log = log.get(__name__)

_BACKLOG = 1024
_SWITCH_SECONDS = 0.001
_KEEP_ALIVE_SECONDS = 75
_TICKS_PER_SECOND = 10
# The data file and its readers, standard streams, the loop's own.
_OTHER_FILES = 64


class BindError(Exception):
    """The address cannot be listened on; the text is one line for the person at the terminal."""


def bind(host: str, port: int, *, allow_public: bool) -> socket.socket:
    """Return a socket bound to `host` (not yet listening). Port 0 takes any free one. Raises BindError.

    Everybody who reaches the port can try tokens, so an address that others can reach is taken only
    where somebody said so.
    """
    family, address = _resolved(host, port)
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
            f"cannot listen on {host} port {port}: {wrong.strerror} (another --port, or 0 for any free one?)"
        ) from None
    return bound


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    """The first address counts, IPv4 before IPv6, so that `localhost` is where clients look first."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise BindError(f"{host} is not an address of this machine") from None
    family, _, _, _, address = min(found, key=lambda one: one[0] is not socket.AF_INET)
    return family, (str(address[0]), int(address[1]))


def url_of(bound: socket.socket) -> str:
    """Return the URL under which this machine reaches the socket."""
    address, port = bound.getsockname()[:2]
    if ipaddress.ip_address(address.partition("%")[0]).is_unspecified:
        address = "::1" if bound.family is socket.AF_INET6 else "127.0.0.1"
    return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"


def serve(
    app: ASGIApp, bound: socket.socket, config: Config, *, on_ready: Callable[[], Awaitable[None]]
) -> None:
    """Answer requests until SIGINT or SIGTERM; what is under way is finished for up to `stop_seconds`.

    `on_ready` is awaited once, when requests are answered; an exception of it ends the server.
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
    server = _Server(uvicorn_config, limits, on_ready)

    def stop(number: int, frame: FrameType | None) -> None:
        """uvicorn raises the signal once more after a graceful stop; by then it means nothing."""
        server.should_exit = True

    # A reading thread asks for the interpreter again after every row; while the loop writes a long answer it
    # would have it for so long each time.
    sys.setswitchinterval(_SWITCH_SECONDS)
    kept = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.run(sockets=[bound])
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


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

    def __init__(self, config: uvicorn.Config, limits: ServerLimits, on_ready: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._limits = limits
        self._on_ready = on_ready
        self._told = 0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then tell."""
        await super().startup(sockets)
        if self.started:
            await self._on_ready()

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
