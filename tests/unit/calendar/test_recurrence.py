"""What rules mean: a table by hand, and python-dateutil as the oracle of random rules."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from itertools import islice, takewhile
from typing import Any

import pytest
from dateutil import rrule as oracle
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rsvpd.calendar import recurrence, rule_check, series
from rsvpd.calendar.event import Event, Meeting, Timed
from rsvpd.calendar.rule import Freq, Recurrence, Rule, Weekday, WeekdayNth
from rsvpd.errors import InvalidRecurrence
from rsvpd.ical import rrule
from rsvpd.mail.address import Mailbox

wall = datetime.fromisoformat
NOON = wall("2026-01-01T12:00")  # a Thursday


def rule(text: str, start: datetime = NOON) -> Rule:
    return rrule.read(text, Timed(start))


def days(text: str, start: datetime = NOON, *, size: int = 4) -> str:
    """Return the first dates of a rule, short: `0101 0102`, with the hour where it is not the start's."""
    found = list(islice(recurrence.starts(Recurrence((rule(text, start),)), start), size))
    assert found == sorted(set(found))
    return " ".join(f"{one:%m%d}" if one.time() == start.time() else f"{one:%m%dT%H%M}" for one in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FREQ=DAILY", "0101 0102 0103 0104"),
        ("FREQ=DAILY;INTERVAL=10", "0101 0111 0121 0131"),
        ("FREQ=DAILY;COUNT=2", "0101 0102"),
        ("FREQ=DAILY;UNTIL=20260103T120000Z", "0101 0102 0103"),
        ("FREQ=DAILY;UNTIL=20260103T115959Z", "0101 0102"),
        ("FREQ=DAILY;BYMONTH=2", "0201 0202 0203 0204"),
        ("FREQ=DAILY;BYDAY=SA,SU", "0103 0104 0110 0111"),
        ("FREQ=DAILY;BYMONTHDAY=-1,1", "0101 0131 0201 0228"),
        ("FREQ=DAILY;BYMONTHDAY=1;BYMONTH=1", "0101 0101 0101 0101"),
        ("FREQ=DAILY;BYHOUR=9,15", "0101T1500 0102T0900 0102T1500 0103T0900"),
        ("FREQ=WEEKLY", "0101 0108 0115 0122"),
        ("FREQ=WEEKLY;BYDAY=MO,TH", "0101 0105 0108 0112"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TH;WKST=MO", "0101 0104 0115 0118"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TH;WKST=SU", "0101 0111 0115 0125"),
        ("FREQ=WEEKLY;BYMONTH=3", "0305 0312 0319 0326"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,FR;BYSETPOS=-1", "0102 0109 0116 0123"),
        ("FREQ=MONTHLY", "0101 0201 0301 0401"),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "0131 0331 0531 0731"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "0131 0228 0331 0430"),
        ("FREQ=MONTHLY;BYDAY=2TU", "0113 0210 0310 0414"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "0130 0227 0327 0424"),
        ("FREQ=MONTHLY;BYDAY=5FR", "0130 0529 0731 1030"),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "0213 0313 1113 0813"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "0130 0227 0331 0430"),
        ("FREQ=MONTHLY;BYDAY=MO,2WE", "0105 0112 0114 0119"),
        ("FREQ=MONTHLY;INTERVAL=5", "0101 0601 1101 0401"),
        ("FREQ=YEARLY", "0101 0101 0101 0101"),
        ("FREQ=YEARLY;BYMONTH=4,6", "0401 0601 0401 0601"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1", "0101 0130 0202 0227"),
        ("FREQ=MONTHLY;BYMONTH=2,4", "0201 0401 0201 0401"),
        ("FREQ=YEARLY;BYMONTHDAY=1", "0101 0201 0301 0401"),
        ("FREQ=YEARLY;BYDAY=20MO", "0518 0517 0515 0514"),
        ("FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "1025 1031 1029 1028"),
        # No month has a sixth Monday.
        ("FREQ=YEARLY;BYMONTH=1;BYDAY=1MO,-6MO,6MO", "0105 0104 0103 0101"),
        ("FREQ=YEARLY;BYYEARDAY=1,100,-1", "0101 0410 1231 0101"),
        # Of leap years alone.
        ("FREQ=YEARLY;BYYEARDAY=366", "1231 1231 1231 1231"),
        ("FREQ=YEARLY;BYYEARDAY=-366", "0101 0101 0101 0101"),
        ("FREQ=YEARLY;BYMONTH=4;BYYEARDAY=1,100", "0410 0410 0409 0410"),
        ("FREQ=YEARLY;BYMONTH=5;BYWEEKNO=1,20", "0514 0520 0518 0517"),
        ("FREQ=YEARLY;BYWEEKNO=20", "0514 0520 0518 0517"),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "0511 0517 0515 0514"),
        # Weeks that begin on Sundays: the first one of 2026 on January 4.
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;WKST=SU", "0518 0517 0515 0514"),
        ("FREQ=YEARLY;BYWEEKNO=-1;BYDAY=SU", "0103 0102 1231 1230"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "0229 0229 0229 0229"),
        ("FREQ=HOURLY;INTERVAL=6", "0101 0101T1800 0102T0000 0102T0600"),
        ("FREQ=HOURLY;BYHOUR=9,12;BYMINUTE=0,30", "0101 0101T1230 0102T0900 0102T0930"),
        ("FREQ=HOURLY;INTERVAL=12;BYMONTHDAY=2", "0102T0000 0102 0202T0000 0202"),
        ("FREQ=HOURLY;BYYEARDAY=-1;INTERVAL=12", "1231T0000 1231 1231T0000 1231"),
    ],
)
def test_first_dates(text: str, expected: str) -> None:
    assert days(text) == expected


def test_months_are_as_long_as_in_the_calendar() -> None:
    found = recurrence.starts(Recurrence((rule("FREQ=MONTHLY;BYMONTHDAY=-1"),)), wall("1900-01-01"))
    lengths = [calendar.monthrange(year, month)[1] for year in range(1900, 2201) for month in range(1, 13)]
    assert [one.day for one in found] == lengths


# Day 29 to 31 as Outlook means them: the last day of a shorter month.
@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (31, (), "0131 0228 0331 0430"),
        (30, (), "0130 0228 0330 0430"),
        (29, (), "0129 0228 0329 0429"),
        (28, (), "0128 0228 0328 0428"),
        (30, (2,), "0228 0228 0229 0228"),
    ],
)
def test_clamped_days(day: int, months: tuple[int, ...], expected: str) -> None:
    freq = Freq.YEARLY if months else Freq.MONTHLY
    clamped = Rule(freq=freq, by_month=months, by_month_day=(day,), clamp=True)
    found = islice(recurrence.starts(Recurrence((clamped,)), NOON), 4)
    assert " ".join(f"{one:%m%d}" for one in found) == expected


def test_rules_and_dates_are_one_sorted_set() -> None:
    rules = (rule("FREQ=WEEKLY;COUNT=2"), rule("FREQ=WEEKLY;BYDAY=TH,FR;COUNT=3"))
    whole = Recurrence(rules, (NOON - timedelta(days=9), NOON + timedelta(days=3), NOON + timedelta(days=7)))
    assert [f"{one:%m%d}" for one in recurrence.starts(whole, NOON)] == ["0101", "0102", "0104", "0108"]


def test_the_start_itself_counts_only_where_it_matches() -> None:
    mondays = Recurrence((rule("FREQ=WEEKLY;BYDAY=MO;COUNT=2"),))
    assert recurrence.first(mondays, NOON) == wall("2026-01-05T12:00")
    assert recurrence.last(mondays, NOON) == wall("2026-01-12T12:00")


@pytest.mark.parametrize(
    ("text", "low", "high", "number"),
    [
        ("FREQ=DAILY", "2026-01-01T12:00", "2026-01-04T12:00", 3),
        ("FREQ=DAILY", "2025-01-01T12:00", "2026-01-04T12:01", 4),
        ("FREQ=DAILY", "2026-01-02T12:01", "2026-01-04T12:00", 1),
        ("FREQ=DAILY;COUNT=9", "2026-01-08T12:00", "2027-01-01T12:00", 2),
        ("FREQ=DAILY;UNTIL=20260109T120000Z", "2026-01-08T12:00", "2027-01-01T12:00", 2),
        ("FREQ=DAILY;UNTIL=20260109T120000Z", "2026-01-10T12:00", "2027-01-01T12:00", 0),
        ("FREQ=HOURLY;BYMINUTE=0,30", "2026-01-01T12:00", "2036-01-01T12:00", 48 * 3652),
        ("FREQ=HOURLY;INTERVAL=5", "2026-01-01T13:00", "2026-02-05T12:00", 24 * 7 - 1),
        ("FREQ=HOURLY;INTERVAL=5", "2026-01-01T13:00", "2026-02-05T12:01", 24 * 7),
        ("FREQ=HOURLY;BYDAY=MO,TH", "2026-01-03T00:00", "2036-01-03T00:00", 24 * (521 + 522)),
        ("FREQ=WEEKLY", "2026-01-01T12:01", "2026-01-01T13:00", 0),
        ("FREQ=WEEKLY", "2026-01-06T00:00", "2026-01-06T01:00", 0),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", "2026-01-06T00:00", "2026-03-10T00:00", 8),
        ("FREQ=DAILY;INTERVAL=2;BYDAY=MO,TU", "2026-01-01T12:00", "2026-12-31T12:00", 52),
        ("FREQ=DAILY;BYMONTH=2", "2026-01-01T12:00", "2036-01-01T12:00", 282),
        ("FREQ=DAILY;BYMONTHDAY=29", "2026-01-01T12:00", "2036-01-01T12:00", 112),
        ("FREQ=HOURLY;BYYEARDAY=366", "2026-01-01T12:00", "2036-01-01T12:00", 48),
        ("FREQ=MONTHLY;BYDAY=TU", "2026-01-01T12:00", "2036-01-01T12:00", 521),
    ],
)
def test_how_many_lie_from_one_moment_to_before_another(text: str, low: str, high: str, number: int) -> None:
    assert recurrence.number_between(Recurrence((rule(text),)), NOON, wall(low), wall(high)) == number


DAYS = tuple(NOON + timedelta(days=day) for day in (3, 0, 1))


@pytest.mark.parametrize(
    ("whole", "days", "number"),
    [
        pytest.param(Recurrence(), 9, 0, id="nothing"),
        pytest.param(Recurrence((), DAYS), 3, 2, id="dates"),
        pytest.param(Recurrence((rule("FREQ=DAILY;COUNT=2"),), DAYS), 9, 3, id="a rule and dates"),
        pytest.param(Recurrence((rule("FREQ=DAILY;COUNT=2"), rule("FREQ=WEEKLY"))), 9, 3, id="rules"),
    ],
)
def test_what_falls_together_counts_once(whole: Recurrence, days: int, number: int) -> None:
    assert recurrence.number_between(whole, NOON, NOON, NOON + timedelta(days=days)) == number


def test_the_seconds_of_the_start_are_those_of_each_occurrence() -> None:
    begin = wall("2026-01-01T12:00:30")
    found = recurrence.starts(Recurrence((rule("FREQ=DAILY;BYHOUR=9;BYMINUTE=15"),)), begin)
    assert next(found) == wall("2026-01-02T09:15:30")


# --- where it ends ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("FREQ=DAILY;COUNT=1", "2026-01-01T12:00"),
        ("FREQ=DAILY;COUNT=8", "2026-01-08T12:00"),
        ("FREQ=DAILY;INTERVAL=2;COUNT=8", "2026-01-15T12:00"),
        ("FREQ=DAILY;INTERVAL=2;BYDAY=MO,TU;COUNT=5", "2026-02-02T12:00"),
        ("FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;COUNT=101", "2026-05-21T12:00"),
        ("FREQ=DAILY;BYMONTH=1;COUNT=40", "2027-01-09T12:00"),
        ("FREQ=DAILY;BYMONTHDAY=1,2;COUNT=20", "2026-10-02T12:00"),
        ("FREQ=WEEKLY;BYDAY=MO,TH,FR;COUNT=1", "2026-01-01T12:00"),
        ("FREQ=WEEKLY;BYDAY=MO,TH,FR;COUNT=2", "2026-01-02T12:00"),
        ("FREQ=WEEKLY;BYDAY=MO,TH,FR;COUNT=3", "2026-01-05T12:00"),
        ("FREQ=WEEKLY;BYDAY=MO,TH,FR;COUNT=302", "2027-12-03T12:00"),
        ("FREQ=WEEKLY;BYMONTH=1;COUNT=7", "2027-01-14T12:00"),
        ("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3", "2026-05-31T12:00"),
        ("FREQ=MONTHLY;BYDAY=TU;COUNT=14", "2026-04-07T12:00"),
        ("FREQ=YEARLY;COUNT=3", "2028-01-01T12:00"),
        ("FREQ=HOURLY;INTERVAL=6;COUNT=6", "2026-01-02T18:00"),
        ("FREQ=HOURLY;BYHOUR=9,12;BYMINUTE=0,30;COUNT=300", "2026-03-17T09:30"),
        ("FREQ=HOURLY;INTERVAL=12;BYDAY=MO,TH;COUNT=201", "2026-12-17T12:00"),
        ("FREQ=HOURLY;BYYEARDAY=1;COUNT=30", "2027-01-01T17:00"),
        # As many as there are before the year 2200 ends.
        ("FREQ=YEARLY;COUNT=1000", "2200-01-01T12:00"),
        ("FREQ=WEEKLY;INTERVAL=100;COUNT=10000", "2200-05-29T12:00"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;INTERVAL=8261;COUNT=50", "2184-05-02T12:00"),
        # Nothing on its way back for a while, for years, for decades.
        ("FREQ=DAILY;UNTIL=20260105T110000Z", "2026-01-04T12:00"),
        ("FREQ=MONTHLY;BYMONTH=2;UNTIL=20270131T000000Z", "2026-02-01T12:00"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;UNTIL=20310601T000000Z", "2028-02-29T12:00"),
        ("FREQ=YEARLY;INTERVAL=100;UNTIL=22001231T000000Z", "2126-01-01T12:00"),
    ],
)
def test_where_a_rule_ends(text: str, last: str) -> None:
    assert recurrence.last(Recurrence((rule(text),)), NOON) == wall(last)


ENDED = Rule(freq=Freq.DAILY, until=NOON - timedelta(days=9))


@pytest.mark.parametrize(
    ("whole", "last"),
    [
        pytest.param(Recurrence((rule("FREQ=DAILY;COUNT=2"), rule("FREQ=WEEKLY"))), None, id="one does not end"),
        pytest.param(
            Recurrence((rule("FREQ=DAILY;COUNT=3"), rule("FREQ=DAILY;COUNT=5"), rule("FREQ=DAILY;COUNT=4"))),
            "2026-01-05T12:00",
            id="with the last of its rules",
        ),
        pytest.param(Recurrence((rule("FREQ=DAILY;COUNT=3"),), DAYS), "2026-01-04T12:00", id="with its last date"),
        pytest.param(Recurrence((rule("FREQ=DAILY;COUNT=8"),), DAYS), "2026-01-08T12:00", id="after its dates"),
        pytest.param(Recurrence((), (NOON,)), "2026-01-01T12:00", id="where it starts"),
        pytest.param(Recurrence((ENDED, rule("FREQ=DAILY;COUNT=3"))), "2026-01-03T12:00", id="one never begins"),
    ],
)
def test_where_a_series_ends(whole: Recurrence, last: str | None) -> None:
    assert recurrence.last(whole, NOON) == (wall(last) if last else None)


@pytest.mark.parametrize(
    "whole",
    [
        pytest.param(Recurrence((ENDED,)), id="until before its start"),
        pytest.param(Recurrence((), (NOON - timedelta(days=1),)), id="a date before its start"),
        pytest.param(Recurrence((rule("FREQ=DAILY;INTERVAL=7;BYDAY=MO;COUNT=3"),)), id="so many of what never comes"),
    ],
)
def test_what_has_no_occurrence_has_no_last_one(whole: Recurrence) -> None:
    assert list(recurrence.starts(whole, NOON)) == []
    with pytest.raises(InvalidRecurrence):
        recurrence.last(whole, NOON)


def test_no_rule_goes_beyond_the_year_2200() -> None:
    begin = wall("2200-12-25T12:00")  # the year ends on a Wednesday
    whole = Recurrence((rule("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;COUNT=9", begin),))
    assert recurrence.last(whole, begin) == list(recurrence.starts(whole, begin))[-1] == wall("2200-12-31T12:00")


# --- laws against the oracle ------------------------------------------------------------------

FREQS = {
    Freq.YEARLY: oracle.YEARLY,
    Freq.MONTHLY: oracle.MONTHLY,
    Freq.WEEKLY: oracle.WEEKLY,
    Freq.DAILY: oracle.DAILY,
    Freq.HOURLY: oracle.HOURLY,
}
# How far random rules are followed, and as many of their occurrences at most.
HORIZON = {
    Freq.YEARLY: timedelta(days=12_000),
    Freq.MONTHLY: timedelta(days=5_000),
    Freq.WEEKLY: timedelta(days=2_000),
    Freq.DAILY: timedelta(days=800),
    Freq.HOURLY: timedelta(days=200),
}
FOLLOWED = 40


def numbers(low: int, high: int, *, size: int = 3) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(st.integers(low, high).filter(bool), max_size=size, unique=True).map(tuple)


def signed(high: int) -> st.SearchStrategy[tuple[int, ...]]:
    return numbers(-high, high)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Draw a rule RFC 5545 allows. BYDAY is all numbered or all plain: the oracle takes a mixture for both
    at once, where the RFC means either."""
    freq = draw(st.sampled_from(Freq))
    is_long = freq in (Freq.MONTHLY, Freq.YEARLY)
    week_nos = draw(signed(50).map(lambda all_: tuple(n for n in all_ if abs(n) > 1))) if freq is Freq.YEARLY else ()
    nths = st.sampled_from((1, 2, 4, 5, -1, -2)) if is_long and not week_nos and draw(st.booleans()) else st.just(0)
    sparse = st.sampled_from((True, False, False))
    drawn = Rule(
        freq=freq,
        interval=draw(st.sampled_from((1, 1, 2, 3, 7))),
        by_day=tuple(draw(st.lists(st.builds(WeekdayNth, st.sampled_from(Weekday), nths), max_size=3))),
        by_month_day=draw(signed(31)) if freq is not Freq.WEEKLY and draw(sparse) else (),
        by_year_day=draw(signed(366)) if freq in (Freq.YEARLY, Freq.HOURLY) and draw(sparse) else (),
        by_week_no=week_nos if draw(sparse) else (),
        by_month=draw(numbers(1, 12)) if draw(sparse) else (),
        by_hour=draw(numbers(1, 23)) if draw(sparse) else (),
        by_minute=draw(numbers(1, 59)) if draw(sparse) else (),
        week_start=draw(st.sampled_from(Weekday)),
    )
    others = (drawn.by_day, drawn.by_month_day, drawn.by_month, drawn.by_hour, drawn.by_minute)
    return replace(drawn, by_set_pos=draw(signed(3))) if any(others) and draw(sparse) else drawn


def followed(one: Rule, start: datetime) -> list[datetime]:
    """Return the first occurrences of a rule; none where it never matches."""
    try:
        found = recurrence.starts(Recurrence((replace(one, until=start + HORIZON[one.freq]),)), start)
        return list(islice(found, FOLLOWED))
    except InvalidRecurrence:
        return []


def asked(one: Rule, start: datetime, size: int) -> list[datetime]:
    """Return what the oracle says are the first occurrences of a rule.

    Where the RFC and the oracle differ the question is put so that they agree: BYWEEKNO alone means the
    start's weekday, and a first week counts whole before BYSETPOS picks from it.
    """
    by_day = one.by_day
    if one.by_week_no and not (by_day or one.by_month_day or one.by_year_day):
        by_day = (WeekdayNth(Weekday(start.weekday())),)
    begin = start
    if one.freq is Freq.WEEKLY and one.by_set_pos:
        begin -= timedelta(days=(start.weekday() - one.week_start) % 7)
        by_day = by_day or (WeekdayNth(Weekday(start.weekday())),)
    found = oracle.rrule(
        FREQS[one.freq],
        dtstart=begin,
        interval=one.interval,
        wkst=oracle.weekday(one.week_start),
        byweekday=[oracle.weekday(day.day, day.nth or None) for day in by_day] or None,
        bymonthday=one.by_month_day or None,
        byyearday=one.by_year_day or None,
        byweekno=one.by_week_no or None,
        bymonth=one.by_month or None,
        byhour=one.by_hour or None,
        byminute=one.by_minute or None,
        bysetpos=one.by_set_pos or None,
    )
    return list(islice((moment for moment in found if moment >= start), size))


moments = st.datetimes(wall("1995-01-01"), wall("2040-01-01")).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)


@pytest.mark.slow
@settings(deadline=None, max_examples=250)
@given(rules(), moments)
def test_law_the_oracle_says_the_same(one: Rule, start: datetime) -> None:
    rule_check.check_rule(one)
    found = followed(one, start)
    assume(found)  # without a match the oracle would walk to the year 9999
    assert found == asked(one, start, len(found))


@settings(deadline=None, max_examples=150)
@given(rules(), moments, st.integers(0, 4000))
def test_law_a_jump_finds_what_a_walk_finds(one: Rule, start: datetime, days_on: int) -> None:
    found, later = followed(one, start), start + timedelta(days=days_on)
    assume(found)
    whole = Recurrence((replace(one, until=found[-1]),))
    walked = [moment for moment in found if moment >= later]
    assert list(recurrence.starts(whole, start, not_before=later)) == walked


@settings(deadline=None, max_examples=100)
@given(rules(), moments, st.integers(1, FOLLOWED))
def test_law_count_is_the_first_so_many(one: Rule, start: datetime, count: int) -> None:
    found = followed(one, start)
    assume(len(found) >= count)
    whole = Recurrence((replace(one, count=count),))
    assert list(recurrence.starts(whole, start)) == found[:count]
    assert list(recurrence.starts(whole, start, not_before=found[count - 1])) == [found[count - 1]]
    assert recurrence.last(whole, start) == found[count - 1]


@settings(deadline=None, max_examples=100)
@given(rules(), moments)
def test_law_last_is_the_end_of_the_walk(one: Rule, start: datetime) -> None:
    found = followed(one, start)
    assume(found)
    ended = Recurrence((replace(one, until=found[-1] + timedelta(hours=1)),))
    assert recurrence.last(ended, start) == list(recurrence.starts(ended, start))[-1]
    assert recurrence.last(Recurrence((one,)), start) is None


@pytest.mark.parametrize("year", [2004, 2009, 2015, 2018, 2020, 2021, 2024, 2025, 2026])
def test_law_week_numbers_are_those_of_iso_8601(year: int) -> None:
    every = [date(year, 1, 1) + timedelta(days=day) for day in range(366 if calendar.isleap(year) else 365)]
    start = wall(f"{year}-01-01")
    for week in (*range(1, 54), *range(-53, 0)):
        one = rule(f"FREQ=YEARLY;BYWEEKNO={week};BYDAY=MO,TU,WE,TH,FR,SA,SU", start)
        walked = recurrence.starts(Recurrence((one,)), start)
        found = [moment.date() for moment in takewhile(lambda moment: moment.date() <= every[-1], walked)]
        assert found == [day for day in every if week in _week_numbers(day)]


def _week_numbers(day: date) -> tuple[int, int]:
    owner, week, _ = day.isocalendar()
    return week, week - date(owner, 12, 28).isocalendar().week - 1


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the list of all periods any walk looks at."""
    seen: list[int] = []

    def counted(period: Any) -> Any:
        def look(plan: Any, number: int) -> Any:
            seen.append(number)
            return period.moments(plan, number)

        return replace(period, moments=look)

    for freq, period in list(recurrence._PERIODS.items()):
        monkeypatch.setitem(recurrence._PERIODS, freq, counted(period))
    return seen


# --- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;INTERVAL=2;BYHOUR=1",
        "FREQ=HOURLY;INTERVAL=24;BYHOUR=1",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
        "FREQ=DAILY;BYHOUR=1,2;BYSETPOS=3",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=2",
        "FREQ=YEARLY;INTERVAL=10000;BYMONTH=2;BYDAY=1MO;BYMONTHDAY=8",
    ],
)
def test_rules_that_never_match_are_refused_in_counted_steps(text: str, steps: list[int]) -> None:
    with pytest.raises(InvalidRecurrence, match="never matches"):
        rule_check.check(Recurrence((rule(text),)), NOON)
    assert len(steps) <= recurrence.EMPTY_PERIODS + 1


def test_a_walk_without_end_stops_at_the_year_2200() -> None:
    found = list(recurrence.starts(Recurrence((rule("FREQ=MONTHLY"),)), NOON))
    assert found[-1] == wall("2200-12-01T12:00")
    assert list(recurrence.starts(Recurrence((rule("FREQ=DAILY"),)), NOON, not_before=wall("9999-01-01"))) == []


def test_a_walk_goes_on_however_long_it_is() -> None:
    found = islice(recurrence.starts(Recurrence((rule("FREQ=DAILY"),)), NOON), 10_000, None)
    assert next(found) == NOON + timedelta(days=10_000)


@pytest.mark.parametrize(
    ("text", "most"),
    [
        pytest.param("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=77", 2200 - 2026 + 10, id="in each year"),
        pytest.param("FREQ=DAILY;INTERVAL=7;BYDAY=MO;COUNT=77", recurrence.EMPTY_PERIODS + 10, id="in each week"),
    ],
)
def test_so_many_of_what_never_comes_are_looked_for_once(text: str, most: int, steps: list[int]) -> None:
    assert list(recurrence.starts(Recurrence((rule(text),)), NOON)) == []
    assert len(steps) <= most


def test_each_period_that_is_walked_is_spent() -> None:
    spent: list[int] = []
    assert list(recurrence.starts(Recurrence((rule("FREQ=DAILY;UNTIL=20260110T120000Z"),)), NOON, spend=spent.append))
    assert len(spent) == 10
    assert min(spent) > 0


@pytest.mark.parametrize(
    ("text", "most"),
    [
        pytest.param("FREQ=HOURLY", 2 * 7 * 24 + 2, id="two weeks, whose hours are counted"),
        pytest.param("FREQ=HOURLY;INTERVAL=9", 2 * 7 * 24 + 2, id="and intervals"),
        pytest.param("FREQ=DAILY;BYDAY=MO", 2 * 7 + 2, id="days"),
        pytest.param("FREQ=WEEKLY", 4, id="weeks"),
    ],
)
def test_what_is_counted_in_a_long_series_is_not_walked_over(text: str, most: int, steps: list[int]) -> None:
    begin = wall("1901-01-01T12:00")
    whole = Recurrence((rule(text, begin),))
    assert recurrence.number_between(whole, begin, wall("1902-01-01"), wall("2199-01-01")) > 1_000
    assert len(steps) <= most
    assert recurrence.number_between(whole, begin, wall("2026-01-01"), wall("2026-01-01T01:00")) <= 1
    assert len(steps) <= most + 3


def test_the_end_of_a_long_series_is_looked_for_near_by(steps: list[int]) -> None:
    begin = wall("1901-01-01T12:00")
    counted = Recurrence((rule("FREQ=HOURLY;COUNT=9999", begin),))
    assert recurrence.last(counted, begin) == begin + timedelta(hours=9998)
    assert len(steps) <= (2 * 7 + 40) * 24 + 2
    steps.clear()
    assert recurrence.last(Recurrence((rule("FREQ=HOURLY;UNTIL=21991231T120000Z", begin),)), begin)
    assert len(steps) <= 40 * 24 + 1
    steps.clear()
    with pytest.raises(InvalidRecurrence):
        recurrence.last(Recurrence((rule("FREQ=DAILY;BYHOUR=1,2;BYSETPOS=3;UNTIL=19010131T000000Z", begin),)), begin)
    assert len(steps) <= 31


def test_a_walk_into_an_old_series_begins_where_it_is_asked_to(steps: list[int]) -> None:
    whole = Recurrence((rule("FREQ=HOURLY"),))
    found = next(recurrence.starts(whole, wall("1900-01-01"), not_before=wall("2199-01-01T00:30")))
    assert found == wall("2199-01-01T01:00")
    assert len(steps) <= 2


def test_a_neighbour_in_an_old_series_is_looked_for_near_by(steps: list[int]) -> None:
    begin = wall("1900-01-01T09:00")
    old = Meeting(
        uid="u",
        organizer=Mailbox("alice@example.com"),
        is_organizer=True,
        event=Event(start=Timed(begin), end=Timed(begin)),
        recurrence=Recurrence((rule("FREQ=HOURLY"),)),
        deleted=("21981231T220000", "21981231T230000"),
    )
    before, after = series.neighbours(old, "21990101T000000")
    assert before is not None
    assert after is not None
    assert (before.recurrence_id, after.recurrence_id) == ("21981231T210000", "21990101T010000")
    assert len(steps) <= 200
