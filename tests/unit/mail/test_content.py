"""Bodies: previews, and what a body written back says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsvpd.mail.content import Body, BodyKind, as_document, as_html, as_text, is_shown_as, preview
from support.soup import SOUP

ANYTHING = st.one_of(SOUP, st.text(st.characters(exclude_categories=())))


def html(text: str) -> Body:
    return Body(text, BodyKind.HTML)


@pytest.mark.parametrize(("body", "first"), [
    (Body(""), ""),
    (Body("  a\tb \n\n\nc  "), "a b\r\n\r\n\r\nc"),
    (html("<p>Rooster says &quot;wake&quot;</p><div>x</div>"), 'Rooster says "wake"\r\n\r\nx'),
    (html('<a href="https://x.example">Join</a>'), "Join<https://x.example>"),
    (Body("word " * 100), ("word " * 51).strip()),
    (html("<p>word</p>" * 100), "\r\n\r\n".join(["word"] * 32)[:255].rstrip()),
    (html("<head><style>" + "p {}" * 20_000 + "</style></head><BODY lang=de><p>x</p>"), "x"),
    (html("<div>" + "<span style='color:red'>" * 150 + "x</div>"), "x"),
])  # fmt: skip
def test_the_first_words(body: Body, first: str):
    assert preview(body) == first


@settings(deadline=None)
@given(ANYTHING, st.sampled_from(BodyKind))
def test_any_body_can_be_shown(text: str, kind: BodyKind):
    body = Body(text, kind)
    for said in (as_text(body), as_html(body), as_document(body), preview(body)):
        said.encode()
    assert len(preview(body)) <= 255
    assert is_shown_as(body, body)


@settings(deadline=None)
@given(ANYTHING, st.sampled_from(BodyKind))
def test_a_body_as_it_was_read_is_the_same_body(text: str, kind: BodyKind):
    stored = Body(text, kind)
    assert is_shown_as(stored, Body(as_text(stored), BodyKind.TEXT))
    assert is_shown_as(stored, html(as_html(stored)))
    assert is_shown_as(stored, html(as_document(stored)))
    assert is_shown_as(stored, html(as_html(stored).replace("\r\n", "\n")))


@pytest.mark.parametrize(("stored", "given"), [
    (Body("a"), Body("b")),
    (Body("a"), html("a")),
    (Body("a"), html("")),
    (Body(""), Body("a")),
    (html("<b>a</b>"), html("<i>a</i>")),
    (html("<p>a</p>"), Body("<p>a</p>")),
    (html("<p>a</p><p>b</p>"), Body("a b")),
])  # fmt: skip
def test_another_body_is_another(stored: Body, given: Body):
    assert not is_shown_as(stored, given)
