"""patternedRecurrence, the six patterns and three ranges of the Outlook services, to rules and back.

| pattern                       | rule                                                                |
|-------------------------------|---------------------------------------------------------------------|
| daily                         | FREQ=DAILY                                                          |
| weekly                        | FREQ=WEEKLY;BYDAY=…;WKST=…                                          |
| absoluteMonthly day d         | FREQ=MONTHLY;BYMONTHDAY=d, on the last day of a shorter month (clamp) |
| relativeMonthly, one day      | FREQ=MONTHLY;BYDAY=2TU                                              |
| relativeMonthly, several days | FREQ=MONTHLY;BYDAY=MO,TU,…;BYSETPOS=2                               |
| absoluteYearly, relativeYearly | the same with FREQ=YEARLY;BYMONTH=m                                |

Rules of this room:
1. `read(write(x)) == x` for whatever `read` returns.
2. A rule without a pattern is shown as the nearest one (`_nearest`): its occurrences are what
   calendarView and instances show, the pattern only describes. Of several rules the first is shown.
3. Wall times and the range count in the zone of the series; `anchor` brings a start there first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

from msgspec import Struct

from rsvpd.calendar.event import AllDay, When
from rsvpd.calendar.recurrence import LATEST
from rsvpd.calendar.rule import Freq, Recurrence, Rule, Weekday, WeekdayNth
from rsvpd.calendar.rule_check import check
from rsvpd.calendar.series import first_start, wall_time
from rsvpd.dialects.microsoft.vocabulary.codecs import read_number
from rsvpd.errors import InvalidRecurrence
from rsvpd.timezones.zone import find, shift, windows_name

__all__ = ["RANGE", "anchor", "first_start", "read", "write"]

# The members of a range; Outlook v1.0 does not know the zone.
RANGE = ("type", "startDate", "endDate", "recurrenceTimeZone", "numberOfOccurrences")

_DAYS = {
    "sunday": Weekday.SU,
    "monday": Weekday.MO,
    "tuesday": Weekday.TU,
    "wednesday": Weekday.WE,
    "thursday": Weekday.TH,
    "friday": Weekday.FR,
    "saturday": Weekday.SA,
}
_INDEXES = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
_DAY_NAMES = {day: name for name, day in _DAYS.items()}
_INDEX_NAMES = {number: name for name, number in _INDEXES.items()}
_SHORTEST = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_NO_DATE = "0001-01-01"
_LAST_SECOND = time(23, 59, 59)
_LONGEST = 60
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T.*+)?")


# --- reading ----------------------------------------------------------------------------------


def read(value: Any, start: When) -> Recurrence:
    """Return the recurrence that a patternedRecurrence means for an event that starts at `start`.

    Names and words are read in any case. The event's own start begins the series; `range.startDate` must
    be a date and says nothing more. Raises ValueError where the object is not well-formed and
    InvalidRecurrence where it makes no sense.
    """
    whole = _members(value, "recurrence", ("pattern", "range"))
    pattern = _members(whole.get("pattern"), "pattern", _NEUTRAL)
    name = _word(pattern.get("type"), "pattern.type", _PATTERNS)
    _refuse_foreign(pattern, name)
    limits = _members(whole.get("range"), "range", RANGE)
    fields = _PATTERNS[name].read(pattern) | _read_range(limits, start)
    recurrence = Recurrence((Rule(interval=_number(pattern, "interval", low=1), **fields),))
    check(recurrence, wall_time(start))
    return recurrence


def anchor(value: Any, when: When) -> When:
    """Return `when` told in the zone that the range of a patternedRecurrence names, if it names one.

    A series keeps its wall time in that zone, whatever zone its start was sent in; so both ends of an
    event pass through here before `read`. Raises InvalidTimeZone for an unknown name.
    """
    whole = _members(value, "recurrence", ("pattern", "range"))
    zone = _members(whole.get("range"), "range", RANGE).get("recurrencetimezone")
    if zone is not None and not isinstance(zone, str):
        raise ValueError("range.recurrenceTimeZone must be text")
    return shift(when, find(zone)) if zone else when


class _Pattern(Struct, frozen=True):
    """A pattern type: how it is read, and the members beside type and interval that it knows."""

    read: Callable[[Mapping[str, Any]], dict[str, Any]]
    members: frozenset[str]


def _read_daily(_pattern: Mapping[str, Any]) -> dict[str, Any]:
    return {"freq": Freq.DAILY}


def _read_weekly(pattern: Mapping[str, Any]) -> dict[str, Any]:
    days = tuple(WeekdayNth(day) for day in _weekdays(pattern))
    week_start = _word(pattern.get("firstdayofweek") or "sunday", "pattern.firstDayOfWeek", _DAYS)
    return {"freq": Freq.WEEKLY, "by_day": days, "week_start": _DAYS[week_start]}


def _read_absolute_monthly(pattern: Mapping[str, Any]) -> dict[str, Any]:
    day = _number(pattern, "dayOfMonth", low=1, high=31)
    return {"freq": Freq.MONTHLY, "by_month_day": (day,), "clamp": day > 28}


def _read_relative_monthly(pattern: Mapping[str, Any]) -> dict[str, Any]:
    days = _weekdays(pattern)
    nth = _INDEXES[_word(pattern.get("index") or "first", "pattern.index", _INDEXES)]
    if len(days) == 1:
        return {"freq": Freq.MONTHLY, "by_day": (WeekdayNth(days[0], nth),)}
    return {"freq": Freq.MONTHLY, "by_day": tuple(map(WeekdayNth, days)), "by_set_pos": (nth,)}


def _read_absolute_yearly(pattern: Mapping[str, Any]) -> dict[str, Any]:
    monthly, month = _read_absolute_monthly(pattern), _number(pattern, "month", low=1, high=12)
    is_beyond = monthly["by_month_day"][0] > _SHORTEST[month - 1]
    return monthly | {"freq": Freq.YEARLY, "by_month": (month,), "clamp": is_beyond}


def _read_relative_yearly(pattern: Mapping[str, Any]) -> dict[str, Any]:
    month = _number(pattern, "month", low=1, high=12)
    return _read_relative_monthly(pattern) | {"freq": Freq.YEARLY, "by_month": (month,)}


_PATTERNS = {
    "daily": _Pattern(_read_daily, frozenset()),
    "weekly": _Pattern(_read_weekly, frozenset({"daysOfWeek"})),
    "absoluteMonthly": _Pattern(_read_absolute_monthly, frozenset({"dayOfMonth"})),
    "relativeMonthly": _Pattern(_read_relative_monthly, frozenset({"daysOfWeek", "index"})),
    "absoluteYearly": _Pattern(_read_absolute_yearly, frozenset({"dayOfMonth", "month"})),
    "relativeYearly": _Pattern(_read_relative_yearly, frozenset({"daysOfWeek", "index", "month"})),
}
# Every member of a pattern, and what it holds where the pattern has no use for it. Clients send back
# what they were given, so a neutral value is welcome everywhere; None: any value is harmless.
_NEUTRAL: Mapping[str, tuple[Any, ...] | None] = {
    "type": None,
    "interval": None,
    "month": (0,),
    "dayOfMonth": (0,),
    "daysOfWeek": ([],),
    "firstDayOfWeek": None,
    "index": ("first",),
}


def _refuse_foreign(pattern: Mapping[str, Any], name: str) -> None:
    for member, neutral in _NEUTRAL.items():
        value = pattern.get(member.lower())
        plain = value.lower() if isinstance(value, str) else value
        is_foreign = neutral is not None and member not in _PATTERNS[name].members
        if is_foreign and value is not None and plain not in (neutral or ()):
            raise InvalidRecurrence(f"The pattern '{name}' has no {member}.")


def _read_range(limits: Mapping[str, Any], start: When) -> dict[str, Any]:
    name = _word(limits.get("type"), "range.type", _RANGES)
    _date(limits, "startDate")
    return _RANGES[name](limits, start)


def _read_end_date(limits: Mapping[str, Any], start: When) -> dict[str, Any]:
    """The last day is included whole, so that it stays in when the series moves to a later hour."""
    end = _date(limits, "endDate")
    if end < wall_time(start).date():
        raise InvalidRecurrence("range.endDate lies before the start.")
    if end.year > LATEST.year:
        return {}
    return {"until": datetime.combine(end, time.min if isinstance(start, AllDay) else _LAST_SECOND)}


def _read_no_end(_limits: Mapping[str, Any], _start: When) -> dict[str, Any]:
    return {}


def _read_numbered(limits: Mapping[str, Any], _start: When) -> dict[str, Any]:
    return {"count": _number(limits, "numberOfOccurrences", low=1)}


_RANGES = {"endDate": _read_end_date, "noEnd": _read_no_end, "numbered": _read_numbered}


# --- writing ----------------------------------------------------------------------------------


def write(
    recurrence: Recurrence,
    start: When,
    *,
    case: Callable[[str], str] = lambda name: name,
    members: tuple[str, ...] = RANGE,
) -> dict[str, Any]:
    """Return the patternedRecurrence that shows a recurrence of an event that starts at `start`.

    Every member is there, neutral where the pattern has no use for it; only `daysOfWeek` is left out where
    there are none, as the services do. `case` is put on the names and the words; `members` are those of
    the profile's range.
    """
    wall = wall_time(start)
    rule = recurrence.rules[0] if recurrence.rules else _of_dates(recurrence, wall)
    fields = _nearest(rule, wall)
    pattern = {
        "type": case(fields["type"]),
        "interval": fields.get("interval", rule.interval),
        "month": fields.get("month", 0),
        "dayOfMonth": fields.get("dayOfMonth", 0),
        "daysOfWeek": [case(_DAY_NAMES[day]) for day in fields.get("daysOfWeek", ())],
        "firstDayOfWeek": case(_DAY_NAMES[fields.get("firstDayOfWeek", Weekday.SU)]),
        "index": case(_INDEX_NAMES[fields.get("index", 1)]),
    }
    if not pattern["daysOfWeek"]:
        del pattern["daysOfWeek"]
    limits = _range(rule, start)
    return {
        case("pattern"): {case(name): value for name, value in pattern.items()},
        case("range"): {case(name): limits[name] for name in members} | {case("type"): case(limits["type"])},
    }


def _range(rule: Rule, start: When) -> dict[str, Any]:
    name = "numbered" if rule.count is not None else "noEnd" if rule.until is None else "endDate"
    return {
        "type": name,
        "startDate": wall_time(start).date().isoformat(),
        "endDate": _NO_DATE if rule.until is None else _last_day(rule.until, start).isoformat(),
        "recurrenceTimeZone": "UTC" if isinstance(start, AllDay) else windows_name(start.zone),
        "numberOfOccurrences": rule.count or 0,
    }


def _last_day(until: datetime, start: When) -> date:
    """Return the last day on which an occurrence at the start's time of day is not after `until`."""
    wall = wall_time(start)
    day = until.toordinal() if until.time() >= wall.time() else until.toordinal() - 1
    return date.fromordinal(max(day, wall.toordinal()))


def _of_dates(recurrence: Recurrence, wall: datetime) -> Rule:
    """Dates without a rule are shown as daily, up to the last of them."""
    return Rule(freq=Freq.DAILY, until=max((wall, *recurrence.dates)))


def _nearest(rule: Rule, wall: datetime) -> dict[str, Any]:
    """Return the pattern of a rule, and for a rule without one the nearest.

    Exact: what `read` makes, DAILY or MONTHLY by plain weekdays as weekly, a month's last day as day 31.
    Near: HOURLY as daily; of several days, months or positions the first; parts with no word here not at all.
    """
    return _NEAREST[rule.freq](rule, wall)


def _hourly(rule: Rule, wall: datetime) -> dict[str, Any]:
    return _daily(rule, wall) | {"interval": max(rule.interval // 24, 1)}


def _daily(rule: Rule, wall: datetime) -> dict[str, Any]:
    if rule.by_day:
        return _weekly(rule, wall) | {"interval": 1}
    if rule.by_month_day:
        return _absolute(rule, wall, "Monthly") | {"interval": 1}
    return {"type": "daily"}


def _weekly(rule: Rule, wall: datetime) -> dict[str, Any]:
    days = _each_once(one.day for one in rule.by_day) or (Weekday(wall.weekday()),)
    week_start = rule.week_start if rule.freq is Freq.WEEKLY else Weekday.SU
    return {"type": "weekly", "daysOfWeek": days, "firstDayOfWeek": week_start}


def _monthly(rule: Rule, wall: datetime) -> dict[str, Any]:
    if len(rule.by_month) == 1:
        return _yearly(rule, wall) | {"interval": max(rule.interval // 12, 1)}
    if rule.by_day and not rule.by_month_day:
        is_weekly = not rule.by_set_pos and not any(one.nth for one in rule.by_day)
        return _weekly(rule, wall) | {"interval": 1} if is_weekly else _relative(rule, "Monthly")
    return _absolute(rule, wall, "Monthly")


def _yearly(rule: Rule, wall: datetime) -> dict[str, Any]:
    month = rule.by_month[0] if rule.by_month else wall.month
    is_relative = rule.by_day and rule.by_month and not rule.by_month_day
    if is_relative and (rule.by_set_pos or any(one.nth for one in rule.by_day)):
        return _relative(rule, "Yearly") | {"month": month}
    return _absolute(rule, wall, "Yearly") | {"month": month}


_NEAREST: Mapping[Freq, Callable[[Rule, datetime], dict[str, Any]]] = {
    Freq.HOURLY: _hourly,
    Freq.DAILY: _daily,
    Freq.WEEKLY: _weekly,
    Freq.MONTHLY: _monthly,
    Freq.YEARLY: _yearly,
}


def _absolute(rule: Rule, wall: datetime, step: str) -> dict[str, Any]:
    day = rule.by_month_day[0] if rule.by_month_day else wall.day
    return {"type": f"absolute{step}", "dayOfMonth": day if day > 0 else max(32 + day, 1)}


def _relative(rule: Rule, step: str) -> dict[str, Any]:
    numbered = [one for one in rule.by_day if one.nth]
    days = _each_once(one.day for one in rule.by_day) if not numbered else (numbered[0].day,)
    place = numbered[0].nth if numbered else rule.by_set_pos[0]
    return {"type": f"relative{step}", "daysOfWeek": days, "index": place if place in _INDEX_NAMES else -1}


def _each_once(days: Iterable[Weekday]) -> tuple[Weekday, ...]:
    return tuple(dict.fromkeys(days))


# --- members ----------------------------------------------------------------------------------


def _members(value: Any, what: str, known: Iterable[str]) -> dict[str, Any]:
    """Return the members of an object by lower-case name, annotations left out."""
    if not isinstance(value, dict):
        raise ValueError(f"{what} must be an object" if value is not None else f"{what} is missing")
    members = {name.lower(): one for name, one in value.items() if "@" not in name}
    unknown = members.keys() - {name.lower() for name in known}
    if unknown:
        raise ValueError(f"{what} has no member '{min(unknown)[:_LONGEST]}'")
    return members


def _word(value: Any, what: str, words: Iterable[str]) -> str:
    """Return one of `words`, as it stands there."""
    if value is None:
        raise ValueError(f"{what} is missing")
    found = [word for word in words if isinstance(value, str) and word.lower() == value.lower()]
    if not found:
        raise ValueError(f"{what} must be one of {', '.join(words)}")
    return found[0]


def _number(members: Mapping[str, Any], name: str, *, low: int, high: int | None = None) -> int:
    try:
        value = read_number(members.get(name.lower()))
    except ValueError as wrong:
        raise ValueError(f"{name}: {wrong}") from None
    if value is None:
        raise InvalidRecurrence(f"{name} is missing.")
    if value < low or (high is not None and value > high):
        raise InvalidRecurrence(
            f"{name} must be at least {low}." if high is None else f"{name} must be {low} to {high}."
        )
    return value


def _weekdays(pattern: Mapping[str, Any]) -> tuple[Weekday, ...]:
    value = pattern.get("daysofweek")
    if value is not None and not isinstance(value, list):
        raise ValueError("pattern.daysOfWeek must be a list")
    if not value:
        raise InvalidRecurrence("daysOfWeek is missing.")
    return _each_once(_DAYS[_word(one, "pattern.daysOfWeek", _DAYS)] for one in value)


def _date(members: Mapping[str, Any], name: str) -> date:
    """Return a date; the older interfaces let a time follow, which says nothing."""
    value = members.get(name.lower())
    if value is None:
        raise InvalidRecurrence(f"range.{name} is missing.")
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError(f"range.{name} must be a date such as 2026-12-08")
    return date.fromisoformat(value[:10])
