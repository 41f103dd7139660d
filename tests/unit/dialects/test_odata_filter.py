"""Filters: their text, what they mean, and what they are refused for."""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsvpd.clock import parse_instant, to_datetime
from rsvpd.dialects.odata.filter import Bound, bind, bind_order, parse, words
from rsvpd.dialects.odata.options import OrderBy
from rsvpd.dialects.odata.syntax import (
    MOST_DEPTH,
    MOST_LETTERS,
    OF_TYPES,
    Call,
    Clock,
    Compare,
    Every,
    Expr,
    Guid,
    Includes,
    Lambda,
    Moment,
    Negated,
    Null,
    Number,
    OneOf,
    Path,
    Quantifier,
    Some,
    Text,
    Truth,
    Word,
)
from rsvpd.errors import InvalidQuery, UnfilterableProperty
from rsvpd.query.algebra import (
    And,
    Apply,
    Cmp,
    Computed,
    Constant,
    Contains,
    EndsWith,
    Function,
    Has,
    In,
    Node,
    Not,
    Of,
    Op,
    Or,
    Order,
    StartsWith,
)
from rsvpd.query.evaluate import matches
from rsvpd.query.fields import Field, Kind

SUBJECT = Path(("subject",))
IS_READ = Path(("isRead",))
A = Compare(Op.EQ, SUBJECT, Text("a"))
NOON = parse_instant("2026-05-04T12:00")
Y2026, Y2027 = parse_instant("2026-01-01"), parse_instant("2027-01-01")
LENGTH = Apply(Function.LENGTH, (Of("subject"),))
HALF_DAY = 12 * 3600 * 1_000_000
GUID = "a11ce000-0000-4000-8000-00000000000A"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("subject eq 'a'", A),
        ("  subject\teq\n'a' ", A),
        ("subject EQ 'a'", A),
        ("'a' eq subject", Compare(Op.EQ, Text("a"), SUBJECT)),
        ("subject eq 'it''s'", Compare(Op.EQ, SUBJECT, Text("it's"))),
        ("subject eq ''", Compare(Op.EQ, SUBJECT, Text(""))),
        ("subject eq ''''", Compare(Op.EQ, SUBJECT, Text("'"))),
        ("subject ne null", Compare(Op.NE, SUBJECT, Null())),
        ("isRead", IS_READ),
        ("isRead eq False", Compare(Op.EQ, IS_READ, Truth(False))),
        ("n ge 15", Compare(Op.GE, Path(("n",)), Number(15))),
        ("n lt -1.5e1", Compare(Op.LT, Path(("n",)), Number(-15.0))),
        ("a/b le 1", Compare(Op.LE, Path(("a", "b")), Number(1))),
        (
            "microsoft.graph.eventMessage/meetingMessageType ne 'none'",
            Compare(Op.NE, Path(("microsoft.graph.eventMessage", "meetingMessageType")), Text("none")),
        ),
        (
            "Importance ne Microsoft.Exchange.Services.OData.Model.Importance'High'",
            Compare(
                Op.NE,
                Path(("Importance",)),
                Word("Microsoft.Exchange.Services.OData.Model.Importance", "High"),
            ),
        ),
        ("t gt 2026-05-04T12:00:00Z", Compare(Op.GT, Path(("t",)), Moment(NOON))),
        ("t gt 2026-05-04T14:00:00.0000000+02:00", Compare(Op.GT, Path(("t",)), Moment(NOON))),
        ("t gt 2026-05-04T12:00", Compare(Op.GT, Path(("t",)), Moment(NOON))),
        ("t gt 2026-05-04", Compare(Op.GT, Path(("t",)), Moment(parse_instant("2026-05-04")))),
        ("id eq a11ce000-0000-4000-8000-00000000000A", Compare(Op.EQ, Path(("id",)), Guid(GUID))),
        (f"id eq 1{GUID[1:]}", Compare(Op.EQ, Path(("id",)), Guid("1" + GUID[1:]))),
        (f"id in (guid'{GUID}')", OneOf(Path(("id",)), (Guid(GUID),))),
        ("subject in ('a', 'b')", OneOf(SUBJECT, (Text("a"), Text("b")))),
        ("subject in('a')", OneOf(SUBJECT, (Text("a"),))),
        ("Contains(subject,'a')", Call("contains", (SUBJECT, Text("a")))),
        (
            "startswith(tolower(subject), 'a') eq true",
            Compare(Op.EQ, Call("startswith", (Call("tolower", (SUBJECT,)), Text("a"))), Truth(True)),
        ),
        ("categories/any()", Lambda(Quantifier.ANY, Path(("categories",)))),
        (
            "categories/all(c: c eq 'x')",
            Lambda(Quantifier.ALL, Path(("categories",)), "c", Compare(Op.EQ, Path(("c",)), Text("x"))),
        ),
        ("showAs has Some.Type'busy'", Includes(Path(("showAs",)), Word("Some.Type", "busy"))),
        ("time(t) ge 09:30", Compare(Op.GE, Call("time", (Path(("t",)),)), Clock(34_200_000_000))),
        ("time(t) ge 09:30:00.5", Compare(Op.GE, Call("time", (Path(("t",)),)), Clock(34_200_500_000))),
        ("Substring(subject,1) eq 'a'", Compare(Op.EQ, Call("substring", (SUBJECT, Number(1))), Text("a"))),
        # Precedence: not, then comparison, then and, then or.
        ("isRead or isRead and isRead", Some((IS_READ, Every((IS_READ, IS_READ))))),
        ("(isRead or isRead) and isRead", Every((Some((IS_READ, IS_READ)), IS_READ))),
        ("not isRead and isRead", Every((Negated(IS_READ), IS_READ))),
        ("not subject eq 'a'", Negated(A)),
        ("not(subject eq 'a')", Negated(A)),
        ("not not isRead", Negated(Negated(IS_READ))),
        ("isRead and isRead and isRead", Every((IS_READ, IS_READ, IS_READ))),
    ],
)
def test_parse(text: str, expected: Expr) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "subject eq",
        "eq 'a'",
        "subject eq 'a",
        'subject eq "a"',
        "subject = 'a'",
        "subject eq 'a' 'b'",
        "subject eq 'a' and",
        "and isRead",
        "(isRead",
        "isRead)",
        "()",
        "subject in ()",
        "subject in 'a'",
        "subject in (subject)",
        "a/ eq 1",
        "a//b eq 1",
        "/a eq 1",
        "a/'b' eq 1",
        "contains(subject)",
        "contains(subject,'a','b')",
        "contains(subject 'a')",
        "contains subject",
        "length(subject,subject) eq 1",
        "substring(subject) eq 'a'",
        "round(n) eq 1",
        "t eq 24:00",
        "t eq 12:60",
        "now() gt 1",
        "n add 1 eq 2",
        "n eq 1 add 1",
        "n has",
        "n has subject",
        "t eq duration'PT1H'",
        "t eq binary'AA'",
        "t eq Some.Type 'a'",
        "t eq 2026-13-01",
        "t eq 2026-05-04T25:00:00Z",
        "t eq 0000-01-01",
        "t eq 2026-05-04T12:00:00+99:00",
        "n eq 1.",
        "n eq 1a",
        "n eq 01234567890123456789012345",
        "n eq " + "9" * 5000,
        "categories/any(c eq 'x')",
        "categories/any(c:)",
        "categories/all()",
        "categories/any(c:c eq 'x'",
        "$it/a eq 1",
        "@odata.type eq 'x'",
        "a\0b eq 1",
        "x" * (MOST_LETTERS + 1),
        "(" * (MOST_DEPTH + 1) + "isRead" + ")" * (MOST_DEPTH + 1),
        "not " * 1000 + "isRead",
        "tolower(" * 1000,
    ],
)
def test_what_is_not_a_filter_is_refused(text: str) -> None:
    with pytest.raises(InvalidQuery) as refusal:
        parse(text)
    assert refusal.value.target == "$filter"
    assert len(refusal.value.message) < 200


@pytest.mark.parametrize("text", ["isof('microsoft.graph.message')", "isof(microsoft.graph.eventMessage) eq true"])
def test_types_are_no_condition(text: str) -> None:
    with pytest.raises(InvalidQuery, match="invalid nodes") as refusal:
        parse(text)
    assert refusal.value.target == OF_TYPES


def test_depth_up_to_the_limit_is_read() -> None:
    assert parse("(" * MOST_DEPTH + "isRead" + ")" * MOST_DEPTH) == IS_READ


# Binding.

IMPORTANCE = words({"low": "low", "normal": "normal", "high": "high"})
MEMBERS: dict[str, Bound] = {
    "subject": Bound("subject", Kind.TEXT),
    "uid": Bound("uid", Kind.ID),
    "isread": Bound("is_read", Kind.BOOL),
    "n": Bound("n", Kind.NUMBER),
    "t": Bound("t", Kind.INSTANT),
    "start/datetime": Bound("t", Kind.INSTANT),
    "importance": Bound("importance", Kind.WORD, IMPORTANCE),
    "showas": Bound("show_as", Kind.WORD),
    "categories": Bound("categories", Kind.TEXTS),
    "to/emailaddress/address": Bound("to", Kind.TEXTS),
    "to/emailaddress/name": Bound("to_names", Kind.TEXTS),
    "to": Bound(None, Kind.TEXTS),
    "changekey": Bound(None, Kind.TEXT),
}


def lookup(path: tuple[str, ...]) -> Bound | None:
    return MEMBERS.get("/".join(path).lower())


ITEM_IS_X = Cmp("item", Op.EQ, "x")


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("subject eq 'a'", Cmp("subject", Op.EQ, "a")),
        ("Subject ne null", Cmp("subject", Op.NE, None)),
        ("'a' gt subject", Cmp("subject", Op.LT, "a")),
        ("'a' le subject", Cmp("subject", Op.GE, "a")),
        ("tolower(subject) eq 'a'", Cmp("subject", Op.EQ, "a")),
        ("toupper('a') eq subject", Cmp("subject", Op.EQ, "A")),
        ("not contains(subject,'50%')", Not(Contains("subject", "50%"))),
        ("startswith(subject,tolower('A'))", StartsWith("subject", "a")),
        ("endswith(toupper(subject),'a')", EndsWith("subject", "a")),
        ("contains(uid,'a')", Contains("uid", "a")),
        ("contains(subject,'a') eq false", Not(Contains("subject", "a"))),
        ("true ne contains(subject,'a')", Not(Contains("subject", "a"))),
        ("(isRead or isRead) eq true", Or((Cmp("is_read", Op.EQ, True),) * 2)),
        ("isRead", Cmp("is_read", Op.EQ, True)),
        ("isRead ne true", Cmp("is_read", Op.NE, True)),
        ("true", And(())),
        ("not false", Not(Or(()))),
        ("n eq 15", Cmp("n", Op.EQ, 15)),
        ("n eq 15.0", Cmp("n", Op.EQ, 15)),
        ("n in (1, null)", In("n", (1, None))),
        ("t ge 2026-05-04T14:00:00+02:00", Cmp("t", Op.GE, NOON)),
        ("start/dateTime lt '2026-05-04T12:00'", Cmp("t", Op.LT, NOON)),
        ("start/dateTime lt '2026-05-04T12:00:00.0000000'", Cmp("t", Op.LT, NOON)),
        ("start/dateTime lt '2026-05-04T12:00:00Z'", Cmp("t", Op.LT, NOON)),
        ("t eq '2026-05-04'", Cmp("t", Op.EQ, parse_instant("2026-05-04"))),
        ("t gt null", Cmp("t", Op.GT, None)),
        ("importance eq 'HIGH'", Cmp("importance", Op.EQ, "high")),
        ("importance ne microsoft.graph.importance'High'", Cmp("importance", Op.NE, "high")),
        ("importance in ('Low','High')", In("importance", ("low", "high"))),
        ("showAs eq 'busy'", Cmp("show_as", Op.EQ, "busy")),
        ("categories/any(c:c eq 'x')", Has("categories", ITEM_IS_X)),
        ("categories/all(c:c eq 'x')", Not(Has("categories", Not(ITEM_IS_X)))),
        ("categories/any()", Has("categories", And(()))),
        ("categories/any(c:true)", Has("categories", And(()))),
        (
            "categories/any(c:c eq 'x' or startswith(c,'y'))",
            Has("categories", Or((ITEM_IS_X, StartsWith("item", "y")))),
        ),
        ("to/any(r:r/emailAddress/address eq 'x')", Has("to", ITEM_IS_X)),
                ("to/any(r:r/emailAddress/name eq 'x')", Has("to_names", ITEM_IS_X)),
        ("length(subject) gt 3", Computed(LENGTH, Cmp("item", Op.GT, 3))),
        ("3 lt length(tolower(subject))", Computed(LENGTH, Cmp("item", Op.GT, 3))),
        ("tolower(trim(subject)) eq 'x'", Computed(Apply(Function.TRIM, (Of("subject"),)), ITEM_IS_X)),
        (
            "contains(concat(subject,' - x'),'a')",
            Computed(Apply(Function.CONCAT, (Of("subject"), Constant(" - x"))), Contains("item", "a")),
        ),
        (
            "indexof(uid,'x') eq null",
            Computed(Apply(Function.INDEX_OF, (Of("uid"), Constant("x"))), Cmp("item", Op.EQ, None)),
        ),
        ("year(t) eq 2026", And((Cmp("t", Op.GE, Y2026), Cmp("t", Op.LT, Y2027)))),
        ("year(t) ne 2026", Not(And((Cmp("t", Op.GE, Y2026), Cmp("t", Op.LT, Y2027))))),
        ("year(start/dateTime) gt 2025", Cmp("t", Op.GE, Y2026)),
        ("date(t) le 2026-05-04", Cmp("t", Op.LT, parse_instant("2026-05-05"))),
        ("date(t) lt '2026-05-04'", Cmp("t", Op.LT, parse_instant("2026-05-04"))),
        ("month(t) eq 5", Computed(Apply(Function.MONTH, (Of("t"),)), Cmp("item", Op.EQ, 5))),
        ("year(t) in (2026)", And((Cmp("t", Op.GE, Y2026), Cmp("t", Op.LT, Y2027)))),
        ("importance has Some.Type'high'", Cmp("importance", Op.EQ, "high")),
    ],
)
def test_bind(text: str, node: Node) -> None:
    assert bind(parse(text), lookup) == node


@pytest.mark.parametrize(
    ("text", "error", "target"),
    [
        ("nothing eq 1", InvalidQuery, "nothing"),
        ("a/b/c eq 1", InvalidQuery, "a/b/c"),
        ("contains(nothing,'a')", InvalidQuery, "nothing"),
        ("nothing/any(c:c eq 'x')", InvalidQuery, "nothing"),
        ("categories/any(c:c/nothing eq 'x')", InvalidQuery, "categories/nothing"),
        ("ChangeKey eq 'a'", UnfilterableProperty, "ChangeKey"),
        ("to/any()", UnfilterableProperty, "to"),
        ("subject eq 5", InvalidQuery, "subject"),
        ("subject eq true", InvalidQuery, "subject"),
        ("isRead eq 'true'", InvalidQuery, "isRead"),
        ("n eq '5'", InvalidQuery, "n"),
        ("n eq 1.5", InvalidQuery, "n"),
        ("n eq 9e999", InvalidQuery, "n"),
        ("n eq 9223372036854775808", InvalidQuery, "n"),
        ("t eq 'tomorrow'", InvalidQuery, "t"),
        ("t eq '2026-02-30'", InvalidQuery, "t"),
        ("t eq 5", InvalidQuery, "t"),
        ("importance eq 'urgent'", InvalidQuery, "importance"),
        ("importance eq 2", InvalidQuery, "importance"),
        ("importance gt 'low'", InvalidQuery, "importance"),
        ("isRead gt false", InvalidQuery, "isRead"),
        ("contains(importance,'a')", InvalidQuery, "importance"),
        ("tolower(uid) eq 'a'", InvalidQuery, "uid"),
        ("contains(subject,5)", InvalidQuery, "$filter"),
        ("contains('a',subject)", InvalidQuery, "$filter"),
        ("contains(subject,subject)", InvalidQuery, "$filter"),
        ("contains(subject,'a') gt true", InvalidQuery, "$filter"),
        ("contains(subject,'a') eq 'a'", InvalidQuery, "$filter"),
        ("subject eq subject", InvalidQuery, "$filter"),
        ("length(n) eq 1", InvalidQuery, "$filter"),
        ("length(categories) eq 1", InvalidQuery, "$filter"),
        ("length(nothing) eq 1", InvalidQuery, "nothing"),
        ("length(subject) eq 'a'", InvalidQuery, "$filter"),
        ("length(subject)", InvalidQuery, "$filter"),
        ("length('a') eq 1", InvalidQuery, "$filter"),
        ("substring(subject,'a') eq 'a'", InvalidQuery, "$filter"),
        ("year(subject) eq 1", InvalidQuery, "$filter"),
        ("time(t) eq 5", InvalidQuery, "$filter"),
        ("date(t) eq 'monday'", InvalidQuery, "$filter"),
        ("contains(length(subject),'a')", InvalidQuery, "$filter"),
        ("n has Some.Type'a'", InvalidQuery, "n"),
        ("concat(" * 11 + "subject" + ",subject)" * 11 + " eq 'a'", InvalidQuery, "$filter"),
        ("'a' eq 'a'", InvalidQuery, "$filter"),
        ("tolower(subject)", InvalidQuery, "$filter"),
        ("subject", InvalidQuery, "$filter"),
        ("'a'", InvalidQuery, "$filter"),
        ("5", InvalidQuery, "$filter"),
        ("null", InvalidQuery, "$filter"),
        ("'a' in ('a')", InvalidQuery, "$filter"),
        ("categories eq 'x'", InvalidQuery, "$filter"),
        ("subject/any(c:c eq 'x')", InvalidQuery, "$filter"),
        ("categories/any(c:subject eq 'x')", InvalidQuery, "$filter"),
        ("categories/any(c:c)", InvalidQuery, "$filter"),
        ("categories/any(c:c/any(d:d eq 'x'))", InvalidQuery, "$filter"),
        ("to/any(r:r/emailAddress/address eq 'x' and r/emailAddress/name eq 'y')", InvalidQuery, "$filter"),
    ],
)
def test_what_makes_no_sense_is_refused(text: str, error: type[InvalidQuery], target: str) -> None:
    expr = parse(text)
    with pytest.raises(InvalidQuery) as refusal:
        bind(expr, lookup)
    assert type(refusal.value) is error
    assert refusal.value.target == target


def test_refusals_say_what_is_wrong() -> None:
    with pytest.raises(UnfilterableProperty, match="'ChangeKey' does not support filtering"):
        bind(parse("ChangeKey eq 'a'"), lookup)
    with pytest.raises(InvalidQuery, match="'urgent' is not one of low, normal, high"):
        bind(parse("importance eq 'urgent'"), lookup)
    with pytest.raises(InvalidQuery, match="cannot be read at position 16, at ''b''"):
        parse("subject eq 'a' 'b'")
    with pytest.raises(InvalidQuery, match="at its end"):
        parse("subject eq")
    with pytest.raises(InvalidQuery, match="operator 'add' is not supported"):
        parse("n add 1 eq 2")


def test_orders_are_bound_like_filters() -> None:
    items = (OrderBy(("start", "dateTime"), True), OrderBy(("Subject",)))
    assert bind_order(items, lookup) == (Order("t", True), Order("subject"))


@pytest.mark.parametrize(
    ("path", "error"),
    [("nothing", InvalidQuery), ("changeKey", UnfilterableProperty), ("categories", UnfilterableProperty)],
)
def test_orders_that_cannot_be(path: str, error: type[InvalidQuery]) -> None:
    with pytest.raises(InvalidQuery) as refusal:
        bind_order([OrderBy((path,))], lookup)
    assert type(refusal.value) is error
    assert refusal.value.target == path


# The oracle: each expression is drawn together with what it means, said naively over a row.

Row = dict[str, Any]
Meaning = Callable[[Row], bool]
Case = tuple[str, Meaning]

FIELDS = {
    bound.field: Field(bound.field, bound.kind, itemgetter(bound.field)) for bound in MEMBERS.values() if bound.field
}
TEXTS = ["", "a", "A", "ab", "it's", "50%", "aß", "ASS"]
TIMES = ["2026-05-04T12:00:00Z", "2026-05-04T14:00:00+02:00", "2026-05-05", "2026-05-04T12:00:00.0000010Z"]
ROWS: list[Row] = [
    {
        "subject": TEXTS[number % len(TEXTS)] if number % 5 else None,
        "uid": TEXTS[number % 3],
        "is_read": number % 2 == 0,
        "n": number % 4 - 1,
        "t": parse_instant(TIMES[number % len(TIMES)]),
        "importance": ["low", "normal", "high"][number % 3],
        "show_as": "busy",
        "categories": tuple(TEXTS[: number % 4]),
        "to": ("x@example.com",),
        "to_names": (),
    }
    for number in range(24)
]
OPS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def compared(word: str, one: Any, other: Any) -> bool:
    if one is None or other is None:
        return {"eq": one is None and other is None, "ne": (one is None) != (other is None)}.get(word, False)
    return OPS[word](one, other)


def lowered(text: str | None) -> str | None:
    return None if text is None else text.casefold()


@st.composite
def text_cases(draw: st.DrawFn) -> Case:
    text, word = draw(st.sampled_from(TEXTS)), draw(st.sampled_from(sorted(OPS)))
    path = draw(st.sampled_from(["subject", "Subject", "tolower(subject)", "toupper(subject)"]))
    form = draw(st.sampled_from(["{0} {1} {2}", "({0}) {1} ({2})"])) if "(" not in path else "{0} {1} {2}"
    if draw(st.booleans()):
        return form.format(path, word, quoted(text)), lambda row: compared(
            word, lowered(row["subject"]), text.casefold()
        )
    return form.format(quoted(text), word, path), lambda row: compared(word, text.casefold(), lowered(row["subject"]))


@st.composite
def function_cases(draw: st.DrawFn) -> Case:
    name = draw(st.sampled_from(["contains", "startswith", "endswith"]))
    text = draw(st.sampled_from(TEXTS))
    tests: dict[str, Callable[[str, str], bool]] = {
        "contains": lambda whole, part: part in whole,
        "startswith": str.startswith,
        "endswith": str.endswith,
    }

    def meaning(row: Row) -> bool:
        return row["subject"] is not None and tests[name](row["subject"].casefold(), text.casefold())

    suffix, is_true = draw(st.sampled_from([("", True), (" eq true", True), (" eq false", False), (" ne true", False)]))
    return f"{name}(subject,{quoted(text)}){suffix}", lambda row: meaning(row) is is_true


@st.composite
def other_cases(draw: st.DrawFn) -> Case:
    word, number = draw(st.sampled_from(sorted(OPS))), draw(st.integers(-2, 3))
    time, is_set = draw(st.sampled_from(TIMES)), draw(st.booleans())
    some = draw(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3))
    tag = draw(st.sampled_from(TEXTS))
    instant, folded = parse_instant(time), [one.casefold() for one in some]
    cases: list[Case] = [
        (f"n {word} {number}", lambda row: compared(word, row["n"], number)),
        (f"{number} {word} n", lambda row: compared(word, number, row["n"])),
        (f"t {word} {time}", lambda row: compared(word, row["t"], instant)),
        (f"start/dateTime {word} '{time}'", lambda row: compared(word, row["t"], instant)),
        (f"subject {word} null", lambda row: compared(word, row["subject"], None)),
        ("isRead", lambda row: bool(row["is_read"])),
        (f"isRead eq {is_set}", lambda row: row["is_read"] is is_set),
        ("importance ne Any.Type'High'", lambda row: row["importance"] != "high"),
        (f"uid eq {quoted(tag)}", lambda row: row["uid"] == tag),
        (
            f"subject in ({','.join(map(quoted, some))})",
            lambda row: lowered(row["subject"]) in folded,
        ),
        (
            f"categories/any(c:c eq {quoted(tag)})",
            lambda row: tag.casefold() in [one.casefold() for one in row["categories"]],
        ),
        (
            f"categories/all(c:c {word} {quoted(tag)})",
            lambda row: all(OPS[word](one.casefold(), tag.casefold()) for one in row["categories"]),
        ),
        ("categories/any()", lambda row: len(row["categories"]) > 0),
        (
            f"length(subject) {word} {number}",
            lambda row: compared(word, None if row["subject"] is None else len(row["subject"]), number),
        ),
        (
            f"indexof(uid,{quoted(tag)}) {word} {number}",
            lambda row: compared(word, row["uid"].casefold().find(tag.casefold()), number),
        ),
        (
            f"substring(uid,1) {word} {quoted(tag)}",
            lambda row: compared(word, row["uid"][1:].casefold(), tag.casefold()),
        ),
        (
            f"endswith(concat(uid,' b'),{quoted(tag)})",
            lambda row: (row["uid"] + " b").casefold().endswith(tag.casefold()),
        ),
        (f"year(t) {word} {2026 + number}", lambda row: compared(word, 2026, 2026 + number)),
        (f"hour(t) {word} {12 + number}", lambda row: compared(word, to_datetime(row["t"]).hour, 12 + number)),
        (
            f"date(t) {word} {time[:10]}",
            lambda row: compared(word, to_datetime(row["t"]).date().isoformat(), time[:10]),
        ),
        (
            f"time(t) {word} 12:00",
            lambda row: compared(word, row["t"] - parse_instant(to_datetime(row["t"]).date().isoformat()), HALF_DAY),
        ),
    ]
    return draw(st.sampled_from(cases))


def joined(inner: st.SearchStrategy[Case]) -> st.SearchStrategy[Case]:
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.map(lambda two: (f"({two[0][0]}) and ({two[1][0]})", lambda row: two[0][1](row) and two[1][1](row))),
        pairs.map(lambda two: (f"({two[0][0]}) or ({two[1][0]})", lambda row: two[0][1](row) or two[1][1](row))),
        inner.map(lambda one: (f"not ({one[0]})", lambda row: not one[1](row))),
    )


@settings(max_examples=300, deadline=None)
@given(st.recursive(text_cases() | function_cases() | other_cases(), joined, max_leaves=6))
def test_what_is_bound_means_what_was_written(case: Case) -> None:
    text, meaning = case
    node = bind(parse(text), lookup)
    assert [matches(node, row, FIELDS) for row in ROWS] == [meaning(row) for row in ROWS]


# Pieces of filters, and of what looks like one.
WORDS = "and or not eq ne gt ge lt le in any all contains tolower true null has subject isRead n t c categories"
FUNCTIONS = "length trim indexof concat substring year month day hour minute second fractionalseconds date time isof"
VALUES = "12:00 'a' '' ' 1 -2 1.5 9e999 2026-05-04 2026-05-04T12:00Z Some.T'a' duration'P1D' \u00e9 \u0660"
PIECES = (*WORDS.split(), *FUNCTIONS.split(), *VALUES.split(), *"()(),/:$%+")
SOUP = st.lists(st.sampled_from(PIECES), max_size=30).flatmap(
    lambda pieces: st.sampled_from([" ".join(pieces), "".join(pieces)])
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """Draw a filter with something lost, doubled or put in."""
    text, _ = draw(joined(text_cases() | function_cases() | other_cases()))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(text)))
        text = text[:start] + draw(st.sampled_from(PIECES)) + text[start + draw(st.integers(-3, 9)) :]
    return text


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=60) | SOUP | damaged())
def test_any_text_is_a_filter_or_raises_invalid_query(text: str) -> None:
    """Any text is bound or raises InvalidQuery, nothing else; and what is bound has an answer."""
    with contextlib.suppress(InvalidQuery):
        node = bind(parse(text), lookup)
        assert isinstance(matches(node, ROWS[0], FIELDS), bool)
