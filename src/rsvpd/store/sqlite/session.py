"""SQL on a connection of SQLite.

It takes parameters by name as they are, but is asked for each name each time: what has many takes them by place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rsvpd.query.terms import Terms
from rsvpd.store.parameters import by_place
from rsvpd.store.sqlite import driver
from rsvpd.store.sqlite import terms as index

_NEWEST_OF = (
    "SELECT one.value, (SELECT COALESCE(max(number), 0) FROM change WHERE mailbox = one.value)"
    " FROM json_each(:mailboxes) AS one"
)


class SqliteSession:
    """See `engine.Session`."""

    __slots__ = ("_connection", "_execute_many", "execute")

    streams = True
    to_claim = ""  # there is one writer at a time

    def __init__(self, connection: driver.Connection) -> None:
        self._connection = connection
        self.execute = connection.execute
        self._execute_many = connection.executemany

    def write(self, sql: str, params: Mapping[str, Any]) -> object:
        """Execute a statement of which nothing is wanted."""
        statement, values = by_place(sql, "?")
        return self.execute(statement, values(params))

    def count(self, sql: str, params: Mapping[str, Any]) -> int:
        """Execute a statement, and return how many rows it touched."""
        return self.execute(sql, params).rowcount

    def insert(self, sql: str, params: Mapping[str, Any]) -> int:
        """Execute an INSERT and return the number of the row: faster than to let the statement return it."""
        return int(self.execute(sql, params).lastrowid or 0)

    def execute_many(self, sql: str, rows: Sequence[dict[str, Any]]) -> None:
        """Execute a statement for each of several sets of parameters."""
        statement, values = by_place(sql, "?")
        self._execute_many(statement, map(values, rows))

    def index_item(self, mailbox: int, item: int, terms: Sequence[str]) -> None:
        """Put an item into the index of words; without terms take it out."""
        index.index_item(self._connection, mailbox, item, terms)

    def find_terms(self, mailbox: int, terms: Terms, most: int) -> list[int]:
        """Return the items of a mailbox that are found by terms."""
        return index.find_terms(self._connection, mailbox, terms, most)

    def drop_terms(self, mailbox: int, most: int) -> int:
        """Take so many items of a mailbox out of the index of words, and return how many that were."""
        return index.drop_terms(self._connection, mailbox, most)

    def take_up_numbers(self) -> None:
        """Do nothing: SQLite sees the greatest number by itself."""

    def newest_changes(self, mailboxes: Sequence[int]) -> dict[int, int]:
        """Return the number of the newest change of each, or 0: there is one writer at a time."""
        return dict(self.execute(_NEWEST_OF, {"mailboxes": json.dumps(mailboxes)}).fetchall())
