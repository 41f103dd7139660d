"""Zone names of both worlds, and the nights when clocks change."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsvpd.calendar.event import AllDay, Timed
from rsvpd.clock import parse_instant
from rsvpd.errors import InvalidRange, InvalidTimeZone
from rsvpd.timezones import zone

ZONES = ("UTC", "Europe/Berlin", "America/Los_Angeles", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kolkata")
instants = st.integers(parse_instant("1975-01-01"), parse_instant("2037-01-01"))


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("w. europe standard TIME", "Europe/Berlin"),
        ("Pacific Standard Time", "America/Los_Angeles"),
        ("Asia/Calcutta", "Asia/Calcutta"),
        ("UTC", "UTC"),
        ("utc", "UTC"),
        ("Etc/UTC", "UTC"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("Etc/GMT+12", "Etc/GMT+12"),
        ("Mid-Atlantic Standard Time", "Etc/GMT+2"),
    ],
)
def test_names_are_found_in_any_case(name: str, found: str) -> None:
    assert zone.find(name) == found


@pytest.mark.parametrize(
    "name",
    ["", " ", "Nowhere/Town", "Customized Time Zone", "tzone://Microsoft/Custom", "localtime", "Factory",
     "../../etc/passwd", "Europe", "\0", "x" * 10_000],
)  # fmt: skip
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(InvalidTimeZone) as refusal:
        zone.find(name)
    assert len(str(refusal.value)) < 160


@pytest.mark.parametrize(
    ("iana", "windows"),
    [
        ("Europe/Berlin", "W. Europe Standard Time"),
        ("Europe/Zurich", "W. Europe Standard Time"),
        ("Asia/Kolkata", "India Standard Time"),
        ("Asia/Calcutta", "India Standard Time"),
        ("US/East-Indiana", "US Eastern Standard Time"),
        ("UTC", "UTC"),
        ("Antarctica/Troll", "Antarctica/Troll"),
    ],
)
def test_windows_name(iana: str, windows: str) -> None:
    assert zone.windows_name(iana) == windows


def test_every_windows_name_comes_back() -> None:
    names = zone.all_windows_names()
    assert len(names) > 130
    assert [name for name in names if zone.windows_name(zone.find(name)) != name] == []


def test_every_iana_name_has_clocks() -> None:
    names = zone.all_iana_names()
    assert len(names) > 500
    assert [name for name in names if abs(zone.offset(0, zone.find(name))) > timedelta(hours=15)] == []


# Clocks around a change: what they show, and the instant meant by it. A time in the gap is read with
# the offset before it, a time that comes twice is the first of the two (RFC 5545 3.3.5).
@pytest.mark.parametrize(
    ("name", "shown", "meant"),
    [
        ("Europe/Berlin", "2026-03-29T01:59", "2026-03-29T00:59Z"),
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:30Z"),  # gap
        ("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00Z"),
        ("Europe/Berlin", "2026-10-25T01:59", "2026-10-24T23:59Z"),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30Z"),  # fold
        ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00Z"),
        ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:30Z"),  # gap
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30Z"),  # fold
        ("Australia/Sydney", "2026-10-04T02:30", "2026-10-03T16:30Z"),  # gap, southern spring
        ("Australia/Sydney", "2026-04-05T02:30", "2026-04-04T15:30Z"),  # fold, southern autumn
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45Z"),  # gap of half an hour
        ("Africa/Cairo", "2026-04-24T00:00", "2026-04-23T22:00Z"),  # gap at midnight
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T22:00Z"),  # a day that never was
        ("Asia/Kolkata", "2026-01-01T00:00", "2025-12-31T18:30Z"),
        ("UTC", "2026-01-01T00:00", "2026-01-01T00:00Z"),
    ],
)
def test_clock_changes(name: str, shown: str, meant: str) -> None:
    assert zone.to_instant(Timed(wall(shown), name)) == parse_instant(meant)


def test_a_fold_mark_says_nothing() -> None:
    second = wall("2026-10-25T02:30").replace(fold=1)
    assert zone.to_instant(Timed(second, "Europe/Berlin")) == parse_instant("2026-10-25T00:30Z")
    assert zone.to_wall(parse_instant("2026-10-25T01:30Z"), "Europe/Berlin").fold == 0


@settings(deadline=None)
@given(instants, st.sampled_from(ZONES))
def test_law_a_wall_time_shown_by_clocks_is_shown_again(instant: int, name: str) -> None:
    shown = zone.to_wall(instant, name)
    meant = zone.to_instant(Timed(shown, name))
    assert shown.tzinfo is None
    assert zone.to_wall(meant, name) == shown
    assert instant - meant in (0, 1_800_000_000, 3_600_000_000)  # in a fold, the first of the two


@settings(deadline=None)
@given(instants, st.sampled_from(ZONES))
def test_law_offset_is_wall_time_less_utc(instant: int, name: str) -> None:
    assert zone.to_wall(instant, name) - zone.to_wall(instant, "UTC") == zone.offset(instant, name)


@settings(deadline=None)
@given(instants, st.sampled_from(ZONES), st.sampled_from(ZONES))
def test_law_shift_keeps_the_instant(instant: int, name: str, other: str) -> None:
    when = Timed(zone.to_wall(instant, name), name)
    shifted = zone.shift(when, other)
    assert isinstance(shifted, Timed)
    assert shifted.zone == other
    assert zone.to_instant(zone.shift(when, "UTC")) == zone.to_instant(when)


def test_shift_shows_a_wall_time_that_exists() -> None:
    in_gap = Timed(wall("2026-03-29T02:30"), "Europe/Berlin")
    assert zone.shift(in_gap, "Europe/Berlin") == Timed(wall("2026-03-29T03:30"), "Europe/Berlin")


def test_dates_float() -> None:
    day = AllDay(date(2026, 12, 8))
    assert zone.shift(day, "Asia/Tokyo") == day
    assert zone.to_instant(day) == parse_instant("2026-12-08T00:00Z")
    assert zone.to_instant(day, floating="Asia/Tokyo") == parse_instant("2026-12-07T15:00Z")


@pytest.mark.parametrize("instant", [10**18, -(10**18), 10**30])
def test_instants_no_calendar_holds_are_refused(instant: int) -> None:
    for name in ("UTC", "Asia/Tokyo"):
        with pytest.raises(InvalidRange):
            zone.to_wall(instant, name)


def test_a_stored_name_nobody_knows_is_refused() -> None:
    with pytest.raises(InvalidTimeZone):
        zone.to_instant(Timed(wall("2026-01-01T00:00"), "No/Where"))


@given(st.datetimes(datetime(1975, 1, 1), datetime(2037, 1, 1)), st.sampled_from(ZONES), st.sampled_from((0, 1)))
def test_utc_is_told_the_same_by_way_of_the_instant(there, name, fold):
    when = Timed(there.replace(second=0, microsecond=0), name, fold)
    assert zone.to_utc(when) == zone.to_wall(zone.to_instant(when), "UTC")


@pytest.mark.parametrize("fold", [0, 1])
@pytest.mark.parametrize("there", ["2026-03-29T02:30:00", "2026-10-25T02:30:00"])
def test_utc_on_the_nights_when_clocks_change(there, fold):
    when = Timed(wall(there), "Europe/Berlin", fold)
    assert zone.to_utc(when) == zone.to_wall(zone.to_instant(when), "UTC")
    assert not zone.to_utc(when).fold


@given(instants, st.sampled_from([*ZONES, "Pacific/Apia"]))
def test_an_instant_told_in_any_zone_is_that_instant(instant, name):
    told = zone.at_instant(instant, name)
    assert zone.to_instant(told) == instant
    assert zone.to_instant(zone.shift(told, "Asia/Tokyo")) == instant
    assert not zone.is_skipped(told.wall, name)


@pytest.mark.parametrize(
    ("instant", "wall", "fold"),
    [
        ("2027-10-31T00:30:00Z", "2027-10-31T02:30", 0),
        ("2027-10-31T01:30:00Z", "2027-10-31T02:30", 1),
        ("2027-10-31T02:00:00Z", "2027-10-31T03:00", 0),
        ("2027-03-28T01:30:00Z", "2027-03-28T03:30", 0),
    ],
)
def test_the_second_time_of_an_hour_that_comes_twice(instant, wall, fold):
    told = zone.at_instant(parse_instant(instant), "Europe/Berlin")
    assert told == Timed(datetime.fromisoformat(wall), "Europe/Berlin", fold)


@pytest.mark.parametrize(
    ("wall", "name", "is_skipped"),
    [
        ("2027-03-28T02:30", "Europe/Berlin", True),
        ("2027-03-28T03:00", "Europe/Berlin", False),
        ("2027-10-31T02:30", "Europe/Berlin", False),
        ("2017-10-15T00:30", "America/Sao_Paulo", True),
        ("2011-12-30T12:00", "Pacific/Apia", True),
        ("2027-10-03T02:15", "Australia/Lord_Howe", True),
        ("2027-03-28T02:30", "UTC", False),
    ],
)
def test_what_clocks_are_set_over(wall, name, is_skipped):
    assert zone.is_skipped(datetime.fromisoformat(wall), name) is is_skipped


def test_windows_names_are_no_iana_names():
    assert zone.find_iana("europe/kyiv") == "Europe/Kyiv"
    assert zone.find_iana("Etc/UTC") == "UTC"
    for name in ("Eastern Standard Time", "tzone://Microsoft/Utc", ""):
        with pytest.raises(InvalidTimeZone):
            zone.find_iana(name)
