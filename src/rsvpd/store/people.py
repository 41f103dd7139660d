"""People in the data file."""

from __future__ import annotations

import uuid

from rsvpd.clock import Instant
from rsvpd.errors import AlreadyExists
from rsvpd.mail.address import fold
from rsvpd.mail.person import Person, PersonKind
from rsvpd.store import changes, meta
from rsvpd.store.changes import DIRECTORY, SETTINGS, ChangeKind
from rsvpd.store.engine import Row
from rsvpd.store.removal import last_number
from rsvpd.store.tx import Tx

_COLUMNS = "number, oid, address, name, zone, kind"
_ALL = f"SELECT {_COLUMNS} FROM person ORDER BY number"  # noqa: S608 - a constant
_BY_NUMBER = f"SELECT {_COLUMNS} FROM person WHERE number = :key"  # noqa: S608 - a constant
_BY_OID = f"SELECT {_COLUMNS} FROM person WHERE oid = :key"  # noqa: S608 - a constant
_BY_FOLD = f"SELECT {_COLUMNS} FROM person WHERE fold = :key"  # noqa: S608 - a constant
_IN_DOMAIN = "SELECT 1 FROM person WHERE substr(fold, instr(fold, '@') + 1) = :domain LIMIT 1"
_ADD = (
    "INSERT INTO person (number, oid, fold, address, name, zone, kind, created_us)"
    " VALUES ((SELECT max(one) + 1 FROM (SELECT :last AS one UNION ALL SELECT number FROM person) AS known),"
    " :oid, :fold, :address, :name, :zone, :kind, :created)"
)
_CHANGE = "UPDATE person SET name = :name, zone = :zone WHERE number = :number"


def everyone(tx: Tx) -> list[Person]:
    """Return all people, in the order they came."""
    return [_person(row) for row in tx.rows(_ALL)]


def by_number(tx: Tx, number: int) -> Person | None:
    """Return the owner of a mailbox."""
    return _find(tx, number, _BY_NUMBER)


def by_oid(tx: Tx, oid: str) -> Person | None:
    """Return the person with this directory GUID."""
    return _find(tx, oid, _BY_OID)


def by_address(tx: Tx, address: str) -> Person | None:
    """Return whoever receives mail for `address` here."""
    return _find(tx, fold(address), _BY_FOLD)


def claim(tx: Tx, what: str) -> bool:
    """Return whether this is the first to ask for it, among all processes that ever did."""
    return meta.put_new(tx, f"claimed-{what}", b"")


def has_domain(tx: Tx, domain: str) -> bool:
    """Return whether somebody's address is in this domain (lower case)."""
    return tx.row(_IN_DOMAIN, domain=domain) is not None


def add(tx: Tx, *, address: str, name: str, zone: str, kind: PersonKind, now: Instant) -> Person:
    """Give `address` a mailbox. Raises AlreadyExists."""
    if by_address(tx, address) is not None:
        raise AlreadyExists(f"{address} has a mailbox already.")
    oid = str(uuid.UUID(bytes=tx.entropy(16), version=4))
    number = tx.insert(
        _ADD, last=last_number(tx), oid=oid, fold=fold(address), address=address, name=name, zone=zone,
        kind=int(kind), created=now,
    )
    changes.record_change(tx, DIRECTORY, number, ChangeKind.PERSON_CREATED)
    return Person(number=number, oid=oid, address=address, name=name, zone=zone, kind=kind)


def change(tx: Tx, person: Person) -> None:
    """Write the name and the zone of somebody; whoever remembers that person asks anew."""
    tx.write(_CHANGE, number=person.number, name=person.name, zone=person.zone)
    changes.record_change(tx, person.number, SETTINGS, ChangeKind.SETTINGS_CHANGED)
    changes.record_change(tx, DIRECTORY, person.number, ChangeKind.PERSON_CHANGED)
    tx.renews_all = True
    tx.met.update(dict.fromkeys((person.number, person.oid, fold(person.address)), person))


def as_stored(tx: Tx, person: Person) -> Person:
    """Return somebody as stored now: what is remembered may be a moment old, where another process changed it."""
    row = tx.row(_BY_NUMBER, key=person.number)
    return _person(row) if row else person


def _find(tx: Tx, key: int | str, sql: str) -> Person | None:
    found = tx.met.get(key) or tx.directory.found.get(key)
    if found is None:
        row = tx.row(sql, key=key)
        found = _person(row) if row else None
        if found is not None:
            tx.met.update(dict.fromkeys((found.number, found.oid, fold(found.address)), found))
    return found


def _person(row: Row) -> Person:
    number, oid, address, name, zone, kind = row
    return Person(number=number, oid=oid, address=address, name=name, zone=zone, kind=PersonKind(kind))
