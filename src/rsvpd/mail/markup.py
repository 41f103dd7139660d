"""HTML in good order: what a parser reads in time that grows with its length.

Where tags are left open, closed crosswise or stand where they may not, the parsers' rules of repair (WHATWG HTML
13.2.6: adoption, foster parenting, reconstruction of formatting elements) look at every open element and move
every child again and again: 300,000 letters of `<div>` or of `<table><br>` stop any of them for seconds. So what
is long comes in order before a parser sees it; what is short can do no harm.

Rules:
1. Tokens are found as 13.2.5 finds them. Only TAGS stay, well nested, at most DEEPEST in each other; comments go.
2. An end tag closes what was left open within its element; one that closes nothing goes.
3. A cell stands in a row, a row in a table, and what else stands there gets a cell of its own.
4. The text stays on its lines, and tags that stay are not rewritten.
5. A long run of words is cut by empty comments: html5ever escapes `&` and the no-break space of one run in the
   square of its length.

This is about time alone. What may be shown is decided afterwards, by `sanitizer.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

SHORT = 8_000
FEW_TAGS = 300
DEEPEST = 100
# Each of them may be opened again in every paragraph.
_MOST_FORMATTING = 16
_MOST_ATTRIBUTES = 64
_MOST_ESCAPED = 1_000
_PIECE = 8_000
_REFERENCE_LETTERS = 40

_VOID = frozenset(("area", "br", "col", "hr", "img", "meta", "wbr"))
_FORMATTING = frozenset((
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
))
_INLINE = frozenset((
    "abbr", "acronym", "bdi", "bdo", "cite", "del", "dfn", "ins", "kbd", "label", "mark", "o:p", "q", "rp", "rt",
    "ruby", "samp", "span", "sub", "sup", "time", "var",
))
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "center", "dd", "details", "dir", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "legend", "li", "main", "map",
    "menu", "nav", "ol", "p", "pre", "section", "summary", "ul",
))
_ROWS = frozenset(("tbody", "thead", "tfoot"))
_CELLS = frozenset(("td", "th", "caption"))
_TABLES = frozenset(("table", "tr", "colgroup")) | _ROWS | _CELLS
TAGS = _VOID - {"meta"} | _FORMATTING | _INLINE | _BLOCKS | _TABLES

# The elements that may stand between an element and the one it has to stand in are closed.
_WITHIN = {
    **dict.fromkeys((*_ROWS, "caption", "colgroup"), frozenset(("table",))),
    "col": frozenset(("table", "colgroup")),
    "tr": _ROWS | {"table"},
    "td": frozenset(("tr",)),
    "th": frozenset(("tr",)),
}
_NO_WORDS = frozenset(("table", "tr", "colgroup")) | _ROWS
# An item ends the one before it, a paragraph any block; left to a parser, what was open in them is opened again.
_ITEMS = frozenset(("li", "dd", "dt"))
_LISTS = frozenset(("ul", "ol", "dl", "dir", "menu"))
_ENDS_PARAGRAPH = _BLOCKS | {"table"}
# One of these within another makes a parser close the outer one and move what stands in it.
_NEVER_NESTED = frozenset(("a", "nobr"))
# The parts of a document, each where it first stands, and what stands in its head: by what they stand in.
_ONCE = frozenset(("html", "head", "body"))
_HEADS = {"html": "", "head": "html", "body": "html", "meta": "head", "title": "head", "style": "head"}
# Their content is no markup; `style` stays with it, the others go.
_RAW = ("style", "script", "title", "textarea", "xmp", "iframe", "noembed", "noframes")
_BLANK = r"\t\n\f\r "
_BLANKS = "\t\n\f\r "
_RAW_END = {name: re.compile(rf"</{name}(?=[{_BLANK}/>])", re.I) for name in _RAW}

_VALUE = rf"""[{_BLANK}]*+=[{_BLANK}]*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|(?!["'>])[^{_BLANK}>]++|(?=>))"""
_ATTRIBUTE = rf"(?:=[^{_BLANK}/>=]*+|[^{_BLANK}/>=]++)(?:{_VALUE})?+"
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_LONG_TAG = 200
_REST_OF_TAG = rf"(?:[{_BLANK}/]++|{_ATTRIBUTE})*+>"
# A start tag, an end tag, a comment, what is read like one, and last a token without an end, which is the end of all.
_START, _END, _ENDLESS = 1, 2, 3
_TOKEN = re.compile(
    rf"<([A-Za-z][^{_BLANK}/>]*+)(?:>|{_REST_OF_TAG})"
    rf"|</([A-Za-z][^{_BLANK}/>]*+)(?:>|{_REST_OF_TAG})"
    r"|<!--(?:-?>|[^-]*+(?:-(?!-!?>)[^-]*+)*+--!?>)"
    r"|<(?:!(?!--)|\?|/(?![A-Za-z]))[^>]*+>"
    r"|(<[A-Za-z/!?])"
)


def in_order(html: str) -> str:
    """Return `html` as a parser can read it in time proportional to its length; short text stays as it is."""
    if len(html) <= SHORT and html.count("<") <= FEW_TAGS:
        return html
    return html if _is_in_order(html) else _Order(html).whole()


def _is_in_order(html: str) -> bool:
    """Return whether `html` keeps the rules already, as what programs write mostly does."""
    if _is_escaped_much(html):
        return False
    open_: list[str] = []
    formatting = at = 0
    for found in _TOKEN.finditer(html):
        kind = found.lastindex
        outer = open_[-1] if open_ else ""
        if outer in _RAW and kind != _END and (kind is not None or "</" in found[0]):
            return False
        if kind is None:  # a comment
            continue
        name = found[kind].lower()
        if outer in _NO_WORDS and html[at : found.start()].strip(_BLANKS):
            return False
        at = found.end()
        if kind == _END:
            if outer != name:
                return False
            open_.pop()
            formatting -= name in _FORMATTING
        elif kind == _START and _is_at_home(name, outer, open_):
            if found.end() - found.start() > _LONG_TAG and _is_laden(found[0]):
                return False
            if name not in _VOID:
                open_.append(name)
                formatting += name in _FORMATTING
                if len(open_) > DEEPEST or formatting > _MOST_FORMATTING:
                    return False
        else:
            return False
    return not open_


def _is_at_home(name: str, outer: str, open_: list[str]) -> bool:
    """Return whether an element may stand right within `outer`, the innermost of the open ones."""
    if name in _WITHIN:
        return outer in _WITHIN[name]
    if name in _HEADS:
        return outer == _HEADS[name]
    if name not in TAGS or outer in _NO_WORDS:
        return False
    if name in _NEVER_NESTED or (name in _ITEMS and outer not in _LISTS):
        return name not in open_
    return name not in _ENDS_PARAGRAPH or "p" not in open_ or (outer == "p" and name != "p")


def _is_escaped_much(text: str) -> bool:
    return len(text) > _MOST_ESCAPED and text.count("&") + text.count("\xa0") > _MOST_ESCAPED


def _is_laden(tag: str) -> bool:
    return _is_escaped_much(tag) or sum(1 for _ in _ATTRIBUTES.finditer(tag)) > _MOST_ATTRIBUTES


def _in_pieces(text: str) -> Iterator[str]:
    """Yield `text` with an empty comment after each 8,000 letters; no reference is cut."""
    at = 0
    while len(text) - at > _PIECE:
        stop = at + _PIECE
        reference = text.rfind("&", stop - _REFERENCE_LETTERS, stop)
        stop = stop if reference < 0 else reference
        yield text[at:stop]
        yield "<!---->"
        at = stop
    yield text[at:]


class _Order:
    """One text on its way into order. `_known` counts the open elements by name, down to the innermost cell."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._out: list[str] = []
        self._open: list[str] = []
        self._known: list[dict[str, int]] = [{}]
        self._formatting = 0
        self._tables = 0
        self._parts: set[str] = set()

    def whole(self) -> str:
        """Return the text in order."""
        at = 0
        while found := _TOKEN.search(self._html, at):
            self._text(self._html[at : found.start()])
            at = found.end()
            kind = found.lastindex
            if kind == _START:
                at = self._start(found[kind].lower(), found[0], at)
            elif kind == _END:
                self._end(found[kind].lower())
            elif kind == _ENDLESS:
                at = len(self._html)
        self._text(self._html[at:])
        self._close(0)
        return "".join(self._out)

    def _text(self, text: str) -> None:
        if text:
            if self._open and self._open[-1] in _NO_WORDS and text.strip(_BLANKS):
                self._cell()
            self._out += _in_pieces(text) if _is_escaped_much(text) else (text,)

    def _start(self, name: str, tag: str, end: int) -> int:
        """Take a start tag that ends at `end`; return where what comes next begins."""
        if name in _RAW_END:
            return self._raw(name, tag, end)
        if name in _ONCE and not self._open and name not in self._parts:
            self._parts.add(name)
            self._out.append(tag)
        if name not in TAGS:
            return end
        if not self._is_placed(name):
            if name in _BLOCKS:
                self._out.append("<br>")
            return end
        if len(tag) > _LONG_TAG and _is_laden(tag):
            tag = f"<{name}>"
        self._out.append(tag)
        if name not in _VOID:
            self._push(name)
        return end

    def _raw(self, name: str, tag: str, end: int) -> int:
        found = _RAW_END[name].search(self._html, end)
        if found is None:
            return len(self._html)
        if name == "style" and len(tag) <= _LONG_TAG:
            self._out += (tag, self._html[end : found.start()], "</style>")
        stop = self._html.find(">", found.end())
        return len(self._html) if stop < 0 else stop + 1

    def _is_placed(self, name: str) -> bool:
        """Make room for an element, and return whether it may stand here."""
        if name in _WITHIN:
            return self._is_in_table(name)
        if self._open and self._open[-1] in _NO_WORDS:
            self._cell()
        if name in _VOID:
            return True
        if name in _ENDS_PARAGRAPH:
            self._end("p")
        if name in _NEVER_NESTED:
            self._end(name)
        if name in _ITEMS and name in self._known[-1]:
            self._end_item(name)
        return len(self._open) < DEEPEST and (name not in _FORMATTING or self._formatting < _MOST_FORMATTING)

    def _is_in_table(self, name: str) -> bool:
        """Close what stands between a part of a table and the part it belongs in."""
        if not self._tables:
            return False
        outer = _WITHIN[name]
        at = len(self._open) - 1
        while at >= 0 and self._open[at] not in outer and self._open[at] != "table":
            at -= 1
        if len(self._open) >= DEEPEST + len(_WITHIN):
            return False
        self._close(at + 1)
        if self._open[-1] not in outer:  # a cell without its row
            self._out.append("<tr>")
            self._push("tr")
        return True

    def _cell(self) -> None:
        """Open a cell for words that stand in a table outside of any."""
        if self._is_in_table("td"):
            self._out.append("<td>")
            self._push("td")

    def _end(self, name: str) -> None:
        if name in _TABLES:
            at = self._table_part(name)
        elif name in self._known[-1]:
            at = len(self._open) - 1
            while self._open[at] != name:
                at -= 1
        else:
            at = -1
        if at >= 0:
            self._close(at)

    def _end_item(self, name: str) -> None:
        """Close the item of the same list that is open."""
        at = len(self._open) - 1
        while self._open[at] != name and self._open[at] not in _LISTS:
            at -= 1
        if self._open[at] == name:
            self._close(at)

    def _table_part(self, name: str) -> int:
        """Return where the part of the innermost table with that name stands, or -1."""
        if not self._tables:
            return -1
        at = len(self._open) - 1
        while at >= 0 and self._open[at] != name and self._open[at] != "table":
            at -= 1
        return at if at >= 0 and self._open[at] == name else -1

    def _push(self, name: str) -> None:
        self._open.append(name)
        self._formatting += name in _FORMATTING
        self._tables += name == "table"
        self._known[-1][name] = self._known[-1].get(name, 0) + 1
        if name in _CELLS:
            self._known.append({})

    def _close(self, at: int) -> None:
        """Close the open elements from `at` on, the innermost first."""
        while len(self._open) > at:
            name = self._open.pop()
            self._out.append(f"</{name}>")
            self._formatting -= name in _FORMATTING
            self._tables -= name == "table"
            if name in _CELLS:
                self._known.pop()
            known = self._known[-1]
            known[name] -= 1
            if not known[name]:
                del known[name]
