"""What changed in a list since it was read: `delta` in Graph, `Prefer: odata.track-changes` in Outlook REST.

A round begins with the whole list, page by page, and ends with a link; the next round begins there, with what changed
since the first page was asked for. What is gone comes with a reason.
https://learn.microsoft.com/graph/delta-query-overview
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Generic, TypeVar

from msgspec import Struct

from rsvpd.commands.delta import RemovedItem, Round
from rsvpd.dialects.microsoft.exchange import control_info, replies, sync_tokens
from rsvpd.dialects.microsoft.exchange.call import Call, Handler
from rsvpd.dialects.microsoft.exchange.collections import Collection, Feed, check_options, lister, write_all
from rsvpd.dialects.microsoft.exchange.preferences import Metadata
from rsvpd.dialects.microsoft.exchange.sync_tokens import SyncToken
from rsvpd.dialects.wire import Response
from rsvpd.errors import InvalidQuery, SyncStateGone
from rsvpd.query.algebra import Query

V = TypeVar("V")
P = TypeVar("P")
_CHANGE_TYPES = ("created", "updated", "deleted")


class DeltaCollection(Struct, Generic[V, P], frozen=True, kw_only=True):
    """A collection with its feed, in which this request asks for what changed."""

    collection: Collection[V, P]
    feed: Feed[V, P]


def delta(collection: Collection[V, P], feed: Feed[V, P]) -> Handler:
    """Return who answers Graph's function `delta` of a collection."""
    return partial(_answer, DeltaCollection(collection=collection, feed=feed))


def list_or_delta(collection: Collection[V, P], feed: Feed[V, P]) -> Handler:
    """Return who answers the list of a collection: in Outlook REST with its changes where a client asks for that."""
    plain, changes = lister(collection), delta(collection, feed)

    async def answer(call: Call) -> Response:
        wants_changes = call.preferences.tracks_changes or call.options.deltatoken is not None
        is_told = feed.by_header and wants_changes and not call.profile.has_delta
        return await (changes if is_told else plain)(call)

    return answer


def _token(call: Call) -> str | None:
    options = call.options
    return options.skiptoken if options.deltatoken is None else options.deltatoken


async def _answer(followed: DeltaCollection[V, P], call: Call) -> Response:
    collection, feed, text = followed.collection, followed.feed, _token(call)
    token = None if text is None else sync_tokens.decode(text, call.claims.tid)
    asked = call if token is None else call.with_query(token.query)
    _check_options(asked, feed)
    place, size = await collection.place(asked), _page_size(asked)
    write = collection.write(asked, check_options(asked, collection))
    if token is not None and (token.kind, token.place) != (feed.name, feed.number(place)):
        raise SyncStateGone
    found, after = await _read(asked, followed, token, place, size)
    mailbox, number = found.state
    if token is not None and token.mailbox != mailbox:
        raise SyncStateGone
    items = _of_change_type(asked, feed, token, found.items)
    there = [one for one in items if not isinstance(one, RemovedItem)]
    written = iter(await write_all(asked, collection, there, write))
    values = [_removed_member(asked, followed, one) if isinstance(one, RemovedItem) else next(written) for one in items]
    query = call.request.query if token is None else token.query
    following = SyncToken(feed.name, mailbox, feed.number(place), number, after, query)
    return _response(asked, followed, values, following, found, is_first=token is None)


def _of_change_type(
    call: Call, feed: Feed[V, P], token: SyncToken | None, items: list[V | RemovedItem]
) -> list[V | RemovedItem]:
    """Return the changes of the kind that `changeType` names; the first round shows what is there."""
    wanted = call.options.others.get("changetype", "").lower()
    if not wanted or token is None or token.after is not None:
        return items

    def kind(one: V | RemovedItem) -> str:
        if isinstance(one, RemovedItem):
            return "deleted"
        return "created" if feed.item(one) > token.number else "updated"

    return [one for one in items if kind(one) == wanted]


async def _read(
    call: Call, followed: DeltaCollection[V, P], token: SyncToken | None, place: P, size: int
) -> tuple[Round[V], str | None]:
    """Return a page of the whole list, and where it goes on; or what changed after it was read."""
    feed, order = followed.feed, followed.collection.order
    if token is not None and token.after is None:
        return await feed.since(call, place, token.number, size), None
    query = Query(where=feed.where(call), order=order, top=size, after=token.after if token else None)
    page = await (feed.find or followed.collection.find)(call, place, query)
    assert page.state is not None
    mailbox, newest = page.state
    # What changes while the list is read comes in the next round; so does what is new.
    number = newest if token is None else token.number
    items: list[V | RemovedItem] = [one for one in page.items if feed.item(one) <= number]
    return Round(items=items, state=(mailbox, number), is_all=page.after is None), page.after


def _response(
    call: Call,
    followed: DeltaCollection[V, P],
    values: list[Mapping[str, Any]],
    token: SyncToken,
    found: Round[V],
    *,
    is_first: bool,
) -> Response:
    # Outlook ends the first answer as if it were the last; what is left comes by that link.
    is_delta = found.is_all or (is_first and not call.profile.has_delta)
    option, name = ("$deltatoken", "deltaLink") if is_delta else ("$skiptoken", "nextLink")
    url = f"{call.request.base}{call.request.path}?{option}={sync_tokens.encode(token, call.claims.tid)}"
    applied = ["odata.track-changes"]
    if call.preferences.page_size is not None:
        applied.append(f"odata.maxpagesize={call.preferences.page_size}")
    context = _context(call, followed, is_first=is_first)
    return replies.part(call, context, values, {f"@odata.{name}": url}, applied=applied)


def _context(call: Call, followed: DeltaCollection[V, P], *, is_first: bool) -> dict[str, str]:
    if not call.profile.has_delta:
        context = control_info.collection_context(call, call.options.select)
        return {name: one if is_first else f"{one}/$delta" for name, one in context.items()}
    return control_info.context_of(call, f"Collection({_type_name(call, followed)})")


def _removed_member(call: Call, followed: DeltaCollection[V, P], one: RemovedItem) -> dict[str, Any]:
    if not call.profile.has_delta:
        path = control_info.collection_context(call).get("@odata.context", "")
        context = {"@odata.context": f"{path}/$deletedEntity"} if path else {}
        return {**context, "id": f"{followed.feed.name}('{one.id}')", "reason": "deleted"}
    kind = f"#{call.profile.namespace}.{_type_name(call, followed)}"
    typed = {} if call.preferences.metadata is Metadata.NONE else {"@odata.type": kind}
    return {**typed, call.profile.member("id"): one.id, "@removed": {"reason": "deleted"}}


def _type_name(call: Call, followed: DeltaCollection[V, P]) -> str:
    return followed.collection.shapes(call.profile)[0].name


def _page_size(call: Call) -> int:
    profile, asked = call.profile, call.preferences.page_size or call.options.top
    return max(1, min(profile.default_top if asked is None else asked, profile.max_top))


def _check_options(call: Call, feed: Feed[V, P]) -> None:
    options = call.options
    given = {
        "$orderby": options.orderby, "$filter": options.filter is not None, "$select": options.select is not None,
        "$expand": options.expand, "$search": options.search is not None, "$top": options.top is not None,
        "$skip": options.skip is not None, "$count": options.count,
    }  # fmt: skip
    if any(given[name] for name in feed.refuses):
        raise InvalidQuery(
            f"The following parameters are not supported with change tracking over the '{feed.name}' resource:"
            f" '{', '.join(feed.refuses)}'."
        )
    wanted = options.others.get("changetype")
    if wanted is not None and (not feed.has_change_type or wanted.lower() not in _CHANGE_TYPES):
        words = "changeType is created, updated or deleted, and goes with messages alone."
        raise InvalidQuery(words, target="changeType")
