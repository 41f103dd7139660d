"""Content codings: gzip, read in requests and written in answers (RFC 9110 8.4).

Rule: what is unpacked is bounded while it is unpacked, in size and in its ratio to what was sent.
"""

from __future__ import annotations

import re
import zlib

from rsvpd.errors import MalformedBody, TooLarge, UnsupportedCoding

READ = "gzip"

# Text of meetings shrinks to a fifth, a run of blanks to a thousandth: long runs stay believable for a while.
MAX_RATIO = 100
ALWAYS_UNPACKED_BYTES = 2**20
MAX_MEMBERS = 32

_GZIP = zlib.MAX_WBITS | 16
# RFC 9110 8.4.1.3: "x-gzip" is to be taken as equivalent.
_READ = frozenset({"gzip", "x-gzip"})
_REFUSED = re.compile(r"\s*+gzip\s*+;\s*+q\s*+=\s*+0(?:\.0*+)?+\s*+", re.I)
_PLAIN = frozenset({"", "identity"})


def is_gzip(coding: str | None) -> bool:
    """Return whether a request's body comes in gzip. Raises UnsupportedCoding for any other coding.

    `coding` is the Content-Encoding; several codings, one over the other, are not read.
    """
    name = (coding or "").strip().lower()
    if name in _PLAIN:
        return False
    if name not in _READ:
        raise UnsupportedCoding(
            f"The content coding {name[:40]!r} is not read; send gzip, or the body as it is.",
            target="Content-Encoding",
        )
    return True


def decompress(body: bytes, *, limit: int) -> bytes:
    """Return what a body in gzip holds (RFC 1952; several members are one after the other).

    Raises MalformedBody where it is broken or ends too early, and TooLarge as soon as it is known to
    hold more than `limit` bytes, or more than is believable of its size.
    """
    most = min(limit, max(ALWAYS_UNPACKED_BYTES, MAX_RATIO * len(body)))
    found = bytearray()
    rest = body
    for _ in range(MAX_MEMBERS):
        if not rest:
            return bytes(found)
        member = zlib.decompressobj(_GZIP)
        try:
            # One byte more than may be tells what is too large from what just fits.
            found += member.decompress(rest, most - len(found) + 1)
        except zlib.error:
            raise MalformedBody("The request body is not in the gzip format.") from None
        if len(found) > most:
            raise TooLarge(f"The request body is larger than {most} bytes when it is unpacked.")
        if not member.eof:
            raise MalformedBody("The request body ends before its gzip data does.")
        rest = member.unused_data
    if rest:
        raise MalformedBody(f"The request body has more than {MAX_MEMBERS} gzip members.")
    return bytes(found)


def compress(body: bytes) -> bytes:
    """Return `body` in the gzip format, quickly rather than tightly."""
    packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
    return packer.compress(body) + packer.flush()


def takes_gzip(accepted: str | None) -> bool:
    """Return whether a client that sends this Accept-Encoding reads gzip."""
    if accepted is None or "gzip" not in accepted.lower():
        return False
    return not any(_REFUSED.fullmatch(one) for one in accepted.split(","))
