"""`$search`: the keyword query language, what it means for messages, and the clauses of the directory."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsvpd import clock
from rsvpd.clock import parse_instant
from rsvpd.dialects.microsoft.vocabulary import directory, kql, search
from rsvpd.dialects.microsoft.vocabulary.kql import All, Either, Negated, Restriction, Search, Term
from rsvpd.errors import InvalidQuery, NotEmulated
from rsvpd.query.algebra import And, Cmp, Has, Node, Not, Op, Or, StartsWith, Words
from rsvpd.store.compile import MESSAGE_COLUMNS, split

NOW = parse_instant("2026-11-25T15:30:00")  # a Wednesday


def term(text: str, *, is_open: bool = False) -> Term:
    return Term(tuple(text.split()), is_open, text)


def phrase(text: str, *, is_open: bool = False) -> Term:
    return Term(tuple(text.casefold().split()), is_open, text, is_phrase=True)


A, B, C = term("a"), term("b"), term("c")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", A),
        ("a b", All((A, B))),
        ("a AND b", All((A, B))),
        ("+a +b", All((A, B))),
        ("a OR b", Either((A, B))),
        ("a AND b OR c", Either((All((A, B)), C))),
        ("a OR b AND c", Either((A, All((B, C))))),
        ("a OR b c", All((Either((A, B)), C))),
        ("a (b OR c)", All((A, Either((B, C))))),
        ("((a))", A),
        ("-a", Negated(A)),
        ("NOT a b", All((Negated(A), B))),
        ("a NOT b", All((A, Negated(B)))),
        ("NOT NOT a", A),
        ("a -(b c)", All((A, Negated(All((B, C)))))),
        ('"a b"', phrase("a b")),
        ('"a b*"', phrase("a b", is_open=True)),
        ('"a b"*', phrase("a b", is_open=True)),
        ("a*", term("a", is_open=True)),
        ("a - b", All((A, B))),  # what is no word only parts words
        ("a! & b.", All((Term(("a",), text="a!"), Term(("b",), text="b.")))),
        ("from:a", Restriction("from", ":", A)),
        ("From:a", Restriction("from", ":", A)),
        ('from:"a b"', Restriction("from", ":", phrase("a b"))),
        ("x>=a x<b", All((Restriction("x", ">=", A), Restriction("x", "<", B)))),
        ("x:>a", Restriction("x", ">", A)),
        ("x<>a", Restriction("x", "<>", A)),
        # The same property twice is either of them, unless an operator stands anywhere.
        ("from:a from:b", Either((Restriction("from", ":", A), Restriction("from", ":", B)))),
        ("from:a c from:b", All((Either((Restriction("from", ":", A), Restriction("from", ":", B))), C))),
        ("from:a AND from:b", All((Restriction("from", ":", A), Restriction("from", ":", B)))),
        ("re: a", All((term("re"), A))),
        ("10:30", Term(("10", "30"), text="10:30")),
        # In lower case they join as well, where there is something to join.
        ("a or b", Either((A, B))),
        ("a and b or c", Either((All((A, B)), C))),
        ("or a", All((term("or"), A))),
        ("a not b", All((A, term("not"), B))),
    ],
)
def test_what_is_written(text: str, expected: Search) -> None:
    assert kql.parse(text, ("from",)) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "nothing to look for"),
        ("*", "nothing to look for"),
        ("- ! ?", "nothing to look for"),
        ("()", "nothing to look for"),
        ("a (", "nothing to look for"),
        ("(a", "not closed"),
        ("a)", "was not opened"),
        ('"a', "quote is not closed"),
        ('from:"a', "quote is not closed"),
        ("AND a", "missing before 'AND'"),
        ("a OR", "missing at its end"),
        ("a AND OR b", "missing before 'OR'"),
        ("NOT", "missing at its end"),
        ("*a", "asterisk stands at the end"),
        ("a*b", "asterisk stands at the end"),
        ('"a* b"', "asterisk stands at the end"),
        ("from:", "has to follow 'from:'"),
        ("from: a", "has to follow 'from:'"),
        ("from:(a b)", "has to follow 'from:'"),
        ("received >= a", "no blank stands beside '>='"),
        ("a " * 51, "more than 50 terms"),
        ("a" * 2049, "more than 2048 letters"),
        ("(" * 21 + "a" + ")" * 21, "more than 20 parentheses"),
        ("(" * 2000, "more than 20 parentheses"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(InvalidQuery, match=why) as caught:
        kql.parse(text, ("from",))
    assert caught.value.target == "$search"


@pytest.mark.parametrize("text", ["a NEAR b", "a ONEAR(n=3) b", "a XRANK(cb=1) b", "WORDS(a, b)", "ANY(a b)"])
def test_what_is_not_emulated_is_named(text: str) -> None:
    with pytest.raises(NotEmulated, match=text.split("(")[0].split()[-1] if "X" in text else "keyword query language"):
        kql.parse(text)


def test_not_so_many_negations_that_anything_breaks() -> None:
    assert kql.parse("NOT " * 500 + "a") == A
    assert kql.parse("-" * 1001 + "a") == Negated(A)


PIECES = st.sampled_from(
    ["a", "b*", '"', '"a b"', "(", ")", "AND", "OR", "NOT", "or", "-", "+", "from:", "from:a", "received>=2026-01-01",
     "size:1..5", "..", "*", " ", " ", "\\", "<", ":", "x:y", "é", "\0", "NEAR"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = search.condition(text, now=NOW)
    except (InvalidQuery, NotEmulated):
        return
    assert split(found, MESSAGE_COLUMNS)


# --- messages


def asked(text: str) -> Node:
    return search.condition(text, now=NOW)


def between(name: str, first: str, past: str) -> Node:
    return And((Cmp(name, Op.GE, parse_instant(first)), Cmp(name, Op.LT, parse_instant(past))))


def everywhere(word: str, *, is_open: bool = False) -> Node:
    return Or(tuple(Words(field, (word,), is_open) for field in ("from", "from_name", "subject", "body")))


PLAIN = Cmp("meeting", Op.EQ, "none")


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ('"Pizza"', everywhere("pizza")),
        ('"Piz*"', everywhere("piz", is_open=True)),
        ('"subject:plans"', Or((Words("subject", ("plans",), True),))),
        ('"subject=plans"', Or((Words("subject", ("plans",), True),))),
        ('"subject<>plans"', Not(Or((Words("subject", ("plans",), True),)))),
        (r'"subject:\"two words\""', Or((Words("subject", ("two", "words")),))),
        (r'"subject:\"two wor*\""', Or((Words("subject", ("two", "wor"), True),))),
        ("from:alice", Or((Words("from", ("alice",), True), Words("from_name", ("alice",), True)))),
        ("subject:a@example.com", Or((Words("subject", ("a", "example", "com")),))),
        ("cc:carol", Or((Has("cc_people", Words("item", ("carol",), True)),))),
        ("category:Red", Has("categories", Words("item", ("red",), True))),
        ("hasAttachments:true", Cmp("has_attachments", Op.EQ, True)),
        ("hasAttachment=no", Cmp("has_attachments", Op.EQ, False)),
        ("has:attachments", Cmp("has_attachments", Op.EQ, True)),
        ("isRead:false", Cmp("is_read", Op.EQ, False)),
        ("attachment:report.pdf", Has("attachment_names", Words("item", ("report", "pdf")))),
        ("importance:medium", Cmp("importance", Op.EQ, "normal")),
        ("importance<>High", Not(Cmp("importance", Op.EQ, "high"))),
        ("kind:meetings", Not(PLAIN)),
        ("kind:email", PLAIN),
        ("kind:voicemail", Or(())),
        ("size:1..500000", And((Cmp("size", Op.GE, 1), Cmp("size", Op.LT, 500001)))),
        ("size>2KB", Cmp("size", Op.GE, 2049)),
        ("size<=10", Cmp("size", Op.LT, 11)),
        ("received:2026-11-28", between("received", "2026-11-28", "2026-11-29")),
        ("received:11/28/2026", between("received", "2026-11-28", "2026-11-29")),
        ("received:2026-11-28T10:00:00Z", between("received", "2026-11-28T10:00:00", "2026-11-28T10:00:01")),
        ("received>=2020-01-01", Cmp("received", Op.GE, parse_instant("2020-01-01"))),
        ("received>2020-01-01", Cmp("received", Op.GE, parse_instant("2020-01-02"))),
        ("received:>2020-01-01", Cmp("received", Op.GE, parse_instant("2020-01-02"))),
        ("sent<2030-01-01", Cmp("sent", Op.LT, parse_instant("2030-01-01"))),
        ("sent<=2030-01-01", Cmp("sent", Op.LT, parse_instant("2030-01-02"))),
        ("sent<>2030-01-01", Not(between("sent", "2030-01-01", "2030-01-02"))),
        ("sent:2026-11-01..2026-11-30", between("sent", "2026-11-01", "2026-12-01")),
        ("sent:2026-11-01..", And((Cmp("sent", Op.GE, parse_instant("2026-11-01")),))),
        ("sent:..11/30/2026", And((Cmp("sent", Op.LT, parse_instant("2026-12-01")),))),
        ("received:today", between("received", "2026-11-25", "2026-11-26")),
        ("received:Yesterday", between("received", "2026-11-24", "2026-11-25")),
        (r'"received:\"this week\""', between("received", "2026-11-22", "2026-11-29")),
        (r'"received:\"last week\""', between("received", "2026-11-15", "2026-11-22")),
        (r'"received:\"this month\""', between("received", "2026-11-01", "2026-12-01")),
        (r'"received:\"last month\""', between("received", "2026-10-01", "2026-11-01")),
        (r'"received:\"this year\""', between("received", "2026-01-01", "2027-01-01")),
        (r'"received:\"last year\""', between("received", "2025-01-01", "2026-01-01")),
        ('"a" OR "b"', Or((everywhere("a"), everywhere("b")))),
        (r'"a OR \"b\""', Or((everywhere("a"), everywhere("b")))),
    ],
)  # fmt: skip
def test_what_is_asked_of_messages(text: str, node: Node) -> None:
    assert asked(text) == node


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("colour:red", "no property 'colour'"),
        ("http://example.com", "no property 'http'"),
        ("subject<a", "cannot be compared"),
        ("subject:!!!", "needs a word"),
        ("importance:urgent", "one of low, medium, normal, high"),
        ("hasAttachments:maybe", "one of true"),
        ("kind:letter", "one of email, meetings"),
        ("has:flag", "attachments only"),
        ("received:someday", "is not a date"),
        ("received:2026-13-01", "is not a date"),
        ("received:2026-11-28T25:00", "is not a date"),
        ("received:9999-12-31", "is not a date"),
        ("received:..", "needs a value"),
        ("received>..2026-11-28", "is not a date"),
        ("size:large", "is not a size"),
        ("size>5XB", "is not a size"),
        ('"subject:"two words""', "with a backslash"),
        ('"subject:pizza', "quote is not closed"),
    ],
)
def test_what_is_not_understood_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(InvalidQuery, match=why):
        asked(text)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_every_day_stands_in_its_week_and_month_and_year(day: date) -> None:
    now = clock.from_datetime(datetime.combine(day, datetime.min.time(), clock.EPOCH.tzinfo)) + 3600 * 10**6
    for text in ("today", '"this week"', '"this month"', '"this year"'):
        node = search.condition(f"received:{text}", now=now)
        assert isinstance(node, And)
        first, past = (part.value for part in node.parts if isinstance(part, Cmp))
        assert isinstance(first, int)
        assert isinstance(past, int)
        assert first <= now < past
        other = search.condition(f"received:{text.replace('this', 'last').replace('today', 'yesterday')}", now=now)
        assert isinstance(other, And)
        assert other.parts[1] == Cmp("received", Op.LT, first)
    week = search.condition('received:"this week"', now=now)
    assert isinstance(week, And)
    sunday = week.parts[0]
    assert isinstance(sunday, Cmp)
    assert isinstance(sunday.value, int)
    assert clock.to_datetime(sunday.value).isoweekday() == 7
    assert week.parts[1] == Cmp("received", Op.LT, sunday.value + timedelta(days=7) // timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [('"a"', True), (r'"a \"b\""', True), ("a", False), ('"a" OR "b"', False), ("from:a", False)],
)
def test_whether_quotes_stand_around_the_whole(text: str, expected: bool) -> None:
    assert search.is_wrapped(text) is expected


def test_operators_in_lower_case_are_noticed() -> None:
    assert kql.small_operators('a or b AND c not "d and e"') == ("or", "not")


# --- the directory


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("hello world", ("hello", "world")),
        ("HelloWorld", ("hello", "world", "helloworld")),
        ("HELLOworld", ("helloworld",)),
        ("hello.world", ("hello", "world", "helloworld")),
        ("hello123world", ("hello", "123", "world", "hello123world")),
        ("李四(David Li)", ("李四", "david", "李四david", "li")),
    ],
)
def test_the_parts_of_a_name(name: str, parts: tuple[str, ...]) -> None:
    assert directory.parts_of(name) == parts


FIELDS = {"displayname": "name", "mail": "address"}


def of_people(text: str) -> Node:
    return directory.condition(text, lambda name: FIELDS[name.lower()])


def part(text: str) -> Node:
    return Words("name_parts", (text,), is_open=True)


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ('"displayName:bob"', And((part("bob"),))),
        ('"displayName:OneVideo"', And((part("one"), part("video")))),
        ('"mail:bob.b"', StartsWith("address", "bob.b")),
        ('"displayName:a" OR "mail:b"', Or((And((part("a"),)), StartsWith("address", "b")))),
        (
            '"mail:a" AND ("displayName:b" OR "displayName:c")',
            And((StartsWith("address", "a"), Or((And((part("b"),)), And((part("c"),)))))),
        ),
    ],
)
def test_what_is_asked_of_people(text: str, node: Node) -> None:
    assert of_people(text) == node


@pytest.mark.parametrize(
    "text", ["displayName:bob", '"bob"', '"displayName:"', 'NOT "displayName:a"', "bob", '""']
)
def test_what_is_no_search_of_people(text: str) -> None:
    with pytest.raises(InvalidQuery):
        of_people(text)
