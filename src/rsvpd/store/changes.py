"""The change log: every change of a mailbox has a number, and the number is the change key.

Clustered by mailbox and number, so that "what is new since" is one range. An item is named by
the number of the change that created it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable

from rsvpd.query.algebra import MailboxState
from rsvpd.store.tx import Tx


class ChangeKind(enum.IntEnum):
    """What happened to which kind of item; the number is stored."""

    EVENT_CREATED = 1
    EVENT_UPDATED = 2
    EVENT_DELETED = 3
    MESSAGE_CREATED = 4
    MESSAGE_UPDATED = 5
    MESSAGE_DELETED = 6


_NEWEST = "SELECT max(number) FROM change WHERE mailbox = :mailbox"
_RECORD = "INSERT INTO change (mailbox, number, item, kind) VALUES (:mailbox, :number, :item, :kind)"


def newest(tx: Tx, mailbox: int) -> int:
    """Return the number of the newest change of `mailbox`; 0 where nothing ever happened."""
    found = tx.row(_NEWEST, mailbox=mailbox)
    return int(found[0] or 0) if found else 0


def state(tx: Tx, mailbox: int) -> MailboxState:
    """Return what names the state of a mailbox that is listed; it is remembered until the next change."""
    tx.listed[mailbox] = number = newest(tx, mailbox)
    return mailbox, number


def expect(tx: Tx, mailboxes: Iterable[int]) -> None:
    """Look up where the numbers of some mailboxes stand, all at once; nobody else takes the next until the end."""
    unknown = {mailbox for mailbox in mailboxes if mailbox not in tx.numbers}
    if unknown:
        tx.numbers.update(tx.newest_changes(sorted(unknown)))


def created(tx: Tx, mailbox: int, kind: ChangeKind) -> int:
    """Record that an item comes to be and return its number, which is the change's as well."""
    return _record(tx, mailbox, None, kind)


def changed(tx: Tx, mailbox: int, item: int, kind: ChangeKind) -> int:
    """Record a change of `item` and return its number."""
    return _record(tx, mailbox, item, kind)


def _record(tx: Tx, mailbox: int, item: int | None, kind: ChangeKind) -> int:
    if mailbox not in tx.numbers:
        expect(tx, (mailbox,))
    tx.numbers[mailbox] = number = tx.numbers[mailbox] + 1
    tx.add(_RECORD, mailbox=mailbox, number=number, item=number if item is None else item, kind=int(kind))
    return number
