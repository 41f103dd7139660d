"""VTIMEZONE, read by an independent parser and rule engine, says what the zone database says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from rsvpd.clock import from_datetime
from rsvpd.timezones import vtimezone
from rsvpd.timezones.zone import all_iana_names

YEARS = datetime(1975, 1, 1), datetime(2085, 1, 1)
ZONES = all_iana_names()
# Half hours, southern summers, negative saving, a Saturday that is a Sunday's eve, rules that changed or ended.
AWKWARD = (
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Europe/Dublin", "America/Nuuk",
    "Asia/Jerusalem", "Africa/Casablanca", "Africa/Cairo", "Asia/Gaza", "Europe/Moscow", "America/Sao_Paulo",
    "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Apia", "America/Caracas", "Antarctica/Troll", "Etc/GMT+12",
)  # fmt: skip


def component(lines: list[str]) -> icalendar.Component:
    text = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test", *lines, "END:VCALENDAR", ""])
    (found,) = icalendar.Calendar.from_ical(text).walk("VTIMEZONE")
    return found


def offset(found: icalendar.Component, moment: datetime) -> timedelta:
    """Return the offset by RFC 5545 3.6.5: that of the observance whose onset is the latest."""
    onsets: list[tuple[datetime, timedelta]] = []
    for one in found.subcomponents:
        start, before = one["DTSTART"].dt.replace(tzinfo=None), one["TZOFFSETFROM"].td
        local = moment.replace(tzinfo=None) + before
        onset = start if start <= local else None
        if onset is not None and "RRULE" in one:
            onset = rrulestr(one["RRULE"].to_ical().decode(), dtstart=start).before(local, inc=True)
        if onset is not None:
            onsets.append((onset - before, one["TZOFFSETTO"].td))
    return max(onsets)[1]


def expected(zone: str, moment: datetime) -> timedelta:
    told = moment.astimezone(ZoneInfo(zone)).utcoffset()
    assert told is not None
    return told


def made(zone: str, first: datetime, last: datetime | None) -> icalendar.Component:
    end = None if last is None else from_datetime(last)
    return component(vtimezone.lines(zone, from_datetime(first), end))


def edges(zone: str, first: datetime, last: datetime) -> list[datetime]:
    """Return the seconds around each change of the clocks."""
    found, moment = [], first
    while moment < last:
        following = moment + timedelta(days=1)
        if expected(zone, moment) != expected(zone, following):
            low, high = moment, following
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                low, high = (middle, high) if expected(zone, middle) == expected(zone, low) else (low, middle)
            found += [low, high]
        moment = following
    return found


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(ZONES) | st.sampled_from(AWKWARD),
    st.datetimes(*YEARS, timezones=st.just(UTC)),
    st.integers(0, 1500),
    st.booleans(),
    st.data(),
)
def test_any_instant_of_any_zone(zone, first, days, ends, data):
    last = first + timedelta(days=days)
    found = made(zone, first, last if ends else None)
    for _ in range(5):
        moment = first + timedelta(seconds=data.draw(st.integers(0, days * 86_400)))
        assert offset(found, moment) == expected(zone, moment), (zone, moment)


@pytest.mark.slow
@pytest.mark.parametrize("zone", AWKWARD)
@pytest.mark.parametrize("year", [1999, 2009, 2014, 2026, 2037])
def test_the_seconds_around_each_change(zone, year):
    first, last = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 4, 1, 1, tzinfo=UTC)
    endless, bounded = made(zone, first, None), made(zone, first, last)
    for moment in [first, *edges(zone, first, last)]:
        assert offset(endless, moment) == offset(bounded, moment) == expected(zone, moment), (zone, moment)


@pytest.mark.parametrize(
    ("zone", "rules"),
    [
        ("Europe/Berlin", {"BYMONTH=3;BYDAY=-1SU", "BYMONTH=10;BYDAY=-1SU"}),
        ("America/New_York", {"BYMONTH=3;BYDAY=2SU", "BYMONTH=11;BYDAY=1SU"}),
        ("Europe/Dublin", {"BYMONTH=3;BYDAY=-1SU", "BYMONTH=10;BYDAY=-1SU"}),
        ("America/Nuuk", {"BYMONTH=3;BYMONTHDAY=24,25,26,27,28,29,30;BYDAY=SA", "BYMONTH=10;BYDAY=-1SU"}),
    ],
)
def test_clocks_that_are_set_by_rules_are_two_observances(zone, rules):
    lines = vtimezone.lines(zone, from_datetime(datetime(2026, 6, 1, tzinfo=UTC)), None)
    assert {line.removeprefix("RRULE:FREQ=YEARLY;") for line in lines if line.startswith("RRULE")} == rules
    assert [line for line in lines if line.startswith("BEGIN:")][1:] in (
        ["BEGIN:DAYLIGHT", "BEGIN:STANDARD"], ["BEGIN:STANDARD", "BEGIN:DAYLIGHT"],
    )  # fmt: skip


def test_clocks_that_are_never_set_are_one_observance():
    lines = vtimezone.lines("Asia/Kolkata", from_datetime(datetime(2026, 6, 1, tzinfo=UTC)), None)
    assert lines == [
        "BEGIN:VTIMEZONE", "TZID:Asia/Kolkata", "BEGIN:STANDARD", "DTSTART:19700101T000000",
        "TZOFFSETFROM:+0530", "TZOFFSETTO:+0530", "TZNAME:IST", "END:STANDARD", "END:VTIMEZONE",
    ]  # fmt: skip


def test_a_zone_that_changed_its_rules():
    begin, end = datetime(2010, 6, 1, tzinfo=UTC), datetime(2015, 6, 1, tzinfo=UTC)
    found = made("Europe/Moscow", begin, end)
    assert offset(found, datetime(2010, 12, 1, tzinfo=UTC)) == timedelta(hours=3)
    assert offset(found, datetime(2012, 12, 1, tzinfo=UTC)) == timedelta(hours=4)
    assert offset(found, datetime(2014, 12, 1, tzinfo=UTC)) == timedelta(hours=3)
