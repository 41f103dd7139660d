"""Messages: lists, single ones, the event they are about, and what is done to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from functools import partial
from typing import Any

from msgspec import structs

from rsvpd import ids
from rsvpd.calendar.view import EventView
from rsvpd.commands import delta, extended
from rsvpd.commands import mail as commands
from rsvpd.commands.delta import Round
from rsvpd.commands.door import Done
from rsvpd.commands.fragments import ItemWriter
from rsvpd.commands.indexing import keep_up
from rsvpd.commands.mime import read_message_mime
from rsvpd.dialects.microsoft.exchange import access, body, control_info, listing, replies, traps
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.exchange.collections import (
    Collection,
    Expansion,
    Feed,
    check_options,
    show,
    show_changed,
    write_all,
    write_inside,
)
from rsvpd.dialects.microsoft.exchange.extended import Home, creation_members, expansions
from rsvpd.dialects.microsoft.resources import attachments, events, uploads
from rsvpd.dialects.microsoft.resources.folder_paths import destination_of, folder_of_path
from rsvpd.dialects.microsoft.tables.drafts import read_message
from rsvpd.dialects.microsoft.tables.profiles import message_shape
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx
from rsvpd.dialects.odata.filter import Lookup, bind_order
from rsvpd.dialects.odata.options import Expand
from rsvpd.dialects.shape import Shape
from rsvpd.dialects.wire import Response
from rsvpd.errors import InvalidQuery, ItemNotFound, MissingProperty, TokenTooNarrow, UnknownSegment
from rsvpd.mail.draft import MessageDraft
from rsvpd.mail.extended import CustomProperties, CustomProperty, Form
from rsvpd.mail.folder import is_made
from rsvpd.mail.message import MeetingKind
from rsvpd.mail.mime_reader import read_mime
from rsvpd.mail.view import FolderView, MessageView
from rsvpd.query.algebra import Cmp, In, Node, Op, Order, Page, Query, conjuncts
from rsvpd.query.terms import MESSAGE_TERMS

_WHOLE_MAILBOX = -1
_ANSWERS = (MeetingKind.ACCEPTED, MeetingKind.TENTATIVE, MeetingKind.DECLINED)
# What a type cast lets through.
_CASTS: dict[str, tuple[MeetingKind, ...]] = {
    "message": tuple(MeetingKind),
    "eventMessage": tuple(kind for kind in MeetingKind if kind is not MeetingKind.NONE),
    "eventMessageRequest": (MeetingKind.REQUEST,),
    "eventMessageResponse": _ANSWERS,
}


# --- one message


async def get_message(call: Call) -> Response:
    """Answer one message."""
    return await show(call, MESSAGES, await _view(call, with_event=_wants_event(call)))


async def get_mime(call: Call) -> Response:
    """Answer a message as it stands in Internet mail."""
    await check_folder(call)
    return replies.raw(call, await call.door(read_message_mime, call.who, call.item("message")), "text/plain")


async def get_event(call: Call) -> Response:
    """Answer the event a message is about, while it stands in the calendar."""
    view = await _view(call, with_event=True)
    if view.event is None:
        raise ItemNotFound
    return await show(call, events.EVENTS, view.event)


async def update_message(call: Call) -> Response:
    """Change what the owner may: read, flag, categories, importance; all of a draft."""
    check_options(call, MESSAGES)
    view = await _view(call, with_event=_wants_event(call))
    draft = read_message(call.profile, call.body, call.ctx, stored=view)
    expected = await call.expected_change(lambda: _change(call))
    done = await call.door(commands.update_message, call.who, call.item("message"), draft, expected=expected)
    changed = structs.replace(done.value, event=view.event)
    return await show_changed(call, MESSAGES, changed, hints=replies.hint_headers(call, done.hints))


async def delete_message(call: Call) -> Response:
    """Move a message to Deleted Items, or from there to nowhere; its event stays."""
    await check_folder(call)
    expected = await call.expected_change(lambda: _change(call))
    await call.door(commands.delete_message, call.who, call.item("message"), expected=expected)
    return replies.no_content(call)


async def move_message(call: Call) -> Response:
    """Move a message; the answer shows it under its new id."""
    check_options(call, MESSAGES)
    view = await _view(call, with_event=_wants_event(call))
    folder = await destination_of(call)
    done = await call.door(commands.move_message, call.who, call.item("message"), folder)
    return await created_message_response(call, done, event=view.event)


async def copy_message(call: Call) -> Response:
    """Copy a message; the answer shows the copy."""
    check_options(call, MESSAGES)
    view = await _view(call, with_event=_wants_event(call))
    folder = await destination_of(call)
    done = await call.door(commands.copy_message, call.who, call.item("message"), folder)
    return await created_message_response(call, done, event=view.event)


async def delete_permanently(call: Call) -> Response:
    """Remove a message for good."""
    await check_folder(call)
    await call.door(commands.delete_permanently, call.who, call.item("message"))
    return replies.no_content(call)


async def send_mail(call: Call) -> Response:
    """Send a message that is given as a whole."""
    written = read_as_mime(call)
    if written is not None:
        done = await call.door(commands.send_mail, call.who, written, save=True)
        return replies.accepted(call, done.hints)
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


def read_as_mime(call: Call) -> MessageDraft | None:
    """Return the message that was sent as MIME, None where it was sent as JSON. Raises InvalidMime."""
    mime = body.mime(call.request) if call.profile.reads_mime else None
    return None if mime is None else read_mime(mime)


async def check_folder(call: Call) -> None:
    """Raise ItemNotFound where the message is not in the folder that the path names."""
    if "folder" in call.keys:
        await _view(call)


async def created_message_response(
    call: Call, done: Done[MessageView], *, event: EventView | None = None, sent: Sequence[CustomProperty] = ()
) -> Response:
    """Return the answer that shows a message under its new id, and what was `sent` to hang on it."""
    location = ("Location", control_info.message_url(call, _with_preferred_id(call, done.value)))
    return await show_changed(
        call, MESSAGES, structs.replace(done.value, event=event), status=201,
        context=control_info.message_context(call), more=creation_members(call, sent, _home(done.value)),
        headers=(location,), hints=replies.hint_headers(call, done.hints),
    )  # fmt: skip


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
    """Return a message as it stands on the wire, with a link to its event."""
    view = _with_preferred_id(call, view)
    return {
        **control_info.of_message(call, view),
        **access.readable_members(call, message_shape(call.profile, view).write(view, call.ctx, select)),
        **control_info.event_links(call, view),
    }


# --- parts


def _with_preferred_id(call: Call, view: MessageView) -> MessageView:
    """Return a message with the kind of id that the client prefers."""
    return structs.replace(view, lasting_id=True) if call.preferences.lasting_ids else view


async def view_of(call: Call) -> MessageView:
    """Return the message that the path names, where the path names it."""
    return await _view(call)


async def _view(call: Call, *, with_event: bool = False) -> MessageView:
    """Return the message that the path names, if it is in the folder and of the type that the path names."""
    folder = await folder_of_path(call)
    view = await call.door(
        commands.get_message, call.who, call.item("message"), folder=folder, with_event=with_event
    )
    if any(view.kind not in _CASTS[step.name] for step in call.trail if step.name in _CASTS):
        raise ItemNotFound
    return view


async def _change(call: Call) -> int:
    return (await call.door(commands.get_message, call.who, call.item("message"))).change


def _cast(call: Call) -> Node | None:
    """Return the condition that a type cast at the end of the path puts."""
    cast = next((step.name for step in call.trail if step.name in _CASTS), None)
    return None if cast is None else In("meeting", tuple(kind.name.lower() for kind in _CASTS[cast]))


def _excluded_folders(call: Call, folder: int | None) -> tuple[int, ...]:
    """Return the folders that a list of the whole mailbox leaves out."""
    return call.profile.without if folder is None else ()


def _wants_event(call: Call) -> bool:
    """Return whether `$expand` asks for the event."""
    return any(listing.navigation(one) == "event" for one in call.options.expand)


# --- the collection


def _question(call: Call, lookup: Lookup, *, order: tuple[Order, ...] = ()) -> Query:
    return listing.query_of_messages(call, lookup, order=order, where=_cast(call))


async def _keep_up(call: Call, folder: int | None, where: Node | None) -> None:
    """Bring the index of words up to date for a question, where a search folder asks it as well."""
    if folder is not None and is_made(folder):
        where = await call.door(commands.question_in, call.who, folder, where)
    await keep_up(call.door, call.who, where, MESSAGE_TERMS)


async def _find(
    call: Call, folder: int | None, asked: Query, *, is_followed: bool = False
) -> Page[MessageView]:
    await _keep_up(call, folder, asked.where)
    return await call.door(
        commands.find_messages, call.who, asked, folder=folder, without=_excluded_folders(call, folder),
        with_event=_wants_event(call), is_followed=is_followed,
    )  # fmt: skip


async def _pieces(
    call: Call, folder: int | None, asked: Query, writer: ItemWriter[MessageView]
) -> Page[bytes]:
    await _keep_up(call, folder, asked.where)
    without = _excluded_folders(call, folder)
    return await call.door(commands.write_messages, call.who, asked, writer=writer, folder=folder, without=without)


async def _since(call: Call, folder: int | None, number: int, most: int) -> Round[MessageView]:
    return await call.door(
        delta.messages_since, call.who, number, most, folder=folder, without=_excluded_folders(call, folder),
        where=_received_condition(call), with_event=_wants_event(call), lasting=call.preferences.lasting_ids,
    )  # fmt: skip


def _received_condition(call: Call) -> Node | None:
    """Return the condition of a filter. Raises InvalidQuery for another one than by when messages were received."""
    lookup = call.profile.lookups.message
    where = listing.condition(call, lookup)
    for part in conjuncts(where):
        if not (isinstance(part, Cmp) and part.field == "received" and part.op in (Op.GT, Op.GE)):
            raise InvalidQuery(
                "With change tracking, $filter is receivedDateTime ge or gt a time, and nothing else.", target="$filter"
            )
    if bind_order(call.options.orderby, lookup) not in ((), MESSAGES.order):
        raise InvalidQuery("With change tracking, $orderby is receivedDateTime desc.", target="$orderby")
    return where


async def _show_event(call: Call, view: MessageView, one: Expand) -> dict[str, Any]:
    if view.kind is MeetingKind.NONE:
        return {}
    name = call.profile.member("event")
    if view.event is None:
        return {name: None}
    inner = copy(call)
    if one.options.expand and view.is_delegated and view.event_owner is not None:
        try:
            access.go_on(inner, view.event_owner, lister=view.owner)
        except TokenTooNarrow:  # one message makes no list fail: what is there in another mailbox is left out
            one = Expand(one.path, structs.replace(one.options, expand=()))
    (shown,) = await write_inside(inner, events.EVENTS, [view.event], one)
    return {**control_info.event_context(call, view), name: shown}


def _select(call: Call, shapes: Sequence[Shape[Ctx]]) -> frozenset[str] | None:
    """Return the members that `$select` names; each kind of message adds its own to them.

    Raises InvalidQuery where one of a derived type stands without a cast, here or in the path, and has to have one.
    """
    by_name = {shape.name: shape for shape in shapes}
    cast = next((step.name for step in call.trail if step.is_cast), "message")
    base = by_name.get(cast, call.profile.message)
    for name, *_ in (call.options.select or ()) if call.profile.selects_by_cast else ():
        if base.find(name) is None and any(shape.find(name) for shape in shapes):
            raise InvalidQuery(
                f"Could not find a property named '{name}' on type '{call.profile.namespace}.{base.name}'.",
                target="$select without a cast",
            )
    return listing.selection(call, shapes)


async def _place(call: Call) -> ids.ItemId:
    """Return the message in the path, for what is attached to it."""
    await check_folder(call)
    return call.item("message")


def _place_of(view: MessageView) -> ids.ItemId:
    return ids.decode(view.id)


async def _custom_data_of(call: Call, views: Sequence[MessageView]) -> Sequence[CustomProperties]:
    return await call.door(extended.of_messages, call.who, views)


def _home(view: MessageView) -> Home:
    return Home(view.owner, "messages", view.id)


MESSAGES: Collection[MessageView, int | None] = Collection(
    place=folder_of_path,
    find=_find,
    pieces=_pieces,
    shapes=lambda profile: tuple(profile.tables.messages.values()),
    select=_select,
    lookup=lambda profile: profile.lookups.message,
    order=(Order("received", descending=True),),
    question=_question,
    write=lambda call, select: lambda view: to_wire(call, view, select),
    hints=traps.of_messages,
    expand={
        "attachments": attachments.expansion(_place_of, lambda view: view.message.letter.attachments),
        **expansions(_custom_data_of, _home, *Form),
        "event": Expansion(show=_show_event, shapes=lambda profile: (profile.event,)),
    },
    feed=Feed(
        name="Messages",
        refuses=("$search", "$skip", "$count"),
        number=lambda folder: _WHOLE_MAILBOX if folder is None else folder,
        find=partial(_find, is_followed=True),
        since=_since,
        where=_received_condition,
        item=lambda view: view.item,
        has_change_type=True,
    ),
)
ATTACHMENTS = attachments.collection(_place)
attach, get_attachment, delete_attachment, get_attachment_value, get_attached_item = attachments.handlers(_place)
begin_upload = uploads.creator(_place)
CAST_MESSAGES = structs.replace(MESSAGES, feed=None)


async def page_inside(call: Call, folder: FolderView) -> list[Mapping[str, Any]]:
    """Return the first messages of a folder, in which they are shown as the options of the call say."""
    select = check_options(call, MESSAGES)
    asked = MESSAGES.question(call, call.profile.lookups.message, order=MESSAGES.order)
    page = await _find(call, folder.folder.number, asked)
    return await write_all(call, MESSAGES, page.items, MESSAGES.write(call, select))
