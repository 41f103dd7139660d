"""Zones that are known by their rules alone, as somebody described them (Graph: customTimeZone).

`bias` is how far standard time is ahead of UTC, and `daylight_bias` how much further daylight time is, in minutes.
Both kinds of time begin on the nth weekday of a month, by the clock that ends with it. A fifth one is the last.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from msgspec import Struct

from rsvpd.clock import Instant, from_datetime

LONGEST_BIAS = 24 * 60
_LAST = 5


class Onset(Struct, frozen=True, kw_only=True):
    """When a kind of time begins: the `nth` `weekday` (Monday is 0) of a month, `at` seconds after midnight.

    `year` is the only year in which it does, 0 where it does so each year.
    """

    month: int
    weekday: int
    nth: int
    at: int = 0
    year: int = 0

    def in_year(self, year: int) -> datetime | None:
        """Return the wall time in a year, None where it does not begin then."""
        if self.year not in (0, year):
            return None
        first = date(year, self.month, 1)
        day = first + timedelta(days=(self.weekday - first.weekday()) % 7 + 7 * (min(self.nth, _LAST) - 1))
        if day.month != self.month:
            day -= timedelta(days=7)
        return datetime.combine(day, time()) + timedelta(seconds=self.at)


class CustomZone(Struct, frozen=True, kw_only=True):
    """A zone by its rules; without both onsets it has standard time all year."""

    name: str
    bias: int = 0
    standard: Onset | None = None
    daylight: Onset | None = None
    daylight_bias: int = 0

    def to_instant(self, wall: datetime) -> Instant:
        """Return the instant at which clocks show `wall` (naive)."""
        minutes = self.bias + (self.daylight_bias if self._is_daylight(wall) else 0)
        return from_datetime((wall - timedelta(minutes=minutes)).replace(tzinfo=UTC))

    def _is_daylight(self, wall: datetime) -> bool:
        if self.standard is None or self.daylight is None:
            return False
        begins, ends = self.daylight.in_year(wall.year), self.standard.in_year(wall.year)
        if begins is None or ends is None:
            return False
        # South of the equator the year begins in daylight time.
        return begins <= wall < ends if begins < ends else not ends <= wall < begins
