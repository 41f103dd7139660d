"""Pages: where one ended, so that the next goes on there even when items came and went between.

A token names the last item of a page by what the list is sorted by and by the item itself
(a keyset). It is opaque, safe in a URL, and says nothing about the query: that travels beside it.
"""

from __future__ import annotations

import base64
import binascii
import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import dropwhile, groupby, islice
from operator import itemgetter
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from rsvpd.errors import InvalidQuery
from rsvpd.query.algebra import Order, Page, Query, Value
from rsvpd.query.evaluate import is_descending, matches, sort_key, tie_key
from rsvpd.query.fields import Fields, Got

V = TypeVar("V")
Tie = tuple[int | str, ...]
Key = tuple[Any, ...]

_FIRST, _LAST = -(2**63), 2**63 - 1
_Long = Annotated[int, Meta(ge=_FIRST, le=_LAST)]
_MARK = 1


class Place(Struct, frozen=True, array_like=True, tag=_MARK, forbid_unknown_fields=True):
    """Where a page ended: the values the list is sorted by, and what breaks the tie."""

    values: tuple[str | bool | _Long | None, ...]
    item: tuple[str | _Long, ...]


_decoder = msgspec.msgpack.Decoder(Place)


def encode(values: tuple[Value, ...], item: Tie) -> str:
    """Return the token of the place after the item with these values."""
    raw = msgspec.msgpack.encode(Place(values, item))
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(token: str) -> Place:
    """Return the place a token names. Raises InvalidQuery for anything `encode` did not make."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        return _decoder.decode(raw)
    except (ValueError, binascii.Error, msgspec.MsgspecError, RecursionError):
        raise not_a_place() from None


def not_a_place() -> InvalidQuery:
    """Return the error for a token that does not belong to the query it came with."""
    return InvalidQuery("The skip token is not one of this list's.")


# --- the order of a list --------------------------------------------------------------------


class Descending:
    """A key that sorts the other way round."""

    __slots__ = ("key",)

    def __init__(self, key: Any) -> None:
        self.key = key

    def __lt__(self, other: Descending) -> bool:
        return bool(other.key < self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Descending) and bool(self.key == other.key)

    def __hash__(self) -> int:
        return hash(self.key)


class Position:
    """Where one item of a list stands: what it has in the fields of the order, and what breaks the tie.

    Its key is made when it is first compared: most lists have their order from SQL.
    """

    __slots__ = ("_got", "_key", "_sort_order", "tie")

    def __init__(self, sort_order: SortOrder, got: tuple[Got, ...], tie: Tie) -> None:
        self._sort_order, self._got, self.tie = sort_order, got, tie
        self._key: Key | None = None

    @property
    def key(self) -> Key:
        """Return what it is sorted by."""
        if self._key is None:
            self._key = self._sort_order.key(self._got, self.tie)
        return self._key

    @property
    def values(self) -> tuple[Value, ...]:
        """Return what a token keeps of it beside the tie."""
        return tuple(one for one in self._got if not isinstance(one, tuple | Mapping))

    def __lt__(self, other: Position) -> bool:
        return self.key < other.key


class SortOrder:
    """The order of a list as keys, which are all different: lists are sorted, merged and resumed by them."""

    def __init__(self, order: tuple[Order, ...], fields: Fields) -> None:
        self.fields = tuple(fields[one.field] for one in order)
        self._falls = (*(one.descending for one in order), is_descending(order))

    def of(self, view: object, tie: Tie) -> Position:
        """Return where a view stands; `tie` names it among its equals."""
        return self.at(tuple(field.get(view) for field in self.fields), tie)

    def at(self, got: tuple[Got, ...], tie: Tie) -> Position:
        """Return where something stands that has these values in the fields of the order."""
        return Position(self, got, tie)

    def key(self, got: tuple[Got, ...], tie: Tie) -> Key:
        """Return the key of a place; that of a shorter tie sorts before all that begin with it."""
        keys: list[Any] = [sort_key(field, one) for field, one in zip(self.fields, got, strict=True)]
        keys.append(tie_key(tie))
        return tuple(Descending(key) if falls else key for key, falls in zip(keys, self._falls, strict=True))

    def bound(self, value: Value) -> Key:
        """Return a key that sorts before all that have this value in the first field of the order."""
        key = sort_key(self.fields[0], value)
        return (Descending(key) if self._falls[0] else key,)

    def beyond(self, place: Place) -> Key:
        """Return the key of the item a page ended with. Raises InvalidQuery for a place of another order."""
        if len(place.values) != len(self.fields):
            raise not_a_place()
        return self.key(place.values, place.item)

    def after(self, found: Iterable[tuple[Position, V]], query: Query) -> Iterator[tuple[Position, V]]:
        """Yield what of a sorted list comes after the place of the query."""
        if query.after is None:
            return iter(found)
        beyond = self.beyond(decode(query.after))
        return dropwhile(lambda one: not beyond < one[0].key, found)


def around(item: Tie, order: tuple[Order, ...]) -> Tie:
    """Return the tie of a place just before all that begin with the first part of `item`."""
    if not item or not isinstance(item[0], int):
        raise not_a_place()
    return (min(item[0] + 1, _LAST) if is_descending(order) else max(item[0] - 1, _FIRST),)


def merge_streams(streams: Iterable[tuple[Key, Iterable[tuple[Position, V]]]]) -> Iterator[tuple[Position, V]]:
    """Merge sorted streams into one, opening each only when the list has come to its bound.

    They come in the order of their bounds; the empty bound lies before everything.
    """
    heap: list[tuple[Key, int, V, Position, Iterator[tuple[Position, V]]]] = []
    for number, (bound, stream) in enumerate(streams):
        while heap and heap[0][0] < bound:
            yield _first(heap)
        _push(heap, number, iter(stream))
    while len(heap) > 1:
        yield _first(heap)
    for _, _, value, listed, rest in heap:
        yield listed, value
        yield from rest


def sort_ties(entries: Iterable[tuple[Position, V]], same: Callable[[V], object]) -> Iterator[tuple[Position, V]]:
    """Yield what comes sorted but for those next to each other that are the `same`, sorted."""
    for _, together in groupby(entries, key=lambda one: same(one[1])):
        yield from sorted(together, key=lambda one: one[0].key)


def _push(heap: list[Any], number: int, rest: Iterator[tuple[Position, V]]) -> None:
    for listed, value in rest:
        heapq.heappush(heap, (listed.key, number, value, listed, rest))
        return


def _first(heap: list[Any]) -> tuple[Position, Any]:
    _, number, value, listed, rest = heapq.heappop(heap)
    _push(heap, number, rest)
    return listed, value


# --- one page ---------------------------------------------------------------------------------


def cut(views: Iterable[V], query: Query, fields: Fields, tie: Callable[[V], Tie]) -> Page[V]:
    """Return one page of `views`, which need not be sorted but must match the query already.

    `tie` names a view among its equals: the item, and the occurrence where it is one.
    """
    sort_order = SortOrder(query.order, fields)
    return least(((sort_order.of(view, tie(view)), view) for view in views), query, sort_order)


def cut_few(views: Iterable[V], query: Query, fields: Fields) -> Page[V]:
    """Return one page of a few things that are all at hand; what is equal stays in the order given."""
    where = query.where
    found = [view for view in views if where is None or matches(where, view, fields)]
    places = {id(view): place for place, view in enumerate(found)}
    return cut(found, query, fields, lambda view: (places[id(view)],))


def least(found: Iterable[tuple[Position, V]], query: Query, sort_order: SortOrder) -> Page[V]:
    """Return one page of what is in no order. All is looked at, but no more is kept than comes before its end."""
    beyond = None if query.after is None else sort_order.beyond(decode(query.after))
    count = 0

    def there() -> Iterator[tuple[Key, int, Position, V]]:
        nonlocal count
        for listed, view in found:
            count += 1
            if beyond is None or listed.key > beyond:
                yield listed.key, count, listed, view

    skip = query.skip if beyond is None else 0
    kept = heapq.nsmallest(skip + query.top + 1, there(), key=lambda one: one[:2])
    page = page_of(((listed, view) for _, _, listed, view in kept), query)
    return page if not query.count else msgspec.structs.replace(page, total=count)


def page_of(found: Iterable[tuple[Position, V]], query: Query) -> Page[V]:
    """Return one page of what is sorted already and begins after the place of the query; nothing is counted."""
    page = page_by(found, query, itemgetter(0))
    return page.with_items([view for _, view in page.items])


def page_by(found: Iterable[V], query: Query, listed: Callable[[V], Position]) -> Page[V]:
    """Return what `page_of` does, told how to find out where something stands.

    No more is taken than the page holds, and one more to know whether it is the last.
    """
    if not query.top:
        return Page(items=[])
    skip = query.skip if query.after is None else 0
    items = list(islice(found, skip, skip + query.top + 1))
    after = None
    if len(items) > query.top:
        last = listed(items[query.top - 1])
        after = encode(last.values, last.tie)
    return Page(items=items[: query.top], after=after)
