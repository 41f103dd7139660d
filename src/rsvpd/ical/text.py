"""Content lines: how names, parameters and values are written and folded (RFC 5545 3.1, 3.2; RFC 6868)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rsvpd.mail.address import uri

MOST_OCTETS = 75
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
_CARETS = str.maketrans({"^": "^^", '"': "^'", "\n": "^n"})
_NEEDS_QUOTES = re.compile(r"[;:,=\\]")


def clean(text: str) -> str:
    """Return `text` as a content line can hold it: line breaks are newlines, other controls are gone."""
    return _SURROGATES.sub("\ufffd", _CONTROLS.sub("", _BREAKS.sub("\n", text)))


def escape(text: str) -> str:
    """Return `text` as a TEXT value (3.3.11)."""
    return clean(text).translate(_ESCAPES)


def parameter(text: str) -> str:
    """Return `text` as the value of a parameter, with quotation marks and line breaks as RFC 6868 has them."""
    value = clean(text).replace("\t", " ").translate(_CARETS)
    return f'"{value}"' if _NEEDS_QUOTES.search(value) else value


def mailto(address: str) -> str:
    """Return a mail address as a calendar address (3.3.3)."""
    return uri("".join(clean(address).split()))


def line(name: str, value: str, **parameters: str) -> str:
    """Return an unfolded content line; `value` stands as it is, parameters are written as they need.

    An underscore in a parameter's name is a hyphen.
    """
    given = "".join(f";{key.replace('_', '-')}={parameter(text)}" for key, text in parameters.items())
    return f"{name}{given}:{value}"


def document(lines: Iterable[str]) -> bytes:
    """Return content lines as they travel: UTF-8, folded, each with its CRLF."""
    return b"".join(fold(one) for one in lines)


def fold(one: str) -> bytes:
    """Return a content line in pieces of at most 75 octets, no character cut in two."""
    octets = one.encode("utf-8", "replace")
    pieces, begin, room = [], 0, MOST_OCTETS
    while len(octets) - begin > room:
        end = begin + room
        while octets[end] & 0xC0 == 0x80:
            end -= 1
        pieces.append(octets[begin:end])
        begin, room = end, MOST_OCTETS - 1
    pieces.append(octets[begin:])
    return b"\r\n ".join(pieces) + b"\r\n"
