"""Making the tables, and bringing them up to date, in a schema of their own; one process at a time."""

from __future__ import annotations

from typing import Any

from rsvpd.store.engine import DataFileError
from rsvpd.store.postgres import driver
from rsvpd.store.steps import steps

SCHEMA = "rsvpd"
_OLDEST = 150_000  # of PostgreSQL, as it numbers itself
# Locks that advise are named by one number (https://www.postgresql.org/docs/current/explicit-locking.html, 13.3.5).
_MIGRATION = 0x72737670
_VERSION = "SELECT convert_from(value, 'UTF8') FROM meta WHERE key = 'schema'"
_KEEP = "INSERT INTO meta (key, value) VALUES ('schema', convert_to($1, 'UTF8'))"
_ADVANCE = "UPDATE meta SET value = convert_to($1, 'UTF8') WHERE key = 'schema'"


def migrate(connection: driver.Connection[Any]) -> int:
    """Bring the schema to the newest version and return that; each step commits by itself. Raises DataFileError.

    Another process that does the same is waited for.
    """
    server = connection.info.server_version
    if server < _OLDEST:
        raise DataFileError(f"PostgreSQL {server // 10_000} is too old; it has to be 15 or newer.")
    scripts = steps("postgres")
    connection.execute("SELECT pg_advisory_lock(%s)", (_MIGRATION,))
    try:
        version = _version(connection)
        if version > len(scripts):
            known = f"this rsvpd knows up to {len(scripts)}: a newer one made it; use that"
            raise DataFileError(f"The database has schema {version}; {known}.")
        for number, script in enumerate(scripts[version:], start=version + 1):
            with connection.transaction():
                if number == 1:
                    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
                connection.execute(script)
                cursor = driver.RawCursor(connection)
                cursor.execute(_KEEP if number == 1 else _ADVANCE, (str(number),))
        return len(scripts)
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", (_MIGRATION,))


def build(connection: driver.Connection[Any], version: int) -> None:
    """Make the tables of an earlier version in the schema that the search path names."""
    for script in steps("postgres")[:version]:
        connection.execute(script)


def continue_building(connection: driver.Connection[Any], version: int) -> None:
    """Bring the tables of an earlier version there up to date."""
    for script in steps("postgres")[version:]:
        connection.execute(script)


def _version(connection: driver.Connection[Any]) -> int:
    named = connection.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = %s", (SCHEMA,)
    ).fetchall()
    if not named:
        return 0
    if ("meta",) not in named or ("change_number",) not in named:
        raise DataFileError(f"The database has a schema '{SCHEMA}' of another program; it was left as it is.")
    row = connection.execute(_VERSION).fetchone()
    return int(row[0]) if row else 0
