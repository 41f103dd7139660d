"""A UID belongs to nobody: what somebody else sends under it is another meeting, and both stand side by side.

RFC 5546 6.1.1: only the organizer changes a meeting. mallory knows the id of alice's meeting and makes one of his
own under it; dave is invited to both, in either order.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from rsvpd.calendar.event import Attendee, Event, Meeting, Timed
from rsvpd.commands.door import writes
from rsvpd.mail.address import Mailbox
from rsvpd.mail.person import PersonKind
from rsvpd.scheduling.effects import PutCopy
from rsvpd.store.apply import apply
from rsvpd.store.sqlite.upgrade_7 import separate
from rsvpd.store.tx import Tx
from support.client import Client
from support.world import Reply, World

EVENTS = "/calendar/v3/calendars/primary/events"
DAY = "2026-12-01"
SERIES = {"single": [], "series": ["RRULE:FREQ=DAILY;COUNT=4"]}
ALICE, MALLORY = "alice@example.com", "mallory@example.com"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    for name in ("alice", "mallory", "dave", "carol"):
        world.add(name)
    world.add("orion", kind=PersonKind.ROOM)
    yield world
    world.close()


def google(world: World, who: str, method: str, path: str = "", body: Any = None) -> Any:
    reply = ask(world, who, method, path, body)
    assert reply.status < 300, reply.body
    return reply.json if reply.body else None


def ask(world: World, who: str, method: str, path: str = "", body: Any = None) -> Reply:
    mark = "&" if "?" in path else "?"
    return world.request(who, method, f"{EVENTS}{path}{mark}sendUpdates=all", body)


def times(hour: int) -> dict[str, Any]:
    edges = {"start": hour, "end": hour + 1}
    return {name: {"dateTime": f"{DAY}T{at:02}:00:00Z", "timeZone": "UTC"} for name, at in edges.items()}


def guests(*names: str) -> dict[str, Any]:
    return {"attendees": [{"email": f"{name}@example.com"} for name in names]}


class Pair:
    """alice's meeting and mallory's under the same UID, with dave invited to both in this order."""

    def __init__(self, world: World, *, made_in: str, first: str, kind: str) -> None:
        self.world = world
        rules = {"recurrence": SERIES[kind]} if SERIES[kind] else {}
        if made_in == "google":
            self.own = google(world, "alice", "POST", "", {"summary": "Review", **times(10), **rules})
        else:
            alice = Client(world, "alice", made_in)
            daily = {"pattern": {"type": "daily", "interval": 1}}
            ends = {"range": {"type": "numbered", "startDate": DAY, "numberOfOccurrences": 4}}
            more = {"recurrence": daily | ends} if rules else {}
            alice.create("Review", f"{DAY}T10:00:00", f"{DAY}T11:00:00", **more)
            (self.own,) = google(world, "alice", "GET")["items"]
        self.uid = self.own["iCalUID"]
        fake = {"id": self.own["id"], "summary": "Fake", **times(14), **rules}
        assert google(world, "mallory", "POST", "", fake)["iCalUID"] == self.uid
        for who in ("alice", "mallory") if first == "alice" else ("mallory", "alice"):
            google(world, who, "PATCH", f"/{self.own['id']}", guests("dave"))

    def of(self, who: str, organizer: str) -> Any:
        """Return in Google what `who` has of the organizer's meeting."""
        found = google(self.world, who, "GET", f"?iCalUID={self.uid}")["items"]
        (one,) = [one for one in found if one["organizer"]["email"] == organizer and "recurringEventId" not in one]
        assert google(self.world, who, "GET", f"/{one['id']}") == one
        return one

    def answers(self, organizer: str) -> dict[str, str]:
        """Return who answered what, as the organizer of one of them has it."""
        own = google(self.world, organizer.partition("@")[0], "GET", f"/{self.own['id']}")
        return {one["email"]: one["responseStatus"] for one in own["attendees"] if not one.get("organizer")}


@pytest.fixture(params=["single", "series"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["alice", "mallory"], ids=["squatted_after", "squatted_before"])
def first(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["graph", "v2", "v1", "google"])
def pair(world: World, request: pytest.FixtureRequest, first: str, kind: str) -> Pair:
    return Pair(world, made_in=request.param, first=first, kind=kind)


def test_both_stand_side_by_side(pair: Pair) -> None:
    dave = {name: Client(pair.world, "dave", name) for name in ("graph", "v2", "v1")}
    for client in dave.values():
        found = client.get(f"/me/events?$filter=iCalUId eq '{pair.uid}'")["value"]
        shown = {one["organizer"]["emailAddress"]["address"]: one["subject"] for one in found}
        assert shown == {ALICE: "Review", MALLORY: "Fake"}
        assert len({one["id"] for one in found}) == 2
    real, fake = pair.of("dave", ALICE), pair.of("dave", MALLORY)
    assert (real["summary"], fake["summary"]) == ("Review", "Fake")
    assert real["id"] != fake["id"]
    assert pair.own["id"] in (real["id"], fake["id"])
    inbox = dave["graph"].get("/me/mailFolders/inbox/messages?$expand=microsoft.graph.eventMessage/event")["value"]
    about = {one["subject"]: one["event"]["organizer"]["emailAddress"]["address"] for one in inbox}
    assert about == {"Review": ALICE, "Fake": MALLORY}
    assert len({one["conversationId"] for one in inbox}) == 2


def test_each_answer_reaches_its_own_organizer(pair: Pair) -> None:
    world, me = pair.world, {"email": "dave@example.com"}
    real, fake = pair.of("dave", ALICE), pair.of("dave", MALLORY)
    answer = {"attendeesOmitted": True, "attendees": [me | {"responseStatus": "accepted"}]}
    google(world, "dave", "PATCH", f"/{real['id']}", answer)
    assert pair.answers(ALICE) == {"dave@example.com": "accepted"}
    assert pair.answers(MALLORY) == {"dave@example.com": "needsAction"}
    dave = Client(world, "dave", "graph")
    for one in dave.get("/me/mailFolders/inbox/messages")["value"]:
        if one["subject"] == "Fake":
            event = f"/me/messages/{one['id']}/microsoft.graph.eventMessage/event"
            assert dave("POST", f"{event}/decline", {"comment": "no"}).status == 202
    assert pair.answers(ALICE) == {"dave@example.com": "accepted"}
    assert pair.answers(MALLORY) == {"dave@example.com": "declined"}
    assert [one["subject"] for one in inbox(world, "alice")] == ["Accepted: Review"]
    assert [one["subject"] for one in inbox(world, "mallory")] == ["Declined: Fake"]
    google(world, "dave", "DELETE", f"/{fake['id']}")
    assert pair.of("dave", ALICE)["status"] == "confirmed"


def test_updates_and_cancellations_reach_their_own_copy(pair: Pair) -> None:
    world = pair.world
    google(world, "mallory", "PATCH", f"/{pair.own['id']}", {"summary": "Faker", **times(15)})
    assert pair.of("dave", ALICE)["summary"] == "Review"
    assert pair.of("dave", ALICE)["start"]["dateTime"] == f"{DAY}T10:00:00Z"
    google(world, "alice", "PATCH", f"/{pair.own['id']}", {"summary": "Real", **times(11)})
    real, fake = pair.of("dave", ALICE), pair.of("dave", MALLORY)
    assert (real["summary"], real["start"]["dateTime"]) == ("Real", f"{DAY}T11:00:00Z")
    assert (fake["summary"], fake["start"]["dateTime"]) == ("Faker", f"{DAY}T15:00:00Z")
    google(world, "mallory", "DELETE", f"/{pair.own['id']}")
    assert pair.of("dave", ALICE)["status"] == "confirmed"
    assert google(world, "dave", "GET", f"/{fake['id']}")["status"] == "cancelled"
    assert google(world, "alice", "GET", f"/{pair.own['id']}")["status"] == "confirmed"
    google(world, "alice", "DELETE", f"/{pair.own['id']}")
    assert google(world, "dave", "GET", f"/{real['id']}")["status"] == "cancelled"


def test_what_the_owner_keeps_stays_with_its_copy(pair: Pair) -> None:
    world = pair.world
    real, fake = pair.of("dave", ALICE), pair.of("dave", MALLORY)
    google(world, "dave", "PATCH", f"/{real['id']}", {"colorId": "7"})
    assert pair.of("dave", ALICE)["colorId"] == "7"
    assert "colorId" not in pair.of("dave", MALLORY)
    google(world, "dave", "PATCH", f"/{fake['id']}", {"colorId": "3"})
    assert pair.of("dave", ALICE)["colorId"] == "7"
    theirs = {"if-match": fake["etag"]}
    stale = world.request("dave", "PATCH", f"{EVENTS}/{real['id']}", {"colorId": "1"}, headers=theirs)
    assert stale.status == 412


@pytest.mark.parametrize("kind", ["series"], indirect=True)
def test_occurrences_of_both(pair: Pair) -> None:
    world = pair.world
    for organizer, hour in ((ALICE, 10), (MALLORY, 14)):
        one = pair.of("dave", organizer)
        found = google(world, "dave", "GET", f"/{one['id']}/instances")["items"]
        assert [each["id"] for each in found] == [f"{one['id']}_202612{day:02}T{hour}0000Z" for day in range(1, 5)]
        assert {each["recurringEventId"] for each in found} == {one["id"]}
    real, fake = pair.of("dave", ALICE), pair.of("dave", MALLORY)
    answer = {"attendees": [{"email": "dave@example.com", "responseStatus": "declined"}]}
    google(world, "dave", "PATCH", f"/{real['id']}_20261202T100000Z", answer)
    theirs = google(world, "alice", "GET", f"/{pair.own['id']}_20261202T100000Z")
    assert {one["email"]: one["responseStatus"] for one in theirs["attendees"]}["dave@example.com"] == "declined"
    google(world, "alice", "DELETE", f"/{pair.own['id']}_20261203T100000Z")
    google(world, "mallory", "PATCH", f"/{pair.own['id']}_20261204T140000Z", {"summary": "Fakest"})
    listed = google(world, "dave", "GET", f"?iCalUID={pair.uid}&showDeleted=true")["items"]
    changed = {one["id"]: (one["summary"], one["status"]) for one in listed if "recurringEventId" in one}
    assert changed == {
        f"{real['id']}_20261202T100000Z": ("Review", "confirmed"),
        f"{real['id']}_20261203T100000Z": ("Review", "cancelled"),
        f"{fake['id']}_20261204T140000Z": ("Fakest", "confirmed"),
    }
    gone = ask(world, "dave", "DELETE", f"/{real['id']}_20261203T100000Z")
    assert gone.status == 410
    google(world, "dave", "DELETE", f"/{fake['id']}_20261202T140000Z")
    assert google(world, "dave", "GET", f"/{fake['id']}_20261202T140000Z")["status"] == "cancelled"
    assert google(world, "dave", "GET", f"/{real['id']}_20261201T100000Z")["status"] == "confirmed"


def test_passing_on_means_the_one_that_was_passed_on(pair: Pair) -> None:
    world = pair.world
    dave = Client(world, "dave", "graph")
    found = dave.get(f"/me/events?$filter=iCalUId eq '{pair.uid}'")["value"]
    (real,) = [one["id"] for one in found if one["subject"] == "Review"]
    body = {"toRecipients": [{"emailAddress": {"address": "carol@example.com"}}]}
    assert dave("POST", f"/me/events/{real}/forward", body).status == 202
    assert pair.of("carol", ALICE)["summary"] == "Review"
    assert pair.answers(ALICE).keys() == {"dave@example.com", "carol@example.com"}
    assert pair.answers(MALLORY).keys() == {"dave@example.com"}


def inbox(world: World, who: str) -> list[Any]:
    found: list[Any] = Client(world, who, "graph").get("/me/mailFolders/inbox/messages")["value"]
    return found


def test_the_organizers_own_calendar_holds_both(world: World, kind: str) -> None:
    pair = Pair(world, made_in="google", first="alice", kind=kind)
    google(world, "mallory", "PATCH", f"/{pair.own['id']}", guests("alice"))
    real, fake = pair.of("alice", ALICE), pair.of("alice", MALLORY)
    assert (real["id"], real["summary"]) == (pair.own["id"], "Review")
    answer = {"attendees": [{"email": ALICE, "responseStatus": "accepted"}]}
    google(world, "alice", "PATCH", f"/{fake['id']}", answer)
    assert pair.answers(MALLORY) == {ALICE: "accepted"}
    google(world, "mallory", "DELETE", f"/{pair.own['id']}")
    assert pair.of("alice", ALICE)["status"] == "confirmed"
    assert pair.answers(ALICE) == {"dave@example.com": "needsAction"}


def test_a_room_is_not_taken_twice_under_one_uid(world: World) -> None:
    real = google(world, "alice", "POST", "", {"summary": "Review", **times(10), **guests("orion")})
    fake = {"id": real["id"], "summary": "Fake", **times(10), **guests("orion")}
    google(world, "mallory", "POST", "", fake)
    (mine,) = [one for one in google(world, "alice", "GET", f"/{real['id']}")["attendees"] if one.get("resource")]
    (his,) = [one for one in google(world, "mallory", "GET", f"/{real['id']}")["attendees"] if one.get("resource")]
    assert (mine["responseStatus"], his["responseStatus"]) == ("accepted", "declined")


def test_a_delegate_answers_the_one_that_was_meant(world: World) -> None:
    body = {"emailAddress": {"address": "carol@example.com"}, "role": "delegateWithPrivateEventAccess"}
    assert Client(world, "dave", "graph")("POST", "/me/calendar/calendarPermissions", body).status == 201
    pair = Pair(world, made_in="google", first="mallory", kind="single")
    carol = Client(world, "carol", "graph")
    (request,) = [one for one in inbox(world, "carol") if one["subject"] == "Review"]
    event = f"/me/messages/{request['id']}/microsoft.graph.eventMessage/event"
    assert carol("POST", f"{event}/accept").status == 202
    assert pair.answers(ALICE) == {"dave@example.com": "accepted"}
    assert pair.answers(MALLORY) == {"dave@example.com": "needsAction"}


@writes
def _arrive(tx: Tx, mailbox: int, meeting: Meeting) -> None:
    apply(tx, (PutCopy(mailbox=mailbox, copy=separate(meeting)[0]),))


def test_an_organizer_outside_and_one_here(world: World) -> None:
    uid, zoe = "known@else.test", Mailbox("zoe@else.test", "Zoë")
    start, end = (Timed(datetime(2026, 12, 1, hour)) for hour in (8, 9))
    event = Event(start=start, end=end, subject="Zoë's", attendees=(Attendee(address="dave@example.com"),))
    meeting = Meeting(uid=uid, organizer=zoe, is_organizer=False, event=event)
    world.store.run(_arrive, world.people["dave"].number, meeting)
    google(world, "mallory", "POST", "", {"iCalUID": uid, "summary": "Fake", **times(14), **guests("dave")})
    found = google(world, "dave", "GET", f"?iCalUID={uid}")["items"]
    assert {one["organizer"]["email"]: one["summary"] for one in found} == {"zoe@else.test": "Zoë's", MALLORY: "Fake"}


def test_an_id_is_there_once_in_a_calendar(world: World) -> None:
    pair = Pair(world, made_in="google", first="mallory", kind="single")
    real, fake = pair.of("dave", ALICE), pair.of("dave", MALLORY)
    taken = ask(world, "dave", "POST", "", {"id": pair.own["id"], **times(9)})
    assert (taken.status, taken.json["error"]["errors"][0]["reason"]) == (409, "duplicate")
    marked = real["id"] if real["id"] != pair.own["id"] else fake["id"]
    assert ask(world, "carol", "POST", "", {"id": marked, **times(9)}).status == 400
    # An id of its own is that of the second one alone: the first has one id, not two.
    assert ask(world, "alice", "GET", f"/{marked}").status == 404


def test_both_survive_a_restart(world: World) -> None:
    pair = Pair(world, made_in="google", first="mallory", kind="single")
    before = pair.of("dave", ALICE), pair.of("dave", MALLORY)
    world.reopen()
    assert (pair.of("dave", ALICE), pair.of("dave", MALLORY)) == before
