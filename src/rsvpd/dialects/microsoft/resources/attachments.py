"""Attachments: those of a message or an event, one of them, its bytes, and what is inside an item."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from msgspec import structs

from rsvpd import ids
from rsvpd.calendar.event import EventKind, State
from rsvpd.calendar.view import EventView
from rsvpd.commands import attachments as commands
from rsvpd.commands.attachments import Place
from rsvpd.commands.mime import read_value
from rsvpd.dialects.microsoft.exchange import control_info, listing, replies
from rsvpd.dialects.microsoft.exchange.call import Call, Handler
from rsvpd.dialects.microsoft.exchange.collections import (
    Collection,
    Expansion,
    Write,
    check_options,
    few_inside,
    selected_members,
)
from rsvpd.dialects.microsoft.exchange.preferences import Metadata
from rsvpd.dialects.microsoft.tables.drafts import read_attachment
from rsvpd.dialects.microsoft.tables.profiles import Profile
from rsvpd.dialects.microsoft.tables.queries import ATTACHMENT_FIELDS
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx
from rsvpd.dialects.odata.options import Expand
from rsvpd.dialects.shape import Shape
from rsvpd.dialects.wire import Response
from rsvpd.errors import ItemNotFound
from rsvpd.mail.attached import AttachedEvent, AttachedItem
from rsvpd.mail.attachment import AttachmentKind, Attachments, total_size
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import MeetingKind, Message
from rsvpd.mail.view import AttachmentView, MessageView, Parent
from rsvpd.query.algebra import Page, Query
from rsvpd.query.page import cut_few

# So many bytes of files stand in one page of attachments, unless a single file has more.
MOST_PAGE_BYTES = 8 * 2**20
# Where the attachments of a path are: checked, and named for commands.
FindPlace = Callable[[Call], Awaitable[Place]]
# What an item does not have where it is attached to another one.
_OF_ITEMS_ALONE = ("changekey", "parentfolderid", "weblink", "seriesmasterid")


# --- what is answered


async def get(find_place: FindPlace, call: Call) -> Response:
    """Answer one attachment, with the item that is attached where `$expand` asks for it."""
    select = check_options(call, _ATTACHMENTS)
    place = await find_place(call)
    view = await call.door(
        commands.get_attachment, call.who, place, _attachment_id(call), with_content=_shows_content(call, select),
        with_item=_shows_items(call),
    )  # fmt: skip
    kind = call.profile.tables.attachments[view.attachment.kind].name.lower()
    if any(step.name.lower() != kind for step in call.trail if step.is_cast and step.name.endswith("Attachment")):
        raise ItemNotFound
    members = to_wire(call, view, select)
    for one in call.options.expand:
        members |= await _show_item(call, place, view, one)
    return replies.entity(call, members, select=call.options.select)


async def get_item(find_place: FindPlace, call: Call) -> Response:
    """Answer the item that is attached. Raises ItemNotFound where it is a file or a reference."""
    place = await find_place(call)
    view = await call.door(
        commands.get_attachment, call.who, place, _attachment_id(call), with_content=False, with_item=True
    )
    if view.item is None:
        raise ItemNotFound
    members = await item_to_wire(call, place, view.parent, view.item, Expand(("item",), call.options))
    return replies.entity(call, members, select=call.options.select)


async def create(find_place: FindPlace, call: Call) -> Response:
    """Attach something."""
    select = check_options(call, _ATTACHMENTS)
    place = await find_place(call)
    draft = read_attachment(call.profile, call.body, call.ctx)
    done = await call.door(commands.add_attachment, call.who, place, draft)
    location = ("Location", f"{call.request.base}{call.request.path.rstrip('/')}/{done.value.id}")
    return replies.entity(call, to_wire(call, done.value, select), status=201, headers=(location,))


async def delete(find_place: FindPlace, call: Call) -> Response:
    """Take an attachment away."""
    place = await find_place(call)
    await call.door(commands.remove_attachment, call.who, place, _attachment_id(call))
    return replies.no_content(call)


async def get_value(find_place: FindPlace, call: Call) -> Response:
    """Answer the bytes of a file, or an item as a message of its own kind. A reference has none."""
    place = await find_place(call)
    data, media = await call.door(read_value, call.who, place, _attachment_id(call))
    return replies.raw(call, data, media)


class Handlers(NamedTuple):
    """Who answers for attachments somewhere: attaches one, gets it, takes it away, gets its bytes or the item in it."""

    attach: Handler
    get: Handler
    delete: Handler
    get_value: Handler
    get_item: Handler


def handlers(find_place: FindPlace) -> Handlers:
    """Return who answers for attachments there."""
    return Handlers(*(partial(answer, find_place) for answer in (create, get, delete, get_value, get_item)))


# --- inside what they are attached to


def expansion(place_of: Callable[[Any], Place], attached_to: Callable[[Any], Attachments]) -> Expansion[Any]:
    """Return how attachments stand inside an item; `attached_to` says which there are."""

    async def show(call: Call, view: Any, one: Expand) -> dict[str, Any]:
        select = listing.names(call, one.options.select, list(_shapes(call.profile)))
        name, attached = call.profile.member("attachments"), attached_to(view)
        if not attached:
            return {name: []}
        shows_content, items = _shows_content(call, select), _items_asked_for(one)
        if shows_content or items:
            call.expanded.spend(total_size(attached))
        place = place_of(view)
        views = await call.door(
            commands.list_attachments, call.who, place, with_content=shows_content, with_item=bool(items)
        )
        inner = call.with_options(one.options)
        shown = few_inside(inner, views, call.profile.lookups.attachment, ATTACHMENT_FIELDS)
        return {name: await _write_with_items(call, place, shown, select, items)}

    return Expansion(show=show, shapes=_shapes)


def _items_asked_for(one: Expand) -> list[Expand]:
    """Return what of an expansion asks for the items inside attachments."""
    return [inner for inner in one.options.expand if listing.navigation(inner) == "item"]


async def _write_with_items(
    call: Call, place: Place, views: Sequence[AttachmentView], select: frozenset[str] | None, items: Sequence[Expand]
) -> list[dict[str, Any]]:
    """Return attachments as they stand on the wire, with the items in them as these are asked for."""
    out = []
    for view in views:
        members = to_wire(call, view, select)
        for one in items:
            members |= await _show_item(call, place, view, one)
        out.append(members)
    return out


def to_wire(call: Call, view: AttachmentView, select: frozenset[str] | None) -> dict[str, Any]:
    """Return an attachment as it stands on the wire."""
    shape = call.profile.tables.attachments[view.attachment.kind]
    chosen_here = None if select is None else frozenset(name for name in select if shape.find(name))
    return {**control_info.of_attachment(call, view), **shape.write(view, call.ctx, chosen_here)}


async def _show_item(call: Call, place: Place, view: AttachmentView, one: Expand) -> dict[str, Any]:
    if listing.navigation(one) != "item" or view.attachment.kind is not AttachmentKind.ITEM or view.item is None:
        return {}
    return {call.profile.member("item"): await item_to_wire(call, place, view.parent, view.item, one)}


async def item_to_wire(
    call: Call, place: Place, parent: Parent, item: AttachedItem, one: Expand
) -> dict[str, Any]:
    """Return an attached item as it stands on the wire: without an id, as it is nowhere by itself."""
    shape, view, attached = _as_item(call.profile, parent, item)
    select = listing.names(call, one.options.select, [shape])
    members = {name: value for name, value in shape.write(view, call.ctx, select).items() if _is_shown_of_item(name)}
    typed = {} if call.preferences.metadata is Metadata.NONE else {"@odata.type": call.profile.type_of(shape.name)}
    out = {**typed, **members, call.profile.member("id"): ""}
    for inner in one.options.expand:
        if listing.navigation(inner) == "attachments":
            out[call.profile.member("attachments")] = await _nested_attachments(call, place, parent, attached, inner)
    return out


async def _nested_attachments(
    call: Call, place: Place, parent: Parent, attached: Attachments, one: Expand
) -> list[dict[str, Any]]:
    """Return what is attached to an attached item."""
    select = listing.names(call, one.options.select, list(_shapes(call.profile)))
    items, shows_content = _items_asked_for(one), _shows_content(call, select)
    if shows_content or items:
        call.expanded.spend(total_size(attached))
    found = await call.door(
        commands.list_inside, call.who, place, attached, with_content=shows_content, with_item=bool(items)
    )
    return await _write_with_items(call, place, found, select, items)


def _as_item(profile: Profile, parent: Parent, item: AttachedItem) -> tuple[Shape[Ctx], Any, Attachments]:
    """Return the table of an attached item, what it is written from, and what is attached to it."""
    if isinstance(item, AttachedEvent):
        meeting = item.meeting
        kind = EventKind.SINGLE if meeting.recurrence is None else EventKind.MASTER
        event = EventView(
            owner=parent.owner, item=0, change=0, state=State.LIVE, meeting=meeting, event=meeting.event, kind=kind,
            is_namesake=False,
        )  # fmt: skip
        return profile.event, event, meeting.event.attachments
    letter = item.letter
    message = Message(
        letter=letter, folder=Folder.INBOX, received=item.received, created=item.created, modified=item.modified,
        is_read=item.is_read, is_draft=item.is_draft,
    )  # fmt: skip
    of_meeting = letter.note.kind if letter.note else MeetingKind.NONE
    view = MessageView(owner=parent.owner, item=0, change=0, message=message, kind=of_meeting)
    return profile.tables.messages[of_meeting], view, letter.attachments


def _is_shown_of_item(name: str) -> bool:
    return name.lower() not in _OF_ITEMS_ALONE


def _attachment_id(call: Call) -> ids.AttachmentId:
    return ids.decode_attachment(call.keys["attachment"])


def _shows_content(call: Call, select: frozenset[str] | None) -> bool:
    return select is None or call.profile.member("contentBytes") in select


# --- the collection


async def _nowhere(call: Call) -> Place:
    return ids.decode(call.keys["attachment"])


def _shapes(profile: Profile) -> tuple[Shape[Ctx], ...]:
    return tuple(profile.tables.attachments.values())


async def _find(call: Call, place: Place, asked: Query) -> Page[AttachmentView]:
    """Return a page, which ends where the bytes in it become many; those on other pages are not read."""
    views = await call.door(commands.list_attachments, call.who, place, with_content=False)
    page = cut_few(views, asked, ATTACHMENT_FIELDS)
    shows_content, shows_items = _shows_content(call, selected_members(call, _ATTACHMENTS)), _shows_items(call)
    if not shows_content and not shows_items:
        return page
    fitting = _count_within_page(page.items)
    if fitting < len(page.items):
        page = cut_few(views, structs.replace(asked, top=fitting), ATTACHMENT_FIELDS)
    shown = tuple(one.attachment for one in page.items)
    return page.with_items(
        await call.door(
            commands.list_attachments, call.who, place, with_content=shows_content, with_item=shows_items, only=shown
        )
    )


def _shows_items(call: Call) -> bool:
    return any(listing.navigation(one) == "item" for one in call.options.expand)


def _count_within_page(views: Sequence[AttachmentView]) -> int:
    """Return how many of these, the first ones, an answer holds with their bytes: one at least."""
    total = 0
    for place, one in enumerate(views):
        total += one.attachment.size
        if total > MOST_PAGE_BYTES and place:
            return place
    return len(views)


def _select(call: Call, shapes: Sequence[Shape[Ctx]]) -> frozenset[str] | None:
    """Return the members that `$select` names. Raises InvalidQuery where one of a kind alone has to have its cast."""
    return listing.selection_by_cast(call, call.profile.tables.attachment, shapes)


def _write(call: Call, select: frozenset[str] | None) -> Write[AttachmentView]:
    return lambda view: to_wire(call, view, select)


_ATTACHMENTS: Collection[AttachmentView, Place] = Collection(
    place=_nowhere,
    find=_find,
    shapes=_shapes,
    lookup=lambda profile: profile.lookups.attachment,
    select=_select,
    write=_write,
)


def collection(find_place: FindPlace) -> Collection[AttachmentView, Place]:
    """Return the attachments of what a path names."""

    async def show_item(call: Call, view: AttachmentView, one: Expand) -> dict[str, Any]:
        return await _show_item(call, await find_place(call), view, one)

    return structs.replace(_ATTACHMENTS, place=find_place, expand={"item": Expansion(show=show_item)})

