"""The bytes of what is attached: each content once, by its digest, in pieces, and who refers to it.

A content goes with the last one who refers to it. Of several transactions that take hold of one and let it go, each
changes the count in its row, so that of two at a time one begins anew.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator

from msgspec import Struct

from rsvpd.mail.attachment import Content
from rsvpd.store.tx import Tx

_BY_DIGEST = "SELECT number, size FROM content WHERE digest = :digest"
_ADD = "INSERT INTO content (digest, size, holders) VALUES (:digest, :size, 0)"
_ADD_PIECE = "INSERT INTO content_piece (content, place, data) VALUES (:content, :place, :data)"
_PIECE = "SELECT data FROM content_piece WHERE content = :content AND place = :place"
_HOLD = (
    "INSERT INTO content_holder (kind, mailbox, holder, content) VALUES (:kind, :mailbox, :holder, :content)"
    " ON CONFLICT DO NOTHING"
)
_COUNT = "UPDATE content SET holders = holders + :more WHERE number = :number"
_HELD = "SELECT content FROM content_holder WHERE kind = :kind AND mailbox = :mailbox AND holder = :holder"
_LET_GO = (
    "DELETE FROM content_holder"
    " WHERE kind = :kind AND mailbox = :mailbox AND holder = :holder AND content = :content"
)
_DROP = "DELETE FROM content WHERE number = :number AND holders = 0"
_DROP_PIECES = "DELETE FROM content_piece WHERE content = :number"
_OF_MAILBOX = "SELECT DISTINCT holder FROM content_holder WHERE kind = :kind AND mailbox = :mailbox LIMIT :limit"
# What it costs to read so many bytes of a content, in steps.
_BYTES_A_STEP = 500


class HolderKind(enum.IntEnum):
    """Who refers to contents; the number is stored."""

    LETTER = 1
    REVISION = 2
    COPY = 3
    POST = 4
    UPLOAD = 5


class ContentHolder(Struct, frozen=True):
    """One who refers to contents; `mailbox` is that of a copy, whose number counts there alone."""

    kind: HolderKind
    number: int
    mailbox: int = 0


def put(tx: Tx, content: Content) -> None:
    """Store a content, unless it is there; somebody has to take hold of it in the same transaction."""
    if tx.row(_BY_DIGEST, digest=content.digest) is None:
        number = tx.insert(_ADD, digest=content.digest, size=content.size)
        for place, piece in enumerate(content.pieces):
            add_piece(tx, number, place, piece)


def add_piece(tx: Tx, number: int, place: int, piece: bytes) -> None:
    """Store a piece of a content."""
    tx.write(_ADD_PIECE, content=number, place=place, data=piece)


def hold(tx: Tx, holder: ContentHolder, digests: Iterable[bytes]) -> None:
    """Let somebody refer to contents that are there."""
    for digest in digests:
        row = tx.row(_BY_DIGEST, digest=digest)
        assert row is not None
        hold_number(tx, holder, int(row[0]))


def hold_number(tx: Tx, holder: ContentHolder, number: int) -> None:
    """Let somebody refer to a content by its number."""
    if tx.run(_HOLD, kind=int(holder.kind), mailbox=holder.mailbox, holder=holder.number, content=number):
        tx.write(_COUNT, number=number, more=1)


def hold_only(tx: Tx, holder: ContentHolder, digests: Iterable[bytes]) -> None:
    """Let somebody refer to these contents, and to no others any more."""
    before = _numbers_of_holder(tx, holder)
    hold(tx, holder, digests := tuple(digests))
    rows = (tx.row(_BY_DIGEST, digest=digest) for digest in digests)
    _let_go(tx, holder, before - {int(row[0]) for row in rows if row})


def let_go(tx: Tx, holder: ContentHolder) -> None:
    """Let somebody refer to nothing any more; what nobody else refers to goes."""
    _let_go(tx, holder, _numbers_of_holder(tx, holder))


def drop_of_mailbox(tx: Tx, mailbox: int, limit: int) -> bool:
    """Let some copies of a mailbox go; return whether there were any."""
    kind = HolderKind.COPY
    found = tx.rows(_OF_MAILBOX, kind=int(kind), mailbox=mailbox, limit=limit)
    for (number,) in found:
        let_go(tx, ContentHolder(kind, number, mailbox))
    return bool(found)


def read(tx: Tx, digest: bytes) -> bytes:
    """Return the bytes of a content that is there."""
    row = tx.row(_BY_DIGEST, digest=digest)
    assert row is not None
    number, size = row
    tx.work.spend(size // _BYTES_A_STEP)
    return b"".join(_pieces(tx, number))


def size_of(tx: Tx, digest: bytes) -> int | None:
    """Return how long a content is, None where there is none."""
    row = tx.row(_BY_DIGEST, digest=digest)
    return int(row[1]) if row else None


def _pieces(tx: Tx, number: int) -> Iterator[bytes]:
    place = 0
    while (row := tx.row(_PIECE, content=number, place=place)) is not None:
        yield bytes(row[0])
        place += 1


def _numbers_of_holder(tx: Tx, holder: ContentHolder) -> set[int]:
    rows = tx.rows(_HELD, kind=int(holder.kind), mailbox=holder.mailbox, holder=holder.number)
    return {int(number) for (number,) in rows}


def _let_go(tx: Tx, holder: ContentHolder, numbers: Iterable[int]) -> None:
    for number in sorted(numbers):
        tx.write(_LET_GO, kind=int(holder.kind), mailbox=holder.mailbox, holder=holder.number, content=number)
        tx.write(_COUNT, number=number, more=-1)
        if tx.run(_DROP, number=number):
            tx.write(_DROP_PIECES, number=number)
