"""JSON bodies of requests: any bytes become an object that can be kept, or raise MalformedBody.

Rule: what is read here can be written back and stored. So it is UTF-8 without halves of characters, nested
no deeper than a calendar needs, and its numbers fit 64 bits (RFC 8259 9 lets a parser set such limits).
"""

from __future__ import annotations

from typing import Any

import msgspec

from rsvpd.errors import MalformedBody

DEEPEST = 32

_BOM = b"\xef\xbb\xbf"
_LEAST, _MOST = -(2**63), 2**63 - 1

_decode = msgspec.json.Decoder().decode


def read_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in `body`; no body is an empty object. Raises MalformedBody."""
    text = body.removeprefix(_BOM)
    if not text.strip():
        return {}
    try:
        value = _decode(text)
    except UnicodeError:
        raise MalformedBody("The request body is not UTF-8.") from None
    except RecursionError:
        raise _too_deep() from None
    except msgspec.MsgspecError as wrong:
        raise MalformedBody(f"The request body is not valid JSON: {wrong}.") from None
    if not isinstance(value, dict):
        raise MalformedBody("The request body has to be a JSON object.")
    _check(value)
    return value


def _check(value: dict[str, Any]) -> None:
    """Raise MalformedBody for what is nested too deep or too large a number; level by level, without recursion."""
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        below = [inner for outer in level for inner in (outer.values() if isinstance(outer, dict) else outer)]
        if any(isinstance(one, int) and not _LEAST <= one <= _MOST for one in below):
            raise MalformedBody("The request body has a number that does not fit 64 bits.")
        level = [one for one in below if isinstance(one, dict | list)]
        if not level:
            return
    raise _too_deep()


def _too_deep() -> MalformedBody:
    return MalformedBody(f"The request body is nested deeper than {DEEPEST} levels.")
