"""Rooms that answer by themselves, as organizers see it in every dialect, and as the administrator sets them up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rsvpd.commands.rooms import get_room, set_room
from rsvpd.mail.person import PersonKind
from rsvpd.scheduling.rooms import Auto, Settings
from support.running import Running
from support.speakers import DIALECTS, Google, Microsoft, Speaker, speakers
from support.world import World

MICROSOFT = ("graph", "outlook-v2", "outlook-v1")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    for name in ("alice", "bob", "carol"):
        world.add(name)
    world.add("orion", zone="Europe/Berlin", kind=PersonKind.ROOM)
    yield world
    world.close()


@pytest.fixture(params=DIALECTS)
def said(request: pytest.FixtureRequest, world: World) -> Speaker:
    return speakers(world)[request.param]


@pytest.fixture
def graph(world: World) -> Microsoft:
    found = speakers(world)["graph"]
    assert isinstance(found, Microsoft)
    return found


def policy(world: World, **changes: Any) -> None:
    world.store.run(set_room, "orion@example.com", changes)


def book(said: Speaker, who: str = "alice", at: str = "2026-12-01T10:00:00", **more: Any) -> str:
    made = said.invite(who, "Plans", at, 30, "UTC", ["bob", "orion"], **more)
    assert made.status in (200, 201), made.body
    return said.uid_of(made)


def answer(said: Speaker, uid: str, who: str = "alice") -> str:
    seen = said.see(who, uid)
    assert seen is not None
    return seen.answers["orion@example.com"]


def test_a_free_room_accepts_and_a_taken_one_declines(said: Speaker, graph: Microsoft) -> None:
    first = book(said)
    assert answer(said, first) == "accepted"
    second = book(said, "carol", "2026-12-01T10:15:00")
    assert answer(said, second, "carol") == "declined"
    assert answer(said, first) == "accepted"
    (told,) = graph.inbox("carol")
    assert (told.kind, told.subject, told.sender) == ("meetingDeclined", "Declined: Plans", "orion")
    assert told.text == "The room is taken: 2026-12-01 11:15 to 11:45 (Europe/Berlin)."
    assert [note.kind for note in graph.inbox("alice")] == ["meetingAccepted"]
    assert graph.inbox("orion") == []


def test_the_answer_to_the_request_shows_it_already(graph: Microsoft) -> None:
    made = graph.invite("alice", "Plans", "2026-12-01T10:00:00", 30, "UTC", ["orion"])
    (room,) = made.json["attendees"]
    assert room["status"]["response"] == "accepted"
    assert room["type"] in ("required", "resource")


def test_moving_frees_the_old_time_and_asks_for_the_new(said: Speaker) -> None:
    first, second = book(said), book(said, "carol", "2026-12-02T10:00:00")
    said.move("alice", first, "2026-12-02T10:00:00", 30, "UTC")
    assert answer(said, first) == "declined"
    said.move("alice", first, "2026-12-02T10:30:00", 30, "UTC")
    assert answer(said, first) == "accepted"
    said.move("carol", second, "2026-12-01T10:00:00", 30, "UTC")
    assert answer(said, second, "carol") == "accepted"


def test_new_words_are_no_new_request(said: Speaker, graph: Microsoft) -> None:
    uid = book(said)
    said.rename("alice", uid, "Better plans")
    assert answer(said, uid) == "accepted"
    assert len(graph.inbox("alice")) == 1
    copy = graph.see("orion", uid)
    assert copy is not None
    assert (copy.subject, copy.own_answer) == ("Better plans", "accepted")


def test_a_cancelled_booking_is_gone_and_the_time_free(said: Speaker, graph: Microsoft) -> None:
    uid = book(said)
    said.cancel("alice", uid)
    assert graph.see("orion", uid) is None
    assert answer(said, book(said, "carol"), "carol") == "accepted"


def test_a_room_that_leaves_the_list_is_free_and_can_come_back(said: Speaker, graph: Microsoft) -> None:
    uid = book(said)
    said.reinvite("alice", uid, ["bob"])
    assert graph.see("orion", uid) is None
    said.reinvite("alice", uid, ["bob", "orion"])
    assert answer(said, uid) == "accepted"


def test_what_is_over_is_not_answered(said: Speaker) -> None:
    assert answer(said, book(said, at="2026-11-20T10:00:00")) == "none"


def test_google_marks_rooms_as_resources_and_tells_only_on_request(world: World, graph: Microsoft) -> None:
    google = speakers(world)["google"]
    assert isinstance(google, Google)
    body = {
        "start": {"dateTime": "2026-12-01T10:00:00Z"},
        "end": {"dateTime": "2026-12-01T11:00:00Z"},
        "attendees": [{"email": "orion@example.com"}, {"email": "bob@example.com"}],
    }
    made = google.call("alice", "POST", "/calendars/primary/events", body).json
    entries = {one["email"].partition("@")[0]: one for one in made["attendees"]}
    assert entries["orion"]["resource"] is True
    assert entries["orion"]["responseStatus"] == "accepted"
    assert "resource" not in entries["bob"]
    assert graph.inbox("alice") == []


def test_without_a_response_asked_for_only_the_tracking_follows(graph: Microsoft) -> None:
    uid = book(graph, responseRequested=False)
    assert answer(graph, uid) == "accepted"
    assert graph.inbox("alice") == []


@pytest.mark.parametrize(("auto", "expected"), [(Auto.TENTATIVE, "tentative"), (Auto.NONE, "none")])
def test_the_setting(world: World, graph: Microsoft, auto: Auto, expected: str) -> None:
    policy(world, auto=auto)
    assert answer(graph, book(graph)) == expected


def test_settings_survive_a_restart(world: World) -> None:
    policy(world, horizon_days=None, delegates=("bob@example.com", "bob@example.com"))
    world.reopen()
    settings = world.store.run(get_room, "ORION@example.com").settings
    assert settings == Settings(horizon_days=None, delegates=("bob@example.com",))


WEEKLY = {
    "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]},
    "range": {"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 4},
}


def test_a_series_with_some_conflicts(world: World, graph: Microsoft) -> None:
    policy(world, max_conflicts=1, conflict_percentage=25)
    book(graph, "carol", "2026-12-08T10:00:00")
    made = graph.invite("alice", "Plans", "2026-12-01T10:00:00", 30, "UTC", ["orion"], recurrence=WEEKLY)
    window = "startDateTime=2026-11-30T00:00:00Z&endDateTime=2027-01-01T00:00:00Z"
    page = graph.call("alice", "GET", f"/me/events/{made.json['id']}/instances?{window}").json["value"]
    answers = [one["attendees"][0]["status"]["response"] for one in page]
    assert answers == ["accepted", "declined", "accepted", "accepted"]
    assert [note.kind for note in graph.inbox("alice")] == ["meetingAccepted", "meetingDeclined"]
    assert "2026-12-08 11:00 to 11:30" in graph.inbox("alice")[0].text
    view = graph.call("orion", "GET", f"/me/calendarView?{window}").json["value"]
    kept = [(one["start"]["dateTime"][:10], one["organizer"]["emailAddress"]["name"]) for one in view]
    assert kept == [("2026-12-01", "Alice"), ("2026-12-08", "Carol"), ("2026-12-15", "Alice"), ("2026-12-22", "Alice")]
    policy(world, max_conflicts=0)
    again = graph.invite("bob", "Other", "2026-12-01T10:00:00", 30, "UTC", ["orion"], recurrence=WEEKLY)
    assert again.json["attendees"][0]["status"]["response"] == "declined"


def test_a_delegate_is_asked_and_answers_in_the_rooms_calendar(world: World, graph: Microsoft) -> None:
    policy(world, delegates=("bob@example.com", "elsewhere@example.org"))
    uid = graph.uid_of(graph.invite("alice", "Plans", "2026-12-01T10:00:00", 30, "UTC", ["orion"]))
    assert answer(graph, uid) == "tentative"
    letter = graph.call("bob", "GET", "/me/messages").json["value"][0]
    assert letter["subject"] == "Approval needed: Plans"
    assert "2026-12-01 11:00 to 2026-12-01 11:30 (Europe/Berlin)" in letter["body"]["content"]
    copy = graph.see("orion", uid)
    assert copy is not None
    path = f"/users/orion@example.com/events/{copy.id}/accept"
    assert graph.call("carol", "POST", path).status == 403
    assert graph.call("bob", "POST", path, {"comment": "Enjoy"}).status == 202
    assert answer(graph, uid) == "accepted"
    last = graph.inbox("alice")[-1]
    assert (last.sender, last.kind, last.text) == ("orion", "meetingAccepted", "Enjoy")
    policy(world, delegates=())
    assert graph.call("bob", "GET", "/users/orion@example.com/events").status == 403


@pytest.fixture(params=["through the server", "on the file"])
def place(request: pytest.FixtureRequest, server: Running) -> Running:
    if request.param == "on the file":
        server.stop()
    return server


def test_the_administrator_sets_a_room_up(place: Running) -> None:
    room = ("room", "orion@example.com")
    shown = place.cli(*room)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.splitlines()[0].split() == ["orion@example.com", "Orion"]
    assert dict(line.split(maxsplit=1) for line in shown.stdout.splitlines()[1:])["auto"] == "accept"
    flags = ("--auto", "tentative", "--horizon-days", "none", "--recurring", "no")
    numbers = ("--max-minutes", "90", "--capacity", "8")
    changed = place.cli(*room, *flags, *numbers, "--delegate", "bob@example.com", "--delegate", "carol@example.com")
    assert changed.returncode == 0, changed.stderr
    lines = dict(line.split(maxsplit=1) for line in place.cli(*room).stdout.splitlines()[1:])
    assert lines == {
        "auto": "tentative",
        "horizon-days": "none",
        "recurring": "no",
        "max-minutes": "90",
        "max-conflicts": "0",
        "conflict-percentage": "0",
        "capacity": "8",
        "delegates": "bob@example.com, carol@example.com",
        "displayName": "Orion",
        "bookingType": "standard",
        "teamsEnabledState": "unknown",
        "list": "none",
    }
    assert "delegates            none" in place.cli(*room, "--delegate", "none").stdout
    for args, words in (
        (("room", "bob@example.com"), "is a person, not a room"),
        (("room", "nobody@example.com"), "nobody@example.com"),
        ((*room, "--conflict-percentage", "101"), "from 0 to 100"),
        ((*room, "--delegate", "x"), "x"),
    ):
        reply = place.cli(*args)
        assert reply.returncode == 1
        assert words in reply.stderr
        assert len(reply.stderr.splitlines()) == 1
