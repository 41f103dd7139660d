"""Dates and times as people say them, told at an instant: `tomorrow 10:00`, `last friday 15:00`, `+3d 09:30`.

    when   = day [time] [zone] | "now" | step          step: +2h, -20m, from now on or from what stands before
    day    = today | tomorrow | yesterday | +3d | -2w | 2026-12-07
           | friday          the coming one, after today
           | last friday     the one before today
           | next friday     that of next week; weeks begin on Monday
           | first monday of next month | last day of this month
    time   = 10:00 | 10:00-11:30, where an end may be said
    zone   = a name of a time zone; without it the one of whoever it is about
"""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, time, timedelta

from msgspec import Struct

from rsvpd.calendar.event import AllDay, Timed, When
from rsvpd.calendar.rule import Weekday
from rsvpd.clock import Instant, from_datetime
from rsvpd.errors import InvalidProperty, InvalidRange, InvalidTimeZone
from rsvpd.spelling import did_you_mean
from rsvpd.timezones import zone as zones

MINUTE = 60_000_000
HELP = "write it like 'tomorrow 10:00', 'last friday 15:00', '+3d 09:30' or '2026-12-07 10:00'"
DAYS = {
    name: Weekday(number)
    for number, full in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
    for name in (full, full[:3])
} | {"tues": Weekday.TU, "thur": Weekday.TH, "thurs": Weekday.TH}
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_NEAR_DAYS = {"today": 0, "tomorrow": 1, "yesterday": -1}
_MONTHS = {"last": -1, "this": 0, "next": 1}
_STEP = re.compile(r"([+-])(\d{1,5})([mhdw])")
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?:t(\d{2}:\d{2})(?::00)?(z|[+-]\d{2}:\d{2})?)?")
_TIMES = re.compile(r"(\d{1,2}):(\d{2})(?:-(\d{1,2}):(\d{2}))?")
_KNOWN = (*_NEAR_DAYS, *DAYS, *ORDINALS, *_MONTHS, "now", "of", "month", "day")
_EARLIEST, _LATEST = 1900, 2200


class Moment(Struct, frozen=True):
    """What a text says: a time or a date, and an end where one was said."""

    start: When
    end: Timed | None = None

    @property
    def instant(self) -> Instant:
        """Return the instant that it begins."""
        return zones.to_instant(self.start)


class Base(Struct, frozen=True):
    """What relative dates are counted from: the instant now, and the zone of whoever it is about."""

    now: Instant
    zone: str

    @property
    def today(self) -> date:
        """Return the date it is there."""
        return zones.to_wall(self.now, self.zone).date()


def read_moment(text: str, base: Base) -> Moment:
    """Return what a text says. Raises InvalidProperty, which says what to write instead."""
    words = text.split()
    base, words = _in_zone(words, base)
    lowered = [one.lower() for one in words]
    if not lowered:
        raise InvalidProperty(f"nothing is said of when; {HELP}")
    try:
        return _moment(text, lowered, base)
    except (OverflowError, InvalidRange):
        raise InvalidProperty(f"'{text[:40]}' is beyond the years {_EARLIEST} to {_LATEST}") from None


def read_instant(text: str, base: Base) -> Instant:
    """Return the instant that a text names; a day alone is not enough. Raises InvalidProperty."""
    found = read_moment(text, base)
    if isinstance(found.start, AllDay):
        raise InvalidProperty(f"'{text[:40]}' says no time of the day; write '{text[:40]} 10:00'")
    if found.end is not None:
        raise InvalidProperty(f"'{text[:40]}' has an end; here one time is meant")
    return found.instant


def read_step(text: str) -> timedelta | None:
    """Return how long `+2h`, `-20m` or `90m` is, or None for another text."""
    found = _STEP.fullmatch(text.strip().lower() if text.strip()[:1] in "+-" else f"+{text.strip().lower()}")
    if not found:
        return None
    sign, number, unit = found.groups()
    steps = int(number) * (1 if sign == "+" else -1)
    match unit:
        case "m":
            return timedelta(minutes=steps)
        case "h":
            return timedelta(hours=steps)
        case "d":
            return timedelta(days=steps)
    return timedelta(weeks=steps)


def read_time(text: str) -> time:
    """Return a time of the day like 9:30. Raises InvalidProperty."""
    found = _TIMES.fullmatch(text)
    if not found or found[3]:
        raise InvalidProperty(f"'{text[:40]}' is no time of the day; write it like 09:30")
    return _time(found[1], found[2])


def _in_zone(words: list[str], base: Base) -> tuple[Base, list[str]]:
    """Return the base in the zone that the last word names, if it names one, and the words before it."""
    last = words[-1] if len(words) > 1 else ""
    if not last or not ("/" in last or last.upper() == "UTC"):
        return base, words
    try:
        return Base(base.now, zones.find(last)), words[:-1]
    except InvalidTimeZone:
        near = did_you_mean(last, zones.all_iana_names())
        raise InvalidProperty(f"the time zone '{last[:40]}' is not known{near}") from None


def _moment(text: str, words: list[str], base: Base) -> Moment:
    if words == ["now"]:
        return Moment(_in_minutes(base.now, base.zone))
    step = read_step(words[0]) if words[0][0] in "+-" else None
    if step is not None and words[0][-1] in "mh":
        if len(words) > 1:
            raise InvalidProperty(f"'{text[:40]}': after {words[0]} comes nothing; {HELP}")
        return Moment(_in_minutes(base.now + step // timedelta(microseconds=1), base.zone))
    iso = _ISO.fullmatch(words[0])
    if iso and iso[2]:
        return _iso_moment(text, words, base)
    times = _TIMES.fullmatch(words[-1])
    day = _day(text, words[:-1] if times else words, base.today)
    if not _EARLIEST <= day.year <= _LATEST:
        raise InvalidProperty(f"'{text[:40]}' is beyond the years {_EARLIEST} to {_LATEST}")
    if not times:
        return Moment(AllDay(day))
    start = _at_wall_time(day, _time(times[1], times[2]), base.zone)
    if not times[3]:
        return Moment(start)
    end = _at_wall_time(day, _time(times[3], times[4]), base.zone)
    if zones.to_instant(end) <= zones.to_instant(start):
        raise InvalidProperty(f"'{text[:40]}' ends before it begins; write 'until:' for the end on another day")
    return Moment(start, end)


def _iso_moment(text: str, words: list[str], base: Base) -> Moment:
    if len(words) > 1:
        raise InvalidProperty(f"'{text[:40]}': after a whole date and time comes nothing but a zone")
    found = _ISO.fullmatch(words[0])
    assert found is not None
    day, at = _date(found[1]), time.fromisoformat(_check_time(found[2]))
    if not found[3]:
        return Moment(_at_wall_time(day, at, base.zone))
    moment = datetime.fromisoformat(f"{day.isoformat()}T{at.isoformat()}{found[3].upper().replace('Z', '+00:00')}")
    return Moment(zones.at_instant(from_datetime(moment), base.zone))


def _day(text: str, words: list[str], today: date) -> date:
    match words:
        case [word] if word in _NEAR_DAYS:
            return today + timedelta(days=_NEAR_DAYS[word])
        case [word] if word in DAYS:
            return _after(today, DAYS[word])
        case [word] if (step := read_step(word)) is not None and word[0] in "+-" and word[-1] in "dw":
            return today + step
        case [word] if _ISO.fullmatch(word):
            return _date(word)
        case ["last", word] if word in DAYS:
            return today - timedelta(days=(today.weekday() - DAYS[word] - 1) % 7 + 1)
        case ["next", word] if word in DAYS:
            return today - timedelta(days=today.weekday()) + timedelta(days=7 + DAYS[word])
        case [nth, word, "of", month, "month"] if nth in ORDINALS and month in _MONTHS and word in (*DAYS, "day"):
            return _nth_day(ORDINALS[nth], word, _month(today, _MONTHS[month]))
    unknown = next((one for one in words if one not in _KNOWN), "")
    near = did_you_mean(unknown, _KNOWN) if unknown.isalpha() else ""
    raise InvalidProperty(f"'{text[:40]}' is no date{near}; {HELP}")


def _after(today: date, day: Weekday) -> date:
    return today + timedelta(days=(day - today.weekday() - 1) % 7 + 1)


def _month(today: date, step: int) -> date:
    months = today.year * 12 + today.month - 1 + step
    return date(months // 12, months % 12 + 1, 1)


def _nth_day(nth: int, word: str, month: date) -> date:
    """Return the nth of the days that a word names, of which each month has four."""
    _, length = calendar.monthrange(month.year, month.month)
    days = [month + timedelta(days=number) for number in range(length)]
    if word != "day":
        days = [one for one in days if one.weekday() == DAYS[word]]
    return days[nth - 1 if nth > 0 else nth]


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidProperty(f"there is no {text}; look at the month and its days") from None


def _check_time(text: str) -> str:
    hour, _, minute = text.partition(":")
    _time(hour, minute)
    return text


def _time(hour: str, minute: str) -> time:
    if int(hour) > 23 or int(minute) > 59:
        raise InvalidProperty(f"there is no {hour}:{minute}; the hours are 0 to 23, the minutes 00 to 59")
    return time(int(hour), int(minute))


def _at_wall_time(day: date, at: time, zone: str) -> Timed:
    wall = datetime.combine(day, at)
    if zones.is_skipped(wall, zone):
        raise InvalidProperty(
            f"clocks in {zone} never show {at:%H:%M} on {day.isoformat()}, they are set forward; write an hour later"
        )
    return Timed(wall, zone)


def _in_minutes(instant: Instant, zone: str) -> Timed:
    return zones.at_instant(instant - instant % MINUTE, zone)
