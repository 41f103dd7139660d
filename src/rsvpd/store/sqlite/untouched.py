"""Reading a database file without changing anything about it, and telling whose it is.

SQLite itself leaves traces even where it only reads: it makes `-shm` and `-wal` files, and the last one to
close a file copies the WAL into it. Nothing here does.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from rsvpd.store.engine import DataFileError
from rsvpd.store.sqlite import driver

# "rsvp"; stands in the file's header (https://www.sqlite.org/fileformat.html, 1.3.17).
APPLICATION_ID = 0x72737670

_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100
_PAGE_BYTES_AT, _PAGES_AT = slice(16, 18), slice(28, 32)
_VERSION_AT, _APPLICATION_AT = slice(60, 64), slice(68, 72)
# Files made before there was an application id are known by their tables.
_TABLES = frozenset(("meta", "person", "event", "letter", "message", "change", "outbox"))
_NAMES = "SELECT name FROM sqlite_master WHERE type = 'table'"


@contextmanager
def open_untouched(path: Path) -> Iterator[driver.Connection]:
    """Open a database for reading; the caller sees to it that nobody writes meanwhile. Raises driver.Error.

    Where a WAL waits to be copied into the file, both are copied to a folder that goes again, and read there.
    """
    wal = beside(path, "-wal")
    if not _size(wal):
        with closing(_immutable(path)) as connection:
            yield connection
        return
    with tempfile.TemporaryDirectory(prefix="rsvpd-") as folder:
        copy = Path(folder, "copy.db")
        shutil.copyfile(path, copy)
        shutil.copyfile(wal, beside(copy, "-wal"))
        with closing(driver.connect(copy, isolation_level=None)) as connection:
            yield connection


def refuse_foreign(path: Path) -> None:
    """Raise DataFileError unless `path` is new or a data file; nothing is changed."""
    head = _head(path)
    if not head:
        if _size(beside(path, "-wal")):
            raise DataFileError(f"{path} is empty, but what was in it last stands in {path}-wal: restore a backup.")
        return
    if len(head) < _HEADER_BYTES or not head.startswith(_MAGIC):
        raise DataFileError(f"{path} is no data file of rsvpd; it was left as it is. Name another with --data.")
    if not _is_ours(path, int.from_bytes(head[_APPLICATION_AT], "big")):
        raise DataFileError(f"{path} is a database of another program; it was left as it is. Name another with --data.")


def refuse_newer(path: Path, newest: int) -> None:
    """Raise DataFileError where a data file has a schema beyond `newest`; nothing is changed."""
    head = _head(path)
    version = _version(path, head) if head else 0
    if version > newest:
        known = f"this rsvpd knows up to {newest}: a newer one made it. Use that, or name another file with --data"
        raise DataFileError(f"{path} has schema {version}; {known}.")


def refuse_cut(path: Path) -> None:
    """Raise DataFileError where a copy, which has no WAL, is shorter than its header says."""
    head = _head(path)
    page_bytes = int.from_bytes(head[_PAGE_BYTES_AT], "big")
    pages = int.from_bytes(head[_PAGES_AT], "big")
    if _size(path) < pages * (65_536 if page_bytes == 1 else page_bytes):
        raise DataFileError(f"{path} is not whole: its end is missing.")


def beside(path: Path, ending: str) -> Path:
    """Return the file that SQLite keeps beside a database: `-wal`, `-shm` or `-journal`."""
    return path.with_name(path.name + ending)


def _is_ours(path: Path, application: int) -> bool:
    """A new file is marked by a transaction, which may still stand in the WAL; so may its tables."""
    if application:
        return application == APPLICATION_ID
    try:
        with closing(_immutable(path)) as connection:
            names = _names(connection)
    except driver.DatabaseError:  # half of a WAL has been copied into it
        names = frozenset()
    if not names:
        with _readable(path), open_untouched(path) as connection:
            names = _names(connection)
    return not names or names >= _TABLES


def _version(path: Path, head: bytes) -> int:
    if not _size(beside(path, "-wal")):
        return int.from_bytes(head[_VERSION_AT], "big")
    # It is a file of ours: that SQLite makes its -shm file again is nothing to be avoided.
    with _readable(path), closing(driver.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except driver.DatabaseError as fault:
        raise DataFileError(f"{path} cannot be read as a data file: {fault}") from None


def _names(connection: driver.Connection) -> frozenset[str]:
    return frozenset(str(name) for (name,) in connection.execute(_NAMES))


def _immutable(path: Path) -> driver.Connection:
    """SQLite then takes no lock, makes no file and does not look for a WAL."""
    return driver.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)


def _head(path: Path) -> bytes:
    """Read before SQLite opens it: closing the file would take away the locks SQLite has on it."""
    if path.exists() and not path.is_file():
        raise DataFileError(f"{path} is not a file; name another one with --data.")
    try:
        with open(path, "rb") as file:
            return file.read(_HEADER_BYTES)
    except FileNotFoundError:
        return b""
    except OSError as wrong:
        raise DataFileError(f"{path} cannot be read ({wrong.strerror}).") from None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
