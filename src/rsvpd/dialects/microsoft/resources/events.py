"""Events: lists, views, single ones, and what is done to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rsvpd import ids
from rsvpd.calendar.draft import EventDraft
from rsvpd.calendar.event import EventKind
from rsvpd.calendar.view import EventView, exceptions_of
from rsvpd.commands import calendar as commands
from rsvpd.commands.fragments import ItemWriter
from rsvpd.commands.references import EventRef
from rsvpd.dialects.microsoft.exchange import access, control_info, listing, replies, traps
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.resources.calendars import calendar_to_wire, check_calendar
from rsvpd.dialects.microsoft.tables.drafts import needs_stored, read_event
from rsvpd.dialects.microsoft.tables.profiles import Profile
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx
from rsvpd.dialects.shape import Shape
from rsvpd.dialects.turns import in_turn
from rsvpd.dialects.wire import Response
from rsvpd.errors import ItemNotFound, Refused
from rsvpd.hints import Hint
from rsvpd.query.algebra import InWindow, Order, Page, Query
from rsvpd.query.fields import EVENT_FIELDS

_EXCEPTIONS = "exceptionoccurrences"
# What can be expanded with members of its own to choose from.
_INSIDE: dict[str, Callable[[Profile], Shape[Ctx]]] = {
    "calendar": lambda profile: profile.calendar,
    _EXCEPTIONS: lambda profile: profile.event,
}
BY_START = (Order("start"),)
NO_WINDOW = (
    "This request requires a time window specified by the query string parameters "
    "StartDateTime and EndDateTime."
)


# --- lists


async def list_events(call: Call) -> Response:
    """Answer masters and single events, the earliest first."""
    check_options(call)
    await check_calendar(call)
    asked = listing.query(call, call.profile.lookups.event, order=BY_START)
    return await _find(call, asked)


async def count_events(call: Call) -> Response:
    """Answer how many there are."""
    await check_calendar(call)
    asked = listing.count_query(listing.query(call, call.profile.lookups.event))
    page = await call.door(commands.find_events, call.who, asked)
    return replies.count(call, page.total)


async def calendar_view(call: Call) -> Response:
    """Answer what happens in a window: single events, occurrences and exceptions."""
    check_options(call)
    await check_calendar(call)
    asked = listing.query(call, call.profile.lookups.event, order=BY_START)
    return await _find(call, asked, window=window_of(call))


async def count_view(call: Call) -> Response:
    """Answer how much happens in a window."""
    await check_calendar(call)
    asked = listing.count_query(listing.query(call, call.profile.lookups.event))
    page = await call.door(commands.find_events, call.who, asked, window=window_of(call))
    return replies.count(call, page.total)


async def list_instances(call: Call) -> Response:
    """Answer the occurrences of a series in a window."""
    check_options(call)
    asked = listing.query(call, call.profile.lookups.event, order=BY_START)
    return await _page(call, await _instances(call, asked))


async def count_instances(call: Call) -> Response:
    """Answer how many occurrences of a series there are in a window."""
    asked = listing.count_query(listing.query(call, call.profile.lookups.event))
    return replies.count(call, (await _instances(call, asked)).total)


# --- one event


async def get_event(call: Call) -> Response:
    """Answer one event."""
    check_options(call)
    return event_response(call, await view_of(call), await navigations(call))


async def get_reference(call: Call) -> Response:
    """Answer where an event is to be found."""
    view = await view_of(call)
    reference = {"@odata.id": control_info.event_url(call, view.owner, view.id)}
    return replies.entity(call, reference, context=control_info.context_of(call, "$ref"))


async def list_nothing(call: Call) -> Response:
    """Answer what an event never has here: attachments."""
    await view_of(call)
    return replies.nothing(call)


async def list_exceptions(call: Call) -> Response:
    """Answer the occurrences of a series that differ from it."""
    check_options(call)
    asked = listing.query(call, call.profile.lookups.event, order=BY_START)
    page = listing.in_memory(exceptions_of(await view_of(call)), asked, EVENT_FIELDS)
    return await _page(call, page)


async def get_calendar_of(call: Call) -> Response:
    """Answer the calendar an event stands in."""
    await view_of(call)
    view = await call.door(commands.get_calendar, call.who)
    select = listing.selection(call, [call.profile.calendar])
    return replies.entity(call, calendar_to_wire(call, view, select), select=call.options.select)


async def create_event(call: Call) -> Response:
    """Create an event; whoever is invited gets the invitation at once."""
    check_options(call)
    await check_calendar(call)
    draft = read_event(call.profile, call.body, call.ctx, creating=True)
    inside = await navigations(call)
    done = await call.door(commands.create_event, call.who, draft)
    location = ("Location", control_info.event_url(call, done.value.owner, done.value.id))
    return event_response(call, done.value, inside, status=201, headers=(location,), hints=done.hints)


async def update_event(call: Call) -> Response:
    """Change the members that were sent."""
    check_options(call)
    await check_calendar(call)
    expected = await call.expected_change(lambda: _change(call))
    draft, inside = await _draft(call), await navigations(call)
    done = await call.door(commands.update_event, call.who, event_ref(call), draft, expected=expected)
    return event_response(call, done.value, inside, hints=done.hints)


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


def event_response(
    call: Call,
    view: EventView,
    inside: dict[str, Any],
    *,
    status: int = 200,
    headers: replies.Headers = (),
    hints: tuple[Hint, ...] = (),
) -> Response:
    """Return the answer that shows one event, and `inside` it what `navigations` returned.

    It reads nothing: what would have to be read after a COMMIT could fail and turn success into an error.
    """
    select = listing.selection(call, [call.profile.event])
    out = {**to_wire(call, view, select), **inside, **_exceptions(call, view)}
    own = _path(call, view.id)
    theirs = _path(call, "ID of the attendee's copy") if view.meeting.is_organizer else own
    with_hints = replies.hint_headers(call, hints, event=theirs, own=own)
    return replies.entity(call, out, status=status, select=call.options.select, headers=headers, hints=with_hints)


# --- parts


async def _instances(call: Call, asked: Query) -> Page[EventView]:
    window, view = window_of(call), await view_of(call)
    if view.kind is not EventKind.MASTER:
        master = "" if view.master_id is None else f" This is an occurrence of the series '{view.master_id}'."
        raise Refused(f"Your request can't be completed. Only a series master has instances.{master}")
    return await call.door(commands.instances, call.who, event_ref(call), asked, window=window)


async def _find(call: Call, asked: Query, *, window: InWindow | None = None) -> Response:
    if call.options.expand:  # what is shown inside an event changes without it
        return await _page(call, await call.door(commands.find_events, call.who, asked, window=window))
    select = listing.selection(call, [call.profile.event])
    writer: ItemWriter[EventView] = listing.writer(call, select, lambda view: to_wire(call, view, select))
    page = await call.door(commands.write_events, call.who, asked, writer=writer, window=window)
    return replies.collection(call, page.items, page, select=call.options.select, hints=traps.of_events(call))


async def _page(call: Call, page: Page[EventView]) -> Response:
    select = listing.selection(call, [call.profile.event])
    inside = await navigations(call)

    def write(view: EventView) -> dict[str, Any]:
        return {**to_wire(call, view, select), **inside, **_exceptions(call, view)}

    values = await in_turn(page.items, write)
    return replies.collection(call, values, page, select=call.options.select, hints=traps.of_events(call))


def check_options(call: Call) -> None:
    """Raise InvalidQuery for members that the answer could not show, before anything is done."""
    listing.selection(call, [call.profile.event])
    for one in call.options.expand:
        shape = _INSIDE.get(listing.navigation(one))
        if shape is not None:
            listing.names(call, one.options.select, [shape(call.profile)])


async def navigations(call: Call) -> dict[str, Any]:
    """Return the navigations that were asked for: there is one calendar, and there are no attachments."""
    out: dict[str, Any] = {}
    for one in call.options.expand:
        name = listing.navigation(one)
        if name == "calendar":
            view = await call.door(commands.get_calendar, call.who)
            select = listing.names(call, one.options.select, [call.profile.calendar])
            out[call.profile.member(name)] = calendar_to_wire(call, view, select)
        elif name in ("attachments", "extensions"):
            out[call.profile.member(name)] = []
    return out


def _exceptions(call: Call, view: EventView) -> dict[str, Any]:
    """Return the occurrences that differ from their master, where they were asked for."""
    out: dict[str, Any] = {}
    for one in call.options.expand:
        if listing.navigation(one) == _EXCEPTIONS:
            select = listing.names(call, one.options.select, [call.profile.event])
            out[call.profile.member("exceptionOccurrences")] = [
                to_wire(call, each, select) for each in exceptions_of(view)
            ]
    return out


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
