"""Calendars: the default one of a mailbox, reached by several paths, and those that others share."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from rsvpd import ids
from rsvpd.calendar.view import CalendarView
from rsvpd.commands import calendars as commands
from rsvpd.dialects.microsoft.exchange import access, control_info
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.exchange.collections import Collection, nowhere, short, show
from rsvpd.dialects.microsoft.tables.queries import CALENDAR_FIELDS
from rsvpd.dialects.wire import Response


async def get_calendar(call: Call) -> Response:
    """Answer the default calendar, or the one whose id stands in the path."""
    view = await check_calendar(call)
    if view is None:
        view = await call.door(commands.get_calendar, call.who)
    return await show(call, CALENDARS, view)


async def check_calendar(call: Call) -> CalendarView | None:
    """Return the calendar whose id stands in the path, if one does. Raises CalendarNotFound or InvalidId.

    What is done in a calendar that somebody else shares is done in the mailbox of its owner.
    """
    name = call.keys.get("calendar")
    if name is None or call.calendar is not None:
        return call.calendar
    view = await call.door(commands.get_calendar, call.who, ids.decode(name))
    call.calendar = view
    if view.lister is not None:
        access.go_on(call, view.owner, lister=view.lister)
    call.who = structs.replace(call.who, calendar=view.number)
    return view


def calendar_to_wire(call: Call, view: CalendarView, select: frozenset[str] | None) -> dict[str, Any]:
    """Return a calendar as it stands on the wire."""
    return {**control_info.of_calendar(call, view), **call.profile.calendar.write(view, call.ctx, select)}


async def _all(call: Call, _: None) -> list[CalendarView]:
    return await call.door(commands.list_calendars, call.who)


CALENDARS: Collection[CalendarView, None] = Collection(
    place=nowhere,
    find=short(_all, CALENDAR_FIELDS),
    shapes=lambda profile: (profile.calendar,),
    lookup=lambda profile: profile.lookups.calendar,
    write=lambda call, select: lambda view: calendar_to_wire(call, view, select),
)
