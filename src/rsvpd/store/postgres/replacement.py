"""Putting what stands in one schema in the place of what stands in that of the data, row by row.

Rule 1: nobody writes meanwhile: all tables are locked before anything is read, and readers are let in.
Rule 2: every row that has the number of a mailbox's newest change is written, so that whoever decided on what was there
        before fails and does all of it again, on what has come (engine.py, rule 1).
Rule 3: numbers are never set back, neither those of changes nor those that the database gives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rsvpd.store import changes
from rsvpd.store.engine import Carry
from rsvpd.store.postgres import driver
from rsvpd.store.postgres.schema import SCHEMA
from rsvpd.store.postgres.session import FILL_NUMBERS, NUMBERED
from rsvpd.store.transfer import DERIVED, TABLES, Table
from rsvpd.store.tx import Tx

# Whoever changes a mailbox takes this one first.
_FIRST = "change_number"
_PEOPLE = "SELECT number FROM person"
_SEQUENCE = "SELECT pg_get_serial_sequence($1, $2)"


def put_in(
    connection: driver.Connection[Any], tx: Tx, bring: Callable[[driver.Connection[Any]], str], carry: Carry
) -> None:
    """Put in what stands in the schema that `bring` returns. Numbers of changes are those of `tx` then, for all."""
    names = (_FIRST, *(table.name for table in TABLES), *DERIVED)
    connection.execute(f"LOCK TABLE {', '.join(names)} IN EXCLUSIVE MODE")
    finish = carry(tx)
    before = changes.last_numbers(tx)
    people = {number for (number,) in tx.rows(_PEOPLE)}
    schema = bring(connection)
    for table in TABLES:
        connection.execute(_without_others(table, schema))
        connection.execute(_with_missing(table, schema))
    connection.execute(FILL_NUMBERS)
    _go_on_with_identities(connection)
    finish(tx)
    tx.numbers = changes.last_numbers(tx) | tx.numbers
    changed = [one for one in before if tx.numbers.get(one) != before[one]]
    for name in DERIVED:  # which follow from the items, and are made again when somebody asks
        tx.write(f"DELETE FROM {name} WHERE mailbox IN (SELECT value FROM json_each(:some))", some=str(changed))  # noqa: S608 - constants
    tx.removed = sorted(people - {number for (number,) in tx.rows(_PEOPLE)})


def _without_others(table: Table, schema: str) -> str:
    same = " AND ".join(f"one.{name} IS NOT DISTINCT FROM other.{name}" for name in table.others) or "true"
    return (
        f"DELETE FROM {SCHEMA}.{table.name} AS one WHERE {table.rows} AND NOT EXISTS"  # noqa: S608 - constants
        f" (SELECT 1 FROM {schema}.{table.name} AS other WHERE {_same_key(table)} AND {same})"
    )


def _with_missing(table: Table, schema: str) -> str:
    columns = ", ".join(table.columns)
    return (
        f"INSERT INTO {SCHEMA}.{table.name} ({columns}) SELECT {columns} FROM {schema}.{table.name} AS other"  # noqa: S608 - constants
        f" WHERE {table.rows} AND NOT EXISTS (SELECT 1 FROM {SCHEMA}.{table.name} AS one WHERE {_same_key(table)})"
    )


def _same_key(table: Table) -> str:
    return " AND ".join(f"one.{name} = other.{name}" for name in table.key)


def _go_on_with_identities(connection: driver.Connection[Any]) -> None:
    cursor = driver.RawCursor(connection)
    for table, column in cursor.execute(NUMBERED, ()).fetchall():
        ((sequence,),) = cursor.execute(_SEQUENCE, (f"{SCHEMA}.{table}", column)).fetchall()
        ((greatest,),) = cursor.execute(f"SELECT max({column}) FROM {SCHEMA}.{table}", ()).fetchall()  # noqa: S608 - names of our own
        ((reached,),) = cursor.execute(f"SELECT last_value FROM {sequence}", ()).fetchall()  # noqa: S608 - a name of our own
        if greatest is not None and greatest > reached:
            cursor.execute("SELECT setval($1, $2)", (sequence, greatest))
