"""Working hours and the zone of a primary calendar: Google's view of the settings of a mailbox."""

from __future__ import annotations

from typing import Any

import pytest

from support.client import Client
from support.world import World

PRIMARY = "/calendar/v3/calendars/primary"
FIVE = ("monday", "tuesday", "wednesday", "thursday", "friday")


def period(day: str, start: int, end: int) -> dict[str, Any]:
    return {"dayOfWeek": day, "periodStart": start, "periodEnd": end}


def hours_of(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.request("bob", "GET", PRIMARY).json["workingHours"]
    return found


def patch(world: World, hours: Any, method: str = "PATCH", **more: Any) -> dict[str, Any]:
    reply = world.request("bob", method, PRIMARY, {"workingHours": hours, **more})
    assert reply.status == 200, reply.body
    found: dict[str, Any] = reply.json["workingHours"]
    return found


def test_the_hours_of_every_mailbox(world: World) -> None:
    usual = {"availableTimes": [period(day, 480, 1020) for day in FIVE], "workingHoursEnabled": True}
    assert hours_of(world) == usual
    for nothing in (None, {}):
        assert patch(world, nothing) == usual
    assert patch(world, None, "PUT", summary="Mine") == usual


def test_hours_day_by_day_are_those_of_all_interfaces(world: World) -> None:
    times = [period("tuesday", 600, 720), period("monday", 540, 720), period("monday", 780, 1020)]
    written = patch(world, {"availableTimes": times, "workingHoursEnabled": True})
    assert written == {"availableTimes": [times[1], times[2], times[0]], "workingHoursEnabled": True} == hours_of(world)
    bob = Client(world, "bob", "graph")
    shown = bob.get("/me/mailboxSettings/workingHours")
    assert (shown["daysOfWeek"], shown["startTime"], shown["endTime"]) == (
        ["monday", "tuesday"], "09:00:00.0000000", "17:00:00.0000000",
    )  # fmt: skip
    slots = [{
        "start": {"dateTime": "2026-11-30T00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-12-02T00:00", "timeZone": "UTC"},
    }]  # fmt: skip
    asked = {"timeConstraint": {"timeSlots": slots}, "meetingDuration": "PT2H", "maxCandidates": 9}
    found = bob("POST", "/me/findMeetingTimes", asked).json["meetingTimeSuggestions"]
    assert [one["meetingTimeSlot"]["start"]["dateTime"][8:16] for one in found] == [
        "30T09:00", "30T09:30", "30T10:00", "30T13:00", "30T13:30", "30T14:00", "30T14:30", "30T15:00", "01T10:00",
    ]  # fmt: skip
    assert bob("PATCH", "/me/mailboxSettings", {"workingHours": {"endTime": "16:00:00"}}).status == 200
    assert hours_of(world)["availableTimes"] == [period(day, 540, 960) for day in ("monday", "tuesday")]


def test_hours_that_are_disabled(world: World) -> None:
    off = {"availableTimes": [], "workingHoursEnabled": False}
    assert patch(world, {"workingHoursEnabled": False}) == off
    bob = Client(world, "bob", "graph")
    assert bob.get("/me/mailboxSettings/workingHours")["daysOfWeek"] == []
    assert bob("POST", "/me/findMeetingTimes", {}).json["emptySuggestionsReason"] == "OrganizerUnavailable"


@pytest.mark.parametrize(
    "hours",
    [
        [],
        "monday",
        {"workingHoursEnabled": True},
        {"workingHoursEnabled": True, "availableTimes": []},
        {"workingHoursEnabled": "yes"},
        {"availableTimes": {}},
        {"availableTimes": ["monday"]},
        {"availableTimes": [period("Monday", 0, 60)]},
        {"availableTimes": [period("someday", 0, 60)]},
        {"availableTimes": [period("monday", 60, 60)]},
        {"availableTimes": [period("monday", -1, 60)]},
        {"availableTimes": [period("monday", 0, 1441)]},
        {"availableTimes": [period("monday", 0, 60) | {"periodEnd": "60"}]},
        {"availableTimes": [period("monday", 0, 60) | {"periodEnd": True}]},
        {"availableTimes": [period("monday", 0, 60), period("monday", 59, 90)]},
        {"availableTimes": [period("monday", 0, 60)] * 169},
    ],
)
def test_what_hours_cannot_be(world: World, hours: Any) -> None:
    reply = world.request("bob", "PATCH", PRIMARY, {"workingHours": hours})
    assert (reply.status, reply.json["error"]["errors"][0]["reason"]) == (400, "invalid"), reply.body


def test_other_calendars_have_none(world: World) -> None:
    made = world.request("bob", "POST", "/calendar/v3/calendars", {"summary": "Rowing"}).json
    assert "workingHours" not in made
    path = f"/calendar/v3/calendars/{made['id']}"
    assert "workingHours" not in world.request("bob", "GET", path).json
    hours = {"workingHours": {"workingHoursEnabled": False}}
    assert 400 <= world.request("bob", "PATCH", path, hours).status < 500
    assert 400 <= world.request("bob", "POST", "/calendar/v3/calendars", {"summary": "x", **hours}).status < 500


def test_the_zone_of_the_primary_calendar_is_that_of_the_mailbox(world: World) -> None:
    bob = Client(world, "bob", "graph")
    assert bob("PATCH", "/me/mailboxSettings", {"timeZone": "Pacific Standard Time"}).status == 200
    reply = world.request("bob", "PATCH", PRIMARY, {"timeZone": "Asia/Tokyo"})
    assert (reply.status, reply.json["timeZone"]) == (200, "Asia/Tokyo")
    assert world.request("bob", "GET", PRIMARY).json["timeZone"] == "Asia/Tokyo"
    assert bob.get("/me/mailboxSettings")["timeZone"] == "Tokyo Standard Time"
    settings = world.request("bob", "GET", "/calendar/v3/users/me/settings/timezone").json
    assert settings["value"] == "Asia/Tokyo"
