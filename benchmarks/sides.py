"""Versions of rsvpd side by side: the server of each, whose turn it is, what is sent, what a file has grown by."""

from __future__ import annotations

import contextlib
import http.client
import json
import multiprocessing
import os
import select
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from answers import serving

IDLE_SECONDS = 1.0  # far less than the server keeps a connection that nobody uses
FRAME_HEADER = 24  # https://www.sqlite.org/fileformat2.html#the_write_ahead_log


class Side:
    """One version: where its source is, its data file, and the server on it."""

    def __init__(self, source: Path, folder: Path) -> None:
        folder.mkdir()
        self.source, self.data = source, folder / "model.db"
        self.port = 0
        self.tokens: dict[str, str] = {}
        self._connections: dict[str, tuple[http.client.HTTPConnection, float]] = {}  # and when they were used

    def run(self, *args: str, sent: str = "") -> str:
        """Run a Python of this version and return what it prints."""
        paths = os.pathsep.join((str(self.source / "src"), str(self.source / "benchmarks")))
        environ = os.environ | {"PYTHONPATH": paths}
        done = subprocess.run([sys.executable, *args], input=sent, capture_output=True, text=True, env=environ)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    @contextlib.contextmanager
    def serve(self, *people: str) -> Iterator[None]:
        """Give people a mailbox where they are named, and run the server."""
        if people:
            self.run("-m", "rsvpd.cli.rsvpd", "user", "add", *people, "--data", str(self.data))
        with serving(self.data, source=self.source) as (self.port, _, self.tokens):
            yield

    def ask(self, who: str, method: str, path: str, body: Any = None) -> Any:
        """Return the JSON of an answer, or None where it has no body."""
        found = self.fetch(who, method, path, body)
        return json.loads(found) if found else None

    def fetch(self, who: str, method: str, path: str, body: Any = None) -> bytes:
        """Return the body of an answer."""
        connection, used = self._connections.get(who, (None, 0.0))
        if connection is None or time.monotonic() - used > IDLE_SECONDS:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        headers = {"Authorization": f"Bearer {self.tokens[who]}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body)
        connection.request(method, path.replace(" ", "%20"), content, headers)
        reply = connection.getresponse()
        found = reply.read()
        self._connections[who] = (connection, time.monotonic())
        if reply.status >= 300:
            raise RuntimeError(f"{method} {path}: {reply.status} {found[:300]!r}")
        return found


# --- turns


def took(act: Callable[[], Any]) -> float:
    """Return how many seconds it takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def in_turns(sides: list[Any], times: int, act: Callable[[Any, int], Any]) -> list[list[Any]]:
    """Return what `act` returns of each side in each turn; who begins takes turns, too."""
    found: list[list[Any]] = [[] for _ in sides]
    for turn in range(times):
        order = range(len(sides))
        for place in reversed(order) if turn % 2 else order:
            found[place].append(act(sides[place], turn))
    return found


def medians(found: list[list[float]]) -> list[float]:
    """Return the median of each side."""
    return [statistics.median(one) for one in found]


# --- what is sent


def drive(port: int, requests: list[bytes], seconds: float) -> int:
    """Send a request over each connection over and over; return how many were answered 201."""
    poll, waiting, done = select.poll(), {}, 0
    for request in requests:
        connection = socket.create_connection(("127.0.0.1", port))
        poll.register(connection, select.POLLIN)
        waiting[connection.fileno()] = (connection, request, b"")
        connection.sendall(request)
    until = time.perf_counter() + seconds
    while waiting:
        for number, _ in poll.poll():
            connection, request, before = waiting[number]
            found = before + connection.recv(1 << 20)
            waiting[number] = (connection, request, found)
            if not is_whole(found):
                continue
            if not found.startswith(b"HTTP/1.1 201"):
                raise RuntimeError(found.decode())
            done += 1
            waiting[number] = (connection, request, b"")
            if time.perf_counter() < until:
                connection.sendall(request)
            else:
                del waiting[number]
                poll.unregister(connection)
                connection.close()
    return done


def is_whole(reply: bytes) -> bool:
    """Return whether an answer has come to its end."""
    head, end, body = reply.partition(b"\r\n\r\n")
    length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
    return bool(end) and len(body) >= int(length.partition(b":")[2])


def probe(port: int, token: str, started: Event, stop: Event, waits: Any) -> None:
    """Read the own calendar over and over until told to stop; put when each began and how long it took."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    found: list[tuple[float, float]] = []
    while not stop.is_set():
        began = time.monotonic()
        connection.request("GET", "/v1.0/me/events?$top=1", headers={"Authorization": f"Bearer {token}"})
        if connection.getresponse().read() and started.is_set():
            found.append((began, time.monotonic() - began))
        started.set()
        time.sleep(0.001)
    waits.put(found)


@contextlib.contextmanager
def waiting(side: Side, who: str) -> Iterator[list[float]]:
    """Let somebody read meanwhile; fill the list, at the end, with what each read took."""
    context, found = multiprocessing.get_context("spawn"), list[float]()
    started, stop, waits = context.Event(), context.Event(), context.Queue()
    process = context.Process(target=probe, args=(side.port, side.tokens[who], started, stop, waits))
    process.start()
    started.wait(60)
    began = time.monotonic()
    yield found
    stop.set()
    found += [seconds for when, seconds in waits.get(timeout=300) if when + seconds >= began]
    process.join()


# --- what is in the data file


def frames(data: Path) -> tuple[bytes, int]:
    """Return which WAL this is, and how many frames it has (https://www.sqlite.org/walformat.html)."""
    index = Path(f"{data}-shm").read_bytes()[:48]
    return index[32:40], int.from_bytes(index[16:20], sys.byteorder)


@contextlib.contextmanager
def growth(data: Path) -> Iterator[dict[str, float]]:
    """Yield what is filled, at the end, with the bytes by which the WAL and the outbox have grown."""
    found: dict[str, float] = {}
    with contextlib.closing(sqlite3.connect(f"file:{data}?mode=ro", uri=True)) as keeper:
        outbox = outbox_bytes(data)
        keeper.execute("BEGIN")
        keeper.execute("SELECT count(*) FROM outbox").fetchone()  # as long as this is read, the WAL only grows
        (page,) = keeper.execute("PRAGMA page_size").fetchone()
        salt, before = frames(data)
        yield found
        now, after = frames(data)
        found["wal"] = (after - before if now == salt else after) * (page + FRAME_HEADER)
    found["outbox"] = outbox_bytes(data) - outbox


def outbox_bytes(data: Path) -> int:
    """Return how many bytes stand in the table of what leaves the server."""
    with contextlib.closing(sqlite3.connect(f"file:{data}?mode=ro", uri=True)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(outbox)")]
        lengths = " + ".join(f"coalesce(length(CAST({one} AS BLOB)), 0)" for one in columns)
        return int(connection.execute(f"SELECT coalesce(sum({lengths}), 0) FROM outbox").fetchone()[0])  # noqa: S608 - our columns
