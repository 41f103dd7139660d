"""When people and rooms are free, as everybody in the directory may ask.

Rule 1: who may open a calendar sees in its times what that role sees in its events; who may not, only times.
Rule 2: everybody here may know the times, unless the owner shares the calendar with nobody (Graph:
        calendarRoleType).
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Sequence

from msgspec import Struct

from rsvpd.calendar import permission
from rsvpd.calendar.calendars import DEFAULT_CALENDAR
from rsvpd.calendar.event import State
from rsvpd.calendar.freebusy import Busy, busy
from rsvpd.calendar.permission import CalendarRole
from rsvpd.calendar.working_hours import WorkingHours
from rsvpd.clock import Instant
from rsvpd.commands.access import free_busy_role, open_mailbox
from rsvpd.commands.door import Who, reads
from rsvpd.errors import InvalidRange, ScheduleTooLong
from rsvpd.mail.person import Person
from rsvpd.store import calendars, events, people, settings, windows
from rsvpd.store.tx import Tx

_DAY = 24 * 3600 * 1_000_000


class Schedule(Struct, frozen=True, kw_only=True):
    """The taken times of whoever answers to `address`, in order; `person` None where nobody does.

    `role` is what the asker may see of the calendar, with NONE not even times. `count`: how many times there
    are, of which `times` may be the first ones only. `hours`: when the person works, with the zone of that.
    """

    address: str
    person: Person | None = None
    times: tuple[Busy, ...] = ()
    role: CalendarRole = CalendarRole.NONE
    count: int = 0
    hours: WorkingHours | None = None

    @property
    def shows_details(self) -> bool:
        """Return whether the asker may know what stands there, not only when."""
        return self.role >= CalendarRole.LIMITED


@reads
def get_schedules(
    tx: Tx, who: Who, addresses: Sequence[str | None], start: Instant, end: Instant, *, days: int, most: int
) -> list[Schedule]:
    """Return what is taken within [start, end), at most `most` times of each; None stands for the asker.

    Raises InvalidRange, or ScheduleTooLong for more than `days` days.
    """
    actor = open_mailbox(tx, who)
    if end <= start:
        raise InvalidRange("The end of the time asked for is not after its start.")
    if end - start > days * _DAY:
        asked = -((start - end) // _DAY)
        raise ScheduleTooLong(
            f"The requested time range is too long. The allowed limit = {days} days; the actual limit = {asked} days."
        )
    return [_schedule(tx, actor, address, start, end, most) for address in addresses]


def busy_times(
    tx: Tx,
    owner: Person,
    start: Instant,
    end: Instant,
    *,
    calendar: int = DEFAULT_CALENDAR,
    zone: str = "",
    without: int = 0,
    role: CalendarRole = CalendarRole.OWNER,
) -> Iterator[Busy]:
    """Yield what is taken in a calendar of `owner` within [start, end) as `role` sees it, without one item.

    `zone` is that of the calendar, where it is not the owner's.
    """
    # An all-day event is stored as from midnight UTC; where the owner is it may be 14 hours away.
    found = windows.overlapping_copies(
        tx,
        (owner.number, calendar),
        start - _DAY,
        end + _DAY,
        "state = :live AND item <> :without",
        live=int(State.LIVE),
        without=without,
    )
    rows = (events.copy_by_item(tx, owner.number, item) for _, item in found)
    for row in filter(None, rows):
        visible = permission.visible_to(row.meeting, role, owner.mailbox)
        yield from busy(visible, start, end, zone=zone or owner.zone, spend=tx.work.spend)


def _schedule(
    tx: Tx, actor: Person, address: str | None, start: Instant, end: Instant, most: int
) -> Schedule:
    named = _resolve_address(tx, actor, address)
    if named is None:
        return Schedule(address=address or "")
    person, calendar, zone = named
    role = free_busy_role(tx, actor, person, calendar)
    if role is CalendarRole.NONE:
        return Schedule(address=address or person.address, person=person)
    times, count = first_times(busy_times(tx, person, start, end, calendar=calendar, zone=zone, role=role), most)
    return Schedule(
        address=address or person.address,
        person=person,
        times=tuple(times),
        role=role,
        count=count,
        hours=hours_of(tx, person),
    )


def hours_of(tx: Tx, person: Person) -> WorkingHours:
    """Return when somebody works, with the zone of that."""
    own = settings.of(tx, person.number)
    return own.hours.in_zone(own.zone_as_set(person.zone))


def _resolve_address(tx: Tx, actor: Person, address: str | None) -> tuple[Person, int, str] | None:
    """Return whose calendar an address means, which one, and the zone where it has one of its own.

    Of a person that is the default calendar: what stands in the others makes nobody busy.
    """
    person = actor if address is None else people.by_address(tx, address)
    if person is not None:
        return person, DEFAULT_CALENDAR, ""
    known = calendars.by_address(tx, address or "")
    owner = people.by_number(tx, known[0]) if known else None
    row = calendars.one(tx, *known) if known else None
    return None if owner is None or row is None else (owner, row.number, row.properties.zone)


def first_times(times: Iterator[Busy], most: int) -> tuple[list[Busy], int]:
    """Return the first `most` times in order, and how many there are."""
    count = itertools.count()
    counted = (one for one, _ in zip(times, count, strict=False))
    found = heapq.nsmallest(most, counted, key=lambda one: (one.start, one.end))
    return found, next(count)
