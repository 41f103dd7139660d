"""HTML read as plain text, as Exchange writes it (case 26: html_read_as_text)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from rsvpd.mail.plain import words
from support.soup import SOUP

RULE = "_" * 32


@pytest.mark.parametrize(("html", "text"), [
    ("<div>Hello</div>Dial in<p>Next</p>", "Hello\nDial in\n\nNext"),
    ("<ul><li>a</li></ul>x<hr>y", f"  *   a\n\nx\n{RULE}\ny"),
    ('<a href="https://m.example/j?a=1&amp;b=2">Join online</a>', "Join online<https://m.example/j?a=1&b=2>"),
    ("<p>a\r\n  line</p>", "a line"),
    ("a<br>b<br><br>c<br>", "a\nb\n\nc"),
    ("<div>a</div><br><div>b</div>", "a\n\nb"),
    ("<div>a<br></div><div>b</div>", "a\nb"),
    ("<div><div><div>a</div></div></div><div>b</div>", "a\nb"),
    ("<p>a</p><p>b</p>", "a\n\nb"),
    ("<h1>a</h1>b", "a\n\nb"),
    ("<table><tr><th>Name<th>Age<tr><td>Zoe<td>5</table>x", "Name\tAge\nZoe\t5\nx"),
    ("<table><tr><td><p>a</p></td><td></td><td><div>c</div></td></tr></table>", "a\t\tc"),
    ("<table><tr><td><p>a</p><p>b</p></td></tr></table>c", "a\n\nb\nc"),
    ("<ol><li>x<li>y<ul><li>z</ul></ol>", "  1.  x\n  2.  y\n     *   z"),
    ("<ol start=3><li><p>x</p></li><li><p>y</p></li></ol>", "  3.  x\n  4.  y"),
    ("<pre>\n a\n  b</pre>c", " a\n  b\n\nc"),
    ("a&nbsp;&nbsp;b<p>&nbsp;</p>c", "a  b\n\n\nc"),
    ("<b>a</b> <i>b</i>c", "a bc"),
    ("<style>p {}</style><script>x()</script><title>t</title>a<!-- b -->c", "ac"),
    ("<head><title>t</title></head><body>a</body>", "a"),
    ("&lt;b&gt; &amp; &eacute; &#8364;", "<b> & é €"),
    ('<img alt="Logo" src="https://x.example/l"><img src="cid:a@b"><img src="https://x.example">', "[Logo][cid:a@b]"),
    ("", ""),
    ("&#" + "1" * 4_301 + ";", "\ufffd"),
])  # fmt: skip
def test_html_read_as_text(html: str, text: str):
    assert words(html) == text


@pytest.mark.parametrize(("link", "text"), [
    ('<a href="mailto:bob@example.com">bob@example.com</a>', "bob@example.com<mailto:bob@example.com>"),
    ('<a href="tel:+49123">+49 123</a>', "+49 123<tel:+49123>"),
    ('<a href="https://x.example/">https://x.example</a>', "https://x.example"),
    ('<a href="https://x.example"></a>', "<https://x.example>"),
    ('<a href="https://x.example">more </a>x', "more<https://x.example> x"),
    ('<a href="https://x.example"><div>a</div><div>b</div></a>c', "a\nb<https://x.example>\nc"),
    ('<a href="https://x.example"><img alt="Logo"></a>', "[Logo]<https://x.example>"),
    ('<a href="#top">up</a> <a name="x">here</a> <a href="javascript:x()">no</a>', "up here no"),
    ('<a href="https://x\n.example">a</a>', "a<https://x.example>"),
])  # fmt: skip
def test_a_link_keeps_its_address(link: str, text: str):
    assert words(link) == text


@settings(deadline=None)
@given(SOUP)
def test_anything_has_words(soup: str):
    said = words(soup)
    assert words(soup, most=5)[:3] in (said[:3], "")
    assert not said.startswith("\n")
    assert not said.endswith("\n")


def test_no_more_is_read_than_was_asked_for():
    assert len(words("<p>word</p>" * 10_000, most=100)) < 200
