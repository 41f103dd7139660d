"""How soon a thousand subscribers hear of one change, and what they cost those who answer invitations meanwhile.

One run prints the time from the answer to the request that changed something until the last of 1,000 receivers was
told, and accepts per second at 32 clients: where nobody subscribed, where 1,000 wait for changes of another mailbox,
and while one change a second is told to them all. The servers take turns, so the ratios hold from machine to machine.

    python benchmarks/notifications.py [--turns 5] [--seconds 2]

The numbers that this protects: a thousand are told within a second; who waits costs answers less than a tenth.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import shutil
import statistics
import tempfile
import threading
import time
import urllib.request
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

from answers import Guest, load, prepare, requests_of, serving
from rsvpd.clock import system_clock
from rsvpd.commands.door import Who
from rsvpd.commands.people import add_person
from rsvpd.commands.subscriptions import MOST, Holder, NewSubscription, subscribe
from rsvpd.dialects.microsoft.resources.subscriptions import DIALECT
from rsvpd.dialects.push import origin_of
from rsvpd.mail.subscription import Terms, Topic
from rsvpd.store.database import Store

CLIENTS = 32
LISTENED = "listened@example.com"
DAY = 86_400_000_000
ANSWER = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"


class Receiver(asyncio.Protocol):
    """Counts what arrives, as bare as a receiver can be."""

    def __init__(self, count: Synchronized[int]) -> None:
        self._count = count
        self._rest = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each whole request."""
        self._rest += data
        while (end := self._rest.find(b"\r\n\r\n")) >= 0:
            at = self._rest.index(b"Content-Length: ") + 16
            whole = end + 4 + int(self._rest[at : self._rest.index(b"\r\n", at)])
            if len(self._rest) < whole:
                return
            self._rest = self._rest[whole:]
            self._count.value += 1
            self._transport.write(ANSWER)


def receive(port: Synchronized[int], count: Synchronized[int]) -> None:
    """Listen in this process until it is ended."""

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(lambda: Receiver(count), "127.0.0.1", 0)
        port.value = server.sockets[0].getsockname()[1]
        await server.serve_forever()

    asyncio.run(run())


def fill(data: Path, port: int) -> None:
    """Let a thousand subscribe to one mailbox."""
    store = Store.open(data)
    now = system_clock()
    person = store.run(add_person, LISTENED, name="Listened", zone="UTC", now=now)
    url = f"http://127.0.0.1:{port}/hook"
    terms = Terms(topic=Topic.EVENTS, url=url, resource="me/events", state="secret")
    holder = Holder(DIALECT, f"/{person.oid}")
    new = NewSubscription(holder=holder, origin=origin_of(url), expires=now + DAY, terms=terms)
    for _ in range(MOST):
        store.run(subscribe, Who(person.oid, None, now), new)
    store.close()


def change(port: int, token: str) -> None:
    """Make an event in the mailbox that is listened to."""
    times = (("start", 10), ("end", 11))
    slot = {name: {"dateTime": f"2030-01-01T{hour}:00:00", "timeZone": "UTC"} for name, hour in times}
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1.0/me/events", json.dumps(slot).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    urllib.request.urlopen(request).read()


def told(port: int, token: str, count: Synchronized[int]) -> float:
    """Return how many seconds after the answer the last was told of a change."""
    before = count.value
    change(port, token)
    began = time.perf_counter()
    while count.value < before + MOST:
        time.sleep(0.002)
    return time.perf_counter() - began


def load_while_told(port: int, token: str, requests: list[tuple[bytes, bytes]], seconds: float) -> int:
    """Return what `load` does, while something changes once a second."""
    over = threading.Event()

    def go_on() -> None:
        while not over.is_set():
            change(port, token)
            over.wait(1)

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        return load(port, requests, seconds)
    finally:
        over.set()
        thread.join()


def main() -> None:
    """Print what one run says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    args = parser.parse_args()
    receiver_port, count = multiprocessing.Value("i", 0), multiprocessing.Value("i", 0)
    receiver = multiprocessing.Process(target=receive, args=(receiver_port, count), daemon=True)
    receiver.start()
    while not receiver_port.value:
        time.sleep(0.01)
    with tempfile.TemporaryDirectory() as folder:
        quiet, heard = Path(folder) / "quiet.db", Path(folder) / "heard.db"
        guests = prepare(quiet)[:CLIENTS]
        shutil.copy(quiet, heard)
        fill(heard, receiver_port.value)
        with serving(quiet) as (alone, _, tokens), serving(heard) as (port, _, heard_tokens):
            report(args, guests, alone, tokens, port, heard_tokens, count)
    receiver.terminate()


def report(
    args: argparse.Namespace,
    guests: list[Guest],
    alone: int,
    tokens: dict[str, str],
    port: int,
    heard_tokens: dict[str, str],
    count: Synchronized[int],
) -> None:
    """Let the servers take turns, and print."""
    token = heard_tokens[LISTENED]
    times = [told(port, token, count) for _ in range(args.turns)]
    print(f"{MOST} told of one change: {statistics.median(times):.2f} s (most {max(times):.2f} s)")
    plain, waiting, telling = list[int](), list[int](), list[int]()
    own, others = requests_of(guests, tokens, alone), requests_of(guests, heard_tokens, port)
    load(alone, own, args.seconds), load(port, others, args.seconds)  # until both know their people
    for turn in range(args.turns):
        both = ((plain, alone, own), (waiting, port, others))
        for found, where, requests in both if turn % 2 else reversed(both):
            found.append(load(where, requests, args.seconds))
        telling.append(load_while_told(port, token, others, args.seconds))
        time.sleep(2)
    for name, found in (("nobody subscribed", plain), ("1,000 wait", waiting), ("1,000 are told each second", telling)):
        ratio = statistics.median(one / base for one, base in zip(found, plain, strict=True))
        print(f"{name}: {statistics.median(found) / args.seconds:,.0f} accepts/s, ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
