"""The table of events, in Graph's names and in the order of the service's own answers."""

from __future__ import annotations

from typing import Any

from rsvpd.calendar.event import AllDay, EventKind, Location, Status, When
from rsvpd.calendar.rule import Recurrence
from rsvpd.calendar.series import day_of, pattern_start
from rsvpd.calendar.view import EventView
from rsvpd.dialects.microsoft.tables import online
from rsvpd.dialects.microsoft.tables.builder import many, recase
from rsvpd.dialects.microsoft.tables.complex_types import Types
from rsvpd.dialects.microsoft.tables.item import CHANGE_KEY, HAS_ATTACHMENTS, ID, categories, web_link
from rsvpd.dialects.microsoft.vocabulary import recurrence, words
from rsvpd.dialects.microsoft.vocabulary.codecs import (
    FLAG,
    PRECISE,
    TEXT,
    Ctx,
    constant,
    read_flag,
    read_number,
    read_object,
    read_only,
)
from rsvpd.dialects.microsoft.vocabulary.times import INSTANT_OF, ORIGINAL_ZONE
from rsvpd.dialects.shape import Access, Codec, Prop, Shape, Shown
from rsvpd.mail.content import preview

_LONGEST_REMINDER = 5 * 366 * 24 * 60
WRITE = Access.WRITE


def event_table(t: Types) -> Shape[Ctx]:
    """Return the table of events made of these complex types."""
    return Shape("event", (*_identity(t), *_words_of_it(t), *_times_and_places(t)), base="outlookItem")


def _identity(t: Types) -> tuple[Prop[Ctx], ...]:
    return (
        ID,
        Prop(name="createdDateTime", source="meeting.created", codec=PRECISE, query="created"),
        Prop(name="lastModifiedDateTime", source="meeting.modified", codec=PRECISE, query="modified"),
        CHANGE_KEY,
        categories("event.categories"),
        Prop(
            name="transactionId",
            source="meeting.transaction_id",
            codec=TEXT,
            access=Access.CREATE,
            field="transaction_id",
            query="transaction",
        ),
        Prop(
            name="originalStartTimeZone",
            source="event.start",
            codec=ORIGINAL_ZONE,
            query="original_start_zone",
        ),
        Prop(
            name="originalEndTimeZone",
            source="event.end",
            codec=ORIGINAL_ZONE,
            query="original_end_zone",
        ),
        Prop(name="iCalUId", source="", codec=OCCURRENCE_UID, query="uid"),
        Prop(
            name="reminderMinutesBeforeStart",
            source="event.reminder_minutes",
            codec=REMINDER,
            access=WRITE,
            query="reminder_minutes",
        ),
        Prop(name="isReminderOn", source="event.reminder_on", codec=FLAG, access=WRITE, query="reminder_on"),
        Prop(
            name="hasAttachments",
            source="event.attachments",
            codec=HAS_ATTACHMENTS,
            query="has_attachments",
        ),
    )


def _words_of_it(t: Types) -> tuple[Prop[Ctx], ...]:
    return (
        Prop(name="subject", source="event.subject", codec=TEXT, access=WRITE, query="subject"),
        Prop(
            name="bodyPreview",
            source="event.body",
            codec=read_only("Edm.String", lambda body, _: preview(body)),
            query="body",
        ),
        Prop(
            name="importance",
            source="event.importance",
            codec=t.word(words.IMPORTANCE),
            access=WRITE,
            query="importance",
        ),
        Prop(
            name="sensitivity",
            source="event.sensitivity",
            codec=t.word(words.SENSITIVITY),
            access=WRITE,
            query="sensitivity",
        ),
        Prop(
            name="isAllDay",
            source="event.start",
            codec=ALL_DAY,
            access=WRITE,
            field="is_all_day",
            query="is_all_day",
        ),
        Prop(name="isCancelled", source="event.status", codec=CANCELLED, query="is_cancelled"),
        Prop(name="isOrganizer", source="meeting.is_organizer", codec=FLAG, query="is_organizer"),
        Prop(
            name="responseRequested",
            source="event.response_requested",
            codec=FLAG,
            access=WRITE,
            query="response_requested",
        ),
        Prop(name="seriesMasterId", source="master_id", codec=TEXT, query="series"),
        Prop(
            name="showAs",
            source="event.show_as",
            codec=t.word(words.FREE_BUSY_STATUS),
            access=WRITE,
            query="show_as",
        ),
        Prop(name="type", source="kind", codec=t.word(words.EVENT_TYPE), query="kind"),
        Prop(name="webLink", source="", codec=web_link("itemid={}&exvsurl=1&path=/calendar/item")),
        Prop(name="onlineMeetingUrl", source="event.conference", codec=online.URL),
        Prop(
            name="isOnlineMeeting",
            source="event.conference",
            codec=online.IS_ONLINE,
            access=WRITE,
            field="is_online",
        ),
        Prop(
            name="onlineMeetingProvider",
            source="event.conference",
            codec=online.provider(t),
            access=WRITE,
            field="online_provider",
        ),
        Prop(
            name="allowNewTimeProposals",
            source="event.allow_proposals",
            codec=FLAG,
            access=WRITE,
            query="allows_proposals",
        ),
        Prop(name="isDraft", source="", codec=constant("Edm.Boolean", False)),
        Prop(
            name="hideAttendees",
            source="event.hide_attendees",
            codec=FLAG,
            access=WRITE,
            query="hides_attendees",
        ),
        Prop(name="responseStatus", source="", codec=t.response_status),
    )


def _times_and_places(t: Types) -> tuple[Prop[Ctx], ...]:
    return (
        Prop(name="body", source="event.body", codec=t.body, access=WRITE),
        Prop(name="start", source="event.start", codec=t.date_time_time_zone, access=WRITE, query="start"),
        Prop(name="end", source="event.end", codec=t.date_time_time_zone, access=WRITE, query="end"),
        Prop(
            name="originalStart",
            source="original_start",
            codec=INSTANT_OF,
            absent_when=None,
        ),
        Prop(
            name="location",
            source="event.locations",
            codec=_first_location(t),
            access=WRITE,
            field="location",
            query="location",
        ),
        Prop(name="locations", source="event.locations", codec=many(t.location), access=WRITE),
        Prop(
            name="recurrence",
            source="",
            codec=recurrence_of_event(t),
            access=WRITE,
            field="recurrence",
        ),
        Prop(name="attendees", source="", codec=t.attendees, access=WRITE, field="attendees"),
        Prop(name="organizer", source="meeting.organizer", codec=t.recipient, query="organizer"),
        Prop(name="onlineMeeting", source="event.conference", codec=online.info(t)),
        Prop(
            name="cancelledOccurrences",
            source="",
            codec=read_only("Collection(Edm.String)", _cancelled_occurrences),
            shown=Shown.SELECTED,
        ),
    )


# --- codecs of this table alone


def _read_reminder(value: Any, ctx: Ctx) -> int | None:
    minutes = read_number(value, ctx)
    if minutes is not None and not 0 <= minutes <= _LONGEST_REMINDER:
        raise ValueError("the reminder lies outside 0 minutes to 5 years.")
    return minutes


def _occurrence_uid(view: EventView, _: Ctx) -> str:
    """Return the UID; Graph tells the occurrences of a series apart by their original start."""
    uid, occurrence = view.meeting.uid, view.recurrence_id
    return uid if occurrence is None else f"{uid}_{occurrence}"


def _cancelled_occurrences(view: EventView, _: Ctx) -> list[str]:
    if view.kind is not EventKind.MASTER:
        return []
    return [f"OID.{view.id}.{day_of(one).isoformat()}" for one in view.meeting.deleted]


REMINDER: Codec[Ctx] = Codec("Edm.Int32", lambda minutes, _: minutes, _read_reminder)
OCCURRENCE_UID: Codec[Ctx] = read_only("Edm.String", _occurrence_uid)
SHARED_UID: Codec[Ctx] = read_only("Edm.String", lambda view, _: view.meeting.uid)
CANCELLED: Codec[Ctx] = Codec("Edm.Boolean", lambda status, _: status is Status.CANCELLED, read_flag)
ALL_DAY: Codec[Ctx] = Codec("Edm.Boolean", lambda start, _: isinstance(start, AllDay), read_flag)


def _first_location(t: Types) -> Codec[Ctx]:
    """Return the codec of `location`: the one place, or the names of several in one."""
    write, no_place = t.location.write, t.no_place

    def first(places: tuple[Location, ...], ctx: Ctx) -> Any:
        if not places:
            return write(no_place, ctx)
        if len(places) == 1:
            return write(places[0], ctx)
        return write(Location(name="; ".join(place.name for place in places)), ctx)

    return Codec(t.location.edm, first, t.location.read)


def recurrence_of_event(t: Types) -> Codec[Ctx]:
    """Return the codec of a master's pattern. It is read as it stands: its meaning depends on the start."""

    def write(view: EventView, _: Ctx) -> Any:
        if view.kind is not EventKind.MASTER or view.meeting.recurrence is None:
            return None
        return write_recurrence(t, view.meeting.recurrence, pattern_start(view.meeting))

    return Codec(t.edm("patternedRecurrence"), write, read_object)


def write_recurrence(t: Types, rules: Recurrence, start: When) -> Any:
    """Return a recurrence in this profile's spelling."""
    table = t.tables["recurrenceRange"]
    members = tuple(name for name in recurrence.RANGE if table.find(name))
    return recase(t.style, recurrence.write(rules, start, members=members))
