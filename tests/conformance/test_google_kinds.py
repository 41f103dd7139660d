"""Kinds of events in Google Calendar: focus time, absence, places of work, birthdays."""

from __future__ import annotations

from typing import Any

import pytest

from support.world import World

EVENTS = "/calendar/v3/calendars/primary/events"
TIMES = {
    "start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2026-12-01T11:00:00", "timeZone": "UTC"},
}
DAY = {"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}}
DAYS = {"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-03"}}
FOCUS = {
    **TIMES, "eventType": "focusTime", "summary": "Quiet",
    "focusTimeProperties": {"autoDeclineMode": "declineNone", "chatStatus": "doNotDisturb"},
}  # fmt: skip
AWAY = {**TIMES, "eventType": "outOfOffice", "outOfOfficeProperties": {"declineMessage": "Away"}}
PLACE = {
    **DAY, "eventType": "workingLocation", "visibility": "public", "transparency": "transparent",
    "workingLocationProperties": {"type": "officeLocation", "officeLocation": {"label": "HQ", "deskId": "7"}},
}  # fmt: skip
BIRTHDAY = {
    **DAY, "eventType": "birthday", "visibility": "private", "transparency": "transparent", "summary": "Ann",
    "recurrence": ["RRULE:FREQ=YEARLY"],
}  # fmt: skip
KINDS = {"focusTime": FOCUS, "outOfOffice": AWAY, "workingLocation": PLACE, "birthday": BIRTHDAY}


def created(world: World, body: Any) -> Any:
    reply = world.request("alice", "POST", EVENTS, body)
    assert reply.status == 200, reply.json
    return reply.json


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_keeps_what_it_says(world: World, kind: str) -> None:
    made = created(world, KINDS[kind])
    name = f"{kind}Properties"
    assert (made["eventType"], made[name]) == (kind, KINDS[kind].get(name, {"type": "birthday"}))
    read = world.request("alice", "GET", f"{EVENTS}/{made['id']}").json
    assert read == made
    again = world.request("alice", "PUT", f"{EVENTS}/{made['id']}", {**made, "summary": "Other"})
    assert (again.status, again.json["eventType"], again.json[name]) == (200, kind, made[name])


def test_they_show_the_time_as_they_mean_it(world: World) -> None:
    for body in KINDS.values():
        created(world, body)
    shown = {one["subject"]: one["showAs"] for one in world.request("alice", "GET", "/v1.0/me/events").json["value"]}
    assert sorted(shown.values()) == ["busy", "free", "oof"]
    assert (shown["Quiet"], shown["Ann"]) == ("busy", "free")
    assert len(world.request("alice", "GET", "/v1.0/me/events").json["value"]) == 4


def test_lists_are_of_the_kinds_asked_for(world: World) -> None:
    for body in (TIMES, *KINDS.values()):
        created(world, body)
    for query, kinds in (
        ("eventTypes=focusTime", ["focusTime"]),
        ("eventTypes=default&eventTypes=birthday", ["birthday", "default"]),
        ("", sorted(["default", *KINDS])),
    ):
        items = world.request("alice", "GET", f"{EVENTS}?{query}").json["items"]
        assert sorted(one["eventType"] for one in items) == kinds


def test_changes_are_of_the_kinds_asked_for(world: World) -> None:
    path = f"{EVENTS}?eventTypes=focusTime"
    token = world.request("alice", "GET", path).json["nextSyncToken"]
    created(world, TIMES)
    focus = created(world, FOCUS)
    found = world.request("alice", "GET", f"{path}&syncToken={token}").json["items"]
    assert [one["id"] for one in found] == [focus["id"]]


@pytest.mark.parametrize(
    ("body", "target"),
    [
        ({**FOCUS, **DAY}, "start"),
        ({**AWAY, **DAY}, "start"),
        ({**FOCUS, "transparency": "transparent"}, "transparency"),
        ({**FOCUS, "attendees": [{"email": "bob@example.com"}]}, "attendees"),
        ({**TIMES, "eventType": "focusTime"}, "focusTimeProperties"),
        ({**TIMES, "outOfOfficeProperties": {}}, "outOfOfficeProperties"),
        ({**PLACE, **DAYS}, "end"),
        ({**PLACE, "visibility": "private"}, "visibility"),
        ({**PLACE, "transparency": "opaque"}, "transparency"),
        ({**PLACE, "workingLocationProperties": {}}, "workingLocationProperties.type"),
        ({**PLACE, "workingLocationProperties": {"type": "customLocation"}}, "workingLocationProperties"),
        ({**PLACE, "workingLocationProperties": {"type": "moon"}}, "workingLocationProperties"),
        ({**BIRTHDAY, **TIMES}, "start"),
        ({**BIRTHDAY, "recurrence": ["RRULE:FREQ=DAILY"]}, "recurrence"),
        ({**BIRTHDAY, "birthdayProperties": {"type": "anniversary"}}, "birthdayProperties"),
        ({**TIMES, "eventType": "fromGmail"}, "eventType"),
        ({**TIMES, "eventType": "party"}, "eventType"),
    ],
)
def test_what_a_kind_has_to_have(world: World, body: Any, target: str) -> None:
    reply = world.request("alice", "POST", EVENTS, body)
    assert reply.status == 400
    assert target in reply.json["error"]["message"]


def test_a_kind_stays_and_cannot_be_given_later(world: World) -> None:
    usual = created(world, TIMES)
    reply = world.request("alice", "PATCH", f"{EVENTS}/{usual['id']}", {"eventType": "focusTime"})
    assert (reply.status, reply.json["eventType"]) == (200, "default")
    assert "eventType" in reply.hint
    away = created(world, AWAY)
    path = f"{EVENTS}/{away['id']}"
    assert world.request("alice", "PATCH", path, {"summary": "x"}).json["eventType"] == "outOfOffice"
    assert world.request("alice", "PUT", path, TIMES).status == 400
    assert world.request("alice", "PATCH", path, {"start": DAY["start"], "end": DAY["end"]}).status == 400
    later = {"outOfOfficeProperties": {"autoDeclineMode": "declineNone"}}
    changed = world.request("alice", "PATCH", path, later).json["outOfOfficeProperties"]
    assert changed == {"declineMessage": "Away", "autoDeclineMode": "declineNone"}


def test_they_are_of_primary_calendars_and_stay_there(world: World) -> None:
    second = world.request("alice", "POST", "/calendar/v3/calendars", {"summary": "Second"}).json["id"]
    assert world.request("alice", "POST", f"/calendar/v3/calendars/{second}/events", FOCUS).status == 400
    made = created(world, FOCUS)
    assert world.request("alice", "POST", f"{EVENTS}/{made['id']}/move?destination={second}").status == 400
    copy = world.request("alice", "POST", f"{EVENTS}/import", {**FOCUS, "iCalUID": "x@example.com"}).json
    assert (copy["eventType"], "focusTimeProperties" in copy) == ("default", False)


def test_a_sequence_from_before_is_refused_to_the_organizer(world: World) -> None:
    made = created(world, {**TIMES, "attendees": [{"email": "bob@example.com"}]})
    path = f"{EVENTS}/{made['id']}"
    later = {"end": {"dateTime": "2026-12-01T12:00:00", "timeZone": "UTC"}}
    moved = world.request("alice", "PATCH", path, later).json
    assert moved["sequence"] > made["sequence"]
    for method in ("PUT", "PATCH"):
        reply = world.request("alice", method, path, made)
        assert reply.status == 400
        assert reply.json["error"]["message"].startswith("Invalid sequence value.")
    assert world.request("alice", "PUT", path, moved).status == 200
