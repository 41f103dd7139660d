"""Lists of events: `events.list` and `events.instances`.

Series that are not expanded bring their changed instances along and the holes of the deleted
ones: a cancelled instance is returned whether or not `showDeleted` is given.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Any

from msgspec import structs

from rsvpd.calendar.event import AllDay
from rsvpd.calendar.view import CalendarView, EventView
from rsvpd.clock import to_datetime
from rsvpd.commands import calendar as commands
from rsvpd.commands.differences import ListingQuestion
from rsvpd.commands.indexing import keep_up
from rsvpd.commands.references import EventRef
from rsvpd.commands.sync import ChangePage, Point, Progress, RemovedEvent, changed_events
from rsvpd.dialects.google.exchange import sync
from rsvpd.dialects.google.exchange.call import Call, Reply, readable_calendar
from rsvpd.dialects.google.exchange.listing import (
    EVERYTHING,
    Listing,
    horizon,
    is_asked,
    is_of,
    of_events,
    of_instances,
)
from rsvpd.dialects.google.resources.instances import cancelled_event, cancelled_instances, instance_ref
from rsvpd.dialects.google.tables.calendar import access_role, summary
from rsvpd.dialects.google.tables.reminders import default_reminders
from rsvpd.dialects.google.tables.resources import EVENT, to_wire
from rsvpd.dialects.google.vocabulary import identifiers
from rsvpd.dialects.google.vocabulary.etags import calendar_etag, event_etag, list_etag
from rsvpd.dialects.google.vocabulary.times import read_date, read_instant, write_instant
from rsvpd.dialects.turns import in_turn
from rsvpd.errors import InvalidQuery, Missing
from rsvpd.hints import Hint, HintCode
from rsvpd.query.algebra import And, InWindow, Page
from rsvpd.query.terms import EVENT_TERMS


async def list_events(call: Call) -> Reply:
    """events.list: of everything, or of what changed since a sync token was given."""
    listing = of_events(call.options, now=call.request.now)
    calendar = await readable_calendar(call)
    if not sync.gives_token(call.options):
        query = structs.replace(listing.query, after=call.options.text("pageToken"))
        page = await _read_page(call, structs.replace(listing, query=query))
        return await _envelope(call, calendar, page, {} if page.after is None else {"nextPageToken": page.after})
    owner, is_expanded = calendar.owner.number, listing.window is not None
    of_second = (calendar.number,) if calendar.address else ()
    asked = sync.question(call, owner, "events", int(calendar.role), is_expanded, *listing.types, *of_second)
    token = sync.open_page(call, asked) or sync.open_sync(call, asked)
    if isinstance(token, sync.Changes):
        return await _changes(call, calendar, listing, token)
    return await _full_list_page(call, calendar, listing, token or sync.Listing(asked, Point(calendar.change), ""))


async def _full_list_page(call: Call, calendar: CalendarView, listing: Listing, token: sync.Listing) -> Reply:
    """Return a page of everything, which ends in a token for what comes then."""
    query = structs.replace(listing.query, after=token.after or None)
    page = await _read_page(call, structs.replace(listing, query=query))
    seen = token.seen.with_organizers(page.follows)
    if page.after is not None:
        next_page = sync.Listing(token.question, seen, page.after)
        return await _envelope(call, calendar, page, {"nextPageToken": sync.close(call, next_page)})
    until = 0 if listing.window is None else listing.endless_until
    between = listing.between
    point = structs.replace(seen, until=until)
    since = sync.Changes(token.question, Progress(point), between.start, between.end)
    return await _envelope(call, calendar, page, {"nextSyncToken": sync.close(call, since)})


async def _changes(call: Call, calendar: CalendarView, listing: Listing, token: sync.Changes) -> Reply:
    """Return a page of what changed. Raises Refusal (410) where nobody knows that any more."""
    found = await _read_changes(call, listing, token)
    items = [one for one in found.items if not isinstance(one, EventView) or is_of(listing, one)]
    page = Page(items=[one for one in items if isinstance(one, EventView)])
    name = "nextSyncToken" if found.is_all else "nextPageToken"
    after = sync.close(call, structs.replace(token, progress=found.progress))
    return await _envelope(call, calendar, page, {name: after}, items=items)


async def _read_changes(call: Call, listing: Listing, token: sync.Changes) -> ChangePage:
    is_expanded, window = listing.window is not None, token.window
    asked = ListingQuestion(
        visible=listing.visible, shows_deleted=listing.shows_deleted, is_expanded=is_expanded, window=window,
        until=horizon(window, call.request.now) if is_expanded else 0,
    )  # fmt: skip
    found = await call.door(
        changed_events, call.who, token.progress, asked=asked, window=window, top=listing.query.top
    )
    if found is None:
        raise sync.full_sync("what changed since then is not known any more")
    return found


async def _read_page(call: Call, listing: Listing) -> Page[EventView]:
    await keep_up(call.door, call.who, listing.query.where, EVENT_TERMS)
    page = await _page(call, _series(call, listing) if listing.window is None else _events(call, listing))
    views = [view for view in page.items if is_asked(listing, view)]
    return structs.replace(page, items=views)


async def instances(call: Call) -> Reply:
    """events.instances."""
    listing, ref = of_instances(call.options, now=call.request.now), call.event()
    calendar = await readable_calendar(call)
    original = call.options.text("originalStart")
    if original is not None:
        master = await call.door(commands.get_event, call.who, ref, visible=EVERYTHING, tracking=True)
        return await _envelope(call, calendar, Page(items=await _instances_at(call, master, original, listing)), {})
    page = await _page(call, _instances(call, listing, ref))
    return await _envelope(call, calendar, page, {} if page.after is None else {"nextPageToken": page.after})


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
        return [one for one in cancelled_instances(master) if identifiers.view_id(one).endswith(f"_{original}")]
    return [] if found is None else [found]


def _original(call: Call, text: str) -> str:
    try:
        if "T" in text.upper():
            return to_datetime(read_instant(text)).strftime("%Y%m%dT%H%M%SZ")
        return identifiers.original(AllDay(read_date(text)))
    except (ValueError, OverflowError) as wrong:
        raise call.options.wrong("originalStart", str(wrong)) from None


async def _envelope(
    call: Call,
    calendar: CalendarView,
    page: Page[EventView],
    after: dict[str, str],
    *,
    items: Sequence[EventView | RemovedEvent] | None = None,
) -> Reply:
    """Return a list: of the page, or of `items`, which hold what is gone as well."""
    ctx, views = call.context(calendar), page.items

    def write(one: EventView | RemovedEvent) -> dict[str, Any]:
        return to_wire(EVENT, one, ctx) if isinstance(one, EventView) else cancelled_event(one, ctx)

    etag = list_etag([calendar_etag(calendar), *(event_etag(view) for view in views)])
    updated = max((view.meeting.modified for view in views), default=call.request.now)
    body: dict[str, Any] = {
        "kind": "calendar#events",
        "etag": etag,
        "summary": summary(calendar, ctx),
        "updated": write_instant(updated),
        **({"description": calendar.properties.description} if calendar.properties.description else {}),
        "timeZone": calendar.zone,
        "accessRole": access_role(calendar, ctx),
        "defaultReminders": default_reminders(calendar),
        "items": await in_turn(views if items is None else items, write),
        **after,
    }
    return Reply(body=body, etag=etag, hints=_cut_hints(page))


def _cut_hints(page: Page[EventView]) -> tuple[Hint, ...]:
    if page.cut_at is None:
        return ()
    return (Hint(HintCode.ENDLESS_SERIES_CUT, to_datetime(page.cut_at).date().isoformat()),)
