"""The words of an HTML text, as Exchange writes them for whoever reads plain text.

Blocks stand on lines of their own, paragraphs and lists are set off by an empty line, the cells of a row by a tab,
and a link keeps its address: `Join online<https://…>`. The parser is lexbor; its tree is walked without recursion.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from selectolax.lexbor import LexborHTMLParser, LexborNode

from rsvpd.mail.markup import in_order

_UNSEEN = frozenset((
    "head", "script", "style", "template", "title", "noembed", "noframes", "noscript", "iframe", "object", "select",
    "datalist", "math", "svg", "-comment", "!doctype",
))
_BLOCKS = (
    "address", "article", "aside", "body", "center", "dd", "details", "dir", "div", "dt", "fieldset", "figcaption",
    "figure", "footer", "form", "header", "legend", "main", "nav", "section", "summary", "table", "tbody", "tfoot",
    "thead", "caption",
)
_SET_OFF = ("blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "p")
_VERBATIM = ("listing", "plaintext", "pre", "xmp")
_LISTS = ("dir", "menu", "ol", "ul")
_RULE = "_" * 32
_BLANKS = re.compile(r"[\t\n\f\r ]++")
_ADDRESSES = ("http:", "https:", "mailto:", "tel:", "sip:", "sips:", "ftp:", "file:", "callto:", "webcal:", "msteams:")


def words(html: str, *, most: int | None = None) -> str:
    """Return the words of `html`, lines ending in a newline; with `most` at least so many letters and then no more."""
    page = _Page()
    root = LexborHTMLParser(in_order(html)).root
    if root is not None:
        _walk(root, page, most)
    return page.text()


def _walk(root: LexborNode, page: _Page, most: int | None) -> None:
    """Write a tree onto `page`, each element as it begins and as it ends."""
    outer: list[tuple[LexborNode, str]] = []
    node: LexborNode | None = root
    while node is not None and (most is None or page.letters < most):
        tag = node.tag or ""
        if tag == "-text":
            page.write(node.text_content or "")
        elif tag not in _UNSEEN:
            if (begin := _BEGIN.get(tag)) is not None:
                begin(page, node)
            if (child := node.child) is not None:
                outer.append((node, tag))
                node = child
                continue
            if (end := _END.get(tag)) is not None:
                end(page)
        node, after = (None, node.next) if not outer else (node, node.next)
        while after is None and outer:
            node, tag = outer.pop()
            if (end := _END.get(tag)) is not None:
                end(page)
            after = node.next if outer else None
        node = after


class _Page:
    """Lines as they are written. A line that has ended is closed by what comes next, since a cell may go on with it."""

    def __init__(self) -> None:
        self.letters = 0
        self._lines: list[str] = []
        self._line: list[str] = []
        self._has_ended = False
        self._is_set_off = False
        self._verbatim = 0
        self._tabs = 0
        self._marker = ""
        self._lists: list[int | None] = []
        self._rows: list[int] = []
        self._is_cell_empty = False
        self._links: list[tuple[str, int, int]] = []

    def text(self) -> str:
        """Return what was written, without empty lines at the edges."""
        self._close()
        return "\n".join(self._lines).strip("\n")

    def write(self, text: str) -> None:
        """Write words; outside of `pre` any blanks are one."""
        if self._verbatim:
            self._write_verbatim(text)
            return
        text = _BLANKS.sub(" ", text)
        if not self._line or self._has_ended or self._tabs or self._line[-1].endswith((" ", "\t")):
            text = text.lstrip(" ")
        if text:
            self._put(text.replace("\xa0", " "))

    def _write_verbatim(self, text: str) -> None:
        first, *others = text.replace("\r", "").split("\n")
        if first:
            self._put(first)
        for line in others:
            self.new_line()
            if line:
                self._put(line)

    def _put(self, text: str) -> None:
        if self._has_ended:
            self._close()
        if not self._line:
            if self._is_set_off and self._lines and self._lines[-1]:
                self._lines.append("")
            self._is_set_off = False
            if self._marker:
                self._line.append(self._marker)
                self._marker = ""
        elif self._tabs:
            self._line.append("\t" * self._tabs)
        self._tabs = 0
        self._is_cell_empty = False
        self._line.append(text)
        self.letters += len(text)

    def _close(self) -> None:
        if self._line:
            self._lines.append("".join(self._line).rstrip())
        self._line = []
        self._has_ended = False
        self._tabs = 0

    # What elements do.

    def new_line(self) -> None:
        """End the line, which may be empty."""
        if not self._line or self._has_ended:
            self._close()
            self._lines.append("")
        else:
            self._close()
        self.letters += 1

    def end_line(self) -> None:
        """Let what comes next stand on a line of its own."""
        if not self._is_cell_empty:
            self._has_ended = bool(self._line)

    def set_off(self) -> None:
        """Let what comes next stand apart by an empty line; items of a list and cells of a row stand close."""
        self.end_line()
        self._is_set_off = self._is_set_off or not (self._lists or self._is_cell_empty)

    def rule(self) -> None:
        """Write a line across the page."""
        self.end_line()
        self._put(_RULE)
        self.end_line()

    def begin_verbatim(self) -> None:
        """Write lines as they are from here on."""
        self.set_off()
        self._verbatim += 1

    def end_verbatim(self) -> None:
        """Let any blanks be one again."""
        self._verbatim -= 1
        self.set_off()

    def begin_list(self, number: int | None) -> None:
        """Begin a list, which counts from `number` on or has bullets."""
        self.set_off()
        self._lists.append(number)

    def end_list(self) -> None:
        """End a list."""
        self._lists.pop()
        self._marker = ""
        self.set_off()

    def begin_item(self) -> None:
        """Begin an item of a list."""
        self.end_line()
        number = self._lists[-1] if self._lists else None
        indent = "  " + "   " * (len(self._lists) - 1)
        self._marker = f"{indent}*   " if number is None else f"{indent}{number}.  "
        if number is not None:
            self._lists[-1] = number + 1

    def begin_row(self) -> None:
        """Begin a row of cells."""
        self.end_line()
        self._rows.append(0)

    def end_row(self) -> None:
        """End a row of cells."""
        self._rows.pop()
        self._is_cell_empty = self._is_set_off = False
        self.end_line()

    def begin_cell(self) -> None:
        """Begin a cell, on the line on which the one before it ended."""
        if self._rows and self._rows[-1]:
            self._has_ended = self._is_set_off = False
            self._tabs += 1
        else:
            self.end_line()
        if self._rows:
            self._rows[-1] += 1
            self._is_cell_empty = True

    def begin_link(self, address: str) -> None:
        """Begin a link."""
        self._links.append((address, len(self._lines), len(self._line)))

    def end_link(self) -> None:
        """End a link with its address, where that says anything more."""
        address, lines, parts = self._links.pop()
        is_one_line = lines == len(self._lines) or not parts
        link_text = "".join(self._line[parts if lines == len(self._lines) else 0 :]).strip()
        if not address or (is_one_line and link_text in (address, address.removesuffix("/"))):
            return
        if not self._line:
            self._put(f"<{address}>")
            return
        last = self._line.pop()
        kept = last.rstrip()
        self._line += (kept, f"<{address}>", last[len(kept) :])
        self.letters += len(address) + 2


def _begin_link(page: _Page, node: LexborNode) -> None:
    address = _BLANKS.sub("", node.attributes.get("href") or "")
    page.begin_link(address if address.lower().startswith(_ADDRESSES) else "")


def _begin_list(page: _Page, node: LexborNode) -> None:
    if node.tag != "ol":
        page.begin_list(None)
        return
    start = node.attributes.get("start") or ""
    page.begin_list(int(start) if start.isascii() and start.isdecimal() and len(start) < 6 else 1)


def _picture(page: _Page, node: LexborNode) -> None:
    attributes = node.attributes
    alt, source = (attributes.get("alt") or "").strip(), (attributes.get("src") or "").strip()
    if alt or source.lower().startswith("cid:"):
        page.write(f"[{alt or source}]")


_Begin = Callable[[_Page, LexborNode], None]
_BEGIN: dict[str, _Begin] = {
    **dict.fromkeys(_BLOCKS, lambda page, _: page.end_line()),
    **dict.fromkeys(_SET_OFF, lambda page, _: page.set_off()),
    **dict.fromkeys(_VERBATIM, lambda page, _: page.begin_verbatim()),
    **dict.fromkeys(_LISTS, _begin_list),
    "li": lambda page, _: page.begin_item(),
    "tr": lambda page, _: page.begin_row(),
    "td": lambda page, _: page.begin_cell(),
    "th": lambda page, _: page.begin_cell(),
    "a": _begin_link,
    "br": lambda page, _: page.new_line(),
    "hr": lambda page, _: page.rule(),
    "img": _picture,
}
_END: dict[str, Callable[[_Page], None]] = {
    **dict.fromkeys(_BLOCKS, _Page.end_line),
    **dict.fromkeys(_SET_OFF, _Page.set_off),
    **dict.fromkeys(_VERBATIM, _Page.end_verbatim),
    **dict.fromkeys(_LISTS, _Page.end_list),
    "li": _Page.end_line,
    "tr": _Page.end_row,
    "a": _Page.end_link,
}
