"""Calendars in the data file: those of a mailbox, their groups, and how they stand in somebody's list.

A default calendar has a row only where something of it was set. The numbers of a new calendar and of a new group are
those of the changes that create them, beyond the numbers of what is always there: so none is ever used twice.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from rsvpd.calendar.calendars import DEFAULT_CALENDAR, MY_CALENDARS, OTHER_CALENDARS, Entry, Properties
from rsvpd.clock import Instant
from rsvpd.mail.address import fold
from rsvpd.mail.extended import Bearer
from rsvpd.store import changes, extended
from rsvpd.store.changes import ChangeKind
from rsvpd.store.engine import Row
from rsvpd.store.tx import Tx

_COLUMNS = "number, calendar_group, address, data"
_ONE = f"SELECT {_COLUMNS} FROM calendar WHERE mailbox = :mailbox AND number = :number"  # noqa: S608 - a constant
_ALL = f"SELECT {_COLUMNS} FROM calendar WHERE mailbox = :mailbox ORDER BY number"  # noqa: S608 - a constant
_BY_ADDRESS = "SELECT mailbox, number FROM calendar WHERE address = :address"
_PUT = (
    "INSERT INTO calendar (mailbox, number, change, calendar_group, address, data)"
    " VALUES (:mailbox, :number, :change, :group, :address, :data) ON CONFLICT (mailbox, number)"
    " DO UPDATE SET change = excluded.change, calendar_group = excluded.calendar_group, data = excluded.data"
)
_SHOWN = (
    "SELECT one.number, one.calendar_group, one.address, one.data, entry.data"
    " FROM (SELECT CAST(:number AS bigint) AS number) AS asked"
    " LEFT JOIN calendar AS one ON one.mailbox = :mailbox AND one.number = asked.number"
    " LEFT JOIN calendar_entry AS entry"
    " ON entry.mailbox = :lister AND entry.owner = :mailbox AND entry.calendar = asked.number"
)
_DROP = "DELETE FROM calendar WHERE mailbox = :mailbox AND number = :number"
_DROP_ENTRIES = "DELETE FROM calendar_entry WHERE owner = :mailbox AND calendar = :number"
_DROP_PERMISSIONS = "DELETE FROM permission WHERE mailbox = :mailbox AND calendar = :number"
_GRANTEES = (
    "SELECT grantee FROM permission WHERE mailbox = :mailbox AND calendar = :number AND grantee <> 0 ORDER BY grantee"
)

_EMPTY = (
    "INSERT INTO calendar_emptying (mailbox, calendar, until_item, asked_us, notify, decline)"
    " VALUES (:mailbox, :number, :until, :asked, :notify, :decline) ON CONFLICT (mailbox, calendar) DO UPDATE SET"
    " until_item = excluded.until_item, asked_us = excluded.asked_us, notify = excluded.notify,"
    " decline = excluded.decline"
)
_NEXT_EMPTYING = (
    "SELECT mailbox, calendar, until_item, asked_us, notify, decline FROM calendar_emptying"
    " ORDER BY asked_us, mailbox, calendar LIMIT 1"
)
_EMPTIED = "DELETE FROM calendar_emptying WHERE mailbox = :mailbox AND calendar = :number"

_GROUPS = "SELECT number, name FROM calendar_group WHERE mailbox = :mailbox ORDER BY number"
_PUT_GROUP = (
    "INSERT INTO calendar_group (mailbox, number, change, name) VALUES (:mailbox, :number, :change, :name)"
    " ON CONFLICT (mailbox, number) DO UPDATE SET change = excluded.change, name = excluded.name"
)
_DROP_GROUP = "DELETE FROM calendar_group WHERE mailbox = :mailbox AND number = :number"
_IN_GROUP = f"SELECT {_COLUMNS} FROM calendar WHERE mailbox = :mailbox AND calendar_group = :number"  # noqa: S608 - a constant

_ENTRIES = "SELECT owner, calendar, data FROM calendar_entry WHERE mailbox = :mailbox ORDER BY owner, calendar"
_ENTRY = "SELECT data FROM calendar_entry WHERE mailbox = :mailbox AND owner = :owner AND calendar = :number"
_PUT_ENTRY = (
    "INSERT INTO calendar_entry (mailbox, owner, calendar, data) VALUES (:mailbox, :owner, :number, :data)"
    " ON CONFLICT (mailbox, owner, calendar) DO UPDATE SET data = excluded.data"
)
_DROP_ENTRY = "DELETE FROM calendar_entry WHERE mailbox = :mailbox AND owner = :owner AND calendar = :number"

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Properties).decode
_decode_entry = msgspec.msgpack.Decoder(Entry).decode

# Whose calendar, and which of that mailbox.
CalendarKey = tuple[int, int]
_BUILT_IN_GROUPS = {MY_CALENDARS: "My Calendars", OTHER_CALENDARS: "Other Calendars"}


class CalendarRow(Struct, frozen=True):
    """A calendar of a mailbox: its number there, the group it is in, its address (folded) and what is kept of it."""

    number: int
    group: int
    address: str
    properties: Properties


class Emptying(Struct, frozen=True):
    """A calendar that is to be emptied of what stood there up to an item, as it was asked for then."""

    mailbox: int
    number: int
    until: int
    asked: Instant
    notify: str
    decline: bool


_DEFAULT = CalendarRow(DEFAULT_CALENDAR, MY_CALENDARS, "", Properties())


def one(tx: Tx, mailbox: int, number: int) -> CalendarRow | None:
    """Return a calendar by its number; the default one is always there."""
    row = tx.row(_ONE, mailbox=mailbox, number=number)
    if row is None:
        return _DEFAULT if number == DEFAULT_CALENDAR else None
    return _calendar(row)


def all_of(tx: Tx, mailbox: int) -> list[CalendarRow]:
    """Return the calendars of a mailbox, the default one first."""
    found = [_calendar(row) for row in tx.rows(_ALL, mailbox=mailbox)]
    return found if found and found[0].number == DEFAULT_CALENDAR else [_DEFAULT, *found]


def by_address(tx: Tx, address: str) -> CalendarKey | None:
    """Return which calendar has this address."""
    row = tx.row(_BY_ADDRESS, address=fold(address)) if address else None
    return (int(row[0]), int(row[1])) if row else None


def add(tx: Tx, mailbox: int, group: int, address: str, properties: Properties) -> CalendarRow:
    """Create a calendar."""
    change = changes.record_created(tx, mailbox, ChangeKind.CALENDAR_CREATED, beyond=DEFAULT_CALENDAR)
    found = CalendarRow(change + DEFAULT_CALENDAR, group, fold(address), properties)
    _put(tx, mailbox, found, change)
    return found


def keep(tx: Tx, mailbox: int, row: CalendarRow) -> None:
    """Write what became of a calendar."""
    _put(tx, mailbox, row, changes.record_change(tx, mailbox, row.number, ChangeKind.CALENDAR_UPDATED))


def drop(tx: Tx, mailbox: int, number: int) -> None:
    """Delete a calendar, with what was given of it and how it stands in lists; what is in it is not looked at."""
    grantees = [int(grantee) for (grantee,) in tx.rows(_GRANTEES, mailbox=mailbox, number=number)]
    changes.expect(tx, (mailbox, *grantees))
    for sql in (_DROP, _DROP_ENTRIES, _DROP_PERMISSIONS):
        tx.write(sql, mailbox=mailbox, number=number)
    extended.drop(tx, mailbox, Bearer.CALENDAR, number)
    changes.record_change(tx, mailbox, number, ChangeKind.CALENDAR_DELETED)
    for grantee in grantees:
        record_listing(tx, grantee, mailbox)


def empty(tx: Tx, wanted: Emptying) -> None:
    """Let a calendar be emptied from now on; somebody is woken for it after the commit."""
    tx.write(
        _EMPTY, mailbox=wanted.mailbox, number=wanted.number, until=wanted.until, asked=wanted.asked,
        notify=wanted.notify, decline=int(wanted.decline),
    )  # fmt: skip
    tx.has_delivery = True


def next_emptying(tx: Tx) -> Emptying | None:
    """Return the calendar that has waited longest to be emptied."""
    row = tx.row(_NEXT_EMPTYING)
    if row is None:
        return None
    mailbox, number, until, asked, notify, decline = row
    return Emptying(mailbox, number, until, asked, notify, bool(decline))


def finish_emptying(tx: Tx, mailbox: int, number: int) -> None:
    """Note that nothing is left of what a calendar was to be emptied of."""
    tx.write(_EMPTIED, mailbox=mailbox, number=number)


def groups(tx: Tx, mailbox: int) -> dict[int, str]:
    """Return the names of the groups of calendars, by their numbers; those that are always there first."""
    return {**_BUILT_IN_GROUPS, **{int(number): str(name) for number, name in tx.rows(_GROUPS, mailbox=mailbox)}}


def add_group(tx: Tx, mailbox: int, name: str) -> int:
    """Create a group and return its number."""
    change = changes.record_created(tx, mailbox, ChangeKind.CALENDAR_GROUP_CHANGED, beyond=OTHER_CALENDARS)
    tx.write(_PUT_GROUP, mailbox=mailbox, number=change + OTHER_CALENDARS, change=change, name=name)
    return change + OTHER_CALENDARS


def keep_group(tx: Tx, mailbox: int, number: int, name: str) -> None:
    """Write a group."""
    change = changes.record_change(tx, mailbox, number, ChangeKind.CALENDAR_GROUP_CHANGED)
    tx.write(_PUT_GROUP, mailbox=mailbox, number=number, change=change, name=name)


def drop_group(tx: Tx, mailbox: int, number: int) -> None:
    """Delete a group; its calendars come to the first one."""
    for row in [_calendar(found) for found in tx.rows(_IN_GROUP, mailbox=mailbox, number=number)]:
        keep(tx, mailbox, msgspec.structs.replace(row, group=MY_CALENDARS))
    tx.write(_DROP_GROUP, mailbox=mailbox, number=number)
    changes.record_change(tx, mailbox, number, ChangeKind.CALENDAR_GROUP_CHANGED)


def calendar_and_entry(tx: Tx, lister: int, mailbox: int, number: int) -> tuple[CalendarRow | None, Entry]:
    """Return a calendar, if it is there, and how it stands in the list of the mailbox `lister`."""
    found = tx.row(_SHOWN, lister=lister, mailbox=mailbox, number=number)
    *row, data = found or (None,) * 5
    if row[0] is not None:
        calendar: CalendarRow | None = _calendar(tuple(row))
    else:
        calendar = _DEFAULT if number == DEFAULT_CALENDAR else None
    return calendar, Entry() if data is None else _decode_entry(data)


def entries(tx: Tx, mailbox: int) -> dict[CalendarKey, Entry]:
    """Return how calendars stand in the list of a mailbox, where that was chosen."""
    return {(int(row[0]), int(row[1])): _decode_entry(row[2]) for row in tx.rows(_ENTRIES, mailbox=mailbox)}


def entry(tx: Tx, mailbox: int, owner: int, number: int) -> Entry:
    """Return how a calendar stands in the list of a mailbox."""
    row = tx.row(_ENTRY, mailbox=mailbox, owner=owner, number=number)
    return _decode_entry(row[0]) if row else Entry()


def keep_entry(tx: Tx, mailbox: int, owner: int, number: int, entry: Entry) -> None:
    """Write how a calendar stands in the list of a mailbox."""
    tx.write(_PUT_ENTRY, mailbox=mailbox, owner=owner, number=number, data=_encode(entry))
    record_listing(tx, mailbox, owner)


def drop_entry(tx: Tx, mailbox: int, owner: int, number: int) -> None:
    """Forget how a calendar stood in the list of a mailbox."""
    tx.write(_DROP_ENTRY, mailbox=mailbox, owner=owner, number=number)


def record_listing(tx: Tx, mailbox: int, owner: int) -> None:
    """Record that the list of calendars of a mailbox is another, by one that `owner` has."""
    changes.record_change(tx, mailbox, owner, ChangeKind.CALENDAR_LISTED)


def _put(tx: Tx, mailbox: int, row: CalendarRow, change: int) -> None:
    tx.write(
        _PUT, mailbox=mailbox, number=row.number, change=change, group=row.group, address=row.address,
        data=_encode(row.properties),
    )  # fmt: skip


def _calendar(row: Row) -> CalendarRow:
    number, group, address, data = row
    return CalendarRow(int(number), int(group), str(address), _decode(data))
