"""The hours somebody works, and which times these are (learn.microsoft.com/graph/api/resources/workinghours)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

from msgspec import Struct, structs

from rsvpd.calendar.rule import Weekday
from rsvpd.calendar.spans import Span, merge_spans
from rsvpd.clock import Instant, to_datetime
from rsvpd.timezones import zone
from rsvpd.timezones.custom import CustomZone

HOUR = 3600
DAY = 24 * HOUR
_WEEK = (Weekday.MO, Weekday.TU, Weekday.WE, Weekday.TH, Weekday.FR)
_WEEKEND = (Weekday.SA, Weekday.SU)
# Clocks are apart from those of UTC by less than two days, a custom zone's among them.
_APART = timedelta(days=2)


class Period(Struct, frozen=True):
    """Hours of one day of the week, in seconds after midnight."""

    day: Weekday
    start: int
    end: int


class WorkingHours(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """From `start` to `end` (seconds after midnight) on some days, in the own zone unless `zone` names another.

    Where `periods` say it day by day, they count, and `days`, `start` and `end` are what encloses them.
    """

    days: tuple[Weekday, ...] = _WEEK
    start: int = 8 * HOUR
    end: int = 17 * HOUR
    zone: str | CustomZone | None = None
    periods: tuple[Period, ...] = ()

    @property
    def by_day(self) -> tuple[Period, ...]:
        """Return the hours of each day, in order."""
        return self.periods or tuple(Period(day, self.start, self.end) for day in sorted(self.days))

    def in_zone(self, own: str) -> WorkingHours:
        """Return the same hours with their zone: `own`, unless they have one."""
        return self if self.zone is not None else structs.replace(self, zone=own)

    def with_weekends(self) -> WorkingHours:
        """Return the same hours on Saturdays and Sundays as well."""
        more = tuple(Period(day, self.start, self.end) for day in _WEEKEND if day not in self.days)
        days = tuple(sorted({*self.days, *_WEEKEND}))
        return structs.replace(self, days=days, periods=(*self.periods, *more) if self.periods else ())


def of_periods(periods: tuple[Period, ...], own: WorkingHours) -> WorkingHours:
    """Return hours that are said day by day, in the zone of `own`; where each day has the same, as days and hours."""
    ordered = tuple(sorted(periods, key=lambda one: (one.day, one.start)))
    days = tuple(sorted({one.day for one in ordered}))
    if not ordered:
        return WorkingHours(days=(), start=own.start, end=own.end, zone=own.zone)
    start, end = min(one.start for one in ordered), max(one.end for one in ordered)
    is_plain = ordered == tuple(Period(day, start, end) for day in days)
    return WorkingHours(days=days, start=start, end=end, zone=own.zone, periods=() if is_plain else ordered)


def working_spans(hours: WorkingHours, own_zone: str, start: Instant, end: Instant) -> Iterator[Span]:
    """Return the hours within [start, end), cut to it, in order; touching and overlapping ones as one."""
    return merge_spans(_periods_within(hours, own_zone, start, end))


def _periods_within(hours: WorkingHours, own_zone: str, start: Instant, end: Instant) -> Iterator[Span]:
    instant_of = _clock(hours, own_zone)
    for day in _days(start, end):
        midnight = datetime.combine(day, time())
        for period in hours.by_day:
            if period.day != day.weekday():
                continue
            first, last = (instant_of(midnight + timedelta(seconds=at)) for at in (period.start, period.end))
            first, last = max(first, start), min(last, end)
            if first < last:
                yield first, last


def _clock(hours: WorkingHours, own_zone: str) -> Callable[[datetime], Instant]:
    if isinstance(hours.zone, CustomZone):
        return hours.zone.to_instant
    name = own_zone if hours.zone is None else zone.find(hours.zone)
    return lambda wall: zone.wall_to_instant(wall, name)


def _days(start: Instant, end: Instant) -> Iterator[date]:
    first, last = ((to_datetime(one) + apart).date() for one, apart in ((start, -_APART), (end, _APART)))
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
