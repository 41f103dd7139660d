"""How a series repeats, in words: `every monday`, `every 2 weeks on tue and thu`, `monthly on the last friday`.

    repeats = step ["on" days] [until DATE | N times]   step: daily, every day, weekly, every 2 weeks, every other week
            | every DAYS | every weekday                days: mon, tue and thu
            | monthly [on the 15th | on the first monday], yearly
            | RRULE:FREQ=…                              RFC 5545 3.3.10
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time

from msgspec import Struct, structs

from rsvpd.calendar.event import AllDay, When
from rsvpd.calendar.rule import Freq, Recurrence, Rule, Weekday, WeekdayNth
from rsvpd.calendar.rule_check import check
from rsvpd.calendar.series import wall_time
from rsvpd.control.seeds.dates import DAYS, ORDINALS
from rsvpd.errors import InvalidProperty
from rsvpd.ical.rrule import read as read_rule

HELP = "write it like 'every monday', 'every 2 weeks on tue and thu', 'monthly on the first monday' or RRULE:FREQ=…"
_STEPS = {
    "day": Freq.DAILY, "days": Freq.DAILY, "daily": Freq.DAILY, "week": Freq.WEEKLY, "weeks": Freq.WEEKLY,
    "weekly": Freq.WEEKLY, "month": Freq.MONTHLY, "months": Freq.MONTHLY, "monthly": Freq.MONTHLY,
    "year": Freq.YEARLY, "years": Freq.YEARLY, "yearly": Freq.YEARLY,
}  # fmt: skip
_WORK_DAYS = tuple(Weekday)[:5]
_NTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")


class _Step(Struct, frozen=True):
    """The step of a rule, and the words behind it."""

    freq: Freq
    interval: int
    rest: list[str]


def read_repeats(text: str, start: When, read_day: Callable[[str], date]) -> Recurrence:
    """Return what a text says of a series that begins at `start`; `read_day` reads the date after `until`.

    Raises InvalidProperty, which says what to write instead, InvalidRecurrence for what no series can be.
    """
    plain = text.strip()
    if plain.upper().startswith(("RRULE:", "FREQ=")):
        recurrence = Recurrence((read_rule(plain, start),))
    else:
        recurrence = Recurrence((_in_words(plain, start, read_day),))
    check(recurrence, wall_time(start))
    return recurrence


def _in_words(text: str, start: When, read_day: Callable[[str], date]) -> Rule:
    words = text.lower().replace(",", " ").split()
    if "until" in words:
        place = words.index("until")
        at = time() if isinstance(start, AllDay) else time(23, 59, 59)
        until = datetime.combine(read_day(" ".join(words[place + 1 :])), at)
        if until < wall_time(start):
            raise InvalidProperty(f"the series ends on {until.date().isoformat()}, before it begins")
        return structs.replace(_rule(text, words[:place]), until=until)
    if words[-1:] == ["times"] and words[-2:-1] and words[-2].isdecimal() and len(words[-2]) < 5:
        return structs.replace(_rule(text, words[:-2]), count=int(words[-2]))
    return _rule(text, words)


def _rule(whole: str, words: list[str]) -> Rule:
    if words[:1] == ["every"] and (days := _days(words[1:])):
        return Rule(freq=Freq.WEEKLY, by_day=days)
    step = _step(words)
    if step is None:
        raise _unknown_pattern(whole)
    plain = Rule(freq=step.freq, interval=step.interval)
    if not step.rest:
        return plain
    if step.rest[0] != "on":
        raise _unknown_pattern(whole)
    behind = [one for one in step.rest[1:] if one != "the"]
    if step.freq is Freq.WEEKLY and (days := _days(behind)):
        return structs.replace(plain, by_day=days)
    if step.freq is Freq.MONTHLY:
        return _monthly(whole, plain, behind)
    raise _unknown_pattern(whole)


def _step(words: list[str]) -> _Step | None:
    match words:
        case ["every", "other", unit, *rest] if unit in _STEPS:
            return _Step(_STEPS[unit], 2, rest)
        case ["every", number, unit, *rest] if number.isdecimal() and len(number) < 5 and unit in _STEPS:
            return _Step(_STEPS[unit], int(number), rest)
        case ["every", unit, *rest] if unit in _STEPS:
            return _Step(_STEPS[unit], 1, rest)
        case [unit, *rest] if unit in _STEPS:
            return _Step(_STEPS[unit], 1, rest)
    return None


def _days(words: list[str]) -> tuple[WeekdayNth, ...]:
    """Return the days that these words list; none where they are something else."""
    if words in (["weekday"], ["weekdays"]):
        return tuple(map(WeekdayNth, _WORK_DAYS))
    names = [one for one in words if one != "and"]
    if not names or not all(one in DAYS for one in names):
        return ()
    return tuple(WeekdayNth(one) for one in sorted({DAYS[name] for name in names}))


def _monthly(whole: str, rule: Rule, words: list[str]) -> Rule:
    match words:
        case [nth, day] if nth in ORDINALS and day in DAYS:
            return structs.replace(rule, by_day=(WeekdayNth(DAYS[day], ORDINALS[nth]),))
        case ["last", "day"]:
            return structs.replace(rule, by_month_day=(-1,))
        case [number] | ["day", number] if found := _NTH.fullmatch(number):
            if not 1 <= int(found[1]) <= 31:
                raise InvalidProperty(f"no month has a day {found[1]}")
            return structs.replace(rule, by_month_day=(int(found[1]),))
    raise _unknown_pattern(whole)


def _unknown_pattern(text: str) -> InvalidProperty:
    return InvalidProperty(f"'{text[:60]}' is no way to repeat; {HELP}")


