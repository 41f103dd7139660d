"""Request bodies: JSON objects, and the parameters of actions in them.

Rule: any bytes are read, or raise MalformedBody or UnsupportedMedia.
"""

from __future__ import annotations

import binascii
from typing import Any

from rsvpd.dialects import json_body
from rsvpd.dialects.wire import Request
from rsvpd.errors import InvalidProperty, MimeNotBase64, UnsupportedMedia


def read_object(request: Request) -> dict[str, Any]:
    """Return the JSON object in the body.

    An empty body is an empty object, whatever type it claims; a body that claims no type is taken for JSON.
    """
    if request.body.strip():
        check_media(request.headers.get("content-type"))
    return json_body.read_object(request.body)


def mime(request: Request) -> bytes | None:
    """Return the message that stands in the body as base64 in plain text, or None where the body is JSON.

    learn.microsoft.com/graph/outlook-send-mime-message. Raises MimeNotBase64.
    """
    if (request.headers.get("content-type") or "").partition(";")[0].strip().lower() != "text/plain":
        return None
    try:
        return binascii.a2b_base64(request.body.translate(None, b" \t\r\n"), strict_mode=True)
    except binascii.Error:
        raise MimeNotBase64 from None


def parameter(body: dict[str, Any], name: str) -> Any:
    """Return the action parameter `name`, written in any case, or None. Others are passed over."""
    if name in body:
        return body[name]
    lower = name.lower()
    return next((value for key, value in body.items() if key.lower() == lower), None)


def text(body: dict[str, Any], name: str) -> str | None:
    """Return a parameter that is a string or null."""
    value = parameter(body, name)
    if value is None or isinstance(value, str):
        return value
    raise InvalidProperty(f"{name}: a string is expected.", target=name)


def flag(body: dict[str, Any], name: str, *, default: bool) -> bool:
    """Return a parameter that is true or false; the documented samples also write it as a string."""
    value = parameter(body, name)
    if value is None:
        return default
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in _WORDS:
        return _WORDS[value.strip().lower()]
    raise InvalidProperty(f"{name}: true or false is expected.", target=name)


_WORDS = {"true": True, "false": False}


def check_media(content_type: str | None) -> None:
    """Raise UnsupportedMedia for a body that says it is no JSON."""
    if content_type is None:
        return
    media = content_type.partition(";")[0].strip().lower()
    if media not in ("", "application/json"):
        raise UnsupportedMedia(f"A body of type '{media[:80]}' is not read here; send application/json.")
