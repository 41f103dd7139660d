"""Sharing a calendar: who may do what with it. Only its owner decides.

Everybody here has a permission, even where nobody gave it: to ask when the owner is free.
"""

from __future__ import annotations

from msgspec import Struct

from rsvpd import ids
from rsvpd.calendar.calendars import DEFAULT_CALENDAR
from rsvpd.calendar.permission import CalendarRole, roles_for
from rsvpd.commands.access import NOT_FOUND, open_own_calendar
from rsvpd.commands.door import Done, Who, reads, writes
from rsvpd.errors import AlreadyExists, InvalidProperty, ItemNotFound, NotAllowed, NotEmulated
from rsvpd.mail.address import parse_address
from rsvpd.mail.person import Person
from rsvpd.store import people, permissions
from rsvpd.store.permissions import EVERYBODY
from rsvpd.store.tx import Tx

__all__ = [
    "EVERYBODY",
    "PermissionView",
    "change_role",
    "get_permission",
    "grant",
    "list_permissions",
    "permission_of",
    "revoke",
    "roles_for_address",
]


class PermissionView(Struct, frozen=True, kw_only=True):
    """What `person` may do with a calendar of the owner; without a person, everybody here."""

    owner: Person
    calendar: int = DEFAULT_CALENDAR
    person: Person | None
    role: CalendarRole

    @property
    def id(self) -> str:
        """Return the opaque id."""
        number = self.person.number if self.person else EVERYBODY
        return ids.encode(ids.ItemId(ids.Kind.PERMISSION, self.owner.number, number))

    @property
    def usual(self) -> CalendarRole:
        """Return what everybody here may do where nobody decided."""
        return permissions.usual_role(self.calendar)

    @property
    def is_removable(self) -> bool:
        """Return whether it can be taken back."""
        return self.person is not None

    @property
    def allowed(self) -> tuple[CalendarRole, ...]:
        """Return the roles that can be given instead."""
        return roles_for(everybody=self.person is None, is_default=self.calendar == DEFAULT_CALENDAR)


@reads
def list_permissions(tx: Tx, who: Who) -> list[PermissionView]:
    """Return what everybody may do, then each person with a permission of their own."""
    calendar = open_own_calendar(tx, who)
    owner, number = calendar
    given = {EVERYBODY: permissions.usual_role(number), **permissions.roles_by_grantee(tx, owner.number, number)}
    return [_view(tx, calendar, grantee, given[grantee]) for grantee in sorted(given)]


@reads
def get_permission(tx: Tx, who: Who, grantee: int) -> PermissionView:
    """Return the permission of one person, by number (or EVERYBODY). Raises ItemNotFound."""
    return _permission(tx, open_own_calendar(tx, who), grantee)


@reads
def permission_of(tx: Tx, who: Who, address: str) -> PermissionView:
    """Return the permission of whoever has this address. Raises ItemNotFound."""
    calendar = open_own_calendar(tx, who)
    person = people.by_address(tx, address)
    if person is None:
        raise ItemNotFound(NOT_FOUND)
    return _permission(tx, calendar, person.number)


@reads
def roles_for_address(tx: Tx, who: Who, address: str) -> tuple[CalendarRole, ...]:
    """Return the roles that whoever has this address can be given in a calendar; none for people outside."""
    _, number = open_own_calendar(tx, who)
    if people.by_address(tx, address) is None:
        return ()
    return roles_for(everybody=False, is_default=number == DEFAULT_CALENDAR)


@writes
def grant(
    tx: Tx, who: Who, address: str | None, role: CalendarRole, *, again: bool = False
) -> Done[PermissionView]:
    """Share the calendar with whoever has this address, with everybody here where it is None.

    Raises AlreadyExists for a second permission, unless `again` allows to change the first; InvalidProperty,
    NotAllowed for the owner; NotEmulated for people outside.
    """
    calendar = open_own_calendar(tx, who)
    owner, number = calendar
    grantee = EVERYBODY if address is None else _person(tx, owner, address).number
    if address is not None and permissions.own_role_of(tx, owner.number, number, grantee) is not None and not again:
        raise AlreadyExists(f"{address} has a permission already; change its role.")
    return Done(_give(tx, calendar, grantee, role))


@writes
def change_role(tx: Tx, who: Who, grantee: int, role: CalendarRole) -> Done[PermissionView]:
    """Give another role to whoever has one. Raises ItemNotFound, InvalidProperty."""
    calendar = open_own_calendar(tx, who)
    _permission(tx, calendar, grantee)
    return Done(_give(tx, calendar, grantee, role))


@writes
def revoke(tx: Tx, who: Who, grantee: int) -> Done[None]:
    """Take a permission back. Raises ItemNotFound; NotAllowed for that of everybody."""
    calendar = open_own_calendar(tx, who)
    owner, number = calendar
    _permission(tx, calendar, grantee)
    if grantee == EVERYBODY:
        raise NotAllowed("The permission of everybody cannot be removed; change its role.")
    permissions.drop(tx, owner.number, number, grantee)
    return Done(None)


def _person(tx: Tx, owner: Person, address: str) -> Person:
    plain = parse_address(address, target="emailAddress")
    if owner.answers_to(plain):
        raise NotAllowed("The owner of a calendar needs no permission.")
    person = people.by_address(tx, plain)
    if person is None:
        raise NotEmulated(f"Sharing with people outside is not emulated: {plain[:120]} has no mailbox here.")
    return person


def _give(tx: Tx, calendar: tuple[Person, int], grantee: int, role: CalendarRole) -> PermissionView:
    owner, number = calendar
    if role not in roles_for(everybody=grantee == EVERYBODY, is_default=number == DEFAULT_CALENDAR):
        raise InvalidProperty("This role cannot be given here.", target="role")
    permissions.keep(tx, owner.number, number, grantee, role)
    return _view(tx, calendar, grantee, role)


def _permission(tx: Tx, calendar: tuple[Person, int], grantee: int) -> PermissionView:
    owner, number = calendar
    role = permissions.own_role_of(tx, owner.number, number, grantee)
    if role is None and grantee == EVERYBODY:
        role = permissions.usual_role(number)
    if role is None:
        raise ItemNotFound(NOT_FOUND)
    return _view(tx, calendar, grantee, role)


def _view(tx: Tx, calendar: tuple[Person, int], grantee: int, role: CalendarRole) -> PermissionView:
    person = None if grantee == EVERYBODY else people.by_number(tx, grantee)
    return PermissionView(owner=calendar[0], calendar=calendar[1], person=person, role=role)
