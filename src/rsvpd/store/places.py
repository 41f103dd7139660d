"""What is known of rooms and of lists of rooms, in the data file."""

from __future__ import annotations

import uuid

import msgspec
from msgspec import Struct

from rsvpd.calendar.place import NOWHERE, Place
from rsvpd.mail.address import fold
from rsvpd.mail.person import Person, PersonKind
from rsvpd.scheduling.rooms import Settings
from rsvpd.store.engine import Row
from rsvpd.store.tx import Tx

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Place).decode
_settings = msgspec.json.Decoder(Settings).decode

_ROOMS = (
    "SELECT person.number, oid, address, name, zone, kind, place.data, room.settings FROM person"
    " LEFT JOIN place ON place.number = person.number LEFT JOIN room ON room.mailbox = person.number"
    " WHERE kind = :kind"
)
_ALL_ROOMS = f"{_ROOMS} ORDER BY fold"
_ONE_ROOM = f"{_ROOMS} AND person.number = :number"
_ROOMS_OF = (
    f"{_ROOMS} AND person.number IN (SELECT room FROM listed_room WHERE list = :list) ORDER BY fold"  # noqa: S608 - a constant
)
_KEEP = (
    "INSERT INTO place (number, data) VALUES (:number, :data) ON CONFLICT (number) DO UPDATE SET data = excluded.data"
)
_LIST_COLUMNS = "SELECT number, oid, address, name, data FROM room_list"
_LISTS = f"{_LIST_COLUMNS} ORDER BY fold"
_LIST_BY_FOLD = f"{_LIST_COLUMNS} WHERE fold = :key"
_LIST_BY_OID = f"{_LIST_COLUMNS} WHERE oid = :key"
_LISTS_WITH = (
    f"{_LIST_COLUMNS} WHERE number IN (SELECT list FROM listed_room WHERE room = :room) ORDER BY fold"  # noqa: S608 - a constant
)
_NEW_LIST = (
    "INSERT INTO room_list (number, oid, fold, address, name, data)"
    " VALUES ((SELECT coalesce(max(number), 0) + 1 FROM room_list), :oid, :fold, :address, :name, :data)"
)
_KEEP_LIST = "UPDATE room_list SET name = :name, data = :data WHERE number = :number"
_DROP_LIST = (
    "DELETE FROM room_list WHERE number = :list AND NOT EXISTS (SELECT 1 FROM listed_room WHERE list = :list)"
)
_JOIN = "INSERT INTO listed_room (list, room) VALUES (:list, :room) ON CONFLICT (list, room) DO NOTHING"
_LEAVE = "DELETE FROM listed_room WHERE list = :list AND room = :room"


class RoomRow(Struct, frozen=True):
    """A room, what is known of it, and its policy."""

    person: Person
    place: Place
    settings: Settings


class RoomListRow(Struct, frozen=True):
    """A list of rooms, as a group with an address, and what is known of it."""

    number: int
    oid: str
    address: str
    name: str
    place: Place


def rooms(tx: Tx) -> list[RoomRow]:
    """Return all rooms, by address."""
    return _room_rows(tx, tx.rows(_ALL_ROOMS, kind=int(PersonKind.ROOM)))


def room(tx: Tx, number: int) -> RoomRow | None:
    """Return one room."""
    row = tx.row(_ONE_ROOM, kind=int(PersonKind.ROOM), number=number)
    return _room(row) if row else None


def rooms_of(tx: Tx, number: int) -> list[RoomRow]:
    """Return the rooms of a list, by address."""
    return _room_rows(tx, tx.rows(_ROOMS_OF, kind=int(PersonKind.ROOM), list=number))


def keep(tx: Tx, number: int, known: Place) -> None:
    """Write what is known of a room."""
    tx.write(_KEEP, number=number, data=_encode(known))


def room_lists(tx: Tx) -> list[RoomListRow]:
    """Return all lists of rooms, by address."""
    return [_list(row) for row in tx.rows(_LISTS)]


def room_list(tx: Tx, name: str) -> RoomListRow | None:
    """Return the list with this address or GUID."""
    row = tx.row(_LIST_BY_OID, key=name.lower()) or tx.row(_LIST_BY_FOLD, key=fold(name))
    return _list(row) if row else None


def lists_with(tx: Tx, room: int) -> list[RoomListRow]:
    """Return the lists that a room is in, by address."""
    return [_list(row) for row in tx.rows(_LISTS_WITH, room=room)]


def add_list(tx: Tx, address: str, name: str) -> RoomListRow:
    """Make a list that there is none of yet."""
    oid = str(uuid.UUID(bytes=tx.entropy(16), version=4))
    tx.write(_NEW_LIST, oid=oid, fold=fold(address), address=address, name=name, data=_encode(NOWHERE))
    found = room_list(tx, address)
    assert found is not None
    return found


def keep_list(tx: Tx, one: RoomListRow) -> None:
    """Write the name of a list and what is known of it."""
    tx.write(_KEEP_LIST, number=one.number, name=one.name, data=_encode(one.place))


def join(tx: Tx, one: RoomListRow, room: int) -> None:
    """Put a room into a list."""
    tx.write(_JOIN, list=one.number, room=room)


def leave(tx: Tx, one: RoomListRow, room: int) -> None:
    """Take a room out of a list; a list of nothing is none."""
    tx.write(_LEAVE, list=one.number, room=room)
    tx.write(_DROP_LIST, list=one.number)


# What reading a room costs, in steps.
_READ = 5


def _room_rows(tx: Tx, rows: list[Row]) -> list[RoomRow]:
    tx.work.spend(len(rows) * _READ)
    return [_room(row) for row in rows]


def _room(row: Row) -> RoomRow:
    number, oid, address, name, zone, kind, known, policy = row
    person = Person(number=number, oid=oid, address=address, name=name, zone=zone, kind=PersonKind(kind))
    return RoomRow(person, _decode(known) if known else NOWHERE, _settings(policy) if policy else Settings())


def _list(row: Row) -> RoomListRow:
    number, oid, address, name, known = row
    return RoomListRow(number, oid, address, name, _decode(known))
