"""Events: read, create, change, delete. A guest answers by changing the own entry of `attendees[]`.

Rule 1: whatever is sent as `id` is looked up by its UID, so an event has the same id in every calendar.
Rule 2: If-Match is compared with the whole ETag, then the change number guards the write itself.
Rule 3: a deleted event changes only by being restored: a PATCH or PUT of its organizer that says another status.
Rule 4: a PATCH that merges objects is applied to exactly the state it was merged with; when that
        state is gone in between, it is merged once more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from rsvpd.calendar.draft import EventDraft
from rsvpd.calendar.event import Status
from rsvpd.calendar.view import CalendarView, EventView
from rsvpd.commands import calendar as commands
from rsvpd.commands.references import Crossing, EventRef, GuestPatch
from rsvpd.dialects.google.exchange import body as bodies
from rsvpd.dialects.google.exchange.call import Call, Reply, readable_calendar
from rsvpd.dialects.google.exchange.listing import EVERYTHING, PRESENT
from rsvpd.dialects.google.resources.instances import cancelled_instance
from rsvpd.dialects.google.tables import drafts
from rsvpd.dialects.google.tables.resources import EVENT, to_wire
from rsvpd.dialects.google.vocabulary.context import Context
from rsvpd.dialects.google.vocabulary.etags import event_etag, is_named
from rsvpd.errors import ChangeKeyMismatch, InvalidProperty, ItemGone, ItemNotFound, NotAllowed
from rsvpd.hints import Hint, HintCode, ignored_property_hints
from rsvpd.mail.address import is_same

T = TypeVar("T")
Compose = Callable[[dict[str, Any], Context], EventDraft]

_TRIES = 4
_DECLINING = ("tentative", "declined")


async def get(call: Call) -> Reply:
    """events.get: deleted events are shown too, as cancelled."""
    calendar = await readable_calendar(call)
    return reply(call, calendar, await _read(call, call.event()))


async def insert(call: Call) -> Reply:
    """events.insert."""
    body = bodies.read(call.request)
    if body.get("status") == Status.CANCELLED.value:
        raise InvalidProperty("status: a new event cannot be cancelled.", target="status")
    calendar = await readable_calendar(call)
    ctx = call.context(calendar)
    draft = drafts.draft_of_insert(_with_id(body, call), ctx)
    done = await call.door(
        commands.create_event, call.who, draft, notify=call.notify(), tracking=True
    )
    return reply(call, calendar, done.value, (*done.hints, *_hints(body, done.value)))


async def patch(call: Call) -> Reply:
    """events.patch."""
    body = bodies.read(call.request)
    return await _change(call, body, drafts.draft_of_patch, merging=drafts.is_merging(body))


async def update(call: Call) -> Reply:
    """events.update."""
    return await _change(call, bodies.read(call.request), drafts.draft_of_update, merging=False)


async def delete(call: Call) -> Reply:
    """events.delete: the organizer's cancels, a guest's declines and removes the own copy."""
    await readable_calendar(call)
    ref = call.event()
    return Reply(hints=await _delete(call, ref, await _current(call, ref)))


async def _change(
    call: Call, body: dict[str, Any], compose: Compose, *, merging: bool, tries: int = _TRIES
) -> Reply:
    ref, notify = call.event(), call.notify()
    calendar = await readable_calendar(call)
    try:
        stored = await _current(call, ref)
    except ItemGone:
        return await _restore(call, calendar, ref, body, compose)
    expected, ctx = _expected_change(call, stored), call.context(calendar, stored=stored)
    if _is_cancelling(body, stored):
        return await _call_off(call, calendar, ref, stored, body)
    draft = compose(body, ctx)
    try:
        done = await call.door(
            commands.update_event, call.who, ref, draft,
            expected=stored.change if merging else expected,
            notify=notify, guest=GuestPatch.ANSWER, crossing=Crossing.ALLOWED, visible=PRESENT, tracking=True,
        )
    except ChangeKeyMismatch:
        if expected is not None or tries <= 1:
            raise
        return await _change(call, body, compose, merging=merging, tries=tries - 1)
    return reply(call, calendar, done.value, (*done.hints, *_hints(body, done.value)))


async def _restore(
    call: Call, calendar: CalendarView, ref: EventRef, body: dict[str, Any], compose: Compose
) -> Reply:
    """Let a deleted event, or instance, of the organizer take place again, which is what any other status means.

    Raises ItemGone for a guest's, NotAllowed for a change of what stays deleted.
    """
    stored = await _read(call, ref)
    if not stored.meeting.is_organizer or body.get("status") == Status.CANCELLED.value:
        raise ItemGone
    if not body.get("status"):
        raise NotAllowed("Forbidden")
    expected, ctx = _expected_change(call, stored), call.context(calendar, stored=stored)
    done = await call.door(
        commands.restore_event, call.who, ref, compose(body, ctx),
        expected=stored.change if expected is None else expected, notify=call.notify(), tracking=True,
    )
    return reply(call, calendar, done.value, (*done.hints, *_hints(body, done.value)))


def _is_cancelling(body: dict[str, Any], stored: EventView) -> bool:
    return body.get("status") == Status.CANCELLED.value and stored.event.status is not Status.CANCELLED


async def _call_off(
    call: Call, calendar: CalendarView, ref: EventRef, stored: EventView, body: dict[str, Any]
) -> Reply:
    """Delete the event, which is what a status of cancelled means, and show it once more."""
    deletion = call.door(
        commands.call_off_event, call.who, ref,
        expected=_expected_change(call, stored), notify=call.notify(), visible=PRESENT, visible_after=EVERYTHING,
    )
    done = await _await_present(call, ref, deletion)
    others = (name for name in body if name not in ("status", "id", "kind", "etag"))
    hints = (*done.hints, *ignored_property_hints(others))
    is_of_series = ref.original is not None and done.value.recurrence_id is None
    view = cancelled_instance(done.value, ref.original or "") if is_of_series else done.value
    return reply(call, calendar, view, hints)


async def _delete(call: Call, ref: EventRef, stored: EventView) -> tuple[Hint, ...]:
    notify, expected = call.notify(), _expected_change(call, stored)
    if stored.event.status is Status.CANCELLED:  # by the organizer: to Google that event is deleted already
        raise ItemGone
    deletion = call.door(
        commands.delete_event, call.who, ref, expected=expected, notify=notify, decline=True, visible=PRESENT
    )
    return (await _await_present(call, ref, deletion)).hints


async def _await_present(call: Call, ref: EventRef, found: Awaitable[T]) -> T:
    """Return what was awaited. Raises ItemGone where it is an instance that has been deleted."""
    try:
        return await found
    except ItemNotFound:
        if ref.original is None:
            raise
        await _get_cancelled_instance(call, ref)
        raise ItemGone from None


async def _current(call: Call, ref: EventRef) -> EventView:
    """Return the event that is to be changed. Raises ItemGone where it has been deleted."""
    found = call.door(commands.get_event, call.who, ref, visible=PRESENT, tracking=True)
    return _require_series(ref, await _await_present(call, ref, found))


async def _read(call: Call, ref: EventRef) -> EventView:
    """Return an event, also when it has been deleted."""
    try:
        view = await call.door(commands.get_event, call.who, ref, visible=EVERYTHING, tracking=True)
        return _require_series(ref, view)
    except ItemNotFound:
        if ref.original is None:
            raise
        return await _get_cancelled_instance(call, ref)


def _require_series(ref: EventRef, view: EventView) -> EventView:
    """Return `view`. Raises ItemNotFound where a series was asked for and this guest has only instances of it."""
    if ref.original is None and view.recurrence_id is not None:
        raise ItemNotFound("Not Found")
    return view


async def _get_cancelled_instance(call: Call, ref: EventRef) -> EventView:
    master = await call.door(
        commands.get_event, call.who, EventRef(uid=ref.uid, organizer=ref.organizer), visible=EVERYTHING, tracking=True
    )
    return cancelled_instance(master, ref.original or "")


def _expected_change(call: Call, stored: EventView) -> int | None:
    """Return the change number that If-Match stands for, None without one. Raises ChangeKeyMismatch."""
    header = call.request.headers.get("if-match")
    if header is None or header.strip() == "*":
        return None
    if not is_named(event_etag(stored), header):
        raise ChangeKeyMismatch("Precondition Failed")
    return stored.change


def _with_id(body: dict[str, Any], call: Call) -> dict[str, Any]:
    return body if body.get("id") or body.get("iCalUID") else {**body, "id": call.mint()}


def reply(call: Call, calendar: CalendarView, view: EventView, hints: tuple[Hint, ...] = ()) -> Reply:
    """Return the answer that shows one event of a calendar."""
    return Reply(body=to_wire(EVENT, view, call.context(calendar)), etag=event_etag(view), hints=hints)


def _hints(body: dict[str, Any], view: EventView) -> tuple[Hint, ...]:
    """Return what this dialect alone knows was not done."""
    return (
        *((Hint(HintCode.ORGANIZER_CANNOT_RESPOND),) if _is_answered_by_organizer(body, view) else ()),
        *((Hint(HintCode.ATTENDEE_LIST_IGNORED),) if _is_answered_by_nobody(body, view) else ()),
    )


def _is_answered_by_nobody(body: dict[str, Any], view: EventView) -> bool:
    """Return whether a guest wrote a list that lacks the own entry, so that nothing came of it."""
    attendees = body.get("attendees")
    if view.meeting.is_organizer or not isinstance(attendees, list):
        return False
    return not any(one.get("self") is True or view.owner.answers_to(str(one.get("email") or "")) for one in attendees)


def _is_answered_by_organizer(body: dict[str, Any], view: EventView) -> bool:
    attendees = body.get("attendees")
    if not view.meeting.is_organizer or not isinstance(attendees, list):
        return False
    return any(
        is_same(str(one.get("email") or ""), view.owner.address) and one.get("responseStatus") in _DECLINING
        for one in attendees
    )
