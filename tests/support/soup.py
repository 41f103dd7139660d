"""HTML that nobody would write, for properties that must hold for any."""

from __future__ import annotations

from hypothesis import strategies as st

NAMES = (
    "a", "b", "i", "font", "nobr", "p", "div", "span", "table", "tbody", "tr", "td", "th", "caption", "colgroup", "col",
    "ul", "ol", "li", "dl", "dt", "dd", "h1", "h2", "pre", "br", "hr", "img", "o:p", "center", "blockquote", "form",
    "button", "select", "option", "svg", "math", "script", "style", "title", "textarea", "template", "frameset",
    "iframe", "noscript", "plaintext", "html", "head", "body", "x-y", "object", "marquee", "details",
)  # fmt: skip
ATTRIBUTES = (
    "", " x", " x=1", ' class="a b"', ' href="https://x.example/?a=1&amp;b=2"', " href=javascript:alert(1)",
    ' href="java\nscript:alert(1)"', " onclick=alert(1)", "/onload=alert(1)", ' style="x:expression(alert(1))"',
    ' src="data:text/html,x"onerror=alert(1)', " title='<p>'", ' title="', ' x="</style>"', " background=javascript:x",
    ' href="&#106;avascript:alert(1)"', ' srcdoc="<script>alert(1)</script>"', " colspan=2",
)  # fmt: skip
OTHER = (
    "x", " ", "\n", "&", "&amp;", "&nbsp;", "\xa0", "&#106;", "&#xd800;", "&#11111111111111111111;", "<", ">", '"', "'",
    "<!--", "-->", "<!-->", "<![CDATA[", "]]>", "<!doctype html>", "<?x", "</", "</>", "=", "\0", "\ud800", "é",
    "<![if mso]>", "<a ", "</p x=",
)  # fmt: skip

TAGS = st.one_of(
    st.builds("<{}{}>".format, st.sampled_from(NAMES), st.sampled_from(ATTRIBUTES)),
    st.builds("</{}>".format, st.sampled_from(NAMES)),
)
PIECES = st.one_of(TAGS, TAGS, st.sampled_from(OTHER), st.text(st.characters(exclude_categories=()), max_size=6))
SOUP = st.lists(PIECES, max_size=30).map("".join)
