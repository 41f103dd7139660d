"""What changed in a list since it was read: `delta` in Graph, `Prefer: odata.track-changes` in Outlook REST.

A round begins with the whole list, page by page, and ends with a link; the next round begins there, with what changed
since the first page was asked for. What is gone comes with a reason.
https://learn.microsoft.com/graph/delta-query-overview
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic, TypeVar

from msgspec import Struct, structs

from rsvpd.calendar.view import EventView
from rsvpd.commands import delta as commands
from rsvpd.commands.delta import Gone, Round
from rsvpd.dialects.microsoft.exchange import control_info, listing, replies, sync_tokens
from rsvpd.dialects.microsoft.exchange.call import Call, Handler
from rsvpd.dialects.microsoft.exchange.preferences import Metadata
from rsvpd.dialects.microsoft.exchange.sync_tokens import SyncToken
from rsvpd.dialects.microsoft.resources import events, folders, messages
from rsvpd.dialects.microsoft.resources.calendars import check_calendar
from rsvpd.dialects.microsoft.tables.profiles import Profile
from rsvpd.dialects.odata.filter import bind_order
from rsvpd.dialects.turns import in_turn
from rsvpd.dialects.wire import Response
from rsvpd.errors import InvalidQuery, NotEmulated, SyncStateGone
from rsvpd.mail.folder import Folder
from rsvpd.mail.view import FolderView, MessageView
from rsvpd.query.algebra import Cmp, Node, Op, Order, Page, Query, conjuncts

V = TypeVar("V")
Write = Callable[[V], Mapping[str, Any]]
_WHOLE_MAILBOX = -1
_NEWEST_FIRST = (Order("received", descending=True),)


class Followed(Struct, Generic[V], frozen=True, kw_only=True):
    """A list that somebody may keep in step with.

    `name` is what refusals and Outlook's entries call it, `type_name` the type of its members; `refuses` are the
    options that do not go with it. `place` finds which of its kind it is; with that `begin` reads a page of the whole
    of it, `since` what changed after a change. `write` says how a member stands on the wire; `item` is the number of
    the change that a member began with.
    """

    name: str
    type_name: Callable[[Profile], str]
    refuses: tuple[str, ...]
    place: Callable[[Call], Awaitable[int]]
    begin: Callable[[Call, int, int, str | None], Awaitable[Page[V]]]
    since: Callable[[Call, int, int, int], Awaitable[Round[V]]]
    write: Callable[[Call], Write[V]]
    item: Callable[[V], int] = lambda _: 0


def delta(followed: Followed[V]) -> Handler:
    """Return who answers Graph's function `delta` of a list."""

    async def answer(call: Call) -> Response:
        return await _answer(call, followed, _token(call))

    return answer


def tracked(followed: Followed[V], plain: Handler) -> Handler:
    """Return who answers a list of Outlook REST: with its changes where a client asks for that, else `plain`."""

    async def answer(call: Call) -> Response:
        wants_changes = call.preferences.tracks_changes or call.options.deltatoken is not None
        if call.profile.has_delta or not wants_changes:
            return await plain(call)
        return await _answer(call, followed, _token(call))

    return answer


def _token(call: Call) -> str | None:
    options = call.options
    return options.skiptoken if options.deltatoken is None else options.deltatoken


async def _answer(call: Call, followed: Followed[V], text: str | None) -> Response:
    token = None if text is None else sync_tokens.decode(text, call.claims.tid)
    asked = call if token is None else call.asking(token.query)
    _check_options(asked, followed)
    place, size, write = await followed.place(asked), _page_size(asked), followed.write(asked)
    if token is not None and (token.kind, token.place) != (followed.name, place):
        raise SyncStateGone
    found, after = await _read(asked, followed, token, place, size)
    mailbox, number = found.state
    if token is not None and token.mailbox != mailbox:
        raise SyncStateGone

    def to_wire(one: V | Gone) -> Mapping[str, Any]:
        return _gone(asked, followed, one) if isinstance(one, Gone) else write(one)

    query = call.request.query if token is None else token.query
    following = SyncToken(followed.name, mailbox, place, number, after, query)
    return _response(asked, followed, await in_turn(found.items, to_wire), following, found, is_first=token is None)


async def _read(
    call: Call, followed: Followed[V], token: SyncToken | None, place: int, size: int
) -> tuple[Round[V], str | None]:
    """Return a page of the whole list, and where it goes on; or what changed after it was read."""
    if token is not None and token.after is None:
        return await followed.since(call, place, token.number, size), None
    page = await followed.begin(call, place, size, token.after if token else None)
    assert page.state is not None
    mailbox, newest = page.state
    # What changes while the list is read comes in the next round; so does what is new.
    number = newest if token is None else token.number
    items: list[V | Gone] = [one for one in page.items if followed.item(one) <= number]
    return Round(items=items, state=(mailbox, number), is_all=page.after is None), page.after


def _response(
    call: Call,
    followed: Followed[V],
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


def _context(call: Call, followed: Followed[V], *, is_first: bool) -> dict[str, str]:
    if not call.profile.has_delta:
        context = control_info.collection_context(call, call.options.select)
        return {name: one if is_first else f"{one}/$delta" for name, one in context.items()}
    return control_info.context_of(call, f"Collection({followed.type_name(call.profile)})")


def _gone(call: Call, followed: Followed[V], one: Gone) -> dict[str, Any]:
    if not call.profile.has_delta:
        path = control_info.collection_context(call).get("@odata.context", "")
        context = {"@odata.context": f"{path}/$deletedEntity"} if path else {}
        return {**context, "id": f"{followed.name}('{one.id}')", "reason": "deleted"}
    kind = f"#{call.profile.namespace}.{followed.type_name(call.profile)}"
    typed = {} if call.preferences.metadata is Metadata.NONE else {"@odata.type": kind}
    return {**typed, call.profile.member("id"): one.id, "@removed": {"reason": "deleted"}}


def _page_size(call: Call) -> int:
    profile, asked = call.profile, call.preferences.page_size or call.options.top
    return max(1, min(profile.default_top if asked is None else asked, profile.max_top))


def _check_options(call: Call, followed: Followed[V]) -> None:
    options = call.options
    given = {
        "$orderby": options.orderby, "$filter": options.filter is not None, "$select": options.select is not None,
        "$expand": options.expand, "$search": options.search is not None, "$top": options.top is not None,
        "$skip": options.skip is not None, "$count": options.count,
    }  # fmt: skip
    if any(given[name] for name in followed.refuses):
        raise InvalidQuery(
            f"The following parameters are not supported with change tracking over the '{followed.name}' resource:"
            f" '{', '.join(followed.refuses)}'."
        )
    if "changetype" in options.others:
        raise NotEmulated("changeType is not emulated by rsvpd: all that changed is told.", target="changeType")


# --- messages


async def _folder_number(call: Call) -> int:
    folder = await folders.folder_of_path(call)
    return _WHOLE_MAILBOX if folder is None else int(folder)


def _received_since(call: Call) -> Node | None:
    """Return the condition of a filter. Raises InvalidQuery for another one than by when messages were received."""
    lookup = call.profile.lookups.message
    where = listing.condition(call, lookup)
    for part in conjuncts(where):
        if not (isinstance(part, Cmp) and part.field == "received" and part.op in (Op.GT, Op.GE)):
            raise InvalidQuery(
                "With change tracking, $filter is receivedDateTime ge or gt a time, and nothing else.", target="$filter"
            )
    if bind_order(call.options.orderby, lookup) not in ((), _NEWEST_FIRST):
        raise InvalidQuery("With change tracking, $orderby is receivedDateTime desc.", target="$orderby")
    return where


def _folder(place: int) -> Folder | None:
    return None if place == _WHOLE_MAILBOX else Folder(place)


async def _begin_messages(call: Call, place: int, size: int, after: str | None) -> Page[MessageView]:
    folder = _folder(place)
    asked = Query(where=_received_since(call), order=_NEWEST_FIRST, top=size, after=after)
    return await call.door(
        commands.begin_messages, call.who, asked, folder=folder, without=messages.excluded_folders(call, folder),
        with_event=messages.wants_event(call),
    )  # fmt: skip


async def _messages_since(call: Call, place: int, number: int, size: int) -> Round[MessageView]:
    folder = _folder(place)
    return await call.door(
        commands.messages_since, call.who, number, size, folder=folder, without=messages.excluded_folders(call, folder),
        where=_received_since(call), with_event=messages.wants_event(call), lasting=call.preferences.lasting_ids,
    )  # fmt: skip


def _write_message(call: Call) -> Write[MessageView]:
    select = messages.chosen(call)
    return lambda view: messages.to_wire(call, view, select)


MESSAGES: Followed[MessageView] = Followed(
    name="Messages",
    type_name=lambda profile: profile.message.name,
    refuses=("$search", "$skip", "$count"),
    place=_folder_number,
    begin=_begin_messages,
    since=_messages_since,
    write=_write_message,
    item=lambda view: view.item,
)


# --- folders


async def _no_place(_: Call) -> int:
    return 0


async def _begin_folders(call: Call, place: int, size: int, after: str | None) -> Page[FolderView]:
    views, state = await call.door(commands.begin_folders, call.who)
    return Page(items=views, state=state)


async def _folders_since(call: Call, place: int, number: int, size: int) -> Round[FolderView]:
    return await call.door(commands.folders_since, call.who, number)


def _write_folder(call: Call) -> Write[FolderView]:
    select = listing.selection(call, [call.profile.folder])
    return lambda view: folders.to_wire(call, view, select)


FOLDERS: Followed[FolderView] = Followed(
    name="MailFolders",
    type_name=lambda profile: profile.folder.name,
    refuses=("$orderby", "$filter", "$expand", "$search", "$skip", "$count"),
    place=_no_place,
    begin=_begin_folders,
    since=_folders_since,
    write=_write_folder,
)


# --- events


async def _calendar_number(call: Call) -> int:
    calendar = await check_calendar(call)
    return 0 if calendar is None else calendar.number


async def _begin_events(call: Call, place: int, size: int, after: str | None) -> Page[EventView]:
    return await call.door(commands.begin_events, call.who, Query(order=events.BY_START, top=size, after=after))


async def _events_since(call: Call, place: int, number: int, size: int) -> Round[EventView]:
    return await call.door(commands.events_since, call.who, number, size)


async def _begin_view(call: Call, place: int, size: int, after: str | None) -> Page[EventView]:
    asked = Query(order=events.BY_START, top=size, after=after)
    return await call.door(commands.begin_events, call.who, asked, window=events.window_of(call))


async def _view_since(call: Call, place: int, number: int, size: int) -> Round[EventView]:
    return await call.door(commands.events_since, call.who, number, size, window=events.window_of(call))


def _write_event(call: Call) -> Write[EventView]:
    return lambda view: events.to_wire(call, view, None)


EVENTS: Followed[EventView] = Followed(
    name="Events",
    type_name=lambda profile: profile.event.name,
    refuses=("$orderby", "$filter", "$select", "$expand", "$search", "$skip", "$count"),
    place=_calendar_number,
    begin=_begin_events,
    since=_events_since,
    write=_write_event,
    item=lambda view: view.item,
)
VIEW: Followed[EventView] = structs.replace(EVENTS, name="CalendarView", begin=_begin_view, since=_view_since)
