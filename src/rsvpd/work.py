"""How much one command may do, counted in steps of about a microsecond.

Whatever may grow with what lies in a mailbox or with what a client asks (rows read, occurrences
walked over, texts searched) is spent here before it is done. Steps are counted, not timed, so that
the same request on the same data always comes to the same end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rsvpd.errors import WorkLimitExceeded
from rsvpd.hints import Hint, HintCode

Spend = Callable[[int], None]

# How far a long command goes before it lets others go first.
SLICE = 5_000


class Exhausted(Exception):
    """One way to an answer took as many steps as it may; there is another one."""


def spend_nothing(steps: int) -> None:
    """Spend nothing: for what is bounded by itself."""


def work_limit_exceeded() -> WorkLimitExceeded:
    """Return the error of what needs more than it may."""
    return WorkLimitExceeded(hint=Hint(HintCode.WORK_LIMIT))


class Work:
    """The account of one command: `done` so far, at most `limit`, with a `pause` after each slice."""

    __slots__ = ("_limit", "_next", "_pause", "_within", "done")

    def __init__(self, limit: int, *, pause: Callable[[], None] | None = None) -> None:
        self.done = 0
        self._limit = limit
        self._pause = pause
        self._within: int | None = None
        self._next = limit if pause is None else min(SLICE, limit)

    def spend(self, steps: int) -> None:
        """Count `steps`. Raises WorkLimitExceeded beyond the limit, Exhausted beyond that of `within`."""
        self.done += steps
        if self.done > self._next:
            if self._within is not None and self._within < self.done <= self._limit:
                raise Exhausted
            self._at_mark()

    def spend_below(self, steps: int) -> None:
        """Count `steps` of a statement that runs, which Exhausted cannot stop."""
        self.done += steps
        if self.done > self._next:
            self._at_mark()

    @contextmanager
    def within(self, steps: int) -> Iterator[None]:
        """Let no more than `steps` be spent inside: beyond, Exhausted is raised."""
        before = self._within
        self._within = self.done + steps if before is None else min(before, self.done + steps)
        self._next = min(self._next, self._within)
        try:
            yield
        finally:
            self._within = before
            self._next = self._limit if self._pause is None else min(self.done + SLICE, self._limit)
            if before is not None:
                self._next = min(self._next, before)

    def foresee(self, steps: int) -> None:
        """Raise WorkLimitExceeded where there is no room for `steps` that are certain to come; none is counted yet."""
        if self.done + steps > self._limit:
            raise work_limit_exceeded()

    def is_over(self) -> bool:
        """Return whether more was done than allowed."""
        return self.done > self._limit

    def _at_mark(self) -> None:
        if self.done > self._limit:
            raise work_limit_exceeded()
        if self._pause is not None:
            self._pause()
            self._next = min(self.done + SLICE, self._limit)
            if self._within is not None:
                self._next = min(self._next, self._within)
