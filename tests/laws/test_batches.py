"""A batch answers what its requests answer one by one, and leaves the same mailboxes behind.

Two worlds begin alike; what one is sent in a batch, the other is sent request by request.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from support.batches import MEDIA, answers, part, together
from support.client import Client, plain
from support.world import World

JSON = {"Content-Type": "application/json"}
AT, UNTIL = "2026-12-01T10:00:00", "2026-12-01T11:00:00"
WINDOW = "startDateTime=2026-11-01T00:00:00Z&endDateTime=2026-12-20T00:00:00Z"
PRIMARY = "/calendars/primary/events"
MEETINGS = 3

Asked = tuple[str, str, Any]


# What no two worlds have alike: names that are drawn, and numbers that follow from them.
DRAWN = frozenset({
    "id", "iCalUId", "iCalUID", "changeKey", "etag", "@odata.etag", "@odata.id", "webLink", "htmlLink",
    "conversationId", "conversationIndex", "internetMessageId", "parentFolderId", "@odata.context", "nextSyncToken",
})  # fmt: skip


@contextlib.contextmanager
def worlds() -> Iterator[tuple[World, World]]:
    """Yield two worlds in which bob is invited to the same meetings and time stands still."""
    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        both = new_world(Path(first)), new_world(Path(second))
        try:
            yield both
        finally:
            for one in both:
                one.close()


def new_world(folder: Path) -> World:
    world = World(folder)
    for name in ("alice", "bob"):
        world.add(name)
    alice = Client(world, "alice", "graph")
    for number in range(MEETINGS):
        alice.create(f"Plans {number}", AT, UNTIL, "bob")
    world.pace = 0
    return world


def mine(world: World) -> list[str]:
    """Return bob's ids of the meetings."""
    bob = Client(world, "bob", "graph")
    return [one["id"] for one in bob.get("/me/events?$orderby=subject")["value"]]


def requests(number: int) -> st.SearchStrategy[list[tuple[str, int, str]]]:
    """Return lists of what bob may ask: a kind, the meeting it is about, and a word."""
    kinds = st.sampled_from(["get", "list", "view", "answer", "answer", "patch", "create", "unknown", "wrong"])
    words = st.sampled_from(["accept", "tentativelyAccept"])
    return st.lists(st.tuples(kinds, st.integers(0, MEETINGS - 1), words), min_size=1, max_size=number)


def graph(kind: str, event: str, word: str) -> Asked:
    times = {name: {"dateTime": at, "timeZone": "UTC"} for name, at in (("start", AT), ("end", UNTIL))}
    return {
        "get": ("GET", f"/me/events/{event}", None),
        "list": ("GET", "/me/messages?$select=subject,isRead", None),
        "view": ("GET", f"/me/calendarView?{WINDOW}", None),
        "answer": ("POST", f"/me/events/{event}/{word}", {"comment": word}),
        "patch": ("PATCH", f"/me/events/{event}", {"subject": word}),
        "create": ("POST", "/me/events", {"subject": word, "transactionId": word, **times}),
        "unknown": ("GET", "/me/nosuch", None),
        "wrong": ("POST", f"/me/events/{event}/{word}", {"sendResponse": 5}),
    }[kind]


def shown(status: int, body: bytes) -> Any:
    """Return an answer without what names the request or was drawn."""
    value = json.loads(body) if body else None
    if isinstance(value, dict) and "error" in value:
        value["error"].pop("innerError", None)
    return status, undrawn(value)


def undrawn(value: Any) -> Any:
    if isinstance(value, dict):
        named = {name: undrawn(one) for name, one in plain(value).items()}
        return {name: one for name, one in named.items() if name not in DRAWN and "Link" not in name}
    return [undrawn(one) for one in value] if isinstance(value, list) else value


def in_graph(world: World, asked: list[Asked], needs: list[list[int]]) -> list[Any]:
    items = [
        {"id": str(place), "method": method, "url": path, "dependsOn": [str(one) for one in needs[place]],
         **({} if body is None else {"headers": JSON, "body": body})}
        for place, (method, path, body) in enumerate(asked)
    ]  # fmt: skip
    reply = world.request("bob", "POST", "/v1.0/$batch", {"requests": items})
    assert reply.status == 200, reply.body
    return [
        shown(one["status"], b"" if one["body"] is None else json.dumps(one["body"]).encode())
        for one in reply.json["responses"]
    ]


def one_by_one(world: World, mount: str, asked: list[Asked]) -> list[Any]:
    replies = [world.request("bob", method, mount + path, body) for method, path, body in asked]
    return [shown(one.status, one.body) for one in replies]


def left_behind(world: World) -> Any:
    """Return what both see afterwards."""
    found = {}
    for who in ("alice", "bob"):
        of = Client(world, who, "graph")
        found[who] = [undrawn(of.get(path)) for path in ("/me/events?$top=1000", "/me/messages?$top=1000")]
    return found


def drawn_for(world: World, drawn: list[tuple[str, int, str]]) -> list[Asked]:
    ids = mine(world)
    return [graph(kind, ids[meeting], word) for kind, meeting, word in drawn]


@settings(max_examples=25, deadline=None)
@given(requests(20))
def test_graph(drawn: list[tuple[str, int, str]]) -> None:
    with worlds() as (first, second):
        found = in_graph(first, drawn_for(first, drawn), [[] for _ in drawn])
        assert found == one_by_one(second, "/v1.0", drawn_for(second, drawn))
        assert left_behind(first) == left_behind(second)


@settings(max_examples=25, deadline=None)
@given(requests(20))
def test_outlook(drawn: list[tuple[str, int, str]]) -> None:
    with worlds() as (first, second):
        parts = [part(method, f"/api/v2.0{path}", body) for method, path, body in drawn_for(first, drawn)]
        headers = {"content-type": MEDIA, "prefer": "odata.continue-on-error"}
        reply = first.request("bob", "POST", "/api/v2.0/$batch", raw=together(parts), headers=headers)
        found = [shown(one.status, one.body) for one in answers(reply)]
        assert found == one_by_one(second, "/api/v2.0", drawn_for(second, drawn))
        assert left_behind(first) == left_behind(second)


def google(kind: str, event: str, word: str) -> Asked:
    answer = "accepted" if word == "accept" else "tentative"
    entry = {"attendeesOmitted": True, "attendees": [{"email": "bob@example.com", "responseStatus": answer}]}
    times = {name: {"dateTime": f"{at}Z"} for name, at in (("start", AT), ("end", UNTIL))}
    return {
        "get": ("GET", f"{PRIMARY}/{event}", None),
        "list": ("GET", f"{PRIMARY}?orderBy=updated", None),
        "view": ("GET", f"{PRIMARY}?q=Plans", None),
        "answer": ("PATCH", f"{PRIMARY}/{event}", entry),
        "patch": ("PATCH", f"{PRIMARY}/{event}", {"colorId": "3"}),
        "create": ("POST", PRIMARY, {"summary": word, **times}),
        "unknown": ("GET", "/nosuch", None),
        "wrong": ("PATCH", f"{PRIMARY}/{event}", {"summary": word}),
    }[kind]


def drawn_for_google(world: World, drawn: list[tuple[str, int, str]]) -> list[Asked]:
    items = world.request("bob", "GET", f"/calendar/v3{PRIMARY}").json["items"]
    ids = [one["id"] for one in sorted(items, key=lambda one: str(one["summary"]))]
    return [google(kind, ids[meeting], word) for kind, meeting, word in drawn]


@settings(max_examples=25, deadline=None)
@given(requests(30))
def test_google(drawn: list[tuple[str, int, str]]) -> None:
    with worlds() as (first, second):
        parts = [part(method, f"/calendar/v3{path}", body) for method, path, body in drawn_for_google(first, drawn)]
        reply = first.request("bob", "POST", "/batch/calendar/v3", raw=together(parts), headers={"content-type": MEDIA})
        found = [shown(one.status, one.body) for one in answers(reply)]
        assert found == one_by_one(second, "/calendar/v3", drawn_for_google(second, drawn))
        assert left_behind(first) == left_behind(second)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_what_depends_on_what(data: st.DataObject) -> None:
    """The oracle walks the batch: what needs one that failed is 424, all else is what it answers alone."""
    drawn = data.draw(requests(20))
    needs: list[list[int]] = [
        data.draw(st.lists(st.integers(0, place - 1), max_size=3)) if place else [] for place in range(len(drawn))
    ]
    with worlds() as (first, second):
        found = in_graph(first, drawn_for(first, drawn), needs)
        failed: set[int] = set()
        for place, one in enumerate(drawn_for(second, drawn)):
            if failed.intersection(needs[place]):
                assert found[place][0] == 424
            else:
                assert [found[place]] == one_by_one(second, "/v1.0", [one])
            if found[place][0] >= 400:
                failed.add(place)
        assert left_behind(first) == left_behind(second)
