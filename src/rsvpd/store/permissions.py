"""Who may do what with whose calendar, in the data file."""

from __future__ import annotations

import json
from collections.abc import Iterable

from rsvpd.calendar.calendars import DEFAULT_CALENDAR
from rsvpd.calendar.permission import CalendarRole, Delivery
from rsvpd.mail.person import Person
from rsvpd.store import calendars, changes, people
from rsvpd.store.calendars import CalendarKey
from rsvpd.store.changes import NOWHERE, SETTINGS, ChangeKind, Trace
from rsvpd.store.tx import Tx

EVERYBODY = 0

_OF_ONE = "FROM permission WHERE mailbox = :mailbox AND calendar = :calendar"
_ALL = f"SELECT grantee, role {_OF_ONE} ORDER BY grantee"
_ONE = f"SELECT role {_OF_ONE} AND grantee = :grantee"
# What was given to one person counts more than what was given to everybody, even where it is less.
_ROLE = f"SELECT grantee, role {_OF_ONE} AND grantee IN (:grantee, 0) ORDER BY grantee DESC LIMIT 1"
_SHARED = (
    "SELECT mailbox, calendar, role FROM permission WHERE grantee = :grantee AND role > 0 ORDER BY mailbox, calendar"
)
# Nobody acts for the owner of a mailbox by what was given of another calendar than the default one.
_DELEGATES = (
    "SELECT grantee FROM permission WHERE mailbox = :mailbox AND calendar = 1 AND role >= :least ORDER BY grantee"
)
_WITH_DELEGATES = (
    "SELECT DISTINCT mailbox FROM json_each(:mailboxes) AS one CROSS JOIN permission"
    " WHERE mailbox = one.value AND calendar = 1 AND role >= :least"
)
_KEEP = (
    "INSERT INTO permission (mailbox, calendar, grantee, role) VALUES (:mailbox, :calendar, :grantee, :role)"
    " ON CONFLICT (mailbox, calendar, grantee) DO UPDATE SET role = excluded.role"
)
_DROP = "DELETE FROM permission WHERE mailbox = :mailbox AND calendar = :calendar AND grantee = :grantee"
_DELIVERY = "SELECT delivery FROM delegation WHERE mailbox = :mailbox"
_DELIVER = (
    "INSERT INTO delegation (mailbox, delivery) VALUES (:mailbox, :delivery)"
    " ON CONFLICT (mailbox) DO UPDATE SET delivery = excluded.delivery"
)


def roles_by_grantee(tx: Tx, mailbox: int, calendar: int) -> dict[int, CalendarRole]:
    """Return the roles that the owner gave in a calendar, by the number of the person (or EVERYBODY)."""
    found = tx.rows(_ALL, mailbox=mailbox, calendar=calendar)
    return {int(grantee): CalendarRole(role) for grantee, role in found}


def own_role_of(tx: Tx, mailbox: int, calendar: int, grantee: int) -> CalendarRole | None:
    """Return the role given to one person, or to EVERYBODY; None where none was."""
    row = tx.row(_ONE, mailbox=mailbox, calendar=calendar, grantee=grantee)
    return CalendarRole(row[0]) if row else None


def role_of(tx: Tx, mailbox: int, grantee: int, calendar: int = DEFAULT_CALENDAR) -> CalendarRole:
    """Return what `grantee` may do with a calendar of `mailbox`."""
    row = tx.row(_ROLE, mailbox=mailbox, calendar=calendar, grantee=grantee)
    if row is None:
        return CalendarRole.NONE
    role = CalendarRole(row[1])
    return CalendarRole.NONE if row[0] == EVERYBODY and role <= CalendarRole.FREE_BUSY else role


def free_busy_role(tx: Tx, mailbox: int, grantee: int, calendar: int = DEFAULT_CALENDAR) -> CalendarRole:
    """Return what `grantee` may see who only asks when the owner is free.

    Of the default calendar that is open to everybody unless changed.
    """
    row = tx.row(_ROLE, mailbox=mailbox, calendar=calendar, grantee=grantee)
    return CalendarRole(row[1]) if row else usual_role(calendar)


def usual_role(calendar: int) -> CalendarRole:
    """Return what everybody here may do with a calendar where nobody decided."""
    return CalendarRole.FREE_BUSY if calendar == DEFAULT_CALENDAR else CalendarRole.NONE


def shared_calendars(tx: Tx, grantee: int) -> dict[CalendarKey, CalendarRole]:
    """Return the roles that `grantee` was given, by whose calendar and which of that mailbox."""
    found = tx.rows(_SHARED, grantee=grantee)
    return {(int(mailbox), int(calendar)): CalendarRole(role) for mailbox, calendar, role in found}


def delegates(tx: Tx, mailbox: int, *, least: CalendarRole = CalendarRole.DELEGATE) -> list[Person]:
    """Return who acts for the owner of `mailbox` in the role `least` or a higher one."""
    rows = tx.rows(_DELEGATES, mailbox=mailbox, least=int(least))
    found = (people.by_number(tx, int(number)) for (number,) in rows)
    return [person for person in found if person is not None]


def with_delegates(tx: Tx, mailboxes: Iterable[int]) -> frozenset[int]:
    """Return for which of these mailboxes somebody else acts."""
    rows = tx.rows(_WITH_DELEGATES, mailboxes=json.dumps(list(mailboxes)), least=int(CalendarRole.DELEGATE))
    return frozenset(int(mailbox) for (mailbox,) in rows)


def keep(tx: Tx, mailbox: int, calendar: int, grantee: int, role: CalendarRole) -> None:
    """Give a role. Who has one for the first time has the calendar in the own list from then on."""
    is_new = own_role_of(tx, mailbox, calendar, grantee) is None
    _record(tx, mailbox, calendar, grantee, ChangeKind.PERMISSION_GIVEN, is_listed=is_new)
    tx.write(_KEEP, mailbox=mailbox, calendar=calendar, grantee=grantee, role=int(role))


def drop(tx: Tx, mailbox: int, calendar: int, grantee: int) -> None:
    """Take back what was given."""
    _record(tx, mailbox, calendar, grantee, ChangeKind.PERMISSION_TAKEN, is_listed=True)
    tx.write(_DROP, mailbox=mailbox, calendar=calendar, grantee=grantee)
    calendars.drop_entry(tx, grantee, mailbox, calendar)


def _record(tx: Tx, mailbox: int, calendar: int, grantee: int, kind: ChangeKind, *, is_listed: bool) -> None:
    is_listed = is_listed and grantee != EVERYBODY
    changes.expect(tx, (mailbox, grantee) if is_listed else (mailbox,))
    trace = NOWHERE if calendar == DEFAULT_CALENDAR else Trace(place=calendar)
    changes.record_change(tx, mailbox, grantee, kind, trace)
    if is_listed:
        calendars.record_listing(tx, grantee, mailbox)


def delivery(tx: Tx, mailbox: int) -> Delivery:
    """Return where meeting messages for the owner of `mailbox` go while there are delegates."""
    row = tx.row(_DELIVERY, mailbox=mailbox)
    return Delivery(row[0]) if row else Delivery.DELEGATE_ONLY


def deliver(tx: Tx, mailbox: int, chosen: Delivery) -> None:
    """Decide where meeting messages for the owner of `mailbox` go."""
    tx.write(_DELIVER, mailbox=mailbox, delivery=int(chosen))
    changes.record_change(tx, mailbox, SETTINGS, ChangeKind.SETTINGS_CHANGED)
