"""What an administrator does that takes more than one command: many people added, a mailbox taken away.

How a work is done: commands/steps.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from rsvpd.clock import Instant
from rsvpd.commands import checks, directory, people
from rsvpd.commands.calendar import cancel_event
from rsvpd.commands.door import Who
from rsvpd.commands.steps import Work, clean_up, run, run_between, step, within
from rsvpd.control.people import NewPerson, check_newcomers, find
from rsvpd.control.profiles import MANAGER, change_of, check_members
from rsvpd.errors import PersonNotFound
from rsvpd.mail.address import matching_addresses
from rsvpd.mail.person import Person

__all__ = ["Removal", "addition", "clean_up", "examination", "removal", "run", "run_between", "within"]

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
    _check_members(news, (*(one.address for one in known), *(one.address for one in coming)))
    added: list[Person] = []
    for start in range(0, len(coming), SLICE):
        added += yield step(people.add_people, coming[start : start + SLICE], now=now)
    everybody = [*known, *added]
    known_of = [(person, new.members) for person, new in zip(added, news, strict=True) if new.members]
    for start in range(0, len(known_of), SLICE):
        some = [_change(person, members, everybody) for person, members in known_of[start : start + SLICE]]
        yield step(directory.change_profiles, some)
    return added


def _change(person: Person, members: Mapping[str, str], everybody: Sequence[Person]) -> directory.ProfileOf:
    change = change_of(members, everybody)
    return directory.ProfileOf(person, change.changes, change.manager, change.is_managed)


def _check_members(news: Sequence[NewPerson], addresses: Sequence[str]) -> None:
    """Raise what cannot be set of somebody; a manager may be somebody who is added with the others."""
    for new in news:
        check_members(new.members)
        manager = next((text for name, text in new.members.items() if name.lower() == MANAGER), "")
        if manager and len(matching_addresses(manager, addresses)) != 1:
            raise PersonNotFound(f"{new.address}: nobody is called {manager[:80]} who could be the manager.")


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
    yield from clean_up()
    return Removal(address=person.address, name=person.name, cancelled=len(meetings))


def examination() -> Work[list[str]]:
    """Return what does not hold, mailbox by mailbox, and of what is attached in all of them."""
    found: list[str] = []
    for mailbox in (yield step(checks.mailboxes)):
        found += yield step(checks.faults_of, mailbox)
    return [*found, *(yield step(checks.faults_of_contents))]
