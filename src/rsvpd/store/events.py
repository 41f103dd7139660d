"""Meetings in the data file: one row for each mailbox's copy."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from itertools import chain
from operator import itemgetter
from typing import Any

import msgspec
from msgspec import structs

from rsvpd.calendar.event import Meeting, MeetingKey, State
from rsvpd.calendar.series import is_partial, shown, span
from rsvpd.clock import Instant
from rsvpd.scheduling.effects import PutMeeting, TrackAnswer
from rsvpd.store import changes
from rsvpd.store.changes import ChangeKind
from rsvpd.store.guests import Rosters, is_long, joined, split, track, write
from rsvpd.store.tx import Row, Tx
from rsvpd.timezones.zone import to_instant

DEFAULT_CALENDAR = 1
NO_END = 2**62
# What lasts no longer than this is found by where it begins (schema/0005_list_indexes.sql has the number too).
SHORT = 172_800_000_000
# What a row is when it is not one event alone: a series, or a guest's copy of single occurrences of one.
_SERIES, _PARTIAL = 1, 2
# What reading a copy costs, in steps: each, and for so many bytes of it.
_READ, _BYTES_A_STEP = 20, 50

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Meeting).decode
_rosters_to = msgspec.json.Encoder().encode
_rosters_from = msgspec.json.Decoder(Rosters).decode

_COLUMNS = "item, change, state, modified_us, is_namesake, rosters, data"

_BY_ITEM = f"SELECT {_COLUMNS} FROM event WHERE mailbox = :mailbox AND item = :item"  # noqa: S608 - a constant
_BY_UID = (
    f"SELECT {_COLUMNS} FROM event WHERE mailbox = :mailbox AND uid = :uid AND is_namesake = 0"  # noqa: S608 - a constant
)
_BY_KEY = (
    f"SELECT {_COLUMNS} FROM event WHERE mailbox = :mailbox"  # noqa: S608 - a constant
    " AND uid = :uid AND organizer_fold = :organizer"
)
_BY_TRANSACTION = (
    f"SELECT {_COLUMNS} FROM event WHERE mailbox = :mailbox"  # noqa: S608 - a constant
    " AND transaction_id = :transaction_id"
)
_KEYS = "SELECT item, change, NULL FROM event WHERE mailbox = :mailbox"
_COUNT = "SELECT count(*) FROM event WHERE mailbox = :mailbox"
_ITEM = "SELECT item FROM event WHERE mailbox = :mailbox AND uid = :uid AND organizer_fold = :organizer"
_WITH_UID = "SELECT 1 FROM event WHERE mailbox = :mailbox AND uid = :uid LIMIT 1"
_STAMPS = "SELECT state, dtstamp_us FROM event WHERE mailbox = :mailbox AND item = :item"
_INSERT = (
    "INSERT INTO event (mailbox, item, change, state, calendar, uid, organizer_fold, is_namesake, begins_us,"
    " start_us, end_us, is_series, dtstamp_us, created_us, modified_us, subject_fold, transaction_id, rosters, data)"
    " VALUES (:mailbox, :item, :item, :state, :calendar, :uid, :organizer,"
    " EXISTS (SELECT 1 FROM event WHERE mailbox = :mailbox AND uid = :uid), :begins,"
    " :start, :end, :series, :dtstamp, :created, :modified, :subject, :transaction_id, :rosters, :data)"
)
_TIMES = "SELECT begins_us, start_us, end_us FROM event WHERE mailbox = :mailbox AND item = :item"
_UPDATE = (
    "UPDATE event SET change = :change, state = :state, is_series = :series, dtstamp_us = :dtstamp,"
    " modified_us = :modified, subject_fold = :subject, rosters = :rosters, data = :data"
    " WHERE mailbox = :mailbox AND item = :item"
)
_MOVE = (
    "UPDATE event SET begins_us = :begins, start_us = :start, end_us = :end"
    " WHERE mailbox = :mailbox AND item = :item"
)
_SHORT = (
    "SELECT start_us, item FROM event WHERE mailbox = :mailbox AND end_us - start_us <= 172800000000"
    " AND start_us >= :short_from AND start_us < :until AND end_us >= :since"
)
_LONG = (
    "SELECT start_us, item FROM event WHERE mailbox = :mailbox AND end_us - start_us > 172800000000"
    " AND start_us < :until AND end_us >= :since"
)
# What stands at one place for every reader, and not long: timed, without occurrences. Dates are stored as from
# midnight UTC, and so may be what is timed like one.
_SINGLE = (
    "is_series = 0 AND end_us - start_us <= 172800000000"
    " AND (start_us % 86400000000 <> 0 OR end_us % 86400000000 <> 0)"
)
_SINGLES = (
    f"SELECT item, change, NULL, start_us FROM event WHERE mailbox = :mailbox AND {_SINGLE}"  # noqa: S608 - a constant
    " AND start_us >= :first AND start_us < :until AND (end_us > :since OR end_us = start_us AND start_us >= :since)"
    " AND (start_us > :first OR item > :after_item)"
)
_TOUCH = "UPDATE event SET change = :change, modified_us = :modified WHERE mailbox = :mailbox AND item = :item"


BUT_SINGLES = f"NOT ({_SINGLE})"


# What names one state of what a list shows: the copy's item, its newest change (another with every change of anything
# in it), and the recurrence id of an occurrence.
EventKey = tuple[int, int, str | None]


class EventRow(msgspec.Struct, frozen=True):
    """A stored copy: its number, its newest change, where it stands, and the meeting.

    `rosters` is set where the meeting has long guest lists; `by_key` can leave them out of `meeting`.
    `is_namesake`: an event of another organizer had the UID before in this mailbox.
    """

    item: int
    change: int
    state: State
    meeting: Meeting
    rosters: Rosters | None = None
    is_namesake: bool = False


def by_item(tx: Tx, mailbox: int, item: int, *, whole: bool = True) -> EventRow | None:
    """Return a copy by its number; if not `whole`, without long guest lists."""
    row = tx.row(_BY_ITEM, mailbox=mailbox, item=item)
    if row is None or whole:
        return _row(tx, mailbox, row)
    return _slim(row)


def by_key(tx: Tx, mailbox: int, key: MeetingKey, *, whole: bool = True) -> EventRow | None:
    """Return the copy of a meeting in `mailbox`; if not `whole`, without long guest lists."""
    row = tx.row(_BY_KEY, mailbox=mailbox, uid=key.uid, organizer=key.organizer)
    if row is None or whole:
        return _row(tx, mailbox, row)
    return _slim(row)


def by_uid(tx: Tx, mailbox: int, uid: str) -> EventRow | None:
    """Return the copy that had this UID first in `mailbox`, whoever its organizer is."""
    return _row(tx, mailbox, tx.row(_BY_UID, mailbox=mailbox, uid=uid))


def has_uid(tx: Tx, mailbox: int, uid: str) -> bool:
    """Return whether anything in `mailbox` has this UID."""
    return tx.row(_WITH_UID, mailbox=mailbox, uid=uid) is not None


def by_transaction(tx: Tx, mailbox: int, transaction_id: str) -> EventRow | None:
    """Return the copy that was created under a client's transaction id."""
    return _row(tx, mailbox, tx.row(_BY_TRANSACTION, mailbox=mailbox, transaction_id=transaction_id))


def find(tx: Tx, mailbox: int, where: str, tail: str, **params: object) -> Iterable[EventRow]:
    """Yield the copies for which the SQL condition `where` holds; `tail` orders and limits."""
    # Keys first: what is sorted without an index would else be sorted with all its content.
    found = keys(tx, mailbox, where, tail, **params)
    return filter(None, (by_item(tx, mailbox, item) for item, _, _ in found))


def keys(tx: Tx, mailbox: int, where: str, tail: str, **params: object) -> Iterable[EventKey]:
    """Yield the keys of what `find` finds, each as a whole, without looking at content."""
    found: Iterable[Any] = tx.stream(f"{_KEYS} AND ({where}) {tail}", mailbox=mailbox, **params)
    return found


def singles(
    tx: Tx,
    mailbox: int,
    since: Instant,
    until: Instant,
    where: str,
    *,
    after: tuple[Instant, int] | None,
    most: int,
    **params: object,
) -> list[tuple[EventKey, Instant]]:
    """Return the keys of single events of at most two days that take place in [since, until), and where they begin.

    They come in the order of that and of their numbers, no more than `most`, from `after` such a place on. All-day
    events are not among them: where these stand depends on who looks.
    """
    first, item = max(after, (since - SHORT, 0)) if after else (since - SHORT, 0)
    values = {"mailbox": mailbox, "since": since, "until": until, "first": first, "after_item": item, **params}
    found = tx.rows(f"{_SINGLES} AND ({where}) ORDER BY start_us, item LIMIT :most", most=most, **values)
    return [(row[:3], row[3]) for row in found]


def overlapping(
    tx: Tx, mailbox: int, since: Instant, until: Instant, where: str, **params: object
) -> Iterator[tuple[Instant, int]]:
    """Yield where copies begin that end at or after `since` and begin before `until`, in order, and their numbers.

    All-day events are stored as from midnight UTC. `BUT_SINGLES` as part of `where` leaves out what `singles` has.
    """
    values = {"mailbox": mailbox, "since": since, "until": until, "short_from": since - SHORT, **params}
    # No more order than the indexes have: else all would be read to be sorted.
    tail = f"AND ({where}) ORDER BY start_us"
    found = tx.stream(f"{_SHORT} {tail}", **values), tx.stream(f"{_LONG} {tail}", **values)
    return heapq.merge(*found, key=itemgetter(0))


def overlapping_backwards(
    tx: Tx, mailbox: int, since: Instant, until: Instant, where: str, **params: object
) -> Iterator[tuple[Instant, int]]:
    """Yield after which instant nothing of a copy begins, and the copy's number, the last first.

    The copies are those of `overlapping`.
    """
    values = {"mailbox": mailbox, "since": since, "until": until, "short_from": since - SHORT, **params}
    tail = f"AND ({where}) ORDER BY start_us DESC"
    long = sorted(((NO_END, item) for _, item in tx.stream(f"{_LONG} {tail}", **values)), reverse=True)
    short = ((start + SHORT, item) for start, item in tx.stream(f"{_SHORT} {tail}", **values))
    return chain(long, short)


def count(tx: Tx, mailbox: int, where: str, **params: object) -> int:
    """Return how many copies there are for which the SQL condition `where` holds."""
    row = tx.row(f"{_COUNT} AND ({where})", mailbox=mailbox, **params)
    return int(row[0]) if row else 0


def item_of(tx: Tx, mailbox: int, key: MeetingKey) -> int:
    """Return the number of the copy of a meeting in `mailbox`, or 0."""
    row = tx.row(_ITEM, mailbox=mailbox, uid=key.uid, organizer=key.organizer)
    return int(row[0]) if row else 0


def stamps(tx: Tx, mailbox: int, item: int) -> tuple[State, int] | None:
    """Return where a copy stands and which revision it shows, without its content."""
    row = tx.row(_STAMPS, mailbox=mailbox, item=item)
    return (State(row[0]), int(row[1])) if row else None


def put(tx: Tx, effect: PutMeeting) -> int:
    """Write a copy and its change; return the item's number."""
    meeting, mailbox = effect.meeting, effect.mailbox
    stands = shown(meeting)
    front = stands.event if stands else meeting.event
    slim, rosters, pieces = split(tx, meeting) if is_long(meeting) else (meeting, None, {})
    start, end = span(meeting)
    values = {
        "mailbox": mailbox,
        "state": int(effect.state),
        "begins": to_instant(front.start),
        "start": start,
        "end": NO_END if end is None else end,
        "series": 0 if meeting.recurrence is None else _PARTIAL if is_partial(meeting) else _SERIES,
        "dtstamp": meeting.dtstamp,
        "modified": meeting.modified,
        "subject": front.subject.casefold(),
        "rosters": _rosters_to(rosters).decode() if rosters else None,
        "data": _encode(slim),
    }
    if effect.item is not None:
        gone = effect.state is not State.LIVE
        kind = ChangeKind.EVENT_DELETED if gone else ChangeKind.EVENT_UPDATED
        change = changes.changed(tx, mailbox, effect.item, kind)
        # Indexes lead by times, which rarely change: what is not written does not have to be sorted in again.
        times = (values.pop("begins"), values.pop("start"), values.pop("end"))
        if times != tx.row(_TIMES, mailbox=mailbox, item=effect.item):
            tx.run(_MOVE, mailbox=mailbox, item=effect.item, begins=times[0], start=times[1], end=times[2])
        tx.run(_UPDATE, item=effect.item, change=change, **values)
        write(tx, mailbox, effect.item, pieces)
        return effect.item
    item = changes.created(tx, mailbox, ChangeKind.EVENT_CREATED)
    tx.run(
        _INSERT,
        item=item,
        calendar=DEFAULT_CALENDAR,
        uid=meeting.uid,
        organizer=meeting.key.organizer,
        created=meeting.created,
        transaction_id=meeting.transaction_id,
        **values,
    )
    write(tx, mailbox, item, pieces)
    return item


def track_answer(tx: Tx, effect: TrackAnswer) -> None:
    """Note an answer beside a copy with long guest lists, without reading them."""
    row = tx.row(_BY_ITEM, mailbox=effect.mailbox, item=effect.item)
    rosters = _slim(row).rosters if row else None
    if rosters and track(tx, effect.mailbox, effect.item, rosters, effect.reply):
        change = changes.changed(tx, effect.mailbox, effect.item, ChangeKind.EVENT_UPDATED)
        tx.run(_TOUCH, mailbox=effect.mailbox, item=effect.item, change=change, modified=effect.reply.dtstamp)


def organizer_of(data: bytes) -> str:
    """Return the folded address of the organizer of stored content."""
    return _decode(data).key.organizer


def holds_dates_only(data: bytes) -> bool:
    """Return whether stored content is a guest's copy of single occurrences."""
    return is_partial(_decode(data))


# What the steps of the schema ask about stored content, by the names they have in SQL.
ABOUT_CONTENT = {"organizer_of": organizer_of, "holds_dates_only": holds_dates_only}


def _row(tx: Tx, mailbox: int, row: Row | None) -> EventRow | None:
    return _whole(tx, mailbox, row) if row else None


def _whole(tx: Tx, mailbox: int, row: Row) -> EventRow:
    tx.work.spend(_READ + len(row[-1]) // _BYTES_A_STEP)
    slim = _slim(row)
    if slim.rosters is None:
        return slim
    meeting = joined(tx, mailbox, slim.item, slim.meeting, slim.rosters)
    return structs.replace(slim, meeting=meeting)


def _slim(row: Row) -> EventRow:
    item, change, state, modified, is_namesake, rosters, data = row
    meeting = _decode(data)
    if rosters is None:
        return EventRow(item, change, State(state), meeting, None, bool(is_namesake))
    # Answers beside the row move its time without touching its content.
    meeting = structs.replace(meeting, modified=modified)
    return EventRow(item, change, State(state), meeting, _rosters_from(rosters), bool(is_namesake))
