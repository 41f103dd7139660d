"""The outbox as the administrator of the server sees it: what waits, and each message as it will be sent."""

from __future__ import annotations

from base64 import b64encode

from msgspec import Struct

from rsvpd.clock import to_datetime
from rsvpd.commands.outbox import WaitingMessage
from rsvpd.delivery import imip, words
from rsvpd.store.outbox import OutboxRow


class QueuedMessage(Struct, frozen=True, kw_only=True):
    """A message that waits. Plain mail has no method and is about no meeting."""

    number: int
    queued: str
    sender: str
    recipient: str
    subject: str
    message_id: str
    method: str | None = None
    uid: str | None = None
    recurrence_id: str | None = None
    sequence: int | None = None


class OutgoingMessage(Struct, frozen=True, kw_only=True):
    """A message with what it says; `content` is what will be sent, in base64 (it need not be UTF-8)."""

    about: QueuedMessage
    text: str
    calendar: str | None
    content: str


def summary(row: OutboxRow) -> QueuedMessage:
    """Return a row of the outbox as it is listed."""
    post = row.post
    return QueuedMessage(
        number=row.number,
        queued=to_datetime(row.due).isoformat(timespec="seconds").replace("+00:00", "Z"),
        sender=post.letter.from_.address,
        recipient=post.recipient,
        subject=post.letter.subject,
        message_id=post.letter.internet_message_id,
        method=post.method.value if post.method else None,
        uid=post.meeting.uid if post.meeting else None,
        recurrence_id=post.recurrence_id,
        sequence=post.meeting.sequence if post.meeting else None,
    )


def outgoing_message(waiting: WaitingMessage) -> OutgoingMessage:
    """Return a row of the outbox with its message."""
    row = waiting.row
    document = imip.calendar(row.post)
    return OutgoingMessage(
        about=summary(row),
        text=words.text_body(row.post),
        calendar=document.decode() if document is not None else None,
        content=b64encode(imip.message(row.post, waiting.enclosed)).decode(),
    )
