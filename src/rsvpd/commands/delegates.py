"""Where meeting messages go for somebody with delegates.

Rule 1: the delegates get them, and the owner too where the mailbox is set so.
Rule 2: what is about a private meeting only those delegates get who may see private items (Graph:
        calendarRoleType, delegateWithoutPrivateEventAccess). A meeting is private where its organizer says
        so, or where the owner marked the own copy.
Rule 3: nobody gets what they sent themselves; where no delegate is left, the owner gets it.
Rule 4: whatever the messages do, the answers are tracked in the owner's calendar.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from rsvpd.calendar.permission import CalendarRole, Delivery, is_private, sensitivity_of
from rsvpd.calendar.series import occurrence
from rsvpd.mail.person import Person, PersonKind
from rsvpd.scheduling.effects import FileLetter
from rsvpd.store import events, permissions
from rsvpd.store.tx import Tx


def inboxes(tx: Tx, person: Person, filed: FileLetter, *, sender: int) -> Iterator[FileLetter]:
    """Yield what becomes of a meeting message for `person`, which the owner of the mailbox `sender` sent."""
    others = _delegates(tx, person, filed, sender)
    if not others:
        yield filed
        return
    alone = permissions.delivery(tx, person.number) is Delivery.DELEGATE_ONLY
    if not alone:
        yield filed
    for one in others:
        passed = structs.replace(filed, mailbox=one.number, principal=person.number)
        if alone:
            letter = structs.replace(filed.letter, to=(one.mailbox,), cc=())
            passed = structs.replace(passed, letter=letter, stored=None)
        yield passed


def _delegates(tx: Tx, person: Person, filed: FileLetter, sender: int) -> list[Person]:
    """Return the delegates of `person` who are to get a message."""
    found = [] if person.kind is PersonKind.ROOM else permissions.delegates(tx, person.number)
    if found and _is_private(tx, person, filed):
        found = permissions.delegates(tx, person.number, least=CalendarRole.PRIVATE_DELEGATE)
    return [one for one in found if one.number != sender]


def _is_private(tx: Tx, person: Person, filed: FileLetter) -> bool:
    """Return whether a message is about something private, as its letter says or the copy of `person`."""
    if is_private(filed.letter.sensitivity):
        return True
    row = _copy_of(tx, person, filed)
    if row is None:
        return False
    rid = filed.letter.note.recurrence_id if filed.letter.note else None
    found = occurrence(row.meeting, rid) if rid is not None else None
    return is_private(sensitivity_of(row.meeting, found.event if found else row.meeting.event))


def _copy_of(tx: Tx, person: Person, filed: FileLetter) -> events.CopyRow | None:
    if filed.item is not None:
        return events.copy_by_item(tx, person.number, filed.item)
    return events.copy_by_key(tx, person.number, filed.about) if filed.about else None
