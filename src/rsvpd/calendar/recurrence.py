"""What a recurrence rule means: the wall times it yields (RFC 5545 3.3.10).

A rule counts in periods of its frequency: years, months, weeks, days or hours, numbered from
a fixed point. Each period has its set of moments; BYSETPOS picks among them; then come the
bounds. So a walk can begin at any period, and a series of many years costs no more than a
young one.

Rules of this room:
1. Only wall time. Zones are applied outside, so that a series keeps its hour across DST.
2. The start gives what the rule leaves open, and the first period. It is itself an occurrence
   only where the rule matches it; whoever writes a series moves the start to `first` before.
3. Nothing loops and nothing raises while it is walked: dates end with the year 2200, and so does
   a rule after too many empty periods. `rule_check.py` refuses beforehand what would never match.
4. Days that cannot match are jumped over, not tried: a walk costs what it yields.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache, reduce
from itertools import chain, islice, product, takewhile

from msgspec import Struct

from rsvpd.calendar.rule import Freq, Recurrence, Rule, Weekday, WeekdayNth
from rsvpd.errors import InvalidRecurrence
from rsvpd.work import Spend, spend_nothing

EARLIEST = datetime(1900, 1, 1)  # noqa: DTZ001 - wall time
LATEST = datetime(2200, 12, 31, 23, 59, 59)  # noqa: DTZ001 - wall time
MAX_RULES = 8
MAX_DATES = 1_000
MAX_COUNT = 10_000
MAX_INTERVAL = 10_000
MAX_PER_DAY = 250
EMPTY_PERIODS = 5_000

Moments = Sequence[datetime]


# --- what others call ---------------------------------------------------------------------


def starts(
    recurrence: Recurrence, start: datetime, *, not_before: datetime | None = None, spend: Spend = spend_nothing
) -> Iterator[datetime]:
    """Yield the wall times at which a series begun at `start` stands: sorted, each once, lazily.

    `not_before` leaves out what lies before it, without walking there. The periods walked are spent.
    """
    lower = start if not_before is None else max(start, not_before)
    walks = [_walk(rule, start, lower, spend) for rule in recurrence.rules]
    if recurrence.dates:
        walks.append(iter(sorted({moment for moment in recurrence.dates if moment >= lower})))
    return walks[0] if len(walks) == 1 else each_once(heapq.merge(*walks))


def number_between(
    recurrence: Recurrence, start: datetime, low: datetime, high: datetime, *, spend: Spend = spend_nothing
) -> int:
    """Return how many wall times of the series lie from `low` to before `high`, where it can without walking there."""
    (rule, *others) = recurrence.rules or (None,)
    if rule is None or others or recurrence.dates:
        walls = starts(recurrence, start, not_before=low, spend=spend)
        return sum(1 for _ in takewhile(lambda wall: wall < high, walls))
    lower, upper = max(low, start), min(high, _end(rule, start) + datetime.resolution)
    plan = _plan(rule, start)
    first, length = plan.align(_number(rule, lower)), _cycle_length(plan)
    cycles = length and max(_number(rule, upper) - first, 0) // length
    inside = cycles * sum(map(len, _periods(plan, first, first + length - 1, spend))) if cycles else 0
    before = _periods(plan, first, _number(rule, lower), spend)
    after = _periods(plan, first + cycles * length, _number(rule, upper), spend)
    return max(inside + _how_many(after, upper) - _how_many(before, lower), 0)


def _how_many(periods: Iterator[Moments], end: datetime) -> int:
    """Return how many moments of these periods lie before `end`."""
    return sum(moment < end for moments in periods for moment in moments)


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


def each_once(moments: Iterable[datetime]) -> Iterator[datetime]:
    """Yield sorted moments without those that come again."""
    previous = None
    for moment in moments:
        if moment != previous:
            yield moment
        previous = moment


# --- the walk -----------------------------------------------------------------------------


def _walk(rule: Rule, start: datetime, lower: datetime, spend: Spend = spend_nothing) -> Iterator[datetime]:
    """Yield the moments of one rule from `lower` on, up to its UNTIL or COUNT."""
    end, plan = _end(rule, start), _plan(rule, start)
    for moments in _periods(plan, _number(rule, lower), _number(rule, end), spend):
        for moment in moments:
            if moment > end:
                return
            if moment >= lower:
                yield moment


def _periods(plan: _Plan, first: int, final: int, spend: Spend = spend_nothing) -> Iterator[Moments]:
    """Yield the moments of the periods from number `first` to `final`, and of some an empty sequence."""
    period = _PERIODS[plan.rule.freq]
    number, empty = plan.align(first), 0
    while number <= final and empty <= EMPTY_PERIODS:
        moments, onward = period.moments(plan, number)
        spend(period.cost)
        empty = 0 if moments else empty + 1
        yield moments
        number = plan.align(onward)


def _end(rule: Rule, start: datetime) -> datetime:
    """Return the moment after which `rule` yields nothing."""
    if rule.count is not None:
        return min(_last_of_count(rule, start, rule.count), LATEST)
    return LATEST if rule.until is None else min(rule.until, LATEST)


@lru_cache(maxsize=4096)
def _last_of_count(rule: Rule, start: datetime, count: int) -> datetime:
    """Return the moment after which a rule with COUNT yields nothing; kept, as only counting can tell.

    Where the days and hours of a rule come round again after some periods, these are counted once.
    """
    plan = _plan(rule, start)
    first, length = plan.origin, _cycle_length(plan)
    place = count + _how_many(_periods(plan, first, first), start)
    each = sum(map(len, _periods(plan, first, first + length - 1)))
    cycles = (place - 1) // each if each else 0
    rest = chain.from_iterable(_periods(plan, first + cycles * length, _number(rule, LATEST)))
    return _nth(rest, place - cycles * each) or (LATEST if cycles else EARLIEST)


def _cycle_length(plan: _Plan) -> int:
    """Return after how many periods a rule has the same days and hours again, 0 where months and years matter."""
    rule = plan.rule
    if plan.months or plan.month_days or rule.by_year_day:
        return 0
    return _ROUNDS.get(rule.freq, 0) * rule.interval


def _nth(moments: Iterator[datetime], place: int) -> datetime | None:
    """Return the moment at `place`, counted from 1, or the last one before."""
    found = None
    for found in islice(moments, place):  # noqa: B007 - the last one is meant
        pass
    return found


def _last_of(rule: Rule, start: datetime) -> datetime | None:
    """Return the last moment of a rule that ends, looking back from its end ever further."""
    end = _end(rule, start)
    for back in (timedelta(days=40), timedelta(days=800), timedelta(days=15_000), timedelta.max):
        lower = end - min(back, end - start)
        found = None
        for found in _walk(rule, start, lower):  # noqa: B007 - the last one is meant
            pass
        if found is not None or lower == start:
            return found
    return None


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
    listed: list[tuple[int, list[int]]]  # the year whose days were asked for last, and these days

    def align(self, number: int) -> int:
        """Return the first period at or after `number` that INTERVAL counts, never before the first."""
        steps = -((self.origin - number) // self.rule.interval)
        return self.origin + max(steps, 0) * self.rule.interval


@lru_cache(maxsize=4096)
def _plan(rule: Rule, start: datetime) -> _Plan:
    days, month_days, months = _effective_by_parts(rule, start)
    weekdays = frozenset(int(one.day) for one in days)
    return _Plan(
        rule,
        _number(rule, start),
        rule.week_start,
        days,
        month_days,
        months,
        tuple(sorted(set(rule.by_hour))),
        _times(rule, start),
        weekdays,
        tuple(sorted((day - rule.week_start) % 7 for day in weekdays)),
        [(0, [])],
    )


def _effective_by_parts(rule: Rule, start: datetime) -> tuple[tuple[WeekdayNth, ...], tuple[int, ...], tuple[int, ...]]:
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
    return _at_times(plan, _days_of_year(plan, year, plan.months)), year + 1


def _month_moments(plan: _Plan, number: int) -> tuple[Moments, int]:
    year, month = number // 12, number % 12 + 1
    if plan.months and month not in plan.months:
        return (), number + 1
    return _at_times(plan, _days_of_year(plan, year, (month,))), number + 1


def _week_moments(plan: _Plan, number: int) -> tuple[Moments, int]:
    monday = number * 7 + 1 + plan.week_start
    days = [monday + distance for distance in plan.week]
    if plan.months:
        days = [day for day in days if date.fromordinal(day).month in plan.months]
    return _at_times(plan, days), number + 1


def _day_moments(plan: _Plan, number: int) -> tuple[Moments, int]:
    day = _next_day(plan, number)
    return (_at_times(plan, (number,)), number + 1) if day == number else ((), day)


def _hour_moments(plan: _Plan, number: int) -> tuple[Moments, int]:
    ordinal, hour = divmod(number, 24)
    day = _next_day(plan, ordinal)
    if day != ordinal:
        return (), day * 24
    if plan.hours and hour not in plan.hours:
        place = bisect_left(plan.hours, hour)
        return (), ordinal * 24 + (plan.hours[place] if place < len(plan.hours) else 24)
    top = datetime.fromordinal(ordinal) + timedelta(hours=hour)
    return _positions([top + time for time in plan.times], plan.rule.by_set_pos), number + 1


class _Period(Struct, frozen=True):
    """How periods of a frequency are numbered, what is in one, and what looking into one costs in steps."""

    number: Callable[[datetime, Weekday], int]
    moments: Callable[[_Plan, int], tuple[Moments, int]]
    cost: int


_PERIODS = {
    Freq.YEARLY: _Period(lambda moment, _: moment.year, _year_moments, 30),
    Freq.MONTHLY: _Period(lambda moment, _: moment.year * 12 + moment.month - 1, _month_moments, 10),
    Freq.WEEKLY: _Period(lambda moment, first: (moment.toordinal() - 1 - first) // 7, _week_moments, 6),
    Freq.DAILY: _Period(lambda moment, _: moment.toordinal(), _day_moments, 5),
    Freq.HOURLY: _Period(lambda moment, _: moment.toordinal() * 24 + moment.hour, _hour_moments, 5),
}
# After so many periods that INTERVAL counts, a rule without days of months or years stands as at the start:
# on the same weekday, at the same hour.
_ROUNDS = {Freq.WEEKLY: 1, Freq.DAILY: 7, Freq.HOURLY: 7 * 24}


def _number(rule: Rule, moment: datetime) -> int:
    return _PERIODS[rule.freq].number(moment, rule.week_start)


def _at_times(plan: _Plan, days: Iterable[int]) -> Moments:
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


def _days_of_year(plan: _Plan, year: int, months: tuple[int, ...]) -> list[int]:
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
    if months and rule.by_year_day:
        days = {day for day in days if date.fromordinal(day).month in months}
    return sorted(days)


def _next_day(plan: _Plan, ordinal: int) -> int:
    """Return the first day from `ordinal` on that the day parts of a DAILY or HOURLY rule choose.

    Where that year has none any more it is the first day of the next.
    """
    if plan.month_days or plan.rule.by_year_day:
        return _next_listed(plan, ordinal)
    if not plan.months and not plan.weekdays:
        return ordinal
    day = date.fromordinal(ordinal)
    if plan.months and day.month not in plan.months:
        return _next_month(day)
    ahead = (distance for distance in range(7) if (ordinal - 1 + distance) % 7 in plan.weekdays)
    return ordinal + next(ahead, 0)


def _next_listed(plan: _Plan, ordinal: int) -> int:
    year = date.fromordinal(ordinal).year
    kept, days = plan.listed[0]
    if kept != year:
        days = _days_of_year(plan, year, plan.months)
        plan.listed[0] = (year, days)  # in one piece: threads share plans
    place = bisect_left(days, ordinal)
    return days[place] if place < len(days) else _year_span(year)[1] + 1


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
