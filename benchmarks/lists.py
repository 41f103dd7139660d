"""What a list costs, over a bare ASGI reply of the same bytes.

rsvpd with a mailbox of 1,000 items, with one of 100,000, and a server that answers nothing but those bytes take turns:
a client asks over and over. Printed for each list and mailbox: answers per second, the ratio to bare ones, CPU per
answer, and how much of the smaller mailbox's that is. `changed` is the first read after another profile changed all
that is on the page. Ratios of one run hold from machine to machine, the rest does not.

    python benchmarks/lists.py [--seconds 10] [--few 1000] [--many 100000]

The numbers that this protects: 0.30, for what was changed 0.06, and with 100,000 items no more than 1.2 times the CPU
that 1,000 take.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import select
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from msgspec import Struct, structs

from answers import START, serving
from rsvpd.calendar.event import Attendee, Location, Meeting, Timed
from rsvpd.calendar.event import Event as CalendarEvent
from rsvpd.clock import to_datetime
from rsvpd.commands.door import writes
from rsvpd.commands.people import add_person
from rsvpd.mail.address import Mailbox
from rsvpd.mail.content import Body, BodyKind
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import Letter
from rsvpd.scheduling.effects import Effect, FileLetter, PutCopy
from rsvpd.store.apply import apply
from rsvpd.store.database import Store
from rsvpd.store.sqlite.upgrade_7 import separate
from rsvpd.store.tx import Tx

OWNER = "owner@example.com"
CLIENTS = 1  # more would only wait for each other, and for the machine that they share
TURNS = 10
CHANGED_ROUNDS = 15
ONCE = 500
ACCEPT_SECONDS = 0.01  # until a server has taken a connection, which is no part of what is measured
_ON_WRITE = 0b10  # of a clock id: the clock that the scheduler keeps (Linux, posix-timers)

EVENTS = "/v1.0/me/events?$top=50"
LISTS = {
    "calendarView": "/v1.0/me/calendarView?startDateTime=2027-01-04T00:00:00Z&endDateTime=2027-12-31T00:00:00Z&$top=50",
    "events": EVENTS,
    "messages": "/v1.0/me/messages?$top=25&$select=subject,from,receivedDateTime,isRead",
}


# Answers per second, and the CPU seconds of each.
Turn = tuple[float, float]


class Served(Struct, frozen=True):
    """A server: where it is, what it is asked, the process whose CPU counts."""

    port: int
    request: bytes
    pid: int


@writes
def carry_out(tx: Tx, effects: Iterable[Effect]) -> None:
    """Apply effects."""
    apply(tx, effects)


def prepare(data: Path | str, items: int) -> None:
    """Make a mailbox with as many events, an hour each, and as many messages."""
    store = Store.open(data)
    owner = store.run(add_person, OWNER, zone="Europe/Berlin", now=START)
    begin = to_datetime(START).replace(tzinfo=None, minute=0, second=0, microsecond=0)
    guests = tuple(Attendee(address=f"guest{n}@example.org", name=f"Guest {n}") for n in range(3))
    body = Body("<html><body><p>What we talk about, at some length.</p></body></html>", BodyKind.HTML)
    letter = Letter(subject="News", body=body, sender=guests_of(guests), from_=guests_of(guests), sent=START)
    for first in range(0, items, ONCE):
        numbers = range(first, min(first + ONCE, items))
        store.run(carry_out, [
            PutCopy(mailbox=owner.number, copy=separate(meeting(owner.mailbox, begin, number, guests, body))[0])
            for number in numbers
        ])  # fmt: skip
        store.run(carry_out, [
            FileLetter(
                mailbox=owner.number, folder=Folder.INBOX,
                letter=structs.replace(letter, subject=f"News {number}", sent=START + number),
            )
            for number in numbers
        ])  # fmt: skip
    store.close()


def guests_of(guests: tuple[Attendee, ...]) -> Mailbox:
    """Return the first of them as a sender."""
    return Mailbox(guests[0].address, guests[0].name)


def meeting(organizer: Mailbox, begin: datetime, number: int, guests: tuple[Attendee, ...], body: Body) -> Meeting:
    """Return the meeting that begins so many hours later."""
    start = begin + timedelta(hours=number % 80_000)
    event = CalendarEvent(
        subject=f"Planning {number}", body=body, start=Timed(start, "Europe/Berlin"),
        end=Timed(start + timedelta(hours=1), "Europe/Berlin"), attendees=guests, locations=(Location(name="Room 7"),),
    )
    return Meeting(uid=f"u{number}@example.com", organizer=organizer, is_organizer=True, event=event, created=START)


# --- the bare reply


def answer_bare(body: bytes, ready: Path) -> None:
    """Answer everything with `body`, with nothing between ASGI and the socket."""
    head = {
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))],
    }
    content = {"type": "http.response.body", "body": body}

    async def app(_scope: object, _receive: object, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        await send(head)
        await send(content)

    bound = socket.create_server(("127.0.0.1", 0))
    ready.write_text(str(bound.getsockname()[1]))
    config = uvicorn.Config(app, http="httptools", lifespan="off", log_config=None, access_log=False, ws="none")
    with contextlib.suppress(KeyboardInterrupt):  # how it is ended
        uvicorn.Server(config).run(sockets=[bound])


@contextlib.contextmanager
def serving_bare(folder: Path, body: bytes) -> Iterator[Served]:
    """Run the bare server in a process of its own."""
    content, ready = folder / "body.json", folder / "bare.ready"
    content.write_bytes(body)
    ready.unlink(missing_ok=True)
    server = subprocess.Popen([sys.executable, __file__, "--bare", str(content), "--ready", str(ready)])
    try:
        while not (ready.exists() and ready.read_text()) and server.poll() is None:
            time.sleep(0.02)
        time.sleep(0.2)
        port = int(ready.read_text())
        yield Served(port, f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode(), server.pid)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


# --- clients


def cpu(pid: int) -> float:
    """Return the CPU seconds of another process, to the nanosecond."""
    return time.clock_gettime((~pid << 3) | _ON_WRITE)


def ask(served: Served, seconds: float, *, most: int = sys.maxsize) -> Turn:
    """Ask over several connections for so many seconds, or so often; return answers per second and CPU of each."""
    connected = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(CLIENTS)]
    time.sleep(ACCEPT_SECONDS)
    sockets = {one.fileno(): one for one in connected}
    poll, waiting = select.poll(), dict.fromkeys(sockets, 0)
    used, began, done = cpu(served.pid), time.perf_counter(), 0
    for number, one in sockets.items():
        poll.register(number, select.POLLIN)
        one.sendall(served.request)
    open_ = set(sockets)
    while open_:
        for number, _ in poll.poll():
            content = sockets[number].recv(1 << 20)
            if not waiting[number]:
                waiting[number] = _length(content)
            waiting[number] -= len(content)
            if waiting[number]:
                continue
            done += 1
            if done < most and time.perf_counter() - began < seconds:
                sockets[number].sendall(served.request)
            else:
                open_.discard(number)
    took, used = time.perf_counter() - began, cpu(served.pid) - used
    for one in sockets.values():
        one.close()
    return done / took, used / done


def _length(answer: bytes) -> int:
    """Return how long an answer is with its head. Raises RuntimeError for one that is not 200."""
    head, blank, _ = answer.partition(b"\r\n\r\n")
    if not answer.startswith(b"HTTP/1.1 200") or not blank:
        raise RuntimeError(answer[:500].decode())
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return len(head) + 4 + int(length.partition(b":")[2])


def fetch(port: int, token: str, path: str, *, method: str = "GET", body: object = None) -> bytes:
    """Return the body of one answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request(method, path, body=None if body is None else json.dumps(body), headers=headers)
    reply = connection.getresponse()
    content = reply.read()
    connection.close()
    if reply.status != 200:
        raise RuntimeError(f"{method} {path}: {reply.status} {content[:300]!r}")
    return content


def request(port: int, token: str, path: str) -> bytes:
    """Return the bytes that ask for a list."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


# --- measurements


class Measured(Struct, frozen=True):
    """A server with a mailbox of so many items."""

    items: int
    port: int
    pid: int
    token: str

    def asked(self, path: str) -> Served:
        """Return the server as it is asked for a list."""
        return Served(self.port, request(self.port, self.token, path), self.pid)

    def change(self, turn: int) -> None:
        """Change everything on a page of events through another profile."""
        for one in json.loads(fetch(self.port, self.token, EVENTS))["value"]:
            body = {"Categories": [f"Turn {turn}"]}
            fetch(self.port, self.token, f"/api/v2.0/me/events/{one['id']}", method="PATCH", body=body)


@contextlib.contextmanager
def serving_mailbox(folder: Path, items: int) -> Iterator[Measured]:
    """Make a mailbox and run a server on it."""
    data = folder / f"{items}.db"
    prepare(data, items)
    with serving(data) as (port, pid, tokens):
        yield Measured(items, port, pid, tokens[OWNER])


def measure(folder: Path, mailboxes: list[Measured], seconds: float) -> None:
    """Print a line for each list and mailbox; all of them and the bare reply take turns."""
    for name, path in LISTS.items():
        first = mailboxes[0]
        with serving_bare(folder, fetch(first.port, first.token, path)) as bare:
            servers = [*(one.asked(path) for one in mailboxes), bare]
            slice_ = seconds / TURNS / len(servers)
            show(name, mailboxes, [[ask(one, slice_) for one in servers] for _ in range(TURNS)])
            if path == EVENTS:
                show(f"{name}, changed", mailboxes, [after_change(mailboxes, bare, n) for n in range(CHANGED_ROUNDS)])


def after_change(mailboxes: list[Measured], bare: Served, turn: int) -> list[Turn]:
    """Return what the first read of each mailbox costs after everything on the page was changed, and a bare reply."""
    found = []
    for one in mailboxes:
        one.change(turn)
        found.append(ask(one.asked(EVENTS), 60, most=1))
    return [*found, ask(bare, 60, most=1)]


def show(name: str, mailboxes: list[Measured], turns: list[list[Turn]]) -> None:
    """Print the medians of turns, in each of which the bare reply is the last."""
    *ours, (plain, least) = [
        tuple(statistics.median(turn[which][what] for turn in turns) for what in (0, 1))
        for which in range(len(mailboxes) + 1)
    ]
    for mailbox, (rate, used) in zip(mailboxes, ours, strict=True):
        print(
            f"{mailbox.items:>7,} {name:<16} {rate:>6.0f}/s, bare {plain:>6.0f}/s: {rate / plain:5.3f}"
            f"   CPU {used * 1e6:6.0f} us, bare {least * 1e6:4.0f} us   {used / ours[0][1]:4.2f} of the first",
            flush=True,
        )


def main() -> None:
    """Read the flags and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10, help="how long each list takes, bare turns included")
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--bare", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--ready", type=Path, help=argparse.SUPPRESS)
    flags = parser.parse_args()
    if flags.bare:
        return answer_bare(flags.bare.read_bytes(), flags.ready)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sizes = [flags.few, *([flags.many] if flags.many else [])]
        measure(folder, [stack.enter_context(serving_mailbox(folder, one)) for one in sizes], flags.seconds)
    return None


if __name__ == "__main__":
    main()
