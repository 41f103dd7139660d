"""What the bytes of a picture say of it: JPEG (ITU-T T.81, annex B)."""

from __future__ import annotations

_START, _SCAN, _END = b"\xff\xd8", 0xDA, 0xD9
_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))  # markers without a length
_NO_FRAMES = frozenset((0xC4, 0xC8, 0xCC))  # between the markers of frames: tables, an extension, arithmetic coding


def jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Return width and height of a picture in pixels; None where these are not the bytes of one."""
    if content[:2] != _START:
        return None
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:  # fill
            at += 1
            continue
        if marker in _ALONE:
            at += 2
            continue
        length = int.from_bytes(content[at + 2 : at + 4])
        if marker in (_SCAN, _END) or length < 2:
            return None
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAMES:
            height, width = content[at + 5 : at + 7], content[at + 7 : at + 9]
            size = int.from_bytes(width), int.from_bytes(height)
            return size if len(width) == 2 and all(size) else None
        at += 2 + length
    return None
