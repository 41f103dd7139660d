"""Snapshots of a database: each is a schema of its own beside that of the data, with a copy of every table.

A comment on the schema says what it is called. Saving copies each table as it is at one moment. Putting one back takes
out the rows that are not in it and puts in those that are missing, in one transaction: who reads meanwhile reads to the
end what was there, which nobody could whose tables are emptied (TRUNCATE,
https://www.postgresql.org/docs/current/mvcc-caveats.html), and little is written where little has changed.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from rsvpd.store.difference import Kind, Scene, compare
from rsvpd.store.engine import OTHER_DATA, Carry, CopyError, DataFileError, NamedCopy, Run
from rsvpd.store.postgres import driver
from rsvpd.store.postgres.replacement import put_in
from rsvpd.store.postgres.schema import SCHEMA, build, continue_building
from rsvpd.store.postgres.session import PostgresSession
from rsvpd.store.sqlite.at_rest import reading
from rsvpd.store.transfer import TABLES, Table, insertion, slices
from rsvpd.store.tx import Tx, reader

if TYPE_CHECKING:
    from rsvpd.store.postgres.engine import PostgresEngine

_PREFIX = "rsvpd_snapshot_"
_INCOMING, _UPDATED = "rsvpd_incoming", "rsvpd_updated"
# One is saved at a time (https://www.postgresql.org/docs/current/explicit-locking.html, 13.3.5).
_SHELF = 0x72737671
_LIST = (
    "SELECT nspname::text, obj_description(n.oid, 'pg_namespace'), coalesce((SELECT sum(pg_total_relation_size(c.oid))"
    " FROM pg_class AS c WHERE c.relnamespace = n.oid AND c.relkind = 'r'), 0)::bigint"
    " FROM pg_namespace AS n WHERE starts_with(nspname, 'rsvpd_snapshot_')"
)
_IS_THERE = "SELECT to_regnamespace($1) IS NOT NULL"
_COLUMNS = (
    "SELECT column_name::text FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2"
    " ORDER BY ordinal_position"
)
_SETTINGS = "SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '256MB'"

_encode = msgspec.json.Encoder().encode


class _Label(Struct, frozen=True):
    """What a snapshot is called, when it was made by the clock of the server that made it, and its schema."""

    name: str
    made: int
    schema: int


_decode_label = msgspec.json.Decoder(_Label).decode


class PostgresShelf:
    """See `engine.Shelf`."""

    def __init__(self, engine: PostgresEngine) -> None:
        self._engine = engine

    def copies(self) -> list[NamedCopy]:
        """Return what there is, by name."""
        with self._engine.lend("snapshots") as connection:
            found = [
                NamedCopy(label.name, label.made, int(size), f"{self._engine.place} {schema}")
                for schema, label, size in _labels(connection)
            ]
        return sorted(found, key=lambda one: one.name)

    def save(self, name: str, *, overwrite: bool) -> None:
        """Copy every table. Raises CopyError, or Unavailable."""
        schema = _schema_of(name)
        with self._engine.lend("save") as connection:
            connection.execute(_SETTINGS)
            _rows(connection, "SELECT pg_advisory_xact_lock($1)", _SHELF)
            ((is_there,),) = _rows(connection, _IS_THERE, schema)
            if is_there and not overwrite:
                raise CopyError(f"There is a snapshot '{name}' already; --force writes over it.")
            with _explain_privilege():
                connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}")
            for table in TABLES:
                _copy_table(connection, table, SCHEMA, schema)
            label = _Label(name, time.time_ns() // 1000, self._engine.schema)
            connection.execute(f"COMMENT ON SCHEMA {schema} IS '{_encode(label).decode()}'")
            connection.execute("COMMIT")

    def remove(self, name: str) -> None:
        """Delete one, if it is there."""
        with self._engine.lend("remove") as connection:
            connection.execute(f"DROP SCHEMA IF EXISTS {_schema_of(name)} CASCADE")
            connection.execute("COMMIT")

    def restore(self, name: str, carry: Carry) -> None:
        """Put one in the place of all there is. Raises CopyError, or Unavailable; then nothing has changed."""

        def bring(connection: driver.Connection[Any]) -> str:
            label = _label(connection, name)
            if label.schema > self._engine.schema:
                newest = self._engine.schema
                raise CopyError(f"Snapshot '{name}' has schema {label.schema}; this rsvpd knows up to {newest}.")
            schema = _schema_of(name)
            _check_tenant(connection, schema)
            return (
                schema if label.schema == self._engine.schema else _bring_up_to_date(connection, schema, label.schema)
            )

        self.put_in(bring, carry)

    def put_in_file(self, copy: Path, carry: Carry) -> None:
        """Put a data file of the newest schema in the place of all there is. Raises CopyError, or Unavailable."""
        with reading(copy) as run:
            self.put_in(lambda connection: _load_incoming(connection, run), carry)

    def put_in(self, bring: Callable[[driver.Connection[Any]], str], carry: Carry) -> None:
        """Put in what stands in the schema that `bring` returns, made in the same transaction or before."""

        def job(connection: driver.Connection[Any], tx: Tx) -> None:
            connection.execute(_SETTINGS)
            put_in(connection, tx, bring, carry)
            for schema in (_INCOMING, _UPDATED):
                connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")

        self._engine.write_over(job)

    @contextmanager
    def reading(self, name: str) -> Iterator[Run]:
        """Lend what runs commands that read one. Raises DataFileError."""
        with self._engine.lend("read", is_read_only=True) as connection:
            _refuse_older(_label(connection, name), self._engine.schema)
            connection.execute(f"SET LOCAL search_path = {_schema_of(name)}, {SCHEMA}")
            yield reader(PostgresSession(connection))

    def compare(self, before: str, after: str | None, most: int) -> dict[str, Kind]:
        """Return what differs from one to another, or to what there is now. Raises DataFileError."""
        with self._engine.lend("compare") as connection:
            connection.execute(_SETTINGS)
            for name in (before, after):
                if name is not None:
                    _refuse_older(_label(connection, name), self._engine.schema)
            other = SCHEMA if after is None else _schema_of(after)
            scene = Scene(PostgresSession(connection), _schema_of(before), other, "IS DISTINCT FROM")
            return compare(scene, most)

    def file_of(self, name: str) -> Path | None:
        """Return None: it is no file."""
        return None


def _schema_of(name: str) -> str:
    """Return the schema of a snapshot; a name of the database is shorter than one of a snapshot may be."""
    return _PREFIX + hashlib.sha256(name.encode()).hexdigest()[:16]


def _rows(connection: driver.Connection[Any], sql: str, *values: Any) -> list[Any]:
    return driver.RawCursor(connection).execute(sql, values).fetchall()


def _labels(connection: driver.Connection[Any]) -> Iterator[tuple[str, _Label, int]]:
    for schema, text, size in _rows(connection, _LIST):
        try:
            label = _decode_label(text or "")
        except msgspec.DecodeError:  # somebody else's
            continue
        if _schema_of(label.name) == schema:
            yield schema, label, size


def _label(connection: driver.Connection[Any], name: str) -> _Label:
    for _, label, _ in _labels(connection):
        if label.name == name:
            return label
    raise CopyError(f"There is no snapshot '{name}' any more.")


def _refuse_older(label: _Label, newest: int) -> None:
    if label.schema != newest:
        raise DataFileError(f"Snapshot '{label.name}' has schema {label.schema}, and this rsvpd {newest}.")


def _check_tenant(connection: driver.Connection[Any], schema: str) -> None:
    tenants = [_rows(connection, f"SELECT value FROM {one}.meta WHERE key = 'tenant'") for one in (schema, SCHEMA)]  # noqa: S608 - constants
    if tenants[0] != tenants[1]:
        raise CopyError(OTHER_DATA)


def _copy_table(connection: driver.Connection[Any], table: Table, source: str, target: str) -> None:
    columns, key = ", ".join(table.columns), ", ".join(table.key)
    rows = f"SELECT {columns} FROM {source}.{table.name} WHERE {table.rows}"  # noqa: S608 - constants
    connection.execute(f"CREATE TABLE {target}.{table.name} AS {rows}")
    connection.execute(f"ALTER TABLE {target}.{table.name} ADD PRIMARY KEY ({key})")


def _load_incoming(connection: driver.Connection[Any], run: Run) -> str:
    """Bring what a data file holds into a schema that goes again with this transaction."""
    connection.execute(f"DROP SCHEMA IF EXISTS {_INCOMING} CASCADE; CREATE SCHEMA {_INCOMING}")
    session = PostgresSession(connection)
    for table in TABLES:
        connection.execute(f"CREATE TABLE {_INCOMING}.{table.name} (LIKE {SCHEMA}.{table.name})")
        sql = insertion(table, f"{_INCOMING}.{table.name}")
        for rows in slices(run, table):
            session.execute_many(sql, [dict(zip(table.columns, row, strict=True)) for row in rows])
    return _INCOMING


def _bring_up_to_date(connection: driver.Connection[Any], schema: str, version: int) -> str:
    """Bring a snapshot of an earlier rsvpd up to date, in a schema that goes again with this transaction."""
    connection.execute(f"DROP SCHEMA IF EXISTS {_UPDATED} CASCADE; CREATE SCHEMA {_UPDATED}")
    connection.execute(f"SET LOCAL search_path = {_UPDATED}")
    build(connection, version)
    for table in (name for name in _tables(connection, schema)):
        columns = ", ".join(f'"{name}"' for (name,) in _rows(connection, _COLUMNS, schema, table))
        connection.execute(f'INSERT INTO {_UPDATED}."{table}" ({columns}) SELECT {columns} FROM {schema}."{table}"')  # noqa: S608 - names of our own
    continue_building(connection, version)
    connection.execute(f"SET LOCAL search_path = {SCHEMA}")
    return _UPDATED


def _tables(connection: driver.Connection[Any], schema: str) -> list[str]:
    sql = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = $1"
    return [str(name) for (name,) in _rows(connection, sql, schema)]


@contextmanager
def _explain_privilege() -> Iterator[None]:
    try:
        yield
    except driver.errors.InsufficientPrivilege:
        raise CopyError(
            "A snapshot is a schema of its own, and this user may make none: GRANT CREATE ON DATABASE lets it;"
            " `rsvpd backup` copies all into a file."
        ) from None
