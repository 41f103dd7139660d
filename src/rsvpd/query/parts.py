"""A filter taken apart, for lists of occurrences: what is asked of a series once, and what of each of them."""

from __future__ import annotations

from rsvpd.clock import Instant
from rsvpd.query.algebra import And, Cmp, Node, Op, conjuncts, fields_of, leaves
from rsvpd.query.fields import ENDS, STARTS, TIMES

ALWAYS, NEVER = -(2**62), 2**62
Bounds = tuple[Instant, Instant]  # both included


class Parts:
    """A filter taken apart: `fixed` is asked of all regular occurrences of a series alike, `moving` of each one.

    `whole` is all of it. `starts` says all that is asked of their starts alone, `ends` only between which instants
    those end that may be asked for.
    """

    def __init__(self, where: Node | None) -> None:
        parts = list(conjuncts(where))
        starts, ends = (_bounds(parts, fields) for fields in (STARTS, ENDS))
        timed = [part for part in parts if any(name in TIMES for leaf in leaves(part) for name in fields_of(leaf))]
        moving = tuple(part for part in timed if _bounds_of(part, STARTS) is None)
        self.whole = And(tuple(parts))
        self.fixed = And(tuple(part for part in parts if part not in timed))
        self.moving = And(moving) if moving else None
        self.starts, self.ends = starts, ends


def _bounds(parts: list[Node], fields: tuple[str, ...]) -> Bounds:
    found = [bounds for part in parts if (bounds := _bounds_of(part, fields)) is not None]
    return max((low for low, _ in found), default=ALWAYS), min((high for _, high in found), default=NEVER)


def _bounds_of(part: Node, fields: tuple[str, ...]) -> Bounds | None:
    """Return between which instants such a field lies, where that is all a condition says."""
    match part:
        case Cmp(name, op, int(value)) if name in fields and op in _BELOW_AND_ABOVE:
            below, above = _BELOW_AND_ABOVE[op]
            return ALWAYS if below is None else value + below, NEVER if above is None else value + above
    return None


_BELOW_AND_ABOVE: dict[Op, tuple[int | None, int | None]] = {
    Op.EQ: (0, 0),
    Op.GE: (0, None),
    Op.GT: (1, None),
    Op.LE: (None, 0),
    Op.LT: (None, -1),
}
