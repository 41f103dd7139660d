"""A disk that is full or fails: everybody is answered, nothing half done stays, success stays success.

`max_page_count` makes SQLite itself say SQLITE_FULL; single statements are made to fail where no real disk
fails on request.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from rsvpd.clock import parse_instant
from rsvpd.commands.door import reads, writes
from rsvpd.commands.people import add_person, people
from rsvpd.errors import AlreadyExists, RsvpdError, StorageFailed, StorageFull
from rsvpd.store.database import Store
from rsvpd.store.engine import Commit
from rsvpd.store.sqlite import checkpointer
from rsvpd.store.sqlite.faults import storage_error
from rsvpd.store.sqlite.file import connect_reader
from rsvpd.store.tx import Tx
from support.engines import sqlite_of

NOW = parse_instant("2026-11-22T10:00:00")
LONG = 300_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "t.db")
    yield store
    store.close()


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    monkeypatch.setattr(logging.getLogger("rsvpd"), "propagate", True)  # another test may have set the log up
    caplog.set_level(logging.INFO, "rsvpd")
    return lambda: [one.getMessage() for one in caplog.records]


@writes
def note(tx: Tx, key: str, size: int = 0) -> str:
    tx.run("INSERT INTO meta (key, value) VALUES (:key, :value)", key=key, value=bytes(size))
    return key


@writes
def note_many(tx: Tx, key: str) -> None:
    """Fail in the middle of one statement, which SQLite answers otherwise than a failing row."""
    tx.run(
        "INSERT INTO meta (key, value) SELECT :key || name, zeroblob(:size) FROM"
        " (SELECT a.name || b.name AS name FROM sqlite_master a, sqlite_master b)",
        key=key, size=LONG,
    )


@writes
def refuse(tx: Tx) -> None:
    note(tx, "n-refused")
    raise AlreadyExists("after the write")


@reads
def notes(tx: Tx) -> list[str]:
    return [row[0] for row in tx.rows("SELECT key FROM meta WHERE key LIKE 'n%' ORDER BY key")]


def fill(store: Store) -> None:
    """Let the file not grow any more."""
    (pages,) = sqlite_of(store).connection.execute("PRAGMA page_count").fetchone()
    sqlite_of(store).connection.execute(f"PRAGMA max_page_count={pages}")


def make_room(store: Store) -> None:
    sqlite_of(store).connection.execute("PRAGMA max_page_count=1000000")


def together(store: Store, *jobs: tuple[Any, ...]) -> list[object]:
    """Run commands as one group."""

    async def go() -> list[object]:
        return await asyncio.gather(*(store(*job) for job in jobs), return_exceptions=True)

    return asyncio.run(go())


class Failing:
    """A connection on which some statements fail; `rest` is the real one."""

    def __init__(self, rest: sqlite3.Connection, faults: dict[str, list[Exception]]) -> None:
        self._rest = rest
        self._faults = faults
        self.asked: list[str] = []

    def execute(self, sql: str, *params: Any) -> Any:
        self.asked.append(sql)
        if self._faults.get(sql):
            raise self._faults[sql].pop(0)
        return self._rest.execute(sql, *params)

    def executemany(self, sql: str, rows: Any) -> Any:
        self.asked.append(sql)
        return self._rest.executemany(sql, rows)

    @property
    def in_transaction(self) -> bool:
        return self._rest.in_transaction


def io_error(code: int = sqlite3.SQLITE_IOERR_WRITE) -> sqlite3.OperationalError:
    fault = sqlite3.OperationalError("disk I/O error")
    fault.sqlite_errorcode, fault.sqlite_errorname = code, "SQLITE_IOERR_WRITE"
    return fault


def failing(store: Store, faults: dict[str, list[Exception]]) -> Failing:
    made = Failing(sqlite_of(store).connection, faults)
    sqlite_of(store).writer._connection = made  # all of a connection that the writer asks
    return made


# --- full


@pytest.mark.parametrize("command", [(note, "n2", LONG), (note_many, "n2")])
def test_a_full_disk_is_said_and_left(
    store: Store, said: Callable[[], list[str]], command: tuple[Any, ...]
) -> None:
    store.run(note, "n1")
    fill(store)
    for _ in range(3):
        with pytest.raises(StorageFull) as full:
            store.run(*command)
        assert full.value.retry_after > 0
    assert store.run(notes) == ["n1"]
    make_room(store)
    store.run(note, "n3", LONG)
    assert store.run(notes) == ["n1", "n3"]
    assert said() == ["storage.full", "storage.recovered"]


@pytest.mark.parametrize("command", [(note, "n2", LONG), (note_many, "n2")])
def test_in_a_group_everybody_is_answered_and_success_is_true(store: Store, command: tuple[Any, ...]) -> None:
    fill(store)
    outcomes = together(store, (note, "n1"), command, (note, "n3"), (refuse,))
    assert isinstance(outcomes[1], StorageFull)
    kept = [one for one in outcomes if isinstance(one, str)]
    assert store.run(notes) == kept
    assert all(isinstance(one, (str, StorageFull, AlreadyExists)) for one in outcomes)
    make_room(store)
    assert together(store, (note, "n4", LONG)) == ["n4"]


@pytest.mark.parametrize("sql", ["BEGIN IMMEDIATE", "SAVEPOINT command", "RELEASE command", "COMMIT"])
@pytest.mark.parametrize("then", [[], ["ROLLBACK"]], ids=["", "nor rolled back"])
def test_whatever_fails_around_commands_everybody_is_answered(store: Store, sql: str, then: list[str]) -> None:
    connection = failing(store, {sql: [io_error()]} | {one: [io_error()] for one in then})
    outcomes = together(store, (note, "n1"), (note, "n2"))
    assert [type(one) for one in outcomes] == [StorageFailed, StorageFailed]
    assert together(store, (note, "n3"), (note, "n4")) == ["n3", "n4"]
    assert store.run(notes) == ["n3", "n4"]
    assert sql in connection.asked


def test_who_was_refused_is_told_so_though_the_commit_fails(store: Store) -> None:
    failing(store, {"COMMIT": [io_error()]})
    outcomes = together(store, (note, "n1"), (refuse,))
    assert [type(one) for one in outcomes] == [StorageFailed, AlreadyExists]


def test_what_waits_behind_a_failing_group_is_done(store: Store) -> None:
    failing(store, {"COMMIT": [io_error()]})
    outcomes = together(store, *((note, f"n{n:03}") for n in range(150)))
    assert [type(one) for one in outcomes[:64]] == [StorageFailed] * 64
    assert outcomes[64:] == [f"n{n:03}" for n in range(64, 150)]


def test_an_error_of_ours_is_told_as_one(store: Store) -> None:
    """The wrong statement of a command is no fault of the disk's."""

    @writes
    def wrong(tx: Tx) -> None:
        tx.run("INSERT INTO nowhere VALUES (1)")

    outcomes = together(store, (note, "n1"), (wrong,))
    assert outcomes[0] == "n1"
    assert isinstance(outcomes[1], sqlite3.OperationalError)


class Ended(BaseException):
    """What ends a process, as KeyboardInterrupt and SystemExit do."""


def test_a_command_that_is_interrupted_leaves_nothing_open(store: Store) -> None:
    @writes
    def interrupted(tx: Tx) -> None:
        note(tx, "n-interrupted")
        raise Ended

    with pytest.raises(Ended):
        store.run(interrupted)
    store.run(note, "n1")
    assert store.run(notes) == ["n1"]


def test_after_the_end_nobody_waits_for_ever(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "t.db")
    sqlite_of(store).writer._committer.shutdown()
    assert [type(one) for one in together(store, (note, "n1"), (note, "n2"))] == [StorageFailed] * 2
    assert store.run(notes) == []
    store.close()


# --- after COMMIT


def test_a_checkpoint_that_fails_makes_no_error(
    store: Store, monkeypatch: pytest.MonkeyPatch, said: Callable[[], list[str]]
) -> None:
    monkeypatch.setattr(checkpointer, "WAL_BYTES_SOFT", 0)
    monkeypatch.setattr(checkpointer, "WAL_BYTES_HARD", 0)
    checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)"
    connection = failing(store, {checkpoint: [io_error(), RuntimeError("a defect")]})
    assert together(store, (note, "n1")) == ["n1"]
    assert together(store, (note, "n2")) == ["n2"]
    assert connection.asked.count(checkpoint) == 2
    assert said() == ["storage.failed", "checkpoint.failed"]
    assert together(store, (note, "n3")) == ["n3"]
    assert sqlite_of(store).checkpointer.wal_bytes() == 0
    assert store.run(notes) == ["n1", "n2", "n3"]


def test_the_checkpoint_thread_survives(store: Store) -> None:
    checkpointer = sqlite_of(store).checkpointer
    checkpointer._connection.close()
    checkpointer._wanted.set()
    for number in range(50):
        store.run(note, f"n{number}")
    assert checkpointer._thread.is_alive()
    checkpointer._connection = sqlite3.connect(sqlite_of(store).path, isolation_level=None, check_same_thread=False)


def test_a_checkpoint_that_cannot_be_is_not_tried_at_every_commit(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpointer, "WAL_BYTES_SOFT", 100_000)
    monkeypatch.setattr(checkpointer, "WAL_BYTES_HARD", 100_000)
    checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)"
    connection = failing(store, {checkpoint: [io_error() for _ in range(100)]})
    for number in range(100):
        store.run(note, f"n{number}")
    assert 0 < connection.asked.count(checkpoint) < 20


def test_the_wal_is_emptied_once_it_was_copied(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it stays as large as it was, and every commit asks for another checkpoint."""
    monkeypatch.setattr(checkpointer, "WAL_BYTES_SOFT", 100_000)
    store.run(note, "n1", 200_000)
    copied(store)
    store.run(note, "n2")
    assert sqlite_of(store).checkpointer.wal_bytes() == 0
    store.run(note, "n3")
    assert 0 < sqlite_of(store).checkpointer.wal_bytes() < 100_000
    assert store.run(notes) == ["n1", "n2", "n3"]


def test_the_wal_is_emptied_after_those_who_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpointer, "WAL_BYTES_SOFT", 100_000)
    with contextlib.closing(connect_reader(sqlite_of(store).path)) as reader:
        # Who reads what is in the file alone keeps nobody from writing the WAL from its beginning again.
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM meta").fetchone()
        store.run(note, "n1", 200_000)
        copied(store)
        connection = failing(store, {})
        for number in range(20):
            store.run(note, f"n2-{number}")
        assert sqlite_of(store).checkpointer.wal_bytes() > 0
        assert 0 < connection.asked.count("PRAGMA wal_checkpoint(TRUNCATE)") < 20
    for number in range(20):
        store.run(note, f"n3-{number}")
    assert 0 < sqlite_of(store).checkpointer.wal_bytes() < 100_000


def copied(store: Store) -> None:
    """Wait until the thread copied what is in the WAL."""
    patience = threading.Event()
    while not sqlite_of(store).checkpointer._is_copied:
        patience.wait(0.001)


def test_what_is_heard_or_learnt_of_a_commit_makes_no_error(store: Store, said: Callable[[], list[str]]) -> None:
    """Whoever is to be woken may be gone: the loop is closed, the worker has ended."""

    def gone(commit: Commit) -> None:
        raise RuntimeError("Event loop is closed")

    with store.on_commit(gone):
        assert together(store, (note, "n1")) == ["n1"]
    assert store.run(read_unlearnably) == []
    assert said() == ["listener.failed", "directory.failed"]


@reads
def read_unlearnably(tx: Tx) -> list[object]:
    tx.removed = cast("list[int]", [[]])  # nothing that can be remembered
    return []


# --- reading


def test_what_was_read_is_read(store: Store) -> None:
    store.run(add_person, "ann@example.com", now=NOW)

    @reads
    def read_and_break(tx: Tx) -> int:
        found = len(people(tx))
        tx._execute("COMMIT")  # so that the reader's own COMMIT fails
        return found

    assert store.run(read_and_break) == 1
    assert len(store.run(people)) == 1


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (sqlite3.SQLITE_FULL, StorageFull),
        (sqlite3.SQLITE_IOERR_SHMSIZE, StorageFull),
        (sqlite3.SQLITE_IOERR, StorageFailed),
        (sqlite3.SQLITE_IOERR_FSYNC, StorageFailed),
        (sqlite3.SQLITE_CORRUPT, StorageFailed),
        (sqlite3.SQLITE_CANTOPEN, StorageFailed),
        (sqlite3.SQLITE_NOTADB, StorageFailed),
        (sqlite3.SQLITE_BUSY, StorageFailed),
        (sqlite3.SQLITE_READONLY_DBMOVED, StorageFailed),
        (sqlite3.SQLITE_READONLY, None),
        (sqlite3.SQLITE_CONSTRAINT_UNIQUE, None),
        (sqlite3.SQLITE_ERROR, None),
    ],
)
def test_what_is_the_disks_fault(code: int, error: type[RsvpdError] | None) -> None:
    found = storage_error(io_error(code))
    assert found is None if error is None else isinstance(found, error)


def test_a_damaged_file_is_said_to_be_that(tmp_path: Path, said: Callable[[], list[str]]) -> None:
    path = tmp_path / "t.db"
    store = Store.open(path)
    for number in range(200):
        store.run(add_person, f"p{number}@example.com", now=NOW)
    (page,) = sqlite_of(store).connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'person'").fetchone()
    (size,) = sqlite_of(store).connection.execute("PRAGMA page_size").fetchone()
    store.close()
    with open(path, "r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    store = Store.open(path)
    for _ in range(2):
        with pytest.raises(StorageFailed):
            store.run(people)
    assert said() == ["storage.failed"]
    store.close()
