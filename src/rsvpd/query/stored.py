"""Questions as the data file keeps them: one that somebody asked once, and is answered whenever it is looked at."""

from __future__ import annotations

import msgspec

from rsvpd.query.algebra import Node

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Node).decode


def to_bytes(node: Node) -> bytes:
    """Return a question as it is kept."""
    return _encode(node)


def from_bytes(data: bytes) -> Node:
    """Return a question that was kept."""
    found: Node = _decode(data)
    return found
