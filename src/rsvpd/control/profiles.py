"""What the directory knows of somebody, as the administrator of the server sees and sets it: in Graph's names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from rsvpd.commands.directory import Known
from rsvpd.control.people import find
from rsvpd.dialects.microsoft.tables.profiles import GRAPH
from rsvpd.errors import InvalidProperty, UnknownProperty
from rsvpd.mail.person import Person
from rsvpd.spelling import did_you_mean

ADMINISTRATOR, MANAGER = "administrator", "manager"
_NOBODY = "none"
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}
_FIXED = frozenset(("mail", "userPrincipalName", "proxyAddresses", "mailboxSettings", "identities", "id"))
_OWN = frozenset(("person.name", "given_name", "surname", "alias", "is_enabled"))
_CTX = GRAPH.ctx()


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


def known(found: Known) -> KnownPerson:
    """Return what is shown of somebody."""
    members = GRAPH.user.write(found.view, _CTX, frozenset(_names()))
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
            changes["is_administrator"] = _flag(name, text)
        else:
            changes |= _member(name, text)
    return ProfileChange(changes, manager, is_managed)


def _member(name: str, text: str) -> dict[str, Any]:
    spelled = {one.lower(): one for one in _names()}.get(name.lower())
    prop = GRAPH.user.find(spelled) if spelled else None
    if prop is None:
        near = did_you_mean(name, (*_names(), MANAGER, ADMINISTRATOR))
        raise UnknownProperty(f"nothing is kept under the name '{name[:40]}'{near or '.'}", target=name)
    value: Any = text or None
    if prop.codec.edm.startswith("Collection("):
        value = [one.strip() for one in text.split(",") if one.strip()]
    elif prop.codec.edm == "Edm.Boolean" and text:
        value = _flag(name, text)
    try:
        return {prop.source.rpartition(".")[2]: prop.codec.read(value, _CTX)}
    except ValueError as wrong:
        raise InvalidProperty(f"{prop.name}: {wrong}", target=prop.name) from None


def _flag(name: str, text: str) -> bool:
    if text.lower() not in _YES_NO:
        raise InvalidProperty(f"{name} is yes or no, not '{text[:40]}'.", target=name)
    return _YES_NO[text.lower()]


def _names() -> list[str]:
    """Return the members that are kept."""
    return [
        prop.name for prop in GRAPH.user.props
        if prop.name not in _FIXED and (prop.source.startswith("profile.") or prop.source in _OWN)
    ]  # fmt: skip
