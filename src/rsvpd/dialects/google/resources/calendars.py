"""Calendars and the calendar list: each mailbox has one calendar, whose id is its address, and others are shared."""

from __future__ import annotations

from typing import Any

from rsvpd.calendar.permission import CalendarRole
from rsvpd.commands import calendar as commands
from rsvpd.dialects.google.exchange import short, sync
from rsvpd.dialects.google.exchange.call import Call, Reply
from rsvpd.dialects.google.tables.resources import CALENDAR, CALENDAR_LIST_ENTRY, to_wire
from rsvpd.dialects.google.vocabulary.context import Context
from rsvpd.dialects.google.vocabulary.etags import calendar_etag, list_etag
from rsvpd.dialects.shape import Shape

_LEAST = {
    "freeBusyReader": CalendarRole.FREE_BUSY,
    "reader": CalendarRole.READ,
    "writerWithoutPrivateAccess": CalendarRole.WRITE,
    "writer": CalendarRole.WRITE,
    "owner": CalendarRole.OWNER,
}
# These and a sync token exclude each other (reference: calendarList.list).
_LIMITS = ("minAccessRole", "showOwnOrganizationOnly")


async def list_entries(call: Call) -> Reply:
    """calendarList.list: the primary calendar, then those that others share.

    Of an entry nothing can change that is not read-only, and a change of that is not told to who synchronizes.
    """
    options = call.options
    sync.check(options, *_LIMITS, shown=("showDeleted", "showHidden"))
    word = options.word("minAccessRole", tuple(_LEAST))
    least = _LEAST[word or "freeBusyReader"]
    calendars = [one for one in await call.door(commands.list_calendars, call.who) if one.role >= least]
    bodies = [to_wire(CALENDAR_LIST_ENTRY, one, call.context(one.owner)) for one in calendars]
    etag = list_etag(calendar_etag(one) for one in calendars)
    is_limited = any(options.texts(name) for name in _LIMITS)
    asked = sync.question(call, 0, "calendarList", word if is_limited else "")
    entries = [short.Entry(one["id"], "", one) for one in bodies]
    found = short.list_of(call, asked, entries, gone=_unlisted, gives_token=not is_limited)
    return Reply(body={"kind": "calendar#calendarList", "etag": etag, **found}, etag=etag)


async def get_entry(call: Call) -> Reply:
    """calendarList.get."""
    return await _one(call, CALENDAR_LIST_ENTRY)


async def get_calendar(call: Call) -> Reply:
    """calendars.get."""
    return await _one(call, CALENDAR)


def _unlisted(name: str) -> dict[str, Any]:
    return {"kind": "calendar#calendarListEntry", "etag": list_etag([name]), "id": name, "deleted": True}


async def _one(call: Call, shape: Shape[Context]) -> Reply:
    calendar = await call.door(commands.get_calendar, call.who)
    body = to_wire(shape, calendar, call.context(calendar.owner))
    return Reply(body=body, etag=body["etag"])
