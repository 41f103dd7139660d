"""What time brings by itself and nothing is changed by: reminders that fire, automatic replies that begin and end.

It is looked at afterwards, as the mailboxes are then: what was declined meanwhile is not told any more.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from rsvpd.clock import Instant
from rsvpd.commands.door import reads
from rsvpd.commands.reminders import fired_reminders
from rsvpd.mail.person import Person
from rsvpd.store import people, settings
from rsvpd.store.tx import Tx


class FiredReminder(Struct, frozen=True):
    """Somebody who was reminded: when, of what, and when that begins."""

    at: Instant
    person: str
    subject: str
    start: Instant


class ReplySwitch(Struct, frozen=True):
    """Somebody whose automatic replies begin or end at an instant."""

    at: Instant
    person: str
    begins: bool


@reads
def reminders_between(tx: Tx, person: Person, after: Instant, until: Instant, *, most: int) -> list[FiredReminder]:
    """Return the first reminders of somebody that fire after an instant and until another, in their order.

    Raises WorkLimitExceeded.
    """
    found = fired_reminders(tx, person, after, until, most)
    return [FiredReminder(at, person.address, subject, start) for at, subject, start in found]


@reads
def replies_between(tx: Tx, after: Instant, until: Instant) -> list[ReplySwitch]:
    """Return whose scheduled automatic replies begin or end after an instant and until another."""
    return list(_reply_switches(tx, after, until))


def _reply_switches(tx: Tx, after: Instant, until: Instant) -> Iterator[ReplySwitch]:
    for mailbox, first, last in settings.reply_bounds(tx, after, until):
        person = people.by_number(tx, mailbox)
        for at, begins in ((first, True), (last, False)):
            if person is not None and after < at <= until:
                yield ReplySwitch(at, person.address, begins)
