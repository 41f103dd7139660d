"""Places: rooms and lists of rooms. Of buildings, floors, sections, desks and workspaces there are none here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import structs

from rsvpd.commands import places as commands
from rsvpd.commands.places import PlaceView
from rsvpd.dialects.microsoft.exchange import control_info, listing, replies
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.exchange.collections import (
    Collection,
    Expansion,
    check_options,
    no_place,
    short,
    show,
    show_changed,
    write_inside,
)
from rsvpd.dialects.microsoft.tables.place import PLACE_FIELDS
from rsvpd.dialects.microsoft.tables.profiles import Profile
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx
from rsvpd.dialects.odata import url
from rsvpd.dialects.odata.filter import Lookup
from rsvpd.dialects.odata.options import Expand
from rsvpd.dialects.shape import Shape
from rsvpd.dialects.wire import Response
from rsvpd.errors import ItemNotFound
from rsvpd.hints import ignored_property_hints
from rsvpd.query.algebra import Order, Page, Query

NO_TYPES = ("building", "floor", "section", "desk", "workspace")
_DEFAULT_TOP = 100


async def get_place(call: Call) -> Response:
    """Answer a room or a list of rooms; with a cast in the path, one of that type."""
    view = await call.door(commands.get_place, call.who, call.keys["place"])
    collection = _collection_of(view)
    if call.trail[-1].is_cast and _type_name(view) != call.trail[-1].name:
        raise ItemNotFound("The specified object was not found in the store.")
    return await show(call, collection, view, context=_context(call))


async def get_room_of_list(call: Call) -> Response:
    """Answer a room that is in a list."""
    listed: list[PlaceView] = await call.door(commands.rooms_of_list, call.who, call.keys["place"])
    view = await call.door(commands.get_place, call.who, call.keys["room"])
    if view.oid not in {one.oid for one in listed}:
        raise ItemNotFound("The specified object was not found in the store.")
    return await show(call, ROOMS, view, context=_context(call))


async def update_place(call: Call) -> Response:
    """Change what is known of a room or a list of rooms."""
    view = await call.door(commands.get_place, call.who, call.keys["place"])
    collection = _collection_of(view)
    check_options(call, collection)
    shape = collection.shapes(call.profile)[0]
    fields, ignored = shape.read(call.body, call.ctx, strict=True)
    changed = await call.door(commands.update_place, call.who, call.keys["place"], fields)
    hints = ignored_property_hints(ignored)
    headers = replies.hint_headers(call, hints)
    return await show_changed(call, collection, changed, context=_context(call), hints=headers)


async def find_rooms(call: Call) -> Response:
    """Answer the names and addresses of all rooms, or of those of a list."""
    name = url.parse(call.request.path)[-1].arguments.get("roomlist", "").strip("'")
    command = commands.rooms_of_list if name else commands.list_rooms
    views: list[PlaceView] = await call.door(command, call.who, *((name,) if name else ()))
    return _addresses(call, views)


async def find_room_lists(call: Call) -> Response:
    """Answer the names and addresses of the lists of rooms."""
    return _addresses(call, await call.door(commands.list_room_lists, call.who))


def _addresses(call: Call, views: list[PlaceView]) -> Response:
    name, address = call.profile.member("name"), call.profile.member("address")
    values = [{name: one.name, address: one.address} for one in views]
    kind = f"Collection({call.profile.namespace}.{call.profile.style.type('emailAddress')})"
    return replies.collection(call, values, Page(items=views), context=control_info.context_of(call, kind))


# --- the collections


def _question(call: Call, lookup: Lookup, *, order: tuple[Order, ...] = ()) -> Query:
    asked = listing.query(call, lookup, order=order)
    return structs.replace(asked, top=_DEFAULT_TOP) if call.options.top is None else asked


def _write(call: Call, select: frozenset[str] | None) -> Callable[[PlaceView], dict[str, Any]]:
    return lambda view: to_wire(call, view, select)


def to_wire(call: Call, view: PlaceView, select: frozenset[str] | None) -> dict[str, Any]:
    """Return a place as it stands on the wire, which says of which type it is."""
    shape = shape_of(call.profile, view)
    return {**control_info.of_place(call, view.oid, shape.name), **shape.write(view, call.ctx, select)}


def shape_of(profile: Profile, view: PlaceView) -> Shape[Ctx]:
    """Return the table that fits a place."""
    return profile.tables.places[1 if view.is_room else 2]


async def _rooms(call: Call, _: None) -> list[PlaceView]:
    return await call.door(commands.list_rooms, call.who)


async def _room_lists(call: Call, _: None) -> list[PlaceView]:
    return await call.door(commands.list_room_lists, call.who)


async def _rooms_of_list(call: Call, _: None) -> list[PlaceView]:
    return await call.door(commands.rooms_of_list, call.who, call.keys["place"])


async def _show_rooms(call: Call, view: PlaceView, one: Expand) -> dict[str, Any]:
    found = await call.door(commands.rooms_of_list, call.who, view.address)
    return {"rooms": await write_inside(call, ROOMS, found, one, fields=PLACE_FIELDS)}


async def _no_places(call: Call, _: None) -> list[PlaceView]:
    return []


async def _descendants(call: Call, _: None) -> list[PlaceView]:
    """Return what is below a place: the rooms of a list, and nothing below a room."""
    view = await call.door(commands.get_place, call.who, call.keys["place"])
    return [] if view.is_room else await call.door(commands.rooms_of_list, call.who, view.address)


ROOMS: Collection[PlaceView, None] = Collection(
    place=no_place,
    find=short(_rooms, PLACE_FIELDS),
    shapes=lambda profile: profile.tables.places[1:2],
    lookup=lambda profile: profile.lookups.place,
    question=_question,
    write=_write,
)
ROOM_LISTS = structs.replace(
    ROOMS,
    find=short(_room_lists, PLACE_FIELDS),
    shapes=lambda profile: profile.tables.places[2:],
    expand={"rooms": Expansion(show=_show_rooms, shapes=ROOMS.shapes)},
)
ROOMS_OF_LIST = structs.replace(ROOMS, find=short(_rooms_of_list, PLACE_FIELDS))
DESCENDANTS = structs.replace(ROOMS, find=short(_descendants, PLACE_FIELDS))
NONE_OF_THAT_TYPE = structs.replace(
    ROOMS, find=short(_no_places, PLACE_FIELDS), shapes=lambda profile: profile.tables.places[:1]
)


def _collection_of(view: PlaceView) -> Collection[PlaceView, None]:
    return ROOMS if view.is_room else ROOM_LISTS


def _type_name(view: PlaceView) -> str:
    return "room" if view.is_room else "roomList"


def _context(call: Call) -> dict[str, str]:
    return dict(control_info.context_of(call, "places/$entity"))
