"""What takes more than one command: many people added, a mailbox taken away.

A work is a generator that yields commands, each a transaction of its own, and gets their results. So the same
work runs in a terminal, one command after the other, and in a server, where everybody else has a turn
between two of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import Any, NamedTuple, TypeVar

from msgspec import Struct

from rsvpd.clock import Instant
from rsvpd.commands import checks, people
from rsvpd.commands.calendar import cancel_event
from rsvpd.commands.door import Who
from rsvpd.control.people import NewPerson, check_newcomers, find
from rsvpd.mail.person import Person
from rsvpd.store.tx import Tx

T = TypeVar("T")

SLICE = 200


class Step(NamedTuple):
    """One command of a work, with what it takes beside its transaction."""

    command: Callable[..., Any]
    args: tuple[Any, ...]
    more: dict[str, Any]


Work = Generator[Step, Any, T]


class Removal(Struct, frozen=True, kw_only=True):
    """Who was removed, and how many of the person's meetings were cancelled before."""

    address: str
    name: str
    cancelled: int


def run(work: Work[T], store: Callable[..., Any]) -> T:
    """Do a work with `Store.run` and return what it comes to."""
    try:
        step = next(work)
        while True:
            step = work.send(store(step.command, *step.args, **step.more))
    except StopIteration as end:
        result: T = end.value
        return result


def within(tx: Tx) -> Callable[..., Any]:
    """Return what runs commands as `Store.run` does, but all of them in one transaction."""
    return lambda command, *args, **more: command(tx, *args, **more)


async def run_between(work: Work[T], store: Callable[..., Awaitable[Any]]) -> T:
    """Do a work in a server, command by command, and return what it comes to."""
    try:
        step = next(work)
        while True:
            step = work.send(await store(step.command, *step.args, **step.more))
    except StopIteration as end:
        result: T = end.value
        return result


def addition(news: Sequence[NewPerson], now: Instant) -> Work[list[Person]]:
    """Give all of `news` a mailbox; an address that has one already, or a wrong one, stops it before anything."""
    known = yield _step(people.people)
    coming = check_newcomers(news, [one.address for one in known])
    added: list[Person] = []
    for start in range(0, len(coming), SLICE):
        added += yield _step(people.add_people, coming[start : start + SLICE], now=now)
    return added


def removal(address: str, *, cancels: bool, now: Instant) -> Work[Removal]:
    """Take somebody's mailbox away; `cancels` calls off the person's meetings that are not over."""
    person = find((yield _step(people.people)), address)
    meetings = []
    if cancels:
        who = Who(person.oid, None, now)
        meetings = yield _step(people.organized_meetings, who)
        for ref in meetings:
            yield _step(cancel_event, who, ref)
    yield _step(people.remove_person, person.address)
    yield from cleaning()
    return Removal(address=person.address, name=person.name, cancelled=len(meetings))


def cleaning() -> Work[None]:
    """Delete what is left of mailboxes that were removed, also by a process that was killed over it; trim changes."""
    while (yield _step(people.is_removal_left)):
        while (yield _step(people.delete_removed)):
            pass
        last = 0
        while numbers := (yield _step(people.letters_of_nobody, after=last)):
            yield _step(people.delete_letters, numbers)
            last = numbers[-1]
        yield _step(people.finish_removal)
    while (yield _step(checks.trim_changes)):
        pass


def examination() -> Work[list[str]]:
    """Return what does not hold, mailbox by mailbox, and of what is attached in all of them."""
    found: list[str] = []
    for mailbox in (yield _step(checks.mailboxes)):
        found += yield _step(checks.faults_of, mailbox)
    return [*found, *(yield _step(checks.faults_of_contents))]


def _step(command: Callable[..., Any], *args: Any, **more: Any) -> Step:
    return Step(command, args, more)
