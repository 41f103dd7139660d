"""How many answers per second, and what one costs.

One run prints, side by side: accepts per second over HTTP (Microsoft Graph, with authentication) at
1, 8, 32 and 128 clients; the ceiling, which is the same commands in a bare loop of transactions with
groups as large as there are clients; their ratio; CPU of the server and WAL bytes per accept. Ratios
taken in one run hold from machine to machine, absolute numbers do not.

    python benchmarks/answers.py [--seconds 4] [--data FOLDER] [--profile FILE]

The table is made without the log of requests. What the log costs is measured in a run of its own: two
servers, one with it and one without, take turns at 32 clients.

    python benchmarks/answers.py --request-log [--seconds 4]

The number that this protects: accepts per second with the log are 0.9 of those without, or more.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import select
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec

from rsvpd import ids
from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.calendar.event import Answer, Timed
from rsvpd.clock import parse_instant, system_clock
from rsvpd.commands.calendar import answer_event, create_event, get_event
from rsvpd.commands.door import Who
from rsvpd.commands.people import add_person
from rsvpd.commands.references import EventRef
from rsvpd.mail.person import Person
from rsvpd.store.database import Store
from rsvpd.store.sqlite.file import connect_writer
from rsvpd.store.sqlite.session import SqliteSession
from rsvpd.store.tx import Directory, Rules, Tx
from rsvpd.work import Work

CLIENTS = (1, 8, 32, 128)
LOG_CLIENTS = 32
LOG_TURNS = 20
GUESTS_PER_MEETING = 8
START = parse_instant("2026-12-01T09:00:00")


class Guest(msgspec.Struct, frozen=True):
    """Somebody invited: who, and the id of the invitation in the own calendar."""

    address: str
    oid: str
    event_id: str


def prepare(data: Path | str) -> list[Guest]:
    """Make a data file with 128 guests of 16 meetings, each meeting by an organizer of its own, or fill a database."""
    store = Store.open(data)
    guests: list[Guest] = []
    for meeting in range(max(CLIENTS) // GUESTS_PER_MEETING):
        organizer = _person(store, f"organizer{meeting}@example.com")
        people = [_person(store, f"guest{meeting}-{n}@example.com") for n in range(GUESTS_PER_MEETING)]
        draft = EventDraft(
            start=Timed(wall=_wall(10), zone="Europe/Berlin"),
            end=Timed(wall=_wall(11), zone="Europe/Berlin"),
            subject=f"Planning {meeting}",
            attendees=tuple(AttendeeDraft(address=one.address, name=one.name) for one in people),
        )
        made = store.run(create_event, Who(organizer.oid, None, START), draft).value
        for one in people:
            view = store.run(get_event, Who(one.oid, None, START), EventRef(uid=made.meeting.uid))
            guests.append(Guest(one.address, one.oid, view.id))
    store.close()
    return guests


def bare_loop(data: Path, guests: list[Guest], clients: int, seconds: float) -> tuple[float, float, float]:
    """Return accepts per second, CPU seconds per accept and WAL bytes per accept of the commands alone."""
    connection = connect_writer(data)
    directory, rules = Directory(), Rules()
    refs = [(one.oid, EventRef(item=ids.decode(one.event_id))) for one in guests[:clients]]
    wal = Path(f"{data}-wal")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    done, began, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds and wal.stat().st_size < 512 * 2**20:
        answer = Answer.ACCEPTED if (done // clients) % 2 else Answer.TENTATIVE
        connection.execute("BEGIN IMMEDIATE")
        for oid, ref in refs:
            connection.execute("SAVEPOINT command")
            tx = Tx(SqliteSession(connection), directory=directory, entropy=os.urandom, rules=rules, work=Work(10**12))
            answer_event(tx, Who(oid, None, system_clock()), ref, answer, comment="I will be there!")
            connection.execute("RELEASE command")
            directory.learn(tx)
        connection.execute("COMMIT")
        done += clients
    took, used = time.perf_counter() - began, time.process_time() - cpu
    size = wal.stat().st_size
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return done / took, used / done, size / done


@contextlib.contextmanager
def serving(
    data: Path,
    *,
    profile: Path | None = None,
    log: IO[bytes] | None = None,
    source: Path | None = None,
    more: Sequence[str] = (),
) -> Iterator[tuple[int, int, dict[str, str]]]:
    """Run a server on `data`; yield its port, its process id and a token for each address.

    Requests are logged to `log`, or not at all. `source` is a folder with the source of another version, `more` are
    flags.
    """
    ready = data.with_suffix(".ready")
    ready.unlink(missing_ok=True)
    command = ["-m", "rsvpd.cli.rsvpd", "up", "--port", "0", "--data", str(data), "--no-seed"]
    wrapped = ["-m", "cProfile", "-o", str(profile)] if profile else []
    quiet = [] if log else ["--quiet"]
    server = subprocess.Popen(
        [sys.executable, *wrapped, *command, *quiet, "--ready-file", str(ready), *more],
        stdout=subprocess.DEVNULL, stderr=log,
        env=os.environ | ({"PYTHONPATH": str(source / "src")} if source else {}),
    )
    try:
        while not ready.exists() and server.poll() is None:
            time.sleep(0.02)
        found = json.loads(ready.read_text())
        tokens = {address: one["token"] for address, one in found["people"].items()}
        yield int(found["url"].rpartition(":")[2]), server.pid, tokens
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


def load(port: int, requests: list[tuple[bytes, bytes]], seconds: float) -> int:
    """Send accept and tentative in turn over one connection per client; return how many were answered 202.

    As bare as a client can be, since it shares the machine with what it measures.
    """
    sockets = [socket.create_connection(("127.0.0.1", port)) for _ in requests]
    pairs = {one.fileno(): (one, pair) for one, pair in zip(sockets, requests, strict=True)}
    turns = dict.fromkeys(pairs, 0)
    poll = select.poll()
    for number, (one, pair) in pairs.items():
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        poll.register(number, select.POLLIN)
        one.sendall(pair[0])
    until, waiting = time.perf_counter() + seconds, len(pairs)
    while waiting:
        for number, _ in poll.poll():
            one, pair = pairs[number]
            answer = one.recv(65536)
            if not (answer.startswith(b"HTTP/1.1 202") and answer.endswith(b"\r\n\r\n")):
                raise RuntimeError(answer.decode())
            turns[number] += 1
            if time.perf_counter() < until:
                one.sendall(pair[turns[number] % 2])
            else:
                waiting -= 1
    for one in sockets:
        one.close()
    return sum(turns.values())


def requests_of(guests: list[Guest], tokens: dict[str, str], port: int) -> list[tuple[bytes, bytes]]:
    """Return for each guest the bytes of an accept and of a tentative accept."""
    body = b'{"comment":"I will be there!","sendResponse":true}'
    return [
        (
            _request("accept", one.event_id, tokens[one.address], port, body),
            _request("tentativelyAccept", one.event_id, tokens[one.address], port, body),
        )
        for one in guests
    ]


def _request(action: str, event_id: str, token: str, port: int, body: bytes) -> bytes:
    return (
        f"POST /v1.0/me/events/{event_id}/{action} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def cpu_seconds(pid: int) -> float:
    """Return what a process has taken of the processor so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _person(store: Store, address: str) -> Person:
    return store.run(add_person, address, zone="Europe/Berlin", now=START)


def _wall(hour: int) -> datetime:
    return datetime(2026, 12, 8, hour)


def measure(folder: Path, seconds: float, profile: Path | None) -> None:
    """Print the table."""
    data = folder / "bench.db"
    guests = prepare(data)
    ceilings = {clients: bare_loop(data, guests, clients, seconds) for clients in CLIENTS}
    print(f"{'clients':>8} {'HTTP/s':>9} {'bare/s':>9} {'ratio':>6} {'CPU ms':>8} {'bare CPU ms':>12} {'WAL B':>8}")
    with serving(data, profile=profile) as (port, pid, tokens):
        pairs = requests_of(guests, tokens, port)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            pool.apply(load, (port, pairs[:8], 0.5))
            for clients in CLIENTS:
                before = cpu_seconds(pid)
                done = pool.apply(load, (port, pairs[:clients], seconds))
                used = cpu_seconds(pid) - before
                bare, bare_cpu, wal = ceilings[clients]
                print(
                    f"{clients:>8} {done / seconds:>9.0f} {bare:>9.0f} {done / seconds / bare:>6.2f}"
                    f" {used / done * 1000:>8.3f} {bare_cpu * 1000:>12.3f} {wal:>8.0f}"
                )


def measure_log(folder: Path, seconds: float) -> None:
    """Print what the log of requests costs: two servers take turns, so that both meet the same machine."""
    data, other = folder / "bench.db", folder / "quiet.db"
    guests = prepare(data)
    shutil.copyfile(data, other)
    turns: dict[str, list[float]] = {"with": [], "without": []}
    with (
        open(folder / "requests.log", "wb") as log,
        serving(data, log=log) as (port, pid, tokens),
        serving(other) as (quiet_port, quiet_pid, quiet_tokens),
        multiprocessing.get_context("spawn").Pool(1) as pool,
    ):
        servers = {
            "with": (port, requests_of(guests[:LOG_CLIENTS], tokens, port)),
            "without": (quiet_port, requests_of(guests[:LOG_CLIENTS], quiet_tokens, quiet_port)),
        }
        warming = {name: pool.apply(load, (at, pairs[:8], 0.5)) for name, (at, pairs) in servers.items()}
        before = {"with": cpu_seconds(pid), "without": cpu_seconds(quiet_pid)}
        done = dict.fromkeys(servers, 0)
        for turn in range(LOG_TURNS):
            for name in sorted(servers, reverse=turn % 2 == 0):
                at, pairs = servers[name]
                count = pool.apply(load, (at, pairs, seconds / LOG_TURNS))
                done[name] += count
                turns[name].append(count * LOG_TURNS / seconds)
        used = {"with": cpu_seconds(pid) - before["with"], "without": cpu_seconds(quiet_pid) - before["without"]}
    rates = {name: statistics.median(found) for name, found in turns.items()}
    for name, rate in rates.items():
        print(f"{name + ' log':>12} {rate:>7.0f} accepts/s {used[name] / done[name] * 1000:>6.3f} CPU ms")
    print(f"{'ratio':>12} {rates['with'] / rates['without']:>7.2f}")
    lines = (folder / "requests.log").read_bytes().count(b" 202 ")
    print(f"{'lines':>12} {lines:>7} of {done['with'] + warming['with']} answers")


def main() -> None:
    """Read the flags and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4.0, help="how long each measurement takes")
    parser.add_argument("--data", type=Path, help="folder for the data file (default: a temporary one)")
    parser.add_argument("--profile", type=Path, help="write a cProfile of the server's main thread here")
    parser.add_argument("--request-log", action="store_true", help="measure what the log of requests costs")
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        if flags.request_log:
            measure_log(flags.data or Path(scratch), flags.seconds)
            return
        measure(flags.data or Path(scratch), flags.seconds, flags.profile)


if __name__ == "__main__":
    main()
