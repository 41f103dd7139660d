"""Calendars and the calendar list: each mailbox has one calendar, whose id is its address, and others are shared."""

from __future__ import annotations

from rsvpd.calendar.permission import CalendarRole
from rsvpd.calendar.view import CalendarView
from rsvpd.commands import calendar as commands
from rsvpd.dialects.google.exchange.call import Call, Reply
from rsvpd.dialects.google.exchange.listing import refuse_sync
from rsvpd.dialects.google.tables.resources import CALENDAR, CALENDAR_LIST_ENTRY, to_wire
from rsvpd.dialects.google.vocabulary.context import Context
from rsvpd.dialects.google.vocabulary.etags import calendar_etag, list_etag
from rsvpd.dialects.shape import Shape
from rsvpd.errors import ItemNotFound

_LEAST = {
    "freeBusyReader": CalendarRole.FREE_BUSY,
    "reader": CalendarRole.READ,
    "writerWithoutPrivateAccess": CalendarRole.WRITE,
    "writer": CalendarRole.WRITE,
    "owner": CalendarRole.OWNER,
}


async def list_entries(call: Call) -> Reply:
    """calendarList.list: the primary calendar, then those that others share."""
    refuse_sync(call.options)
    if call.options.text("pageToken") is not None:
        raise call.options.wrong("pageToken", "the list has one page")
    least = _LEAST[call.options.word("minAccessRole", tuple(_LEAST)) or "freeBusyReader"]
    calendars = [one for one in await call.door(commands.list_calendars, call.who) if one.role >= least]
    entries = [to_wire(CALENDAR_LIST_ENTRY, one, call.context(one.owner)) for one in calendars]
    etag = list_etag(calendar_etag(one) for one in calendars)
    return Reply(body={"kind": "calendar#calendarList", "etag": etag, "items": entries}, etag=etag)


async def get_entry(call: Call) -> Reply:
    """calendarList.get."""
    return await _one(call, CALENDAR_LIST_ENTRY)


async def get_calendar(call: Call) -> Reply:
    """calendars.get."""
    return await _one(call, CALENDAR)


async def list_settings(call: Call) -> Reply:
    """settings.list: what is known of the user is the time zone."""
    refuse_sync(call.options)
    calendar = await call.door(commands.get_calendar, call.who)
    setting = _time_zone(calendar)
    return Reply(
        body={"kind": "calendar#settings", "etag": setting["etag"], "items": [setting]}, etag=setting["etag"]
    )


async def get_setting(call: Call) -> Reply:
    """settings.get."""
    calendar = await call.door(commands.get_calendar, call.who)
    if call.names["setting"] != "timezone":
        raise ItemNotFound("Not Found")
    setting = _time_zone(calendar)
    return Reply(body=dict(setting), etag=setting["etag"])


async def _one(call: Call, shape: Shape[Context]) -> Reply:
    calendar = await call.door(commands.get_calendar, call.who)
    body = to_wire(shape, calendar, call.context(calendar.owner))
    return Reply(body=body, etag=body["etag"])


def _time_zone(calendar: CalendarView) -> dict[str, str]:
    zone = calendar.owner.zone
    etag = list_etag([zone])
    return {"kind": "calendar#setting", "etag": etag, "id": "timezone", "value": zone}
