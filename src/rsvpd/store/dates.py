"""What owners of copies keep of single dates, in the data file: one row for each copy and recurrence id.

So an answer to one date of a long series writes that date.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from rsvpd.calendar.copy import OwnDates, Private
from rsvpd.calendar.lazy import LazyMapping
from rsvpd.store.tx import Tx

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Private).decode
# Members at their default are not stored: what has not the name in it has no value there either.
_OVERLAY, _CALLED_OFF = b"overlay", b"called_off"

_OF = "SELECT recurrence_id, data FROM own_date WHERE mailbox = :mailbox AND item = :item"
_KEEP = (
    "INSERT INTO own_date (mailbox, item, recurrence_id, data) VALUES (:mailbox, :item, :rid, :data)"
    " ON CONFLICT (mailbox, item, recurrence_id) DO UPDATE SET data = excluded.data"
)
_DROP = "DELETE FROM own_date WHERE mailbox = :mailbox AND item = :item AND recurrence_id = :rid"
# What reading a date costs, in steps.
_READ = 2


def of(tx: Tx, mailbox: int, item: int) -> OwnDates:
    """Return what is kept of the dates of a copy; each is decoded where it is looked at."""
    rows: dict[str, bytes] = dict(tx.rows(_OF, mailbox=mailbox, item=item))
    tx.work.spend(_READ * len(rows))
    apart = {rid for rid, data in rows.items() if _OVERLAY in data or _CALLED_OFF in data}
    stored = tx.dates[mailbox, item] = LazyMapping(rows, lambda rid: _decode(rows[rid]))
    return OwnDates(stored, apart)


def put(tx: Tx, mailbox: int, item: int, kept: Mapping[str, Private]) -> None:
    """Write what differs from what was read of these dates in this transaction."""
    before = tx.dates.get((mailbox, item), {})
    if not (before or kept):
        return
    changes = kept
    if isinstance(kept, OwnDates) and kept.stored is before:
        changes = kept.changes
    else:
        for rid in before.keys() - kept.keys():
            tx.run(_DROP, mailbox=mailbox, item=item, rid=rid)
    for rid, private in changes.items():
        was = before.get(rid)
        if was is not private and was != private:
            tx.add(_KEEP, mailbox=mailbox, item=item, rid=rid, data=_encode(private))
    tx.dates[mailbox, item] = kept
