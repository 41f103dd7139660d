"""What PostgreSQL costs, beside a data file: all of it on one machine, over loopback, with every COMMIT on the disk.

Printed in one run: accepts per second over HTTP at 32 clients with two workers, over the same commands in a bare loop
of two processes with eight threads each; what CPU an accept takes, of rsvpd's processes and of PostgreSQL's, with one
worker and with two, and over a data file; what a meeting with ten guests takes without HTTP; how long another process
takes to hear of a commit; and a list that has not changed, over a database and over a data file in turns.

    python benchmarks/postgres.py [--seconds 4]

The numbers that this protects: 0.5 of the bare loop, and 50 ms until a commit is heard, at the 99th percentile.
"""

from __future__ import annotations

import argparse
import http.client
import multiprocessing
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from answers import Guest, load, prepare, requests_of, serving
from rsvpd import ids
from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.calendar.event import Answer, Timed
from rsvpd.clock import system_clock
from rsvpd.commands.calendar import answer_event, create_event
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


def cpu(root: int) -> float:
    """Return the CPU seconds of a process and of all that it started, those that are over too."""
    stats = {int(one.parent.name): _stat(one) for one in Path("/proc").glob("[0-9]*/stat")}
    tree, found = {root}, [root]
    while found:
        found = [pid for pid, (parent, _) in stats.items() if parent in tree and pid not in tree]
        tree.update(found)
    return sum(stats[pid][1] for pid in tree if pid in stats) / os.sysconf("SC_CLK_TCK")


def _stat(file: Path) -> tuple[int, int]:
    """Return the parent of a process, and the ticks of it and of its children that are over (proc(5))."""
    try:
        fields = file.read_text().rpartition(")")[2].split()
    except OSError:  # over meanwhile
        return 0, 0
    return int(fields[1]), sum(map(int, fields[11:15]))


def accepts(
    place: Path, asked: list[Guest], seconds: float, server: Server | None = None, more: Sequence[str] = ()
) -> float:
    """Return how many accepts a second a server comes to; print what CPU one takes."""
    with serving(place, more=more) as (port, pid, tokens), multiprocessing.get_context("spawn").Pool(1) as pool:
        pairs = requests_of(asked, tokens, port)
        pool.apply(load, (port, pairs, 1.0))
        processes = {"rsvpd": pid} | ({"PostgreSQL": server.process.pid} if server else {})
        before = {name: cpu(one) for name, one in processes.items()}
        done = pool.apply(load, (port, pairs, seconds))
        used = {name: (cpu(one) - before[name]) / done * 1000 for name, one in processes.items()}
    means = ", ".join(f"{name} {took:.2f} ms" for name, took in used.items())
    print(f"CPU of an accept at {done / seconds:.0f}/s, {' '.join(more[2:]) or 'a data file'}: {means}")
    return done / seconds


def meetings(place: Path | str, guests: list[Guest], seconds: float, server: Server | None = None) -> None:
    """Print what CPU a meeting with ten guests takes, without HTTP."""
    store = Store.open(place)
    processes = {"rsvpd": os.getpid()} | ({"PostgreSQL": server.process.pid} if server else {})
    draft = EventDraft(
        start=Timed(wall=datetime(2026, 12, 8, 10), zone="Europe/Berlin"),
        end=Timed(wall=datetime(2026, 12, 8, 11), zone="Europe/Berlin"),
        subject="Planning",
        attendees=tuple(AttendeeDraft(address=one.address) for one in guests[1:11]),
    )
    store.run(create_event, Who(guests[0].oid, None, system_clock()), draft)
    before = {name: cpu(one) for name, one in processes.items()}
    done, until = 0, time.perf_counter() + seconds
    while time.perf_counter() < until:
        store.run(create_event, Who(guests[0].oid, None, system_clock()), draft)
        done += 1
    means = ", ".join(f"{name} {(cpu(one) - before[name]) / done * 1000:.2f} ms" for name, one in processes.items())
    print(f"CPU of a meeting with ten guests, {'a database' if server else 'a data file'}: {means}")
    store.close()


def measure(folder: Path, server: Server, seconds: float) -> None:
    """Print the table."""
    server.run("CREATE DATABASE bench")
    url, context = server.url("bench"), multiprocessing.get_context("spawn")
    guests = prepare(url)
    asked = guests[:: len(guests) // CLIENTS]
    shares = [asked[n::PROCESSES] for n in range(PROCESSES)]
    with context.Pool(PROCESSES) as pool:
        alone = sum(pool.starmap(bare, [(url, share, seconds) for share in shares])) / seconds
    database = ("--database", url, "--workers")
    accepts(folder / "place", asked, seconds, server, (*database, "1"))
    done = accepts(folder / "place", asked, seconds, server, (*database, str(PROCESSES)))
    print(f"accepts at {CLIENTS} clients, {PROCESSES} workers: {done:.0f}/s, bare {alone:.0f}/s: {done / alone:.2f}")
    took = heard(url, guests[0])
    middle, late = took[len(took) // 2] * 1000, took[len(took) * 99 // 100] * 1000
    print(f"a commit is heard elsewhere after {middle:.1f} ms, at the 99th percentile {late:.1f} ms")
    data = folder / "bench.db"
    of_file = prepare(data)
    accepts(data, of_file[:: len(of_file) // CLIENTS], seconds)
    meetings(url, guests, seconds, server)
    meetings(data, of_file, seconds)
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
