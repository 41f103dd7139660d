"""Files that come in parts, in the data file. Of the secret in an upload's address the SHA-256 is stored."""

from __future__ import annotations

import msgspec
from msgspec import Struct, structs

from rsvpd.clock import Instant
from rsvpd.mail.attachment import PIECE
from rsvpd.mail.upload import Upload, cut, digest_at_end
from rsvpd.store import contents
from rsvpd.store.contents import ContentHolder, HolderKind
from rsvpd.store.tx import Tx

# Whoever begins one takes so many away that have expired.
SLICE = 20

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Upload).decode

_NEW_CONTENT = "INSERT INTO content (digest, size, holders) VALUES (NULL, 0, 0)"
_ADD = (
    "INSERT INTO upload (digest, mailbox, expires_us, content, received, data)"
    " VALUES (:digest, :mailbox, :expires, :content, 0, :data)"
)
_BY_DIGEST = (
    "SELECT number, mailbox, expires_us, content, received, data FROM upload WHERE digest = :digest"
)
_COUNT = "SELECT count(*) FROM upload WHERE mailbox = :mailbox"
_ADVANCE = (
    "UPDATE upload SET received = :received, expires_us = :expires, data = :data"
    " WHERE number = :number AND received = :before"
)
_PIECE = "SELECT data FROM content_piece WHERE content = :content AND place = :place"
_DROP_PIECE = "DELETE FROM content_piece WHERE content = :content AND place = :place"
_FINISH = "UPDATE content SET digest = :digest, size = :size WHERE number = :number"
_DROP = "DELETE FROM upload WHERE number = :number"
_EXPIRED = "SELECT number FROM upload WHERE expires_us <= :now ORDER BY expires_us LIMIT :limit"
_NEXT_EXPIRY = "SELECT min(expires_us) FROM upload WHERE expires_us > :now"
_EXPIRED_NOW = "SELECT number, mailbox, data FROM upload WHERE expires_us <= :now ORDER BY expires_us LIMIT :limit"
_OF_MAILBOX = "SELECT number FROM upload WHERE mailbox = :mailbox LIMIT :limit"


class UploadRow(Struct, frozen=True):
    """An upload under way: its number, whose mailbox it is for, until when it waits, how many bytes have come."""

    number: int
    mailbox: int
    expires: Instant
    content: int
    received: int
    upload: Upload

    @property
    def holder(self) -> ContentHolder:
        """Return who refers to what has come."""
        return ContentHolder(HolderKind.UPLOAD, self.number)


def start(tx: Tx, mailbox: int, digest: bytes, expires: Instant, upload: Upload) -> None:
    """Begin an upload; `digest` is that of its secret."""
    content = tx.insert(_NEW_CONTENT)
    number = tx.insert(
        _ADD, digest=digest, mailbox=mailbox, expires=expires, content=content, data=_encode(upload)
    )
    contents.hold_number(tx, ContentHolder(HolderKind.UPLOAD, number), content)


def by_digest(tx: Tx, digest: bytes) -> UploadRow | None:
    """Return an upload by the digest of its secret, expired or not."""
    row = tx.row(_BY_DIGEST, digest=digest)
    if row is None:
        return None
    number, mailbox, expires, content, received, data = row
    return UploadRow(number, mailbox, expires, content, received, _decode(data))


def count(tx: Tx, mailbox: int) -> int:
    """Return how many uploads are under way for a mailbox."""
    row = tx.row(_COUNT, mailbox=mailbox)
    return int(row[0]) if row else 0


def add(tx: Tx, row: UploadRow, data: bytes, expires: Instant) -> UploadRow:
    """Return an upload after what came next."""
    place = len(row.upload.pieces)
    pieces = cut(_tail(tx, row), data)
    if row.received % PIECE:
        tx.write(_DROP_PIECE, content=row.content, place=place)
    for offset, piece in enumerate(pieces):
        contents.add_piece(tx, row.content, place + offset, piece)
    upload = structs.replace(row.upload, pieces=row.upload.with_pieces(pieces))
    received = row.received + len(data)
    tx.write(
        _ADVANCE, number=row.number, before=row.received, received=received, expires=expires, data=_encode(upload)
    )
    return structs.replace(row, received=received, expires=expires, upload=upload)


def finish(tx: Tx, row: UploadRow) -> bytes:
    """Return the digest of what came, which is a content from now on; the upload still holds it."""
    digest = digest_at_end(row.upload, _tail(tx, row))
    if contents.size_of(tx, digest) is None:
        tx.write(_FINISH, number=row.content, digest=digest, size=row.upload.size)
    return digest


def drop(tx: Tx, row: UploadRow) -> None:
    """End an upload; what came goes unless something refers to it by now."""
    _drop(tx, row.number)


def next_expiry(tx: Tx, now: Instant) -> Instant | None:
    """Return when the next of them expires."""
    row = tx.row(_NEXT_EXPIRY, now=now)
    return row[0] if row else None


def end_expired(tx: Tx, now: Instant) -> list[tuple[int, Upload]]:
    """End some of the uploads that nobody goes on with, and return them with whose mailboxes they are for."""
    found = tx.rows(_EXPIRED_NOW, now=now, limit=SLICE)
    for number, _, _ in found:
        _drop(tx, number)
    return [(mailbox, _decode(data)) for _, mailbox, data in found]


def drop_expired(tx: Tx, now: Instant) -> None:
    """End some of the uploads that nobody goes on with."""
    for (number,) in tx.rows(_EXPIRED, now=now, limit=SLICE):
        _drop(tx, number)


def drop_of_mailbox(tx: Tx, mailbox: int, limit: int) -> bool:
    """End some uploads for a mailbox; return whether there were any."""
    found = tx.rows(_OF_MAILBOX, mailbox=mailbox, limit=limit)
    for (number,) in found:
        _drop(tx, number)
    return bool(found)


def _tail(tx: Tx, row: UploadRow) -> bytes:
    """Return what there is of the piece that is not whole."""
    if not row.received % PIECE:
        return b""
    found = tx.row(_PIECE, content=row.content, place=len(row.upload.pieces))
    return bytes(found[0]) if found else b""


def _drop(tx: Tx, number: int) -> None:
    contents.let_go(tx, ContentHolder(HolderKind.UPLOAD, number))
    tx.write(_DROP, number=number)
