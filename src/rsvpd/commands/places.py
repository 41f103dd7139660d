"""Rooms and lists of rooms, as the directory has them: who has a mailbox here may look, an administrator changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, structs

from rsvpd.calendar.place import Place
from rsvpd.commands.directory import check_administrator, check_reader
from rsvpd.commands.door import Who, reads, writes
from rsvpd.errors import ItemNotFound, NotAllowed
from rsvpd.mail.address import parse_address
from rsvpd.mail.person import Person
from rsvpd.scheduling import rooms as policy
from rsvpd.store import people, places, rooms
from rsvpd.store.places import RoomListRow, RoomRow
from rsvpd.store.tx import Tx

_NOT_FOUND = "The specified object was not found in the store."
NAME = "name"
_LOOK = 50  # what it costs to ask for a list, in steps
# Members of a room that are settings of its policy.
_OF_POLICY = frozenset(("capacity", "is_reserved"))


class PlaceView(Struct, frozen=True, kw_only=True):
    """A room, or a list of rooms, which has no policy."""

    oid: str
    address: str
    name: str
    place: Place
    is_room: bool
    capacity: int | None = None
    is_reserved: bool = False


class RoomPlace(Struct, frozen=True):
    """A room with the addresses of the lists it is in."""

    view: PlaceView
    lists: tuple[str, ...]


@reads
def list_rooms(tx: Tx, who: Who) -> list[PlaceView]:
    """Return all rooms, by address."""
    check_reader(tx, who)
    return [_room_view(one) for one in places.rooms(tx)]


@reads
def list_room_lists(tx: Tx, who: Who) -> list[PlaceView]:
    """Return all lists of rooms, by address."""
    check_reader(tx, who)
    return [_list_view(one) for one in places.room_lists(tx)]


@reads
def rooms_of_list(tx: Tx, who: Who, name: str) -> list[PlaceView]:
    """Return the rooms of a list, named by its address or id. Raises ItemNotFound."""
    check_reader(tx, who)
    found = places.room_list(tx, name)
    if found is None:
        raise ItemNotFound(_NOT_FOUND)
    return [_room_view(one) for one in places.rooms_of(tx, found.number)]


@reads
def rooms_by_list(tx: Tx, who: Who, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the addresses of the rooms of those of these addresses that are lists of rooms."""
    check_reader(tx, who)
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        tx.work.spend(_LOOK)
        one = None if people.by_address(tx, name) else places.room_list(tx, name)
        if one is not None:
            found[name] = tuple(row.person.address for row in places.rooms_of(tx, one.number))
    return found


@reads
def get_place(tx: Tx, who: Who, name: str) -> PlaceView:
    """Return the room, or the list of rooms, that has this address or id. Raises ItemNotFound."""
    check_reader(tx, who)
    found = _find(tx, name)
    return _room_view(found) if isinstance(found, RoomRow) else _list_view(found)


@writes
def update_place(tx: Tx, who: Who, name: str, changes: Mapping[str, Any]) -> PlaceView:
    """Change what is known of a room or a list. Raises NotAnAdministrator, ItemNotFound, InvalidProperty."""
    check_administrator(tx, who)
    found = _find(tx, name)
    if isinstance(found, RoomRow):
        return _room_view(_change_room(tx, found, changes))
    changed = structs.replace(
        found, name=changes.get(NAME, found.name), place=structs.replace(found.place, **_of_place(changes))
    )
    places.keep_list(tx, changed)
    return _list_view(changed)


@reads
def get_room_place(tx: Tx, person: Person) -> RoomPlace:
    """Return what is known of a room, for the administrator of the server. Raises NotAllowed."""
    return _room_place(tx, person)


@writes
def change_room_place(
    tx: Tx, person: Person, changes: Mapping[str, Any], lists: Sequence[str] | None = None
) -> RoomPlace:
    """Change what is known of a room, and in which lists it is, for the administrator of the server.

    A list that there is none of yet is made. Raises NotAllowed, InvalidProperty.
    """
    _change_room(tx, _room(tx, person), changes)
    if lists is not None:
        wanted = {parse_address(one, target="list") for one in lists}
        for one in places.lists_with(tx, person.number):
            if one.address not in wanted:
                places.leave(tx, one, person.number)
        for address in sorted(wanted):
            found = places.room_list(tx, address) or places.add_list(tx, address, address.partition("@")[0])
            places.join(tx, found, person.number)
    return _room_place(tx, person)


def _room_place(tx: Tx, person: Person) -> RoomPlace:
    lists = tuple(one.address for one in places.lists_with(tx, person.number))
    return RoomPlace(_room_view(_room(tx, person)), lists)


def _room(tx: Tx, person: Person) -> RoomRow:
    found = places.room(tx, person.number)
    if found is None:
        raise NotAllowed(f"{person.address} is a person, not a room")
    return found


def _find(tx: Tx, name: str) -> RoomRow | RoomListRow:
    person = people.by_oid(tx, name.lower()) or people.by_address(tx, name)
    found = places.room_list(tx, name) if person is None else places.room(tx, person.number)
    if found is None:
        raise ItemNotFound(_NOT_FOUND)
    return found


def _change_room(tx: Tx, row: RoomRow, changes: Mapping[str, Any]) -> RoomRow:
    known, number = _of_place(changes), row.person.number
    of_policy = {name: one for name, one in changes.items() if name in _OF_POLICY}
    if of_policy:
        rooms.keep(tx, number, policy.check(structs.replace(row.settings, **of_policy)))
    if changes.get(NAME, row.person.name) != row.person.name:
        people.change(tx, structs.replace(row.person, name=changes[NAME]))
    if known:
        places.keep(tx, number, structs.replace(row.place, **known))
    found = places.room(tx, number)
    assert found is not None
    return found


def _of_place(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in changes.items() if name != NAME and name not in _OF_POLICY}


def _room_view(row: RoomRow) -> PlaceView:
    return PlaceView(
        oid=row.person.oid, address=row.person.address, name=row.person.name, place=row.place, is_room=True,
        capacity=row.settings.capacity, is_reserved=row.settings.is_reserved,
    )  # fmt: skip


def _list_view(row: RoomListRow) -> PlaceView:
    return PlaceView(oid=row.oid, address=row.address, name=row.name, place=row.place, is_room=False)
