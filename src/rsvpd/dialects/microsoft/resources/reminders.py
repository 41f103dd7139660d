"""Reminders: the view of those to come, dismissing and snoozing."""

from __future__ import annotations

from typing import Any

from rsvpd.calendar.event import Timed
from rsvpd.commands import reminders as commands
from rsvpd.commands.references import EventRef
from rsvpd.commands.reminders import Reminder
from rsvpd.dialects.microsoft.exchange import body, control_info, hints, listing, replies
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.resources.calendars import check_calendar
from rsvpd.dialects.microsoft.resources.events import event_ref
from rsvpd.dialects.microsoft.vocabulary.times import as_timed
from rsvpd.dialects.odata import url
from rsvpd.dialects.turns import in_turn
from rsvpd.dialects.wire import Response
from rsvpd.errors import InvalidProperty, MissingProperty
from rsvpd.query.algebra import InWindow, Query
from rsvpd.timezones.zone import to_instant, to_wall

MOST = 1000
# Members of a reminder and those of the event that they show.
_SHOWN = (
    ("eventId", "id"),
    ("eventStartTime", "start"),
    ("eventEndTime", "end"),
    ("changeKey", "changeKey"),
    ("eventSubject", "subject"),
    ("eventLocation", "location"),
    ("eventWebLink", "webLink"),
)


async def view(call: Call) -> Response:
    """Answer the reminders of what happens in a window, in the order in which they fire, so many at a time."""
    window = InWindow(_edge(call, "StartDateTime"), _edge(call, "EndDateTime"))
    options = call.options
    asked = Query(
        top=MOST if options.top is None else min(options.top, MOST),
        skip=options.skip or 0,
        after=options.skiptoken,
        count=options.count,
    )
    page = await call.door(commands.list_reminders, call.who, asked, window=window)
    type_name = f"{call.profile.namespace}.{call.profile.style.type('reminder')}"
    context = control_info.context_of(call, f"Collection({type_name})")
    values = await in_turn(page.items, lambda one: _to_wire(call, one))
    return replies.collection(call, values, page, context=context)


async def dismiss(call: Call) -> Response:
    """Let a reminder be over."""
    ref = await _target(call)
    done = await call.door(commands.dismiss_reminder, call.who, ref)
    return replies.ok(call, done.hints, event=_path(call))


async def snooze(call: Call) -> Response:
    """Let a reminder fire again later."""
    value = body.parameter(call.body, "newReminderTime")
    if value is None:
        raise MissingProperty("The parameter 'NewReminderTime' is required.", target="NewReminderTime")
    start = call.profile.event.find("start")
    assert start is not None
    try:
        until = to_instant(as_timed(start.codec.read(value, call.ctx)))
    except (ValueError, TypeError, OverflowError) as wrong:
        raise InvalidProperty(f"NewReminderTime: {wrong}", target="NewReminderTime") from None
    ref = await _target(call)
    done = await call.door(commands.snooze_reminder, call.who, ref, until)
    return replies.ok(call, done.hints, event=_path(call))


async def _target(call: Call) -> EventRef:
    await check_calendar(call)
    return event_ref(call)


def _path(call: Call) -> str:
    return hints.event_path(call.profile, call.request.path)


def _to_wire(call: Call, one: Reminder) -> dict[str, Any]:
    """Return a reminder; its times are written as those of events in this profile."""
    table, member = call.profile.event, call.profile.member
    event = table.write(one.view, call.ctx, frozenset(member(name) for _, name in _SHOWN))
    start = table.find("start")
    assert start is not None
    fires = start.codec.write(Timed(to_wall(one.fires, "UTC"), "UTC"), call.ctx)
    members = {member(name): event.get(member(source)) for name, source in _SHOWN}
    return {**members, member("reminderFireTime"): fires}


def _edge(call: Call, name: str) -> int:
    """Return one end of the window: an argument of the function, or a query option."""
    arguments = url.parse(call.request.path)[-1].arguments
    text = arguments.get(name.lower()) or call.options.others.get(name.lower(), "")
    return listing.instant(text, name, missing=f"The parameter '{name}' is required.")
