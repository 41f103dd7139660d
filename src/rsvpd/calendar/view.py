"""What a reader sees: one event of one mailbox, ready to be written in any dialect."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, structs

from rsvpd import ids
from rsvpd.calendar.calendars import DEFAULT_CALENDAR, MY_CALENDARS, Entry, Properties
from rsvpd.calendar.event import Answer, Attendee, Event, EventKind, Meeting, State, When
from rsvpd.calendar.permission import CalendarRole
from rsvpd.calendar.series import Frame, day_of, is_partial, occurrence_by_id
from rsvpd.calendar.working_hours import WorkingHours
from rsvpd.mail.person import Person

# From here on, the numbers of default calendars that others share: this and the number of their mailbox.
SHARED = 1 << 30


class CalendarView(Struct, frozen=True, kw_only=True):
    """A calendar of a mailbox. `change` is the mailbox's newest change.

    `role` is what its reader may do with it. One of somebody else that stands among the calendars of `lister`
    has an id of its own there. `address` is that of a calendar that is not the default one; `group` is that of the
    reader's groups in which it stands, and `entry` how it stands in the reader's list. `hours` are those its owner
    works, where these were asked for. `extended` are values of extended properties, where a filter asks about them.
    """

    owner: Person
    number: int
    change: int
    role: CalendarRole = CalendarRole.OWNER
    lister: Person | None = None
    address: str = ""
    group: int = MY_CALENDARS
    properties: Properties = Properties()
    entry: Entry = Entry()
    hours: WorkingHours | None = None
    extended: Mapping[tuple[str, str], tuple[str, ...]] = {}

    @property
    def is_default(self) -> bool:
        """Return whether it is the one calendar that its reader's mailbox always has."""
        return self.number == DEFAULT_CALENDAR and self.lister is None

    @property
    def name(self) -> str:
        """Return what Outlook calls it; the default calendar of somebody else is called after its owner."""
        if self.number == DEFAULT_CALENDAR and self.lister is not None:
            return self.owner.name
        return self.properties.name or "Calendar"

    @property
    def zone(self) -> str:
        """Return the IANA name of the zone in which its days are; that of a default calendar is its owner's."""
        return self.properties.zone or self.owner.zone

    @property
    def id(self) -> str:
        """Return the opaque id."""
        if self.lister is None:
            return ids.encode(ids.ItemId(ids.Kind.CALENDAR, self.owner.number, self.number))
        if self.number == DEFAULT_CALENDAR:
            return ids.encode(ids.ItemId(ids.Kind.CALENDAR, self.lister.number, SHARED + self.owner.number))
        return ids.encode(ids.ItemId(ids.Kind.SHARED_CALENDAR, self.owner.number, self.number))


class CalendarGroupView(Struct, frozen=True, kw_only=True):
    """A group of the calendars of a mailbox. `change` is the mailbox's newest change."""

    owner: Person
    number: int
    name: str
    change: int

    @property
    def id(self) -> str:
        """Return the opaque id."""
        return ids.encode(ids.ItemId(ids.Kind.CALENDAR_GROUP, self.owner.number, self.number))


class EventView(Struct, frozen=True, kw_only=True):
    """An event as `owner` has it: the whole `meeting` and the one `event` of it that is meant.

    `calendar` is the number of the one in which it stands.
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
    calendar: int = DEFAULT_CALENDAR
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
