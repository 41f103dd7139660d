"""The `fields` parameter."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsvpd.dialects.google.exchange.partial import check, parse, pick
from rsvpd.dialects.google.vocabulary.refusals import Refusal

WHOLE = {
    "kind": "calendar#events",
    "items": [
        {"id": "a", "start": {"date": "2026-12-01"}, "attendees": [{"email": "x", "self": True}]},
        {"id": "b"},
    ],
    "etag": "e",
}


@pytest.mark.parametrize(
    ("text", "picked"),
    [
        ("kind", {"kind": "calendar#events"}),
        ("kind, etag", {"kind": "calendar#events", "etag": "e"}),
        ("items/id", {"items": [{"id": "a"}, {"id": "b"}]}),
        ("items(id,start)", {"items": [{"id": "a", "start": {"date": "2026-12-01"}}, {"id": "b"}]}),
        ("items(attendees/email)", {"items": [{"attendees": [{"email": "x"}]}, {}]}),
        ("items/attendees(self)", {"items": [{"attendees": [{"self": True}]}, {}]}),
        ("items/id,items/start", {"items": [{"id": "a", "start": {"date": "2026-12-01"}}, {"id": "b"}]}),
        ("items/id,items", {"items": WHOLE["items"]}),
        ("*", WHOLE),
        (
            "items(*/date,id)",
            {"items": [{"id": "a", "start": {"date": "2026-12-01"}, "attendees": [{}]}, {"id": "b"}]},
        ),
        ("nextPageToken", {}),
    ],
)
def test_picking(text: str, picked: Any) -> None:
    assert pick(WHOLE, parse(text)) == picked


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        ",",
        "a,",
        "a/",
        "/a",
        "a(",
        "a()",
        "a(b",
        "a)b",
        "a b",
        "a(b)c",
        "a{b}",
        "ä",
        "a(" * 20 + "b" + ")" * 20,
        "a/" * 20 + "b",
        "a," * 2000,
    ],
)
def test_what_cannot_be_read_is_the_parameters_fault(wrong: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse(wrong)
    assert caught.value.target == "fields"


@given(st.text("ab*,/() é", max_size=40))
def test_any_text_parses_or_is_refused(text: str) -> None:
    with suppress(Refusal):
        pick(WHOLE, parse(text))


def test_unknown_names_are_refused_as_deep_as_names_are_known() -> None:
    names = {"items": {"id": None, "start": None}}
    check(parse("items(id,start/anything),*"), names)
    with pytest.raises(Refusal):
        check(parse("items(id,summry)"), names)
