"""Messages: lists, single ones, the event they are about, and what is done to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import structs

from rsvpd import ids
from rsvpd.calendar.view import EventView
from rsvpd.commands import mail as commands
from rsvpd.commands.door import Done
from rsvpd.commands.fragments import ItemWriter
from rsvpd.dialects.microsoft.exchange import access, body, control_info, listing, replies, traps
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.resources import events
from rsvpd.dialects.microsoft.resources.folders import folder_of_path, resolve_folder
from rsvpd.dialects.microsoft.tables.drafts import read_message
from rsvpd.dialects.microsoft.tables.profiles import message_shape
from rsvpd.dialects.odata.options import Expand
from rsvpd.dialects.turns import in_turn
from rsvpd.dialects.wire import Response
from rsvpd.errors import ItemNotFound, MissingProperty, UnknownSegment
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import MeetingKind
from rsvpd.mail.view import MessageView
from rsvpd.query.algebra import In, Node, Order, Page, Query

_NEWEST_FIRST = (Order("received", descending=True),)
_ANSWERS = (MeetingKind.ACCEPTED, MeetingKind.TENTATIVE, MeetingKind.DECLINED)
# What a type cast lets through.
_CASTS: dict[str, tuple[MeetingKind, ...]] = {
    "message": tuple(MeetingKind),
    "eventMessage": tuple(kind for kind in MeetingKind if kind is not MeetingKind.NONE),
    "eventMessageRequest": (MeetingKind.REQUEST,),
    "eventMessageResponse": _ANSWERS,
}


# --- lists


async def list_messages(call: Call) -> Response:
    """Answer messages of a folder or of the mailbox, the newest first."""
    folder = await folder_of_path(call)
    asked, with_event, without = _query(call), wants_event(call), excluded_folders(call, folder)
    select = chosen(call)

    def write(view: MessageView) -> dict[str, Any]:
        return to_wire(call, view, select)

    if call.options.expand:  # what is shown inside a message changes without it
        views = await call.door(
            commands.find_messages, call.who, asked, folder=folder, without=without, with_event=with_event
        )
        return _page(call, views, await in_turn(views.items, write))
    writer: ItemWriter[MessageView] = listing.writer(call, select, write)
    page = await call.door(commands.write_messages, call.who, asked, writer=writer, folder=folder, without=without)
    return _page(call, page, page.items)


async def count_messages(call: Call) -> Response:
    """Answer how many there are."""
    folder = await folder_of_path(call)
    asked = listing.count_query(_query(call))
    page = await call.door(
        commands.find_messages, call.who, asked, folder=folder, without=excluded_folders(call, folder)
    )
    return replies.count(call, page.total)


# --- one message


async def get_message(call: Call) -> Response:
    """Answer one message."""
    view = await _view(call, with_event=wants_event(call))
    return replies.entity(call, to_wire(call, view, chosen(call)), select=call.options.select)


async def list_nothing(call: Call) -> Response:
    """Answer what a message never has here: attachments."""
    await _view(call)
    return replies.nothing(call)


async def get_event(call: Call) -> Response:
    """Answer the event a message is about, while it stands in the calendar."""
    events.check_options(call)
    view = await _view(call, with_event=True)
    if view.event is None:
        raise ItemNotFound
    return events.event_response(call, view.event, await events.navigations(call))


async def update_message(call: Call) -> Response:
    """Change what the owner may: read, flag, categories, importance; all of a draft."""
    select = chosen(call)
    view = await _view(call, with_event=wants_event(call))
    draft = read_message(call.profile, call.body, call.ctx, stored=view)
    expected = await call.expected_change(lambda: _change(call))
    done = await call.door(commands.update_message, call.who, call.item("message"), draft, expected=expected)
    out = to_wire(call, structs.replace(done.value, event=view.event), select)
    with_hints = replies.hint_headers(call, done.hints)
    return replies.entity(call, out, select=call.options.select, hints=with_hints)


async def delete_message(call: Call) -> Response:
    """Move a message to Deleted Items, or from there to nowhere; its event stays."""
    await check_folder(call)
    expected = await call.expected_change(lambda: _change(call))
    await call.door(commands.delete_message, call.who, call.item("message"), expected=expected)
    return replies.no_content(call)


async def move_message(call: Call) -> Response:
    """Move a message; the answer shows it under its new id."""
    select = chosen(call)
    view = await _view(call, with_event=wants_event(call))
    folder = await _destination(call)
    done = await call.door(commands.move_message, call.who, call.item("message"), folder)
    return created(call, done, select, event=view.event)


async def copy_message(call: Call) -> Response:
    """Copy a message; the answer shows the copy."""
    select = chosen(call)
    view = await _view(call, with_event=wants_event(call))
    folder = await _destination(call)
    done = await call.door(commands.copy_message, call.who, call.item("message"), folder)
    return created(call, done, select, event=view.event)


async def delete_permanently(call: Call) -> Response:
    """Remove a message for good. Only Graph has this."""
    action = call.trail[-1].name
    if action not in call.profile.published.types["message"].actions:
        raise UnknownSegment(f"Resource not found for the segment '{action}'.", target=action)
    await check_folder(call)
    await call.door(commands.delete_permanently, call.who, call.item("message"))
    return replies.no_content(call)


async def send_mail(call: Call) -> Response:
    """Send a message that is given as a whole."""
    message = body.parameter(call.body, "message")
    if message is None:
        raise MissingProperty("The parameter 'Message' is required.", target="Message")
    save = body.flag(call.body, "saveToSentItems", default=True)
    draft = read_message(call.profile, message, call.ctx, creating=True)
    done = await call.door(commands.send_mail, call.who, draft, save=save)
    return replies.accepted(call, done.hints)


async def answer_elsewhere(call: Call) -> Response:
    """Refuse to answer a message: the meeting is answered at its event, which is named."""
    view = await _view(call)
    action = call.profile.member(call.trail[-1].name)
    place = "the event that the message is about"
    if view.event_id is not None:
        me, segment = call.profile.segment("me"), call.profile.segment("events")
        if view.is_delegated and view.event_owner is not None:
            me = f"{call.profile.segment('users')}('{view.event_owner.address}')"
        place = f"POST {call.profile.mount}/{me}/{segment}('{view.event_id}')/{action}"
    raise UnknownSegment(
        f"Resource not found for the segment '{action}'. A message is not answered, its event is: {place}.",
        target=action,
    )


# --- for whoever else speaks of messages


async def check_folder(call: Call) -> None:
    """Raise ItemNotFound where the message is not in the folder that the path names."""
    if "folder" in call.keys:
        await _view(call)


def created(
    call: Call, done: Done[MessageView], select: frozenset[str] | None, *, event: EventView | None = None
) -> Response:
    """Return the answer that shows a message under its new id."""
    location = ("Location", control_info.message_url(call, _with_preferred_id(call, done.value)))
    out = to_wire(call, structs.replace(done.value, event=event), select)
    context = control_info.message_context(call)
    with_hints = replies.hint_headers(call, done.hints)
    return replies.entity(call, out, status=201, context=context, headers=(location,), hints=with_hints)


async def event_of(call: Call) -> ids.ItemId:
    """Return the event of the message in the path; a delegate goes on in the owner's mailbox. Raises ItemNotFound."""
    view = await _view(call)
    if view.event_id is None:
        raise ItemNotFound
    call.is_out_of_date = view.is_out_of_date
    if view.is_delegated and view.event_owner is not None:
        access.go_on(call, view.event_owner, lister=view.owner)
    return ids.decode(view.event_id)


def to_wire(call: Call, view: MessageView, select: frozenset[str] | None) -> dict[str, Any]:
    """Return a message as it stands on the wire, with a link to its event, or the event itself."""
    view = _with_preferred_id(call, view)
    return {
        **control_info.of_message(call, view),
        **access.readable_members(call, message_shape(call.profile, view).write(view, call.ctx, select)),
        **_navigations(call, view),
        **control_info.event_links(call, view),
    }


# --- parts


def _page(call: Call, page: Page[Any], values: Iterable[Mapping[str, Any] | bytes]) -> Response:
    return replies.collection(call, values, page, select=call.options.select, hints=traps.of_messages(call))


def _with_preferred_id(call: Call, view: MessageView) -> MessageView:
    """Return a message with the kind of id that the client prefers."""
    return structs.replace(view, lasting_id=True) if call.preferences.lasting_ids else view


def chosen(call: Call) -> frozenset[str] | None:
    """Return the members that `$select` names; each kind of message adds its own to them."""
    return listing.selection(call, call.profile.tables.messages.values())


async def _view(call: Call, *, with_event: bool = False) -> MessageView:
    """Return the message that the path names, if it is in the folder and of the type that the path names."""
    folder = await folder_of_path(call)
    view = await call.door(commands.get_message, call.who, call.item("message"), with_event=with_event)
    if folder is not None and view.message.folder is not folder:
        raise ItemNotFound
    if any(view.kind not in _CASTS[step.name] for step in call.trail if step.is_cast):
        raise ItemNotFound
    return view


async def _destination(call: Call) -> Folder:
    """Return the folder that a message is to go to."""
    destination = body.text(call.body, "destinationId")
    if not destination:
        raise MissingProperty("The parameter 'DestinationId' is required.", target="DestinationId")
    return await resolve_folder(call, destination)


async def _change(call: Call) -> int:
    return (await call.door(commands.get_message, call.who, call.item("message"))).change


def _query(call: Call) -> Query:
    lookup = call.profile.lookups.message
    return listing.query_of_messages(call, lookup, order=_NEWEST_FIRST, where=_cast(call))


def _cast(call: Call) -> Node | None:
    """Return the condition that a type cast at the end of the path puts."""
    cast = next((step.name for step in call.trail if step.is_cast), None)
    return None if cast is None else In("meeting", tuple(kind.name.lower() for kind in _CASTS[cast]))


def excluded_folders(call: Call, folder: Folder | None) -> tuple[Folder, ...]:
    """Return the folders that a list of the whole mailbox leaves out."""
    return call.profile.without if folder is None else ()


def wants_event(call: Call) -> bool:
    """Return whether `$expand` asks for the event. Raises InvalidQuery for a member that events do not have."""
    wanted = [one for one in call.options.expand if listing.navigation(one) == "event"]
    for one in wanted:
        listing.names(call, one.options.select, [call.profile.event])
    return bool(wanted)


def _navigations(call: Call, view: MessageView) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for one in call.options.expand:
        name = listing.navigation(one)
        if name in ("attachments", "extensions"):
            out[call.profile.member(name)] = []
        elif name == "event" and view.kind is not MeetingKind.NONE:
            out |= _event_inside(call, view, one)
    return out


def _event_inside(call: Call, view: MessageView, one: Expand) -> dict[str, Any]:
    name = call.profile.member("event")
    if view.event is None:
        return {name: None}
    select = listing.names(call, one.options.select, [call.profile.event])
    return {**control_info.event_context(call, view), name: events.to_wire(call, view.event, select)}
