"""RRULE, RDATE and EXDATE lines, read and written."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsvpd.calendar import recurrence
from rsvpd.calendar.event import AllDay, Timed, When
from rsvpd.calendar.rule import Freq, Recurrence, Rule, Weekday, WeekdayNth
from rsvpd.errors import InvalidRange, InvalidRecurrence, InvalidTimeZone
from rsvpd.ical.rrule import read, read_lines, write, write_lines

wall = datetime.fromisoformat
BERLIN = Timed(wall("2026-01-31T09:30"), "Europe/Berlin")
UTC = Timed(wall("2026-01-31T09:30"), "UTC")
DAY = AllDay(date(2026, 1, 31))
MO, TU, FR = Weekday.MO, Weekday.TU, Weekday.FR


# Both directions: what a line means, and that the meaning is written as that line.
@pytest.mark.parametrize(
    ("line", "start", "rule"),
    [
        ("RRULE:FREQ=DAILY", BERLIN, Rule(freq=Freq.DAILY)),
        ("RRULE:FREQ=DAILY;COUNT=3;INTERVAL=2", BERLIN, Rule(freq=Freq.DAILY, count=3, interval=2)),
        (
            "RRULE:FREQ=WEEKLY;BYDAY=MO,FR;WKST=SU",
            BERLIN,
            Rule(freq=Freq.WEEKLY, by_day=(WeekdayNth(MO), WeekdayNth(FR)), week_start=Weekday.SU),
        ),
        ("RRULE:FREQ=MONTHLY;BYDAY=2TU", BERLIN, Rule(freq=Freq.MONTHLY, by_day=(WeekdayNth(TU, 2),))),
        ("RRULE:FREQ=MONTHLY;BYDAY=-1FR", BERLIN, Rule(freq=Freq.MONTHLY, by_day=(WeekdayNth(FR, -1),))),
        (
            "RRULE:FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1",
            BERLIN,
            Rule(freq=Freq.MONTHLY, by_day=(WeekdayNth(MO), WeekdayNth(TU)), by_set_pos=(-1,)),
        ),
        ("RRULE:FREQ=MONTHLY;BYMONTHDAY=1,-1", BERLIN, Rule(freq=Freq.MONTHLY, by_month_day=(1, -1))),
        ("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", DAY, Rule(freq=Freq.YEARLY, by_month=(2,), by_month_day=(29,))),
        ("RRULE:FREQ=YEARLY;BYWEEKNO=20,-1", DAY, Rule(freq=Freq.YEARLY, by_week_no=(20, -1))),
        ("RRULE:FREQ=YEARLY;BYYEARDAY=100,-1", DAY, Rule(freq=Freq.YEARLY, by_year_day=(100, -1))),
        ("RRULE:FREQ=HOURLY;BYHOUR=9,0;BYMINUTE=0", UTC, Rule(freq=Freq.HOURLY, by_hour=(9, 0), by_minute=(0,))),
        # UNTIL: UTC where the series has a zone, a date where it is all-day.
        ("RRULE:FREQ=DAILY;UNTIL=20260701T073000Z", BERLIN, Rule(freq=Freq.DAILY, until=wall("2026-07-01T09:30"))),
        ("RRULE:FREQ=DAILY;UNTIL=20260201T083000Z", BERLIN, Rule(freq=Freq.DAILY, until=wall("2026-02-01T09:30"))),
        ("RRULE:FREQ=DAILY;UNTIL=20260701T073000Z", UTC, Rule(freq=Freq.DAILY, until=wall("2026-07-01T07:30"))),
        ("RRULE:FREQ=DAILY;UNTIL=20260701", DAY, Rule(freq=Freq.DAILY, until=wall("2026-07-01"))),
        # Outlook's day 29 and 30 in RFC 5545's words.
        (
            "RRULE:FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1",
            BERLIN,
            Rule(freq=Freq.MONTHLY, by_month_day=(30,), clamp=True),
        ),
        (
            "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1",
            BERLIN,
            Rule(freq=Freq.YEARLY, by_month=(2,), by_month_day=(29,), clamp=True),
        ),
        (
            "RRULE:FREQ=YEARLY;BYMONTHDAY=28,29;BYSETPOS=-1",
            BERLIN,
            Rule(freq=Freq.YEARLY, by_month_day=(28, 29), by_set_pos=(-1,)),
        ),
    ],
)
def test_lines_and_rules(line: str, start: When, rule: Rule) -> None:
    assert read(line, start) == rule
    assert write(rule, start) == line


# One direction: other ways to write what was meant.
@pytest.mark.parametrize(
    ("line", "start", "rule"),
    [
        ("FREQ=DAILY", BERLIN, Rule(freq=Freq.DAILY)),
        (" rrule:freq=daily;interval=1;wkst=mo ", BERLIN, Rule(freq=Freq.DAILY)),
        ("RRULE:INTERVAL=+2;FREQ=DAILY", BERLIN, Rule(freq=Freq.DAILY, interval=2)),
        ("RRULE:FREQ=MONTHLY;BYDAY=+1MO", BERLIN, Rule(freq=Freq.MONTHLY, by_day=(WeekdayNth(MO, 1),))),
        ("RRULE:FREQ=DAILY;BYSECOND=0", BERLIN, Rule(freq=Freq.DAILY)),
        ("RRULE:FREQ=DAILY;BYHOUR=9;BYMINUTE=5", DAY, Rule(freq=Freq.DAILY)),
        ("RRULE:FREQ=DAILY;UNTIL=20260701T093000", BERLIN, Rule(freq=Freq.DAILY, until=wall("2026-07-01T09:30"))),
        ("RRULE:FREQ=DAILY;UNTIL=20260701", BERLIN, Rule(freq=Freq.DAILY, until=wall("2026-07-01T23:59:59"))),
        ("RRULE:FREQ=DAILY;UNTIL=20260701T235959Z", DAY, Rule(freq=Freq.DAILY, until=wall("2026-07-01"))),
        ("RRULE:FREQ=DAILY;UNTIL=99991231T235959Z", BERLIN, Rule(freq=Freq.DAILY)),
    ],
)
def test_other_spellings(line: str, start: When, rule: Rule) -> None:
    assert read(line, start) == rule


def test_day_31_is_written_as_the_last() -> None:
    rule = Rule(freq=Freq.MONTHLY, by_month_day=(31,), clamp=True)
    assert write(rule, BERLIN) == "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1"


@pytest.mark.parametrize("day", [28, 29, 30, 31])
@pytest.mark.parametrize("months", [(), (2,), (4,), (12,)])
def test_law_a_clamped_rule_and_its_line_mean_the_same_days(day: int, months: tuple[int, ...]) -> None:
    freq = Freq.YEARLY if months else Freq.MONTHLY
    rule = Rule(freq=freq, by_month=months, by_month_day=(day,), clamp=True)
    assert _first_days(rule) == _first_days(read(write(rule, BERLIN), BERLIN))


def _first_days(rule: Rule) -> list[datetime]:
    return list(islice(recurrence.starts(Recurrence((rule,)), BERLIN.wall), 40))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "part without a value"),
        ("RRULE:", "part without a value"),
        ("RRULE:FREQ", "part without a value"),
        ("RRULE:FREQ=", "part without a value"),
        ("RRULE:FREQ=DAILY;", "part without a value"),
        ("RRULE:INTERVAL=2", "has no FREQ"),
        ("RRULE:FREQ=SOMETIMES", "'SOMETIMES' is not known"),
        ("RRULE:FREQ=SECONDLY", "SECONDLY is not supported"),
        ("RRULE:FREQ=MINUTELY", "MINUTELY is not supported"),
        ("RRULE:FREQ=DAILY;FREQ=DAILY", "stands twice"),
        ("RRULE:FREQ=DAILY;BYEASTER=0", "'BYEASTER' is not known"),
        ("RRULE:FREQ=DAILY;X-PART=0", "'X-PART' is not known"),
        ("RRULE:FREQ=DAILY;COUNT=2;UNTIL=20260701", "not by both"),
        ("RRULE:FREQ=DAILY;COUNT=two", "'TWO' is not a number"),
        ("RRULE:FREQ=DAILY;COUNT=1.5", "is not a number"),
        ("RRULE:FREQ=DAILY;COUNT=99999999999999999999", "is not a number"),
        ("RRULE:FREQ=DAILY;BYMONTH=1,,2", "is not a number"),
        ("RRULE:FREQ=DAILY;BYSECOND=30", "BYSECOND is not supported"),
        ("RRULE:FREQ=WEEKLY;BYDAY=MONDAY", "is not a"),
        ("RRULE:FREQ=WEEKLY;BYDAY=0MO", "is not a day"),
        ("RRULE:FREQ=WEEKLY;WKST=XX", "is not a day"),
        ("RRULE:FREQ=DAILY;UNTIL=tomorrow", "is not a date or a time"),
        ("RRULE:FREQ=DAILY;UNTIL=20261332", "is not a date or a time"),
        ("RRULE:FREQ=DAILY;UNTIL=20260701T250000Z", "is not a date or a time"),
        ("RRULE:FREQ=DAILY;BYYEARDAY=" + ",".join(["1"] * 401), "too many values"),
    ],
)
def test_lines_that_are_refused(line: str, why: str) -> None:
    with pytest.raises(InvalidRecurrence, match=why):
        read(line, BERLIN)


def test_an_all_day_series_has_no_hours() -> None:
    with pytest.raises(InvalidRecurrence, match="HOURLY"):
        read("RRULE:FREQ=HOURLY", DAY)


# --- lines ----------------------------------------------------------------------------------------

DAILY = Rule(freq=Freq.DAILY)


@pytest.mark.parametrize(
    ("lines", "start", "whole", "deleted"),
    [
        ([], BERLIN, Recurrence(), ()),
        (["RRULE:FREQ=DAILY"], BERLIN, Recurrence((DAILY,)), ()),
        (["RRULE:FREQ=DAILY", "RRULE:FREQ=WEEKLY"], DAY, Recurrence((DAILY, Rule(freq=Freq.WEEKLY))), ()),
        (
            [
                "RRULE:FREQ=DAILY",
                "RDATE;TZID=Europe/Berlin:20260201T150000,20260301T150000",
                "EXDATE;TZID=Europe/Berlin:20260202T093000",
            ],
            BERLIN,
            Recurrence((DAILY,), (wall("2026-02-01T15:00"), wall("2026-03-01T15:00"))),
            ("20260202T093000",),
        ),
        (
            ["RRULE:FREQ=DAILY", "EXDATE:20260202T093000Z,20260203T093000Z"],
            UTC,
            Recurrence((DAILY,)),
            ("20260202T093000", "20260203T093000"),
        ),
        (
            ["RDATE;VALUE=DATE:20260131,20260301", "EXDATE;VALUE=DATE:20260301"],
            DAY,
            Recurrence((), (wall("2026-01-31"), wall("2026-03-01"))),
            ("20260301",),
        ),
    ],
)
def test_recurrence_lines(lines: list[str], start: When, whole: Recurrence, deleted: tuple[str, ...]) -> None:
    assert read_lines(lines, start) == (whole, deleted)
    assert write_lines(whole, deleted, start) == lines


# A date or time in another form comes to the wall time of the series.
@pytest.mark.parametrize(
    ("line", "start", "deleted"),
    [
        ("EXDATE:20260701T073000Z", BERLIN, ("20260701T093000",)),
        ("EXDATE:20260201T083000Z", BERLIN, ("20260201T093000",)),
        ("EXDATE:20260701T093000", BERLIN, ("20260701T093000",)),
        ("EXDATE;TZID=America/New_York:20260701T033000", BERLIN, ("20260701T093000",)),
        ('exdate;tzid="America/New_York":20260701t033000', BERLIN, ("20260701T093000",)),
        ("EXDATE;VALUE=DATE-TIME;TZID=Europe/Berlin:20260701T093000", BERLIN, ("20260701T093000",)),
        ("EXDATE;VALUE=DATE:20260701", BERLIN, ("20260701T093000",)),
        ("EXDATE;TZID=Asia/Tokyo:20260701T000000", DAY, ("20260701",)),
        ("EXDATE:20260701T000000Z,20260701", DAY, ("20260701",)),
    ],
)
def test_other_forms_of_dates(line: str, start: When, deleted: tuple[str, ...]) -> None:
    assert read_lines(["RRULE:FREQ=DAILY", line], start) == (Recurrence((DAILY,)), deleted)


def test_without_a_rule_the_start_counts_too() -> None:
    assert read_lines(["RDATE:20260301T080000Z"], BERLIN)[0].dates == (BERLIN.wall, wall("2026-03-01T09:00"))


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["EXRULE:FREQ=WEEKLY"], "EXRULE is not supported"),
        (["DTSTART:20260131T093000Z"], "DTSTART does not belong"),
        (["DTEND;TZID=Europe/Berlin:20260131T093000"], "DTEND does not belong"),
        (["SUMMARY:standup"], "'SUMMARY' is not known"),
        (["FREQ=DAILY"], "cannot be read"),
        ([""], "cannot be read"),
        (["EXDATE"], "cannot be read"),
        (['EXDATE;TZID="Europe/Berlin:20260131T093000'], "cannot be read"),
        (["EXDATE:"], "is not a date or a time"),
        (["EXDATE:20260131,"], "is not a date or a time"),
        (["RDATE;VALUE=PERIOD:20260131T093000Z/PT1H"], "periods"),
        (["RRULE:FREQ=DAILY"] * 9, "more than 8 rules"),
        (["RRULE:FREQ=DAILY"] * 1001, "too many lines"),
        (["RDATE:" + ",".join(["20260131"] * 1001)], "more than 1000 dates"),
    ],
)
def test_recurrence_lines_that_are_refused(lines: list[str], why: str) -> None:
    with pytest.raises(InvalidRecurrence, match=why):
        read_lines(lines, BERLIN)


def test_unknown_zones_are_refused() -> None:
    for name in ("Mars/Olympus", "Eastern Standard Time"):
        with pytest.raises(InvalidRecurrence):
            read_lines([f"EXDATE;TZID={name}:20260131T093000"], BERLIN)


# --- laws ------------------------------------------------------------------------------------------


def some(low: int, high: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(st.integers(low, high).filter(bool), max_size=3).map(tuple)


ends = st.one_of(
    st.none(),
    st.integers(1, 10_000),
    # Not within the hours in which clocks change: an instant there has two wall times, or none of its own.
    st.integers(0, 9_000).map(lambda day: wall("2026-01-31T12:00") + timedelta(days=day)),
)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    end = draw(ends)
    return Rule(
        freq=draw(st.sampled_from(Freq)),
        interval=draw(st.integers(1, 99)),
        count=end if isinstance(end, int) else None,
        until=end if isinstance(end, datetime) else None,
        by_day=tuple(draw(st.lists(st.builds(WeekdayNth, st.sampled_from(Weekday), st.integers(-5, 5)), max_size=3))),
        by_month_day=draw(some(-31, 31)),
        by_year_day=draw(some(-366, 366)),
        by_week_no=draw(some(-53, 53)),
        by_month=draw(some(1, 12)),
        by_hour=draw(some(1, 23)),
        by_minute=draw(some(1, 59)),
        by_set_pos=draw(some(-366, 366).filter(lambda places: places != (-1,))),  # (-1,) may mean a clamped day
        week_start=draw(st.sampled_from(Weekday)),
    )


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(rules(), st.sampled_from([BERLIN, UTC, Timed(BERLIN.wall, "America/Sao_Paulo")]))
def test_law_a_rule_comes_back(rule: Rule, start: When) -> None:
    assert read(write(rule, start), start) == rule


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(
    st.lists(rules(), min_size=1, max_size=3),
    st.lists(ends.filter(lambda end: isinstance(end, datetime)), max_size=3, unique=True),
    st.sampled_from([BERLIN, UTC]),
)
def test_law_lines_come_back(several: list[Rule], dates: list[datetime], start: When) -> None:
    whole = Recurrence(tuple(several), tuple(sorted(dates)))
    deleted = tuple(sorted(f"{one:%Y%m%dT%H%M%S}" for one in dates))
    assert read_lines(write_lines(whole, deleted, start), start) == (whole, deleted)


@settings(deadline=None, max_examples=300)
@given(
    st.one_of(
        st.text(),
        st.from_regex(r"(RRULE|RDATE|EXDATE)(;(TZID|VALUE)=[\w/]{0,9})?:[A-Z0-9=;,+-]{0,30}", fullmatch=True),
        st.from_regex(r"RRULE:FREQ=(DAILY|YEARLY)(;[A-Z]{0,10}=[-+0-9TZA-Y,]{0,20}){0,3}", fullmatch=True),
    ),
    st.sampled_from([BERLIN, UTC, DAY]),
)
def test_law_any_line_is_read_or_refused(line: str, start: When) -> None:
    with suppress(InvalidRecurrence, InvalidTimeZone, InvalidRange):
        read_lines([line], start)
