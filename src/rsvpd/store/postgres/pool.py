"""Connections that are kept. There are never more than threads that ask, so that nobody waits for one.

A connection that broke while it was kept is found out by its first statement, before anything was done, and costs
another one and no answer. Where the database is away it is tried again for a while: a failover takes seconds. Who
only reads is lent a connection to whichever server answers meanwhile, if the URL names several, and may see what was a
moment ago.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from rsvpd.store.postgres import driver
from rsvpd.store.postgres.lease import join
from rsvpd.store.postgres.session import prepare

_PATIENCE_SECONDS = 5.0
_PAUSE_SECONDS = 0.05
# What is said while a server starts, stops, or follows another (class 57P, and what comes without a code).
_PASSING = frozenset((None, "57P01", "57P02", "57P03", "08006", "08001"))


class Pool:
    """Lends connections, in a transaction that has begun."""

    def __init__(self, url: str, options: Mapping[str, Any], server: int) -> None:
        self._url = url
        self._options = options
        self._server = server
        self._kept: list[driver.Connection[Any]] = []
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def lend(self, begin: str, *, reads: bool = False) -> Iterator[driver.Connection[Any]]:
        """Lend a connection on which `begin` was executed. Raises what psycopg raises."""
        connection, is_primary = self._begun(begin, reads=reads)
        try:
            yield connection
        finally:
            self._take_back(connection, keeps=is_primary)

    def close(self) -> None:
        """Close what is kept, and keep no more."""
        with self._lock:
            self._closed = True
        self.forget()

    def forget(self) -> None:
        """Close what is kept: it is of no use any more."""
        while (kept := self._pop()) is not None:
            _close(kept)

    def _begun(self, begin: str, *, reads: bool) -> tuple[driver.Connection[Any], bool]:
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            kept = self._pop()
            try:
                connection = kept or self._new()
                connection.execute(begin)
            except (driver.OperationalError, driver.InterfaceError) as fault:
                if kept is not None:
                    _close(kept)
                    self.forget()  # they mostly break together
                    continue
                if fault.sqlstate not in _PASSING or time.monotonic() > until:
                    raise
                if reads and (other := self._of_any(begin)) is not None:
                    return other, False
                time.sleep(_PAUSE_SECONDS)
            else:
                return connection, True

    def _new(self) -> driver.Connection[Any]:
        connection = self._connect()
        try:
            join(connection, self._server)
        except BaseException:
            _close(connection)
            raise
        return connection

    def _connect(self, **more: Any) -> driver.Connection[Any]:
        connection = driver.Connection.connect(self._url, **self._options, **more)
        prepare(connection)
        return connection

    def _of_any(self, begin: str) -> driver.Connection[Any] | None:
        """Return a connection to any server that answers, or None."""
        with suppress(driver.Error):
            connection = self._connect(target_session_attrs="any")
            try:
                connection.execute(begin)
            except driver.Error:
                _close(connection)
                raise
            return connection
        return None

    def _pop(self) -> driver.Connection[Any] | None:
        with self._lock:
            return self._kept.pop() if self._kept else None

    def _take_back(self, connection: driver.Connection[Any], *, keeps: bool) -> None:
        if connection.info.transaction_status is not driver.TransactionStatus.IDLE:
            with suppress(driver.Error):
                connection.execute("ROLLBACK")
        with self._lock:
            if keeps and not self._closed and connection.info.transaction_status is driver.TransactionStatus.IDLE:
                self._kept.append(connection)
                return
        _close(connection)


def _close(connection: driver.Connection[Any]) -> None:
    with suppress(driver.Error):
        connection.close()
