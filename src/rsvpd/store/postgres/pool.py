"""Connections that are kept. There are never more than threads that ask, so that nobody waits for one.

A connection that broke while it was kept is found out by its first statement, before anything was done, and costs
another one and no answer. Where the database is away it is tried again for a while: a failover takes seconds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from rsvpd.store.postgres import driver
from rsvpd.store.postgres.session import prepare

_PATIENCE_SECONDS = 5.0
_PAUSE_SECONDS = 0.05
# What is said while a server starts, stops, or follows another (class 57P, and what comes without a code).
_PASSING = frozenset((None, "57P01", "57P02", "57P03", "08006", "08001"))


class Pool:
    """Lends connections, in a transaction that has begun."""

    def __init__(self, url: str, options: Mapping[str, Any]) -> None:
        self._url = url
        self._options = options
        self._kept: list[driver.Connection[Any]] = []
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def lend(self, begin: str) -> Iterator[driver.Connection[Any]]:
        """Lend a connection on which `begin` was executed. Raises what psycopg raises."""
        connection = self._begun(begin)
        try:
            yield connection
        finally:
            self._take_back(connection)

    def close(self) -> None:
        """Close what is kept, and keep no more."""
        with self._lock:
            self._closed = True
        self._forget()

    def _begun(self, begin: str) -> driver.Connection[Any]:
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            kept = self._pop()
            try:
                connection = kept or self._connect()
                connection.execute(begin)
            except (driver.OperationalError, driver.InterfaceError) as fault:
                if kept is not None:
                    _close(kept)
                    self._forget()  # they mostly break together
                    continue
                if fault.sqlstate not in _PASSING or time.monotonic() > until:
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                return connection

    def _connect(self) -> driver.Connection[Any]:
        connection = driver.Connection.connect(self._url, **self._options)
        prepare(connection)
        return connection

    def _pop(self) -> driver.Connection[Any] | None:
        with self._lock:
            return self._kept.pop() if self._kept else None

    def _take_back(self, connection: driver.Connection[Any]) -> None:
        if connection.info.transaction_status is not driver.TransactionStatus.IDLE:
            with suppress(driver.Error):
                connection.execute("ROLLBACK")
        with self._lock:
            if not self._closed and connection.info.transaction_status is driver.TransactionStatus.IDLE:
                self._kept.append(connection)
                return
        _close(connection)

    def _forget(self) -> None:
        while (kept := self._pop()) is not None:
            _close(kept)


def _close(connection: driver.Connection[Any]) -> None:
    with suppress(driver.Error):
        connection.close()
