"""Reminders: per copy and per occurrence, and untouched by what the organizer changes."""

from __future__ import annotations

from typing import Any

import pytest

from support.speakers import Microsoft, speakers
from support.world import World

MOUNTS = ["/v1.0", "/api/v2.0", "/api/v1.0"]
DAILY = {
    "pattern": {"type": "daily", "interval": 1},
    "range": {"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 4},
}
WEEK = "(startDateTime='2026-12-01T00:00:00Z',endDateTime='2026-12-08T00:00:00Z')"


def at(world: World, mount: str = "/v1.0") -> Microsoft:
    said = next(one for one in speakers(world).values() if getattr(one, "mount", "") == mount)
    assert isinstance(said, Microsoft)
    return said


def invite(graph: Microsoft, **more: Any) -> str:
    made = graph.invite("alice", "Plans", "2026-12-01T10:00:00", 30, "UTC", ["bob"], **more)
    assert made.status == 201, made.body
    return graph.uid_of(made)


def fires(graph: Microsoft, who: str, window: str = WEEK) -> list[str]:
    page = graph.call(who, "GET", f"/me/reminderView{window}")
    assert page.status == 200, page.body
    return [one["reminderFireTime"]["dateTime"][5:16] for one in page.json["value"]]


def act(graph: Microsoft, who: str, uid: str, action: str, body: Any = None, on: str | None = None) -> Any:
    reply = graph.call(who, "POST", f"/me/events/{graph.id_of(who, uid, on)}/{action}", body)
    assert (reply.status, reply.body) == (200, b""), reply.body
    return reply


def until(text: str) -> dict[str, Any]:
    return {"newReminderTime": {"dateTime": text, "timeZone": "UTC"}}


@pytest.mark.parametrize("mount", MOUNTS)
@pytest.mark.parametrize("form", [WEEK, "?startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-08"])
def test_the_view_of_each_profile(world: World, mount: str, form: str) -> None:
    said = at(world, mount)
    uid = invite(at(world), location={"displayName": "Room 1"})
    page = said.call("bob", "GET", f"/me/{said.word('reminderView')}{form}")
    assert page.status == 200, page.body
    kind = {"/v1.0": "microsoft.graph.reminder"}.get(mount, "Microsoft.OutlookServices.Reminder")
    assert page.json["@odata.context"].endswith(f"$metadata#Collection({kind})")
    (one,) = page.json["value"]
    assert [*one] == [
        said.word(name)
        for name in (
            "eventId", "eventStartTime", "eventEndTime", "changeKey", "eventSubject", "eventLocation",
            "eventWebLink", "reminderFireTime",
        )
    ]  # fmt: skip
    assert one[said.word("eventId")] == said.id_of("bob", uid)
    assert one[said.word("eventSubject")] == "Plans"
    assert one[said.word("eventLocation")][said.word("displayName")] == "Room 1"
    assert "2026-12-01T09:45:00" in str(one[said.word("reminderFireTime")])


@pytest.mark.parametrize("path", ["/me/reminderView", "/me/reminderView(startDateTime='x',endDateTime='2026-12-08')"])
def test_a_view_needs_its_window(world: World, path: str) -> None:
    assert at(world).call("bob", "GET", path).status == 400


@pytest.mark.parametrize("mount", MOUNTS)
def test_dismissing_and_snoozing_are_private(world: World, mount: str) -> None:
    said, graph = at(world, mount), at(world)
    uid = invite(graph)
    before = graph.see("alice", uid)
    time = {"DateTime": "2026-12-01T09:55:00", "TimeZone": "UTC"} if mount != "/api/v1.0" else "2026-12-01T09:55:00Z"
    act(said, "bob", uid, "SnoozeReminder", {"NewReminderTime": time})
    assert fires(graph, "bob") == ["12-01T09:55"]
    act(said, "bob", uid, "DismissReminder")
    assert fires(graph, "bob") == []
    assert fires(graph, "alice") == ["12-01T09:45"]
    assert graph.see("alice", uid) == before
    assert graph.inbox("alice") == []


def test_what_the_organizer_changes(world: World) -> None:
    graph = at(world)
    uid = invite(graph)
    act(graph, "bob", uid, "dismissReminder")
    graph.rename("alice", uid, "Better plans")
    assert fires(graph, "bob") == []
    graph.move("alice", uid, "2026-12-02T10:00:00", 30, "UTC")
    assert fires(graph, "bob") == ["12-02T09:45"], "a new time is reminded of afresh"


def test_a_new_reminder_starts_afresh(world: World) -> None:
    graph = at(world)
    uid = invite(graph)
    act(graph, "bob", uid, "dismissReminder")
    path = f"/me/events/{graph.id_of('bob', uid)}"
    assert graph.call("bob", "PATCH", path, {"categories": ["Blue"]}).status == 200
    assert fires(graph, "bob") == []
    assert graph.call("bob", "PATCH", path, {"reminderMinutesBeforeStart": 5}).status == 200
    assert fires(graph, "bob") == ["12-01T09:55"]


def test_each_occurrence_has_its_own(world: World) -> None:
    graph = at(world)
    uid = invite(graph, recurrence=DAILY)
    assert fires(graph, "bob") == ["12-01T09:45", "12-02T09:45", "12-03T09:45", "12-04T09:45"]
    act(graph, "bob", uid, "dismissReminder", on="2026-12-02")
    act(graph, "bob", uid, "snoozeReminder", until("2026-12-03T09:58:00"), on="2026-12-03")
    assert fires(graph, "bob") == ["12-01T09:45", "12-03T09:58", "12-04T09:45"]
    graph.rename("alice", uid, "Other")
    assert fires(graph, "bob") == ["12-01T09:45", "12-03T09:58", "12-04T09:45"]
    assert len(fires(graph, "alice")) == 4


def test_the_series_means_the_meeting_at_hand(world: World) -> None:
    graph = at(world)
    uid = invite(graph, recurrence=DAILY)
    reply = act(graph, "bob", uid, "snoozeReminder", until("2026-12-01T09:50:00"))
    assert "20261201T100000" in reply.hint
    assert fires(graph, "bob")[0] == "12-01T09:50"
    act(graph, "bob", uid, "dismissReminder")
    assert fires(graph, "bob") == ["12-02T09:45", "12-03T09:45", "12-04T09:45"]
    world.now += 11 * 24 * 3600 * 1_000_000
    act(graph, "bob", uid, "dismissReminder")
    assert fires(graph, "bob") == ["12-04T09:45"], "all that had fired by 4 December, 8:00"


def test_without_a_reminder_there_is_nothing_to_do(world: World) -> None:
    graph = at(world)
    uid = invite(graph, isReminderOn=False)
    assert fires(graph, "alice") == []
    for action, body in (("dismissReminder", None), ("snoozeReminder", until("2026-12-01T09:50:00"))):
        assert "isReminderOn" in act(graph, "alice", uid, action, body).hint
    assert fires(graph, "alice") == []
    graph.cancel("alice", uid)
    assert fires(graph, "bob") == [], "what was called off does not remind"


@pytest.mark.parametrize("body", [None, {}, {"newReminderTime": None}, {"newReminderTime": "soon"}, until("soon")])
def test_snoozing_needs_a_time(world: World, body: Any) -> None:
    graph = at(world)
    uid = invite(graph)
    reply = graph.call("bob", "POST", f"/me/events/{graph.id_of('bob', uid)}/snoozeReminder", body)
    assert reply.status == 400, reply.body


def test_a_day_is_reminded_of_in_the_owners_zone(world: World) -> None:
    world.add("dave", zone="Europe/Berlin")
    graph = at(world)
    body = {
        "subject": "Holiday",
        "isAllDay": True,
        "start": {"dateTime": "2026-12-02T00:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-12-03T00:00:00", "timeZone": "UTC"},
        "reminderMinutesBeforeStart": 60,
    }
    assert graph.call("dave", "POST", "/me/events", body).status == 201
    assert fires(graph, "dave") == ["12-01T22:00"]


def test_a_dismissed_reminder_survives_a_restart(world: World) -> None:
    graph = at(world)
    uid = invite(graph)
    act(graph, "bob", uid, "dismissReminder")
    world.reopen()
    assert fires(at(world), "bob") == []
