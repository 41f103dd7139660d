"""Long guest lists: stored once, answers beside them in pieces, and nobody sees a difference."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from msgspec import structs

from rsvpd.calendar.event import Answer, Attendee, Event, Meeting, MeetingKey, Role, Timed
from rsvpd.commands.door import reads, writes
from rsvpd.mail.address import Mailbox
from rsvpd.scheduling.effects import PutMeeting, TrackAnswer
from rsvpd.scheduling.itip import Reply
from rsvpd.scheduling.receive import on_reply
from rsvpd.store import events
from rsvpd.store.apply import apply
from rsvpd.store.database import Store
from rsvpd.store.guests import LONG, PIECE
from rsvpd.store.tx import Tx

START = Timed(datetime(2026, 12, 1, 10), "UTC")  # noqa: DTZ001 - wall time
END = Timed(datetime(2026, 12, 1, 11), "UTC")  # noqa: DTZ001 - wall time


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.open(tmp_path / "t.db")
    yield store
    store.close()


def meeting(size: int, uid: str = "U1") -> Meeting:
    guests = tuple(
        Attendee(address=f"guest{n}@example.com", name=f"Guest {n}", role=Role.OPTIONAL if n % 3 else Role.REQUIRED)
        for n in range(size)
    )
    event = Event(start=START, end=END, subject="Party", attendees=guests)
    return Meeting(uid=uid, organizer=Mailbox("ann@example.com"), is_organizer=True, event=event)


@writes
def put(tx: Tx, mailbox: int, one: Meeting) -> None:
    apply(tx, (PutMeeting(mailbox=mailbox, meeting=one),))


@writes
def change(tx: Tx, mailbox: int, one: Meeting) -> None:
    row = events.by_key(tx, mailbox, one.key)
    assert row is not None
    apply(tx, (PutMeeting(mailbox=mailbox, meeting=one, item=row.item),))


@writes
def answer(tx: Tx, mailbox: int, uid: str, reply: Reply) -> None:
    row = events.by_key(tx, mailbox, MeetingKey(uid, "ann@example.com"), whole=False)
    assert row is not None
    assert row.rosters
    assert row.meeting.event.attendees == ()
    apply(tx, (TrackAnswer(mailbox=mailbox, item=row.item, reply=reply),))


@reads
def get(tx: Tx, mailbox: int, uid: str) -> events.EventRow:
    row = events.by_uid(tx, mailbox, uid)
    assert row is not None
    return row


@reads
def count(tx: Tx, table: str) -> int:
    (found,) = tx.row(f"SELECT count(*) FROM {table}") or (0,)  # noqa: S608 - a name of this test
    return int(found)


def reply(number: int, said: Answer, dtstamp: int) -> Reply:
    address = f"Guest{number}@EXAMPLE.com"
    return Reply(uid="U1", attendee=address, name="", answer=said, sequence=0, dtstamp=dtstamp, comment="hi")


@pytest.mark.parametrize("size", [0, 1, LONG, LONG + 1, 3 * PIECE + 5])
def test_what_is_put_comes_back(store: Store, size: int) -> None:
    one = meeting(size)
    store.run(put, 1, one)
    assert store.run(get, 1, "U1").meeting == one
    assert store.run(count, "roster") == (1 if size > LONG else 0)


def test_a_list_is_stored_once_for_all_copies(tmp_path: Path) -> None:
    store, one = Store.open(tmp_path / "t.db"), meeting(200)
    for mailbox in range(1, 6):
        store.run(put, mailbox, structs.replace(one, is_organizer=mailbox == 1))
    assert store.run(count, "roster") == 1
    assert store.run(count, "answers") == 0
    store.close()
    again = Store.open(store.path)
    assert again.run(get, 5, "U1").meeting.event.attendees == one.event.attendees
    again.close()


def test_answers_beside_the_list_mean_what_the_rule_says(store: Store) -> None:
    """Random answers, in and out of order, tracked beside the row and by the pure rule: the same meeting."""
    chance, oracle = random.Random(7), meeting(150)
    store.run(put, 1, oracle)
    for _ in range(120):
        said = reply(chance.randrange(160), chance.choice(list(Answer)), chance.randrange(1, 50))
        before = store.run(get, 1, "U1").change
        store.run(answer, 1, "U1", said)
        after = on_reply(oracle, said, said.dtstamp)
        assert (store.run(get, 1, "U1").change > before) == (after is not None)
        oracle = after or oracle
        assert store.run(get, 1, "U1").meeting == oracle
    assert 0 < store.run(count, "answers") <= 3


def test_a_changed_list_drops_what_was_known_of_those_who_left(store: Store) -> None:
    store.run(put, 1, meeting(150))
    store.run(answer, 1, "U1", reply(149, Answer.ACCEPTED, 5))
    shorter = structs.replace(store.run(get, 1, "U1").meeting, event=meeting(100).event)
    store.run(change, 1, shorter)
    assert store.run(get, 1, "U1").meeting == shorter
    assert store.run(count, "answers") == 0
    store.run(change, 1, meeting(10))
    assert store.run(get, 1, "U1").meeting == meeting(10)
