"""One page of a mailbox's items: by SQL where the columns can say it, by Python for the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from msgspec import Struct

from rsvpd.query.algebra import Page, Query
from rsvpd.query.evaluate import matches
from rsvpd.query.fields import Fields
from rsvpd.query.page import cut, decode, encode
from rsvpd.store.compile import Columns, keyset, order_by, split

V = TypeVar("V")

# (condition, tail, parameters) -> views, in the order the tail says
Source = Callable[[str, str, dict[str, Any]], Iterable[V]]


class Table(Struct, frozen=True):
    """What is known of the items: the columns they are stored in and the fields they are asked by."""

    columns: Columns
    fields: Fields
    item: Callable[[Any], int]


def page(
    source: Source[V],
    table: Table,
    query: Query,
    *,
    base: str,
    params: dict[str, Any],
    count: Callable[[str, dict[str, Any]], int],
) -> Page[V]:
    """Return one page of what `base` (SQL with `params`) and the query say.

    Where SQL can sort, a page costs what it shows; else everything that matches is sorted here.
    """
    said = split(query.where, table.columns)
    condition = f"({base}) AND ({said.sql})"
    values = {**params, **said.params}

    def matching(sql: str, tail: str, more: dict[str, Any]) -> Iterator[V]:
        found = source(sql, tail, more)
        if said.residual is None:
            return iter(found)
        residual = said.residual
        return (view for view in found if matches(residual, view, table.fields))

    def total() -> int | None:
        if not query.count:
            return None
        if said.residual is None:
            return count(condition, values)
        return sum(1 for _ in matching(condition, "", values))

    ordering = order_by(query.order, table.columns)
    if ordering is None:
        return cut(matching(condition, "", values), query, table.fields, lambda view: (table.item(view),))
    after, skip = condition, query.skip
    if query.after is not None:
        place = decode(query.after)
        beyond = keyset(query.order, table.columns, place.values, place.item)
        after, skip = f"{condition} AND ({beyond.sql})", 0
        values = {**values, **beyond.params}
    # Python may still drop rows, so only what SQL decides alone can be limited there.
    limit = f" LIMIT {skip + query.top + 1:d}" if said.residual is None else ""
    rows = matching(after, f"ORDER BY {ordering}{limit}", values)
    items = list(islice(rows, skip, skip + query.top + 1))
    token = None
    if len(items) > query.top:
        items = items[: query.top]
        token = _token(items[-1], table, query) if items else None
    return Page(items=items, after=token, total=total())


def _token(view: Any, table: Table, query: Query) -> str:
    values = tuple(table.fields[one.field].get(view) for one in query.order)
    return encode(tuple(v for v in values if not isinstance(v, tuple)), (table.item(view),))
