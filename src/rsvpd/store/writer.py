"""The one writer: group commit.

What is queued runs in one transaction, each command in a savepoint of its own; then one
COMMIT, then everybody who waited is answered. A command that fails is rolled back alone. If
the COMMIT fails, all of them failed: success is said only after it returned.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from rsvpd.errors import Overloaded
from rsvpd.store.sqlite import Checkpointer
from rsvpd.store.tx import Tx

GROUP = 256

Job = Callable[[Tx], Any]
Outcome = tuple["Waiter", Any, BaseException | None]


class Waiter:
    """Somebody who waits for a job: in an event loop, or in a thread."""

    __slots__ = ("future", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop | None) -> None:
        self.loop = loop
        self.future: Any = loop.create_future() if loop else Future()


class Writer:
    """Owns the writing connection and the thread that uses it."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        new_tx: Callable[[sqlite3.Connection], Tx],
        checkpointer: Checkpointer,
        *,
        queue_limit: int,
    ) -> None:
        self._connection = connection
        self._new_tx = new_tx
        self._checkpointer = checkpointer
        self._limit = queue_limit
        self._queue: deque[tuple[Job, Waiter]] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self.commits = 0
        self._thread = threading.Thread(target=self._work, name="rsvpd-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job, loop: asyncio.AbstractEventLoop | None) -> Any:
        """Queue `job` and return a future of the loop, or a concurrent one. Raises Overloaded."""
        if len(self._queue) >= self._limit:
            raise Overloaded
        waiter = Waiter(loop)
        with self._wake:
            if self._closing:
                raise Overloaded
            self._queue.append((job, waiter))
            self._wake.notify()
        return waiter.future

    def close(self) -> None:
        """Finish what is queued and stop."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    def _work(self) -> None:
        while True:
            with self._wake:
                while not self._queue and not self._closing:
                    self._wake.wait()
                group = [self._queue.popleft() for _ in range(min(len(self._queue), GROUP))]
            if not group:
                return
            _settle(self._run(group))

    def _run(self, group: list[tuple[Job, Waiter]]) -> list[Outcome]:
        execute = self._connection.execute
        outcomes: list[Outcome] = []
        done: list[Tx] = []
        try:
            execute("BEGIN IMMEDIATE")
            for job, waiter in group:
                outcomes.append(self._run_one(job, waiter, done))
            execute("COMMIT")
        except Exception as fault:
            if self._connection.in_transaction:
                execute("ROLLBACK")
            return [(waiter, None, fault) for _, waiter in group]
        self.commits += 1
        for tx in done:
            if tx.met:
                tx.directory.found.update(tx.met)
        self._checkpointer.after_commit(self._connection)
        return outcomes

    def _run_one(self, job: Job, waiter: Waiter, done: list[Tx]) -> Outcome:
        execute = self._connection.execute
        execute("SAVEPOINT command")
        tx = self._new_tx(self._connection)
        try:
            value = job(tx)
        except Exception as fault:
            execute("ROLLBACK TO command")
            execute("RELEASE command")
            return waiter, None, fault
        execute("RELEASE command")
        done.append(tx)
        return waiter, value, None


def _settle(outcomes: list[Outcome]) -> None:
    """Answer everybody, each loop in one call."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Outcome]] = {}
    for outcome in outcomes:
        loop = outcome[0].loop
        if loop is None:
            _resolve([outcome])
        else:
            by_loop.setdefault(loop, []).append(outcome)
    for loop, ready in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, ready)


def _resolve(outcomes: list[Outcome]) -> None:
    for waiter, value, fault in outcomes:
        if waiter.future.done():
            continue
        if fault is None:
            waiter.future.set_result(value)
        else:
            waiter.future.set_exception(fault)
