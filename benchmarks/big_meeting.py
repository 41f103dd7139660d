"""One meeting of 10,000 guests, while somebody else answers invitations.

One run creates the meeting (through Google Calendar), lets every guest answer (through Microsoft Graph,
32 at a time), moves it and cancels it, and counts what arrived: nothing may be lost, nothing doubled.
All the while another user answers an invitation of his own over and over; printed is how long he waits
(p50, p99, the longest) in each phase. The number that this protects: p99 under 250 ms.

    python benchmarks/big_meeting.py [--guests 10000]
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from answers import START, load, serving
from rsvpd.commands.people import add_person
from rsvpd.store.database import Store

LIMIT_MS = 250


class Service:
    """The server under test, asked as one person or another."""

    def __init__(self, port: int, tokens: dict[str, str]) -> None:
        self.port = port
        self.tokens = tokens
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def ask(self, who: str, method: str, path: str, body: Any = None) -> Any:
        """Return the answer's JSON, or None where it has no body."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body)
        self._connection.request(method, path.replace(" ", "%20"), content, headers)
        reply = self._connection.getresponse()
        found = reply.read()
        if reply.status >= 300:
            raise RuntimeError(f"{method} {path}: {reply.status} {found[:300]!r}")
        return json.loads(found) if found else None

    def event_of(self, who: str, uid: str) -> Any:
        """Return somebody's copy of a meeting, or None."""
        page = self.ask(who, "GET", f"/v1.0/me/events?$filter=iCalUId eq '{uid}'&$select=id,isCancelled,start")
        return page["value"][0] if page["value"] else None

    def answer_request(self, who: str, event_id: str, action: str) -> bytes:
        """Return the bytes of an answer."""
        return (
            f"POST /v1.0/me/events/{event_id}/{action} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Authorization: Bearer {self.tokens[who]}\r\nContent-Length: 0\r\n\r\n"
        ).encode()


def probe(port: int, pair: tuple[bytes, bytes], started: Event, stop: Event, waits: Any) -> None:
    """Answer over and over until told to stop; put (when, how long) for each."""
    import socket

    found: list[tuple[float, float]] = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        turn = 0
        while not stop.is_set():
            began = time.perf_counter()
            connection.sendall(pair[turn % 2])
            if not connection.recv(65536).startswith(b"HTTP/1.1 202"):
                raise RuntimeError("the other user was refused")
            found.append((began, time.perf_counter() - began))
            started.set()
            turn += 1
            time.sleep(0.005)
    waits.put(found)


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for what the worker is doing; five minutes at most."""
    until = time.monotonic() + 300
    while not is_so():
        if time.monotonic() > until:
            raise RuntimeError("it did not end")
        time.sleep(0.05)


def prepare(data: Path, guests: int) -> None:
    """Make the people."""
    store = Store.open(data)
    for name in ("organizer", "other", "boss", *(f"guest{n}" for n in range(guests))):
        store.run(add_person, f"{name}@example.com", now=START)
    store.close()


def measure(folder: Path, guests: int) -> None:
    """Play the life of the meeting and print what it cost the other user."""
    data = folder / "big.db"
    prepare(data, guests)
    with serving(data, profile=None) as (port, _, tokens):
        service = Service(port, tokens)
        others = service.ask("boss@example.com", "POST", "/v1.0/me/events", _small())
        own = service.event_of("other@example.com", others["iCalUId"])["id"]
        pair = tuple(service.answer_request("other@example.com", own, one) for one in ("accept", "tentativelyAccept"))
        context = multiprocessing.get_context("spawn")
        started, stop, waits = context.Event(), context.Event(), context.Queue()
        prober = context.Process(target=probe, args=(port, pair, started, stop, waits))
        prober.start()
        started.wait(60)
        marks = play(service, guests)
        stop.set()
        found = waits.get(timeout=60)
        prober.join()
    marks.append(("all of it", marks[0][1], marks[-1][2]))
    for name, began, ended in marks:
        took = sorted(wait for when, wait in found if began <= when < ended)
        p50, p99 = (took[int(len(took) * part)] * 1000 for part in (0.5, 0.99))
        print(
            f"{name:>10}: {ended - began:7.1f} s; the other user's {len(took):5} answers: p50 {p50:6.1f} ms,"
            f" p99 {p99:6.1f} ms, longest {took[-1] * 1000:6.1f} ms"
        )
    print(f"p99 over all of it is {'under' if p99 < LIMIT_MS else 'OVER'} {LIMIT_MS} ms")


def play(service: Service, guests: int) -> list[tuple[str, float, float]]:
    """Create, answer, move and cancel; check that nothing is lost; return when each phase began and ended."""
    boss, names = "organizer@example.com", [f"guest{n}@example.com" for n in range(guests)]
    marks: list[tuple[str, float, float]] = []

    def phase(name: str, act: Callable[[], Any], is_over: Callable[[], bool]) -> Any:
        began = time.perf_counter()
        done = act()
        wait_until(is_over)
        marks.append((name, began, time.perf_counter()))
        return done

    def all_have(count: int) -> bool:
        page = service.ask(names[-1], "GET", "/v1.0/me/messages?$top=0&$count=true")
        return bool(page["@odata.count"] == count)

    body = {
        "summary": "All hands",
        "start": {"dateTime": "2030-01-01T10:00:00Z"},
        "end": {"dateTime": "2030-01-01T11:00:00Z"},
        "attendees": [{"email": one} for one in names],
    }
    path = "/calendar/v3/calendars/primary/events"
    made = phase("create", lambda: service.ask(boss, "POST", f"{path}?sendUpdates=all", body), lambda: all_have(1))
    uid = made["iCalUID"]
    pairs = []
    for one in names:
        event = service.event_of(one, uid)
        request = service.answer_request(one, event["id"], "accept")
        pairs.append((request, request))
    phase("answer", lambda: [load(service.port, pairs[n : n + 32], 0) for n in range(0, guests, 32)], lambda: True)
    organizers = service.event_of(boss, uid)["id"]
    tracked = service.ask(boss, "GET", f"/v1.0/me/events/{organizers}?$select=attendees")["attendees"]
    accepted = sum(one["status"]["response"] == "accepted" for one in tracked)
    arrived = service.ask(boss, "GET", "/v1.0/me/mailFolders/inbox/messages?$top=0&$count=true")["@odata.count"]
    print(f"{accepted} of {guests} answers tracked, {arrived} messages arrived")
    moved = {"start": {"dateTime": "2030-01-02T10:00:00Z"}, "end": {"dateTime": "2030-01-02T11:00:00Z"}}
    at = f"{path}/{made['id']}?sendUpdates=all"
    phase("move", lambda: service.ask(boss, "PATCH", at, moved), lambda: all_have(3))
    reset = service.ask(boss, "GET", f"/v1.0/me/events/{organizers}?$select=attendees")["attendees"]
    phase("cancel", lambda: service.ask(boss, "DELETE", at), lambda: all_have(4))
    copies = [service.event_of(one, uid) for one in names[:: max(1, guests // 500)]]
    print(
        f"{sum(one['status']['response'] == 'notResponded' for one in reset)} of {guests} asked again,"
        f" {sum(one['isCancelled'] for one in copies)} of {len(copies)} sampled copies cancelled"
    )
    return marks


def _small() -> dict[str, Any]:
    return {
        "subject": "Another meeting",
        "start": {"dateTime": "2030-01-01T10:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2030-01-01T11:00:00", "timeZone": "UTC"},
        "attendees": [{"emailAddress": {"address": "other@example.com"}}],
    }


def main() -> None:
    """Read the flags and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--guests", type=int, default=10_000)
    flags = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        measure(Path(scratch), flags.guests)


if __name__ == "__main__":
    main()
