"""A data file that is deleted, moved, replaced or overwritten under a running server: noticed, said, not mixed."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rsvpd.clock import parse_instant
from rsvpd.commands.people import add_person, people
from rsvpd.control import sidecar
from rsvpd.errors import StorageFailed
from rsvpd.store.database import Store
from support.engines import sqlite_of

NOW = parse_instant("2026-11-22T10:00:00")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "t.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    store = Store.open(path)
    store.run(add_person, "ann@example.com", now=NOW)
    yield store
    store.close()


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    caplog.set_level(logging.INFO, "rsvpd")
    return lambda: [
        f"{one.getMessage()} {one.fields.get('fault', '')}".strip()
        for one in caplog.records
        if one.getMessage().startswith("storage.")
    ]


@pytest.fixture(autouse=True)
def heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another test may have set the log up, which then does not reach pytest's."""
    monkeypatch.setattr(logging.getLogger("rsvpd"), "propagate", True)


def other(path: Path) -> Path:
    """Return another data file, made beside it."""
    place = path.with_name("other.db")
    made = Store.open(place)
    made.run(add_person, "zoe@example.com", now=NOW)
    made.close()
    return place


def deleted(path: Path) -> None:
    path.unlink()


def moved(path: Path) -> None:
    path.rename(path.with_name("away.db"))


def replaced(path: Path) -> None:
    os.replace(other(path), path)


def replaced_by_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def overwritten(path: Path) -> None:
    """What `cp backup.db t.db` does."""
    shutil.copyfile(other(path), path)


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def deleted_wal(path: Path) -> None:
    path.with_name(f"{path.name}-wal").unlink()


@pytest.mark.parametrize(
    ("do", "how"),
    [
        (deleted, "deleted"),
        (moved, "deleted"),
        (replaced, "replaced"),
        (replaced_by_a_folder, "replaced"),
        (overwritten, "overwritten"),
        (emptied, "overwritten"),
        (deleted_wal, "wal deleted"),
    ],
)
def test_it_is_noticed_and_said_once(
    store: Store, path: Path, said: Callable[[], list[str]], do: Callable[[Path], None], how: str
) -> None:
    do(path)
    for _ in range(3):
        with pytest.raises(StorageFailed):
            store.run(people)
        with pytest.raises(StorageFailed):
            store.run(add_person, "bea@example.com", now=NOW)
    assert said() == [f"storage.failed {how}"]


def test_everybody_who_waits_is_answered(store: Store, path: Path) -> None:
    async def many() -> list[object]:
        waiting = [store(add_person, f"p{n}@example.com", now=NOW) for n in range(100)]
        return await asyncio.gather(*waiting, return_exceptions=True)

    deleted(path)
    assert {type(one) for one in asyncio.run(many())} <= {StorageFailed}.union(StorageFailed.__subclasses__())


def test_a_file_that_comes_back_is_used_after_the_next_start(path: Path) -> None:
    store = Store.open(path)
    store.run(add_person, "ann@example.com", now=NOW)
    moved(path)
    with pytest.raises(StorageFailed):
        store.run(people)
    path.with_name("away.db").rename(path)
    with pytest.raises(StorageFailed):
        store.run(people)
    store.close()
    assert people_in(path) == ["ann@example.com"]


def test_a_file_that_was_moved_away_takes_everything_with_it(path: Path) -> None:
    store = Store.open(path)
    store.run(add_person, "ann@example.com", now=NOW)
    moved(path)
    with pytest.raises(StorageFailed):
        store.run(people)
    store.close()
    assert people_in(path.with_name("away.db")) == ["ann@example.com"]
    assert [one.name for one in path.parent.iterdir()] == ["away.db"]


@pytest.mark.parametrize("do", [replaced, overwritten])
@pytest.mark.parametrize("ends", ["closed", "killed"])
def test_nothing_of_the_old_file_gets_into_the_new_one(path: Path, do: Callable[[Path], None], ends: str) -> None:
    store = Store.open(path)
    store.run(add_person, "ann@example.com", now=NOW)
    do(path)
    before = path.read_bytes()
    with pytest.raises(StorageFailed):
        store.run(people)
    if ends == "closed":
        store.close()
    else:
        wait_until_parted(store)
        shutil.copytree(path.parent, path.parent / "as it stood")
        store.close()
        path = path.parent / "as it stood" / "t.db"
    assert path.read_bytes() == before
    assert people_in(path) == ["zoe@example.com"]


def wait_until_parted(store: Store) -> None:
    until = time.monotonic() + 30
    while not sqlite_of(store).checkpointer._has_parted:
        assert time.monotonic() < until
        time.sleep(0.01)


def people_in(path: Path) -> list[str]:
    store = Store.open(path)
    try:
        return [one.address for one in store.run(people)]
    finally:
        store.close()


def test_nothing_is_lost_with_the_wal_but_its_name(path: Path) -> None:
    store = Store.open(path)
    store.run(add_person, "ann@example.com", now=NOW)
    deleted_wal(path)
    with pytest.raises(StorageFailed):
        store.run(add_person, "bea@example.com", now=NOW)
    store.close()
    assert people_in(path) == ["ann@example.com"]


def test_a_new_time_alone_says_nothing(store: Store, path: Path, said: Callable[[], list[str]]) -> None:
    os.utime(path, (1, 1))
    store.run(add_person, "bea@example.com", now=NOW)
    path.chmod(0o640)
    assert len(store.run(people)) == 2
    assert said() == []


def test_the_own_checkpoint_says_nothing(store: Store, said: Callable[[], list[str]]) -> None:
    for number in range(3):
        store.run(add_person, f"p{number}@example.com", now=NOW)
        assert sqlite_of(store).checkpointer._checkpoint(sqlite_of(store).connection, "TRUNCATE")
        assert len(store.run(people)) == number + 2
    assert said() == []


def test_a_reader_from_outside_says_nothing(store: Store, path: Path, said: Callable[[], list[str]]) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM person").fetchone() == (1,)
    store.run(add_person, "bea@example.com", now=NOW)
    assert said() == []


SERVER_OF_WHAT_WAS_THERE = """
import pathlib, sys
from rsvpd.control import sidecar
from rsvpd.store.database import Store
data = pathlib.Path(sys.argv[1])
with sidecar.hold(data):
    store = Store.open(data)
    print("open", flush=True)
    sys.stdin.read()
    store.close()
"""


@pytest.mark.parametrize("do", [deleted, replaced])
def test_a_server_over_a_new_file_waits_for_the_one_over_the_old(path: Path, do: Callable[[Path], None]) -> None:
    """Both would write one WAL: it has the name of the file, whichever file that is."""
    command = [sys.executable, "-c", SERVER_OF_WHAT_WAS_THERE, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as old:
        assert old.stdout
        assert old.stdout.readline() == "open\n"
        do(path)
        with pytest.raises(sidecar.DataFileInUse), sidecar.hold(path):
            pass
        old.communicate("", timeout=60)
    with sidecar.hold(path):
        pass
