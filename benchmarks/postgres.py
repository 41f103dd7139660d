"""What PostgreSQL costs, beside a data file: all of it on one machine, over loopback, with every COMMIT on the disk.

Printed in one run: accepts per second over HTTP at 32 clients with two workers, over the same commands in a bare loop
of two processes with eight threads each; how long another process takes to hear of a commit; and a list that has not
changed, over a database and over a data file in turns.

    python benchmarks/postgres.py [--seconds 4]

The numbers that this protects: 0.5 of the bare loop, and 50 ms until a commit is heard, at the 99th percentile.
"""

from __future__ import annotations

import argparse
import http.client
import multiprocessing
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from answers import Guest, load, prepare, requests_of, serving
from rsvpd import ids
from rsvpd.calendar.event import Answer
from rsvpd.clock import system_clock
from rsvpd.commands.calendar import answer_event
from rsvpd.commands.door import Who
from rsvpd.commands.references import EventRef
from rsvpd.store.database import Store
from rsvpd.store.engine import Commit
from support.postgres import Server

CLIENTS, PROCESSES, THREADS = 32, 2, 8
LIST = "/v1.0/me/events?$top=50"
TURNS, HEARD = 10, 300


def bare(url: str, guests: list[Guest], seconds: float) -> int:
    """Return how many accepts threads of one process came to, without HTTP."""
    store = Store.open(url)
    until = time.perf_counter() + seconds

    def answer_on(mine: list[Guest]) -> int:
        done = 0
        while time.perf_counter() < until:
            one = mine[done % len(mine)]
            ref = EventRef(item=ids.decode(one.event_id))
            answer = Answer.ACCEPTED if (done // len(mine)) % 2 else Answer.TENTATIVE
            store.run(answer_event, Who(one.oid, None, system_clock()), ref, answer, comment="I will be there!")
            done += 1
        return done

    with ThreadPoolExecutor(THREADS) as pool:
        total = sum(pool.map(answer_on, (guests[n::THREADS] for n in range(THREADS))))
    store.close()
    return total


def heard(url: str, guest: Guest) -> list[float]:
    """Return how long after each commit another store over the same database hears of it, in seconds."""
    here, there = Store.open(url), Store.open(url)
    arrived, took = threading.Event(), []
    ref = EventRef(item=ids.decode(guest.event_id))

    def listen(commit: Commit) -> None:
        if commit.newest:
            arrived.set()

    with there.on_commit(listen):
        time.sleep(1)  # until it listens
        for number in range(HEARD):
            arrived.clear()
            answer = Answer.ACCEPTED if number % 2 else Answer.TENTATIVE
            here.run(answer_event, Who(guest.oid, None, system_clock()), ref, answer, comment="soon")
            began = time.perf_counter()
            arrived.wait(5)
            took.append(time.perf_counter() - began)
    here.close()
    there.close()
    return sorted(took)


def rate(port: int, token: str, seconds: float) -> float:
    """Return how often a second a list is answered over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    done, until = 0, time.perf_counter() + seconds
    while time.perf_counter() < until:
        connection.request("GET", LIST, headers={"Authorization": f"Bearer {token}"})
        connection.getresponse().read()
        done += 1
    connection.close()
    return done / seconds


def measure(folder: Path, server: Server, seconds: float) -> None:
    """Print the table."""
    server.run("CREATE DATABASE bench")
    url, context = server.url("bench"), multiprocessing.get_context("spawn")
    guests = prepare(url)
    asked = guests[:: len(guests) // CLIENTS]
    shares = [asked[n::PROCESSES] for n in range(PROCESSES)]
    with context.Pool(PROCESSES) as pool:
        alone = sum(pool.starmap(bare, [(url, share, seconds) for share in shares])) / seconds
    flags = ("--database", url, "--workers", str(PROCESSES))
    with serving(folder / "place", more=flags) as (port, _, tokens), context.Pool(1) as pool:
        pairs = requests_of(asked, tokens, port)
        pool.apply(load, (port, pairs[:8], 1.0))
        done = pool.apply(load, (port, pairs, seconds)) / seconds
    print(f"accepts at {CLIENTS} clients, {PROCESSES} workers: {done:.0f}/s, bare {alone:.0f}/s: {done / alone:.2f}")
    took = heard(url, guests[0])
    middle, late = took[len(took) // 2] * 1000, took[len(took) * 99 // 100] * 1000
    print(f"a commit is heard elsewhere after {middle:.1f} ms, at the 99th percentile {late:.1f} ms")
    data = folder / "bench.db"
    prepare(data)
    name = guests[0].address
    with (
        serving(folder / "other", more=("--database", url)) as (port, _, tokens),
        serving(data) as (file_port, _, file_tokens),
    ):
        rates: dict[str, list[float]] = {"database": [], "data file": []}
        for _ in range(TURNS):
            rates["database"].append(rate(port, tokens[name], seconds / TURNS))
            rates["data file"].append(rate(file_port, file_tokens[name], seconds / TURNS))
    over, plain = statistics.median(rates["database"]), statistics.median(rates["data file"])
    print(f"an unchanged list: {over:.0f}/s over a database, {plain:.0f}/s over a data file: {over / plain:.2f}")


def main() -> None:
    """Read the flags and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each measurement takes")
    flags = parser.parse_args()
    server = Server(fsync="on", full_page_writes="on", synchronous_commit="on")
    try:
        with tempfile.TemporaryDirectory() as scratch:
            measure(Path(scratch), server, flags.seconds)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
