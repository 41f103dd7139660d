"""Group commit: one COMMIT for what is queued, a failure of one is nobody else's, success only after COMMIT."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from rsvpd.clock import parse_instant
from rsvpd.commands.door import reads, writes
from rsvpd.commands.people import add_person, people
from rsvpd.errors import AlreadyExists, Overloaded
from rsvpd.query.algebra import MailboxState
from rsvpd.store import changes
from rsvpd.store import people as rows
from rsvpd.store.changes import ChangeKind
from rsvpd.store.database import Store
from rsvpd.store.engine import DataFileError
from rsvpd.store.tx import Tx
from support.engines import sqlite_of

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


def test_what_is_queued_together_is_committed_together(store: Store) -> None:
    before = store.commits

    async def many() -> None:
        await asyncio.gather(*(store(note, f"n{n}") for n in range(20)))

    asyncio.run(many())
    assert store.commits - before == 1
    assert len(store.run(notes)) == 20


def test_what_comes_during_a_commit_waits_for_the_next(store: Store) -> None:
    before = store.commits

    async def many() -> None:
        first = asyncio.ensure_future(store(note, "n0"))
        await asyncio.sleep(0)  # queued
        await asyncio.sleep(0)  # run, and handed to the committer
        rest = [asyncio.ensure_future(store(note, f"n{n}")) for n in range(1, 9)]
        await asyncio.gather(first, *rest)

    asyncio.run(many())
    assert store.commits - before == 2
    assert len(store.run(notes)) == 9


def test_where_the_commit_fails_all_of_it_failed(store: Store) -> None:
    """A deferred constraint is only found by COMMIT."""

    async def two() -> list[object]:
        return await asyncio.gather(store(note, "n1"), store(failing_commit), return_exceptions=True)

    @writes
    def failing_commit(tx: Tx) -> None:
        tx.run("PRAGMA defer_foreign_keys = ON")
        tx.run("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
        tx.run("CREATE TABLE child (parent INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)")
        tx.run("INSERT INTO child (parent) VALUES (1)")

    sqlite_of(store).connection.execute("PRAGMA foreign_keys = ON")
    results = asyncio.run(two())
    assert [type(one) for one in results] == [sqlite3.IntegrityError] * 2
    assert store.run(notes) == []
    sqlite_of(store).connection.execute("PRAGMA foreign_keys = OFF")
    store.run(note, "n-after")
    assert store.run(notes) == ["n-after"]


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

    async def fill() -> list[object]:
        return await asyncio.gather(*(store(note, f"n{n}") for n in range(3)), return_exceptions=True)

    results = asyncio.run(fill())
    assert [type(one) for one in results] == [type(None), type(None), Overloaded]
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
    assert health["schema"] == len(list(files("rsvpd.store").joinpath("schema", "sqlite").iterdir()))


@reads
def mailbox_state(tx: Tx, oid: str) -> MailboxState:
    owner = rows.by_oid(tx, oid)
    assert owner is not None
    return changes.state(tx, owner.number)


@writes
def change_mailbox(tx: Tx, number: int) -> None:
    changes.record_created(tx, number, ChangeKind.EVENT_CREATED)


def test_a_reply_counts_no_more_from_the_moment_its_mailbox_changes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody may have read the change before its writer hears of the COMMIT."""
    bob = store.run(add_person, "bob@example.com", now=NOW)
    state, seen = store.run(mailbox_state, bob.oid), []
    store.keep(bob.oid, "a list", state, b"reply", 5)
    assert store.recall(bob.oid, "a list") == b"reply"
    monkeypatch.setattr(sqlite_of(store).writer._faults, "over", lambda: seen.append(store.recall(bob.oid, "a list")))
    store.run(change_mailbox, bob.number)
    assert seen == [None]
    assert store.recall(bob.oid, "a list") is None


def test_a_reply_is_kept_only_while_it_is_of_the_mailbox_as_it_is(store: Store) -> None:
    bob, carol = (store.run(add_person, f"{name}@example.com", now=NOW) for name in ("bob", "carol"))
    before, of_carol = store.run(mailbox_state, bob.oid), store.run(mailbox_state, carol.oid)
    store.run(change_mailbox, bob.number)
    for owner, state in ((bob, before), (bob, of_carol), (carol, store.run(mailbox_state, bob.oid))):
        store.keep(owner.oid, "a list", state, b"reply", 5)
    assert len(store._fragments._young) == 0
