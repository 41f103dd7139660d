"""What a store asks of the database under it. Whatever only one of them knows is in its own folder.

An engine runs jobs in transactions: a writing one alone and durably, a reading one on one state of everything. A job
is a function of its transaction, so that an engine may run it again where the first time came to nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from msgspec import Struct

from rsvpd.clock import Instant
from rsvpd.query.terms import Terms
from rsvpd.work import Work

if TYPE_CHECKING:
    from rsvpd.store.difference import Kind
    from rsvpd.store.tx import Tx

T = TypeVar("T")

Row = tuple[Any, ...]


OTHER_DATA = "This is a copy of other data, which know other people: `rsvpd up --data FILE` serves it."


class DataFileError(Exception):
    """What holds the data cannot be used; the message says why."""


class CopyError(OSError):
    """The copy could not be made, and none is there; the message says why."""


class WorkLimits(Struct, frozen=True, kw_only=True):
    """How many steps a read may take in the event loop, in the short lane and at all, and how many a write."""

    loop: int = 6_000
    short: int = 30_000
    read: int = 1_500_000
    write: int = 1_000_000


# For what an administrator asks for, which takes as long as it takes.
UNLIMITED = WorkLimits(read=2**62, write=2**62)


class Commit(Struct, frozen=True, omit_defaults=True):
    """What there is to tell of what was committed: the newest changes of the mailboxes in it, the numbers of people who
    were removed, whether it left a delivery for later, the mailboxes that somebody
    subscribed to.

    `is_anything` where not even that is known: whoever remembers anything has to ask.
    """

    newest: dict[int, int] = {}
    removed: tuple[int, ...] = ()
    has_delivery: bool = False
    subscribed: tuple[int, ...] = ()
    is_anything: bool = False


def commit_of(*done: Tx) -> Commit:
    """Return what there is to tell of transactions that are committed together, in their order."""
    newest: dict[int, int] = {}
    removed: list[int] = []
    subscribed: list[int] = []
    has_delivery = is_anything = False
    for tx in done:
        newest.update(tx.numbers)
        removed += tx.removed
        has_delivery = has_delivery or tx.has_delivery
        subscribed += tx.subscribed
        # People are remembered as they were read, by transactions under way as well: all is asked for anew.
        is_anything = is_anything or tx.renews_all
    return Commit(newest, tuple(removed), has_delivery, tuple(subscribed), is_anything)


# Called after a commit, of whatever process, in whatever thread.
OnCommit = Callable[[Commit], None]


class Rows(Protocol):
    """What a statement found, row by row."""

    def fetchone(self) -> Any:
        """Return the next row, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows that are left."""
        ...


class Session(Protocol):
    """One transaction: plain SQL, each parameter by name (`:name`)."""

    @property
    def execute(self) -> Callable[[str, Mapping[str, Any]], Rows]:
        """Return what executes a statement."""
        ...

    def write(self, sql: str, params: Mapping[str, Any]) -> object:
        """Execute a statement of which nothing is wanted; it may travel with the next one."""
        ...

    def count(self, sql: str, params: Mapping[str, Any]) -> int:
        """Execute a statement, and return how many rows it touched."""
        ...

    def insert(self, sql: str, params: Mapping[str, Any]) -> int:
        """Execute an INSERT into a table that is numbered by `number`, and return the number of the row."""
        ...

    def execute_many(self, sql: str, rows: Sequence[dict[str, Any]]) -> None:
        """Execute a statement for each of several sets of parameters."""
        ...

    @property
    def streams(self) -> bool:
        """Return whether a statement finds what is taken of it and no more: a list that ends early costs less."""
        ...

    @property
    def to_claim(self) -> str:
        """Return what ends a SELECT for the first row that no other transaction holds, which this one then does."""
        ...

    def index_item(self, mailbox: int, item: int, terms: Sequence[str]) -> None:
        """Put an item into the index of words, where it may stand already; without terms take it out.

        Terms begin with the number of the mailbox.
        """
        ...

    def find_terms(self, mailbox: int, terms: Terms, most: int) -> list[int]:
        """Return the items of a mailbox that are found by terms, at most so many; any, where there are more."""
        ...

    def drop_terms(self, mailbox: int, most: int) -> int:
        """Take so many items of a mailbox out of the index of words, and return how many that were."""
        ...

    def take_up_numbers(self) -> None:
        """Go on with all numbers from what was copied into the tables."""
        ...

    def newest_changes(self, mailboxes: Sequence[int]) -> dict[int, int]:
        """Return the number of the newest change of each, or 0; what comes next is for this transaction alone."""
        ...


# Makes what a job sees of a transaction: with Work for a read, without for a write.
NewTx = Callable[[Session, Work | None], "Tx"]
Carry = Callable[["Tx"], Callable[["Tx"], None]]


# As `Store.run` does: runs a command that reads.
Run = Callable[..., Any]


class NamedCopy(Struct, frozen=True):
    """A snapshot: its name, when it was made by the clock of whoever keeps it, its bytes, and where it is."""

    name: str
    made: Instant
    bytes: int
    place: str


class Shelf(Protocol):
    """Where named copies of all there is are kept, beside what they are copies of. Names are checked by who asks."""

    def copies(self) -> list[NamedCopy]:
        """Return what there is, by name."""
        ...

    def save(self, name: str, *, overwrite: bool) -> None:
        """Copy all there is, as it is at one moment, while others read and write.

        Raises CopyError, also where there is one of that name that is not to be overwritten, or Unavailable.
        """
        ...

    def remove(self, name: str) -> None:
        """Delete one, if it is there."""
        ...

    def restore(self, name: str, carry: Carry) -> None:
        """Put one in the place of all there is, as `Engine.restore` does; an older one is brought up to date.

        Raises CopyError where it is cut, of other data or of a newer rsvpd, or Unavailable; then nothing has changed.
        """
        ...

    def reading(self, name: str) -> AbstractContextManager[Run]:
        """Lend what runs commands that read one. Raises DataFileError, also for one of an earlier rsvpd."""
        ...

    def compare(self, before: str, after: str | None, most: int) -> dict[str, Kind]:
        """Return what differs from one to another, or to what there is now; `most` bounds what is named of a kind.

        Raises DataFileError.
        """
        ...

    def file_of(self, name: str) -> Path | None:
        """Return the data file that one is, None where it is none."""
        ...


# Opens an engine: what makes transactions, what is called after a commit, how much a job may do.
OpenEngine = Callable[[NewTx, OnCommit, WorkLimits], "Engine"]


class Engine(Protocol):
    """Runs jobs, and is closed. `schema` is the version of what is stored, `path` the file that holds it, if any."""

    schema: int
    path: Path | None
    shelf: Shelf

    @property
    def commits(self) -> int:
        """Return how many transactions have been committed."""
        ...

    @property
    def queued(self) -> int:
        """Return how many commands wait to be written."""
        ...

    def begin(self) -> None:
        """Note that the data are set up."""
        ...

    def write(
        self, job: Callable[[Tx], Any], loop: asyncio.AbstractEventLoop, *, is_long: bool = False
    ) -> asyncio.Future[Any]:
        """Queue a job that writes; its result is there once it is durable. Raises Overloaded, and nothing was done.

        One that `is_long` does not hold up the loop.
        """
        ...

    async def read(self, job: Callable[[Tx], T], *, person: Hashable, is_short: bool) -> T:
        """Return what a reading job returns; `is_short` where an index bounds it.

        Raises WorkLimitExceeded, or Throttled where this person has too many that are long.
        """
        ...

    def run(self, job: Callable[[Tx], T], *, writes: bool) -> T:
        """Run a job in this thread, or wait for another that does."""
        ...

    def is_current(self) -> bool:
        """Return whether what is remembered of commits is all that was committed."""
        ...

    def health(self) -> dict[str, Any]:
        """Return what whoever keeps the data wants to know. Raises Unavailable."""
        ...

    def backup(self, target: Path, *, overwrite: bool) -> int:
        """Write a copy of the file; return its size in bytes. Raises CopyError."""
        ...

    def restore(self, copy: Path, carry: Carry) -> None:
        """Put what a copy holds, a file of the same schema, in the place of all there is, in one transaction.

        `carry` reads what is to be known of what goes, and returns what is then done to what has come. Whoever
        remembers anything is told to ask anew. Raises CopyError, or Unavailable, and nothing has changed.
        """
        ...

    def close(self) -> None:
        """Finish what is queued, and let go of everything."""
        ...
