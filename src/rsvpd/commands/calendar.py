"""What can be done with a calendar. One function, one transaction.

Every function takes the transaction and `who` asks; the errors are those of `access.py` and of
the decision it calls. Reading is in `reading.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from msgspec import UNSET, structs

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import Copy
from rsvpd.calendar.draft import EventDraft
from rsvpd.calendar.event import Answer, Attendee, MeetingKey, State, Status
from rsvpd.calendar.permission import CalendarRole
from rsvpd.calendar.series import component
from rsvpd.calendar.view import EventView
from rsvpd.clock import Instant
from rsvpd.commands import replies
from rsvpd.commands.access import CalendarAccess, StoredEvent, expect, open_calendar, open_called_off, open_event
from rsvpd.commands.arrival import apply
from rsvpd.commands.attaching import with_attached
from rsvpd.commands.declines import decline_existing
from rsvpd.commands.deliver import deliver, last_seen_of, save
from rsvpd.commands.deliveries import cancellations, of_end, requests
from rsvpd.commands.door import Done, Who, writes
from rsvpd.commands.extended import write_of_event
from rsvpd.commands.guests import change_organizers
from rsvpd.commands.online import with_online
from rsvpd.commands.reading import (
    find_events,
    find_series,
    get_event,
    instances,
    visible_view,
    write_events,
)
from rsvpd.commands.references import Crossing, EventRef, GuestPatch, InvitationStored, Notify
from rsvpd.commands.rooms import carry_out, with_rooms
from rsvpd.errors import AlreadyExists, ItemNotFound, NotTheOrganizer, SharedPropertyByGuest
from rsvpd.hints import Hint, HintCode, ignored_property_hints
from rsvpd.mail.extended import drafted_custom_data
from rsvpd.mail.message import TimeSlot
from rsvpd.mail.person import Person
from rsvpd.scheduling import guest as guests
from rsvpd.scheduling import plan
from rsvpd.scheduling.answer import Given, Tell
from rsvpd.scheduling.component import where_it_stands, without_date
from rsvpd.scheduling.effects import Effect, PutCopy
from rsvpd.scheduling.forward import SentBy
from rsvpd.store import events, responses
from rsvpd.store.tx import Tx

__all__ = [
    "answer_event",
    "call_off_event",
    "cancel_event",
    "create_event",
    "delete_event",
    "find_events",
    "find_series",
    "get_event",
    "instances",
    "restore_event",
    "update_event",
    "write_events",
]

# The prefix of Outlook's global object ids (MS-OXOCAL, PidLidGlobalObjectId).
_UID_MARK = "040000008200E00074C5B7101A82E008"


@writes
def create_event(
    tx: Tx,
    who: Who,
    draft: EventDraft,
    *,
    notify: Notify = Notify.ALL,
    tracking: bool = False,
) -> Done[EventView]:
    """Create a meeting, or an appointment where nobody is invited, and send the invitations.

    A repeated transaction id returns the meeting that is there already. Raises AlreadyExists for a UID in
    use, MissingProperty without start or end.
    """
    access = open_calendar(tx, who, CalendarRole.WRITE)
    owner = access.owner
    repeated = _copy_of_transaction(tx, owner, draft)
    if repeated is not None:
        return Done(visible_view(tx, access, repeated, tracking=tracking))
    uid = new_uid(tx, who.now) if draft.uid is UNSET else draft.uid
    if events.has_uid(tx, owner.number, uid):
        raise AlreadyExists("The requested identifier already exists.")
    draft, contents = with_attached(tx, owner, draft, who.now)
    draft, online = with_online(tx, owner, draft, calendar=access.calendar)
    change = plan.create(with_rooms(tx, draft), owner, uid=uid, now=who.now)
    put = PutCopy(mailbox=owner.number, copy=change.copy, calendar=access.calendar)
    found = requests(change, owner, notify=notify, now=who.now, by=_sent_by(access))
    carry_out(tx, (*contents, put, *deliver(tx, found)))
    decline_existing(tx, owner, None, change.meeting, who.now)
    if drafted_custom_data(draft.extended):
        row = events.copy_by_key(tx, owner.number, change.revision.key)
        assert row is not None
        write_of_event(tx, owner, row, None, drafted_custom_data(draft.extended), who.now, is_changed=True)
    hints = (*change.hints, *online, *ignored_property_hints(draft.ignored))
    return Done(_view(tx, access, change.revision.key, tracking=tracking), hints)


@writes
def update_event(
    tx: Tx,
    who: Who,
    ref: EventRef,
    draft: EventDraft,
    *,
    expected: int | None = None,
    notify: Notify = Notify.ALL,
    guest: GuestPatch = GuestPatch.LOCAL,
    crossing: Crossing = Crossing.REFUSED,
    visible: tuple[State, ...] = (State.LIVE,),
    tracking: bool = False,
) -> Done[EventView]:
    """Change an event. The organizer's change reaches everybody it concerns; a guest's means what `guest` says."""
    access, found = _open_event(tx, who, ref, visible)
    owner = access.owner
    expect(found.row.change, expected)
    before = component(found.row.meeting, found.recurrence_id)
    draft, contents = with_attached(tx, owner, draft, who.now, before.attachments)
    draft, online = with_online(tx, owner, draft, before, found.row.calendar)
    apply(tx, contents)
    if found.row.copy.is_organizer:
        hints = _revise(tx, access, found, draft, notify, crossing, who.now)
    elif guest is GuestPatch.LOCAL:
        hints = _edit_locally(tx, owner, found, draft, who.now)
    else:
        hints = _edit_as_answer(tx, access, found, draft, notify, who.now)
    row = events.copy_by_item(tx, owner.number, found.row.item)
    assert row is not None
    is_changed = row.change != found.row.change
    sent = drafted_custom_data(draft.extended)
    row = write_of_event(tx, owner, row, found.recurrence_id, sent, who.now, is_changed=is_changed)
    view = visible_view(tx, access, row, recurrence_id=found.recurrence_id, tracking=tracking)
    return Done(view, (*hints, *online, *ignored_property_hints(draft.ignored)))


@writes
def restore_event(
    tx: Tx,
    who: Who,
    ref: EventRef,
    draft: EventDraft,
    *,
    expected: int | None = None,
    notify: Notify = Notify.ALL,
    tracking: bool = False,
) -> Done[EventView]:
    """Let an event that its organizer called off, or one occurrence of it, take place again, as `draft` changes it.

    Everybody invited is asked anew. Raises SharedPropertyByGuest for a guest, ItemNotFound for what is not there.
    """
    access, found = open_called_off(tx, who, ref, CalendarRole.WRITE)
    owner = access.owner
    access.check(found)
    row = found.row
    expect(row.change, expected)
    if not row.copy.is_organizer:
        raise SharedPropertyByGuest(target="status")
    before = component(structs.replace(row.meeting, deleted=()), found.recurrence_id)
    draft, contents = with_attached(tx, owner, draft, who.now, before.attachments)
    draft, online = with_online(tx, owner, draft, before, row.calendar)
    apply(tx, contents)
    change = plan.restore(row.copy, found.recurrence_id, with_rooms(tx, draft), now=who.now)
    by = _sent_by(access)
    carry_out(tx, save(tx, owner, row, change, state=State.LIVE, notify=notify, now=who.now, by=by))
    decline_existing(tx, owner, None, change.meeting, who.now)
    return Done(
        _view(tx, access, row.copy.revision.key, tracking=tracking, recurrence_id=found.recurrence_id),
        (*change.hints, *online, *ignored_property_hints(draft.ignored)),
    )


@writes
def answer_event(
    tx: Tx,
    who: Who,
    ref: EventRef,
    answer: Answer,
    *,
    comment: str | None = None,
    send: bool = True,
    proposal: TimeSlot | None = None,
) -> Done[None]:
    """Answer an invitation. With `send` the organizer gets a message and tracks it, without nobody learns of it.

    Raises OrganizerCannotRespond, CommentWithoutResponse, ProposalWithoutResponse, ProposalNotAllowed,
    ResponseNotRequested, MeetingIsCancelled.
    """
    access, found = _open_event(tx, who, ref)
    tell = Tell.MESSAGE if send else Tell.NOBODY
    given = Given(answer=answer, comment=comment, proposal=proposal, tell=tell)
    apply(tx, _answer(tx, access, found, found.row.copy, given, who.now))
    if found.row.copy.is_private_copy:
        return Done(None, (Hint(HintCode.PRIVATE_COPY),))
    return Done(None, () if send else (Hint(HintCode.RESPONSE_NOT_SENT),))


@writes
def cancel_event(tx: Tx, who: Who, ref: EventRef, *, comment: str = "", expected: int | None = None) -> Done[None]:
    """Cancel a meeting or one occurrence of it; everybody invited gets a cancellation with the comment.

    Raises NotTheOrganizer for an attendee.
    """
    access, found = _open_event(tx, who, ref)
    expect(found.row.change, expected)
    if not found.row.copy.is_organizer:
        raise NotTheOrganizer(hint=Hint(HintCode.NOT_THE_ORGANIZER))
    guests = component(found.row.meeting, found.recurrence_id).attendees
    carry_out(tx, _cancel(tx, access, found, comment, Notify.ALL, who.now))
    return Done(None, (Hint(HintCode.COMMENT_DROPPED),) if comment and not guests else ())


@writes
def delete_event(
    tx: Tx,
    who: Who,
    ref: EventRef,
    *,
    expected: int | None = None,
    notify: Notify = Notify.ALL,
    decline: bool = False,
    visible: tuple[State, ...] = (State.LIVE,),
) -> Done[None]:
    """Delete an event. The organizer's deletion cancels the meeting; a guest's removes the own copy.

    A guest tells nobody, except with `decline` (Google): then it is an answer. Raises ItemGone the second
    time where `visible` holds declined copies.
    """
    access, found = _open_event(tx, who, ref, visible)
    expect(found.row.change, expected)
    return Done(None, remove(tx, access, found, notify=notify, decline=decline, now=who.now))


def remove(
    tx: Tx, access: CalendarAccess, found: StoredEvent, *, notify: Notify, decline: bool, now: Instant
) -> tuple[Hint, ...]:
    """Do what `delete_event` does to an event that was found."""
    owner = access.owner
    if found.row.copy.is_organizer:
        carry_out(tx, _cancel(tx, access, found, "", notify, now))
        return ()
    event = component(found.row.meeting, found.recurrence_id)
    hints: tuple[Hint, ...] = ()
    answered: tuple[Effect, ...] = ()
    if decline and event.answer is not Answer.DECLINED and event.status is not Status.CANCELLED:
        given = Given(answer=Answer.DECLINED, tell=replies.tell_of(notify, event))
        answered = tuple(_answer(tx, access, found, found.row.copy, given, now))
        hints = replies.unsent_reply_hints(tx, found.row.meeting, event, given)
    copies = [one.copy for one in answered if isinstance(one, PutCopy)]
    removed = _removal(owner, found.row, copies[0] if copies else found.row.copy, found.recurrence_id, now)
    apply(tx, (removed, *(one for one in answered if not isinstance(one, PutCopy))))
    return hints


@writes
def call_off_event(
    tx: Tx,
    who: Who,
    ref: EventRef,
    *,
    expected: int | None,
    notify: Notify,
    visible: tuple[State, ...],
    visible_after: tuple[State, ...],
) -> Done[EventView]:
    """Delete an event as Google does and return what is left of it; of an occurrence that is the series.

    `visible` are the states in which it may be deleted, `visible_after` those in which the answer shows it.
    """
    done = delete_event(tx, who, ref, expected=expected, notify=notify, decline=True, visible=visible)
    try:
        return Done(get_event(tx, who, ref, visible=visible_after, tracking=True), done.hints)
    except ItemNotFound:
        series = EventRef(uid=ref.uid, organizer=ref.organizer)
        return Done(get_event(tx, who, series, visible=visible_after, tracking=True), done.hints)


def _open_event(
    tx: Tx, who: Who, ref: EventRef, visible: tuple[State, ...] = (State.LIVE,)
) -> tuple[CalendarAccess, StoredEvent]:
    """Return an event that is to be changed, and the calendar. Raises RoleTooLow for whoever may only look."""
    access, found = open_event(tx, who, ref, CalendarRole.WRITE, visible=visible)
    access.check(found)
    return access, found


def _revise(
    tx: Tx, access: CalendarAccess, found: StoredEvent, draft: EventDraft,
    notify: Notify, crossing: Crossing, now: Instant,
) -> tuple[Hint, ...]:
    row = found.row
    known = () if draft.attendees is UNSET else _tracked_guests(tx, access.owner, row, found.recurrence_id)
    change = plan.revise(row.copy, found.recurrence_id, with_rooms(tx, draft), now=now, known=known)
    if change.copy is row.copy:
        return change.hints
    if crossing is Crossing.REFUSED:
        plan.refuse_crossing(row.meeting, change)
    carry_out(tx, save(tx, access.owner, row, change, notify=notify, now=now, by=_sent_by(access)))
    decline_existing(tx, access.owner, row.meeting, change.meeting, now)
    return change.hints


def _tracked_guests(tx: Tx, owner: Person, row: events.CopyRow, recurrence_id: str | None) -> tuple[Attendee, ...]:
    """Return the guest list of an event with what its organizer knows of the answers."""
    found = responses.of_dates(tx, owner.number, row.item, [recurrence_id or ""])
    return component(compose(row.copy, found), recurrence_id).attendees


def _edit_locally(tx: Tx, owner: Person, found: StoredEvent, draft: EventDraft, now: Instant) -> tuple[Hint, ...]:
    edited = guests.edit_locally(found.row.copy, found.recurrence_id, draft, now=now)
    if edited.copy is not found.row.copy:
        apply(tx, (_put(owner, found, edited.copy, found.row.state),))
    return edited.hints


def _edit_as_answer(
    tx: Tx, access: CalendarAccess, found: StoredEvent, draft: EventDraft, notify: Notify, now: Instant
) -> tuple[Hint, ...]:
    owner = access.owner
    found, hints = change_organizers(tx, owner, found, draft, notify=notify, now=now)
    copy, meeting = found.row.copy, found.row.meeting
    event = component(meeting, found.recurrence_id)
    tell = replies.tell_of(notify, event)
    edited = guests.edit_as_answer(copy, found.recurrence_id, draft, owner=owner, tell=tell, now=now)
    if edited.given is not None:
        effects = tuple(_answer(tx, access, found, edited.copy, edited.given, now))
        if effects:
            apply(tx, effects)
            return (*hints, *edited.hints, *replies.unsent_reply_hints(tx, meeting, event, edited.given))
    if edited.copy is not copy:
        apply(tx, (_put(owner, found, edited.copy, found.row.state),))
    return (*hints, *edited.hints)


def _answer(
    tx: Tx, access: CalendarAccess, found: StoredEvent, copy: Copy, given: Given, now: Instant
) -> Iterator[Effect]:
    given = structs.replace(given, interface=access.interface)
    return replies.answers(tx, access.owner, found.row, copy, found.recurrence_id, given, now, access.by)


def _cancel(
    tx: Tx, access: CalendarAccess, found: StoredEvent, comment: str, notify: Notify, now: Instant
) -> Iterator[Effect | InvitationStored]:
    owner, by, rid = access.owner, _sent_by(access), found.recurrence_id
    before = component(found.row.meeting, rid)
    copy, message = plan.cancel(found.row.copy, rid, now=now)
    state = State.DELETED if rid is None else found.row.state
    last_seen = {} if rid is None else last_seen_of(tx, owner.number, found.row)(rid)
    yield _put(owner, found, copy, state)
    leaving = cancellations(
        copy,
        before,
        message,
        before.attendees,
        owner,
        last_seen=last_seen,
        comment=comment,
        notify=notify,
        now=now,
        by=by,
    )
    ends = of_end(found.row.copy, copy, owner, comment=comment, notify=notify, now=now, by=by) if rid is None else ()
    yield from deliver(tx, chain(leaving, ends))


def _sent_by(access: CalendarAccess) -> SentBy | None:
    """Return whoever sends the owner's requests in the owner's place."""
    return None if access.by is None else SentBy(person=access.by, sees_private=access.sees_all)


def _removal(
    owner: Person, row: events.CopyRow, copy: Copy, recurrence_id: str | None, now: Instant
) -> PutCopy:
    """Return the write that takes a guest's copy, or one date of it, out of the calendar."""
    if recurrence_id is not None and copy.invited_to != (recurrence_id,):
        rest = structs.replace(without_date(copy, recurrence_id), modified=now)
        return PutCopy(mailbox=owner.number, copy=rest, item=row.item, state=where_it_stands(rest))
    gone = structs.replace(copy, modified=now)
    return PutCopy(mailbox=owner.number, copy=gone, item=row.item, state=State.DELETED)


def _put(owner: Person, found: StoredEvent, copy: Copy, state: State) -> PutCopy:
    return PutCopy(mailbox=owner.number, copy=copy, item=found.row.item, state=state)


def _copy_of_transaction(tx: Tx, owner: Person, draft: EventDraft) -> events.CopyRow | None:
    if draft.transaction_id is UNSET or not draft.transaction_id:
        return None
    return events.copy_by_transaction(tx, owner.number, draft.transaction_id)


def _view(
    tx: Tx, access: CalendarAccess, key: MeetingKey, *, tracking: bool, recurrence_id: str | None = None
) -> EventView:
    row = events.copy_by_key(tx, access.owner.number, key)
    assert row is not None
    return visible_view(tx, access, row, recurrence_id=recurrence_id, tracking=tracking)


def new_uid(tx: Tx, now: Instant) -> str:
    """Return a new UID in the form of Outlook's: mark, no instance date, FILETIME, size, 16 random bytes."""
    filetime = now * 10 + 116_444_736_000_000_000
    data = bytes(4) + filetime.to_bytes(8, "little") + bytes(8) + (16).to_bytes(4, "little") + tx.entropy(16)
    return _UID_MARK + data.hex().upper()
