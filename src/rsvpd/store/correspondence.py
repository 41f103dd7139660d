"""Who wrote to whom, in the data file: the newest letters of a mailbox without their words."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

import msgspec

from rsvpd.mail.relevance import Correspondence
from rsvpd.store import messages
from rsvpd.store.tx import Tx

_LETTERS = (
    "SELECT l.data FROM json_each(:items) AS one CROSS JOIN message AS m JOIN letter AS l ON l.number = m.letter"
    " WHERE m.mailbox = :mailbox AND m.item = one.value ORDER BY m.received_us DESC, m.item DESC"
)
# So many letters are in memory at once.
_TOGETHER = 25
_NEWEST_FIRST = "ORDER BY received_us DESC, item DESC LIMIT :most"
# What reading one costs, in steps: each, and for so many bytes of it that are passed over.
_READ, _BYTES_A_STEP = 5, 500

_decode = msgspec.msgpack.Decoder(Correspondence).decode


def newest(tx: Tx, mailbox: int, folders: Collection[int], *, most: int) -> Iterator[Correspondence]:
    """Yield who wrote to whom in the newest messages of some folders, at most so many; drafts are none."""
    keys = messages.keys(tx, mailbox, folders, "is_draft = 0", _NEWEST_FIRST, most=most)
    items = [key[0] for key in keys]
    for start in range(0, len(items), _TOGETHER):
        for (data,) in tx.rows(_LETTERS, mailbox=mailbox, items=json.dumps(items[start : start + _TOGETHER])):
            tx.work.spend(_READ + len(data) // _BYTES_A_STEP)
            yield _decode(data)
