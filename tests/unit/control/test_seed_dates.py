"""Dates and repetitions as people say them; and what is said of those that cannot be."""

from __future__ import annotations

from datetime import date

import pytest

from rsvpd.calendar.event import AllDay, Timed
from rsvpd.clock import parse_instant
from rsvpd.control.seeds.dates import Base, read_instant, read_moment
from rsvpd.control.seeds.repeats import read_repeats
from rsvpd.errors import DomainError
from rsvpd.ical.rrule import write

# A Wednesday, 10:17 in Berlin.
BERLIN = Base(parse_instant("2026-11-25T09:17:42Z"), "Europe/Berlin")


def shown(text: str, base: Base = BERLIN) -> str:
    found = read_moment(text, base)
    if isinstance(found.start, AllDay):
        return found.start.day.isoformat()
    zone = "" if found.start.zone == base.zone else f" {found.start.zone}"
    end = f"-{found.end.wall:%H:%M}" if found.end else ""
    return f"{found.start.wall:%Y-%m-%d %H:%M}{end}{zone}"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("today 10:00", "2026-11-25 10:00"),
        ("Tomorrow 9:00", "2026-11-26 09:00"),
        ("yesterday 23:59", "2026-11-24 23:59"),
        ("tomorrow 10:00-11:30", "2026-11-26 10:00-11:30"),
        ("tomorrow", "2026-11-26"),
        ("+3d 09:30", "2026-11-28 09:30"),
        ("-2w 09:30", "2026-11-11 09:30"),
        ("+1w", "2026-12-02"),
        ("friday 15:00", "2026-11-27 15:00"),
        ("wednesday 09:00", "2026-12-02 09:00"),
        ("mon 09:00", "2026-11-30 09:00"),
        ("last friday 15:00", "2026-11-20 15:00"),
        ("last wednesday", "2026-11-18"),
        ("next friday 15:00", "2026-12-04 15:00"),
        ("next monday", "2026-11-30"),
        ("first monday of next month 09:00", "2026-12-07 09:00"),
        ("last friday of this month", "2026-11-27"),
        ("last day of last month", "2026-10-31"),
        ("third tuesday of last month", "2026-10-20"),
        ("2026-12-07 10:00", "2026-12-07 10:00"),
        ("2026-12-07T10:00", "2026-12-07 10:00"),
        ("2026-12-07T10:00:00Z", "2026-12-07 11:00"),
        ("2026-12-07T10:00+05:30", "2026-12-07 05:30"),
        ("2026-12-07", "2026-12-07"),
        ("tomorrow 10:00 Asia/Kolkata", "2026-11-26 10:00 Asia/Kolkata"),
        ("tomorrow 10:00 utc", "2026-11-26 10:00 UTC"),
        ("now", "2026-11-25 10:17"),
        ("-20m", "2026-11-25 09:57"),
        ("+2h", "2026-11-25 12:17"),
        ("-5d 11:12", "2026-11-20 11:12"),
    ],
)
def test_a_date_as_people_say_it(text, meant):
    assert shown(text) == meant


def test_the_day_is_that_of_the_zone():
    late = parse_instant("2026-11-25T23:30:00Z")
    assert shown("today", Base(late, "Asia/Kolkata")) == "2026-11-26"
    assert shown("today", Base(late, "America/New_York")) == "2026-11-25"
    assert shown("today 08:00 Asia/Kolkata", Base(late, "UTC")) == "2026-11-26 08:00 Asia/Kolkata"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tomorow 10:00", "did you mean tomorrow"),
        ("fridya 10:00", "did you mean friday"),
        ("tomorrow 25:00", "there is no 25:00"),
        ("tomorrow 10:75", "there is no 10:75"),
        ("2026-02-30 10:00", "there is no 2026-02-30"),
        ("2026-11-25T10:00 tomorrow", "comes nothing but a zone"),
        ("0001-01-01 10:00", "beyond the years"),
        ("+99999w 10:00", "beyond the years"),
        ("tomorrow 11:00-10:00", "ends before it begins"),
        ("2027-03-28 02:30", "never show 02:30"),
        ("tomorrow 10:00 Europe/Berln", "did you mean Europe/Berlin"),
        ("+2h 10:00", "comes nothing"),
        ("fifth monday of next month", "is no date"),
        ("10:00", "is no date"),
        ("", "nothing is said"),
    ],
)
def test_a_date_that_cannot_be(text, said):
    with pytest.raises(DomainError) as refused:
        read_moment(text, BERLIN)
    assert said in refused.value.message


@pytest.mark.parametrize(("text", "said"), [("tomorrow", "no time"), ("tomorrow 10:00-11:00", "has an end")])
def test_an_instant_is_one_time(text, said):
    with pytest.raises(DomainError) as refused:
        read_instant(text, BERLIN)
    assert said in refused.value.message


START = Timed(read_moment("2026-11-30 09:30", BERLIN).start.wall, "Europe/Berlin")


def repeated(text: str) -> str:
    (rule,) = read_repeats(text, START, lambda day: date.fromisoformat(day)).rules
    return write(rule, START).removeprefix("RRULE:")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("daily", "FREQ=DAILY"),
        ("every day 5 times", "FREQ=DAILY;COUNT=5"),
        ("every 3 days", "FREQ=DAILY;INTERVAL=3"),
        ("weekly", "FREQ=WEEKLY"),
        ("every monday", "FREQ=WEEKLY;BYDAY=MO"),
        ("Every Mon, Wed and Fri", "FREQ=WEEKLY;BYDAY=MO,WE,FR"),
        ("every weekday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("every other week", "FREQ=WEEKLY;INTERVAL=2"),
        ("every 2 weeks on tue and thu", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH"),
        ("weekly on mon until 2026-12-21", "FREQ=WEEKLY;UNTIL=20261221T225959Z;BYDAY=MO"),
        ("monthly", "FREQ=MONTHLY"),
        ("monthly on the 15th", "FREQ=MONTHLY;BYMONTHDAY=15"),
        ("every month on day 3", "FREQ=MONTHLY;BYMONTHDAY=3"),
        ("monthly on the first monday", "FREQ=MONTHLY;BYDAY=1MO"),
        ("every 3 months on the last friday, 4 times", "FREQ=MONTHLY;COUNT=4;INTERVAL=3;BYDAY=-1FR"),
        ("monthly on the last day", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("yearly", "FREQ=YEARLY"),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3", "FREQ=WEEKLY;COUNT=3;BYDAY=MO"),
        ("freq=daily;interval=2", "FREQ=DAILY;INTERVAL=2"),
    ],
)
def test_a_series_in_words(text, rule):
    assert repeated(text) == rule


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sometimes", "is no way to repeat"),
        ("every blue moon", "is no way to repeat"),
        ("every 0 weeks", "interval"),
        ("daily on monday", "is no way to repeat"),
        ("monthly on the 32nd", "no month has a day 32"),
        ("weekly until 2026-11-01", "before it begins"),
        ("RRULE:FREQ=FORTNIGHTLY", "FORTNIGHTLY"),
        ("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never matches"),
    ],
)
def test_a_series_that_cannot_be(text, said):
    with pytest.raises(DomainError) as refused:
        repeated(text)
    assert said in refused.value.message
