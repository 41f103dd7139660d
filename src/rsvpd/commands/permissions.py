"""Sharing a calendar: who may do what with it. Only its owner decides.

Everybody here has a permission, even where nobody gave it: to ask when the owner is free.
"""

from __future__ import annotations

from msgspec import Struct

from rsvpd import ids
from rsvpd.calendar.permission import FOR_ALL, FOR_ONE, CalendarRole
from rsvpd.commands.access import NOT_FOUND, open_mailbox
from rsvpd.commands.door import Done, Who, reads, writes
from rsvpd.errors import AlreadyExists, InvalidProperty, ItemNotFound, NotAllowed, NotEmulated
from rsvpd.mail.address import checked
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
]


class PermissionView(Struct, frozen=True, kw_only=True):
    """What `person` may do with the owner's calendar; without a person, everybody here."""

    owner: Person
    person: Person | None
    role: CalendarRole

    @property
    def id(self) -> str:
        """Return the opaque id."""
        number = self.person.number if self.person else EVERYBODY
        return ids.encode(ids.ItemId(ids.Kind.PERMISSION, self.owner.number, number))

    @property
    def is_removable(self) -> bool:
        """Return whether it can be taken back."""
        return self.person is not None

    @property
    def allowed(self) -> tuple[CalendarRole, ...]:
        """Return the roles that can be given instead."""
        return FOR_ALL if self.person is None else FOR_ONE


@reads
def list_permissions(tx: Tx, who: Who) -> list[PermissionView]:
    """Return what everybody may do, then each person with a permission of their own."""
    owner = open_mailbox(tx, who)
    given = permissions.given(tx, owner.number)
    given.setdefault(EVERYBODY, CalendarRole.FREE_BUSY)
    return [_view(tx, owner, number, given[number]) for number in sorted(given)]


@reads
def get_permission(tx: Tx, who: Who, grantee: int) -> PermissionView:
    """Return the permission of one person, by number (or EVERYBODY). Raises ItemNotFound."""
    return _permission(tx, open_mailbox(tx, who), grantee)


@reads
def permission_of(tx: Tx, who: Who, address: str) -> PermissionView:
    """Return the permission of whoever has this address. Raises ItemNotFound."""
    owner = open_mailbox(tx, who)
    person = people.by_address(tx, address)
    if person is None:
        raise ItemNotFound(NOT_FOUND)
    return _permission(tx, owner, person.number)


@writes
def grant(
    tx: Tx, who: Who, address: str | None, role: CalendarRole, *, again: bool = False
) -> Done[PermissionView]:
    """Share the calendar with whoever has this address, with everybody here where it is None.

    Raises AlreadyExists for a second permission, unless `again` allows to change the first; InvalidProperty,
    NotAllowed for the owner; NotEmulated for people outside.
    """
    owner = open_mailbox(tx, who)
    number = EVERYBODY if address is None else _person(tx, owner, address).number
    if address is not None and permissions.given_to(tx, owner.number, number) is not None and not again:
        raise AlreadyExists(f"{address} has a permission already; change its role.")
    return Done(_give(tx, owner, number, role))


@writes
def change_role(tx: Tx, who: Who, grantee: int, role: CalendarRole) -> Done[PermissionView]:
    """Give another role to whoever has one. Raises ItemNotFound, InvalidProperty."""
    owner = open_mailbox(tx, who)
    _permission(tx, owner, grantee)
    return Done(_give(tx, owner, grantee, role))


@writes
def revoke(tx: Tx, who: Who, grantee: int) -> Done[None]:
    """Take a permission back. Raises ItemNotFound; NotAllowed for that of everybody."""
    owner = open_mailbox(tx, who)
    _permission(tx, owner, grantee)
    if grantee == EVERYBODY:
        raise NotAllowed("The permission of everybody cannot be removed; change its role.")
    permissions.drop(tx, owner.number, grantee)
    return Done(None)


def _person(tx: Tx, owner: Person, address: str) -> Person:
    plain = checked(address, target="emailAddress")
    if owner.answers_to(plain):
        raise NotAllowed("The owner of a calendar needs no permission.")
    person = people.by_address(tx, plain)
    if person is None:
        raise NotEmulated(f"Sharing with people outside is not emulated: {plain[:120]} has no mailbox here.")
    return person


def _give(tx: Tx, owner: Person, grantee: int, role: CalendarRole) -> PermissionView:
    allowed = FOR_ALL if grantee == EVERYBODY else FOR_ONE
    if role not in allowed:
        raise InvalidProperty("This role cannot be given here.", target="role")
    permissions.keep(tx, owner.number, grantee, role)
    return _view(tx, owner, grantee, role)


def _permission(tx: Tx, owner: Person, grantee: int) -> PermissionView:
    role = permissions.given_to(tx, owner.number, grantee)
    if role is None and grantee == EVERYBODY:
        role = CalendarRole.FREE_BUSY
    if role is None:
        raise ItemNotFound(NOT_FOUND)
    return _view(tx, owner, grantee, role)


def _view(tx: Tx, owner: Person, grantee: int, role: CalendarRole) -> PermissionView:
    person = None if grantee == EVERYBODY else people.by_number(tx, grantee)
    return PermissionView(owner=owner, person=person, role=role)
