"""Who answered what, in the data file: one row for each meeting, recurrence id and address."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from rsvpd.calendar.copy import Response, Responses
from rsvpd.store.tx import Tx

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Response).decode

_OF = "SELECT recurrence_id, address, data FROM response WHERE mailbox = :mailbox AND item = :item"
_DATE = f"{_OF} AND recurrence_id = :rid"
_GUEST = f"{_OF} AND recurrence_id = :rid AND address = :address"
_KEEP = (
    "INSERT INTO response (mailbox, item, recurrence_id, address, data)"
    " VALUES (:mailbox, :item, :rid, :address, :data)"
    " ON CONFLICT (mailbox, item, recurrence_id, address) DO UPDATE SET data = excluded.data"
)
# What reading an answer costs, in steps.
_READ = 2


def of(tx: Tx, mailbox: int, item: int) -> Responses:
    """Return all answers to a meeting, by recurrence id and address."""
    found: dict[str, dict[str, Response]] = {}
    for rid, address, data in tx.stream(_OF, mailbox=mailbox, item=item):
        found.setdefault(rid, {})[address] = _decode(data)
        tx.work.spend(_READ)
    return found


def of_dates(tx: Tx, mailbox: int, item: int, recurrence_ids: Iterable[str]) -> Responses:
    """Return the answers that may count for some dates: to these, and to the whole."""
    return {
        rid: {address: _decode(data) for _, address, data in tx.rows(_DATE, mailbox=mailbox, item=item, rid=rid)}
        for rid in {"", *recurrence_ids}
    }


def of_guest(tx: Tx, mailbox: int, item: int, recurrence_id: str | None, address: str) -> Response | None:
    """Return what one guest (a folded address) answered to exactly this date, or to the whole."""
    row = tx.row(_GUEST, mailbox=mailbox, item=item, rid=recurrence_id or "", address=address)
    return _decode(row[2]) if row else None


def keep(tx: Tx, mailbox: int, item: int, recurrence_id: str | None, address: str, response: Response) -> None:
    """Write what one guest answered."""
    tx.write(_KEEP, mailbox=mailbox, item=item, rid=recurrence_id or "", address=address, data=_encode(response))
