"""What each node means in Python, one line each."""

from __future__ import annotations

import random
from operator import itemgetter
from typing import Any

import pytest

from rsvpd.errors import UnfilterableProperty
from rsvpd.query.algebra import (
    And,
    Cmp,
    Contains,
    EndsWith,
    Has,
    In,
    InWindow,
    Node,
    Not,
    Op,
    Or,
    Order,
    StartsWith,
    Value,
)
from rsvpd.query.evaluate import matches, sort_key
from rsvpd.query.fields import Field, Kind
from support.sorting import sorted_by

FIELDS = {
    name: Field(name, kind, itemgetter(name), rank)
    for name, kind, rank in [
        ("subject", Kind.TEXT, ()),
        ("uid", Kind.ID, ()),
        ("importance", Kind.WORD, ("low", "normal", "high")),
        ("start", Kind.INSTANT, ()),
        ("end", Kind.INSTANT, ()),
        ("first", Kind.INSTANT, ()),
        ("last", Kind.INSTANT, ()),
        ("is_read", Kind.BOOL, ()),
        ("tags", Kind.TEXTS, ()),
        ("unset", Kind.TEXT, ()),
    ]
}
ROW: dict[str, Any] = {
    "subject": "Straße 50%",
    "uid": "AbC",
    "importance": "high",
    "start": 100,
    "end": 200,
    "first": 100,
    "last": 200,
    "is_read": True,
    "tags": ("Red", "Blue"),
    "unset": None,
}
TRUE, FALSE = And(()), Or(())


def cmp(field: str, op: Op, value: Value) -> Cmp:
    return Cmp(field, op, value)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (cmp("subject", Op.EQ, "STRASSE 50%"), True),
        (cmp("subject", Op.NE, "strasse 50%"), False),
        (cmp("subject", Op.GT, "STRA"), True),
        (cmp("subject", Op.LE, "STRA"), False),
        (cmp("uid", Op.EQ, "abc"), False),
        (cmp("uid", Op.EQ, "AbC"), True),
        (cmp("importance", Op.EQ, "high"), True),
        (cmp("importance", Op.EQ, "unheard of"), False),
        (cmp("importance", Op.NE, "unheard of"), True),
        (cmp("start", Op.GE, 100), True),
        (cmp("start", Op.LT, 100), False),
        (cmp("is_read", Op.EQ, True), True),
        (cmp("is_read", Op.NE, False), True),
    ],
)
def test_comparisons(node: Node, expected: bool) -> None:
    assert matches(node, ROW, FIELDS) is expected


@pytest.mark.parametrize("op", Op)
def test_none_equals_only_none(op: Op) -> None:
    assert matches(cmp("unset", op, None), ROW, FIELDS) is (op is Op.EQ)
    assert matches(cmp("unset", op, "x"), ROW, FIELDS) is (op is Op.NE)
    assert matches(cmp("subject", op, None), ROW, FIELDS) is (op is Op.NE)


@pytest.mark.parametrize("op", Op)
@pytest.mark.parametrize(("field", "value"), [("start", "100"), ("subject", 50), ("importance", 2)])
def test_values_of_different_kinds_only_differ(op: Op, field: str, value: Value) -> None:
    assert matches(cmp(field, op, value), ROW, FIELDS) is (op is Op.NE)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (In("uid", ("x", "AbC")), True),
        (In("uid", ("abc", None)), False),
        (In("uid", ()), False),
        (In("unset", ("x", None)), True),
        (Contains("subject", "SSE 5"), True),
        (Contains("subject", "5_%"), False),
        (Contains("subject", ""), True),
        (Contains("unset", ""), False),
        (Contains("start", "1"), False),
        (Contains("uid", "bc"), False),
        (StartsWith("subject", "STRASS"), True),
        (StartsWith("subject", "asse"), False),
        (EndsWith("subject", "0%"), True),
        (EndsWith("subject", "50"), False),
        (Has("tags", Cmp("item", Op.EQ, "RED")), True),
        (Has("tags", Cmp("item", Op.EQ, "green")), False),
        (Has("tags", StartsWith("item", "bl")), True),
        (Has("tags", TRUE), True),
        (Has("tags", FALSE), False),
        (Has("unset", TRUE), False),
        (TRUE, True),
        (FALSE, False),
        (Not(FALSE), True),
        (And((TRUE, FALSE)), False),
        (Or((FALSE, TRUE)), True),
        (Not(cmp("unset", Op.GT, "x")), True),
    ],
)
def test_nodes(node: Node, expected: bool) -> None:
    assert matches(node, ROW, FIELDS) is expected


@pytest.mark.parametrize(
    ("begins", "ends", "start", "end", "expected"),
    [
        (100, 200, 100, 200, True),
        (100, 200, 200, 300, False),  # ends are exclusive
        (100, 200, 199, 300, True),
        (100, 200, 0, 100, False),
        (100, 200, 0, 101, True),
        (100, 200, None, None, True),
        (100, 200, None, 100, False),
        (100, 200, 200, None, False),
        (100, 100, 100, 200, True),  # no length: counts at its start
        (100, 100, 0, 100, False),
        (100, 100, 101, 200, False),
        (100, None, 10_000, None, True),  # never ends
        (100, None, 0, 100, False),
        (None, 200, 0, 1000, False),
    ],
)
def test_in_window(begins: int | None, ends: int | None, start: int | None, end: int | None, expected: bool) -> None:
    assert matches(InWindow(start, end), ROW | {"first": begins, "last": ends}, FIELDS) is expected


def test_a_list_is_asked_about_with_has_only() -> None:
    with pytest.raises(UnfilterableProperty):
        matches(cmp("tags", Op.EQ, "Red"), ROW, FIELDS)


def test_unset_sorts_first_and_words_sort_by_rank() -> None:
    rows = [ROW | {"importance": word, "start": at} for word, at in [("high", 1), ("low", 2), ("normal", None)]]
    by_rank = sorted_by(rows, (Order("importance"),), FIELDS)
    by_start = sorted_by(rows, (Order("start"),), FIELDS)
    by_start_down = sorted_by(rows, (Order("start", True),), FIELDS)
    assert [row["importance"] for row in by_rank] == ["low", "normal", "high"]
    assert [row["start"] for row in by_start] == [None, 1, 2]
    assert [row["start"] for row in by_start_down] == [2, 1, None]


def test_orders_mix_directions_and_the_tie_follows_the_last() -> None:
    rows = [ROW | {"start": at, "end": to, "item": item} for at in (1, 2) for to in (5, 6) for item in (8, 9)]
    random.Random(1).shuffle(rows)
    found = sorted_by(rows, (Order("start"), Order("end", True)), FIELDS, tie=lambda row: (row["item"],))
    expected = [(at, to, item) for at in (1, 2) for to in (6, 5) for item in (9, 8)]
    assert [(row["start"], row["end"], row["item"]) for row in found] == expected


def test_any_two_sort_keys_compare() -> None:
    values: list[Value] = [None, "b", "A", 3, True, "high", -1]
    keys = sorted(sort_key(FIELDS["importance"], value) for value in values)
    assert keys[0] == sort_key(FIELDS["importance"], None)
