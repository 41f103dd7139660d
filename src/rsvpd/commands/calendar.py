"""What can be done with a calendar. One function, one transaction.

Every function takes the transaction and `who` asks; the errors are those of `access.py` and of
the decision it calls. Reading is in `reading.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from msgspec import UNSET, structs

from rsvpd.calendar.draft import EventDraft
from rsvpd.calendar.event import Answer, Meeting, MeetingKey, State, Status
from rsvpd.calendar.permission import CalendarRole
from rsvpd.calendar.series import component, is_partial
from rsvpd.calendar.view import EventView
from rsvpd.clock import Instant
from rsvpd.commands import deliver, revisions, rounds
from rsvpd.commands.access import Found, Opened, expect, find_called_off, find_event, open_calendar
from rsvpd.commands.door import Done, Who, writes
from rsvpd.commands.guests import beyond_own_copy
from rsvpd.commands.reading import (
    find_events,
    find_series,
    get_calendar,
    get_event,
    instances,
    list_calendars,
    view_of,
    write_events,
)
from rsvpd.commands.references import Crossing, EventRef, GuestPatch, Notify
from rsvpd.commands.rooms import Asked, carry_out, with_rooms
from rsvpd.errors import AlreadyExists, CalendarNotFound, ItemNotFound, NotTheOrganizer, SharedPropertyByGuest
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.message import TimeSlot
from rsvpd.mail.person import Person
from rsvpd.scheduling import guest as guests
from rsvpd.scheduling import plan
from rsvpd.scheduling.answer import Given, Tell
from rsvpd.scheduling.component import where_it_stands
from rsvpd.scheduling.effects import Effect, PutMeeting
from rsvpd.scheduling.forward import Hand
from rsvpd.store import events
from rsvpd.store.apply import apply
from rsvpd.store.tx import Tx

__all__ = [
    "answer_event",
    "call_off_event",
    "cancel_event",
    "create_event",
    "delete_event",
    "find_events",
    "find_series",
    "get_calendar",
    "get_event",
    "instances",
    "list_calendars",
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
    calendar: int | None = None,
    notify: Notify = Notify.ALL,
    tracking: bool = False,
) -> Done[EventView]:
    """Create a meeting, or an appointment where nobody is invited, and send the invitations.

    A repeated transaction id returns the meeting that is there already. Raises AlreadyExists for a UID in
    use, MissingProperty without start or end.
    """
    opened = open_calendar(tx, who, CalendarRole.WRITE)
    owner = opened.owner
    if calendar not in (None, events.DEFAULT_CALENDAR):
        raise CalendarNotFound("The specified folder could not be found in the store.")
    repeated = _repeated(tx, owner, draft)
    if repeated is not None:
        return Done(view_of(tx, owner, opened.seen(repeated), tracking=tracking))
    uid = _new_uid(tx, who.now) if draft.uid is UNSET else draft.uid
    if events.has_uid(tx, owner.number, uid):
        raise AlreadyExists("The requested identifier already exists.")
    revision = plan.create(with_rooms(tx, draft), owner, uid=uid, now=who.now)
    put = PutMeeting(mailbox=owner.number, meeting=revision.meeting)
    told = rounds.requests(revision, owner, notify=notify, now=who.now, by=_hand(opened))
    carry_out(tx, (put, *rounds.delivered(tx, told)))
    hints = (*revision.hints, *_ignored(draft))
    return Done(_stored(tx, opened, revision.meeting.key, tracking=tracking), hints)


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
    opened, found = _found(tx, who, ref, visible)
    owner = opened.owner
    expect(found.row.change, expected)
    if found.row.meeting.is_organizer:
        hints = _revise(tx, opened, found, draft, notify, crossing, who.now)
    elif guest is GuestPatch.LOCAL:
        hints = _edit_locally(tx, owner, found, draft, who.now)
    else:
        hints = _edit_as_answer(tx, opened, found, draft, notify, who.now)
    row = events.by_item(tx, owner.number, found.row.item)
    assert row is not None
    view = view_of(tx, owner, opened.seen(row), recurrence_id=found.recurrence_id, tracking=tracking)
    return Done(view, (*hints, *_ignored(draft)))


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
    """Let an event that its organizer called off, or one occurrence of it, take place again, with `draft` laid over it.

    Everybody invited is asked anew. Raises SharedPropertyByGuest for a guest, ItemNotFound for what is not there.
    """
    opened = open_calendar(tx, who, CalendarRole.WRITE)
    owner = opened.owner
    found = find_called_off(tx, owner, ref)
    opened.check(found)
    row = found.row
    expect(row.change, expected)
    if not row.meeting.is_organizer:
        raise SharedPropertyByGuest(target="status")
    revision = plan.restore(row.meeting, found.recurrence_id, with_rooms(tx, draft), now=who.now)
    put = PutMeeting(mailbox=owner.number, meeting=revision.meeting, item=row.item, state=State.LIVE)
    told = revisions.told(row.meeting, revision, owner, notify=notify, now=who.now, by=_hand(opened))
    carry_out(tx, chain((put,), rounds.delivered(tx, told)))
    return Done(
        _stored(tx, opened, row.meeting.key, tracking=tracking, recurrence_id=found.recurrence_id),
        (*revision.hints, *_ignored(draft)),
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
    opened, found = _found(tx, who, ref)
    tell = Tell.MESSAGE if send else Tell.NOBODY
    given = Given(answer=answer, comment=comment, proposal=proposal, tell=tell)
    apply(tx, _answer(tx, opened, found, found.row.meeting, given, who.now))
    return Done(None, () if send else (Hint(HintCode.RESPONSE_NOT_SENT),))


@writes
def cancel_event(tx: Tx, who: Who, ref: EventRef, *, comment: str = "", expected: int | None = None) -> Done[None]:
    """Cancel a meeting or one occurrence of it; everybody invited gets a cancellation with the comment.

    Raises NotTheOrganizer for an attendee.
    """
    opened, found = _found(tx, who, ref)
    expect(found.row.change, expected)
    if not found.row.meeting.is_organizer:
        raise NotTheOrganizer(hint=Hint(HintCode.NOT_THE_ORGANIZER))
    guests = component(found.row.meeting, found.recurrence_id).attendees
    carry_out(tx, _cancel(tx, opened, found, comment, Notify.ALL, who.now))
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
    opened, found = _found(tx, who, ref, visible)
    owner = opened.owner
    expect(found.row.change, expected)
    if found.row.meeting.is_organizer:
        carry_out(tx, _cancel(tx, opened, found, "", notify, who.now))
        return Done(None)
    event = component(found.row.meeting, found.recurrence_id)
    hints: tuple[Hint, ...] = ()
    if decline and event.answer is not Answer.DECLINED and event.status is not Status.CANCELLED:
        given = Given(answer=Answer.DECLINED, tell=deliver.tell_of(notify, event))
        apply(tx, _answer(tx, opened, found, found.row.meeting, given, who.now))
        hints = deliver.kept_from_organizer(tx, found.row.meeting, event, given)
    row = events.by_item(tx, owner.number, found.row.item)
    assert row is not None
    apply(tx, (_removed(owner, row, found.recurrence_id, who.now),))
    return Done(None, hints)


@writes
def call_off_event(
    tx: Tx,
    who: Who,
    ref: EventRef,
    *,
    expected: int | None,
    notify: Notify,
    visible: tuple[State, ...],
    shown: tuple[State, ...],
) -> Done[EventView]:
    """Delete an event as Google does and return what is left of it; of an occurrence that is the series.

    `visible` are the states in which it may be deleted, `shown` those in which the answer shows it.
    """
    done = delete_event(tx, who, ref, expected=expected, notify=notify, decline=True, visible=visible)
    try:
        return Done(get_event(tx, who, ref, visible=shown, tracking=True), done.hints)
    except ItemNotFound:
        series = EventRef(uid=ref.uid, organizer=ref.organizer)
        return Done(get_event(tx, who, series, visible=shown, tracking=True), done.hints)


def _found(
    tx: Tx, who: Who, ref: EventRef, visible: tuple[State, ...] = (State.LIVE,)
) -> tuple[Opened, Found]:
    """Return an event that is to be changed, and the calendar. Raises RoleTooLow for whoever may only look."""
    opened = open_calendar(tx, who, CalendarRole.WRITE)
    found = find_event(tx, opened.owner, ref, visible=visible)
    opened.check(found)
    return opened, found


def _revise(
    tx: Tx, opened: Opened, found: Found, draft: EventDraft, notify: Notify, crossing: Crossing, now: Instant
) -> tuple[Hint, ...]:
    owner = opened.owner
    revision = plan.revise(found.row.meeting, found.recurrence_id, with_rooms(tx, draft), now=now)
    if revision.meeting is found.row.meeting:
        return revision.hints
    if crossing is Crossing.REFUSED:
        plan.refuse_crossing(found.row.meeting, revision)
    put = PutMeeting(
        mailbox=owner.number, meeting=revision.meeting, item=found.row.item, state=found.row.state
    )
    told = revisions.told(found.row.meeting, revision, owner, notify=notify, now=now, by=_hand(opened))
    # Each round is worked out once the one before it is carried out: a guest may be in several.
    carry_out(tx, chain((put,), rounds.delivered(tx, told)))
    return revision.hints


def _edit_locally(tx: Tx, owner: Person, found: Found, draft: EventDraft, now: Instant) -> tuple[Hint, ...]:
    edited = guests.edit_locally(found.row.meeting, found.recurrence_id, draft, now=now)
    if edited.meeting is not found.row.meeting:
        apply(tx, (_put(owner, found, edited.meeting, found.row.state),))
    return edited.hints


def _edit_as_answer(
    tx: Tx, opened: Opened, found: Found, draft: EventDraft, notify: Notify, now: Instant
) -> tuple[Hint, ...]:
    owner = opened.owner
    found, hints = beyond_own_copy(tx, owner, found, draft, notify=notify, now=now)
    meeting = found.row.meeting
    event = component(meeting, found.recurrence_id)
    tell = deliver.tell_of(notify, event)
    edited = guests.edit_as_answer(meeting, found.recurrence_id, draft, owner=owner, tell=tell, now=now)
    if edited.given is not None:
        effects = tuple(_answer(tx, opened, found, edited.meeting, edited.given, now))
        if effects:
            apply(tx, effects)
            return (*hints, *edited.hints, *deliver.kept_from_organizer(tx, meeting, event, edited.given))
    if edited.meeting is not meeting:
        apply(tx, (_put(owner, found, edited.meeting, found.row.state),))
    return (*hints, *edited.hints)


def _answer(tx: Tx, opened: Opened, found: Found, meeting: Meeting, given: Given, now: Instant) -> Iterator[Effect]:
    return deliver.answers(tx, opened.owner, found.row, meeting, found.recurrence_id, given, now, opened.by)


def _cancel(
    tx: Tx, opened: Opened, found: Found, comment: str, notify: Notify, now: Instant
) -> Iterator[Effect | Asked]:
    owner, by = opened.owner, _hand(opened)
    before = component(found.row.meeting, found.recurrence_id)
    meeting, message = plan.cancel(found.row.meeting, found.recurrence_id, now=now)
    state = State.DELETED if found.recurrence_id is None else found.row.state
    yield _put(owner, found, meeting, state)
    told = rounds.cancellations(
        meeting,
        before,
        message,
        before.attendees,
        owner,
        last=None if found.recurrence_id is None else found.row.meeting,
        comment=comment,
        notify=notify,
        now=now,
        by=by,
    )
    yield from rounds.delivered(tx, told)
    if found.recurrence_id is None:
        told = revisions.told_of_end(
            found.row.meeting, meeting, owner, comment=comment, notify=notify, now=now, by=by
        )
        yield from rounds.delivered(tx, told)


def _hand(opened: Opened) -> Hand | None:
    """Return whoever sends the owner's requests in the owner's place."""
    return None if opened.by is None else Hand(person=opened.by, sees_private=opened.sees_all)


def _removed(owner: Person, row: events.EventRow, recurrence_id: str | None, now: Instant) -> PutMeeting:
    meeting = row.meeting
    if recurrence_id is not None and not (is_partial(meeting) and len(meeting.exceptions) == 1):
        struck = structs.replace(plan.without_occurrence(meeting, recurrence_id), modified=now)
        return PutMeeting(mailbox=owner.number, meeting=struck, item=row.item, state=where_it_stands(struck))
    gone = structs.replace(meeting, modified=now)
    return PutMeeting(mailbox=owner.number, meeting=gone, item=row.item, state=State.DELETED)


def _put(owner: Person, found: Found, meeting: Meeting, state: State) -> PutMeeting:
    return PutMeeting(mailbox=owner.number, meeting=meeting, item=found.row.item, state=state)


def _ignored(draft: EventDraft) -> tuple[Hint, ...]:
    online = [name for name in draft.ignored if name.lower() == "isonlinemeeting"]
    others = ", ".join(name for name in draft.ignored if name not in online)
    hints = (Hint(HintCode.ONLINE_MEETING_IGNORED),) if online else ()
    return (*hints, Hint(HintCode.PROPERTIES_IGNORED, others)) if others else hints


def _repeated(tx: Tx, owner: Person, draft: EventDraft) -> events.EventRow | None:
    if draft.transaction_id is UNSET or not draft.transaction_id:
        return None
    return events.by_transaction(tx, owner.number, draft.transaction_id)


def _stored(
    tx: Tx, opened: Opened, key: MeetingKey, *, tracking: bool, recurrence_id: str | None = None
) -> EventView:
    row = events.by_key(tx, opened.owner.number, key)
    assert row is not None
    return view_of(tx, opened.owner, opened.seen(row), recurrence_id=recurrence_id, tracking=tracking)


def _new_uid(tx: Tx, now: Instant) -> str:
    """Return a new UID in the form of Outlook's: mark, no instance date, FILETIME, size, 16 random bytes."""
    filetime = now * 10 + 116_444_736_000_000_000
    data = bytes(4) + filetime.to_bytes(8, "little") + bytes(8) + (16).to_bytes(4, "little") + tx.entropy(16)
    return _UID_MARK + data.hex().upper()
