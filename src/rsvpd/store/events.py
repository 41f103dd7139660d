"""Meetings in the data file: one row for each mailbox's copy."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import structs

from rsvpd.calendar.calendars import DEFAULT_CALENDAR, place_of
from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import Copy, OwnPart
from rsvpd.calendar.event import Meeting, MeetingKey, State
from rsvpd.calendar.series import is_partial, representative, span
from rsvpd.clock import Instant
from rsvpd.mail.attachment import content_digests
from rsvpd.scheduling.effects import PutCopy, TrackAnswer
from rsvpd.store import changes, contents, dates, former_dates, responses, revisions
from rsvpd.store.changes import ChangeKind
from rsvpd.store.contents import ContentHolder, HolderKind
from rsvpd.store.engine import Row
from rsvpd.store.terms import among
from rsvpd.store.tx import Tx
from rsvpd.timezones.zone import to_instant

NO_END = 2**62
# What lasts no longer than this is found by where it begins (schema/0010_meetings.sql has the number too).
SHORT = 172_800_000_000
# What a row is when it is not one event alone: a series, or a guest's copy of single occurrences of one.
_SERIES, _PARTIAL = 1, 2
# What reading a copy costs, in steps: each, and for so many bytes of it.
_READ, _BYTES_A_STEP = 20, 50

# What begins the keys of events as they were seen; and about what one takes in memory, and each guest in it.
_SEEN = "event"
_EVENT_BYTES, _GUEST_BYTES = 2000, 250

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(OwnPart).decode
_OWN = tuple(name for name in OwnPart.__struct_fields__ if name != "modified")
_own_members = attrgetter(*_OWN)

_COLUMNS = (
    "mailbox, item, begins_us, start_us, end_us, revision, change, state, calendar, modified_us, is_namesake,"
    " has_responses, has_dates, data"
)

_BY_ITEM = f"SELECT {_COLUMNS} FROM event WHERE mailbox = :mailbox AND item = :item"  # noqa: S608 - a constant
_WITH_UID = "FROM meeting JOIN event ON meeting = number WHERE uid = :uid AND mailbox = :mailbox"
_BY_UID = f"SELECT {_COLUMNS} {_WITH_UID} AND is_namesake = 0"
_MEETING = "(SELECT number FROM meeting WHERE uid = :uid AND organizer_fold = :organizer)"
_BY_KEY = f"SELECT {_COLUMNS} FROM event WHERE mailbox = :mailbox AND meeting = {_MEETING}"  # noqa: S608 - a constant
_BY_KEYS = (
    f"SELECT {_COLUMNS} FROM json_each(:mailboxes) AS one CROSS JOIN event"  # noqa: S608 - a constant
    f" WHERE mailbox = one.value AND meeting = {_MEETING}"
)
_BY_TRANSACTION = (
    f"SELECT {_COLUMNS} FROM event WHERE mailbox = :mailbox"  # noqa: S608 - a constant
    " AND transaction_id = :transaction_id"
)
_KEYS = "SELECT item, change, NULL FROM event WHERE mailbox = :mailbox"
_COUNT = "SELECT count(*) FROM event WHERE mailbox = :mailbox"
_ITEM = f"SELECT item FROM event WHERE mailbox = :mailbox AND meeting = {_MEETING}"  # noqa: S608 - a constant
_MEETING_OF = "SELECT meeting FROM event WHERE mailbox = :mailbox AND item = :item"
_OF_MEETING = "SELECT item FROM event WHERE mailbox = :mailbox AND meeting = :meeting"
_ORGANIZERS = (
    "SELECT item, organizer_fold FROM event JOIN meeting ON meeting = number WHERE mailbox = :mailbox ORDER BY item"
)
_HAS_UID = f"SELECT 1 {_WITH_UID} LIMIT 1"
_NAMES = "SELECT organizer_fold, number FROM meeting WHERE uid = :uid"
_NAME = "INSERT INTO meeting (uid, organizer_fold) VALUES (:uid, :organizer)"
_DROP_NAME = "DELETE FROM meeting WHERE number = :number AND NOT EXISTS (SELECT 1 FROM event WHERE meeting = :number)"
_CALENDAR_OF = "SELECT calendar FROM event WHERE mailbox = :mailbox AND item = :item"
_STAMPS = "SELECT state, dtstamp_us FROM event WHERE mailbox = :mailbox AND item = :item"
_INSERT = (
    "INSERT INTO event (mailbox, item, change, state, calendar, meeting, is_namesake, begins_us, start_us, end_us,"
    " is_series, declines, dtstamp_us, created_us, modified_us, subject_fold, transaction_id, revision, has_dates,"
    " data)"
    " VALUES (:mailbox, :item, :item, :state, :calendar, :meeting, :is_namesake, :begins, :start, :end,"
    " :series, :declines, :dtstamp, :created, :modified, :subject, :transaction_id, :revision, :has_dates, :data)"
)
_UPDATE = (
    "UPDATE event SET change = :change, state = :state, is_series = :series, declines = :declines,"
    " dtstamp_us = :dtstamp, modified_us = :modified, subject_fold = :subject, revision = :revision,"
    " has_dates = :has_dates, data = :data"
    " WHERE mailbox = :mailbox AND item = :item"
)
_MOVE = (
    "UPDATE event SET begins_us = :begins, start_us = :start, end_us = :end WHERE mailbox = :mailbox AND item = :item"
)
_PUT_INTO = "UPDATE event SET calendar = :calendar WHERE mailbox = :mailbox AND item = :item"
_TOUCH = "UPDATE event SET change = :change, modified_us = :modified WHERE mailbox = :mailbox AND item = :item"
_ANSWERED = (
    "UPDATE event SET change = :change, modified_us = :modified, has_responses = 1"
    " WHERE mailbox = :mailbox AND item = :item"
)

# What names one state of what a list shows: the copy's item, its newest change (another with every change of anything
# in it), and the recurrence id of an occurrence.
EventKey = tuple[int, int, str | None]


class CopyRow(msgspec.Struct, frozen=True):
    """A stored copy: its number, its newest change, where and in which calendar it stands, what it is.

    `is_namesake`: an event of another organizer had the UID before in this mailbox. `has_responses`: answers are
    known beside it.
    """

    item: int
    change: int
    state: State
    copy: Copy
    calendar: int
    is_namesake: bool = False
    has_responses: bool = False

    @property
    def meeting(self) -> Meeting:
        """Return the meeting as its owner sees it but for answers."""
        return compose(self.copy)


class EventRow(msgspec.Struct, frozen=True):
    """A stored copy as its owner sees it, with the answers that are known."""

    item: int
    change: int
    state: State
    meeting: Meeting
    calendar: int = DEFAULT_CALENDAR
    is_namesake: bool = False


def by_item(tx: Tx, mailbox: int, item: int) -> EventRow | None:
    """Return a copy by its number, as its owner sees it."""
    return _row(tx, mailbox, tx.row(_BY_ITEM, mailbox=mailbox, item=item))


def in_state(tx: Tx, mailbox: int, key: EventKey) -> EventRow:
    """Return the copy that a list found, as its owner sees it: as it was seen in this state before, or read anew."""
    kept: EventRow | None = tx.fragments.get((_SEEN, (mailbox, key[0], key[1])))
    if kept is not None:
        tx.work.spend(1)
        return kept
    row = by_item(tx, mailbox, key[0])
    assert row is not None  # of the same snapshot as its key
    return row


def by_key(tx: Tx, mailbox: int, key: MeetingKey) -> EventRow | None:
    """Return the copy of a meeting in `mailbox`, as its owner sees it."""
    return _row(tx, mailbox, tx.row(_BY_KEY, mailbox=mailbox, uid=key.uid, organizer=key.organizer))


def with_responses(tx: Tx, mailbox: int, row: CopyRow) -> EventRow:
    """Return a stored copy as its owner sees it, also after the transaction."""
    dates.read_all(row.copy.dates)
    meeting = compose(row.copy, responses.of(tx, mailbox, row.item)) if row.has_responses else row.meeting
    seen = EventRow(row.item, row.change, row.state, meeting, row.calendar, row.is_namesake)
    if meeting.recurrence is None:  # what walks through a series is not for several threads
        tx.keep((_SEEN, (mailbox, row.item, row.change)), seen, _size(meeting))
    return seen


def copy_by_item(tx: Tx, mailbox: int, item: int) -> CopyRow | None:
    """Return a copy by its number."""
    return _copy_row(tx, tx.row(_BY_ITEM, mailbox=mailbox, item=item))


def copy_by_key(tx: Tx, mailbox: int, key: MeetingKey) -> CopyRow | None:
    """Return the copy of a meeting in `mailbox`."""
    return _copy_row(tx, tx.row(_BY_KEY, mailbox=mailbox, uid=key.uid, organizer=key.organizer))


def copies_by_key(tx: Tx, mailboxes: Iterable[int], key: MeetingKey) -> dict[int, CopyRow]:
    """Return the copies of a meeting in some mailboxes."""
    names = json.dumps(list(mailboxes))
    rows = tx.rows(_BY_KEYS, mailboxes=names, uid=key.uid, organizer=key.organizer)
    return {row[0]: found for row in rows if (found := _copy_row(tx, row)) is not None}


def copy_by_uid(tx: Tx, mailbox: int, uid: str) -> CopyRow | None:
    """Return the copy that had this UID first in `mailbox`, whoever its organizer is."""
    return _copy_row(tx, tx.row(_BY_UID, mailbox=mailbox, uid=uid))


def copy_by_transaction(tx: Tx, mailbox: int, transaction_id: str) -> CopyRow | None:
    """Return the copy that was created under a client's transaction id."""
    return _copy_row(tx, tx.row(_BY_TRANSACTION, mailbox=mailbox, transaction_id=transaction_id))


def has_uid(tx: Tx, mailbox: int, uid: str) -> bool:
    """Return whether anything in `mailbox` has this UID."""
    return tx.row(_HAS_UID, mailbox=mailbox, uid=uid) is not None


def find(tx: Tx, mailbox: int, where: str, tail: str, **params: Any) -> Iterable[EventRow]:
    """Yield the copies for which the SQL condition `where` holds; `tail` orders and limits."""
    # Keys first: what is sorted without an index would else be sorted with all its content.
    found = keys(tx, mailbox, where, tail, **params)
    return filter(None, (by_item(tx, mailbox, item) for item, _, _ in found))


def keys(
    tx: Tx, mailbox: int, where: str, tail: str, *, items: str | None = None, **params: object
) -> Iterable[EventKey]:
    """Yield the keys of what `find` finds, each as a whole, without looking at content.

    They are among `items`, a JSON array, where that is given.
    """
    sql = among(f"{_KEYS} AND ({where}) {tail}", "event", items)
    found: Iterable[Any] = tx.stream(sql, mailbox=mailbox, items=items, **params)
    return found


def count(tx: Tx, mailbox: int, where: str, *, items: str | None = None, **params: object) -> int:
    """Return how many copies, among `items`, there are for which the SQL condition `where` holds."""
    sql = among(f"{_COUNT} AND ({where})", "event", items)
    row = tx.row(sql, mailbox=mailbox, items=items, **params)
    return int(row[0]) if row else 0


def item_of(tx: Tx, mailbox: int, key: MeetingKey) -> int:
    """Return the number of the copy of a meeting in `mailbox`, or 0."""
    made = tx.items.get((mailbox, key))
    if made is not None:
        return made
    row = tx.row(_ITEM, mailbox=mailbox, uid=key.uid, organizer=key.organizer)
    return int(row[0]) if row else 0


def same_meetings(tx: Tx, mailbox: int, theirs: int, items: Iterable[int]) -> list[int]:
    """Return the copies in `mailbox` of those meetings that have these numbers in the mailbox of somebody else."""
    meetings = [found[0] for item in items if (found := tx.row(_MEETING_OF, mailbox=theirs, item=item))]
    copies = (tx.row(_OF_MEETING, mailbox=mailbox, meeting=meeting) for meeting in meetings)
    return [int(found[0]) for found in copies if found]


def organizers(tx: Tx, mailbox: int) -> Iterable[tuple[int, str]]:
    """Yield the number of each copy in `mailbox` and the folded address of the meeting's organizer."""
    found: Iterable[Any] = tx.stream(_ORGANIZERS, mailbox=mailbox)
    return found


def calendar_of(tx: Tx, mailbox: int, item: int) -> int | None:
    """Return the number of the calendar in which a copy stands, without its content."""
    row = tx.row(_CALENDAR_OF, mailbox=mailbox, item=item)
    return int(row[0]) if row else None


def stamps(tx: Tx, mailbox: int, item: int) -> tuple[State, int] | None:
    """Return where a copy stands and which revision it shows, without its content."""
    row = tx.row(_STAMPS, mailbox=mailbox, item=item)
    return (State(row[0]), int(row[1])) if row else None


def put(tx: Tx, effect: PutCopy) -> int:
    """Write a copy and its change; return the item's number."""
    copy, mailbox = effect.copy, effect.mailbox
    if effect.item is None:
        (item,) = put_new(tx, copy, ((mailbox, copy.address),), effect.state, effect.calendar or DEFAULT_CALENDAR)
        return item
    revision, outline = revisions.number_of(tx, copy.revision), _outline(copy)
    before = _columns_before(tx, mailbox, effect.item)
    calendar = effect.calendar or before[5]
    kind, trace = _trace(before, outline, effect.state, calendar)
    change = changes.record_change(tx, mailbox, effect.item, kind, trace)
    former_dates.note(tx, mailbox, effect.item, change, before=tx.copies[mailbox, effect.item], after=copy)
    # Indexes lead by times, which rarely change: what is not written does not have to be sorted in again.
    times = (outline.begins, outline.start, outline.end)
    if times != before[:3]:
        tx.write(_MOVE, mailbox=mailbox, item=effect.item, begins=times[0], start=times[1], end=times[2])
    if calendar != before[5]:
        tx.write(_PUT_INTO, mailbox=mailbox, item=effect.item, calendar=calendar)
    values = _values(copy, outline, revision, effect.state)
    tx.write(_UPDATE, mailbox=mailbox, item=effect.item, change=change, data=_encode(_own_part(copy)), **values)
    # What was held is read where it was looked at, so before dates that are kept no more are gone.
    _hold_own(tx, mailbox, effect.item, copy, before=tx.copies[mailbox, effect.item])
    dates.put(tx, mailbox, effect.item, copy.dates, change=change)
    tx.outlines[mailbox, effect.item] = (*times, revision, int(effect.state), calendar)
    tx.copies[mailbox, effect.item] = copy
    if before[3] != revision:
        tx.superseded.add(before[3])
    return effect.item


def put_new(
    tx: Tx,
    copy: Copy,
    guests: Sequence[tuple[int, str]],
    state: State = State.LIVE,
    calendar: int = DEFAULT_CALENDAR,
) -> list[int]:
    """Write a new copy into mailboxes, each with the address that was invited; return the items' numbers."""
    key, outline, own = copy.revision.key, _outline(copy), _own_part(copy)
    meeting, has_namesakes = _meeting_number(tx, key)
    values = {
        "calendar": calendar,
        "meeting": meeting,
        "created": copy.created,
        "transaction_id": copy.transaction_id,
        "begins": outline.begins,
        "start": outline.start,
        "end": outline.end,
        **_values(copy, outline, revisions.number_of(tx, copy.revision), state),
    }
    trace = changes.Trace(place=place_of(calendar, state), first=outline.start, last=outline.end)
    items = []
    for mailbox, address in guests:
        is_namesake = has_namesakes and has_uid(tx, mailbox, key.uid)
        item = tx.items[mailbox, key] = changes.record_created(tx, mailbox, ChangeKind.EVENT_CREATED, trace)
        data = _encode(structs.replace(own, address=address))
        tx.add(_INSERT, mailbox=mailbox, item=item, is_namesake=int(is_namesake), data=data, **values)
        dates.put(tx, mailbox, item, copy.dates, change=item)
        items.append(item)
    return items


def _hold_own(tx: Tx, mailbox: int, item: int, copy: Copy, *, before: Copy) -> None:
    """Let a copy refer to what its owner attached to it, and to nothing else any more."""
    own = copy.own_attachments()
    if own or before.own_attachments():
        contents.hold_only(tx, ContentHolder(HolderKind.COPY, item, mailbox), content_digests(own))


def _meeting_number(tx: Tx, key: MeetingKey) -> tuple[int, bool]:
    """Return the number of a meeting, which it is given the first time, and whether others have its UID."""
    known: dict[str, int] = dict(tx.rows(_NAMES, uid=key.uid))
    number = known.pop(key.organizer, None) or tx.insert(_NAME, uid=key.uid, organizer=key.organizer)
    return number, bool(known)


def drop_unheld(tx: Tx, meeting: int) -> None:
    """Delete the name of a meeting of which there is no copy any more."""
    tx.write(_DROP_NAME, number=meeting)


def _size(meeting: Meeting) -> int:
    """Return about how many bytes of memory a single event takes."""
    event = meeting.event
    return _EVENT_BYTES + len(event.body.text) + _GUEST_BYTES * len(event.attendees)


def _values(copy: Copy, outline: _Outline, revision: int, state: State) -> dict[str, Any]:
    return {
        "state": int(state),
        "series": outline.series,
        # Of no date alone: an event that may decline invitations is one as a whole.
        "declines": int(copy.is_organizer and copy.own.auto_decline is not None),
        "dtstamp": copy.dtstamp,
        "modified": copy.modified,
        "subject": outline.subject,
        "revision": revision,
        "has_dates": int(bool(copy.dates)),
    }


def drop_superseded(tx: Tx) -> None:
    """Delete the revisions that copies referred to until now, unless others still do."""
    for number in sorted(tx.superseded):
        revisions.drop_unheld(tx, number)
    tx.superseded.clear()


def _trace(before: Row, outline: _Outline, state: State, calendar: int) -> tuple[ChangeKind, changes.Trace]:
    """Return what happens to a copy, and where it was and is."""
    _, start, end, _, state_before, calendar_before = before
    place, place_before = place_of(calendar, state), place_of(calendar_before, state_before)
    kind = ChangeKind.EVENT_UPDATED if place == place_before else ChangeKind.EVENT_MOVED
    trace = changes.Trace(
        place=place,
        place_before=None if place == place_before else place_before,
        first=min(start, outline.start),
        last=max(end, outline.end),
    )
    return ChangeKind.EVENT_DELETED if state is State.DELETED else kind, trace


def _columns_before(tx: Tx, mailbox: int, item: int) -> Row:
    """Return what the columns of a copy say: where it begins, its span, revision, state, calendar; mostly as read."""
    if (mailbox, item) not in tx.outlines:
        copy_by_item(tx, mailbox, item)
    return tx.outlines[mailbox, item]


def track_answer(tx: Tx, effect: TrackAnswer) -> None:
    """Write an answer beside the organizer's copy, and that this has changed."""
    responses.keep(tx, effect.mailbox, effect.item, effect.recurrence_id, effect.address, effect.response)
    _note_change(tx, effect.mailbox, effect.item, effect.now, _ANSWERED)


def touch(tx: Tx, mailbox: int, item: int, now: Instant) -> None:
    """Write that something beside a copy has changed, and of the copy nothing."""
    _note_change(tx, mailbox, item, now, _TOUCH)


def _note_change(tx: Tx, mailbox: int, item: int, now: Instant, sql: str) -> None:
    _, start, end, _, state, calendar = _columns_before(tx, mailbox, item)
    trace = changes.Trace(place=place_of(calendar, state), first=start, last=end)
    change = changes.record_change(tx, mailbox, item, ChangeKind.EVENT_UPDATED, trace)
    tx.write(sql, mailbox=mailbox, item=item, change=change, modified=now)


class _Outline(msgspec.Struct, frozen=True):
    """What the columns of a copy say of it."""

    begins: Instant
    start: Instant
    end: Instant
    series: int
    subject: str


def _outline(copy: Copy) -> _Outline:
    """Return what the columns say; for copies that show nothing but the revision it is made once."""
    special = copy.dates_apart()
    if special or copy.is_partial or copy.own.overlay or copy.own.called_off:
        return _outline_of(compose(copy if copy.is_partial else structs.replace(copy, dates=special)))
    made: _Outline | None = copy.revision.__dict__.get("outline_")
    if made is None:
        plain = structs.replace(copy, dates={}, removed=())
        made = copy.revision.__dict__["outline_"] = _outline_of(compose(plain))
    return made


def _outline_of(meeting: Meeting) -> _Outline:
    stands = representative(meeting)
    front = stands.event if stands else meeting.event
    start, end = span(meeting)
    return _Outline(
        begins=start if meeting.recurrence is None else to_instant(front.start),  # a single event stands there only
        start=start,
        end=NO_END if end is None else end,
        series=0 if meeting.recurrence is None else _PARTIAL if is_partial(meeting) else _SERIES,
        subject=front.subject.casefold(),
    )


def _own_part(copy: Copy) -> OwnPart:
    return OwnPart(**dict(zip(_OWN, _own_members(copy), strict=True)))


def _row(tx: Tx, mailbox: int, row: Row | None) -> EventRow | None:
    found = _copy_row(tx, row)
    return with_responses(tx, mailbox, found) if found else None


def _copy_row(tx: Tx, row: Row | None) -> CopyRow | None:
    if row is None:
        return None
    mailbox, item, begins, start, end, revision, change, state, calendar, modified, is_namesake, *has, data = row
    has_responses, has_dates = has
    tx.outlines[mailbox, item] = (begins, start, end, revision, state, calendar)
    tx.work.spend(_READ + len(data) // _BYTES_A_STEP)
    kept = dict(zip(_OWN, _own_members(_decode(data)), strict=True))
    # Answers beside the row move its time without touching its content.
    own_dates = dates.of(tx, mailbox, item, change) if has_dates else {}
    copy = Copy(revision=revisions.by_number(tx, revision), dates=own_dates, modified=modified, **kept)
    tx.copies[mailbox, item] = copy
    return CopyRow(item, change, State(state), copy, calendar, bool(is_namesake), bool(has_responses))
