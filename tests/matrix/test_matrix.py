"""Written by one dialect, read by every other: the same meeting, the same answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from support.speakers import DIALECTS, Speaker, speakers
from support.world import World

START = datetime(2026, 12, 1, 9, tzinfo=UTC)  # 10:00 in Berlin
PAIRS = [(writer, reader) for writer in DIALECTS for reader in DIALECTS]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    for name, zone in (("alice", "Europe/Berlin"), ("bob", "America/New_York"), ("carol", "Europe/London")):
        world.add(name, zone=zone)
    yield world
    world.close()


@pytest.fixture
def said(world: World) -> dict[str, Speaker]:
    return speakers(world)


def invite(speaker: Speaker) -> str:
    reply = speaker.invite("alice", "Plans", "2026-12-01T10:00:00", 30, "Europe/Berlin", ["bob", "carol"])
    assert reply.status in (200, 201), reply.body
    return speaker.uid_of(reply)


@pytest.mark.parametrize(("writer", "reader"), PAIRS)
def test_created(said: dict[str, Speaker], writer: str, reader: str) -> None:
    uid = invite(said[writer])
    organizers, guests = said[reader].see("alice", uid), said[reader].see("bob", uid)
    assert organizers is not None
    assert guests is not None
    assert (organizers.subject, organizers.start) == ("Plans", START)
    assert (guests.subject, guests.start, guests.end) == ("Plans", START, organizers.end)
    assert (organizers.is_organizer, guests.is_organizer) == (True, False)
    assert (organizers.own_answer, guests.own_answer) == ("organizer", "none")
    assert organizers.guests == guests.guests == {"bob", "carol"}
    assert set(organizers.answers.values()) == {"none"}


@pytest.mark.parametrize(("writer", "reader"), PAIRS)
def test_updated(said: dict[str, Speaker], writer: str, reader: str) -> None:
    uid = invite(said["graph"])
    assert said["graph"].answer("bob", uid, "accepted").status == 202
    assert said[writer].rename("alice", uid, "Better plans").status == 200
    seen = said[reader].see("bob", uid)
    assert seen is not None
    assert (seen.subject, seen.own_answer) == ("Better plans", "accepted")
    assert said[writer].move("alice", uid, "2026-12-01T15:00:00", 45, "Europe/Berlin").status == 200
    for who in ("alice", "bob"):
        seen = said[reader].see(who, uid)
        assert seen is not None
        assert (seen.start.hour, seen.end.hour, seen.end.minute) == (14, 14, 45)
    seen, organizers = said[reader].see("bob", uid), said[reader].see("alice", uid)
    assert seen is not None
    assert organizers is not None
    assert seen.own_answer == "none", "a new time asks again"
    assert organizers.answers["bob@example.com"] == "none"


@pytest.mark.parametrize("answer", ["accepted", "tentative"])
@pytest.mark.parametrize(("writer", "reader"), PAIRS)
def test_answered(said: dict[str, Speaker], writer: str, reader: str, answer: str) -> None:
    uid = invite(said["graph"])
    reply = said[writer].answer("bob", uid, answer, comment="I will be there!")
    assert reply.status in (200, 202), reply.body
    seen, organizers = said[reader].see("bob", uid), said[reader].see("alice", uid)
    assert seen is not None
    assert organizers is not None
    assert seen.own_answer == answer
    assert organizers.answers == {"bob@example.com": answer, "carol@example.com": "none"}


@pytest.mark.parametrize(("writer", "reader"), PAIRS)
def test_declined(said: dict[str, Speaker], writer: str, reader: str) -> None:
    uid = invite(said["graph"])
    assert said[writer].answer("bob", uid, "declined").status in (200, 202)
    organizers = said[reader].see("alice", uid)
    assert organizers is not None
    assert organizers.answers["bob@example.com"] == "declined"
    seen = said[reader].see("bob", uid)
    if reader == "google":
        assert seen is not None
        assert seen.own_answer == "declined", "Google keeps showing it"
    else:
        assert seen is None, "Outlook moves it to Deleted Items"


@pytest.mark.parametrize(("writer", "reader"), PAIRS)
def test_cancelled(said: dict[str, Speaker], writer: str, reader: str) -> None:
    uid = invite(said["graph"])
    reply = said[writer].cancel("alice", uid, "No more plans")
    assert reply.status in (202, 204), reply.body
    organizers, seen = said[reader].see("alice", uid), said[reader].see("bob", uid)
    assert organizers is None or organizers.cancelled
    assert seen is not None
    assert seen.cancelled


@pytest.mark.parametrize("writer", DIALECTS)
def test_messages_of_a_whole_life(said: dict[str, Speaker], writer: str) -> None:
    """Whichever dialect writes, the same messages arrive, once each."""
    uid = invite(said[writer])
    said[writer].answer("bob", uid, "accepted", comment="Gladly")
    said[writer].answer("carol", uid, "tentative")
    said[writer].move("alice", uid, "2026-12-02T10:00:00", 30, "Europe/Berlin")
    said[writer].cancel("alice", uid)
    graph = said["graph"]
    assert [(note.kind, note.subject) for note in graph.inbox("bob")] == [
        ("meetingRequest", "Plans"),
        ("meetingRequest", "Plans"),
        ("meetingCancelled", "Canceled: Plans"),
    ]
    answers = [(note.kind, note.subject, note.sender, note.text) for note in graph.inbox("alice")]
    assert answers == [
        ("meetingAccepted", "Accepted: Plans", "bob", "Gladly"),
        ("meetingTenativelyAccepted", "Tentative: Plans", "carol", ""),
    ]
