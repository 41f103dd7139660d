"""Which recurrences no series may be begun with, and which it may."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from rsvpd.calendar import rule_check
from rsvpd.calendar.event import Timed
from rsvpd.calendar.recurrence import LATEST
from rsvpd.calendar.rule import Freq, Recurrence, Rule, Weekday, WeekdayNth
from rsvpd.errors import InvalidRecurrence
from rsvpd.ical import rrule

wall = datetime.fromisoformat
NOON = wall("2026-01-01T12:00")  # a Thursday


def rule(text: str) -> Rule:
    return rrule.read(text, Timed(NOON))


def first(count: int) -> str:
    """Return so many hours or minutes: `0,1,2`."""
    return ",".join(map(str, range(count)))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("FREQ=DAILY;INTERVAL=0", "interval"),
        ("FREQ=DAILY;INTERVAL=-1", "interval"),
        ("FREQ=DAILY;INTERVAL=99999", "interval"),
        ("FREQ=DAILY;COUNT=0", "number of occurrences"),
        ("FREQ=DAILY;COUNT=999999", "number of occurrences"),
        ("FREQ=DAILY;UNTIL=20251231T000000Z", "ends before it starts"),
        ("FREQ=WEEKLY;BYDAY=MO;UNTIL=20260103T000000Z", "no occurrence before it ends"),
        # It stands where the start is, but the start is no Monday.
        ("FREQ=WEEKLY;BYDAY=MO;UNTIL=20260101T120000Z", "no occurrence before it ends"),
        ("FREQ=YEARLY;BYMONTH=13", "BYMONTH=13"),
        ("FREQ=YEARLY;BYMONTH=0", "BYMONTH=0"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY=32"),
        ("FREQ=MONTHLY;BYMONTHDAY=-32", "BYMONTHDAY=-32"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY=0"),
        ("FREQ=YEARLY;BYYEARDAY=367", "BYYEARDAY=367"),
        ("FREQ=YEARLY;BYYEARDAY=-367", "BYYEARDAY=-367"),
        ("FREQ=YEARLY;BYYEARDAY=0", "BYYEARDAY=0"),
        ("FREQ=YEARLY;BYWEEKNO=54", "BYWEEKNO=54"),
        ("FREQ=YEARLY;BYWEEKNO=-54", "BYWEEKNO=-54"),
        ("FREQ=YEARLY;BYWEEKNO=0", "BYWEEKNO=0"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR=24"),
        ("FREQ=DAILY;BYHOUR=-1", "BYHOUR=-1"),
        ("FREQ=DAILY;BYMINUTE=60", "BYMINUTE=60"),
        ("FREQ=DAILY;BYMINUTE=-1", "BYMINUTE=-1"),
        ("FREQ=YEARLY;BYMONTH=1;BYSETPOS=367", "BYSETPOS=367"),
        ("FREQ=YEARLY;BYMONTH=1;BYSETPOS=-367", "BYSETPOS=-367"),
        ("FREQ=YEARLY;BYMONTH=1;BYSETPOS=0", "BYSETPOS=0"),
        ("FREQ=MONTHLY;BYDAY=6MO", "BYDAY number 6"),
        ("FREQ=MONTHLY;BYDAY=-6MO", "BYDAY number -6"),
        ("FREQ=YEARLY;BYDAY=54MO", "BYDAY number 54"),
        ("FREQ=YEARLY;BYDAY=-54MO", "BYDAY number -54"),
        ("FREQ=YEARLY;BYWEEKNO=3;BYDAY=1MO", "BYWEEKNO"),
        ("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS needs"),
    ],
)
def test_rules_that_make_no_sense(text: str, why: str) -> None:
    with pytest.raises(InvalidRecurrence, match=why):
        rule_check.check(Recurrence((rule(text),)), NOON)


@pytest.mark.parametrize(
    ("part", "freqs"),
    [
        ("BYDAY=1MO", "HOURLY DAILY WEEKLY"),
        ("BYMONTHDAY=1", "WEEKLY"),
        ("BYYEARDAY=1", "DAILY WEEKLY MONTHLY"),
        ("BYWEEKNO=1", "HOURLY DAILY WEEKLY MONTHLY"),
        ("BYMONTH=1", ""),
        ("BYHOUR=12", ""),
        ("BYMINUTE=0", ""),
        ("BYDAY=MO", ""),
    ],
)
def test_which_parts_go_with_which_frequency(part: str, freqs: str) -> None:
    """RFC 5545 3.3.10, the table of BYxxx rule parts: N/A, and what the text says of numbered days."""
    refused = freqs.split()
    for freq in ("HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        one = rule(f"FREQ={freq};{part}")
        if freq in refused:
            with pytest.raises(InvalidRecurrence, match=f"does not go with FREQ={freq}"):
                rule_check.check_rule(one)
        else:
            rule_check.check_rule(one)


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY;INTERVAL=1;COUNT=1",
        "FREQ=DAILY;INTERVAL=10000;COUNT=10000",
        "FREQ=DAILY;UNTIL=20260101T120000Z",
        "FREQ=YEARLY;BYMONTH=1,12",
        "FREQ=MONTHLY;BYMONTHDAY=1,31,-1,-31",
        "FREQ=YEARLY;BYYEARDAY=1,366,-1,-366",
        "FREQ=YEARLY;BYWEEKNO=1,53,-1,-53",
        "FREQ=DAILY;BYHOUR=0,23;BYMINUTE=0,59",
        "FREQ=YEARLY;BYMONTH=1;BYSETPOS=1,366,-1,-366",
        "FREQ=MONTHLY;BYDAY=1MO,5MO,-1MO,-5MO",
        "FREQ=YEARLY;BYDAY=1MO,53MO,-1MO,-53MO",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1",
    ],
)
def test_rules_with_as_much_as_may_stand_in_them(text: str) -> None:
    rule_check.check(Recurrence((rule(text),)), NOON)


@pytest.mark.parametrize(
    ("freqs", "others"),
    [
        ((Freq.MONTHLY, Freq.YEARLY), {"by_day": (WeekdayNth(Weekday.MO),)}),
        ((Freq.MONTHLY, Freq.YEARLY), {"by_month": (1, 2)}),
        ((Freq.MONTHLY, Freq.YEARLY), {"by_set_pos": (1,)}),
        ((Freq.YEARLY,), {"by_year_day": (31,)}),
        ((Freq.YEARLY,), {"by_week_no": (5,)}),
    ],
)
def test_the_last_day_of_shorter_months_goes_with_nothing_else(freqs: tuple[Freq, ...], others: dict[str, Any]) -> None:
    """Graph, recurrencePattern: absoluteMonthly and absoluteYearly have a day of the month, and a month."""
    for freq in freqs:
        pattern = Rule(freq=freq, by_month=(1,), by_month_day=(31,), clamp=True)
        rule_check.check(Recurrence((pattern,)), NOON)
        with pytest.raises(InvalidRecurrence, match="last day"):
            rule_check.check(Recurrence((replace(pattern, **others),)), NOON)


@pytest.mark.parametrize(
    "whole",
    [
        Recurrence(),
        Recurrence((), tuple(NOON + timedelta(days=n) for n in range(1001))),
        Recurrence((), (wall("1850-01-01"),)),
        Recurrence((), (NOON - timedelta(days=1),)),
        Recurrence((rule("FREQ=DAILY"), rule("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"))),
        Recurrence((Rule(freq=Freq.DAILY, count=1, until=NOON),)),
        Recurrence((Rule(freq=Freq.DAILY, until=wall("9999-01-01")),)),
        Recurrence((Rule(freq=Freq.DAILY, by_month_day=(31,), clamp=True),)),
        Recurrence((Rule(freq=Freq.MONTHLY, by_month_day=(30, 31), clamp=True),)),
    ],
)
def test_recurrences_that_make_no_sense(whole: Recurrence) -> None:
    with pytest.raises(InvalidRecurrence):
        rule_check.check(whole, NOON)


@pytest.mark.parametrize(
    "whole",
    [
        pytest.param(Recurrence((), tuple(NOON + timedelta(days=n) for n in range(1000))), id="a thousand dates"),
        pytest.param(Recurrence((Rule(freq=Freq.DAILY, until=LATEST),)), id="until the end of the year 2200"),
        pytest.param(Recurrence((), (NOON, LATEST)), id="to the last moment"),
    ],
)
def test_as_much_as_a_series_may_have(whole: Recurrence) -> None:
    rule_check.check(whole, NOON)


def test_a_series_may_be_made_of_dates_alone() -> None:
    """RFC 5545 3.8.5.2: RDATE needs no RRULE beside it."""
    rule_check.check(Recurrence((), (NOON, NOON + timedelta(days=3))), NOON)
    with pytest.raises(InvalidRecurrence, match="neither a rule nor a date"):
        rule_check.check(Recurrence(), NOON)


def test_a_series_has_eight_rules_at_most() -> None:
    rule_check.check(Recurrence((rule("FREQ=DAILY"),) * 8), NOON)
    with pytest.raises(InvalidRecurrence, match="more than 8 rules"):
        rule_check.check(Recurrence((rule("FREQ=DAILY"),) * 9), NOON)


def test_a_weekday_without_a_number_is_each_one() -> None:
    rule_check.check_rule(Rule(freq=Freq.WEEKLY, by_day=(WeekdayNth(Weekday.MO),)))


def test_a_start_outside_the_years_of_calendars_is_refused() -> None:
    rule_check.check(Recurrence((rule("FREQ=DAILY"),)), wall("1900-01-01"))
    with pytest.raises(InvalidRecurrence, match="1900 to 2200"):
        rule_check.check(Recurrence((rule("FREQ=DAILY"),)), wall("1899-12-31T23:59:59"))


# --- how many a day -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "most"),
    [
        pytest.param("FREQ=DAILY;BYHOUR=" + first(5), 50, id="hours of a day by minutes"),
        pytest.param("FREQ=DAILY;BYHOUR=1,3,1,5,5,8,9", 50, id="hours said twice"),
        pytest.param("FREQ=YEARLY;BYHOUR=" + first(24), 10, id="hours of a day of the year"),
        pytest.param("FREQ=HOURLY", 10, id="each hour"),
        pytest.param("FREQ=HOURLY;INTERVAL=2", 20, id="each second hour"),
        pytest.param("FREQ=HOURLY;INTERVAL=5", 50, id="0, 5, 10, 15 and 20 o'clock, if the day begins so"),
        pytest.param("FREQ=HOURLY;INTERVAL=24", 60, id="once a day"),
        pytest.param("FREQ=HOURLY;INTERVAL=36", 60, id="every other day or so"),
        pytest.param("FREQ=HOURLY;BYHOUR=9", 60, id="one hour of a day"),
        pytest.param("FREQ=HOURLY;BYHOUR=9,10,11,12,13", 50, id="five hours of a day"),
        pytest.param("FREQ=HOURLY;BYHOUR=9,10,12,9,10,12", 60, id="three, said twice"),
        pytest.param("FREQ=HOURLY;INTERVAL=3;BYHOUR=0,3,6,9,12,1,2", 50, id="five that lie three apart"),
        pytest.param("FREQ=HOURLY;INTERVAL=5;BYHOUR=0,1,2,3,4,12", 60, id="two that lie five apart"),
    ],
)
def test_how_often_a_rule_may_come(text: str, most: int) -> None:
    """250 a day at most; `most` is how many minutes of each hour that makes, of 60."""
    rule_check.check(Recurrence((rule(f"{text};BYMINUTE={first(most)}"),)), NOON)
    if most < 60:
        with pytest.raises(InvalidRecurrence, match="at most 250 occurrences a day"):
            rule_check.check(Recurrence((rule(f"{text};BYMINUTE={first(most + 1)}"),)), NOON)


def test_minutes_said_twice_are_one() -> None:
    rule_check.check(Recurrence((rule(f"FREQ=HOURLY;BYMINUTE={first(10)},{first(10)}"),)), NOON)


def minutes(count: int) -> tuple[datetime, ...]:
    return tuple(NOON + timedelta(minutes=one) for one in range(count))


@pytest.mark.parametrize(
    ("most", "too_many"),
    [
        pytest.param(Recurrence((), minutes(250)), Recurrence((), minutes(251)), id="dates"),
        pytest.param(
            Recurrence((), (*minutes(250), NOON + timedelta(days=1))),
            Recurrence((), (*minutes(251), NOON + timedelta(days=1))),
            id="the most of one day",
        ),
        pytest.param(
            Recurrence((rule("FREQ=HOURLY"),) * 2, minutes(202)),
            Recurrence((rule("FREQ=HOURLY"),) * 2, minutes(203)),
            id="rules and dates together",
        ),
        pytest.param(
            Recurrence((rule(f"FREQ=HOURLY;BYHOUR=9,12;BYMINUTE={first(29)}"), rule("FREQ=HOURLY")) * 3),
            Recurrence((rule(f"FREQ=HOURLY;BYHOUR=9,12;BYMINUTE={first(30)}"), rule("FREQ=HOURLY")) * 3),
            id="several rules",
        ),
        pytest.param(
            Recurrence((rule(f"FREQ=DAILY;BYMINUTE={first(31)}"),) * 8),
            Recurrence((rule(f"FREQ=DAILY;BYMINUTE={first(32)}"),) * 8),
            id="minutes of the start's hour",
        ),
    ],
)
def test_how_much_may_come_on_one_day(most: Recurrence, too_many: Recurrence) -> None:
    rule_check.check(most, NOON)
    with pytest.raises(InvalidRecurrence, match="at most 250 occurrences a day"):
        rule_check.check(too_many, NOON)
