"""From the query options of a request to a question for a command, and to what of an answer is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from rsvpd.clock import Instant
from rsvpd.commands.fragments import ItemWriter
from rsvpd.dialects.microsoft.exchange import replies
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.vocabulary import directory, search
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx, read_instant
from rsvpd.dialects.odata.filter import Lookup, bind, bind_order, parse
from rsvpd.dialects.odata.options import Expand, Steps, without_casts
from rsvpd.dialects.shape import Shape
from rsvpd.errors import InvalidProperty, InvalidQuery, MissingProperty, NotEmulated
from rsvpd.query.algebra import And, Computed, Contains, EndsWith, Has, Node, Not, Or, Order, Query, StartsWith
from rsvpd.query.fields import Kind

V = TypeVar("V")
_REMEMBERED = 256
_FOLLOWED_BY_DELTA = (
    "GET me/mailFolders/{id}/messages/delta, me/mailFolders/delta, me/calendarView/delta and me/events/delta"
)
_FOLLOWED_BY_HEADER = "lists of messages and of folders, and by calendarView, with Prefer: odata.track-changes"
# The words of the service (microsoft-graph-docs-contrib#3495).
NOT_EVENTUAL = (
    "Request with $search query parameter only works through MSGraph with a special request header: "
    "'ConsistencyLevel: eventual'"
)


def query(call: Call, lookup: Lookup, *, order: tuple[Order, ...] = ()) -> Query:
    """Return the question that the options ask; `order` counts where the client wants none."""
    if call.options.search is not None:
        raise _search_refusal()
    return _query(call, lookup, order, None)


def query_beside_search(call: Call, lookup: Lookup, *, order: tuple[Order, ...] = ()) -> Query:
    """Return the question that the options ask beside `$search`, which is answered elsewhere."""
    return _query(call, lookup, order, None)


def query_of_people(call: Call, lookup: Lookup, *, order: tuple[Order, ...] = ()) -> Query:
    """Return the question that the options ask of the directory, `$search` included, which goes with a filter."""
    text = call.options.search
    if text is None:
        return _query(call, lookup, order, None)
    if not call.profile.searches_directory:
        raise _search_refusal()
    if call.request.headers.get("consistencylevel", "").strip().lower() != "eventual":
        raise InvalidQuery(NOT_EVENTUAL, target="$search without ConsistencyLevel")

    def field_of(name: str) -> str:
        bound = lookup((name,))
        if bound is None:
            raise InvalidQuery(f"There is no property '{name[:80]}' to search by.", target="$search")
        if bound.field is None or bound.kind is not Kind.TEXT:
            raise InvalidQuery(f"The property '{name[:80]}' cannot be searched.", target="$search")
        return bound.field

    return _query(call, lookup, order, directory.condition(text, field_of))


def query_of_messages(
    call: Call, lookup: Lookup, *, order: tuple[Order, ...] = (), where: Node | None = None
) -> Query:
    """Return the question that the options ask of messages, `$search` included; `where` is asked besides."""
    found = _search(call)
    both = And((where, found)) if where is not None and found is not None else where or found
    return _query(call, lookup, order, both)


def _search_refusal() -> InvalidQuery:
    return InvalidQuery("The query parameter 'Search' is not possible here.", target="$search")


def _query(call: Call, lookup: Lookup, order: tuple[Order, ...], where: Node | None) -> Query:
    options, profile = call.options, call.profile
    if call.preferences.tracks_changes or options.deltatoken is not None:
        raise _delta_refusal(call)
    parts = [part for part in (where, condition(call, lookup)) if part is not None]
    return Query(
        where=And(tuple(parts)) if len(parts) > 1 else (parts[0] if parts else None),
        order=bind_order(options.orderby, lookup) or order,
        top=min(profile.default_top if options.top is None else options.top, profile.max_top),
        skip=options.skip or 0,
        after=options.skiptoken,
        count=options.count,
    )


def _delta_refusal(call: Call) -> NotEmulated:
    """Return the refusal of a round of synchronization where there is none: whoever asks for one waits for a link."""
    asked = "$deltatoken" if call.options.deltatoken is not None else "Prefer: odata.track-changes"
    places = _FOLLOWED_BY_DELTA if call.profile.has_delta else _FOLLOWED_BY_HEADER
    return NotEmulated(
        f"{asked} is not emulated here by rsvpd. What changed is told by {places}.", target=asked.partition(":")[0]
    )


def count_query(asked: Query) -> Query:
    """Return the question how many there are."""
    return Query(where=asked.where, top=1, count=True)


def selection(call: Call, shapes: Iterable[Shape[Ctx]]) -> frozenset[str] | None:
    """Return the members that `$select` names, or None where it names none."""
    return names(call, call.options.select, list(shapes))


def selection_by_cast(call: Call, base: Shape[Ctx], shapes: Sequence[Shape[Ctx]]) -> frozenset[str] | None:
    """Return the members that `$select` names, of `base` and of the types derived from it.

    Raises InvalidQuery where one that `base` does not have stands without a cast and has to have one.
    """
    for name, *_ in (call.options.select or ()) if call.profile.selects_by_cast else ():
        if base.find(name) is None and any(shape.find(name) for shape in shapes):
            raise no_property(name, f"{call.profile.namespace}.{base.name}", option="$select without a cast")
    return selection(call, shapes)


def names(call: Call, select: tuple[Steps, ...] | None, shapes: list[Shape[Ctx]]) -> frozenset[str] | None:
    """Return the members at the heads of these paths, as the tables spell them; None for all of them.

    Raises InvalidQuery for a member that no table has.
    """
    if select is None:
        return None
    found, others = _properties(select, tuple(shapes))
    for name in others:
        if not any(name.lower() in call.profile.published.navigations(shape.name) for shape in shapes):
            raise no_property(name, f"{call.profile.namespace}.{shapes[0].name}", option="$select")
    return found


@lru_cache(maxsize=_REMEMBERED)
def _properties(
    select: tuple[Steps, ...], shapes: tuple[Shape[Ctx], ...]
) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the properties that tables have by these names, and the names by which none has any."""
    found: set[str] = set()
    others: list[str] = []
    for path in select:
        name = (without_casts(path) or path)[0]
        props = [prop.name for shape in shapes if (prop := shape.find(name)) is not None]
        found.update(props)
        others += [] if props else [name]
    return frozenset(found), tuple(others)


def writer(call: Call, select: frozenset[str] | None, write: Callable[[V], Mapping[str, Any]]) -> ItemWriter[V]:
    """Return the writer of the items of a list, told how one stands on the wire in this call.

    Beside the item count the profile, origin, tenant, zone and body that are asked for (`ctx`), and what of an item
    is shown.
    """
    preferences = call.preferences
    rendering = (call.ctx, preferences.metadata, preferences.lasting_ids, call.is_basic, select)
    return ItemWriter(rendering, lambda view: replies.encode(write(view)))


def navigation(one: Expand) -> str:
    """Return the navigation that is to be expanded, in lower case."""
    return (without_casts(one.path) or one.path)[0].lower()


def no_property(name: str, type_name: str, *, option: str) -> InvalidQuery:
    """Return the error for a member that a type does not have; `type_name` carries its namespace."""
    return InvalidQuery(
        "Parsing OData Select and Expand failed: Could not find a property named "
        f"'{name[:100]}' on type '{type_name}'.",
        target=option,
    )


def condition(call: Call, lookup: Lookup) -> Node | None:
    """Return what `$filter` asks, or None. Raises InvalidQuery."""
    if call.options.filter is None:
        return None
    node = bind(parse(call.options.filter), lookup)
    if not call.profile.can_search_text and _tests_text(node):
        raise InvalidQuery(
            "'contains' and 'startswith' are not supported for filtering.  Use Search instead.",
            target="$filter",
        )
    return node


def _search(call: Call) -> Node | None:
    text = call.options.search
    if text is None:
        return None
    for given, name in ((call.options.filter, "filter"), (call.options.orderby, "orderBy")):
        if given:
            message = call.profile.search_clash.format(call.profile.member(name))
            raise InvalidQuery(message, target=f"$search with ${name}")
    return search.condition(text, now=call.request.now)


def _tests_text(node: Node) -> bool:
    match node:
        case Contains() | StartsWith() | EndsWith():
            return True
        case And(parts) | Or(parts):
            return any(_tests_text(part) for part in parts)
        case Not(part):
            return _tests_text(part)
        case Has(_, test) | Computed(_, test):
            return _tests_text(test)
    return False


@lru_cache(maxsize=_REMEMBERED)
def instant(text: str, name: str, *, missing: str) -> Instant:
    """Return the instant that the parameter `name` of a window says; without an offset it is UTC.

    Raises MissingProperty with the words `missing` where it says nothing, and InvalidProperty.
    """
    bare = text.strip().strip("'\"")
    if not bare:
        raise MissingProperty(missing, target=name)
    try:
        found = read_instant(bare.replace(" ", "+"))  # a raw `+` of an offset was read as a blank
    except (ValueError, OverflowError) as wrong:
        raise InvalidProperty(f"{name}: {wrong}", target=name) from None
    assert found is not None
    return found
