"""What PostgreSQL says of itself, in the words of errors.py
(https://www.postgresql.org/docs/current/errcodes-appendix.html).
"""

from __future__ import annotations

from rsvpd.errors import StorageFailed, StorageFull, Unavailable
from rsvpd.store.faults import Faults
from rsvpd.store.postgres import driver
from rsvpd.store.postgres.session import Contended

# Two wanted the same at once. The other one has it; who comes second does all of it again.
CONFLICTS = (
    driver.errors.SerializationFailure,
    driver.errors.DeadlockDetected,
    driver.errors.UniqueViolation,
    driver.errors.LockNotAvailable,
    Contended,
)
_FULL = (driver.errors.DiskFull,)
_FAILED = (
    driver.OperationalError,
    driver.InterfaceError,
    driver.errors.ReadOnlySqlTransaction,  # a primary no longer
    driver.errors.IoError,
    driver.errors.IdleInTransactionSessionTimeout,
)

# https://www.postgresql.org/docs/current/errcodes-appendix.html, 57P03
_COMING_OR_GOING = ("is starting up", "is shutting down", "not yet accepting connections", "in recovery mode")


def faults_of(place: str) -> Faults:
    """Return what tells of the faults of a database."""
    return Faults(place, storage_error, _word)


def storage_error(fault: Exception) -> Unavailable | None:
    """Return the error that says what is wrong with the database, or None where `fault` is another one."""
    if isinstance(fault, StorageFull | StorageFailed):
        return fault
    if isinstance(fault, CONFLICTS):  # to psycopg most of them are operational errors
        return None
    if isinstance(fault, _FULL):
        return StorageFull()
    return StorageFailed() if isinstance(fault, _FAILED) else None


def is_gone(fault: driver.Error) -> bool:
    """Return whether the connection is of no use any more: nothing came back, or that the server stops."""
    return fault.sqlstate is None or fault.sqlstate.startswith(("57P", "08"))


def is_passing(fault: driver.Error) -> bool:
    """Return whether a connection that was refused may be given in a moment: nobody answers, or a server that starts.

    What is said while connecting comes as text alone.
    """
    said = str(fault)
    return "FATAL" not in said or any(words in said for words in _COMING_OR_GOING)


def _word(fault: Exception) -> str:
    return str(getattr(fault, "sqlstate", None) or type(fault).__name__)
