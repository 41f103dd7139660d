"""What takes more than one command, and what of it everybody may have to do: a mailbox that was removed is deleted.

A work is a generator that yields commands, each a transaction of its own, and gets their results. So the same
work runs in a terminal, one command after the other, and in a server, where everybody else has a turn
between two of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import Any, NamedTuple, TypeVar

from rsvpd.commands import checks, people
from rsvpd.store.tx import Tx

T = TypeVar("T")


class Step(NamedTuple):
    """One command of a work, with what it takes beside its transaction."""

    command: Callable[..., Any]
    args: tuple[Any, ...]
    more: dict[str, Any]


Work = Generator[Step, Any, T]


def step(command: Callable[..., Any], *args: Any, **more: Any) -> Step:
    """Return a command with what it takes."""
    return Step(command, args, more)


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


def clean_up() -> Work[None]:
    """Delete what is left of mailboxes that were removed, also by a process that was killed over it; trim changes."""
    while (yield step(people.is_removal_left)):
        while (yield step(people.delete_removed)):
            pass
        last = 0
        while numbers := (yield step(people.letters_of_nobody, after=last)):
            yield step(people.delete_letters, numbers)
            last = numbers[-1]
        yield step(people.finish_removal)
    while (yield step(checks.trim_changes)):
        pass
