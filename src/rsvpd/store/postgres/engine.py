"""PostgreSQL as a store sees it: each job in a thread and a transaction of its own, in as many processes as wanted.

Rule 1: every transaction sees one state of everything (REPEATABLE READ). Who changes a mailbox locks the row that has
        the number of its newest change, in the order of the mailboxes' numbers, so that of two who decided on the same
        state the second fails (40001) and does all of it again, on what the first left.
Rule 2: who repeats has the mailboxes for itself: it waits until nobody who changes them is under way, and who comes
        meanwhile gives up at once and waits behind it. So each comes through, however many there are.
Rule 3: where the connection breaks in COMMIT, its fate is asked (`pg_xact_status`) before anybody is told anything.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from rsvpd import log
from rsvpd.errors import Overloaded, StorageFailed
from rsvpd.store.engine import Carry, Commit, CopyError, DataFileError, NewTx, OnCommit, Shelf, WorkLimits, commit_of
from rsvpd.store.lanes import Lanes
from rsvpd.store.postgres import driver
from rsvpd.store.postgres.faults import CONFLICTS, faults_of, is_gone, is_passing
from rsvpd.store.postgres.lease import Lease
from rsvpd.store.postgres.listener import Listener
from rsvpd.store.postgres.pool import Pool
from rsvpd.store.postgres.schema import SCHEMA, migrate
from rsvpd.store.postgres.session import LOCKS, TIMELINE, PostgresSession, TransactionName
from rsvpd.store.postgres.shelf import PostgresShelf
from rsvpd.store.shared import SharedNumbers, server_name
from rsvpd.store.tx import Tx
from rsvpd.work import Work, work_limit_exceeded

T = TypeVar("T")

WRITERS = 8
_ATTEMPTS = 20
_PATIENCE_SECONDS = 5.0  # until it is known what became of a commit
_START_SECONDS = 30.0
_STATEMENT_MS = 20_000
# What a server holds whose machine is gone is free after half a minute, where a database would wait for hours.
_KEEPALIVES = "-c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
_TO_WRITE = "BEGIN ISOLATION LEVEL REPEATABLE READ"
_NOTHING = "SELECT 1"
_TO_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_FATE = f"SELECT CASE WHEN {TIMELINE} = $2 THEN pg_xact_status($1::xid8) ELSE 'elsewhere' END"
_TAKE, _LET_GO = "SELECT pg_advisory_lock($1)", "SELECT pg_advisory_unlock_all()"
_BYTES = "SELECT pg_database_size(current_database())"

_log = log.get(__name__)


class PostgresEngine:
    """A database that other processes may have open as well."""

    def __init__(
        self,
        url: str,
        new_tx: NewTx,
        on_commit: OnCommit,
        limits: WorkLimits,
        *,
        queue_limit: int,
        shared: SharedNumbers | None,
    ) -> None:
        self.place = _place(url)
        self.path: Path | None = None
        self._shelf = PostgresShelf(self)
        self.shelf: Shelf = self._shelf
        self._new_tx = new_tx
        self._on_commit = on_commit
        self._limit = queue_limit
        self._faults = faults_of(self.place)
        self._url = url
        with _first_connection(url, self.place) as connection:
            self.schema = migrate(connection)
            self._version = connection.info.server_version // 10_000
        server, options = server_name() if shared is None else shared.server, _options(url)
        self._lease = Lease(server, is_shared=shared is not None)
        self._pool = Pool(url, options, server)
        self._lanes = Lanes(limits)
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="rsvpd-writer")
        self._listener = Listener(url, options, on_commit, self._lease)
        self._counting = threading.Lock()
        self._queued = 0
        self._commits = 0
        self._repeats = 0

    def begin(self) -> None:
        """Do nothing: others may have it open as well."""

    def write(
        self, job: Callable[[Tx], Any], loop: asyncio.AbstractEventLoop, *, is_long: bool = False
    ) -> asyncio.Future[Any]:
        """Queue a job for one of the threads that write."""
        if self._queued >= self._limit:
            raise Overloaded
        self._queued += 1  # by the loop's thread alone
        done = loop.run_in_executor(self._writers, self._write, job)
        done.add_done_callback(self._is_done)
        return done

    async def read(self, job: Callable[[Tx], T], *, person: Hashable, is_short: bool) -> T:
        """Return what a reading job returns, from another thread: the loop waits for no network."""
        return await self._lanes.read(partial(self._read, job), person)

    def run(self, job: Callable[[Tx], T], *, writes: bool) -> T:
        """Run a job in this thread, or wait for another that does."""
        if writes:
            return self._write(job)
        return self._lanes.run(partial(self._read, job))

    def is_current(self) -> bool:
        """Return whether no other server writes, for now."""
        return self._lease.is_held()

    @property
    def commits(self) -> int:
        """Return how many transactions have been committed."""
        return self._commits

    @property
    def queued(self) -> int:
        """Return how many commands wait to be written."""
        return self._queued

    def health(self) -> dict[str, Any]:
        """Return where the database is, what it is, and how large. Raises Unavailable."""
        with self._lend("health", _NOTHING) as connection:
            (size,) = driver.RawCursor(connection).execute(_BYTES, ()).fetchone() or (0,)
        return {
            "database": self.place,
            "schema": self.schema,
            "postgresql": self._version,
            "database_bytes": size,
            "repeats": self._repeats,
            "is_only_server": self._lease.is_held(),
            "faults": [],
        }

    def backup(self, target: Path, *, overwrite: bool) -> int:
        """Raise CopyError: there is no file."""
        raise CopyError(f"{self.place} is no file.")

    def restore(self, copy: Path, carry: Carry) -> None:
        """Put what a data file of the newest schema holds in the place of all there is.

        Raises CopyError, or Unavailable."""
        self._shelf.put_in_file(copy, carry)

    @contextmanager
    def lend(self, at: str, *, is_read_only: bool = False) -> Iterator[driver.Connection[Any]]:
        """Lend a connection in a transaction that has begun; who does not commit it leaves nothing behind."""
        with self._lend(at, _TO_READ if is_read_only else _TO_WRITE) as connection:
            yield connection

    def write_over(self, job: Callable[[driver.Connection[Any], Tx], None]) -> None:
        """Run what writes over all there is, in a transaction of its own, and tell everybody to begin anew."""
        for _ in range(_ATTEMPTS):
            try:
                return self._write_over(job)
            except CONFLICTS as conflict:
                last = conflict
        _log.failure("write.conflicts", last)
        raise Overloaded

    def close(self) -> None:
        """Finish what is queued, and let go of the database."""
        self._listener.close()
        self._writers.shutdown()
        self._lanes.close()
        self._pool.close()

    def _is_done(self, _: asyncio.Future[Any]) -> None:
        self._queued -= 1

    # --- writing

    def _write(self, job: Callable[[Tx], T]) -> T:
        met: set[int] = set()  # the mailboxes that it changes
        for _ in range(_ATTEMPTS):
            try:
                return self._attempt(job, met)
            except CONFLICTS as conflict:
                last = conflict
            with self._counting:
                self._repeats += 1
        _log.failure("write.conflicts", last)
        raise Overloaded

    def _attempt(self, job: Callable[[Tx], T], met: set[int]) -> T:
        with self._lend("write", _NOTHING if met else _TO_WRITE) as connection, _hold_mailboxes(connection, met):
            if met:
                connection.execute(_TO_WRITE)
            try:
                # What nobody waits for the result of travels with the next statement.
                with connection.pipeline() as pipeline:
                    session = PostgresSession(connection, pipeline, met)
                    tx = self._new_tx(session, None)
                    value = job(tx)
                    name = session.advance(tx.numbers)
                    news = commit_of(tx)
                    if name is not None:
                        self._listener.tell(session, news)
                tx.directory.announce(tx)
                self._commit(connection, name)
            except BaseException:
                _roll_back(connection)
                raise
        with self._counting:
            self._commits += 1
        self._faults.over()
        tx.directory.learn(tx)
        self._on_commit(news)
        return value

    def _write_over(self, job: Callable[[driver.Connection[Any], Tx], None]) -> None:
        news = Commit(is_anything=True)
        with self._lend("restore", _TO_WRITE) as connection:
            session = PostgresSession(connection)
            tx = self._new_tx(session, None)
            job(connection, tx)
            name = session.advance(tx.numbers)
            self._listener.tell(session, news)
            tx.directory.announce(tx)
            self._commit(connection, name)
        with self._counting:
            self._commits += 1
        self._faults.over()
        self._on_commit(news)

    def _commit(self, connection: driver.Connection[Any], name: TransactionName | None) -> None:
        warnings: list[str] = []

        def hear(notice: driver.errors.Diagnostic) -> None:
            warnings.append(notice.severity_nonlocalized or "")

        connection.add_notice_handler(hear)
        try:
            self._commit_or_ask(connection, name)
        finally:
            connection.remove_notice_handler(hear)
        if "WARNING" in warnings:
            # Whoever waits for a standby and is cancelled is told that it is done, and warned: here alone it is.
            raise StorageFailed

    def _commit_or_ask(self, connection: driver.Connection[Any], name: TransactionName | None) -> None:
        try:
            done = connection.execute("COMMIT")
        except driver.Error as fault:
            if not is_gone(fault) or name is None:
                raise
            if not self._has_committed(name):
                raise
        else:
            if done.statusmessage != "COMMIT":
                raise StorageFailed

    def _has_committed(self, name: TransactionName) -> bool:
        """Return whether a transaction whose COMMIT broke was done.

        Raises StorageFailed where nobody can tell: after a failover the new primary may never have heard of it, and
        may give its number to another one.
        """
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            with self._lend("commit", _NOTHING) as connection:
                row = driver.RawCursor(connection).execute(_FATE, name).fetchone()
            if row and row[0] == "elsewhere":
                raise StorageFailed
            if row and row[0] != "in progress":
                return bool(row[0] == "committed")
            if time.monotonic() > until:
                raise StorageFailed
            time.sleep(0.05)

    # --- reading

    def _read(self, job: Callable[[Tx], T], work: Work) -> T:
        with self._lend("read", _TO_READ) as connection:
            tx = self._new_tx(PostgresSession(connection), work)
            try:
                return job(tx)
            finally:
                _roll_back(connection)
                tx.directory.learn(tx)

    @contextmanager
    def _lend(self, at: str, begin: str) -> Iterator[driver.Connection[Any]]:
        """Lend a connection on which `begin` was executed. What is the database's fault is told as that."""
        try:
            with self._pool.lend(begin, reads=begin is _TO_READ) as connection:
                yield connection
        except driver.errors.QueryCanceled:
            raise work_limit_exceeded() from None
        except driver.Error as fault:
            if isinstance(fault, driver.errors.ReadOnlySqlTransaction):
                self._pool.forget()  # it was a primary, and follows another now
            error = self._faults.met(fault, at=at)
            if error is fault:
                raise
            raise error from fault


_OPTIONS: dict[str, Any] = {
    "autocommit": True,
    "options": f"-c search_path={SCHEMA} -c statement_timeout={_STATEMENT_MS} -c timezone=UTC {_KEEPALIVES}",
    "connect_timeout": 5,
    "application_name": "rsvpd",
}


def open_engine(
    url: str,
    new_tx: NewTx,
    on_commit: OnCommit,
    limits: WorkLimits,
    *,
    queue_limit: int,
    shared: SharedNumbers | None,
) -> PostgresEngine:
    """Open a database, make the tables where they are missing, bring them up to date. Raises DataFileError."""
    try:
        return PostgresEngine(url, new_tx, on_commit, limits, queue_limit=queue_limit, shared=shared)
    except driver.Error as fault:
        raise DataFileError(f"{_place(url)} cannot be used: {_line(fault)}") from None


@contextmanager
def _first_connection(url: str, place: str) -> Iterator[driver.Connection[Any]]:
    """Connect for the first time; a database that is not there yet is waited for a while."""
    until = time.monotonic() + _START_SECONDS
    is_told = False
    while True:
        try:
            connection = driver.Connection.connect(url, **_options(url))
            break
        except driver.OperationalError as fault:
            if not is_passing(fault) or time.monotonic() > until:
                raise
            if not is_told:
                _log.warning("storage.awaited", database=place, fault=_line(fault))
                is_told = True
            time.sleep(0.5)
    with connection:
        yield connection


def _options(url: str) -> dict[str, Any]:
    """Return what a connection is given beside the URL, which has the last word where ours are no necessity."""
    named = driver.conninfo_to_dict(url)
    given = {name: value for name, value in _OPTIONS.items() if name not in named}
    return given | {"options": f"{named.get('options', '')} {_OPTIONS['options']}"}


@contextmanager
def _hold_mailboxes(connection: driver.Connection[Any], mailboxes: Iterable[int]) -> Iterator[None]:
    """Hold what those that repeat wait for, in the order of the mailboxes."""
    ordered = sorted(mailboxes)
    for mailbox in ordered:
        driver.RawCursor(connection).execute(_TAKE, (LOCKS + mailbox,))
    try:
        yield
    finally:
        if ordered:
            with suppress(driver.Error):  # a connection that is gone holds nothing
                connection.execute(_LET_GO)


def _roll_back(connection: driver.Connection[Any]) -> None:
    with suppress(driver.Error):
        connection.execute("ROLLBACK")


def _place(url: str) -> str:
    """Return where a database is, without what is secret."""
    try:
        parts = driver.conninfo_to_dict(url)
    except driver.Error:
        return "the database"
    return f"postgresql://{parts.get('host', '')}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"


def _line(fault: Exception) -> str:
    return " ".join(str(fault).split())
