"""A dialect that remembers what it was asked, and a connection without a socket."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from uvicorn.server import ServerState

from rsvpd.config import Config
from rsvpd.dialects.wire import Request, Response
from rsvpd.edge.app import Dialect, Edge, make_app
from rsvpd.edge.connection import Connection, ServerLimits, connections
from rsvpd.errors import (
    HeadTooLarge,
    InvalidHost,
    MalformedBody,
    MalformedRequest,
    MisdirectedRequest,
    Overloaded,
    RequestTimeout,
    RsvpdError,
    StorageFailed,
    StorageFull,
    TargetTooLong,
    TokenMissing,
    TooLarge,
    UnsupportedCoding,
)

NOW = 42
GOOD = "Bearer good"
_STATUS = {
    HeadTooLarge: 431, InvalidHost: 400, MalformedBody: 400, MalformedRequest: 400, MisdirectedRequest: 421,
    Overloaded: 503, StorageFailed: 503, StorageFull: 503,
    RequestTimeout: 408, RsvpdError: 500, TargetTooLong: 414, TokenMissing: 401, TooLarge: 413,
    UnsupportedCoding: 415,
}


class Fake:
    """A dialect whose refusals say `refused` and the error's name; a good token is `GOOD`."""

    def __init__(self, prefix: str, answer: Callable[[Request], Response] | None = None, **more: Any) -> None:
        self.seen: list[Request] = []
        self.refused: list[RsvpdError] = []
        self._answer = answer or (lambda request: Response(status=200, body=b"ok"))
        own = {
            "prefix": prefix, "title": prefix, "answer": more.pop("dialect_answer", self.answer), "refuse": self.refuse,
            "authenticate": self.authenticate, "methods": lambda request: "GET, POST",
        }
        self.dialect = Dialect(**(own | more))

    async def answer(self, request: Request) -> Response:
        self.seen.append(request)
        return self._answer(request)

    def refuse(self, request: Request, error: RsvpdError) -> Response:
        self.seen.append(request)
        self.refused.append(error)
        status = _STATUS.get(type(error), 400)
        words = f"refused: {type(error).__name__}"
        return Response(status=status, headers=(("Content-Type", "fake/error"),), body=words.encode())

    def authenticate(self, request: Request) -> None:
        if request.headers.get("authorization") != GOOD:
            raise TokenMissing


def settings(**more: Any) -> Config:
    """Return settings of which only those count that are given."""
    return Config(data=Path("unused.db"), **more)


def edge_of(*fakes: Fake, **more: Any) -> Edge:
    """Return an application over these dialects."""
    return make_app([one.dialect for one in fakes], settings(**more), clock=lambda: NOW)


def asked_of(app: Edge, method: str, target: str, *, host: str = "http://localhost", **more: Any) -> httpx.Response:
    """Return what the application answers; bytes of the wire are not parsed here."""

    async def go() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=host) as http:
            return await http.request(method, target, **more)

    return asyncio.run(go())


class Wire(asyncio.Transport):
    """What a connection writes to, and what it asks of a transport."""

    def __init__(self) -> None:
        super().__init__({"sockname": ("127.0.0.1", 8365), "peername": ("127.0.0.1", 40_000)})
        self.sent = bytearray()
        self.writes: list[bytes] = []
        self.is_closed = self.has_ended = self.is_paused = False
        self.unsent = 0
        self.on_lost: Callable[[None], None] = lambda error: None

    def write(self, data: bytes) -> None:
        assert not self.is_closed
        assert not self.has_ended
        self.sent += data
        self.writes.append(bytes(data))

    def close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            asyncio.get_running_loop().call_soon(self.on_lost, None)

    abort = close

    def is_closing(self) -> bool:
        return self.is_closed

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.has_ended = True

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False

    def get_write_buffer_size(self) -> int:
        return self.unsent


class Line:
    """A connection to an application, whose clock the test moves."""

    def __init__(self, app: Any, *, most_connections: int = 10, state: ServerState | None = None) -> None:
        self.now = 1000.0
        self.wire = Wire()
        self.limits = ServerLimits(
            most_connections=most_connections, head_seconds=20, body_seconds=60, clock=lambda: self.now
        )
        config = uvicorn.Config(app, http=connections(self.limits), ws="none", log_config=None, lifespan="off")
        config.load()
        self.connection: Connection = connections(self.limits)(config, state or ServerState(), {})
        self.wire.on_lost = self.connection.connection_lost
        self.connection.connection_made(self.wire)

    async def feed(self, data: bytes, *, piece: int = 65_536) -> None:
        """Send bytes as a client does, as long as the other side reads them."""
        for at in range(0, len(data), piece):
            while self.wire.is_paused:
                await asyncio.sleep(0)
            if self.wire.is_closed:
                return
            self.connection.data_received(data[at : at + piece])
            await asyncio.sleep(0)
        await self.rest()

    async def rest(self) -> None:
        """Let everything run that can."""
        for _ in range(200):
            await asyncio.sleep(0)

    async def later(self, seconds: float) -> None:
        """Move the clock and let the server look at its connections."""
        self.now += seconds
        self.connection.check()
        await self.rest()

    @property
    def statuses(self) -> list[int]:
        """Return the statuses of all answers, in their order."""
        return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", self.wire.sent)]
