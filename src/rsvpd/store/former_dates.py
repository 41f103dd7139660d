"""Which dates copies had before changes that took some away, in the data file: as long as the change log has these.

A change that adds dates, or an answer, writes nothing here.
"""

from __future__ import annotations

import msgspec

from rsvpd.calendar.copy import Copy
from rsvpd.calendar.copy_dates import CopyDates, dates_of_copy, has_lost
from rsvpd.store.tx import Tx

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(CopyDates).decode

_KEEP = "INSERT INTO former_dates (mailbox, item, change, data) VALUES (:mailbox, :item, :change, :data)"
_SINCE = (
    "SELECT data FROM former_dates WHERE mailbox = :mailbox AND item = :item AND change > :number ORDER BY change"
)


def note(tx: Tx, mailbox: int, item: int, change: int, *, before: Copy, after: Copy) -> None:
    """Keep which dates a copy had, if a change takes any away."""
    if _keeps_all(before, after):
        return
    dates = dates_of_copy(before)
    if has_lost(dates, dates_of_copy(after)):
        tx.add(_KEEP, mailbox=mailbox, item=item, change=change, data=_encode(dates))


def since(tx: Tx, mailbox: int, item: int, number: int) -> list[CopyDates]:
    """Return which dates a copy had before each change after this number that took some away."""
    return [_decode(data) for (data,) in tx.rows(_SINCE, mailbox=mailbox, item=item, number=number)]


def _keeps_all(before: Copy, after: Copy) -> bool:
    """Return whether it needs no look at the series: an answer, of whoever it is, changes none of this."""
    if before.revision.recurrence is None and after.revision.recurrence is None:
        return True
    return (
        before.revision is after.revision
        and before.own.overlay == after.own.overlay
        and before.own.called_off == after.own.called_off
        and before.invited_to == after.invited_to
        and set(before.removed) <= set(after.removed)
        and all(rid in after.dates for rid in before.dates)
    )
