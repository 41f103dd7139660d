"""Meetings as values.

`Event` is what stands in a calendar at one time: a single meeting, the master of a series
or one occurrence that differs. `Meeting` is one mailbox's copy of the whole: every person
has an own copy, joined by its key, and the organizer's copy holds the tracking (RFC 5546 1.2,
and what Exchange means by organizer copy and attendee copy). What belongs to everybody and
what is private to a copy is said by `SHARED` and `PRIVATE` below.

A UID alone names no meeting, for anybody can send one: `MeetingKey` says whose it is as well.

Time is `Timed` (wall time in a named zone) or `AllDay` (a floating date); never a naive
datetime plus a flag. Zones are IANA names. Ends are exclusive.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from msgspec import Struct, field

from rsvpd.calendar.conference import Conference
from rsvpd.calendar.declining import AutoDecline
from rsvpd.calendar.rule import Recurrence
from rsvpd.clock import Instant
from rsvpd.mail.address import Mailbox, fold
from rsvpd.mail.attachment import Attachments
from rsvpd.mail.content import Body, Importance


class Timed(Struct, frozen=True, gc=False, tag="t", omit_defaults=True):
    """A wall-clock time (no tzinfo) in a zone of the IANA database, `UTC` included.

    `fold` is 1 for the second time clocks show it, in the hour that comes twice when they go back, and
    nowhere else (PEP 495). Whoever has an instant makes a `Timed` of it by `timezones.zone.at_instant`.
    """

    wall: datetime
    zone: str = "UTC"
    fold: int = 0


class AllDay(Struct, frozen=True, gc=False, tag="d"):
    """A date wherever one is."""

    day: date


When = Timed | AllDay


class Answer(enum.Enum):
    """What an attendee said (RFC 5545 3.2.12, PARTSTAT)."""

    __hash__ = object.__hash__  # each member is one object; that of enum hashes its name in Python

    NONE = "none"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"


class CommentReaders(enum.Enum):
    """Whom the words of an answer are for: what is said in a response message is for the organizer (Graph:
    event-decline), what Google keeps in `attendees[].comment` for everybody who sees the guest list."""

    __hash__ = object.__hash__  # each member is one object; that of enum hashes its name in Python

    ORGANIZER = "organizer"
    GUESTS = "guests"


class Role(enum.Enum):
    """How an attendee takes part."""

    __hash__ = object.__hash__  # each member is one object; that of enum hashes its name in Python

    REQUIRED = "required"
    OPTIONAL = "optional"
    RESOURCE = "resource"


class ShowAs(enum.Enum):
    """How the time is shown to others."""

    UNKNOWN = "unknown"
    FREE = "free"
    TENTATIVE = "tentative"
    BUSY = "busy"
    OOF = "oof"
    ELSEWHERE = "workingElsewhere"


class Sensitivity(enum.Enum):
    """Who may see the details."""

    NORMAL = "normal"
    PERSONAL = "personal"
    PRIVATE = "private"
    CONFIDENTIAL = "confidential"


class Status(enum.Enum):
    """The state of the meeting itself (RFC 5545 3.8.1.11)."""

    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"
    CANCELLED = "cancelled"


class EventKind(enum.Enum):
    """What an event is within its series."""

    SINGLE = "single"
    OCCURRENCE = "occurrence"
    EXCEPTION = "exception"
    MASTER = "master"


class State(enum.IntEnum):
    """Where a copy stands in its mailbox; the number is stored. A declined copy left the calendar view
    of the Outlook services for Deleted Items, while Google keeps showing it as declined."""

    LIVE = 0
    DECLINED = 1
    DELETED = 2


class Coordinates(Struct, frozen=True, omit_defaults=True):
    """Degrees and metres."""

    latitude: float | None = None
    longitude: float | None = None
    altitude: float | None = None
    accuracy: float | None = None
    altitude_accuracy: float | None = None


class PostalAddress(Struct, frozen=True, omit_defaults=True):
    """Where a location stands."""

    street: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    postal_code: str | None = None


class Location(Struct, frozen=True, gc=False, omit_defaults=True):
    """A place. `mailbox` is the address of a room."""

    name: str = ""
    mailbox: str | None = None
    uri: str | None = None
    kind: str = "default"
    unique_id: str | None = None
    postal: PostalAddress | None = None
    coordinates: Coordinates | None = None


class Attendee(Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """Somebody invited, and on the organizer's copy what is known of the answer.

    `answered` is the instant of the answer, `answered_through` the interface that it was given by; `reply_sequence` and
    `reply_dtstamp` order answers (RFC 5546 2.1.5). `reset_sequence` is the SEQUENCE at which the meeting moved and
    the answer was asked for anew (0: never): answers to older revisions do not count.
    `proposal` is the new time this attendee asks for.
    """

    address: str
    name: str = ""
    role: Role = Role.REQUIRED
    answer: Answer = Answer.NONE
    answered: Instant = 0
    answered_through: str = ""
    comment: str = ""
    comment_readers: CommentReaders = CommentReaders.ORGANIZER
    guests: int = 0
    reply_sequence: int = 0
    reply_dtstamp: Instant = 0
    reset_sequence: int = 0
    proposal: tuple[When, When] | None = None


class Event(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What stands in a calendar at one time.

    `answer`, `answered` (and through which interface), `comment` (and for whom it is) and `guests` are the owner's own
    answer on an attendee copy.
    `organizer_knows` says whether that answer is in the tracking (stored under the name it had when it was first
    written); `reply_dtstamp` is the stamp of the last one given (RFC 5546 2.1.5), whatever became of it.
    `intended_show_as` is what the organizer wants the time shown as once accepted.
    `reminder_snoozed` is when a snoozed reminder fires; what fires until `reminder_dismissed` is over.
    `auto_decline` is None of every event but those that may decline invitations.
    `residue` keeps, by dialect, what only that dialect can say of the copy, `shared_residue` what it says of the event.
    """

    start: When
    end: When
    subject: str = ""
    body: Body = Body()
    locations: tuple[Location, ...] = ()
    attendees: tuple[Attendee, ...] = ()
    importance: Importance = Importance.NORMAL
    status: Status = Status.CONFIRMED
    response_requested: bool = True
    allow_proposals: bool = True
    hide_attendees: bool = False
    guests_can_modify: bool = False
    guests_can_invite: bool = True
    attachments: Attachments = ()
    conference: Conference | None = None
    shared_residue: dict[str, dict[str, Any]] = {}
    intended_show_as: ShowAs = ShowAs.BUSY

    show_as: ShowAs = ShowAs.BUSY
    sensitivity: Sensitivity = Sensitivity.NORMAL
    categories: tuple[str, ...] = ()
    reminder_on: bool = True
    reminder_minutes: int = 15
    reminder_snoozed: Instant = 0
    reminder_dismissed: Instant = 0
    answer: Answer = Answer.NONE
    answered: Instant = 0
    answered_through: str = ""
    comment: str = ""
    comment_readers: CommentReaders = CommentReaders.ORGANIZER
    guests: int = 0
    organizer_knows: bool = field(default=False, name="told")
    reply_dtstamp: Instant = 0
    auto_decline: AutoDecline | None = None
    residue: dict[str, dict[str, Any]] = {}


# What the organizer owns and every copy shows; the rest of an Event is private to its copy.
SHARED = (
    "start",
    "end",
    "subject",
    "body",
    "locations",
    "attendees",
    "importance",
    "status",
    "response_requested",
    "allow_proposals",
    "hide_attendees",
    "guests_can_modify",
    "guests_can_invite",
    "attachments",
    "conference",
    "shared_residue",
    "intended_show_as",
)
PRIVATE = (
    "show_as",
    "sensitivity",
    "categories",
    "reminder_on",
    "reminder_minutes",
    "reminder_snoozed",
    "reminder_dismissed",
    "answer",
    "answered",
    "answered_through",
    "comment",
    "comment_readers",
    "guests",
    "organizer_knows",
    "reply_dtstamp",
    "auto_decline",
    "residue",
)


class MeetingKey(Struct, frozen=True):
    """What names a meeting in whatever calendar: its UID and the folded address of its organizer.

    Only the organizer can change what goes by a UID (RFC 5546 6.1.1): the same UID of somebody else is another
    meeting.
    """

    uid: str
    organizer: str


class Meeting(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One mailbox's copy of a meeting, or an appointment (a meeting with nobody invited).

    `exceptions` are whole events by recurrence id, `deleted` the recurrence ids that do not happen.
    A recurrence id is the original start as text: `20261208T090000` wall time in the zone of the
    master's start, `20261208` for all-day series (see `series.py`).
    `pattern_start` is where the pattern begins of a series that its owner moved in the own copy alone, None of any
    other: recurrence ids count from it, as they do in everybody's copy, and `event` says where the series stands.
    `sequence` and `dtstamp` are the organizer's revision this copy shows (RFC 5546 2.1.4, 2.1.5). `is_private_copy`: no
    other copy goes with it.
    """

    uid: str
    organizer: Mailbox
    is_organizer: bool
    is_private_copy: bool = False
    event: Event
    sequence: int = 0
    dtstamp: Instant = 0
    recurrence: Recurrence | None = None
    pattern_start: When | None = None
    exceptions: Mapping[str, Event] = {}
    deleted: tuple[str, ...] = ()
    transaction_id: str | None = None
    created: Instant = 0
    modified: Instant = 0
    creator: Mailbox | None = None

    @property
    def key(self) -> MeetingKey:
        """Return what names this meeting."""
        return MeetingKey(self.uid, fold(self.organizer.address))
