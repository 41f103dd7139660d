"""What organizer and attendees say to each other, as values (RFC 5546).

The same values travel inside this server and, as iMIP, outside of it; `receive.py` is the
one door through which they come in. What is said later has a later stamp, by `next_dtstamp`.
"""

from __future__ import annotations

from msgspec import Struct

from rsvpd.calendar.event import SHARED, Answer, CommentReaders
from rsvpd.calendar.revision import Revision
from rsvpd.clock import Instant
from rsvpd.mail.message import RequestKind, TimeSlot

# What a request says of an event beside its guests.
TRAVELS = (*(name for name in SHARED if name != "attendees"), "show_as", "sensitivity")
_SECOND = 1_000_000


def next_dtstamp(before: Instant, *, now: Instant) -> Instant:
    """Return the DTSTAMP of what is said at `now`, after something with the stamp `before`.

    It is a later one in whole seconds, which is what DTSTAMP has on the wire (RFC 5545 3.3.5), also within the
    same second and where the clock has stepped back: receivers order by it (RFC 5546 2.1.5).
    """
    return max(now, (before // _SECOND + 1) * _SECOND)


class InvitedDates(Struct, frozen=True, kw_only=True):
    """How much of a series a guest is invited to: `to` these dates alone (None: all of it), `without` those."""

    to: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()


class Request(Struct, frozen=True, kw_only=True):
    """The organizer's meeting as it is now, and how much of it its recipient is invited to.

    `recurrence_id` names the one occurrence it is about, if one.
    """

    revision: Revision
    invited: InvitedDates
    kind: RequestKind
    recurrence_id: str | None = None


class Cancel(Struct, frozen=True, kw_only=True):
    """The meeting, or one occurrence of it, does not happen, or not for this attendee any more."""

    uid: str
    sequence: int
    dtstamp: Instant
    recurrence_id: str | None = None


class Reply(Struct, frozen=True, kw_only=True):
    """An attendee's answer to the revision `sequence`, given at `dtstamp` through `interface`, where that is known."""

    uid: str
    attendee: str
    name: str
    answer: Answer
    sequence: int
    dtstamp: Instant
    comment: str = ""
    comment_readers: CommentReaders = CommentReaders.ORGANIZER
    guests: int = 0
    recurrence_id: str | None = None
    proposal: TimeSlot | None = None
    interface: str = ""
