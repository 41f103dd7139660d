"""Calendars and the calendar list: each mailbox has one calendar, whose id is its address."""

from __future__ import annotations

from rsvpd.calendar.view import CalendarView
from rsvpd.commands import calendar as commands
from rsvpd.dialects.google.call import Call, Reply
from rsvpd.dialects.google.context import Context
from rsvpd.dialects.google.etags import calendar_etag, list_etag
from rsvpd.dialects.google.listing import refuse_sync
from rsvpd.dialects.google.tables import CALENDAR, CALENDAR_LIST_ENTRY, written
from rsvpd.dialects.shape import Shape
from rsvpd.errors import ItemNotFound


async def list_entries(call: Call) -> Reply:
    """calendarList.list: the primary calendar. The filters of the list all let the own calendar pass."""
    refuse_sync(call.options)
    if call.options.text("pageToken") is not None:
        raise call.options.wrong("pageToken", "the list has one page")
    calendar = await call.door(commands.get_calendar, call.who)
    entry = written(CALENDAR_LIST_ENTRY, calendar, call.context(calendar.owner))
    etag = list_etag([calendar_etag(calendar)])
    return Reply(body={"kind": "calendar#calendarList", "etag": etag, "items": [entry]}, etag=etag)


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
    body = written(shape, calendar, call.context(calendar.owner))
    return Reply(body=body, etag=body["etag"])


def _time_zone(calendar: CalendarView) -> dict[str, str]:
    zone = calendar.owner.zone
    etag = list_etag([zone])
    return {"kind": "calendar#setting", "etag": etag, "id": "timezone", "value": zone}
