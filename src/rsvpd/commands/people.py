"""Who is there."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct, structs

from rsvpd.calendar.calendars import DEFAULT_CALENDAR
from rsvpd.calendar.event import Meeting, State
from rsvpd.clock import Instant
from rsvpd.commands.access import open_mailbox
from rsvpd.commands.door import Who, reads, reads_by_index, writes
from rsvpd.commands.references import EventRef
from rsvpd.errors import PersonNotFound
from rsvpd.mail.address import parse_address
from rsvpd.mail.person import Person, PersonKind
from rsvpd.store import calendars, events, removal
from rsvpd.store import people as rows
from rsvpd.store.tx import Tx
from rsvpd.timezones.zone import find

_NOT_OVER = "state = :live AND end_us > :now"


# Of a mailbox that gets nobody's online meetings, not even Google's.
NO_MEETINGS = "none"


class Newcomer(Struct, frozen=True, kw_only=True):
    """Who is to get a mailbox, checked: a plausible address, an IANA zone.

    `online` is Graph's word for whose online meetings it gets beside Google's, or NO_MEETINGS.
    """

    address: str
    name: str
    zone: str
    kind: PersonKind = PersonKind.USER
    online: str = ""


@reads_by_index
def whoami(tx: Tx, who: Who) -> Person:
    """Return the owner of the addressed mailbox, where `who` may open it."""
    return open_mailbox(tx, who)


@reads
def list_people(tx: Tx, who: Who) -> list[Person]:
    """Return everybody in the directory, to whoever has a mailbox here and to applications."""
    if not who.is_application:
        open_mailbox(tx, who)
    return rows.everyone(tx)


@reads
def people(tx: Tx) -> list[Person]:
    """Return everybody, for the administrator of the server."""
    return rows.everyone(tx)


@writes
def add_person(
    tx: Tx,
    address: str,
    *,
    name: str = "",
    zone: str = "UTC",
    kind: PersonKind = PersonKind.USER,
    online: str = "",
    now: Instant,
) -> Person:
    """Give `address` a mailbox. Raises InvalidProperty, InvalidTimeZone, AlreadyExists."""
    plain = parse_address(address, target="address")
    full_name = name.strip() or plain.partition("@")[0]
    return _add_newcomer(tx, Newcomer(address=plain, name=full_name, zone=find(zone), kind=kind, online=online), now)


@writes
def claim(tx: Tx, what: str) -> bool:
    """Return whether nobody ever asked for this before: what is done once, however many processes there are."""
    return rows.claim(tx, what)


@writes
def add_people(tx: Tx, newcomers: Iterable[Newcomer], *, now: Instant) -> list[Person]:
    """Give all of them a mailbox, or none. Raises AlreadyExists."""
    return [_add_newcomer(tx, one, now) for one in newcomers]


@reads
def organized_meetings(tx: Tx, who: Who) -> list[EventRef]:
    """Return the meetings that `who` organizes, that others are invited to, and that are not over."""
    owner = open_mailbox(tx, who)
    rows = events.find(tx, owner.number, _NOT_OVER, "ORDER BY item", live=int(State.LIVE), now=who.now)
    return [EventRef(uid=row.meeting.uid) for row in rows if row.meeting.is_organizer and _has_guests(row.meeting)]


@writes
def remove_person(tx: Tx, address: str) -> Person:
    """Take a mailbox away; `delete_removed` deletes what was in it. Raises PersonNotFound.

    What others have of it stays with them: their copies of its meetings, the messages it sent.
    """
    person = rows.by_address(tx, address)
    if person is None:
        raise PersonNotFound(f"Nobody here has the address {address}.")
    removal.remove(tx, person)
    return person


@reads
def is_removal_left(tx: Tx) -> bool:
    """Return whether something is left of a mailbox that was removed."""
    return removal.is_left(tx)


@writes
def delete_removed(tx: Tx) -> bool:
    """Delete a slice of the mailboxes that were removed; return whether there was one."""
    return removal.delete_slice(tx)


@reads
def letters_of_nobody(tx: Tx, *, after: int) -> list[int]:
    """Return the numbers of letters that no mailbox holds, some of those beyond `after`."""
    return removal.orphans(tx, after)


@writes
def delete_letters(tx: Tx, numbers: list[int]) -> None:
    """Delete letters that no mailbox holds."""
    removal.drop_letters(tx, numbers)


@writes
def finish_removal(tx: Tx) -> bool:
    """Note that all is deleted; return False where a mailbox was removed meanwhile."""
    if removal.delete_slice(tx):
        return False
    removal.finish(tx)
    return True


def _add_newcomer(tx: Tx, new: Newcomer, now: Instant) -> Person:
    person = rows.add(tx, address=new.address, name=new.name, zone=new.zone, kind=new.kind, now=now)
    if new.online:
        row = calendars.one(tx, person.number, DEFAULT_CALENDAR)
        assert row is not None
        is_none = new.online == NO_MEETINGS
        changes = {"has_meet": False} if is_none else {"provider": new.online, "providers": (new.online,)}
        properties = structs.replace(row.properties, **changes)
        calendars.keep(tx, person.number, structs.replace(row, properties=properties))
    return person


def _has_guests(meeting: Meeting) -> bool:
    return bool(meeting.event.attendees) or any(one.attendees for one in meeting.exceptions.values())
