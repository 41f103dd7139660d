"""Giving a second calendar to somebody else, as an administrator does. One function, one transaction.

The calendar moves into the mailbox of the new owner with what stands in it, so that it stays when the former owner's
account is deleted. Its address stays, and with that its id in Google; what is organized in it becomes the new owner's
(scheduling/ownership.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, structs

from rsvpd.calendar.calendars import DEFAULT_CALENDAR, MY_CALENDARS
from rsvpd.calendar.copy import Copy
from rsvpd.calendar.event import MeetingKey, State
from rsvpd.calendar.permission import roles_for
from rsvpd.commands.access import NO_CALENDAR
from rsvpd.commands.arrival import apply
from rsvpd.commands.calendar import new_uid
from rsvpd.commands.calendars import MOST_CALENDARS
from rsvpd.commands.directory import check_administrator
from rsvpd.commands.door import Done, Who, writes
from rsvpd.errors import CalendarNotFound, InvalidProperty, NotAllowed, Overloaded
from rsvpd.mail.address import fold
from rsvpd.mail.person import Person, PersonKind
from rsvpd.scheduling.effects import PutCopy
from rsvpd.scheduling.ownership import former_owner_copy, new_owner_copy, with_organizer
from rsvpd.store import calendars, changes, deliveries, events, ownership, people, permissions
from rsvpd.store.calendars import CalendarKey, CalendarRow
from rsvpd.store.tx import Tx

_TARGET = "newDataOwner"
_STANDING = f"calendar = :calendar AND state <> {State.DELETED:d}"


class _TransferredEvent(Struct, frozen=True):
    """An event of the former owner's, under which number its name is stored, and where its other copies are."""

    row: events.CopyRow
    meeting: int
    others: tuple[ownership.Place, ...]


@writes
def transfer_calendar(tx: Tx, who: Who, address: str | None, new_owner: str) -> Done[None]:
    """Give the second calendar with this address (None: the own primary one) to whoever has the other address.

    Raises NotAnAdministrator, CalendarNotFound, InvalidProperty for a primary calendar and for whoever cannot be the
    owner, NotAllowed where that one has too many, Overloaded while invitations from there are under way.
    """
    check_administrator(tx, who)
    former, row = _find_secondary_calendar(tx, address)
    owner = _new_owner(tx, new_owner, former)
    if len(calendars.all_of(tx, owner.number)) >= MOST_CALENDARS:
        raise NotAllowed(f"There are {MOST_CALENDARS} calendars in this mailbox already.")
    moving = [_transferred_event(tx, former, item) for item in _items(tx, former, row)]
    given = permissions.roles_by_grantee(tx, former.number, row.number)
    elsewhere = (mailbox for one in moving for mailbox, _ in one.others)
    changes.expect(tx, {former.number, owner.number, *filter(None, given), *elsewhere})
    # A calendar without a zone of its own is in that of its owner.
    properties = structs.replace(row.properties, zone=row.properties.zone or former.zone)
    there = calendars.add(tx, owner.number, MY_CALENDARS, row.address, properties)
    for one in moving:
        _move(tx, former, owner, there.number, one, who)
    _share(tx, (former.number, row.number), (owner.number, there.number))
    calendars.drop(tx, former.number, row.number)
    return Done(None)


def _find_secondary_calendar(tx: Tx, address: str | None) -> tuple[Person, CalendarRow]:
    if address is None or people.by_address(tx, address) is not None:
        raise InvalidProperty("A primary calendar cannot be transferred.", target="calendarId")
    known = calendars.by_address(tx, address)
    owner = people.by_number(tx, known[0]) if known else None
    row = calendars.one(tx, *known) if known else None
    if owner is None or row is None or row.number == DEFAULT_CALENDAR:
        raise CalendarNotFound(NO_CALENDAR)
    return owner, row


def _new_owner(tx: Tx, address: str, former: Person) -> Person:
    found = people.by_address(tx, address)
    if found is None or found.kind is not PersonKind.USER:
        raise InvalidProperty(f"{address[:120]} is no user of this server.", target=_TARGET)
    if found == former:
        raise InvalidProperty(f"{found.address} is the data owner already.", target=_TARGET)
    return found


def _items(tx: Tx, former: Person, row: CalendarRow) -> list[int]:
    return [item for item, _, _ in events.keys(tx, former.number, _STANDING, "ORDER BY item", calendar=row.number)]


def _transferred_event(tx: Tx, former: Person, item: int) -> _TransferredEvent:
    row = events.copy_by_item(tx, former.number, item)
    assert row is not None
    key = row.copy.revision.key
    meeting = ownership.number_of(tx, key)
    assert meeting is not None
    if deliveries.is_under_way(tx, former.number, key.uid):
        raise Overloaded
    others = ownership.copies(tx, meeting) if row.copy.is_organizer else []
    tx.work.spend(len(others))
    return _TransferredEvent(row, meeting, tuple(one for one in others if one != (former.number, item)))


def _move(tx: Tx, former: Person, owner: Person, calendar: int, one: _TransferredEvent, who: Who) -> None:
    """Let an event, and what is kept beside it, stand in a calendar of the new owner's."""
    row, uid = one.row, one.row.copy.revision.uid
    copy = row.copy
    if copy.is_organizer:
        key = MeetingKey(uid, fold(owner.address))
        if ownership.number_of(tx, key) is not None:  # the new owner has an event of the own by that name
            key = structs.replace(key, uid=new_uid(tx, who.now))
        ownership.rename(tx, one.meeting, key)
        copy = with_organizer(copy, owner, uid=key.uid, now=who.now)
    item = _item_there(tx, owner, copy)
    apply(tx, _puts(tx, former, owner, calendar, one, copy, item, who))
    there = item or events.item_of(tx, owner.number, copy.revision.key)
    if copy.is_organizer or item is None:
        ownership.move_beside(
            tx, (former.number, row.item), (owner.number, there), has_responses=row.has_responses
        )


def _item_there(tx: Tx, owner: Person, copy: Copy) -> int | None:
    """Return the copy that the new owner has of a meeting already, as a guest."""
    found = events.copy_by_key(tx, owner.number, copy.revision.key)
    return found.item if found else None


def _puts(
    tx: Tx, former: Person, owner: Person, calendar: int, one: _TransferredEvent, copy: Copy, item: int | None, who: Who
) -> Iterator[PutCopy]:
    if copy.is_organizer or item is None:
        yield PutCopy(
            mailbox=owner.number, copy=new_owner_copy(copy), item=item, state=one.row.state, calendar=calendar
        )  # fmt: skip
    for mailbox, number in one.others:
        theirs = None if mailbox == owner.number else events.copy_by_item(tx, mailbox, number)
        if theirs is not None:
            said = with_organizer(theirs.copy, owner, uid=copy.revision.uid, now=who.now)
            yield PutCopy(mailbox=mailbox, copy=said, item=number, state=theirs.state)
    yield PutCopy(mailbox=former.number, copy=former_owner_copy(copy, former), item=one.row.item, state=State.DELETED)


def _share(tx: Tx, calendar: CalendarKey, to: CalendarKey) -> None:
    """Let the calendar be shared as it was, and with the former owner as much as a second calendar can be."""
    ownership.move_entries(tx, calendar, to)
    entry = calendars.entry(tx, to[0], *to)
    if not entry.is_listed:
        calendars.keep_entry(tx, to[0], *to, structs.replace(entry, is_listed=True))
    highest = roles_for(everybody=False, is_default=False)[-1]
    roles = permissions.roles_by_grantee(tx, *calendar) | {calendar[0]: highest}
    for grantee, role in sorted(roles.items()):
        if grantee != to[0]:
            permissions.keep(tx, *to, grantee, role)
