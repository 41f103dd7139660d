"""Putting a copy of an event that exists elsewhere into a calendar: nobody is told, and nobody else gets a copy."""

from __future__ import annotations

from msgspec import UNSET, structs

from rsvpd.calendar.copy import Copy
from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.calendar.event import Answer, MeetingKey
from rsvpd.calendar.permission import CalendarRole
from rsvpd.calendar.view import EventView
from rsvpd.commands.access import CalendarAccess, open_calendar
from rsvpd.commands.arrival import apply
from rsvpd.commands.attaching import with_attached
from rsvpd.commands.door import Done, Who, writes
from rsvpd.commands.online import with_online
from rsvpd.commands.reading import visible_view
from rsvpd.errors import AlreadyExists
from rsvpd.hints import Hint, HintCode, ignored_property_hints
from rsvpd.mail.address import Mailbox, fold
from rsvpd.mail.message import RequestKind
from rsvpd.mail.person import Person
from rsvpd.scheduling import plan
from rsvpd.scheduling.amend import least_sequence
from rsvpd.scheduling.effects import PutCopy
from rsvpd.scheduling.itip import InvitedDates, Request
from rsvpd.scheduling.receive import first_copy
from rsvpd.store import events
from rsvpd.store.tx import Tx


@writes
def import_event(
    tx: Tx,
    who: Who,
    draft: EventDraft,
    *,
    uid: str,
    organizer: Mailbox | None,
    renews: bool = True,
    tracking: bool = False,
) -> Done[EventView]:
    """Put a private copy of the event with this UID into a calendar, as its organizer's or, where that is somebody
    else, as a guest's; where it `renews`, a later revision is written over it, or one of the same number.

    A guest's own answer is taken over; those of others are known to their organizer alone. Raises AlreadyExists for a
    UID in use by another event or copy, StaleSequence for an earlier revision, MissingProperty without start or end.
    """
    access = open_calendar(tx, who, CalendarRole.WRITE)
    owner = access.owner
    is_own = organizer is None or owner.answers_to(organizer.address)
    host = owner if organizer is None or is_own else _as_organizer(owner, organizer)
    draft = structs.replace(draft, is_private_copy=True, sequence=0 if draft.sequence is UNSET else draft.sequence)
    before = _copy_to_renew(tx, access, MeetingKey(uid, fold(host.address)), draft)
    if before is not None and not renews:
        raise AlreadyExists("The requested identifier already exists.")
    draft, contents = with_attached(tx, owner, draft, who.now)
    draft, _ = with_online(tx, owner, draft, calendar=access.calendar)
    copy = plan.create(draft, host, uid=uid, now=who.now).copy
    guests = draft.attendees if isinstance(draft.attendees, tuple) else ()
    own = next((one for one in guests if owner.answers_to(one.address)), None)
    put = copy if is_own else _guests_copy(copy, own, owner, who)
    if before is not None:
        put = structs.replace(put, created=before.copy.created)
    item = None if before is None else before.item
    apply(tx, (*contents, PutCopy(mailbox=owner.number, copy=put, item=item, calendar=access.calendar)))
    row = events.copy_by_key(tx, owner.number, copy.revision.key)
    assert row is not None
    return Done(visible_view(tx, access, row, tracking=tracking), _hints(draft, guests, None if is_own else own))


def _copy_to_renew(
    tx: Tx, access: CalendarAccess, key: MeetingKey, draft: EventDraft
) -> events.CopyRow | None:
    """Return the private copy of this very event that is there. Raises StaleSequence, AlreadyExists."""
    row = events.copy_by_key(tx, access.owner.number, key)
    if row is not None:
        least_sequence(row.copy.revision, draft)
        if row.copy.is_private_copy and row.calendar == access.calendar:
            return row
    if row is not None or events.has_uid(tx, access.owner.number, key.uid):
        raise AlreadyExists("The requested identifier already exists.")
    return None


def _as_organizer(owner: Person, organizer: Mailbox) -> Person:
    return structs.replace(owner, address=organizer.address, name=organizer.name)


def _guests_copy(copy: Copy, own: AttendeeDraft | None, owner: Person, who: Who) -> Copy:
    """Return what a guest has of the organizer's copy, with what the guest wrote of the own."""
    request = Request(revision=copy.revision, invited=InvitedDates(), kind=RequestKind.NEW)
    first, wrote = first_copy(request, owner, who.now), copy.own
    private = structs.replace(
        first.own, categories=wrote.categories, reminder_on=wrote.reminder_on, reminder_minutes=wrote.reminder_minutes,
        residue=wrote.residue,
    )  # fmt: skip
    if own is not None and own.answer is not UNSET and own.answer is not Answer.NONE:
        comment = "" if own.comment is UNSET else own.comment
        guests = 0 if own.guests is UNSET else own.guests
        private = structs.replace(
            private, answer=own.answer, answered=who.now, answered_through=who.interface, comment=comment,
            guests=guests,
        )  # fmt: skip
    return structs.replace(first, is_private_copy=True, own=private)


def _hints(
    draft: EventDraft, guests: tuple[AttendeeDraft, ...], own: AttendeeDraft | None
) -> tuple[Hint, ...]:
    said = [one.address for one in guests if one is not own and one.answer not in (UNSET, Answer.NONE)]
    answers = (Hint(HintCode.ATTENDEE_STATUS_IGNORED, ", ".join(said)),) if said else ()
    return (*answers, *ignored_property_hints(draft.ignored))
