"""Opaque item ids, as they travel on the wire.

An id names a kind, a mailbox and an item of it; an occurrence also names the day it
stands on and which of that day's occurrences it is, so that its id stays when the
series moves to another hour. The letters are url-safe base64 (`A-Za-z0-9-_`) with one
`=` at the end, as the ids of the Outlook services are. Ids are case-sensitive.

Rule: `decode(encode(x)) == x`, and any other text raises InvalidId.
"""

from __future__ import annotations

import base64
import binascii
import enum
import hashlib
import struct
from datetime import date
from functools import lru_cache

from msgspec import Struct

from rsvpd.errors import InvalidId

ANYWHERE = 0xFF

_LAYOUT = struct.Struct(">3sBIIIB")  # mark, kind, mailbox, item, day, slot
_MARK = b"\x00\x03\x24"
_CHECK = 6
_REMEMBERED = 256


class Kind(enum.IntEnum):
    """What an id stands for."""

    PERSON = 1
    CALENDAR = 2
    EVENT = 3
    OCCURRENCE = 4
    FOLDER = 5
    MESSAGE = 6
    CONVERSATION = 7
    PERMISSION = 8
    ATTACHMENT = 9
    RULE = 20
    OVERRIDE = 21
    CALENDAR_GROUP = 30
    SHARED_CALENDAR = 31  # not a default one: its mailbox is that of its owner


class ItemId(Struct, frozen=True):
    """A decoded id. `day` and `slot` count only for an occurrence.

    For a message `slot` is its count of moves modulo ANYWHERE; ANYWHERE itself holds in every folder.
    """

    kind: Kind
    mailbox: int
    item: int
    day: date | None = None
    slot: int = 0


# The id of an item stands several times in what is shown of it.
@lru_cache(maxsize=_REMEMBERED)
def encode(target: ItemId) -> str:
    """Return the 32 letters that name `target`."""
    day = target.day.toordinal() if target.day else 0
    head = _LAYOUT.pack(_MARK, target.kind, target.mailbox, target.item, day, target.slot & 0xFF)
    return base64.urlsafe_b64encode(head + _check(head)).decode()


def decode(text: str) -> ItemId:
    """Return what `text` names. Raises InvalidId for anything `encode` did not make."""
    try:
        raw = base64.b64decode(text, altchars=b"-_", validate=True)
        head, check = raw[: _LAYOUT.size], raw[_LAYOUT.size :]
        mark, kind, mailbox, item, day, slot = _LAYOUT.unpack(head)
        if mark != _MARK or check != _check(head):
            raise InvalidId("Id is malformed.")
        return ItemId(Kind(kind), mailbox, item, date.fromordinal(day) if day else None, slot)
    except (ValueError, struct.error, binascii.Error, OverflowError):
        raise InvalidId("Id is malformed.") from None


class AttachmentId(Struct, frozen=True):
    """A decoded id of an attachment: what it is attached to (an event or a message), and its number there."""

    kind: Kind
    mailbox: int
    item: int
    number: int


def encode_attachment(target: AttachmentId) -> str:
    """Return the letters that name an attachment, as many as `encode` returns."""
    kind = Kind.ATTACHMENT
    head = _LAYOUT.pack(_MARK, kind, target.mailbox, target.item, target.number, target.kind)
    return base64.urlsafe_b64encode(head + _check(head)).decode()


def decode_attachment(text: str) -> AttachmentId:
    """Return which attachment `text` names. Raises InvalidId for anything `encode_attachment` did not make."""
    try:
        raw = base64.b64decode(text, altchars=b"-_", validate=True)
        head, check = raw[: _LAYOUT.size], raw[_LAYOUT.size :]
        mark, kind, mailbox, item, number, parent = _LAYOUT.unpack(head)
        if mark != _MARK or kind != Kind.ATTACHMENT or check != _check(head):
            raise InvalidId("Id is malformed.")
        return AttachmentId(Kind(parent), mailbox, item, number)
    except (ValueError, struct.error, binascii.Error):
        raise InvalidId("Id is malformed.") from None


def _check(head: bytes) -> bytes:
    return hashlib.blake2s(head, digest_size=_CHECK, person=b"rsvpd-id").digest()


_CHANGE = struct.Struct(">HIQ")  # version, mailbox, change number


@lru_cache(maxsize=_REMEMBERED)
def change_key(mailbox: int, change: int) -> str:
    """Return the text that names one state of an item; it differs after every change of the item."""
    return base64.urlsafe_b64encode(_CHANGE.pack(0x0B00, mailbox, change)).decode()


def change_number(key: str) -> int | None:
    """Return the change number in a change key, or None where it is not one."""
    try:
        version, _, change = _CHANGE.unpack(base64.b64decode(key, altchars=b"-_", validate=True))
    except (ValueError, struct.error, binascii.Error):
        return None
    return int(change) if version == 0x0B00 else None
