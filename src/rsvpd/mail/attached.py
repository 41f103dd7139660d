"""Items of a mailbox that are attached to others, as the bytes they are stored as."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from rsvpd.calendar.event import Meeting
from rsvpd.clock import Instant
from rsvpd.mail.message import Letter


class AttachedMessage(Struct, frozen=True, omit_defaults=True, tag="message", kw_only=True):
    """A message as it was when it was attached."""

    letter: Letter
    received: Instant
    created: Instant
    modified: Instant
    is_read: bool = True
    is_draft: bool = False


class AttachedEvent(Struct, frozen=True, omit_defaults=True, tag="event", kw_only=True):
    """An event as it was when it was attached."""

    meeting: Meeting


AttachedItem = AttachedMessage | AttachedEvent

_decode = msgspec.msgpack.Decoder(AttachedItem).decode

encode_item = msgspec.msgpack.Encoder().encode


def decode_item(data: bytes) -> AttachedItem:
    """Return the item that these bytes are."""
    item: AttachedItem = _decode(data)
    return item
