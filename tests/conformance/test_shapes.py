"""What answers of the three Microsoft profiles look like around their members: contexts, ids, links, counts."""

from __future__ import annotations

from typing import Any

import pytest

from support.client import MOUNTS, Client
from support.world import ORIGIN, World

START, END = "2026-12-01T10:00:00", "2026-12-01T11:00:00"


@pytest.fixture(params=MOUNTS)
def bob(world: World, request: pytest.FixtureRequest) -> Client:
    return Client(world, "bob", request.param)


@pytest.fixture
def graph(world: World) -> Client:
    return Client(world, "bob", "graph")


def invited(client: Client) -> Any:
    """Return alice's event, to which bob is invited."""
    return Client(client.world, "alice", client.profile).create("Plans", START, END, "bob")


def context(client: Client, path: str) -> str:
    root = f"{ORIGIN}{client.mount}/$metadata#"
    found = str(client.get(path)["@odata.context"])
    assert found.startswith(root)
    return found.removeprefix(root)


def test_contexts(bob: Client) -> None:
    invited(bob)
    me = "Me" if bob.profile != "graph" else f"users('{bob.world.people['bob'].oid}')"
    folders = bob.word("mailFolders")
    subject, start = bob.word("subject"), bob.word("start")
    event = bob.get("/me/events")["value"][0]["id"]
    key = event.replace("=", "%3D")
    assert context(bob, "/me/events") == f"{me}/{bob.word('events')}"
    assert context(bob, "/ME/Events?$select=SUBJECT,start") == f"{me}/{bob.word('events')}({subject},{start})"
    assert context(bob, f"/me/events/{event}") == f"{me}/{bob.word('events')}/$entity"
    assert context(bob, "/me/mailfolders('inbox')/messages") == f"{me}/{folders}('inbox')/{bob.word('messages')}"
    assert context(bob, f"/me/events/{event}/attachments") == (
        f"{me}/{bob.word('events')}('{key}')/{bob.word('attachments')}"
    )
    assert context(bob, "/me/mailboxSettings") == f"{me}/{bob.word('mailboxSettings')}"
    name, users = bob.word("displayName"), bob.word("users")
    assert context(bob, "/users/bob@example.com") == f"{users}/$entity"
    assert context(bob, f"/users/bob@example.com?$select={name}") == f"{users}({name})/$entity"


def test_who_one_is(world: World) -> None:
    person, tenant = world.people["bob"], world.store.tenant
    graph, v2, v1 = (Client(world, "bob", profile) for profile in MOUNTS)
    assert context(graph, "/me") == "users/$entity"
    assert context(graph, "/me?$select=id,Mail") == "users(id,mail)/$entity"
    assert graph.get("/me")["id"] == person.oid
    # To Outlook REST `/me` is a thing of its own, and ids are what stands in Users('…').
    assert (context(v2, "/me"), context(v1, "/Me")) == ("Me", "Me")
    assert v2.get("/me")["id"] == f"{person.oid}@{tenant}"
    assert v1.get("/me")["id"] == "bob@example.com"
    for client in (v2, v1):
        me = client.get("/me")
        assert me["@odata.id"] == f"{ORIGIN}{client.mount}/Users('{me['id']}')"
        assert client.get(f"/Users('{me['id']}')/messages")["value"] == []
        assert me["emailAddress"] == "bob@example.com"


def test_where_nothing_is_attached(bob: Client) -> None:
    invited(bob)
    event = bob.get("/me/events")["value"][0]["id"]
    message = bob.get("/me/messages")["value"][0]["id"]
    for path in (f"/me/events/{event}", f"/me/messages/{message}", f"/me/mailFolders/inbox/messages/{message}"):
        page = bob.get(f"{path}/attachments?$count=true")
        assert (page["value"], page["@odata.count"]) == ([], 0)
        assert bob.get(f"{path}?$expand=attachments")["attachments"] == []
        assert bob.get(f"{path}?$select=hasAttachments")["hasAttachments"] is False
    assert bob.error("GET", f"/me/events/{message}/attachments") == (400, "ErrorInvalidIdMalformed")


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("/me/calendars", 1),
        ("/me/mailFolders", 7),
        ("/me/mailFolders/inbox/childFolders", 0),
        ("/me/mailFolders/msgfolderroot/childFolders", 7),
        ("/users", 2),
        ("/me/events", 1),
        ("/me/messages", 1),
    ],
)
def test_counts(bob: Client, path: str, count: int) -> None:
    invited(bob)
    # learn.microsoft.com/graph/aad-advanced-queries: Graph counts people only for who takes a count that may be behind.
    headers = {"consistencylevel": "eventual"} if (bob.profile, path) == ("graph", "/users") else {}
    reply = bob("GET", f"{path}/$count", **headers)
    assert (reply.status, reply.body, reply.headers["content-type"]) == (200, str(count).encode(), "text/plain")
    assert bob.get(f"{path}?$count=true&$top=1", **headers)["@odata.count"] == count


def test_folders_with_the_folders_below_them(bob: Client) -> None:
    for folder in bob.get("/me/mailFolders?$expand=childFolders")["value"]:
        assert folder["childFolders"] == []
    name = bob.word("displayName")
    root = bob.get(f"/me/mailFolders/msgfolderroot?$expand=childFolders($select={name})")
    assert {"displayName", "id"} == {one for one in root["childFolders"][0] if "@" not in one}
    assert len(root["childFolders"]) == root["childFolderCount"] == 7
    assert bob.error("GET", "/me/mailFolders?$expand=nosuch") == (400, "BadRequest")
    assert bob.error("GET", "/me/mailFolders?$expand=nothing") == (400, "BadRequest")


def test_what_options_do_not_go_together(world: World) -> None:
    graph, v2, _ = (Client(world, "bob", profile) for profile in MOUNTS)
    sorted_search = '/me/messages?$search="x"&$orderby=subject'
    filtered_search = '/me/messages?$search="x"&$filter=isRead eq true'
    assert graph.error("GET", sorted_search) == (400, "SearchWithOrderBy")
    assert graph.error("GET", filtered_search) == (400, "SearchWithFilter")
    assert v2.error("GET", sorted_search) == (400, "ErrorInvalidUrlQuery")
    message = v2("GET", sorted_search).json["error"]["message"]
    assert message == "The query parameter 'OrderBy' is invalid."


def test_what_can_be_asked_of_messages(bob: Client) -> None:
    invited(bob)
    if bob.profile != "v1":
        focused = bob.word("inferenceClassification")
        assert len(bob.get(f"/me/messages?$filter={focused} eq 'focused'")["value"]) == 1
        assert bob.get(f"/me/messages?$filter={focused} eq 'other'")["value"] == []
    extended = "singleValueExtendedProperties/any(ep: ep/id eq 'x' and ep/value eq 'y')"
    code = "ErrorInvalidProperty" if bob.profile == "v1" else "ErrorInvalidExtendedProperty"
    for path in ("/me/messages", "/me/events"):
        assert bob.error("GET", f"{path}?$filter={extended}") == (400, code)


def test_a_word_that_is_not_there_is_named_with_its_type(bob: Client) -> None:
    space = "microsoft.graph" if bob.profile == "graph" else "Microsoft.OutlookServices"
    reply = bob("GET", "/me/events?$select=subjekt")
    assert reply.json["error"]["message"].endswith(
        f"Could not find a property named 'subjekt' on type '{space}.{bob.word('event')}'."
    )


def test_the_nearest_route_of_a_cast_can_be_typed_as_it_stands(graph: Client) -> None:
    invited(graph)
    message = graph.get("/me/messages")["value"][0]["id"]
    near = graph("GET", f"/me/messages/{message}/event").json["error"]["message"].rpartition("GET ")[2].rstrip(".")
    assert near.endswith("/microsoft.graph.eventMessage/event")
    assert graph.world.request("bob", "GET", near).status == 200


def test_a_hint_on_a_new_event_names_the_new_event(world: World) -> None:
    alice = Client(world, "alice", "graph")
    times = alice.times(START, END)
    reply = alice("POST", "/me/events", {"subject": "Call", **times, "isOnlineMeeting": True})
    assert f"PATCH /v1.0/me/events('{reply.json['id']}')" in reply.hint


def test_what_is_too_long_says_so(bob: Client) -> None:
    window = "startDateTime=2016-07-01&endDateTime=2026-07-01"
    assert bob.error("GET", f"/me/calendarView?{window}") == (400, "ErrorCalendarViewRangeTooBig")
    body = {"subject": "x", **bob.times("2026-12-01T10:00:00", "2036-12-01T10:00:00")}
    assert bob.error("POST", "/me/events", body) == (400, "ErrorCalendarDurationIsTooLong")
    body = {"subject": "x", **bob.times("2026-12-01T10:00:00", "2026-11-01T10:00:00")}
    assert bob.error("POST", "/me/events", body) == (400, "ErrorCalendarEndDateIsEarlierThanStartDate")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("$filter=isRead eq false&$orderby=receivedDateTime desc", True),
        ("$filter=receivedDateTime ge 2020-01-01 and isRead eq false&$orderby=receivedDateTime desc", False),
        ("$filter=isRead eq false and receivedDateTime ge 2020-01-01&$orderby=receivedDateTime", True),
        ("$filter=startswith(subject,'P') and not (isRead eq true)&$orderby=Subject,isRead", False),
        ("$filter=startswith(subject,'P')&$orderby=subject,isRead", True),
        ("$filter=categories/any(c:c eq 'x')&$orderby=subject", True),
        ("$filter=isRead eq false", False),
        ("$orderby=subject", False),
    ],
)
def test_what_graph_calls_inefficient_is_answered_and_said(graph: Client, options: str, told: bool) -> None:
    reply = graph("GET", f"/me/messages?{options}")
    assert reply.status == 200
    assert ("InefficientFilter" in reply.hint) is told


def test_outlook_sorts_whatever_it_filters(world: World) -> None:
    reply = Client(world, "bob", "v2")("GET", "/me/messages?$filter=IsRead eq false&$orderby=Subject")
    assert (reply.status, reply.hint) == (200, "")


def test_what_is_asked_for_beside_a_change_cannot_make_it_fail(bob: Client) -> None:
    """A read after the COMMIT may fail; success is told all the same (support/world.py)."""
    name = bob.word("calendar")
    path = f"/me/events?$expand={name}"
    made = bob("POST", path, bob.cased({"subject": "Plans"} | bob.times(START, END)))
    assert (made.status, made.json[name][bob.word("name")]) == (201, "Calendar")
    one = f"/me/events/{made.json[bob.word('id')]}?$expand={name}"
    changed = bob("PATCH", one, bob.cased({"subject": "Other plans"}))
    assert (changed.status, changed.json[name][bob.word("name")]) == (200, "Calendar")
    bob.world.fail_after_commits()
    changed = bob("PATCH", one, bob.cased({"subject": "No plans"}))
    assert (changed.status, changed.json[bob.word("subject")], name in changed.json) == (200, "No plans", False)
