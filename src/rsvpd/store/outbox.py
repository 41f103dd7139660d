"""What is to leave this server: rows written in the commit that caused them, sent by a worker."""

from __future__ import annotations

import msgspec

from rsvpd.scheduling.effects import Post
from rsvpd.store.tx import Tx

_encode = msgspec.msgpack.Encoder().encode

_POST = (
    "INSERT INTO outbox (key, due_us, mailbox, data) VALUES (:key, :due, :mailbox, :data) ON CONFLICT (key) DO NOTHING"
)
_WAITING = "SELECT count(*) FROM outbox"


def post(tx: Tx, effect: Post) -> None:
    """Queue a message for an address outside; the same message again is not queued twice."""
    tx.run(_POST, key=effect.key, due=effect.letter.sent, mailbox=effect.mailbox, data=_encode(effect))


def waiting(tx: Tx) -> int:
    """Return how many messages wait to leave."""
    row = tx.row(_WAITING)
    return int(row[0]) if row else 0
