"""The tables of getSchedule: whose time is asked for, what is taken of it, and why that cannot be told."""

from __future__ import annotations

from msgspec import Struct

from rsvpd.calendar.event import ShowAs, Timed
from rsvpd.calendar.working_hours import WorkingHours
from rsvpd.dialects.microsoft.tables.complex_types import Types
from rsvpd.dialects.microsoft.tables.settings import working_hours
from rsvpd.dialects.microsoft.vocabulary import words
from rsvpd.dialects.microsoft.vocabulary.codecs import FLAG, TEXT, Ctx, read_only
from rsvpd.dialects.shape import Prop, Shape


class Item(Struct, frozen=True, kw_only=True):
    """A taken time; None where the asker may only know when, not what."""

    status: ShowAs
    start: Timed
    end: Timed
    is_private: bool | None = None
    subject: str | None = None
    location: str | None = None


class Fault(Struct, frozen=True):
    """Why one schedule cannot be told."""

    message: str
    code: str


class Entry(Struct, frozen=True, kw_only=True):
    """The answer for one address: a view with its items, or a fault."""

    address: str
    view: str | None = None
    items: tuple[Item, ...] | None = None
    hours: WorkingHours | None = None
    fault: Fault | None = None


def schedule_tables(t: Types) -> tuple[Shape[Ctx], ...]:
    """Return the table of one answer, and those it is made of."""
    item: Shape[Ctx] = Shape(
        "scheduleItem",
        (
            Prop(name="isPrivate", source="is_private", codec=FLAG, absent_when=None),
            Prop(name="status", source="status", codec=t.word(words.FREE_BUSY_STATUS)),
            Prop(name="subject", source="subject", codec=TEXT, absent_when=None),
            Prop(name="location", source="location", codec=TEXT, absent_when=None),
            Prop(name="start", source="start", codec=t.date_time_time_zone),
            Prop(name="end", source="end", codec=t.date_time_time_zone),
        ),
    ).derive(t.edm("scheduleItem"), case=t.style.name)
    fault: Shape[Ctx] = Shape(
        "freeBusyError",
        (
            Prop(name="message", source="message", codec=TEXT),
            Prop(name="responseCode", source="code", codec=TEXT),
        ),
    ).derive(t.edm("freeBusyError"), case=t.style.name)
    items = read_only(f"Collection({item.name})", lambda found, ctx: [item.write(one, ctx) for one in found])
    answer: Shape[Ctx] = Shape(
        "scheduleInformation",
        (
            Prop(name="scheduleId", source="address", codec=TEXT),
            Prop(name="availabilityView", source="view", codec=TEXT, absent_when=None),
            Prop(name="scheduleItems", source="items", codec=items, absent_when=None),
            Prop(name="workingHours", source="hours", codec=working_hours(t), absent_when=None),
            Prop(name="error", source="fault", codec=read_only(fault.name, fault.write), absent_when=None),
        ),
    ).derive(t.edm("scheduleInformation"), case=t.style.name)
    return answer, item, fault
