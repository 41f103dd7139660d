"""Moving all mailboxes from a data file into a database, or back.

A move that was cut short goes on where it stood, as long as what it is moved from has not changed; until it is over and
has been compared, row by row, nothing opens what it is moved to.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from rsvpd.commands import transfer
from rsvpd.commands.transfer import TABLES, Mark, Sum, Table
from rsvpd.store.database import Store
from rsvpd.store.engine import DataFileError, Run
from rsvpd.store.transfer import slices

Say = Callable[[str], None]


class Moved(Struct, frozen=True, kw_only=True):
    """What was moved: rows of each table that has any, and of how many a move before had taken care."""

    rows: dict[str, int]
    resumed: bool


def move(source: Run, target: Store, say: Say) -> Moved:
    """Move everything from where `source` runs commands.

    Raises DataFileError where the target is not empty, or what is moved changes meanwhile.
    """
    origin = source(transfer.fingerprint)
    mark = target.run(transfer.mark)
    if mark is None and target.run(transfer.is_lived_in):
        raise DataFileError("What it is to be moved to is not empty; it was left as it is.")
    if mark is not None and mark.source != origin:
        raise DataFileError("A move from elsewhere, or from before a change, was begun there: empty it first.")
    begun = mark or Mark(origin)
    for number in range(begun.table, len(TABLES)):
        _copy(source, target, Mark(origin, number, begun.after if number == begun.table else ()), say)
    rows = {}
    for table in TABLES:
        say(f"Comparing {table.name}")
        there, here = _sum(source, table), _sum(target.run, table)
        if there != here:
            raise DataFileError(f"{table.name}: {here.rows} rows arrived of {there.rows}, or not as they were.")
        if here.rows:
            rows[table.name] = here.rows
    if source(transfer.fingerprint) != origin:
        raise DataFileError("It was changed while it was moved: stop the servers that have it open first.")
    target.run(transfer.finish)
    return Moved(rows=rows, resumed=mark is not None)


def refuse_unfinished(store: Store) -> None:
    """Raise DataFileError where a move into this store is not over."""
    if store.run(transfer.mark) is not None:
        raise DataFileError("A move into it is not over: run it again, it goes on where it stood.")


def _copy(source: Run, target: Store, mark: Mark, say: Say) -> None:
    table, done = TABLES[mark.table], 0
    for rows in slices(source, table, mark.after):
        after = rows[-1][: len(table.key)]
        target.run(transfer.write_slice, table, rows, Mark(mark.source, mark.table, after))
        done += len(rows)
        say(f"Moving {table.name}: {done:,}")


def _sum(run: Run, table: Table) -> Sum:
    total = Sum()
    for rows in slices(run, table):
        total.add(rows)
    return total
