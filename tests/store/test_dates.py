"""What is kept of single dates is read date by date, and never after its transaction."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rsvpd.calendar.copy import CalledOff, OwnDates, Private
from rsvpd.calendar.draft import EventDraft
from rsvpd.commands.calendar import get_event, update_event
from rsvpd.commands.door import Who, reads, writes
from rsvpd.commands.people import add_person
from rsvpd.commands.references import EventRef
from rsvpd.scheduling.effects import PutCopy
from rsvpd.store import events
from rsvpd.store.apply import apply
from rsvpd.store.database import Store
from rsvpd.store.tx import Tx
from support.engines import new_store
from support.meetings import FIRST, FOURTH, NOW, SECOND, THIRD, bobs, series

KEPT = {rid: Private(reminder_minutes=5, comment=rid) for rid in (FIRST, SECOND, THIRD, FOURTH)}


@writes
def put_copy(tx: Tx, mailbox: int, item: int | None, kept: dict[str, Private]) -> None:
    apply(tx, [PutCopy(mailbox=mailbox, copy=bobs(series(), dates=kept), item=item)])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        yield opened


class _GivenUpError(Exception):
    """What ends a command."""


@writes
def put_and_give_up(tx: Tx, mailbox: int, item: int, kept: dict[str, Private]) -> None:
    put_copy(tx, mailbox, item, kept)
    dates_of(tx, mailbox)
    raise _GivenUpError


@reads
def dates_of(tx: Tx, mailbox: int) -> dict[str, str]:
    found = events.copy_by_key(tx, mailbox, series().key)
    assert found is not None
    return {rid: one.comment for rid, one in found.copy.dates.items()}


@writes
def keep_one(tx: Tx, mailbox: int, rid: str, private: Private) -> None:
    found = events.copy_by_key(tx, mailbox, series().key)
    assert found is not None
    apply(tx, [PutCopy(mailbox=mailbox, copy=found.copy.with_date(rid, private), item=found.item)])


def test_which_dates_there_are_is_known_after_each_change(store: Store) -> None:
    """It is remembered with the number of the change, which is used again after one that was given up."""
    bob = store.run(add_person, "bob@example.com", now=NOW)
    store.run(put_copy, bob.number, None, {FIRST: Private(comment="1")})
    (item,) = store.run(items_of, bob.number)
    expected = {FIRST: "1"}
    for rid, comment in ((SECOND, "2"), (THIRD, "3"), (SECOND, "4"), (FOURTH, "5")):
        with pytest.raises(_GivenUpError):
            store.run(put_and_give_up, bob.number, item, {})
        assert store.run(dates_of, bob.number) == expected
        store.run(keep_one, bob.number, rid, Private(comment=comment))
        expected[rid] = comment
        assert store.run(dates_of, bob.number) == expected
    store.run(put_copy, bob.number, item, {THIRD: Private(comment="6")})
    assert store.run(dates_of, bob.number) == {THIRD: "6"}


@pytest.mark.parametrize("is_called_off", [False, True])
def test_what_is_called_off_is_known_though_its_date_was_answered(store: Store, is_called_off: bool) -> None:
    bob = store.run(add_person, "bob@example.com", now=NOW)
    store.run(put_copy, bob.number, None, KEPT)
    called_off = CalledOff() if is_called_off else None
    for rid in (FIRST, SECOND):
        store.run(keep_one, bob.number, rid, Private(comment="answered", called_off=called_off))
    assert store.run(apart_of, bob.number) == ([FIRST, SECOND] if is_called_off else [])


@reads
def apart_of(tx: Tx, mailbox: int) -> list[str]:
    found = events.copy_by_key(tx, mailbox, series().key)
    assert found is not None
    assert isinstance(found.copy.dates, OwnDates)
    return sorted(found.copy.dates.apart)


@reads
def items_of(tx: Tx, mailbox: int) -> list[int]:
    return [events.item_of(tx, mailbox, series().key)]


@pytest.mark.parametrize("is_written", [False, True], ids=["read", "written"])
def test_what_was_answered_stays_as_it_was_read(store: Store, is_written: bool) -> None:
    """Dialects look at the dates of a series once the transaction is over, and another one may have removed them."""
    bob = store.run(add_person, "bob@example.com", now=NOW)
    who, ref = Who(bob.oid, None, NOW), EventRef(uid="u-1")
    store.run(put_copy, bob.number, None, KEPT)
    if is_written:
        view = store.run(update_event, who, ref, EventDraft(categories=("Red",))).value
    else:
        view = store.run(get_event, who, ref)
    store.run(put_copy, bob.number, view.item, {})
    assert {rid: one.comment for rid, one in view.meeting.exceptions.items()} == {rid: rid for rid in KEPT}
