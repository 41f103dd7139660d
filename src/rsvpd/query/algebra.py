"""One small algebra for every dialect's questions.

OData's `$filter`, Google's timeMin/timeMax/q and CalDAV's XML all become these nodes. They
have two meanings that must agree: compiled to SQL (`store/compile.py`) and evaluated in
Python (`evaluate.py`). Fields are named in `fields.py`; text compares without case, instants
are microseconds since the epoch, words are the values of the model's enums.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from msgspec import Struct

Value = str | int | bool | None


class Op(enum.Enum):
    """Comparisons."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GE = "ge"
    LT = "lt"
    LE = "le"


class And(Struct, frozen=True, tag=True):
    """All of `parts`; true when there are none."""

    parts: tuple[Node, ...]


class Cmp(Struct, frozen=True, tag=True):
    """`field` compared with `value`; None (unset) equals only None and is less than nothing."""

    field: str
    op: Op
    value: Value


class In(Struct, frozen=True, tag=True):
    """`field` is one of `values`."""

    field: str
    values: tuple[Value, ...]


class Contains(Struct, frozen=True, tag=True):
    """The text of `field` contains `text`."""

    field: str
    text: str


class StartsWith(Struct, frozen=True, tag=True):
    """The text of `field` starts with `text`."""

    field: str
    text: str


class EndsWith(Struct, frozen=True, tag=True):
    """The text of `field` ends with `text`."""

    field: str
    text: str


class Words(Struct, frozen=True, tag=True):
    """The text of `field` has these words one after another (`words.py` says what words are); with `is_open` the
    last one may be the beginning of a longer word.
    """

    field: str
    words: tuple[str, ...]
    is_open: bool = False


class Has(Struct, frozen=True, tag=True):
    """The list in `field` holds a value for which `test`, a node over the field `item`, is true."""

    field: str
    test: Node


class Function(enum.Enum):
    """What can be made of values: of texts, and of instants in UTC."""

    TRIM = "trim"  # without blanks at both ends
    LENGTH = "length"  # how many letters
    INDEX_OF = "indexof"  # where in the first text the second begins, from 0, or -1; case does not count
    CONCAT = "concat"  # one text after the other
    SUBSTRING = "substring"  # from a letter on, so many as are said or all
    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    HOUR = "hour"
    MINUTE = "minute"
    SECOND = "second"
    MICROSECOND = "fractionalseconds"
    DATE = "date"  # the instant at which the day begins
    TIME = "time"  # microseconds since then


class Of(Struct, frozen=True, tag=True):
    """The value of a field."""

    field: str


class Constant(Struct, frozen=True, tag=True):
    """A value by itself."""

    value: str | int


class Apply(Struct, frozen=True, tag=True):
    """What a function makes of its arguments: unset where one of them is."""

    function: Function
    arguments: tuple[Term, ...]


Term = Of | Constant | Apply


class Computed(Struct, frozen=True, tag=True):
    """`test`, a node over the field `item`, is true of what `term` comes to."""

    term: Term
    test: Node


class HasExtended(Struct, frozen=True, tag=True):
    """What programs hung on the item has, under this form (`single`, `multi`, `extension`) and name, a value for which
    `test`, a node over the field `item`, is true; of an extension there is nothing to test. With `is_number` the values
    are numbers, and what is none is passed over.
    """

    form: str
    name: str
    test: Node = And(())
    is_number: bool = False


class InWindow(Struct, frozen=True, tag=True):
    """The event overlaps [start, end), instants; None is open. An event without length counts at its start.

    A whole series reaches from the start of its first occurrence to the end of its last.
    """

    start: int | None
    end: int | None


class Or(Struct, frozen=True, tag=True):
    """Any of `parts`; false when there are none."""

    parts: tuple[Node, ...]


class Not(Struct, frozen=True, tag=True):
    """Not `part`."""

    part: Node


Node = (
    Cmp | In | Contains | StartsWith | EndsWith | Words | Has | Computed | HasExtended | InWindow | And | Or | Not
)


def conjuncts(node: Node | None) -> Iterator[Node]:
    """Yield parts that are all true exactly when `node` is; of None, nothing."""
    match node:
        case None:
            return
        case And(parts):
            for part in parts:
                yield from conjuncts(part)
        case Not(Or(parts)):
            for part in parts:
                yield from conjuncts(Not(part))
        case Not(Not(part)):
            yield from conjuncts(part)
        case _:
            yield node


def leaves(node: Node) -> Iterator[Node]:
    """Yield the tests that a node is made of."""
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case _:
            yield node


def fields_of(leaf: Node) -> tuple[str, ...]:
    """Return the fields that a test asks about."""
    match leaf:
        case InWindow():
            return "first", "last"
        case Computed(term):
            return tuple(fields_of_term(term))
        case HasExtended():
            return ("extended",)
        case Cmp(name) | In(name) | Contains(name) | StartsWith(name) | EndsWith(name) | Words(name) | Has(name):
            return (name,)
        case _:
            return ()


def fields_of_term(term: Term) -> Iterator[str]:
    """Yield the fields that a term is made of."""
    match term:
        case Of(field):
            yield field
        case Apply(_, arguments):
            for argument in arguments:
                yield from fields_of_term(argument)


def custom_data_names(node: Node | None) -> frozenset[tuple[str, str]]:
    """Return the forms and names of what programs hung on items that a filter asks about."""
    found = () if node is None else leaves(node)
    return frozenset((one.form, one.name) for one in found if isinstance(one, HasExtended))


class Order(Struct, frozen=True):
    """Sort by `field`; an unset value sorts first when ascending. The item's number breaks every tie."""

    field: str
    descending: bool = False


class Query(Struct, frozen=True, kw_only=True):
    """A question for one page. `after` is the opaque place where the page before ended.

    `skip` counts from the start of the list and is used only without `after`.
    """

    where: Node | None = None
    order: tuple[Order, ...] = ()
    top: int = 10
    skip: int = 0
    after: str | None = None
    count: bool = False


T = TypeVar("T")
V = TypeVar("V")


# The number of a mailbox, and of its newest change.
MailboxState = tuple[int, int]


class Page(Struct, Generic[T], frozen=True, kw_only=True):
    """What was found. `after` is None on the last page; `total` is set where it was asked for.

    `cut_at` is set on the last page of a window where series go on that never end: as far as they were looked at.
    `state` is set where nothing on the page could change without a change of that mailbox. `follows` are the other
    mailboxes that items follow from, where they were asked, each with the number of its newest change.
    """

    items: list[T]
    after: str | None = None
    total: int | None = None
    cut_at: int | None = None
    state: MailboxState | None = None
    follows: Mapping[int, int] = {}

    def with_items(
        self, items: list[V], *, state: MailboxState | None = None, follows: Mapping[int, int] | None = None
    ) -> Page[V]:
        """Return the same page with its items as somebody is to see them."""
        return Page(
            items=items, after=self.after, total=self.total, cut_at=self.cut_at, state=state, follows=follows or {}
        )
