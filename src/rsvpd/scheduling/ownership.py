"""What becomes of the events of a calendar that comes to somebody else.

Rule 1: whoever has the calendar organizes what was organized in it: the same meeting, of the same revision, in every
        copy, as in Google, where the calendar itself is the organizer. The new organizer is no guest of it.
Rule 2: the former organizer has nothing of it any more, and may be invited again.
"""

from __future__ import annotations

from msgspec import structs

from rsvpd.calendar.copy import Copy
from rsvpd.calendar.revision import Component
from rsvpd.clock import Instant
from rsvpd.mail.address import fold
from rsvpd.mail.person import Person


def with_organizer(copy: Copy, organizer: Person, *, uid: str, now: Instant) -> Copy:
    """Return anybody's copy of a meeting that somebody else organizes from now on, and goes by this UID."""
    before = copy.revision
    revision = structs.replace(
        before,
        uid=uid,
        organizer=organizer.mailbox,
        event=_without_guest(before.event, organizer),
        exceptions={rid: _without_guest(one, organizer) for rid, one in before.exceptions.items()},
    )
    return structs.replace(copy, revision=revision, modified=now)


def new_owner_copy(copy: Copy) -> Copy:
    """Return what was the former owner's copy as the new owner has it."""
    return structs.replace(copy, dates=dict(copy.dates), transaction_id=None)


def former_owner_copy(copy: Copy, former: Person) -> Copy:
    """Return what is kept of the former owner's copy, as deleted: it is that of a guest who may be invited."""
    return Copy(
        revision=copy.revision,
        is_organizer=False,
        address=fold(former.address),
        sequence=copy.sequence,
        dtstamp=copy.dtstamp,
        created=copy.created,
        modified=copy.modified,
    )


def _without_guest(component: Component, person: Person) -> Component:
    if not any(person.answers_to(one.address) for one in component.guests):
        return component
    others = tuple(one for one in component.guests if not person.answers_to(one.address))
    return structs.replace(component, guests=others)
