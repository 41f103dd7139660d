"""Two lanes of reading threads, so that a long read stops nobody.

Rule 1: every read begins in the short lane, where it may do little. One that needs more is given up and begun
        anew in the long lane: a command that reads is a function of its transaction, and so may be repeated.
        What an index bounds begins in the event loop's own thread, where it may do no more than a usual page takes: to
        hand it to another thread and back costs more than most of it.
Rule 2: long reads take turns. One of them computes at a time, for a slice of counted work, and while no short
        read is under way; where short reads never end it gets a slice now and then all the same.
Rule 3: each person has one long read at a time. A few more wait; the next is refused with Throttled.

Python runs one thread at a time. Without turns, each row that a short read fetches would wait until the
interpreter takes the long ones off, one after the other (see `sys.setswitchinterval`).
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from rsvpd.errors import Throttled, WorkLimitExceeded
from rsvpd.store.engine import WorkLimits
from rsvpd.work import Work

T = TypeVar("T")

SHORT_THREADS, LONG_THREADS = 3, 3
MOST_WAITING = 8
_PATIENCE_SECONDS = 0.02


class Lanes:
    """Runs what reads: `read` for the event loop, `run` for programs without one."""

    def __init__(self, limits: WorkLimits) -> None:
        self._limits = limits
        self._short = ThreadPoolExecutor(SHORT_THREADS, thread_name_prefix="rsvpd-reader")
        self._long = ThreadPoolExecutor(LONG_THREADS, thread_name_prefix="rsvpd-long-reader")
        self._turns = Turns()
        self._lines: dict[Hashable, _Line] = {}

    async def read(self, job: Callable[[Work], T], person: Hashable) -> T:
        """Return what `job` returns. Raises WorkLimitExceeded, or Throttled before it is begun at length."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._short, self._shortly, job)
        except WorkLimitExceeded:
            pass
        line = self._lines.setdefault(person, _Line())
        if line.length > MOST_WAITING:
            raise Throttled
        line.length += 1
        try:
            async with line.turn:
                return await loop.run_in_executor(self._long, self._at_length, job)
        finally:
            line.length -= 1
            if not line.length:
                del self._lines[person]

    def read_in_loop(self, job: Callable[[Work], T]) -> T:
        """Return what `job` returns, run in this thread. Raises WorkLimitExceeded for what is not as short as that."""
        with self._turns.short():
            return job(Work(self._limits.loop))

    def run(self, job: Callable[[Work], T]) -> T:
        """Return what `job` returns. Raises WorkLimitExceeded."""
        return self._long.submit(self._at_length, job).result()

    def close(self) -> None:
        """Finish what is under way."""
        self._short.shutdown()
        self._long.shutdown()

    def _shortly(self, job: Callable[[Work], T]) -> T:
        with self._turns.short():
            return job(Work(self._limits.short))

    def _at_length(self, job: Callable[[Work], T]) -> T:
        with self._turns.long() as pause:
            return job(Work(self._limits.read, pause=pause))


class _Line:
    """The long reads of one person."""

    __slots__ = ("length", "turn")

    def __init__(self) -> None:
        self.length = 0
        self.turn = asyncio.Lock()


class Turns:
    """Which thread may compute: those of short reads at once, of long ones the first in line."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._under_way = 0  # short reads
        self._line: deque[object] = deque()

    def short(self) -> _Short:
        """Let the long ones wait meanwhile."""
        return _Short(self)

    def begin_short(self) -> None:
        """Count one more short read."""
        with self._changed:
            self._under_way += 1

    def end_short(self) -> None:
        """Count one less, and wake who waits for the last."""
        with self._changed:
            self._under_way -= 1
            if not self._under_way:
                self._changed.notify_all()

    @contextmanager
    def long(self) -> Iterator[Callable[[], None]]:
        """Wait for a turn, and give what passes it on and waits for the next."""
        me = object()
        with self._changed:
            self._line.append(me)
            self._wait(me)
        try:
            yield partial(self._pause, me)
        finally:
            with self._changed:
                self._line.remove(me)
                self._changed.notify_all()

    def _pause(self, me: object) -> None:
        with self._changed:
            self._line.rotate(-1)
            self._changed.notify_all()
            self._wait(me)

    def _wait(self, me: object) -> None:
        self._changed.wait_for(lambda: self._line[0] is me)
        self._changed.wait_for(lambda: not self._under_way, timeout=_PATIENCE_SECONDS)


class _Short:
    """A short read under way; a class, as a generator takes longer than some of them."""

    __slots__ = ("_turns",)

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    def __enter__(self) -> None:
        self._turns.begin_short()

    def __exit__(self, *_: object) -> None:
        self._turns.end_short()
