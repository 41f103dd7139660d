"""What is attached to a letter or to an event: a file, an item of a mailbox, or a link to what is stored elsewhere.

An `Attachment` is a small value that stands in the letter or event and travels with it. The bytes of a file or of an
item are a `Content` of their own, named by a digest and stored once, however many hold it; lists never look at them.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Callable, Iterable, Sequence
from mimetypes import MimeTypes

from msgspec import Struct

from rsvpd.clock import Instant

# A content is stored and digested in pieces of this size, so that one that comes in parts is the same in the end.
PIECE = 1 << 20
_DIGEST_BYTES = 32
# What a mailbox takes of one item, unless its administrator allows more (up to 150 MB), and how many of them
# (learn.microsoft.com/graph/api/attachment-createuploadsession).
MOST_BYTES = 35 * 2**20
MOST_ATTACHMENTS = 250


UNKNOWN_TYPE = "application/octet-stream"
# What Python knows, without a look at what this machine does.
_TYPES = MimeTypes()


class AttachmentKind(enum.Enum):
    """What is attached."""

    FILE = "file"
    ITEM = "item"
    REFERENCE = "reference"


class Link(Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """Where a reference leads; `icon` is the address of a picture, `file_id` how its provider names it."""

    url: str
    icon: str = ""
    file_id: str = ""


class Attachment(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One attachment. `number` names it among those of all items that it was ever copied to.

    `size` is in bytes, `digest` that of its content; `inside` are those of the contents that an attached item refers
    to. An inline one is shown where the body names its `content_id` (RFC 2392).
    """

    number: int
    kind: AttachmentKind
    name: str = ""
    content_type: str = ""
    size: int = 0
    is_inline: bool = False
    content_id: str = ""
    content_location: str = ""
    modified: Instant = 0
    digest: bytes = b""
    inside: tuple[bytes, ...] = ()
    link: Link | None = None

    @property
    def content_digests(self) -> tuple[bytes, ...]:
        """Return the digests of all contents that it refers to."""
        return (self.digest, *self.inside) if self.digest else self.inside


Attachments = tuple[Attachment, ...]


class Content(Struct, frozen=True):
    """Bytes that are attached, in pieces of which all but the last are `PIECE` long."""

    digest: bytes
    size: int
    pieces: tuple[bytes, ...]


class Presence(enum.IntEnum):
    """What is attached to an item; the number is stored with each message."""

    NOTHING = 0
    INLINE = 1
    ATTACHED = 2


def content_of(data: bytes) -> Content:
    """Return these bytes as a content."""
    pieces = tuple(data[begin : begin + PIECE] for begin in range(0, len(data), PIECE))
    return Content(digest_of(map(piece_digest, pieces), len(data)), len(data), pieces)


def piece_digest(piece: bytes) -> bytes:
    """Return the digest of one piece."""
    return hashlib.blake2b(piece, digest_size=_DIGEST_BYTES).digest()


def digest_of(pieces: Iterable[bytes], size: int) -> bytes:
    """Return the digest of a content from those of its pieces and its size."""
    whole = hashlib.blake2b(b"%d" % size, digest_size=_DIGEST_BYTES)
    for one in pieces:
        whole.update(one)
    return whole.digest()


def type_of_file(name: str) -> str:
    """Return the media type that a file's name stands for."""
    return _TYPES.guess_type(name)[0] or UNKNOWN_TYPE


def content_digests(attachments: Iterable[Attachment]) -> tuple[bytes, ...]:
    """Return the digests of all contents that these refer to, each once."""
    return tuple(dict.fromkeys(digest for one in attachments for digest in one.content_digests))


def presence(attachments: Sequence[Attachment]) -> Presence:
    """Return what is attached; what the body shows inside is no attachment to a reader."""
    if not attachments:
        return Presence.NOTHING
    return Presence.INLINE if all(one.is_inline for one in attachments) else Presence.ATTACHED


def total_size(attachments: Iterable[Attachment]) -> int:
    """Return how many bytes are attached."""
    return sum(one.size for one in attachments)


def new_number(attachments: Iterable[Attachment], entropy: Callable[[int], bytes]) -> int:
    """Return a number that no other attachment of an item has, nor is likely to get: ids are never anybody else's."""
    taken = {one.number for one in attachments}
    while True:
        number = int.from_bytes(entropy(4)) or 1
        if number not in taken:
            return number
