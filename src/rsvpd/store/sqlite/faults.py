"""What is wrong with the data file, in the words of errors.py, and in the log: once when it begins, once when
it is over, however many requests meet it meanwhile."""

from __future__ import annotations

import threading
from pathlib import Path

from rsvpd import log
from rsvpd.errors import StorageFailed, StorageFull, Unavailable
from rsvpd.store.sqlite import driver
from rsvpd.store.sqlite.watch import Moved

_log = log.get(__name__)

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


class Faults:
    """Turns what SQLite raises into an error for the caller and a line in the log."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: set[str] = set()
        self._lock = threading.Lock()

    def met(self, fault: Exception, *, at: str) -> Exception:
        """Return what the caller is told: Unavailable where the data file is at fault, else `fault` itself."""
        error = storage_error(fault)
        if error is not None:
            self._say(error, _word(fault), at)
        return fault if error is None else error

    def over(self) -> None:
        """Note that it went well again: whatever was wrong is so no longer."""
        if not self._known:
            return
        with self._lock:
            known, self._known = self._known, set()
        if known:
            _log.info("storage.recovered", file=self._path)

    def _say(self, error: Unavailable, word: str, at: str) -> None:
        with self._lock:
            is_new = word not in self._known
            self._known.add(word)
        if is_new:
            event = "storage.full" if isinstance(error, StorageFull) else "storage.failed"
            _log.error(event, file=self._path, fault=word, at=at)


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
    if isinstance(fault, Moved):
        return fault.how
    return str(getattr(fault, "sqlite_errorname", type(fault).__name__))
