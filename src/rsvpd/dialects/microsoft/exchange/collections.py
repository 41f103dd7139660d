"""Collections: the row of one says what its list, its `$count`, its members and what changed in it (delta) follow from.

Handlers are made of a row; in the route table it stands in their place. What is done to a member is a function of its
own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct, structs

from rsvpd.commands.delta import Round
from rsvpd.commands.door import beside_a_change
from rsvpd.commands.fragments import ItemWriter
from rsvpd.dialects.microsoft.exchange import listing, replies
from rsvpd.dialects.microsoft.exchange.call import Call, Handler
from rsvpd.dialects.microsoft.tables.profiles import Profile
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx
from rsvpd.dialects.odata.filter import Lookup
from rsvpd.dialects.odata.options import Expand
from rsvpd.dialects.shape import Shape
from rsvpd.dialects.turns import in_turn
from rsvpd.dialects.wire import Response
from rsvpd.query.algebra import Node, Order, Page, Query
from rsvpd.query.fields import Fields
from rsvpd.query.page import cut_few

V = TypeVar("V")
P = TypeVar("P")
W = TypeVar("W", contravariant=True)
Write = Callable[[V], Mapping[str, Any]]
Shapes = Callable[[Profile], Sequence[Shape[Ctx]]]


class Question(Protocol):
    """How the options of a request become the question for a command (exchange/listing.py)."""

    def __call__(self, call: Call, lookup: Lookup, *, order: tuple[Order, ...] = ()) -> Query: ...


class Expansion(Struct, Generic[W], frozen=True, kw_only=True):
    """How a navigation stands inside an item: `show` returns it under its name, with what goes before it.

    A `$select` inside it chooses from the tables of `shapes`. `show_each` does the same for all items of a page,
    where these are read together. `check` raises InvalidQuery for options that cannot be answered.
    """

    show: Callable[[Call, W, Expand], Awaitable[Mapping[str, Any]]]
    show_each: Callable[[Call, Sequence[W], Expand], Awaitable[Sequence[Mapping[str, Any]]]] | None = None
    shapes: Shapes = lambda _: ()
    check: Callable[[Expand], object] = lambda _: None


class Feed(Struct, Generic[V, P], frozen=True, kw_only=True):
    """How somebody keeps in step with a collection.

    `name` is what refusals and Outlook's entries call it, `refuses` are the options that do not go with it;
    `by_header` says whether Outlook REST tells of changes where `Prefer: odata.track-changes` asks for that.
    `number` stands for the place in a token. `find` is what a round begins with, where that is more than the list;
    `since` returns what changed after a change, so many at a time, `where` the condition that goes with changes, `item`
    the number of the change that a member began with. `has_change_type`: whether a client may ask for changes of
    one kind.
    """

    name: str
    refuses: tuple[str, ...]
    since: Callable[[Call, P, int, int], Awaitable[Round[V]]]
    find: Callable[[Call, P, Query], Awaitable[Page[V]]] | None = None
    number: Callable[[P], int] = lambda _: 0
    where: Callable[[Call], Node | None] = lambda _: None
    item: Callable[[V], int] = lambda _: 0
    by_header: bool = True
    has_change_type: bool = False


class Collection(Struct, Generic[V, P], frozen=True, kw_only=True):
    """A collection.

    `place` finds where it is (a folder, a calendar) and refuses what is nowhere; `find` returns a page of what is
    there. `shapes` are the tables of its members, the first that of plain ones, `select` the members of these that a
    call wants, `lookup` finds what filters and orders name, `order` counts where nobody asks for one. `write` says how
    members stand on the wire in a call; `pieces` returns a page of them already written, where the store keeps that.
    `expand` are the navigations that are shown inside, in lower case.
    """

    place: Callable[[Call], Awaitable[P]]
    find: Callable[[Call, P, Query], Awaitable[Page[V]]]
    shapes: Shapes
    lookup: Callable[[Profile], Lookup]
    write: Callable[[Call, frozenset[str] | None], Write[V]]
    select: Callable[[Call, Sequence[Shape[Ctx]]], frozenset[str] | None] = listing.selection
    order: tuple[Order, ...] = ()
    question: Question = listing.query
    pieces: Callable[[Call, P, Query, ItemWriter[V]], Awaitable[Page[bytes]]] | None = None
    expand: Mapping[str, Expansion[V]] = {}
    hints: Callable[[Call], replies.Headers] = lambda _: ()
    feed: Feed[V, P] | None = None


async def no_place(_: Call) -> None:
    """Be the place of what there is once."""


def short(
    fetch: Callable[[Call, P], Awaitable[Iterable[V]]], fields: Fields
) -> Callable[[Call, P, Query], Awaitable[Page[V]]]:
    """Return how a page is found where all members are few enough to be fetched."""

    async def find(call: Call, place: P, asked: Query) -> Page[V]:
        return cut_few(await fetch(call, place), asked, fields)

    return find


# --- what is answered


def lister(collection: Collection[V, P]) -> Handler:
    """Return who answers the list."""
    return partial(_list, collection)


def counter(collection: Collection[V, P]) -> Handler:
    """Return who answers `$count`."""
    return partial(_count, collection)


async def _list(collection: Collection[V, P], call: Call) -> Response:
    select = check_options(call, collection)
    place, asked, write = await collection.place(call), _question(call, collection), collection.write(call, select)
    headers = collection.hints(call)
    # What is shown inside an item changes without it, so such a list is not kept.
    if collection.pieces is not None and not call.options.expand:
        written = await collection.pieces(call, place, asked, listing.writer(call, select, write))
        return replies.collection(call, written.items, written, select=call.options.select, hints=headers)
    page = await collection.find(call, place, asked)
    values = await write_all(call, collection, page.items, write)
    return replies.collection(call, values, page.with_items(values), select=call.options.select, hints=headers)


async def _count(collection: Collection[V, P], call: Call) -> Response:
    place = await collection.place(call)
    page = await collection.find(call, place, listing.count_query(_question(call, collection)))
    return replies.count(call, page.total)


async def show(
    call: Call, collection: Collection[V, P], view: V, *, context: Mapping[str, str] | None = None
) -> Response:
    """Return the answer that shows one member."""
    select = check_options(call, collection)
    members = {**collection.write(call, select)(view), **await navigation_members(call, collection, view)}
    return replies.entity(call, members, select=call.options.select, context=context)


async def show_changed(
    call: Call,
    collection: Collection[V, P],
    view: V,
    *,
    status: int = 200,
    context: Mapping[str, str] | None = None,
    more: Mapping[str, Any] = {},
    headers: replies.Headers = (),
    hints: replies.Headers = (),
) -> Response:
    """Return the answer that shows a member as a command left it, with `more`; its options were checked before."""
    members = {**collection.write(call, selected_members(call, collection))(view), **more}
    with beside_a_change():
        members |= await navigation_members(call, collection, view)
    return replies.entity(
        call, members, status=status, select=call.options.select, context=context, headers=headers, hints=hints
    )


def check_options(call: Call, collection: Collection[V, P]) -> frozenset[str] | None:
    """Return the members that `$select` names. Raises InvalidQuery where an answer could not show what is asked for."""
    for one in call.options.expand:
        expansion = collection.expand.get(listing.navigation(one))
        if expansion is not None:
            expansion.check(one)
        tables = list(expansion.shapes(call.profile)) if expansion else []
        if tables:
            listing.names(call, one.options.select, tables)
    return selected_members(call, collection)


def selected_members(call: Call, collection: Collection[V, P]) -> frozenset[str] | None:
    """Return the members that `$select` names. Raises InvalidQuery."""
    return collection.select(call, collection.shapes(call.profile))


async def write_all(
    call: Call, collection: Collection[V, P], views: Sequence[V], write: Write[V]
) -> list[Mapping[str, Any]]:
    """Return members as they stand on the wire, with what is shown inside them."""
    values = await in_turn(views, write)
    if not call.options.expand:
        return values
    within = await _inside_each(call, collection, views)
    return [{**value, **more} for value, more in zip(values, within, strict=True)]


async def write_inside(
    call: Call, collection: Collection[V, P], views: Sequence[V], one: Expand, *, fields: Fields | None = None
) -> list[Mapping[str, Any]]:
    """Return what stands inside an item as the options of its own expansion ask for it.

    `fields` are those of a list that is all at hand: which of it, and in which order, is asked for as well.
    """
    inner = call.with_options(one.options)
    views = few_inside(inner, views, collection.lookup(call.profile), fields) if fields is not None else views
    return await write_all(inner, collection, views, collection.write(inner, check_options(inner, collection)))


def few_inside(call: Call, views: Sequence[V], lookup: Lookup, fields: Fields) -> Sequence[V]:
    """Return which of a few things an expansion shows, by the options of its own: all, unless they say otherwise."""
    asked = listing.query(call, lookup)
    top = len(views) if call.options.top is None else asked.top
    return cut_few(views, structs.replace(asked, top=top), fields).items


async def navigation_members(call: Call, collection: Collection[V, P], view: V) -> dict[str, Any]:
    """Return the navigations of a member that `$expand` asks for."""
    (found,) = await _inside_each(call, collection, [view])
    return found


async def _inside_each(call: Call, collection: Collection[V, P], views: Sequence[V]) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = [{} for _ in views]
    for one in call.options.expand:
        expansion = collection.expand.get(listing.navigation(one))
        if expansion is None:
            continue
        call.shown.spend(len(views))
        if expansion.show_each is not None:
            shown = await expansion.show_each(call, views, one)
        else:
            shown = [await expansion.show(call, view, one) for view in views]
        for members, more in zip(out, shown, strict=True):
            members |= more
    return out


def _question(call: Call, collection: Collection[V, P]) -> Query:
    return collection.question(call, collection.lookup(call.profile), order=collection.order)


def empty_expansion(name: str) -> Expansion[object]:
    """Return how a navigation stands inside of which there is never anything here."""

    async def show(call: Call, _: object, __: Expand) -> dict[str, Any]:
        return {call.profile.member(name): []}

    return Expansion(show=show)
