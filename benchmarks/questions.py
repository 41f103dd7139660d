"""What a question costs in a mailbox of 100,000 items, over the same in one of 1,000.

Two servers, one for each mailbox, take turns over HTTP: filters by members with and without an index, searches, what
changed after one change, a month with 500 series, a page with `$select`; over a data file or, with `--postgres`, over
a database. Before each request a message is changed, so that no reply is the one that was answered. What takes too long
is answered with 504, and counts as it is. Printed for each: milliseconds of CPU, of the server's process and of
PostgreSQL's, the median (with PostgreSQL the mean) of all turns, and how many times the smaller mailbox's that is.
Other work counts in neither.

    python benchmarks/questions.py [--rounds 30] [--few 1000] [--many 100000] [--postgres]

The number that this protects: 1.5, for all that an index can bound.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from msgspec import Struct, structs

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from answers import START, serving
from lists import ONCE, OWNER, carry_out, cpu, guests_of, meeting
from postgres import cpu as cpu_of_tree
from rsvpd.calendar.event import Attendee, Meeting, Timed
from rsvpd.calendar.rule import Freq, Recurrence, Rule
from rsvpd.clock import to_datetime
from rsvpd.commands.people import add_person
from rsvpd.mail.content import Body, BodyKind
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import Letter
from rsvpd.mail.person import Person
from rsvpd.scheduling.effects import FileLetter, PutCopy
from rsvpd.store.database import Store
from rsvpd.store.sqlite.upgrade_7 import separate
from support.postgres import drop_database, new_database, server

SERIES = 500
RARE, EVERY = 20, 5  # items with the rare word, and one of how many has the usual one
VIEW = "/v1.0/me/calendarView?startDateTime=2026-12-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z"
SELECT = "$top=25&$select=subject,from,receivedDateTime,isRead"


class Question(Struct, frozen=True):
    """What is asked, and whether an index can bound it."""

    name: str
    path: str
    is_bounded: bool = True


def _messages(name: str, option: str, text: str, *, is_bounded: bool = True) -> Question:
    return Question(name, f"/v1.0/me/messages?${option}={quote(text)}&{SELECT}", is_bounded)


def _events(name: str, text: str) -> Question:
    return Question(name, f"/v1.0/me/events?$filter={quote(text)}&$top=25")


QUESTIONS = (
    Question("a page of 25 with $select", f"/v1.0/me/messages?{SELECT}"),
    _messages("$filter, indexed: receivedDateTime", "filter", "receivedDateTime ge 2020-01-01T00:00:00Z"),
    _messages("$filter, by words: subject eq", "filter", "subject eq 'News 7'"),
    _messages("$filter, by words: sender", "filter", "from/emailAddress/address eq 'rare@example.org'"),
    _messages("$filter, by value: importance", "filter", "importance eq 'high'"),
    _messages("$filter, in no index, on each page", "filter", "contains(subject,'ews')"),
    _messages("$filter, in no index, of few", "filter", "endswith(subject,'quagga')", is_bounded=False),
    _messages("$search, a word of few", "search", '"quagga"'),
    _messages("$search, a word of a fifth", "search", '"quarterly"', is_bounded=False),
    _messages("$search, a word of all", "search", '"news"'),
    _messages("$search, few of a fifth", "search", '"quagga quarterly"'),
    _messages("$search, beginnings", "search", '"subject:quag*"'),
    _events("events: $filter, indexed: start", "start/dateTime ge '2027-03-01'"),
    _events("events: $filter, by words", "subject eq 'Planning 9'"),
    Question("Google: q", "/calendar/v3/calendars/primary/events?q=quagga&maxResults=25"),
    Question("a month with 500 series", f"{VIEW}&$top=50"),
)


def prepare(place: Path | str, items: int) -> None:
    """Make a mailbox with as many messages, half as many events, and the series."""
    store = Store.open(place)
    owner = store.run(add_person, OWNER, zone="Europe/Berlin", now=START)
    begin = to_datetime(START).replace(tzinfo=None, minute=0, second=0, microsecond=0)
    guests = tuple(Attendee(address=f"guest{n}@example.org", name=f"Guest {n}") for n in range(3))
    body = Body("<html><body><p>What we talk about, at some length.</p></body></html>", BodyKind.HTML)
    letter = Letter(subject="News", body=body, sender=guests_of(guests), from_=guests_of(guests), sent=START)
    rare = max(items // RARE, 1)
    for first in range(0, items, ONCE):
        numbers = range(first, min(first + ONCE, items))
        store.run(carry_out, [
            FileLetter(mailbox=owner.number, folder=Folder.INBOX, letter=_letter(letter, number, rare))
            for number in numbers
        ])  # fmt: skip
        meetings = [meeting(owner.mailbox, begin, n, guests, body) for n in numbers if n % 2]
        _put(store, owner, [_named(one, n, rare) for one, n in zip(meetings, numbers[1::2], strict=True)])
    series = [meeting(owner.mailbox, begin, n, guests, body) for n in range(SERIES)]
    _put(store, owner, [_weekly(one, n) for n, one in enumerate(series)])
    store.close()


def _put(store: Store, owner: Person, meetings: list[Meeting]) -> None:
    store.run(carry_out, [PutCopy(mailbox=owner.number, copy=separate(one)[0]) for one in meetings])


def _letter(letter: Letter, number: int, rare: int) -> Letter:
    words = f"News {number}{' quarterly' if number % EVERY == 0 else ''}{' quagga' if number % rare == 0 else ''}"
    sender = structs.replace(letter.from_, address="rare@example.org") if number % rare == 1 else letter.from_
    importance = type(letter.importance).HIGH if number % rare == 2 else letter.importance
    return structs.replace(
        letter, subject=words, sent=START + number, from_=sender, sender=sender, importance=importance
    )


def _named(one: Meeting, number: int, rare: int) -> Meeting:
    subject = f"Planning {number}{' quagga' if number % rare == 1 else ''}"
    return structs.replace(one, event=structs.replace(one.event, subject=subject))


def _weekly(one: Meeting, number: int) -> Meeting:
    start = to_datetime(START).replace(tzinfo=None, minute=0, second=0, microsecond=0) + timedelta(hours=number % 40)
    event = structs.replace(
        one.event, start=Timed(start, "Europe/Berlin"), end=Timed(start + timedelta(hours=1), "Europe/Berlin"),
        subject=f"Series {number}",
    )
    weekly = Recurrence((Rule(freq=Freq.WEEKLY),))
    return structs.replace(one, uid=f"s{number}@example.com", event=event, recurrence=weekly)


# --- clients


class Mailbox(Struct):
    """A server with a mailbox of so many items, and a connection to it."""

    items: int
    connection: http.client.HTTPConnection
    token: str
    cpu: Callable[[], float]
    counts_ticks: bool
    delta: str = ""
    turn: int = 0

    def ask(self, method: str, path: str, body: object = None) -> tuple[float, bytes]:
        """Return the milliseconds of CPU of an answer, and its body; where it has to wait, it is asked for again."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        sent = None if body is None else json.dumps(body)
        while True:
            if self.connection.sock is None:
                self.connection.connect()
            began = self.cpu()
            self.connection.request(method, path, body=sent, headers=headers)
            reply = self.connection.getresponse()
            content = reply.read()
            took = (self.cpu() - began) * 1000
            if reply.status in (200, 201, 202, 504):
                return took, content
            if reply.status != 503:
                raise RuntimeError(f"{method} {path}: {reply.status} {content[:300]!r}")
            time.sleep(0.1)

    def touch(self) -> None:
        """Change one message, so that no list is the one that was answered."""
        self.turn += 1
        _, content = self.ask("GET", "/v1.0/me/messages?$top=1&$select=id")
        message = json.loads(content)["value"][0]["id"]
        self.ask("PATCH", f"/v1.0/me/messages/{message}", {"categories": [f"Turn {self.turn}"]})

    def follow(self) -> None:
        """Come up to date with the inbox."""
        path = self.delta or "/v1.0/me/mailFolders/inbox/messages/delta?$select=subject"
        while path:
            _, content = self.ask("GET", path[path.index("/v1.0"):])
            body = json.loads(content)
            path, self.delta = body.get("@odata.nextLink", ""), body.get("@odata.deltaLink", "")


def measure(question: Question, mailboxes: list[Mailbox], rounds: int) -> None:
    """Ask one question of each mailbox in turns, and print what it took."""
    for one in mailboxes:
        one.ask("GET", question.path)  # the first one may make the index
    for one in mailboxes:
        one.connection.close()  # it may have rested too long; the next request opens it anew

    def ask(one: Mailbox) -> float:
        one.touch()
        return one.ask("GET", question.path)[0]

    show(question.name, mailboxes, ask, rounds, is_bounded=question.is_bounded)


def measure_delta(mailboxes: list[Mailbox], rounds: int) -> None:
    """Print what it takes to be told of one change."""
    for one in mailboxes:
        one.follow()

    def ask(one: Mailbox) -> float:
        one.touch()
        took, content = one.ask("GET", one.delta[one.delta.index("/v1.0"):])
        one.delta = json.loads(content)["@odata.deltaLink"]
        return took

    show("delta after one change", mailboxes, ask, rounds)


def show(
    name: str, mailboxes: list[Mailbox], ask: Callable[[Mailbox], float], rounds: int, *, is_bounded: bool = True
) -> None:
    """Print what turns took."""
    found: list[list[float]] = [[] for _ in mailboxes]
    for _ in range(rounds):
        for one, took in zip(mailboxes, found, strict=True):
            took.append(ask(one))
    # What PostgreSQL uses is counted in ticks: of these the mean says more.
    middle: Callable[[list[float]], float] = statistics.fmean if mailboxes[0].counts_ticks else statistics.median
    few, many = (middle(one) for one in found)
    bar = "≤ 1.5" if is_bounded else "none"
    print(f"| {name} | {few:.1f} ms | {many:.1f} ms | {many / few:.2f} | {bar} |", flush=True)


@contextlib.contextmanager
def serving_mailbox(folder: Path, items: int, *, on_postgres: bool) -> Iterator[Mailbox]:
    """Make a mailbox and run a server on it."""
    place: Path | str = new_database() if on_postgres else folder / f"{items}.db"
    prepare(place, items)
    more = ("--database", place) if isinstance(place, str) else ()
    with serving(folder / f"{items}.db", more=more) as (port, pid, tokens):
        database = server().process.pid if on_postgres else 0

        def used() -> float:
            return cpu(pid) + (cpu_of_tree(database) if database else 0)

        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        yield Mailbox(items, connection, tokens[OWNER], used, on_postgres)
    if on_postgres:
        drop_database(str(place))


def main() -> None:
    """Read the flags and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--postgres", action="store_true", help="over a database of PostgreSQL, which is made for that")
    flags = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        mailboxes = [
            stack.enter_context(serving_mailbox(folder, size, on_postgres=flags.postgres))
            for size in (flags.few, flags.many)
        ]
        print(f"| | {flags.few:,} items | {flags.many:,} items | ratio | bar |\n|---|---:|---:|---:|---|", flush=True)
        for question in QUESTIONS:
            measure(question, mailboxes, flags.rounds)
        measure_delta(mailboxes, flags.rounds)


if __name__ == "__main__":
    main()
