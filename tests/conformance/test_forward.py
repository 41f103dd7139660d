"""Passing a meeting on, on the wire of each Microsoft profile, and to people outside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rsvpd.commands.door import reads
from rsvpd.store.outbox import count_messages
from support.speakers import Google, Microsoft, speakers
from support.world import World

MOUNTS = ["/v1.0", "/api/v2.0", "/api/v1.0"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    for name in ("alice", "bob", "carol"):
        world.add(name)
    yield world
    world.close()


def at(world: World, mount: str) -> Microsoft:
    said = next(one for one in speakers(world).values() if getattr(one, "mount", "") == mount)
    assert isinstance(said, Microsoft)
    return said


def invite(said: Microsoft, **more: Any) -> str:
    made = said.invite("alice", "Plans", "2026-12-01T10:00:00", 30, "UTC", ["bob"], **more)
    assert made.status == 201, made.body
    return said.uid_of(made)


def to(*addresses: str) -> dict[str, Any]:
    return {"ToRecipients": [{"EmailAddress": {"Address": one}} for one in addresses]}


@pytest.mark.parametrize("mount", MOUNTS)
def test_the_documented_call(world: World, mount: str) -> None:
    said, graph = at(world, mount), at(world, "/v1.0")
    uid = invite(said, body={"contentType": "text", "content": "Bring numbers"})
    path = f"/me/events/{said.id_of('bob', uid)}/forward"
    reply = said.call("bob", "POST", path, {**to("Carol@Example.com"), "Comment": "You know more"})
    assert (reply.status, reply.body, reply.hint) == (202, b"", "")
    (message,) = graph.call("carol", "GET", "/me/messages", prefer='outlook.body-content-type="text"').json["value"]
    assert message["subject"] == "FW: Plans"
    assert message["body"]["content"].split() == ["You", "know", "more", "Bring", "numbers"]
    assert message["from"]["emailAddress"]["address"] == "alice@example.com"
    assert message["sender"]["emailAddress"]["address"] == "bob@example.com"
    assert [one["emailAddress"]["address"] for one in message["toRecipients"]] == ["Carol@Example.com"]
    assert message["meetingRequestType"] == "newMeetingRequest"
    own = graph.call("carol", "GET", f"/me/events/{graph.id_of('carol', uid)}").json
    assert (own["subject"], own["bodyPreview"]) == ("Plans", "Bring numbers")
    (notice,) = graph.call("alice", "GET", "/me/mailFolders/Inbox/messages").json["value"]
    assert notice["subject"] == "Meeting Forward Notification: Plans"
    assert "carol@example.com" in notice["bodyPreview"].lower()
    assert "meetingMessageType" not in notice


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"ToRecipients": []},
        {"ToRecipients": None},
        {"ToRecipients": "carol@example.com"},
        {"ToRecipients": [{"EmailAddress": {"Address": "nobody"}}]},
        {"ToRecipients": [{}]},
        {**to("carol@example.com"), "Comment": 7},
        to(*(f"g{number}@example.com" for number in range(501))),
    ],
)
def test_what_cannot_be_forwarded(world: World, body: dict[str, Any]) -> None:
    graph = at(world, "/v1.0")
    uid = invite(graph)
    reply = graph.call("bob", "POST", f"/me/events/{graph.id_of('bob', uid)}/forward", body)
    assert reply.status == 400, reply.body
    assert graph.inbox("alice") == []


def test_the_event_of_a_message_is_forwarded(world: World) -> None:
    graph = at(world, "/v1.0")
    invite(graph)
    (message,) = graph.call("bob", "GET", "/me/messages").json["value"]
    path = f"/me/messages/{message['id']}/microsoft.graph.eventMessage/event/forward"
    assert graph.call("bob", "POST", path, to("carol@example.com")).status == 202
    assert len(graph.inbox("carol")) == 1


def test_repeated_forwards_tell_and_add_once(world: World) -> None:
    graph = at(world, "/v1.0")
    uid = invite(graph)
    path = f"/me/events/{graph.id_of('bob', uid)}/forward"
    assert graph.call("bob", "POST", path, to("carol@example.com", "CAROL@example.com")).hint == ""
    assert "carol@example.com" in graph.call("bob", "POST", path, to("carol@example.com")).hint
    seen = graph.see("alice", uid)
    assert seen is not None
    assert seen.guests == {"bob", "carol"}


def test_somebody_outside_gets_a_request(world: World) -> None:
    graph = at(world, "/v1.0")
    uid = invite(graph)
    path = f"/me/events/{graph.id_of('bob', uid)}/forward"
    assert graph.call("bob", "POST", path, to("eve@elsewhere.test")).status == 202
    seen = graph.see("alice", uid)
    assert seen is not None
    assert "eve@elsewhere.test" in seen.guests
    assert world.store.run(reads(count_messages)) == 1


def test_no_forwarding_where_the_organizer_lets_nobody_invite(world: World) -> None:
    google, graph = speakers(world)["google"], at(world, "/v1.0")
    assert isinstance(google, Google)
    made = google.invite(
        "alice", "Plans", "2026-12-01T10:00:00", 30, "UTC", ["bob"], guestsCanInviteOthers=False
    )
    uid = google.uid_of(made)
    reply = graph.call("bob", "POST", f"/me/events/{graph.id_of('bob', uid)}/forward", to("carol@example.com"))
    assert (reply.status, reply.json["error"]["code"]) == (400, "ErrorInvalidRequest")
    own = f"/me/events/{graph.id_of('alice', uid)}/forward"
    assert graph.call("alice", "POST", own, to("carol@example.com")).status == 202
