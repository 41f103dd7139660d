"""What waits to leave this server, for its administrator."""

from __future__ import annotations

from msgspec import Struct

from rsvpd.commands.door import reads
from rsvpd.commands.mime import read_attachments
from rsvpd.errors import ItemNotFound
from rsvpd.mail.mime import AttachmentBytes
from rsvpd.store import outbox as rows
from rsvpd.store.outbox import OutboxRow
from rsvpd.store.tx import Tx

MOST_AT_ONCE = 100


@reads
def list_messages(tx: Tx, *, after: int = 0) -> list[OutboxRow]:
    """Return messages in the order they came, at most `MOST_AT_ONCE`, from the one after number `after` on."""
    return rows.after(tx, after, MOST_AT_ONCE)


class WaitingMessage(Struct, frozen=True):
    """A message that waits to leave, with what is attached to it."""

    row: OutboxRow
    enclosed: tuple[AttachmentBytes, ...]


@reads
def waiting_message(tx: Tx, number: int) -> WaitingMessage:
    """Return a message by its number. Raises ItemNotFound."""
    row = rows.by_number(tx, number)
    if row is None:
        raise ItemNotFound(f"there is no message {number} in the outbox")
    return WaitingMessage(row, read_attachments(tx, row.post.letter))
