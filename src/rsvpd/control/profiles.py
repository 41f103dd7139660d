"""What the directory knows of somebody, as the administrator of the server sees and sets it: in Graph's names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from rsvpd.commands.directory import PersonWithManager
from rsvpd.control.members import CTX, read_flag, read_member
from rsvpd.control.people import find
from rsvpd.dialects.microsoft.tables.profiles import GRAPH
from rsvpd.mail.person import Person

ADMINISTRATOR, MANAGER = "administrator", "manager"
_NOBODY = "none"
_FIXED = frozenset(("mail", "userPrincipalName", "proxyAddresses", "mailboxSettings", "identities", "id"))
_OWN = frozenset(("person.name", "given_name", "surname", "alias", "is_enabled"))


class KnownPerson(Struct, frozen=True, kw_only=True):
    """Somebody, and what is known: the members of Graph's user that have a value."""

    address: str
    name: str
    is_administrator: bool
    manager: str | None
    members: dict[str, Any]


class ProfileChange(Struct, frozen=True):
    """What is to be set: changes of the profile, and the manager, where `is_managed` says so."""

    changes: dict[str, Any]
    manager: Person | None = None
    is_managed: bool = False


def known_person(found: PersonWithManager) -> KnownPerson:
    """Return what is shown of somebody."""
    members = GRAPH.user.write(found.view, CTX, frozenset(member_names()))
    return KnownPerson(
        address=found.view.person.address,
        name=found.view.person.name,
        is_administrator=found.view.profile.is_administrator,
        manager=found.manager.address if found.manager else None,
        members={name: one for name, one in members.items() if one is not None and one != []},
    )


def change_of(asked: Mapping[str, str], people: Iterable[Person]) -> ProfileChange:
    """Return what `asked`, texts by the names of members in any case, comes to; an empty text takes a value away.

    Raises UnknownProperty, InvalidProperty, and PersonNotFound for a manager who is nobody of `people`.
    """
    changes: dict[str, Any] = {}
    manager, is_managed = None, False
    for name, text in asked.items():
        if name.lower() == MANAGER:
            manager, is_managed = None if text in ("", _NOBODY) else find(people, text), True
        elif name.lower() == ADMINISTRATOR:
            changes["is_administrator"] = read_flag(name, text)
        else:
            changes |= read_member(GRAPH.user, (*member_names(), MANAGER, ADMINISTRATOR), name, text)
    return ProfileChange(changes, manager, is_managed)


def check_members(asked: Mapping[str, str]) -> None:
    """Raise UnknownProperty or InvalidProperty for what cannot be set, whoever the manager will be."""
    change_of({name: text for name, text in asked.items() if name.lower() != MANAGER}, ())


def member_named(title: str) -> str | None:
    """Return the member that a title names, in any case, or None."""
    return next((name for name in (*member_names(), MANAGER, ADMINISTRATOR) if name.lower() == title.lower()), None)


def member_names() -> list[str]:
    """Return the members that are kept."""
    return [
        prop.name for prop in GRAPH.user.props
        if prop.name not in _FIXED and (prop.source.startswith("profile.") or prop.source in _OWN)
    ]  # fmt: skip
