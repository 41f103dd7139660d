"""The attachments of an event: links to files that are stored elsewhere, which all who have the event share."""

from __future__ import annotations

from typing import Any

from rsvpd.calendar.view import EventView
from rsvpd.dialects.google.vocabulary.codecs import GOOGLE, is_objects
from rsvpd.dialects.google.vocabulary.context import Context
from rsvpd.dialects.shape import Codec
from rsvpd.mail.attachment import Attachment, AttachmentKind, Link
from rsvpd.mail.draft import AttachmentDraft

_MEMBERS = ("fileUrl", "title", "mimeType", "iconLink", "fileId")
_LONGEST = 8_192


def _write(view: EventView, _: Context) -> list[dict[str, Any]] | None:
    """Return the links; what earlier versions kept as it was sent is given back so, until it is written anew."""
    links = [_member(one) for one in view.event.attachments if one.kind is AttachmentKind.REFERENCE]
    kept: list[dict[str, Any]] | None = view.event.residue.get(GOOGLE, {}).get("attachments")
    return links or kept or None


def _member(one: Attachment) -> dict[str, str]:
    link = one.link or Link(url="")
    values = (link.url, one.name, one.content_type, link.icon, link.file_id)
    return {name: value for name, value in zip(_MEMBERS, values, strict=True) if value}


def _read(value: Any, _: Context) -> tuple[AttachmentDraft, ...]:
    if value is None:
        return ()
    is_objects(value)
    return tuple(map(_draft, value))


def _draft(one: dict[str, Any]) -> AttachmentDraft:
    for name in _MEMBERS:
        text = one.get(name)
        if text is not None and (not isinstance(text, str) or len(text) > _LONGEST):
            raise ValueError(f"{name} must be a string")
    url, title, media, icon, file_id = (one.get(name) or "" for name in _MEMBERS)
    if not url:
        raise ValueError("fileUrl is required")
    link = Link(url=url, icon=icon, file_id=file_id)
    return AttachmentDraft(kind=AttachmentKind.REFERENCE, name=title, content_type=media, link=link)


ATTACHMENTS: Codec[Context] = Codec("[EventAttachment]", _write, _read)
