"""One page of a mailbox's items: by SQL where the columns can say it, by Python for the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from msgspec import Struct, structs

from rsvpd.query.algebra import Page, Query
from rsvpd.query.evaluate import is_descending, matches
from rsvpd.query.fields import Fields
from rsvpd.query.page import Listed, Ranking, around, decode, least, page_of
from rsvpd.store.compile import Columns, keyset, order_by, split
from rsvpd.work import Spend

V = TypeVar("V")

# (condition, tail, parameters) -> views, in the order the tail says
Source = Callable[[str, str, dict[str, Any]], Iterable[V]]
# A row's view -> it and what stands beside it in the list, each with its name among them, sorted by that
Beside = Callable[[V], Iterable[tuple[str, V]]]


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
    spend: Spend,
    beside: Beside[V] | None = None,
) -> Page[V]:
    """Return one page of what `base` (SQL with `params`) and the query say; `beside` is what rows bring along.

    Where SQL can sort, a page costs what it shows, and what a filter for Python passes over; else everything
    that matches is looked at here. All of it is spent. Rows are counted.
    """
    said = split(query.where, table.columns)
    condition = f"({base}) AND ({said.sql})"
    values = {**params, **said.params}

    def matching(sql: str, tail: str, more: dict[str, Any]) -> Iterator[V]:
        found, residual = source(sql, tail, more), said.residual
        if residual is None:
            return iter(found)
        return (view for view in found if matches(residual, view, table.fields, spend))

    def total() -> int | None:
        if not query.count:
            return None
        if said.residual is None:
            return count(condition, values)
        return sum(1 for _ in matching(condition, "", values))

    def listed(rows: Iterable[V]) -> Iterator[tuple[Listed, V]]:
        for row in rows:
            if beside is None:
                yield ranking.of(row, (table.item(row),)), row
                continue
            others = beside(row)
            for name, view in reversed(list(others)) if is_descending(query.order) else others:
                yield ranking.of(view, (table.item(view), name)), view

    ranking = Ranking(query.order, table.fields)
    ordering = order_by(query.order, table.columns)
    if ordering is None:
        return structs.replace(least(listed(matching(condition, "", values)), query, ranking), total=total())
    after = condition
    if query.after is not None:
        place = decode(query.after)
        # What stands beside a row follows it, perhaps on the next page: that begins with the same row.
        item = place.item if beside is None else around(place.item, query.order)
        beyond = keyset(query.order, table.columns, place.values, item)
        after = f"{condition} AND ({beyond.sql})"
        values = {**values, **beyond.params}
    # Python may still drop rows, so only what SQL decides alone can be limited there.
    limit = f" LIMIT {query.skip + query.top + 2:d}" if said.residual is None else ""
    found = listed(matching(after, f"ORDER BY {ordering}{limit}", values))
    return structs.replace(page_of(ranking.after(found, query), query), total=total())
