"""Words are what searches find: runs of letters and digits, whatever stands between them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsvpd.query.algebra import Words
from rsvpd.query.evaluate import matches
from rsvpd.query.fields import Field, Kind
from rsvpd.query.words import holds, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Re: Quarterly Review", ("re", "quarterly", "review")),
        ("alice.ames@example.com", ("alice", "ames", "example", "com")),
        ("don't_stop", ("don", "t", "stop")),
        ("Straße 50%", ("strasse", "50")),
        ("項目会議 2026", ("項", "目", "会", "議", "2026")),
        ("Встреча с Анной", ("встреча", "с", "анной")),
        ("\0 \n--", ()),
        ("", ()),
    ],
)
def test_words_of_a_text(text: str, words: tuple[str, ...]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("words", "is_open", "expected"),
    [
        (("quarterly",), False, True),
        (("quarter",), False, False),
        (("quarter",), True, True),
        (("arterly",), True, False),
        (("review", "of"), False, True),
        (("quarterly", "of"), False, False),
        (("review", "o"), True, True),
        (("review", "o"), False, False),
        ((), False, True),
    ],
)
def test_what_a_text_holds(words: tuple[str, ...], is_open: bool, expected: bool) -> None:
    assert holds("RE: Quarterly\nReview, of plans", words, is_open=is_open) is expected


def test_nothing_holds_words_where_there_is_no_text() -> None:
    fields = {"subject": Field("subject", Kind.TEXT, lambda view: view)}
    assert matches(Words("subject", ("a",)), "A b", fields)
    assert not matches(Words("subject", ("a",)), None, fields)
    assert not matches(Words("subject", ()), None, fields)


@given(st.text(), st.integers(0, 5), st.integers(1, 5))
def test_a_text_holds_every_run_of_its_words(text: str, first: int, length: int) -> None:
    words = words_of(text)[first : first + length]
    assert holds(text, words)
    assert not words or holds(text, (*words[:-1], words[-1][:1]), is_open=True)
