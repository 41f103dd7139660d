"""What organizers say is stored once, whoever holds it; who answered what is a row of its own."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct, structs

from rsvpd.calendar.copy import CalledOff, Copy, Overlay, OwnPart, Private, Response
from rsvpd.calendar.event import Answer, Attendee, MeetingKey, Timed
from rsvpd.calendar.revision import Component, Guest, Revision
from rsvpd.commands.door import reads, writes
from rsvpd.mail.address import Mailbox, fold
from rsvpd.scheduling.effects import PutCopy, TrackAnswer
from rsvpd.scheduling.itip import Reply
from rsvpd.scheduling.receive import on_reply
from rsvpd.store import events, responses
from rsvpd.store.apply import apply
from rsvpd.store.database import Store
from rsvpd.store.tx import Tx
from support.engines import new_place, new_store

START, END = (Timed(datetime(2026, 12, 1, hour)) for hour in (9, 10))
KEY = MeetingKey("U1", "ann@example.com")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        yield opened


def revision(size: int, *, sequence: int = 0, subject: str = "Party") -> Revision:
    guests = tuple(Guest(f"guest{number}@example.com", f"Guest {number}") for number in range(size))
    event = Component(start=START, end=END, subject=subject, guests=guests)
    return Revision(uid="U1", organizer=Mailbox("ann@example.com"), event=event, sequence=sequence)


def copy(said: Revision, *, is_organizer: bool = True) -> Copy:
    return Copy(revision=said, is_organizer=is_organizer, sequence=said.sequence, own=Private(categories=("Blue",)))


@writes
def put(tx: Tx, mailbox: int, one: Copy) -> None:
    row = events.copy_by_key(tx, mailbox, KEY)
    apply(tx, (PutCopy(mailbox=mailbox, copy=one, item=row.item if row else None),))


@writes
def answer(tx: Tx, mailbox: int, reply: Reply) -> bool:
    row, who = events.copy_by_key(tx, mailbox, KEY), fold(reply.attendee)
    assert row is not None
    known = responses.of_guest(tx, mailbox, row.item, None, who)
    response = on_reply(row.meeting, row.copy.revision, known, reply)
    if response is not None:
        apply(tx, (
            TrackAnswer(
                mailbox=mailbox, item=row.item, recurrence_id=None, address=who, response=response, now=reply.dtstamp
            ),
        ))  # fmt: skip
    return response is not None


@reads
def get(tx: Tx, mailbox: int) -> events.EventRow:
    row = events.by_key(tx, mailbox, KEY)
    assert row is not None
    return row


@reads
def held(tx: Tx, mailbox: int) -> Copy:
    row = events.copy_by_key(tx, mailbox, KEY)
    assert row is not None
    return row.copy


@reads
def count(tx: Tx, table: str) -> int:
    (found,) = tx.row(f"SELECT count(*) FROM {table}") or (0,)  # noqa: S608 - a name of this test
    return int(found)


def said(number: int, answered: Answer, dtstamp: int, sequence: int = 0) -> Reply:
    address = f"Guest{number}@EXAMPLE.com"
    return Reply(
        uid="U1", attendee=address, name="", answer=answered, sequence=sequence, dtstamp=dtstamp, comment="hi"
    )


@pytest.mark.parametrize("size", [0, 1, 64, 500])
def test_what_is_put_comes_back(store: Store, size: int) -> None:
    one = copy(revision(size))
    store.run(put, 1, one)
    assert store.run(held, 1) == one


def test_a_revision_is_stored_once_for_all_copies(tmp_path: Path) -> None:
    with new_place(tmp_path) as place:
        store = Store.open(place)
        for mailbox in range(1, 6):
            store.run(put, mailbox, copy(revision(200), is_organizer=mailbox == 1))
        assert store.run(count, "revision") == 1
        store.close()
        again = Store.open(place)
        assert again.run(held, 5).revision == revision(200)
        again.close()


def test_a_revision_goes_once_nobody_holds_it(store: Store) -> None:
    for mailbox in (1, 2):
        store.run(put, mailbox, copy(revision(3)))
    later = revision(3, sequence=1, subject="Later")
    store.run(put, 1, copy(later))
    assert store.run(count, "revision") == 2
    assert store.run(held, 2).revision.event.subject == "Party"
    store.run(put, 2, copy(later))
    assert store.run(count, "revision") == 1
    store.run(put, 2, copy(revision(3)))
    assert store.run(held, 2).revision.event.subject == "Party"


def test_answers_are_the_latest_of_each_guest_in_whatever_order_they_come(store: Store) -> None:
    """Random answers: each guest shows the one with the latest stamp."""
    chance = random.Random(7)
    latest: dict[int, Reply] = {}
    store.run(put, 1, copy(revision(150)))
    for _ in range(120):
        number = chance.randrange(160)
        one = said(number, chance.choice([Answer.ACCEPTED, Answer.DECLINED]), chance.randrange(1, 50))
        before = latest.get(number)
        counts = number < 150 and (before is None or one.dtstamp >= before.dtstamp) and one != before
        change = store.run(get, 1).change
        assert store.run(answer, 1, one) is counts
        assert (store.run(get, 1).change > change) is counts
        latest = {**latest, number: one} if counts else latest
    shown = store.run(get, 1).meeting.event.attendees
    assert {place: one.answer for place, one in enumerate(shown) if one.answered} == {
        number: one.answer for number, one in latest.items()
    }
    assert store.run(count, "response") == len(latest)


def test_an_answer_does_not_count_for_who_left_and_came_back_or_was_asked_anew(store: Store) -> None:
    store.run(put, 1, copy(revision(3)))
    store.run(answer, 1, said(2, Answer.ACCEPTED, 5))
    shorter = structs.replace(revision(2), sequence=1)
    store.run(put, 1, copy(shorter))
    assert [one.answer for one in store.run(get, 1).meeting.event.attendees] == [Answer.NONE] * 2
    back = structs.replace(shorter.event, guests=(*shorter.event.guests, Guest("guest2@example.com", since=1)))
    store.run(put, 1, copy(structs.replace(shorter, event=back)))
    assert store.run(get, 1).meeting.event.attendees[2] == Attendee(address="guest2@example.com")
    store.run(answer, 1, said(2, Answer.TENTATIVE, 6, sequence=1))
    assert store.run(get, 1).meeting.event.attendees[2].answer is Answer.TENTATIVE
    store.run(put, 1, copy(structs.replace(shorter, event=back, sequence=2, reset_sequence=2)))
    assert {one.answer for one in store.run(get, 1).meeting.event.attendees} == {Answer.NONE}
    assert [one.reset_sequence for one in store.run(get, 1).meeting.event.attendees] == [2, 2, 2]


STORED = [
    revision(1),
    revision(1).event,
    revision(1).event.guests[0],
    OwnPart(is_organizer=True),
    Private(categories=("Blue",)),
    Overlay(subject="Mine"),
    CalledOff(event=revision(1).event),
    Response(answer=Answer.ACCEPTED),
]


@pytest.mark.parametrize("value", STORED, ids=lambda value: type(value).__name__)
def test_a_member_that_is_not_known_is_refused_and_not_left_out(value: Struct) -> None:
    stored = msgspec.msgpack.encode(value)
    assert msgspec.msgpack.decode(stored, type=type(value)) == value
    renamed = msgspec.msgpack.encode({**msgspec.msgpack.decode(stored), "renamed": 1})
    with pytest.raises(msgspec.ValidationError, match="renamed"):
        msgspec.msgpack.decode(renamed, type=type(value))


@pytest.mark.parametrize("value", [STORED[0], STORED[3]], ids=lambda value: type(value).__name__)
def test_what_a_later_version_stored_is_refused(value: Struct) -> None:
    later = msgspec.msgpack.encode({**msgspec.msgpack.decode(msgspec.msgpack.encode(value)), "v": 2})
    with pytest.raises(msgspec.ValidationError, match="v"):
        msgspec.msgpack.decode(later, type=type(value))
