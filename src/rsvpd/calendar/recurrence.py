"""What a recurrence rule means: the wall times it yields (RFC 5545 3.3.10).

A rule counts in periods of its frequency: years, months, weeks, days or hours, numbered from
a fixed point. Each period has its set of moments; BYSETPOS picks among them; then come the
bounds. So a walk can begin at any period, and a series of many years costs no more than a
young one.

Rules of this room:
1. Only wall time. Zones are applied outside, so that a series keeps its hour across DST.
2. The start gives what the rule leaves open, and the first period. It is itself an occurrence
   only where the rule matches it; whoever writes a series moves the start to `first` before.
3. Nothing loops: dates end with the year 2200, and a walk through too many empty periods
   raises InvalidRecurrence. `check` refuses beforehand what would never match.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache, reduce
from itertools import islice, product

from msgspec import Struct
from msgspec.structs import replace

from rsvpd.calendar.rule import Freq, Recurrence, Rule, Weekday, WeekdayNth
from rsvpd.errors import InvalidRecurrence

EARLIEST = datetime(1900, 1, 1)  # noqa: DTZ001 - wall time
LATEST = datetime(2200, 12, 31, 23, 59, 59)  # noqa: DTZ001 - wall time
MAX_RULES = 8
MAX_DATES = 1_000
MAX_COUNT = 10_000
MAX_INTERVAL = 10_000
MAX_PER_DAY = 250
EMPTY_PERIODS = 20_000

Moments = Sequence[datetime]


# --- what others call ---------------------------------------------------------------------


def starts(recurrence: Recurrence, start: datetime, *, not_before: datetime | None = None) -> Iterator[datetime]:
    """Yield the wall times at which a series begun at `start` stands: sorted, each once, lazily.

    `not_before` leaves out what lies before it, without walking there. Raises InvalidRecurrence
    for a rule that goes on without ever matching.
    """
    lower = start if not_before is None else max(start, not_before)
    walks = [_walk(rule, start, lower) for rule in recurrence.rules]
    if recurrence.dates:
        walks.append(iter(sorted({moment for moment in recurrence.dates if moment >= lower})))
    return walks[0] if len(walks) == 1 else _each_once(heapq.merge(*walks))


def first(recurrence: Recurrence, start: datetime) -> datetime:
    """Return the first wall time of the series at or after `start`; raises InvalidRecurrence without one."""
    found = next(starts(recurrence, start), None)
    if found is None:
        raise InvalidRecurrence("The recurrence has no occurrence.")
    return found


def last(recurrence: Recurrence, start: datetime) -> datetime | None:
    """Return the last wall time of the series, or None where it does not end before the year 2200.

    Raises InvalidRecurrence for a recurrence without an occurrence.
    """
    if any(rule.count is None and rule.until is None for rule in recurrence.rules):
        return None
    ends = [_last_of(rule, start) for rule in recurrence.rules]
    found = [end for end in (*ends, *recurrence.dates) if end is not None and end >= start]
    if not found:
        raise InvalidRecurrence("The recurrence has no occurrence.")
    return max(found)


# --- the walk -----------------------------------------------------------------------------


def _each_once(moments: Iterable[datetime]) -> Iterator[datetime]:
    previous = None
    for moment in moments:
        if moment != previous:
            yield moment
        previous = moment


def _walk(rule: Rule, start: datetime, lower: datetime) -> Iterator[datetime]:
    """Yield the moments of one rule from `lower` on, up to its UNTIL or COUNT."""
    plan, end = _plan(_endless(rule), start), _end(rule, start)
    period = _PERIODS[rule.freq]
    number, final, empty = plan.aligned(period.number(lower, plan.week_start)), _number(rule, end), 0
    while number <= final:
        moments, onward = period.moments(plan, number)
        for moment in moments:
            if moment > end:
                return
            if moment >= lower:
                yield moment
        empty = 0 if moments else empty + 1
        if empty > EMPTY_PERIODS:
            raise InvalidRecurrence("The recurrence never matches a date.")
        number = plan.aligned(onward)


def _end(rule: Rule, start: datetime) -> datetime:
    """Return the moment after which `rule` yields nothing."""
    if rule.count is not None:
        return _last_of_count(rule, start) or EARLIEST
    return LATEST if rule.until is None else min(rule.until, LATEST)


@lru_cache(maxsize=4096)
def _last_of_count(rule: Rule, start: datetime) -> datetime | None:
    """Return the moment at which a rule with COUNT ends; kept, as only a walk from the start can tell."""
    found = None
    for found in islice(_walk(_endless(rule), start, start), rule.count):  # noqa: B007 - the last one is meant
        pass
    return found


def _last_of(rule: Rule, start: datetime) -> datetime | None:
    """Return the last moment of a rule that ends, looking back from its end ever further."""
    end = _end(rule, start)
    for back in (timedelta(days=40), timedelta(days=800), timedelta(days=15_000), None):
        lower = start if back is None or end - start < back else max(start, end - back)
        found = None
        for found in _walk(rule, start, lower):  # noqa: B007 - the last one is meant
            pass
        if found is not None or lower == start:
            return found
    return None


def _endless(rule: Rule) -> Rule:
    return rule if rule.count is None and rule.until is None else replace(rule, count=None, until=None)


# --- what is worked out once per rule and start ---------------------------------------------


class _Plan(Struct, frozen=True):
    """A rule with what the start says filled in, in the form the periods need."""

    rule: Rule
    origin: int
    week_start: Weekday
    days: tuple[WeekdayNth, ...]
    month_days: tuple[int, ...]
    months: tuple[int, ...]
    hours: tuple[int, ...]
    times: tuple[timedelta, ...]
    weekdays: frozenset[int]
    week: tuple[int, ...]

    def aligned(self, number: int) -> int:
        """Return the first period at or after `number` that INTERVAL counts, never before the first."""
        steps = -((self.origin - number) // self.rule.interval)
        return self.origin + max(steps, 0) * self.rule.interval


@lru_cache(maxsize=4096)
def _plan(rule: Rule, start: datetime) -> _Plan:
    days, month_days, months = _given_or_from_start(rule, start)
    weekdays = frozenset(int(one.day) for one in days if one.nth == 0)
    return _Plan(
        rule,
        _number(rule, start),
        rule.week_start,
        days,
        month_days,
        months,
        rule.by_hour,
        _times(rule, start),
        weekdays,
        tuple(sorted((day - rule.week_start) % 7 for day in weekdays)),
    )


def _given_or_from_start(
    rule: Rule, start: datetime
) -> tuple[tuple[WeekdayNth, ...], tuple[int, ...], tuple[int, ...]]:
    """Return BYDAY, BYMONTHDAY and BYMONTH; where a rule names no day, the start's day is meant."""
    days, month_days, months = rule.by_day, rule.by_month_day, rule.by_month
    own_weekday = (WeekdayNth(Weekday(start.weekday())),)
    if days or month_days or rule.by_year_day:
        return days, month_days, months
    if rule.freq is Freq.WEEKLY or rule.by_week_no:
        return own_weekday, month_days, months
    if rule.freq is Freq.MONTHLY:
        return days, (start.day,), months
    if rule.freq is Freq.YEARLY:
        return days, (start.day,), months or (start.month,)
    return days, month_days, months


def _times(rule: Rule, start: datetime) -> tuple[timedelta, ...]:
    """Return the times within a day (within an hour for HOURLY), sorted."""
    hours = (0,) if rule.freq is Freq.HOURLY else rule.by_hour or (start.hour,)
    rest = timedelta(seconds=start.second, microseconds=start.microsecond)
    minutes = rule.by_minute or (start.minute,)
    return tuple(sorted({timedelta(hours=hour, minutes=minute) + rest for hour, minute in product(hours, minutes)}))


# --- the periods: each has a number, and its moments with the next number worth a look ----------


def _year_moments(plan: _Plan, year: int) -> tuple[Moments, int]:
    return _timed(plan, _chosen(plan, year, plan.months)), year + 1


def _month_moments(plan: _Plan, number: int) -> tuple[Moments, int]:
    year, month = number // 12, number % 12 + 1
    if plan.months and month not in plan.months:
        return (), number + 1
    return _timed(plan, _chosen(plan, year, (month,))), number + 1


def _week_moments(plan: _Plan, number: int) -> tuple[Moments, int]:
    monday = number * 7 + 1 + plan.week_start
    days = [monday + distance for distance in plan.week]
    if plan.months:
        days = [day for day in days if date.fromordinal(day).month in plan.months]
    return _timed(plan, days), number + 1


def _day_moments(plan: _Plan, number: int) -> tuple[Moments, int]:
    day = date.fromordinal(number)
    if plan.months and day.month not in plan.months:
        return (), _next_month(day)
    return (_timed(plan, (number,)) if _is_chosen(plan, day) else ()), number + 1


def _hour_moments(plan: _Plan, number: int) -> tuple[Moments, int]:
    ordinal, hour = divmod(number, 24)
    day = date.fromordinal(ordinal)
    if plan.months and day.month not in plan.months:
        return (), _next_month(day) * 24
    if not _is_chosen(plan, day):
        return (), (ordinal + 1) * 24
    if plan.hours and hour not in plan.hours:
        return (), number + 1
    top = datetime.fromordinal(ordinal) + timedelta(hours=hour)
    return _positions([top + time for time in plan.times], plan.rule.by_set_pos), number + 1


class _Period(Struct, frozen=True):
    number: Callable[[datetime, Weekday], int]
    moments: Callable[[_Plan, int], tuple[Moments, int]]


_PERIODS = {
    Freq.YEARLY: _Period(lambda moment, _: moment.year, _year_moments),
    Freq.MONTHLY: _Period(lambda moment, _: moment.year * 12 + moment.month - 1, _month_moments),
    Freq.WEEKLY: _Period(lambda moment, first: (moment.toordinal() - 1 - first) // 7, _week_moments),
    Freq.DAILY: _Period(lambda moment, _: moment.toordinal(), _day_moments),
    Freq.HOURLY: _Period(lambda moment, _: moment.toordinal() * 24 + moment.hour, _hour_moments),
}


def _number(rule: Rule, moment: datetime) -> int:
    return _PERIODS[rule.freq].number(moment, rule.week_start)


def _timed(plan: _Plan, days: Iterable[int]) -> Moments:
    """Return the moments of days given as sorted ordinals."""
    moments = [midnight + time for midnight in map(datetime.fromordinal, days) for time in plan.times]
    return _positions(moments, plan.rule.by_set_pos)


def _positions(moments: Moments, positions: tuple[int, ...]) -> Moments:
    if not positions:
        return moments
    size = len(moments)
    chosen = {place - 1 if place > 0 else size + place for place in positions}
    return [moments[place] for place in sorted(chosen) if 0 <= place < size]


# --- days of a year or a month, as ordinals ---------------------------------------------------


def _chosen(plan: _Plan, year: int, months: tuple[int, ...]) -> list[int]:
    """Return the days of `year` on which all day parts of the rule agree; without `months` all of it."""
    rule, sets = plan.rule, []
    if plan.month_days:
        sets.append(_month_days(plan.month_days, year, months or _ALL_MONTHS, clamp=rule.clamp))
    if plan.days:
        spans = [_month_span(year, month) for month in months] or [_year_span(year)]
        sets.append({day for span in spans for one in plan.days for day in _weekdays(one, span)})
    if rule.by_year_day:
        sets.append(_year_days(rule.by_year_day, year))
    if rule.by_week_no:
        sets.append(_week_days(rule.by_week_no, year, plan.week_start))
    days = reduce(set.intersection, sets)
    if months and (rule.by_year_day or rule.by_week_no):
        days = {day for day in days if date.fromordinal(day).month in months}
    return sorted(days)


def _is_chosen(plan: _Plan, day: date) -> bool:
    """Return whether the day parts of a DAILY or HOURLY rule all match `day`."""
    rule = plan.rule
    if plan.weekdays and day.weekday() not in plan.weekdays:
        return False
    if plan.month_days:
        length = _month_length(day.year, day.month)
        if day.day not in plan.month_days and day.day - length - 1 not in plan.month_days:
            return False
    return not rule.by_year_day or day.toordinal() in _year_days(rule.by_year_day, day.year)


def _month_days(wanted: tuple[int, ...], year: int, months: tuple[int, ...], *, clamp: bool) -> set[int]:
    days = set()
    for month in months:
        before, length = date(year, month, 1).toordinal() - 1, _month_length(year, month)
        for day in wanted:
            number = day if day > 0 else length + 1 + day
            if clamp:
                number = min(number, length)
            if 1 <= number <= length:
                days.add(before + number)
    return days


def _weekdays(one: WeekdayNth, span: tuple[int, int]) -> Sequence[int]:
    """Return the days of `span` that are this weekday, or its nth there."""
    first_day, last_day = span
    earliest = first_day + (one.day + 1 - first_day) % 7
    every = range(earliest, last_day + 1, 7)
    if one.nth == 0:
        return every
    place = one.nth - 1 if one.nth > 0 else len(every) + one.nth
    return every[place : place + 1] if place >= 0 else ()


def _year_days(wanted: tuple[int, ...], year: int) -> set[int]:
    first_day, last_day = _year_span(year)
    days = {first_day + day - 1 if day > 0 else last_day + 1 + day for day in wanted}
    return {day for day in days if first_day <= day <= last_day}


def _week_days(wanted: tuple[int, ...], year: int, week_start: Weekday) -> set[int]:
    """Return the days of `year` in the numbered weeks; its ends may belong to weeks of its neighbours."""
    first_day, last_day = _year_span(year)
    days: set[int] = set()
    for owner in (year - 1, year, year + 1):
        begin = _first_week(owner, week_start)
        size = (_first_week(owner + 1, week_start) - begin) // 7
        for week in wanted:
            number = week if week > 0 else size + 1 + week
            if 1 <= number <= size:
                days.update(range(begin + 7 * number - 7, begin + 7 * number))
    return {day for day in days if first_day <= day <= last_day}


def _first_week(year: int, week_start: Weekday) -> int:
    """Return the first day of week 1: the first week with four days in `year`, that is, with January 4."""
    fourth = date(year, 1, 4).toordinal()
    return fourth - (fourth - 1 - week_start) % 7


_ALL_MONTHS = tuple(range(1, 13))
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _month_length(year: int, month: int) -> int:
    is_leap_february = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if is_leap_february else _LENGTHS[month - 1]


def _month_span(year: int, month: int) -> tuple[int, int]:
    first_day = date(year, month, 1).toordinal()
    return first_day, first_day + _month_length(year, month) - 1


def _year_span(year: int) -> tuple[int, int]:
    return date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()


def _next_month(day: date) -> int:
    return _month_span(day.year, day.month)[1] + 1


# --- what is refused --------------------------------------------------------------------------


def check(recurrence: Recurrence, start: datetime) -> None:
    """Raise InvalidRecurrence, saying why, unless a series may be begun with this at `start`."""
    _refuse_if(not recurrence.rules and not recurrence.dates, "The recurrence has neither a rule nor a date.")
    _refuse_if(len(recurrence.rules) > MAX_RULES, f"The recurrence has more than {MAX_RULES} rules.")
    _refuse_if(len(recurrence.dates) > MAX_DATES, f"The recurrence has more than {MAX_DATES} dates.")
    for moment in (start, *recurrence.dates):
        _refuse_if(not EARLIEST <= moment <= LATEST, "The recurrence lies outside the years 1900 to 2200.")
    for rule in recurrence.rules:
        check_rule(rule)
        _refuse_if(next(_walk(rule, start, start), None) is None, _no_match(rule, start))
    _refuse_if(_per_day(recurrence) > MAX_PER_DAY, f"A series has at most {MAX_PER_DAY} occurrences a day.")
    first(recurrence, start)


def _per_day(recurrence: Recurrence) -> int:
    """Return an upper bound of the occurrences of one day."""
    by_date = Counter(moment.date() for moment in recurrence.dates)
    return sum(map(_times_a_day, recurrence.rules)) + max(by_date.values(), default=0)


def _times_a_day(rule: Rule) -> int:
    hours = 24 if rule.freq is Freq.HOURLY else max(len(rule.by_hour), 1)
    return hours * max(len(rule.by_minute), 1)


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
