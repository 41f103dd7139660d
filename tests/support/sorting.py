"""The order of a list as its definition has it: all of it sorted at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from rsvpd.query.algebra import Order, Value
from rsvpd.query.evaluate import is_descending, sort_key, tie_key
from rsvpd.query.fields import Fields

V = TypeVar("V")


def sorted_by(
    views: Iterable[V],
    order: tuple[Order, ...],
    fields: Fields,
    *,
    tie: Callable[[V], tuple[Value, ...]] | None = None,
) -> list[V]:
    """Return `views` in order; `tie` breaks ties in the direction of the last order."""
    found = list(views)
    if tie is not None:
        found.sort(key=lambda view: tie_key(tie(view)), reverse=is_descending(order))
    for one in reversed(order):
        field = fields[one.field]
        found.sort(key=lambda view, field=field: sort_key(field, field.get(view)), reverse=one.descending)
    return found
