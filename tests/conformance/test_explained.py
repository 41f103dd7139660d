"""What a request did not do is said in a hint; what would grow without bound is refused in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rsvpd.scheduling import component
from support.speakers import Microsoft, speakers
from support.world import World

CAST = "microsoft.graph.eventMessage"


@dataclass
class Stage:
    world: World
    graph: Microsoft


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    world = World(tmp_path)
    for name in ("alice", "bob"):
        world.add(name)
    graph = speakers(world)["graph"]
    assert isinstance(graph, Microsoft)
    yield Stage(world, graph)
    world.close()


def test_answering_through_an_old_invitation_answers_the_meeting_as_it_is(stage: Stage) -> None:
    graph = stage.graph
    uid = graph.uid_of(graph.invite("alice", "Plans", "2026-12-01T10:00:00", 30, "UTC", ["bob"]))
    graph.move("alice", uid, "2026-12-02T10:00:00", 30, "UTC")
    new, old = graph.call("bob", "GET", "/me/messages").json["value"]
    assert (new["isOutOfDate"], old["isOutOfDate"]) == (False, True)
    reply = graph.call("bob", "POST", f"/me/messages/{old['id']}/{CAST}/event/tentativelyAccept")
    assert reply.status == 202
    assert "out of date" in reply.hint
    seen = graph.see("alice", uid)
    assert seen is not None
    assert seen.answers == {"bob@example.com": "tentative"}
    reply = graph.call("bob", "POST", f"/me/messages/{new['id']}/{CAST}/event/accept")
    assert (reply.status, reply.hint) == (202, "")


def test_a_comment_that_reaches_nobody_is_said_to(stage: Stage) -> None:
    made = stage.graph.invite("alice", "Alone", "2026-12-01T10:00:00", 30, "UTC", [])
    reply = stage.graph.call("alice", "POST", f"/me/events/{made.json['id']}/cancel", {"comment": "why"})
    assert reply.status == 202
    assert "reached nobody" in reply.hint


def test_a_series_has_so_many_different_occurrences_and_no_more(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(component, "MOST_DIFFERENT", 3)
    daily = {
        "recurrence": {
            "pattern": {"type": "daily", "interval": 1},
            "range": {"type": "noEnd", "startDate": "2026-12-01"},
        }
    }
    graph = stage.graph
    made = graph.invite("alice", "Standup", "2026-12-01T10:00:00", 15, "UTC", ["bob"], **daily)
    window = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-31T00:00:00Z&$top=6"
    days = graph.call("alice", "GET", f"/me/events/{made.json['id']}/instances?{window}").json["value"]
    for day in days[:3]:
        assert graph.call("alice", "PATCH", f"/me/events/{day['id']}", {"subject": "Long"}).status == 200
    refused = graph.call("alice", "DELETE", f"/me/events/{days[3]['id']}")
    assert refused.status == 400
    assert "at most 3 occurrences" in refused.json["error"]["message"]
    assert graph.call("alice", "PATCH", f"/me/events/{days[0]['id']}", {"subject": "Longer"}).status == 200
