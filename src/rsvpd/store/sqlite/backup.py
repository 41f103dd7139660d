"""A copy of a data file, also while it is in use: whole, as it was at one moment, private, put in one piece.

SQLite's own way to copy (https://www.sqlite.org/backup.html) reads file and WAL in one transaction, so that
the copy never lacks what was committed last, as one made with `cp` does.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import closing
from pathlib import Path

from rsvpd.store.engine import CopyError
from rsvpd.store.sqlite import driver
from rsvpd.store.sqlite.untouched import beside


def write_copy(source: driver.Connection, target: Path, *, overwrite: bool) -> int:
    """Write what `source` reads to `target`, readable for its owner only; return its size in bytes.

    Raises CopyError, also where `target` is there already and is not to be overwritten.
    """
    if target.exists() and not overwrite:
        raise CopyError(f"{target} is there already; --force writes over it")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # made with mode 0600
    except OSError as wrong:
        raise CopyError(f"{target} cannot be written ({wrong.strerror})") from None
    fresh = Path(name)
    try:
        _fill(source, fresh)
        os.fsync(handle)
        size = os.fstat(handle).st_size
        _put(fresh, target, overwrite=overwrite)
    except driver.Error as fault:
        raise CopyError(f"{target} cannot be written ({fault})") from None
    except OSError as wrong:
        raise CopyError(f"{target} cannot be written ({wrong.strerror})") from None
    finally:
        os.close(handle)
        for one in (fresh, beside(fresh, "-journal")):
            one.unlink(missing_ok=True)
    return size


def _fill(source: driver.Connection, fresh: Path) -> None:
    with closing(driver.connect(fresh, isolation_level=None)) as copy:
        source.backup(copy)
        # One file that can be read anywhere, also where nothing can be written beside it.
        copy.execute("PRAGMA journal_mode=DELETE")


def _put(fresh: Path, target: Path, *, overwrite: bool) -> None:
    """Give the copy its name; without `overwrite` never over what came there meanwhile."""
    if overwrite:
        # The WAL of what stood there would be taken for the copy's own.
        for ending in ("-wal", "-shm", "-journal"):
            beside(target, ending).unlink(missing_ok=True)
        os.replace(fresh, target)
    else:
        _link(fresh, target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _link(fresh: Path, target: Path) -> None:
    try:
        os.link(fresh, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if target.exists():
            raise FileExistsError(None, "File exists") from None
        os.replace(fresh, target)
