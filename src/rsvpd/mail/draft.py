"""What a client wants a message to be. Absent is UNSET."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType

from rsvpd.mail.address import Mailbox
from rsvpd.mail.content import Body, Importance
from rsvpd.mail.message import Flag, Inference


class MessageDraft(Struct, frozen=True, kw_only=True):
    """The members a client sent. `ignored` names those that have no effect, as they stood on the wire."""

    subject: str | UnsetType | None = UNSET
    body: Body | UnsetType | None = UNSET
    to: tuple[Mailbox, ...] | UnsetType = UNSET
    cc: tuple[Mailbox, ...] | UnsetType = UNSET
    bcc: tuple[Mailbox, ...] | UnsetType = UNSET
    reply_to: tuple[Mailbox, ...] | UnsetType = UNSET
    from_: Mailbox | UnsetType = UNSET
    importance: Importance | UnsetType | None = UNSET
    categories: tuple[str, ...] | UnsetType | None = UNSET
    is_read: bool | UnsetType | None = UNSET
    flag: Flag | UnsetType | None = UNSET
    inference: Inference | UnsetType | None = UNSET
    ignored: tuple[str, ...] = ()


class FolderDraft(Struct, frozen=True, kw_only=True):
    """The members of a folder that a client sent. `ignored` names those that have no effect."""

    name: str | UnsetType | None = UNSET
    is_hidden: bool | UnsetType | None = UNSET
    ignored: tuple[str, ...] = ()
