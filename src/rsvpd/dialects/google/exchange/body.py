"""Request bodies: JSON objects in UTF-8, in the media types that Google reads."""

from __future__ import annotations

from typing import Any

from rsvpd.dialects import json_body
from rsvpd.dialects.wire import Request
from rsvpd.errors import UnsupportedMedia


def read(request: Request) -> dict[str, Any]:
    """Return the object in the body; no body is an empty object. Raises MalformedBody, UnsupportedMedia."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.body.strip() and media not in ("", "application/json") and not media.endswith("+json"):
        raise UnsupportedMedia(f"Unsupported content with type: {media[:80]}; send application/json.")
    return json_body.read_object(request.body)
