"""What is to leave this server: rows written in the commit that caused them, sent by a worker."""

from __future__ import annotations

import msgspec

from rsvpd.clock import Instant
from rsvpd.mail.attachment import content_digests
from rsvpd.scheduling.effects import Post
from rsvpd.store import contents
from rsvpd.store.contents import ContentHolder, HolderKind
from rsvpd.store.engine import Row
from rsvpd.store.tx import Tx

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Post).decode

_POST = (
    "INSERT INTO outbox (key, due_us, mailbox, data) VALUES (:key, :due, :mailbox, :data) ON CONFLICT (key) DO NOTHING"
)
_NUMBER = "SELECT number FROM outbox WHERE key = :key"
_WAITING = "SELECT count(*) FROM outbox"
_AFTER = "SELECT number, due_us, mailbox, data FROM outbox WHERE number > :after ORDER BY number LIMIT :limit"
_BY_NUMBER = "SELECT number, due_us, mailbox, data FROM outbox WHERE number = :number"


class OutboxRow(msgspec.Struct, frozen=True):
    """A message that waits to leave: its number, since when it is due, whose it is, what it says."""

    number: int
    due: Instant
    mailbox: int
    post: Post


def post(tx: Tx, effect: Post) -> None:
    """Queue a message for an address outside; the same message again is not queued twice."""
    tx.write(_POST, key=effect.key, due=effect.letter.sent, mailbox=effect.mailbox, data=_encode(effect))
    if effect.letter.attachments:
        row = tx.row(_NUMBER, key=effect.key)
        assert row is not None
        contents.hold(tx, ContentHolder(HolderKind.POST, int(row[0])), content_digests(effect.letter.attachments))


def count_messages(tx: Tx) -> int:
    """Return how many messages wait to leave."""
    row = tx.row(_WAITING)
    return int(row[0]) if row else 0


def after(tx: Tx, number: int, limit: int) -> list[OutboxRow]:
    """Return the first `limit` messages that came after the one of this number, in the order they came."""
    return [_decode_row(row) for row in tx.rows(_AFTER, after=number, limit=limit)]


def by_number(tx: Tx, number: int) -> OutboxRow | None:
    """Return a message by its number."""
    row = tx.row(_BY_NUMBER, number=number)
    return _decode_row(row) if row else None


def _decode_row(row: Row) -> OutboxRow:
    number, due, mailbox, data = row
    return OutboxRow(number, due, mailbox, _decode(data))
