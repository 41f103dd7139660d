"""Events: lists, views, single ones, and what is done to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, structs

from rsvpd import ids
from rsvpd.calendar.draft import EventDraft
from rsvpd.calendar.event import EventKind
from rsvpd.calendar.view import CalendarView, EventView, exceptions_of
from rsvpd.commands import calendar as commands
from rsvpd.commands import delta, extended
from rsvpd.commands.calendars import get_calendar
from rsvpd.commands.delta import Round
from rsvpd.commands.door import Done
from rsvpd.commands.fragments import ItemWriter
from rsvpd.commands.indexing import keep_up
from rsvpd.commands.references import EventRef
from rsvpd.dialects.microsoft.exchange import access, control_info, listing, replies, traps
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.exchange.collections import (
    Collection,
    Expansion,
    Feed,
    Write,
    check_options,
    short,
    show,
    show_changed,
    write_inside,
)
from rsvpd.dialects.microsoft.exchange.extended import Home, creation_members, expansions
from rsvpd.dialects.microsoft.resources import attachments, uploads
from rsvpd.dialects.microsoft.resources.calendars import CALENDARS, check_calendar
from rsvpd.dialects.microsoft.tables.drafts import needs_stored, read_event
from rsvpd.dialects.microsoft.tables.profiles import Profile
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx
from rsvpd.dialects.odata.filter import Lookup
from rsvpd.dialects.odata.options import Expand
from rsvpd.dialects.shape import Shape
from rsvpd.dialects.wire import Response
from rsvpd.errors import ItemNotFound, Refused
from rsvpd.mail.extended import CustomProperties, Form, drafted_custom_data
from rsvpd.query.algebra import InWindow, Order, Page, Query
from rsvpd.query.fields import EVENT_FIELDS
from rsvpd.query.terms import EVENT_TERMS

NO_WINDOW = (
    "This request requires a time window specified by the query string parameters "
    "StartDateTime and EndDateTime."
)


# --- one event


async def get_event(call: Call) -> Response:
    """Answer one event."""
    return await show(call, EVENTS, await view_of(call))


async def get_reference(call: Call) -> Response:
    """Answer where an event is to be found."""
    view = await view_of(call)
    reference = {"@odata.id": control_info.event_url(call, view.owner, view.id)}
    return replies.entity(call, reference, context=control_info.context_of(call, "$ref"))


async def get_calendar_of(call: Call) -> Response:
    """Answer the calendar an event stands in."""
    return await show(call, CALENDARS, await _calendar_of(call, await view_of(call)))


async def delete_permanently(call: Call) -> Response:
    """Delete an event for good, which here is what deleting one is."""
    return await delete_event(call)


async def create_event(call: Call) -> Response:
    """Create an event; whoever is invited gets the invitation at once."""
    check_options(call, EVENTS)
    await check_calendar(call)
    draft = read_event(call.profile, call.body, call.ctx, creating=True)
    done = await call.door(commands.create_event, call.who, draft)
    location = ("Location", control_info.event_url(call, done.value.owner, done.value.id))
    more = creation_members(call, drafted_custom_data(draft.extended), _home(done.value))
    return await changed_event_response(call, done, status=201, more=more, headers=(location,))


async def update_event(call: Call) -> Response:
    """Change the members that were sent."""
    check_options(call, EVENTS)
    await check_calendar(call)
    expected = await call.expected_change(lambda: _change(call))
    draft = await _draft(call)
    done = await call.door(commands.update_event, call.who, event_ref(call), draft, expected=expected)
    return await changed_event_response(call, done)


async def delete_event(call: Call) -> Response:
    """Delete an event; the organizer's deletion calls the meeting off."""
    await check_calendar(call)
    expected = await call.expected_change(lambda: _change(call))
    await call.door(commands.delete_event, call.who, event_ref(call), expected=expected)
    return replies.no_content(call)


# --- for whoever else speaks of events


def event_ref(call: Call) -> EventRef:
    """Return the event that the path names. Raises InvalidId, or ItemNotFound where it is not of the series named."""
    item = call.item("event")
    if "series" in call.keys:
        series = call.item("series")
        is_one = series.kind is ids.Kind.EVENT and item.kind is ids.Kind.OCCURRENCE
        if not is_one or (series.mailbox, series.item) != (item.mailbox, item.item):
            raise ItemNotFound
    return EventRef(item=item)


async def view_of(call: Call) -> EventView:
    """Return the event that the path names, in the calendar that the path names."""
    await check_calendar(call)
    return await call.door(commands.get_event, call.who, event_ref(call))


def to_wire(call: Call, view: EventView, select: frozenset[str] | None) -> dict[str, Any]:
    """Return an event as it stands on the wire."""
    members = access.readable_members(call, call.profile.event.write(view, call.ctx, select))
    return {**control_info.of_event(call, view), **members}


async def changed_event_response(
    call: Call,
    done: Done[EventView],
    *,
    status: int = 200,
    more: Mapping[str, Any] = {},
    headers: replies.Headers = (),
) -> Response:
    """Return the answer that shows an event as a command left it."""
    view = done.value
    own = _path(call, view.id)
    theirs = _path(call, "ID of the attendee's copy") if view.meeting.is_organizer else own
    hints = replies.hint_headers(call, done.hints, event=theirs, own=own)
    return await show_changed(call, EVENTS, view, status=status, more=more, headers=headers, hints=hints)


# --- parts


def _path(call: Call, event_id: str) -> str:
    return f"{call.profile.mount}/{call.profile.segment('me')}/{call.profile.segment('events')}('{event_id}')"


async def _draft(call: Call) -> EventDraft:
    stored = None
    if needs_stored(call.body):
        stored = await call.door(commands.get_event, call.who, event_ref(call))
    return read_event(call.profile, call.body, call.ctx, stored=stored)


async def _change(call: Call) -> int:
    return (await call.door(commands.get_event, call.who, event_ref(call))).change


def window_of(call: Call) -> InWindow:
    """Return the window that the options name. Raises MissingProperty or InvalidProperty."""
    return InWindow(_edge(call, "StartDateTime"), _edge(call, "EndDateTime"))


def _edge(call: Call, name: str) -> int:
    """Return one end of the window; without an offset it is UTC, whatever zone is preferred."""
    return listing.instant(call.options.others.get(name.lower(), ""), name, missing=NO_WINDOW)


# --- collections


class _Series(Struct, frozen=True):
    """A series in a path, and the window in which its occurrences are wanted."""

    ref: EventRef
    window: InWindow


async def _find(call: Call, _: CalendarView | None, asked: Query) -> Page[EventView]:
    await keep_up(call.door, call.who, asked.where, EVENT_TERMS)
    return await call.door(commands.find_events, call.who, asked)


async def _pieces(call: Call, _: CalendarView | None, asked: Query, writer: ItemWriter[EventView]) -> Page[bytes]:
    await keep_up(call.door, call.who, asked.where, EVENT_TERMS)
    return await call.door(commands.write_events, call.who, asked, writer=writer)


async def _since(call: Call, _: CalendarView | None, number: int, most: int) -> Round[EventView]:
    return await call.door(delta.events_since, call.who, number, most)


async def _find_in_window(call: Call, _: CalendarView | None, asked: Query) -> Page[EventView]:
    await keep_up(call.door, call.who, asked.where, EVENT_TERMS)
    return await call.door(commands.find_events, call.who, asked, window=window_of(call))


async def _pieces_in_window(
    call: Call, _: CalendarView | None, asked: Query, writer: ItemWriter[EventView]
) -> Page[bytes]:
    await keep_up(call.door, call.who, asked.where, EVENT_TERMS)
    return await call.door(commands.write_events, call.who, asked, writer=writer, window=window_of(call))


async def _since_in_window(call: Call, _: CalendarView | None, number: int, most: int) -> Round[EventView]:
    return await call.door(delta.events_since, call.who, number, most, window=window_of(call))


async def _series(call: Call) -> _Series:
    window, view = window_of(call), await view_of(call)
    if view.kind is not EventKind.MASTER:
        master = "" if view.master_id is None else f" This is an occurrence of the series '{view.master_id}'."
        raise Refused(f"Your request can't be completed. Only a series master has instances.{master}")
    return _Series(event_ref(call), window)


async def _find_instances(call: Call, place: _Series, asked: Query) -> Page[EventView]:
    return await call.door(commands.instances, call.who, place.ref, asked, window=place.window)


async def _exceptions(_: Call, view: EventView) -> list[EventView]:
    return exceptions_of(view)


async def place_of_event(call: Call) -> CalendarView:
    """Return the calendar in which the event stands that the path names; what follows in the path is about it."""
    view = await _calendar_of(call, await view_of(call))
    call.who = structs.replace(call.who, calendar=view.number)
    return view


async def _calendar_of(call: Call, view: EventView) -> CalendarView:
    """Return the calendar in which an event stands."""
    return await call.door(get_calendar, structs.replace(call.who, calendar=view.calendar))


async def _show_calendar(call: Call, event: EventView, one: Expand) -> dict[str, Any]:
    (shown,) = await write_inside(call, CALENDARS, [await _calendar_of(call, event)], one)
    return {call.profile.member("calendar"): shown}


async def _show_exceptions(call: Call, view: EventView, one: Expand) -> dict[str, Any]:
    found = await write_inside(call, EVENTS, exceptions_of(view), one, fields=EVENT_FIELDS)
    return {call.profile.member("exceptionOccurrences"): found}


async def _custom_data_of(call: Call, views: Sequence[EventView]) -> Sequence[CustomProperties]:
    return await call.door(extended.of_events, call.who, views)


def _home(view: EventView) -> Home:
    return Home(view.owner, "events", view.id)


def _shapes(profile: Profile) -> tuple[Shape[Ctx], ...]:
    return (profile.event,)


def _lookup(profile: Profile) -> Lookup:
    return profile.lookups.event


def _write(call: Call, select: frozenset[str] | None) -> Write[EventView]:
    return lambda view: to_wire(call, view, select)


async def _place(call: Call) -> EventRef:
    """Return the event in the path, for what is attached to it."""
    await check_calendar(call)
    return event_ref(call)


def _place_of(view: EventView) -> EventRef:
    return EventRef(item=ids.decode(view.id))


ATTACHMENTS = attachments.collection(_place)
attach, get_attachment, delete_attachment, get_attachment_value, get_attached_item = attachments.handlers(_place)
begin_upload = uploads.creator(_place)
EVENTS: Collection[EventView, CalendarView | None] = Collection(
    place=check_calendar,
    find=_find,
    pieces=_pieces,
    shapes=_shapes,
    lookup=_lookup,
    order=(Order("start"),),
    write=_write,
    hints=traps.of_events,
    expand={
        "attachments": attachments.expansion(_place_of, lambda view: view.event.attachments),
        **expansions(_custom_data_of, _home, *Form),
        "calendar": Expansion(show=_show_calendar, shapes=lambda profile: (profile.calendar,)),
        "exceptionoccurrences": Expansion(show=_show_exceptions, shapes=_shapes),
    },
    feed=Feed(
        name="Events",
        refuses=("$orderby", "$filter", "$select", "$expand", "$search", "$skip", "$count"),
        number=lambda calendar: calendar.number if calendar else 0,
        since=_since,
        item=lambda view: view.item,
        by_header=False,
    ),
)
assert EVENTS.feed is not None
VIEW = structs.replace(
    EVENTS,
    find=_find_in_window,
    pieces=_pieces_in_window,
    feed=structs.replace(EVENTS.feed, name="CalendarView", since=_since_in_window, by_header=True),
)
INSTANCES: Collection[EventView, _Series] = Collection(
    place=_series,
    find=_find_instances,
    shapes=_shapes,
    lookup=_lookup,
    order=EVENTS.order,
    write=_write,
    hints=EVENTS.hints,
    expand=EVENTS.expand,
)
EXCEPTIONS: Collection[EventView, EventView] = Collection(
    place=view_of,
    find=short(_exceptions, EVENT_FIELDS),
    shapes=_shapes,
    lookup=_lookup,
    order=EVENTS.order,
    write=_write,
    hints=EVENTS.hints,
    expand=EVENTS.expand,
)
# What stands below the calendar of an event.
EVENTS_BESIDE = structs.replace(EVENTS, place=place_of_event, feed=None)
VIEW_BESIDE = structs.replace(VIEW, place=place_of_event, feed=None)
