"""The one writer: group commit.

What is queued runs in one transaction, each command in a savepoint of its own; then one
COMMIT, then everybody who waited is answered. A command that fails is rolled back alone. If
the COMMIT fails, all of them failed: success is said only after it returned.

The commands of a group run in the event loop's own thread, one after the other, and only the
COMMIT, which waits for the disk, runs in another. Two threads of Python would take turns at
every SQL statement instead, which costs a quarter of the throughput (benchmarks/answers.py).
While a COMMIT is under way the loop reads the requests of the next group.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rsvpd import log
from rsvpd.errors import Overloaded, StorageFailed, StorageFull
from rsvpd.store.engine import Carry, Commit, CopyError, OnCommit, commit_of
from rsvpd.store.faults import Faults
from rsvpd.store.sqlite import driver
from rsvpd.store.sqlite.checkpointer import Checkpointer
from rsvpd.store.sqlite.faults import storage_error
from rsvpd.store.sqlite.watch import FileWatch
from rsvpd.store.tx import Tx

_log = log.get(__name__)

# As many commands as may hold up the loop at a time.
GROUP = 64

Job = Callable[[Tx], Any]
Waiter = asyncio.Future[Any]
Outcome = tuple[Any, BaseException | None]


class Writer:
    """Owns the writing connection. `submit` is for the event loop, `run` for programs without one."""

    def __init__(
        self,
        connection: driver.Connection,
        new_tx: Callable[[], Tx],
        checkpointer: Checkpointer,
        watch: FileWatch,
        faults: Faults,
        on_commit: OnCommit,
        *,
        queue_limit: int,
    ) -> None:
        self._connection = connection
        self._new_tx = new_tx
        self._checkpointer = checkpointer
        self._watch = watch
        self._faults = faults
        self._on_commit = on_commit
        self._limit = queue_limit
        self._queue: deque[tuple[Job, Waiter, bool]] = deque()
        self._is_busy = False
        self._in_transaction = threading.Lock()
        self._committer = ThreadPoolExecutor(1, thread_name_prefix="rsvpd-commit")
        self.commits = 0

    @property
    def queued(self) -> int:
        """Return how many jobs wait for their group."""
        return len(self._queue)

    def submit(self, job: Job, loop: asyncio.AbstractEventLoop, *, is_long: bool = False) -> Waiter:
        """Queue `job` and return what the loop waits for. Raises Overloaded, and then nothing was done.

        One that `is_long` runs alone and outside the loop, which goes on with what only reads.
        """
        if len(self._queue) >= self._limit:
            raise Overloaded
        waiter: Waiter = loop.create_future()
        self._queue.append((job, waiter, is_long))
        if not self._is_busy:
            self._is_busy = True
            loop.call_soon(self._start, loop)
        return waiter

    def run(self, job: Job) -> Any:
        """Run `job` in a transaction of its own, in this thread, and return its result."""
        with self._in_transaction:
            return self._run_alone(job)

    def replace(self, source: driver.Connection, carry: Carry, source_tx: Tx) -> None:
        """Put all that `source` holds in the place of what there is, between two groups, in one transaction.

        `carry` reads what is to be known of what goes, and returns what is then done to what comes: to `source` before
        it is put in, by `source_tx`. Raises CopyError where `source` cannot be read, or what a COMMIT raises.
        """
        with self._in_transaction:
            finish: Job = self._run_alone(carry)
            try:
                finish(source_tx)
                source.backup(self._connection)
            except driver.DatabaseError as fault:
                self._roll_back()
                if isinstance(storage_error(fault), StorageFull):
                    raise self._faults.met(fault, at="restore") from None
                raise CopyError(f"The copy cannot be put in ({fault}).") from None
            self.commits += 1
            self._faults.over()
            self._on_commit(Commit(is_anything=True))
            self._checkpointer.after_commit(self._connection)

    def close(self) -> None:
        """Finish what is queued and stop."""
        self._committer.shutdown()
        while self._queue:
            job, _, _ = self._queue.popleft()
            self.run(job)

    def _run_alone(self, job: Job) -> Any:
        """Run `job` in a transaction of its own; the caller sees to it that there is no other."""
        outcomes, done = self._execute([job])
        ((value, fault),) = self._commit(outcomes, done)
        if fault is not None:
            raise fault
        return value

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run the next group in the loop, then hand it to the committer."""
        group = self._next_group()
        waiters = [waiter for _, waiter, _ in group]
        if group[0][2]:
            self._committer.submit(self._run_long, group[0][0], waiters, loop)
            return
        self._in_transaction.acquire()
        try:
            outcomes, done = self._execute([job for job, _, _ in group])
            self._committer.submit(self._finish, outcomes, done, waiters, loop)
        except BaseException as fault:  # not of a command: the process is told to end, or has no committer any more
            self._roll_back()
            self._in_transaction.release()
            self._settle([(None, StorageFailed())] * len(waiters), waiters, loop)
            if not isinstance(fault, Exception):
                raise
            _log.failure("group.failed", fault)

    def _next_group(self) -> list[tuple[Job, Waiter, bool]]:
        """Take what comes next from the queue: one that takes long, or others up to the next such."""
        group = [self._queue.popleft()]
        while not group[0][2] and self._queue and not self._queue[0][2] and len(group) < GROUP:
            group.append(self._queue.popleft())
        return group

    def _run_long(self, job: Job, waiters: list[Waiter], loop: asyncio.AbstractEventLoop) -> None:
        self._in_transaction.acquire()
        try:
            outcomes, done = self._execute([job])
        except BaseException as fault:
            self._roll_back()
            outcomes, done = [(None, fault)], []
        self._finish(outcomes, done, waiters, loop)

    def _finish(
        self, outcomes: list[Outcome], done: list[Tx], waiters: list[Waiter], loop: asyncio.AbstractEventLoop
    ) -> None:
        try:
            outcomes = self._commit(outcomes, done)
        except BaseException as fault:
            outcomes = [(None, fault)] * len(waiters)
        finally:
            self._in_transaction.release()
        try:
            loop.call_soon_threadsafe(self._settle, outcomes, waiters, loop)
        except RuntimeError:  # the loop is closed: nobody waits any more
            self._is_busy = False

    def _settle(self, outcomes: list[Outcome], waiters: list[Waiter], loop: asyncio.AbstractEventLoop) -> None:
        """Answer everybody in the group, and go on with what was queued meanwhile."""
        for waiter, (value, fault) in zip(waiters, outcomes, strict=True):
            if waiter.done():
                continue
            if fault is None:
                waiter.set_result(value)
            else:
                waiter.set_exception(fault)
        if self._queue:
            loop.call_soon(self._start, loop)
        else:
            self._is_busy = False

    def _execute(self, jobs: list[Job]) -> tuple[list[Outcome], list[Tx]]:
        """Run jobs in a new transaction; return how each ended, and what those that succeeded saw.

        Where the transaction itself breaks, nothing of it is kept and all of the group failed.
        """
        done: list[Tx] = []
        try:
            self._watch.check()
            self._roll_back()  # of a transaction that could be neither committed nor rolled back before
            self._connection.execute("BEGIN IMMEDIATE")
            return [self._run_one(job, done) for job in jobs], done
        except Exception as fault:
            error = self._faults.met(fault, at="write")
            return [(None, error)] * len(jobs), []

    def _run_one(self, job: Job, done: list[Tx]) -> Outcome:
        execute = self._connection.execute
        execute("SAVEPOINT command")
        tx = self._new_tx()
        try:
            value = job(tx)
        except Exception as fault:
            if not self._connection.in_transaction:
                # SQLite rolled back the whole of it, as it may when a disk is full: the others lost theirs too.
                raise
            execute("ROLLBACK TO command")
            execute("RELEASE command")
            return None, self._faults.met(fault, at="write")
        execute("RELEASE command")
        done.append(tx)
        return value, None

    def _commit(self, outcomes: list[Outcome], done: list[Tx]) -> list[Outcome]:
        """Make the group durable; where that fails, all of it failed. Nothing that comes after makes it fail."""
        if not done:
            self._roll_back()
            return outcomes
        for tx in done:
            tx.directory.announce(tx)
        try:
            self._connection.execute("COMMIT")
        except Exception as fault:
            error = self._faults.met(fault, at="commit")
            self._roll_back()
            return [(None, own or error) for _, own in outcomes]
        self.commits += 1
        self._faults.over()
        for tx in done:
            tx.directory.learn(tx)
        self._on_commit(commit_of(*done))
        self._checkpointer.after_commit(self._connection)
        return outcomes

    def _roll_back(self) -> None:
        """End a transaction that is open, if that can be; the next group tries again."""
        if not self._connection.in_transaction:
            return
        try:
            self._connection.execute("ROLLBACK")
        except driver.Error as fault:
            self._faults.met(fault, at="rollback")
