"""The index of words over FTS5 (https://www.sqlite.org/fts5.html).

A row is named by its mailbox and item, so that those of a mailbox lie together. What is stored are terms with blanks
between them, which the tokenizer takes as they are: letters and digits, in lower case already.
"""

from __future__ import annotations

from collections.abc import Sequence

from rsvpd.query.terms import AllOf, AnyOf, Term, Terms
from rsvpd.store.sqlite import driver

_BITS = 32
_PUT = "INSERT INTO item_terms (rowid, terms) VALUES (?, ?)"
_DROP = "DELETE FROM item_terms WHERE rowid = ?"
_DROP_SOME = (
    "DELETE FROM item_terms WHERE rowid IN"
    " (SELECT rowid FROM item_terms WHERE rowid >= ? AND rowid < ? LIMIT ?)"
)
_FIND = "SELECT rowid FROM item_terms WHERE item_terms MATCH ? AND rowid >= ? AND rowid < ? LIMIT ?"


def index_item(connection: driver.Connection, mailbox: int, item: int, terms: Sequence[str]) -> None:
    """Put an item into the index in the place of what was there; without terms take it out."""
    place = (mailbox << _BITS) + item
    connection.execute(_DROP, (place,))
    if terms:
        connection.execute(_PUT, (place, " ".join(terms)))


def drop_terms(connection: driver.Connection, mailbox: int, most: int) -> int:
    """Take items of a mailbox out of the index, and return how many."""
    return connection.execute(_DROP_SOME, (mailbox << _BITS, (mailbox + 1) << _BITS, most)).rowcount


def find_terms(connection: driver.Connection, mailbox: int, terms: Terms, most: int) -> list[int]:
    """Return items of a mailbox that are found by terms."""
    first, past = mailbox << _BITS, (mailbox + 1) << _BITS
    return [place - first for (place,) in connection.execute(_FIND, (_query(terms, mailbox), first, past, most))]


def _query(terms: Terms, mailbox: int) -> str:
    match terms:
        case Term(text, is_open):
            return f'"{mailbox}{text}"{" *" if is_open else ""}'
        case AllOf(parts):
            return f"({' AND '.join(_query(part, mailbox) for part in parts)})"
        case AnyOf(parts):
            return f"({' OR '.join(_query(part, mailbox) for part in parts)})"
