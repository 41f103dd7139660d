"""Who may open which mailbox, and what a reference finds in it."""

from __future__ import annotations

from datetime import UTC, datetime

from msgspec import Struct, structs

from rsvpd.calendar import permission
from rsvpd.calendar.calendars import DEFAULT_CALENDAR
from rsvpd.calendar.event import AllDay, Answer, Meeting, MeetingKey, State
from rsvpd.calendar.permission import CalendarRole
from rsvpd.calendar.series import Occurrence, occurrence, occurrence_on, pattern_start, recurrence_id_at, representative
from rsvpd.clock import from_datetime
from rsvpd.commands.door import Who
from rsvpd.commands.references import EventRef
from rsvpd.errors import (
    AccessDenied,
    CalendarNotFound,
    ChangeKeyMismatch,
    DomainError,
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
from rsvpd.store import calendars, events, people, permissions, rooms
from rsvpd.store.tx import Tx

NOT_FOUND = "The specified object was not found in the store."
DENIED = "Access is denied. Check credentials and try again."
NO_CALENDAR = "The specified folder could not be found in the store."
_LEFT = Hint(HintCode.EVENT_LEFT_CALENDAR)


class StoredEvent(Struct, frozen=True):
    """A stored copy and the occurrence of it that was meant (None: the whole)."""

    row: events.CopyRow
    occurrence: Occurrence | None = None

    @property
    def recurrence_id(self) -> str | None:
        """Return the recurrence id that was meant."""
        return self.occurrence.recurrence_id if self.occurrence else None


class CalendarAccess(Struct, frozen=True):
    """A calendar that is open to `actor`, in this role; `actor` is the owner where acting in the own name.

    `calendar` is its number in the mailbox of `owner`, `own_zone` its time zone where that is not the owner's,
    `interface` the one that was asked (commands/door.py).
    """

    owner: Person
    actor: Person
    role: CalendarRole = CalendarRole.OWNER
    calendar: int = DEFAULT_CALENDAR
    own_zone: str = ""
    interface: str = ""

    @property
    def key(self) -> calendars.CalendarKey:
        """Return whose calendar, and which of that mailbox."""
        return self.owner.number, self.calendar

    @property
    def zone(self) -> str:
        """Return the IANA name of the zone in which days of this calendar are."""
        return self.own_zone or self.owner.zone

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

    def check(self, found: StoredEvent) -> None:
        """Raise RoleTooLow where what was found is hidden from this role: it cannot be changed either."""
        event = found.occurrence.event if found.occurrence else found.row.meeting.event
        if permission.is_hidden(found.row.meeting, event, self.role):
            raise RoleTooLow(DENIED)


class _Place(Struct, frozen=True):
    """Who asks, through which interface, in whose mailbox, and in which calendar of it, if one was named."""

    actor: Person
    owner: Person
    calendar: int | None
    interface: str

    def is_owners(self, tx: Tx) -> bool:
        """Return whether who asks acts as the owner does."""
        return self.owner.number == self.actor.number or _approves(tx, self.actor, self.owner)


def open_calendar(tx: Tx, who: Who, least: CalendarRole = CalendarRole.FREE_BUSY) -> CalendarAccess:
    """Return the calendar that `who` works in: the one that is named, else the default one; an own or a shared one.

    Raises what `open_mailbox` raises, AccessDenied without any role, RoleTooLow with less than `least`,
    CalendarNotFound.
    """
    place = _place(tx, who)
    return _access(tx, place, place.calendar or DEFAULT_CALENDAR, least)


def open_calendars(tx: Tx, who: Who) -> list[CalendarAccess]:
    """Return the calendars of the mailbox that `who` works in, as far as they are open there, the default one first.

    Raises what `open_mailbox` raises, AccessDenied where none is.
    """
    place = _place(tx, who)
    owner = place.owner
    rows = calendars.all_of(tx, owner.number)
    if place.is_owners(tx):
        return [CalendarAccess(owner, owner, calendar=row.number, own_zone=row.properties.zone) for row in rows]
    roles = {row.number: permissions.role_of(tx, owner.number, place.actor.number, row.number) for row in rows}
    found = [
        CalendarAccess(owner, place.actor, roles[row.number], row.number, row.properties.zone)
        for row in rows
        if roles[row.number] is not CalendarRole.NONE
    ]
    if not found:
        raise AccessDenied(DENIED)
    return found


def lister_of(tx: Tx, who: Who) -> Person:
    """Return in whose list of calendars something stands as `who` sees it."""
    place = _place(tx, who)
    return place.owner if place.is_owners(tx) else place.actor


def open_event(
    tx: Tx,
    who: Who,
    ref: EventRef,
    least: CalendarRole = CalendarRole.FREE_BUSY,
    *,
    visible: tuple[State, ...] = (State.LIVE,),
) -> tuple[CalendarAccess, StoredEvent]:
    """Return what `ref` means, and the calendar in which it stands; where that was named, it has to stand there.

    Where there are single occurrences only, it means one of these. Raises what `open_calendar` raises; ItemNotFound,
    with a hint where the id belongs to another mailbox or the copy has left the calendar; ItemGone for a deleted copy
    where deleted ones are not asked for but declined ones are.
    """
    access, row = _open_row(tx, who, ref, least)
    return access, _visible(row, ref, visible)


def open_called_off(tx: Tx, who: Who, ref: EventRef, least: CalendarRole) -> tuple[CalendarAccess, StoredEvent]:
    """Return what `ref` means among what is called off, and the calendar in which it stood: a deleted copy, or an
    excluded occurrence of one that is not.

    Raises what `open_calendar` raises, ItemNotFound for everything else.
    """
    access, row = _open_row(tx, who, ref, least)
    return access, _find_cancelled(row, ref)


def open_own_event(tx: Tx, who: Who, ref: EventRef, what: str) -> tuple[CalendarAccess, StoredEvent]:
    """Return what `open_event` does. Raises NotEmulated for whoever might do `what` in a shared calendar."""
    access, found = open_event(tx, who, ref)
    return _check_owner(access, what), found


def free_busy_role(tx: Tx, actor: Person, owner: Person, calendar: int = DEFAULT_CALENDAR) -> CalendarRole:
    """Return what of a calendar of `owner` is shown to `actor` who asks when that is free."""
    if actor.number == owner.number or _approves(tx, actor, owner):
        return CalendarRole.OWNER
    return permissions.free_busy_role(tx, owner.number, actor.number, calendar)


def open_own(tx: Tx, who: Who, what: str) -> Person:
    """Return whose calendar it is. Raises NotEmulated for whoever might do `what` in a shared calendar."""
    return _check_owner(open_calendar(tx, who), what).owner


def _check_owner(access: CalendarAccess, what: str) -> CalendarAccess:
    if access.is_own:
        return access
    if access.role.can_edit:
        raise NotEmulated(f"{what} in a calendar that somebody else shares is not emulated by rsvpd.")
    raise RoleTooLow(DENIED)


def _access(tx: Tx, place: _Place, calendar: int, least: CalendarRole) -> CalendarAccess:
    """Return what is open to who asks of one calendar. Raises what `open_calendar` does."""
    actor, owner = place.actor, place.owner
    role = CalendarRole.OWNER
    if not place.is_owners(tx):
        role = permissions.role_of(tx, owner.number, actor.number, calendar)
        if role is CalendarRole.NONE:
            raise AccessDenied(DENIED)
        if role < least:
            raise RoleTooLow(DENIED)
    else:
        actor = owner
    if calendar == DEFAULT_CALENDAR:  # its zone is the owner's
        return CalendarAccess(owner, actor, role, interface=place.interface)
    row = calendars.one(tx, owner.number, calendar)
    if row is None:
        raise CalendarNotFound(NO_CALENDAR)
    return CalendarAccess(owner, actor, role, calendar, row.properties.zone, place.interface)


def _open_row(
    tx: Tx, who: Who, ref: EventRef, least: CalendarRole
) -> tuple[CalendarAccess, events.CopyRow]:
    """Return the copy that `ref` names, whatever its state, and the calendar."""
    place = _place(tx, who)
    row, fault = None, None
    try:
        row = _row(tx, place.owner, ref)
    except DomainError as wrong:  # who may not open the calendar is told that, and no more
        fault = wrong
    calendar = place.calendar or (row.calendar if row else DEFAULT_CALENDAR)
    try:
        access = _access(tx, place, calendar, least)
    except (AccessDenied, CalendarNotFound):
        # It stands where who asks may not look, or its calendar is gone: it is not there, to whom the default one is.
        if place.calendar is not None or calendar == DEFAULT_CALENDAR:
            raise
        _access(tx, place, DEFAULT_CALENDAR, CalendarRole.FREE_BUSY)
        raise ItemNotFound(NOT_FOUND) from None
    if fault is not None:
        raise fault
    if row is None or row.calendar != calendar:
        raise ItemNotFound(NOT_FOUND)
    return access, row


def open_mailbox(tx: Tx, who: Who) -> Person:
    """Return the owner of the mailbox that `who` works in.

    Raises TokenMalformed for somebody unknown here, PersonNotFound for an unknown owner, AccessDenied for
    a mailbox that is neither the own nor that of a room whose requests `who` approves.
    """
    return open_own_calendar(tx, who)[0]


def open_own_calendar(tx: Tx, who: Who) -> tuple[Person, int]:
    """Return what `open_mailbox` does, and the number of the calendar that is named, or else of the default one."""
    place = _place(tx, who)
    if not place.is_owners(tx):
        raise AccessDenied(DENIED)
    calendar = place.calendar or DEFAULT_CALENDAR
    if calendar != DEFAULT_CALENDAR and calendars.one(tx, place.owner.number, calendar) is None:
        raise CalendarNotFound(NO_CALENDAR)
    return place.owner, calendar


def _visible(row: events.CopyRow, ref: EventRef, visible: tuple[State, ...]) -> StoredEvent:
    if row.state not in visible:
        if row.state is State.DELETED and State.DECLINED in visible:
            raise ItemGone
        raise ItemNotFound(NOT_FOUND, hint=_LEFT if row.state is State.DECLINED else None)
    found = StoredEvent(row, _occurrence(row.meeting, ref))
    if found.occurrence is not None and State.DECLINED not in visible and is_declined(row.meeting, found.occurrence):
        raise ItemNotFound(NOT_FOUND, hint=_LEFT)
    return found


def _find_cancelled(row: events.CopyRow, ref: EventRef) -> StoredEvent:
    whole = structs.replace(row.meeting, deleted=())
    found = StoredEvent(row, _occurrence(whole, ref))
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


def _place(tx: Tx, who: Who) -> _Place:
    """Return who asks, and where; an application asks as the owner would."""
    if who.is_application:
        owner, calendar = _find_owner(tx, who.owner or "", who)
        return _Place(owner, owner, calendar, who.interface)
    actor = people.by_oid(tx, who.actor)
    if actor is None:
        raise TokenMalformed("The token names nobody who has a mailbox here.")
    if who.owner is None or who.owner == actor.oid or actor.answers_to(who.owner):
        return _Place(actor, actor, who.calendar, who.interface)
    owner, calendar = _find_owner(tx, who.owner, who)
    return _Place(actor, owner, calendar, who.interface)


def _find_owner(tx: Tx, name: str, who: Who) -> tuple[Person, int | None]:
    """Return whoever has this GUID or address, or whose calendar has it. Raises PersonNotFound."""
    found = people.by_oid(tx, name) or people.by_address(tx, name)
    if found is not None:
        return found, who.calendar
    known = calendars.by_address(tx, name)
    owner = people.by_number(tx, known[0]) if known else None
    if known is None or owner is None:
        raise PersonNotFound(f"Resource '{name[:120]}' does not exist.", target=name)
    return owner, known[1]


def _approves(tx: Tx, actor: Person, owner: Person) -> bool:
    """Return whether `owner` is a room and `actor` one of its delegates."""
    if owner.kind is not PersonKind.ROOM:
        return False
    return any(actor.answers_to(one) for one in rooms.settings(tx, owner.number).delegates)


def _row(tx: Tx, owner: Person, ref: EventRef) -> events.CopyRow | None:
    if ref.item is None:
        return _row_by_reference(tx, owner, ref)
    kind = Kind.OCCURRENCE if ref.item.kind is Kind.OCCURRENCE else Kind.EVENT
    return events.copy_by_item(tx, owner.number, own_item(owner, ref.item, kind))


def _row_by_reference(tx: Tx, owner: Person, ref: EventRef) -> events.CopyRow | None:
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
