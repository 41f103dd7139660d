"""Times on Google's wire."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rsvpd.calendar.event import AllDay, Timed
from rsvpd.clock import parse_instant
from rsvpd.dialects.google.vocabulary.refusals import Refusal
from rsvpd.dialects.google.vocabulary.times import read_instant, read_when, write_instant, write_when
from support.google_door import at, context, view


def test_instants_have_milliseconds() -> None:
    assert write_instant(parse_instant("2026-11-20T08:00:00Z")) == "2026-11-20T08:00:00.000Z"
    assert write_instant(parse_instant("2026-11-20T08:00:00.1239Z")) == "2026-11-20T08:00:00.123Z"


@pytest.mark.parametrize(
    ("when", "zone", "written"),
    [
        (
            at("2026-12-01T10:00"),
            None,
            {"dateTime": "2026-12-01T10:00:00+01:00", "timeZone": "Europe/Zurich"},
        ),
        (
            at("2026-07-01T10:00"),
            None,
            {"dateTime": "2026-07-01T10:00:00+02:00", "timeZone": "Europe/Zurich"},
        ),
        (at("2026-12-01T10:00"), "UTC", {"dateTime": "2026-12-01T09:00:00Z", "timeZone": "Europe/Zurich"}),
        (
            at("2026-12-01T10:00"),
            "America/New_York",
            {"dateTime": "2026-12-01T04:00:00-05:00", "timeZone": "Europe/Zurich"},
        ),
        (at("2026-12-01T10:00", "UTC"), None, {"dateTime": "2026-12-01T10:00:00Z", "timeZone": "UTC"}),
        (AllDay(date(2026, 12, 1)), "UTC", {"date": "2026-12-01"}),
    ],
)
def test_writing(when: Any, zone: str | None, written: dict[str, str]) -> None:
    assert write_when(when, zone) == written


@pytest.mark.parametrize(
    ("wire", "when"),
    [
        ({"dateTime": "2026-12-01T10:00:00+01:00"}, at("2026-12-01T10:00")),
        ({"dateTime": "2026-12-01T09:00:00Z"}, at("2026-12-01T10:00")),
        (
            {"dateTime": "2026-12-01T09:00:00.000z", "timeZone": "Asia/Tokyo"},
            at("2026-12-01T18:00", "Asia/Tokyo"),
        ),
        ({"dateTime": "2026-12-01T10:00", "timeZone": "Asia/Tokyo"}, at("2026-12-01T10:00", "Asia/Tokyo")),
        ({"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"}, at("2026-12-01T10:00", "UTC")),
        ({"date": "2026-12-01"}, AllDay(date(2026, 12, 1))),
        ({"date": "2026-12-01", "dateTime": None, "timeZone": "UTC"}, AllDay(date(2026, 12, 1))),
    ],
)
def test_reading(wire: Any, when: Timed | AllDay) -> None:
    assert read_when(wire, context(), name="start") == when


@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
def test_what_was_read_can_be_written_back_in_any_zone(zone: str | None) -> None:
    stored = view(start=at("2026-12-01T10:00", "Asia/Tokyo"))
    wire = write_when(stored.event.start, zone)
    assert read_when(wire, context(stored), name="start") is stored.event.start


def test_the_same_instant_without_a_zone_keeps_the_stored_zone() -> None:
    stored = view(start=at("2026-12-01T10:00", "Asia/Tokyo"))
    assert (
        read_when({"dateTime": "2026-12-01T01:00:00Z"}, context(stored), name="start") == stored.event.start
    )
    moved = read_when({"dateTime": "2026-12-01T02:00:00Z"}, context(stored), name="start")
    assert moved == at("2026-12-01T03:00")


@pytest.mark.parametrize(
    "wrong",
    [
        "2026-12-01",
        7,
        [],
        {"date": "20261201"},
        {"date": "2026-02-30"},
        {"date": 7},
        {"date": "2026-12-01", "dateTime": "2026-12-01T10:00:00Z"},
        {"dateTime": "tomorrow"},
        {"dateTime": "2026-12-01T25:00:00Z"},
        {"dateTime": "2026-W49-2T10:00:00Z"},
        {"dateTime": "２026-12-01T10:00:00Z"},
        {"dateTime": "2026-12-01T10:00:00+25:00"},
        {"dateTime": "2026-12-01T10:00:60Z"},
        {"dateTime": "2026-12-01T10:00:00Z", "timeZone": 1},
    ],
)
def test_what_is_no_time(wrong: Any) -> None:
    with pytest.raises((ValueError, Refusal)):
        read_when(wrong, context(), name="start")


@pytest.mark.parametrize(
    ("wire", "target"), [({}, "start"), ({"dateTime": "2026-12-01T10:00:00"}, "start.timeZone")]
)
def test_what_is_missing(wire: Any, target: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_when(wire, context(), name="start")
    assert caught.value.target == target


def test_a_zone_nobody_knows() -> None:
    with pytest.raises(Refusal, match="Mars/Olympus"):
        read_when({"dateTime": "2026-12-01T10:00:00Z", "timeZone": "Mars/Olympus"}, context(), name="start")


def test_moments_need_an_offset_and_lose_fractions() -> None:
    assert read_instant("2026-12-01T10:00:00.999+01:00") == parse_instant("2026-12-01T09:00:00Z")
    with pytest.raises(ValueError, match="offset"):
        read_instant("2026-12-01T10:00:00")
