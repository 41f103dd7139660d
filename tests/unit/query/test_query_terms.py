"""Terms promise nothing that is not so: wherever a question is true of an item, the item has the terms it asks for."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rsvpd.query.algebra import And, Cmp, Contains, EndsWith, Has, In, Node, Not, Op, Or, StartsWith, Words
from rsvpd.query.evaluate import matches
from rsvpd.query.fields import Field, Kind
from rsvpd.query.terms import LONGEST, MANY, MOST, AllOf, AnyOf, Term, Terms, Vocabulary, narrow, terms_of
from rsvpd.query.words import words_of

Row = dict[str, Any]
KINDS = {
    "subject": Kind.TEXT, "body": Kind.TEXT, "uid": Kind.ID, "tags": Kind.TEXTS, "is_read": Kind.BOOL,
    "flag": Kind.WORD, "to": Kind.TEXTS, "sender": Kind.TEXT,
}  # fmt: skip
VOCABULARY = Vocabulary(
    fields={name: Field(name, kind, itemgetter(name)) for name, kind in KINDS.items()},
    letters={"subject": "s", "body": "b", "uid": "u", "tags": "k", "to": "t", "sender": "g"},
    values={"is_read": "r", "flag": "l"},
    sources=("subject", "body", "uid", "tags", "to", "sender"),
    wholes=frozenset({"to", "sender"}),
)
EMPTY: Row = {**dict.fromkeys(KINDS, ""), "tags": (), "to": ()}
# Letters at which words begin, end, fold into several, or stand alone.
TEXTS = st.text("aBß1 .-_'会かİ\u0301\n", max_size=8)
ROWS = st.fixed_dictionaries(
    {
        "subject": TEXTS, "body": TEXTS, "uid": TEXTS, "tags": st.lists(TEXTS, max_size=2).map(tuple),
        "to": st.lists(TEXTS, max_size=2).map(tuple), "sender": TEXTS,
        "is_read": st.booleans(), "flag": st.sampled_from(["flagged", "notFlagged"]),
    }
)  # fmt: skip


@st.composite
def text_tests(draw: st.DrawFn, name: str) -> Node:
    form: Any = draw(st.sampled_from([Cmp, In, Contains, StartsWith, EndsWith, Words]))
    if form is Cmp:
        return Cmp(name, draw(st.sampled_from(Op)), draw(TEXTS))
    if form is In:
        return In(name, tuple(draw(st.lists(TEXTS | st.none(), max_size=2))))
    if form is Words:
        return Words(name, words_of(draw(TEXTS)), draw(st.booleans()))
    node: Node = form(name, draw(TEXTS))
    return node


LEAVES = st.one_of(
    st.sampled_from(["subject", "body", "uid", "sender"]).flatmap(text_tests),
    st.builds(Has, st.sampled_from(["tags", "to"]), text_tests("item")),
    st.builds(Cmp, st.just("is_read"), st.sampled_from([Op.EQ, Op.NE]), st.booleans()),
    st.builds(Cmp, st.just("flag"), st.sampled_from([Op.EQ, Op.NE]), st.sampled_from(["flagged", "none", True, None])),
)
QUESTIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple).map(And), st.lists(inner, max_size=3).map(tuple).map(Or), inner.map(Not)
    ),
    max_leaves=6,
)


def finds(terms: Terms, known: set[str]) -> bool:
    match terms:
        case Term(text, is_open):
            return any(one.startswith(text) for one in known) if is_open else text in known
        case AllOf(parts):
            return all(finds(part, known) for part in parts)
        case AnyOf(parts):
            return any(finds(part, known) for part in parts)


@settings(max_examples=600, deadline=None)
@given(question=QUESTIONS, rows=st.lists(ROWS, min_size=1, max_size=3))
@example(question=Cmp("flag", Op.NE, True), rows=[{**EMPTY, "is_read": True}])
def test_what_a_question_is_true_of_has_its_terms(question: Node, rows: list[Row]) -> None:
    terms = narrow(question, VOCABULARY)
    if terms is not None and any(matches(question, row, VOCABULARY.fields) for row in rows):
        assert finds(terms, terms_of(rows, VOCABULARY))


@given(TEXTS, TEXTS, TEXTS)
def test_every_part_of_a_text_is_found(before: str, part: str, after: str) -> None:
    row = {**EMPTY, "subject": before + part + after}
    known = terms_of([row], VOCABULARY)
    for test in (Contains("subject", part), StartsWith("subject", before + part), EndsWith("subject", part + after)):
        terms = narrow(test, VOCABULARY)
        assert terms is None or finds(terms, known)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (Words("subject", ("two", "w"), True), AllOf((Term("stwo"), Term("sw", True)))),
        (Cmp("subject", Op.EQ, "Two words"), AllOf((Term("stwo"), Term("swords")))),
        (StartsWith("subject", "Two wo"), AllOf((Term("stwo"), Term("swo", True)))),
        (StartsWith("subject", "Two "), Term("stwo")),
        (Contains("subject", "wo words wi"), AllOf((Term("swords"), Term("swi", True)))),
        (Contains("subject", "part"), None),
        (Contains("subject", "会議"), AllOf((Term("s会"), Term("s議")))),
        (EndsWith("subject", "o words"), Term("swords")),
        (Has("tags", Cmp("item", Op.EQ, "Red")), Term("kred")),
        (Cmp("is_read", Op.NE, True), Term("rfalse")),
        (Not(Cmp("is_read", Op.EQ, True)), Term("rfalse")),
        (Cmp("flag", Op.EQ, "notFlagged"), Term("lnotflagged")),
        (Not(Words("subject", ("a",))), None),
        (And((Words("subject", ("a",)), Cmp("subject", Op.GT, "b"))), Term("sa")),
        (Or((Words("subject", ("a",)), Cmp("subject", Op.GT, "b"))), None),
        (Words("subject", ("x" * 99,)), Term("s" + "x" * LONGEST)),
        (Words("subject", ()), None),
    ],
)
def test_terms(question: Node, expected: Terms | None) -> None:
    found = narrow(question, VOCABULARY)
    assert found == (None if expected is None else AnyOf((expected, Term(MANY))))


def test_what_has_very_many_words_is_found_by_every_question() -> None:
    body = " ".join(str(number) for number in range(MOST + 1))
    row = {**EMPTY, "body": body}
    assert terms_of([row], VOCABULARY) == {MANY}
    terms = narrow(Words("subject", ("a",)), VOCABULARY)
    assert terms is not None
    assert finds(terms, {MANY})


def test_a_question_of_very_many_parts_asks_no_index() -> None:
    assert narrow(In("subject", tuple(str(number) for number in range(1_000))), VOCABULARY) is None


def test_an_address_is_found_as_a_whole() -> None:
    ann, other = ({**EMPTY, "sender": one, "to": (one,)} for one in ("ann@example.org", "example@ann.org"))
    for question in (Cmp("sender", Op.EQ, "Ann@Example.org"), Has("to", Cmp("item", Op.EQ, "ann@example.org"))):
        terms = narrow(question, VOCABULARY)
        assert terms is not None
        assert finds(terms, terms_of([ann], VOCABULARY))
        assert not finds(terms, terms_of([other], VOCABULARY))
