"""What organizers say, in the data file: each revision once, found by its content, whoever holds it.

A revision never changes, so what was read of it is remembered (`tx.Directory`). It goes once nobody holds it.
"""

from __future__ import annotations

import hashlib

import msgspec

from rsvpd.calendar.revision import Revision
from rsvpd.mail.attachment import content_digests
from rsvpd.store import contents
from rsvpd.store.contents import ContentHolder, HolderKind
from rsvpd.store.tx import Tx

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Revision).decode

_READ = "SELECT data FROM revision WHERE number = :number"
_BY_DIGEST = "SELECT number FROM revision WHERE digest = :digest"
_ADD = "INSERT INTO revision (digest, data) VALUES (:digest, :data)"
_DROP = (
    "DELETE FROM revision WHERE number = :number AND NOT EXISTS (SELECT 1 FROM event WHERE revision = :number)"
    " AND NOT EXISTS (SELECT 1 FROM delivery WHERE revision = :number)"
)
_BYTES_A_STEP = 50


def by_number(tx: Tx, number: int) -> Revision:
    """Return a revision by its number."""
    known = tx.revisions.get(number) or tx.directory.revisions.get(number)
    if known is None:
        row = tx.row(_READ, number=number)
        assert row is not None
        tx.work.spend(len(row[0]) // _BYTES_A_STEP)
        known = _decode(row[0])
        tx.revision_bytes += len(row[0])
        tx.revisions[number] = known
    tx.revision_numbers[id(known)] = (known, number)
    return known


def number_of(tx: Tx, revision: Revision) -> int:
    """Return the number of a revision, which is stored the first time."""
    known = tx.revision_numbers.get(id(revision))
    if known is not None:
        return known[1]
    data = _encode(revision)
    digest = hashlib.blake2b(data, digest_size=16).digest()
    row = tx.row(_BY_DIGEST, digest=digest)
    number = int(row[0]) if row else _add(tx, revision, digest, data)
    tx.revisions[number] = revision
    tx.revision_bytes += len(data)
    tx.revision_numbers[id(revision)] = (revision, number)  # kept: the id of what nobody holds is soon another's
    return number


def drop_unheld(tx: Tx, number: int) -> None:
    """Delete a revision that no copy refers to any more, and no delivery under way."""
    known = tx.revisions.get(number) or tx.directory.revisions.get(number)
    if known is not None and not _content_digests(known):
        tx.write(_DROP, number=number)
    elif tx.run(_DROP, number=number):
        contents.let_go(tx, ContentHolder(HolderKind.REVISION, number))


def _add(tx: Tx, revision: Revision, digest: bytes, data: bytes) -> int:
    number, attached = tx.insert(_ADD, digest=digest, data=data), _content_digests(revision)
    if attached:
        contents.hold(tx, ContentHolder(HolderKind.REVISION, number), attached)
    return number


def _content_digests(revision: Revision) -> tuple[bytes, ...]:
    components = (revision.event, *revision.exceptions.values())
    return content_digests(one for component in components for one in component.attachments)
