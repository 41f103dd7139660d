"""The calendars of a mailbox, the groups they stand in, and somebody's list of them. One function, one transaction.

Rule 1: only its owner creates, changes and deletes a calendar; whoever it is shared with may take it off the own list.
Rule 2: with a calendar goes what is in it, as if each event were deleted: meetings of its owner are called off.
Rule 3: of a large calendar a slice is deleted at once, and the rest afterwards, slice by slice (delivery/worker.py): a
        deleted calendar is gone from the start, one that is cleared becomes empty soon.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType, structs

from rsvpd.calendar.calendars import (
    ADDRESS_DOMAIN,
    DEFAULT_CALENDAR,
    MY_CALENDARS,
    OTHER_CALENDARS,
    Entry,
    EntryDraft,
    Properties,
    PropertiesDraft,
)
from rsvpd.calendar.event import State
from rsvpd.calendar.permission import CalendarRole
from rsvpd.calendar.series import representative
from rsvpd.calendar.view import SHARED, CalendarGroupView, CalendarView, EventView
from rsvpd.calendar.working_hours import Period
from rsvpd.commands import calendar as events_of
from rsvpd.commands.access import (
    DENIED,
    NO_CALENDAR,
    CalendarAccess,
    StoredEvent,
    expect,
    lister_of,
    open_calendar,
    open_calendars,
    open_event,
    open_mailbox,
)
from rsvpd.commands.arrival import apply
from rsvpd.commands.door import Done, Who, reads, reads_by_index, writes
from rsvpd.commands.extended import write_of_calendar
from rsvpd.commands.reading import visible_view
from rsvpd.commands.references import EventRef, Notify
from rsvpd.commands.schedule import hours_of
from rsvpd.commands.settings import choose_hours, move_to_zone
from rsvpd.errors import (
    CalendarExists,
    CalendarNotFound,
    InvalidId,
    InvalidProperty,
    ItemNotFound,
    MissingProperty,
    NotAllowed,
    NotEmulated,
    NotTheOrganizer,
    OccurrenceStays,
    RoleTooLow,
    UndeletableCalendar,
)
from rsvpd.hints import Hint, HintCode
from rsvpd.ids import ItemId, Kind
from rsvpd.mail.extended import CustomProperty
from rsvpd.mail.person import Person
from rsvpd.scheduling.effects import PutCopy
from rsvpd.store import calendars, changes, events, people, permissions
from rsvpd.store.calendars import CalendarRow, Emptying
from rsvpd.store.tx import Tx
from rsvpd.timezones.zone import find

LONGEST_NAME = 255
# learn.microsoft.com/office365/servicedescriptions, Exchange Online limits: folders; far below what lists can bear.
MOST_CALENDARS = 1_000
# A slice of what is deleted with a calendar ends after so many copies, of guests too.
_SLICE = 500
_NOT_DELETED = f"calendar = :calendar AND item <= :until AND state <> {State.DELETED:d}"


# --- calendars


@reads
def list_calendars(tx: Tx, who: Who, *, group: int | None = None) -> list[CalendarView]:
    """Return the calendars of the mailbox: its own, the default one first, then those that others share with it.

    In somebody else's mailbox they are those that are open to `who`. With `group` only those that stand in it.
    """
    found = [one for one in _all(tx, who) if one.lister is None or one.entry.is_listed]
    return found if group is None else [one for one in found if one.group == group]


@reads_by_index
def get_calendar(tx: Tx, who: Who, item: ItemId | None = None) -> CalendarView:
    """Return a calendar by its id, without one that which `who` names or else the default one.

    Raises CalendarNotFound, with a hint for that of another mailbox, and InvalidId for the id of something else.
    """
    return _open(tx, who, item)[1]


@reads
def get_calendar_with_hours(tx: Tx, who: Who) -> CalendarView:
    """Return the calendar that `who` names or else the default one, with the hours its owner works if that asks."""
    return _with_hours(tx, _open(tx, who, None)[1])


@writes
def create_calendar(
    tx: Tx,
    who: Who,
    draft: PropertiesDraft,
    *,
    group: int | None = None,
    unique: bool = False,
    maker: str = "",
    extended: tuple[CustomProperty, ...] = (),
) -> Done[CalendarView]:
    """Create a calendar in the own mailbox, with what is to hang on it.

    Raises MissingProperty without a name, InvalidProperty, InvalidTimeZone, TooLarge.
    Where names have to be `unique`, CalendarExists for one that is taken; ItemNotFound for an unknown group.
    """
    owner = open_mailbox(tx, who)
    group = MY_CALENDARS if group is None else _group(tx, owner, group).number
    if draft.name is UNSET:
        raise MissingProperty("The name of a calendar is required.", target="name")
    rows = calendars.all_of(tx, owner.number)
    if len(rows) >= MOST_CALENDARS:
        raise NotAllowed(f"There are {MOST_CALENDARS} calendars in this mailbox already.")
    own = rows[0].properties
    first = Properties(maker=maker, provider=own.provider, providers=own.providers, has_meet=own.has_meet)
    properties = _apply_properties(tx, first, draft)
    if unique:
        _expect_free(tx, who, properties.name)
    # As long as what stands before the at sign may be (RFC 5321 4.5.3.1.1).
    address = f"c_{tx.entropy(31).hex()}{ADDRESS_DOMAIN}"
    row = calendars.add(tx, owner.number, group, address, properties)
    write_of_calendar(tx, owner.number, row.number, extended)
    access = CalendarAccess(owner, owner, calendar=row.number, own_zone=properties.zone)
    return Done(_view(access, row, changes.newest(tx, owner.number), Entry()))


@writes
def update_calendar(
    tx: Tx,
    who: Who,
    draft: PropertiesDraft,
    item: ItemId | None = None,
    *,
    unique: bool = False,
    expected: int | None = None,
    periods: tuple[Period, ...] | UnsetType = UNSET,
    extended: tuple[CustomProperty, ...] = (),
) -> Done[CalendarView]:
    """Change a calendar, and what hangs on it.

    Raises what `create_calendar` does, RoleTooLow for somebody else's, ChangeKeyMismatch. The zone of a default
    calendar is that of the mailbox, and so are the hours its owner works (`periods`): NotAllowed for those of another
    calendar.
    """
    access, view = _open(tx, who, item, CalendarRole.OWNER)
    expect(view.change, expected)
    row = calendars.one(tx, *access.key)
    assert row is not None
    properties = _apply_properties(tx, row.properties, draft)
    if access.calendar == DEFAULT_CALENDAR and properties.zone:
        access = structs.replace(access, owner=move_to_zone(tx, access.owner, properties.zone))
        properties = structs.replace(properties, zone="")
    if periods is not UNSET:
        if access.calendar != DEFAULT_CALENDAR:
            raise NotAllowed("Working hours are those of a primary calendar.", target="workingHours")
        choose_hours(tx, access.owner, periods)
    if unique and properties.name.casefold() != view.name.casefold():
        _expect_free(tx, who, properties.name)
    has_more = write_of_calendar(tx, *access.key, extended)
    if has_more or properties != row.properties:
        row = structs.replace(row, properties=properties)
        calendars.keep(tx, access.owner.number, row)
    return Done(_with_hours(tx, _view(access, row, changes.newest(tx, access.owner.number), view.entry)))


@writes
def delete_calendar(
    tx: Tx, who: Who, item: ItemId | None = None, *, notify: Notify = Notify.ALL, decline: bool = False
) -> Done[None]:
    """Delete a calendar and what is in it. Of a guest's copies nobody is told, unless with `decline`. One that somebody
    else shares leaves the own list alone.

    Raises UndeletableCalendar for a default one, RoleTooLow for that of somebody else which is not in the own list.
    """
    access, view = _open(tx, who, item)
    if view.lister is not None:
        entry = calendars.entry(tx, view.lister.number, *access.key)
        calendars.keep_entry(tx, view.lister.number, *access.key, structs.replace(entry, is_listed=False))
        return Done(None)
    if not access.is_own:
        raise RoleTooLow(DENIED)
    if access.calendar == DEFAULT_CALENDAR:
        raise UndeletableCalendar("The default calendar of a mailbox cannot be deleted.")
    _empty(tx, access, who, notify=notify, decline=decline)
    calendars.drop(tx, *access.key)
    return Done(None)


@writes
def clear_calendar(tx: Tx, who: Who, *, notify: Notify, decline: bool) -> Done[None]:
    """Delete what is in the default calendar of the own mailbox. Raises InvalidProperty for another calendar."""
    access = open_calendar(tx, who, CalendarRole.OWNER)
    if access.calendar != DEFAULT_CALENDAR:
        raise InvalidProperty("Only a primary calendar is cleared; delete this one.", target="calendarId")
    _empty(tx, access, who, notify=notify, decline=decline)
    return Done(None)


@writes
def empty_next(tx: Tx) -> bool:
    """Delete the next slice of what is in a calendar that is to be emptied; return whether there was one."""
    wanted = calendars.next_emptying(tx)
    if wanted is None:
        return False
    owner = people.by_number(tx, wanted.mailbox)
    if owner is None or _is_emptied(tx, CalendarAccess(owner, owner, calendar=wanted.number), wanted):
        calendars.finish_emptying(tx, wanted.mailbox, wanted.number)
    return True


@reads
def is_emptying_left(tx: Tx) -> bool:
    """Return whether a calendar is still to be emptied."""
    return calendars.next_emptying(tx) is not None


@writes
def move_event(tx: Tx, who: Who, ref: EventRef, to: Who, *, visible: tuple[State, ...]) -> Done[EventView]:
    """Put an event of the organizer into the calendar that `to` names, of the same mailbox; its id stays.

    Raises OccurrenceStays for one date of a series, NotTheOrganizer for a guest's copy, NotEmulated for a calendar of
    somebody else's, and what opening both calendars to be written raises.
    """
    target = open_calendar(tx, to, CalendarRole.WRITE)
    access, found = open_event(tx, who, ref, CalendarRole.WRITE, visible=visible)
    access.check(found)
    if ref.original is not None or (ref.item is not None and ref.item.kind is Kind.OCCURRENCE):
        raise OccurrenceStays("An occurrence stays in the calendar of its series.")
    if target.owner.number != access.owner.number:
        raise NotEmulated("Moving an event into a calendar of another mailbox is not emulated.")
    if not found.row.copy.is_organizer:
        raise NotTheOrganizer(hint=Hint(HintCode.NOT_THE_ORGANIZER))
    if target.calendar != access.calendar:
        copy = structs.replace(found.row.copy, modified=who.now)
        put = PutCopy(
            mailbox=access.owner.number, copy=copy, item=found.row.item, state=found.row.state, calendar=target.calendar
        )  # fmt: skip
        apply(tx, (put,))
    row = events.copy_by_item(tx, access.owner.number, found.row.item)
    assert row is not None
    return Done(visible_view(tx, target, row, tracking=True))


# --- somebody's list of calendars


@reads
def list_entries(tx: Tx, who: Who) -> list[CalendarView]:
    """Return all that is or was in the own list of calendars, hidden ones and those taken off it too."""
    return _all(tx, who)


@writes
def change_entry(tx: Tx, who: Who, draft: EntryDraft, *, is_listed: bool | None = None) -> Done[CalendarView]:
    """Write how the calendar that `who` names stands in the own list; with `is_listed` whether it stands there."""
    access, view = _open(tx, who, None)
    lister = lister_of(tx, who)
    entry = structs.replace(view.entry, **_draft_changes(draft))
    if is_listed is not None:
        entry = structs.replace(entry, is_listed=is_listed)
    if entry != view.entry:
        calendars.keep_entry(tx, lister.number, *access.key, entry)
    return Done(structs.replace(view, entry=entry))


class Ownership(Struct, frozen=True):
    """Whether a calendar is one of who asks, and which application made it, if any did."""

    is_own: bool
    maker: str


@reads_by_index
def ownership(tx: Tx, who: Who) -> Ownership:
    """Return whose the calendar is that `who` names. Raises what opening it raises."""
    access = open_calendar(tx, who)
    row = calendars.one(tx, *access.key)
    return Ownership(access.is_own, row.properties.maker if row else "")


# --- groups of calendars


@reads
def list_groups(tx: Tx, who: Who) -> list[CalendarGroupView]:
    """Return the groups of calendars of the own mailbox, those that are always there first."""
    owner = open_mailbox(tx, who)
    newest = changes.newest(tx, owner.number)
    found = calendars.groups(tx, owner.number)
    return [_group_view(owner, number, name, newest) for number, name in sorted(found.items())]


@reads
def get_group(tx: Tx, who: Who, number: int) -> CalendarGroupView:
    """Return a group. Raises ItemNotFound."""
    return _group(tx, open_mailbox(tx, who), number)


@writes
def create_group(tx: Tx, who: Who, name: str) -> Done[CalendarGroupView]:
    """Create a group. Raises CalendarExists, InvalidProperty for a name that is none."""
    owner = open_mailbox(tx, who)
    found = calendars.groups(tx, owner.number)
    if len(found) >= MOST_CALENDARS:
        raise NotAllowed(f"There are {MOST_CALENDARS} groups of calendars in this mailbox already.")
    _expect_free_group(found, _check_name(name))
    return Done(_group(tx, owner, calendars.add_group(tx, owner.number, name)))


@writes
def rename_group(
    tx: Tx, who: Who, number: int, name: str, *, expected: int | None = None
) -> Done[CalendarGroupView]:
    """Give a group another name. Raises ItemNotFound, and what `create_group` does."""
    owner = open_mailbox(tx, who)
    stored = _group(tx, owner, number)
    expect(stored.change, expected)
    if _check_name(name) != stored.name:
        others = {other: one for other, one in calendars.groups(tx, owner.number).items() if other != number}
        _expect_free_group(others, name)
        calendars.keep_group(tx, owner.number, number, name)
    return Done(_group(tx, owner, number))


@writes
def delete_group(tx: Tx, who: Who, number: int) -> Done[None]:
    """Delete a group; its calendars come to the first one. Raises UndeletableCalendar for what is always there."""
    owner = open_mailbox(tx, who)
    _group(tx, owner, number)
    if number in (MY_CALENDARS, OTHER_CALENDARS):
        raise UndeletableCalendar("This group of calendars cannot be deleted.")
    calendars.drop_group(tx, owner.number, number)
    return Done(None)


# --- parts


class _CalendarTarget(Struct, frozen=True):
    """Which calendar an id means: whose, its number there, and in whose list it stands where that is not its owner."""

    owner: Person
    number: int
    lister: Person | None = None


def _open(
    tx: Tx, who: Who, item: ItemId | None, least: CalendarRole = CalendarRole.FREE_BUSY
) -> tuple[CalendarAccess, CalendarView]:
    if item is None:
        access = open_calendar(tx, who, least)
        lister = lister_of(tx, who)
        row, entry = calendars.calendar_and_entry(tx, lister.number, *access.key)
        assert row is not None
        return access, _view(access, row, changes.newest(tx, access.owner.number), entry)
    asked = _resolve_calendar(tx, who, item)
    if asked.lister is None:
        return _open(tx, structs.replace(who, calendar=asked.number), None, least)
    role = permissions.role_of(tx, asked.owner.number, asked.lister.number, asked.number)
    row, entry = calendars.calendar_and_entry(tx, asked.lister.number, asked.owner.number, asked.number)
    if role is CalendarRole.NONE or row is None or not entry.is_listed:
        raise CalendarNotFound(NO_CALENDAR)
    if role < least:
        raise RoleTooLow(DENIED)
    access = CalendarAccess(asked.owner, asked.lister, role, asked.number, row.properties.zone)
    view = _view(access, row, changes.newest(tx, asked.owner.number), entry)
    return access, structs.replace(view, lister=asked.lister, group=OTHER_CALENDARS)


def _resolve_calendar(tx: Tx, who: Who, item: ItemId) -> _CalendarTarget:
    accesses = open_calendars(tx, who)
    owner = accesses[0].owner
    if item.kind is Kind.SHARED_CALENDAR and accesses[0].is_own:
        return _CalendarTarget(_owner(tx, item.mailbox), item.item, owner)
    if item.kind is not Kind.CALENDAR:
        raise InvalidId("Id is malformed.") if item.kind is not Kind.SHARED_CALENDAR else CalendarNotFound(NO_CALENDAR)
    if item.mailbox != owner.number:
        raise CalendarNotFound(NO_CALENDAR, hint=Hint(HintCode.ID_OF_ANOTHER_MAILBOX))
    if item.item > SHARED and accesses[0].is_own:
        return _CalendarTarget(_owner(tx, item.item - SHARED), DEFAULT_CALENDAR, owner)
    if item.item not in {one.calendar for one in accesses}:
        raise CalendarNotFound(NO_CALENDAR)
    return _CalendarTarget(owner, item.item)


def _all(tx: Tx, who: Who) -> list[CalendarView]:
    accesses = open_calendars(tx, who)
    owner, lister = accesses[0].owner, lister_of(tx, who)
    newest, entries = changes.newest(tx, owner.number), calendars.entries(tx, lister.number)
    rows = {row.number: row for row in calendars.all_of(tx, owner.number)}
    found = [_view(one, rows[one.calendar], newest, entries.get(one.key, Entry())) for one in accesses]
    return [*found, *_shared_calendars(tx, owner, entries)] if accesses[0].is_own else found


def _owner(tx: Tx, number: int) -> Person:
    found = people.by_number(tx, number)
    if found is None:
        raise CalendarNotFound(NO_CALENDAR)
    return found


def _shared_calendars(
    tx: Tx, lister: Person, entries: dict[calendars.CalendarKey, Entry]
) -> Iterator[CalendarView]:
    """Yield the calendars of others that stand in the list of somebody: what was shared, and what was put there."""
    roles = permissions.shared_calendars(tx, lister.number)
    for mailbox, number in sorted({*roles, *entries}):
        role = roles.get((mailbox, number)) or permissions.role_of(tx, mailbox, lister.number, number)
        owner, row = people.by_number(tx, mailbox), calendars.one(tx, mailbox, number)
        if owner is None or row is None or role is CalendarRole.NONE or mailbox == lister.number:
            continue
        access = CalendarAccess(owner, lister, role, number)
        view = _view(access, row, changes.newest(tx, mailbox), entries.get((mailbox, number), Entry()))
        yield structs.replace(view, lister=lister, group=OTHER_CALENDARS)


def _view(access: CalendarAccess, row: CalendarRow, newest: int, entry: Entry) -> CalendarView:
    return CalendarView(
        owner=access.owner,
        number=row.number,
        change=newest,
        role=access.role,
        address=row.address,
        group=row.group,
        properties=row.properties,
        entry=entry,
    )


def _with_hours(tx: Tx, view: CalendarView) -> CalendarView:
    is_own = view.is_default and view.role is CalendarRole.OWNER
    return structs.replace(view, hours=hours_of(tx, view.owner)) if is_own else view


def _apply_properties(tx: Tx, before: Properties, draft: PropertiesDraft) -> Properties:
    """Return what a calendar is after somebody wrote it; its new labels have ids then."""
    written = structs.replace(before, **_draft_changes(draft))
    if written.labels is not None and draft.labels is not UNSET:
        labels = (one if one.id else structs.replace(one, id=_new_label(tx)) for one in written.labels)
        written = structs.replace(written, labels=tuple(labels))
    if draft.name is not UNSET:
        _check_name(draft.name)
    return structs.replace(written, zone=find(written.zone)) if draft.zone is not UNSET and draft.zone else written


def _new_label(tx: Tx) -> str:
    return str(UUID(bytes=tx.entropy(16), version=4))


def _draft_changes(draft: PropertiesDraft | EntryDraft) -> dict[str, Any]:
    """Return what somebody wrote."""
    return {name: value for name, value in structs.asdict(draft).items() if value is not UNSET}


def _check_name(name: str) -> str:
    if not name.strip():
        raise InvalidProperty("The name is empty.", target="name")
    if len(name) > LONGEST_NAME:
        raise InvalidProperty(f"The name has more than {LONGEST_NAME} letters.", target="name")
    return name


def _expect_free(tx: Tx, who: Who, name: str) -> None:
    taken = {one.name.casefold() for one in list_calendars(tx, who) if one.lister is None}
    if name.casefold() in taken:
        raise CalendarExists("A folder with the specified name already exists.", target="name")


def _expect_free_group(groups: dict[int, str], name: str) -> None:
    if name.casefold() in {one.casefold() for one in groups.values()}:
        raise CalendarExists("A folder with the specified name already exists.", target="name")


def _group(tx: Tx, owner: Person, number: int) -> CalendarGroupView:
    name = calendars.groups(tx, owner.number).get(number)
    if name is None:
        raise ItemNotFound(NO_CALENDAR)
    return _group_view(owner, number, name, changes.newest(tx, owner.number))


def _group_view(owner: Person, number: int, name: str, newest: int) -> CalendarGroupView:
    return CalendarGroupView(owner=owner, number=number, name=name, change=newest)


def _empty(tx: Tx, access: CalendarAccess, who: Who, *, notify: Notify, decline: bool) -> None:
    """Delete what is in a calendar: a slice now, what is left afterwards."""
    mailbox, number = access.key
    wanted = Emptying(mailbox, number, changes.newest(tx, mailbox), who.now, notify.value, decline)
    if not _is_emptied(tx, access, wanted):
        calendars.empty(tx, wanted)


def _is_emptied(tx: Tx, access: CalendarAccess, wanted: Emptying) -> bool:
    """Delete a slice of what is in a calendar; return whether nothing is left."""
    left = _SLICE
    # One more than fits, so that what is left is seen.
    tail = f"ORDER BY item LIMIT {_SLICE + 1:d}"
    stored = events.keys(tx, wanted.mailbox, _NOT_DELETED, tail, calendar=wanted.number, until=wanted.until)
    for item, _, _ in list(stored):
        if left <= 0:
            return False
        row = events.copy_by_item(tx, wanted.mailbox, item)
        assert row is not None
        found = StoredEvent(row, representative(row.meeting))
        left -= 1 + len(row.meeting.event.attendees)
        notify = Notify(wanted.notify)
        events_of.remove(tx, access, found, notify=notify, decline=wanted.decline, now=wanted.asked)
    return True
