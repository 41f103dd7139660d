"""How often somebody may be wrong: guesses of passwords and of user codes.

Memory is bounded: of what is counted the least recent goes first. A guesser fills it only as fast as the own
address is let.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from rsvpd.clock import Instant

MOST_WRONG = 10
WINDOW_SECONDS = 60
MOST_COUNTED = 10_000
_SECOND = 1_000_000


class TooManyAttempts(Exception):
    """Somebody was wrong too often; `retry_after` says after how many seconds to come again."""

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class Throttle:
    """Counts what was wrong by key. After `MOST_WRONG` within the window even what is right is not looked at."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str, tuple[Instant, int]] = OrderedDict()

    def check(self, keys: Iterable[str], now: Instant) -> None:
        """Raise TooManyAttempts where one of `keys` was counted too often."""
        for key in keys:
            since, count = self._counts.get(key, (now, 0))
            left = since + WINDOW_SECONDS * _SECOND - now
            if count >= MOST_WRONG and left > 0:
                raise TooManyAttempts(-(-left // _SECOND))

    def count(self, keys: Iterable[str], now: Instant) -> None:
        """Count one more that was wrong."""
        for key in keys:
            since, count = self._counts.pop(key, (now, 0))
            is_over = now - since >= WINDOW_SECONDS * _SECOND
            self._counts[key] = (now, 1) if is_over else (since, count + 1)
        while len(self._counts) > MOST_COUNTED:
            self._counts.popitem(last=False)
