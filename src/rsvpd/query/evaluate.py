"""What a query means, said in Python: the oracle of the SQL, and the filter for what SQL cannot say.

Rule 1: text compares without case, identifiers and words as they stand.
Rule 2: None equals only None; every other comparison with None is false, except that
None differs (NE) from whatever is not None.
Rule 3: values of different kinds (a text, a number) differ and are neither less nor greater.
Rule 4: nothing is unknown: `Not` of a false test is true.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from rsvpd.errors import UnfilterableProperty
from rsvpd.query.algebra import (
    And,
    Cmp,
    Computed,
    Contains,
    EndsWith,
    Has,
    HasExtended,
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
from rsvpd.query.compute import compute
from rsvpd.query.fields import Field, Fields, Got, Kind
from rsvpd.query.words import holds
from rsvpd.work import Spend, spend_nothing

SortKey = tuple[int, Any]

_UNSET: SortKey = (0, 0)
_NUMBER, _RANKED, _TEXT = 1, 2, 3

# Letters that a step pays for: made into text to search in, and searched through.
_MADE, _SEARCHED = 50, 1_000

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
_NUMBER_ITEM: Fields = {ITEM: Field(ITEM, Kind.NUMBER, lambda number: number)}


def matches(node: Node, view: Any, fields: Fields, spend: Spend = spend_nothing) -> bool:
    """Return whether `node` is true of `view`. What is tested is spent."""
    return _matches(node, _Reading(view, fields, spend))


class _Reading:
    """A view whose texts are made and folded once, however many tests there are."""

    __slots__ = ("_folded", "_texts", "fields", "spend", "view")

    def __init__(self, view: Any, fields: Fields, spend: Spend) -> None:
        self.view = view
        self.fields = fields
        self.spend = spend
        self._texts: dict[str, Got] = {}
        self._folded: dict[str, Got] = {}

    def get(self, name: str) -> Got:
        """Return the value of a field."""
        self.spend(1)
        return self.fields[name].get(self.view)

    def without_case(self, name: str) -> Got:
        """Return the value of a field, a text without its case."""
        if name not in self._folded:
            got = self.text(name)
            self._folded[name] = _fold(self.fields[name], got) if isinstance(got, str) else got
        got = self._folded[name]
        self.spend(1 + _size(got) // _SEARCHED)
        return got

    def text(self, name: str) -> Got:
        """Return the value of a field as it is."""
        if name not in self._texts:
            self._texts[name] = got = self.fields[name].get(self.view)
            self.spend(_size(got) // _MADE)
        self.spend(1 + _size(self._texts[name]) // _SEARCHED)
        return self._texts[name]


def _size(got: Got) -> int:
    return len(got) if isinstance(got, str) else 0


def _matches(node: Node, read: _Reading) -> bool:
    match node:
        case Cmp(name, op, value):
            return _compare(read.fields[name], read.get(name), op, value)
        case In(name, values):
            got = read.get(name)
            return any(_compare(read.fields[name], got, Op.EQ, value) for value in values)
        case Contains(name, text):
            return _tests_text(read, name, text, operator.contains)
        case StartsWith(name, text):
            return _tests_text(read, name, text, str.startswith)
        case EndsWith(name, text):
            return _tests_text(read, name, text, str.endswith)
        case Words(name, words, is_open):
            got = read.text(name)
            return isinstance(got, str) and holds(got, words, is_open=is_open)
        case Has(name, test):
            got = read.get(name)
            return isinstance(got, tuple) and any(matches(test, item, _ITEM, read.spend) for item in got)
        case Computed(term, test):
            return matches(test, compute(term, read.text), _ITEM, read.spend)
        case HasExtended(form, name, test, is_number):
            held = read.get("extended")
            texts = held.get((form, name)) if isinstance(held, Mapping) else None
            return texts is not None and _holds_value(texts, test, read.spend, is_number=is_number)
        case InWindow(start, end):
            return _overlaps(read.get("first"), read.get("last"), start, end)
        case And(parts):
            return all(_matches(part, read) for part in parts)
        case Or(parts):
            return any(_matches(part, read) for part in parts)
        case Not(part):
            return not _matches(part, read)


def _holds_value(values: tuple[str, ...], test: Node, spend: Spend, *, is_number: bool) -> bool:
    """Return whether the test is true of a value, or is none that asks for one."""
    if test == And(()):
        return True
    if not is_number:
        return any(matches(test, one, _ITEM, spend) for one in values)
    numbers = (number for one in values if (number := _as_number(one)) is not None)
    return any(matches(test, number, _NUMBER_ITEM, spend) for number in numbers)


def _as_number(text: str) -> int | float | None:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return None


def sort_key(field: Field, value: Got) -> SortKey:
    """Return what `value` sorts by: unset first, numbers, then texts; any two keys can be compared.

    Raises UnfilterableProperty for a list, which has no place in an order.
    """
    if value is None:
        return _UNSET
    if isinstance(value, tuple | Mapping):
        raise UnfilterableProperty(f"A list cannot be compared or sorted by: {field.name}.")
    if not isinstance(value, str):
        return _NUMBER, value
    if value in field.rank:
        return _RANKED, field.rank.index(value)
    return _TEXT, _fold(field, value)


def tie_key(tie: tuple[Value, ...]) -> tuple[SortKey, ...]:
    """Return what a tie sorts by."""
    return tuple(sort_key(_TIE, part) for part in tie)


def is_descending(order: tuple[Order, ...]) -> bool:
    """Return the direction of the item that breaks ties: that of the last order, so that one index serves."""
    return bool(order) and order[-1].descending


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


def _tests_text(read: _Reading, name: str, text: str, test: Callable[[str, str], bool]) -> bool:
    got = read.without_case(name)
    return isinstance(got, str) and test(got, _fold(read.fields[name], text))


def _overlaps(begins: Got, ends: Got, start: int | None, end: int | None) -> bool:
    """Return whether [begins, ends) meets [start, end); `ends` None never ends."""
    if not isinstance(begins, int) or isinstance(ends, str | tuple | Mapping):
        return False
    if end is not None and begins >= end:
        return False
    return start is None or ends is None or ends > start or begins >= start
