"""Group commit: one COMMIT for what is queued, a failure of one is nobody else's, success only after COMMIT."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rsvpd.clock import parse_instant
from rsvpd.commands.door import reads, writes
from rsvpd.commands.people import add_person, people
from rsvpd.errors import AlreadyExists, Overloaded
from rsvpd.store.database import Store
from rsvpd.store.sqlite import DataFileError
from rsvpd.store.tx import Tx

NOW = parse_instant("2026-11-22T10:00:00")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "t.db")
    yield store
    store.close()


@writes
def note(tx: Tx, key: str) -> None:
    tx.run("INSERT INTO meta (key, value) VALUES (:key, :value)", key=key, value=b"")


@writes
def note_and_fail(tx: Tx, key: str) -> None:
    note(tx, key)
    raise AlreadyExists("after the write")


@reads
def notes(tx: Tx) -> list[str]:
    return [row[0] for row in tx.rows("SELECT key FROM meta WHERE key LIKE 'n%' ORDER BY key")]


@reads
def write_while_reading(tx: Tx) -> None:
    note(tx, "n-forbidden")


@writes
def hold(tx: Tx, started: threading.Event, go: threading.Event) -> None:
    started.set()
    assert go.wait(30)


def test_what_is_queued_together_is_committed_together(store: Store) -> None:
    started, go = threading.Event(), threading.Event()

    async def many() -> int:
        first = asyncio.ensure_future(store(hold, started, go))
        await asyncio.to_thread(started.wait, 30)
        before = store.commits
        rest = [asyncio.ensure_future(store(note, f"n{n}")) for n in range(20)]
        await asyncio.sleep(0)
        go.set()
        await asyncio.gather(first, *rest)
        return store.commits - before

    assert asyncio.run(many()) == 2, "the held one, then all that waited for it"
    assert len(store.run(notes)) == 20


def test_a_failure_is_rolled_back_alone(store: Store) -> None:
    async def three() -> list[object]:
        return await asyncio.gather(
            store(note, "n1"), store(note_and_fail, "n2"), store(note, "n3"), return_exceptions=True
        )

    results = asyncio.run(three())
    assert isinstance(results[1], AlreadyExists)
    assert store.run(notes) == ["n1", "n3"]


def test_readers_cannot_write(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        store.run(write_while_reading)


def test_beyond_the_limit_nothing_is_done(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "t.db", queue_limit=2)
    started, go = threading.Event(), threading.Event()

    async def fill() -> None:
        first = asyncio.ensure_future(store(hold, started, go))
        await asyncio.to_thread(started.wait, 30)
        waiting = [asyncio.ensure_future(store(note, f"n{n}")) for n in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await store(note, "n-too-many")
        go.set()
        await asyncio.gather(first, *waiting)

    asyncio.run(fill())
    assert store.run(notes) == ["n0", "n1"]
    store.close()


def test_what_was_committed_is_there_after_reopening(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "t.db")
    store.run(add_person, "ann@example.com", now=NOW)
    key, tenant = store.signing_key, store.tenant
    store.close()
    again = Store.open(tmp_path / "t.db")
    assert [one.address for one in again.run(people)] == ["ann@example.com"]
    assert (again.signing_key, again.tenant) == (key, tenant)
    again.close()


def test_an_address_has_one_mailbox(store: Store) -> None:
    store.run(add_person, "Ann@Example.com", now=NOW)
    with pytest.raises(AlreadyExists):
        store.run(add_person, "ann@example.COM", now=NOW)


def test_a_newer_file_and_a_foreign_file_are_refused(tmp_path: Path) -> None:
    newer = tmp_path / "newer.db"
    Store.open(newer).close()
    with sqlite3.connect(newer) as connection:
        connection.execute("PRAGMA user_version=99")
    with pytest.raises(DataFileError, match="schema 99"):
        Store.open(newer)
    foreign = tmp_path / "foreign.db"
    foreign.write_bytes(b"this is no database at all" * 100)
    with pytest.raises(DataFileError):
        Store.open(foreign)
    with pytest.raises(DataFileError, match="no data file"):
        Store.open(tmp_path / "missing.db", create=False)


def test_a_healthy_file_says_so(store: Store) -> None:
    health = store.health()
    assert health["faults"] == []
    assert health["schema"] == 1
