"""Two at once, crossing each other, repeated: defined outcomes, and no lost update under If-Match."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rsvpd.calendar.draft import EventDraft
from rsvpd.calendar.event import Answer
from rsvpd.commands.calendar import answer_event, get_event, update_event
from rsvpd.commands.door import Who
from rsvpd.commands.references import EventRef
from rsvpd.errors import ChangeKeyMismatch
from support.speakers import Google, Microsoft, speakers
from support.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    for name in ("alice", "bob", "carol"):
        world.add(name)
    yield world
    world.close()


@pytest.fixture
def graph(world: World) -> Microsoft:
    said = speakers(world)["graph"]
    assert isinstance(said, Microsoft)
    return said


def invite(graph: Microsoft, **more: Any) -> str:
    made = graph.invite("alice", "Plans", "2026-12-01T10:00:00", 30, "UTC", ["bob", "carol"], **more)
    assert made.status == 201, made.body
    return graph.uid_of(made)


def test_of_two_writers_with_one_etag_one_wins(world: World, graph: Microsoft) -> None:
    uid = invite(graph)
    ref, alice = EventRef(uid=uid), world.people["alice"]
    change = world.store.run(get_event, Who(alice.oid, None, world.now), ref).change

    async def both() -> list[object]:
        who = Who(alice.oid, None, world.now)
        return await asyncio.gather(
            *(world.store(update_event, who, ref, EventDraft(subject=f"Plan {n}"), expected=change) for n in range(2)),
            return_exceptions=True,
        )

    results = asyncio.run(both())
    assert sum(isinstance(one, ChangeKeyMismatch) for one in results) == 1


@pytest.mark.parametrize("mount", ["/v1.0", "/api/v2.0", "/api/v1.0"])
def test_a_stale_etag_is_412_everywhere(world: World, mount: str) -> None:
    said = next(one for one in speakers(world).values() if getattr(one, "mount", "") == mount)
    assert isinstance(said, Microsoft)
    made = said.invite("alice", "Plans", "2026-12-01T10:00:00", 30, "UTC", ["bob"])
    path, etag = f"/me/events/{made.json[said.word('id')]}", made.json["@odata.etag"]
    body = {said.word("subject"): "Better plans"}
    assert said.call("alice", "PATCH", path, body, **{"if-match": etag}).status == 200
    stale = said.call("alice", "PATCH", path, body, **{"if-match": etag})
    assert stale.status == 412
    assert stale.json["error"]["code"] == "ErrorIrresolvableConflict"
    assert said.call("alice", "DELETE", path, **{"if-match": etag}).status == 412
    assert said.call("alice", "PATCH", path, body, **{"if-match": "*"}).status == 200
    assert said.call("alice", "DELETE", path).status == 204


def test_an_answer_changes_the_etag_on_both_sides(world: World, graph: Microsoft) -> None:
    uid = invite(graph)
    seen = {who: graph.call(who, "GET", f"/me/events/{graph.see(who, uid).id}").json for who in ("alice", "bob")}
    graph.answer("bob", uid, "accepted")
    for who, before in seen.items():
        after = graph.call(who, "GET", f"/me/events/{before['id']}").json
        assert after["@odata.etag"] != before["@odata.etag"]
        assert after["@odata.etag"] == f'W/"{after["changeKey"]}"'
        assert after["lastModifiedDateTime"] > before["lastModifiedDateTime"]


def test_two_answers_at_once_are_both_tracked(world: World, graph: Microsoft) -> None:
    uid = invite(graph)
    ref = EventRef(uid=uid)

    async def both() -> None:
        await asyncio.gather(
            *(
                world.store(answer_event, Who(world.people[name].oid, None, world.now), ref, answer)
                for name, answer in (("bob", Answer.ACCEPTED), ("carol", Answer.DECLINED))
            )
        )

    asyncio.run(both())
    seen = graph.see("alice", uid)
    assert seen is not None
    assert seen.answers == {"bob@example.com": "accepted", "carol@example.com": "declined"}
    assert len(graph.inbox("alice")) == 2


def test_an_answer_that_crosses_a_reschedule_answers_the_new_time(world: World, graph: Microsoft) -> None:
    """The copy already shows the new time when the answer arrives, so that is what was answered."""
    uid = invite(graph)
    graph.move("alice", uid, "2026-12-02T10:00:00", 30, "UTC")
    graph.answer("bob", uid, "accepted")
    seen = graph.see("alice", uid)
    assert seen is not None
    assert seen.answers["bob@example.com"] == "accepted"


def test_a_repeated_transaction_creates_nothing(world: World, graph: Microsoft) -> None:
    body = {
        "subject": "Once",
        "transactionId": "7E163156-7762-4BEB-A1C6-729EA81755A7",
        "start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-12-01T11:00:00", "timeZone": "UTC"},
        "attendees": [{"emailAddress": {"address": "bob@example.com"}}],
    }
    first, second = (graph.call("alice", "POST", "/me/events", body) for _ in range(2))
    assert (first.status, second.status) == (201, 201)
    assert first.json["id"] == second.json["id"]
    assert len(graph.inbox("bob")) == 1


def test_google_refuses_a_used_id_and_a_stale_etag(world: World) -> None:
    said = speakers(world)["google"]
    assert isinstance(said, Google)
    body = {
        "id": "mimeeting1",
        "summary": "Once",
        "start": {"dateTime": "2026-12-01T10:00:00Z"},
        "end": {"dateTime": "2026-12-01T11:00:00Z"},
    }
    path = "/calendars/primary/events"
    made = said.call("alice", "POST", path, body)
    assert (made.status, made.json["id"], made.json["iCalUID"]) == (200, "mimeeting1", "mimeeting1@google.com")
    assert said.call("alice", "POST", path, body).status == 409
    etag = made.json["etag"]
    assert said.call("alice", "GET", f"{path}/mimeeting1", **{"if-none-match": etag}).status == 304
    patched = said.call("alice", "PATCH", f"{path}/mimeeting1", {"summary": "Twice"}, **{"if-match": etag})
    assert patched.status == 200
    assert said.call("alice", "PATCH", f"{path}/mimeeting1", {"summary": "No"}, **{"if-match": etag}).status == 412
    assert said.call("alice", "DELETE", f"{path}/mimeeting1").status == 204
    assert said.call("alice", "DELETE", f"{path}/mimeeting1").status == 410
