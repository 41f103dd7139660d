"""What is kept of single dates is read date by date, and never after its transaction."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsvpd.calendar.copy import Private
from rsvpd.calendar.draft import EventDraft
from rsvpd.commands.calendar import get_event, update_event
from rsvpd.commands.door import Who, writes
from rsvpd.commands.people import add_person
from rsvpd.commands.references import EventRef
from rsvpd.scheduling.effects import PutCopy
from rsvpd.store.apply import apply
from rsvpd.store.database import Store
from rsvpd.store.tx import Tx
from support.meetings import FIRST, FOURTH, NOW, SECOND, THIRD, bobs, series

KEPT = {rid: Private(reminder_minutes=5, comment=rid) for rid in (FIRST, SECOND, THIRD, FOURTH)}


@writes
def put_copy(tx: Tx, mailbox: int, item: int | None, kept: dict[str, Private]) -> None:
    apply(tx, [PutCopy(mailbox=mailbox, copy=bobs(series(), dates=kept), item=item)])


@pytest.mark.parametrize("is_written", [False, True], ids=["read", "written"])
def test_what_was_answered_stays_as_it_was_read(tmp_path: Path, is_written: bool) -> None:
    """Dialects look at the dates of a series once the transaction is over, and another one may have removed them."""
    store = Store.open(tmp_path / "t.db")
    bob = store.run(add_person, "bob@example.com", now=NOW)
    who, ref = Who(bob.oid, None, NOW), EventRef(uid="u-1")
    store.run(put_copy, bob.number, None, KEPT)
    if is_written:
        view = store.run(update_event, who, ref, EventDraft(categories=("Red",))).value
    else:
        view = store.run(get_event, who, ref)
    store.run(put_copy, bob.number, view.item, {})
    assert {rid: one.comment for rid, one in view.meeting.exceptions.items()} == {rid: rid for rid in KEPT}
    store.close()
