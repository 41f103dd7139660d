"""What is moved in the data file, without a look at its content, when a calendar comes to somebody else."""

from __future__ import annotations

from rsvpd.calendar.event import MeetingKey
from rsvpd.mail.extended import Bearer
from rsvpd.store import extended
from rsvpd.store.calendars import CalendarKey
from rsvpd.store.tx import Tx

_MEETING = "SELECT number FROM meeting WHERE uid = :uid AND organizer_fold = :organizer"
_COPIES = "SELECT mailbox, item FROM event WHERE meeting = :meeting ORDER BY mailbox"
_RENAME = "UPDATE meeting SET uid = :uid, organizer_fold = :organizer WHERE number = :meeting"
_ENTRIES = (
    "UPDATE calendar_entry SET owner = :to_owner, calendar = :to_calendar"
    " WHERE owner = :owner AND calendar = :calendar"
)
_RESPONSES = (
    "UPDATE response SET mailbox = :to_mailbox, item = :to_item WHERE mailbox = :mailbox AND item = :item"
)
_HAS_RESPONSES = "UPDATE event SET has_responses = 1 WHERE mailbox = :mailbox AND item = :item"
_EXTENDED = (
    "UPDATE extended SET mailbox = :to_mailbox, item = :to_item"
    " WHERE mailbox = :mailbox AND bearer = :bearer AND item = :item"
)

# A mailbox and the number of an item in it.
Place = tuple[int, int]


def number_of(tx: Tx, key: MeetingKey) -> int | None:
    """Return under which number the name of a meeting is stored, if it is."""
    row = tx.row(_MEETING, uid=key.uid, organizer=key.organizer)
    return int(row[0]) if row else None


def copies(tx: Tx, meeting: int) -> list[Place]:
    """Return where the copies of a meeting are."""
    return [(int(mailbox), int(item)) for mailbox, item in tx.rows(_COPIES, meeting=meeting)]


def rename(tx: Tx, meeting: int, key: MeetingKey) -> None:
    """Let a meeting go by another name, in whichever mailbox."""
    tx.write(_RENAME, meeting=meeting, uid=key.uid, organizer=key.organizer)


def move_entries(tx: Tx, calendar: CalendarKey, to: CalendarKey) -> None:
    """Let a calendar stand in everybody's list as it stood there."""
    tx.write(_ENTRIES, owner=calendar[0], calendar=calendar[1], to_owner=to[0], to_calendar=to[1])


def move_beside(tx: Tx, place: Place, to: Place, *, has_responses: bool) -> None:
    """Let what is kept beside an event, answers and what programs hung on it, be beside another copy."""
    where = {"mailbox": place[0], "item": place[1], "to_mailbox": to[0], "to_item": to[1]}
    extended.drop(tx, to[0], Bearer.EVENT, to[1])
    tx.write(_EXTENDED, bearer=int(Bearer.EVENT), **where)
    if has_responses:
        tx.write(_RESPONSES, **where)
        tx.write(_HAS_RESPONSES, mailbox=to[0], item=to[1])
