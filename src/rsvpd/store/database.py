"""The data as the rest of the server holds it: opened once, asked through commands.

`await store(command, who, …)` is the door of the dialects (see commands/door.py); `store.run`
does the same and waits, for programs without an event loop.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from rsvpd import log
from rsvpd.query.algebra import MailboxState
from rsvpd.store import continuation, meta
from rsvpd.store.engine import Commit, OnCommit, OpenEngine, Session, Shelf, WorkLimits
from rsvpd.store.engines import engine_at
from rsvpd.store.fragments import NONE_KEPT, Fragments
from rsvpd.store.shared import SharedNumbers
from rsvpd.store.tx import Directory, Rules, Tx, is_writing
from rsvpd.work import Work

P = ParamSpec("P")
T = TypeVar("T")

_log = log.get(__name__)



class Store:
    """All mailboxes, on an engine that is opened. Commands marked as writing are written, the others read."""

    def __init__(
        self,
        open_engine: OpenEngine,
        *,
        rules: Rules,
        limits: WorkLimits,
        entropy: Callable[[int], bytes],
        fragments: Fragments,
        shared: SharedNumbers | None,
    ) -> None:
        self._limits = limits
        self._rules = rules
        self._entropy = entropy
        self._directory = Directory(fragments, shared)
        self._fragments = fragments
        self._listeners: list[OnCommit] = []
        self.engine = open_engine(self._tx, self._notify_listeners, limits)
        self.schema = self.engine.schema
        self.signing_key = self._stored_secret("signing-key", lambda: entropy(32))
        self.tenant = str(uuid.UUID(bytes=self._stored_secret("tenant", lambda: entropy(16)), version=4))
        self.engine.begin()

    @classmethod
    def open(
        cls,
        place: Path | str,
        *,
        create: bool = True,
        rules: Rules | None = None,
        limits: WorkLimits | None = None,
        queue_limit: int = 4096,
        entropy: Callable[[int], bytes] = os.urandom,
        fragments: Fragments | None = None,
        shared: SharedNumbers | None = None,
    ) -> Store:
        """Open a data file or, by its URL, a database; make it where it is missing, bring its schema up to date.

        `fragments` are for these data alone, and empty; `shared` is for a database that several processes of one server
        open. Raises DataFileError where they cannot be used.
        """
        return cls(
            engine_at(place, create=create, queue_limit=queue_limit, shared=shared),
            rules=rules or Rules(),
            limits=limits or WorkLimits(),
            entropy=entropy,
            fragments=fragments or Fragments(),
            shared=shared,
        )

    async def __call__(self, command: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `command` and return its result; a writing one is durable then.

        Raises Overloaded, Throttled, or WorkLimitExceeded for what looks at more than is allowed.
        """

        def job(tx: Tx) -> T:
            return command(tx, *args, **kwargs)

        if is_writing(command):
            result: T = await self.engine.write(job, asyncio.get_running_loop())
            return result
        # Commands are told first who asks (commands/door.py).
        person = getattr(args[0], "actor", None) if args else None
        return await self.engine.read(job, person=person, is_short="begins_in_loop" in command.__dict__)

    async def write_long(self, command: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Do the same for a writing command that takes long: others read meanwhile, and who writes waits."""
        loop = asyncio.get_running_loop()
        result: T = await self.engine.write(lambda tx: command(tx, *args, **kwargs), loop, is_long=True)
        return result

    def recall(self, owner: str, asked: Hashable) -> Any:
        """Return the reply that was kept, if the mailbox of `owner` (GUID or address) has not changed since; or None.

        Nothing is read.
        """
        state = self._directory.state_of(owner)
        if state is None or not self.engine.is_current():
            return None
        return self._fragments.get((asked, state))

    def keep(self, owner: str, asked: Hashable, state: MailboxState, reply: Any, size: int) -> None:
        """Keep a reply of so many bytes, if the mailbox of `owner` is still in the state that it follows from."""
        if self._directory.state_of(owner) == state:
            self._fragments.keep((asked, state), reply, size)

    def run(self, command: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `command` and wait for it."""
        return self.engine.run(lambda tx: command(tx, *args, **kwargs), writes=is_writing(command))

    def close(self) -> None:
        """Finish what is queued, and let go of everything."""
        self.engine.close()

    def health(self) -> dict[str, Any]:
        """Return what whoever keeps the data wants to know. Raises Unavailable."""
        return self.engine.health()

    def backup(self, target: Path, *, overwrite: bool) -> int:
        """Write a copy of all there is, as it is now, while others read and write; return its size in bytes.

        Raises CopyError, or Unavailable.
        """
        return self.engine.backup(target, overwrite=overwrite)

    def restore(self, copy: Path) -> None:
        """Put what a copy of these data holds, of the same schema, in the place of all there is.

        No number is given twice: see store/continuation.py. Raises CopyError, or Unavailable, and nothing has changed.
        """

        self.engine.restore(copy, _go_on)

    @property
    def shelf(self) -> Shelf:
        """Return where named copies of all there is are kept."""
        return self.engine.shelf

    def restore_kept(self, name: str) -> None:
        """Put a named copy in the place of all there is, as `restore` does. Raises CopyError, or Unavailable."""
        self.shelf.restore(name, _go_on)

    @contextmanager
    def on_commit(self, listener: OnCommit) -> Iterator[None]:
        """Let `listener` be called after each commit while inside, of whatever process, in whatever thread.

        A signal may be lost, and may come twice: who hears of changes asks for them.
        """
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    @property
    def commits(self) -> int:
        """Return how many groups have been committed."""
        return self.engine.commits

    @property
    def queued(self) -> int:
        """Return how many commands wait to be written."""
        return self.engine.queued

    def _notify_listeners(self, commit: Commit) -> None:
        for listener in (self._directory.hear, *self._listeners):
            try:
                listener(commit)
            except Exception as fault:  # nothing that comes after a commit makes it an error
                _log.failure("listener.failed", fault)

    def _tx(self, session: Session, work: Work | None) -> Tx:
        """Return what a command sees of a transaction: of a read with its work, of a write without."""
        return Tx(
            session,
            directory=self._directory,
            entropy=self._entropy,
            rules=self._rules,
            work=Work(self._limits.write) if work is None else work,
            fragments=NONE_KEPT if work is None else self._fragments,
        )

    def _stored_secret(self, key: str, make: Callable[[], bytes]) -> bytes:
        """Return a secret of these data, made when they were."""

        def keep(tx: Tx) -> bytes:
            meta.put_new(tx, key, make())
            kept = meta.get(tx, key)
            assert kept is not None
            return kept

        return self.engine.run(keep, writes=True)


def _go_on(before: Tx) -> Callable[[Tx], None]:
    """Read which numbers were given, and return what has those that come instead go on above them."""
    given = continuation.last_numbers(before)
    return lambda after: continuation.go_on(after, given)
