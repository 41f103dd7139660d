"""Calendars that people share: what each role sees and may do, and where a delegate's mail goes, in every dialect."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.client import MOUNTS, Client, plain
from support.world import World

START, END = "2026-12-01T10:00:00", "2026-12-01T11:00:00"
WINDOW = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-02T00:00:00Z"
GOOGLE = "/calendar/v3"
ALICE = "/users/alice@example.com"
ROLES = (
    "freeBusyRead",
    "limitedRead",
    "read",
    "write",
    "delegateWithoutPrivateEventAccess",
    "delegateWithPrivateEventAccess",
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    for name in ("alice", "bob", "carol", "dora"):
        world.add(name)
    yield world
    world.close()


@pytest.fixture(params=MOUNTS)
def alice(world: World, request: pytest.FixtureRequest) -> Client:
    return Client(world, "alice", request.param)


@pytest.fixture
def bob(world: World, alice: Client) -> Client:
    return Client(world, "bob", alice.profile)


def share(owner: Client, who: str, role: str) -> Any:
    body = {
        "emailAddress": {"address": f"{who}@example.com"},
        "isInsideOrganization": True,
        "isRemovable": True,
        "role": owner.word(role),
    }
    reply = owner("POST", "/me/calendar/calendarPermissions", body)
    assert reply.status == 201, reply.body
    return plain(reply.json)


def google(world: World, who: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    reply = world.request(who, method, GOOGLE + path, body)
    return reply.status, reply.json if reply.body else None


# --- permissions


def test_permissions_are_given_read_changed_and_taken_back(alice: Client) -> None:
    path = "/me/calendar/calendarPermissions"
    (everybody,) = alice.get(path)["value"]
    assert everybody["emailAddress"] == {"name": "My Organization", "address": None}
    assert (everybody["role"], everybody["isRemovable"]) == (alice.word("freeBusyRead"), False)
    made = share(alice, "bob", "read")
    assert made["emailAddress"] == {"name": "Bob", "address": "bob@example.com"}
    assert made["allowedRoles"] == [alice.word(role) for role in ROLES]
    assert (made["role"], made["isRemovable"], made["isInsideOrganization"]) == (alice.word("read"), True, True)
    one = f"{path}/{made['id']}"
    changed = alice("PATCH", one, {"role": alice.word("write")})
    assert (changed.status, plain(changed.json)["role"]) == (200, alice.word("write"))
    calendar = alice.get("/me/calendar")["id"]
    listed = alice.get(f"/me/calendars/{calendar}/calendarPermissions")["value"]
    assert [each["role"] for each in listed] == [alice.word("freeBusyRead"), alice.word("write")]
    assert alice.get(one)["role"] == alice.word("write")
    assert alice("DELETE", one).status == 204
    assert alice.error("GET", one) == (404, "ErrorItemNotFound")
    assert len(alice.get(path)["value"]) == 1


def test_permissions_that_cannot_be(alice: Client, bob: Client) -> None:
    path = "/me/calendar/calendarPermissions"
    bobs = {"emailAddress": {"address": "bob@example.com"}}
    for body in ({}, bobs, {"role": "read"}, {**bobs, "role": "king"}, {**bobs, "role": "none"}):
        assert alice("POST", path, body).status == 400, body
    assert alice("POST", path, {"emailAddress": {"address": "x@else.where"}, "role": "read"}).status == 501
    assert alice("POST", path, {"emailAddress": {"address": "alice@example.com"}, "role": "read"}).status == 400
    for claim in ({"isRemovable": False}, {"isInsideOrganization": False}, {"isRemovable": "yes"}):
        assert alice("POST", path, {**bobs, "role": alice.word("read"), **claim}).status == 400, claim
    made = share(alice, "bob", "read")
    assert alice("POST", path, {**bobs, "role": "write"}).status == 409
    everybody = alice.get(path)["value"][0]["id"]
    assert alice("DELETE", f"{path}/{everybody}").status == 400
    assert alice("PATCH", f"{path}/{everybody}", {"role": ROLES[4]}).status == 400
    assert bob.error("GET", f"{ALICE}/calendar/calendarPermissions") == (403, "ErrorAccessDenied")
    assert bob.error("GET", f"{path}/{made['id']}") == (404, "ErrorItemNotFound")
    assert alice.error("GET", f"{path}/garbage") == (400, "ErrorInvalidIdMalformed")


def test_google_has_the_same_permissions(world: World, alice: Client) -> None:
    share(alice, "bob", "limitedRead")
    share(alice, "carol", "delegateWithPrivateEventAccess")
    status, rules = google(world, "alice", "GET", "/calendars/primary/acl")
    assert status == 200
    assert {one["id"]: one["role"] for one in rules["items"]} == {
        "user:alice@example.com": "owner",
        "user:bob@example.com": "freeBusyReader",
        "user:carol@example.com": "writer",
    }
    # The same word once more keeps what is finer than Google's roles.
    carols = "/calendars/primary/acl/user:carol@example.com"
    assert google(world, "alice", "PATCH", carols, {"role": "writer"})[0] == 200
    dora = {"scope": {"type": "user", "value": "dora@example.com"}, "role": "reader"}
    status, made = google(world, "alice", "POST", "/calendars/primary/acl", dora)
    assert (status, made["id"], made["kind"]) == (200, "user:dora@example.com", "calendar#aclRule")
    status, _ = google(world, "alice", "PUT", "/calendars/primary/acl/user:bob@example.com", {"role": "writer"})
    assert status == 200
    roles = {
        each["emailAddress"]["address"]: each["role"]
        for each in alice.get("/me/calendar/calendarPermissions")["value"]
    }
    assert roles == {
        None: alice.word("freeBusyRead"),
        "bob@example.com": alice.word("write"),
        "carol@example.com": alice.word("delegateWithPrivateEventAccess"),
        "dora@example.com": alice.word("read"),
    }
    assert google(world, "alice", "DELETE", "/calendars/primary/acl/user:dora@example.com")[0] == 204
    assert google(world, "alice", "GET", "/calendars/primary/acl/user:dora@example.com")[0] == 404
    for scope in ({"type": "default"}, {"type": "group", "value": "g@example.com"}):
        assert google(world, "alice", "POST", "/calendars/primary/acl", {"scope": scope, "role": "reader"})[0] == 501
    owner = "/calendars/primary/acl/user:alice@example.com"
    assert google(world, "alice", "GET", owner)[1]["role"] == "owner"
    assert google(world, "alice", "DELETE", owner)[0] == 403


# --- reading


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_sees(alice: Client, bob: Client, role: str) -> None:
    more = {"location": {"displayName": "Room 1"}, "body": {"contentType": "text", "content": "Secret words"}}
    made = alice.create("Plans", START, END, "carol", **more)["id"]
    hidden = alice.create("Doctor", START, END, sensitivity=alice.word("private"), **more)["id"]
    share(alice, "bob", role)
    rank = ROLES.index(role)
    seen = {one["id"]: one for one in bob.get(f"{ALICE}/calendarView?{WINDOW}")["value"]}
    assert set(seen) == {made, hidden}
    for event in (seen[made], bob.get(f"{ALICE}/events/{made}"), bob.get(f"{ALICE}/calendar/events/{made}")):
        assert event["subject"] == ("Busy" if rank == 0 else "Plans")
        assert event["location"]["displayName"] == ("" if rank == 0 else "Room 1")
        assert ("Secret" in event["body"]["content"]) == (rank >= 2)
        assert len(event["attendees"]) == (1 if rank >= 2 else 0)
        assert event["organizer"]["emailAddress"]["address"] == "alice@example.com"
    for event in (seen[hidden], bob.get(f"{ALICE}/events/{hidden}")):
        assert event["subject"] == ("Doctor" if rank == 5 else "Private Appointment")
        assert event["location"]["displayName"] == ("Room 1" if rank == 5 else "")
        assert ("Secret" in event["body"]["content"]) == (rank == 5)
    asked = bob.get(f"{ALICE}/events?$filter=subject eq 'Doctor'&$count=true")
    assert len(asked["value"]) == (1 if rank == 5 else 0)
    assert bob.error("GET", f"{ALICE}/messages") == (403, "ErrorAccessDenied")
    assert bob.error("GET", f"{ALICE}/mailboxSettings") == (403, "ErrorAccessDenied")


def test_without_a_role_nothing_is_seen(alice: Client, bob: Client) -> None:
    made = alice.create("Plans", START, END)["id"]
    for path in ("/calendar", "/events", f"/events/{made}", f"/calendarView?{WINDOW}", "/calendars"):
        assert bob.error("GET", ALICE + path) == (403, "ErrorAccessDenied")
    permission = share(alice, "bob", "read")["id"]
    assert bob.get(f"{ALICE}/events/{made}")["subject"] == "Plans"
    assert alice("DELETE", f"/me/calendar/calendarPermissions/{permission}").status == 204
    assert bob.error("GET", f"{ALICE}/events/{made}") == (403, "ErrorAccessDenied")


def test_everybody_here(alice: Client, bob: Client) -> None:
    made = alice.create("Plans", START, END)["id"]
    path = "/me/calendar/calendarPermissions"
    everybody = alice.get(path)["value"][0]["id"]
    assert alice("PATCH", f"{path}/{everybody}", {"role": alice.word("limitedRead")}).status == 200
    assert bob.get(f"{ALICE}/events/{made}")["subject"] == "Plans"
    share(alice, "bob", "freeBusyRead")  # what one person was given counts
    assert bob.get(f"{ALICE}/events/{made}")["subject"] == "Busy"


@pytest.mark.parametrize("role", ROLES)
def test_a_shared_calendar_stands_among_the_own_ones(alice: Client, bob: Client, role: str) -> None:
    made = alice.create("Plans", START, END)["id"]
    assert len(bob.get("/me/calendars")["value"]) == 1
    share(alice, "bob", role)
    own, shared = bob.get("/me/calendars")["value"]
    assert shared["name"] == "Alice"
    assert shared["id"] not in (own["id"], alice.get("/me/calendar")["id"])
    if alice.profile != "v1":
        assert shared["owner"] == {"name": "Alice", "address": "alice@example.com"}
        assert (shared["canShare"], shared["isDefaultCalendar"]) == (False, False)
        assert shared["canEdit"] == (ROLES.index(role) >= 3)
        assert shared["canViewPrivateItems"] == (ROLES.index(role) == 5)
    calendar = f"/me/calendars/{shared['id']}"
    assert bob.get(calendar)["id"] == shared["id"]
    (event,) = bob.get(f"{calendar}/events")["value"]
    assert event["id"] == made
    assert len(bob.get(f"{calendar}/calendarView?{WINDOW}")["value"]) == 1
    assert bob.get(f"{calendar}/events/{made}")["id"] == made
    assert bob.get("/me/events")["value"] == []
    assert bob.error("GET", f"/me/events/{made}") == (404, "ErrorItemNotFound")
    assert alice.error("GET", calendar)[0] == 404
    dora = Client(alice.world, "dora", alice.profile)
    assert dora.error("GET", calendar)[0] == 404


def test_google_reads_by_role(world: World, alice: Client) -> None:
    alice.create("Plans", START, END)
    events = "/calendars/alice@example.com/events"
    for role, access, status in (
        ("freeBusyRead", "freeBusyReader", 404),
        ("read", "reader", 200),
        ("write", "writer", 200),
    ):
        permission = share(alice, "bob", role)["id"]
        listed = google(world, "bob", "GET", "/users/me/calendarList")[1]["items"]
        assert [(one["id"], one["accessRole"], one.get("primary")) for one in listed] == [
            ("bob@example.com", "owner", True),
            ("alice@example.com", access, None),
        ]
        found, body = google(world, "bob", "GET", events)
        assert found == status
        if status == 200:
            assert body["accessRole"] == access
            assert [one["summary"] for one in body["items"]] == ["Plans"]
            one = f"{events}/{body['items'][0]['id']}"
            assert google(world, "bob", "GET", one)[0] == 200
            changed, _ = google(world, "bob", "PATCH", one, {"summary": f"By {access}"})
            assert changed == (200 if role == "write" else 403)
        alice("DELETE", f"/me/calendar/calendarPermissions/{permission}")
    assert google(world, "bob", "GET", events)[0] == 404
    assert google(world, "bob", "GET", "/users/me/calendarList?minAccessRole=owner")[1]["items"][0]["primary"]


# --- writing


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_may_change(alice: Client, bob: Client, role: str) -> None:
    carol = Client(alice.world, "carol", alice.profile)
    made = alice.create("Plans", START, END, "carol")["id"]
    private = alice.create("Doctor", START, END, sensitivity=alice.word("private"))["id"]
    invited = carol.create("Carol's", START, END, "alice")["iCalUId"]
    copy = next(one["id"] for one in alice.get("/me/events")["value"] if one["iCalUId"] == invited)
    share(alice, "bob", role)
    writes, denied = ROLES.index(role) >= 3, (403, "ErrorAccessDenied")
    body = {"subject": "New", **bob.times(START, END)}
    asked = {
        ("POST", f"{ALICE}/events"): (body, 201),
        ("PATCH", f"{ALICE}/events/{made}"): ({"subject": "Other"}, 200),
        ("POST", f"{ALICE}/events/{copy}/accept"): ({"sendResponse": True}, 202),
        ("POST", f"{ALICE}/events/{made}/cancel"): ({"comment": "No"}, 202),
    }
    for (method, path), (sent, status) in asked.items():
        if writes:
            assert bob(method, path, sent).status == status, path
        else:
            assert bob.error(method, path, sent) == denied
    if writes and role != ROLES[5]:
        assert bob.error("PATCH", f"{ALICE}/events/{private}", {"subject": "x"}) == denied
        assert bob.error("DELETE", f"{ALICE}/events/{private}") == denied
    if writes:
        assert {one["subject"] for one in alice.get("/me/events")["value"]} == {"New", "Doctor", "Carol's"}
        theirs = carol.get(f"/me/events?$filter=iCalUId eq '{invited}'")["value"][0] if alice.profile != "v1" else None
        if theirs:
            assert theirs["attendees"][0]["status"]["response"] == alice.word("accepted")


# --- delegates


def inbox(client: Client, folder: str = "inbox") -> list[Any]:
    return client.get(f"/me/mailFolders/{folder}/messages?$orderby={client.word('receivedDateTime')}")["value"]


def people_of(message: Any) -> tuple[str, str, list[str]]:
    to = [one["emailAddress"]["address"].partition("@")[0] for one in message["toRecipients"]]
    who = (message[name]["emailAddress"]["address"].partition("@")[0] for name in ("from", "sender"))
    return (*who, to)


@pytest.fixture
def carol(world: World, alice: Client) -> Client:
    return Client(world, "carol", alice.profile)


@pytest.mark.parametrize("role", ROLES[3:])
def test_acting_for_the_owner(alice: Client, bob: Client, carol: Client, role: str) -> None:
    share(alice, "bob", role)
    shared = bob.get("/me/calendars")["value"][1]["id"]
    body = {"subject": "Plans", "attendees": [{"emailAddress": {"address": "carol@example.com"}}]}
    reply = bob("POST", f"/me/calendars/{shared}/events", body | bob.times(START, END))
    assert reply.status == 201, reply.body
    made = plain(reply.json)
    assert (made["isOrganizer"], made["organizer"]["emailAddress"]["address"]) == (True, "alice@example.com")
    assert [one["id"] for one in alice.get("/me/events")["value"]] == [made["id"]]
    assert bob.get("/me/events")["value"] == []
    (request,) = inbox(carol)
    assert people_of(request) == ("alice", "bob", ["carol"])
    (sent,) = inbox(bob, "sentitems")
    assert people_of(sent) == ("alice", "bob", ["carol"])
    assert inbox(alice, "sentitems") == []
    (copy,) = carol.get("/me/events")["value"]
    assert copy["organizer"]["emailAddress"]["address"] == "alice@example.com"
    assert "bob@" not in str(copy)
    assert carol("POST", f"/me/events/{copy['id']}/accept", {"comment": "Yes"}).status == 202
    seen = alice.get(f"/me/events/{made['id']}")
    assert seen["attendees"][0]["status"]["response"] == carol.word("accepted")
    reached = bob if role in ROLES[4:] else alice
    (answer,) = inbox(reached)
    assert people_of(answer) == ("carol", "carol", ["bob" if reached is bob else "alice"])
    assert inbox(alice if reached is bob else bob) == []
    assert bob("POST", f"{ALICE}/events/{made['id']}/cancel", {"comment": "No"}).status == 202
    assert people_of(inbox(carol)[-1]) == ("alice", "bob", ["carol"])
    assert alice.get("/me/events")["value"] == []


@pytest.mark.parametrize("role", ROLES[4:])
def test_answering_for_the_owner(alice: Client, bob: Client, carol: Client, role: str) -> None:
    share(alice, "bob", role)
    made = carol.create("Plans", START, END, "alice")["id"]
    assert inbox(alice) == []
    (request,) = inbox(bob)
    assert people_of(request) == ("carol", "carol", ["bob"])
    cast = "microsoft.graph.eventMessage" if alice.profile == "graph" else "Microsoft.OutlookServices.EventMessage"
    if alice.profile == "graph":
        assert request["isDelegated"] is True
    else:
        link = request[f"{bob.word('event')}@odata.navigationLink"]
        assert "alice" in link
        assert bob.get(link)["subject"] == "Plans"
    event = bob.get(f"/me/messages/{request['id']}/{cast}/event")
    assert [one["id"] for one in alice.get("/me/events")["value"]] == [event["id"]]
    assert bob.get(f"{ALICE}/events/{event['id']}")["subject"] == "Plans"
    assert bob.get("/me/events")["value"] == []
    assert bob("POST", f"/me/messages/{request['id']}/{cast}/event/accept", {"comment": "She comes"}).status == 202
    (answer,) = inbox(carol)
    assert people_of(answer) == ("alice", "bob", ["carol"])
    tracked = carol.get(f"/me/events/{made}")["attendees"][0]
    assert (tracked["emailAddress"]["address"], tracked["status"]["response"]) == (
        "alice@example.com",
        bob.word("accepted"),
    )
    own = alice.get(f"/me/events/{event['id']}")
    assert own["responseStatus"]["response"] == bob.word("accepted")
    assert carol("POST", f"/me/events/{made}/cancel", {"comment": "No"}).status == 202
    assert len(inbox(bob)) == 2
    assert inbox(alice) == []
    permission = alice.get("/me/calendar/calendarPermissions")["value"][1]["id"]
    assert alice("DELETE", f"/me/calendar/calendarPermissions/{permission}").status == 204
    assert bob.error("GET", f"/me/messages/{request['id']}/{cast}/event") == (404, "ErrorItemNotFound")


@pytest.mark.parametrize(
    ("option", "owner_hears"),
    [
        ("sendToDelegateOnly", False),
        ("sendToDelegateAndPrincipal", True),
        ("sendToDelegateAndInformationToPrincipal", True),
    ],
)
def test_where_meeting_messages_go(
    alice: Client, bob: Client, carol: Client, option: str, owner_hears: bool
) -> None:
    name = "delegateMeetingMessageDeliveryOptions"
    assert alice.get("/me/mailboxSettings")[name] == alice.word("sendToDelegateOnly")
    reply = alice("PATCH", "/me/mailboxSettings", {name: alice.word(option)})
    assert (reply.status, plain(reply.json)[name]) == (200, alice.word(option))
    assert alice.get("/me/mailboxSettings")[name] == alice.word(option)
    carol.create("Before", START, END, "alice")
    assert len(inbox(alice)) == 1  # nobody acts for her yet
    share(alice, "bob", ROLES[4])
    share(alice, "dora", ROLES[3])
    carol.create("Plans", START, END, "alice")
    assert len(inbox(alice)) == 1 + owner_hears
    assert len(inbox(bob)) == 1
    assert inbox(Client(alice.world, "dora", alice.profile)) == []
    assert len(alice.get("/me/events")["value"]) == 2


def test_what_cannot_be_set(alice: Client) -> None:
    name = "delegateMeetingMessageDeliveryOptions"
    assert alice("PATCH", "/me/mailboxSettings", {name: "sendToNobody"}).status == 400
    assert alice("PATCH", "/me/mailboxSettings", {name: None}).status == 400
    assert alice("PATCH", "/me/mailboxSettings", {}).status == 200


def test_a_delegate_hears_nothing_of_the_own_doing(alice: Client, bob: Client) -> None:
    share(alice, "bob", ROLES[4])
    bob.create("Plans", START, END, "alice")
    assert inbox(bob) == []
    assert len(inbox(alice)) == 1


def test_passing_on_from_a_shared_calendar_is_a_gap(alice: Client, bob: Client) -> None:
    made = alice.create("Plans", START, END, "carol")["id"]
    share(alice, "bob", ROLES[5])
    body = {"toRecipients": [{"emailAddress": {"address": "dora@example.com"}}]}
    assert bob("POST", f"{ALICE}/events/{made}/forward", body).status == 501
    for action in ("dismissReminder",):
        assert bob("POST", f"{ALICE}/events/{made}/{action}").status == 501
