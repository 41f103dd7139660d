"""Events that are imported, or added by a line of text (reference: events.import, events.quickAdd), and settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.world import Reply, World

EVENTS = "/calendars/primary/events"
UID = "elsewhere-1@example.org"
TIMES = {
    "start": {"dateTime": "2026-12-01T10:00:00Z", "timeZone": "UTC"},
    "end": {"dateTime": "2026-12-01T11:00:00Z", "timeZone": "UTC"},
}
GUESTS = [
    {"email": "bob@example.com", "responseStatus": "accepted", "comment": "Gladly"}, {"email": "carol@example.com"}
]  # fmt: skip


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = World(tmp_path)
    for name in ("alice", "bob", "carol"):
        opened.add(name, zone="Europe/Berlin")
    yield opened
    opened.close()


def ask(world: World, who: str, method: str, path: str, body: Any = None) -> Reply:
    return world.request(who, method, f"/calendar/v3{path}", body)


def listed(world: World, who: str) -> list[Any]:
    return list(ask(world, who, "GET", EVENTS).json["items"])


def inbox(world: World, who: str) -> list[Any]:
    return list(world.request(who, "GET", "/v1.0/me/messages").json["value"])


def import_one(world: World, who: str, **more: Any) -> Reply:
    return ask(world, who, "POST", f"{EVENTS}/import", {"iCalUID": UID, "summary": "Fair", **TIMES, **more})


def test_a_guest_imports_an_invitation_from_elsewhere(world: World) -> None:
    organizer = {"email": "dora@elsewhere.example", "displayName": "Dora"}
    made = import_one(world, "bob", organizer=organizer, attendees=GUESTS, reminders={"useDefault": False}).json
    assert made["iCalUID"] == UID
    assert made["organizer"] == organizer
    assert made["reminders"] == {"useDefault": False}
    entries = {one["email"]: (one["responseStatus"], one.get("comment")) for one in made["attendees"]}
    assert entries["bob@example.com"] == ("accepted", "Gladly")
    assert listed(world, "bob") == [made]
    assert (listed(world, "carol"), inbox(world, "carol"), inbox(world, "bob")) == ([], [], [])


def test_an_own_event_is_imported_without_inviting_anybody(world: World) -> None:
    made = import_one(world, "alice", attendees=GUESTS).json
    assert made["organizer"] == {"email": "alice@example.com", "displayName": "Alice", "self": True}
    assert {one["email"] for one in made["attendees"]} == {"alice@example.com", "bob@example.com", "carol@example.com"}
    assert [listed(world, who) for who in ("bob", "carol")] == [[], []]
    assert [inbox(world, who) for who in ("alice", "bob", "carol")] == [[], [], []]


def test_who_imports_a_meeting_of_somebody_here_gets_nothing_into_it(world: World) -> None:
    theirs = ask(world, "alice", "POST", f"{EVENTS}?sendUpdates=all", {"summary": "Board", **TIMES}).json
    alice = {"email": "alice@example.com"}
    mine = import_one(world, "bob", iCalUID=theirs["iCalUID"], organizer=alice, attendees=GUESTS).json
    entry = {"email": "bob@example.com", "responseStatus": "declined"}
    ask(world, "bob", "PATCH", f"{EVENTS}/{mine['id']}", {"attendeesOmitted": True, "attendees": [entry]})
    assert listed(world, "alice") == [theirs]


@pytest.mark.parametrize(
    ("members", "status"),
    [
        ({"iCalUID": None}, 400), ({"start": None}, 400), ({"organizer": "dora"}, 400), ({"status": "cancelled"}, 400),
        ({"organizer": {"email": "no address"}}, 400),
    ],
)  # fmt: skip
def test_what_cannot_be_imported(world: World, members: dict[str, Any], status: int) -> None:
    assert import_one(world, "bob", **members).status == status
    assert listed(world, "bob") == []


def test_a_line_of_text(world: World) -> None:
    made = ask(world, "alice", "POST", f"{EVENTS}/quickAdd?text=Lunch+at+Joe%27s+tomorrow+12pm-1:30pm").json
    assert made["summary"] == "Lunch at Joe's"
    assert made["start"] == {"dateTime": "2026-11-24T12:00:00+01:00", "timeZone": "Europe/Berlin"}
    assert made["end"] == {"dateTime": "2026-11-24T13:30:00+01:00", "timeZone": "Europe/Berlin"}
    assert listed(world, "alice") == [made]


def test_a_line_of_text_without_a_time_is_the_day(world: World) -> None:
    made = ask(world, "alice", "POST", f"{EVENTS}/quickAdd?text=Holiday+December+24").json
    assert (made["summary"], made["start"], made["end"]) == (
        "Holiday", {"date": "2026-12-24"}, {"date": "2026-12-25"},
    )  # fmt: skip


@pytest.mark.parametrize("query", ["", "?text=", "?text=%20", "?text=x+9999-12-31"])
def test_no_text_is_no_event(world: World, query: str) -> None:
    assert ask(world, "alice", "POST", f"{EVENTS}/quickAdd{query}").status == 400
    assert listed(world, "alice") == []


def test_who_may_only_read_adds_nothing(world: World) -> None:
    rule = {"role": "reader", "scope": {"type": "user", "value": "bob@example.com"}}
    ask(world, "alice", "POST", "/calendars/primary/acl", rule)
    shared = "/calendars/alice@example.com/events"
    assert ask(world, "bob", "POST", f"{shared}/quickAdd?text=Lunch").status == 403
    assert ask(world, "bob", "POST", f"{shared}/import", {"iCalUID": UID, **TIMES}).status == 403
    assert listed(world, "alice") == []
