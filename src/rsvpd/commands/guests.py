"""What a guest does to the organizer's meeting, where the organizer allows it."""

from __future__ import annotations

from msgspec import UNSET, structs

from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.calendar.event import Status
from rsvpd.calendar.series import component, occurrence
from rsvpd.clock import Instant
from rsvpd.commands.access import StoredEvent
from rsvpd.commands.deliver import save
from rsvpd.commands.forward import forward_to, organizers, to_organizer
from rsvpd.commands.references import Notify
from rsvpd.commands.rooms import carry_out, with_rooms
from rsvpd.errors import MeetingIsCancelled, SharedPropertyByGuest
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.person import Person
from rsvpd.scheduling import plan
from rsvpd.scheduling.forward import SentBy, change_notice
from rsvpd.scheduling.guest import GuestChange, change_by_guest
from rsvpd.store import events
from rsvpd.store.tx import Tx


def change_organizers(
    tx: Tx, owner: Person, found: StoredEvent, draft: EventDraft, *, notify: Notify, now: Instant
) -> tuple[StoredEvent, tuple[Hint, ...]]:
    """Do what `draft` wants of the organizer's meeting; return the own copy as it is afterwards, and the hints.

    Raises SharedPropertyByGuest where the organizer does not allow it or has no mailbox here, or in a private copy,
    MeetingIsCancelled.
    """
    meeting, rid = found.row.meeting, found.recurrence_id
    wanted = change_by_guest(meeting, rid, _without_oneself(draft, owner))
    if not wanted.changed and not wanted.newcomers:
        return found, ()
    if found.row.copy.is_private_copy:
        raise SharedPropertyByGuest(target=(*wanted.changed, "attendees")[0], hint=Hint(HintCode.PRIVATE_COPY))
    if component(meeting, rid).status is Status.CANCELLED:
        raise MeetingIsCancelled
    if wanted.changed:
        hints = _change_for_all(tx, owner, found, wanted, notify, now)
    else:
        by = SentBy(person=owner, is_guest=True)
        hints = forward_to(tx, owner, found, wanted.newcomers, by, notify=notify, now=now)
    row = events.copy_by_item(tx, owner.number, found.row.item)
    assert row is not None
    return structs.replace(found, row=row, occurrence=occurrence(row.meeting, rid) if rid else None), hints


def _without_oneself(draft: EventDraft, owner: Person) -> EventDraft:
    """Return `draft` without the own entry, which is the answer: who is on no list, or on it by another address, reads
    one all the same, and writes it back."""
    if not draft.attendees:
        return draft
    others = tuple(one for one in draft.attendees if not owner.answers_to(one.address))
    return structs.replace(draft, attendees=others)


def _change_for_all(
    tx: Tx, owner: Person, found: StoredEvent, wanted: GuestChange, notify: Notify, now: Instant
) -> tuple[Hint, ...]:
    organizer, theirs = organizers(tx, found.row)
    if organizer is None or theirs is None:
        raise SharedPropertyByGuest(target=wanted.changed[0])
    draft = wanted.changes
    if draft.recurrence == theirs.meeting.recurrence and draft.deleted is not UNSET:
        # Dates that this guest alone has removed are no others' business.
        excluded = {*draft.deleted} - {*found.row.meeting.deleted}
        draft = structs.replace(draft, deleted=tuple(sorted({*theirs.meeting.deleted, *excluded})))
    if wanted.newcomers:
        before = component(theirs.meeting, found.recurrence_id).attendees
        listed = tuple(AttendeeDraft(address=one.address) for one in before)
        draft = structs.replace(draft, attendees=(*listed, *wanted.newcomers))
    change = plan.revise(theirs.copy, found.recurrence_id, with_rooms(tx, draft), now=now)
    by = SentBy(person=owner, is_guest=True)
    carry_out(tx, save(tx, organizer, theirs, change, notify=notify, now=now, by=by))
    if notify is Notify.ALL:
        letter = change_notice(theirs.meeting, change.new, owner, wanted.changed, sent=now)
        carry_out(tx, to_organizer(tx, owner, organizer, theirs, letter))
    return (Hint(HintCode.CHANGED_FOR_ALL, ", ".join(wanted.changed)),)
