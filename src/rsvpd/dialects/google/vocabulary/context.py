"""What reading and writing one resource depends on beside the resource itself."""

from __future__ import annotations

from msgspec import Struct

from rsvpd.calendar.view import EventView

# How long before the start the reminder is that events of a primary calendar have by default.
USUAL_MINUTES = 15


class Context(Struct, frozen=True, kw_only=True):
    """The circumstances of one request.

    `origin` is scheme and host for links; `me` the address of the calendar's owner, `calendar_id` how the calendar is
    named and `calendar_name` what it is called; `calendar_zone` is its zone, and `default_minutes` are those of its
    default reminder before the start (None: it has none). `is_second`: it is not its owner's primary one.
    `zone` is the one times are shown in: what `timeZone` asked for, else the calendar's (None: each event's
    own). `max_attendees` is what `maxAttendees` asked for. `stored` is the event a body is applied to, None when one is
    created. `labels` are the ids of the labels that the calendar has, `conferences` the kinds of online meetings that
    it allows. `unread` names members that this call does not write (`conferenceData` without its version parameter,
    say).
    """

    me: str
    calendar_zone: str
    calendar_id: str = ""
    calendar_name: str = ""
    is_second: bool = False
    default_minutes: int | None = USUAL_MINUTES
    origin: str = ""
    zone: str | None = None
    max_attendees: int | None = None
    stored: EventView | None = None
    labels: frozenset[str] = frozenset()
    conferences: tuple[str, ...] = ("hangoutsMeet",)
    unread: frozenset[str] = frozenset()
