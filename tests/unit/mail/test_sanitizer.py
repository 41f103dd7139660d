"""What is shown as HTML can do nothing, and looks as it did."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from selectolax.lexbor import LexborHTMLParser

from rsvpd.mail.content import Body, BodyKind, as_document, as_fragment, as_html
from support.soup import SOUP

HEAD = '<html>\r\n<head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\r\n'
ACTIVE_TAGS = frozenset(
    ("script", "iframe", "frame", "object", "embed", "applet", "svg", "math", "form", "base", "link", "template")
)
ADDRESSES = ("href", "src", "background", "action", "cite", "poster", "srcset", "formaction")


def shown(html: str) -> str:
    return as_html(Body(html, BodyKind.HTML))


def inner(html: str) -> str:
    """Return what stands in the body of the document shown."""
    before, body = shown(html).split("<body>\r\n")
    assert before == HEAD + "</head>\r\n"
    return body.removesuffix("\r\n</body>\r\n</html>\r\n")


def actives(html: str) -> list[str]:
    """Return what could act in a page, found by another parser than that which removed it."""
    found = []
    for node in LexborHTMLParser(html).root.traverse():
        found += [node.tag] if node.tag in ACTIVE_TAGS else []
        for name, value in node.attributes.items():
            bare = "".join((value or "").split()).lower()
            is_program = name in ADDRESSES and bare.startswith(("javascript:", "vbscript:", "data:text"))
            found += [f"{name}={value}"] if name.startswith("on") or name == "srcdoc" or is_program else []
            found += [value or ""] if name == "style" and ("expression(" in bare or "script:" in bare) else []
    return found


@pytest.mark.parametrize("probe", [
    "<script>alert(1)</script>",
    "<svg/onload=alert(1)>",
    '<img src="x"onerror=alert(1)>',
    '<a href="&#106;avascript:alert(1)">x</a>',
    '<a href=" java\tscript:alert(1)">x</a>',
    "<scr<script></script>ipt>alert(1)</script>",
    "<iframe src=javascript:alert(1)></iframe>",
    '<iframe srcdoc="&lt;script>alert(1)&lt;/script>">',
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    '<math><mi xlink:href="javascript:alert(1)">',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<img src="data:text/html,x">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<table background="javascript:alert(1)"><tr><td>x</td></tr></table>',
    '<div style="width:expression(alert(1))">x</div>',
    '<div style="width:e\\78 pre/**/ssion(alert(1))">x</div>',
    "<form action=javascript:alert(1)><button>x</button></form>",
    '<meta http-equiv=refresh content="0;url=javascript:alert(1)">',
    "<base href=//evil.example>",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<style>@import 'javascript:alert(1)'</style>",
    '<style title="</style>"><img src=x onerror=alert(1)></style>',
])  # fmt: skip
def test_nothing_can_act(probe: str):
    for html in (probe, probe * 500, f"<html><head>{probe}</head><body>{probe}</body></html>"):
        assert actives(shown(html)) == []
        assert actives(as_fragment(Body(html, BodyKind.HTML))) == []
        assert "@import" not in shown(html)


@settings(deadline=None)
@given(SOUP)
def test_nothing_in_anything_can_act(soup: str):
    body = Body(soup, BodyKind.HTML)
    for page in (as_html(body), as_fragment(body)):
        assert actives(page) == []
        page.encode()


@pytest.mark.parametrize("kept", [
    '<p class="MsoNormal" style="margin:0cm">Hi<o:p>&nbsp;</o:p></p>',
    '<table border="0" cellpadding="0" cellspacing="0" width="600" role="presentation">'
    '<tbody><tr><td align="center" bgcolor="#ffffff" valign="top" colspan="2">x</td></tr></tbody></table>',
    '<img src="cid:image001.png@01D2" alt="Logo" width="10" height="10">',
    '<img src="data:image/png;base64,iVBORw0KGgo=">',
    '<a href="mailto:bob@example.com">b</a> <a href="tel:+49123">t</a> <a href="https://x.example/?a=1&amp;b=2">w</a>',
    '<font color="red" face="Arial" size="2">x</font>',
    '<div data-ogsc="black" dir="rtl" id="x">x</div>',
    '<ol start="3" type="a"><li>x</li></ol><hr><pre>a  b</pre><blockquote cite="mid:x">q</blockquote>',
    "<u>a</u><s>b</s><sub>c</sub><center>d</center><h2>e</h2>",
])  # fmt: skip
def test_what_mail_is_made_of_stays(kept: str):
    assert inner(kept) == kept


def test_a_document_keeps_its_style_sheets_and_the_attributes_of_its_body():
    html = (
        "<html xmlns:o='x'><head><title>T</title><meta name=Generator content=Word><style><!-- p {margin:0} --></style>"
        '</head><body lang="DE" link="blue" style="color:red" onload="x()">\n<p>Hi</p>\n</body></html>'
    )
    assert shown(html) == (
        f'{HEAD}<style><!-- p {{margin:0}} --></style>\r\n</head>\r\n<body lang="DE" link="blue" style="color:red">\r\n'
        "<p>Hi</p>\r\n</body>\r\n</html>\r\n"
    )
    assert shown(shown(html)) == shown(html)


def test_comments_and_what_only_word_reads_go():
    assert inner("a<!-- b -->c<![if !mso]>d<![endif]><!--[if mso]><v:rect>e</v:rect><![endif]-->") == "acd"


def test_words_about_programs_stay_words():
    said = "The expression(x) javascript: behavior: data: @import \\o/"
    assert inner(f"<p>{said}</p>") == f"<p>{said}</p>"
    assert "<style>" in shown(f"<style>p {{margin:0}}</style><p>{said}</p>")


def test_text_is_escaped():
    assert as_html(Body("<b>&\r\n</body> x")) == as_document(Body("<b>&\n</body> x"))
    assert "\r\n&lt;b&gt;&amp;<br>\r\n&lt;/body&gt; x\r\n" in as_html(Body("<b>&\r\n</body> x"))


def test_what_was_allowed_is_there_as_it_was():
    html = "<p onclick=x()>Hi</p><script>x()</script>"
    assert html in as_document(Body(html, BodyKind.HTML))


@pytest.mark.parametrize("html", ["<b>x</b><br/>y & z", "<ul>\n<li>x</ul>", "plain <i>text", "<p>x</p>" * 2_000])
def test_a_harmless_fragment_stays_letter_for_letter(html: str):
    assert as_fragment(Body(html, BodyKind.HTML)) == html


def test_a_fragment_has_no_wrapping_and_text_is_text():
    whole = "<html><head><meta charset=utf-8></head><body><b>x</b></body></html>"
    assert as_fragment(Body(whole, BodyKind.HTML)) == "<b>x</b>"
    assert as_fragment(Body("1 < 2")) == "1 < 2"
