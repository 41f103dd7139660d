"""Who may do what with whose calendar, in the data file."""

from __future__ import annotations

import json
from collections.abc import Iterable

from rsvpd.calendar.permission import CalendarRole, Delivery
from rsvpd.mail.person import Person
from rsvpd.store import changes, people
from rsvpd.store.changes import SETTINGS, ChangeKind
from rsvpd.store.tx import Tx

EVERYBODY = 0

_ALL = "SELECT grantee, role FROM permission WHERE mailbox = :mailbox ORDER BY grantee"
_ONE = "SELECT role FROM permission WHERE mailbox = :mailbox AND grantee = :grantee"
# What was given to one person counts more than what was given to everybody, even where it is less.
_ROLE = (
    "SELECT grantee, role FROM permission WHERE mailbox = :mailbox AND grantee IN (:grantee, 0)"
    " ORDER BY grantee DESC LIMIT 1"
)
_SHARED = "SELECT mailbox, role FROM permission WHERE grantee = :grantee AND role > 0 ORDER BY mailbox"
_DELEGATES = "SELECT grantee FROM permission WHERE mailbox = :mailbox AND role >= :least ORDER BY grantee"
_WITH_DELEGATES = (
    "SELECT DISTINCT mailbox FROM json_each(:mailboxes) AS one CROSS JOIN permission"
    " WHERE mailbox = one.value AND role >= :least"
)
_KEEP = (
    "INSERT INTO permission (mailbox, grantee, role) VALUES (:mailbox, :grantee, :role)"
    " ON CONFLICT (mailbox, grantee) DO UPDATE SET role = excluded.role"
)
_DROP = "DELETE FROM permission WHERE mailbox = :mailbox AND grantee = :grantee"
_DELIVERY = "SELECT delivery FROM delegation WHERE mailbox = :mailbox"
_DELIVER = (
    "INSERT INTO delegation (mailbox, delivery) VALUES (:mailbox, :delivery)"
    " ON CONFLICT (mailbox) DO UPDATE SET delivery = excluded.delivery"
)


def given(tx: Tx, mailbox: int) -> dict[int, CalendarRole]:
    """Return the roles that the owner of `mailbox` gave, by the number of the person (or EVERYBODY)."""
    return {int(grantee): CalendarRole(role) for grantee, role in tx.rows(_ALL, mailbox=mailbox)}


def given_to(tx: Tx, mailbox: int, grantee: int) -> CalendarRole | None:
    """Return the role given to one person, or to EVERYBODY; None where none was."""
    row = tx.row(_ONE, mailbox=mailbox, grantee=grantee)
    return CalendarRole(row[0]) if row else None


def role_of(tx: Tx, mailbox: int, grantee: int) -> CalendarRole:
    """Return what `grantee` may do with the calendar of `mailbox`."""
    row = tx.row(_ROLE, mailbox=mailbox, grantee=grantee)
    if row is None:
        return CalendarRole.NONE
    role = CalendarRole(row[1])
    return CalendarRole.NONE if row[0] == EVERYBODY and role <= CalendarRole.FREE_BUSY else role


def free_busy_role(tx: Tx, mailbox: int, grantee: int) -> CalendarRole:
    """Return what `grantee` may see who only asks when the owner is free: that is open to everybody unless changed."""
    row = tx.row(_ROLE, mailbox=mailbox, grantee=grantee)
    return CalendarRole(row[1]) if row else CalendarRole.FREE_BUSY


def shared_with(tx: Tx, grantee: int) -> dict[int, CalendarRole]:
    """Return the roles that `grantee` was given, by the mailbox."""
    return {int(mailbox): CalendarRole(role) for mailbox, role in tx.rows(_SHARED, grantee=grantee)}


def delegates(tx: Tx, mailbox: int, *, least: CalendarRole = CalendarRole.DELEGATE) -> list[Person]:
    """Return who acts for the owner of `mailbox` in the role `least` or a higher one."""
    rows = tx.rows(_DELEGATES, mailbox=mailbox, least=int(least))
    found = (people.by_number(tx, int(number)) for (number,) in rows)
    return [person for person in found if person is not None]


def with_delegates(tx: Tx, mailboxes: Iterable[int]) -> frozenset[int]:
    """Return for which of these mailboxes somebody else acts."""
    rows = tx.rows(_WITH_DELEGATES, mailboxes=json.dumps(list(mailboxes)), least=int(CalendarRole.DELEGATE))
    return frozenset(int(mailbox) for (mailbox,) in rows)


def keep(tx: Tx, mailbox: int, grantee: int, role: CalendarRole) -> None:
    """Give a role."""
    tx.write(_KEEP, mailbox=mailbox, grantee=grantee, role=int(role))
    changes.changed(tx, mailbox, grantee, ChangeKind.PERMISSION_GIVEN)


def drop(tx: Tx, mailbox: int, grantee: int) -> None:
    """Take back what was given."""
    tx.write(_DROP, mailbox=mailbox, grantee=grantee)
    changes.changed(tx, mailbox, grantee, ChangeKind.PERMISSION_TAKEN)


def delivery(tx: Tx, mailbox: int) -> Delivery:
    """Return where meeting messages for the owner of `mailbox` go while there are delegates."""
    row = tx.row(_DELIVERY, mailbox=mailbox)
    return Delivery(row[0]) if row else Delivery.DELEGATE_ONLY


def deliver(tx: Tx, mailbox: int, chosen: Delivery) -> None:
    """Decide where meeting messages for the owner of `mailbox` go."""
    tx.write(_DELIVER, mailbox=mailbox, delivery=int(chosen))
    changes.changed(tx, mailbox, SETTINGS, ChangeKind.SETTINGS_CHANGED)
