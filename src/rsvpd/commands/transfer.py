"""Moving everything from one store to another: what one reads the other writes, slice by slice."""

from __future__ import annotations

from rsvpd.commands.door import reads, writes
from rsvpd.store import transfer
from rsvpd.store.engine import Row
from rsvpd.store.transfer import TABLES, Mark, Sum, Table
from rsvpd.store.tx import Tx

__all__ = ["TABLES", "Mark", "Sum", "Table"]


@reads
def fingerprint(tx: Tx) -> str:
    """Return what names the state of everything."""
    return transfer.fingerprint(tx)


@writes
def write_slice(tx: Tx, table: Table, rows: list[Row], mark: Mark) -> None:
    """Write rows and how far the move has come."""
    transfer.write_slice(tx, table, rows, mark)


@reads
def mark(tx: Tx) -> Mark | None:
    """Return how far a move into this store has come, or None where none is under way."""
    return transfer.mark(tx)


@reads
def is_lived_in(tx: Tx) -> bool:
    """Return whether anything is there that a move would mix with."""
    return transfer.is_lived_in(tx)


@writes
def finish(tx: Tx) -> None:
    """Let the store be used, with the numbers that follow."""
    transfer.finish(tx)

