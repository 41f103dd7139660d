"""One transaction as a command sees it.

The writer gives each command a `Tx` inside its own savepoint; readers give one on a read-only
connection. `apply.py` carries out what a decision comes to.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

from msgspec import Struct

from rsvpd import log
from rsvpd.calendar.copy import Copy, Private
from rsvpd.calendar.event import MeetingKey
from rsvpd.calendar.revision import Revision
from rsvpd.mail.address import fold
from rsvpd.mail.person import Person
from rsvpd.query.algebra import MailboxState
from rsvpd.store.engine import Commit, Row, Run, Session, WorkLimits
from rsvpd.store.fragments import NONE_KEPT, Fragments, Key
from rsvpd.store.shared import SharedNumbers
from rsvpd.work import Work

C = TypeVar("C", bound=Callable[..., Any])

_log = log.get(__name__)

# What is remembered of revisions, in bytes as they are stored; and of how many dates that are a copy's own.
REVISION_BYTES_KEPT = 32 * 2**20
DATE_NAMES_KEPT = 100_000


def mark_command(command: C, *, writes: bool) -> C:
    """Mark a function of a transaction as one that writes, or as one that reads alone."""
    command.__dict__["writes"] = writes
    return command


def is_writing(command: Callable[..., Any]) -> bool:
    """Return whether a marked function writes."""
    return bool(command.__dict__["writes"])


class Rules(Struct, frozen=True, kw_only=True):
    """What the administrator of the data file decided (see docs/configuration.md).

    `discard_answered_requests` says for users and for rooms whether an invitation leaves the inbox once
    it is answered.
    """

    discard_answered_user: bool = False
    discard_answered_room: bool = True


class DateNames(NamedTuple):
    """Of which dates an owner keeps something in a copy, as of a change of that, and which may differ in more than an
    answer (calendar/copy.py).
    """

    change: int
    names: list[str]
    apart: list[str]


class Directory:
    """What was asked for and never changes: people by number, GUID and address until they are removed or changed,
    revisions by number, and the delivery under way with its number; what holds until the next change: the newest
    change of mailboxes by their number, and by mailbox and item the names of a copy's own dates.

    What writers kept goes to the `fragments`. `shared` is what other processes of this server tell, if there are any.
    """

    def __init__(self, fragments: Fragments = NONE_KEPT, shared: SharedNumbers | None = None) -> None:
        self._fragments = fragments
        self._shared = shared
        self._begin_anew()

    def _begin_anew(self) -> None:
        self.found: dict[int | str, Person] = {}
        self.gone: set[int] = set()
        self.revisions: dict[int, Revision] = {}
        self._revision_bytes = 0
        self.newest: dict[int, int] = {}
        self.date_names: dict[tuple[int, int], DateNames] = {}
        self._names_kept = 0
        self.delivery: tuple[int, Any] | None = None
        self._fragments.forget()

    def state_of(self, name: str) -> MailboxState | None:
        """Return the state of the mailbox of this GUID or address as of the last commit, or None where it is not
        remembered.
        """
        found = self.found.get(name) or self.found.get(fold(name))
        newest = None if found is None else self.newest.get(found.number)
        if found is None or newest is None:
            return None
        if self._shared is not None:
            told = self._shared.newest(found.number)
            if told is None:
                return None
            newest = max(newest, told)
        return found.number, newest

    def announce(self, tx: Tx) -> None:
        """Let no reply count any more that follows from what `tx` changes; called before its COMMIT.

        Afterwards would be too late: who has read the change could still be answered from before it. Where the COMMIT
        fails nothing is kept until the next change, which has the same number.
        """
        self.newest.update(tx.numbers)
        if self._shared is not None:
            self._shared.tell(tx.numbers, tx.removed)

    def hear(self, commit: Commit) -> None:
        """Forget what a commit, perhaps of another process, makes untrue."""
        if commit.is_anything:
            self._begin_anew()
            return
        for mailbox, number in commit.newest.items():
            if self.newest.get(mailbox, number) < number:
                self.newest[mailbox] = number
        if commit.removed:
            self._forget(commit.removed)

    def learn(self, tx: Tx) -> None:
        """Keep what a transaction found, once it is certain. What goes wrong here makes no success an error."""
        try:
            self._learn(tx)
        except Exception as fault:
            _log.failure("directory.failed", fault)

    def _learn(self, tx: Tx) -> None:
        if tx.newest is not self.newest:
            return  # it may have seen what was before all was forgotten
        if tx.removed:
            self._forget(tx.removed)
        if tx.met:
            # A transaction that began earlier may still have met somebody who is gone by now.
            self.found.update({key: one for key, one in tx.met.items() if one.number not in self.gone})
        for mailbox, number in tx.listed.items():
            # A reader may see what was before a change that is announced.
            self.newest.setdefault(mailbox, number)
        if tx.revisions:
            self._revision_bytes += tx.revision_bytes
            if self._revision_bytes > REVISION_BYTES_KEPT:
                self.revisions, self._revision_bytes = {}, tx.revision_bytes
            self.revisions.update(tx.revisions)
        for copy, names in tx.date_names.items():
            self._learn_names(copy, names)
        for key, kept in tx.kept.items():
            self._fragments.keep(key, *kept)
        if tx.delivery is not None:
            self.delivery = tx.delivery

    def _forget(self, people: Iterable[int]) -> None:
        self.gone.update(people)
        self.found = {key: one for key, one in self.found.items() if one.number not in self.gone}

    def _learn_names(self, key: tuple[int, int], dates: DateNames) -> None:
        before = self.date_names.get(key)
        self._names_kept += len(dates.names) - (len(before.names) if before else 0)
        if self._names_kept > DATE_NAMES_KEPT:
            self.date_names, self._names_kept = {}, len(dates.names)
        self.date_names[key] = dates


class Tx:
    """Plain SQL with named parameters, the people of this server, fresh random bytes.

    What a command does for its answer is counted by `work`, SQL in a read by itself.
    `numbers` holds the newest change number of each mailbox touched so far, `listed` of each that was listed,
    `revision_numbers` the revisions read or stored so far with their numbers, by id(). By mailbox and item: `outlines`
    what the columns of copies said as they were read, `copies` the copies, `dates` what was kept of dates; `items` the
    numbers of copies made so far, `superseded` the revisions that some copy referred to until now. `waiting` are rows
    to be inserted together, by their statement, None where each is written at once. `fragments` are what readers keep
    of what they write, `kept` is what a writer keeps, with sizes in bytes. `met`, `removed` (numbers of people),
    `revisions`, `date_names` and `delivery` are what the directory learns of once the transaction is certain, unless
    `newest` is not what it remembers by then; `has_delivery` says that it leaves work for later,
    `subscribed` are mailboxes that somebody subscribed to; `renews_all` that nothing which is
    remembered may count any more: somebody has another name or zone, or the clock was steered.
    """

    def __init__(
        self,
        session: Session,
        *,
        directory: Directory,
        entropy: Callable[[int], bytes],
        rules: Rules,
        work: Work,
        fragments: Fragments = NONE_KEPT,
    ) -> None:
        self._execute = session.execute
        self._execute_many = session.execute_many
        self._write = session.write
        self._count = session.count
        self._insert = session.insert
        self.newest_changes = session.newest_changes
        self.to_claim = session.to_claim
        self.streams = session.streams
        self.take_up_numbers = session.take_up_numbers
        self.index_item = session.index_item
        self.find_terms = session.find_terms
        self.drop_terms = session.drop_terms
        self.directory = directory
        self.newest = directory.newest
        self.entropy = entropy
        self.rules = rules
        self.work = work
        self.fragments = fragments
        self.numbers: dict[int, int] = {}
        self.listed: dict[int, int] = {}
        self.met: dict[int | str, Person] = {}
        self.removed: list[int] = []
        self.revisions: dict[int, Revision] = {}
        self.revision_bytes = 0
        self.revision_numbers: dict[int, tuple[Revision, int]] = {}
        self.outlines: dict[tuple[int, int], Row] = {}
        self.copies: dict[tuple[int, int], Copy] = {}
        self.dates: dict[tuple[int, int], Mapping[str, Private]] = {}
        self.date_names: dict[tuple[int, int], DateNames] = {}
        self.items: dict[tuple[int, MeetingKey], int] = {}
        self.kept: dict[Key, tuple[Any, int]] = {}
        self.superseded: set[int] = set()
        self.waiting: dict[str, list[dict[str, Any]]] | None = None
        self.delivery: tuple[int, Any] | None = None
        self.has_delivery = False
        self.subscribed: list[int] = []
        self.renews_all = False

    def keep(self, key: Key, value: Any, size: int) -> None:
        """Keep what takes so many bytes: a reader at once, a writer once it is certain (store/fragments.py, rule 1)."""
        if self.fragments is NONE_KEPT:
            self.kept[key] = value, size
        else:
            self.fragments.keep(key, value, size)

    def row(self, sql: str, **params: Any) -> Row | None:
        """Return the first row, or None."""
        found: Row | None = self._execute(sql, params).fetchone()
        return found

    def rows(self, sql: str, **params: Any) -> list[Row]:
        """Return all rows."""
        return self._execute(sql, params).fetchall()

    def stream(self, sql: str, **params: Any) -> Iterable[Row]:
        """Yield rows one by one."""
        return self._execute(sql, params)

    def run(self, sql: str, **params: Any) -> int:
        """Execute a statement and return how many rows it touched."""
        return self._count(sql, params)

    def write(self, sql: str, **params: Any) -> None:
        """Execute a statement; an engine may send it with the next one."""
        self._write(sql, params)

    def add(self, sql: str, **params: Any) -> None:
        """Insert a row; while rows wait, together with others of its kind."""
        if self.waiting is None:
            self._write(sql, params)
        else:
            self.waiting.setdefault(sql, []).append(params)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Let what is added wait, and write it at the end: one statement for all rows of a kind."""
        waiting: dict[str, list[dict[str, Any]]] = {}
        self.waiting = waiting
        try:
            yield
            for sql, rows in waiting.items():
                self._execute_many(sql, rows)
        finally:
            self.waiting = None

    def insert(self, sql: str, **params: Any) -> int:
        """Execute an INSERT and return the number that the row was given."""
        return self._insert(sql, params)


def reader(session: Session) -> Run:
    """Return what runs commands that read, as `Store.run` does, each with as much work as an answer may make."""
    directory = Directory()

    def run(command: Callable[..., Any], *args: Any, **more: Any) -> Any:
        assert not is_writing(command)
        work = Work(WorkLimits().read)
        tx = Tx(session, directory=directory, entropy=os.urandom, rules=Rules(), work=work)
        return command(tx, *args, **more)

    return run
