"""Several calendars in a mailbox, and the groups they stand in, as Graph and Outlook REST have them."""

from __future__ import annotations

from typing import Any

import pytest

from support.client import MOUNTS, Client, plain
from support.world import World

START, END = "2026-12-01T10:00:00", "2026-12-01T11:00:00"
WINDOW = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-02T00:00:00Z"


@pytest.fixture(params=MOUNTS)
def alice(world: World, request: pytest.FixtureRequest) -> Client:
    return Client(world, "alice", request.param)


@pytest.fixture
def bob(world: World, alice: Client) -> Client:
    return Client(world, "bob", alice.profile)


@pytest.fixture
def graph(world: World) -> Client:
    return Client(world, "alice", "graph")


def make(client: Client, name: str = "Rowing", at: str = "/me/calendars") -> Any:
    reply = client("POST", at, {"name": name})
    assert reply.status == 201, reply.body
    return plain(reply.json)


def put(client: Client, calendar: str, subject: str, **more: Any) -> Any:
    reply = client("POST", f"{calendar}/events", {"subject": subject, **client.times(START, END), **more})
    assert reply.status == 201, reply.body
    return plain(reply.json)


def subjects(client: Client, at: str) -> list[str]:
    return [one["subject"] for one in client.get(at)["value"]]


def test_a_calendar_is_made_read_changed_and_deleted(alice: Client) -> None:
    made = make(alice)
    at = f"/me/calendars/{made['id']}"
    assert made["name"] == "Rowing"
    assert alice.get(at)["name"] == "Rowing"
    assert [one["name"] for one in alice.get("/me/calendars")["value"]] == ["Calendar", "Rowing"]
    assert alice("GET", "/me/calendars/$count").body == b"2"
    reply = alice("PATCH", at, {"name": "Boats", "color": alice.word("lightGreen")})
    assert reply.status == 200
    changed = plain(reply.json)
    assert (changed["name"], changed["color"], changed["id"]) == ("Boats", alice.word("lightGreen"), made["id"])
    assert changed["changeKey"] != made["changeKey"]
    assert [one["name"] for one in alice.get("/me/calendars?$filter=name eq 'Boats'")["value"]] == ["Boats"]
    assert alice("DELETE", at).status == 204
    assert alice("GET", at).status == 404
    assert len(alice.get("/me/calendars")["value"]) == 1


def test_what_is_said_of_a_calendar(graph: Client) -> None:
    made = make(graph)
    assert (made["isRemovable"], made["isDefaultCalendar"], made["canShare"]) == (True, False, True)
    assert (made["color"], made["hexColor"], made["isTallyingResponses"]) == ("auto", "", False)
    body = {"color": "lightBlue", "defaultOnlineMeetingProvider": "teamsForBusiness"}
    changed = graph("PATCH", f"/me/calendars/{made['id']}", body).json
    assert (changed["hexColor"], changed["defaultOnlineMeetingProvider"]) == ("#a6d1f5", "teamsForBusiness")
    default = graph.get("/me/calendar")
    assert (default["isRemovable"], default["isDefaultCalendar"], default["isTallyingResponses"]) == (False, True, True)
    assert graph("PATCH", "/me/calendar", {"color": "lightRed"}).json["hexColor"] == "#f88c9b"


def test_another_calendar_never_becomes_the_default_one(graph: Client) -> None:
    path = f"/me/calendars/{make(graph)['id']}"
    reply = graph("PATCH", path, {"isDefaultCalendar": True, "color": "lightBlue"})
    assert (reply.status, reply.json["isDefaultCalendar"], reply.json["color"]) == (200, False, "lightBlue")
    assert "isDefaultCalendar" in reply.headers["x-rsvpd-hint"]
    assert graph.get("/me/calendar")["isDefaultCalendar"] is True


@pytest.mark.parametrize(
    ("method", "path", "body", "wrong"),
    [
        ("POST", "/me/calendars", {}, (400, "ErrorInvalidParameter")),
        ("POST", "/me/calendars", {"name": ""}, (400, "ErrorInvalidParameter")),
        ("POST", "/me/calendars", {"name": "x" * 256}, (400, "ErrorPropertyValidationFailure")),
        ("POST", "/me/calendars", {"name": 5}, (400, "ErrorPropertyValidationFailure")),
        ("POST", "/me/calendars", {"name": "calendar"}, (409, "ErrorFolderExists")),
        ("POST", "/me/calendars", {"name": "rowing"}, (409, "ErrorFolderExists")),
        ("PATCH", "/me/calendars/{second}", {"name": "Calendar"}, (409, "ErrorFolderExists")),
        ("PATCH", "/me/calendars/{second}", {"color": "mauve"}, (400, "ErrorPropertyValidationFailure")),
        ("PATCH", "/me/calendars/{second}", {"name": None}, (400, "ErrorPropertyValidationFailure")),
        ("DELETE", "/me/calendars/{default}", None, (400, "ErrorDeleteDistinguishedFolder")),
        ("POST", "/me/calendar/permanentDelete", None, (400, "ErrorDeleteDistinguishedFolder")),
        ("POST", "/me/calendarGroups", {"name": "my calendars"}, (409, "ErrorFolderExists")),
        ("POST", "/me/calendarGroups", {}, (400, "ErrorInvalidParameter")),
        ("DELETE", "/me/calendarGroups/{group}", None, (400, "ErrorDeleteDistinguishedFolder")),
        ("GET", "/me/calendarGroups/{second}", None, (400, "ErrorInvalidIdMalformed")),
        ("GET", "/me/calendars/{group}", None, (400, "ErrorInvalidIdMalformed")),
    ],
)  # fmt: skip
def test_what_is_refused(graph: Client, method: str, path: str, body: Any, wrong: tuple[int, str]) -> None:
    named = {
        "second": make(graph)["id"],
        "default": graph.get("/me/calendar")["id"],
        "group": graph.get("/me/calendarGroups")["value"][0]["id"],
    }
    assert graph.error(method, path.format(**named), body) == wrong


def test_a_stale_change_key(graph: Client) -> None:
    made = make(graph)
    at = f"/me/calendars/{made['id']}"
    make(graph, "Choir")
    assert graph.error("PATCH", at, {"name": "Boats"}, if_match=made["@odata.etag"])[0] == 412
    assert graph("PATCH", at, {"name": "Boats"}, if_match=graph.get(at)["@odata.etag"]).status == 200


def test_each_calendar_has_its_own_events(alice: Client) -> None:
    second = f"/me/calendars/{make(alice)['id']}"
    put(alice, second, "Race")
    put(alice, "/me/calendar", "Lunch")
    assert subjects(alice, f"{second}/events") == ["Race"]
    assert subjects(alice, f"{second}/calendarView?{WINDOW}") == ["Race"]
    assert alice("GET", f"{second}/events/$count").body == b"1"
    for path in ("/me/events", "/me/calendar/events", f"/me/calendarView?{WINDOW}"):
        assert subjects(alice, path) == ["Lunch"]


def test_an_event_is_found_and_changed_wherever_it_stands(alice: Client) -> None:
    made = make(alice)
    second = f"/me/calendars/{made['id']}"
    race, lunch = put(alice, second, "Race"), put(alice, "/me/calendar", "Lunch")
    assert alice.get(f"/me/events/{race['id']}")["subject"] == "Race"
    assert alice.get(f"{second}/events/{race['id']}")["subject"] == "Race"
    assert alice("GET", f"{second}/events/{lunch['id']}").status == 404
    assert alice.get(f"/me/events/{race['id']}/calendar")["id"] == made["id"]
    assert alice.get(f"/me/events/{race['id']}?$expand=calendar")["calendar"]["name"] == "Rowing"
    assert alice("PATCH", f"/me/events/{race['id']}", {"subject": "Regatta"}).status == 200
    assert subjects(alice, f"{second}/events") == ["Regatta"]
    assert alice("DELETE", f"/me/events/{race['id']}").status == 204
    assert subjects(alice, f"{second}/events") == []


def test_what_stands_below_the_calendar_of_an_event(graph: Client) -> None:
    second = f"/me/calendars/{make(graph)['id']}"
    race = f"/me/events/{put(graph, second, 'Race')['id']}/calendar"
    put(graph, second, "Training")
    put(graph, "/me/calendar", "Lunch")
    assert subjects(graph, f"{race}/events") == ["Race", "Training"]
    assert subjects(graph, f"{race}/calendarView?{WINDOW}") == ["Race", "Training"]
    assert [one["role"] for one in graph.get(f"{race}/calendarPermissions")["value"]] == ["none"]


def test_guests_answer_what_was_asked_from_a_second_calendar(alice: Client, bob: Client) -> None:
    second = f"/me/calendars/{make(alice)['id']}"
    guests = [{"emailAddress": {"address": "bob@example.com"}}]
    race = put(alice, second, "Race", attendees=guests)
    (invited,) = bob.get("/me/events")["value"]
    assert bob("POST", f"/me/events/{invited['id']}/accept", {"sendResponse": True}).status == 202
    known = alice.get(f"{second}/events/{race['id']}")["attendees"][0]["status"]["response"]
    assert known == alice.word("accepted")
    assert alice("DELETE", second).status == 204
    gone = bob.get(f"/me/events/{invited['id']}")
    assert gone["subject"] == "Canceled: Race"


def test_with_a_calendar_a_guests_copies_go_and_nobody_is_told(graph: Client, world: World) -> None:
    bob = Client(world, "bob", "graph")
    second = make(bob)["id"]
    invited = graph.create("Plans", START, END, "bob")
    (copy,) = bob.get("/me/events")["value"]
    google = world.request("bob", "GET", "/calendar/v3/calendars/primary/events").json["items"][0]["id"]
    imported = {
        "iCalUID": "elsewhere@example.org", "summary": "Fair", "organizer": {"email": "dora@example.org"},
        "start": {"dateTime": "2026-12-01T10:00:00Z"}, "end": {"dateTime": "2026-12-01T11:00:00Z"},
    }  # fmt: skip
    address = world.request("bob", "GET", "/calendar/v3/users/me/calendarList").json["items"][1]["id"]
    assert world.request("bob", "POST", f"/calendar/v3/calendars/{address}/events/import", imported).status == 200
    assert subjects(bob, f"/me/calendars/{second}/events") == ["Fair"]
    before = len(graph.get("/me/messages")["value"])
    assert bob("DELETE", f"/me/calendars/{second}").status == 204
    assert len(graph.get("/me/messages")["value"]) == before
    assert (subjects(bob, "/me/events"), bool(google)) == (["Plans"], True)
    assert graph.get(f"/me/events/{invited['id']}")["attendees"][0]["status"]["response"] == "none"
    assert copy["subject"] == "Plans"


def test_free_times_are_those_of_the_default_calendar(graph: Client) -> None:
    second = f"/me/calendars/{make(graph)['id']}"
    put(graph, second, "Race")
    asked = {
        "schedules": ["alice@example.com"],
        **{f"{name}Time": {"dateTime": at, "timeZone": "UTC"} for name, at in (("start", START), ("end", END))},
    }
    assert graph("POST", "/me/calendar/getSchedule", asked).json["value"][0]["availabilityView"] == "00"
    put(graph, "/me/calendar", "Lunch")
    assert graph("POST", f"{second}/getSchedule", asked).json["value"][0]["availabilityView"] == "22"


def test_a_second_calendar_is_shared_on_its_own(graph: Client, world: World) -> None:
    bob = Client(world, "bob", "graph")
    made = make(graph)
    second = f"/me/calendars/{made['id']}"
    put(graph, second, "Race")
    put(graph, "/me/calendar", "Secret")
    path = f"{second}/allowedCalendarSharingRoles(User='bob@example.com')"
    assert graph.get(path)["value"] == ["freeBusyRead", "limitedRead", "read", "write"]
    assert graph.get(path.replace("bob@example.com", "eve@example.org"))["value"] == []
    box = {"emailAddress": {"address": "bob@example.com"}}
    delegate = {**box, "role": "delegateWithoutPrivateEventAccess"}
    assert graph.error("POST", f"{second}/calendarPermissions", delegate)[0] == 400
    assert graph("POST", f"{second}/calendarPermissions", {**box, "role": "write"}).status == 201
    assert len(graph.get("/me/calendar/calendarPermissions")["value"]) == 1
    assert len(graph.get(f"{second}/calendarPermissions")["value"]) == 2
    shared = bob.get("/me/calendars")["value"][1]
    assert (shared["name"], shared["canEdit"], shared["canShare"], shared["isRemovable"]) == (
        "Rowing", True, False, True
    )  # fmt: skip
    assert shared["id"] != made["id"]
    theirs = f"/me/calendars/{shared['id']}"
    assert subjects(bob, f"{theirs}/events") == ["Race"]
    assert subjects(bob, f"/users/alice@example.com/calendars/{made['id']}/events") == ["Race"]
    assert bob.error("GET", "/users/alice@example.com/events") == (403, "ErrorAccessDenied")
    assert bob("POST", f"{theirs}/events", {"subject": "Training", **bob.times(START, END)}).status == 201
    assert subjects(graph, f"{second}/events") == ["Race", "Training"]
    assert bob.error("PATCH", theirs, {"name": "Mine"}) == (403, "ErrorAccessDenied")
    assert bob("DELETE", theirs).status == 204  # off the own list
    assert len(bob.get("/me/calendars")["value"]) == 1
    assert subjects(graph, f"{second}/events") == ["Race", "Training"]


def test_an_event_in_a_calendar_that_is_not_shared_is_not_there(graph: Client, world: World) -> None:
    bob = Client(world, "bob", "graph")
    race = put(graph, f"/me/calendars/{make(graph)['id']}", "Race")
    path = f"/users/alice@example.com/events/{race['id']}"
    assert bob.error("GET", path) == (403, "ErrorAccessDenied")
    body = {"emailAddress": {"address": "bob@example.com"}, "role": "write"}
    assert graph("POST", "/me/calendar/calendarPermissions", body).status == 201
    for method, sent in (("GET", None), ("PATCH", {"subject": "Mine"}), ("DELETE", None)):
        assert bob.error(method, path, sent) == (404, "ErrorItemNotFound")


def test_groups_of_calendars(alice: Client) -> None:
    groups = alice.get("/me/calendarGroups")["value"]
    assert [one["name"] for one in groups] == ["My Calendars", "Other Calendars"]
    reply = alice("POST", "/me/calendarGroups", {"name": "Clubs"})
    assert reply.status == 201
    club = plain(reply.json)
    at = f"/me/calendarGroups/{club['id']}"
    made = make(alice, at=f"{at}/calendars")
    assert [one["name"] for one in alice.get(f"{at}/calendars")["value"]] == ["Rowing"]
    first = f"/me/calendarGroups/{groups[0]['id']}"
    assert [one["name"] for one in alice.get(f"{first}/calendars")["value"]] == ["Calendar"]
    assert [one["name"] for one in alice.get("/me/calendars")["value"]] == ["Calendar", "Rowing"]
    put(alice, f"{at}/calendars/{made['id']}", "Race")
    assert subjects(alice, f"{at}/calendars/{made['id']}/events") == ["Race"]
    assert subjects(alice, f"{at}/calendars/{made['id']}/calendarView?{WINDOW}") == ["Race"]
    wrong = f"{first}/calendars/{made['id']}"
    for path in (wrong, f"{wrong}/events"):
        assert alice("GET", path).status == 404
    assert plain(alice("PATCH", at, {"name": "Societies"}).json)["name"] == "Societies"
    assert alice.get(at)["name"] == "Societies"
    assert alice("DELETE", at).status == 204
    assert [one["name"] for one in alice.get("/me/calendarGroups")["value"]] == ["My Calendars", "Other Calendars"]
    assert len(alice.get(f"{first}/calendars")["value"]) == 2


def test_a_group_with_what_stands_in_it(graph: Client) -> None:
    make(graph)
    first, other = graph.get("/me/calendarGroups?$expand=calendars($select=name)")["value"]
    assert [one["name"] for one in first["calendars"]] == ["Calendar", "Rowing"]
    assert (other["calendars"], first["classId"]) == ([], "0006f0b7-0000-0000-c000-000000000046")


def test_deleting_an_event_for_good(graph: Client, world: World) -> None:
    made = graph.create("Plans", START, END, "bob")
    assert graph("POST", f"/me/events/{made['id']}/permanentDelete").status == 204
    assert graph.error("GET", f"/me/events/{made['id']}") == (404, "ErrorItemNotFound")
    assert subjects(Client(world, "bob", "graph"), "/me/events") == ["Canceled: Plans"]
    second = make(graph)["id"]
    assert graph("POST", f"/me/calendars/{second}/permanentDelete").status == 204
    assert graph("GET", f"/me/calendars/{second}").status == 404


@pytest.mark.parametrize("profile", ["v2", "v1"])
def test_what_graph_alone_has(world: World, profile: str) -> None:
    client = Client(world, "alice", profile)
    second = make(client)["id"]
    race = put(client, f"/me/calendars/{second}", "Race")
    for path in (f"/me/calendars/{second}/permanentDelete", f"/me/events/{race['id']}/permanentDelete"):
        assert client("POST", path).status == 400


def test_changes_of_a_second_calendar_are_told_there(graph: Client, world: World) -> None:
    second = f"/me/calendars/{make(graph)['id']}"
    links = {at: graph.get(f"{at}/events/delta")["@odata.deltaLink"] for at in (second, "/me/calendar")}

    def changed(at: str) -> list[tuple[str, bool]]:
        told = graph.get(links[at])
        links[at] = told["@odata.deltaLink"]
        return [(one["id"], "@removed" in one) for one in told["value"]]

    race = put(graph, second, "Race")["id"]
    assert (changed(second), changed("/me/calendar")) == ([(race, False)], [])
    google = "/calendar/v3/calendars"
    address = world.request("alice", "GET", "/calendar/v3/users/me/calendarList").json["items"][1]["id"]
    (event,) = world.request("alice", "GET", f"{google}/{address}/events").json["items"]
    path = f"{google}/{address}/events/{event['id']}/move?destination=primary"
    assert world.request("alice", "POST", path).status == 200
    assert (changed(second), changed("/me/calendar")) == ([(race, True)], [(race, False)])
    assert graph.get(f"/me/events/{race}/calendar")["isDefaultCalendar"] is True


def test_a_followed_calendar_that_is_deleted(graph: Client) -> None:
    second = f"/me/calendars/{make(graph)['id']}"
    link = graph.get(f"{second}/events/delta")["@odata.deltaLink"]
    assert graph("DELETE", second).status == 204
    assert graph("GET", link).status == 404
