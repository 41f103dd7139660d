"""What organizers know of the answers to their meetings, as guests see it in their copies."""

from __future__ import annotations

from collections.abc import Iterable

from rsvpd.calendar.event import Attendee, Event, Meeting
from rsvpd.calendar.permission import as_guest_sees, is_tracked
from rsvpd.calendar.series import Frame, occurrence_by_id
from rsvpd.calendar.view import EventView
from rsvpd.mail.address import fold
from rsvpd.mail.person import Person
from rsvpd.store import changes, events, people
from rsvpd.store.tx import Tx


class Tracking:
    """What organizers know of the answers to their meetings; each copy of theirs is read once."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._theirs: dict[int, _OrganizersCopy | None] = {}
        self._organizers: dict[int, int] = {}  # by the number of the copy

    def states(self) -> dict[int, int]:
        """Return the mailboxes of the organizers asked so far: what their changes change in what was shown."""
        return changes.newest_of(self._tx, self._organizers.values())

    def states_of(self, views: Iterable[EventView]) -> dict[int, int]:
        """Return those of the organizers of what is shown, whatever else was read to find it."""
        asked = (self._organizers.get(view.item) for view in views)
        return changes.newest_of(self._tx, (number for number in asked if number is not None))

    def of(
        self, owner: Person, item: int, meeting: Meeting, event: Event, recurrence_id: str | None
    ) -> tuple[Attendee, ...] | None:
        """Return the guests of an event with the answers its organizer knows of, as the owner of the copy sees them.

        None where that copy says all: for the organizer, where the list is hidden or very long, and for whoever is
        not on the list any more, in whose copy stands what was last seen.
        """
        if meeting.is_organizer or event.hide_attendees:
            return None
        if item not in self._theirs:
            self._theirs[item] = self._copy(item, meeting)
        theirs = self._theirs[item]
        return None if theirs is None else theirs.guests_for(owner, recurrence_id)

    def _copy(self, item: int, meeting: Meeting) -> _OrganizersCopy | None:
        organizer = people.by_address(self._tx, meeting.organizer.address)
        if organizer is not None:
            self._organizers[item] = organizer.number
        row = events.by_key(self._tx, organizer.number, meeting.key) if organizer else None
        return _OrganizersCopy(row.meeting) if row is not None and row.meeting.is_organizer else None


class _OrganizersCopy:
    """A meeting with what its organizer knows of the answers; lists show its dates one after the other.

    A guest is the same on most of them, and is made once as guests see each other.
    """

    def __init__(self, meeting: Meeting) -> None:
        self._meeting, self._frame = meeting, Frame(meeting)
        self._guests: dict[int, tuple[str, Attendee]] = {}  # by id(): the folded address, and what guests see

    def guests_for(self, owner: Person, recurrence_id: str | None) -> tuple[Attendee, ...] | None:
        """Return the guest list of a date, or of the whole, as `owner` sees it; None for who is not on it."""
        found = occurrence_by_id(self._frame, recurrence_id) if recurrence_id else None
        if recurrence_id and found is None:
            return None
        event = found.event if found else self._meeting.event
        if not is_tracked(event):
            return None
        guests = [self._guest(one) for one in event.attendees]
        me = fold(owner.address)
        return tuple(one for _, one in guests) if any(who == me for who, _ in guests) else None

    def _guest(self, attendee: Attendee) -> tuple[str, Attendee]:
        made = self._guests.get(id(attendee))
        if made is None:
            made = self._guests[id(attendee)] = fold(attendee.address), as_guest_sees(attendee)
        return made
