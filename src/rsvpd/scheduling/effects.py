"""What a decision comes to: the only things the store will do for it.

Decisions are pure functions from values to a tuple of these; `store/tx.py` carries them out
in one commit. What is for a mailbox of this server is put and filed; what leaves it is posted.
"""

from __future__ import annotations

import enum

from msgspec import Struct

from rsvpd.calendar.copy import Copy, Response
from rsvpd.calendar.event import Meeting, MeetingKey, State
from rsvpd.calendar.revision import Revision
from rsvpd.clock import Instant
from rsvpd.mail.attachment import Content
from rsvpd.mail.content import Importance
from rsvpd.mail.extended import CustomProperty
from rsvpd.mail.message import Flag, Inference, Letter, Message
from rsvpd.scheduling.itip import Reply


class Method(enum.Enum):
    """iTIP methods (RFC 5546 1.4) that leave this server."""

    REQUEST = "REQUEST"
    REPLY = "REPLY"
    CANCEL = "CANCEL"
    COUNTER = "COUNTER"


class PutCopy(Struct, frozen=True, kw_only=True):
    """Write `copy` into `mailbox`: over item `item`, or as a new one where that is None.

    `calendar` is the number of the one where it stands from then on; None for where it is, or the default one.
    """

    mailbox: int
    copy: Copy
    item: int | None = None
    state: State = State.LIVE
    calendar: int | None = None


class Invite(Struct, frozen=True, kw_only=True):
    """Write the same new copy into several mailboxes, and into each inbox the letter about it.

    A guest is a mailbox and the address that was invited, the one thing in which copies differ. `stored` is the number
    of the letter where it is known already. Those `apart` get no letter by this.
    """

    guests: tuple[tuple[int, str], ...]
    copy: Copy
    letter: Letter
    stored: int | None = None
    apart: frozenset[int] = frozenset()


class TrackAnswer(Struct, frozen=True, kw_only=True):
    """Keep beside the organizer's copy `item` what a guest answered; the copy itself is not written."""

    mailbox: int
    item: int
    recurrence_id: str | None
    address: str
    response: Response
    now: Instant


class FileLetter(Struct, frozen=True, kw_only=True):
    """Put a copy of `letter` into a folder of `mailbox`; it is about that mailbox's copy of the meeting `about`.

    `item` is the number of that meeting, and `stored` that of the letter, where they are known already.
    Where the message is for a delegate, the meeting is that of the mailbox `principal`. `extended` hangs on the copy.
    """

    mailbox: int
    folder: int
    letter: Letter
    about: MeetingKey | None = None
    item: int | None = None
    stored: int | None = None
    principal: int = 0
    is_read: bool = False
    is_draft: bool = False
    flag: Flag = Flag()
    inference: Inference = Inference.FOCUSED
    importance: Importance | None = None
    categories: tuple[str, ...] = ()
    extended: tuple[CustomProperty, ...] = ()


class RewriteDraft(Struct, frozen=True, kw_only=True):
    """Let the message `item` of `mailbox`, a draft `before`, be `after`: with another letter, a draft or sent."""

    mailbox: int
    item: int
    before: Message
    after: Message


class DiscardRequests(Struct, frozen=True, kw_only=True):
    """Move the requests for the meeting `item` in the inbox of `mailbox` to Deleted Items."""

    mailbox: int
    item: int


class NoteAnswered(Struct, frozen=True, kw_only=True):
    """Keep that `mailbox` has answered a sender (a case-folded address) automatically."""

    mailbox: int
    sender: str
    now: Instant


class KeepContent(Struct, frozen=True):
    """Store what is attached to something, unless it is there; what is written after it refers to it."""

    content: Content


class KeepDelivery(Struct, frozen=True, kw_only=True):
    """Keep what remains of a delivery for the meeting `uid` of the organizer's `mailbox`.

    Its first `done` guests have been served.

    `data` is the delivery as `commands/deliver.py` writes it, `letters` those it delivers, `revision` what it tells.
    """

    mailbox: int
    uid: str
    revision: Revision
    data: bytes
    letters: tuple[Letter, Letter]
    done: int


class Post(Struct, frozen=True, kw_only=True):
    """Send `letter` to an address outside, once (`key` makes a repeat harmless).

    A meeting message has a method and the meeting as its recipient is to see it, an answer (REPLY, COUNTER)
    also the `reply`; plain mail has none of them. `in_reply_to` is the id of the message it follows;
    `is_automatic` says that nobody wrote it (RFC 3834).
    `scheduling/outside.py` makes these.
    """

    mailbox: int
    recipient: str
    letter: Letter
    method: Method | None = None
    meeting: Meeting | None = None
    recurrence_id: str | None = None
    reply: Reply | None = None
    in_reply_to: str = ""
    is_automatic: bool = False

    @property
    def key(self) -> str:
        """Return what names this very message to this very recipient."""
        return f"{self.letter.internet_message_id} {self.recipient}"


Effect = (
    PutCopy | Invite | TrackAnswer | FileLetter | RewriteDraft | DiscardRequests | NoteAnswered | KeepContent
    | KeepDelivery | Post
)
