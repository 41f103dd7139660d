"""A data file with many people and meetings moves into a database and back, and everybody reads what was there before.

The size of `make test-move`: RSVPD_CROWD=1000, with twenty meetings for each.
"""

from __future__ import annotations

import os
import pty
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from rsvpd.store.database import Store
from support.crowd import NOW, fill, neighbours, questions
from support.recording import Question
from support.running import PATIENCE_SECONDS, clean_environ, rsvpd
from support.world import World

PEOPLE = int(os.environ.get("RSVPD_CROWD", "100"))
MEETINGS = 20 * PEOPLE
PATIENCE = 1800

Answers = list[tuple[int, bytes]]


@contextmanager
def world_over(place: Path | str, folder: Path) -> Iterator[World]:
    """Lend a world over what is there already."""
    world = World(folder)
    try:
        world.store.close()
        world.store = Store.open(place)
        world.rewire()
        world.know(*neighbours(PEOPLE))
        world.now = NOW
        yield world
    finally:
        world.abandon()


def answers(folder: Path, place: Path | str, asked: list[Question]) -> Answers:
    """Return what a store answers to questions."""
    with world_over(place, folder) as world:
        replies = (world.request(one.who, "GET", one.url) for one in asked)
        return [(reply.status, reply.body) for reply in replies]


def start_move(source: Path | str, target: Path | str, **more: int) -> subprocess.Popen[bytes]:
    words = ("-m", "rsvpd.cli.rsvpd", "move", str(source), str(target))
    return subprocess.Popen([sys.executable, *words], env=clean_environ(), stdout=subprocess.DEVNULL, **more)


def kill_when(move: subprocess.Popen[bytes], has_come: Callable[[], bool]) -> None:
    """Kill a move once it has come somewhere, and be sure that it was not over."""
    until = time.monotonic() + PATIENCE
    while not has_come():
        assert move.poll() is None, "it ended"
        assert time.monotonic() < until
        time.sleep(0.005)
    move.kill()
    assert move.wait(PATIENCE_SECONDS) == -9


def move_and_watch(source: Path | str, target: Path | str) -> str:
    """Move to the end; return what the terminal showed meanwhile."""
    screen, terminal = pty.openpty()
    move = start_move(source, target, stderr=terminal)
    os.close(terminal)
    shown = b""
    with suppress(OSError), open(screen, "rb", buffering=0) as file:  # a terminal that nobody has any more is an error
        while part := file.read(4096):
            shown += part
    assert move.wait(PATIENCE) == 0, shown
    return shown.decode()


@pytest.mark.slow
def test_there_and_back_everybody_reads_the_same(url: str, tmp_path: Path) -> None:
    data, back = tmp_path / "from.db", tmp_path / "back.db"
    store = Store.open(data)
    fill(store, PEOPLE, MEETINGS)
    store.close()
    with world_over(data, tmp_path) as world:
        asked = list(questions(world, neighbours(PEOPLE)))
    before = answers(tmp_path, data, asked)
    assert len(asked) > 300
    assert {status for status, _ in before} == {200, 403}
    assert sum(status == 200 for status, _ in before) > 300

    with psycopg.connect(url, autocommit=True, options="-c search_path=rsvpd") as connection:
        for rows in (b"SELECT 1 FROM event LIMIT 1", b"SELECT 1 FROM message LIMIT 1"):
            kill_when(start_move(data, url), partial(_finds, connection, rows))
    assert "not over" in rsvpd("user", "list", "--data", str(tmp_path / "x.db"), "--database", url).stderr
    assert _progress(move_and_watch(data, url))
    assert answers(tmp_path, url, asked) == before

    kill_when(start_move(url, back), lambda: _has_events(back))
    assert _progress(move_and_watch(url, back))
    assert answers(tmp_path, back, asked) == before
    assert rsvpd("doctor", "--deep", "--data", str(back)).returncode == 0


def _progress(shown: str) -> bool:
    """Return whether a terminal showed how far a move has come; one that was killed late has only to compare."""
    return "Moving" in shown or "Comparing" in shown


def _finds(connection: psycopg.Connection[Any], rows: bytes) -> bool:
    return connection.execute(rows).fetchone() is not None


def _has_events(data: Path) -> bool:
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(f"file:{data}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT 1 FROM event LIMIT 1").fetchone() is not None
    return False
