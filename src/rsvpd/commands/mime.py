"""Messages as they stand in Internet mail (RFC 5322), and events as iCalendar. One function, one transaction."""

from __future__ import annotations

from rsvpd import ids
from rsvpd.commands.access import open_mailbox
from rsvpd.commands.attachments import Place, attachment_there
from rsvpd.commands.door import Who, reads
from rsvpd.commands.mail import find_message
from rsvpd.ical import writer
from rsvpd.ical.of_letter import calendar_of
from rsvpd.mail.attached import AttachedEvent, decode_item
from rsvpd.mail.attachment import Attachment, AttachmentKind
from rsvpd.mail.content import BodyKind, as_document, as_text
from rsvpd.mail.message import Letter
from rsvpd.mail.mime import AttachmentBytes, Invite
from rsvpd.mail.mime import message as as_message
from rsvpd.store import contents
from rsvpd.store.tx import Tx

CALENDAR, MESSAGE = "text/calendar; charset=utf-8", "message/rfc822"


@reads
def read_message_mime(tx: Tx, who: Who, message: ids.ItemId) -> bytes:
    """Return a message with all that is attached to it. Raises ItemNotFound."""
    owner = open_mailbox(tx, who)
    return mime_of(tx, find_message(tx, owner, message).message.letter)


@reads
def read_value(tx: Tx, who: Who, place: Place, attachment: ids.AttachmentId) -> tuple[bytes, str]:
    """Return what is attached by itself, and its media type. Raises ItemNotFound, MethodNotAllowed for a reference."""
    one = attachment_there(tx, who, place, attachment)
    if one.kind is AttachmentKind.FILE:
        return contents.read(tx, one.digest), one.content_type
    item = decode_item(contents.read(tx, one.digest))
    if isinstance(item, AttachedEvent):
        return writer.publish(item.meeting), CALENDAR
    return mime_of(tx, item.letter), MESSAGE


def mime_of(tx: Tx, letter: Letter) -> bytes:
    """Return a letter as a message; the calendar of a meeting message is one of the alternatives (RFC 6047 2.4)."""
    said = calendar_of(letter)
    invite = Invite(said[0].value, said[1], as_file=False) if said else None
    html = as_document(letter.body) if letter.body.kind is BodyKind.HTML else ""
    enclosed = read_attachments(tx, letter)
    return as_message(
        letter, plain=as_text(letter.body), html=html, invite=invite, enclosed=enclosed, with_bcc=True
    )


def read_attachments(tx: Tx, letter: Letter) -> tuple[AttachmentBytes, ...]:
    """Return what is attached to a letter as it stands in a message."""
    return tuple(_read_attachment(tx, one) for one in letter.attachments)


def _read_attachment(tx: Tx, one: Attachment) -> AttachmentBytes:
    if one.kind is AttachmentKind.REFERENCE:
        return AttachmentBytes(one)
    data = contents.read(tx, one.digest)
    if one.kind is AttachmentKind.FILE:
        return AttachmentBytes(one, data)
    item = decode_item(data)
    if isinstance(item, AttachedEvent):
        return AttachmentBytes(_as_file(one, CALENDAR), writer.publish(item.meeting))
    return AttachmentBytes(one, mime_of(tx, item.letter), is_message=True)


def _as_file(one: Attachment, content_type: str) -> Attachment:
    return Attachment(number=one.number, kind=AttachmentKind.FILE, name=one.name, content_type=content_type)
