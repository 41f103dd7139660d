"""Verbs about people and rooms."""

from __future__ import annotations

from msgspec import UNSET, Struct
from starlette.concurrency import run_in_threadpool

from rsvpd.clock import to_datetime
from rsvpd.commands import directory, people
from rsvpd.commands.places import change_room_place, get_room_place
from rsvpd.commands.rooms import get_room, set_room
from rsvpd.control import profiles, rooms, work
from rsvpd.control.desk import Desk, Verb
from rsvpd.control.people import NewPerson, PersonAccount, find, newcomer
from rsvpd.mail.person import Person

_MAX_LIST_BYTES = 4_194_304


class Everybody(Struct, frozen=True):
    """All people by address, and what time it is here (ISO 8601, UTC)."""

    now: str
    people: dict[str, PersonAccount]


async def list_people(desk: Desk) -> Everybody:
    """Return everybody, each with a fresh token."""
    now = desk.clock()
    chosen = await desk.store(directory.chosen_passwords)
    found = {one.address: desk.accounts.of(one, now, chosen) for one in await desk.store(people.people)}
    return Everybody(to_datetime(now).isoformat(), found)


async def show_person(desk: Desk, address: str) -> PersonAccount:
    """Return somebody with a fresh token."""
    person = await _find(desk, address)
    return desk.accounts.of(person, desk.clock(), await desk.store(directory.chosen_passwords))


async def show_profile(desk: Desk, address: str) -> profiles.KnownPerson:
    """Return what the directory knows of somebody."""
    return profiles.known_person(await desk.store(directory.get_known, await _find(desk, address)))


async def change_profile(desk: Desk, address: str, body: dict[str, str]) -> profiles.KnownPerson:
    """Change what the directory knows of somebody, by the names of Graph's user; an empty text takes a value away."""
    everybody = await desk.store(people.people)
    change = profiles.change_of(body, everybody)
    person = find(everybody, address)
    found = await desk.store(
        directory.change_profile, person, change.changes, manager=change.manager, is_managed=change.is_managed
    )
    return profiles.known_person(found)


async def add_person(desk: Desk, body: NewPerson) -> PersonAccount:
    """Give somebody a mailbox."""
    new, now = newcomer(body), desk.clock()
    person = await desk.store(
        people.add_person, new.address, name=new.name, zone=new.zone, kind=new.kind, now=now
    )
    return desk.accounts.of(person, now)


async def add_people(desk: Desk, body: list[NewPerson]) -> list[PersonAccount]:
    """Give many people a mailbox each, or none of them where one cannot have one."""
    now = desk.clock()
    added = await work.run_between(work.addition(body, now), desk.store)
    return await run_in_threadpool(lambda: [desk.accounts.of(one, now) for one in added])


async def remove_person(desk: Desk, address: str, cancel: bool = False) -> work.Removal:
    """Take somebody's mailbox away; with `cancel` the person's meetings that are not over are called off before."""
    return await work.run_between(work.removal(address, cancels=cancel, now=desk.clock()), desk.store)


async def show_room(desk: Desk, address: str) -> rooms.RoomMailbox:
    """Return a room and what it does with requests."""
    room = await _find(desk, address)
    return rooms.mailbox(await desk.store(get_room, room.address), await desk.store(get_room_place, room))


async def change_room(desk: Desk, address: str, body: rooms.PolicyChange) -> rooms.RoomMailbox:
    """Change what a room does with requests, and what is known of it."""
    everybody = await desk.store(people.people)
    room = find(everybody, address)
    known, policy = rooms.place_changes(body), rooms.changes(body, everybody)
    await desk.store(set_room, room.address, policy)
    place = await desk.store(change_room_place, room, known, None if body.lists is UNSET else body.lists)
    return rooms.mailbox(await desk.store(get_room, room.address), place)


async def _find(desk: Desk, address: str) -> Person:
    return find(await desk.store(people.people), address)


VERBS = (
    Verb("GET", "/people", list_people, patience_seconds=None),
    Verb("POST", "/people", add_person, 201),
    Verb("POST", "/people/batch", add_people, 201, limit=_MAX_LIST_BYTES, patience_seconds=None),
    Verb("GET", "/people/{address}", show_person),
    Verb("DELETE", "/people/{address}", remove_person, patience_seconds=None),
    Verb("GET", "/people/{address}/profile", show_profile),
    Verb("PATCH", "/people/{address}/profile", change_profile),
    Verb("GET", "/rooms/{address}", show_room),
    Verb("PATCH", "/rooms/{address}", change_room),
)
