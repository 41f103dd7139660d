"""Reading a data file that no process has open, without writing to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rsvpd.store.engine import Run
from rsvpd.store.sqlite.file import refuse_older
from rsvpd.store.sqlite.session import SqliteSession
from rsvpd.store.sqlite.untouched import open_untouched, refuse_foreign, refuse_newer
from rsvpd.store.steps import steps
from rsvpd.store.tx import reader


@contextmanager
def reading(path: Path) -> Iterator[Run]:
    """Lend what runs commands that read, as `Store.run` does. Raises DataFileError, also for an older schema."""
    refuse_foreign(path)
    refuse_newer(path, len(steps("sqlite")))
    with open_untouched(path) as connection:
        refuse_older(path, connection)
        yield reader(SqliteSession(connection))
