"""One transaction as a command sees it.

The writer gives each command a `Tx` inside its own savepoint; readers give one on a read-only
connection. `apply.py` carries out what a decision comes to.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from msgspec import Struct

from rsvpd import log
from rsvpd.calendar.event import Attendee
from rsvpd.mail.person import Person
from rsvpd.store.fragments import NONE_KEPT, Fragments
from rsvpd.work import Work

_log = log.get(__name__)

Row = tuple[Any, ...]
ROSTERS_KEPT = 64


class Rules(Struct, frozen=True, kw_only=True):
    """What the keeper of the data file decided (see docs/configuration.md).

    `discard_answered_requests` says for users and for rooms whether an invitation leaves the inbox once
    it is answered.
    """

    discard_answered_user: bool = False
    discard_answered_room: bool = True


class Roster(NamedTuple):
    """A long guest list that several copies share (see guests.py), and each guest's place in it."""

    number: int
    guests: tuple[Attendee, ...]
    places: dict[str, int]


class Directory:
    """What was asked for and never changes: people by number, GUID and address until they are removed, rosters by
    number, and the round of delivery under way with its number.

    `on_round` is called after a commit that leaves a round to be delivered, in whatever thread that was.
    """

    def __init__(self) -> None:
        self.found: dict[int | str, Person] = {}
        self.gone: set[int] = set()
        self.rosters: dict[int, Roster] = {}
        self.round: tuple[int, Any] | None = None
        self.on_round: Callable[[], None] = lambda: None

    def learn(self, tx: Tx) -> None:
        """Keep what a transaction found, once it is certain. What goes wrong here makes no success an error."""
        try:
            self._learn(tx)
        except Exception as fault:
            _log.failure("directory.failed", fault)

    def _learn(self, tx: Tx) -> None:
        if tx.removed:
            self.gone.update(tx.removed)
            self.found = {key: one for key, one in self.found.items() if one.number not in self.gone}
        if tx.met:
            # A transaction that began earlier may still have met somebody who is gone by now.
            self.found.update({key: one for key, one in tx.met.items() if one.number not in self.gone})
        if tx.rosters:
            if len(self.rosters) > ROSTERS_KEPT:
                self.rosters = {}
            self.rosters.update(tx.rosters)
        if tx.round is not None:
            self.round = tx.round
        if tx.has_round:
            self.on_round()


class Tx:
    """Plain SQL with named parameters, the people of this server, fresh random bytes.

    What a command does for its answer is counted by `work`, SQL in a read by itself.
    `numbers` holds the newest change number of each mailbox touched so far, `pieces` the answers beside long
    guest lists as they were read. `fragments` are what readers keep of what they write. `met`, `removed` (numbers of
    people), `rosters` and `round` are what the directory learns of once the transaction is certain; `has_round` says
    that it leaves a round to be delivered.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        directory: Directory,
        entropy: Callable[[int], bytes],
        rules: Rules,
        work: Work,
        fragments: Fragments = NONE_KEPT,
    ) -> None:
        self._execute = connection.execute
        self.directory = directory
        self.entropy = entropy
        self.rules = rules
        self.work = work
        self.fragments = fragments
        self.numbers: dict[int, int] = {}
        self.met: dict[int | str, Person] = {}
        self.removed: list[int] = []
        self.rosters: dict[int, Roster] = {}
        self.round: tuple[int, Any] | None = None
        self.has_round = False
        self.pieces: dict[tuple[int, int, str, int], bytes] = {}

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
        return self._execute(sql, params).rowcount

    def insert(self, sql: str, **params: Any) -> int:
        """Execute an INSERT and return the number the row was given."""
        return int(self._execute(sql, params).lastrowid or 0)
