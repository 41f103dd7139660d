"""What the functions of a filter take and give, and what a comparison with one of them asks of its member alone.

`year` and `date` of an instant are compared as ranges, which an index can find; everything else is computed.
"""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import Struct

from rsvpd import clock
from rsvpd.clock import Instant
from rsvpd.dialects.odata.syntax import Clock, Literal, Number, Text, read_clock
from rsvpd.query.algebra import And, Cmp, Function, Node, Not, Op, Or
from rsvpd.query.compute import DAY
from rsvpd.query.fields import Kind

# How often a filter may join texts, each of which may be a whole body.
MOST_CONCAT = 10


class Signature(Struct, frozen=True):
    """The kinds of what a function takes, the last of which may be missing, and of what it gives."""

    function: Function
    takes: tuple[Kind, ...]
    gives: Kind


_TIME_PARTS = (
    Function.YEAR, Function.MONTH, Function.DAY, Function.HOUR, Function.MINUTE, Function.SECOND, Function.MICROSECOND,
    Function.TIME,
)  # fmt: skip
_SIGNATURES = (
    Signature(Function.TRIM, (Kind.TEXT,), Kind.TEXT),
    Signature(Function.LENGTH, (Kind.TEXT,), Kind.NUMBER),
    Signature(Function.INDEX_OF, (Kind.TEXT, Kind.TEXT), Kind.NUMBER),
    Signature(Function.CONCAT, (Kind.TEXT, Kind.TEXT), Kind.TEXT),
    Signature(Function.SUBSTRING, (Kind.TEXT, Kind.NUMBER, Kind.NUMBER), Kind.TEXT),
    Signature(Function.DATE, (Kind.INSTANT,), Kind.INSTANT),
    *(Signature(part, (Kind.INSTANT,), Kind.NUMBER) for part in _TIME_PARTS),
)
SIGNATURES = {one.function.value: one for one in _SIGNATURES}


def read_time_of_day(literal: Literal) -> int:
    """Return the microseconds of a time of day, in quotes or not."""
    match literal:
        case Clock(microseconds):
            return microseconds
        case Text(value):
            return read_clock(value)
    raise ValueError("a time of day is needed")


def read_fraction(literal: Literal) -> int:
    """Return the microseconds of a fraction of a second."""
    if isinstance(literal, Number) and 0 <= literal.value < 1:
        return round(literal.value * 1_000_000)
    raise ValueError("a fraction of a second is needed")


def as_range(function: Function, field: str, op: Op, value: int) -> Node | None:
    """Return what `function` of the instant in `field` compared with `value` says of that instant.

    None where it says no range.
    """
    match function:
        case Function.YEAR:
            bounds = _year(value), _year(value + 1)
        case Function.DATE if value % DAY == 0:
            bounds = value, value + DAY
        case _:
            return None
    first, past = bounds
    if first is None or past is None:
        return None
    inside = And((Cmp(field, Op.GE, first), Cmp(field, Op.LT, past)))
    ranges: dict[Op, Node] = {
        Op.EQ: inside,
        Op.NE: Not(inside),
        Op.LT: Cmp(field, Op.LT, first),
        Op.LE: Cmp(field, Op.LT, past),
        Op.GT: Cmp(field, Op.GE, past),
        Op.GE: Cmp(field, Op.GE, first),
    }
    return ranges[op]


def any_of(nodes: list[Node]) -> Node:
    """Return what is true where one of `nodes` is."""
    return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))


def _year(year: int) -> Instant | None:
    return clock.from_datetime(datetime(year, 1, 1, tzinfo=UTC)) if 1 <= year <= 9999 else None
