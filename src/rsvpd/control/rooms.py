"""Rooms as the administrator of the server sees and changes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, structs

from rsvpd.commands.rooms import Room
from rsvpd.control.people import find
from rsvpd.mail.person import Person
from rsvpd.scheduling.rooms import Auto


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
    """A room and its policy."""

    address: str
    name: str
    policy: Policy


class PolicyChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The members to change; what is absent stays."""

    auto: Literal["accept", "tentative", "none"] | UnsetType = UNSET
    horizon_days: int | UnsetType | None = UNSET
    recurring: bool | UnsetType = UNSET
    max_minutes: int | UnsetType | None = UNSET
    max_conflicts: int | UnsetType = UNSET
    conflict_percentage: int | UnsetType = UNSET
    capacity: int | UnsetType | None = UNSET
    delegates: tuple[str, ...] | UnsetType = UNSET


def mailbox(room: Room) -> RoomMailbox:
    """Return a room as it is shown."""
    members = structs.asdict(room.settings) | {"auto": room.settings.auto.value}
    return RoomMailbox(address=room.person.address, name=room.person.name, policy=Policy(**members))


def changes(asked: PolicyChange, people: Iterable[Person]) -> dict[str, Any]:
    """Return what `commands.rooms.set_room` takes; delegates may be named by the local part of one of `people`.

    Raises PersonNotFound.
    """
    given = {name: value for name, value in structs.asdict(asked).items() if value is not UNSET}
    if "auto" in given:
        given["auto"] = Auto(given["auto"])
    if "delegates" in given:
        known = list(people)
        given["delegates"] = tuple(one if "@" in one else find(known, one).address for one in given["delegates"])
    return given
