"""What must hold between the tables, looked at mailbox by mailbox: nothing of it is ever repaired in silence."""

from __future__ import annotations

from rsvpd.calendar.calendars import DEFAULT_CALENDAR, OTHER_CALENDARS
from rsvpd.calendar.event import State
from rsvpd.mail.folder import MADE
from rsvpd.store.changes import ChangeKind
from rsvpd.store.tx import Tx

_MOST = 5  # of a kind that are named
_MAILBOXES = "SELECT DISTINCT mailbox FROM change ORDER BY mailbox"
_NUMBERS = "SELECT count(*), min(number), max(number) FROM change WHERE mailbox = :mailbox"
_LEFT_OUT = (
    "SELECT COALESCE(sum(number - place_before - 1), 0) FROM change WHERE mailbox = :mailbox AND kind = :kind"
    " AND place_before >= :oldest"
)


def _without_change(table: str, key: str = "item") -> str:
    """Return the statement for items whose newest change is not theirs, as far as changes are kept."""
    return (
        f"SELECT one.{key} FROM {table} AS one LEFT JOIN change AS own"  # noqa: S608 - constants
        f" ON own.mailbox = one.mailbox AND own.number = one.change AND own.item = one.{key}"
        f" WHERE one.mailbox = :mailbox AND one.change >= :oldest AND own.number IS NULL ORDER BY one.{key} LIMIT :most"
    )


def _orphans_sql(table: str, other: str, key: str, named: str = "number") -> str:
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


def _of_no_calendar(shown: str, table: str, owner: str, where: str = "1 = 1") -> str:
    """Return the statement for what belongs to a calendar, not the default one, that is not there."""
    return (
        f"SELECT DISTINCT {shown} FROM {table} AS one LEFT JOIN calendar ON calendar.mailbox = one.{owner}"  # noqa: S608 - constants
        f" AND calendar.number = one.calendar WHERE one.{owner} = :mailbox AND one.calendar <> {DEFAULT_CALENDAR:d}"
        f" AND {where} AND calendar.number IS NULL ORDER BY {shown} LIMIT :most"
    )


# What is not deleted, and is not about to be.
_LEFT = (
    f"one.state <> {State.DELETED:d} AND NOT EXISTS (SELECT 1 FROM calendar_emptying AS other"  # noqa: S608 - constants
    " WHERE other.mailbox = :mailbox AND other.calendar = one.calendar AND one.item <= other.until_item)"
)
_CHECKS = (
    ("events whose newest change is another's", _without_change("event")),
    ("messages whose newest change is another's", _without_change("message")),
    ("events without what their organizer said", _orphans_sql("event", "revision", "revision")),
    ("events without a name", _orphans_sql("event", "meeting", "meeting")),
    ("messages without a letter", _orphans_sql("message", "letter", "letter")),
    ("messages in no folder", _in_no_folder("message", "item", "folder")),
    ("folders in no folder", _in_no_folder("mail_folder", "number", "parent")),
    ("answers to no event", _of_no_event("response")),
    ("dates of no event", _of_no_event("own_date")),
    ("calendars whose newest change is another's", _without_change("calendar", "number")),
    ("groups of calendars whose newest change is another's", _without_change("calendar_group", "number")),
    ("events in no calendar", _of_no_calendar("one.item", "event", "mailbox", _LEFT)),
    ("permissions of no calendar", _of_no_calendar("one.calendar", "permission", "mailbox")),
    ("entries in lists of no calendar", _of_no_calendar("one.calendar", "calendar_entry", "owner")),
    (
        "calendars in no group",
        "SELECT one.number FROM calendar AS one LEFT JOIN calendar_group AS own"  # noqa: S608 - constants
        " ON own.mailbox = one.mailbox AND own.number = one.calendar_group WHERE one.mailbox = :mailbox"
        f" AND one.calendar_group > {OTHER_CALENDARS:d} AND own.number IS NULL ORDER BY one.number LIMIT :most",
    ),
)


# Who refers to contents by a number of the own table: what it is called, the table, store.contents.HolderKind.
_HOLDERS = (
    ("letter", "letter", 1), ("revision", "revision", 2), ("message to leave", "outbox", 4), ("upload", "upload", 5),
)  # fmt: skip
_CONTENTS = (
    (
        "contents whose holders are not as many as counted",
        "SELECT one.number FROM content AS one LEFT JOIN"
        " (SELECT content, count(*) AS known FROM content_holder GROUP BY content) AS held ON held.content = one.number"
        " WHERE one.holders <> coalesce(held.known, 0) OR one.holders = 0 ORDER BY one.number LIMIT :most",
    ),
    (
        "contents that are not as long as they say",
        "SELECT one.number FROM content AS one LEFT JOIN"
        " (SELECT content, sum(length(data)) AS bytes FROM content_piece GROUP BY content) AS held"
        " ON held.content = one.number WHERE one.digest IS NOT NULL AND one.size <> coalesce(held.bytes, 0)"
        " ORDER BY one.number LIMIT :most",
    ),
    (
        "contents that are referred to and not there",
        "SELECT DISTINCT one.content FROM content_holder AS one LEFT JOIN content ON content.number = one.content"
        " WHERE content.number IS NULL ORDER BY one.content LIMIT :most",
    ),
    *(
        (
            f"contents of a {words} that is not there",
            f"SELECT DISTINCT one.content FROM content_holder AS one LEFT JOIN {table} ON {table}.number = one.holder"  # noqa: S608 - constants
            f" WHERE one.kind = {kind:d} AND {table}.number IS NULL ORDER BY one.content LIMIT :most",
        )
        for words, table, kind in _HOLDERS
    ),
    (
        "contents of a copy that is not there",
        "SELECT DISTINCT one.content FROM content_holder AS one LEFT JOIN event"
        " ON event.mailbox = one.mailbox AND event.item = one.holder"
        " WHERE one.kind = 3 AND event.item IS NULL ORDER BY one.content LIMIT :most",
    ),
)


def mailboxes(tx: Tx) -> list[int]:
    """Return every mailbox to which anything ever happened."""
    return [int(number) for (number,) in tx.rows(_MAILBOXES)]


def faults_of_contents(tx: Tx) -> list[str]:
    """Return what does not hold of what is attached, in words: each content is whole, and held by whom it says."""
    found = []
    for words, sql in _CONTENTS:
        numbers = [str(number) for (number,) in tx.rows(sql, most=_MOST)]
        if numbers:
            found.append(f"{words}: {', '.join(numbers)}{', …' if len(numbers) == _MOST else ''}")
    return found


def _count_skipped_numbers(tx: Tx, mailbox: int, oldest: int) -> int:
    """Return how many numbers were left out since some change, as others had them."""
    kind = int(ChangeKind.HISTORY_CONTINUES)
    (found,) = tx.row(_LEFT_OUT, mailbox=mailbox, kind=kind, oldest=oldest) or (0,)
    return int(found)


def faults_of(tx: Tx, mailbox: int) -> list[str]:
    """Return what does not hold in a mailbox, in words.

    The numbers of its changes follow each other, but for what is known to be left out; every item has its newest
    change, unless that is not kept any more; nothing refers to what is not there.
    """
    count, oldest, newest = tx.row(_NUMBERS, mailbox=mailbox) or (0, None, None)
    found = []
    if count and count + _count_skipped_numbers(tx, mailbox, oldest) != newest - oldest + 1:
        found.append(f"mailbox {mailbox}: of the changes {oldest} to {newest} only {count} are there")
    for words, sql in _CHECKS:
        params = {"oldest": oldest or 0} if ":oldest" in sql else {}
        items = [str(item) for (item,) in tx.rows(sql, mailbox=mailbox, most=_MOST, **params)]
        if items:
            found.append(f"mailbox {mailbox}: {words}: {', '.join(items)}{', …' if len(items) == _MOST else ''}")
    return found
