"""Text bodies and the words that mail and calendar share."""

from __future__ import annotations

import enum
import html
import re

from msgspec import Struct

PREVIEW_LENGTH = 255


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


_BREAK = re.compile(r"<(br|/p|/div|/li|/tr|/h[1-6])\b[^>]*>", re.I)
_UNSEEN = re.compile(r"<(script|style|head)\b.*?(</\1\s*>|\Z)|<!--.*?(-->|\Z)", re.I | re.S)
_TAG = re.compile(r"<[a-zA-Z/!?][^>]*>")
_BLANKS = re.compile(r"[ \t\r\f\v]+")
_ACTIVE = re.compile(
    r"<(script|iframe|object|embed|form)\b.*?(</\1\s*>|\Z)|\son\w+\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)"
    r"|javascript:",
    re.I | re.S,
)


def as_text(body: Body) -> str:
    """Return the words of `body` without markup."""
    if body.kind is BodyKind.TEXT:
        return body.text
    seen = _BREAK.sub("\n", _UNSEEN.sub("", body.text))
    lines = (_BLANKS.sub(" ", line).strip() for line in html.unescape(_TAG.sub("", seen)).split("\n"))
    return "\n".join(lines).strip("\n")


def as_html(body: Body) -> str:
    """Return `body` as a whole HTML document, without active content."""
    if body.kind is BodyKind.HTML:
        return as_document(Body(_ACTIVE.sub("", body.text), body.kind))
    return as_document(body)


def as_document(body: Body) -> str:
    """Return `body` as a whole HTML document, as it is, in the wrapping that Exchange puts around what it stores."""
    if body.kind is BodyKind.HTML:
        inner = body.text
        if "<html" in inner[:2000].lower():
            return inner
    else:
        inner = html.escape(body.text, quote=False).replace("\r\n", "\n").replace("\n", "<br>\r\n")
    return (
        '<html>\r\n<head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\r\n'
        f"</head>\r\n<body>\r\n{inner}\r\n</body>\r\n</html>\r\n"
    )


def preview(body: Body) -> str:
    """Return the first words of `body`: plain, on one line, at most 255 characters."""
    return " ".join(as_text(Body(body.text[:20_000], body.kind)).split())[:PREVIEW_LENGTH]
