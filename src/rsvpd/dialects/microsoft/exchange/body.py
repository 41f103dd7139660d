"""Request bodies: JSON objects, and the parameters of actions in them.

Rule: any bytes are read, or raise MalformedBody or UnsupportedMedia.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rsvpd.dialects.wire import Request
from rsvpd.errors import InvalidProperty, MalformedBody, UnsupportedMedia

MAX_DEPTH = 32

_decode = msgspec.json.Decoder().decode
_BOM = b"\xef\xbb\xbf"


def read_object(request: Request) -> dict[str, Any]:
    """Return the JSON object in the body.

    An empty body is an empty object, whatever type it claims; a body that claims no type is taken for JSON.
    """
    body = request.body.removeprefix(_BOM)
    if not body.strip():
        return {}
    _check_media(request.headers.get("content-type"))
    try:
        value = _decode(body)
    except UnicodeError:
        raise MalformedBody("The request body is not UTF-8.") from None
    except RecursionError:
        raise MalformedBody(f"The request body is nested deeper than {MAX_DEPTH} levels.") from None
    except msgspec.MsgspecError as wrong:
        raise MalformedBody(f"The request body is not valid JSON: {wrong}.") from None
    if not isinstance(value, dict):
        raise MalformedBody("The request body has to be a JSON object.")
    _check_depth(value)
    return value


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


def _check_media(content_type: str | None) -> None:
    if content_type is None:
        return
    media = content_type.partition(";")[0].strip().lower()
    if media not in ("", "application/json"):
        raise UnsupportedMedia(f"A body of type '{media[:80]}' is not read here; send application/json.")


def _check_depth(value: Any) -> None:
    """Raise MalformedBody where lists and objects are nested too deep; level by level, without recursion."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise MalformedBody(f"The request body is nested deeper than {MAX_DEPTH} levels.")
