"""Which requests of the journal are about a meeting: by what names it in them, and in what they were answered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from msgspec import Struct

from rsvpd import ids
from rsvpd.commands.story import CopyStory
from rsvpd.dialects.google.vocabulary.identifiers import event_id
from rsvpd.errors import InvalidId
from rsvpd.ids import ItemId, Kind
from rsvpd.journal import Entry

_BETWEEN = re.compile(r"[^\w=-]++")
READS = ("GET", "HEAD")
_ID_LETTERS = 32
# How every id begins, and where in it kind, mailbox and item stand: what an occurrence adds comes behind them.
_MARK = ids.encode(ItemId(Kind.EVENT, 0, 0))[:4].encode()
_HEAD = slice(4, 16)
_KINDS = (Kind.EVENT, Kind.OCCURRENCE, Kind.MESSAGE)
# A UID from elsewhere may be as short as a word.
_LEAST_NAME = 8


class About(Struct, frozen=True):
    """What names one meeting: its UID, its id in Google's calendars, the ids of its copies and of their messages.

    `heads` is how these ids begin.
    """

    items: frozenset[tuple[int, int]]
    names: tuple[bytes, ...]
    heads: frozenset[bytes]

    @classmethod
    def of(cls, copies: Iterable[CopyStory]) -> About:
        """Return what names the meeting that has these copies."""
        items: set[tuple[int, int]] = set()
        uids: set[str] = set()
        for one in copies:
            items |= {(one.owner.number, one.row.item), *((one.owner.number, row.item) for row in one.letters)}
            uids.add(one.row.copy.revision.uid)
        return cls(
            items=frozenset(items),
            names=tuple(name.encode() for uid in uids for name in {uid, event_id(uid)} if len(name) >= _LEAST_NAME),
            heads=frozenset(ids.encode(ItemId(kind, *item)).encode()[_HEAD] for item in items for kind in _KINDS),
        )

    def part_of(self, entry: Entry) -> str:
        """Return which part a request has in the meeting: `request` is about it, `seen` showed it, empty is none."""
        target = unquote(entry.target)
        asked = target.encode() + (entry.request.body or b"")
        is_read = entry.method in READS
        if any(name in asked for name in self.names) or any(one in self.items for one in items_in(target)):
            return "seen" if is_read and entry.status < 300 else "request"
        return ("seen" if is_read else "request") if self._is_shown(entry.answer.body or b"") else ""

    def _is_shown(self, body: bytes) -> bool:
        """An id of a date or of a message is found by how it begins: looking costs what the body is long."""
        if any(name in body for name in self.names):
            return True
        return any(part[: _HEAD.stop - _HEAD.start] in self.heads for part in body.split(_MARK)[1:])


def items_in(target: str) -> Iterator[tuple[int, int]]:
    """Yield the mailbox and the item of each event, occurrence or message whose id stands in a path or a query."""
    for text in _BETWEEN.split(target):
        found = _item(text)
        if found:
            yield found


def _item(text: str) -> tuple[int, int] | None:
    if len(text) != _ID_LETTERS:
        return None
    try:
        found = ids.decode(text)
    except InvalidId:
        return None
    return (found.mailbox, found.item) if found.kind in _KINDS else None
