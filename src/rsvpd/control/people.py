"""People as the administrator of the server sees them: with tokens and first passwords."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from rsvpd.clock import Instant
from rsvpd.commands.people import Newcomer
from rsvpd.errors import AlreadyExists, PersonNotFound
from rsvpd.identity import passwords
from rsvpd.identity.tokens import Tokens
from rsvpd.mail.address import fold, matching_addresses, parse_address, short_names
from rsvpd.mail.person import Person, PersonKind
from rsvpd.spelling import did_you_mean
from rsvpd.timezones import zone

Kind = Literal["user", "room"]
Online = Literal["", "teamsForBusiness", "skypeForBusiness", "skypeForConsumer", "none"]

_NAMED = 10


class NewPerson(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to add. Without a name the address gives one; `online_meetings` says who provides them
    beside Google.

    `members` are texts by the names of what the directory keeps, in Graph's words, and `manager` (control/profiles.py).
    """

    address: str
    name: str = ""
    time_zone: str = "UTC"
    kind: Kind = "user"
    online_meetings: Online = ""
    members: Mapping[str, str] = {}


class PersonAccount(Struct, frozen=True, kw_only=True):
    """A person with what is needed to act as that person; the password is empty where it was chosen by somebody."""

    address: str
    name: str
    time_zone: str
    kind: Kind
    oid: str
    token: str
    password: str


class PersonAccounts:
    """Makes accounts: with a fresh token and the first password of anybody in the data file."""

    def __init__(self, key: bytes, tokens: Tokens, *, lifetime_seconds: int) -> None:
        self._key = key
        self._tokens = tokens
        self._lifetime_seconds = lifetime_seconds

    def of(self, person: Person, now: Instant, chosen: Container[int] = ()) -> PersonAccount:
        """Return the account of `person`, with a token valid from `now`; `chosen` are those with another password."""
        first = passwords.initial_password(self._key, person.address)
        return PersonAccount(
            address=person.address,
            name=person.name,
            time_zone=person.zone,
            kind="room" if person.kind is PersonKind.ROOM else "user",
            oid=person.oid,
            token=self._tokens.issue(person, now=now, lifetime_seconds=self._lifetime_seconds),
            password="" if person.number in chosen else first,
        )


def newcomer(new: NewPerson) -> Newcomer:
    """Return `new` checked and filled. Raises InvalidProperty or InvalidTimeZone."""
    address = parse_address(new.address, target="address")
    return Newcomer(
        address=address,
        name=new.name.strip() or _name_of(address),
        zone=zone.find(new.time_zone),
        kind=PersonKind.ROOM if new.kind == "room" else PersonKind.USER,
        online=new.online_meetings,
    )


def check_newcomers(news: Sequence[NewPerson], known: Iterable[str]) -> list[Newcomer]:
    """Return all of `news`, checked; `known` are the addresses that have a mailbox.

    Raises what `newcomer` raises, and AlreadyExists for an address that is known or stands there twice.
    """
    found = [newcomer(one) for one in news]
    taken, clashes = {fold(one) for one in known}, []
    for one in found:
        if fold(one.address) in taken:
            clashes.append(one.address)
        taken.add(fold(one.address))
    if clashes:
        raise AlreadyExists(f"{_first_few(clashes)}: has a mailbox already, or is named twice; nobody was added.")
    return found


def find(people: Iterable[Person], wanted: str) -> Person:
    """Return whom `wanted` means: an address, or a local part that only one address here has. Raises PersonNotFound,
    naming those who may be meant."""
    known = {one.address: one for one in people}
    found = matching_addresses(wanted, known)
    if len(found) == 1:
        return known[found[0]]
    if found:
        raise PersonNotFound(f"'{wanted}' could be any of {_first_few(found)}; give the whole address")
    near = did_you_mean(wanted, short_names(known).values())
    here = f"Here are {_first_few(list(known))}." if known else "There are no people yet."
    raise PersonNotFound(f"nobody here is called {wanted}{near or '.'} {here}")


def _first_few(addresses: Sequence[str]) -> str:
    return ", ".join(addresses[:_NAMED]) + (", …" if len(addresses) > _NAMED else "")


def _name_of(address: str) -> str:
    words = address.partition("@")[0].replace(".", " ").replace("_", " ").split()
    return " ".join(word[:1].upper() + word[1:] for word in words)
