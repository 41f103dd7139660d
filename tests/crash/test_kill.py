"""A loaded server is killed again and again; no acknowledged answer is lost, none arrives twice.

Rule: what was answered 202 stands in the organizer's inbox exactly once and in the tracking; what
was cut off may be repeated as it was, and then stands there exactly once as well.
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
from typing import Any

import httpx
from msgspec import Struct

from conftest import Start
from support import postgres
from support.running import PATIENCE_SECONDS, Running

KILLS = 50
WORKER_KILLS = 100
MEETINGS = 6
GUESTS = ("bob", "carol", "dave")
ACTIONS = (("accept", "accepted"), ("tentativelyAccept", "tentativelyAccepted"))


class Guest(Struct):
    """One invitation and what its owner has said so far; `open` is an answer without acknowledgement."""

    address: str
    event: str
    organizers_event: str
    said: int = 0
    open: bool = False

    @property
    def comment(self) -> str:
        return f"{self.address} on {self.organizers_event[-8:]} says {self.said}"

    @property
    def action(self) -> tuple[str, str]:
        return ACTIONS[self.said % 2]


def test_no_answer_is_lost_or_doubled(server: Running) -> None:
    guests = _invite(server)
    acknowledged: Counter[str] = Counter()
    chance = random.Random(20261122)
    for kill in range(1, KILLS + 1):
        asyncio.run(_load(server, guests, acknowledged, until=chance.randint(1, 60), kill=server.kill))
        server.start()
        if kill % 10 == 0 or kill == KILLS:
            asyncio.run(_repeat_open(server, guests, acknowledged))
            _check(server, guests, acknowledged)
    assert sum(acknowledged.values()) > KILLS * 10


def test_no_answer_is_lost_or_doubled_where_one_of_two_processes_dies(start_server: Start) -> None:
    url = postgres.new_database()
    server = start_server("--database", url, "--workers", "2")
    guests = _invite(server)
    acknowledged: Counter[str] = Counter()
    chance = random.Random(20261129)

    def kill() -> None:
        os.kill(chance.choice(_workers(server)), signal.SIGKILL)

    for number in range(1, WORKER_KILLS + 1):
        asyncio.run(_load(server, guests, acknowledged, until=chance.randint(1, 60), kill=kill))
        if number % 10 == 0:
            asyncio.run(_repeat_open(server, guests, acknowledged))
            _check(server, guests, acknowledged)
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


def _invite(server: Running) -> list[Guest]:
    guests = []
    for number in range(MEETINGS):
        body = {
            "subject": f"Load {number}",
            "start": {"dateTime": "2030-01-01T10:00:00", "timeZone": "UTC"},
            "end": {"dateTime": "2030-01-01T11:00:00", "timeZone": "UTC"},
            "attendees": [{"emailAddress": {"address": f"{one}@example.com"}} for one in GUESTS],
        }
        made = _ask(server, "alice", "POST", "/v1.0/me/events", body)
        for one in GUESTS:
            found = _ask(server, one, "GET", f"/v1.0/me/events?$filter=iCalUId eq '{made['iCalUId']}'")
            guests.append(Guest(f"{one}@example.com", found["value"][0]["id"], made["id"]))
    return guests


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
            if not await _answer(client, server, guest):
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
                assert await _answer(client, server, guest)
                acknowledged[guest.comment] += 1
                guest.open = False


async def _answer(client: httpx.AsyncClient, server: Running, guest: Guest) -> bool:
    """Return whether the answer was acknowledged; False where the connection broke."""
    headers = server.auth(guest.address)
    path = f"/v1.0/me/events/{guest.event}/{guest.action[0]}"
    try:
        reply = await client.post(path, json={"comment": guest.comment}, headers=headers)
    except httpx.TransportError:
        return False
    assert reply.status_code == 202, reply.text
    return True


def _check(server: Running, guests: list[Guest], acknowledged: Counter[str]) -> None:
    arrived = Counter(_comments(server, "alice", "inbox"))
    assert {comment: n for comment, n in arrived.items() if n != 1} == {}, "an answer arrived twice"
    assert set(acknowledged) - set(arrived) == set(), "an acknowledged answer is lost"
    assert set(arrived) - set(acknowledged) == set(), "an answer that nobody gave"
    sent = Counter(comment for one in GUESTS for comment in _comments(server, one, "sentitems"))
    assert sent == arrived
    for guest in guests:
        event = _ask(server, "alice", "GET", f"/v1.0/me/events/{guest.organizers_event}")
        tracked = {one["emailAddress"]["address"]: one["status"]["response"] for one in event["attendees"]}
        assert guest.said == 0 or tracked[guest.address] == guest.action[1]


def _comments(server: Running, who: str, folder: str) -> list[str]:
    found: list[str] = []
    url = f"/v1.0/me/mailFolders/{folder}/messages?$top=1000&$select=bodyPreview,subject"
    while url:
        page = _ask(server, who, "GET", url)
        found += [one["bodyPreview"] for one in page["value"] if " says " in one["bodyPreview"]]
        url = page.get("@odata.nextLink", "").removeprefix(server.url)
    return found


def _ask(server: Running, who: str, method: str, path: str, body: Any = None) -> Any:
    reply = server.ask(method, path, who, json=body)
    assert reply.status_code < 300, reply.text
    return reply.json()
