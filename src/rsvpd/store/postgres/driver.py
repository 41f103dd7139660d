"""The one place where psycopg is imported."""

from __future__ import annotations

from psycopg import Connection, Error, InterfaceError, OperationalError, Pipeline, RawCursor, errors
from psycopg.adapt import Dumper
from psycopg.conninfo import conninfo_to_dict
from psycopg.postgres import types
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8Dumper

__all__ = [
    "Connection",
    "Dumper",
    "Error",
    "Int8Dumper",
    "InterfaceError",
    "OperationalError",
    "Pipeline",
    "RawCursor",
    "TransactionStatus",
    "conninfo_to_dict",
    "errors",
    "types",
]
