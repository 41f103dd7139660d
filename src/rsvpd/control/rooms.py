"""Rooms as the administrator of the server sees and changes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, structs

from rsvpd.commands.places import RoomPlace
from rsvpd.commands.rooms import Room
from rsvpd.control.members import CTX, read_member
from rsvpd.control.people import find
from rsvpd.dialects.microsoft.tables.profiles import GRAPH
from rsvpd.mail.person import Person
from rsvpd.scheduling.rooms import Auto

_ROOM = GRAPH.tables.places[1]
# What can be set from a terminal; addresses and coordinates are objects, and the capacity has a flag.
PLACE_NAMES = (
    "displayName", "nickname", "label", "building", "floorNumber", "floorLabel", "phone", "tags",
    "isWheelChairAccessible", "audioDeviceName", "videoDeviceName", "displayDeviceName", "bookingType",
    "teamsEnabledState",
)  # fmt: skip


class Policy(Struct, frozen=True, kw_only=True):
    """What a room does with requests, in words. None is: no limit, or not known."""

    auto: Literal["accept", "tentative", "none"]
    horizon_days: int | None
    recurring: bool
    max_minutes: int | None
    max_conflicts: int
    conflict_percentage: int
    capacity: int | None
    delegates: tuple[str, ...]


class RoomMailbox(Struct, frozen=True, kw_only=True):
    """A room and its policy, what the directory knows of it in Graph's names, and the lists of rooms it is in."""

    address: str
    name: str
    policy: Policy
    place: dict[str, Any] = {}
    lists: tuple[str, ...] = ()


class PolicyChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The members to change; what is absent stays. `place` has texts by the names of Graph's room."""

    auto: Literal["accept", "tentative", "none"] | UnsetType = UNSET
    horizon_days: int | UnsetType | None = UNSET
    recurring: bool | UnsetType = UNSET
    max_minutes: int | UnsetType | None = UNSET
    max_conflicts: int | UnsetType = UNSET
    conflict_percentage: int | UnsetType = UNSET
    capacity: int | UnsetType | None = UNSET
    delegates: tuple[str, ...] | UnsetType = UNSET
    place: dict[str, str] | UnsetType = UNSET
    lists: tuple[str, ...] | UnsetType = UNSET


def mailbox(room: Room, known: RoomPlace) -> RoomMailbox:
    """Return a room as it is shown."""
    members = structs.asdict(room.settings) | {"auto": room.settings.auto.value}
    del members["is_reserved"]  # the place says it, as bookingType
    place = _ROOM.write(known.view, CTX, frozenset(PLACE_NAMES))
    return RoomMailbox(
        address=room.person.address, name=room.person.name, policy=Policy(**members),
        place={name: place[name] for name in PLACE_NAMES if place[name] not in (None, [], "")}, lists=known.lists,
    )  # fmt: skip


def place_changes(asked: PolicyChange) -> dict[str, Any]:
    """Return what the texts of a place come to. Raises UnknownProperty, InvalidProperty."""
    changes: dict[str, Any] = {}
    for name, text in (asked.place or {}).items():
        changes |= read_member(_ROOM, PLACE_NAMES, name, text)
    return changes


def changes(asked: PolicyChange, people: Iterable[Person]) -> dict[str, Any]:
    """Return what `commands.rooms.set_room` takes; delegates may be named by the local part of one of `people`.

    Raises PersonNotFound.
    """
    given = {name: value for name, value in structs.asdict(asked).items() if value is not UNSET}
    for name in ("place", "lists"):
        given.pop(name, None)
    if "auto" in given:
        given["auto"] = Auto(given["auto"])
    if "delegates" in given:
        known = list(people)
        given["delegates"] = tuple(one if "@" in one else find(known, one).address for one in given["delegates"])
    return given
