"""People as the keeper of the server sees them: with tokens and first passwords."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from rsvpd.clock import Instant
from rsvpd.errors import PersonNotFound
from rsvpd.identity import passwords
from rsvpd.identity.tokens import Tokens
from rsvpd.mail.address import checked
from rsvpd.mail.person import Person, PersonKind
from rsvpd.timezones import zone

Kind = Literal["user", "room"]

_NAMED = 10


class NewPerson(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to add. Without a name the address gives one."""

    address: str
    name: str = ""
    time_zone: str = "UTC"
    kind: Kind = "user"


class Card(Struct, frozen=True, kw_only=True):
    """A person with what is needed to act as that person."""

    address: str
    name: str
    time_zone: str
    kind: Kind
    oid: str
    token: str
    password: str


class Cards:
    """Writes cards: a fresh token and the first password of anybody in the data file."""

    def __init__(self, key: bytes, tokens: Tokens, *, lifetime_seconds: int) -> None:
        self._key = key
        self._tokens = tokens
        self._lifetime_seconds = lifetime_seconds

    def of(self, person: Person, now: Instant) -> Card:
        """Return the card of `person`, with a token valid from `now`."""
        return Card(
            address=person.address,
            name=person.name,
            time_zone=person.zone,
            kind="room" if person.kind is PersonKind.ROOM else "user",
            oid=person.oid,
            token=self._tokens.issue(person, now=now, lifetime_seconds=self._lifetime_seconds),
            password=passwords.initial(self._key, person.address),
        )


class Given(Struct, frozen=True, kw_only=True):
    """A new person, checked: what `commands.people.add_person` takes."""

    address: str
    name: str
    zone: str
    kind: PersonKind


def given(new: NewPerson) -> Given:
    """Return `new` checked and filled. Raises InvalidProperty or InvalidTimeZone."""
    address = checked(new.address, target="address")
    return Given(
        address=address,
        name=new.name.strip() or _name_of(address),
        zone=zone.find(new.time_zone),
        kind=PersonKind.ROOM if new.kind == "room" else PersonKind.USER,
    )


def find(people: Iterable[Person], address: str) -> Person:
    """Return who answers to `address`. Raises PersonNotFound, naming some of those who are here."""
    known = list(people)
    for person in known:
        if person.answers_to(address):
            return person
    some = ", ".join(one.address for one in known[:_NAMED]) + (", …" if len(known) > _NAMED else "")
    raise PersonNotFound(f"nobody here has the address {address}; there are {some or 'no people yet'}")


def _name_of(address: str) -> str:
    words = address.partition("@")[0].replace(".", " ").replace("_", " ").split()
    return " ".join(word[:1].upper() + word[1:] for word in words)
