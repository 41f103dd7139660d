"""Bodies as clients read them and write them back, in every dialect."""

from __future__ import annotations

from typing import Any

import pytest

from support.client import MOUNTS, Client
from support.world import World

BODIES: dict[str, dict[str, Any]] = {
    "absent": {},
    "empty": {"body": {"contentType": "html", "content": ""}},
    "text": {"body": {"contentType": "text", "content": "1 < 2\nAgenda & more"}},
    "html": {"body": {"contentType": "html", "content": "<p>Agenda &amp; <b>more</b></p>\n<ul><li>a</ul>"}},
    "document": {
        "body": {
            "contentType": "html",
            "content": "<html><head><style>p {margin:0}</style></head><body lang=DE><p>Hi</p></body></html>",
        }
    },
    "active": {"body": {"contentType": "html", "content": "<p onclick=x()>Hi</p><script>x()</script>"}},
}
WEEKLY = {
    "recurrence": {
        "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]},
        "range": {"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 4},
    }
}
TEXT = 'outlook.body-content-type="text"'
UNSAFE = "outlook.allow-unsafe-html"
EVENTS = "/calendar/v3/calendars/primary/events"
START, END = "2026-12-01T10:00:00", "2026-12-01T11:00:00"
CASE_26 = (
    "<div>Hello</div>Dial in<p>Next</p><ul><li>a</li></ul>x<hr>y"
    '<a href="https://meet.example/join?a=1&amp;b=2">Join online</a>'
)
SAID_26 = (
    "Hello\r\nDial in\r\n\r\nNext\r\n\r\n  *   a\r\n\r\nx\r\n" + "_" * 32 + "\r\nyJoin online<https://meet.example/join?a=1&b=2>"
)


@pytest.fixture(params=MOUNTS)
def alice(world: World, request: pytest.FixtureRequest) -> Client:
    return Client(world, "alice", request.param)


def heard(world: World) -> int:
    """Return how many messages bob has."""
    return len(Client(world, "bob", "graph").get("/me/messages?$top=50")["value"])


def raw(client: Client, event: str) -> Any:
    return client.get(f"/me/events/{event}", prefer=UNSAFE)["body"]


# --- case 20: body_written_back


@pytest.mark.parametrize("prefer", ["", TEXT, UNSAFE])
@pytest.mark.parametrize("kind", BODIES)
def test_body_written_back_as_read_changes_nothing(world: World, alice: Client, kind: str, prefer: str) -> None:
    made = alice.create("Plans", START, END, "bob", **BODIES[kind])["id"]
    before, heard_before = raw(alice, made), heard(world)
    read = alice.get(f"/me/events/{made}", prefer=prefer)["body"]
    reply = alice("PATCH", f"/me/events/{made}", {"body": read, "categories": ["Red"]})
    assert (reply.status, reply.hint) == (200, "")
    assert raw(alice, made) == before
    assert heard(world) == heard_before
    google = world.request("alice", "GET", EVENTS).json["items"][0]
    assert google.get("description", "") == world.request("bob", "GET", EVENTS).json["items"][0].get("description", "")


@pytest.mark.parametrize("kind", BODIES)
def test_body_written_back_of_a_series_and_of_its_occurrence(world: World, alice: Client, kind: str) -> None:
    made = alice.create("Plans", START, END, "bob", **BODIES[kind], **WEEKLY)["id"]
    window = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-31T00:00:00Z"
    one = alice.get(f"/me/events/{made}/instances?{window}")["value"][1]["id"]
    heard_before = heard(world)
    for event in (made, one):
        read = alice.get(f"/me/events/{event}")["body"]
        assert alice("PATCH", f"/me/events/{event}", {"body": read}).status == 200
        assert heard(world) == heard_before
    instances = alice.get(f"/me/events/{made}/instances?{window}")["value"]
    assert {each["type"] for each in instances} == {alice.word("occurrence")}


def test_a_guest_who_writes_it_back_keeps_the_organizers(world: World, alice: Client) -> None:
    made = alice.create("Plans", START, END, "bob", **BODIES["html"])["id"]
    bob = Client(world, "bob", alice.profile)
    own = bob.get("/me/events")["value"][0]
    assert bob("PATCH", f"/me/events/{own['id']}", {"body": own["body"], "showAs": "busy"}).status == 200
    change = {"body": {"contentType": "text", "content": "New"}}
    assert alice("PATCH", f"/me/events/{made}", change).status == 200
    assert "New" in bob.get(f"/me/events/{own['id']}")["body"]["content"]


def test_a_message_takes_its_own_body_back_without_a_hint(world: World, alice: Client) -> None:
    alice.create("Plans", START, END, "bob", **BODIES["html"])
    bob = Client(world, "bob", alice.profile)
    letter = bob.get("/me/messages")["value"][0]
    same = bob("PATCH", f"/me/messages/{letter['id']}", {"body": letter["body"], "isRead": True})
    assert (same.status, same.hint) == (200, "")
    other = bob("PATCH", f"/me/messages/{letter['id']}", {"body": {"contentType": "text", "content": "x"}})
    assert alice.word("body") in other.hint


def test_another_body_is_told(world: World, alice: Client) -> None:
    made = alice.create("Plans", START, END, "bob", **BODIES["html"])["id"]
    before = heard(world)
    for said in ("<p>Agenda</p>", "<p>Agenda</p><p>more</p>"):
        change = {"body": {"contentType": "html", "content": said}}
        assert alice("PATCH", f"/me/events/{made}", change).status == 200
        assert said in raw(alice, made)["content"]
    assert heard(world) == before + 2


@pytest.mark.parametrize("kind", BODIES)
def test_body_written_back_as_a_description_changes_nothing(world: World, kind: str) -> None:
    alice = Client(world, "alice", "graph")
    made = alice.create("Plans", START, END, "bob", **BODIES[kind])["id"]
    before, heard_before = raw(alice, made), heard(world)
    event = world.request("alice", "GET", EVENTS).json["items"][0]
    assert "script" not in event.get("description", "")
    assert "<head" not in event.get("description", "")
    url = f"{EVENTS}/{event['id']}?sendUpdates=all"
    assert world.request("alice", "PUT", url, event).status == 200
    assert world.request("alice", "PATCH", url, {"description": event.get("description")}).status == 200
    assert raw(alice, made) == before
    assert heard(world) == heard_before


# --- case 26: html_read_as_text


def test_html_read_as_text(world: World, alice: Client) -> None:
    body = {"contentType": "html", "content": CASE_26}
    made = alice.create("Plans", START, END, "bob", body=body)["id"]
    bob = Client(world, "bob", alice.profile)
    for item in (
        alice.get(f"/me/events/{made}", prefer=TEXT),
        bob.get("/me/events", prefer=TEXT)["value"][0],
        bob.get("/me/messages", prefer=TEXT)["value"][0],
    ):
        assert item["body"] == {"contentType": alice.word("text"), "content": SAID_26}
        lines = item["bodyPreview"].split("\r\n")
        assert [line.strip() for line in lines] == [" ".join(line.split()) for line in SAID_26.split("\r\n")]


# --- no item makes a list fail, whoever sent it


HOSTILE = {
    "digits": "&#" + "1" * 4_301 + ";",
    "tags without an end": "<a" * 100_000,
    "tags left open": "<div>" * 50_000,
    "words in a table": "<table><br>" * 20_000,
    "references": "&nbsp;" * 50_000,
    "attributes": "<b " + "x " * 50_000,
    "NUL": "\0",
}


@pytest.mark.slow
@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_what_harms_a_parser_harms_no_list(world: World, alice: Client, hostile: str) -> None:
    body = {"contentType": "html", "content": hostile + "<p>Hi</p>"}
    assert alice.create("Plans", START, END, "bob", body=body)
    bob = Client(world, "bob", alice.profile)
    for prefer in ("", TEXT):
        assert len(bob.get("/me/events", prefer=prefer)["value"]) == 1
        assert len(bob.get("/me/messages", prefer=prefer)["value"]) == 1
        assert len(bob.get("/me/messages?$search=plans", prefer=prefer)["value"]) == 1
    assert world.request("bob", "GET", EVENTS).status == 200
    assert world.request("bob", "GET", f"{EVENTS}?q=plans").status == 200


@pytest.mark.parametrize(
    "active", ["<svg/onload=x()>", "<x onclick=x()>a", '<img src="x"onerror=x()>', "<script>x()</script>"]
)
def test_a_description_that_could_act_is_inert_for_everybody(world: World, active: str) -> None:
    event = {
        "summary": "Plans",
        "description": f"Hi {active}",
        "start": {"dateTime": f"{START}Z"},
        "end": {"dateTime": f"{END}Z"},
        "attendees": [{"email": "bob@example.com"}],
    }
    assert world.request("alice", "POST", f"{EVENTS}?sendUpdates=all", event).status == 200
    shown = [world.request(who, "GET", EVENTS).json["items"][0]["description"] for who in ("alice", "bob")]
    shown.append(Client(world, "bob", "graph").get("/me/events")["value"][0]["body"]["content"])
    assert all("Hi" in said and "x()" not in said for said in shown)


@pytest.mark.parametrize("said", ["Hi <b>you</b><br/>", "Ask Bob <bob@example.com>", "1 < 2", "line\nline"])
def test_a_harmless_description_comes_back_letter_for_letter(world: World, said: str) -> None:
    event = {"description": said, "start": {"dateTime": f"{START}Z"}, "end": {"dateTime": f"{END}Z"}}
    made = world.request("alice", "POST", EVENTS, event).json
    assert made["description"] == said
