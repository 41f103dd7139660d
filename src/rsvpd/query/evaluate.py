"""What a query means, said in Python: the oracle of the SQL, and the filter for what SQL cannot say.

Rule 1: text compares without case, identifiers and words as they stand.
Rule 2: None equals only None; every other comparison with None is false, except that
None differs (NE) from whatever is not None.
Rule 3: values of different kinds (a text, a number) differ and are neither less nor greater.
Rule 4: nothing is unknown: `Not` of a false test is true.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

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
    Words,
)
from rsvpd.query.fields import Field, Fields, Got, Kind
from rsvpd.query.words import holds

V = TypeVar("V")
SortKey = tuple[int, Any]

_UNSET: SortKey = (0, 0)
_NUMBER, _RANKED, _TEXT = 1, 2, 3

_TESTS: dict[Op, Callable[[SortKey, SortKey], bool]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
    Op.LT: operator.lt,
    Op.LE: operator.le,
}

# `Has` tests each text of a list under this name.
ITEM = "item"
_ITEM: Fields = {ITEM: Field(ITEM, Kind.TEXT, lambda text: text)}


def matches(node: Node, view: Any, fields: Fields) -> bool:
    """Return whether `node` is true of `view`."""
    match node:
        case Cmp(name, op, value):
            return _compare(fields[name], fields[name].get(view), op, value)
        case In(name, values):
            got = fields[name].get(view)
            return any(_compare(fields[name], got, Op.EQ, value) for value in values)
        case Contains(name, text):
            return _tests_text(fields[name], view, text, operator.contains)
        case StartsWith(name, text):
            return _tests_text(fields[name], view, text, str.startswith)
        case EndsWith(name, text):
            return _tests_text(fields[name], view, text, str.endswith)
        case Words(name, words, is_open):
            got = fields[name].get(view)
            return isinstance(got, str) and holds(got, words, is_open=is_open)
        case Has(name, test):
            got = fields[name].get(view)
            return isinstance(got, tuple) and any(matches(test, item, _ITEM) for item in got)
        case InWindow(start, end):
            return _overlaps(fields["first"].get(view), fields["last"].get(view), start, end)
        case And(parts):
            return all(matches(part, view, fields) for part in parts)
        case Or(parts):
            return any(matches(part, view, fields) for part in parts)
        case Not(part):
            return not matches(part, view, fields)


def sort_key(field: Field, value: Got) -> SortKey:
    """Return what `value` sorts by: unset first, numbers, then texts; any two keys can be compared.

    Raises UnfilterableProperty for a list, which has no place in an order.
    """
    if value is None:
        return _UNSET
    if isinstance(value, tuple):
        raise UnfilterableProperty(f"A list cannot be compared or sorted by: {field.name}.")
    if not isinstance(value, str):
        return _NUMBER, value
    if value in field.rank:
        return _RANKED, field.rank.index(value)
    return _TEXT, _fold(field, value)


def sorted_by(
    views: Iterable[V],
    order: tuple[Order, ...],
    fields: Fields,
    *,
    tie: Callable[[V], tuple[Value, ...]] | None = None,
) -> list[V]:
    """Return `views` in order. `tie` breaks ties, in the direction of the last order; without it
    what is equal stays as it stood."""
    found = list(views)
    if tie is not None:
        found.sort(key=lambda view: tie_key(tie(view)), reverse=is_descending(order))
    for one in reversed(order):
        found.sort(key=_sorter(fields[one.field]), reverse=one.descending)
    return found


def tie_key(tie: tuple[Value, ...]) -> tuple[SortKey, ...]:
    """Return what a tie sorts by."""
    return tuple(sort_key(_TIE, part) for part in tie)


def is_descending(order: tuple[Order, ...]) -> bool:
    """Return the direction of the item that breaks ties: that of the last order, so that one index serves."""
    return bool(order) and order[-1].descending


def _sorter(field: Field) -> Callable[[Any], SortKey]:
    return lambda view: sort_key(field, field.get(view))


_TIE = Field("tie", Kind.ID, lambda value: value)


def _fold(field: Field, text: str) -> str:
    return text.casefold() if field.kind is Kind.TEXT else text


def _compare(field: Field, got: Got, op: Op, value: Value) -> bool:
    if value is None or got is None:
        return got is value if op is Op.EQ else op is Op.NE and got is not value
    one, other = sort_key(field, got), sort_key(field, value)
    if one[0] != other[0]:
        return op is Op.NE
    return _TESTS[op](one, other)


def _tests_text(field: Field, view: Any, text: str, test: Callable[[str, str], bool]) -> bool:
    got = field.get(view)
    return isinstance(got, str) and test(_fold(field, got), _fold(field, text))


def _overlaps(begins: Got, ends: Got, start: int | None, end: int | None) -> bool:
    """Return whether [begins, ends) meets [start, end); `ends` None never ends."""
    if not isinstance(begins, int) or isinstance(ends, str | tuple):
        return False
    if end is not None and begins >= end:
        return False
    return start is None or ends is None or ends > start or begins >= start
