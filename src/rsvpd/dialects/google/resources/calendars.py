"""Calendars and the calendar list: a primary calendar has its owner's address, every other one an address of its own.

Rule 1: what a calendar is, its owner writes (calendars); how it stands in the own list, everybody there (calendarList).
Rule 2: colors are written by the number of one of the palette, or with `colorRgbFormat` as they are seen, which counts
        more from then on.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, UnsetType, structs

from rsvpd.calendar.calendars import EntryDraft, PropertiesDraft
from rsvpd.calendar.permission import CalendarRole
from rsvpd.calendar.view import CalendarView
from rsvpd.calendar.working_hours import Period
from rsvpd.commands import calendars as commands
from rsvpd.commands.ownership import transfer_calendar
from rsvpd.dialects.google.exchange import body as bodies
from rsvpd.dialects.google.exchange import short, sync
from rsvpd.dialects.google.exchange.call import Call, Reply, owner_named
from rsvpd.dialects.google.tables.calendar import CALENDAR, CALENDAR_LIST_ENTRY, is_primary
from rsvpd.dialects.google.tables.resources import to_wire
from rsvpd.dialects.google.vocabulary.etags import calendar_etag, entry_etag, is_named, list_etag
from rsvpd.dialects.shape import Access
from rsvpd.errors import CalendarNotFound, ChangeKeyMismatch, MissingProperty, NotAllowed
from rsvpd.hints import Hint, ignored_property_hints

_LEAST = {
    "freeBusyReader": CalendarRole.FREE_BUSY,
    "reader": CalendarRole.READ,
    "writerWithoutPrivateAccess": CalendarRole.WRITE,
    "writer": CalendarRole.WRITE,
    "owner": CalendarRole.OWNER,
}
# These and a sync token exclude each other (reference: calendarList.list).
_LIMITS = ("minAccessRole", "showOwnOrganizationOnly")
_RGB = ("backgroundColor", "foregroundColor")
_WRITABLE = tuple(prop.name for prop in CALENDAR_LIST_ENTRY.props if prop.access is Access.WRITE)


# --- the list


async def list_entries(call: Call) -> Reply:
    """calendarList.list: the primary calendar, then the others of the own mailbox, then those that others share.

    Only what can be written of an entry is a change that is told to who synchronizes.
    """
    options = call.options
    sync.check(options, *_LIMITS, shown=("showDeleted", "showHidden"))
    word = options.word("minAccessRole", tuple(_LEAST))
    shows_deleted = options.flag("showDeleted")
    shows_hidden = options.flag("showHidden") or sync.has_token(options)
    found = [
        one
        for one in await call.door(commands.list_entries, call.who)
        if one.role >= _LEAST[word or "freeBusyReader"]
        and (one.entry.is_listed or shows_deleted)
        and (shows_hidden or not one.entry.is_hidden)
    ]
    etag = list_etag(map(entry_etag, found))
    is_limited = any(options.texts(name) for name in _LIMITS)
    asked = sync.question(call, 0, "calendarList", word if is_limited else "")
    entries = [short.Entry(body["id"], repr(one.entry), body) for one in found for body in (_entry(call, one),)]
    listed = short.list_of(call, asked, entries, gone=_removed_entry, gives_token=not is_limited)
    return Reply(body={"kind": "calendar#calendarList", "etag": etag, **listed}, etag=etag)


async def get_entry(call: Call) -> Reply:
    """calendarList.get."""
    return _entry_reply(call, await _get_listed_calendar(call))


async def insert_entry(call: Call) -> Reply:
    """calendarList.insert: a calendar that is open to the person comes to the own list, or back to it."""
    body = bodies.read(call.request)
    name = body.get("id")
    if not isinstance(name, str) or not name:
        raise MissingProperty("Required", target="id")
    there = structs.replace(call, who=call.who_in_calendar(name))
    await there.door(commands.get_calendar, there.who)
    done = await there.door(commands.change_entry, there.who, _draft(there, body), is_listed=True)
    return _entry_reply(there, done.value, _without_effect(there, body, done.value))


async def change_entry(call: Call) -> Reply:
    """calendarList.patch and calendarList.update; the latter sets what it does not name to its default."""
    body = bodies.read(call.request)
    view = await _get_listed_calendar(call)
    _check_match(call, entry_etag(view))
    full = body if call.request.method == "PATCH" else {**dict.fromkeys(_members(call)), **body}
    done = await call.door(commands.change_entry, call.who, _draft(call, full))
    return _entry_reply(call, done.value, _without_effect(call, body, done.value))


async def delete_entry(call: Call) -> Reply:
    """calendarList.delete: the calendar stays, and so does the right to open it."""
    view = await _get_listed_calendar(call)
    if is_primary(view):
        raise NotAllowed("The primary calendar cannot be removed from the list.")
    await call.door(commands.change_entry, call.who, EntryDraft(), is_listed=False)
    return Reply()


# --- calendars


async def get_calendar(call: Call) -> Reply:
    """calendars.get."""
    return _reply(call, await call.door(commands.get_calendar_with_hours, call.who))


async def insert_calendar(call: Call) -> Reply:
    """calendars.insert: a second calendar of the person's own."""
    body = bodies.read(call.request)
    if not body.get("summary"):
        raise MissingProperty("Required", target="summary")
    properties, periods = _properties(call, body)
    if periods is not UNSET:
        raise NotAllowed("Working hours are those of a primary calendar.", target="workingHours")
    done = await call.door(commands.create_calendar, call.who, properties, maker=call.application)
    return _reply(call, done.value, _ignored_members(call, body, done.value))


async def change_calendar(call: Call) -> Reply:
    """calendars.patch and calendars.update; the latter clears texts that it does not name."""
    body = bodies.read(call.request)
    view = await call.door(commands.get_calendar, call.who)
    _check_match(call, calendar_etag(view))
    full = body
    if call.request.method == "PUT":
        if not body.get("summary"):
            raise MissingProperty("Required", target="summary")
        full = {"description": None, "location": None, **body}
    properties, periods = _properties(call, full)
    done = await call.door(commands.update_calendar, call.who, properties, periods=periods)
    return _reply(call, done.value, _ignored_members(call, body, done.value))


async def delete_calendar(call: Call) -> Reply:
    """calendars.delete: with the calendar go its events; of meetings their guests are told as `events.delete` tells."""
    await call.door(commands.delete_calendar, call.who, notify=call.notify(), decline=True)
    return Reply()


async def clear_calendar(call: Call) -> Reply:
    """calendars.clear: all events of a primary calendar are deleted."""
    await call.door(commands.clear_calendar, call.who, notify=call.notify(), decline=True)
    return Reply()


async def transfer_ownership(call: Call) -> Reply:
    """calendars.transferOwnership: an administrator of the directory gives a second calendar to another user."""
    options = call.options
    address = options.text("newDataOwner")
    if not address:
        raise MissingProperty("Required", target="newDataOwner")
    if options.text("useAdminAccess") is None:
        raise MissingProperty("Required", target="useAdminAccess")
    if not options.flag("useAdminAccess"):
        raise options.wrong("useAdminAccess", "only true is possible")
    await call.door(transfer_calendar, call.who, owner_named(call.names["calendarId"]), address)
    return Reply()


# --- parts


async def _get_listed_calendar(call: Call) -> CalendarView:
    """Return the calendar that the path names. Raises CalendarNotFound where it was taken off the own list."""
    view = await call.door(commands.get_calendar, call.who)
    if not view.entry.is_listed:
        raise CalendarNotFound("Not Found")
    return view


def _members(call: Call) -> tuple[str, ...]:
    """Return the members of an entry that this call writes: colors in one form or the other."""
    unread = ("colorId",) if call.options.flag("colorRgbFormat") else _RGB
    return tuple(name for name in _WRITABLE if name not in unread)


def _draft(call: Call, body: dict[str, Any]) -> EntryDraft:
    read = {name: value for name, value in body.items() if name in _members(call)}
    fields, _ = CALENDAR_LIST_ENTRY.read(read, call.plain_context())
    if "background" in fields or "foreground" in fields:
        fields["color_id"] = ""
    elif "color_id" in fields:
        fields |= {"background": "", "foreground": ""}
    return EntryDraft(**fields)


def _properties(call: Call, body: dict[str, Any]) -> tuple[PropertiesDraft, tuple[Period, ...] | UnsetType]:
    """Return what is written of a calendar, and the working hours where these are to change."""
    fields, _ = CALENDAR.read(body, call.plain_context())
    if body.get("timeZone") is None:
        fields.pop("zone", None)
    periods = fields.pop("periods", None)
    return PropertiesDraft(**fields), UNSET if periods is None else periods


def _without_effect(call: Call, body: dict[str, Any], view: CalendarView) -> tuple[Hint, ...]:
    shown, written = _entry(call, view), (*_members(call), "id", "kind", "etag")
    return ignored_property_hints(
        name for name, value in body.items() if name not in written and value != shown.get(name)
    )


def _ignored_members(call: Call, body: dict[str, Any], view: CalendarView) -> tuple[Hint, ...]:
    shown = to_wire(CALENDAR, view, call.context(view))
    writable = {prop.name for prop in CALENDAR.props if prop.access is Access.WRITE}
    known = writable | {"kind", "etag"}
    return ignored_property_hints(
        name for name, value in body.items() if name not in known and value != shown.get(name)
    )


def _check_match(call: Call, etag: str) -> None:
    header = call.request.headers.get("if-match")
    if header is not None and not is_named(etag, header):
        raise ChangeKeyMismatch("Precondition Failed")


def _entry(call: Call, view: CalendarView) -> dict[str, Any]:
    return to_wire(CALENDAR_LIST_ENTRY, view, call.context(view))


def _removed_entry(name: str) -> dict[str, Any]:
    return {"kind": "calendar#calendarListEntry", "etag": list_etag([name]), "id": name, "deleted": True}


def _entry_reply(call: Call, view: CalendarView, hints: tuple[Hint, ...] = ()) -> Reply:
    body = _entry(call, view)
    return Reply(body=body, etag=body["etag"], hints=hints)


def _reply(call: Call, view: CalendarView, hints: tuple[Hint, ...] = ()) -> Reply:
    body = to_wire(CALENDAR, view, call.context(view))
    return Reply(body=body, etag=body["etag"], hints=hints)
