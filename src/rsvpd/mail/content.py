"""Bodies and the words that mail and calendar share.

Rule: whatever is in a body, it can be shown as text and as HTML, in time proportional to its length; what is
shown is always UTF-8. No text makes these functions fail, since one item would make a list fail with it.
"""

from __future__ import annotations

import enum
import re
from functools import lru_cache
from html import escape

from msgspec import Struct

from rsvpd.mail.plain import words
from rsvpd.mail.sanitizer import fragment, sanitize

PREVIEW_LENGTH = 255
# A preview is made of no more than this of a body; mostly the first of them holds enough.
_WINDOWS = (4_000, 20_000)


class BodyKind(enum.Enum):
    """What language a body is written in."""

    TEXT = "text"
    HTML = "html"


class Importance(enum.Enum):
    """How much the sender wants it noticed."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Body(Struct, frozen=True, omit_defaults=True):
    """A body as it was given, in the language it was given in."""

    text: str = ""
    kind: BodyKind = BodyKind.TEXT


_SURROGATES = re.compile("[\ud800-\udfff]")
_BODY_TAG = re.compile(r"<body[\t\n\f\r />]", re.I)
_LINE_ENDS = re.compile(r"\r\n?+")
_BEGIN = '<html>\r\n<head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\r\n'


def as_text(body: Body) -> str:
    """Return the words of `body` without markup; a text stays as it is."""
    text = _utf8(body.text)
    return text if body.kind is BodyKind.TEXT else words(text)


def as_html(body: Body) -> str:
    """Return `body` as a whole HTML document, without active content."""
    if body.kind is BodyKind.TEXT:
        return as_document(body)
    document = sanitize(_utf8(body.text))
    styles = f"{document.styles}\n" if document.styles else ""
    return _document(document.body.strip("\n"), styles=styles, attributes=document.attributes)


def as_document(body: Body) -> str:
    """Return `body` as a whole HTML document, as it is, in the wrapping that Exchange puts around what it stores."""
    text = _utf8(body.text)
    if body.kind is BodyKind.TEXT:
        return _document(escape(_LINE_ENDS.sub("\n", text), quote=False).replace("\n", "<br>\n"))
    if "<html" in text[:2000].lower():
        return text
    return f"{_BEGIN}</head>\r\n<body>\r\n{text}\r\n</body>\r\n</html>\r\n"


def as_fragment(body: Body) -> str:
    """Return `body` for a page of somebody else's: HTML without active content, or a text as it is."""
    text = _utf8(body.text)
    return text if body.kind is BodyKind.TEXT else fragment(text)


def preview(body: Body) -> str:
    """Return the first words of `body`: plain, in lines that end in CRLF, at most 255 characters."""
    text, begin = body.text, 0
    if body.kind is BodyKind.TEXT:
        return _on_lines(text[: _WINDOWS[-1]])
    if len(text) > _WINDOWS[0] and (found := _BODY_TAG.search(text)):
        begin = found.start()  # style sheets may stand before it, as many as they please
    return _first_words(text[begin : begin + _WINDOWS[-1]])


def is_shown_as(stored: Body, given: Body) -> bool:
    """Return whether `given` is what somebody read who was shown `stored`, in whatever form, or the same."""
    if given == stored or not (given.text or stored.text):
        return True
    if given.kind is BodyKind.TEXT:
        return _is_equal(given.text, as_text(stored))
    return any(_is_equal(given.text, show(stored)) for show in (as_html, as_document))


def _is_equal(one: str, other: str) -> bool:
    return _LINE_ENDS.sub("\n", one).strip() == _LINE_ENDS.sub("\n", other).strip()


@lru_cache(maxsize=256)
def _first_words(html: str) -> str:
    enough = 2 * PREVIEW_LENGTH
    for window in _WINDOWS:
        found = words(_utf8(html[:window]), most=enough)
        if len(found) >= enough:
            break
    return _on_lines(found)


def _on_lines(text: str) -> str:
    lines = (" ".join(line.split()) for line in _utf8(text).strip().splitlines())
    return "\r\n".join(lines)[:PREVIEW_LENGTH].rstrip()


def _document(inner: str, *, styles: str = "", attributes: str = "") -> str:
    whole = f"{styles}</head>\n<body{attributes}>\n{inner}\n</body>\n</html>\n"
    return _BEGIN + _LINE_ENDS.sub("\n", whole).replace("\n", "\r\n")


def _utf8(text: str) -> str:
    """Return `text` as UTF-8 can write it: half a surrogate pair is no character."""
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)
