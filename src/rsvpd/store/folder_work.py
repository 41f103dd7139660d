"""What is left to do with folders (see commands/folders.py), kept until all of it is done."""

from __future__ import annotations

from msgspec import Struct

from rsvpd.store.tx import Tx

_KEEP = "INSERT INTO folder_work (mailbox, data) VALUES (:mailbox, :data)"
_OLDEST = "SELECT number, mailbox, data FROM folder_work ORDER BY number LIMIT 1"
_ADVANCE = "UPDATE folder_work SET data = :data WHERE number = :number"
_OVER = "DELETE FROM folder_work WHERE number = :number"
_WAITING = "SELECT count(*) FROM folder_work"


class KeptWork(Struct, frozen=True):
    """Work in a mailbox, as it was kept."""

    number: int
    mailbox: int
    data: bytes


def keep(tx: Tx, mailbox: int, data: bytes) -> None:
    """Keep work for later; somebody is woken for it after the commit."""
    tx.write(_KEEP, mailbox=mailbox, data=data)
    tx.has_delivery = True


def oldest(tx: Tx) -> KeptWork | None:
    """Return the work that was kept first, of that which no other process does."""
    row = tx.row(_OLDEST + tx.to_claim)
    return KeptWork(*row) if row else None


def advance(tx: Tx, number: int, data: bytes | None) -> None:
    """Keep what is left of some work: nothing where that is None."""
    if data is None:
        tx.write(_OVER, number=number)
    else:
        tx.write(_ADVANCE, number=number, data=data)


def count_work(tx: Tx) -> int:
    """Return how much work there is."""
    row = tx.row(_WAITING)
    return int(row[0]) if row else 0
