"""The tables of findMeetingTimes: what is found, and the types that its question is made of."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from rsvpd.calendar.event import Location, ShowAs, Timed
from rsvpd.calendar.meeting_times import Reason
from rsvpd.dialects.microsoft.tables.builder import many, member, refuse_to_write
from rsvpd.dialects.microsoft.tables.complex_types import Types
from rsvpd.dialects.microsoft.vocabulary import words
from rsvpd.dialects.microsoft.vocabulary.codecs import DOUBLE, NUMBER, TEXT, Ctx, read_only
from rsvpd.dialects.shape import Codec, Prop, Shape


class ProposedAttendee(Struct, frozen=True):
    """Somebody who is to come: the address, as whom (a word of attendeeType), and how the time stands to that."""

    address: str
    role: str
    availability: ShowAs


class Proposal(Struct, frozen=True, kw_only=True):
    """A time that is suggested; `why` only where that was asked for."""

    confidence: float
    order: int
    organizer: ShowAs
    why: str | None
    attendees: tuple[ProposedAttendee, ...]
    places: tuple[Location, ...]
    slot: tuple[Timed, Timed]


class Result(Struct, frozen=True):
    """Times that are suggested, or why there are none."""

    proposals: tuple[Proposal, ...]
    reason: Reason | None


def meeting_times_tables(t: Types) -> tuple[Shape[Ctx], ...]:
    """Return the table of an answer, and the tables of what it and its question are made of."""
    availability, status = _availability_table(t), t.word(words.FREE_BUSY_STATUS)
    proposal = _table(
        t,
        "meetingTimeSuggestion",
        Prop(name="confidence", source="confidence", codec=DOUBLE),
        Prop(name="order", source="order", codec=NUMBER),
        Prop(name="organizerAvailability", source="organizer", codec=status),
        Prop(name="suggestionReason", source="why", codec=TEXT, absent_when=None),
        Prop(name="meetingTimeSlot", source="slot", codec=t.time_slot),
        Prop(name="attendeeAvailability", source="attendees", codec=_many(availability)),
        Prop(name="locations", source="places", codec=many(t.location)),
    )
    result = _table(
        t,
        "meetingTimeSuggestionsResult",
        Prop(name="emptySuggestionsReason", source="reason", codec=read_only("Edm.String", _reason)),
        Prop(name="meetingTimeSuggestions", source="proposals", codec=_many(proposal)),
    )
    return result, proposal, availability, *_question_tables(t)


def _reason(reason: Reason | None, _: Ctx) -> str:
    """Write why there is nothing as the service does: the documentation has these words in camel case.

    Live answers: microsoftgraph/microsoft-graph-docs#2720, microsoft-graph-explorer-v4#1856.
    """
    return "" if reason is None else reason.value[:1].upper() + reason.value[1:]


def _availability_table(t: Types) -> Shape[Ctx]:
    type_, outer, address = t.style.names("type", "emailAddress", "address")

    def write(one: ProposedAttendee, _: Ctx) -> dict[str, Any]:
        return {type_: t.style.word(one.role), outer: {address: one.address}}

    return _table(
        t,
        "attendeeAvailability",
        Prop(name="availability", source="availability", codec=t.word(words.FREE_BUSY_STATUS)),
        Prop(name="attendee", source="", codec=read_only(t.edm("attendeeBase"), write)),
    )


def _question_tables(t: Types) -> tuple[Shape[Ctx], ...]:
    """Return the tables of what is sent; `resources/meeting_times.py` reads it."""
    return (
        _input_table(t, "timeConstraint", {"activityDomain": "activityDomain", "timeSlots": "Collection(timeSlot)"}),
        _input_table(
            t,
            "locationConstraint",
            {
                "isRequired": "Edm.Boolean",
                "locations": "Collection(locationConstraintItem)",
                "suggestLocation": "Edm.Boolean",
            },
        ),
        _input_table(t, "locationConstraintItem", {"resolveAvailability": "Edm.Boolean"}, base="location"),
    )


def _input_table(t: Types, name: str, members: dict[str, str], base: str | None = None) -> Shape[Ctx]:
    props = (member(one, read_only(_edm(t, edm), refuse_to_write)) for one, edm in members.items())
    return _table(t, name, *props, base=base)


def _edm(t: Types, graph: str) -> str:
    if graph.startswith("Collection("):
        return f"Collection({t.edm(graph[11:-1])})"
    return graph if graph.startswith("Edm.") else t.edm(graph)


def _table(t: Types, name: str, *props: Prop[Ctx], base: str | None = None) -> Shape[Ctx]:
    return Shape(name, props).derive(t.edm(name), case=t.style.name, base=base and t.edm(base))


def _many(shape: Shape[Ctx]) -> Codec[Ctx]:
    return read_only(f"Collection({shape.name})", lambda found, ctx: [shape.write(one, ctx) for one in found])
