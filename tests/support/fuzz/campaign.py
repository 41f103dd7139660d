"""Many inputs against a real server, in rounds; each round has a fresh server and can be played again.

A round of a seed sends the same changes to the same kinds of requests; only ids and tokens differ.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rsvpd.dialects.microsoft.routes import rows
from rsvpd.dialects.odata.url import Gap
from support.fuzz.corpus import FIRST, GOOGLE, LAST, PEOPLE, Ask, Found, makers
from support.fuzz.forms import others
from support.fuzz.found import find, find_again
from support.fuzz.judge import Answer, faults
from support.fuzz.line import Line
from support.fuzz.mutations import mutate
from support.receiving import Receiver
from support.running import Running

ROUND = 1_000
_LOOK_EVERY, _LONG_LOOK_EVERY = 50, 4
_FAILURES = re.compile(r"request\.failed|refusal\.failed|Traceback|command\.failed")
# A list for every kind of reader: what one input put into a mailbox must be shown to all of them.
LISTS: tuple[tuple[str, str], ...] = (
    ("/v1.0", "/v1.0/me/messages?$top=200"),
    ("/v1.0", "/v1.0/me/events?$top=200"),
    ("/v1.0", f"/v1.0/me/calendarView?startDateTime={FIRST}&endDateTime={LAST}&$top=200"),
    ("/v1.0", "/v1.0/me/calendarView?startDateTime=0001-01-02T00:00:00&endDateTime=0005-12-30T00:00:00&$top=5"),
    ("/v1.0", "/v1.0/me/calendarView?startDateTime=9995-01-02T00:00:00&endDateTime=9999-12-30T00:00:00&$top=5"),
    ("/v1.0", f"/v1.0/me/reminderView(startDateTime='{FIRST}',endDateTime='{LAST}')"),
    ("/api/v2.0", "/api/v2.0/me/mailfolders/inbox/messages?$top=200"),
    ("/api/v1.0", "/api/v1.0/me/events?$top=200"),
    (GOOGLE, f"{GOOGLE}/calendars/primary/events?maxResults=500"),
    (GOOGLE, f"{GOOGLE}/calendars/primary/events?singleEvents=true&showDeleted=true&timeMin={FIRST}&maxResults=500"),
    (GOOGLE, f"{GOOGLE}/calendars/primary/acl"),
)


# Whatever can be read of the own mailbox without an id: a new collection is looked at as it comes.
_WINDOW = f"startDateTime={FIRST}&endDateTime={LAST}"
_PLAIN = tuple(sorted({
    f"/v1.0/{row.pattern}?{_WINDOW}"
    for row in rows()
    if row.method == "GET" and re.fullmatch(r"me/[^{]*", row.pattern) and not isinstance(row.handler, Gap)
}))  # fmt: skip


@dataclass
class Report:
    """What was asked and what broke. `broken` holds (round, number, faults, raw request)."""

    asked: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    slowest: float = 0.0
    broken: list[tuple[int, int, list[str], bytes]] = field(default_factory=list)

    def add(self, other: Report) -> None:
        """Take in what another report says."""
        self.asked += other.asked
        self.slowest = max(self.slowest, other.slowest)
        self.broken += other.broken
        for status, count in other.statuses.items():
            self.statuses[status] = self.statuses.get(status, 0) + count


def play(seed: int, number: int, count: int = ROUND) -> Report:
    """Play one round: a fresh server, `count` inputs, and every list looked at on the way."""
    rng = random.Random(f"{seed}/{number}")
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        server, receiver = Running(Path(folder)), Receiver()
        try:
            _play(server, receiver, rng, report, number, count)
        finally:
            server.kill()
            receiver.stop()
        logged = _FAILURES.search(server.logged)
        if logged:
            report.broken.append((number, count, [f"log: {logged[0]}"], server.logged[-4000:].encode()))
    return report


def _play(
    server: Running, receiver: Receiver, rng: random.Random, report: Report, number: int, count: int
) -> None:
    made, line, since = makers(), Line(server.url, server.process.pid), []
    made += others(made) * 4
    found = find(server, line, receiver.url)
    for index in range(count):
        ask = rng.choice(rng.choice(made))(rng, found)
        raw = mutate(ask, rng)
        since.append(raw)
        answer = _send(line, raw)
        report.asked += 1
        report.slowest = max(report.slowest, answer.seconds)
        report.statuses[answer.status] = report.statuses.get(answer.status, 0) + 1
        wrong = _judged(raw, answer)
        if wrong:
            report.broken.append((number, index, wrong, raw))
        if index % _LOOK_EVERY == _LOOK_EVERY - 1:
            looks = (index + 1) // _LOOK_EVERY
            is_long = looks % _LONG_LOOK_EVERY == 0
            poisoned = list(_look(line, found))
            if is_long:
                poisoned += _look_at_all(line, found, PEOPLE[looks // _LONG_LOOK_EVERY % len(PEOPLE)])
            if poisoned:
                report.broken.append((number, index, poisoned, b"\n-----\n".join(since)))
                return
            since, found = [], find(server, line, receiver.url) if is_long else find_again(found, line)


def _send(line: Line, raw: bytes) -> Answer:
    if _is_whole(raw):
        return line.ask(raw, _method(raw))
    return line.ask_once(raw, _method(raw))


def _judged(raw: bytes, answer: Answer) -> list[str]:
    target = _target(raw)
    if not _is_whole(raw):  # not a request: no answer, or a refusal in no dialect's shape, is right
        return [] if answer.status == 0 else [one for one in faults("", "GET", answer) if not one.startswith("shape")]
    return faults(target, _method(raw), answer)


_HEAD = re.compile(
    rb"([A-Z]+) (/[!-~]*) HTTP/1\.1\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x00-\x08\x0a-\x1f\x7f]*\r\n)*)\r\n"
)
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d+)[ \t]*\r$", re.I | re.M)


def _is_whole(raw: bytes) -> bool:
    """Return whether the bytes are one whole request as HTTP has it (RFC 9112), neither more nor less."""
    head = _HEAD.match(raw)
    if head is None or b"chunked" in head[3].lower() or b"expect:" in head[3].lower():
        return False
    lengths = _LENGTH.findall(head[3])
    if len(lengths) > 1 or (b"content-length" in head[3].lower() and not lengths):
        return False
    return len(raw) - head.end() == (int(lengths[0]) if lengths else 0)


def _method(raw: bytes) -> str:
    return raw.partition(b" ")[0].decode("latin-1")


def _target(raw: bytes) -> str:
    parts = raw.split(b" ", 2)
    return parts[1].decode("latin-1") if len(parts) > 1 else ""


def _look(line: Line, found: Found) -> Iterator[str]:
    for person in PEOPLE:
        for dialect, path in LISTS:
            ask = Ask(dialect, person, "GET", path, token=found.tokens[person])
            answer = line.ask(ask.bytes(target=path), "GET")
            wrong = faults(path, "GET", answer)
            if answer.status != 200 or wrong:
                yield f"poisoned: {person} {path} -> {answer.status} {wrong} {answer.body[:200]!r}"


def _look_at_all(line: Line, found: Found, person: str) -> Iterator[str]:
    """Look at all of somebody's that is read without an id in its path."""
    for path in _PLAIN:
        ask = Ask("/v1.0", person, "GET", path, token=found.tokens[person])
        answer = line.ask(ask.bytes(target=path), "GET")
        if wrong := faults(path, "GET", answer):
            yield f"poisoned: {person} {path} -> {answer.status} {wrong} {answer.body[:200]!r}"
