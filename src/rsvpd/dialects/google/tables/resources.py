"""The property tables of Google Calendar v3: events, calendars, entries of the calendar list.

Names, order and types are those of the published discovery document (a test compares them).
What stands in `NOT_EMULATED` is published and neither read nor sent.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from rsvpd.calendar.series import pattern_start
from rsvpd.calendar.view import EventView
from rsvpd.dialects.google.tables import kinds, labels
from rsvpd.dialects.google.tables.attachments import ATTACHMENTS
from rsvpd.dialects.google.tables.attendee import ATTENDEES, OMITTED
from rsvpd.dialects.google.tables.conference import CONFERENCE, LINK
from rsvpd.dialects.google.tables.reminders import REMINDERS
from rsvpd.dialects.google.vocabulary import codecs as c
from rsvpd.dialects.google.vocabulary.context import Context
from rsvpd.dialects.google.vocabulary.etags import event_etag
from rsvpd.dialects.google.vocabulary.identifiers import meeting_id, view_id
from rsvpd.dialects.shape import Access, Codec, Prop, Shape
from rsvpd.ical.rrule import write_lines
from rsvpd.mail.address import Mailbox, is_same

EDITABLE, AT_FIRST = Access.WRITE, Access.CREATE
# Where members are kept that only Google has: in the copy, and in all copies of an event.
_OWN, _EVERYBODYS = "event.residue", "event.shared_residue"


def to_wire(shape: Shape[Context], view: Any, ctx: Context) -> dict[str, Any]:
    """Return `view` as a wire object; nothing in it is null."""
    return {name: value for name, value in shape.write(view, ctx).items() if value is not None}


def web_link(view: EventView, ctx: Context) -> str:
    """Return the address at which people look at the event."""
    name = f"{view_id(view)} {ctx.calendar_id or view.owner.address}".encode()
    return f"{ctx.origin}/calendar/event?eid={base64.urlsafe_b64encode(name).decode().rstrip('=')}"


def _creator(view: EventView, ctx: Context) -> dict[str, Any]:
    who = view.meeting.creator or view.meeting.organizer
    return _person(who, is_self=not ctx.is_second and is_same(who.address, view.owner.address))


def _organizer(view: EventView, ctx: Context) -> dict[str, Any]:
    """Return who organizes: to Google each calendar is an organizer of its own, whoever owns it."""
    who = view.meeting.organizer
    if ctx.is_second and view.meeting.is_organizer:
        return _person(Mailbox(ctx.calendar_id, ctx.calendar_name), is_self=True)
    return _person(who, is_self=is_same(who.address, view.owner.address))


def _person(who: Mailbox, *, is_self: bool) -> dict[str, Any]:
    named = {"email": who.address, **({"displayName": who.name} if who.name else {})}
    return {**named, **({"self": True} if is_self else {})}


def _series_id(view: EventView, ctx: Context) -> str | None:
    return None if view.recurrence_id is None else meeting_id(view)


def recurrence_lines(view: EventView, ctx: Context) -> list[str] | None:
    """Return what makes the event recur, or None for a single event and for an instance."""
    meeting = view.meeting
    if view.recurrence_id is not None or meeting.recurrence is None:
        return None
    return write_lines(meeting.recurrence, meeting.deleted, pattern_start(meeting))


def _residue_member(
    name: str, type_name: str, check: Callable[[Any], None], *, source: str = _OWN
) -> Prop[Context]:
    codec = c.residue_member(name, type_name, check)
    return Prop(name=name, source=source, codec=codec, access=EDITABLE, field=name)


def _properties(kind: str) -> Prop[Context]:
    name = kinds.PROPERTIES[kind]
    return Prop(name=name, source=_OWN, codec=kinds.properties(kind), access=EDITABLE, field=name)


EVENT: Shape[Context] = Shape(
    "Event",
    [
        Prop(name="kind", source="", codec=c.constant("calendar#event")),
        Prop(name="etag", source="", codec=c.read_only("string", lambda view, ctx: event_etag(view))),
        Prop(
            name="id", source="", access=AT_FIRST, field="id",
            codec=Codec("string", lambda view, ctx: view_id(view), c.read_text),
        ),
        Prop(name="status", source="", codec=c.STATUS, access=EDITABLE, field="status"),
        Prop(name="htmlLink", source="", codec=c.read_only("string", web_link)),
        Prop(name="created", source="meeting.created", codec=c.INSTANT),
        Prop(name="updated", source="meeting.modified", codec=c.INSTANT),
        Prop(name="summary", source="", codec=c.SUBJECT, access=EDITABLE, field="subject"),
        Prop(name="description", source="event.body", codec=c.BODY, access=EDITABLE),
        Prop(name="location", source="event.locations", codec=c.PLACES, access=EDITABLE),
        Prop(name="colorId", source=_OWN, codec=labels.COLOR_ID, access=EDITABLE, field="colorId"),
        Prop(name="eventLabelId", source=_OWN, codec=labels.LABEL, access=EDITABLE, field="eventLabelId"),
        Prop(name="creator", source="", codec=c.read_only("{creator}", _creator)),
        Prop(name="organizer", source="", codec=c.read_only("{organizer}", _organizer)),
        Prop(name="start", source="event.start", codec=c.when("start"), access=EDITABLE),
        Prop(name="end", source="event.end", codec=c.when("end"), access=EDITABLE),
        _residue_member("endTimeUnspecified", "boolean", c.is_flag, source=_EVERYBODYS),
        Prop(
            name="recurrence", source="", access=EDITABLE, field="recurrence",
            codec=c.recurrence(recurrence_lines),
        ),
        Prop(name="recurringEventId", source="", codec=c.read_only("string", _series_id)),
        Prop(name="originalStartTime", source="original_start", codec=c.ORIGINAL),
        Prop(name="transparency", source="event.show_as", codec=c.TRANSPARENCY, access=EDITABLE),
        Prop(name="visibility", source="", codec=c.VISIBILITY, access=EDITABLE, field="sensitivity"),
        Prop(name="iCalUID", source="meeting.uid", codec=c.STRING, access=AT_FIRST, field="uid"),
        Prop(name="sequence", source="meeting.sequence", codec=c.SEQUENCE, access=EDITABLE),
        Prop(name="attendees", source="", codec=ATTENDEES, access=EDITABLE, field="attendees"),
        Prop(name="attendeesOmitted", source="", codec=OMITTED, access=EDITABLE, field="attendees_omitted"),
        Prop(
            name="extendedProperties", source="event", codec=c.EXTENDED, access=EDITABLE, field="extendedProperties"
        ),
        Prop(name="hangoutLink", source="event.conference", codec=LINK),
        Prop(name="conferenceData", source="event.conference", codec=CONFERENCE, access=EDITABLE),
        _residue_member("gadget", "{gadget}", c.is_object, source=_EVERYBODYS),
        _residue_member("anyoneCanAddSelf", "boolean", c.is_flag, source=_EVERYBODYS),
        Prop(
            name="guestsCanInviteOthers", source="event.guests_can_invite",
            codec=c.flag_other_than(True), access=EDITABLE,
        ),
        Prop(
            name="guestsCanModify", source="event.guests_can_modify",
            codec=c.flag_other_than(False), access=EDITABLE,
        ),
        Prop(
            name="guestsCanSeeOtherGuests", source="event.hide_attendees", access=EDITABLE,
            codec=Codec(
                "boolean",
                lambda hidden, ctx: False if hidden else None,
                lambda value, ctx: c.read_flag(value, ctx) is False,
            ),
        ),
        Prop(
            name="privateCopy", source="meeting.is_private_copy", codec=c.PRIVATE_COPY, access=AT_FIRST,
        ),
        Prop(name="reminders", source="event", codec=REMINDERS, access=EDITABLE, field="reminders"),
        _residue_member("source", "{source}", c.is_source),
        _properties(kinds.PLACE),
        _properties(kinds.AWAY),
        _properties(kinds.FOCUS),
        Prop(name="attachments", source="", codec=ATTACHMENTS, access=EDITABLE, field="attached"),
        _properties(kinds.BIRTHDAY),
        Prop(name="eventType", source=_OWN, codec=kinds.KIND, access=AT_FIRST, field="eventType"),
    ],
)
# Members that are kept as they came: in the copy they were written to, and in all copies.
KEPT_HERE = frozenset(prop.name for prop in EVENT.props if prop.source == _OWN)
KEPT_EVERYWHERE = frozenset(prop.name for prop in EVENT.props if prop.source == _EVERYBODYS)
KEPT = KEPT_HERE | KEPT_EVERYWHERE
# What a full write (PUT, insert) means where it does not name these; other members are cleared.
DEFAULTS: dict[str, Any] = {
    "status": "confirmed",
    "transparency": "opaque",
    "visibility": "default",
    "reminders": {"useDefault": True},
    "guestsCanInviteOthers": True,
    "guestsCanModify": False,
    "guestsCanSeeOtherGuests": True,
}

NOT_EMULATED: dict[str, tuple[str, ...]] = {
    "Event": ("locked",),
    "EventAttendee": ("asyncOperation", "id"),
    "Calendar": (),
    "CalendarListEntry": (),
}
