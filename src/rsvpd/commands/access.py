"""Who may open which mailbox, and what a reference finds in it."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import Struct, structs

from rsvpd.calendar import permission
from rsvpd.calendar.event import AllDay, Answer, Meeting, MeetingKey, State
from rsvpd.calendar.permission import CalendarRole
from rsvpd.calendar.series import Occurrence, occurrence, occurrence_on, pattern_start, recurrence_id_at, representative
from rsvpd.clock import from_datetime
from rsvpd.commands.door import Who
from rsvpd.commands.references import EventRef
from rsvpd.errors import (
    AccessDenied,
    ChangeKeyMismatch,
    InvalidId,
    ItemGone,
    ItemNotFound,
    NotEmulated,
    PersonNotFound,
    RoleTooLow,
    TokenMalformed,
)
from rsvpd.hints import Hint, HintCode
from rsvpd.ids import ItemId, Kind
from rsvpd.mail.person import Person, PersonKind
from rsvpd.store import events, people, permissions, rooms
from rsvpd.store.tx import Tx

NOT_FOUND = "The specified object was not found in the store."
DENIED = "Access is denied. Check credentials and try again."
_LEFT = Hint(HintCode.EVENT_LEFT_CALENDAR)


class Found(Struct, frozen=True):
    """A stored copy and the occurrence of it that was meant (None: the whole)."""

    row: events.CopyRow
    occurrence: Occurrence | None = None

    @property
    def recurrence_id(self) -> str | None:
        """Return the recurrence id that was meant."""
        return self.occurrence.recurrence_id if self.occurrence else None


class CalendarAccess(Struct, frozen=True):
    """A calendar that is open to `actor`, in this role; `actor` is the owner where acting in the own name."""

    owner: Person
    actor: Person
    role: CalendarRole = CalendarRole.OWNER

    @property
    def by(self) -> Person | None:
        """Return who acts in the owner's name; None for the owner."""
        return None if self.actor.number == self.owner.number else self.actor

    @property
    def is_own(self) -> bool:
        """Return whether everything is to be seen and done here."""
        return self.role is CalendarRole.OWNER

    @property
    def sees_all(self) -> bool:
        """Return whether nothing is kept from this role."""
        return self.role.sees_private

    def visible(self, row: events.EventRow) -> events.EventRow:
        """Return a stored copy as this role sees it."""
        if self.sees_all:
            return row
        return structs.replace(row, meeting=permission.visible_to(row.meeting, self.role, self.owner.mailbox))

    def check(self, found: Found) -> None:
        """Raise RoleTooLow where what was found is hidden from this role: it cannot be changed either."""
        event = found.occurrence.event if found.occurrence else found.row.meeting.event
        if permission.is_hidden(found.row.meeting, event, self.role):
            raise RoleTooLow(DENIED)


def open_calendar(tx: Tx, who: Who, least: CalendarRole = CalendarRole.FREE_BUSY) -> CalendarAccess:
    """Return the calendar that `who` works in: the own one, or one that is shared.

    Raises what `open_mailbox` raises, AccessDenied without any role, RoleTooLow with less than `least`.
    """
    actor, owner = _people(tx, who)
    if owner.number == actor.number or _approves(tx, actor, owner):
        return CalendarAccess(owner, owner)
    role = permissions.role_of(tx, owner.number, actor.number)
    if role is CalendarRole.NONE:
        raise AccessDenied(DENIED)
    if role < least:
        raise RoleTooLow(DENIED)
    return CalendarAccess(owner, actor, role)


def free_busy_role(tx: Tx, actor: Person, owner: Person) -> CalendarRole:
    """Return what of the calendar of `owner` is shown to `actor` who asks when that is free."""
    if actor.number == owner.number or _approves(tx, actor, owner):
        return CalendarRole.OWNER
    return permissions.free_busy_role(tx, owner.number, actor.number)


def open_own(tx: Tx, who: Who, what: str) -> Person:
    """Return what `open_mailbox` does. Raises NotEmulated for whoever might do `what` in a shared calendar."""
    access = open_calendar(tx, who)
    if access.is_own:
        return access.owner
    if access.role.can_edit:
        raise NotEmulated(f"{what} in a calendar that somebody else shares is not emulated by rsvpd.")
    raise RoleTooLow(DENIED)


def open_mailbox(tx: Tx, who: Who) -> Person:
    """Return the owner of the mailbox that `who` works in.

    Raises TokenMalformed for somebody unknown here, PersonNotFound for an unknown owner, AccessDenied for
    a mailbox that is neither the own nor that of a room whose requests `who` approves.
    """
    actor, owner = _people(tx, who)
    if owner.number == actor.number or _approves(tx, actor, owner):
        return owner
    raise AccessDenied(DENIED)


def find_event(tx: Tx, owner: Person, ref: EventRef, *, visible: tuple[State, ...] = (State.LIVE,)) -> Found:
    """Return what `ref` means in the owner's calendar: where that holds single occurrences only, one of these.

    Raises ItemNotFound, with a hint where the id belongs to another mailbox or the copy has left the calendar;
    ItemGone for a deleted copy where deleted ones are not asked for but declined ones are.
    """
    row = _row(tx, owner, ref)
    if row is None:
        raise ItemNotFound(NOT_FOUND)
    if row.state not in visible:
        if row.state is State.DELETED and State.DECLINED in visible:
            raise ItemGone
        raise ItemNotFound(NOT_FOUND, hint=_LEFT if row.state is State.DECLINED else None)
    found = Found(row, _occurrence(row.meeting, ref))
    if found.occurrence is not None and State.DECLINED not in visible and is_declined(row.meeting, found.occurrence):
        raise ItemNotFound(NOT_FOUND, hint=_LEFT)
    return found


def find_called_off(tx: Tx, owner: Person, ref: EventRef) -> Found:
    """Return what `ref` means among what is called off: a deleted copy, or an excluded occurrence of one that is not.

    Raises ItemNotFound for everything else.
    """
    row = _row(tx, owner, ref)
    if row is None:
        raise ItemNotFound(NOT_FOUND)
    whole = structs.replace(row.meeting, deleted=())
    found = Found(row, _occurrence(whole, ref))
    is_off = row.state is State.DELETED if found.recurrence_id is None else found.recurrence_id in row.meeting.deleted
    if not is_off or (found.recurrence_id is not None and row.state is State.DELETED):
        raise ItemNotFound(NOT_FOUND)
    return found


def is_declined(meeting: Meeting, one: Occurrence) -> bool:
    """Return whether the owner of a guest's copy declined this occurrence, which so has left the calendar."""
    return not meeting.is_organizer and one.event.answer is Answer.DECLINED


def expect(row_change: int, expected: int | None) -> None:
    """Raise ChangeKeyMismatch where the client knows an older state than the stored one."""
    if expected is not None and row_change != expected:
        raise ChangeKeyMismatch


def own_item(owner: Person, item: ItemId, kind: Kind) -> int:
    """Return the number of an item of this mailbox. Raises ItemNotFound, or InvalidId for another kind's id."""
    if item.kind is not kind:
        raise InvalidId("Id is malformed.")
    if item.mailbox != owner.number:
        raise ItemNotFound(NOT_FOUND, hint=Hint(HintCode.ID_OF_ANOTHER_MAILBOX))
    return item.item


def _people(tx: Tx, who: Who) -> tuple[Person, Person]:
    """Return who asks, and whose mailbox it is; an application asks as its owner would."""
    if who.is_application:
        owner = _person(tx, who.owner or "")
        return owner, owner
    actor = people.by_oid(tx, who.actor)
    if actor is None:
        raise TokenMalformed("The token names nobody who has a mailbox here.")
    if who.owner is None or who.owner == actor.oid or actor.answers_to(who.owner):
        return actor, actor
    return actor, _person(tx, who.owner)


def _person(tx: Tx, name: str) -> Person:
    """Return whoever has this GUID or address. Raises PersonNotFound."""
    found = people.by_oid(tx, name) or people.by_address(tx, name)
    if found is None:
        raise PersonNotFound(f"Resource '{name[:120]}' does not exist.", target=name)
    return found


def _approves(tx: Tx, actor: Person, owner: Person) -> bool:
    """Return whether `owner` is a room and `actor` one of its delegates."""
    if owner.kind is not PersonKind.ROOM:
        return False
    return any(actor.answers_to(one) for one in rooms.settings(tx, owner.number).delegates)


def _row(tx: Tx, owner: Person, ref: EventRef) -> events.CopyRow | None:
    if ref.item is None:
        return _named_row(tx, owner, ref)
    kind = Kind.OCCURRENCE if ref.item.kind is Kind.OCCURRENCE else Kind.EVENT
    return events.copy_by_item(tx, owner.number, own_item(owner, ref.item, kind))


def _named_row(tx: Tx, owner: Person, ref: EventRef) -> events.CopyRow | None:
    if ref.organizer is None:
        return events.copy_by_uid(tx, owner.number, ref.uid or "")
    row = events.copy_by_key(tx, owner.number, MeetingKey(ref.uid or "", ref.organizer))
    return row if row is not None and row.is_namesake else None


def _occurrence(meeting: Meeting, ref: EventRef) -> Occurrence | None:
    if ref.item is not None and ref.item.kind is Kind.OCCURRENCE and ref.item.day is not None:
        found = occurrence_on(meeting, ref.item.day, ref.item.slot)
    elif ref.item is None and ref.original is not None:
        rid = _recurrence_id(meeting, ref.original)
        found = occurrence(meeting, rid) if rid else None
    else:
        return representative(meeting)
    if found is None:
        raise ItemNotFound(NOT_FOUND)
    return found


def _recurrence_id(meeting: Meeting, original: str) -> str | None:
    """Return the recurrence id for an original start in UTC (RFC 5545 3.8.4.4 compares instants)."""
    if isinstance(pattern_start(meeting), AllDay):
        return original[:8]
    try:
        moment = datetime.strptime(original, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return recurrence_id_at(meeting, from_datetime(moment))
