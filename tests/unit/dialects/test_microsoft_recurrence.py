"""patternedRecurrence: the six patterns and three ranges, read and written."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsvpd.calendar.event import AllDay, Timed, When
from rsvpd.calendar.recurrence import starts
from rsvpd.calendar.rule import Freq, Recurrence, Rule, Weekday, WeekdayNth
from rsvpd.dialects.microsoft.vocabulary.recurrence import RANGE, anchor, first_start, read, write
from rsvpd.errors import InvalidRecurrence, InvalidTimeZone
from rsvpd.ical import rrule

wall = datetime.fromisoformat
START = Timed(wall("2026-12-08T09:00"), "Europe/Berlin")  # a Tuesday
DAY = AllDay(date(2026, 12, 8))
NO_END = {"type": "noEnd", "startDate": "2026-12-08"}
DAILY = {"type": "daily", "interval": 1}
WORKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday"]


def nth(*days: Weekday, number: int = 0) -> tuple[WeekdayNth, ...]:
    return tuple(WeekdayNth(day, number) for day in days)


def pattern_of(recurrence: Recurrence, start: When = START) -> dict[str, Any]:
    """Return the pattern that shows a recurrence, without its neutral members."""
    neutral = {"month": 0, "dayOfMonth": 0, "daysOfWeek": [], "index": "first", "firstDayOfWeek": "sunday"}
    pattern = write(recurrence, start)["pattern"]
    return {name: value for name, value in pattern.items() if neutral.get(name) != value}


# Both directions: what a pattern means, and that the meaning is shown as that pattern.
@pytest.mark.parametrize(
    ("pattern", "rule"),
    [
        ({"type": "daily", "interval": 3}, Rule(freq=Freq.DAILY, interval=3)),
        (
            {"type": "weekly", "interval": 2, "daysOfWeek": ["monday", "thursday"], "firstDayOfWeek": "monday"},
            Rule(freq=Freq.WEEKLY, interval=2, by_day=nth(Weekday.MO, Weekday.TH)),
        ),
        (
            {"type": "weekly", "interval": 1, "daysOfWeek": ["sunday"]},
            Rule(freq=Freq.WEEKLY, by_day=nth(Weekday.SU), week_start=Weekday.SU),
        ),
        ({"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 8}, Rule(freq=Freq.MONTHLY, by_month_day=(8,))),
        (
            {"type": "absoluteMonthly", "interval": 2, "dayOfMonth": 31},
            Rule(freq=Freq.MONTHLY, interval=2, by_month_day=(31,), clamp=True),
        ),
        (
            {"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["tuesday"], "index": "second"},
            Rule(freq=Freq.MONTHLY, by_day=nth(Weekday.TU, number=2)),
        ),
        (
            {"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["friday"], "index": "last"},
            Rule(freq=Freq.MONTHLY, by_day=nth(Weekday.FR, number=-1)),
        ),
        (
            {"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["saturday", "sunday"]},
            Rule(freq=Freq.MONTHLY, by_day=nth(Weekday.SA, Weekday.SU), by_set_pos=(1,)),
        ),
        (
            {"type": "relativeMonthly", "interval": 1, "daysOfWeek": WORKDAYS, "index": "last"},
            Rule(freq=Freq.MONTHLY, by_day=nth(*list(Weekday)[:5]), by_set_pos=(-1,)),
        ),
        (
            {"type": "absoluteYearly", "interval": 1, "dayOfMonth": 31, "month": 12},
            Rule(freq=Freq.YEARLY, by_month=(12,), by_month_day=(31,)),
        ),
        (
            {"type": "absoluteYearly", "interval": 1, "dayOfMonth": 29, "month": 2},
            Rule(freq=Freq.YEARLY, by_month=(2,), by_month_day=(29,), clamp=True),
        ),
        (
            {"type": "relativeYearly", "interval": 1, "daysOfWeek": ["thursday"], "index": "fourth", "month": 11},
            Rule(freq=Freq.YEARLY, by_month=(11,), by_day=nth(Weekday.TH, number=4)),
        ),
        (
            {
                "type": "relativeYearly",
                "interval": 1,
                "daysOfWeek": ["monday", "tuesday"],
                "index": "third",
                "month": 1,
            },
            Rule(freq=Freq.YEARLY, by_month=(1,), by_day=nth(Weekday.MO, Weekday.TU), by_set_pos=(3,)),
        ),
    ],
)
def test_patterns(pattern: dict[str, Any], rule: Rule) -> None:
    assert read({"pattern": pattern, "range": NO_END}, START) == Recurrence((rule,))
    assert pattern_of(Recurrence((rule,))) == pattern


@pytest.mark.parametrize(
    ("limits", "start", "fields"),
    [
        ({"type": "noEnd"}, START, {}),
        ({"type": "numbered", "numberOfOccurrences": 10}, START, {"count": 10}),
        ({"type": "endDate", "endDate": "2026-12-31"}, START, {"until": wall("2026-12-31T23:59:59")}),
        ({"type": "endDate", "endDate": "2026-12-31"}, DAY, {"until": wall("2026-12-31")}),
        ({"type": "endDate", "endDate": "2026-12-08"}, START, {"until": wall("2026-12-08T23:59:59")}),
    ],
)
def test_ranges(limits: dict[str, Any], start: When, fields: dict[str, Any]) -> None:
    whole = Recurrence((Rule(freq=Freq.DAILY, **fields),))
    assert read({"pattern": DAILY, "range": {"startDate": "2026-12-08", **limits}}, start) == whole
    shown = write(whole, start)["range"]
    assert {name: shown[name] for name in limits} == limits


def test_a_written_pattern_has_every_member_but_the_days_it_has_not() -> None:
    assert write(Recurrence((Rule(freq=Freq.DAILY),)), START) == {
        "pattern": {
            "type": "daily",
            "interval": 1,
            "month": 0,
            "dayOfMonth": 0,
            "firstDayOfWeek": "sunday",
            "index": "first",
        },
        "range": {
            "type": "noEnd",
            "startDate": "2026-12-08",
            "endDate": "0001-01-01",
            "recurrenceTimeZone": "W. Europe Standard Time",
            "numberOfOccurrences": 0,
        },
    }
    assert write(Recurrence((Rule(freq=Freq.DAILY),)), DAY)["range"]["recurrenceTimeZone"] == "UTC"


def test_case_is_put_on_names_and_words() -> None:
    whole = Recurrence((Rule(freq=Freq.WEEKLY, by_day=nth(Weekday.TU), count=3),))
    known = tuple(name for name in RANGE if name != "recurrenceTimeZone")
    shown = write(whole, START, case=lambda name: name[0].upper() + name[1:], members=known)
    assert list(shown) == ["Pattern", "Range"]
    assert shown["Pattern"]["Type"] == "Weekly"
    assert shown["Pattern"]["DaysOfWeek"] == ["Tuesday"]
    assert (shown["Pattern"]["Index"], shown["Pattern"]["FirstDayOfWeek"]) == ("First", "Monday")
    assert shown["Range"] == {
        "Type": "Numbered",
        "StartDate": "2026-12-08",
        "EndDate": "0001-01-01",
        "NumberOfOccurrences": 3,
    }
    assert read(shown, START) == whole
    assert {name.lower() for name in shown["Range"]} < {name.lower() for name in RANGE}


# What clients send beside the plain form, and still mean every day.
@pytest.mark.parametrize(
    "value",
    [
        {"pattern": DAILY, "range": NO_END},
        {"Pattern": {"Type": "Daily", "Interval": 1}, "Range": {"Type": "NoEnd", "StartDate": "2026-12-08"}},
        {"PATTERN": {"TYPE": "DAILY", "INTERVAL": 1}, "RANGE": {"TYPE": "NOEND", "STARTDATE": "2026-12-08"}},
        {"pattern": DAILY, "range": {**NO_END, "startDate": "2026-12-08T00:00:00Z"}},
        {"pattern": DAILY, "range": {**NO_END, "startDate": "2026-12-01"}},
        {"pattern": DAILY, "range": {**NO_END, "endDate": "0001-01-01", "numberOfOccurrences": 0}},
        {"pattern": DAILY, "range": {**NO_END, "recurrenceTimeZone": "W. Europe Standard Time"}},
        {"pattern": DAILY, "range": {**NO_END, "type": "endDate", "endDate": "9999-12-31"}},
        {"pattern": {**DAILY, "@odata.type": "#x"}, "range": NO_END, "@odata.type": "#y"},
        {
            "pattern": {
                **DAILY,
                "month": 0,
                "dayOfMonth": 0,
                "daysOfWeek": [],
                "index": "First",
                "firstDayOfWeek": "monday",
            },
            "range": NO_END,
        },
        {"pattern": {**DAILY, "month": None, "daysOfWeek": None, "index": None}, "range": NO_END},
    ],
)
def test_other_spellings(value: dict[str, Any]) -> None:
    assert read(value, START) == Recurrence((Rule(freq=Freq.DAILY),))


WEEKLY = {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"]}


@pytest.mark.parametrize(
    ("pattern", "limits", "error", "why"),
    [
        (None, {}, ValueError, "pattern is missing"),
        ("daily", {}, ValueError, "pattern must be an object"),
        ({**DAILY, "color": 1}, {}, ValueError, "no member 'color'"),
        ({"interval": 1}, {}, ValueError, "pattern.type is missing"),
        ({"type": "hourly", "interval": 1}, {}, ValueError, "pattern.type must be one of daily"),
        ({"type": 0, "interval": 1}, {}, ValueError, "pattern.type must be one of daily"),
        ({"type": "daily"}, {}, InvalidRecurrence, "interval is missing"),
        ({"type": "daily", "interval": 0}, {}, InvalidRecurrence, "interval must be at least 1"),
        ({"type": "daily", "interval": "soon"}, {}, ValueError, "interval: a whole number is expected"),
        ({"type": "daily", "interval": 1.5}, {}, ValueError, "interval: a whole number is expected"),
        ({"type": "daily", "interval": True}, {}, ValueError, "interval: a whole number is expected"),
        ({"type": "daily", "interval": 10**9}, {}, InvalidRecurrence, "interval"),
        ({**DAILY, "daysOfWeek": ["monday"]}, {}, InvalidRecurrence, "'daily' has no daysOfWeek"),
        ({**WEEKLY, "dayOfMonth": 3}, {}, InvalidRecurrence, "'weekly' has no dayOfMonth"),
        ({**WEEKLY, "month": 3}, {}, InvalidRecurrence, "'weekly' has no month"),
        ({**WEEKLY, "index": "last"}, {}, InvalidRecurrence, "'weekly' has no index"),
        ({**WEEKLY, "daysOfWeek": []}, {}, InvalidRecurrence, "daysOfWeek is missing"),
        ({**WEEKLY, "daysOfWeek": "monday"}, {}, ValueError, "daysOfWeek must be a list"),
        ({**WEEKLY, "daysOfWeek": ["moonday"]}, {}, ValueError, "daysOfWeek must be one of sunday"),
        ({**WEEKLY, "firstDayOfWeek": "never"}, {}, ValueError, "firstDayOfWeek must be one of sunday"),
        ({"type": "absoluteMonthly", "interval": 1}, {}, InvalidRecurrence, "dayOfMonth is missing"),
        (
            {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 32},
            {},
            InvalidRecurrence,
            "dayOfMonth must be 1 to 31",
        ),
        ({"type": "absoluteYearly", "interval": 1, "dayOfMonth": 1}, {}, InvalidRecurrence, "month is missing"),
        (
            {"type": "absoluteYearly", "interval": 1, "dayOfMonth": 1, "month": 13},
            {},
            InvalidRecurrence,
            "month must be 1 to 12",
        ),
        (
            {"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["monday"], "index": "fifth"},
            {},
            ValueError,
            "index must be one of first",
        ),
        (DAILY, None, ValueError, "range is missing"),
        (DAILY, {"type": "forever"}, ValueError, "range.type must be one of endDate"),
        (DAILY, {"startDate": None}, InvalidRecurrence, "range.startDate is missing"),
        (DAILY, {"startDate": "tomorrow"}, ValueError, "range.startDate must be a date"),
        (DAILY, {"startDate": 20261208}, ValueError, "range.startDate must be a date"),
        (DAILY, {"startDate": "2026-13-08"}, ValueError, "month"),
        (DAILY, {"type": "endDate"}, InvalidRecurrence, "range.endDate is missing"),
        (DAILY, {"type": "endDate", "endDate": "2026-12-07"}, InvalidRecurrence, "lies before the start"),
        (DAILY, {"type": "numbered"}, InvalidRecurrence, "numberOfOccurrences is missing"),
        (
            DAILY,
            {"type": "numbered", "numberOfOccurrences": 0},
            InvalidRecurrence,
            "numberOfOccurrences must be at least 1",
        ),
        (DAILY, {"type": "numbered", "numberOfOccurrences": 10**9}, InvalidRecurrence, "number of occurrences"),
        (WEEKLY, {"type": "endDate", "endDate": "2026-12-09"}, InvalidRecurrence, "no occurrence before it ends"),
    ],
)
def test_what_is_refused(pattern: Any, limits: Any, error: type[Exception], why: str) -> None:
    with pytest.raises(error, match=why):
        read({"pattern": pattern, "range": limits if limits is None else {**NO_END, **limits}}, START)


@pytest.mark.parametrize("value", [None, [], "daily", {"pattern": DAILY, "range": NO_END, "more": 1}])
def test_what_is_no_recurrence_at_all(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^recurrence"):
        read(value, START)


# --- where a series stands ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "first"),
    [
        (DAILY, "2026-12-08T09:00"),
        ({"type": "weekly", "interval": 1, "daysOfWeek": ["thursday"]}, "2026-12-10T09:00"),
        ({"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 5}, "2027-01-05T09:00"),
        ({"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31}, "2026-12-31T09:00"),
        ({"type": "relativeYearly", "interval": 1, "daysOfWeek": ["monday"], "month": 1}, "2027-01-04T09:00"),
    ],
)
def test_the_first_occurrence_moves_to_the_first_match(pattern: dict[str, Any], first: str) -> None:
    whole = read({"pattern": pattern, "range": NO_END}, START)
    assert first_start(whole, START) == Timed(wall(first), "Europe/Berlin")


def test_the_zone_of_the_range_is_the_zone_of_the_series() -> None:
    sent = Timed(wall("2026-12-08T02:00"), "UTC")
    value = {"pattern": DAILY, "range": {**NO_END, "recurrenceTimeZone": "Pacific Standard Time"}}
    assert anchor(value, sent) == Timed(wall("2026-12-07T18:00"), "America/Los_Angeles")
    assert anchor({"pattern": DAILY, "range": NO_END}, sent) == sent
    assert anchor({"pattern": DAILY, "range": {**NO_END, "recurrenceTimeZone": ""}}, sent) == sent
    assert anchor(value, DAY) == DAY
    with pytest.raises(InvalidTimeZone):
        anchor({"pattern": DAILY, "range": {**NO_END, "recurrenceTimeZone": "Mars"}}, sent)
    with pytest.raises(ValueError, match="must be text"):
        anchor({"pattern": DAILY, "range": {**NO_END, "recurrenceTimeZone": 1}}, sent)


# --- rules without a pattern of their own --------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "pattern"),
    [
        # The same days in another word.
        ("FREQ=WEEKLY", {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"], "firstDayOfWeek": "monday"}),
        ("FREQ=DAILY;BYDAY=MO,TU", {"type": "weekly", "interval": 1, "daysOfWeek": ["monday", "tuesday"]}),
        ("FREQ=MONTHLY;BYDAY=MO", {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"]}),
        ("FREQ=MONTHLY", {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 8}),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31}),
        (
            "FREQ=MONTHLY;BYDAY=TU;BYSETPOS=2",
            {"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["tuesday"], "index": "second"},
        ),
        ("FREQ=MONTHLY;BYMONTH=5;BYMONTHDAY=3", {"type": "absoluteYearly", "interval": 1, "dayOfMonth": 3, "month": 5}),
        ("FREQ=DAILY;BYMONTHDAY=3", {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 3}),
        ("FREQ=YEARLY", {"type": "absoluteYearly", "interval": 1, "dayOfMonth": 8, "month": 12}),
        # The nearest there is.
        ("FREQ=HOURLY;INTERVAL=6", {"type": "daily", "interval": 1}),
        ("FREQ=HOURLY;INTERVAL=48", {"type": "daily", "interval": 2}),
        ("FREQ=MONTHLY;BYMONTHDAY=31", {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31}),
        ("FREQ=MONTHLY;BYMONTHDAY=5,15", {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 5}),
        ("FREQ=MONTHLY;BYMONTHDAY=-3", {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 29}),
        ("FREQ=MONTHLY;BYDAY=1MO,3MO", {"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["monday"]}),
        (
            "FREQ=MONTHLY;BYDAY=5MO",
            {"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["monday"], "index": "last"},
        ),
        ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 13}),
        (
            "FREQ=YEARLY;BYMONTH=3,9;BYMONTHDAY=1",
            {"type": "absoluteYearly", "interval": 1, "dayOfMonth": 1, "month": 3},
        ),
        ("FREQ=YEARLY;BYDAY=20MO", {"type": "absoluteYearly", "interval": 1, "dayOfMonth": 8, "month": 12}),
        ("FREQ=YEARLY;BYYEARDAY=100", {"type": "absoluteYearly", "interval": 1, "dayOfMonth": 8, "month": 12}),
        ("FREQ=YEARLY;BYWEEKNO=20", {"type": "absoluteYearly", "interval": 1, "dayOfMonth": 8, "month": 12}),
    ],
)
def test_nearest_pattern(line: str, pattern: dict[str, Any]) -> None:
    assert pattern_of(Recurrence((rrule.read(line, START),))) == pattern


def test_dates_without_a_rule_are_shown_up_to_the_last() -> None:
    shown = write(Recurrence((), (START.wall, wall("2027-01-15T10:00"))), START)
    assert shown["pattern"]["type"] == "daily"
    assert (shown["range"]["type"], shown["range"]["endDate"]) == ("endDate", "2027-01-15")


@pytest.mark.parametrize(
    ("until", "end_date"),
    [
        ("2026-12-31T23:59:59", "2026-12-31"),
        ("2026-12-31T09:00", "2026-12-31"),
        ("2026-12-31T08:59:59", "2026-12-30"),
        ("2026-12-31T00:00", "2026-12-30"),
        ("2026-12-01T00:00", "2026-12-08"),
    ],
)
def test_the_end_date_is_the_last_day_with_an_occurrence(until: str, end_date: str) -> None:
    shown = write(Recurrence((Rule(freq=Freq.DAILY, until=wall(until)),)), START)
    assert shown["range"]["endDate"] == end_date


# --- laws --------------------------------------------------------------------------------------------

days_of_week = st.lists(st.sampled_from(["sunday", "saturday", *WORKDAYS]), min_size=1, max_size=7, unique=True)
indexes = st.sampled_from(["first", "second", "third", "fourth", "last"])
# Monthly and yearly days up to 31, also where the month has fewer.
members = {
    "daily": st.just({}),
    "weekly": st.fixed_dictionaries(
        {"daysOfWeek": days_of_week, "firstDayOfWeek": st.sampled_from(["sunday", "monday"])}
    ),
    "absoluteMonthly": st.fixed_dictionaries({"dayOfMonth": st.integers(1, 31)}),
    "relativeMonthly": st.fixed_dictionaries({"daysOfWeek": days_of_week, "index": indexes}),
    "absoluteYearly": st.fixed_dictionaries({"dayOfMonth": st.integers(1, 31), "month": st.integers(1, 12)}),
    "relativeYearly": st.fixed_dictionaries(
        {"daysOfWeek": days_of_week, "index": indexes, "month": st.integers(1, 12)}
    ),
}
ranges = st.one_of(
    st.just({"type": "noEnd"}),
    st.integers(1, 999).map(lambda size: {"type": "numbered", "numberOfOccurrences": size}),
    # Far enough for the rarest of these patterns to match before.
    st.integers(36_000, 50_000).map(
        lambda days: {"type": "endDate", "endDate": (date(2026, 12, 8) + timedelta(days)).isoformat()}
    ),
)


@st.composite
def values(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(sorted(members)))
    pattern = {"type": kind, "interval": draw(st.integers(1, 20)), **draw(members[kind])}
    return {"pattern": pattern, "range": {"startDate": "2026-12-08", **draw(ranges)}}


@settings(deadline=None, max_examples=200)
@given(values(), st.sampled_from([START, DAY]))
def test_law_what_was_sent_is_shown_again(value: dict[str, Any], start: When) -> None:
    whole = read(value, start)
    shown = write(whole, start)
    assert read(shown, start) == whole
    for part in ("pattern", "range"):
        assert {name: shown[part][name] for name in value[part]} == value[part]


@settings(deadline=None, max_examples=100)
@given(values())
def test_law_google_shows_the_same_days(value: dict[str, Any]) -> None:
    whole = read(value, START)
    plain, deleted = rrule.read_lines(rrule.write_lines(whole, (), START), START)
    assert deleted == ()
    assert list(islice(starts(plain, START.wall), 50)) == list(islice(starts(whole, START.wall), 50))


lines = st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY", "HOURLY"]).flatmap(
    lambda freq: st.builds(
        lambda parts: ";".join([f"FREQ={freq}", *sorted(parts)]),
        st.sets(
            st.sampled_from(
                ["INTERVAL=3", "BYDAY=MO", "BYMONTHDAY=-31,4", "BYMONTH=2,3", "BYSETPOS=-4,2", "BYHOUR=3", "COUNT=2",
                 "BYYEARDAY=-366", "BYWEEKNO=-53", "WKST=SU"]
            )
        ),
    )
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(lines, st.sampled_from([START, AllDay(date(2027, 3, 31))]))
def test_law_every_rule_is_shown_as_a_pattern_that_can_be_read(line: str, start: When) -> None:
    if isinstance(start, AllDay):
        line = line.replace("HOURLY", "DAILY")
    shown = write(Recurrence((rrule.read(line, start),)), start)
    assert read(shown, start).rules[0].count == (2 if "COUNT=2" in line else None)


scraps = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.sampled_from(["daily", "2026-12-08"])
)
anything = st.one_of(scraps, st.lists(scraps, max_size=2), st.dictionaries(st.text(max_size=3), scraps, max_size=2))


@settings(deadline=None, max_examples=200)
@given(values(), st.sampled_from(["pattern", "range"]), st.data())
def test_law_any_value_is_read_or_refused(value: dict[str, Any], part: str, data: st.DataObject) -> None:
    names = [*value[part], "month", "index", "recurrenceTimeZone", "firstDayOfWeek", "daysOfWeek"]
    broken = {**value, part: {**value[part], data.draw(st.sampled_from(names)): data.draw(anything)}}
    with suppress(ValueError, InvalidRecurrence):
        read(broken, START)
