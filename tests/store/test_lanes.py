"""A long read stops nobody: two lanes, turns, and a bound on what one command and one person may ask."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from rsvpd.clock import parse_instant
from rsvpd.commands.door import Who, reads, reads_by_index, writes
from rsvpd.errors import Throttled, WorkLimitExceeded
from rsvpd.store import meta
from rsvpd.store.database import Store
from rsvpd.store.engine import WorkLimits
from rsvpd.store.lanes import LONG_THREADS, MOST_WAITING, Turns
from rsvpd.store.tx import Tx
from rsvpd.work import SLICE, Work
from support.engines import new_store

NOW = parse_instant("2026-11-22T10:00:00")
ALICE, BOB = Who("alice", None, NOW), Who("bob", None, NOW)
LIMITS = WorkLimits(loop=100, short=1_000, read=50_000, write=2_000)
PATIENCE = 60
_COUNTING = (
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) SELECT count(*) FROM n"
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path, limits=LIMITS) as store:
        yield store


class Gate:
    """Where long reads wait until the test opens it."""

    def __init__(self) -> None:
        self.begun = 0
        self.opened = threading.Event()


@reads
def work(tx: Tx, who: Who, steps: int) -> int:
    tx.work.spend(steps)
    return steps


@reads
def wait(tx: Tx, who: Who, gate: Gate) -> str:
    """Need the long lane, then wait there."""
    tx.work.spend(LIMITS.short + 1)
    gate.begun += 1
    assert gate.opened.wait(PATIENCE)
    return threading.current_thread().name


@reads
def count(tx: Tx, who: Who, number: int) -> int:
    row = tx.row(_COUNTING, count=number)
    assert row is not None
    return int(row[0])


@writes
def write(tx: Tx, who: Who, steps: int) -> None:
    meta.put(tx, "n", b"")
    tx.work.spend(steps)


def test_what_is_too_long_for_the_short_lane_is_begun_anew_in_the_long_one(store: Store) -> None:
    tried: list[str] = []

    @reads
    def noted(tx: Tx, who: Who) -> str:
        tried.append(threading.current_thread().name.rpartition("_")[0])
        tx.work.spend(LIMITS.short + 1)
        return "done"

    assert asyncio.run(store(noted, ALICE)) == "done"
    assert tried == ["rsvpd-reader", "rsvpd-long-reader"]


@pytest.mark.data_file
def test_what_an_index_bounds_begins_in_the_loop(store: Store) -> None:
    tried: list[str] = []

    @reads_by_index
    def noted(tx: Tx, who: Who, steps: int) -> str:
        tried.append(threading.current_thread().name.rpartition("_")[0])
        tx.work.spend(steps)
        return "done"

    loop = threading.current_thread().name.rpartition("_")[0]
    assert asyncio.run(store(noted, ALICE, LIMITS.loop)) == "done"
    assert tried == [loop]
    assert asyncio.run(store(noted, ALICE, LIMITS.loop + 1)) == "done"
    assert tried == [loop, loop, "rsvpd-reader"]


@pytest.mark.parametrize(
    ("steps", "number"),
    [(LIMITS.read + 1, 1), pytest.param(1, 3_000_000, marks=pytest.mark.data_file)],
)
def test_beyond_the_limit_nothing_is_answered(store: Store, steps: int, number: int) -> None:
    async def ask() -> None:
        await store(work, ALICE, steps)
        await store(count, ALICE, number)

    with pytest.raises(WorkLimitExceeded):
        asyncio.run(ask())
    assert asyncio.run(store(count, ALICE, 5)) == 5, "the connection serves on"
    with pytest.raises(WorkLimitExceeded):
        store.run(work, ALICE, LIMITS.read + 1)


def test_a_write_beyond_its_limit_is_undone(store: Store) -> None:
    for _ in range(2):
        with pytest.raises(WorkLimitExceeded):
            store.run(write, ALICE, LIMITS.write + 1)
    store.run(write, ALICE, 1)


def test_others_are_answered_while_as_many_long_reads_as_there_can_be_are_under_way(store: Store) -> None:
    async def play() -> list[str]:
        gate = Gate()
        long = [asyncio.ensure_future(store(wait, Who(f"p{n}", None, NOW), gate)) for n in range(3 * LONG_THREADS)]
        while not gate.begun:
            await asyncio.sleep(0)
        # One computes, and it does not go on; what is short is answered all the same, again and again.
        assert [await store(work, BOB, n) for n in range(50)] == list(range(50))
        gate.opened.set()
        return await asyncio.gather(*long)

    assert all(name.startswith("rsvpd-long-reader") for name in asyncio.run(play()))


def test_one_person_has_one_long_read_at_a_time_and_few_that_wait(store: Store) -> None:
    async def play() -> tuple[int, list[object], str]:
        gate = Gate()
        asked = [asyncio.ensure_future(store(wait, ALICE, gate)) for _ in range(MOST_WAITING + 3)]
        while not gate.begun:
            await asyncio.sleep(0)
        others = asyncio.ensure_future(store(wait, BOB, gate))
        # The gate is shut until all have come to the long lane, so what ends is refused, and one of them has a turn.
        for refusal in islice(asyncio.as_completed(asked, timeout=PATIENCE), 2):
            with pytest.raises(Throttled):
                await refusal
        begun = gate.begun
        gate.opened.set()
        return begun, await asyncio.gather(*asked, return_exceptions=True), await others

    begun, ended, other = asyncio.run(play())
    assert begun == 1
    assert sum(isinstance(one, Throttled) for one in ended) == 2
    assert other
    assert asyncio.run(store(work, ALICE, LIMITS.short + 1)), "and then there is room again"


def test_long_reads_take_turns_slice_by_slice() -> None:
    turns, seen, both = Turns(), [], threading.Barrier(2)

    def run(name: str) -> None:
        both.wait(PATIENCE)
        with turns.long() as pause:
            account = Work(10 * SLICE, pause=pause)
            if not seen:
                while len(turns._line) < 2:  # both are there before the first slice
                    pass
            for _ in range(8):
                seen.append(name)
                account.spend(SLICE + 1)

    threads = [threading.Thread(target=run, args=(name,)) for name in "ab"]
    for one in threads:
        one.start()
    for one in threads:
        one.join(PATIENCE)
    assert "".join(seen) in ("ab" * 8, "ba" * 8)


def test_work_is_counted_and_pauses_after_each_slice() -> None:
    pauses: list[int] = []
    account = Work(10 * SLICE, pause=lambda: pauses.append(account.done))
    for _ in range(6):
        account.spend(SLICE // 2 + 1)
    assert pauses == [SLICE + 2, 2 * SLICE + 4, 3 * SLICE + 6]
    assert not account.is_over()
    with pytest.raises(WorkLimitExceeded):
        account.spend(8 * SLICE)
    assert account.is_over()
