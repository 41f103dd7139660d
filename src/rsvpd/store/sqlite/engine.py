"""The embedded engine as a store sees it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Hashable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from rsvpd.errors import WorkLimitExceeded
from rsvpd.store.engine import Carry, CopyError, DataFileError, NewTx, OnCommit, Shelf, WorkLimits
from rsvpd.store.lanes import Lanes
from rsvpd.store.sqlite import driver, file
from rsvpd.store.sqlite.backup import write_copy
from rsvpd.store.sqlite.checkpointer import Checkpointer
from rsvpd.store.sqlite.clone import open_clone, remove, set_page_size
from rsvpd.store.sqlite.faults import faults_of
from rsvpd.store.sqlite.session import SqliteSession
from rsvpd.store.sqlite.shelf import SqliteShelf
from rsvpd.store.sqlite.upgrades import ABOUT_CONTENT, UPGRADES
from rsvpd.store.sqlite.watch import DataFileReplaced, FileWatch
from rsvpd.store.sqlite.writer import Writer
from rsvpd.store.tx import Tx
from rsvpd.work import Work, work_limit_exceeded

T = TypeVar("T")

# How often a statement that runs is asked for an account, in instructions of SQLite's machine, and what they cost in
# steps.
_INSTRUCTIONS, _STEPS = 4_000, 100


class SqliteEngine:
    """A data file that this process alone has open."""

    def __init__(
        self, path: Path, new_tx: NewTx, on_commit: OnCommit, limits: WorkLimits, *, queue_limit: int
    ) -> None:
        self.path: Path | None = path
        self._place = path
        self._file = path.resolve()  # what stands beside a file stands beside the file, not beside a link to it
        self._fresh = self._file.with_name(f".{self._file.name}.restoring")
        remove(self._fresh)  # of a process that was killed
        self._putting = threading.Lock()
        self.shelf: Shelf = SqliteShelf(self, self._file)
        self._new_tx = new_tx
        self.connection, self.schema = file.open_writer(self._file, ABOUT_CONTENT, UPGRADES)
        self._writing = SqliteSession(self.connection)
        self.watch = FileWatch(path)
        self._faults = faults_of(path)
        self.checkpointer = Checkpointer(self._file, self.watch)
        self.writer = Writer(
            self.connection, self._writing_tx, self.checkpointer, self.watch, self._faults, on_commit,
            queue_limit=queue_limit,
        )  # fmt: skip
        self._lanes = Lanes(limits)
        self._local = threading.local()
        self._opened: list[driver.Connection] = []

    def begin(self) -> None:
        """Watch the file, once it is set up: nobody else is to write it from now on."""
        self.watch.learn()

    def write(
        self, job: Callable[[Tx], Any], loop: asyncio.AbstractEventLoop, *, is_long: bool = False
    ) -> asyncio.Future[Any]:
        """Queue a job for the next group."""
        return self.writer.submit(job, loop, is_long=is_long)

    async def read(self, job: Callable[[Tx], T], *, person: Hashable, is_short: bool) -> T:
        """Return what a reading job returns, from this thread if that is as short as it may be there."""
        reading = partial(self._read, job)
        if is_short:
            with suppress(WorkLimitExceeded):
                return self._lanes.read_in_loop(reading)
        return await self._lanes.read(reading, person)

    def run(self, job: Callable[[Tx], T], *, writes: bool) -> T:
        """Run a job and wait for it."""
        if writes:
            result: T = self.writer.run(job)
            return result
        return self._lanes.run(partial(self._read, job))

    def is_current(self) -> bool:
        """Return whether the file is the one that was opened: nobody else commits to it."""
        try:
            self.watch.check()
        except DataFileReplaced:  # which a transaction says better
            return False
        return True

    @property
    def commits(self) -> int:
        """Return how many groups have been committed."""
        return self.writer.commits

    @property
    def queued(self) -> int:
        """Return how many commands wait to be written."""
        return self.writer.queued

    def health(self) -> dict[str, Any]:
        """Return schema, sizes in bytes, faults found. Raises DataFileReplaced."""
        self.watch.check()
        return file.health_of(self._place, self.schema, file.check(self._reader()))

    def backup(self, target: Path, *, overwrite: bool) -> int:
        """Write a copy of the file while others read and write. Raises CopyError, or DataFileReplaced."""
        self.watch.check()
        with closing(file.connect_reader(self._file)) as connection:
            return write_copy(connection, target, overwrite=overwrite)

    def restore(self, copy: Path, carry: Carry) -> None:
        """Put what a copy holds in the place of all there is. Raises CopyError, or Unavailable.

        Who reads meanwhile reads to the end what was there; it goes through the WAL like every other change.
        """
        self.put_in(copy, carry, lambda connection: None)

    def put_in(self, copy: Path, carry: Carry, fit: Callable[[driver.Connection], None]) -> None:
        """Do the same with what `fit` makes of the copy.

        What has to be done to the copy is done to one of it, so that it comes in in one transaction: there is either
        all of it or nothing, whenever a process is killed.
        """
        self.watch.check()
        try:
            with self._putting, open_clone(copy, self._fresh) as connection:
                fit(connection)
                set_page_size(connection, self._reader().execute("PRAGMA page_size").fetchone()[0])
                self.writer.replace(connection, carry, self._new_tx(SqliteSession(connection), None))
        except driver.Error as fault:
            raise CopyError(f"The copy cannot be put in ({fault}).") from None
        except OSError as fault:
            if isinstance(fault, CopyError):
                raise
            raise CopyError(f"The copy cannot be put in ({fault.strerror}).") from None

    def close(self) -> None:
        """Finish what is queued, copy the WAL into the file, close everything.

        Where it cannot be copied now, SQLite does so when the file is opened again: nothing is lost.
        """
        self.writer.close()
        self._lanes.close()
        for connection in self._opened:
            connection.close()
        self.checkpointer.close(self.connection)
        self.connection.close()
        self.watch.close()

    def _read(self, job: Callable[[Tx], T], work: Work) -> T:
        try:
            self.watch.check()
            connection = self._reader()
            self._local.work = work
            tx = self._new_tx(SqliteSession(connection), work)
            connection.execute("BEGIN")
            try:
                return job(tx)
            finally:
                self._local.work = None
                self._end_reading(connection)
                tx.directory.learn(tx)
        except (driver.Error, DataFileReplaced) as fault:
            if isinstance(fault, driver.OperationalError) and work.is_over():  # what SQLite calls interrupted
                raise work_limit_exceeded() from None
            error = self._faults.met(fault, at="read")
            if error is fault:
                raise
            raise error from fault

    def _end_reading(self, connection: driver.Connection) -> None:
        """What was read is read: a connection that cannot let go of it is given up, and the answer stands."""
        try:
            connection.execute("COMMIT")
        except driver.Error as fault:
            self._faults.met(fault, at="end of read")
            self._local.connection = None

    def _reader(self) -> driver.Connection:
        connection: driver.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = file.connect_reader(self._file)
            connection.set_progress_handler(partial(_account, self._local), _INSTRUCTIONS)
            self._opened.append(connection)
        return connection

    def _writing_tx(self) -> Tx:
        return self._new_tx(self._writing, None)


def open_engine(
    path: Path, new_tx: NewTx, on_commit: OnCommit, limits: WorkLimits, *, create: bool, queue_limit: int
) -> SqliteEngine:
    """Open a data file, make it where it is missing, bring its schema up to date. Raises DataFileError."""
    if not create and not path.exists():
        raise DataFileError(f"There is no data file at {path}.")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return SqliteEngine(path, new_tx, on_commit, limits, queue_limit=queue_limit)
    except driver.Error as fault:
        then = "move it away, and `rsvpd restore` puts a backup there"
        raise DataFileError(f"{path} cannot be opened as a data file ({fault}); {then}") from None


def _account(local: threading.local) -> int:
    """Count what a statement of this thread does; anything but 0 ends it."""
    work: Work | None = getattr(local, "work", None)
    if work is None:
        return 0
    try:
        work.spend_below(_STEPS)
    except WorkLimitExceeded:
        return 1
    return 0
