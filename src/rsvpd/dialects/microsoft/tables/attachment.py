"""The tables of attachments: files, items and references, with what they have in common."""

from __future__ import annotations

import binascii
from base64 import b64encode
from typing import Any

from rsvpd.dialects.microsoft.tables.item import ID
from rsvpd.dialects.microsoft.vocabulary.codecs import FLAG, NUMBER, TEXT, WHOLE, Ctx
from rsvpd.dialects.shape import Access, Codec, Prop, Shape
from rsvpd.errors import AttachmentTooLarge
from rsvpd.mail.attachment import Content, content_of

# What is sent at a time (learn.microsoft.com/graph/api/message-post-attachments).
MOST_SENT_BYTES = 3 * 2**20
_LONGEST_NAME = 1_000
_FROM_URL_SAFE = str.maketrans("-_", "+/", " \t\r\n")


def attachment_table(name: str = "attachment", *more: Prop[Ctx], base: str = "entity") -> Shape[Ctx]:
    """Return the table of what all attachments have, or of one kind with `more`."""
    return Shape(name, (ID, *_COMMON, *more), base=base)


def file_attachment_table() -> Shape[Ctx]:
    """Return the table of files."""
    return attachment_table("fileAttachment", *_OF_FILES, base="attachment")


def item_attachment_table() -> Shape[Ctx]:
    """Return the table of items; the item itself is a way from it."""
    return attachment_table("itemAttachment", base="attachment")


def reference_attachment_table() -> Shape[Ctx]:
    """Return the table of references."""
    return attachment_table("referenceAttachment", base="attachment")


def _read_name(value: Any, _: Ctx) -> str:
    if value is not None and not isinstance(value, str):
        raise ValueError("a string is expected.")
    if value and len(value) > _LONGEST_NAME:
        raise ValueError("the text is too long.")
    return value or ""


def _read_bytes(value: Any, _: Ctx) -> Content:
    """Return bytes that stand as base64, in whatever alphabet. Raises AttachmentTooLarge before they are made."""
    if not isinstance(value, str):
        raise ValueError("base64 is expected.")
    if len(value) // 4 * 3 > MOST_SENT_BYTES + 4:
        raise AttachmentTooLarge
    try:
        return content_of(binascii.a2b_base64(value.translate(_FROM_URL_SAFE), strict_mode=bool(value)))
    except ValueError:
        raise ValueError("base64 is expected.") from None


def _write_bytes(content: bytes | None, _: Ctx) -> str | None:
    return None if content is None else b64encode(content).decode()


NAME: Codec[Ctx] = Codec("Edm.String", TEXT.write, _read_name)
NAME_OR_NULL: Codec[Ctx] = Codec("Edm.String", lambda text, _: text or None, _read_name)
BYTES: Codec[Ctx] = Codec("Edm.Binary", _write_bytes, _read_bytes)
CREATE = Access.CREATE

_COMMON: tuple[Prop[Ctx], ...] = (
    Prop(name="lastModifiedDateTime", source="attachment.modified", codec=WHOLE, query="modified"),
    Prop(name="name", source="attachment.name", codec=NAME, access=CREATE, query="name"),
    Prop(
        name="contentType", source="attachment.content_type", codec=NAME_OR_NULL, access=CREATE, query="content_type"
    ),
    Prop(name="size", source="attachment.size", codec=NUMBER, query="size"),
    Prop(name="isInline", source="attachment.is_inline", codec=FLAG, access=CREATE, query="is_inline"),
)
_OF_FILES: tuple[Prop[Ctx], ...] = (
    Prop(name="contentId", source="attachment.content_id", codec=NAME_OR_NULL, access=CREATE),
    Prop(name="contentLocation", source="attachment.content_location", codec=NAME_OR_NULL, access=CREATE),
    Prop(name="contentBytes", source="content", codec=BYTES, access=CREATE),
)
