"""The engine of a store: the one that this run of the tests is about, and tests of what only one of them does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rsvpd.commands.door import reads
from rsvpd.store.database import Store
from rsvpd.store.engine import Row, WorkLimits
from rsvpd.store.sqlite.engine import SqliteEngine
from rsvpd.store.tx import Tx
from support.postgres import drop_database, new_database

# What stores of this run of the tests stand on: a data file, or with RSVPD_ENGINE=postgres a database.
ON_POSTGRES = os.environ.get("RSVPD_ENGINE") == "postgres"


def sqlite_of(store: Store) -> SqliteEngine:
    """Return the engine of a store over a data file."""
    assert isinstance(store.engine, SqliteEngine)
    return store.engine


@contextmanager
def new_place(folder: Path, *, on_postgres: bool = ON_POSTGRES) -> Iterator[Path | str]:
    """Lend where a store may be opened, closed and opened again: a file that is not there yet, or a database."""
    if not on_postgres:
        yield folder / "t.db"
        return
    url = new_database()
    try:
        yield url
    finally:
        drop_database(url)


@contextmanager
def new_store(folder: Path, *, limits: WorkLimits | None = None) -> Iterator[Store]:
    """Lend a store without people, which survives no power cut."""
    with new_place(folder) as place:
        store = Store.open(place, limits=limits)
        if not ON_POSTGRES:
            sqlite_of(store).connection.execute("PRAGMA synchronous=OFF")
        try:
            yield store
        finally:
            store.close()


@reads
def rows_of(tx: Tx, sql: str, **params: Any) -> list[Row]:
    """Return what a statement finds."""
    return tx.rows(sql, **params)
