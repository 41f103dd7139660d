"""What `$filter` and `$orderby` ask, in the terms of the query algebra.

`parse` reads the text (see `syntax.py`), `bind` turns the expression into a node: a dialect's
`lookup` says which field a member path is, and how a literal beside it is read. Text compares
without case, so `tolower` and `toupper` change nothing on a text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

from rsvpd.dialects.odata.functions import (
    MOST_CONCAT,
    SIGNATURES,
    any_of,
    as_range,
    read_fraction,
    read_time_of_day,
)
from rsvpd.dialects.odata.options import OrderBy, Steps
from rsvpd.dialects.odata.syntax import (
    TARGET,
    Call,
    Compare,
    Every,
    Expr,
    Guid,
    Includes,
    Lambda,
    Literal,
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
    parse,
    read_moment,
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
    HasExtended,
    In,
    Node,
    Not,
    Of,
    Op,
    Or,
    Order,
    StartsWith,
    Term,
    Value,
)
from rsvpd.query.evaluate import ITEM
from rsvpd.query.fields import Kind

__all__ = [
    "Bound",
    "Lookup",
    "Reader",
    "bind",
    "bind_order",
    "parse",
    "read_bool",
    "read_instant",
    "read_name",
    "read_number",
    "read_text",
    "words",
]

# Returns the value a literal stands for, or raises ValueError with what is wrong.
Reader = Callable[[Literal], Value]


class Bound(Struct, frozen=True):
    """What a member path stands for. `field` None: the member exists, but nothing can be asked about it.

    Without `read` a literal is read as `kind` says. `null` is never given to a reader. Of what programs hung on an item
    `field` is the form, and `read` reads the `id` by which one of them is named.
    """

    field: str | None
    kind: Kind
    read: Reader | None = None


# Takes the steps of a path as they are written, type casts included; None where there is no such member.
Lookup = Callable[[Steps], Bound | None]


def read_text(literal: Literal) -> str:
    """Return a text in quotes; a GUID stands without them as well."""
    if isinstance(literal, Text | Guid):
        return literal.value
    raise ValueError("a text in quotes is needed")


def read_bool(literal: Literal) -> bool:
    """Return true or false."""
    if isinstance(literal, Truth):
        return literal.value
    raise ValueError("true or false is needed")


def read_number(literal: Literal) -> int:
    """Return a whole number of 64 bits."""
    if isinstance(literal, Number) and abs(literal.value) < 2**63 and literal.value == int(literal.value):
        return int(literal.value)
    raise ValueError("a whole number is needed")


def read_instant(literal: Literal) -> int:
    """Return the instant of a date or time, in quotes or not; without an offset it means UTC."""
    match literal:
        case Moment(instant):
            return instant
        case Text(value):
            return read_moment(value)
    raise ValueError("a date or time is needed")


def read_name(literal: Literal) -> str:
    """Return the word of an enumeration, in quotes, with its type before it or not."""
    match literal:
        case Text(name) | Word(_, name):
            return name
    raise ValueError("one of its words in quotes is needed")


def words(table: Mapping[str, Value]) -> Reader:
    """Return a reader of the words in `table`, found in any case."""
    by_name = {name.casefold(): value for name, value in table.items()}

    def read(literal: Literal) -> Value:
        name = read_name(literal)
        if name.casefold() not in by_name:
            raise ValueError(f"'{name[:80]}' is not one of {', '.join(table)}")
        return by_name[name.casefold()]

    return read


_READERS: dict[Kind, Reader] = {
    Kind.TEXT: read_text,
    Kind.TEXTS: read_text,
    Kind.EXTENDED: read_text,
    Kind.ID: read_text,
    Kind.WORD: read_name,
    Kind.INSTANT: read_instant,
    Kind.NUMBER: read_number,
    Kind.BOOL: read_bool,
}
_UNORDERED = (Kind.WORD, Kind.BOOL)
_COLLECTIONS = (Kind.TEXTS, Kind.EXTENDED)
_EQUALITY = (Op.EQ, Op.NE)
_MIRRORED = {Op.GT: Op.LT, Op.GE: Op.LE, Op.LT: Op.GT, Op.LE: Op.GE, Op.EQ: Op.EQ, Op.NE: Op.NE}
_CASES: dict[str, Callable[[str], str]] = {"tolower": str.lower, "toupper": str.upper}
_TEXT_TESTS: dict[str, Callable[[str, str], Node]] = {
    "contains": Contains,
    "startswith": StartsWith,
    "endswith": EndsWith,
}


_OWN_READERS: dict[Function, Reader] = {Function.TIME: read_time_of_day, Function.MICROSECOND: read_fraction}
_NOUNS = {Kind.TEXT: "text", Kind.NUMBER: "number", Kind.INSTANT: "date or time"}


def bind(expr: Expr, lookup: Lookup) -> Node:
    """Return the node that `expr` means.

    Raises InvalidQuery for an unknown path or for what makes no sense, and UnfilterableProperty for a
    member that cannot be filtered by; both name it as their target.
    """
    return _Binder(lookup).node(expr)


def bind_order(items: Iterable[OrderBy], lookup: Lookup) -> tuple[Order, ...]:
    """Return the order that `$orderby` means. Raises as `bind` does."""
    return tuple(Order(_sortable(item.path, lookup), item.descending) for item in items)


def _sortable(path: Steps, lookup: Lookup) -> str:
    bound = lookup(path)
    if bound is None:
        raise _unknown_property(path)
    if bound.field is None or bound.kind in _COLLECTIONS:
        name = "/".join(path)
        raise UnfilterableProperty(f"The property '{name}' does not support sorting.", target=name)
    return bound.field


def _unknown_property(path: Steps) -> InvalidQuery:
    name = "/".join(path)
    return InvalidQuery(f"There is no property named '{name[:200]}'.", target=name)


def _invalid_filter(message: str) -> InvalidQuery:
    return InvalidQuery(message, target=TARGET)


class _Member(Struct, frozen=True):
    """A member path that can be asked about."""

    name: str
    field: str
    kind: Kind
    read: Reader

    def value(self, literal: Literal) -> Value:
        if isinstance(literal, Null):
            return None
        try:
            return self.read(literal)
        except ValueError as wrong:
            raise InvalidQuery(f"{self.name}: {wrong}.", target=self.name) from None


class _ComputedTerm(Struct, frozen=True):
    """A term that is made of members: its kind, and how a literal that it is compared with is read."""

    term: Term
    kind: Kind
    read: Reader


class _Binder:
    """Turns expressions into nodes, with the members that `lookup` knows."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._joins = 0

    def node(self, expr: Expr) -> Node:
        match expr:
            case Every(parts):
                return And(tuple(self.node(part) for part in parts))
            case Some(parts):
                return Or(tuple(self.node(part) for part in parts))
            case Negated(part):
                return Not(self.node(part))
            case Compare(op, left, right):
                return self._compare(op, left, right)
            case OneOf(operand, values) if _is_made(operand):
                return any_of([self._compare_computed(Op.EQ, operand, value) for value in values])
            case OneOf(operand, values):
                member = self._comparable(operand)
                return In(member.field, tuple(member.value(value) for value in values))
            case Includes(operand, value):
                member = self._comparable(operand)
                if member.kind is not Kind.WORD:
                    raise InvalidQuery(f"{member.name}: 'has' needs an enumeration.", target=member.name)
                return Cmp(member.field, Op.EQ, member.value(value))
            case Call(name, (subject, text)) if name in _TEXT_TESTS:
                return self._text_test(name, subject, _literal_or_itself(text))
            case Lambda():
                return self._lambda(expr)
            case Path():
                return self._flag(expr)
            case Truth(value):
                return And(()) if value else Or(())
        raise _invalid_filter("A filter needs conditions, not values.")

    def _compare(self, op: Op, left: Expr, right: Expr) -> Node:
        left, right = _literal_or_itself(left), _literal_or_itself(right)
        if isinstance(left, Literal) and not isinstance(right, Literal):
            op, left, right = _MIRRORED[op], right, left
        if not isinstance(right, Literal):
            raise _invalid_filter("Two properties cannot be compared with each other.")
        if isinstance(left, Literal):
            raise _invalid_filter("A comparison needs a property on one of its sides.")
        if _is_condition(left):
            return self._truth(op, left, right)
        if _is_made(left):
            return self._compare_computed(op, left, right)
        member = self._comparable(left)
        value = member.value(right)
        if member.kind in _UNORDERED and op not in _EQUALITY and value is not None:
            raise InvalidQuery(f"{member.name}: only eq, ne and in compare it.", target=member.name)
        return Cmp(member.field, op, value)

    def _truth(self, op: Op, condition: Expr, literal: Literal) -> Node:
        """Return `contains(…) eq true` and its like."""
        if op not in _EQUALITY or not isinstance(literal, Truth):
            raise _invalid_filter("A condition can only equal true or false.")
        node = self.node(condition)
        return node if literal.value is (op is Op.EQ) else Not(node)

    def _text_test(self, name: str, subject: Expr, text: Expr) -> Node:
        if not isinstance(text, Text):
            raise _invalid_filter(f"'{name}' needs a property and a text.")
        test = _TEXT_TESTS[name]
        made = self._computed_term(subject) if _is_made(subject) else None
        if made is None:
            return test(self._textual(subject, name).field, text.value)
        if made.kind is not Kind.TEXT:
            raise _invalid_filter(f"'{name}' needs a property and a text.")
        return Computed(made.term, test(ITEM, text.value))

    # Functions that make a value of others.

    def _compare_computed(self, op: Op, expr: Expr, literal: Literal) -> Node:
        made = self._computed_term(expr)
        try:
            value = None if isinstance(literal, Null) else made.read(literal)
        except ValueError as wrong:
            raise _invalid_filter(f"The filter compares what a function gives, and {wrong}.") from None
        if isinstance(made.term, Apply) and isinstance(value, int):
            match made.term.arguments:
                case (Of(field),):
                    found = as_range(made.term.function, field, op, value)
                    if found is not None:
                        return found
        if not _has_member(made.term):
            raise _invalid_filter("A comparison needs a property on one of its sides.")
        return Computed(made.term, Cmp(ITEM, op, value))

    def _computed_term(self, expr: Expr) -> _ComputedTerm:
        match expr:
            case Text(text):
                return _ComputedTerm(Constant(text), Kind.TEXT, read_text)
            case Number(int(number)):
                return _ComputedTerm(Constant(number), Kind.NUMBER, read_number)
            case Call(name, (inner,)) if name in _CASES:  # case does not count
                return self._computed_term(inner)
            case Call(name, arguments) if name in SIGNATURES:
                return self._apply(name, arguments)
        member = self._comparable(expr)
        kind = Kind.TEXT if member.kind is Kind.ID else member.kind
        return _ComputedTerm(Of(member.field), kind, member.read)

    def _apply(self, name: str, arguments: tuple[Expr, ...]) -> _ComputedTerm:
        signature = SIGNATURES[name]
        self._joins += signature.function is Function.CONCAT
        if self._joins > MOST_CONCAT:
            raise _invalid_filter(f"A filter joins texts at most {MOST_CONCAT} times.")
        made = [self._computed_term(argument) for argument in arguments]
        for number, (one, wanted) in enumerate(zip(made, signature.takes, strict=False), 1):
            if one.kind is not wanted:
                raise _invalid_filter(f"'{name}' needs a {_NOUNS[wanted]} as its argument {number}.")
        read = _OWN_READERS.get(signature.function, _READERS[signature.gives])
        return _ComputedTerm(Apply(signature.function, tuple(one.term for one in made)), signature.gives, read)

    def _flag(self, path: Path) -> Node:
        member = self._comparable(path)
        if member.kind is not Kind.BOOL:
            raise _invalid_filter(f"'{member.name}' is not a condition by itself.")
        return Cmp(member.field, Op.EQ, True)

    def _lambda(self, expr: Lambda) -> Node:
        bound = self._lookup(expr.path.steps)
        if bound is not None and bound.kind is Kind.EXTENDED:
            return _custom_data_test(expr, _member(expr.path.steps, self._lookup))
        scope = _Scope(expr, self._lookup)
        test = And(()) if expr.body is None else _Binder(scope.lookup).node(expr.body)
        if expr.quantifier is Quantifier.ANY:
            return Has(scope.field, test)
        return Not(Has(scope.field, Not(test)))

    def _comparable(self, expr: Expr) -> _Member:
        """Return the member that `expr` is, be it within `tolower` or `toupper`."""
        match expr:
            case Path(steps):
                member = _member(steps, self._lookup)
                if member.kind in _COLLECTIONS:
                    raise _invalid_filter(f"'{member.name}' is a collection; ask about it with any or all.")
                return member
            case Call(name, (inner,)) if name in _CASES:
                return self._textual(inner, name)
        raise _invalid_filter("A property is needed here.")

    def _textual(self, expr: Expr, function: str) -> _Member:
        member = self._comparable(expr)
        if member.kind is not Kind.TEXT and (function in _CASES or member.kind is not Kind.ID):
            raise InvalidQuery(f"{member.name}: '{function}' needs a text.", target=member.name)
        return member


def _custom_data_test(expr: Lambda, collection: _Member) -> Node:
    """Return `singleValueExtendedProperties/any(ep: ep/id eq '…' and ep/value eq '…')` and its like.

    One is named by its id; what is said of values besides is said of those of that one.
    """
    parts = expr.body.parts if isinstance(expr.body, Every) else (expr.body,)
    names = [collection.value(found) for part in parts if (found := _id_literal(part, expr.variable)) is not None]
    if expr.quantifier is Quantifier.ALL or len(names) != 1 or not isinstance(names[0], str):
        raise _invalid_filter(f"'{collection.name}' is asked about with any, in which one id is named by eq.")
    tests = [part for part in parts if part is not None and _id_literal(part, expr.variable) is None]
    casts: set[bool] = set()
    bound = [_value_test(part, expr.variable, casts) for part in tests]
    if len(casts) > 1:
        raise _invalid_filter("A value is asked about either as text or as a number.")
    test = bound[0] if len(bound) == 1 else And(tuple(bound))
    return HasExtended(collection.field, names[0], test, is_number=True in casts)


def _id_literal(part: Expr | None, variable: str) -> Literal | None:
    """Return the id that `ep/id eq '…'` names."""
    match part:
        case Compare(Op.EQ, Path((first, member)), other) | Compare(Op.EQ, other, Path((first, member))):
            is_id = first == variable and member.lower() == "id"
            return other if is_id and isinstance(other, Literal) else None
    return None


def _value_test(part: Expr, variable: str, casts: set[bool]) -> Node:
    """Return the test of a value; `casts` collects whether values are numbers in it."""
    if isinstance(part, Lambda):  # one of many values
        if part.quantifier is Quantifier.ALL or not _is_value(part.path, variable) or part.body is None:
            raise _invalid_filter("Of many values is asked whether any is as wanted.")
        return _value_test(_as_value(part.body, part.variable, variable), variable, casts)
    expr, is_number = _without_casts(part)
    casts.add(is_number)

    def lookup(path: Steps) -> Bound:
        if not _is_value(Path(path), variable):
            raise _invalid_filter(f"Only '{variable}/id' and '{variable}/value' can be asked about here.")
        return Bound(ITEM, Kind.NUMBER) if is_number else Bound(ITEM, Kind.TEXT, _read_value)

    return _Binder(lookup).node(expr)


def _is_value(path: Path, variable: str) -> bool:
    return len(path.steps) == 2 and path.steps[0] == variable and path.steps[1].lower() == "value"


def _read_value(literal: Literal) -> str:
    """Return a value as properties keep it: as text."""
    return str(literal.value).lower() if isinstance(literal, Truth) else read_text(literal)


def _as_value(expr: Expr, inner: str, variable: str) -> Expr:
    """Return a test of `v`, one of the values of `ep`, as one of `ep/value`."""
    return _map_expression(expr, lambda one: Path((variable, "value")) if one == Path((inner,)) else one)


def _without_casts(expr: Expr) -> tuple[Expr, bool]:
    """Return a test with `cast(ep/value, Edm.Int32)` as the value itself, and whether that is a number."""
    types: set[str] = set()

    def strip(one: Expr) -> Expr:
        match one:
            case Call("cast", (value, Path((type_,)))):
                types.add(type_.lower())
                return value
        return one

    found = _map_expression(expr, strip)
    if not types <= _CASTS.keys():
        raise _invalid_filter(f"A value can be cast to {', '.join(_CASTS.values())}.")
    return found, any(one in _NUMBERS for one in types)


_CASTS = {
    name.lower(): name
    for name in (
        "Edm.Int16", "Edm.Int32", "Edm.Int64", "Edm.Double", "Edm.Single", "Edm.Decimal",
        "Edm.String", "Edm.Boolean", "Edm.Guid",
    )
}  # fmt: skip
_NUMBERS = frozenset(list(_CASTS)[:6])


def _map_expression(expr: Expr, change: Callable[[Expr], Expr]) -> Expr:
    """Return an expression with `change` made to each part of it, from within."""
    match expr:
        case Every(parts):
            return change(Every(tuple(_map_expression(part, change) for part in parts)))
        case Some(parts):
            return change(Some(tuple(_map_expression(part, change) for part in parts)))
        case Negated(part):
            return change(Negated(_map_expression(part, change)))
        case Compare(op, left, right):
            return change(Compare(op, _map_expression(left, change), _map_expression(right, change)))
        case OneOf(operand, values):
            return change(OneOf(_map_expression(operand, change), values))
        case Includes(operand, value):
            return change(Includes(_map_expression(operand, change), value))
        case Call(name, arguments):
            return change(Call(name, tuple(_map_expression(one, change) for one in arguments)))
    return change(expr)


class _Scope:
    """The inside of a lambda: its variable stands for the items of one collection.

    The collection's own members may stand in fields of their own (`to/any(t:t/address eq 'x')`), but one
    lambda asks about one of them, since the values of two lists do not belong together by place.
    """

    def __init__(self, expr: Lambda, outer: Lookup) -> None:
        self._expr = expr
        self._outer = outer
        self._field: str | None = None

    @property
    def field(self) -> str:
        """Return the field the lambda asks about."""
        return self._field or self._collection(self._expr.path.steps).field

    def lookup(self, path: Steps) -> Bound:
        """Return what a path within the lambda stands for."""
        if path[0] != self._expr.variable:
            raise _invalid_filter(f"Only '{self._expr.variable}' can be asked about here.")
        member = self._collection(self._expr.path.steps + path[1:])
        if self._field not in (None, member.field):
            raise _invalid_filter("Only one property of the items can be asked about at a time.")
        self._field = member.field
        return Bound(ITEM, Kind.TEXT, member.read)

    def _collection(self, path: Steps) -> _Member:
        member = _member(path, self._outer)
        if member.kind is not Kind.TEXTS:
            raise _invalid_filter(f"'{member.name}' is not a collection.")
        return member


def _member(path: Steps, lookup: Lookup) -> _Member:
    bound = lookup(path)
    if bound is None:
        raise _unknown_property(path)
    name = "/".join(path)
    if bound.field is None:
        raise UnfilterableProperty(f"The property '{name}' does not support filtering.", target=name)
    return _Member(name, bound.field, bound.kind, bound.read or _READERS[bound.kind])


def _literal_or_itself(expr: Expr) -> Expr:
    """Return `tolower('X')` as the text it is."""
    if isinstance(expr, Call) and expr.name in _CASES and isinstance(expr.arguments[0], Text):
        return Text(_CASES[expr.name](expr.arguments[0].value))
    return expr


def _is_condition(expr: Expr) -> bool:
    if isinstance(expr, Call):
        return expr.name in _TEXT_TESTS
    return isinstance(expr, Compare | OneOf | Includes | Lambda | Every | Some | Negated)


def _is_made(expr: Expr) -> bool:
    """Return whether functions make a value of members here, but for those of case, which change nothing."""
    if isinstance(expr, Call) and expr.name in _CASES:
        return _is_made(expr.arguments[0])
    return isinstance(expr, Call) and expr.name in SIGNATURES


def _has_member(term: Term) -> bool:
    return isinstance(term, Of) or (isinstance(term, Apply) and any(map(_has_member, term.arguments)))
