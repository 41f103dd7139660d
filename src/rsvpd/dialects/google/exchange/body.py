"""Request bodies: JSON objects in UTF-8, no deeper than a calendar needs."""

from __future__ import annotations

from typing import Any

import msgspec

from rsvpd.dialects.wire import Request
from rsvpd.errors import MalformedBody, UnsupportedMedia

DEEPEST = 32

_decode = msgspec.json.Decoder().decode


def read(request: Request) -> dict[str, Any]:
    """Return the object in the body; no body is an empty object. Raises MalformedBody, UnsupportedMedia."""
    if not request.body.strip():
        return {}
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in ("", "application/json") and not media.endswith("+json"):
        raise UnsupportedMedia(f"Unsupported content with type: {media[:80]}; send application/json.")
    try:
        value = _decode(request.body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise MalformedBody("Parse Error: the body is not JSON in UTF-8.") from None
    if not isinstance(value, dict):
        raise MalformedBody("Parse Error: the body must be a JSON object.")
    if _is_deep(value):
        raise MalformedBody(f"Parse Error: the body is nested deeper than {DEEPEST} levels.")
    return value


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [one for parent in level for one in _children(parent)]
        if not level:
            return False
    return True


def _children(value: Any) -> list[Any]:
    found = value.values() if isinstance(value, dict) else value
    return [one for one in found if isinstance(one, dict | list)]
