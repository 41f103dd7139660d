"""What reading and writing one resource depends on beside the resource itself."""

from __future__ import annotations

from msgspec import Struct

from rsvpd.calendar.view import EventView


class Context(Struct, frozen=True, kw_only=True):
    """The circumstances of one request.

    `origin` is scheme and host for links; `me` the address of the calendar and `calendar_zone` its zone;
    `zone` is the one times are shown in: what `timeZone` asked for, else the calendar's (None: each event's
    own). `max_attendees` is what `maxAttendees` asked for. `stored` is the event a
    body is applied to, None when one is created. `unread` names members that this call does not write
    (`conferenceData` without its version parameter, say).
    """

    me: str
    calendar_zone: str
    origin: str = ""
    zone: str | None = None
    max_attendees: int | None = None
    stored: EventView | None = None
    unread: frozenset[str] = frozenset()
