"""One page of a mailbox's items: by SQL where the columns can say it, by Python for the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import dropwhile
from typing import Any, TypeVar

from msgspec import Struct, structs

from rsvpd.query.algebra import Node, Page, Query
from rsvpd.query.evaluate import is_descending, matches
from rsvpd.query.fields import Fields
from rsvpd.query.page import Position, SortOrder, around, decode, least, page_by, page_of
from rsvpd.store.compile import Columns, keyset, order_by, split
from rsvpd.work import Spend

V = TypeVar("V")

# (condition, tail, parameters) -> rows, in the order the tail says
Source = Callable[[str, str, dict[str, Any]], Iterable[V]]
# A row -> it and what stands beside it in the list, each with its name among them, sorted by that
Beside = Callable[[V], Iterable[tuple[str, V]]]


# Rows of a part, four times as many with each that did not fill the page.
_PART, _MOST_PART = 200, 5_000


def _itself(row: Any) -> Any:
    return row


class Table(Struct, frozen=True):
    """What is known of the items: the columns they are stored in and the fields they are asked by.

    `item` is the number of a row, `view` what the fields are of. Where SQL knows all that is asked, rows are not
    viewed, but for the last one of a page.
    """

    columns: Columns
    fields: Fields
    item: Callable[[Any], int]
    view: Callable[[Any], Any] = _itself


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
    in_parts: bool = False,
) -> Page[V]:
    """Return one page of what `base` (SQL with `params`) and the query say; `beside` is what rows bring along.

    Rows that Python may still drop are asked for `in_parts` where a statement finds all that it can at once. Where SQL
    can sort, a page costs what it shows, and what a filter for Python passes over; else everything
    that matches is looked at here. All of it is spent. Rows are counted.
    """
    compiled = split(query.where, table.columns)
    condition = f"({base}) AND ({compiled.sql})"
    values = {**params, **compiled.params}

    def filter_rows(sql: str, tail: str, more: dict[str, Any]) -> Iterator[V]:
        found, residual = source(sql, tail, more), compiled.residual
        if residual is None:
            return iter(found)
        return (row for row in found if matches(residual, table.view(row), table.fields, spend))

    def total() -> int | None:
        if not query.count:
            return None
        if compiled.residual is None:
            return count(condition, values)
        return sum(1 for _ in filter_rows(condition, "", values))

    def place_of(row: V) -> Position:
        return sort_order.of(table.view(row), (table.item(row),))

    def with_places(rows: Iterable[V]) -> Iterator[tuple[Position, V]]:
        for row in rows:
            if beside is None:
                yield place_of(row), row
                continue
            others = beside(row)
            for name, other in reversed(list(others)) if is_descending(query.order) else others:
                yield sort_order.of(table.view(other), (table.item(other), name)), other

    sort_order = SortOrder(query.order, table.fields)
    ordering = order_by(query.order, table.columns)
    if ordering is None:
        return structs.replace(least(with_places(filter_rows(condition, "", values)), query, sort_order), total=total())
    after = condition
    if query.after is not None:
        place = decode(query.after)
        # What stands beside a row follows it, perhaps on the next page: that begins with the same row.
        item = place.item if beside is None else around(place.item, query.order)
        beyond = keyset(query.order, table.columns, place.values, item)
        after = f"{condition} AND ({beyond.sql})"
        values = {**values, **beyond.params}
    def parts(where: str, more: dict[str, Any], residual: Node) -> Iterator[V]:
        """Yield the rows for which `residual` is true, asked for part by part, each beginning where one ended."""
        size = _PART
        while True:
            found = list(source(where, f"ORDER BY {ordering} LIMIT {size:d}", more))
            yield from (row for row in found if matches(residual, table.view(row), table.fields, spend))
            if len(found) < size:
                return
            last = place_of(found[-1])
            beyond = keyset(query.order, table.columns, last.values, last.tie)
            where, more, size = f"{condition} AND ({beyond.sql})", {**more, **beyond.params}, min(4 * size, _MOST_PART)

    # Python may still drop rows, so only what SQL decides alone can be limited there.
    limit = f" LIMIT {query.skip + query.top + 2:d}" if compiled.residual is None else ""
    in_order = f"ORDER BY {ordering}{limit}"
    if in_parts and compiled.residual is not None:
        rows = parts(after, values, compiled.residual)
    else:
        rows = filter_rows(after, in_order, values)
    if beside is not None:
        return structs.replace(page_of(sort_order.after(with_places(rows), query), query), total=total())
    # SQL begins after the place already, but for texts that are equal only to a column.
    if query.after is not None:
        end = sort_order.beyond(decode(query.after))
        rows = dropwhile(lambda row: not end < place_of(row).key, rows)
    return structs.replace(page_by(rows, query, place_of), total=total())
