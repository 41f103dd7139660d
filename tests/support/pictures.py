"""Pictures of a page made small: PNG with a palette of 256 colours (W3C PNG, third edition)."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

_MARK = b"\x89PNG\r\n\x1a\n"
_MOST_COLOURS = 256
_TRUE_COLOUR, _WITH_ALPHA = 2, 6
# How finely colours are told from each other: what is nearer looks the same beside each other.
_GRAIN = 4

Colour = tuple[int, int, int]


def small(picture: bytes) -> bytes:
    """Return a screenshot (8 bits a channel, not interlaced) with 256 colours at most."""
    width, height, rows = _read(picture)
    pixels = [list(_colours(row, len(row) // width)) for row in rows]
    counts = Counter(one for row in pixels for one in row)
    palette = [colour for colour, _ in counts.most_common(_MOST_COLOURS)]
    places = {colour: palette.index(min(palette, key=lambda one: _distance(one, colour))) for colour in counts}
    raw = b"".join(b"\0" + bytes(places[one] for one in row) for row in pixels)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    white = 255 & -_GRAIN
    colours = bytes(255 if channel == white else channel for one in palette for channel in one)
    chunks = ((b"IHDR", head), (b"PLTE", colours), (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b""))
    return _MARK + b"".join(_chunk(*one) for one in chunks)


def _colours(row: bytes, step: int) -> Iterator[Colour]:
    for at in range(0, len(row), step):
        yield row[at] & -_GRAIN, row[at + 1] & -_GRAIN, row[at + 2] & -_GRAIN


def _read(picture: bytes) -> tuple[int, int, list[bytes]]:
    chunks = list(_chunks(picture))
    width, height, depth, kind, *_, interlaced = struct.unpack(">IIBBBBB", dict(chunks)[b"IHDR"])
    assert (depth, interlaced) == (8, 0)
    step = {_TRUE_COLOUR: 3, _WITH_ALPHA: 4}[kind]
    raw = zlib.decompress(b"".join(data for name, data in chunks if name == b"IDAT"))
    rows: list[bytes] = []
    above = bytes(width * step)
    for at in range(0, len(raw), width * step + 1):
        above = _unfiltered(raw[at], raw[at + 1 : at + 1 + width * step], above, step)
        rows.append(above)
    return width, height, rows


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_MARK)
    while at < len(picture):
        (size,) = struct.unpack_from(">I", picture, at)
        yield picture[at + 4 : at + 8], picture[at + 8 : at + 8 + size]
        at += size + 12


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _unfiltered(kind: int, row: bytes, above: bytes, step: int) -> bytes:
    found = bytearray(row)
    for at in range(len(row)):
        left = found[at - step] if at >= step else 0
        corner = above[at - step] if at >= step else 0
        guess = (0, left, above[at], (left + above[at]) // 2, _paeth(left, above[at], corner))[kind]
        found[at] = (row[at] + guess) & 0xFF
    return bytes(found)


def _paeth(left: int, up: int, corner: int) -> int:
    start = left + up - corner
    return min((left, up, corner), key=lambda one: abs(start - one))


def _distance(one: Colour, other: Colour) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
