"""Lists of events: `events.list` and `events.instances`.

Series that are not expanded bring their changed instances along and the holes of the deleted
ones: a cancelled instance is returned whether or not `showDeleted` is given.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from msgspec import structs

from rsvpd.calendar.event import AllDay
from rsvpd.calendar.view import CalendarView, EventView
from rsvpd.clock import to_datetime
from rsvpd.commands import calendar as commands
from rsvpd.commands.references import EventRef
from rsvpd.dialects.google.exchange.call import Call, Reply, readable_calendar
from rsvpd.dialects.google.exchange.listing import EVERYTHING, Listing, has_properties, of_events, of_instances
from rsvpd.dialects.google.resources.instances import holes, instance_ref
from rsvpd.dialects.google.tables.reminders import DEFAULT_REMINDERS
from rsvpd.dialects.google.tables.resources import EVENT, access_role, to_wire
from rsvpd.dialects.google.vocabulary import identifiers
from rsvpd.dialects.google.vocabulary.etags import calendar_etag, event_etag, list_etag
from rsvpd.dialects.google.vocabulary.times import read_date, read_instant, write_instant
from rsvpd.dialects.turns import in_turn
from rsvpd.errors import InvalidQuery, Missing
from rsvpd.hints import Hint, HintCode
from rsvpd.query.algebra import And, InWindow, Page


async def list_events(call: Call) -> Reply:
    """events.list."""
    listing = of_events(call.options, now=call.request.now)
    calendar = await readable_calendar(call)
    if listing.is_empty:
        return await _envelope(call, calendar, Page(items=[]))
    page = await _page(call, _series(call, listing) if listing.window is None else _events(call, listing))
    views = [view for view in page.items if has_properties(view, listing.properties)]
    return await _envelope(call, calendar, structs.replace(page, items=views))


async def instances(call: Call) -> Reply:
    """events.instances."""
    listing, ref = of_instances(call.options, now=call.request.now), call.event()
    calendar = await readable_calendar(call)
    original = call.options.text("originalStart")
    if original is not None:
        master = await call.door(commands.get_event, call.who, ref, visible=EVERYTHING, tracking=True)
        return await _envelope(call, calendar, Page(items=await _instances_at(call, master, original, listing)))
    return await _envelope(call, calendar, await _page(call, _instances(call, listing, ref)))


async def _page(call: Call, asked: Awaitable[Page[EventView]]) -> Page[EventView]:
    """Return the page; a token that is not one of this list's is an error of its parameter here."""
    try:
        return await asked
    except InvalidQuery as wrong:
        if call.options.text("pageToken") is None:
            raise
        raise call.options.wrong("pageToken", "it is not one of this list's") from wrong


def _events(call: Call, listing: Listing) -> Awaitable[Page[EventView]]:
    return call.door(
        commands.find_events, call.who, listing.query,
        window=listing.window, endless_until=listing.endless_until, visible=listing.visible, tracking=True,
    )


def _instances(call: Call, listing: Listing, ref: EventRef) -> Awaitable[Page[EventView]]:
    return call.door(
        commands.instances, call.who, ref, listing.query,
        window=listing.window or InWindow(None, None), endless_until=listing.endless_until,
        visible=listing.visible, tracking=True,
    )


def _series(call: Call, listing: Listing) -> Awaitable[Page[EventView]]:
    return call.door(
        commands.find_series, call.who, listing.query,
        beside=And(listing.where), visible=listing.visible, tracking=True,
    )


async def _instance(call: Call, master: EventView, original: str, listing: Listing) -> EventView | None:
    ref = instance_ref(master, original)
    try:
        return await call.door(commands.get_event, call.who, ref, visible=listing.visible, tracking=True)
    except Missing:  # deleted since the list was read
        return None


async def _instances_at(call: Call, master: EventView, text: str, listing: Listing) -> list[EventView]:
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


async def _envelope(call: Call, calendar: CalendarView, page: Page[EventView]) -> Reply:
    ctx, views = call.context(calendar.owner), page.items
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
        "items": await in_turn(views, lambda view: to_wire(EVENT, view, ctx)),
        **({} if page.after is None else {"nextPageToken": page.after}),
    }
    return Reply(body=body, etag=etag, hints=_cut(page))


def _cut(page: Page[EventView]) -> tuple[Hint, ...]:
    if page.cut_at is None:
        return ()
    return (Hint(HintCode.ENDLESS_SERIES_CUT, to_datetime(page.cut_at).date().isoformat()),)
