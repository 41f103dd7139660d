"""Mail tips: what a sender is told of one recipient before a message is sent."""

from __future__ import annotations

from msgspec import Struct

from rsvpd.clock import Instant
from rsvpd.mail.address import Mailbox
from rsvpd.mail.language import Language


class ReplyTip(Struct, frozen=True, kw_only=True):
    """What somebody answers automatically now, with its time where that is bounded; nothing where nothing is."""

    message: str = ""
    language: Language | None = None
    start: Instant | None = None
    end: Instant | None = None


class Problem(Struct, frozen=True):
    """Why nothing can be told, in the codes of Exchange Web Services (ResponseCodeType)."""

    code: str
    message: str


class MailTips(Struct, frozen=True, kw_only=True):
    """What is told of the recipient with this address. None is what nobody here knows of somebody outside."""

    address: str
    problem: Problem | None = None
    is_internal: bool = False
    replies: ReplyTip | None = None
    suggestions: tuple[Mailbox, ...] = ()
