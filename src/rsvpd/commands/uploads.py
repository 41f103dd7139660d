"""Files that are attached in parts. One function, one transaction.

Whoever has the secret of an upload goes on with it, without a token. It is attached as whoever began it, once all of
it is there: what that person may do by then counts.
"""

from __future__ import annotations

import hashlib

from msgspec import Struct, structs

from rsvpd import ids
from rsvpd.clock import Instant
from rsvpd.commands.attachments import Place, attach_to, check_place
from rsvpd.commands.door import Done, Who, reads, writes
from rsvpd.commands.references import EventRef
from rsvpd.errors import InvalidProperty, ItemNotFound, ItemTooLarge, Throttled, UploadOutOfOrder, UploadTooSmall
from rsvpd.mail.attachment import MOST_BYTES, AttachmentKind, total_size, type_of_file
from rsvpd.mail.draft import AttachmentDraft, StoredContent
from rsvpd.mail.upload import LASTS_US, LEAST_BYTES, Upload
from rsvpd.mail.view import AttachmentView, Parent
from rsvpd.store import people, uploads
from rsvpd.store.tx import Tx
from rsvpd.store.uploads import UploadRow

# Of one mailbox at a time; whoever leaves them lying waits until they have expired.
MOST_UPLOADS = 50
_SECRET_BYTES = 24


class UploadDraft(Struct, frozen=True, kw_only=True):
    """A file that a client wants to attach in parts, and how long it is."""

    name: str
    size: int
    content_type: str = ""
    is_inline: bool = False
    content_id: str = ""


class UploadSession(Struct, frozen=True):
    """An upload that has begun: its secret, until when it waits, and what it is for: of whom, and its id."""

    secret: bytes
    expires: Instant
    parent: Parent
    item: str


class Progress(Struct, frozen=True):
    """How much of an upload has come, until when it waits for more; the attachment of `item` once that is there."""

    received: int
    expires: Instant
    attachment: AttachmentView | None = None
    item: str = ""


@writes
def begin_upload(tx: Tx, who: Who, place: Place, draft: UploadDraft) -> Done[UploadSession]:
    """Begin an upload. Raises UploadTooSmall, ItemTooLarge, Throttled where too many are under way."""
    parent, attached = check_place(tx, who, place)
    if draft.size < LEAST_BYTES:
        raise UploadTooSmall
    if total_size(attached) + draft.size > MOST_BYTES:
        raise ItemTooLarge
    uploads.drop_expired(tx, who.now)
    owner = parent.owner
    if uploads.count(tx, owner.number) >= MOST_UPLOADS:
        raise Throttled
    secret, expires = tx.entropy(_SECRET_BYTES), who.now + LASTS_US
    upload = Upload(
        item=_immutable_id(place),
        is_event=isinstance(place, EventRef),
        actor=who.actor,
        is_application=who.is_application,
        name=draft.name,
        content_type=draft.content_type or type_of_file(draft.name),
        is_inline=draft.is_inline,
        content_id=draft.content_id,
        size=draft.size,
    )
    uploads.start(tx, owner.number, _digest(secret), expires, upload)
    return Done(UploadSession(secret, expires, parent, upload.item))


@writes
def put_range(tx: Tx, now: Instant, secret: bytes, begin: int, data: bytes, total: int) -> Done[Progress]:
    """Take the bytes that come next; with the last of them the file is attached.

    Raises ItemNotFound for an upload that is over or has expired, UploadOutOfOrder, InvalidProperty for another length.
    """
    row = _row(tx, now, secret)
    if total != row.upload.size:
        raise InvalidProperty(f"The file has {row.upload.size} bytes, not {total}.", target="Content-Range")
    if begin != row.received or begin + len(data) > row.upload.size or not data:
        raise UploadOutOfOrder(f"The byte that comes next is {row.received} of {row.upload.size}.")
    row = uploads.add(tx, row, data, now + LASTS_US)
    if row.received < row.upload.size:
        return Done(Progress(row.received, row.expires))
    return Done(Progress(row.received, row.expires, _attach(tx, row, now), row.upload.item))


@reads
def upload_progress(tx: Tx, now: Instant, secret: bytes) -> Progress:
    """Return how much has come. Raises ItemNotFound for an upload that is over or has expired."""
    row = _row(tx, now, secret)
    return Progress(row.received, row.expires)


@writes
def cancel_upload(tx: Tx, now: Instant, secret: bytes) -> Done[None]:
    """End an upload; what came is forgotten. Raises ItemNotFound for one that is over or has expired."""
    uploads.drop(tx, _row(tx, now, secret))
    return Done(None)


def _attach(tx: Tx, row: UploadRow, now: Instant) -> AttachmentView:
    upload, owner = row.upload, people.by_number(tx, row.mailbox)
    if owner is None:
        raise ItemNotFound
    draft = AttachmentDraft(
        kind=AttachmentKind.FILE,
        name=upload.name,
        content_type=upload.content_type,
        is_inline=upload.is_inline,
        content_id=upload.content_id,
        stored=StoredContent(uploads.finish(tx, row), upload.size),
    )
    item = ids.decode(upload.item)
    who = Who(upload.actor, owner.oid, now, upload.is_application)
    view = attach_to(tx, who, EventRef(item=item) if upload.is_event else item, draft)
    uploads.drop(tx, row)
    return view


def _immutable_id(place: Place) -> str:
    """Return the id of an item that stays, wherever a message is moved meanwhile."""
    if isinstance(place, EventRef):
        assert place.item is not None  # as paths name events here
        return ids.encode(place.item)
    return ids.encode(structs.replace(place, slot=ids.ANYWHERE))


def _row(tx: Tx, now: Instant, secret: bytes) -> UploadRow:
    row = uploads.by_digest(tx, _digest(secret))
    if row is None or row.expires <= now:
        raise ItemNotFound("The upload is over, or has expired.")
    return row


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()
