"""SQL on a connection of PostgreSQL: parameters by name become those by place, texts what the database can hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from rsvpd.query.terms import Terms
from rsvpd.store.parameters import by_place
from rsvpd.store.postgres import driver
from rsvpd.store.postgres import terms as index

# The names of the locks of those that repeat, which are one number each
# (https://www.postgresql.org/docs/current/explicit-locking.html, 13.3.5).
LOCKS = 0x72737670 << 32
# What this session holds alone is not tried: while others wait for that, it would not be given.
_LOCK = (
    "SELECT mailbox, newest, CASE WHEN mailbox = ANY ($2) THEN true"  # noqa: S608 - a constant
    f" ELSE pg_try_advisory_xact_lock_shared({LOCKS} + mailbox) END FROM change_number"
    " WHERE mailbox = ANY ($1) ORDER BY mailbox FOR NO KEY UPDATE"
)
_NOW = " NOWAIT"
_BEGIN = (
    "INSERT INTO change_number (mailbox, newest) SELECT one, 0 FROM unnest($1::bigint[]) AS one"
    " ON CONFLICT (mailbox) DO NOTHING"
)
FILL_NUMBERS = (
    "INSERT INTO change_number (mailbox, newest) SELECT mailbox, max(number) FROM change GROUP BY mailbox"
    " ON CONFLICT (mailbox) DO UPDATE SET newest = excluded.newest"
)
NUMBERED = (
    "SELECT table_name::text, column_name::text FROM information_schema.columns"
    " WHERE table_schema = current_schema() AND is_identity = 'YES'"
)
_CHANNEL = "rsvpd"
# The history that a server writes, which is another after each failover
# (https://www.postgresql.org/docs/current/continuous-archiving.html, 25.3.6). The same number of a transaction is of
# another one there.
TIMELINE = "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)"
_XID = f"SELECT pg_current_xact_id_if_assigned()::text, {TIMELINE}"
_TELL = f"SELECT pg_notify('{_CHANNEL}', $1)"
_ADVANCE = (
    "WITH advanced AS ("  # noqa: S608 - a constant
    "UPDATE change_number AS c SET newest = n.newest"
    " FROM unnest($1::bigint[], $2::bigint[]) AS n (mailbox, newest) WHERE c.mailbox = n.mailbox"
    f") SELECT pg_current_xact_id()::text, {TIMELINE}"
)
LISTEN = f"LISTEN {_CHANNEL}"


class TransactionName(NamedTuple):
    """The number of a transaction, and the history that it belongs to."""

    number: str
    timeline: str


class Contended(Exception):
    """Somebody who repeats waits for a mailbox that this transaction wants to change."""


class _Text(driver.Dumper):
    """Columns hold no NUL (https://www.postgresql.org/docs/current/datatype-character.html); what they are made of
    does, and is stored as bytes.
    """

    oid = driver.types["text"].oid

    def dump(self, obj: str) -> bytes:
        """Return the text as it is sent."""
        return obj.replace("\0", "\ufffd").encode()


def prepare(connection: driver.Connection[Any]) -> None:
    """Let a connection take parameters as this store gives them."""
    connection.adapters.register_dumper(str, _Text)
    connection.adapters.register_dumper(int, driver.Int8Dumper)  # each statement is prepared once
    connection.prepare_threshold = 2
    connection.prepared_max = 500


class PostgresSession:
    """See `engine.Session`."""

    streams = False
    to_claim = " FOR UPDATE SKIP LOCKED"

    def __init__(
        self, connection: driver.Connection[Any], pipeline: driver.Pipeline | None = None, met: set[int] | None = None
    ) -> None:
        self._connection = connection
        self._pipeline = pipeline
        self._met = set() if met is None else met  # the mailboxes that change, for who has to do it again
        self._held = list(self._met)  # those that this transaction has for itself
        self._taken: dict[int, int] = {}

    def execute(self, sql: str, params: Mapping[str, Any]) -> driver.RawCursor[Any]:
        """Execute a statement. It travels with the next of which something is wanted; what it found is here then."""
        statement, values = by_place(sql, "$")
        return self._run(statement, values(params))

    def write(self, sql: str, params: Mapping[str, Any]) -> object:
        """Execute a statement of which nothing is wanted; it travels with the next one."""
        return self.execute(sql, params)

    def count(self, sql: str, params: Mapping[str, Any]) -> int:
        """Execute a statement, and return how many rows it touched."""
        found = self.execute(sql, params)
        if self._pipeline is not None:
            self._pipeline.sync()
        return found.rowcount

    def insert(self, sql: str, params: Mapping[str, Any]) -> int:
        """Execute an INSERT and return the number of the row."""
        found = self.execute(f"{sql} RETURNING number", params).fetchone()
        assert found is not None
        return int(found[0])

    def execute_many(self, sql: str, rows: Sequence[dict[str, Any]]) -> None:
        """Execute a statement for each of several sets of parameters, in one journey."""
        statement, values = by_place(sql, "$")
        cursor = driver.RawCursor(self._connection)
        cursor.executemany(statement, map(values, rows))

    def index_item(self, mailbox: int, item: int, terms: Sequence[str]) -> None:
        """Put an item into the index of words; without terms take it out."""
        if terms:
            self._run(index.PUT, (mailbox, item, list(terms)))
        else:
            self._run(index.DROP, (mailbox, item))

    def find_terms(self, mailbox: int, terms: Terms, most: int) -> list[int]:
        """Return the items of a mailbox that are found by terms."""
        found = self._run(index.FIND, (index.query_of(terms, mailbox), most)).fetchall()
        return [int(item) for (item,) in found]

    def drop_terms(self, mailbox: int, most: int) -> int:
        """Take so many items of a mailbox out of the index of words, and return how many that were."""
        dropped = self._run(index.DROP_SOME, (mailbox, most))
        if self._pipeline is not None:
            self._pipeline.sync()
        return dropped.rowcount

    def take_up_numbers(self) -> None:
        """Go on with all numbers from what was copied into the tables."""
        self._run(FILL_NUMBERS, ())
        for table, column in self._run(NUMBERED, ()).fetchall():
            greatest = f"SELECT max({column}) AS one FROM {table}"  # noqa: S608 - names of our own
            sql = f"SELECT setval(pg_get_serial_sequence($1, $2), one) FROM ({greatest}) AS known WHERE one > 0"  # noqa: S608 - constants
            self._run(sql, (table, column))

    def newest_changes(self, mailboxes: Sequence[int]) -> dict[int, int]:
        """Return the number of the newest change of each, or 0. Who asks next waits until this transaction ends.

        Raises Contended.
        """
        # Who waits holds nothing beyond what is waited for: else two could wait for each other.
        lock = _LOCK + _NOW if self._taken and mailboxes[0] < max(self._taken) else _LOCK
        self._met.update(mailboxes)
        found = self._lock_rows(lock, mailboxes)
        if len(found) < len(mailboxes):
            self._run(_BEGIN, ([one for one in mailboxes if one not in found],))
            found = self._lock_rows(lock, mailboxes)
        self._taken.update(found)
        return found

    def advance(self, numbers: Mapping[int, int]) -> TransactionName | None:
        """Write the newest changes, and return the name of the transaction if it changes anything."""
        changed = {mailbox: number for mailbox, number in numbers.items() if number != self._taken.get(mailbox)}
        asked = self._run(_ADVANCE, (list(changed), list(changed.values()))) if changed else self._run(_XID, ())
        row = asked.fetchone()
        return TransactionName(*row) if row and row[0] else None

    def tell(self, news: bytes) -> None:
        """Tell other processes, once this transaction is committed."""
        self._run(_TELL, (news.decode(),))

    def _lock_rows(self, lock: str, mailboxes: Iterable[int]) -> dict[int, int]:
        rows = self._run(lock, (list(mailboxes), self._held)).fetchall()
        if not all(is_free for _, _, is_free in rows):
            raise Contended
        return {mailbox: newest for mailbox, newest, _ in rows}

    def _run(self, statement: str, values: Sequence[Any]) -> driver.RawCursor[Any]:
        cursor = driver.RawCursor(self._connection)
        return cursor.execute(statement, values, binary=True)
