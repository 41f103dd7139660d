"""What a query means, said in SQL, as far as the columns go.

`split` divides a filter into a condition for the statement and a residual for Python, such
that both together are exactly the filter. Values travel as named parameters, never in the
text, and there is no LIKE: text columns are case-folded copies, a prefix is a range on them
and "contains" is `instr`. Every condition is true or false, never NULL, so that NOT means
what it says in Python.

Ranges on text go by code point: SQLite's BINARY collation, "C" in PostgreSQL.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from msgspec import Struct

from rsvpd.errors import InvalidQuery
from rsvpd.mail.extended import Bearer, Form
from rsvpd.mail.message import Inference, MeetingKind
from rsvpd.query.algebra import (
    And,
    Cmp,
    Contains,
    EndsWith,
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
    conjuncts,
    fields_of,
    leaves,
)
from rsvpd.query.evaluate import is_descending
from rsvpd.query.fields import Kind
from rsvpd.query.page import not_a_place

TRUE, FALSE = "1 = 1", "1 = 0"
UNSET = -(2**62)  # what an unset number sorts as
ITEM = "item"

_MOST_LEAVES = 200  # SQLite's expressions may nest 1000 deep, and a chain of ORs nests
_MOST_VALUES = 500

# By whether an order is descending: its word, and the sign of what comes later.
_WORD = {False: "ASC", True: "DESC"}
_LATER = {False: ">", True: "<"}
_SIGNS = {Op.EQ: "=", Op.NE: "<>", Op.GT: ">", Op.GE: ">=", Op.LT: "<", Op.LE: "<="}


class Column(Struct, frozen=True, kw_only=True):
    """Where a field stands in a row: a column, or an expression of the row's columns alone.

    `named_by` is what an index has for the expression, if that is none, with {} for a test of equality. `to_sql` turns
    a value of the field into what is stored; `compares` tells whether less and greater
    among the stored values are those of the field; `unless` is a condition on rows for which the column
    says something else than the field, so that Python has to look; `nullable` tells whether the column
    may be NULL, which only numbers may.
    """

    sql: str
    kind: Kind
    to_sql: Callable[[Any], Any]
    unless: str = ""
    compares: bool = True
    nullable: bool = False
    named_by: str = ""

    @property
    def sorts(self) -> bool:
        """Return whether lists may be sorted by the column: its order is the field's in every row."""
        return self.compares and not self.unless


Columns = Mapping[str, Column]


class Condition(NamedTuple):
    """A condition to stand after AND, and its parameters."""

    sql: str
    params: dict[str, Any]


class Split(NamedTuple):
    """A condition to stand after AND, its parameters, and what remains to be tested in Python."""

    sql: str
    params: dict[str, Any]
    residual: Node | None


def _as_is(value: Any) -> Any:
    return value


def _meeting_number(word: str) -> int:
    return _MEETINGS.get(word, -1)


def _inference_number(word: str) -> int:
    return _INFERENCES.get(word, -1)


_INFERENCES = {side.name.lower(): int(side) for side in Inference}
_MEETINGS = {kind.name.lower(): int(kind) for kind in MeetingKind}

# What programs hung on items: of what holds them (mail.extended.Bearer), by form, name and how a value begins.
_FORMS = {form.name.lower(): int(form) for form in Form}
KEY_LETTERS = 64


def _custom_data_column(bearer: Bearer, *, unless: str = "") -> Column:
    table = f"SELECT e.item FROM extended e WHERE e.mailbox = :mailbox AND e.bearer = {int(bearer):d}"  # noqa: S608 - a number
    sql = f"item IN ({table} AND e.recurrence_id = '' AND {{}})"
    return Column(sql=sql, kind=Kind.TEXT, to_sql=_as_is, compares=False, unless=unless)


_text = partial(Column, kind=Kind.TEXT, to_sql=str.casefold)
_id = partial(Column, kind=Kind.ID, to_sql=_as_is)
_instant = partial(Column, kind=Kind.INSTANT, to_sql=int)
_bool = partial(Column, kind=Kind.BOOL, to_sql=int)
_word = partial(Column, kind=Kind.WORD, to_sql=_as_is, compares=False)

_SERIES = "is_series <> 0"
_UID = _id(
    sql="(SELECT uid FROM meeting WHERE number = event.meeting)",
    named_by="meeting IN (SELECT number FROM meeting WHERE uid {})",
)

# Masters and single meetings, one view for each row. `start_us` and `end_us` span the whole of a
# series, `begins_us` is where its master stands.
EVENT_COLUMNS: Columns = {
    "uid": _UID,
    "subject": _text(sql="subject_fold"),
    "start": _instant(sql="begins_us"),
    "end": _instant(sql="end_us", unless=_SERIES),
    "first": _instant(sql="start_us"),
    "last": _instant(sql="end_us", nullable=True),
    "created": _instant(sql="created_us"),
    "modified": _instant(sql="modified_us"),
    "kind": _word(sql="(CASE is_series WHEN 1 THEN 'master' ELSE 'single' END)"),
    # A date has what hangs on it beside what hangs on its series.
    "extended": _custom_data_column(Bearer.EVENT, unless="is_series = 2"),
}

# People, one view for each row. All else that is known of them is asked in Python.
PERSON_COLUMNS: Columns = {"address": _text(sql="fold"), "oid": _text(sql="oid")}

# The same rows where each stands for all its occurrences, which may have other subjects and times.
OCCURRENCE_COLUMNS: Columns = {
    "uid": _UID,
    "subject": _text(sql="subject_fold", unless=_SERIES),
    "start": _instant(sql="begins_us", unless=_SERIES),
    "end": _instant(sql="end_us", unless=_SERIES),
    "first": _instant(sql="start_us", unless=_SERIES),
    "last": _instant(sql="end_us", unless=_SERIES, nullable=True),
    "created": _instant(sql="created_us"),
    "modified": _instant(sql="modified_us"),
    "extended": _custom_data_column(Bearer.EVENT, unless=_SERIES),
}

MESSAGE_COLUMNS: Columns = {
    "subject": _text(sql="subject_fold"),
    "from": _text(sql="from_fold"),
    "received": _instant(sql="received_us"),
    "sent": _instant(sql="sent_us"),
    "created": _instant(sql="created_us"),
    "modified": _instant(sql="modified_us"),
    "is_read": _bool(sql="is_read"),
    "is_draft": _bool(sql="is_draft"),
    "has_attachments": _bool(sql="(CASE attached WHEN 2 THEN 1 ELSE 0 END)", compares=False),
    "meeting": _word(sql="kind", to_sql=_meeting_number),
    "importance": _word(sql="importance"),
    "conversation": _id(sql="conversation"),
    "flag": _word(sql="flag"),
    "inference": _word(sql="inference", to_sql=_inference_number),
    "extended": _custom_data_column(Bearer.MESSAGE),
}


def split(where: Node | None, columns: Columns) -> Split:
    """Return `where` as SQL over `columns` and what is left of it for Python."""
    writer = _Writer(columns)
    conditions: list[str] = []
    residual: list[Node] = []
    budget = _MOST_LEAVES
    for part in conjuncts(where):
        in_sql = part if _is_all_sayable(part, columns) else _weaker_condition(part, columns)
        tests = [] if in_sql is None else list(leaves(in_sql))
        if in_sql is None or len(tests) > budget:
            residual.append(part)
            continue
        budget -= len(tests)
        unless = _unless(tests, columns)
        conditions.append(" OR ".join((*unless, f"({writer.write(in_sql)})")))
        if unless or in_sql is not part:
            residual.append(part)
    return Split(_all(conditions), writer.params, _node(residual))


def order_by(order: tuple[Order, ...], columns: Columns) -> str | None:
    """Return what follows ORDER BY, the item last; None where the columns cannot sort so."""
    if not all(one.field in columns and columns[one.field].sorts for one in order):
        return None
    terms = [f"{_sort_sql(columns[one.field])} {_WORD[one.descending]}" for one in order]
    return ", ".join([*terms, f"{ITEM} {_WORD[is_descending(order)]}"])


def keyset(order: tuple[Order, ...], columns: Columns, values: tuple[Value, ...], item: tuple[Value, ...]) -> Condition:
    """Return the condition for the rows after a place: `values` and `item` as a token keeps them.

    Parameters are named `:k0` and so on, apart from those of `split`. Raises InvalidQuery where the
    place belongs to another order.
    """
    if len(values) != len(order) or len(item) != 1 or not isinstance(item[0], int):
        raise not_a_place()
    last = len(order)
    params: dict[str, Any] = {f"k{last}": item[0]}
    condition = f"{ITEM} {_LATER[is_descending(order)]} :k{last}"
    for number, (one, value) in reversed(list(enumerate(zip(order, values, strict=True)))):
        sql, sign = _sort_sql(columns[one.field]), _LATER[one.descending]
        params[f"k{number}"] = _sort_value(columns[one.field], value)
        # The first half lets an index find the start; the second is the exact place.
        condition = f"{sql} {sign}= :k{number} AND ({sql} {sign} :k{number} OR ({condition}))"
    return Condition(condition, params)


def _sort_sql(column: Column) -> str:
    return f"COALESCE({column.sql}, {UNSET})" if column.nullable else column.sql


def _sort_value(column: Column, value: Value) -> Any:
    if value is None:
        if column.nullable:
            return UNSET
    elif _is_of_kind(column, value):
        return column.to_sql(value)
    raise not_a_place()


def _is_all_sayable(node: Node, columns: Columns) -> bool:
    return all(_is_sayable(leaf, columns) for leaf in leaves(node))


def _weaker_condition(node: Node, columns: Columns) -> Node | None:
    """Return what columns can say and is true wherever `node` is, so that Python looks at fewer rows."""
    match node:
        case HasExtended(form, name) if "extended" in columns and not _is_all_sayable(node, columns):
            return HasExtended(form, name)
        case Words(name, words) if words and name in columns and columns[name].kind is Kind.TEXT:
            return _sayable_parts(tuple(Contains(name, word) for word in words), columns)
        case EndsWith(name, text) if name in columns and columns[name].kind is Kind.TEXT:
            return _sayable_parts((Contains(name, text),), columns)
        case Or(parts) if parts:
            found = [_weaker_condition(part, columns) for part in parts]
            in_sql = tuple(part for part in found if part is not None)
            return Or(in_sql) if len(in_sql) == len(found) else None
        case And(parts):
            return _sayable_parts(tuple(part for each in parts if (part := _weaker_condition(each, columns))), columns)
    return node if _is_all_sayable(node, columns) else None


def _sayable_parts(parts: tuple[Node, ...], columns: Columns) -> Node | None:
    in_sql = tuple(part for part in parts if _is_all_sayable(part, columns))
    return And(in_sql) if in_sql else None


def _node(parts: list[Node]) -> Node | None:
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _unless(tests: list[Node], columns: Columns) -> list[str]:
    """Return the conditions on rows for which some leaf's column cannot answer."""
    named = (columns[name].unless for test in tests for name in fields_of(test))
    return [condition for condition in dict.fromkeys(named) if condition]


def _is_sayable(leaf: Node, columns: Columns) -> bool:
    if not all(name in columns for name in fields_of(leaf)):
        return False
    match leaf:
        case Cmp(name, op, value):
            return _is_bindable(value) and (columns[name].compares or op in (Op.EQ, Op.NE))
        case In(_, values):
            return len(values) <= _MOST_VALUES and all(map(_is_bindable, values))
        case Contains(name, text) | StartsWith(name, text):
            return _is_bindable(text) and columns[name].kind in (Kind.TEXT, Kind.ID)
        case HasExtended(_, name, test):
            return _is_bindable(name) and (test == And(()) or _is_plain_test(leaf))
        case InWindow(start, end):
            return _is_bindable(start) and _is_bindable(end)
        case _:
            return False


def _is_plain_test(leaf: HasExtended) -> bool:
    """Return whether the index knows for which values the test is true: short texts, and how they begin."""
    match leaf:
        case HasExtended("single", _, Cmp(_, Op.EQ, str(text)) | StartsWith(_, text), False):
            return _is_bindable(text) and len(text.casefold()) < KEY_LETTERS
    return False


def _is_bindable(value: Value) -> bool:
    """Return whether every engine can take `value` as it is."""
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)
    return value is None or -(2**63) <= value < 2**63


def _is_of_kind(column: Column, value: Value) -> bool:
    is_text = column.kind in (Kind.TEXT, Kind.ID, Kind.WORD)
    return isinstance(value, str) if is_text else isinstance(value, int)


class _Writer:
    """Writes nodes that can be said over `columns`, collecting parameters `p0`, `p1` and so on."""

    def __init__(self, columns: Columns) -> None:
        self.params: dict[str, Any] = {}
        self._columns = columns

    def write(self, node: Node) -> str:
        match node:
            case Cmp(name, op, value):
                return self._compare(self._columns[name], op, value)
            case In(name, values):
                return self._in(self._columns[name], values)
            case Contains(name, text):
                column = self._columns[name]
                return _if_set(column, f"instr({column.sql}, {self._bind(column.to_sql(text))}) > 0")
            case StartsWith(name, text):
                column = self._columns[name]
                return self._prefix(column, column.to_sql(text))
            case HasExtended(form, name, test):
                tests = [f"e.form = {_FORMS[form]:d} AND e.name = {self._bind(name)}", *self._value(test)]
                return self._columns["extended"].sql.format(" AND ".join(tests))
            case InWindow(start, end):
                return self._window(start, end)
            case And(parts):
                return _all([self.write(part) for part in parts])
            case Or(parts):
                return " OR ".join(f"({self.write(part)})" for part in parts) or FALSE
            case Not(part):
                return f"NOT ({self.write(part)})"
            case _:
                raise InvalidQuery(f"Not a condition of columns: {type(node).__name__}")

    def _bind(self, value: Any) -> str:
        name = f"p{len(self.params)}"
        self.params[name] = value
        return f":{name}"

    def _compare(self, column: Column, op: Op, value: Value) -> str:
        if value is None:
            return _null(column, op)
        if not _is_of_kind(column, value):
            return TRUE if op is Op.NE else FALSE
        test = f"{_SIGNS[op]} {self._bind(column.to_sql(value))}"
        test = _equality(column, test) if op is Op.EQ else f"{column.sql} {test}"
        if op is Op.NE and column.nullable:
            return f"{column.sql} IS NULL OR {test}"
        return _if_set(column, test)

    def _in(self, column: Column, values: tuple[Value, ...]) -> str:
        found = [self._bind(column.to_sql(value)) for value in values if _is_of_kind(column, value)]
        tests = [_if_set(column, _equality(column, f"IN ({', '.join(found)})"))] if found else []
        if None in values and column.nullable:
            tests.append(f"{column.sql} IS NULL")
        return " OR ".join(tests) or FALSE

    def _prefix(self, column: Column, text: str) -> str:
        bounds = [f"{column.sql} >= {self._bind(text)}"]
        beyond = _past_prefix(text)
        if beyond is not None:
            bounds.append(f"{column.sql} < {self._bind(beyond)}")
        return _if_set(column, " AND ".join(bounds))

    def _value(self, test: Node) -> list[str]:
        """Return the test of a single value of what hangs on an item."""
        match test:
            case Cmp(_, Op.EQ, str(text)):
                return [f"e.value_fold = {self._bind(text.casefold())}"]
            case StartsWith(_, text):
                return [self._prefix(_text(sql="e.value_fold"), text.casefold())]
        return []

    def _window(self, start: int | None, end: int | None) -> str:
        begins, ends = self._columns["first"].sql, self._columns["last"].sql
        tests = [] if end is None else [f"{begins} < {self._bind(end)}"]
        if start is not None:
            name = self._bind(start)
            # What has no length counts at its start; what never ends has no end.
            tests.append(f"{ends} IS NULL OR {ends} > {name} OR {begins} >= {name}")
        return _all(tests)


def _all(conditions: list[str]) -> str:
    return " AND ".join(f"({condition})" for condition in conditions) or TRUE


def _equality(column: Column, test: str) -> str:
    return column.named_by.format(test) if column.named_by else f"{column.sql} {test}"


def _if_set(column: Column, test: str) -> str:
    return f"{column.sql} IS NOT NULL AND {test}" if column.nullable else test


def _null(column: Column, op: Op) -> str:
    if not column.nullable:
        return TRUE if op is Op.NE else FALSE
    tests = {Op.EQ: f"{column.sql} IS NULL", Op.NE: f"{column.sql} IS NOT NULL"}
    return tests.get(op, FALSE)


def _past_prefix(prefix: str) -> str | None:
    """Return the least text greater than all that start with `prefix`; None where there is none."""
    bare = prefix.rstrip(chr(sys.maxunicode))
    if not bare:
        return None
    following = chr(ord(bare[-1]) + 1)
    return bare[:-1] + ("\ue000" if following == "\ud800" else following)
