"""Snapshots that cannot be, at bad moments, and on a disk that is full: old or new, never half."""

from __future__ import annotations

import gzip
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rsvpd.commands.people import people
from rsvpd.control import snapshots, work
from rsvpd.errors import InvalidProperty, Missing
from rsvpd.store.database import Store
from rsvpd.store.engine import CopyError
from support.killing import kill_in_the_middle
from support.recording import FOLDER
from support.world import World, lend_world

LUNCH = {
    "subject": "Lunch",
    "start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2026-12-01T11:00:00", "timeZone": "UTC"},
}
NAMES = ("", "../x", "a/b", ".hidden", "a" * 300, "a\0b", "ü", "-a", "a b", "..", "con\n")
# Saves over and over under one name, or forks.
SAVING = """
import sys
from pathlib import Path
from rsvpd.control import snapshots
from rsvpd.store.database import Store

store = Store.open(Path(sys.argv[1]))
print("ready", flush=True)
for number in range(10_000):
    snapshots.save(store, "monday", overwrite=True)
    snapshots.fork(store, "monday", f"{sys.argv[1]}.fork{number}")
"""
# No file may become larger than it is.
FULL = """
import os, resource, sys
from pathlib import Path
from rsvpd.control import snapshots
from rsvpd.store.database import Store

store = Store.open(Path(sys.argv[1]))
snapshots.save(store, "monday", overwrite=False)
before = store.commits
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
for does in (
    lambda: snapshots.save(store, "tuesday", overwrite=False),
    lambda: snapshots.restore(store, "monday"),
    lambda: snapshots.fork(store, "monday", sys.argv[1] + ".fork"),
):
    try:
        does()
        print("done")
    except Exception as wrong:
        print(type(wrong).__name__, getattr(wrong, "message", "") or wrong)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
snapshots.restore(store, "monday")
print([one.name for one in snapshots.snapshots(store)])
store.close()
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from lend_world(tmp_path, "alice", "bob")


def add_lunch(world: World) -> None:
    assert world.request("bob", "POST", "/v1.0/me/events", LUNCH).status == 201


def lunches(world: World) -> int:
    return len(world.request("bob", "GET", "/v1.0/me/events?$top=500&$select=subject").json["value"])


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_cannot_be(world: World, name: str) -> None:
    with pytest.raises(InvalidProperty, match="64 at most"):
        snapshots.save(world.store, name, overwrite=False)
    for does in (snapshots.restore, snapshots.remove):
        with pytest.raises(InvalidProperty, match="64 at most"):
            does(world.store, name)


def test_one_that_is_not_there_or_there_already(world: World) -> None:
    with pytest.raises(Missing, match="there is none yet"):
        snapshots.restore(world.store, "monday")
    snapshots.save(world.store, "monday", overwrite=False)
    with pytest.raises(CopyError, match="--force writes over it"):
        snapshots.save(world.store, "monday", overwrite=False)
    for does in (snapshots.restore, snapshots.remove):
        with pytest.raises(Missing, match="did you mean monday"):
            does(world.store, "mondya")
    assert [one.name for one in snapshots.snapshots(world.store)] == ["monday"]


@pytest.mark.parametrize("target", ["monday.db", "", "/nowhere/at/all/monday.db", "/tmp/a\0b", "/" + "x" * 300])
def test_a_fork_that_cannot_be_written(world: World, target: str) -> None:
    snapshots.save(world.store, "monday", overwrite=False)
    with pytest.raises(CopyError):
        snapshots.fork(world.store, "monday", target)


def test_two_are_put_back_at_once_while_others_write(world: World) -> None:
    snapshots.save(world.store, "none", overwrite=False)
    add_lunch(world)
    snapshots.save(world.store, "one", overwrite=False)
    faults: list[Exception] = []

    def restore(name: str) -> None:
        try:
            for _ in range(5):
                snapshots.restore(world.store, name)
        except Exception as fault:
            faults.append(fault)

    others = [threading.Thread(target=restore, args=(name,)) for name in ("none", "one")]
    for one in others:
        one.start()
    for one in others:
        one.join()
    assert faults == []
    left = lunches(world)
    assert left in (0, 1)
    add_lunch(world)
    assert lunches(world) == left + 1
    assert work.run(work.examination(), world.store.run) == []


@pytest.mark.data_file
def test_one_of_an_earlier_version_is_brought_up_to_date(tmp_path: Path) -> None:
    old = gzip.decompress((FOLDER / "schema-8.db.gz").read_bytes())
    world = World(tmp_path, file=old)
    world.know("alice", "bob")
    before = lunches(world)
    snapshots.save(world.store, "new", overwrite=False)
    (tmp_path / "world.db.snapshots" / "old.db").write_bytes(old)
    add_lunch(world)
    snapshots.restore(world.store, "old")
    assert lunches(world) == before
    assert [one.address for one in world.store.run(people)][:2] == ["alice@example.com", "bob@example.com"]
    world.close()


@pytest.mark.data_file
def test_on_a_full_disk_nothing_has_changed(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in range(200):
        world.add(f"person{number}")
    world.close()
    data = tmp_path / "world.db"
    for limit in (20_000, data.stat().st_size + 1_000):
        ran = subprocess.run(
            [sys.executable, "-c", FULL, str(data), str(limit)], capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr
        *refused, listed = ran.stdout.splitlines()
        if limit == 20_000:
            assert all("full" in one or "large" in one or "StorageFull" in one for one in refused), refused
            assert "done" not in refused
            assert listed == "['monday']"
        with closing(sqlite3.connect(data)) as connection:
            assert connection.execute("SELECT count(*) FROM person").fetchone() == (200,)
        for left in (*tmp_path.glob(".*"), *(tmp_path / "world.db.snapshots").glob(".*")):
            raise AssertionError(left)
        for one in (*tmp_path.glob("*.fork*"), *(tmp_path / "world.db.snapshots").glob("*")):
            one.unlink()


@pytest.mark.slow
@pytest.mark.data_file
def test_who_is_killed_leaves_whole_ones_alone(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in range(200):
        world.add(f"person{number}")
    snapshots.save(world.store, "monday", overwrite=False)
    world.close()
    data, folder = tmp_path / "world.db", tmp_path / "world.db.snapshots"
    for turn in range(10):
        kill_in_the_middle(SAVING, data, seconds=0.01 + 0.02 * turn)
        for whole in (folder / "monday.db", *tmp_path.glob("world.db.fork*")):
            with closing(sqlite3.connect(whole)) as connection:
                assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]
                assert connection.execute("SELECT count(*) FROM person").fetchone() == (200,)
        for fork in tmp_path.glob("world.db.fork*"):
            fork.unlink()
    store = Store.open(data)
    assert [one.name for one in snapshots.snapshots(store)] == ["monday"]
    snapshots.save(store, "tuesday", overwrite=False)
    store.close()
    assert not list(folder.glob(".*"))


