"""What an administrator does that takes more than one command: many people added, a mailbox taken away.

How a work is done: commands/steps.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from rsvpd.clock import Instant
from rsvpd.commands import checks, people
from rsvpd.commands.calendar import cancel_event
from rsvpd.commands.door import Who
from rsvpd.commands.steps import Work, cleaning, run, run_between, step, within
from rsvpd.control.people import NewPerson, check_newcomers, find
from rsvpd.mail.person import Person

__all__ = ["Removal", "addition", "cleaning", "examination", "removal", "run", "run_between", "within"]

SLICE = 200


class Removal(Struct, frozen=True, kw_only=True):
    """Who was removed, and how many of the person's meetings were cancelled before."""

    address: str
    name: str
    cancelled: int


def addition(news: Sequence[NewPerson], now: Instant) -> Work[list[Person]]:
    """Give all of `news` a mailbox; an address that has one already, or a wrong one, stops it before anything."""
    known = yield step(people.people)
    coming = check_newcomers(news, [one.address for one in known])
    added: list[Person] = []
    for start in range(0, len(coming), SLICE):
        added += yield step(people.add_people, coming[start : start + SLICE], now=now)
    return added


def removal(address: str, *, cancels: bool, now: Instant) -> Work[Removal]:
    """Take somebody's mailbox away; `cancels` calls off the person's meetings that are not over."""
    person = find((yield step(people.people)), address)
    meetings = []
    if cancels:
        who = Who(person.oid, None, now)
        meetings = yield step(people.organized_meetings, who)
        for ref in meetings:
            yield step(cancel_event, who, ref)
    yield step(people.remove_person, person.address)
    yield from cleaning()
    return Removal(address=person.address, name=person.name, cancelled=len(meetings))


def examination() -> Work[list[str]]:
    """Return what does not hold, mailbox by mailbox, and of what is attached in all of them."""
    found: list[str] = []
    for mailbox in (yield step(checks.mailboxes)):
        found += yield step(checks.faults_of, mailbox)
    return [*found, *(yield step(checks.faults_of_contents))]
