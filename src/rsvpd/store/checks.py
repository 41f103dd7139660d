"""What must hold between the tables, looked at mailbox by mailbox: nothing of it is ever repaired in silence."""

from __future__ import annotations

from rsvpd.mail.folder import MADE
from rsvpd.store.tx import Tx

_MOST = 5  # of a kind that are named
_MAILBOXES = "SELECT DISTINCT mailbox FROM change ORDER BY mailbox"
_NUMBERS = "SELECT count(*), min(number), max(number) FROM change WHERE mailbox = :mailbox"


def _without_change(table: str) -> str:
    """Return the statement for items whose newest change is not theirs, as far as changes are kept."""
    return (
        f"SELECT one.item FROM {table} AS one LEFT JOIN change AS own"  # noqa: S608 - constants
        " ON own.mailbox = one.mailbox AND own.number = one.change AND own.item = one.item"
        " WHERE one.mailbox = :mailbox AND one.change >= :oldest AND own.number IS NULL ORDER BY one.item LIMIT :most"
    )


def _without(table: str, other: str, key: str, named: str = "number") -> str:
    return (
        f"SELECT one.item FROM {table} AS one LEFT JOIN {other} AS other ON other.{named} = one.{key}"  # noqa: S608 - constants
        f" WHERE one.mailbox = :mailbox AND other.{named} IS NULL ORDER BY one.item LIMIT :most"
    )


def _of_no_event(table: str) -> str:
    return (
        f"SELECT DISTINCT one.item FROM {table} AS one LEFT JOIN event ON event.mailbox = one.mailbox"  # noqa: S608 - constants
        " AND event.item = one.item WHERE one.mailbox = :mailbox AND event.item IS NULL ORDER BY one.item LIMIT :most"
    )


def _in_no_folder(table: str, named: str, folder: str) -> str:
    return (
        f"SELECT one.{named} FROM {table} AS one LEFT JOIN mail_folder AS other ON other.mailbox = one.mailbox"  # noqa: S608 - constants
        f" AND other.number = one.{folder} WHERE one.mailbox = :mailbox AND one.{folder} >= {MADE}"
        " AND other.number IS NULL AND NOT EXISTS (SELECT 1 FROM folder_work WHERE mailbox = one.mailbox)"
        f" ORDER BY one.{named} LIMIT :most"
    )


_CHECKS = (
    ("events whose newest change is another's", _without_change("event")),
    ("messages whose newest change is another's", _without_change("message")),
    ("events without what their organizer said", _without("event", "revision", "revision")),
    ("events without a name", _without("event", "meeting", "meeting")),
    ("messages without a letter", _without("message", "letter", "letter")),
    ("messages in no folder", _in_no_folder("message", "item", "folder")),
    ("folders in no folder", _in_no_folder("mail_folder", "number", "parent")),
    ("answers to no event", _of_no_event("response")),
    ("dates of no event", _of_no_event("own_date")),
)


def mailboxes(tx: Tx) -> list[int]:
    """Return every mailbox to which anything ever happened."""
    return [int(number) for (number,) in tx.rows(_MAILBOXES)]


def faults_of(tx: Tx, mailbox: int) -> list[str]:
    """Return what does not hold in a mailbox, in words.

    The numbers of its changes follow each other without a hole; every item has its newest change, unless that is not
    kept any more; nothing refers to what is not there.
    """
    count, oldest, newest = tx.row(_NUMBERS, mailbox=mailbox) or (0, None, None)
    found = []
    if count and count != newest - oldest + 1:
        found.append(f"mailbox {mailbox}: of the changes {oldest} to {newest} only {count} are there")
    for words, sql in _CHECKS:
        params = {"oldest": oldest or 0} if ":oldest" in sql else {}
        items = [str(item) for (item,) in tx.rows(sql, mailbox=mailbox, most=_MOST, **params)]
        if items:
            found.append(f"mailbox {mailbox}: {words}: {', '.join(items)}{', …' if len(items) == _MOST else ''}")
    return found
