"""The directory: who is there, what is known of them, and who may change it.

Rule 1: whoever has a mailbox here, and every application, may look.
Rule 2: a person changes of the own profile what the services let everybody change of it (`OWN`), an administrator
everything of everybody. An application by itself works as an administrator; whether its token is for that,
the dialect has asked (learn.microsoft.com/entra/fundamentals/users-default-permissions).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, structs

from rsvpd.commands import subscriptions
from rsvpd.commands.door import Who, reads, reads_by_index, writes
from rsvpd.commands.paging import Table, page
from rsvpd.commands.settings import view_of
from rsvpd.errors import (
    DirectoryConflict,
    DirectoryObjectNotFound,
    InvalidDirectoryValue,
    NotAnAdministrator,
    PhotoNotFound,
    TokenMalformed,
)
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.address import fold
from rsvpd.mail.person import Person, PersonKind
from rsvpd.mail.profile import Photo, Profile, UserView
from rsvpd.query.algebra import Page, Query
from rsvpd.query.fields import Fields
from rsvpd.store import changes, directory, people, removal
from rsvpd.store.changes import DIRECTORY
from rsvpd.store.compile import PERSON_COLUMNS
from rsvpd.store.tx import Tx

NAME = "name"
_NO_MANAGER = "Resource 'manager' does not exist or one of its queried reference-property objects are not present."
_OTHER_DOMAIN = (
    "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in"
    " your organization."
)
# What everybody changes of the own profile.
OWN = frozenset((
    "about_me", "birthday", "hire_date", "interests", "mobile_phone", "my_site", "past_projects", "preferred_name",
    "responsibilities", "schools", "skills",
))  # fmt: skip


class PersonWithManager(Struct, frozen=True):
    """Somebody with the manager."""

    view: UserView
    manager: Person | None


class ProfileOf(Struct, frozen=True):
    """What is to become known of somebody; the manager where `is_managed` says so."""

    person: Person
    changes: Mapping[str, Any]
    manager: Person | None = None
    is_managed: bool = False


@reads_by_index
def get_user(tx: Tx, who: Who) -> UserView:
    """Return whom the path names, or who asks, with the own settings. Raises DirectoryObjectNotFound."""
    actor, subject = _actor(tx, who), _subject(tx, who)
    view = _view(tx, subject)
    return structs.replace(view, person=view_of(tx, subject)) if actor == subject else view


@reads
def find_users(tx: Tx, who: Who, query: Query, fields: Fields) -> Page[UserView]:
    """Return a page of the directory; `fields` are what the query may ask about, of a UserView."""
    check_reader(tx, who)
    table = Table(PERSON_COLUMNS, fields, lambda view: view.person.number)

    def source(sql: str, tail: str, values: dict[str, Any]) -> Iterable[UserView]:
        return directory.find(tx, sql, tail, **values)

    def count(sql: str, values: dict[str, Any]) -> int:
        return directory.count(tx, sql, **values)

    found = page(source, table, query, base="1 = 1", params={}, count=count, spend=tx.work.spend)
    return structs.replace(found, state=changes.state(tx, DIRECTORY))


@writes
def update_user(tx: Tx, who: Who, changes: Mapping[str, Any]) -> UserView:
    """Change members of the profile, or the name, of whom the path names. Raises NotAnAdministrator."""
    actor, subject = _actor(tx, who), _subject(tx, who)
    if not (_is_administrator(tx, actor) or (actor == subject and OWN.issuperset(changes))):
        raise _not_allowed()
    return _change(tx, subject, changes)


@reads
def get_known(tx: Tx, person: Person) -> PersonWithManager:
    """Return what is known of somebody, for the administrator of the server."""
    return _with_manager(tx, person)


@writes
def change_profile(
    tx: Tx, person: Person, changes: Mapping[str, Any], *, manager: Person | None = None, is_managed: bool = False
) -> PersonWithManager:
    """Change what is known of somebody, and who the manager is, for the administrator of the server."""
    _change(tx, person, changes)
    if is_managed:
        directory.set_manager(tx, person.number, manager.number if manager else None)
    return _with_manager(tx, person)


@writes
def change_profiles(tx: Tx, changes: Iterable[ProfileOf]) -> None:
    """Change what is known of several people, for the administrator of the server."""
    for one in changes:
        change_profile(tx, one.person, one.changes, manager=one.manager, is_managed=one.is_managed)


@reads
def password_digest(tx: Tx, person: Person) -> str:
    """Return what is kept of the password that somebody chose, empty where it is the first one still."""
    return directory.profile(tx, person.number).password


@reads
def chosen_passwords(tx: Tx) -> frozenset[int]:
    """Return the numbers of those who have another password than their first one."""
    return frozenset(number for number, known in directory.profiles(tx) if known.password)


@writes
def create_user(tx: Tx, who: Who, address: str, name: str, profile: Profile) -> UserView:
    """Give somebody a mailbox. Raises NotAnAdministrator, InvalidDirectoryValue, DirectoryConflict."""
    check_administrator(tx, who)
    if not people.has_domain(tx, fold(address).rpartition("@")[2]):
        raise InvalidDirectoryValue(_OTHER_DOMAIN, target="userPrincipalName")
    if people.by_address(tx, address) is not None:
        raise DirectoryConflict(target="userPrincipalName")
    person = people.add(tx, address=address, name=name, zone="UTC", kind=PersonKind.USER, now=who.now)
    directory.keep_profile(tx, person.number, profile)
    return UserView(person=person, profile=profile, created=who.now)


@writes
def delete_user(tx: Tx, who: Who) -> None:
    """Take the mailbox away that the path names; `commands.people.delete_removed` deletes what was in it."""
    check_administrator(tx, who)
    removal.remove(tx, _subject(tx, who))


# --- managers


@reads
def get_manager(tx: Tx, who: Who) -> UserView:
    """Return the manager of whom the path names. Raises DirectoryObjectNotFound."""
    found = _manager(tx, _subject(tx, who))
    if found is None:
        raise DirectoryObjectNotFound(_NO_MANAGER)
    return found


@reads
def managers_above(tx: Tx, who: Who, most: int) -> list[UserView]:
    """Return the manager of whom the path names, that one's, and so on: at most so many, and nobody twice."""
    subject = _subject(tx, who)
    seen, found = {subject.number}, list[UserView]()
    above = _manager(tx, subject)
    while above is not None and above.person.number not in seen and len(found) < most:
        seen.add(above.person.number)
        found.append(above)
        above = _manager(tx, above.person)
    return found


@reads
def list_reports(tx: Tx, who: Who) -> list[UserView]:
    """Return those whose manager is whom the path names."""
    found = directory.reports(tx, _subject(tx, who).number)
    tx.work.spend(len(found))
    return found


@writes
def set_manager(tx: Tx, who: Who, manager: str | None) -> None:
    """Let somebody (a GUID) be the manager of whom the path names, or nobody. Raises NotAnAdministrator."""
    check_administrator(tx, who)
    subject = _subject(tx, who)
    chosen = None if manager is None else _find_person(tx, manager)
    if chosen is None and directory.manager(tx, subject.number) is None:
        raise DirectoryObjectNotFound(_NO_MANAGER)
    directory.set_manager(tx, subject.number, chosen.number if chosen else None)


# --- photos


@reads
def get_photo(tx: Tx, who: Who) -> Photo:
    """Return the photo of whom the path names. Raises PhotoNotFound."""
    found = directory.photo(tx, _subject(tx, who).number)
    if found is None:
        raise PhotoNotFound
    return found


@writes
def set_photo(tx: Tx, who: Who, photo: Photo | None) -> None:
    """Put a photo in the place of the one there is, or take it away: everybody the own one, an administrator all.

    Raises NotAnAdministrator, PhotoNotFound where there is none to be taken away.
    """
    actor, subject = _actor(tx, who), _subject(tx, who)
    if actor != subject and not _is_administrator(tx, actor):
        raise _not_allowed()
    if photo is None and directory.photo(tx, subject.number) is None:
        raise PhotoNotFound
    directory.set_photo(tx, subject.number, photo)


def _manager(tx: Tx, person: Person) -> UserView | None:
    number = directory.manager(tx, person.number)
    return None if number is None else directory.view(tx, number)


# --- who asks, and about whom


def _actor(tx: Tx, who: Who) -> Person | None:
    """Return who asks, None for an application. Raises TokenMalformed for somebody unknown here."""
    if who.is_application:
        return None
    actor = people.by_oid(tx, who.actor)
    if actor is None:
        raise TokenMalformed("The token names nobody who has a mailbox here.")
    return actor


def check_reader(tx: Tx, who: Who) -> None:
    """Raise TokenMalformed for somebody who may not look, being unknown here."""
    _actor(tx, who)


def subject_of(tx: Tx, who: Who) -> tuple[Person, bool]:
    """Return whom the path names, or who asks, and whether it is who asks. Raises DirectoryObjectNotFound."""
    subject = _subject(tx, who)
    return subject, subject == _actor(tx, who)


def _subject(tx: Tx, who: Who) -> Person:
    actor = _actor(tx, who)
    if who.owner is None and actor is not None:
        return actor
    return _find_person(tx, who.owner or "")


def _find_person(tx: Tx, name: str) -> Person:
    found = people.by_oid(tx, name.lower()) or people.by_address(tx, name)
    if found is None:
        raise DirectoryObjectNotFound(
            f"Resource '{name[:120]}' does not exist or one of its queried reference-property objects are not present.",
            target=name,
        )
    return found


def _is_administrator(tx: Tx, actor: Person | None) -> bool:
    return actor is None or directory.profile(tx, actor.number).is_administrator


def check_administrator(tx: Tx, who: Who) -> None:
    """Raise NotAnAdministrator for a person who is none."""
    if not _is_administrator(tx, _actor(tx, who)):
        raise _not_allowed()


def _not_allowed() -> NotAnAdministrator:
    return NotAnAdministrator(hint=Hint(HintCode.ADMINISTRATOR_NEEDED))


def _view(tx: Tx, person: Person) -> UserView:
    found = directory.view(tx, person.number)
    assert found is not None
    return found


def _with_manager(tx: Tx, person: Person) -> PersonWithManager:
    above = _manager(tx, person)
    return PersonWithManager(_view(tx, person), above.person if above else None)


def _change(tx: Tx, person: Person, changes: Mapping[str, Any]) -> UserView:
    known = {name: value for name, value in changes.items() if name != NAME}
    before = _view(tx, person)
    after = structs.replace(before.profile, **known)
    if changes.get(NAME, person.name) != person.name:
        people.change(tx, structs.replace(person, name=changes[NAME]))
    if after != before.profile:
        directory.keep_profile(tx, person.number, after)
    if after.password != before.profile.password or (before.profile.is_enabled and not after.is_enabled):
        subscriptions.end_of_person(tx, person)
    return _view(tx, person)
