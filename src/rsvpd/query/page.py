"""Pages: where one ended, so that the next goes on there even when items came and went between.

A token names the last item of a page by what the list is sorted by and by the item itself
(a keyset). It is opaque, safe in a URL, and says nothing about the query: that travels beside it.
"""

from __future__ import annotations

import base64
import binascii
import bisect
from collections.abc import Callable, Iterable
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from rsvpd.errors import InvalidQuery
from rsvpd.query.algebra import Order, Page, Query, Value
from rsvpd.query.evaluate import is_descending, sort_key, sorted_by, tie_key
from rsvpd.query.fields import Fields

V = TypeVar("V")
Tie = tuple[int | str, ...]

_Long = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
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


def cut(views: Iterable[V], query: Query, fields: Fields, tie: Callable[[V], Tie]) -> Page[V]:
    """Return one page of `views`, which need not be sorted but must match the query already.

    `tie` names a view among its equals: the item, and the occurrence where it is one.
    """
    found = sorted_by(views, query.order, fields, tie=tie)
    rest = found[query.skip :] if query.after is None else _after(found, query, fields, tie)
    items = rest[: query.top]
    after = None
    if items and len(rest) > len(items):
        after = encode(_values(items[-1], query.order, fields), tie(items[-1]))
    return Page(items=items, after=after, total=len(found) if query.count else None)


def _values(view: object, order: tuple[Order, ...], fields: Fields) -> tuple[Value, ...]:
    got = (fields[one.field].get(view) for one in order)
    return tuple(value for value in got if not isinstance(value, tuple))


def _after(found: list[V], query: Query, fields: Fields, tie: Callable[[V], Tie]) -> list[V]:
    order = query.order
    place = decode(query.after or "")
    if len(place.values) != len(order):
        raise not_a_place()
    here = _keys(place.values, place.item, order, fields)
    directions = (*(one.descending for one in order), is_descending(order))

    def is_beyond(view: V) -> bool:
        return _is_beyond(_keys(_values(view, order, fields), tie(view), order, fields), here, directions)

    return found[bisect.bisect_left(found, True, key=is_beyond) :]


def _keys(values: tuple[Value, ...], item: Tie, order: tuple[Order, ...], fields: Fields) -> list[Any]:
    by_field = (sort_key(fields[one.field], value) for one, value in zip(order, values, strict=True))
    return [*by_field, tie_key(item)]


def _is_beyond(keys: list[Any], here: list[Any], directions: tuple[bool, ...]) -> bool:
    for one, other, descending in zip(keys, here, directions, strict=True):
        if one != other:
            return bool(one < other if descending else one > other)
    return False
