"""Other ways of putting an event into a calendar: `events.import`, `events.quickAdd` and `events.move`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec import UNSET, structs

from rsvpd.calendar.draft import EventDraft
from rsvpd.calendar.event import AllDay, Status, Timed, When
from rsvpd.commands import calendar as commands
from rsvpd.commands.calendars import move_event
from rsvpd.commands.imports import import_event
from rsvpd.dialects.google.exchange import body as bodies
from rsvpd.dialects.google.exchange.call import Call, Reply, readable_calendar
from rsvpd.dialects.google.exchange.listing import PRESENT
from rsvpd.dialects.google.resources.events import reply
from rsvpd.dialects.google.tables import drafts
from rsvpd.dialects.google.tables.kinds import DEFAULT, PROPERTIES, kind_of
from rsvpd.dialects.google.vocabulary import identifiers, quick
from rsvpd.errors import InvalidProperty, MissingProperty
from rsvpd.mail.address import Mailbox, check_address
from rsvpd.timezones.zone import at_instant, to_instant, to_wall


async def import_one(call: Call) -> Reply:
    """events.import: a private copy of an event that is elsewhere. Nobody is told, no other calendar gets it."""
    body = bodies.read(call.request)
    if body.get("status") == Status.CANCELLED.value:
        raise InvalidProperty("status: a new event cannot be cancelled.", target="status")
    if not body.get("iCalUID"):
        raise MissingProperty("Missing iCalUID.", target="iCalUID")
    organizer = _organizer(body.get("organizer"))
    calendar = await readable_calendar(call)
    # Whatever kind of event it was, its copy is a usual one.
    left_out = {"organizer", "eventType", *PROPERTIES.values()}
    members = {name: value for name, value in body.items() if name not in left_out}
    draft = drafts.draft_of_insert(members, call.context(calendar))
    assert draft.uid is not UNSET
    # One date of a series has the UID of the whole, and is not to be written over it.
    renews = not (body.get("recurringEventId") or body.get("originalStartTime"))
    done = await call.door(
        import_event, call.who, draft, uid=draft.uid, organizer=organizer, renews=renews, tracking=True
    )
    return reply(call, calendar, done.value, done.hints)


async def quick_add(call: Call) -> Reply:
    """events.quickAdd."""
    text = call.options.text("text")
    if text is None:
        raise MissingProperty("Required parameter: text", target="text")
    calendar = await readable_calendar(call)
    zone = calendar.zone
    try:
        read = quick.read(text, to_wall(call.request.now, zone))
        start, end = _span(read, zone)
    except (ValueError, OverflowError) as wrong:
        raise call.options.wrong("text", str(wrong)) from None
    uid = identifiers.uid_of_new_id(call.mint())
    draft = EventDraft(uid=uid, subject=read.summary, start=start, end=end)
    done = await call.door(commands.create_event, call.who, draft, notify=call.notify(), tracking=True)
    return reply(call, calendar, done.value, done.hints)


async def move(call: Call) -> Reply:
    """events.move: into another calendar of the same person. Nobody is told: who organizes stays the same person."""
    name = call.options.text("destination")
    if not name:
        raise MissingProperty("Required parameter: destination", target="destination")
    there = structs.replace(call, who=call.who_in_calendar(name))
    await readable_calendar(call)
    target = await readable_calendar(there)
    moving = await call.door(commands.get_event, call.who, call.event(), visible=PRESENT)
    if kind_of(moving.event) != DEFAULT:
        raise InvalidProperty(f"eventType: an event of the type {kind_of(moving.event)} cannot be moved.")
    done = await call.door(move_event, call.who, call.event(), there.who, visible=PRESENT)
    return reply(there, target, done.value, done.hints)


def _organizer(value: Any) -> Mailbox | None:
    if value is None:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("email"), str):
        raise InvalidProperty("organizer must be an object with an email.", target="organizer")
    name = value.get("displayName")
    return Mailbox(check_address(value["email"], target="organizer"), name if isinstance(name, str) else "")


def _span(read: quick.Quick, zone: str) -> tuple[When, When]:
    if read.all_day:
        return AllDay(read.start.date()), AllDay(read.end.date())
    # A time that clocks skip or show twice is what it is as an instant.
    start = to_instant(Timed(read.start, zone))
    length = (read.end - read.start) // timedelta(microseconds=1)
    return at_instant(start, zone), at_instant(start + length, zone)
