"""Lists of events: `events.list` and `events.instances`.

Series that are not expanded bring their changed instances along and the holes of the deleted
ones: a cancelled instance is returned whether or not `showDeleted` is given.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from msgspec import structs

from rsvpd.calendar.event import AllDay
from rsvpd.calendar.view import CalendarView, EventView
from rsvpd.clock import Instant, to_datetime
from rsvpd.commands import calendar as commands
from rsvpd.commands.references import EventRef
from rsvpd.dialects.google.exchange.call import Call, Reply, readable
from rsvpd.dialects.google.exchange.listing import (
    EVERYTHING,
    Listing,
    Place,
    has_properties,
    of_events,
    of_instances,
    token,
)
from rsvpd.dialects.google.resources.expansion import DAY, expanded, is_short, stretches
from rsvpd.dialects.google.resources.instances import holes, instance_ref, originals
from rsvpd.dialects.google.tables.reminders import DEFAULT_REMINDERS
from rsvpd.dialects.google.tables.resources import EVENT, access_role, written
from rsvpd.dialects.google.vocabulary import identifiers
from rsvpd.dialects.google.vocabulary.etags import calendar_etag, event_etag, list_etag
from rsvpd.dialects.google.vocabulary.times import read_date, read_instant, write_instant
from rsvpd.errors import Missing
from rsvpd.query.algebra import And, InWindow, Order, Page, Query
from rsvpd.query.evaluate import matches
from rsvpd.query.fields import EVENT_FIELDS
from rsvpd.timezones.zone import to_instant


async def list_events(call: Call) -> Reply:
    """events.list."""
    listing = of_events(call.options)
    calendar = await readable(call)
    if listing.is_empty:
        return _envelope(call, calendar, [], None)
    if listing.window is None:
        views, following = await _series(call, listing)
    else:
        window = await _begun(call, listing, listing.window)
        parts = stretches(window, now=call.request.now)
        views, following = await expanded(partial(_find, call, listing), listing, parts)
    shown = [view for view in views if has_properties(view, listing.properties)]
    return _envelope(call, calendar, shown, following)


async def instances(call: Call) -> Reply:
    """events.instances."""
    listing, ref = of_instances(call.options), call.event()
    calendar = await readable(call)
    master = await call.door(commands.get_event, call.who, ref, visible=EVERYTHING, tracking=True)
    original = call.options.text("originalStart")
    if original is not None:
        return _envelope(call, calendar, await _picked(call, master, original, listing), None)
    window = listing.window or InWindow(None, None)
    if window.start is None:
        window = InWindow(_first_start(master), window.end)
    parts = [part for part in stretches(window, now=call.request.now) if part.window]
    views, following = await expanded(partial(_find_instances, call, listing, ref), listing, parts)
    return _envelope(call, calendar, views, following)


async def _find(call: Call, listing: Listing, query: Query, window: InWindow | None) -> Page[EventView]:
    return await call.door(
        commands.find_events, call.who, query, window=window, visible=listing.visible, tracking=True
    )


async def _find_instances(
    call: Call, listing: Listing, ref: EventRef, query: Query, window: InWindow | None
) -> Page[EventView]:
    return await call.door(
        commands.instances, call.who, ref, query,
        window=window or InWindow(None, None), visible=listing.visible, tracking=True,
    )


async def _begun(call: Call, listing: Listing, window: InWindow) -> InWindow:
    """Return a long window without the time before anything stands in the calendar."""
    if is_short(window):
        return window
    first = await _find(call, listing, Query(order=(Order("start"),), top=1), None)
    earliest = min((_first_start(view) for view in first.items), default=call.request.now)
    return InWindow(earliest if window.start is None else max(window.start, earliest), window.end)


def _first_start(view: EventView) -> Instant:
    """Return an instant before anything of this meeting begins, in whatever zone."""
    events = (view.meeting.event, *view.meeting.exceptions.values())
    return min(to_instant(event.start) for event in events) - DAY


async def _series(call: Call, listing: Listing) -> tuple[list[EventView], Place | None]:
    """Return one page of single events and of series with the instances that stand beside them."""
    page = await _find(call, listing, listing.query, None)
    views = [one for view in page.items for one in (view, *await _beside(call, view, listing))]
    return _cut(views, listing, None if page.after is None else Place(page.after))


async def _beside(call: Call, view: EventView, listing: Listing) -> list[EventView]:
    if view.meeting.recurrence is None:
        return []
    changed = [await _instance(call, view, original, listing) for original in originals(view)]
    return _matching([*filter(None, changed), *holes(view)], listing)


async def _instance(call: Call, master: EventView, original: str, listing: Listing) -> EventView | None:
    ref = instance_ref(master, original)
    try:
        return await call.door(commands.get_event, call.who, ref, visible=listing.visible, tracking=True)
    except Missing:  # deleted since the list was read
        return None


async def _picked(call: Call, master: EventView, text: str, listing: Listing) -> list[EventView]:
    """Return the one instance with this original start, if there is one."""
    original = _original(call, text)
    found = await _instance(call, master, original, listing)
    if found is None and listing.shows_deleted:
        return [one for one in holes(master) if identifiers.view_id(one).endswith(f"_{original}")]
    return [] if found is None else [found]


def _original(call: Call, text: str) -> str:
    try:
        if "T" in text.upper():
            return to_datetime(read_instant(text)).strftime("%Y%m%dT%H%M%SZ")
        return identifiers.original(AllDay(read_date(text)))
    except (ValueError, OverflowError) as wrong:
        raise call.options.wrong("originalStart", str(wrong)) from None


def _matching(views: list[EventView], listing: Listing) -> list[EventView]:
    return [view for view in views if matches(And(listing.where), view, EVENT_FIELDS)]


def _cut(
    views: list[EventView], listing: Listing, following: Place | None
) -> tuple[list[EventView], Place | None]:
    """Return one page of `views` and where the next begins: among them, or where `following` says."""
    first, top = listing.place.skip, listing.query.top
    if len(views) > first + top:
        return views[first : first + top], structs.replace(listing.place, skip=first + top)
    return views[first:], following


def _envelope(call: Call, calendar: CalendarView, views: list[EventView], following: Place | None) -> Reply:
    ctx = call.context(calendar.owner)
    etag = list_etag([calendar_etag(calendar), *(event_etag(view) for view in views)])
    updated = max((view.meeting.modified for view in views), default=call.request.now)
    body: dict[str, Any] = {
        "kind": "calendar#events",
        "etag": etag,
        "summary": calendar.owner.address,
        "updated": write_instant(updated),
        "timeZone": calendar.owner.zone,
        "accessRole": access_role(calendar, ctx),
        "defaultReminders": DEFAULT_REMINDERS,
        "items": [written(EVENT, view, ctx) for view in views],
        **({} if following is None else {"nextPageToken": token(following)}),
    }
    return Reply(body=body, etag=etag)
