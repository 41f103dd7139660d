"""What owners of copies keep of single dates, in the data file: one row for each copy and recurrence id.

So an answer to one date of a long series reads and writes that date.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import msgspec

from rsvpd.calendar.copy import OwnDates, Private
from rsvpd.calendar.lazy import LazyMapping
from rsvpd.store.engine import Row
from rsvpd.store.tx import DateNames, Tx

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Private).decode
_ALL = "SELECT recurrence_id, data FROM own_date WHERE mailbox = :mailbox AND item = :item"
_ONE = _ALL + " AND recurrence_id = :rid"
# Members at their default are not stored: what has not the name in it has no value there either.
_NAMES = (
    "SELECT group_concat(recurrence_id), group_concat(CASE WHEN instr(data, CAST('overlay' AS BLOB)) > 0"
    " OR instr(data, CAST('called_off' AS BLOB)) > 0 THEN recurrence_id END)"
    " FROM (SELECT recurrence_id, data FROM own_date WHERE mailbox = :mailbox AND item = :item"
    " ORDER BY recurrence_id) AS one"
)
_KEEP = (
    "INSERT INTO own_date (mailbox, item, recurrence_id, data) VALUES (:mailbox, :item, :rid, :data)"
    " ON CONFLICT (mailbox, item, recurrence_id) DO UPDATE SET data = excluded.data"
)
_DROP = "DELETE FROM own_date WHERE mailbox = :mailbox AND item = :item AND recurrence_id = :rid"
# What reading a date costs, in steps; from how many on that are looked at all are read.
_READ = 2
_FEW = 4


class StoredDates(LazyMapping[Private]):
    """What stands in the data file of the dates of a copy, each read where it is looked at, within the transaction."""

    __slots__ = ("_rows", "_select")

    def __init__(self, names: list[str], select: Callable[..., list[Row]]) -> None:
        super().__init__(names, self._read)
        self._select = select
        self._rows: dict[str, bytes] = {}

    def read_all(self) -> None:
        """Read what was not looked at yet. Who shows a copy after the transaction needs all of it by then."""
        self._rows = dict(self._select(_ALL)) | self._rows

    def _read(self, rid: str) -> Private:
        if rid not in self._rows:
            if len(self._rows) < _FEW:
                self._rows.update(self._select(_ONE, rid=rid))
            else:
                self.read_all()
        return _decode(self._rows[rid])


def of(tx: Tx, mailbox: int, item: int, change: int) -> OwnDates:
    """Return what is kept of the dates of a copy, whose newest change is given."""
    known = tx.directory.date_names.get((mailbox, item))
    if known is None or known.change != change:
        listed = tx.row(_NAMES, mailbox=mailbox, item=item)
        assert listed is not None
        names, apart = (one.split(",") if one else [] for one in listed)
        known = tx.date_names[mailbox, item] = DateNames(change, names, apart)
    tx.work.spend(_READ * len(known.names))
    stored = tx.dates[mailbox, item] = StoredDates(known.names, partial(tx.rows, mailbox=mailbox, item=item))
    return OwnDates(stored, known.apart)


def read_all(kept: Mapping[str, Private]) -> None:
    """Read what was not looked at yet of the dates of a copy, which is shown after the transaction."""
    if isinstance(kept, OwnDates) and isinstance(kept.stored, StoredDates):
        kept.stored.read_all()


def put(tx: Tx, mailbox: int, item: int, kept: Mapping[str, Private], *, change: int) -> None:
    """Write, with a change of the copy, what differs from what was read of these dates in this transaction."""
    before = tx.dates.get((mailbox, item), {})
    if not (before or kept):
        return
    changes = kept
    if isinstance(kept, OwnDates) and kept.stored is before:
        changes = kept.changes
        apart = [rid for rid in kept.apart if (one := changes.get(rid)) is None or one.overlay or one.called_off]
        tx.date_names[mailbox, item] = DateNames(change, list(kept), apart)
    else:
        for rid in before.keys() - kept.keys():
            tx.write(_DROP, mailbox=mailbox, item=item, rid=rid)
    for rid, private in changes.items():
        was = before.get(rid)
        if was is not private and was != private:
            tx.add(_KEEP, mailbox=mailbox, item=item, rid=rid, data=_encode(private))
    tx.dates[mailbox, item] = kept
