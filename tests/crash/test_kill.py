"""A loaded server is killed again and again; no acknowledged answer is lost, none arrives twice.

The kills fall on counted answers, not on times.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx

from conftest import Start
from support import postgres
from support.answering import Guest, answer, check, invite
from support.engines import ON_POSTGRES
from support.running import PATIENCE_SECONDS, Running

KILLS = 20 if ON_POSTGRES else 50  # a start takes two seconds there
WORKER_KILLS = 100


def test_no_answer_is_lost_or_doubled(server: Running) -> None:
    guests = invite(server)
    acknowledged: Counter[str] = Counter()
    chance = random.Random(20261122)
    for kill in range(1, KILLS + 1):
        asyncio.run(_load(server, guests, acknowledged, until=chance.randint(1, 60), kill=server.kill))
        server.start()
        if kill % 10 == 0 or kill == KILLS:
            asyncio.run(_repeat_open(server, guests, acknowledged))
            check(server, guests, acknowledged)
    assert sum(acknowledged.values()) > KILLS * 10


def test_no_answer_is_lost_or_doubled_where_one_of_two_processes_dies(start_server: Start) -> None:
    url = postgres.new_database()
    server = start_server("--database", url, "--workers", "2")
    guests = invite(server)
    acknowledged: Counter[str] = Counter()
    chance = random.Random(20261129)

    def kill() -> None:
        os.kill(chance.choice(_workers(server)), signal.SIGKILL)

    for number in range(1, WORKER_KILLS + 1):
        asyncio.run(_load(server, guests, acknowledged, until=chance.randint(1, 60), kill=kill))
        if number % 10 == 0:
            asyncio.run(_repeat_open(server, guests, acknowledged))
            check(server, guests, acknowledged)
        _wait_for_workers(server)
    assert sum(acknowledged.values()) > WORKER_KILLS * 10
    assert server.logged.count("worker.ended") >= WORKER_KILLS - 1
    server.stop()
    postgres.drop_database(url)


def _workers(server: Running) -> list[int]:
    """Return the processes that answer."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    return [int(one) for one in children.read_text().split()]


def _wait_for_workers(server: Running) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while len(_workers(server)) < 2:
        assert time.monotonic() < end, server.logged
        time.sleep(0.02)


async def _load(
    server: Running, guests: list[Guest], acknowledged: Counter[str], *, until: int, kill: Callable[[], None]
) -> None:
    """Let every guest answer over and over; kill the server, or a part of it, after `until` acknowledgements."""
    left = until

    async def answer_on(guest: Guest) -> None:
        nonlocal left
        while left > 0:
            if not guest.open:
                guest.said += 1
                guest.open = True
            if not await answer(client, server, guest):
                return
            acknowledged[guest.comment] += 1
            guest.open = False
            left -= 1
            if left == 0:
                kill()

    async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
        await asyncio.gather(*(answer_on(guest) for guest in guests))


async def _repeat_open(server: Running, guests: list[Guest], acknowledged: Counter[str]) -> None:
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
        for guest in guests:
            if guest.open:
                assert await answer(client, server, guest)
                acknowledged[guest.comment] += 1
                guest.open = False
