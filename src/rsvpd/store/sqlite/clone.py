"""A copy of a data file to work on before it is put in: it goes again afterwards, whatever happens."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from rsvpd.store.sqlite import driver
from rsvpd.store.sqlite.untouched import beside, open_untouched

# Shares the blocks of a file with another one, where the file system can (man 2 ioctl_ficlone).
_FICLONE = 0x40049409
_BESIDE = ("", "-wal", "-shm", "-journal")


@contextmanager
def open_clone(source: Path, fresh: Path) -> Iterator[driver.Connection]:
    """Lend a connection to a copy of a database that nobody writes to; it is at `fresh` meanwhile.

    Raises OSError and driver.Error.
    """
    remove(fresh)
    try:
        _copy(source, fresh)
        with closing(driver.connect(fresh, isolation_level=None, check_same_thread=False)) as connection:
            # It need not survive anything.
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("PRAGMA journal_mode=MEMORY")
            yield connection
    finally:
        remove(fresh)


def remove(fresh: Path) -> None:
    """Delete a copy with what is beside it, if it is there."""
    for ending in _BESIDE:
        beside(fresh, ending).unlink(missing_ok=True)


def set_page_size(connection: driver.Connection, wanted: int) -> None:
    """Bring a copy to pages of so many bytes: one database is put into another page by page."""
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    if size != wanted:
        connection.execute(f"PRAGMA page_size={wanted:d}")
        connection.execute("VACUUM")


def _copy(source: Path, fresh: Path) -> None:
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        if beside(source, "-wal").exists():
            with open_untouched(source) as read, closing(driver.connect(fresh, isolation_level=None)) as written:
                read.backup(written)
            return
        with open(source, "rb") as whole:
            try:
                fcntl.ioctl(target, _FICLONE, whole.fileno())
            except OSError:
                shutil.copyfileobj(whole, target, 1 << 20)
