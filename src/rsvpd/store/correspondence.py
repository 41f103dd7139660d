"""Who wrote to whom, in the data file: the newest letters of a mailbox without their words."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from rsvpd.mail.relevance import Correspondence
from rsvpd.store import messages
from rsvpd.store.tx import Tx

_LETTER = (
    "SELECT l.data FROM message m JOIN letter l ON l.number = m.letter WHERE m.mailbox = :mailbox AND m.item = :item"
)
_NEWEST_FIRST = "ORDER BY received_us DESC, item DESC LIMIT :most"
# What reading one costs, in steps: each, and for so many bytes of it that are passed over.
_READ, _BYTES_A_STEP = 5, 500

_decode = msgspec.msgpack.Decoder(Correspondence).decode


def newest(tx: Tx, mailbox: int, folders: Collection[int], *, most: int) -> Iterator[Correspondence]:
    """Yield who wrote to whom in the newest messages of some folders, at most so many; drafts are none."""
    keys = messages.keys(tx, mailbox, folders, "is_draft = 0", _NEWEST_FIRST, most=most)
    for item in [key[0] for key in keys]:
        row = tx.row(_LETTER, mailbox=mailbox, item=item)
        if row is not None:
            tx.work.spend(_READ + len(row[0]) // _BYTES_A_STEP)
            yield _decode(row[0])
