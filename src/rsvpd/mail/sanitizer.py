"""HTML without what could act: no scripts, no handlers, no foreign documents, no addresses that are programs.

The library nh3 reads it as a browser does and writes it anew from what is allowed: what mail is made of, with
its classes, styles and style sheets, pictures from the web, from the message (`cid:`) and from the text (`data:`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from html import escape

import nh3
from msgspec import Struct
from selectolax.lexbor import LexborHTMLParser

from rsvpd.mail.markup import TAGS, in_order

# What is read again and again is remembered, where it is not large.
_REMEMBERED = 256
_REMEMBERED_LETTERS = 8_000

_SCHEMES = frozenset((
    "callto", "cid", "file", "ftp", "geo", "http", "https", "im", "mailto", "mid", "msteams", "news", "onenote",
    "sip", "sips", "skype", "sms", "tel", "webcal", "xmpp",
))
_EVERYWHERE = frozenset((
    "align", "bgcolor", "border", "class", "dir", "height", "id", "lang", "nowrap", "role", "style", "title",
    "valign", "width",
))
_OF_TAGS = {
    "a": {"href", "hreflang", "name", "target"},
    "area": {"alt", "coords", "href", "shape"},
    "blockquote": {"cite"},
    "br": {"clear"},
    "col": {"span"},
    "colgroup": {"span"},
    "del": {"cite", "datetime"},
    "details": {"open"},
    "font": {"color", "face", "size"},
    "hr": {"color", "noshade", "size"},
    "img": {"alt", "hspace", "ismap", "src", "usemap", "vspace"},
    "ins": {"cite", "datetime"},
    "li": {"type", "value"},
    "map": {"name"},
    "ol": {"reversed", "start", "type"},
    "q": {"cite"},
    "table": {"cellpadding", "cellspacing", "frame", "rules", "summary"},
    "td": {"abbr", "axis", "colspan", "headers", "rowspan", "scope"},
    "th": {"abbr", "axis", "colspan", "headers", "rowspan", "scope"},
    "time": {"datetime"},
    "ul": {"type"},
}
_OF_BODY = _EVERYWHERE - {"role", "height", "width"} | {"alink", "link", "text", "vlink"}
# What goes with its content; of everything else that is not allowed the words stay.
_GONE = frozenset(("script", "template", "title", "iframe", "noembed", "noframes", "noscript"))

_DOCUMENT = re.compile(r"<(?:html|head|body|style|meta|title|link|base)[\t\n\f\r />]", re.I)
# Where none of this stands, no value has to be looked at one by one. Letters may be written as references.
_LOOK_CLOSER = re.compile(
    r"data:|background[\t\n\f\r ]*+=|expression|script|behavio|binding|@import|\\|/\*"
    r"|&#|&bsol|&colon|&commat|&sol",
    re.I,
)
# Today's browsers run nothing in a style; what shows mail is often older (OWASP, XSS filter evasion).
_ACTIVE_STYLE = re.compile(r"expression\(|(?:java|vb)script:|behaviou?r:|-moz-binding:|@import", re.I)
_STYLE_ESCAPE = re.compile(r"\\([0-9A-Fa-f]{1,6})[\t\n\f\r ]?+|\\")
_STYLE_COMMENT = re.compile(r"/\*(?:[^*]|\*(?!/))*+(?:\*/)?+")
_BLANKS = re.compile(r"[\x00-\x20]++")
_PICTURES = ("http:", "https:", "cid:")


class Document(Struct, frozen=True):
    """What is left of a text: the style sheets of its head, the attributes of its body, and what stands in it."""

    styles: str
    attributes: str
    body: str


def sanitize(html: str) -> Document:
    """Return `html` without what could act. Any text is read that UTF-8 can write."""
    return _sanitize_with_cache(html) if len(html) <= _REMEMBERED_LETTERS else _sanitize(html)


def _sanitize(html: str) -> Document:
    ordered = in_order(html)
    if _DOCUMENT.search(ordered) is None:
        return Document("", "", _clean(ordered, _BODY))
    tree = LexborHTMLParser(ordered)
    if tree.head is None or tree.body is None:  # a set of frames
        return Document("", "", "")
    return Document(
        styles=_clean(tree.head.inner_html or "", _HEAD).strip(),
        attributes=_of_body(tree.body.attributes),
        body=_clean(tree.body.inner_html or "", _BODY),
    )


def fragment(html: str) -> str:
    """Return `html` for whoever puts it into a page: letter for letter, unless something in it could act."""
    body = sanitize(html).body
    return html if in_order(html) == html and _holds_nothing_but(body, html) else body


def _holds_nothing_but(body: str, html: str) -> bool:
    """Return whether `html` is no more than a body without attributes, in which stands the same as in `body`."""
    tree = LexborHTMLParser(html)
    if tree.root is None or tree.head is None or tree.body is None:
        return False
    around = tree.root.attributes or tree.head.attributes or tree.head.inner_html or tree.body.attributes
    rest = LexborHTMLParser(body).body
    return not around and rest is not None and tree.body.inner_html == rest.inner_html


_sanitize_with_cache = lru_cache(maxsize=_REMEMBERED)(_sanitize)


# --- values ------------------------------------------------------------------------------------


def _safe_value(_tag: str, name: str, value: str) -> str | None:
    """Return the value of an attribute, or None where it has to go."""
    match name:
        case "style":
            is_harmless = not _is_active(value)
        case "background":
            is_harmless = _bare(value).startswith(_PICTURES)
        case "src":
            is_harmless = not _bare(value).startswith("data:") or _bare(value).startswith("data:image/")
        case "href" | "cite":
            is_harmless = not _bare(value).startswith("data:")
        case _:
            return value
    return value if is_harmless else None


def _bare(address: str) -> str:
    """Return an address without what browsers pass over in one (WHATWG URL 4.4)."""
    return _BLANKS.sub("", address[:100]).lower()


def _is_active(style: str) -> bool:
    plain = _STYLE_COMMENT.sub("", _STYLE_ESCAPE.sub(_letter, style))
    return _ACTIVE_STYLE.search(_BLANKS.sub("", plain)) is not None


def _letter(found: re.Match[str]) -> str:
    number = int(found[1] or "0", 16)
    return chr(number) if number < 0x110000 else ""


# --- the library -------------------------------------------------------------------------------


class _Cleaners(Struct, frozen=True):
    """`quick` looks at no values but addresses, `careful` at each, and `plain` lets no style sheet stay."""

    quick: nh3.Cleaner
    careful: nh3.Cleaner
    plain: nh3.Cleaner


def _cleaners(tags: frozenset[str], attributes: Mapping[str, set[str]]) -> _Cleaners:
    also = {**attributes, "*": attributes.get("*", set()) | {"background"}}
    return _Cleaners(
        quick=nh3.Cleaner(
            tags={*tags, "style"},
            clean_content_tags=set(_GONE),
            attributes=dict(attributes),
            url_schemes=set(_SCHEMES),
            generic_attribute_prefixes={"aria-", "data-"},
            link_rel=None,
        ),
        careful=_careful({*tags, "style"}, set(_GONE), also),
        plain=_careful(set(tags), {*_GONE, "style"}, {tag: names for tag, names in also.items() if tag != "style"}),
    )


def _careful(tags: set[str], gone: set[str], attributes: dict[str, set[str]]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=tags,
        clean_content_tags=gone,
        attributes=attributes,
        attribute_filter=_safe_value,
        url_schemes={*_SCHEMES, "data"},
        generic_attribute_prefixes={"aria-", "data-"},
        link_rel=None,
    )


def _clean(html: str, by: _Cleaners) -> str:
    if _LOOK_CLOSER.search(html) is None:
        return by.quick.clean(html)
    cleaned = by.careful.clean(html)
    sheets = cleaned[cleaned.find("<style") : cleaned.rfind("</style>")] if "</style>" in cleaned else ""
    return by.plain.clean(html) if _is_active(sheets) else cleaned


_BODY = _cleaners(TAGS, {"*": set(_EVERYWHERE), **_OF_TAGS})
_HEAD = _cleaners(frozenset(), {"style": {"media", "type"}})
_CARRIER = _careful({"div"}, set(), {"div": set(_OF_BODY) | {"background"}})


def _of_body(attributes: Mapping[str, str | None]) -> str:
    """Return the attributes of a body as they may stand in its tag; an element that may have them carries them."""
    given = "".join(
        f' {name}="{escape(value or "")}"' for name, value in attributes.items() if name in _OF_BODY | {"background"}
    )
    return _CARRIER.clean(f"<div{given}></div>").removeprefix("<div").removesuffix("></div>")
