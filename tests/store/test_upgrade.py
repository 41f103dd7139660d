"""A data file of schema 6 with a long guest list, answers beside it, and guests whom its invitation had not reached."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rsvpd.commands.deliver import deliver_next
from support.engines import sqlite_of
from support.world import World

FILE = Path(__file__).parent / "files" / "long-list-6.db.gz"
NOW = 1_795_420_808_000_000


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = World(tmp_path, file=gzip.decompress(FILE.read_bytes()))
    opened.now = NOW
    opened.know("alice", *(f"g{number}" for number in range(100)))
    yield opened
    opened.close()


def only_event(world: World, who: str) -> Any:
    (event,) = world.request(who, "GET", "/v1.0/me/events").json["value"]
    return event


def answers(world: World) -> dict[str, str]:
    event = only_event(world, "alice")
    assert len(event["attendees"]) == 100
    said = {one["emailAddress"]["address"]: one["status"]["response"] for one in event["attendees"]}
    return {who: answer for who, answer in said.items() if answer != "none"}


def test_answers_beside_a_long_list_are_tracked_still(world: World) -> None:
    first = {"g0@example.com": "accepted", "g1@example.com": "declined", "g2@example.com": "tentativelyAccepted"}
    assert answers(world) == first
    event = only_event(world, "g3")["id"]
    assert world.request("g3", "POST", f"/v1.0/me/events/{event}/accept", {}).status == 202
    assert answers(world) == first | {"g3@example.com": "accepted"}


def test_a_delivery_that_was_under_way_goes_on(world: World) -> None:
    assert world.request("g99", "GET", "/v1.0/me/events").json["value"] == []
    while world.store.run(deliver_next):
        pass
    event = only_event(world, "g99")
    assert (event["subject"], len(event["attendees"])) == ("Long", 101)
    assert world.request("g99", "POST", f"/v1.0/me/events/{event['id']}/decline", {}).status == 202
    assert answers(world)["g99@example.com"] == "declined"
    assert world.store.run(deliver_next) is False


def test_what_all_guests_were_told_is_stored_once(world: World) -> None:
    while world.store.run(deliver_next):
        pass
    shown = "SELECT count(DISTINCT revision) FROM event WHERE mailbox <> ?"
    (count,) = sqlite_of(world.store).connection.execute(shown, (world.people["alice"].number,)).fetchone()
    assert count == 1
