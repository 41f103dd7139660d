"""The data file as the rest of the server holds it: opened once, asked through commands.

`await store(command, who, …)` is the door of the dialects (see commands/door.py); `store.run`
does the same and waits, for programs without an event loop. One process opens a file.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import uuid
from collections.abc import Callable, Hashable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from rsvpd.errors import WorkLimitExceeded
from rsvpd.query.algebra import MailboxState
from rsvpd.store import events, sqlite, upgrade_7
from rsvpd.store.backup import write_copy
from rsvpd.store.faults import Faults
from rsvpd.store.fragments import NONE_KEPT, Fragments
from rsvpd.store.lanes import Lanes, WorkLimits
from rsvpd.store.tx import Directory, Rules, Tx
from rsvpd.store.untouched import DataFileError
from rsvpd.store.watch import FileWatch, Moved
from rsvpd.store.writer import Writer
from rsvpd.work import Work, work_limit_exceeded

P = ParamSpec("P")
T = TypeVar("T")

# How often a statement that runs is asked for an account, in instructions of SQLite's machine, and what they
# cost in steps.
_INSTRUCTIONS, _STEPS = 4_000, 100
_META = "SELECT value FROM meta WHERE key = :key"
_KEEP = "INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO NOTHING"


class Store:
    """An open data file. Commands marked as writing go to the writer, the others to reading connections."""

    def __init__(
        self,
        path: Path,
        *,
        rules: Rules,
        limits: WorkLimits,
        queue_limit: int,
        entropy: Callable[[int], bytes],
        fragments: Fragments,
    ) -> None:
        self.path = path
        self._limits = limits
        self._file = path.resolve()  # what stands beside a file stands beside the file, not beside a link to it
        self._rules = rules
        self._entropy = entropy
        self._directory = Directory(fragments)
        self._fragments = fragments
        self._connection, self.schema = sqlite.open_writer(self._file, events.ABOUT_CONTENT, {7: upgrade_7.upgrade})
        self._watch = FileWatch(path)
        self._faults = Faults(path)
        self._checkpointer = sqlite.Checkpointer(self._file, self._watch)
        self._writer = Writer(
            self._connection, self._writing_tx, self._checkpointer, self._watch, self._faults, queue_limit=queue_limit
        )
        self._lanes = Lanes(limits)
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self.signing_key = self._kept("signing-key", lambda: entropy(32))
        self.tenant = str(uuid.UUID(bytes=self._kept("tenant", lambda: entropy(16)), version=4))
        self._watch.learn()

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        create: bool = True,
        rules: Rules | None = None,
        limits: WorkLimits | None = None,
        queue_limit: int = 4096,
        entropy: Callable[[int], bytes] = os.urandom,
        fragments: Fragments | None = None,
    ) -> Store:
        """Open the data file, make it where it is missing, bring its schema up to date.

        `fragments` are for this file alone, and empty. Raises DataFileError where it cannot be used.
        """
        if not create and not path.exists():
            raise DataFileError(f"There is no data file at {path}.")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return cls(
                path,
                rules=rules or Rules(),
                limits=limits or WorkLimits(),
                queue_limit=queue_limit,
                entropy=entropy,
                fragments=fragments or Fragments(),
            )
        except sqlite3.Error as fault:
            raise DataFileError(f"{path} cannot be opened as a data file: {fault}") from None

    async def __call__(self, command: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `command` and return its result; a writing one is durable then.

        Raises Overloaded, Throttled, or WorkLimitExceeded for what looks at more than is allowed.
        """
        loop = asyncio.get_running_loop()
        if command.__dict__["writes"]:
            result: T = await self._writer.submit(lambda tx: command(tx, *args, **kwargs), loop)
            return result

        def job(work: Work) -> T:
            return self._read(work, command, *args, **kwargs)

        if "begins_in_loop" in command.__dict__:
            with suppress(WorkLimitExceeded):
                return self._lanes.read_in_loop(job)
        # Commands are told first who asks (commands/door.py).
        person = getattr(args[0], "actor", None) if args else None
        return await self._lanes.read(job, person)

    def recall(self, owner: str, asked: Hashable) -> Any:
        """Return the reply that was kept, if the mailbox of `owner` (GUID or address) has not changed since; or None.

        Nothing is read.
        """
        state = self._directory.state_of(owner)
        if state is None:
            return None
        try:
            self._watch.check()
        except Moved:  # which a transaction says better
            return None
        return self._fragments.get((asked, state))

    def keep(self, owner: str, asked: Hashable, state: MailboxState, reply: Any, size: int) -> None:
        """Keep a reply of so many bytes, if the mailbox of `owner` is still in the state that it follows from."""
        if self._directory.state_of(owner) == state:
            self._fragments.keep((asked, state), reply, size)

    def run(self, command: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `command` and wait for it."""
        if command.__dict__["writes"]:
            result: T = self._writer.run(lambda tx: command(tx, *args, **kwargs))
            return result
        return self._lanes.run(lambda work: self._read(work, command, *args, **kwargs))

    def close(self) -> None:
        """Finish what is queued, copy the WAL into the file, close everything.

        Where it cannot be copied now, SQLite does so when the file is opened again: nothing is lost.
        """
        self._writer.close()
        self._lanes.close()
        for connection in self._opened:
            connection.close()
        self._checkpointer.close(self._connection)
        self._connection.close()
        self._watch.close()

    def health(self) -> dict[str, Any]:
        """Return what whoever keeps the file wants to know: schema, sizes in bytes, faults found. Raises Moved."""
        self._watch.check()
        return sqlite.health_of(self.path, self.schema, sqlite.check(self._reader()))

    def backup(self, target: Path, *, overwrite: bool) -> int:
        """Write a copy of the file as it is now, while others read and write; return its size in bytes.

        Raises CopyError, or Moved where the file is not the one that was opened.
        """
        self._watch.check()
        with closing(sqlite.connect_reader(self._file)) as connection:
            return write_copy(connection, target, overwrite=overwrite)

    def on_delivery(self, wake: Callable[[], None]) -> None:
        """Let `wake` be called after a commit that leaves a delivery for later, in the committer's thread."""
        self._directory.on_delivery = wake

    @property
    def commits(self) -> int:
        """Return how many groups have been committed."""
        return self._writer.commits

    def wal_bytes(self) -> int:
        """Return the size of the WAL file."""
        return self._checkpointer.wal_bytes()

    def _read(self, work: Work, command: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            self._watch.check()
            connection = self._reader()
            self._local.work = work
            tx = self._tx(connection, work, self._fragments)
            connection.execute("BEGIN")
            try:
                return command(tx, *args, **kwargs)
            finally:
                self._local.work = None
                self._end_reading(connection)
                self._directory.learn(tx)
        except (sqlite3.Error, Moved) as fault:
            if isinstance(fault, sqlite3.OperationalError) and work.is_over():  # what SQLite calls interrupted
                raise work_limit_exceeded() from None
            error = self._faults.met(fault, at="read")
            if error is fault:
                raise
            raise error from fault

    def _end_reading(self, connection: sqlite3.Connection) -> None:
        """What was read is read: a connection that cannot let go of it is given up, and the answer stands."""
        try:
            connection.execute("COMMIT")
        except sqlite3.Error as fault:
            self._faults.met(fault, at="end of read")
            self._local.connection = None

    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = sqlite.connect_reader(self._file)
            connection.set_progress_handler(partial(_account, self._local), _INSTRUCTIONS)
            self._opened.append(connection)
        return connection

    def _writing_tx(self, connection: sqlite3.Connection) -> Tx:
        return self._tx(connection, Work(self._limits.write))

    def _tx(self, connection: sqlite3.Connection, work: Work, fragments: Fragments = NONE_KEPT) -> Tx:
        return Tx(
            connection,
            directory=self._directory,
            entropy=self._entropy,
            rules=self._rules,
            work=work,
            fragments=fragments,
        )

    def _kept(self, key: str, make: Callable[[], bytes]) -> bytes:
        """Return a secret of the data file, made when the file was."""

        def keep(tx: Tx) -> bytes:
            tx.run(_KEEP, key=key, value=make())
            row = tx.row(_META, key=key)
            assert row is not None
            return bytes(row[0])

        kept: bytes = self._writer.run(keep)
        return kept


def _account(local: threading.local) -> int:
    """Count what a statement of this thread does; anything but 0 ends it."""
    work: Work | None = getattr(local, "work", None)
    if work is None:
        return 0
    try:
        work.spend(_STEPS)
    except WorkLimitExceeded:
        return 1
    return 0
