"""Which engine it is, by where the data are: the one place that asks."""

from __future__ import annotations

from pathlib import Path

from rsvpd.store.engine import Engine, NewTx, OnCommit, OpenEngine, WorkLimits
from rsvpd.store.shared import SharedNumbers

URLS = ("postgresql://", "postgres://")


def engine_at(place: Path | str, *, create: bool, queue_limit: int, shared: SharedNumbers | None) -> OpenEngine:
    """Return what opens the engine of a data file, or of a database by its URL."""

    def open_engine(new_tx: NewTx, on_commit: OnCommit, limits: WorkLimits) -> Engine:
        # Each is imported where it is used: a driver takes time to load.
        if isinstance(place, Path):
            from rsvpd.store.sqlite.engine import open_engine as open_file

            return open_file(place, new_tx, on_commit, limits, create=create, queue_limit=queue_limit)
        from rsvpd.store.postgres.engine import open_engine as open_database

        return open_database(place, new_tx, on_commit, limits, queue_limit=queue_limit, shared=shared)

    return open_engine
