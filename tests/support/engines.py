"""The engine of a store, for tests of what only that one does."""

from __future__ import annotations

import os

from rsvpd.store.database import Store
from rsvpd.store.sqlite.engine import SqliteEngine

# What the worlds of this run of the tests stand on: a data file, or with RSVPD_ENGINE=postgres a database.
ON_POSTGRES = os.environ.get("RSVPD_ENGINE") == "postgres"


def sqlite_of(store: Store) -> SqliteEngine:
    """Return the engine of a store over a data file."""
    assert isinstance(store.engine, SqliteEngine)
    return store.engine
