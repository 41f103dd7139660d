"""How much one command may do, counted in steps of about a microsecond.

Whatever may grow with what lies in a mailbox or with what a client asks (rows read, occurrences
walked over, texts searched) is spent here before it is done. Steps are counted, not timed, so that
the same request on the same data always comes to the same end.
"""

from __future__ import annotations

from collections.abc import Callable

from rsvpd.errors import WorkLimitExceeded
from rsvpd.hints import Hint, HintCode

Spend = Callable[[int], None]

# How far a long command goes before it lets others go first.
SLICE = 5_000


def unbounded(steps: int) -> None:
    """Spend nothing: for what is bounded by itself."""


def work_limit_exceeded() -> WorkLimitExceeded:
    """Return the error of what needs more than it may."""
    return WorkLimitExceeded(hint=Hint(HintCode.WORK_LIMIT))


class Work:
    """The account of one command: `done` so far, at most `limit`, with a `pause` after each slice."""

    __slots__ = ("_limit", "_next", "_pause", "done")

    def __init__(self, limit: int, *, pause: Callable[[], None] | None = None) -> None:
        self.done = 0
        self._limit = limit
        self._pause = pause
        self._next = limit if pause is None else min(SLICE, limit)

    def spend(self, steps: int) -> None:
        """Count `steps`. Raises WorkLimitExceeded beyond the limit."""
        self.done += steps
        if self.done > self._next:
            self._at_mark()

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
