"""calendars.transferOwnership: a second calendar comes to somebody else, with what stands in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rsvpd.commands.deliver import deliver_next
from rsvpd.commands.directory import change_profile
from rsvpd.mail.person import PersonKind
from rsvpd.store.engine import WorkLimits
from support.world import Reply, World

CALENDARS, LIST = "/calendar/v3/calendars", "/calendar/v3/users/me/calendarList"
TIMES = {
    "start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2026-12-01T11:00:00", "timeZone": "UTC"},
}
WEEKLY = {**TIMES, "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4"]}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Yield alice, who has a second calendar, bob, carol, and ann, who administrates."""
    world = World(tmp_path)
    world.add("alice", zone="Europe/Berlin")
    for name in ("bob", "carol", "ann"):
        world.add(name)
    world.add("orion", kind=PersonKind.ROOM)
    world.store.run(change_profile, world.people["ann"], {"is_administrator": True})
    yield world
    world.close()


@pytest.fixture
def rowing(world: World) -> str:
    return str(ask(world, "alice", "POST", CALENDARS, {"summary": "Rowing", "description": "Eights"})["id"])


def ask(world: World, who: str, method: str, path: str, body: Any = None) -> Any:
    reply = world.request(who, method, path, body)
    assert reply.status in (200, 201, 202, 204), (reply.status, reply.body)
    return reply.json if reply.body else None


def transfer(
    world: World, calendar: str, to: str = "bob@example.com", *, who: str = "ann", admin: str = "true"
) -> Reply:
    path = f"{CALENDARS}/{calendar}/transferOwnership?newDataOwner={to}&useAdminAccess={admin}"
    return world.request(who, "POST", path)


def events_of(world: World, who: str, calendar: str, query: str = "") -> list[Any]:
    items: list[Any] = ask(world, who, "GET", f"{CALENDARS}/{calendar}/events{query}")["items"]
    return items


def insert(world: World, calendar: str, *guests: str, who: str = "alice", body: Any = TIMES, **members: Any) -> Any:
    attendees = [{"email": f"{name}@example.com"} for name in guests]
    event = {"summary": "Outing", "attendees": attendees, **body, **members}
    return ask(world, who, "POST", f"{CALENDARS}/{calendar}/events?sendUpdates=all", event)


def test_the_calendar_is_the_new_owners(world: World, rowing: str) -> None:
    ask(world, "alice", "POST", f"{CALENDARS}/{rowing}/acl", {
        "role": "reader", "scope": {"type": "user", "value": "carol@example.com"},
    })  # fmt: skip
    reply = transfer(world, rowing)
    assert (reply.status, reply.body) == (204, b"")
    for who, role in (("bob", "owner"), ("alice", "writer"), ("carol", "reader")):
        entry = ask(world, who, "GET", f"{LIST}/{rowing}")
        shown = (entry["summary"], entry["description"], entry["timeZone"], entry["dataOwner"], entry["accessRole"])
        assert shown == ("Rowing", "Eights", "Europe/Berlin", "bob@example.com", role)
    rules = ask(world, "bob", "GET", f"{CALENDARS}/{rowing}/acl")["items"]
    assert {one["scope"]["value"]: one["role"] for one in rules} == {
        "bob@example.com": "owner", "alice@example.com": "writer", "carol@example.com": "reader",
    }  # fmt: skip
    assert world.request("alice", "GET", f"{CALENDARS}/{rowing}/acl").status == 404
    own = [one["name"] for one in ask(world, "bob", "GET", "/v1.0/me/calendars")["value"]]
    shared = ask(world, "alice", "GET", "/v1.0/me/calendars")["value"]
    assert own == ["Calendar", "Rowing"]
    assert [(one["name"], one["owner"]["address"], one["canEdit"]) for one in shared] == [
        ("Calendar", "alice@example.com", True), ("Rowing", "bob@example.com", True),
    ]  # fmt: skip


def test_its_events_stay_and_are_the_new_owners(world: World, rowing: str) -> None:
    single = insert(world, rowing, extendedProperties={"private": {"a": "b"}})
    series = insert(world, rowing, body=WEEKLY)
    instance = f"{CALENDARS}/{rowing}/events/{series['id']}_20261208T100000Z"
    ask(world, "alice", "PATCH", instance, {"summary": "Race"})
    before = events_of(world, "alice", rowing, "?singleEvents=true")
    assert transfer(world, rowing).status == 204
    after = events_of(world, "bob", rowing, "?singleEvents=true")
    kept = ("id", "iCalUID", "summary", "start", "end", "created", "sequence", "extendedProperties")
    assert [{name: one.get(name) for name in kept} for one in after] == [
        {name: one.get(name) for name in kept} for one in before
    ]
    assert {one["organizer"]["email"] for one in after} == {rowing}
    ask(world, "bob", "PATCH", f"{CALENDARS}/{rowing}/events/{single['id']}", {"summary": "Regatta"})
    assert ask(world, "alice", "GET", f"{CALENDARS}/{rowing}/events/{single['id']}")["summary"] == "Regatta"
    assert events_of(world, "alice", "primary") == []
    assert ask(world, "alice", "GET", "/v1.0/me/events")["value"] == []


def test_guests_go_on_with_the_new_organizer(world: World, rowing: str) -> None:
    made = insert(world, rowing, "carol", "orion")
    mine = f"{CALENDARS}/primary/events/{made['id']}"
    ask(world, "carol", "PATCH", mine, {"attendees": [{"email": "carol@example.com", "responseStatus": "accepted"}]})
    (graph,) = ask(world, "carol", "GET", "/v1.0/me/events")["value"]
    inbox = len(ask(world, "carol", "GET", "/v1.0/me/messages")["value"])
    assert transfer(world, rowing).status == 204
    assert len(ask(world, "carol", "GET", "/v1.0/me/messages")["value"]) == inbox  # nobody is told
    theirs = ask(world, "carol", "GET", f"/v1.0/me/events/{graph['id']}")
    assert theirs["organizer"]["emailAddress"]["address"] == "bob@example.com"
    assert theirs["responseStatus"]["response"] == "accepted"
    answers = {one["email"]: one["responseStatus"] for one in events_of(world, "bob", rowing)[0]["attendees"]}
    assert answers == {"carol@example.com": "accepted", "orion@example.com": "accepted"}
    ask(world, "carol", "POST", f"/v1.0/me/events/{graph['id']}/decline", {"comment": "Sorry"})
    (event,) = events_of(world, "bob", rowing)
    assert {one["email"]: one["responseStatus"] for one in event["attendees"]}["carol@example.com"] == "declined"
    assert [one["subject"] for one in ask(world, "bob", "GET", "/v1.0/me/messages")["value"]] == ["Declined: Outing"]
    ask(world, "bob", "PATCH", f"{CALENDARS}/{rowing}/events/{made['id']}?sendUpdates=all", {"location": "Lake"})
    assert ask(world, "carol", "GET", mine)["location"] == "Lake"
    ask(world, "bob", "DELETE", f"{CALENDARS}/{rowing}/events/{made['id']}?sendUpdates=all")
    assert ask(world, "carol", "GET", mine)["status"] == "cancelled"


def test_who_was_a_guest_of_it_becomes_its_organizer(world: World, rowing: str) -> None:
    made = insert(world, rowing, "bob", "carol", body=WEEKLY)
    (copy,) = ask(world, "bob", "GET", "/v1.0/me/events")["value"]
    ask(world, "bob", "POST", f"/v1.0/me/events/{copy['id']}/accept", {})
    assert transfer(world, rowing).status == 204
    (event,) = events_of(world, "bob", rowing)
    assert (event["id"], [one["email"] for one in event["attendees"]]) == (made["id"], ["carol@example.com"])
    assert events_of(world, "bob", "primary") == []
    assert ask(world, "bob", "GET", f"/v1.0/me/events/{copy['id']}")["isOrganizer"] is True
    theirs = ask(world, "carol", "GET", f"{CALENDARS}/primary/events/{made['id']}")
    assert {one["email"]: one.get("organizer", False) for one in theirs["attendees"]} == {
        "bob@example.com": True, "carol@example.com": False,
    }  # fmt: skip


def test_the_former_owner_may_be_invited(world: World, rowing: str) -> None:
    made = insert(world, rowing, "carol")
    assert transfer(world, rowing).status == 204
    guests = [{"email": f"{name}@example.com"} for name in ("alice", "carol")]
    ask(world, "bob", "PATCH", f"{CALENDARS}/{rowing}/events/{made['id']}?sendUpdates=all", {"attendees": guests})
    (copy,) = events_of(world, "alice", "primary")
    assert (copy["id"], copy["organizer"]["email"]) == (made["id"], "bob@example.com")
    (graph,) = ask(world, "alice", "GET", "/v1.0/me/events")["value"]
    ask(world, "alice", "POST", f"/v1.0/me/events/{graph['id']}/accept", {})
    answers = {one["email"]: one["responseStatus"] for one in events_of(world, "bob", rowing)[0]["attendees"]}
    assert answers["alice@example.com"] == "accepted"


def test_what_both_have_by_one_name_is_two_events(world: World, rowing: str) -> None:
    for who, calendar in (("alice", rowing), ("bob", "primary")):
        body = {**TIMES, "summary": who, "iCalUID": "one@example.org"}
        ask(world, who, "POST", f"{CALENDARS}/{calendar}/events/import", body)
    assert transfer(world, rowing).status == 204
    assert [one["summary"] for one in events_of(world, "bob", rowing)] == ["alice"]
    assert [one["summary"] for one in events_of(world, "bob", "primary")] == ["bob"]


def test_it_outlives_the_account_of_the_former_owner(world: World, rowing: str) -> None:
    made = insert(world, rowing, "carol")
    assert transfer(world, rowing).status == 204
    ask(world, "ann", "DELETE", "/v1.0/users/alice@example.com")
    assert [one["id"] for one in events_of(world, "bob", rowing)] == [made["id"]]
    assert ask(world, "carol", "GET", f"{CALENDARS}/primary/events/{made['id']}")["status"] == "confirmed"


def test_who_synchronizes_begins_anew_and_lists_are_told(world: World, rowing: str) -> None:
    insert(world, rowing)
    primary = ask(world, "alice", "GET", f"{CALENDARS}/primary/events")["nextSyncToken"]
    events = ask(world, "alice", "GET", f"{CALENDARS}/{rowing}/events")["nextSyncToken"]
    tokens = {who: ask(world, who, "GET", LIST)["nextSyncToken"] for who in ("alice", "bob")}
    delta = "/v1.0/me/calendarView/delta?startDateTime=2026-11-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z"
    link = ask(world, "bob", "GET", delta)["@odata.deltaLink"]
    assert transfer(world, rowing).status == 204
    assert world.request("alice", "GET", f"{CALENDARS}/{rowing}/events?syncToken={events}").status == 410
    assert events_of(world, "alice", "primary", f"?syncToken={primary}") == []
    assert events_of(world, "alice", "primary", "?showDeleted=true") == []
    for who, token in tokens.items():
        changed = ask(world, who, "GET", f"{LIST}?syncToken={token}")["items"]
        assert [one["id"] for one in changed] == ([rowing] if who == "bob" else []), who
    assert ask(world, "bob", "GET", link.removeprefix("http://rsvpd.test"))["value"] == []  # of the default one


def test_free_times_are_asked_for_by_the_same_address(world: World, rowing: str) -> None:
    insert(world, rowing)
    assert transfer(world, rowing).status == 204
    window = {"timeMin": "2026-12-01T00:00:00Z", "timeMax": "2026-12-02T00:00:00Z"}
    found = ask(world, "alice", "POST", "/calendar/v3/freeBusy", {**window, "items": [{"id": rowing}]})["calendars"]
    assert len(found[rowing]["busy"]) == 1


def test_it_goes_back_again(world: World, rowing: str) -> None:
    made = insert(world, rowing, "carol")
    for to in ("bob", "alice"):
        assert transfer(world, rowing, f"{to}@example.com").status == 204
    (event,) = events_of(world, "alice", rowing)
    assert (event["id"], ask(world, "alice", "GET", f"{LIST}/{rowing}")["accessRole"]) == (made["id"], "owner")
    ask(world, "alice", "PATCH", f"{CALENDARS}/{rowing}/events/{made['id']}", {"location": "Lake"})
    assert ask(world, "carol", "GET", f"{CALENDARS}/primary/events/{made['id']}")["location"] == "Lake"


def test_while_invitations_are_under_way_it_has_to_wait(world: World, rowing: str) -> None:
    names = [f"g{number}" for number in range(100)]
    for name in names:
        world.add(name)
    insert(world, rowing, *names)
    assert transfer(world, rowing).status == 503
    while world.store.run(deliver_next):
        pass
    assert transfer(world, rowing).status == 204
    theirs = ask(world, names[-1], "GET", "/v1.0/me/events")["value"][0]
    assert theirs["organizer"]["emailAddress"]["address"] == "bob@example.com"


def test_more_than_a_request_may_do_is_refused_and_nothing_moves(tmp_path: Path) -> None:
    world = World(tmp_path, limits=WorkLimits(write=2_000))
    for name in ("alice", "bob"):
        world.add(name)
    world.store.run(change_profile, world.people["bob"], {"is_administrator": True})
    rowing = ask(world, "alice", "POST", CALENDARS, {"summary": "Rowing"})["id"]
    for _ in range(100):
        insert(world, rowing)
    reply = transfer(world, rowing, who="bob")
    assert (reply.status, reply.json["error"]["errors"][0]["reason"]) == (403, "quotaExceeded")
    assert len(events_of(world, "alice", rowing)) == 100
    assert world.request("bob", "GET", f"{CALENDARS}/{rowing}").status == 404
    world.close()


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "nobody but administrators": ({"who": "alice"}, 403, "forbidden"),
    "without admin access": ({"admin": "false"}, 400, "invalidParameter"),
    "a flag that is none": ({"admin": "maybe"}, 400, "invalidParameter"),
    "somebody unknown": ({"to": "nobody@example.org"}, 400, "invalid"),
    "no address": ({"to": "nobody"}, 400, "invalid"),
    "a room": ({"to": "orion@example.com"}, 400, "invalid"),
    "who has it already": ({"to": "alice@example.com"}, 400, "invalid"),
    "the own primary one": ({"calendar": "primary"}, 400, "invalid"),
    "a primary one": ({"calendar": "alice@example.com"}, 400, "invalid"),
    "one that is not": ({"calendar": "c_x@group.calendar.google.com"}, 404, "notFound"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(world: World, rowing: str, case: str) -> None:
    members, status, reason = REFUSED[case]
    reply = transfer(world, **{"calendar": rowing, **members})
    assert (reply.status, reply.json["error"]["errors"][0]["reason"]) == (status, reason)
    assert ask(world, "alice", "GET", f"{LIST}/{rowing}")["dataOwner"] == "alice@example.com"


@pytest.mark.parametrize("query", ["", "newDataOwner=bob@example.com", "useAdminAccess=true", "newDataOwner="])
def test_both_parameters_are_required(world: World, rowing: str, query: str) -> None:
    reply = world.request("ann", "POST", f"{CALENDARS}/{rowing}/transferOwnership?{query}")
    assert (reply.status, reply.json["error"]["errors"][0]["reason"]) == (400, "required")


def test_a_calendar_that_was_deleted_is_not_found(world: World, rowing: str) -> None:
    ask(world, "alice", "DELETE", f"{CALENDARS}/{rowing}")
    assert transfer(world, rowing).status == 404
