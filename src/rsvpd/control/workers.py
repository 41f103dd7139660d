"""How the processes of one server ask each other, so that whoever asks the desk hears of all of them.

Each listens at a socket in a folder that only the user who started the server can enter. A question is one connection:
what is asked, the end of it, what is answered, the end of that.

Rule: nobody is waited for longer than PATIENCE_SECONDS. Whoever did not answer is told of (`absent`).
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from rsvpd import log
from rsvpd.control.about import About
from rsvpd.control.journal import Filter
from rsvpd.shared_memory import shared_numbers

PATIENCE_SECONDS = 2.0
HEADER = "X-Rsvpd-Missing-Workers"
_LONGEST_FOLDER = 70

T = TypeVar("T")

_log = log.get(__name__)


class Lines(Struct, frozen=True, tag=True):
    """Which of the last requests, up to a number; where a meeting is named, those about it."""

    wanted: Filter
    limit: int
    until: int
    about: About | None = None


class Trapped(Struct, frozen=True, tag=True):
    """Which requests up to a number did not do what they were asked for."""

    person: str
    meeting: str
    after: int
    limit: int
    until: int


class Moments(Struct, frozen=True, tag=True):
    """Which requests were about a meeting."""

    about: About


class Show(Struct, frozen=True, tag=True):
    """One request with all that is kept of it."""

    id: str


class Explain(Struct, frozen=True, tag=True):
    """What one request did not do."""

    id: str


class Forget(Struct, frozen=True, tag=True):
    """Empty the journal."""


class Counts(Struct, frozen=True, tag=True):
    """What is counted."""


Question = Lines | Trapped | Show | Explain | Forget | Moments | Counts

# Who did not answer what is being asked at the desk.
absent: ContextVar[list[int] | None] = ContextVar("absent", default=None)


class WorkerSockets:
    """Where the processes of one server reach each other, and the numbers that they give. Made before they are."""

    def __init__(self, count: int) -> None:
        self.count = count
        # Which nobody else may enter. The name of a socket has 100 letters or so (unix(7)).
        usual = tempfile.gettempdir()
        self._folder = Path(tempfile.mkdtemp(prefix="rsvpd-", dir=usual if len(usual) <= _LONGEST_FOLDER else "/tmp"))
        self._numbers = shared_numbers(count)

    def place(self, worker: int) -> Path:
        """Return where a process listens."""
        return self._folder / str(worker)

    def close(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def next_number(self, worker: int) -> int:
        """Return a number that no other request has, larger than every one that was given before.

        No lock is needed: of two that are given at a time each is of its own process, modulo their count.
        """
        newest = self.newest()
        number = newest + 1 + (worker - newest - 1) % self.count
        self._numbers[worker] = number
        return number

    def newest(self) -> int:
        """Return the largest number that was given."""
        return max(self._numbers)


class Workers:
    """The other processes, as the one with a number reaches them."""

    def __init__(self, sockets: WorkerSockets, number: int) -> None:
        self.sockets = sockets
        self.number = number

    async def ask(self, question: Question, kind: type[T]) -> dict[int, T]:
        """Return what the others answer, by their numbers; who does not answer in time is missing."""
        others = [one for one in range(self.sockets.count) if one != self.number]
        asked = msgspec.msgpack.encode(question)
        found = await asyncio.gather(*(self._ask(one, asked, kind) for one in others))
        missing = [number for number, one in zip(others, found, strict=True) if one is None]
        told = absent.get()
        if told is not None:
            told += [one for one in missing if one not in told]
        return {number: one for number, one in zip(others, found, strict=True) if one is not None}

    @asynccontextmanager
    async def answering(self, answer: Callable[[Question], Awaitable[object]]) -> AsyncIterator[None]:
        """Answer the others while inside."""
        decode = msgspec.msgpack.Decoder(Question).decode

        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                question = decode(await reader.read())
                writer.write(msgspec.msgpack.encode(await answer(question)))
                await writer.drain()
            except OSError:  # whoever asked does not wait any more
                pass
            except Exception as wrong:
                _log.failure("worker.not_answered", wrong)
            finally:
                writer.close()

        place = self.sockets.place(self.number)
        place.unlink(missing_ok=True)  # of the process that had this number before
        server = await asyncio.start_unix_server(handle, place)
        try:
            yield
        finally:
            server.close()

    async def _ask(self, worker: int, asked: bytes, kind: type[T]) -> T | None:
        with suppress(OSError, TimeoutError, msgspec.MsgspecError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                reader, writer = await asyncio.open_unix_connection(self.sockets.place(worker))
                try:
                    writer.write(asked)
                    writer.write_eof()
                    return msgspec.msgpack.decode(await reader.read(), type=kind)
                finally:
                    writer.close()
        return None


def words_of(missing: list[int]) -> str:
    """Return what is said of processes that did not answer, or nothing."""
    if not missing:
        return ""
    which = ", ".join(map(str, missing))
    return f"Not all is told: worker {which} of this server did not answer."
