"""Pages of lists that Python sorts, and their tokens."""

from __future__ import annotations

import contextlib
import re
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsvpd.errors import InvalidQuery
from rsvpd.query.algebra import Order, Query
from rsvpd.query.fields import Field, Kind
from rsvpd.query.page import cut, decode, encode
from support.sorting import sorted_by


class Row(NamedTuple):
    """A view of these tests."""

    item: int
    subject: str | None
    start: int | None


FIELDS = {
    "subject": Field("subject", Kind.TEXT, lambda row: row.subject),
    "start": Field("start", Kind.INSTANT, lambda row: row.start),
}
ROWS = st.lists(
    st.builds(
        Row,
        item=st.integers(1, 10_000),
        subject=st.none() | st.text("aAbß", max_size=2),
        start=st.none() | st.integers(0, 3),
    ),
    max_size=12,
    unique_by=lambda row: row.item,
)
ORDERS = st.lists(
    st.builds(Order, st.sampled_from(sorted(FIELDS)), st.booleans()),
    max_size=2,
    unique_by=lambda one: one.field,
).map(tuple)
VALUES = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=20)


def tie(row: Row) -> tuple[int | str, ...]:
    return (row.item,)


@given(values=st.lists(VALUES, max_size=4).map(tuple), item=st.tuples(st.integers(0, 2**63 - 1), st.text()))
def test_tokens_read_back_and_are_safe_in_a_url(values: tuple[Any, ...], item: tuple[int, str]) -> None:
    token = encode(values, item)
    place = decode(token)
    assert (place.values, place.item) == (values, item)
    assert [type(value) for value in place.values] == [type(value) for value in values]
    assert re.fullmatch(r"[A-Za-z0-9_-]+", token)


@given(st.text() | st.text("ABCDEFabcdef0123456789-_=", max_size=40) | st.binary(max_size=30).map(bytes.hex))
def test_any_text_is_a_token_or_raises_invalid_query_and_nothing_else(token: str) -> None:
    with contextlib.suppress(InvalidQuery):
        decode(token)


@given(rows=ROWS, order=ORDERS, top=st.integers(1, 5))
def test_pages_are_the_whole_list_in_slices(rows: list[Row], order: tuple[Order, ...], top: int) -> None:
    found: list[Row] = []
    query = Query(order=order, top=top, count=True)
    while True:
        page = cut(rows, query, FIELDS, tie)
        assert page.total == len(rows)
        found += page.items
        if page.after is None:
            break
        assert len(page.items) == top
        query = Query(order=order, top=top, after=page.after, count=True)
    assert found == sorted_by(rows, order, FIELDS, tie=tie)


@given(rows=ROWS, order=ORDERS)
def test_the_next_page_does_not_mind_that_its_mark_is_gone(rows: list[Row], order: tuple[Order, ...]) -> None:
    whole = sorted_by(rows, order, FIELDS, tie=tie)
    page = cut(rows, Query(order=order, top=1), FIELDS, tie)
    if page.after:
        rest = [row for row in rows if row != whole[0]]
        query = Query(order=order, top=100, after=page.after)
        assert cut(rest, query, FIELDS, tie).items == whole[1:]


def test_skip_counts_from_the_start_and_only_without_a_token() -> None:
    rows = [Row(item, None, item) for item in range(1, 7)]
    page = cut(rows, Query(order=(Order("start"),), top=2, skip=3), FIELDS, tie)
    assert [row.item for row in page.items] == [4, 5]
    following = cut(rows, Query(order=(Order("start"),), top=2, skip=3, after=page.after), FIELDS, tie)
    assert [row.item for row in following.items] == [6]
    assert following.after is None


def test_a_page_of_nothing_counts_and_ends() -> None:
    page = cut([Row(1, "a", 1)], Query(top=0, count=True), FIELDS, tie)
    assert (page.items, page.after, page.total) == ([], None, 1)
    assert cut([Row(1, "a", 1)], Query(), FIELDS, tie).total is None


@pytest.mark.parametrize("values", [(), ("a", 1), (1, 2, 3)])
def test_a_token_of_another_list_is_refused(values: tuple[Any, ...]) -> None:
    query = Query(order=(Order("start"),), after=encode(values, (1,)))
    with pytest.raises(InvalidQuery):
        cut([Row(1, "a", 1)], query, FIELDS, tie)


@pytest.mark.parametrize("item", [(), ("x",), (1, "20261208"), (1, 2)])
def test_a_tie_of_another_form_is_a_place_all_the_same(item: tuple[Any, ...]) -> None:
    query = Query(order=(Order("start"),), after=encode(("text",), item))
    assert cut([Row(1, "a", 1)], query, FIELDS, tie).items == []
