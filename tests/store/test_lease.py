"""A server answers from memory over a database while it is the only one that writes, and never from what was before."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from rsvpd.store.database import Store
from rsvpd.store.fragments import Fragments
from rsvpd.store.postgres import lease
from rsvpd.store.postgres.lease import LEASE_SECONDS, Lease, join
from rsvpd.store.postgres.listener import Listener
from rsvpd.store.shared import SharedNumbers
from support import postgres
from support.waiting import until
from support.world import World

EVENTS = "/v1.0/me/events"


class Server:
    """Two processes of one server, or one process, as worlds over the same database."""

    def __init__(self, url: str, folder: Path, processes: int) -> None:
        shared = SharedNumbers() if processes > 1 else None
        self.worlds = [_world(url, folder, shared) for _ in range(processes)]

    def close(self) -> None:
        for world in self.worlds:
            world.close()


def _world(url: str, folder: Path, shared: SharedNumbers | None) -> World:
    world = World(folder)
    world.store.close()
    world.store = Store.open(url, fragments=Fragments(), shared=shared)
    world.rewire()
    return world


@pytest.fixture
def server(url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    one = Server(url, tmp_path, request.param)
    for name in ("alice", "bob"):
        one.worlds[0].add(name)
    for world in one.worlds:
        world.know("alice", "bob")
    with closing(one):
        yield one


PROCESSES = pytest.mark.parametrize("server", [1, 2], indirect=True, ids=["one-process", "two-processes"])


def invite(world: World, subject: str) -> None:
    start, end = ({"dateTime": f"2026-12-01T{hour}:00:00", "timeZone": "UTC"} for hour in (10, 11))
    guests = [{"emailAddress": {"address": "bob@example.com"}}]
    body = {"subject": subject, "start": start, "end": end, "attendees": guests}
    assert world.request("alice", "POST", EVENTS, body).status == 201


def subjects(world: World) -> set[str]:
    """Return what bob's list shows."""
    reply = world.request("bob", "GET", EVENTS)
    assert reply.status == 200
    return {one["subject"] for one in reply.json["value"]}


def is_kept(world: World) -> bool:
    """Return whether bob's list is answered without asking the database."""
    subjects(world)
    subjects(world)
    return world.commands == 0


@PROCESSES
def test_the_only_server_answers_a_list_from_memory_until_it_changes(server: Server) -> None:
    for world in server.worlds:
        until(lambda world=world: is_kept(world))
    known: set[str] = set()
    for number in range(8):
        writer = server.worlds[number % len(server.worlds)]
        invite(writer, f"Meeting {number}")
        known.add(f"Meeting {number}")
        for world in server.worlds:
            assert subjects(world) == known
            assert is_kept(world)


@pytest.mark.parametrize(
    ("server", "is_told"), [(1, True), (2, False)], indirect=["server"], ids=["told", "signals-lost"]
)
def test_what_another_server_writes_is_seen_at_once_and_after_it_has_left(
    server: Server, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_told: bool
) -> None:
    if not is_told:
        monkeypatch.setattr(Listener, "tell", lambda *_: None)
    here = server.worlds[-1]
    for round_ in range(2):
        until(lambda: is_kept(here))
        with closing(Server(url, tmp_path, 1)) as other:
            (there,) = other.worlds
            there.know("alice", "bob")
            for number in range(3):
                invite(there, f"Meeting {round_} {number}")
                assert f"Meeting {round_} {number}" in subjects(here)
                assert not is_kept(here)
        assert f"Meeting {round_} 2" in subjects(here)
    until(lambda: is_kept(here))
    assert len(subjects(here)) == 6


@pytest.mark.parametrize(("held", "waits"), [((7, True), True), ((7, False), False), ((0, False), False)])
def test_who_finds_a_lease_ends_it_and_waits_until_nobody_relies_on_it(
    url: str, monkeypatch: pytest.MonkeyPatch, held: tuple[int, bool], *, waits: bool
) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE rsvpd.lease SET server = %s, is_sure = %s", held)
        slept: list[float] = []
        monkeypatch.setattr(time, "sleep", slept.append)
        Store.open(url).close()
        assert [one > LEASE_SECONDS for one in slept if one > 0.1] == [True] * waits
        row = connection.execute("SELECT server, is_sure FROM rsvpd.lease").fetchone()
        assert row == (0, False)


@pytest.fixture
def connections(url: str) -> Iterator[list[psycopg.Connection[object]]]:
    options = "-c search_path=rsvpd"
    made = [psycopg.connect(url, autocommit=True, options=options) for _ in range(2)]
    yield made
    for one in made:
        one.close()


def claimed(one: Lease, connection: psycopg.Connection[object]) -> bool:
    """Return whether a lease is held after it was tried to have it."""
    one._next_claim = 0.0
    for _ in range(2):
        if one.renew(connection):
            one.hold(connection)
    return one.is_held()


def test_one_of_several_servers_has_no_lease(connections: list[psycopg.Connection[object]]) -> None:
    first, second = connections
    one = Lease(1, is_shared=False)
    join(first, 1)
    assert claimed(one, first)
    join(second, 2)
    assert not one.renew(first)
    assert not one.is_held()
    assert not claimed(one, first)
    second.close()
    until(lambda: claimed(one, first))


def test_who_joins_while_the_lease_is_claimed_is_seen(
    connections: list[psycopg.Connection[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = connections
    join(first, 1)
    looked: list[bool] = []
    look = Lease._is_among_others

    def look_and_be_joined(one: Lease, cursor: psycopg.RawCursor[object]) -> bool:
        found = look(one, cursor)
        if not looked:
            join(second, 2)  # it has looked, and not claimed yet
        looked.append(found)
        return found

    monkeypatch.setattr(Lease, "_is_among_others", look_and_be_joined)
    assert not claimed(Lease(1, is_shared=False), first)
    assert looked[:2] == [False, True]


def test_a_lease_that_was_not_renewed_in_time_begins_anew(
    connections: list[psycopg.Connection[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = connections
    one = Lease(1, is_shared=False)
    join(first, 1)
    assert claimed(one, first)
    assert not one.renew(first)
    assert one.is_held()
    later = lease.now() + LEASE_SECONDS
    monkeypatch.setattr(lease, "now", lambda: later)
    assert not one.is_held()
    assert one.renew(first)  # what was remembered is to be forgotten first
    assert not one.is_held()
    one.hold(first)
    assert one.is_held()


@pytest.mark.parametrize("server", [1], indirect=True)
def test_a_connection_that_breaks_costs_no_truth(server: Server, url: str) -> None:
    """The lease goes by the clock: a server that cannot ask for it does not rely on it for long."""
    (here,) = server.worlds
    until(lambda: is_kept(here))
    name, run = url.rpartition("/")[2], postgres.server().run
    run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    postgres.disconnect(url)
    until(lambda: not here.store.engine.is_current())
    run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    until(lambda: is_kept(here))
