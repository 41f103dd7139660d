"""Whoever puts a snapshot back and is killed over it leaves all of it or what was there before."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from rsvpd.control import snapshots, work
from rsvpd.store.database import Store
from support.killing import kill_in_the_middle

pytestmark = [pytest.mark.data_file, pytest.mark.slow]

# Puts one back over and over, and adds somebody in between.
RESTORING = """
import sys
from pathlib import Path
from rsvpd.commands.people import add_person
from rsvpd.control import snapshots
from rsvpd.store.database import Store

store = Store.open(Path(sys.argv[1]))
print("ready", flush=True)
for number in range(10_000):
    store.run(add_person, f"later{number}@example.com", zone="UTC", now=1_800_000_000_000_000)
    snapshots.restore(store, "monday")
"""
# The process ends itself: before what comes is put in, or at once afterwards.
DYING = """
import os, sys
from pathlib import Path
from rsvpd.commands.people import add_person
from rsvpd.control import snapshots
from rsvpd.store import continuation
from rsvpd.store.database import Store

store = Store.open(Path(sys.argv[1]))
store.run(add_person, "later@example.com", zone="UTC", now=1_800_000_000_000_000)
if sys.argv[2] == "before":
    continuation.go_on = lambda tx, given: os._exit(9)
with store.on_commit(lambda commit: os._exit(9) if commit.is_anything else None):
    snapshots.restore(store, "monday")
"""


def people_of(data: Path) -> list[str]:
    with closing(sqlite3.connect(data)) as connection:
        return [address for (address,) in connection.execute("SELECT address FROM person ORDER BY number")]


def directory_numbers(data: Path) -> list[int]:
    with closing(sqlite3.connect(data)) as connection:
        found = connection.execute("SELECT number FROM change WHERE mailbox = 0 ORDER BY number")
        return [number for (number,) in found]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    from rsvpd.commands.people import add_person

    place = tmp_path / "t.db"
    store = Store.open(place)
    for number in range(300):
        store.run(add_person, f"first{number}@example.com", zone="UTC", now=1_800_000_000_000_000)
    snapshots.save(store, "monday", overwrite=False)
    store.close()
    return place


@pytest.mark.parametrize("when", ["before", "after"])
def test_numbers_go_on_whenever_it_ends(data: Path, when: str) -> None:
    given = directory_numbers(data)[-1]
    ended = subprocess.run([sys.executable, "-c", DYING, str(data), when], check=False)
    assert ended.returncode == 9
    is_there = "later@example.com" in people_of(data)
    assert is_there is (when == "before")
    newest = directory_numbers(data)[-1]
    assert newest == given + 1 if is_there else newest > given + 1
    store = Store.open(data)
    try:
        assert work.run(work.examination(), store.run) == []
    finally:
        store.close()
    assert not list(data.parent.glob(".*restoring*"))


def test_killed_at_any_moment(data: Path) -> None:
    first = {f"first{number}@example.com" for number in range(300)}
    for turn in range(12):
        kill_in_the_middle(RESTORING, data, seconds=0.02 + 0.03 * turn)
        store = Store.open(data)
        try:
            assert work.run(work.examination(), store.run) == []
        finally:
            store.close()
        there = set(people_of(data))
        assert first <= there
        assert len(there) <= len(first) + 1
