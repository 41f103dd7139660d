"""What the directory knows of people, in the data file: profiles, managers, photos, and who was here before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from rsvpd.mail.person import Person, PersonKind
from rsvpd.mail.profile import NOBODY_KNOWN, Photo, Profile, UserView
from rsvpd.store import changes
from rsvpd.store.changes import DIRECTORY, ChangeKind
from rsvpd.store.engine import Row
from rsvpd.store.tx import Tx

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Profile).decode

_VIEWS = (
    "SELECT number, oid, address, name, zone, kind, created_us, data FROM person"
    " LEFT JOIN profile USING (number)"
)
# Conditions and orders name the columns that store/compile.py knows.
_KNOWN = (
    "FROM (SELECT number AS item, oid, fold, address, name, zone, kind, created_us, data FROM person"
    " LEFT JOIN profile USING (number)) AS known"
)
_FIND = f"SELECT item, oid, address, name, zone, kind, created_us, data {_KNOWN}"
_ONE = f"{_VIEWS} WHERE number = :number"
_SOME = (
    "SELECT number, oid, address, name, zone, kind, created_us, data FROM json_each(:numbers) AS one CROSS JOIN person"
    " LEFT JOIN profile USING (number) WHERE number = one.value"
)
_REPORTS = f"{_VIEWS} WHERE manager = :number ORDER BY number LIMIT :most"
_PROFILE = "SELECT data FROM profile WHERE number = :number"
_PROFILES = "SELECT number, data FROM profile ORDER BY number"
_KEEP = (
    "INSERT INTO profile (number, data) VALUES (:number, :data)"
    " ON CONFLICT (number) DO UPDATE SET data = excluded.data"
)
_MANAGER = "SELECT manager FROM profile WHERE number = :number"
_SET_MANAGER = "UPDATE profile SET manager = :manager WHERE number = :number"
_PHOTO = "SELECT width, height, media_type, content FROM photo WHERE number = :number"
_SET_PHOTO = (
    "INSERT INTO photo (number, width, height, media_type, content)"
    " VALUES (:number, :width, :height, :media_type, :content) ON CONFLICT (number) DO UPDATE SET"
    " width = excluded.width, height = excluded.height, media_type = excluded.media_type, content = excluded.content"
)
# What reading somebody costs, in steps.
_READ = 5
_EVERY = 2**62
_DROP_PHOTO = "DELETE FROM photo WHERE number = :number"
_FORMER = "SELECT oid FROM former_person WHERE number = :number"


def find(tx: Tx, condition: str, tail: str, **params: Any) -> Iterator[UserView]:
    """Yield those for whom a condition holds; what is read is spent."""
    for row in tx.stream(f"{_FIND} WHERE {condition} {tail}", **params):
        tx.work.spend(_READ)
        yield _view(row)


def count(tx: Tx, condition: str, **params: Any) -> int:
    """Return for how many people a condition holds."""
    row = tx.row(f"SELECT count(*) {_KNOWN} WHERE {condition}", **params)
    return int(row[0]) if row else 0


def view(tx: Tx, number: int) -> UserView | None:
    """Return one person, or None where nobody has this number."""
    row = tx.row(_ONE, number=number)
    return _view(row) if row else None


def views(tx: Tx, numbers: Iterable[int]) -> dict[int, UserView]:
    """Return some people by their numbers."""
    rows = tx.rows(_SOME, numbers=json.dumps(sorted(numbers)))
    tx.work.spend(_READ * len(rows))
    return {int(row[0]): _view(row) for row in rows}


def profile(tx: Tx, number: int) -> Profile:
    """Return what is known of somebody."""
    row = tx.row(_PROFILE, number=number)
    return _decode(row[0]) if row else NOBODY_KNOWN


def profiles(tx: Tx) -> Iterator[tuple[int, Profile]]:
    """Yield what is known of those of whom anything is."""
    return ((number, _decode(data)) for number, data in tx.stream(_PROFILES))


def keep_profile(tx: Tx, number: int, known: Profile) -> None:
    """Write what is known of somebody."""
    tx.write(_KEEP, number=number, data=_encode(known))
    _note(tx, number)


def manager(tx: Tx, number: int) -> int | None:
    """Return the number of somebody's manager, who may be gone."""
    row = tx.row(_MANAGER, number=number)
    return row[0] if row else None


def set_manager(tx: Tx, number: int, manager: int | None) -> None:
    """Write who somebody's manager is."""
    if tx.run(_SET_MANAGER, number=number, manager=manager) == 0:
        tx.write(_KEEP, number=number, data=_encode(NOBODY_KNOWN))
        tx.write(_SET_MANAGER, number=number, manager=manager)
    _note(tx, number)


def reports(tx: Tx, number: int, *, most: int = _EVERY) -> list[UserView]:
    """Return those whose manager this is, in the order they came; at most so many."""
    return [_view(row) for row in tx.rows(_REPORTS, number=number, most=most)]


def photo(tx: Tx, number: int) -> Photo | None:
    """Return somebody's photo."""
    row = tx.row(_PHOTO, number=number)
    return Photo(width=row[0], height=row[1], media_type=row[2], content=bytes(row[3])) if row else None


def set_photo(tx: Tx, number: int, one: Photo | None) -> None:
    """Write somebody's photo, or take it away."""
    if one is None:
        tx.write(_DROP_PHOTO, number=number)
        return
    tx.write(
        _SET_PHOTO, number=number, width=one.width, height=one.height, media_type=one.media_type, content=one.content
    )


def former_oid(tx: Tx, number: int) -> str | None:
    """Return the GUID of somebody who was removed."""
    row = tx.row(_FORMER, number=number)
    return row[0] if row else None


def _note(tx: Tx, number: int) -> None:
    changes.record_change(tx, DIRECTORY, number, ChangeKind.PERSON_CHANGED)


def _view(row: Row) -> UserView:
    number, oid, address, name, zone, kind, created, data = row
    person = Person(number=number, oid=oid, address=address, name=name, zone=zone, kind=PersonKind(kind))
    return UserView(person=person, profile=_decode(data) if data else NOBODY_KNOWN, created=created)
