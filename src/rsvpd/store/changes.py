"""The change log: every change of a mailbox has a number, and the number is the change key.

Clustered by mailbox and number, so that "what is new since" is one range. An item is named by
the number of the change that created it. Numbers of a mailbox follow each other; only the oldest may be
gone, and where an older copy of the data was put back there is a hole: no number is ever given twice, so that what was
given out meanwhile means nothing else later (`HISTORY_CONTINUES`, which says where the hole begins in `place_before`).
"""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable, Mapping

from msgspec import Struct

from rsvpd.clock import Instant
from rsvpd.query.algebra import MailboxState
from rsvpd.store.engine import Row
from rsvpd.store.tx import Tx


class ChangeKind(enum.IntEnum):
    """What happened to which kind of item; the number is stored."""

    EVENT_CREATED = 1
    EVENT_UPDATED = 2
    EVENT_DELETED = 3
    MESSAGE_CREATED = 4
    MESSAGE_UPDATED = 5
    MESSAGE_DELETED = 6
    MESSAGE_MOVED = 7
    PERMISSION_GIVEN = 8
    PERMISSION_TAKEN = 9
    SETTINGS_CHANGED = 10
    EVENT_MOVED = 11
    FOLDER_CREATED = 20
    FOLDER_UPDATED = 21
    FOLDER_MOVED = 22
    FOLDER_REMOVED = 23
    RULE_CREATED = 24
    RULE_UPDATED = 25
    RULE_REMOVED = 26
    OVERRIDE_CREATED = 27
    OVERRIDE_UPDATED = 28
    OVERRIDE_REMOVED = 29
    CALENDAR_CREATED = 30
    CALENDAR_UPDATED = 31
    CALENDAR_DELETED = 32
    CALENDAR_GROUP_CHANGED = 33
    CALENDAR_LISTED = 34
    PERSON_CREATED = 12
    PERSON_CHANGED = 13
    PERSON_REMOVED = 14
    HISTORY_CONTINUES = 40


class ItemKind(enum.Enum):
    """What a change is of."""

    EVENT = "event"
    MESSAGE = "message"
    PERMISSION = "permission"
    SETTINGS = "settings"
    FOLDER = "folder"
    RULE = "rule"
    OVERRIDE = "override"
    CALENDAR = "calendar"
    CALENDAR_GROUP = "group of calendars"
    CALENDAR_LIST = "list of calendars"
    PERSON = "person"


class ChangeAction(enum.Enum):
    """What became of an item."""

    CREATED = "created"
    UPDATED = "updated"
    MOVED = "moved"
    REMOVED = "removed"


_MEANING = {
    ChangeKind.EVENT_CREATED: (ItemKind.EVENT, ChangeAction.CREATED),
    ChangeKind.EVENT_UPDATED: (ItemKind.EVENT, ChangeAction.UPDATED),
    ChangeKind.EVENT_DELETED: (ItemKind.EVENT, ChangeAction.REMOVED),
    ChangeKind.EVENT_MOVED: (ItemKind.EVENT, ChangeAction.MOVED),
    ChangeKind.MESSAGE_CREATED: (ItemKind.MESSAGE, ChangeAction.CREATED),
    ChangeKind.MESSAGE_UPDATED: (ItemKind.MESSAGE, ChangeAction.UPDATED),
    ChangeKind.MESSAGE_DELETED: (ItemKind.MESSAGE, ChangeAction.REMOVED),
    ChangeKind.MESSAGE_MOVED: (ItemKind.MESSAGE, ChangeAction.MOVED),
    ChangeKind.PERMISSION_GIVEN: (ItemKind.PERMISSION, ChangeAction.UPDATED),
    ChangeKind.PERMISSION_TAKEN: (ItemKind.PERMISSION, ChangeAction.REMOVED),
    ChangeKind.SETTINGS_CHANGED: (ItemKind.SETTINGS, ChangeAction.UPDATED),
    ChangeKind.FOLDER_CREATED: (ItemKind.FOLDER, ChangeAction.CREATED),
    ChangeKind.FOLDER_UPDATED: (ItemKind.FOLDER, ChangeAction.UPDATED),
    ChangeKind.FOLDER_MOVED: (ItemKind.FOLDER, ChangeAction.MOVED),
    ChangeKind.FOLDER_REMOVED: (ItemKind.FOLDER, ChangeAction.REMOVED),
    ChangeKind.RULE_CREATED: (ItemKind.RULE, ChangeAction.CREATED),
    ChangeKind.RULE_UPDATED: (ItemKind.RULE, ChangeAction.UPDATED),
    ChangeKind.RULE_REMOVED: (ItemKind.RULE, ChangeAction.REMOVED),
    ChangeKind.OVERRIDE_CREATED: (ItemKind.OVERRIDE, ChangeAction.CREATED),
    ChangeKind.OVERRIDE_UPDATED: (ItemKind.OVERRIDE, ChangeAction.UPDATED),
    ChangeKind.OVERRIDE_REMOVED: (ItemKind.OVERRIDE, ChangeAction.REMOVED),
    ChangeKind.CALENDAR_CREATED: (ItemKind.CALENDAR, ChangeAction.CREATED),
    ChangeKind.CALENDAR_UPDATED: (ItemKind.CALENDAR, ChangeAction.UPDATED),
    ChangeKind.CALENDAR_DELETED: (ItemKind.CALENDAR, ChangeAction.REMOVED),
    ChangeKind.CALENDAR_GROUP_CHANGED: (ItemKind.CALENDAR_GROUP, ChangeAction.UPDATED),
    ChangeKind.CALENDAR_LISTED: (ItemKind.CALENDAR_LIST, ChangeAction.UPDATED),
    ChangeKind.PERSON_CREATED: (ItemKind.PERSON, ChangeAction.CREATED),
    ChangeKind.PERSON_CHANGED: (ItemKind.PERSON, ChangeAction.UPDATED),
    ChangeKind.PERSON_REMOVED: (ItemKind.PERSON, ChangeAction.REMOVED),
}


_PLACED = frozenset({ItemKind.EVENT, ItemKind.MESSAGE})


class Trace(Struct, frozen=True):
    """Where a change was: `place` is the folder of a message, that in which a folder stands, of an event its calendar
    and State (calendar/calendars.py), of a permission the calendar where that is not the default one.

    `place_before` is set where it was somewhere else, and `moves_before` then is how often a message had been moved,
    which its id is made of. `first` and `last` bound the time that an event took or takes, in microseconds UTC.
    """

    place: int | None = None
    place_before: int | None = None
    moves_before: int | None = None
    first: Instant | None = None
    last: Instant | None = None


NOWHERE = Trace()
SETTINGS = 0  # the number of the settings of a mailbox
DIRECTORY = 0  # the mailbox of nobody, in which people come, change and go


class Change(Struct, frozen=True):
    """What became of one item since some number: its newest change (`number`), and where it was then and is now.

    `begins` is the number of its first change since; `trace` is what all of them come to, `traces` has each of them. A
    permission is named by the number of who has it, a folder and a calendar by their own, the settings of a mailbox by
    0, its list of calendars by whose calendar it is, a person by the own number.
    """

    item: int
    kind: ItemKind
    happened: ChangeAction
    number: int
    trace: Trace
    begins: int
    traces: tuple[Trace, ...]


class Feed(Struct, frozen=True):
    """Changes, each item once, in the order of their newest numbers. Whoever goes on asks since `reached`."""

    changes: tuple[Change, ...]
    reached: int
    is_all: bool


_NEWEST = "SELECT max(number) FROM change WHERE mailbox = :mailbox"
_NEWEST_OF = (
    "SELECT one.value, (SELECT max(number) FROM change WHERE mailbox = one.value)"
    " FROM json_each(:mailboxes) AS one"
)
_RECORD = (
    "INSERT INTO change (mailbox, number, item, kind, place, place_before, moves_before, from_us, until_us)"
    " VALUES (:mailbox, :number, :item, :kind, :place, :place_before, :moves_before, :first, :last)"
)
_SINCE = (
    "SELECT number, item, kind, place, place_before, moves_before, from_us, until_us FROM change"
    " WHERE mailbox = :mailbox AND number > :number ORDER BY number LIMIT :most"
)
_IS_KEPT = "SELECT 1 FROM change WHERE mailbox = :mailbox AND number = :number"
_GIVEN = (
    "SELECT number, (SELECT max(number) FROM change WHERE mailbox = one.number)"
    " FROM (SELECT number FROM person UNION ALL SELECT 0) AS one"
)
_TRIM = (
    "DELETE FROM change WHERE mailbox = :mailbox AND number < :before",
    "DELETE FROM former_dates WHERE mailbox = :mailbox AND change < :before",
)
# Of as many changes a mailbox keeps what happened, and of a slice more at times: so much goes together.
KEPT, SLICE = 50_000, 5_000
# Two looks into the index for each person and the directory: a walk through all changes would hold up every start.
_TO_TRIM = (
    "SELECT mailbox, oldest, newest FROM (SELECT number AS mailbox,"
    " (SELECT min(number) FROM change WHERE mailbox = one.number) AS oldest,"
    " (SELECT max(number) FROM change WHERE mailbox = one.number) AS newest"
    " FROM (SELECT number FROM person UNION ALL SELECT 0) AS one) AS known"
    " WHERE newest - oldest >= :kept LIMIT 1"
)


def newest_of(tx: Tx, mailboxes: Iterable[int]) -> dict[int, int]:
    """Return the number of the newest change of each of some mailboxes, for who only reads; 0 where there is none."""
    names = sorted(set(mailboxes))
    if not names:
        return {}
    found = {int(mailbox): int(number or 0) for mailbox, number in tx.rows(_NEWEST_OF, mailboxes=json.dumps(names))}
    return {mailbox: found.get(mailbox, 0) for mailbox in names}


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


def record_created(tx: Tx, mailbox: int, kind: ChangeKind, trace: Trace = NOWHERE, *, beyond: int = 0) -> int:
    """Record that an item comes to be and return the change's number, which is the item's as well.

    Where the numbers of items of this kind begin `beyond` some, the item's is so much more.
    """
    return _record(tx, mailbox, None, kind, trace, beyond)


def record_change(tx: Tx, mailbox: int, item: int, kind: ChangeKind, trace: Trace = NOWHERE) -> int:
    """Record a change of `item` and return its number."""
    return _record(tx, mailbox, item, kind, trace)


def since(tx: Tx, mailbox: int, number: int, *, most: int) -> Feed | None:
    """Return what changed after the change of this number, looking at no more than `most` changes.

    None where whoever asks has to begin anew: what happened next is not kept any more or does not say where it was (it
    is of an earlier version), or the number is of another story, as where an older copy of the data was put back.
    """
    tx.work.spend(most)
    rows = tx.rows(_SINCE, mailbox=mailbox, number=number, most=most)
    if not rows:
        return Feed((), number, is_all=True) if newest(tx, mailbox) == number else None
    if not follows(tx, mailbox, number, rows[0][0]) or any(map(_is_of_before, rows)):
        return None
    found: dict[tuple[ItemKind, int], Change | None] = {}
    for row in rows:
        if row[2] == ChangeKind.HISTORY_CONTINUES:
            continue
        change = _decode_row(row)
        key = change.kind, change.item
        found[key] = _merge_changes(found.pop(key, None), change)
    changes = tuple(change for change in found.values() if change is not None)
    return Feed(changes, rows[-1][0], is_all=len(rows) < most)


def follows(tx: Tx, mailbox: int, number: int, following: int) -> bool:
    """Return whether a change, the first that is kept after some number, is what came next."""
    return following == number + 1 or tx.row(_IS_KEPT, mailbox=mailbox, number=number) is not None


def last_numbers(tx: Tx) -> dict[int, int]:
    """Return the greatest number that was given in each mailbox, that of the directory among them."""
    return {int(mailbox): int(number or 0) for mailbox, number in tx.rows(_GIVEN)}


def go_on_above(tx: Tx, before: Mapping[int, int]) -> None:
    """Leave out the numbers that were given already, in data that were put in the place of others."""
    for mailbox, number in last_numbers(tx).items():
        if number < before.get(mailbox, 0):
            tx.numbers[mailbox] = before[mailbox] + 1
            _record(tx, mailbox, 0, ChangeKind.HISTORY_CONTINUES, Trace(place_before=number))


def begin_anew_above(tx: Tx, before: Mapping[int, int]) -> None:
    """Leave out the numbers that were given already, and forget what happened so far: it never did for anybody."""
    for mailbox, number in last_numbers(tx).items():
        tx.numbers[mailbox] = max(number, before.get(mailbox, 0)) + 1
        _trim(tx, mailbox, _record(tx, mailbox, 0, ChangeKind.HISTORY_CONTINUES, NOWHERE))


def trim(tx: Tx, kept: int = KEPT) -> bool:
    """Forget a slice of the oldest changes of a mailbox that keeps more than it should; return whether there was one.

    At least the newest is kept: `kept` is 1 or more.
    """
    found = tx.row(_TO_TRIM, kept=kept)
    if found is None:
        return False
    mailbox, oldest, last = found
    _trim(tx, mailbox, min(oldest + SLICE, last - kept + 1))
    return True


def _trim(tx: Tx, mailbox: int, before: int) -> None:
    for sql in _TRIM:
        tx.write(sql, mailbox=mailbox, before=before)


def _merge_changes(before: Change | None, change: Change) -> Change | None:
    """Return what two changes of an item come to; None where it came and went."""
    if before is None:
        return change
    trace = Trace(
        place=change.trace.place if change.trace.place is not None else before.trace.place,
        place_before=_first(before.trace.place_before, change.trace.place_before),
        moves_before=_first(before.trace.moves_before, change.trace.moves_before),
        first=_least(before.trace.first, change.trace.first),
        last=_greatest(before.trace.last, change.trace.last),
    )
    happened = change.happened
    if before.happened is ChangeAction.CREATED:
        if happened is ChangeAction.REMOVED:
            return None
        # Where it was before nobody who asks knows.
        happened, trace = ChangeAction.CREATED, Trace(place=trace.place, first=trace.first, last=trace.last)
    elif before.happened is ChangeAction.MOVED and happened is ChangeAction.UPDATED:
        happened = ChangeAction.MOVED
    traces = before.traces + change.traces
    return Change(change.item, change.kind, happened, change.number, trace, before.begins, traces)


def _first(one: int | None, other: int | None) -> int | None:
    return other if one is None else one


def _least(one: Instant | None, other: Instant | None) -> Instant | None:
    return min(one, other) if one is not None and other is not None else _first(one, other)


def _greatest(one: Instant | None, other: Instant | None) -> Instant | None:
    return max(one, other) if one is not None and other is not None else _first(one, other)


def _decode_row(row: Row) -> Change:
    number, item, kind, *trace = row
    of, happened = _MEANING[ChangeKind(kind)]
    traced = Trace(*trace)
    return Change(item, of, happened, number, traced, number, (traced,))


def _is_of_before(row: Row) -> bool:
    """Return whether a change of an event or a message does not say where that is or was."""
    _, _, kind, place, place_before, *_ = row
    return place is None and place_before is None and _MEANING[ChangeKind(kind)][0] in _PLACED


def _record(tx: Tx, mailbox: int, item: int | None, kind: ChangeKind, trace: Trace, beyond: int = 0) -> int:
    if mailbox not in tx.numbers:
        expect(tx, (mailbox,))
    tx.numbers[mailbox] = number = tx.numbers[mailbox] + 1
    if number % SLICE == 0 and number > KEPT:
        _trim(tx, mailbox, number - KEPT + 1)
    tx.add(
        _RECORD,
        mailbox=mailbox,
        number=number,
        item=beyond + number if item is None else item,
        kind=int(kind),
        place=trace.place,
        place_before=trace.place_before,
        moves_before=trace.moves_before,
        first=trace.first,
        last=trace.last,
    )
    return number
