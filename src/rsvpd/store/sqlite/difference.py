"""What differs between two data files of one story."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from rsvpd.store.difference import Kind, Scene, compare
from rsvpd.store.engine import DataFileError
from rsvpd.store.sqlite import driver
from rsvpd.store.sqlite.session import SqliteSession


def files_differing(before: Path, after: Path, *, is_after_open: bool, most: int) -> dict[str, Kind]:
    """Return what differs between two files, by kind; `is_after_open`: a server writes to it. Raises DataFileError."""
    try:
        with closing(driver.connect("file::memory:", uri=True, isolation_level=None)) as connection:
            _attach(connection, before, "before", is_open=False)
            _attach(connection, after, "after", is_open=is_after_open)
            connection.execute("PRAGMA temp_store=MEMORY")
            connection.execute("BEGIN")  # one moment of the file that is written to
            return compare(Scene(SqliteSession(connection), "before", "after", "IS NOT"), most)
    except driver.DatabaseError as fault:
        raise DataFileError(f"{before} and {after} cannot be compared: {fault}") from None


def _attach(connection: driver.Connection, path: Path, name: str, *, is_open: bool) -> None:
    how = "mode=ro" if is_open else "mode=ro&immutable=1"
    connection.execute(f"ATTACH :file AS {name}", {"file": f"{path.resolve().as_uri()}?{how}"})
