"""Occurrences of a series: ids, slots, exceptions, windows, and the nights when clocks change."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rsvpd.calendar import expansion, series
from rsvpd.calendar.event import AllDay, EventKind, Meeting, Status, Timed, When
from rsvpd.calendar.rule import Freq, Recurrence, Rule, Weekday, WeekdayNth
from rsvpd.calendar.series import Occurrence
from rsvpd.clock import Instant, parse_instant
from rsvpd.errors import InvalidRecurrence, ItemNotFound
from rsvpd.timezones.zone import to_instant
from support.standup import (
    BERLIN,
    HOLIDAY,
    HOWE,
    LONDON,
    LUNCH,
    MOVED_AWAY,
    NEW_YORK,
    STANDUP,
    SYDNEY,
    WEEK,
    meeting,
    moved,
    seen,
    when,
    window,
)


def excluded(one: Meeting, start: str, end: str) -> list[Occurrence]:
    looked = expansion.Expansion(one, *window(start, end))
    return [looked.excluded_occurrence(found) for found in looked.excluded_occurrences()]


# --- ids --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("original", "text"),
    [
        (Timed(datetime.fromisoformat("2026-12-08T09:00"), BERLIN), "20261208T090000"),
        (Timed(datetime.fromisoformat("2026-12-08T09:00:07.5"), "UTC"), "20261208T090007"),
        (AllDay(date(2026, 12, 8)), "20261208"),
        (AllDay(date(33, 4, 3)), "00330403"),
    ],
)
def test_recurrence_id(original: When, text: str) -> None:
    assert series.recurrence_id(original) == text
    assert series.day_of(text) == (original.day if isinstance(original, AllDay) else original.wall.date())


@pytest.mark.parametrize(
    ("of", "text"),
    [
        (STANDUP, ""),
        (STANDUP, "20260302"),
        (STANDUP, "2026-03-02T09:00:00"),
        (STANDUP, "20260302T090000Z"),
        (STANDUP, "20260302T090000+0000"),
        (STANDUP, "20260302 090000"),
        (STANDUP, "2026-03-02T0900"),
        (STANDUP, "20261332T090000"),
        (STANDUP, "\N{ARABIC-INDIC DIGIT TWO}" * 8),
        (HOLIDAY, "20260302T000000"),
        (HOLIDAY, "2026-W10"),
    ],
)
def test_texts_that_are_no_recurrence_id(of: Meeting, text: str) -> None:
    assert series.occurrence(of, text) is None
    with pytest.raises(ItemNotFound):
        series.original_start(of, text)
    with pytest.raises(ItemNotFound):
        series.component(of, text)


def test_original_start_is_in_the_zone_of_the_series() -> None:
    assert series.original_start(STANDUP, "20260305T090000") == when("2026-03-05T09:00", BERLIN)
    assert series.original_start(HOLIDAY, "20260406") == when("2026-04-06", "")


@pytest.mark.parametrize(
    ("instant", "found"),
    [
        ("2026-03-26T08:00Z", "20260326T090000"),
        ("2026-03-30T07:00Z", "20260330T090000"),  # summer time
        ("2026-03-30T08:00Z", None),
        ("2026-02-26T08:00Z", None),
        ("1601-01-01T00:00Z", None),
        ("0001-01-01T00:00Z", None),
        ("9999-12-31T23:30Z", None),  # the year 10000 in Berlin
    ],
)
def test_recurrence_id_at_an_instant(instant: str, found: str | None) -> None:
    assert series.recurrence_id_at(STANDUP, parse_instant(instant)) == found


def test_recurrence_id_at_an_instant_inside_a_gap() -> None:
    nightly = meeting("2026-03-28T02:30", "2026-03-28T03:00", "FREQ=DAILY")
    assert series.recurrence_id_at(nightly, parse_instant("2026-03-29T01:30Z")) == "20260329T023000"


@pytest.mark.parametrize(("start", "name"), [("1900-01-01T00:00", "19000101T000000"),
                                            ("2200-12-31T23:59:59", "22001231T235959")])  # fmt: skip
def test_the_first_and_the_last_instant_of_a_series(start: str, name: str) -> None:
    one = meeting(start, start, "FREQ=DAILY;COUNT=1", zone="UTC")
    assert series.recurrence_id_at(one, parse_instant(start)) == name


def test_parts_of_a_second_are_not_in_a_recurrence_id() -> None:
    one = meeting("2026-03-02T09:00:00.5", "2026-03-02T09:15:00.5", "FREQ=DAILY;COUNT=2")
    assert seen(one, "2026-03-01", "2026-03-09") == ["20260302T090000", "20260303T090000"]
    assert series.follows(one, "20260303T090000")


def test_a_series_of_days_has_no_instants_to_go_by() -> None:
    assert series.recurrence_id_at(HOLIDAY, parse_instant("2026-03-02T00:00Z")) is None


# --- single occurrences -------------------------------------------------------------------------


def test_an_occurrence_is_the_series_shifted() -> None:
    found = series.occurrence(STANDUP, "20260330T090000")
    assert found == Occurrence(
        "20260330T090000",
        0,
        replace(STANDUP.event, start=when("2026-03-30T09:00", BERLIN), end=when("2026-03-30T09:15", BERLIN)),
        EventKind.OCCURRENCE,
        when("2026-03-30T09:00", BERLIN),
        *window("2026-03-30T07:00Z", "2026-03-30T07:15Z"),
    )
    assert series.component(STANDUP, "20260330T090000") == found.event


def test_an_exception_stands_for_its_occurrence() -> None:
    other = moved("2026-03-06T10:00", "2026-03-06T11:00")
    one = replace(STANDUP, exceptions={"20260305T090000": other})
    found = series.occurrence(one, "20260305T090000")
    assert found is not None
    assert (found.kind, found.event, found.original_start) == (
        EventKind.EXCEPTION,
        other,
        when("2026-03-05T09:00", BERLIN),
    )
    assert (found.start, found.end) == window("2026-03-06T09:00Z", "2026-03-06T10:00Z")
    assert series.component(one, "20260305T090000") == other
    assert series.component(one, None) == one.event


def test_an_exception_the_rule_no_longer_knows_is_still_an_occurrence() -> None:
    one = replace(STANDUP, exceptions={"20260304T090000": moved("2026-03-04T10:00", "2026-03-04T11:00")})
    assert seen(one, "2026-03-02", "2026-03-06") == ["20260302T090000", "20260304T090000", "20260305T090000"]
    assert series.occurrence(one, "20260304T090000") is not None


@pytest.mark.parametrize("gone", ["20260305T090000", "20260303T090000", "20260305T090001", "20260223T090000"])
def test_what_is_deleted_or_never_was_is_not_found(gone: str) -> None:
    one = replace(STANDUP, deleted=("20260305T090000",))
    assert series.occurrence(one, gone) is None
    with pytest.raises(ItemNotFound):
        series.component(one, gone)


def test_what_is_deleted_can_be_shown_as_cancelled() -> None:
    one = meeting("2026-12-07T09:00", "2026-12-07T10:00", "RRULE:FREQ=DAILY;COUNT=4", deleted=("20261208T090000",))
    (gone,) = excluded(one, "2026-12-07T00:00", "2026-12-12T00:00")
    assert (gone.recurrence_id, gone.kind, gone.event.status) == (
        "20261208T090000", EventKind.EXCEPTION, Status.CANCELLED,
    )  # fmt: skip
    assert (gone.event.start, gone.event.end) == (when("2026-12-08T09:00", BERLIN), when("2026-12-08T10:00", BERLIN))
    assert series.excluded_occurrence(one, "20261208T090000") == gone
    before = replace(one, exceptions={"20261208T090000": moved("2026-12-09T12:00", "2026-12-09T13:00")})
    assert series.excluded_occurrence(before, "20261208T090000") == gone, "where the series has it"
    assert series.excluded_occurrence(one, "20261209T090000") is None, "it takes place"
    assert not excluded(one, "2026-12-09T00:00", "2026-12-12T00:00")
    unruly = replace(one, deleted=("20270101T090000",))
    assert not excluded(unruly, "2026-12-07T00:00", "2027-12-12T00:00")
    assert series.excluded_occurrence(unruly, "20270101T090000") is None, "it never did"


def test_a_single_meeting_has_no_occurrences() -> None:
    assert series.occurrence(LUNCH, "20260302T120000") is None
    assert (
        series.occurrence(
            replace(LUNCH, exceptions={"20260302T120000": MOVED_AWAY}),
            "20260302T120000",
        )
        is None
    )
    assert series.occurrence_on(LUNCH, date(2026, 3, 2), 0) is None
    assert series.recurrence_id_at(LUNCH, parse_instant("2026-03-02T11:00Z")) is None


def test_slots_count_the_originals_of_a_day() -> None:
    twice = meeting("2026-03-02T09:00", "2026-03-02T09:15", "FREQ=DAILY;BYHOUR=9,15")
    one = replace(
        twice,
        deleted=("20260303T090000",),
        exceptions={"20260304T090000": moved("2026-03-09T09:00", "2026-03-09T10:00")},
    )
    found = list(expansion.expand(one, *window("2026-03-03T12:00", "2026-03-05")))
    assert [(one.recurrence_id, one.slot) for one in found] == [("20260303T150000", 1), ("20260304T150000", 1)]
    assert series.occurrence_on(one, date(2026, 3, 3), 0) is None
    assert series.occurrence_on(one, date(2026, 3, 3), 1) == found[0]
    assert series.occurrence_on(one, date(2026, 3, 4), 1) == found[1]
    changed = series.occurrence_on(one, date(2026, 3, 4), 0)
    assert changed is not None
    assert changed.kind is EventKind.EXCEPTION
    assert [series.occurrence_on(one, date(2026, 3, 5), slot) for slot in (2, 255, -1)] == [None, None, None]


def test_a_moved_occurrence_keeps_its_slot() -> None:
    """So it keeps its id in Outlook, which stays with an occurrence wherever it is moved."""
    twice = meeting("2026-03-02T09:00", "2026-03-02T09:15", "FREQ=DAILY;BYHOUR=9,15")
    one = replace(twice, exceptions={"20260304T150000": moved("2026-03-04T08:00", "2026-03-04T08:30")})
    found = list(expansion.expand(one, *window("2026-03-04", "2026-03-05")))
    assert [(one.recurrence_id, one.slot) for one in found] == [("20260304T150000", 1), ("20260304T090000", 0)]
    assert series.occurrence_on(one, date(2026, 3, 4), 1) == found[0]


def test_first_start_moves_to_the_first_match() -> None:
    thursdays = Recurrence((Rule(freq=Freq.WEEKLY, by_day=(WeekdayNth(Weekday.TH),)),))
    monday = when("2026-03-02T09:00", BERLIN)
    assert series.first_start(thursdays, monday) == when("2026-03-05T09:00", BERLIN)
    assert series.first_start(thursdays, when("2026-03-05", "")) == when("2026-03-05", "")
    with pytest.raises(InvalidRecurrence):
        series.first_start(Recurrence(), monday)


# --- windows ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        ("2026-03-02", "2026-03-09", ["20260302T090000", "20260305T090000"]),
        ("2026-03-02T08:00Z", "2026-03-02T08:15Z", ["20260302T090000"]),
        ("2026-03-02T08:14Z", "2026-03-02T09:00Z", ["20260302T090000"]),
        ("2026-03-02T08:15Z", "2026-03-02T09:00Z", []),
        ("2026-03-02T07:00Z", "2026-03-02T08:00Z", []),
        ("2026-03-02T07:00Z", "2026-03-02T08:01Z", ["20260302T090000"]),
        ("2020-01-01", "2026-03-01", []),
        ("0001-01-01", "2026-03-06", ["20260302T090000", "20260305T090000"]),
        ("2200-12-29", "9999-12-31", ["22001229T090000"]),
    ],
)
def test_a_window_shows_what_overlaps_it(start: str, end: str, found: list[str]) -> None:
    assert seen(STANDUP, start, end) == found


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        ("2026-03-02T11:00Z", "2026-03-02T12:00Z", [None]),
        ("2026-03-02T12:00Z", "2026-03-02T13:00Z", []),
        ("2026-03-01", "2026-04-01", [None]),
    ],
)
def test_a_single_meeting_yields_itself(start: str, end: str, found: list[None]) -> None:
    assert seen(LUNCH, start, end) == found
    for one in expansion.expand(LUNCH, *window(start, end)):
        assert one.event is LUNCH.event
        assert (one.kind, one.original_start, one.slot) == (EventKind.SINGLE, None, 0)


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2026-03-02T11:00Z", "2026-03-02T11:01Z", 1),
        ("2026-03-02T10:59Z", "2026-03-02T11:00Z", 0),
        ("2026-03-02T11:01Z", "2026-03-02T11:02Z", 0),
    ],
)
def test_an_event_without_length_counts_at_its_start(start: str, end: str, count: int) -> None:
    for rule in ("", "FREQ=DAILY"):
        assert len(seen(meeting("2026-03-02T12:00", "2026-03-02T12:00", rule), start, end)) == count


def test_exceptions_count_where_they_stand_now() -> None:
    one = replace(
        STANDUP,
        exceptions={
            "20260302T090000": moved("2026-03-11T09:00", "2026-03-11T10:00"),  # out, into the second week
            "20260305T090000": moved("2026-03-05T08:00", "2026-03-05T08:30"),  # within
            "20260319T090000": moved("2026-03-04T08:00", "2026-03-04T08:30"),  # into the first week
            "20260312T090000": moved("2026-03-10T08:00", "2026-03-10T08:30"),  # and deleted after all
        },
        deleted=("20260309T090000", "20260312T090000"),
    )
    assert seen(one, "2026-03-02", "2026-03-09") == ["20260319T090000", "20260305T090000"]
    assert seen(one, "2026-03-09", "2026-03-16") == ["20260302T090000"]
    assert seen(one, "2026-03-16", "2026-03-23") == ["20260316T090000"]


def test_all_day_series_float_with_the_one_who_looks() -> None:
    day = meeting("2026-03-02", "2026-03-03", "FREQ=WEEKLY")
    assert seen(day, "2026-03-02T00:00Z", "2026-03-02T01:00Z") == ["20260302"]
    assert seen(day, "2026-03-01T15:00Z", "2026-03-01T16:00Z") == []
    assert seen(day, "2026-03-01T15:00Z", "2026-03-01T16:00Z", zone="Asia/Tokyo") == ["20260302"]
    assert seen(day, "2026-03-02T15:00Z", "2026-03-02T16:00Z", zone="Asia/Tokyo") == []


def test_all_day_occurrences_keep_their_days() -> None:
    found = list(expansion.expand(HOLIDAY, *window("2026-04-07", "2026-05-01")))
    assert [(one.event.start, one.event.end) for one in found] == [(when("2026-04-06", ""), when("2026-04-08", ""))]


def test_an_all_day_series_has_one_occurrence_a_day() -> None:
    hourly = Recurrence((Rule(freq=Freq.HOURLY, interval=6),))
    assert seen(meeting("2026-03-02", "2026-03-03", recurrence=hourly), "2026-03-02", "2026-03-04") == [
        "20260302",
        "20260303",
    ]


def test_occurrences_longer_than_their_interval_overlap() -> None:
    retreat = meeting("2026-03-02T09:00", "2026-03-12T09:00", "FREQ=WEEKLY")
    assert seen(retreat, "2026-03-20", "2026-03-21") == ["20260316T090000"]
    assert seen(retreat, "2026-03-18", "2026-03-19") == ["20260309T090000", "20260316T090000"]


# --- the nights when clocks change ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "first", "instants"),
    [
        (BERLIN, "2026-03-22T09:00", ["2026-03-22T08:00Z", "2026-03-29T07:00Z"]),
        (BERLIN, "2026-10-18T09:00", ["2026-10-18T07:00Z", "2026-10-25T08:00Z"]),
        (NEW_YORK, "2026-03-01T09:00", ["2026-03-01T14:00Z", "2026-03-08T13:00Z"]),
        (SYDNEY, "2026-03-29T09:00", ["2026-03-28T22:00Z", "2026-04-04T23:00Z"]),
        (SYDNEY, "2026-09-27T09:00", ["2026-09-26T23:00Z", "2026-10-03T22:00Z"]),
        ("UTC", "2026-03-22T09:00", ["2026-03-22T09:00Z", "2026-03-29T09:00Z"]),
    ],
)
def test_a_series_keeps_its_hour(zone: str, first: str, instants: list[str]) -> None:
    begin = datetime.fromisoformat(first)
    weekly = meeting(first, (begin + timedelta(hours=1)).isoformat(), "FREQ=WEEKLY;COUNT=2", zone=zone)
    found = list(expansion.expand(weekly, *window("2026-01-01", "2027-01-01")))
    assert [one.start for one in found] == [parse_instant(text) for text in instants]
    assert [one.event.start for one in found] == [Timed(begin, zone), Timed(begin + WEEK, zone)]


# A nightly meeting, on the night in question: start and end as instants, and the end the clocks show.
@pytest.mark.parametrize(
    ("zone", "start", "end", "night", "stands", "shows"),
    [
        (BERLIN, "02:30", "03:00", "2026-03-29", ("01:30Z", "02:00Z"), "04:00"),
        (BERLIN, "02:30", "04:30", "2026-03-29", ("01:30Z", "03:30Z"), "05:30"),
        (BERLIN, "01:30", "02:30", "2026-03-29", ("00:30Z", "01:30Z"), "02:30"),
        (BERLIN, "01:30", "03:00", "2026-03-29", ("00:30Z", "02:00Z"), "04:00"),
        (BERLIN, "02:30", "03:30", "2026-10-25", ("00:30Z", "01:30Z"), "02:30+"),
        (BERLIN, "01:00", "04:00", "2026-10-25", ("-1:00Z", "02:00Z"), "03:00"),
        (BERLIN, "02:15", "02:45", "2026-10-25", ("00:15Z", "00:45Z"), "02:45"),
        (NEW_YORK, "02:30", "03:00", "2026-03-08", ("07:30Z", "08:00Z"), "04:00"),
        (HOWE, "01:00", "03:00", "2026-04-05", ("-10:00Z", "-8:00Z"), "02:30"),
        (HOWE, "01:00", "03:00", "2026-10-04", ("-9:30Z", "-7:30Z"), "03:30"),
        ("America/Havana", "00:00", "01:30", "2026-03-08", ("05:00Z", "06:30Z"), "02:30"),
    ],
)
def test_nights(zone: str, start: str, end: str, night: str, stands: tuple[str, str], shows: str) -> None:
    nightly = meeting(f"2026-01-10T{start}", f"2026-01-10T{end}", "FREQ=DAILY", zone=zone)
    found = series.occurrence_on(nightly, date.fromisoformat(night), 0)
    assert found is not None
    assert (found.start, found.end) == (hour_of(night, stands[0]), hour_of(night, stands[1]))
    shown = Timed(datetime.fromisoformat(f"{night}T{shows.rstrip('+')}"), zone, fold=int(shows.endswith("+")))
    assert (found.event.start, found.event.end) == (when(f"{night}T{start}", zone), shown)
    assert to_instant(found.event.end) == found.end


def hour_of(day: str, text: str) -> Instant:
    """Return an hour of that day in UTC; -1:00Z is 23:00 of the day before."""
    hours, minutes = text.rstrip("Z").split(":")
    sign = -1 if text.startswith("-") else 1
    return parse_instant(f"{day}T00:00Z") + (int(hours) * 60 + sign * int(minutes)) * 60_000_000


@pytest.mark.parametrize("days", ["2026-03-22", "2026-03-29", "2026-10-18", "2026-10-25"])
def test_days_are_counted_as_days(days: str) -> None:
    begin = date.fromisoformat(days)
    retreat = meeting(days, (begin + timedelta(days=2)).isoformat(), "FREQ=WEEKLY;COUNT=3")
    for found in expansion.expand(retreat, *window("2026-03-01", "2026-12-01"), zone=BERLIN):
        assert isinstance(found.event.start, AllDay)
        assert found.event.end == AllDay(found.event.start.day + timedelta(days=2))
        midnight = Timed(datetime.combine(found.event.end.day, datetime.min.time()), BERLIN)
        assert found.end == to_instant(midnight)


def test_a_series_that_stands_elsewhere_in_a_guests_copy_lasts_as_long() -> None:
    moved_to = moved("2026-03-28T22:00", "2026-03-29T06:00")  # seven hours
    own = replace(meeting("2026-03-28T09:00", "2026-03-28T10:00", "FREQ=DAILY;COUNT=3"), event=moved_to)
    own = replace(own, pattern_start=when("2026-03-28T09:00", BERLIN))
    found = list(expansion.expand(own, *window("2026-03-01", "2026-04-01")))
    assert [(one.end - one.start) // 3_600_000_000 for one in found] == [7, 7, 7]
    assert found[0].event.end == moved_to.end


def test_an_hourly_series_is_sorted_across_the_gap() -> None:
    hourly = meeting("2026-03-29T00:30", "2026-03-29T00:40", "FREQ=HOURLY;BYMINUTE=0,30")
    found = [one.start for one in expansion.expand(hourly, *window("2026-03-28T23:00Z", "2026-03-29T04:00Z"))]
    assert found == sorted(found)


def test_start_and_end_in_zones_that_change_on_different_days() -> None:
    call = meeting("2026-02-02T10:00", "2026-02-02T05:30", "FREQ=WEEKLY", zone=LONDON, end_zone=NEW_YORK)
    found = list(expansion.expand(call, *window("2026-03-02", "2026-04-06")))
    assert [(one.end - one.start) // 60_000_000 for one in found] == [30] * 5
    assert [one.event.end for one in found[:2]] == [
        when("2026-03-02T05:30", NEW_YORK), when("2026-03-09T06:30", NEW_YORK),
    ]  # fmt: skip
    assert found[4].event.end == when("2026-03-30T05:30", NEW_YORK)


# --- span ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "first", "end"),
    [
        (LUNCH, "2026-03-02T11:00Z", "2026-03-02T12:00Z"),
        (meeting("2026-03-02", "2026-03-03"), "2026-03-02T00:00Z", "2026-03-03T00:00Z"),
        (STANDUP, "2026-03-02T08:00Z", None),
        (meeting("2026-03-03T09:00", "2026-03-03T10:00", "FREQ=WEEKLY;BYDAY=MO"), "2026-03-09T08:00Z", None),
        (
            replace(STANDUP, exceptions={"20260305T090000": moved("2026-02-01T09:00", "2026-02-01T10:00")}),
            "2026-02-01T08:00Z",
            None,
        ),
        (
            replace(STANDUP, exceptions={"20260305T090000": MOVED_AWAY}),
            "2026-03-02T08:00Z",
            None,
        ),
        (
            meeting("2026-03-02T09:00", "2026-03-02T10:00", "FREQ=WEEKLY;COUNT=5"),
            "2026-03-02T08:00Z",
            "2026-03-30T08:00Z",
        ),
        (
            meeting("2026-03-02T09:00", "2026-03-02T10:00", "FREQ=DAILY;UNTIL=20260401"),
            "2026-03-02T08:00Z",
            "2026-04-01T08:00Z",
        ),
        (
            meeting(
                "2026-03-02T09:00",
                "2026-03-02T10:00",
                "FREQ=WEEKLY;COUNT=2",
                exceptions={
                    "20260302T090000": moved("2026-02-01T09:00", "2026-02-01T10:00"),
                    "20260309T090000": moved("2026-05-01T09:00", "2026-05-01T10:00"),
                },
            ),
            "2026-02-01T08:00Z",
            "2026-05-01T08:00Z",
        ),
        (
            meeting("2026-03-02T09:00", "2026-03-02T10:00", recurrence=Recurrence()),
            "2026-03-02T08:00Z",
            "2026-03-02T09:00Z",
        ),
    ],
)
def test_span(one: Meeting, first: str, end: str | None) -> None:
    assert series.span(one) == (parse_instant(first), parse_instant(end) if end else None)


def test_an_absurdly_long_occurrence_breaks_nothing() -> None:
    ages = meeting("2026-03-02T09:00", "9999-03-02T10:00", "FREQ=YEARLY")
    assert len(seen(ages, "2100-01-01", "2100-01-02")) == 74
    lengths = {one.end - one.start for one in expansion.expand(ages, *window("2100-01-01", "2100-01-02"))}
    assert lengths == {110_000 * 24 * 3_600_000_000}
    assert series.span(ages) == (parse_instant("2026-03-02T08:00Z"), None)


# --- laws ---------------------------------------------------------------------------------------

RULES = ("FREQ=DAILY", "FREQ=DAILY;INTERVAL=3;COUNT=40", "FREQ=WEEKLY;BYDAY=MO,SA", "FREQ=MONTHLY;BYDAY=-1SU")
RULES += ("FREQ=HOURLY;INTERVAL=5", "FREQ=DAILY;BYHOUR=1,2,3;UNTIL=20260501")
hours = st.integers(0, 24 * 120)


def at(hour: int) -> Instant:
    return parse_instant("2026-01-15T00:00Z") + hour * 3_600_000_000


@st.composite
def meetings(draw: st.DrawFn) -> Meeting:
    """Draw a series around the changes of spring, some of its occurrences moved, some deleted."""
    begin = datetime.fromisoformat("2026-02-01T00:30") + timedelta(hours=draw(st.integers(0, 200)))
    end = begin + timedelta(minutes=draw(st.sampled_from((0, 30, 90, 3000))))
    zone = draw(st.sampled_from((BERLIN, SYDNEY, NEW_YORK, "UTC")))
    one = meeting(begin.isoformat(), end.isoformat(), draw(st.sampled_from(RULES)), zone=zone)
    ids = [found.recurrence_id or "" for found in expansion.expand(one, at(0), at(24 * 120))]
    if not ids:
        return one
    to = draw(st.dictionaries(st.sampled_from(ids), st.integers(0, 24 * 100), max_size=4))
    hour = timedelta(hours=1)
    changed = {
        rid: moved((begin + by * hour).isoformat(), (begin + (by + 1) * hour).isoformat(), zone)
        for rid, by in to.items()
    }
    return replace(one, exceptions=changed, deleted=tuple(draw(st.lists(st.sampled_from(ids), max_size=4))))


@settings(deadline=None, max_examples=60)
@given(meetings(), hours, hours)
def test_law_a_window_is_the_part_of_a_greater_one(one: Meeting, a: int, b: int) -> None:
    start, end = at(min(a, b)), at(max(a, b))
    whole = list(expansion.expand(one, at(-500), at(24 * 130)))
    part = [
        found
        for found in whole
        if found.start < end and (found.end > start or (found.end == found.start and found.start >= start))
    ]
    assert list(expansion.expand(one, start, end)) == part
    assert whole == sorted(whole, key=lambda found: found.start)


@settings(deadline=None, max_examples=40)
@given(meetings())
def test_law_each_occurrence_is_found_by_id_by_day_and_by_instant(one: Meeting) -> None:
    first, last = series.span(one)
    for found in expansion.expand(one, at(0), at(24 * 60)):
        rid = found.recurrence_id
        assert rid is not None
        assert series.occurrence(one, rid) == found
        assert series.occurrence_on(one, series.day_of(rid), found.slot) == found
        assert found.original_start == series.original_start(one, rid)
        assert rid not in one.deleted
        assert first <= found.start <= found.end
        assert last is None or found.end <= last
        instant = to_instant(found.original_start)
        by_instant = series.recurrence_id_at(one, instant)
        assert by_instant is not None
        assert to_instant(series.original_start(one, by_instant)) == instant
