"""Rows of the data file in pages of any size: masters with what stands beside them, messages of many folders."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from rsvpd.calendar.event import Event, Meeting, State, Timed
from rsvpd.calendar.rule import Freq, Recurrence, Rule
from rsvpd.calendar.series import excluded_occurrence, occurrence_by_id
from rsvpd.calendar.view import EventView, Frame
from rsvpd.clock import parse_instant
from rsvpd.commands.calendar import find_series
from rsvpd.commands.door import Who, writes
from rsvpd.commands.mail import find_messages
from rsvpd.commands.people import add_person
from rsvpd.mail.address import Mailbox
from rsvpd.mail.content import Body
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import Letter
from rsvpd.mail.view import MessageView
from rsvpd.query.algebra import Cmp, Contains, Node, Op, Order, Query
from rsvpd.query.evaluate import matches
from rsvpd.query.fields import EVENT_FIELDS, MESSAGE_FIELDS
from rsvpd.scheduling.effects import Effect, FileLetter, PutCopy
from rsvpd.store.apply import apply
from rsvpd.store.database import Store
from rsvpd.store.sqlite.upgrade_7 import separate
from rsvpd.store.tx import Tx
from support.sorting import sorted_by

NOW = parse_instant("2026-03-20T08:00:00Z")
BEGIN = datetime(2026, 3, 26, 9)
IDS = tuple(f"202603{day}T090000" for day in range(26, 32))

numbers = iter(range(10**9))


@writes
def carry_out(tx: Tx, effects: Iterable[Effect]) -> None:
    apply(tx, effects)


# --- masters, and the occurrences that differ ------------------------------------------------------


def _meeting(chance: random.Random, number: int) -> Meeting:
    event = Event(start=Timed(BEGIN), end=Timed(BEGIN + timedelta(hours=1)), subject=chance.choice(("a", "b")))
    made = Meeting(
        uid=f"u{number}",
        organizer=Mailbox("boss@example.com"),
        is_organizer=True,
        event=event,
        modified=chance.randrange(3),
    )
    if chance.random() < 0.3:
        return made
    chosen = chance.sample(IDS, chance.randint(0, len(IDS)))
    changed = {one: replace(event, subject=chance.choice(("a", "b"))) for one in chosen[1::2]}
    recurrence = Recurrence((Rule(freq=Freq.DAILY),))
    return replace(made, recurrence=recurrence, exceptions=changed, deleted=tuple(sorted(chosen[::2])))


def _beside(master: EventView, where: Node) -> list[EventView]:
    meeting, found = master.meeting, [master]
    for name in sorted({*meeting.exceptions, *meeting.deleted}):
        one = excluded_occurrence(meeting, name) if name in meeting.deleted else occurrence_by_id(Frame(meeting), name)
        assert one is not None
        view = replace(
            master,
            event=one.event,
            kind=one.kind,
            recurrence_id=name,
            slot=one.slot,
            original_start=one.original_start,
        )
        found += [view] if matches(where, view, EVENT_FIELDS) else []
    return found


@settings(deadline=None)
@given(
    seed=st.integers(0, 10**6),
    size=st.integers(0, 6),
    order=st.sampled_from([(), (Order("modified"),), (Order("modified", True),), (Order("organizer_name"),)]),
    where=st.sampled_from([None, Contains("subject", "a"), Contains("body", "")]),
    top=st.integers(1, 9),
)
def test_series_with_what_stands_beside_them(
    store: Store, seed: int, size: int, order: tuple[Order, ...], where: Node | None, top: int
) -> None:
    chance, number = random.Random(seed), next(numbers)
    owner = store.run(add_person, f"owner{number}@example.com", now=NOW)
    contents = [_meeting(chance, n) for n in range(size)]
    store.run(carry_out, [PutCopy(mailbox=owner.number, copy=separate(one)[0]) for one in contents])
    who, query = Who(owner.oid, None, NOW), Query(where=where, order=order, top=top)
    beside = Contains("subject", "b")
    masters = store.run(find_series, who, replace(query, top=100), beside=Cmp("subject", Op.EQ, "never"))
    rows = [view for view in masters.items if view.recurrence_id is None]
    wanted = "a" if where == Contains("subject", "a") else ""
    assert {view.meeting.uid for view in rows} == {one.uid for one in contents if wanted in one.event.subject}
    falls = bool(order) and order[0].descending  # then what breaks a tie falls as well
    expected = [view for row in rows for view in _beside(row, beside)[:: -1 if falls else 1]]
    found: list[EventView] = []
    while True:
        page = store.run(find_series, who, query, beside=beside)
        found += page.items
        if page.after is None:
            break
        assert len(page.items) == top
        query = replace(query, after=page.after)
    assert found == expected


# --- messages --------------------------------------------------------------------------------------


def _letter(chance: random.Random) -> Letter:
    sender = Mailbox(f"{chance.choice('abc')}@example.com")
    return Letter(
        subject=chance.choice(("plan", "Plan", "lunch")),
        body=Body(chance.choice(("short", "a longer text"))),
        sender=sender,
        from_=sender,
        sent=NOW + chance.randrange(4),
        conversation=chance.choice("xy"),
    )


@settings(deadline=None)
@given(
    seed=st.integers(0, 10**6),
    size=st.integers(0, 25),
    folder=st.none() | st.sampled_from([Folder.INBOX, Folder.SENT]),
    without=st.sampled_from([(), (Folder.DELETED,), (Folder.INBOX, Folder.JUNK)]),
    order=st.lists(
        st.builds(Order, st.sampled_from(["received", "subject", "from", "is_read", "sender_name"]), st.booleans()),
        max_size=2,
        unique_by=lambda one: one.field,
    ).map(tuple),
    where=st.sampled_from([None, Contains("subject", "plan"), Contains("body", "long"), Cmp("sent", Op.GE, NOW + 2)]),
    top=st.integers(1, 9),
    skip=st.integers(0, 9),
)
def test_messages_of_one_folder_or_of_many(
    store: Store,
    seed: int,
    size: int,
    folder: Folder | None,
    without: tuple[Folder, ...],
    order: tuple[Order, ...],
    where: Node | None,
    top: int,
    skip: int,
) -> None:
    chance, number = random.Random(seed), next(numbers)
    owner = store.run(add_person, f"mail{number}@example.com", now=NOW)
    folders = [chance.choice(list(Folder)) for _ in range(size)]
    letters = [FileLetter(mailbox=owner.number, folder=one, letter=_letter(chance)) for one in folders]
    store.run(carry_out, letters)
    who, query = Who(owner.oid, None, NOW), Query(where=where, order=order, top=top, count=True)
    everything = store.run(find_messages, who, Query(top=100)).items
    kept = [
        one
        for one in everything
        if (one.message.folder == folder if folder is not None else one.message.folder not in without)
        and (where is None or matches(where, one, MESSAGE_FIELDS))
    ]
    expected = sorted_by(kept, order, MESSAGE_FIELDS, tie=lambda view: (view.item,))
    assert len(everything) == size
    found: list[MessageView] = []
    while True:
        page = store.run(find_messages, who, query, folder=folder, without=without)
        assert page.total == len(expected)
        found += page.items
        if page.after is None:
            break
        query = replace(query, after=page.after)
    assert found == expected
    skipped = store.run(find_messages, who, replace(query, after=None, skip=skip), folder=folder, without=without)
    assert skipped.items == expected[skip : skip + top]


def test_a_state_nobody_asked_for_stays_away(store: Store) -> None:
    owner = store.run(add_person, "states@example.com", now=NOW)
    meeting = _meeting(random.Random(0), 1)
    store.run(carry_out, [PutCopy(mailbox=owner.number, copy=separate(meeting)[0], state=State.DECLINED)])
    who = Who(owner.oid, None, NOW)
    assert not store.run(find_series, who, Query()).items
    assert store.run(find_series, who, Query(), visible=(State.DECLINED,)).items
