"""Running the application: a socket, uvicorn around it, a graceful stop."""

from __future__ import annotations

import importlib.util
import ipaddress
import signal
import socket
from collections.abc import Awaitable, Callable
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

_BACKLOG = 1024
_KEEP_ALIVE_SECONDS = 75


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
    app: ASGIApp, bound: socket.socket, *, on_ready: Callable[[], Awaitable[None]], stop_seconds: int
) -> None:
    """Answer requests until SIGINT or SIGTERM; what is under way is finished for up to `stop_seconds`.

    `on_ready` is awaited once, when requests are answered; an exception of it ends the server.
    """
    config = uvicorn.Config(
        app, http="httptools" if _has("httptools") else "h11", loop="auto", ws="none", interface="asgi3",
        lifespan="on", log_config=None, access_log=False, proxy_headers=False, server_header=False,
        backlog=_BACKLOG, timeout_keep_alive=_KEEP_ALIVE_SECONDS, timeout_graceful_shutdown=stop_seconds,
    )
    server = _Server(config, on_ready)

    def stop(number: int, frame: FrameType | None) -> None:
        """uvicorn raises the signal once more after a graceful stop; by then it means nothing."""
        server.should_exit = True

    kept = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.run(sockets=[bound])
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


class _Server(uvicorn.Server):
    """uvicorn's server, saying when it is ready."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then tell."""
        await super().startup(sockets)
        if self.started:
            await self._on_ready()


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None
