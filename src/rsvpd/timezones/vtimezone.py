"""A zone as a VTIMEZONE component (RFC 5545 3.6.5), right for the years that a meeting needs.

Whoever reads the message may know the zone by other rules or not at all, so what travels is what this
server's database says. From the year on in which the clocks change by the same rules every year, each
rule is one observance with an RRULE, the form every reader knows; the irregular years before are one
observance for each change. A rule is only written where it holds for a whole solar cycle.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache

from msgspec import Struct

from rsvpd.clock import Instant
from rsvpd.timezones.zone import offset, offsets_and_name, to_wall, wall_to_instant

# In 28 years each day of the week falls on each date; in 40, also where a century is not a leap year.
_CYCLE = 40
_FIRST_YEAR, _LAST_YEAR = 1850, 2400
# How many years of irregular changes are written out for a series without an end.
_LONGEST_LIST = 30
_EPOCH_LINE = "19700101T000000"
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_ZERO = timedelta(0)


class Clock(Struct, frozen=True):
    """What clocks of a zone do at some instant: how far ahead of UTC, daylight saving or not, its name."""

    ahead: timedelta
    is_daylight: bool
    name: str


class Change(Struct, frozen=True):
    """An instant at which clocks are set; `wall` is what they show just before it."""

    instant: Instant
    wall: datetime
    before: Clock
    after: Clock


class _Rule(Struct, frozen=True):
    """What changes of different years have in common."""

    month: int
    weekday: int
    time: str
    before: Clock
    after: Clock


def lines(zone: str, first: Instant, last: Instant | None) -> list[str]:
    """Return the VTIMEZONE of `zone` for the instants from `first` to `last` (None: without an end)."""
    low = _year(first) - 1
    high = _year(last) + 1 if last is not None else None
    return list(_component(zone, max(low, _FIRST_YEAR), high))


@lru_cache(maxsize=256)
def _component(zone: str, low: int, high: int | None) -> tuple[str, ...]:
    end = low + _LONGEST_LIST if high is None else high
    rules, begins = _regular(zone, low, end)
    single = [one for year in range(low, min(begins, end + 1)) for one in _changes(zone, year)]
    out = ["BEGIN:VTIMEZONE", f"TZID:{zone}"]
    if not _changes(zone, low):
        out += _baseline(zone, low)
    for change in single:
        out += _observance(change)
    for change, rule in rules:
        out += _observance(change, rule)
    return (*out, "END:VTIMEZONE")


def _regular(zone: str, low: int, end: int) -> tuple[list[tuple[Change, str]], int]:
    """Return the first change of each yearly rule with its RRULE, and the year from which they hold.

    The year lies after `end` where clocks are not set by one rule in the years that are needed.
    """
    years = range(low, min(end, _LAST_YEAR) + _CYCLE + 1)
    begins = years[-1]
    while begins > low and _rules(zone, begins - 1) == _rules(zone, years[-1]):
        begins -= 1
    if begins > end or not _changes(zone, begins):
        return [], begins
    days: dict[_Rule, set[int]] = {}
    for year in range(begins, years[-1] + 1):
        for change in _changes(zone, year):
            days.setdefault(_rule(change), set()).add(change.wall.day)
    if any(max(found) - min(found) != 6 for found in days.values()):
        return [], end + 1
    return [(change, _rrule(_rule(change), days[_rule(change)])) for change in _changes(zone, begins)], begins


def _rrule(rule: _Rule, days: set[int]) -> str:
    """Return the line for a rule whose changes fall on these days of its month, over a whole cycle."""
    day, first, last = _DAYS[rule.weekday], min(days), max(days)
    yearly = f"RRULE:FREQ=YEARLY;BYMONTH={rule.month}"
    if first % 7 == 1:
        return f"{yearly};BYDAY={first // 7 + 1}{day}"
    if last == _length(rule.month):
        return f"{yearly};BYDAY=-1{day}"
    return f"{yearly};BYMONTHDAY={','.join(map(str, range(first, last + 1)))};BYDAY={day}"


def _length(month: int) -> int:
    return (datetime(2001, month % 12 + 1, 1) - timedelta(days=1)).day  # noqa: DTZ001 - a wall time


def _rules(zone: str, year: int) -> tuple[_Rule, ...]:
    return tuple(map(_rule, _changes(zone, year)))


def _rule(change: Change) -> _Rule:
    wall = change.wall
    return _Rule(wall.month, wall.weekday(), f"{wall:%H%M%S}", change.before, change.after)


# --- observances ------------------------------------------------------------------------------


def _baseline(zone: str, low: int) -> list[str]:
    """Return the observance that holds until the first change that is written."""
    clock = _clock(zone, _new_year(low))
    return _lines(clock, start=min(_EPOCH_LINE, f"{low}0101T000000"), before=clock)


def _observance(change: Change, rule: str | None = None) -> list[str]:
    return _lines(change.after, start=f"{change.wall:%Y%m%dT%H%M%S}", before=change.before, rule=rule)


def _lines(clock: Clock, *, start: str, before: Clock, rule: str | None = None) -> list[str]:
    kind = "DAYLIGHT" if clock.is_daylight else "STANDARD"
    return [
        f"BEGIN:{kind}",
        f"DTSTART:{start}",
        f"TZOFFSETFROM:{_utc_offset(before.ahead)}",
        f"TZOFFSETTO:{_utc_offset(clock.ahead)}",
        f"TZNAME:{clock.name}",
        *([rule] if rule else ()),
        f"END:{kind}",
    ]


def _utc_offset(ahead: timedelta) -> str:
    seconds = abs(ahead) // timedelta(seconds=1)
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{'-' if ahead < _ZERO else '+'}{hours:02}{minutes:02}" + (f"{seconds:02}" if seconds else "")


# --- what the database says -----------------------------------------------------------------------


@lru_cache(maxsize=8192)
def _changes(zone: str, year: int) -> tuple[Change, ...]:
    """Return the changes that happen in a year of the clocks just before them."""
    return tuple(one for one in _find_changes(zone, year) if one.wall.year == year)


def _find_changes(zone: str, year: int) -> Iterable[Change]:
    begin, end = _new_year(year) - 2 * _DAY, _new_year(year + 1) + 2 * _DAY
    before = offset(begin, zone)
    for instant in range(begin + _DAY, end + _DAY, _DAY):
        after = offset(instant, zone)
        if after != before:
            yield _find_change(zone, instant - _DAY, instant)
        before = after


def _find_change(zone: str, low: Instant, high: Instant) -> Change:
    """Return the one change after `low` and not after `high`."""
    before = offset(low, zone)
    while high - low > _SECOND:
        middle = low + (high - low) // (2 * _SECOND) * _SECOND
        if offset(middle, zone) == before:
            low = middle
        else:
            high = middle
    return Change(high, to_wall(high, "UTC") + before, _clock(zone, low), _clock(zone, high))


def _clock(zone: str, instant: Instant) -> Clock:
    ahead, saving, name = offsets_and_name(instant, zone)
    return Clock(ahead, saving > _ZERO or (saving == _ZERO and _saves_in_winter(zone, instant, ahead)), name)


def _saves_in_winter(zone: str, instant: Instant, ahead: timedelta) -> bool:
    """Return whether it is summer in a zone whose winter is the daylight saving (Ireland, by its law)."""
    for days in (-200, -100, 100, 200):
        other, saving, _ = offsets_and_name(instant + days * _DAY, zone)
        if saving < _ZERO and other < ahead:
            return True
    return False


def _new_year(year: int) -> Instant:
    return wall_to_instant(datetime(year, 1, 1), "UTC")  # noqa: DTZ001 - a wall time


def _year(instant: Instant) -> int:
    return min(max(to_wall(instant, "UTC").year, _FIRST_YEAR), _LAST_YEAR)
