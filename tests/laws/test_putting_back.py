"""Whatever was given out in a history that is thrown away means nothing in the one that comes instead.

Somebody reads lists, in each dialect, while snapshots are saved and put back and all begins anew. Who goes on with a
token has in the end what a full read shows, or is told to read everything again; and an item that is named by what
was given out then is never another one, nor is it written over by a change key of then.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rsvpd.config import Config
from rsvpd.control import snapshots, work
from rsvpd.control.datafile import make_fresh
from support.world import Reply, World, lend_world

LUNCH = {
    "start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2026-12-01T11:00:00", "timeZone": "UTC"},
}
GOOGLE = "/calendar/v3/calendars/primary/events"
VIEW = "/v1.0/me/calendarView/delta?startDateTime=2026-11-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from lend_world(tmp_path, "alice", "bob")


def graph(world: World, url: str) -> tuple[Reply, dict[str, str]]:
    """Follow a delta to its end; return the last answer, and the subjects by id, '' for what is gone."""
    found: dict[str, str] = {}
    while True:
        reply = world.request("alice", "GET", url)
        if reply.status != 200:
            return reply, found
        found |= {one["id"]: "" if "@removed" in one else one["subject"] for one in reply.json["value"]}
        link = reply.json.get("@odata.nextLink")
        if link is None:
            return reply, found
        url = link.removeprefix("http://rsvpd.test")


def google(world: World, query: str) -> tuple[Reply, dict[str, str]]:
    reply = world.request("alice", "GET", f"{GOOGLE}?showDeleted=true&{query}")
    items = reply.json["items"] if reply.status == 200 else ()
    return reply, {one["id"]: "" if one["status"] == "cancelled" else one["summary"] for one in items}


class Follower:
    """Keeps a list by its tokens, and forgets all where it is told to."""

    def __init__(self, world: World, read: Any, first: str) -> None:
        self._world, self._read, self._first = world, read, first
        self._next = first
        self.known: dict[str, str] = {}
        self.beginnings = 0

    def follow(self) -> None:
        reply, found = self._read(self._world, self._next)
        if reply.status == 410:
            self.beginnings += 1
            self.known, self._next = {}, self._first
            reply, found = self._read(self._world, self._first)
        assert reply.status == 200, reply.body
        self.known = {key: one for key, one in (self.known | found).items() if one}
        self._next = (
            reply.json["@odata.deltaLink"].removeprefix("http://rsvpd.test")
            if "@odata.deltaLink" in reply.json
            else f"syncToken={reply.json['nextSyncToken']}"
        )


def followers(world: World) -> dict[str, Follower]:
    inbox = "/v1.0/me/mailFolders/inbox/messages/delta?$select=subject"
    return {
        "view": Follower(world, graph, VIEW),
        "inbox": Follower(world, graph, inbox),
        "google": Follower(world, google, ""),
    }


def add(world: World, subject: str) -> dict[str, Any]:
    reply = world.request("alice", "POST", "/v1.0/me/events", LUNCH | {"subject": subject})
    assert reply.status == 201
    found: dict[str, Any] = reply.json
    return found


def invite(world: World, subject: str) -> None:
    guests = [{"emailAddress": {"address": "alice@example.com"}}]
    reply = world.request("bob", "POST", "/v1.0/me/events", LUNCH | {"subject": subject, "attendees": guests})
    assert reply.status == 201


def all_are_in_step(world: World, following: dict[str, Follower]) -> None:
    for name, one in following.items():
        one.follow()
        fresh = followers(world)[name]
        fresh.follow()
        assert one.known == fresh.known, name


@pytest.mark.parametrize("seed", range(6))
def test_tokens_of_whatever_history(world: World, seed: int) -> None:
    chance = random.Random(seed)
    following = followers(world)
    saved = ["first"]
    snapshots.save(world.store, "first", overwrite=False)
    for step in range(40):
        match chance.choice(("add", "add", "invite", "follow", "follow", "save", "restore", "restore")):
            case "add":
                add(world, f"Lunch {step}")
            case "invite":
                invite(world, f"Kickoff {step}")
            case "follow":
                following[chance.choice(sorted(following))].follow()
            case "save":
                saved.append(f"s{step}")
                snapshots.save(world.store, saved[-1], overwrite=False)
            case "restore":
                snapshots.restore(world.store, chance.choice(saved))
        if step % 10 == 9:
            all_are_in_step(world, following)
            assert work.run(work.examination(), world.store.run) == []
    all_are_in_step(world, following)


def test_what_was_read_before_goes_on_and_what_was_read_since_begins_anew(world: World) -> None:
    before, since = followers(world)["view"], followers(world)["view"]
    add(world, "Kept")
    before.follow()
    snapshots.save(world.store, "monday", overwrite=False)
    add(world, "Taken back")
    since.follow()
    snapshots.restore(world.store, "monday")
    add(world, "Instead")
    before.follow()
    since.follow()
    assert (before.beginnings, since.beginnings) == (0, 1)
    assert sorted(before.known.values()) == sorted(since.known.values()) == ["Instead", "Kept"]


def test_an_id_and_a_change_key_of_then_are_nobodys(world: World) -> None:
    kept = add(world, "Kept")
    snapshots.save(world.store, "monday", overwrite=False)
    taken_back = add(world, "Taken back")
    path = f"/v1.0/me/events/{kept['id']}"
    then = world.request("alice", "PATCH", path, {"subject": "Then"}).json["@odata.etag"]
    snapshots.restore(world.store, "monday")
    add(world, "Instead")
    assert world.request("alice", "GET", f"/v1.0/me/events/{taken_back['id']}").status == 404
    now = world.request("alice", "PATCH", path, {"subject": "Now"}).json["@odata.etag"]
    assert now not in (then, kept["@odata.etag"])
    for old in (then, kept["@odata.etag"]):
        reply = world.request("alice", "PATCH", path, {"subject": "Late"}, headers={"if-match": old})
        assert reply.status == 412


def test_who_came_and_was_taken_back_gives_the_number_to_nobody(world: World) -> None:
    snapshots.save(world.store, "monday", overwrite=False)
    zoe = world.add("zoe")
    snapshots.restore(world.store, "monday")
    assert world.add("yan").number > zoe.number


def test_all_begins_anew_and_no_token_is_of_it(world: World, tmp_path: Path) -> None:
    following = followers(world)
    for one in following.values():
        one.follow()

    def make(place: Path, keys: Any) -> None:
        make_fresh(place, Config(data=tmp_path / "t.db"), world.now, keys=keys)

    for _ in range(2):
        snapshots.reset(world.store, make)
        world.know("alice", "bob")
        for one in following.values():
            one.follow()
        assert work.run(work.examination(), world.store.run) == []
    assert {name: one.beginnings for name, one in following.items()} == dict.fromkeys(following, 2)
    all_are_in_step(world, following)
