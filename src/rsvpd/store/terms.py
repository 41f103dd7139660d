"""The index of words: how far that of a mailbox has come, and what is found in it.

It follows from the items and is never moved along: a mailbox without one gets it with its next search. It lags behind
the change log, and what it has not seen is told by that: so what is found is exact, however far the index has come. The
index itself is the engine's (`engine.Session`).
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from rsvpd.query.terms import VERSION, Terms
from rsvpd.store import changes
from rsvpd.store.tx import Tx

ALL = 2**62

_STATE = "SELECT reached, filled FROM term_index WHERE mailbox = :mailbox AND version = :version"
# Nobody else fills the same index until the transaction ends. One of another version begins anew.
_HOLD = (
    "INSERT INTO term_index (mailbox, reached, filled, version) VALUES (:mailbox, :newest, 0, :version)"
    " ON CONFLICT (mailbox) DO UPDATE SET version = excluded.version,"
    " reached = CASE WHEN term_index.version = excluded.version THEN term_index.reached ELSE excluded.reached END,"
    " filled = CASE WHEN term_index.version = excluded.version THEN term_index.filled ELSE 0 END"
)
_ADVANCE = "UPDATE term_index SET reached = :reached, filled = :filled WHERE mailbox = :mailbox"
_CHANGED = (
    "SELECT number, item FROM change WHERE mailbox = :mailbox AND number > :reached ORDER BY number LIMIT :most"
)
_AFTER = tuple(
    f"SELECT item FROM {table} WHERE mailbox = :mailbox AND item > :filled AND item <= :reached"  # noqa: S608 - constants
    " ORDER BY item LIMIT :most"
    for table in ("event", "message")
)


class IndexState(Struct, frozen=True):
    """How far an index has come: it has all changes up to `reached` of what it has, which is what there is up to the
    item `filled`.
    """

    reached: int
    filled: int

    @property
    def is_filled(self) -> bool:
        """Return whether everything up to the change that was reached is in it."""
        return self.filled == ALL


def state(tx: Tx, mailbox: int) -> IndexState | None:
    """Return how far the index of a mailbox has come, or None where it has none of this version."""
    row = tx.row(_STATE, mailbox=mailbox, version=VERSION)
    return IndexState(*row) if row else None


def hold(tx: Tx, mailbox: int, newest: int) -> IndexState:
    """Return how far an index has come, which this transaction alone goes on with; it begins at the newest change."""
    tx.run(_HOLD, mailbox=mailbox, newest=newest, version=VERSION)
    found = state(tx, mailbox)
    assert found is not None
    return found


def advance(tx: Tx, mailbox: int, state: IndexState) -> None:
    """Note how far an index has come."""
    tx.write(_ADVANCE, mailbox=mailbox, reached=state.reached, filled=state.filled)


def changes_after(tx: Tx, mailbox: int, reached: int, *, most: int) -> list[tuple[int, int]] | None:
    """Return the changes after one as (number, item), the oldest first, at most so many.

    None where the next of them is not kept any more, or that change never was.
    """
    rows = tx.rows(_CHANGED, mailbox=mailbox, reached=reached, most=most)
    if not rows:
        return [] if changes.newest(tx, mailbox) == reached else None
    return rows if changes.follows(tx, mailbox, reached, rows[0][0]) else None


def items_after(tx: Tx, mailbox: int, state: IndexState, *, most: int) -> list[int]:
    """Return the next items that have to be indexed at first, in order."""
    found = [
        int(item)
        for sql in _AFTER
        for (item,) in tx.rows(sql, mailbox=mailbox, filled=state.filled, reached=state.reached, most=most)
    ]
    return sorted(found)[:most]


def among(sql: str, table: str, items: str | None) -> str:
    """Return a statement about a mailbox's rows of a table; where `items` are given, about these alone (`:items`)."""
    if items is None:
        return sql
    of_mailbox = f"FROM {table} WHERE mailbox = :mailbox"
    # The items lead: there is an index by which each is found.
    of_items = f"FROM json_each(:items) AS found CROSS JOIN {table} WHERE mailbox = :mailbox AND item = found.value"
    return sql.replace(of_mailbox, of_items)


def put(tx: Tx, mailbox: int, item: int, terms: Iterable[str]) -> None:
    """Index an item, anew where it was indexed before."""
    tx.index_item(mailbox, item, [f"{mailbox}{term}" for term in terms])


def drop(tx: Tx, mailbox: int, item: int) -> None:
    """Take an item that is gone out of the index."""
    tx.index_item(mailbox, item, ())


def find(tx: Tx, mailbox: int, terms: Terms, *, most: int) -> list[int]:
    """Return the items of a mailbox that are found by terms, at most so many."""
    found = tx.find_terms(mailbox, terms, most)
    tx.work.spend(len(found))
    return found
