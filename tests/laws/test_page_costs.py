"""What a page costs, in counted steps: what it shows, not what lies beyond it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from rsvpd.calendar.event import Event, Meeting, Timed
from rsvpd.calendar.rule import Recurrence
from rsvpd.clock import parse_instant
from rsvpd.commands.calendar import find_events, find_series, instances
from rsvpd.commands.door import Who, reads, writes
from rsvpd.commands.folders import list_folders
from rsvpd.commands.mail import find_messages
from rsvpd.commands.people import add_person
from rsvpd.commands.references import EventRef
from rsvpd.commands.reminders import list_reminders
from rsvpd.ical.rrule import read
from rsvpd.mail.address import Mailbox
from rsvpd.mail.content import Body
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import Letter
from rsvpd.mail.person import Person
from rsvpd.query.algebra import And, Cmp, Contains, InWindow, Op, Order, Page, Query
from rsvpd.scheduling.effects import Effect, FileLetter, PutCopy
from rsvpd.store.apply import apply
from rsvpd.store.database import Store
from rsvpd.store.engine import WorkLimits
from rsvpd.store.sqlite.upgrade_7 import separate
from rsvpd.store.tx import Tx
from support.engines import ON_POSTGRES, new_store

NOW = parse_instant("2026-03-20T08:00:00Z")
BEGIN = datetime(2026, 3, 26, 9)
WINDOW = InWindow(parse_instant("2026-03-26T00:00:00Z"), parse_instant("2031-03-01T00:00:00Z"))
BOSS = Mailbox("boss@example.com")
SIZES = (1, 4)
SQL = 300  # what statements do is counted in portions of 100; where one begins depends on what ran before


@writes
def carry_out(tx: Tx, effects: Iterable[Effect]) -> None:
    apply(tx, effects)


@reads
def cost(tx: Tx, command: Callable[..., Page[Any]], *args: Any, **named: Any) -> tuple[Page[Any], int]:
    """Return a page and the steps it took."""
    before = tx.work.done
    return command(tx, *args, **named), tx.work.done - before


def meeting(number: int, begin: datetime, rule: str = "", **more: Any) -> Meeting:
    start = Timed(begin)
    event = Event(start=start, end=Timed(begin + timedelta(minutes=20)), subject=f"meeting {number % 7}")
    recurrence = Recurrence((read(rule, start),)) if rule else None
    return Meeting(
        uid=f"u{number}", organizer=BOSS, is_organizer=True, event=event, recurrence=recurrence, **more
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with new_store(tmp_path_factory.mktemp("costs"), limits=WorkLimits(read=10**9, write=10**9)) as store:
        yield store


def owner_of(store: Store, name: str, meetings: Iterable[Meeting]) -> Person:
    owner = store.run(add_person, f"{name}@example.com", now=NOW)
    store.run(carry_out, [PutCopy(mailbox=owner.number, copy=separate(one)[0]) for one in meetings])
    return owner


@pytest.fixture(scope="module")
def calendars(store: Store) -> list[Who]:
    """Return two people with the same first weeks; in one calendar four times as much follows as in the other."""
    found = []
    for size in SIZES:
        near = [meeting(n, BEGIN + timedelta(minutes=n), "FREQ=HOURLY") for n in range(5)]
        singles = [meeting(100 + n, BEGIN + timedelta(hours=n)) for n in range(60)]
        far = BEGIN + timedelta(days=400)
        later = [meeting(1000 + n, far + timedelta(hours=n), "FREQ=HOURLY") for n in range(15 * size)]
        single_later = [meeting(5000 + n, far + timedelta(hours=n)) for n in range(150 * size)]
        owner = owner_of(store, f"calendar{size}", (*near, *singles, *later, *single_later))
        found.append(Who(owner.oid, None, NOW))
    return found


def walk(store: Store, who: Who, query: Query, pages: int, command: Any = find_events, **named: Any) -> list[int]:
    """Return what each of the first pages costs."""
    steps = []
    for _ in range(pages):
        page, done = store.run(cost, command, who, query, **named)
        steps.append(done)
        assert page.after is not None
        query = replace(query, after=page.after)
    return steps


@pytest.mark.parametrize(
    "query",
    [
        Query(order=(Order("start"),), top=10),
        Query(order=(Order("end"),), top=10),
        Query(order=(Order("start"),), top=10, where=Contains("subject", "meeting")),
        Query(order=(Order("start"),), top=10, where=Cmp("end", Op.GE, NOW)),
        Query(order=(Order("start"),), top=10, where=And((Cmp("start", Op.GE, NOW), Contains("body", "")))),
        Query(order=(Order("start"),), top=10, skip=40),
    ],
    ids=["start", "end", "subject", "end-from", "body", "skip"],
)
def test_a_page_of_a_window_costs_the_same_whatever_follows(store: Store, calendars: list[Who], query: Query) -> None:
    small, large = (walk(store, who, query, 3, window=WINDOW) for who in calendars)
    assert max(large) <= max(small) + SQL, (small, large)


@pytest.mark.slow
def test_the_hundredth_page_costs_what_the_first_ones_do(store: Store, calendars: list[Who]) -> None:
    for order in ((Order("start"),), (Order("start", True),), (Order("end"),)):
        steps = walk(store, calendars[0], Query(order=order, top=10), 100, window=WINDOW)
        # A series is walked from the midnight before: what a page costs goes up and down with the hours of a day.
        assert max(steps[50:]) <= 1.2 * max(steps[:50]), (order, steps)


def test_a_page_from_the_end_and_a_page_by_subject_cost_the_copies_there_are_and_no_occurrence_more(
    store: Store, calendars: list[Who]
) -> None:
    for order in ((Order("start", True),), (Order("subject"),), (Order("modified"),)):
        whole = [store.run(cost, find_events, who, Query(order=order, top=10), window=WINDOW)[1] for who in calendars]
        assert whole[1] < 4.2 * whole[0], order
        assert whole[1] < 1_000_000, "there are 2.5 million occurrences"


def test_a_count_is_no_walk(store: Store, calendars: list[Who]) -> None:
    counted = []
    for who in calendars:
        page, steps = store.run(cost, find_events, who, Query(top=1, count=True), window=WINDOW)
        assert page.total is not None
        assert steps < page.total, "a step pays for no occurrence"
        counted.append(page.total)
    assert 2_000_000 < counted[1] < 4 * counted[0]


def test_a_longer_window_costs_no_more(store: Store, calendars: list[Who]) -> None:
    assert WINDOW.start is not None
    query, steps = Query(order=(Order("start"),), top=10), []
    for days in (30, 120, 1800):
        window = InWindow(WINDOW.start, WINDOW.start + days * 24 * 3600 * 1_000_000)
        steps.append(store.run(cost, find_events, calendars[0], query, window=window)[1])
    assert max(steps) <= min(steps) + SQL


@pytest.mark.slow
def test_instances_and_reminders_too(store: Store, calendars: list[Who]) -> None:
    query = Query(order=(Order("start"),), top=10)
    named = {"window": WINDOW}
    for who in calendars[:1]:
        ref = EventRef(uid="u1")
        steps = []
        for _ in range(50):
            page, done = store.run(cost, instances, who, ref, query, **named)
            steps.append(done)
            query = replace(query, after=page.after)
        assert max(steps) < 1_500, "a page begins a few days before what it shows"
    reminded = [walk(store, who, Query(top=10), 40, list_reminders, **named) for who in calendars]
    for steps in reminded:
        assert max(steps) <= 2 * steps[0]


def test_a_series_with_many_changed_dates_is_read_once(store: Store) -> None:
    steps = []
    for size in (100, 400):
        made = meeting(1, BEGIN, "FREQ=DAILY")
        names = [f"{BEGIN + timedelta(days=n):%Y%m%dT%H%M%S}" for n in range(size)]
        changed = {one: replace(made.event, subject="changed") for one in names}
        owner = owner_of(store, f"changed{size}", [replace(made, exceptions=changed)])
        page, done = store.run(cost, find_series, Who(owner.oid, None, NOW), Query(top=2500))
        assert len(page.items) == size + 1
        steps.append(done)
    assert steps[1] < 4.2 * steps[0]


def test_messages_cost_what_a_page_shows_however_many_there_are(store: Store) -> None:
    first, searched = [], []
    for size in SIZES:
        owner = store.run(add_person, f"mail{size}@example.com", now=NOW)
        letters = [
            Letter(subject=f"letter {n}", body=Body("words " * 400), sender=BOSS, from_=BOSS, sent=NOW + n)
            for n in range(100 * size)
        ]
        folders = (Folder.INBOX, Folder.SENT)
        store.run(
            carry_out,
            [FileLetter(mailbox=owner.number, folder=folders[n % 2], letter=one) for n, one in enumerate(letters)],
        )
        who = Who(owner.oid, None, NOW)
        query = Query(order=(Order("received", True),), top=10)
        first.append(max(walk(store, who, query, 5, find_messages)))
        for where in (Contains("body", "missing"), And(tuple(Contains("body", f"w{n}") for n in range(190)))):
            searched.append(store.run(cost, find_messages, who, replace(query, where=where))[1])
    assert first[1] <= 1.1 * first[0] + 200
    assert searched[2] <= 4.3 * searched[0]
    assert searched[1] < 2 * searched[0], "the text of a message is made once, for 190 tests as for one"


def test_a_page_of_folders_counts_what_is_on_it(store: Store) -> None:
    first, whole = [], []
    for size in SIZES:
        owner = store.run(add_person, f"folders{size}@example.com", now=NOW)
        letter = Letter(subject="Plans", sender=BOSS, from_=BOSS, sent=NOW)
        store.run(carry_out, [FileLetter(mailbox=owner.number, folder=Folder.SENT, letter=letter)] * (1000 * size))
        who = Who(owner.oid, None, NOW)
        page, spent = store.run(cost, list_folders, who, Query(top=2))
        assert [one.total for one in page.items] == [0, 0]
        first.append(spent)
        page, spent = store.run(cost, list_folders, who, Query(top=10, order=(Order("total", True),)))
        assert page.items[0].total == 1000 * size
        whole.append(spent)
    assert first[1] <= first[0] + SQL
    assert ON_POSTGRES or whole[1] > whole[0]  # what a database looks at is not counted
