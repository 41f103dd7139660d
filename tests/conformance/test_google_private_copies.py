"""Private copies and revisions of events: `privateCopy` and `sequence` (reference: events)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rsvpd.commands import outbox
from rsvpd.mail.person import PersonKind
from support.world import Reply, World

EVENTS = "/calendar/v3/calendars/primary/events"
ME = "/v1.0/me"
TIMES = {
    "start": {"dateTime": "2026-12-01T10:00:00Z", "timeZone": "UTC"},
    "end": {"dateTime": "2026-12-01T11:00:00Z", "timeZone": "UTC"},
}
LATER = {"end": {"dateTime": "2026-12-01T12:00:00Z", "timeZone": "UTC"}}
GUESTS = [{"email": "bob@example.com"}, {"email": "eve@elsewhere.example"}, {"email": "orion@example.com"}]
TELLS = "sendUpdates=all"
STALE = (
    "Invalid sequence value. The specified sequence number is below the current sequence number of the resource."
    " Re-fetch the resource and use its sequence number on the following request."
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = World(tmp_path)
    for name in ("alice", "bob", "carol"):
        opened.add(name)
    opened.add("orion", kind=PersonKind.ROOM)
    yield opened
    opened.close()


def insert(world: World, **more: Any) -> Any:
    return world.request("alice", "POST", f"{EVENTS}?{TELLS}", {"summary": "Fair", **TIMES, **more}).json


def patch(world: World, who: str, id: str, body: Any) -> Reply:
    return world.request(who, "PATCH", f"{EVENTS}/{id}?{TELLS}", body)


def listed(world: World, who: str) -> list[Any]:
    return list(world.request(who, "GET", f"{EVENTS}?showDeleted=true").json["items"])


def told(world: World) -> list[Any]:
    """Return what anybody but alice has in a calendar or an inbox, and what waits to leave."""
    seen = [one for who in ("bob", "carol", "orion") for one in listed(world, who)]
    for who in ("alice", "bob", "carol", "orion"):
        seen += world.request(who, "GET", f"{ME}/messages").json["value"]
    return seen + list(world.store.run(outbox.list_messages))


def imported(world: World, who: str, **more: Any) -> Reply:
    body = {"iCalUID": "elsewhere@example.org", "summary": "Fair", **TIMES, **more}
    return world.request(who, "POST", f"{EVENTS}/import", body)


# --- private copies


def test_nobody_hears_of_a_private_copy_whatever_becomes_of_it(world: World) -> None:
    reply = world.request("alice", "POST", f"{EVENTS}?{TELLS}", {**TIMES, "attendees": GUESTS, "privateCopy": True})
    made = reply.json
    assert (made["privateCopy"], made["guestsCanInviteOthers"]) == (True, False)
    assert len(made["attendees"]) == 4
    assert "private copy" in reply.hint
    for change in (LATER, {"summary": "New"}, {"attendees": [{"email": "carol@example.com"}]}, {"sequence": 9}):
        changed = patch(world, "alice", made["id"], change)
        assert (changed.status, changed.json["privateCopy"]) == (200, True)
    path = f"{ME}/events?$filter=subject eq 'New'"
    (in_graph,) = world.request("alice", "GET", path).json["value"]
    recipients = {"toRecipients": [{"emailAddress": {"address": "carol@example.com"}}]}
    forwarded = world.request("alice", "POST", f"{ME}/events/{in_graph['id']}/forward", recipients)
    assert (forwarded.status, "private copy" in forwarded.hint) == (400, True)
    assert world.request("alice", "POST", f"{ME}/events/{in_graph['id']}/cancel", {}).status == 202
    assert told(world) == []


def test_a_series_is_one_for_every_date(world: World) -> None:
    made = insert(world, privateCopy=True, recurrence=["RRULE:FREQ=DAILY;COUNT=3"], attendees=GUESTS)
    items = world.request("alice", "GET", f"{EVENTS}/{made['id']}/instances").json["items"]
    assert [one["privateCopy"] for one in items] == [True] * 3
    assert patch(world, "alice", items[1]["id"], {"summary": "Other"}).json["privateCopy"] is True
    assert world.request("alice", "DELETE", f"{EVENTS}/{items[2]['id']}?{TELLS}").status == 204
    assert patch(world, "alice", made["id"], {"recurrence": ["RRULE:FREQ=DAILY;COUNT=2"]}).status == 200
    assert told(world) == []


def test_whether_it_is_one_is_said_once(world: World) -> None:
    usual, private = insert(world, attendees=GUESTS[:1]), insert(world, privateCopy=True)
    reply = patch(world, "alice", usual["id"], {"privateCopy": True, "summary": "New"})
    assert "privateCopy" not in reply.json
    assert "privateCopy" in reply.hint
    assert [one["summary"] for one in listed(world, "bob")] == ["New"]
    whole = {**private, "privateCopy": False}
    reply = world.request("alice", "PUT", f"{EVENTS}/{private['id']}", whole)
    assert (reply.json["privateCopy"], "privateCopy" in reply.hint) == (True, True)
    assert world.request("alice", "POST", EVENTS, {**TIMES, "privateCopy": "yes"}).status == 400


def test_what_is_imported_is_one_and_answered_for_oneself(world: World) -> None:
    theirs = insert(world)
    organizer, me = {"email": "alice@example.com"}, {"email": "bob@example.com", "responseStatus": "needsAction"}
    mine = imported(world, "bob", iCalUID=theirs["iCalUID"], organizer=organizer, attendees=[me]).json
    assert (mine["privateCopy"], mine["guestsCanInviteOthers"]) == (True, False)
    answer = {"attendeesOmitted": True, "attendees": [{**me, "responseStatus": "accepted"}]}
    reply = patch(world, "bob", mine["id"], answer)
    assert [one["responseStatus"] for one in reply.json["attendees"] if one.get("self")] == ["accepted"]
    assert "private copy" in reply.hint
    (in_graph,) = world.request("bob", "GET", f"{ME}/events").json["value"]
    reply = world.request("bob", "POST", f"{ME}/events/{in_graph['id']}/tentativelyAccept", {"comment": "Maybe"})
    assert (reply.status, "private copy" in reply.hint) == (202, True)
    assert patch(world, "bob", mine["id"], {"summary": "Mine"}).status == 403
    assert patch(world, "bob", mine["id"], {"attendees": [me, {"email": "carol@example.com"}]}).status == 403
    assert world.request("bob", "DELETE", f"{EVENTS}/{mine['id']}?{TELLS}").status == 204
    assert listed(world, "alice") == [theirs]
    assert world.request("alice", "GET", f"{ME}/messages").json["value"] == []
    assert list(world.store.run(outbox.list_messages)) == []


@pytest.mark.parametrize("recurrence", [None, ["RRULE:FREQ=DAILY;COUNT=3"]])
def test_what_is_read_of_one_mailbox_is_imported_to_another_and_written_back(world: World, recurrence: Any) -> None:
    insert(world, attendees=GUESTS[:1], recurrence=recurrence, sequence=3, location="Here")
    theirs = listed(world, "bob")[0]
    mine = world.request("carol", "POST", f"{EVENTS}/import", theirs).json
    same = ("id", "iCalUID", "organizer", "sequence", "summary", "location", "start", "end", "recurrence")
    assert {name: mine.get(name) for name in same} == {name: theirs.get(name) for name in same}
    assert {one["email"] for one in mine["attendees"] if one.get("self")} == {"carol@example.com"}
    for method in ("PUT", "PATCH"):
        reply = world.request("carol", method, f"{EVENTS}/{mine['id']}", mine)
        assert (reply.status, reply.json) == (200, mine)


def test_who_is_invited_after_all_has_an_ordinary_copy(world: World) -> None:
    theirs = insert(world)
    imported(world, "bob", iCalUID=theirs["iCalUID"], organizer={"email": "alice@example.com"}, sequence=7)
    assert patch(world, "alice", theirs["id"], {"summary": "Real", "attendees": GUESTS[:1]}).status == 200
    (mine,) = listed(world, "bob")
    assert (mine["summary"], "privateCopy" in mine) == ("Real", False)
    answer = {"attendees": [{"email": "bob@example.com", "responseStatus": "declined"}], "attendeesOmitted": True}
    assert patch(world, "bob", mine["id"], answer).status == 200
    (whole,) = listed(world, "alice")
    assert [one["responseStatus"] for one in whole["attendees"]] == ["accepted", "declined"]


def test_an_absence_declines_none(world: World) -> None:
    organizer = {"email": "dora@elsewhere.example"}
    mine = imported(world, "bob", organizer=organizer, attendees=[{"email": "bob@example.com"}]).json
    away = {"autoDeclineMode": "declineAllConflictingInvitations"}
    body = {**TIMES, "eventType": "outOfOffice", "outOfOfficeProperties": away}
    assert world.request("bob", "POST", EVENTS, body).status == 200
    assert world.request("bob", "GET", f"{EVENTS}/{mine['id']}").json == mine


# --- imported once more


def test_a_later_revision_is_written_over_what_was_imported(world: World) -> None:
    organizer = {"email": "dora@elsewhere.example"}
    first = imported(world, "bob", organizer=organizer, sequence=3, location="Here").json
    assert first["sequence"] == 3
    again = imported(world, "bob", organizer=organizer, sequence=4, summary="Fair, later", **LATER)
    assert (again.status, again.json["id"], again.json["sequence"]) == (200, first["id"], 4)
    assert (again.json["created"], "location" in again.json) == (first["created"], False)
    assert listed(world, "bob") == [again.json]
    assert imported(world, "bob", organizer=organizer, sequence=4, summary="Once more").json["summary"] == "Once more"


@pytest.mark.parametrize("sequence", [{"sequence": 2}, {}])
def test_an_earlier_revision_is_not(world: World, sequence: dict[str, int]) -> None:
    first = imported(world, "bob", sequence=3).json
    reply = imported(world, "bob", summary="Old", **sequence)
    assert (reply.status, reply.json["error"]["message"]) == (400, STALE)
    assert listed(world, "bob") == [first]


def test_one_date_of_a_series_is_not_written_over_another(world: World) -> None:
    made = insert(world, recurrence=["RRULE:FREQ=DAILY;COUNT=2"])
    first, second = world.request("alice", "GET", f"{EVENTS}/{made['id']}/instances").json["items"]
    left_out = ("id", "organizer", "creator")
    bodies = [{name: value for name, value in one.items() if name not in left_out} for one in (first, second)]
    replies = [world.request("bob", "POST", f"{EVENTS}/import", body) for body in bodies]
    assert [one.status for one in replies] == [200, 409]
    assert [one["start"] for one in listed(world, "bob")] == [first["start"]]


def test_what_was_deleted_comes_back_in_a_later_revision(world: World) -> None:
    first = imported(world, "bob").json
    world.request("bob", "DELETE", f"{EVENTS}/{first['id']}")
    again = imported(world, "bob", sequence=5).json
    assert (again["id"], again["status"], again["sequence"]) == (first["id"], "confirmed", 5)


def test_what_is_no_private_copy_of_that_calendar_stays(world: World) -> None:
    own = insert(world, sequence=2, attendees=GUESTS[:1])
    assert imported(world, "alice", iCalUID=own["iCalUID"], sequence=2).status == 409
    assert imported(world, "alice", iCalUID=own["iCalUID"], sequence=1).status == 400
    assert imported(world, "bob", iCalUID=own["iCalUID"], sequence=9).status == 409  # bob's own event would that be
    imported(world, "alice")
    second = world.request("alice", "POST", "/calendar/v3/calendars", {"summary": "Second"}).json["id"]
    body = {"iCalUID": "elsewhere@example.org", **TIMES}
    assert world.request("alice", "POST", f"/calendar/v3/calendars/{second}/events/import", body).status == 409


# --- revisions


def test_a_client_says_the_number_of_a_revision(world: World) -> None:
    made = insert(world, sequence=5, attendees=GUESTS[:1])
    assert (made["sequence"], listed(world, "bob")[0]["sequence"]) == (5, 5)
    for body, sequence in (
        ({"sequence": 5, "summary": "The same"}, 5),
        ({"sequence": 8}, 8),  # an update by itself
        ({"sequence": 9, **LATER}, 9),  # raised once
        ({"sequence": 9, **TIMES}, 10),
    ):
        assert patch(world, "alice", made["id"], body).json["sequence"] == sequence
        assert listed(world, "bob")[0]["sequence"] == sequence
    answer = {"attendees": [{"email": "bob@example.com", "responseStatus": "accepted"}], "attendeesOmitted": True}
    assert patch(world, "bob", made["id"], answer).status == 200
    assert patch(world, "alice", made["id"], {"sequence": 20}).json["attendees"][1]["responseStatus"] == "accepted"


def test_an_earlier_one_is_refused_in_googles_words(world: World) -> None:
    made = insert(world, sequence=5)
    for method, body in (("PATCH", {"sequence": 4}), ("PUT", {**made, "sequence": 0})):
        reply = world.request("alice", method, f"{EVENTS}/{made['id']}", body)
        error = reply.json["error"]
        assert (reply.status, error["errors"][0]["reason"], error["message"]) == (400, "invalid", STALE)
    assert world.request("alice", "GET", f"{EVENTS}/{made['id']}").json == made
    assert world.request("alice", "PUT", f"{EVENTS}/{made['id']}", {**TIMES}).json["sequence"] == 5


@pytest.mark.parametrize("wrong", [-1, 2**31 - 1, 2**70, 1.5, "7", True, [], {}])
def test_no_number_of_a_revision(world: World, wrong: Any) -> None:
    made = insert(world)
    assert patch(world, "alice", made["id"], {"sequence": wrong}).status == 400
    assert imported(world, "bob", sequence=wrong).status == 400


def test_a_guest_makes_no_revision(world: World) -> None:
    made = insert(world, attendees=GUESTS[:1], guestsCanModify=True)
    reply = patch(world, "bob", made["id"], {"sequence": 7})
    assert (reply.status, reply.json["sequence"], "sequence" in reply.hint) == (200, 0, True)
    moved = patch(world, "bob", made["id"], {"sequence": 7, **LATER})
    assert moved.json["sequence"] == listed(world, "alice")[0]["sequence"] == 1


def test_a_date_of_a_series_raises_that_of_the_series(world: World) -> None:
    made = insert(world, recurrence=["RRULE:FREQ=DAILY;COUNT=3"], attendees=GUESTS[:1])
    date = world.request("alice", "GET", f"{EVENTS}/{made['id']}/instances").json["items"][1]
    assert patch(world, "alice", date["id"], {"sequence": 4, "summary": "Other"}).json["sequence"] == 4
    assert patch(world, "alice", made["id"], {"sequence": 3}).status == 400
    assert {one["sequence"] for one in listed(world, "bob")} == {4}


def test_what_was_called_off_takes_place_again_in_a_later_revision(world: World) -> None:
    made = insert(world)
    world.request("alice", "DELETE", f"{EVENTS}/{made['id']}")
    gone = world.request("alice", "GET", f"{EVENTS}/{made['id']}").json
    assert patch(world, "alice", made["id"], {"status": "confirmed", "sequence": 0}).status == 400
    back = patch(world, "alice", made["id"], {"status": "confirmed", "sequence": gone["sequence"] + 5}).json
    assert (back["status"], back["sequence"]) == ("confirmed", gone["sequence"] + 5)
