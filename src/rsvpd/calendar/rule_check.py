"""What no series may be begun with: rules that contradict themselves, never match, or come too often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from rsvpd.calendar.recurrence import (
    EARLIEST,
    LATEST,
    MAX_COUNT,
    MAX_DATES,
    MAX_INTERVAL,
    MAX_PER_DAY,
    MAX_RULES,
    first,
    starts,
)
from rsvpd.calendar.rule import Freq, Recurrence, Rule
from rsvpd.errors import InvalidRecurrence


def check(recurrence: Recurrence, start: datetime) -> None:
    """Raise InvalidRecurrence, saying why, unless a series may be begun with this at `start`."""
    _refuse_if(not recurrence.rules and not recurrence.dates, "The recurrence has neither a rule nor a date.")
    _refuse_if(len(recurrence.rules) > MAX_RULES, f"The recurrence has more than {MAX_RULES} rules.")
    _refuse_if(len(recurrence.dates) > MAX_DATES, f"The recurrence has more than {MAX_DATES} dates.")
    for moment in (start, *recurrence.dates):
        _refuse_if(not EARLIEST <= moment <= LATEST, "The recurrence lies outside the years 1900 to 2200.")
    for rule in recurrence.rules:
        check_rule(rule)
        _refuse_if(next(starts(Recurrence((rule,)), start), None) is None, _no_match(rule, start))
    _refuse_if(_per_day(recurrence) > MAX_PER_DAY, f"A series has at most {MAX_PER_DAY} occurrences a day.")
    first(recurrence, start)


def _per_day(recurrence: Recurrence) -> int:
    """Return an upper bound of the occurrences of one day; BYSETPOS only chooses among as many."""
    by_date = Counter(moment.date() for moment in recurrence.dates)
    return sum(map(_times_a_day, recurrence.rules)) + max(by_date.values(), default=0)


def _times_a_day(rule: Rule) -> int:
    minutes = max(len(set(rule.by_minute)), 1)
    if rule.freq is not Freq.HOURLY:
        return max(len(set(rule.by_hour)), 1) * minutes
    # Those of one day are whole intervals apart; on which of them it begins differs from day to day.
    apart = Counter(hour % rule.interval for hour in set(rule.by_hour) or range(24))
    return max(apart.values()) * minutes


def check_rule(rule: Rule) -> None:
    """Raise InvalidRecurrence for a rule that contradicts itself, whatever its start."""
    _refuse_if(not 1 <= rule.interval <= MAX_INTERVAL, f"The interval must be 1 to {MAX_INTERVAL}.")
    if rule.count is not None:
        _refuse_if(not 1 <= rule.count <= MAX_COUNT, f"The number of occurrences must be 1 to {MAX_COUNT}.")
        _refuse_if(rule.until is not None, "A rule ends by COUNT or by UNTIL, not by both.")
    _refuse_if(rule.until is not None and rule.until > LATEST, "UNTIL lies beyond the year 2200.")
    for part in _PARTS:
        values = part.values(rule)
        _refuse_if(bool(values) and rule.freq in part.not_with, _not_with(part.name, rule.freq))
        for value in values:
            is_within = part.low <= value <= part.high and (value != 0 or part.low >= 0)
            _refuse_if(not is_within, f"{part.name}={value} is out of range.")
    _check_nth(rule)
    _check_positions(rule)
    _check_clamp(rule)


class _Part(Struct, frozen=True):
    """A rule part: its range (0 only where `low` is 0) and the frequencies RFC 5545 forbids it with."""

    name: str
    values: Callable[[Rule], tuple[int, ...]]
    low: int
    high: int
    not_with: frozenset[Freq] = frozenset()


_PARTS = (
    _Part("BYMONTH", lambda rule: rule.by_month, 1, 12),
    _Part("BYMONTHDAY", lambda rule: rule.by_month_day, -31, 31, frozenset({Freq.WEEKLY})),
    _Part(
        "BYYEARDAY", lambda rule: rule.by_year_day, -366, 366,
        frozenset({Freq.DAILY, Freq.WEEKLY, Freq.MONTHLY}),
    ),
    _Part("BYWEEKNO", lambda rule: rule.by_week_no, -53, 53, frozenset(Freq) - {Freq.YEARLY}),
    _Part("BYHOUR", lambda rule: rule.by_hour, 0, 23),
    _Part("BYMINUTE", lambda rule: rule.by_minute, 0, 59),
    _Part("BYSETPOS", lambda rule: rule.by_set_pos, -366, 366),
)  # fmt: skip
_NTH_LIMITS = {Freq.MONTHLY: 5, Freq.YEARLY: 53}


def _check_nth(rule: Rule) -> None:
    limit = _NTH_LIMITS.get(rule.freq, 0)
    for nth in (one.nth for one in rule.by_day if one.nth):
        _refuse_if(not limit, _not_with("A numbered BYDAY", rule.freq))
        _refuse_if(bool(rule.by_week_no), "A numbered BYDAY does not go with BYWEEKNO.")
        _refuse_if(abs(nth) > limit, f"BYDAY number {nth} is out of range.")


def _check_positions(rule: Rule) -> None:
    others = (rule.by_day, *(part.values(rule) for part in _PARTS if part.name != "BYSETPOS"))
    _refuse_if(bool(rule.by_set_pos) and not any(others), "BYSETPOS needs another BY part to choose from.")


def _check_clamp(rule: Rule) -> None:
    """Clamping is what Outlook's monthly and yearly patterns mean, so it goes with nothing else."""
    if rule.clamp:
        is_pattern = rule.freq in (Freq.MONTHLY, Freq.YEARLY) and len(rule.by_month_day) == 1
        others = (rule.by_day, rule.by_year_day, rule.by_week_no, rule.by_set_pos, rule.by_month[1:])
        _refuse_if(not is_pattern or any(others), "Only a day of the month can fall on a month's last day.")


def _no_match(rule: Rule, start: datetime) -> str:
    if rule.until is not None and rule.until < start:
        return "The recurrence ends before it starts."
    if rule.until is not None:
        return "The recurrence has no occurrence before it ends."
    return "The recurrence never matches a date."


def _not_with(what: str, freq: Freq) -> str:
    return f"{what} does not go with FREQ={freq.value}."


def _refuse_if(wrong: bool, message: str) -> None:
    if wrong:
        raise InvalidRecurrence(message)
