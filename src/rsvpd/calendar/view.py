"""What a reader sees: one event of one mailbox, ready to be written in any dialect."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, structs

from rsvpd import ids
from rsvpd.calendar.event import Answer, Attendee, Event, EventKind, Meeting, State, When
from rsvpd.calendar.permission import CalendarRole
from rsvpd.calendar.series import Frame, day_of, is_partial, occurrence_by_id
from rsvpd.mail.person import Person


class CalendarView(Struct, frozen=True, kw_only=True):
    """A calendar of a mailbox. `change` is the mailbox's newest change.

    `role` is what its reader may do with it. One of somebody else that stands among the calendars of `lister`
    has a number there, and so an id of its own.
    """

    owner: Person
    number: int
    name: str
    change: int
    role: CalendarRole = CalendarRole.OWNER
    lister: Person | None = None

    @property
    def id(self) -> str:
        """Return the opaque id."""
        lister = self.lister or self.owner
        return ids.encode(ids.ItemId(ids.Kind.CALENDAR, lister.number, self.number))


class EventView(Struct, frozen=True, kw_only=True):
    """An event as `owner` has it: the whole `meeting` and the one `event` of it that is meant.

    For a master or a single meeting `recurrence_id` is None; a single one that has it is an occurrence to
    which alone the owner is invited. `original_start` is set for occurrences
    and exceptions. `tracking` holds the attendees with the answers the organizer knows of, as their other
    guests see them, or None where the owner sees only what stands in the own copy.
    `is_namesake`: an event of another organizer had the UID before in this mailbox. `extended` are the values of what
    programs hung on it, by form and name, where a question is about them.
    """

    owner: Person
    item: int
    change: int
    state: State
    meeting: Meeting
    event: Event
    kind: EventKind
    recurrence_id: str | None = None
    slot: int = 0
    original_start: When | None = None
    tracking: tuple[Attendee, ...] | None = None
    is_namesake: bool
    extended: Mapping[tuple[str, str], tuple[str, ...]] = {}

    @property
    def id(self) -> str:
        """Return the opaque id of this very event."""
        if self.recurrence_id is None:
            return ids.encode(ids.ItemId(ids.Kind.EVENT, self.owner.number, self.item))
        day = day_of(self.recurrence_id)
        return ids.encode(ids.ItemId(ids.Kind.OCCURRENCE, self.owner.number, self.item, day, self.slot))

    @property
    def master_id(self) -> str | None:
        """Return the id of the series this is an occurrence of; None where the owner has no more of it."""
        if self.recurrence_id is None or is_partial(self.meeting):
            return None
        return ids.encode(ids.ItemId(ids.Kind.EVENT, self.owner.number, self.item))

    @property
    def is_meeting(self) -> bool:
        """Return whether anybody is invited."""
        return bool(self.event.attendees) or not self.meeting.is_organizer


def exceptions_of(view: EventView) -> list[EventView]:
    """Return the occurrences of a master that differ from it, in their original order.

    Those the owner has declined left the calendar; of anything but a master there are none.
    """
    meeting = view.meeting
    if view.kind is not EventKind.MASTER:
        return []
    frame = Frame(meeting)
    found = (occurrence_by_id(frame, rid) for rid in sorted(meeting.exceptions))
    return [
        structs.replace(
            view,
            event=one.event,
            kind=one.kind,
            recurrence_id=one.recurrence_id,
            slot=one.slot,
            original_start=one.original_start,
        )
        for one in found
        if one is not None and (meeting.is_organizer or one.event.answer is not Answer.DECLINED)
    ]
