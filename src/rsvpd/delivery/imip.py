"""An outbox row as the message that will be sent (RFC 6047). Pure: the same row is the same bytes."""

from __future__ import annotations

from collections.abc import Sequence

from rsvpd.delivery import words
from rsvpd.ical import writer
from rsvpd.mail.address import is_same
from rsvpd.mail.content import BodyKind, as_html, as_text
from rsvpd.mail.message import Letter
from rsvpd.mail.mime import AttachmentBytes, Invite
from rsvpd.mail.mime import message as as_message
from rsvpd.scheduling.effects import Method, Post

_BY_ORGANIZER = (Method.REQUEST, Method.CANCEL)


def message(post: Post, enclosed: Sequence[AttachmentBytes] = ()) -> bytes:
    """Return the whole message, from the first header on, with what is `enclosed` of its attachments."""
    document = calendar(post)
    if document is None or post.method is None or post.meeting is None:
        return _plain_mail(post.letter, enclosed)
    reply_to = post.meeting.organizer if post.method in _BY_ORGANIZER else None
    return as_message(
        post.letter,
        plain=words.text_body(post),
        html=words.html_body(post),
        invite=Invite(post.method.value, document, reply_to),
        in_reply_to=post.in_reply_to,
        is_automatic=post.is_automatic,
        enclosed=enclosed,
    )


def calendar(post: Post) -> bytes | None:
    """Return the iCalendar document of a meeting message, None for plain mail."""
    meeting, letter = post.meeting, post.letter
    if meeting is None:
        return None
    sent_by = "" if is_same(letter.sender.address, letter.from_.address) else letter.sender.address
    match post.method:
        case Method.REQUEST:
            return writer.request(meeting, post.recurrence_id, sent_by=sent_by)
        case Method.CANCEL:
            comment = as_text(letter.body)
            return writer.cancel(meeting, post.recurrence_id, comment=comment, sent_by=sent_by)
        case Method.COUNTER if post.reply is not None:
            return writer.counter(meeting, post.reply, sent_by=sent_by)
        case Method.REPLY if post.reply is not None:
            return writer.reply(meeting, post.reply, sent_by=sent_by)
    return None


def _plain_mail(letter: Letter, enclosed: Sequence[AttachmentBytes]) -> bytes:
    html = as_html(letter.body) if letter.body.kind is BodyKind.HTML else ""
    return as_message(letter, plain=words.sender_text(letter), html=html, enclosed=enclosed)
