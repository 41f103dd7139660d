"""Whoever puts a snapshot back and is killed over it leaves all of it or what was there before."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rsvpd.commands.people import add_person
from rsvpd.control import snapshots, work
from rsvpd.store.database import Store
from support.engines import new_place, rows_of
from support.killing import kill_in_the_middle

pytestmark = pytest.mark.slow

OPENING = """
import os, sys
from pathlib import Path
from rsvpd.commands.people import add_person
from rsvpd.control import snapshots
from rsvpd.store import continuation
from rsvpd.store.database import Store

place = sys.argv[1] if "://" in sys.argv[1] else Path(sys.argv[1])
store = Store.open(place)
"""
# Puts one back over and over, and adds somebody in between.
RESTORING = OPENING + """
print("ready", flush=True)
for number in range(10_000):
    store.run(add_person, f"later{number}@example.com", zone="UTC", now=1_800_000_000_000_000)
    snapshots.restore(store, "monday")
"""
# The process ends itself: before what comes is put in, or at once afterwards.
DYING = OPENING + """
store.run(add_person, "later@example.com", zone="UTC", now=1_800_000_000_000_000)
if sys.argv[2] == "before":
    continuation.go_on = lambda tx, given: os._exit(9)
# A database may tell later of what came before, too: there it ends once that is over.
with store.on_commit(lambda commit: os._exit(9) if commit.is_anything and isinstance(place, Path) else None):
    snapshots.restore(store, "monday")
os._exit(9 if isinstance(place, str) else 0)
"""


@pytest.fixture(params=["data file", "database"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    """Where there are 300 people, and a snapshot of them."""
    with new_place(tmp_path, on_postgres=request.param == "database") as made:
        store = Store.open(made)
        for number in range(300):
            store.run(add_person, f"first{number}@example.com", zone="UTC", now=1_800_000_000_000_000)
        snapshots.save(store, "monday", overwrite=False)
        store.close()
        yield made


def found(place: Path | str) -> tuple[set[str], list[int]]:
    """Return who is there, and the numbers of the changes of the directory. What is there holds together."""
    store = Store.open(place)
    try:
        assert work.run(work.examination(), store.run) == []
        people = store.run(rows_of, "SELECT address FROM person")
        numbers = store.run(rows_of, "SELECT number FROM change WHERE mailbox = 0 ORDER BY number")
    finally:
        store.close()
    return {address for (address,) in people}, [number for (number,) in numbers]


@pytest.mark.parametrize("when", ["before", "after"])
def test_numbers_go_on_whenever_it_ends(place: Path | str, when: str, tmp_path: Path) -> None:
    _, (*_, given) = found(place)
    ended = subprocess.run([sys.executable, "-c", DYING, str(place), when], check=False)
    assert ended.returncode == 9
    people, (*_, newest) = found(place)
    is_there = "later@example.com" in people
    assert is_there is (when == "before")
    assert newest == given + 1 if is_there else newest > given + 1
    assert not list(tmp_path.glob(".*restoring*"))


def test_killed_at_any_moment(place: Path | str) -> None:
    first = {f"first{number}@example.com" for number in range(300)}
    for turn in range(12):
        kill_in_the_middle(RESTORING, place, seconds=0.02 + 0.03 * turn)
        people, _ = found(place)
        assert first <= people
        assert len(people) <= len(first) + 1
