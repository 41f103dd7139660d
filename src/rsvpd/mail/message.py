"""Messages: the letter everyone shares, and each mailbox's own copy of it.

A `Letter` never changes once sent and is stored once, whoever holds it. What a mailbox's
owner may change (folder, read, flag, categories) lives in the `Message` around it. The letter
of a draft is of that draft alone, and another one takes its place with each change.
"""

from __future__ import annotations

import enum

from msgspec import Struct

from rsvpd.calendar.event import Answer, EventKind, Location, Sensitivity, When
from rsvpd.calendar.rule import Recurrence
from rsvpd.clock import Instant
from rsvpd.mail.address import Mailbox
from rsvpd.mail.attachment import Attachment
from rsvpd.mail.content import Body, Importance


class MeetingKind(enum.IntEnum):
    """What a meeting message says; the number is stored with each message."""

    NONE = 0
    REQUEST = 1
    CANCELLED = 2
    ACCEPTED = 3
    TENTATIVE = 4
    DECLINED = 5


ANSWER_KINDS: dict[Answer, MeetingKind] = {
    Answer.ACCEPTED: MeetingKind.ACCEPTED,
    Answer.TENTATIVE: MeetingKind.TENTATIVE,
    Answer.DECLINED: MeetingKind.DECLINED,
}


class RequestKind(enum.Enum):
    """How a request relates to what was sent before (MS-OXOCAL, meetingRequestType)."""

    NEW = "new"
    FULL = "full"
    INFORMATIONAL = "informational"


class AutoSubmitted(enum.Enum):
    """Whether somebody wrote a letter (RFC 3834 5), in the words of the header."""

    NO = "no"
    GENERATED = "auto-generated"
    REPLIED = "auto-replied"


class TimeSlot(Struct, frozen=True):
    """A proposed start and end."""

    start: When
    end: When


class MeetingNote(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What a meeting message carries beside its text: the meeting as it was when the message was sent.

    `dtstamp` is the instant of the organizer's revision (RFC 5546 2.1.5) that a request speaks of;
    `previous_*` are set only where that very thing changed.
    """

    kind: MeetingKind
    uid: str
    recurrence_id: str | None = None
    sequence: int = 0
    dtstamp: Instant = 0
    start: When
    end: When
    location: Location = Location()
    event_kind: EventKind = EventKind.SINGLE
    recurrence: Recurrence | None = None
    request: RequestKind | None = None
    response_requested: bool = True
    allow_proposals: bool = True
    previous_start: When | None = None
    previous_end: When | None = None
    previous_location: Location | None = None
    proposed: TimeSlot | None = None


class Header(Struct, frozen=True, gc=False):
    """A header of a message that says nothing to this server: kept, and written again."""

    name: str
    value: str


class Receipts(Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """What the sender wants to be told of: that it was read (RFC 8098), that it was delivered; None: nothing said."""

    read: bool | None = None
    delivery: bool | None = None


class Letter(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The part of a message that is the same for its sender and all who received it.

    `sensitivity` is that of the meeting it is about (MS-OXCMSG, PidTagSensitivity). `references` are the ids of the
    messages that it follows, the one that it answers last (RFC 5322 3.6.4); `headers` are those of its author beside
    all that the other members say, `passed_on_by` the folded addresses of mailboxes whose rules passed it on.
    """

    subject: str = ""
    body: Body = Body()
    sender: Mailbox
    from_: Mailbox
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    bcc: tuple[Mailbox, ...] = ()
    reply_to: tuple[Mailbox, ...] = ()
    importance: Importance = Importance.NORMAL
    sent: Instant = 0
    internet_message_id: str = ""
    conversation: str = ""
    note: MeetingNote | None = None
    sensitivity: Sensitivity = Sensitivity.NORMAL
    references: tuple[str, ...] = ()
    auto_submitted: AutoSubmitted = AutoSubmitted.NO
    attachments: tuple[Attachment, ...] = ()
    headers: tuple[Header, ...] = ()
    receipts: Receipts = Receipts()
    passed_on_by: tuple[str, ...] = ()


class FlagStatus(enum.Enum):
    """Follow-up state."""

    NONE = "notFlagged"
    COMPLETE = "complete"
    FLAGGED = "flagged"


class Flag(Struct, frozen=True):
    """A mark to follow something up: when to start, until when it is due, when it was done."""

    status: FlagStatus = FlagStatus.NONE
    start: Instant | None = None
    due: Instant | None = None
    completed: Instant | None = None


def set_flag(stored: Flag, wanted: Flag, now: Instant) -> Flag:
    """Return the flag that somebody wants, at `now`: what is completed keeps the dates that are not told anew."""
    if wanted.status is not FlagStatus.COMPLETE:
        return wanted
    start, due = (wanted.start, wanted.due) if wanted.start is not None else (stored.start, stored.due)
    completed = wanted.completed if wanted.completed is not None else (stored.completed or now)
    return Flag(FlagStatus.COMPLETE, start, due, completed)


class Inference(enum.IntEnum):
    """On which side of a focused inbox a message is; the number is stored."""

    FOCUSED = 0
    OTHER = 1


class Message(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One mailbox's copy of a letter. `event` is the item number of the meeting it is about, or 0.

    `folder` is the number of a folder of the mailbox, `principal` the mailbox that meeting belongs to where it is not
    this one: the owner is a delegate there.
    """

    letter: Letter
    folder: int
    received: Instant
    created: Instant
    modified: Instant
    is_read: bool = False
    is_draft: bool = False
    categories: tuple[str, ...] = ()
    importance: Importance | None = None
    flag: Flag = Flag()
    inference: Inference = Inference.FOCUSED
    event: int = 0
    principal: int = 0
    moves: int = 0
