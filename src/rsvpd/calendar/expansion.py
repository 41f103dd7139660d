"""What of one copy stands in a window of time, in the order of a list, as far as somebody looks.

Nothing here holds more of a series than a short block of time: occurrences are found one after the
other, forwards or backwards, from wherever a list goes on. What is found is light; an event is
made of it by `Expansion.occurrence` once it is to be seen.

Lists sort by `OccurrenceSpan.at`: the start, of an all-day event its midnight in UTC whatever the zone it is
looked at from. Windows ask where it stands in that zone.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from functools import cached_property
from itertools import takewhile
from typing import NamedTuple

from rsvpd.calendar.event import Event, EventKind, Meeting
from rsvpd.calendar.recurrence import EARLIEST, LATEST, number_between, starts
from rsvpd.calendar.rule import Recurrence
from rsvpd.calendar.series import ZONES_APART, Frame, Occurrence, as_cancelled
from rsvpd.clock import Instant
from rsvpd.timezones.zone import is_skipped, leaps, to_instant, to_wall, wall_to_instant
from rsvpd.work import Spend, spend_nothing

_FIRST_BLOCK = timedelta(days=4)
_GROWTH, _FULL_BLOCK = 4, 32
_EARLIEST = wall_to_instant(EARLIEST, "UTC")
_LATEST = wall_to_instant(LATEST, "UTC")
_FOREVER = 2**62
_MICROSECOND = timedelta(microseconds=1)
# What it costs to look at an occurrence, at an exception, and whether the series has a deleted one; in steps.
_LOOK, _LOOK_CHANGED, _LOOK_DELETED = 7, 60, 50


class OccurrenceSpan(NamedTuple):
    """An occurrence in a window: where lists have it, its original wall time, its true start and end.

    `slot` is its place among those of its day where nobody changed it, else `event` is what it is now.
    """

    at: Instant
    wall: datetime
    start: Instant
    end: Instant
    slot: int = 0
    event: Event | None = None


class Expansion:
    """The occurrences of one copy that overlap the instants [start, end).

    Exceptions count where they stand now; a single meeting is its own only occurrence. An event of no
    length counts at its start. All-day events stand at midnight in `zone`. What is walked is spent.
    """

    def __init__(
        self, meeting: Meeting, start: Instant, end: Instant, *, zone: str = "UTC", spend: Spend = spend_nothing
    ) -> None:
        self.frame = Frame(meeting, zone)
        self._meeting, self._spend = meeting, spend
        self._start, self._end = start, end
        self._sorts_in = "UTC" if self.frame.is_all_day else self.frame.zone
        self._low = max(self._original(start, self.frame.zone) - self.frame.reach, self.frame.wall)
        self._high = self._original(end, self.frame.zone) + ZONES_APART
        self._first, self._last = -_FOREVER, _FOREVER
        self._changed: dict[datetime, Occurrence] = {}

    # --- where to begin and to end, without walking there

    def since(self, at: Instant) -> None:
        """Leave out what lists have before `at`."""
        self._first = max(self._first, at)
        self._low = max(self._low, self._original(at, self._sorts_in) - ZONES_APART)

    def until(self, at: Instant) -> None:
        """Leave out what lists have after `at`."""
        self._last = min(self._last, at)
        self._high = min(self._high, self._original(at, self._sorts_in) + ZONES_APART)

    def skip_before(self, instant: Instant) -> None:
        """Leave out regular occurrences that end before `instant`; some of them may come all the same."""
        self._low = max(self._low, self._original(instant, self._sorts_in) - self.frame.reach)

    def since_original(self, wall: datetime) -> None:
        """Leave out regular occurrences that originally start before `wall`."""
        self._low = max(self._low, wall)

    def until_original(self, wall: datetime) -> None:
        """Leave out regular occurrences that originally start after `wall`."""
        self._high = min(self._high, wall + _MICROSECOND)

    def occurrence(self, found: OccurrenceSpan) -> Occurrence:
        """Return the event that was found."""
        if self._meeting.recurrence is None:
            return Occurrence(None, 0, self._meeting.event, EventKind.SINGLE, None, found.start, found.end)
        if found.event is None:
            return self.frame.occurrence(found.wall, found.slot, found.start, found.end)
        made = self._changed.get(found.wall)
        if made is None:
            slot = self.frame.originals_on(found.wall.date()).index(found.wall)
            made = self.frame.occurrence(found.wall, slot, found.start, found.end)
            self._changed[found.wall] = made
        return made

    def excluded_occurrence(self, found: OccurrenceSpan) -> Occurrence:
        """Return the excluded occurrence that was found, as a cancelled exception."""
        slot = self.frame.originals_on(found.wall.date()).index(found.wall)
        return as_cancelled(self.frame.occurrence(found.wall, slot, found.start, found.end))

    # --- what is neither changed nor deleted, in four orders

    def by_original(self) -> Iterator[OccurrenceSpan]:
        """Yield the regular occurrences by their original starts."""
        return self._between(self._low, self._high)

    def by_original_backwards(self) -> Iterator[OccurrenceSpan]:
        """Yield the regular occurrences by their original starts, the last one first."""
        low, high, length = self._low, self._high, _FIRST_BLOCK
        while high > low:
            block = list(self._between(max(low, high - min(length, high - low)), high))
            yield from reversed(block)
            high, length = high - min(length, high - low), _next_block_length(length, len(block))

    def by_start(self) -> Iterator[OccurrenceSpan]:
        """Yield the regular occurrences by their starts, and those that fall together by their original ones."""
        found = self._between(self._low, self._high)
        return found if self._sorts_in == "UTC" else _sort_by_start(found, self.frame)

    def by_start_backwards(self) -> Iterator[OccurrenceSpan]:
        """Yield what `by_start` does, the last one first."""
        margin, length = ZONES_APART, _FIRST_BLOCK
        low, high = _utc(self._low + self.frame.shift - margin), _utc(self._high + self.frame.shift + margin)
        while high > low:
            lower = max(low, high - length // _MICROSECOND)
            near = self._between(
                max(self._original(lower, self._sorts_in) - ZONES_APART, self._low),
                min(self._original(high, self._sorts_in) + ZONES_APART, self._high),
            )
            block = sorted(one for one in near if lower <= one.at < high)
            yield from reversed(block)
            high, length = lower, _next_block_length(length, len(block))

    def count(self) -> int:
        """Return how many regular occurrences there are; those in the midst of the window are not walked over."""
        margin = ZONES_APART
        low = max(self._original(max(self._start, self._first), self._sorts_in) + margin, self._low)
        high = min(self._original(min(self._end, self._last), self._sorts_in) - margin, self._high)
        recurrence = self._meeting.recurrence
        if recurrence is None or self.frame.is_all_day or high - low < margin:
            return sum(1 for _ in self.by_original())
        inside = number_between(recurrence, self.frame.wall, low, high, spend=self._spend)
        edges = (*self._between(self._low, low), *self._between(high, self._high))
        return (
            inside
            - self._count_coincident(recurrence, low, high)
            - self._count_exceptions_between(low, high)
            + len(edges)
        )

    # --- the others

    def exceptions(self) -> list[OccurrenceSpan]:
        """Return the exceptions that stand in the window now, wherever they stood, in no order."""
        gone, found = set(self._meeting.deleted), []
        self._spend(_LOOK_CHANGED * len(self._meeting.exceptions))
        for name, event in self._meeting.exceptions.items():
            wall = None if name in gone else self.frame.wall_of(name)
            first, last = self.frame.instants_of(event)
            at = to_instant(event.start)
            if wall is not None and self._has(at, first, last):
                found.append(OccurrenceSpan(at, wall, first, last, 0, event))
        return found

    def excluded_occurrences(self) -> Iterator[OccurrenceSpan]:
        """Yield the excluded occurrences that would stand in the window, by their starts."""
        walls = map(self.frame.wall_of, self._meeting.deleted)
        spans = ((wall, *self.frame.instants(wall)) for wall in walls if wall is not None)
        found = (OccurrenceSpan(self._at(wall, first), wall, first, last) for wall, first, last in spans)
        for one in sorted(one for one in found if self._has(one.at, one.start, one.end)):
            self._spend(_LOOK_DELETED)
            if one.wall in self.frame.originals_on(one.wall.date()):
                yield one

    # --- parts

    def _between(self, low: datetime, high: datetime) -> Iterator[OccurrenceSpan]:
        """Yield the regular occurrences in the window whose original starts are from `low` to before `high`."""
        if self._meeting.recurrence is None:
            yield from self._single() if low <= self.frame.wall < high else ()
            return
        skipped = self._exception_walls
        today, slot = 0, 0
        for wall in self.frame.originals(datetime.combine(low, time.min), self._spend):
            if wall >= high:
                return
            self._spend(_LOOK)
            day = wall.toordinal()
            slot = slot + 1 if day == today else 0
            today = day
            if wall < low or wall in skipped:
                continue
            first, last = self.frame.instants(wall)
            at = self._at(wall, first)
            if self._has(at, first, last):
                yield OccurrenceSpan(at, wall, first, last, slot)

    def _single(self) -> Iterator[OccurrenceSpan]:
        first, last = self.frame.instants_of(self._meeting.event)
        at = to_instant(self._meeting.event.start)
        if self._has(at, first, last):
            yield OccurrenceSpan(at, self.frame.wall, first, last)

    def _count_coincident(self, recurrence: Recurrence, low: datetime, high: datetime) -> int:
        """Return how many moments of the rules are none of the series, as clocks are set over them."""
        years = range(low.year, high.year + 1)
        nights = (datetime.fromordinal(day) for year in years for day in leaps(self.frame.pattern_zone, year))
        return sum(self._count_coincident_on(recurrence, night, low, high) for night in nights)

    def _count_coincident_on(self, recurrence: Recurrence, night: datetime, low: datetime, high: datetime) -> int:
        until = min(high, night + timedelta(days=1))
        moments = starts(recurrence, self.frame.wall, not_before=max(low, night), spend=self._spend)
        return sum(map(self.frame.falls_together, takewhile(lambda one: one < until, moments)))

    def _count_exceptions_between(self, low: datetime, high: datetime) -> int:
        """Return how many occurrences of the rules are changed or deleted."""
        walls = [wall for wall in self._exception_walls if wall is not None and low <= wall < high]
        self._spend(len(walls) * _LOOK_DELETED)
        return sum(self.frame.follows(wall) for wall in walls)

    @cached_property
    def _exception_walls(self) -> frozenset[datetime | None]:
        names = (*self._meeting.exceptions, *self._meeting.deleted)
        return frozenset(map(self.frame.wall_of, names))

    def _at(self, wall: datetime, first: Instant) -> Instant:
        return wall_to_instant(self.frame.stands(wall), "UTC") if self.frame.is_all_day else first

    def _original(self, instant: Instant, zone: str) -> datetime:
        """Return the original wall time of what stands at `instant`."""
        return _wall(instant, zone) - self.frame.shift

    def _has(self, at: Instant, first: Instant, last: Instant) -> bool:
        if not self._first <= at <= self._last:
            return False
        return first < self._end and (last > self._start or (last == first and first >= self._start))


def expand(
    meeting: Meeting, start: Instant, end: Instant, *, zone: str = "UTC", spend: Spend = spend_nothing
) -> Iterator[Occurrence]:
    """Yield what of `meeting` overlaps the instants [start, end), in the order of actual starts.

    Deleted occurrences do not; the rest is as in `Expansion`.
    """
    expansion = Expansion(meeting, start, end, zone=zone, spend=spend)
    for found in in_order(expansion):
        yield expansion.occurrence(found)


def in_order(expansion: Expansion) -> Iterator[OccurrenceSpan]:
    """Yield all that takes place, in the order of actual starts."""
    found: Iterable[OccurrenceSpan] = expansion.by_start()
    exceptions = expansion.exceptions()
    if exceptions:
        found = heapq.merge(found, sorted(exceptions, key=_actual), key=_actual)
    return iter(found)


def _actual(found: OccurrenceSpan) -> tuple[Instant, datetime]:
    return found.start, found.wall


def _sort_by_start(found: Iterator[OccurrenceSpan], frame: Frame) -> Iterator[OccurrenceSpan]:
    """Yield what comes by original starts by true starts.

    They differ where clocks skip an hour, for what stands in it begins later than what follows it, and where
    the series itself starts in the second of an hour that comes twice.
    """
    waiting: list[OccurrenceSpan] = []
    for one in found:
        if is_skipped(frame.stands(one.wall), frame.zone) or (frame.fold and one.wall == frame.wall):
            heapq.heappush(waiting, one)
            continue
        while waiting and waiting[0] < one:
            yield heapq.heappop(waiting)
        yield one
    yield from sorted(waiting)


def _next_block_length(length: timedelta, count: int) -> timedelta:
    """Return how long the next block is, after one that held `count` occurrences."""
    return length if count >= _FULL_BLOCK else min(length * _GROWTH, LATEST - EARLIEST)


def _wall(instant: Instant, zone: str) -> datetime:
    return to_wall(min(max(instant, _EARLIEST), _LATEST), zone)


def _utc(wall: datetime) -> Instant:
    return wall_to_instant(wall, "UTC")
