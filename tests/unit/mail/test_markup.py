"""What is long stands in order before a parser sees it, so that the parser's work grows with its length alone."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from selectolax.lexbor import LexborHTMLParser

from rsvpd.mail.markup import DEEPEST, SHORT, in_order
from rsvpd.mail.plain import words
from support.soup import SOUP

LONG = "<p>word</p>" * SHORT
OWN = 10  # what a parser adds to any text: html, head, body…
MOST = DEEPEST * 3 // 2 + OWN  # and to each table a tbody


def shape(html: str) -> tuple[int, int]:
    """Return how many elements a parser makes of `html`, and how deep they stand."""
    depth = deepest = elements = 0
    node = LexborHTMLParser(html).root
    while node is not None:
        deepest = max(deepest, depth)
        elements += node.tag not in ("-text", "-comment")
        if node.child is not None:
            node, depth = node.child, depth + 1
            continue
        while node is not None and node.next is None:
            node, depth = node.parent, depth - 1
        node = node.next if node is not None else None
    return elements, deepest


@pytest.mark.slow
@pytest.mark.parametrize("unit", [
    "<div>", "<b>", "<table><tr><td>", "<a><p>", "<ul><li>", "<p><b><i>", "<font size=1>", "<table><br>", "<svg>",
    "<b></p>", "<form><div></form>", "<select><p>", "<nobr><p>", "<table>x<tr>y", "<template>", "<h1><p>", "<dd><dt>",
])  # fmt: skip
def test_many_open_tags_make_no_deep_tree(unit: str):
    html = unit * 4_000
    elements, deepest = shape(in_order(html))
    assert deepest <= MOST
    assert elements <= 2 * html.count("<") + OWN


def test_formatting_is_not_opened_again_in_each_paragraph():
    formats = "".join(f"<b {number}>" for number in range(500))
    for frame in ("<p>{}<div>x</div>{}", "<p>{}</p>{}", "<ul><li>{}<li>x</li>{}"):
        html = frame.format(formats, "<p>x" * 5_000)
        assert shape(in_order(html))[0] <= 2 * html.count("<") + OWN


def test_a_tag_with_very_many_attributes_loses_them():
    laden = "<a " + " ".join(f"a{number}" for number in range(5_000)) + ">x</a>"
    assert "<a>x</a>" in in_order(laden + LONG)
    few = '<a href="https://x.example" title="x">x</a>'
    assert few in in_order(few + LONG + "<div>")


def test_a_run_of_references_is_cut_and_none_of_them_is():
    html = "&nbsp;&eacute;" * 5_000
    pieces = in_order(html).split("<!---->")
    assert len(pieces) > 5
    assert all(len(piece) <= 8_000 for piece in pieces)
    assert words(html).split() == ["é"] * 5_000


@settings(deadline=None, max_examples=60)
@given(SOUP)
@example("<html><head><style><b></style><table><style></head>")
def test_anything_comes_in_order(soup: str):
    html = soup * (1 + 2 * SHORT // max(1, len(soup)))
    elements, deepest = shape(in_order(html))
    assert deepest <= MOST
    assert elements <= 2 * html.count("<") + OWN


@pytest.mark.parametrize("hidden", [
    '<title><a x="</title>{}"></a></title>', "<style><!-- </style>{} --></style>", "<style><b></style>{}</b></style>",
])  # fmt: skip
def test_nothing_hides_in_what_is_no_markup(hidden: str):
    html = "<html><head>" + hidden.format("<div>" * 5_000) + "</head></html>"
    assert shape(in_order(html))[1] <= MOST


@pytest.mark.parametrize("html", [
    LONG,
    "<html><head><meta charset=utf-8><title>T</title><style>p > a {}</style></head><body>" + LONG + "</body></html>",
    "<!DOCTYPE html><!-- x -->" + "<table><tbody><tr><td><p>a</p></td><td>b<br></td></tr></tbody></table>" * 300,
    "<div>" + '<p class="MsoNormal"><span><a href="x">y</a><o:p>&nbsp;</o:p></span></p>\r\n' * 300 + "</div>",
    "<ul><li>a<ul><li>b</li></ul></li></ul>" * 300,
])  # fmt: skip
def test_what_is_in_order_stays_as_it_is(html: str):
    assert in_order(html) == html


@pytest.mark.parametrize(("tangled", "ordered"), [
    ("<table>x<tr>y<td>z</table>", "<table><tr><td>x</td></tr><tr><td>y</td><td>z</td></tr></table>"),
    ("<td>x</td>", "x"),
    ("<b><p>x</b>y</p>", "<b><p>x</p></b>y"),
    ("<p>x<div>y</div>", "<p>x</p><div>y</div>"),
    ("<ul><li>x<li>y</ul>", "<ul><li>x</li><li>y</li></ul>"),
    ("<p>x<script>y</script><x-y>z", "<p>xz</p>"),
    ("x</div>y", "xy"),
    ("<p>x<a", "<p>x</p>"),
])  # fmt: skip
def test_how_order_is_made(tangled: str, ordered: str):
    assert in_order(LONG + tangled).removeprefix(LONG) == ordered


def test_the_words_of_a_deep_text_stay_on_their_lines():
    assert words("<div>a<b>b</b>" * 1_000).split("\n") == ["ab"] * 1_000
