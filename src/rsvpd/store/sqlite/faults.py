"""What SQLite says of the data file, in the words of errors.py."""

from __future__ import annotations

from pathlib import Path

from rsvpd.errors import StorageFailed, StorageFull, Unavailable
from rsvpd.store.faults import Faults
from rsvpd.store.sqlite import driver
from rsvpd.store.sqlite.watch import DataFileReplaced

# https://www.sqlite.org/rescode.html. A file on a full disk cannot grow, its shared memory neither.
_FULL = frozenset((driver.SQLITE_FULL, driver.SQLITE_IOERR_SHMSIZE))
# SQLITE_READONLY without more is a reading command that writes: a fault of ours.
_FAILED = frozenset(
    (
        driver.SQLITE_IOERR,
        driver.SQLITE_CANTOPEN,
        driver.SQLITE_CORRUPT,
        driver.SQLITE_NOTADB,
        driver.SQLITE_BUSY,
        driver.SQLITE_LOCKED,
        driver.SQLITE_PROTOCOL,
    )
)
_READONLY = frozenset(
    (driver.SQLITE_READONLY_DBMOVED, driver.SQLITE_READONLY_RECOVERY, driver.SQLITE_READONLY_DIRECTORY)
)
_PRIMARY = 0xFF


def faults_of(path: Path) -> Faults:
    """Return what tells of the faults of a data file."""
    return Faults(path, storage_error, _word)


def storage_error(fault: Exception) -> Unavailable | None:
    """Return the error that says what is wrong with the data file, or None where `fault` is another one."""
    if isinstance(fault, (StorageFull, StorageFailed)):
        return fault
    code = getattr(fault, "sqlite_errorcode", None) if isinstance(fault, driver.Error) else None
    if code is None:
        return None
    if code in _FULL:
        return StorageFull()
    return StorageFailed() if code & _PRIMARY in _FAILED or code in _READONLY else None


def _word(fault: Exception) -> str:
    if isinstance(fault, DataFileReplaced):
        return fault.how
    return str(getattr(fault, "sqlite_errorname", type(fault).__name__))
