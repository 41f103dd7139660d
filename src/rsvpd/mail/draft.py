"""What a client wants a message to be. Absent is UNSET."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Struct, UnsetType, structs

from rsvpd.clock import Instant
from rsvpd.mail.address import Mailbox
from rsvpd.mail.attachment import AttachmentKind, Content, Link
from rsvpd.mail.content import Body, Importance
from rsvpd.mail.extended import CustomProperty
from rsvpd.mail.message import Flag, Header, Inference, Letter, Receipts


class ItemDraft(Struct, frozen=True, kw_only=True):
    """What a client wants an item to be: a message, or an event (calendar/draft.py)."""


class StoredContent(Struct, frozen=True):
    """A content that is stored already: its digest, and how long it is."""

    digest: bytes
    size: int


class AttachmentDraft(Struct, frozen=True, kw_only=True):
    """An attachment as a client wrote one: a file has its `content`, unless that is stored already, an
    item itself, a reference its `link`."""

    kind: AttachmentKind
    name: str = ""
    content_type: str = ""
    is_inline: bool = False
    content_id: str = ""
    content_location: str = ""
    content: Content | None = None
    stored: StoredContent | None = None
    item: ItemDraft | None = None
    link: Link | None = None


class MessageDraft(ItemDraft, frozen=True, kw_only=True):
    """The members a client sent. `ignored` names those that have no effect, as they stood on the wire.

    `extended` is what a program wants to hang on the message.
    """

    subject: str | UnsetType | None = UNSET
    body: Body | UnsetType | None = UNSET
    to: tuple[Mailbox, ...] | UnsetType = UNSET
    cc: tuple[Mailbox, ...] | UnsetType = UNSET
    bcc: tuple[Mailbox, ...] | UnsetType = UNSET
    reply_to: tuple[Mailbox, ...] | UnsetType = UNSET
    from_: Mailbox | UnsetType = UNSET
    sender: Mailbox | UnsetType = UNSET
    importance: Importance | UnsetType | None = UNSET
    categories: tuple[str, ...] | UnsetType | None = UNSET
    is_read: bool | UnsetType | None = UNSET
    flag: Flag | UnsetType | None = UNSET
    inference: Inference | UnsetType | None = UNSET
    internet_message_id: str | UnsetType | None = UNSET
    headers: tuple[Header, ...] | UnsetType | None = UNSET
    read_receipt: bool | UnsetType | None = UNSET
    delivery_receipt: bool | UnsetType | None = UNSET
    references: tuple[str, ...] | UnsetType = UNSET
    sent: Instant | UnsetType = UNSET
    attachments: tuple[AttachmentDraft, ...] | UnsetType = UNSET
    extended: tuple[CustomProperty, ...] | UnsetType = UNSET
    ignored: tuple[str, ...] = ()


class SearchDraft(Struct, frozen=True, kw_only=True):
    """What a client wants a search folder to show, as in `mail.folder.Search`; `sources` are numbers of folders."""

    filter: str | UnsetType = UNSET
    condition: bytes | UnsetType = UNSET
    sources: tuple[int, ...] | UnsetType = UNSET
    is_deep: bool | UnsetType = UNSET


class FolderDraft(Struct, frozen=True, kw_only=True):
    """The members of a folder that a client sent. `ignored` names those that have no effect.

    `search` is what a search folder has besides.
    """

    name: str | UnsetType | None = UNSET
    is_hidden: bool | UnsetType | None = UNSET
    search: SearchDraft | None = None
    extended: tuple[CustomProperty, ...] | UnsetType = UNSET
    ignored: tuple[str, ...] = ()


# What a letter says, by its own names, and what each is where it is cleared.
_CLEARED: dict[str, Any] = {
    "subject": "", "body": Body(), "importance": Importance.NORMAL, "internet_message_id": "", "headers": (),
}  # fmt: skip
_AS_GIVEN = ("to", "cc", "bcc", "reply_to", "from_", "sender", "references", "sent")


def apply_message_draft(letter: Letter, draft: MessageDraft) -> Letter:
    """Return a letter with what `draft` says of it; what is attached is another matter."""
    changes = {name: value for name in _AS_GIVEN if (value := getattr(draft, name)) is not UNSET}
    for name, cleared in _CLEARED.items():
        value = getattr(draft, name)
        if value is not UNSET:
            changes[name] = cleared if value is None else value
    receipts = Receipts(
        read=letter.receipts.read if draft.read_receipt is UNSET else draft.read_receipt,
        delivery=letter.receipts.delivery if draft.delivery_receipt is UNSET else draft.delivery_receipt,
    )
    return structs.replace(letter, **changes, receipts=receipts)
