"""Whose file it is: ours is opened and private, another program's is left as it is, to the byte."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest

from rsvpd.clock import parse_instant
from rsvpd.commands.people import add_person, people
from rsvpd.store.database import Store
from rsvpd.store.engine import DataFileError
from rsvpd.store.sqlite.untouched import APPLICATION_ID, open_untouched
from support.engines import sqlite_of

NOW = parse_instant("2026-11-22T10:00:00")
NEWEST = len(list(files("rsvpd.store").joinpath("schema", "sqlite").iterdir()))
Made = Callable[[Path], None]


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {one.name: (one.read_bytes(), one.stat().st_mode) for one in folder.iterdir()}


def edited(path: Path, statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(statements)


def crashed(path: Path, statements: str) -> None:
    """Leave a database whose changes stand in its WAL, as a process that was killed does."""
    script = f"""
import os, sqlite3
connection = sqlite3.connect({str(path)!r}, isolation_level=None)
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("PRAGMA wal_autocheckpoint=0")
connection.executescript({statements!r})
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=60).returncode == 9
    assert path.with_name(f"{path.name}-wal").stat().st_size


def letter(path: Path) -> None:
    path.write_bytes(b"this is no database at all" * 100)


def short(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0")


def of_another_program(path: Path) -> None:
    edited(path, "CREATE TABLE moz_places (id INTEGER PRIMARY KEY)")


def with_another_id(path: Path) -> None:
    Store.open(path).close()
    edited(path, "PRAGMA application_id=77")


def with_tables_like_ours(path: Path) -> None:
    edited(path, "CREATE TABLE person (id); CREATE TABLE event (id); CREATE TABLE message (id);")


def in_its_wal(path: Path) -> None:
    crashed(path, "CREATE TABLE moz_places (id INTEGER PRIMARY KEY)")


def with_a_wal(path: Path) -> None:
    of_another_program(path)
    crashed(path, "INSERT INTO moz_places VALUES (1)")


def with_an_id_in_its_wal(path: Path) -> None:
    crashed(path, "CREATE TABLE layer (id); PRAGMA application_id=77")


def of_a_newer_rsvpd(path: Path) -> None:
    Store.open(path).close()
    edited(path, f"PRAGMA user_version={NEWEST + 1}")


def emptied(path: Path) -> None:
    crashed(path, "CREATE TABLE t (id)")
    os.truncate(path, 0)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (letter, "no data file of rsvpd"),
        (short, "no data file of rsvpd"),
        (of_another_program, "another program"),
        (with_another_id, "another program"),
        (with_tables_like_ours, "another program"),
        (in_its_wal, "another program"),
        (with_a_wal, "another program"),
        (with_an_id_in_its_wal, "another program"),
        (of_a_newer_rsvpd, f"schema {NEWEST + 1}; this rsvpd knows up to {NEWEST}"),
        (emptied, "restore a backup"),
    ],
)
@pytest.mark.parametrize("mode", [0o644, 0o444])
def test_a_file_that_is_refused_is_not_changed(tmp_path: Path, make: Made, said: str, mode: int) -> None:
    path = tmp_path / "t.db"
    make(path)
    path.chmod(mode)
    before = state(tmp_path)
    with pytest.raises(DataFileError, match=said) as wrong:
        Store.open(path)
    assert "\n" not in str(wrong.value)
    assert state(tmp_path) == before


def test_a_newer_file_is_refused_with_its_wal(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    Store.open(path).close()
    crashed(path, f"PRAGMA user_version={NEWEST + 1}")
    before = state(tmp_path)
    with pytest.raises(DataFileError, match="schema"):
        Store.open(path)
    after = state(tmp_path)
    for name in ("t.db", "t.db-wal"):
        assert after[name] == before[name]


def test_a_data_file_says_whose_it_is(tmp_path: Path) -> None:
    Store.open(tmp_path / "t.db").close()
    assert (tmp_path / "t.db").read_bytes()[68:72] == b"rsvp" == APPLICATION_ID.to_bytes(4, "big")


def without_an_id(path: Path) -> None:
    """Write a data file as it was before there were application ids."""
    store = Store.open(path)
    store.run(add_person, "ann@example.com", now=NOW)
    store.close()
    edited(path, "PRAGMA application_id=0")


def and_a_wal(path: Path) -> None:
    without_an_id(path)
    crashed(path, "INSERT INTO meta VALUES ('x', x'00')")


def all_in_its_wal(path: Path) -> None:
    without_an_id(path)
    with closing(sqlite3.connect(path)) as connection:
        script = "\n".join(connection.iterdump()) + f"PRAGMA user_version={NEWEST};"
    path.unlink()
    crashed(path, script)


@pytest.mark.parametrize("make", [without_an_id, and_a_wal, all_in_its_wal])
def test_a_data_file_from_before_is_known_by_its_tables(tmp_path: Path, make: Made) -> None:
    path = tmp_path / "t.db"
    make(path)
    assert path.read_bytes()[68:72] == bytes(4)
    store = Store.open(path)
    assert [one.address for one in store.run(people)] == ["ann@example.com"]
    store.close()
    assert path.read_bytes()[68:72] == b"rsvp"


def test_a_start_cut_short_before_there_are_tables_is_no_other_program(tmp_path: Path) -> None:
    edited(tmp_path / "t.db", "PRAGMA journal_mode=WAL")
    Store.open(tmp_path / "t.db").close()


@pytest.mark.parametrize("mode", [0o644, 0o666, 0o640])
def test_only_the_owner_reads_it_whoever_made_it(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "t.db"
    Store.open(path).close()
    crashed(path, "INSERT INTO meta VALUES ('x', x'00')")
    for one in tmp_path.iterdir():
        one.chmod(mode)
    store = Store.open(path)
    store.run(add_person, "ann@example.com", now=NOW)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["t.db", "t.db-shm", "t.db-wal"]
    assert {stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()} == {0o600}
    store.close()


def test_an_empty_file_is_made_private(tmp_path: Path) -> None:
    (tmp_path / "t.db").touch(0o666)
    store = Store.open(tmp_path / "t.db")
    store.run(add_person, "ann@example.com", now=NOW)
    assert {stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()} == {0o600}
    store.close()


def test_what_stands_beside_a_link_stands_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "folder" / "t.db")
    store = Store.open(link)
    store.run(add_person, "ann@example.com", now=NOW)
    assert sqlite_of(store).checkpointer.wal_bytes() > 0
    store.close()
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["link.db"]


def test_reading_leaves_no_trace_and_sees_the_wal(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    without_an_id(path)
    before = state(tmp_path)
    with open_untouched(path) as connection:
        assert connection.execute("SELECT address FROM person").fetchall() == [("ann@example.com",)]
    assert state(tmp_path) == before
    crashed(path, "UPDATE person SET address = 'bea@example.com'")
    before = state(tmp_path)
    with open_untouched(path) as connection:
        assert connection.execute("SELECT address FROM person").fetchall() == [("bea@example.com",)]
    assert state(tmp_path) == before


def test_another_program_may_have_it_open(tmp_path: Path) -> None:
    """What is foreign is neither locked nor waited for."""
    path = tmp_path / "t.db"
    of_another_program(path)
    theirs = sqlite3.connect(path, isolation_level=None)
    theirs.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DataFileError, match="another program"):
        Store.open(path)
    theirs.execute("INSERT INTO moz_places VALUES (1)")
    theirs.execute("COMMIT")
    theirs.close()


def test_the_copy_of_a_file_is_a_data_file(tmp_path: Path) -> None:
    without_an_id(tmp_path / "t.db")
    shutil.copy(tmp_path / "t.db", tmp_path / "copy.db")
    store = Store.open(tmp_path / "copy.db")
    assert len(store.run(people)) == 1
    store.close()
