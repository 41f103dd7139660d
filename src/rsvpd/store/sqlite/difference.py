"""What differs between two data files of one story: which items, without a look at what is in them.

No number of a change is given twice (store/continuation.py): where both have a change of the same number, all up to it
is the same in both. So only what changed since the last one they share is compared; where that is not kept any more,
all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from msgspec import Struct

from rsvpd.calendar.event import State
from rsvpd.store.engine import DataFileError
from rsvpd.store.sqlite import driver

_MAILBOXES = (
    "SELECT one.number, (SELECT max(number) FROM before.change WHERE mailbox = one.number),"
    " (SELECT max(number) FROM after.change WHERE mailbox = one.number)"
    " FROM (SELECT number FROM before.person UNION SELECT number FROM after.person) AS one ORDER BY one.number"
)
_HAS = "SELECT 1 FROM {file}.change WHERE mailbox = :mailbox AND number = :number"
_SHARED = (
    "SELECT max(one.number) FROM before.change AS one JOIN after.change AS other"
    " ON other.mailbox = one.mailbox AND other.number = one.number WHERE one.mailbox = :mailbox"
)
_CANDIDATES = "CREATE TEMP TABLE candidate (mailbox INTEGER, item INTEGER, PRIMARY KEY (mailbox, item)) WITHOUT ROWID"
_OF_CHANGES = (
    "INSERT OR IGNORE INTO candidate SELECT mailbox, item FROM {file}.change"
    " WHERE mailbox = :mailbox AND number > :number"
)
_OF_ITEMS = (
    "INSERT OR IGNORE INTO candidate SELECT mailbox, item FROM {here}.{table} AS one WHERE mailbox = :mailbox"
    " AND NOT EXISTS (SELECT 1 FROM {there}.{table} AS other"
    " WHERE other.mailbox = one.mailbox AND other.item = one.item AND other.change = one.change)"
)
_LIVE = {"event": f" AND {{name}}.state <> {State.DELETED:d}", "message": ""}
_ONLY = (
    "FROM candidate AS c CROSS JOIN {here}.{table} AS one ON one.mailbox = c.mailbox AND one.item = c.item{one_live}"
    " LEFT JOIN {there}.{table} AS other ON other.mailbox = c.mailbox AND other.item = c.item{other_live}"
    " WHERE other.item IS NULL"
)
_CHANGED = (
    "FROM candidate AS c CROSS JOIN before.{table} AS one ON one.mailbox = c.mailbox AND one.item = c.item{one_live}"
    " JOIN after.{table} AS other ON other.mailbox = c.mailbox AND other.item = c.item{other_live}"
    " WHERE other.change <> one.change"
)
_PEOPLE = (
    "SELECT address FROM {here}.person AS one WHERE NOT EXISTS"
    " (SELECT 1 FROM {there}.person AS other WHERE other.oid = one.oid) ORDER BY number"
)

Place = tuple[int, int]


class Kind(Struct, frozen=True):
    """What differs of one kind: how many came, went and changed, and which, up to a bound, by mailbox and item."""

    counts: tuple[int, int, int]
    came: tuple[Place, ...]
    went: tuple[Place, ...]
    changed: tuple[Place, ...]


class Differing(Struct, frozen=True):
    """What differs; of people their addresses."""

    events: Kind
    messages: Kind
    came: tuple[str, ...]
    went: tuple[str, ...]


def differing(before: Path, after: Path, *, is_after_open: bool, most: int) -> Differing:
    """Return what differs between two files; `most` bounds what is named. `is_after_open`: a server writes to it.

    Raises DataFileError.
    """
    try:
        with closing(driver.connect("file::memory:", uri=True, isolation_level=None)) as connection:
            _attach(connection, before, "before", is_open=False)
            _attach(connection, after, "after", is_open=is_after_open)
            connection.execute("PRAGMA temp_store=MEMORY")
            connection.execute(_CANDIDATES)
            connection.execute("BEGIN")  # one moment of the file that is written to
            for mailbox, oldest, newest in connection.execute(_MAILBOXES).fetchall():
                if oldest != newest:
                    _gather(connection, mailbox, oldest or 0, newest or 0)
            return Differing(
                _of_kind(connection, "event", most), _of_kind(connection, "message", most),
                tuple(_people(connection, "after", "before")), tuple(_people(connection, "before", "after")),
            )  # fmt: skip
    except driver.DatabaseError as fault:
        raise DataFileError(f"{before} and {after} cannot be compared: {fault}") from None


def _attach(connection: driver.Connection, path: Path, name: str, *, is_open: bool) -> None:
    how = "mode=ro" if is_open else "mode=ro&immutable=1"
    connection.execute(f"ATTACH :file AS {name}", {"file": f"{path.resolve().as_uri()}?{how}"})


def _gather(connection: driver.Connection, mailbox: int, before: int, after: int) -> None:
    """Note what may differ in a mailbox, whose newest changes these are."""
    shared = _shared(connection, mailbox, before, after)
    for here, there in (("before", "after"), ("after", "before")):
        if shared is not None:
            connection.execute(_OF_CHANGES.format(file=here), {"mailbox": mailbox, "number": shared})
            continue
        for table in _LIVE:
            connection.execute(_OF_ITEMS.format(here=here, there=there, table=table), {"mailbox": mailbox})


def _shared(connection: driver.Connection, mailbox: int, before: int, after: int) -> int | None:
    """Return the last change that both files have, None where there is none that both keep."""
    for number, file in ((before, "after"), (after, "before")):
        if connection.execute(_HAS.format(file=file), {"mailbox": mailbox, "number": number}).fetchone():
            return number
    (number,) = connection.execute(_SHARED, {"mailbox": mailbox}).fetchone()
    return None if number is None else int(number)


def _of_kind(connection: driver.Connection, table: str, most: int) -> Kind:
    lives = {f"{name}_live": _LIVE[table].format(name=name) for name in ("one", "other")}
    came = _ONLY.format(here="after", there="before", table=table, **lives)
    went = _ONLY.format(here="before", there="after", table=table, **lives)
    found = (came, went, _CHANGED.format(table=table, **lives))
    counts = [int(connection.execute(f"SELECT count(*) {one}").fetchone()[0]) for one in found]
    places = [
        tuple(connection.execute(f"SELECT c.mailbox, c.item {one} ORDER BY 1, 2 LIMIT :most", {"most": most}))
        for one in found
    ]
    return Kind((counts[0], counts[1], counts[2]), *places)


def _people(connection: driver.Connection, here: str, there: str) -> Iterator[str]:
    return (str(address) for (address,) in connection.execute(_PEOPLE.format(here=here, there=there)))
