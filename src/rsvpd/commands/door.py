"""The one door: how a dialect asks for a command.

A command is a plain function `command(tx, who, …) -> result`, marked with `reads` or `writes`.
A dialect awaits `door(command, who, …)`; the door runs it in one transaction, and an answer
of `writes` comes back only after COMMIT.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar

from msgspec import Struct

from rsvpd.clock import Instant
from rsvpd.errors import RsvpdError
from rsvpd.hints import Hint
from rsvpd.query.algebra import MailboxState
from rsvpd.store.tx import Tx, mark_command

P = ParamSpec("P")
T = TypeVar("T")


class Who(Struct, frozen=True):
    """Who asks (the directory GUID of the token), in whose mailbox (None: the own), and when.

    `owner` is a GUID or an address, as it stood in the path; the address of a calendar means that one of its owner's.
    `calendar` is the number of the calendar that was named; None: lists are of the default one, and an event is found
    in whichever it stands. An application that asks for itself works as the
    owner of the mailbox; it has none of its own. `interface` is the one that the request came through (graph, google
    and so on), empty where no client asks.
    """

    actor: str
    owner: str | None
    now: Instant
    is_application: bool = False
    calendar: int | None = None
    interface: str = ""


class Done(Struct, Generic[T], frozen=True):
    """What a writing command did, and what it did not do."""

    value: T
    hints: tuple[Hint, ...] = ()


class Door(Protocol):
    """Runs a command in a transaction of its own and returns its result, or raises its DomainError."""

    def __call__(self, command: Callable[Concatenate[Tx, P], T], /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """Raise Overloaded where too much is waiting already; then nothing was done."""
        ...

    def recall(self, owner: str, asked: Hashable) -> Any:
        """Return the reply to what was `asked` that was kept, if the mailbox of `owner` (GUID or address) has not
        changed since; or None.
        """
        ...

    def keep(self, owner: str, asked: Hashable, state: MailboxState, reply: Any, size: int) -> None:
        """Keep a reply of so many bytes to what was `asked`, which follows from that and the state of a mailbox.

        Where this is not the state of the mailbox of `owner`, or not any more, nothing is kept.
        """
        ...


_is_beside: ContextVar[bool] = ContextVar("is_beside", default=False)


@contextmanager
def beside_a_change() -> Iterator[None]:
    """Let reads fail that only show more of what was changed: nothing after a COMMIT turns success into an error."""
    token = _is_beside.set(True)
    try:
        with suppress(RsvpdError):
            yield
    finally:
        _is_beside.reset(token)


def is_beside_a_change() -> bool:
    """Return whether what is read now is to be left out where it cannot be read."""
    return _is_beside.get()


def reads(command: Callable[P, T]) -> Callable[P, T]:
    """Mark a command that changes nothing: it runs on a read-only connection."""
    return mark_command(command, writes=False)


def reads_by_index(command: Callable[P, T]) -> Callable[P, T]:
    """Mark a command that changes nothing and as a rule reads little, found by an index: it begins in the event loop.

    One that turns out to read more is begun anew where the others read (store/lanes.py).
    """
    command.__dict__["begins_in_loop"] = True
    return reads(command)


def derives(command: Callable[P, T]) -> Callable[P, T]:
    """Mark a command that writes only what follows from mailboxes and can be made again: a read may come after it."""
    command.__dict__["derives"] = True
    return writes(command)


def writes(command: Callable[P, T]) -> Callable[P, T]:
    """Mark a command that changes mailboxes: it runs in the writer, in its own savepoint."""
    return mark_command(command, writes=True)
