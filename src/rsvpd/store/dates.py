"""What owners of copies keep of single dates, in the data file: one row for each copy and recurrence id.

So an answer to one date of a long series writes that date.
"""

from __future__ import annotations

import msgspec

from rsvpd.calendar.copy import Private
from rsvpd.store.tx import Tx

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Private).decode

_OF = "SELECT recurrence_id, data FROM own_date WHERE mailbox = :mailbox AND item = :item"
_KEEP = (
    "INSERT INTO own_date (mailbox, item, recurrence_id, data) VALUES (:mailbox, :item, :rid, :data)"
    " ON CONFLICT (mailbox, item, recurrence_id) DO UPDATE SET data = excluded.data"
)
_DROP = "DELETE FROM own_date WHERE mailbox = :mailbox AND item = :item AND recurrence_id = :rid"
# What reading a date costs, in steps.
_READ = 2


def of(tx: Tx, mailbox: int, item: int) -> dict[str, Private]:
    """Return what is kept of the dates of a copy, by recurrence id."""
    rows = tx.rows(_OF, mailbox=mailbox, item=item)
    tx.work.spend(_READ * len(rows))
    found = tx.dates[mailbox, item] = {rid: _decode(data) for rid, data in rows}
    return found


def put(tx: Tx, mailbox: int, item: int, kept: dict[str, Private]) -> None:
    """Write what differs from what was read of these dates in this transaction."""
    before = tx.dates.get((mailbox, item), {})
    for rid, private in kept.items():
        was = before.get(rid)
        if was is not private and was != private:
            tx.add(_KEEP, mailbox=mailbox, item=item, rid=rid, data=_encode(private))
    for rid in before.keys() - kept.keys():
        tx.run(_DROP, mailbox=mailbox, item=item, rid=rid)
    if before or kept:
        tx.dates[mailbox, item] = kept
