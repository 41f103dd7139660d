"""Who sees whom and what was said: guests, those who are guests no more, and readers of somebody's calendar.

Through Google, where a guest sees the others' answers; the Outlook services show none (Graph: event, attendees).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rsvpd.commands.deliver import deliver_next
from rsvpd.mail.person import PersonKind
from support.client import Client
from support.world import Reply, World

EVENTS = "/calendar/v3/calendars/primary/events"
WORDS = "a doctor's appointment"
PROFILES = ("graph", "v2", "v1")
DAYS = ("2026-12-01", "2026-12-02", "2026-12-03")
KINDS: dict[str, dict[str, Any]] = {
    "single": {},
    "all-day": {"start": {"date": DAYS[0]}, "end": {"date": DAYS[1]}},
    "series": {"recurrence": ["RRULE:FREQ=DAILY;COUNT=3"]},
}
TIMES = {
    "start": {"dateTime": f"{DAYS[0]}T10:00:00Z", "timeZone": "UTC"},
    "end": {"dateTime": f"{DAYS[0]}T11:00:00Z", "timeZone": "UTC"},
}
# What changes on a copy that is called off, and nothing else may.
CALLED_OFF = ("status", "etag", "updated", "sequence", "transparency")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    for name in ("alice", "bob", "carol", "dave", "dora"):
        world.add(name)
    world.add("orion", kind=PersonKind.ROOM)
    yield world
    world.close()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def ask(world: World, who: str, method: str, path: str = "", body: Any = None, **headers: str) -> Reply:
    mark = "&" if "?" in path else "?"
    return world.request(who, method, f"{EVENTS}{path}{mark}sendUpdates=all", body, headers=headers)


def google(world: World, who: str, method: str, path: str = "", body: Any = None) -> Any:
    reply = ask(world, who, method, path, body)
    assert reply.status < 300, reply.body
    return reply.json if reply.body else None


def guests(*names: str) -> dict[str, Any]:
    return {"attendees": [{"email": name if "@" in name else f"{name}@example.com"} for name in names]}


def own(who: str, answer: str, **more: Any) -> dict[str, Any]:
    entry = {"email": f"{who}@example.com", "responseStatus": answer, **more}
    return {"attendeesOmitted": True, "attendees": [entry]}


def invite(world: World, *names: str, kind: str = "single", **more: Any) -> str:
    """Let alice invite to "Review" and return the id, the same in all calendars."""
    body = {"summary": "Review", **TIMES, **KINDS[kind], **guests(*names), **more}
    return str(google(world, "alice", "POST", "", body)["id"])


def share(world: World, owner: str, whom: str, role: str) -> None:
    body = {"emailAddress": {"address": f"{whom}@example.com"}, "role": role}
    assert Client(world, owner, "graph")("POST", "/me/calendar/calendarPermissions", body).status == 201


def say(world: World, profile: str, who: str, *, on: str | None = None) -> None:
    """Decline in Outlook, with words; of a series one date where `on` is given."""
    client = Client(world, who, profile)
    window = f"startDateTime={DAYS[0]}T00:00:00Z&endDateTime={DAYS[2]}T23:00:00Z"
    found = client.get(f"/me/calendarView?{window}" if on else "/me/events")["value"]
    (event,) = [one["id"] for one in found if on is None or str(one["start"]).find(on) >= 0]
    assert client("POST", f"/me/events/{event}/decline", {"comment": WORDS}).status == 202


def everything(world: World, who: str, calendar: str = "primary") -> bytes:
    """Return all that can be read of a calendar in Google, in whatever way it may be asked for."""
    base = f"/calendar/v3/calendars/{calendar}/events"
    asked = ["", "?showDeleted=true", "?singleEvents=true&orderBy=startTime&timeMax=2027-01-01T00:00:00Z", "?q=doctor"]
    pages = [world.request(who, "GET", base + path) for path in asked]
    assert {page.status for page in pages} == {200}
    ids = {one["id"] for page in pages for one in page.json["items"]}
    more = [world.request(who, "GET", f"{base}/{one}") for one in sorted(ids)]
    return b"".join(page.body for page in (*pages, *more))


def comments(event: Any) -> dict[str, str]:
    return {one["email"].partition("@")[0]: one["comment"] for one in event["attendees"] if "comment" in one}


# --- words


@pytest.mark.parametrize("profile", PROFILES)
def test_rule_08_comment_is_for_the_organizer(world: World, profile: str, kind: str) -> None:
    made = invite(world, "bob", "carol", kind=kind)
    say(world, profile, "bob")
    assert WORDS.encode() not in everything(world, "carol")
    (found,) = [one for one in google(world, "carol", "GET", f"/{made}")["attendees"] if one["email"][:3] == "bob"]
    assert found["responseStatus"] == "declined"
    assert comments(google(world, "alice", "GET", f"/{made}")) == {"bob": WORDS}
    assert comments(google(world, "bob", "GET", f"/{made}")) == {"bob": WORDS}
    world.reopen()
    assert WORDS.encode() not in everything(world, "carol")


@pytest.mark.parametrize("profile", PROFILES)
def test_rule_08_comment_is_for_the_organizer_of_an_occurrence(world: World, profile: str) -> None:
    made = invite(world, "bob", "carol", kind="series")
    say(world, profile, "bob", on=DAYS[1])
    one = f"{made}_20261202T100000Z"
    assert WORDS.encode() not in everything(world, "carol")
    assert comments(google(world, "alice", "GET", f"/{one}")) == {"bob": WORDS}
    google(world, "alice", "PATCH", f"/{made}", {"summary": "Reviews"})
    google(world, "alice", "DELETE", f"/{one}")
    assert WORDS.encode() not in everything(world, "carol")


def test_rule_08_comment_is_for_the_organizer_and_who_acts_there(world: World) -> None:
    made = invite(world, "bob", "carol")
    say(world, "graph", "bob")
    for owner in ("alice", "bob"):
        calendar = f"{owner}@example.com"
        for role in ("read", "write", "delegateWithoutPrivateEventAccess"):
            who = {"read": "dora", "write": "dave"}.get(role, "carol")
            share(world, owner, who, role)
            assert (WORDS.encode() in everything(world, who, calendar)) is (who == "carol"), (owner, role)
    shown = world.request("carol", "GET", f"/calendar/v3/calendars/alice@example.com/events/{made}").json
    assert comments(shown) == {"bob": WORDS}


def test_rule_08_comment_of_google_is_for_the_guests(world: World) -> None:
    made = invite(world, "bob", "carol")
    say(world, "graph", "bob")
    theirs = google(world, "bob", "GET", f"/{made}")
    # What was read is written back, with another answer: nothing new is said to anybody.
    entries = [one | {"responseStatus": "tentative"} if one.get("self") else one for one in theirs["attendees"]]
    google(world, "bob", "PATCH", f"/{made}", {"attendees": entries})
    assert comments(google(world, "carol", "GET", f"/{made}")) == {}
    assert comments(google(world, "alice", "GET", f"/{made}")) == {"bob": WORDS}
    google(world, "bob", "PATCH", f"/{made}", own("bob", "accepted", comment="I bring cake"))
    assert comments(google(world, "carol", "GET", f"/{made}")) == {"bob": "I bring cake"}
    say_again = Client(world, "bob", "graph")
    event = say_again.get("/me/events")["value"][0]["id"]
    assert say_again("POST", f"/me/events/{event}/tentativelyAccept", {"comment": WORDS}).status == 202
    assert comments(google(world, "carol", "GET", f"/{made}")) == {}
    google(world, "bob", "PATCH", f"/{made}", own("bob", "accepted", comment=""))
    assert comments(google(world, "alice", "GET", f"/{made}")) == {}


def test_rule_08_comment_of_a_room_is_for_the_organizer(world: World) -> None:
    invite(world, "orion")
    made = invite(world, "bob", "orion", summary="Second")
    assert "The room is taken" in str(comments(google(world, "alice", "GET", f"/{made}")))
    assert b"The room is taken" not in everything(world, "bob")


# --- those who are guests no more


def after_carol(world: World, made: str) -> None:
    """Let things happen that carol is not to see."""
    google(world, "alice", "PATCH", f"/{made}", guests("bob", "dave"))
    google(world, "dave", "PATCH", f"/{made}", own("dave", "accepted", comment="Without carol", additionalGuests=2))
    google(world, "bob", "PATCH", f"/{made}", own("bob", "declined", comment="No"))
    google(world, "alice", "PATCH", f"/{made}", {"summary": "Other"})


def unlike(before: Any, after: Any) -> dict[str, Any]:
    names = {*before, *after} - set(CALLED_OFF)
    return {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}


@pytest.mark.parametrize("state", ["asked", "accepted", "declined", "deleted"])
def test_whoever_was_removed_sees_what_was_there_last(world: World, kind: str, state: str) -> None:
    made = invite(world, "bob", "carol", kind=kind)
    google(world, "bob", "PATCH", f"/{made}", own("bob", "accepted", comment="Gladly", additionalGuests=1))
    if state in ("accepted", "declined"):
        google(world, "carol", "PATCH", f"/{made}", own("carol", state))
    if state == "deleted":
        google(world, "carol", "DELETE", f"/{made}")
    before = google(world, "carol", "GET", f"/{made}")
    google(world, "alice", "PATCH", f"/{made}", guests("bob"))
    removed = google(world, "carol", "GET", f"/{made}")
    assert unlike(before, removed) == {}
    assert removed["status"] == "cancelled"
    after_carol(world, made)
    assert google(world, "carol", "GET", f"/{made}") == removed
    shown = everything(world, "carol")
    assert b"dave@" not in shown
    assert b"Without carol" not in shown
    world.reopen()
    assert google(world, "carol", "GET", f"/{made}") == removed
    google(world, "alice", "PATCH", f"/{made}", guests("bob", "dave", "carol"))
    again = google(world, "carol", "GET", f"/{made}")
    assert (again["status"], again["summary"]) == ("confirmed", "Other")
    assert comments(again) == {"dave": "Without carol", "bob": "No"}


@pytest.mark.parametrize("how", ["removed", "called off", "removed from all"])
def test_a_date_that_is_over_for_a_guest_shows_what_was_there_last(world: World, how: str) -> None:
    made = invite(world, "bob", "carol", kind="series")
    one = f"{made}_20261202T100000Z"
    google(world, "alice", "PATCH", f"/{one}", {"location": "Attic"})
    google(world, "bob", "PATCH", f"/{one}", own("bob", "tentative", comment="Perhaps"))
    before = google(world, "carol", "GET", f"/{one}")
    if how == "removed":
        google(world, "alice", "PATCH", f"/{one}", guests("bob"))
        after_carol(world, one)
    elif how == "called off":
        google(world, "alice", "DELETE", f"/{one}")
    else:
        google(world, "alice", "PATCH", f"/{made}", guests("bob"))
        after_carol(world, one)
    removed = google(world, "carol", "GET", f"/{one}")
    assert unlike(before, removed) == {}
    assert removed["status"] == "cancelled"
    if how != "removed from all":
        google(world, "alice", "PATCH", f"/{made}", guests("bob", "carol", "dave"))
        google(world, "dave", "PATCH", f"/{made}", own("dave", "accepted", comment="Without carol"))
        assert google(world, "carol", "GET", f"/{one}")["attendees"] == removed["attendees"]
        # Of the dates she is still invited to she sees everything.
        assert "dave" in str(google(world, "carol", "GET", f"/{made}_20261203T100000Z")["attendees"])
    else:
        assert b"dave@" not in everything(world, "carol")


def test_a_guest_of_one_date_sees_nothing_of_it_once_removed(world: World) -> None:
    made = invite(world, "bob", kind="series")
    one = f"{made}_20261202T100000Z"
    google(world, "alice", "PATCH", f"/{one}", guests("bob", "carol"))
    google(world, "bob", "PATCH", f"/{one}", own("bob", "accepted"))
    before = google(world, "carol", "GET", f"/{one}")
    google(world, "alice", "PATCH", f"/{one}", guests("bob"))
    after_carol(world, one)
    assert unlike(before, google(world, "carol", "GET", f"/{one}")) == {}
    assert b"dave@" not in everything(world, "carol")


def test_whoever_is_removed_sees_no_more_before_the_cancellation_is_there(world: World) -> None:
    others = [f"guest{number}@else.test" for number in range(70)]  # more than are served at once
    made = invite(world, "bob", *others, "carol")
    while world.store.run(deliver_next):
        pass
    google(world, "alice", "PATCH", f"/{made}", {"summary": "Other", **guests("bob", "dave", *others)})
    google(world, "bob", "PATCH", f"/{made}", own("bob", "accepted"))
    seen = google(world, "carol", "GET", f"/{made}")
    assert seen["status"] == "confirmed"  # it is under way
    assert "dave@" not in str(seen)
    assert {one["responseStatus"] for one in seen["attendees"] if not one.get("organizer")} == {"needsAction"}
    while world.store.run(deliver_next):
        pass
    assert google(world, "carol", "GET", f"/{made}")["status"] == "cancelled"


def test_a_meeting_that_is_off_shows_its_guests_what_was_there_last(world: World, kind: str) -> None:
    made = invite(world, "bob", "carol", kind=kind)
    google(world, "bob", "PATCH", f"/{made}", own("bob", "accepted"))
    before = google(world, "carol", "GET", f"/{made}")
    google(world, "alice", "DELETE", f"/{made}")
    assert unlike(before, google(world, "carol", "GET", f"/{made}")) == {}


def test_a_reader_of_the_removed_guests_calendar_sees_no_more(world: World) -> None:
    made = invite(world, "bob", "carol")
    share(world, "carol", "dora", "read")
    google(world, "alice", "PATCH", f"/{made}", guests("bob"))
    after_carol(world, made)
    assert b"dave@" not in everything(world, "dora", "carol@example.com")


@pytest.mark.parametrize("profile", PROFILES)
def test_the_outlook_services_show_the_list_as_it_was(world: World, profile: str) -> None:
    made = invite(world, "bob", "carol")
    google(world, "bob", "PATCH", f"/{made}", own("bob", "accepted", comment="Gladly"))
    google(world, "alice", "PATCH", f"/{made}", guests("bob"))
    after_carol(world, made)
    (copy,) = Client(world, "carol", profile).get("/me/events")["value"]
    shown = {one["emailAddress"]["address"]: one["status"]["response"].lower() for one in copy["attendees"]}
    assert shown == {
        "alice@example.com": "none", "bob@example.com": "none", "carol@example.com": "none"
    }  # fmt: skip


# --- what an ETag tells


def etag(world: World, who: str, made: str) -> str:
    return str(google(world, who, "GET", f"/{made}")["etag"])


def test_an_etag_changes_with_what_is_shown_and_with_nothing_else(world: World) -> None:
    made = invite(world, "bob", "carol")
    first = etag(world, "carol", made)
    google(world, "alice", "PATCH", f"/{made}", {"colorId": "7"})  # alice's own
    say(world, "graph", "bob")
    second = etag(world, "carol", made)
    assert second != first
    graph = Client(world, "alice", "graph")
    mine = graph.get("/me/events")["value"][0]["id"]
    assert graph("PATCH", f"/me/events/{mine}", {"categories": ["Blue"]}).status == 200
    assert etag(world, "carol", made) == second
    stale = ask(world, "carol", "PATCH", f"/{made}", own("carol", "accepted"), **{"if-match": first})
    assert stale.status == 412
    assert ask(world, "carol", "PATCH", f"/{made}", own("carol", "accepted"), **{"if-match": second}).status == 200


@pytest.mark.parametrize("how", ["hidden", "removed"])
def test_an_etag_tells_nothing_of_answers_that_are_not_shown(world: World, how: str) -> None:
    made = invite(world, "bob", "carol", guestsCanSeeOtherGuests=how != "hidden")
    if how == "removed":
        google(world, "alice", "PATCH", f"/{made}", guests("bob"))
    before = etag(world, "carol", made)
    google(world, "bob", "PATCH", f"/{made}", own("bob", "accepted", comment="Yes"))
    assert etag(world, "carol", made) == before
    unchanged = ask(world, "carol", "GET", f"/{made}", **{"if-none-match": before})
    assert unchanged.status == 304


# --- hidden lists


def sent_and_received(world: World, *people: str) -> bytes:
    folders = ("inbox", "sentitems")
    found = [
        world.request(who, "GET", f"/v1.0/me/mailFolders/{folder}/messages?$expand=microsoft.graph.eventMessage/event")
        for who in people
        for folder in folders
    ]
    assert {one.status for one in found} == {200}
    return b"".join(one.body for one in found)


def test_a_hidden_list_is_not_told_by_what_a_guest_causes(world: World) -> None:
    made = invite(world, "bob", "carol", guestsCanSeeOtherGuests=False, guestsCanModify=True)
    google(world, "bob", "PATCH", f"/{made}", {"summary": "Changed by bob"})
    assert b"Changed by bob" in sent_and_received(world, "bob")
    assert b"carol@" not in sent_and_received(world, "bob")
    assert b"carol@" not in everything(world, "bob")


def test_a_hidden_list_is_not_told_when_a_meeting_is_passed_on(world: World) -> None:
    invite(world, "bob", "carol", guestsCanSeeOtherGuests=False)
    bob = Client(world, "bob", "graph")
    event = bob.get("/me/events")["value"][0]["id"]
    to = [{"emailAddress": {"address": f"{name}@example.com"}} for name in ("carol", "dave")]
    passed = bob("POST", f"/me/events/{event}/forward", {"toRecipients": to})
    assert (passed.status, passed.hint) == (202, "")
    for name, other in (("carol", b"dave@"), ("dave", b"carol@")):
        assert other not in sent_and_received(world, name)
        assert other not in everything(world, name)
    assert b"carol@" not in everything(world, "bob")


def test_with_more_than_200_guests_their_answers_are_not_told(world: World) -> None:
    others = [f"guest{number}@else.test" for number in range(198)]
    made = invite(world, "bob", "carol", *others)
    google(world, "bob", "PATCH", f"/{made}", own("bob", "accepted"))
    answers = {one["email"]: one["responseStatus"] for one in google(world, "carol", "GET", f"/{made}")["attendees"]}
    assert answers["bob@example.com"] == "accepted"
    google(world, "alice", "PATCH", f"/{made}", guests("bob", "carol", "dave", *others))
    while world.store.run(deliver_next):
        pass
    answers = {one["email"]: one["responseStatus"] for one in google(world, "carol", "GET", f"/{made}")["attendees"]}
    assert (len(answers), answers["bob@example.com"]) == (202, "needsAction")
    mine = google(world, "alice", "GET", f"/{made}")["attendees"]
    assert {one["email"]: one["responseStatus"] for one in mine}["bob@example.com"] == "accepted"
