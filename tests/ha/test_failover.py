"""Primaries are killed under load: no acknowledged answer is lost or doubled, and nobody starts a server again by hand.

`make test-ha` brings what it needs; see support/ha.py.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import httpx
import pytest

from conftest import Start
from support.answering import Guest, arrived_at, check, invite
from support.ha import Cluster
from support.running import Running

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("PATRONI" not in os.environ, reason="needs etcd and Patroni: make test-ha"),
]

BACK_SECONDS = 10
BETWEEN = 60  # acknowledged answers from one misfortune to the next
READ = ("/v1.0/me/events?$top=100", "/v1.0/me/messages?$top=200", "/calendar/v3/calendars/primary/events")
# What befalls the primary: killed; killed after its standbys were cut off; its Patroni hangs.
KILLED, CUT_OFF, HUNG = "killed", "cut off, then killed", "hung"
MISFORTUNES = (KILLED, CUT_OFF, KILLED, HUNG, KILLED, CUT_OFF, KILLED)


@pytest.fixture(params=[True], ids=["synchronous"])
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    made = Cluster(Path(os.environ["PGBIN"]), Path(os.environ["PATRONI"]), is_synchronous=request.param)
    yield made
    made.close()


class Load:
    """Guests who answer through one server after the other, again and again where one cannot tell."""

    def __init__(self, servers: list[Running], guests: list[Guest]) -> None:
        self._servers, self.guests = servers, guests
        self.acknowledged: Counter[str] = Counter()
        self.last = time.monotonic()
        self.longest = 0.0
        self.reads = self.failed_reads = 0
        self.stopping = False

    @property
    def count(self) -> int:
        """Return how many answers were acknowledged."""
        return sum(self.acknowledged.values())

    async def run(self) -> None:
        """Answer until it is stopped and nothing is open."""
        async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
            await asyncio.gather(*(self._answer_on(client, guest) for guest in self.guests), self._read(client))

    async def _answer_on(self, client: httpx.AsyncClient, guest: Guest) -> None:
        chance = random.Random(guest.event)
        while not self.stopping:
            guest.said += 1
            while not await self._is_answered(client, chance.choice(self._servers), guest):
                await asyncio.sleep(0.05)
            self.acknowledged[guest.comment] += 1
            now = time.monotonic()
            self.longest, self.last = max(self.longest, now - self.last), now

    async def _is_answered(self, client: httpx.AsyncClient, server: Running, guest: Guest) -> bool:
        url = f"{server.url}/v1.0/me/events/{guest.event}/{guest.action[0]}"
        try:
            reply = await client.post(url, json={"comment": guest.comment}, headers=server.auth(guest.address))
        except httpx.TransportError:
            return False
        assert reply.status_code in (202, 503), reply.text
        return reply.status_code == 202

    async def _read(self, client: httpx.AsyncClient) -> None:
        number = 0
        while not self.stopping:
            number += 1
            server = self._servers[number % len(self._servers)]
            reply = await client.get(f"{server.url}/v1.0/me/events", headers=server.auth("alice"))
            self.reads += 1
            self.failed_reads += reply.status_code != 200
            await asyncio.sleep(0.02)


def test_no_answer_is_lost_or_doubled_when_primaries_die(
    cluster: Cluster, start_server: Start, record_property: Callable[[str, object], None]
) -> None:
    servers = [start_server("--database", cluster.url) for _ in range(2)]
    processes = [one.process.pid for one in servers]
    load = Load(servers, invite(servers[0]))
    waits = asyncio.run(_go_through(cluster, load, MISFORTUNES))
    for server in servers:
        check(server, load.guests, load.acknowledged)
    record_property("acknowledged", load.count)
    record_property("seconds until somebody could write", [round(one, 1) for one in waits])
    record_property("reads, and those that failed", (load.reads, load.failed_reads))
    assert max(waits) < BACK_SECONDS
    assert load.failed_reads < load.reads / 20
    assert [one.process.pid for one in servers] == processes
    assert all(one.process.poll() is None for one in servers)


@pytest.mark.parametrize("cluster", [False], indirect=True, ids=["asynchronous"])
def test_where_answers_are_lost_with_a_primary_all_servers_say_what_is_left(
    cluster: Cluster, start_server: Start, record_property: Callable[[str, object], None]
) -> None:
    """Without synchronous replication a standby may take over that has not heard of what was acknowledged last. What
    servers remember of that is of no history any more: its numbers are given to something else.
    """
    servers = [start_server("--database", cluster.url) for _ in range(2)]
    load = Load(servers, invite(servers[0]))
    asyncio.run(_go_through(cluster, load, (KILLED, CUT_OFF, KILLED, CUT_OFF)))
    lost = set(load.acknowledged) - set(arrived_at(servers[0]))
    record_property("acknowledged, and lost of these", (load.count, len(lost)))
    assert lost, "nothing was tried"
    fresh = start_server("--database", cluster.url)
    for name in ("alice", "bob", "carol", "dave"):
        for path in READ:
            expected = fresh.ask("GET", path, name).json()
            for server in servers:
                found = server.ask("GET", path, name).text.replace(server.url, fresh.url)
                assert json.loads(found) == expected


async def _go_through(cluster: Cluster, load: Load, misfortunes: Sequence[str]) -> list[float]:
    """Let one misfortune follow the other, each once the cluster is whole again; return how long nobody could write."""
    running = asyncio.create_task(load.run())
    waits = []
    for what in misfortunes:
        await _more(running, load)
        load.longest = 0.0
        await asyncio.to_thread(_befall, cluster, what)
        await _more(running, load)
        waits.append(load.longest)
    load.stopping = True
    await running
    return waits


async def _more(running: asyncio.Task[None], load: Load) -> None:
    """Wait for some more acknowledged answers."""
    goal, until = load.count + BETWEEN, time.monotonic() + 60
    while load.count < goal:
        if running.done():
            running.result()
        assert time.monotonic() < until
        await asyncio.sleep(0.05)


def _befall(cluster: Cluster, what: str) -> None:
    """Do it to the primary, and have the cluster whole again."""
    name = cluster.leader()
    assert name is not None
    if what == HUNG:
        go_on = cluster.hang(name)
        time.sleep(BACK_SECONDS)
        go_on()
    else:
        if what == CUT_OFF:
            cluster.stop_senders(name)
            time.sleep(0.3)
        cluster.kill(name)
        time.sleep(BACK_SECONDS)
        cluster.start(name)
    cluster.wait(lambda: len(cluster.running()) == len(cluster.ports))
