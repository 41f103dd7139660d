"""A meeting of very many: delivered in slices, nothing lost, whatever comes between and after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rsvpd.commands.deliver import SLICE, deliver_next
from support.speakers import Google, Microsoft, speakers
from support.world import World

MANY = 3 * SLICE + 7


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    for name in ("alice", *(f"g{n}" for n in range(MANY))):
        world.add(name)
    yield world
    world.close()


def drain(world: World, most: int = 1000) -> int:
    """Deliver up to so many slices; return how many there were."""
    return next((n for n in range(most) if not world.store.run(deliver_next)), most)


def invite(world: World) -> tuple[Google, Microsoft, str]:
    said = speakers(world)
    google, graph = said["google"], said["graph"]
    assert isinstance(google, Google)
    assert isinstance(graph, Microsoft)
    made = google.invite("alice", "Party", "2026-12-01T10:00:00", 60, "UTC", [f"g{n}" for n in range(MANY)])
    assert made.status == 200, made.body
    return google, graph, google.uid_of(made)


@pytest.mark.slow
def test_everybody_is_invited_once(world: World) -> None:
    _, graph, uid = invite(world)
    assert graph.see("g0", uid) is not None
    assert graph.see(f"g{MANY - 1}", uid) is None, "later"
    drain(world, most=1)
    world.reopen()
    assert drain(world) == 2
    for n in range(MANY):
        seen = graph.see(f"g{n}", uid)
        assert seen is not None
        assert len(seen.guests) == MANY
        assert [note.subject for note in graph.inbox(f"g{n}")] == ["Party"]
    assert drain(world) == 0


def test_what_happens_between_two_slices_comes_after_them(world: World) -> None:
    _, graph, uid = invite(world)
    assert graph.answer("g0", uid, "accepted", comment="early").status == 202
    assert graph.rename("alice", uid, "Great party").status == 200
    drain(world)
    last = f"g{MANY - 1}"
    assert graph.answer(last, uid, "declined").status == 202
    seen = graph.see("alice", uid)
    assert seen is not None
    assert (seen.answers["g0@example.com"], seen.answers[f"{last}@example.com"]) == ("accepted", "declined")
    assert sum(answer == "none" for answer in seen.answers.values()) == MANY - 2
    for n in (1, MANY - 2):
        seen = graph.see(f"g{n}", uid)
        assert seen is not None
        assert seen.subject == "Great party"
        assert [note.subject for note in graph.inbox(f"g{n}")] == ["Party", "Great party"]
    assert [note.subject for note in graph.inbox("alice")] == ["Accepted: Party", "Declined: Great party"]


def test_a_cancellation_never_overtakes_the_invitation(world: World) -> None:
    _, graph, uid = invite(world)
    assert graph.reinvite("alice", uid, ["g0", "g1"]).status == 200
    drain(world)
    for n in range(2, MANY, 31):
        seen = graph.see(f"g{n}", uid)
        assert seen is not None
        assert seen.cancelled
        assert [note.subject for note in graph.inbox(f"g{n}")] == ["Party", "Canceled: Party"]
    seen = graph.see("g1", uid)
    assert seen is not None
    assert (seen.cancelled, seen.guests) == (False, {"g0", "g1"})


@pytest.mark.slow
def test_moved_and_cancelled(world: World) -> None:
    google, graph, uid = invite(world)
    drain(world)
    for n in range(0, MANY, 9):
        assert graph.answer(f"g{n}", uid, "accepted").status == 202
    assert google.move("alice", uid, "2026-12-02T10:00:00", 60, "UTC").status == 200
    drain(world)
    seen = graph.see("alice", uid)
    assert seen is not None
    assert set(seen.answers.values()) == {"none"}
    assert graph.cancel("alice", uid, "Too many").status == 202
    drain(world)
    for n in range(0, MANY, 17):
        seen = graph.see(f"g{n}", uid)
        assert seen is not None
        assert seen.cancelled
        subjects = [note.subject for note in graph.inbox(f"g{n}")]
        assert subjects == ["Party", "Party", "Canceled: Party"]
