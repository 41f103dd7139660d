"""The one place where sqlite3 is imported."""

from __future__ import annotations

from sqlite3 import (
    SQLITE_BUSY,
    SQLITE_CANTOPEN,
    SQLITE_CORRUPT,
    SQLITE_FULL,
    SQLITE_IOERR,
    SQLITE_IOERR_SHMSIZE,
    SQLITE_LOCKED,
    SQLITE_NOTADB,
    SQLITE_PROTOCOL,
    SQLITE_READONLY_DBMOVED,
    SQLITE_READONLY_DIRECTORY,
    SQLITE_READONLY_RECOVERY,
    Connection,
    DatabaseError,
    Error,
    OperationalError,
    complete_statement,
    connect,
    register_adapter,
    sqlite_version,
)
from typing import Any

__all__ = [
    "SQLITE_BUSY",
    "SQLITE_CANTOPEN",
    "SQLITE_CORRUPT",
    "SQLITE_FULL",
    "SQLITE_IOERR",
    "SQLITE_IOERR_SHMSIZE",
    "SQLITE_LOCKED",
    "SQLITE_NOTADB",
    "SQLITE_PROTOCOL",
    "SQLITE_READONLY_DBMOVED",
    "SQLITE_READONLY_DIRECTORY",
    "SQLITE_READONLY_RECOVERY",
    "Connection",
    "DatabaseError",
    "Error",
    "OperationalError",
    "complete_statement",
    "connect",
    "sqlite_version",
]

# Of what is no number and no text the module first asks the value how it is stored, by an exception that it catches.
# These are stored as they are.
register_adapter(type(None), dict[Any, None]().get)
register_adapter(bytes, bytes)
register_adapter(bool, int)
