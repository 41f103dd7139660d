"""Finding a time for a meeting of the owner of a mailbox, with whoever is in the directory."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, structs

from rsvpd.calendar.event import Location
from rsvpd.calendar.freebusy import Busy
from rsvpd.calendar.meeting_times import (
    STEP,
    Domain,
    MeetingTimeQuestion,
    MeetingTimeSuggestions,
    Participant,
    Place,
    find,
)
from rsvpd.calendar.permission import CalendarRole
from rsvpd.calendar.spans import Span
from rsvpd.calendar.working_hours import working_spans
from rsvpd.commands.access import free_busy_role, open_mailbox
from rsvpd.commands.door import Who, reads
from rsvpd.commands.schedule import busy_times, first_times, hours_of
from rsvpd.errors import InvalidRange, ScheduleTooLong
from rsvpd.mail.person import Person, PersonKind
from rsvpd.store import people, rooms
from rsvpd.store.tx import Tx

LONGEST_DAYS = 62
USUAL_DAYS = 7
MOST_TIMES = 1000  # taken times of one participant; of whoever has more nothing is known
MOST_ROOMS = 50
ROOMS_SUGGESTED = 5
_DAY = 24 * 3600 * 1_000_000
_ROOM = Location(kind="conferenceRoom")


class NamedPlace(Struct, frozen=True):
    """A place that is asked for; `is_checked`: it has to be free."""

    location: Location
    is_checked: bool = True


class MeetingTimeRequest(Struct, frozen=True, kw_only=True):
    """A meeting that is to be: with whom (addresses), when, for how long (microseconds), and where."""

    attendees: tuple[str, ...]
    windows: tuple[Span, ...]
    length: int
    domain: Domain = Domain.WORK
    is_organizer_optional: bool = False
    places: tuple[NamedPlace, ...] = ()
    needs_place: bool = False
    suggests_places: bool = False
    minimum: float = 50.0
    most: int = 5


class MeetingTimes(Struct, frozen=True):
    """What was found, and the places that its numbers stand for."""

    found: MeetingTimeSuggestions
    places: tuple[Location, ...]


@reads
def find_meeting_times(tx: Tx, who: Who, wanted: MeetingTimeRequest) -> MeetingTimes:
    """Return when the owner of the mailbox and all others can meet; without windows within the next seven days.

    Raises InvalidRange for a window that ends before it starts, ScheduleTooLong.
    """
    organizer = open_mailbox(tx, who)
    windows = wanted.windows or _next_days(who.now)
    between = _bounds(windows)
    places = tuple(_places(tx, organizer, wanted, between))
    asked = MeetingTimeQuestion(
        windows=windows,
        length=wanted.length,
        organizer=_participant(tx, organizer, organizer, wanted.domain, between),
        is_organizer_optional=wanted.is_organizer_optional,
        attendees=tuple(
            _participant(tx, organizer, people.by_address(tx, one), wanted.domain, between) for one in wanted.attendees
        ),
        places=tuple(place for _, place in places),
        needs_place=wanted.needs_place,
        spare=ROOMS_SUGGESTED if wanted.suggests_places else 1,
        minimum=wanted.minimum,
        most=wanted.most,
    )
    return MeetingTimes(find(asked, spend=tx.work.spend), tuple(location for location, _ in places))


def _next_days(now: int) -> tuple[Span]:
    start = -(-now // STEP) * STEP
    return ((start, start + USUAL_DAYS * _DAY),)


def _bounds(windows: tuple[Span, ...]) -> Span:
    if any(end <= start for start, end in windows):
        raise InvalidRange("A time slot ends before it starts.", target="timeSlots")
    start, end = min(one for one, _ in windows), max(one for _, one in windows)
    if end - start > LONGEST_DAYS * _DAY:
        asked = -((start - end) // _DAY)
        raise ScheduleTooLong(
            f"The requested time range is too long. The allowed limit = {LONGEST_DAYS} days;"
            f" the actual limit = {asked} days."
        )
    return start, end


def _participant(tx: Tx, asker: Person, person: Person | None, domain: Domain, between: Span) -> Participant:
    if person is None:
        return Participant(None)
    times = _times(tx, asker, person, between)
    # Rooms are open all day; the hours of whom nothing is told are not told either.
    if times is None or domain is Domain.UNRESTRICTED or person.kind is PersonKind.ROOM:
        return Participant(times)
    hours = hours_of(tx, person)
    if domain is Domain.PERSONAL:
        hours = hours.with_weekends()
    return Participant(times, tuple(working_spans(hours, person.zone, *between)))


def _times(tx: Tx, asker: Person, person: Person, between: Span) -> tuple[Busy, ...] | None:
    """Return the taken times of somebody; None where they are not for the asker, or too many to look at."""
    role = free_busy_role(tx, asker, person)
    if role is CalendarRole.NONE:
        return None
    times, count = first_times(busy_times(tx, person, *between, role=role), MOST_TIMES)
    return tuple(times) if count <= MOST_TIMES else None


def _places(tx: Tx, asker: Person, wanted: MeetingTimeRequest, between: Span) -> Iterator[tuple[Location, Place]]:
    """Yield the places that are asked for, then rooms that can stand in for them."""
    every = _rooms(tx) if wanted.places or wanted.needs_place or wanted.suggests_places else []
    named = set()
    for one in wanted.places:
        room = _room_of(tx, one.location, every)
        if room is None:
            yield one.location, Place(None, one.is_checked)
        else:
            named.add(room.number)
            yield _location(room, one.location), Place(_times(tx, asker, room, between), one.is_checked)
    if wanted.suggests_places or any(one.is_checked for one in wanted.places) or wanted.needs_place:
        for room in every:
            if room.number not in named:
                yield _location(room), Place(_times(tx, asker, room, between), is_spare=True)


def _rooms(tx: Tx) -> list[Person]:
    found = (people.by_address(tx, one) for one in sorted(rooms.addresses(tx))[:MOST_ROOMS])
    return [one for one in found if one is not None]


def _room_of(tx: Tx, location: Location, every: list[Person]) -> Person | None:
    """Return the room that a place is, by its address or else by its name."""
    if location.mailbox:
        return people.by_address(tx, location.mailbox)
    return next((one for one in every if location.name and one.name.casefold() == location.name.casefold()), None)


def _location(room: Person, asked: Location = _ROOM) -> Location:
    return structs.replace(asked, name=asked.name or room.name, mailbox=room.address)
