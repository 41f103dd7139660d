"""A file that comes in parts, to be attached once all of it is there."""

from __future__ import annotations

from msgspec import Struct

from rsvpd.mail.attachment import PIECE, digest_of, piece_digest

# What may be uploaded so, and how much of it at a time (learn.microsoft.com/graph/outlook-large-attachments).
LEAST_BYTES = 3 * 10**6
# How long nothing may come: each part extends it (learn.microsoft.com/graph/api/resources/uploadsession).
LASTS_US = 3_600_000_000


class Upload(Struct, frozen=True, kw_only=True):
    """What is coming: `size` bytes for the item with this id; `pieces` are the digests of what is whole so far.

    `actor` is the directory GUID of who began it.
    """

    item: str
    is_event: bool
    actor: str
    is_application: bool = False
    name: str
    content_type: str = ""
    is_inline: bool = False
    content_id: str = ""
    size: int
    pieces: tuple[bytes, ...] = ()

    def with_pieces(self, pieces: list[bytes]) -> tuple[bytes, ...]:
        """Return the digests with those of the pieces among these that are whole."""
        return (*self.pieces, *(piece_digest(one) for one in pieces if len(one) == PIECE))


def cut(tail: bytes, data: bytes) -> list[bytes]:
    """Return what came in pieces; `tail` is what there was of the last one."""
    whole = tail + data
    return [whole[begin : begin + PIECE] for begin in range(0, len(whole), PIECE)]


def digest_at_end(upload: Upload, last: bytes) -> bytes:
    """Return the digest of all that came; `last` is the piece at its end."""
    rest = (piece_digest(last),) if len(last) < PIECE and last else ()
    return digest_of((*upload.pieces, *rest), upload.size)
