"""Who is invited, as one calendar sees it.

Google lists the organizer among the attendees, marks the calendar's own entry with `self`,
and may leave the others out: because there are more than `maxAttendees`, or because guests
may not see each other. An entry of the model's list becomes an `Entry`, which the table writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from msgspec import UNSET, Struct, UnsetType, structs

from rsvpd.calendar.draft import AttendeeDraft
from rsvpd.calendar.event import Answer, Attendee, Role
from rsvpd.calendar.view import EventView
from rsvpd.dialects.google.vocabulary.codecs import ANSWER_WORDS, ANSWERS, FLAG, STRING, read_only, read_text
from rsvpd.dialects.google.vocabulary.context import Context
from rsvpd.dialects.google.vocabulary.refusals import ATTENDEE_EMAIL, ATTENDEE_WITHOUT_EMAIL, Refusal
from rsvpd.dialects.shape import Access, Codec, Prop, Shape
from rsvpd.errors import InvalidProperty
from rsvpd.mail.address import check_address, fold, is_same

MOST = 20_000
_KEPT = 4096
# Nothing in an entry depends on who asks.
_ANY = Context(me="", calendar_zone="")


class Entry(Struct, frozen=True, kw_only=True):
    """One line of the list. `optional` and `resource` are how Google writes a role."""

    address: str
    name: str = ""
    role: Role = Role.REQUIRED
    answer: Answer = Answer.NONE
    comment: str = ""
    guests: int = 0
    is_organizer: bool = False
    is_self: bool = False

    @property
    def optional(self) -> bool:
        """Return whether the attendee may stay away."""
        return self.role is Role.OPTIONAL

    @property
    def resource(self) -> bool:
        """Return whether it is a room or a thing."""
        return self.role is Role.RESOURCE


def _read_answer(value: Any, ctx: Context) -> Answer | UnsetType:
    if value is None:
        return UNSET
    if not isinstance(value, str) or value not in ANSWERS:
        raise ValueError(f"must be one of {', '.join(ANSWERS)}")
    return ANSWERS[value]


def _read_guests(value: Any, ctx: Context) -> int:
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise ValueError("must be a whole number, not negative")
    return value


_MARK: Codec[Context] = read_only("boolean", lambda value, ctx: value or None)
_ANSWER: Codec[Context] = Codec("string", lambda answer, ctx: ANSWER_WORDS[answer], _read_answer)
_GUESTS: Codec[Context] = Codec("integer:int32", lambda guests, ctx: guests or None, _read_guests)
_COMMENT: Codec[Context] = Codec(
    "string", lambda text, ctx: text or None, lambda value, ctx: read_text(value, ctx) or ""
)

ATTENDEE: Shape[Context] = Shape(
    "EventAttendee",
    [
        Prop(name="email", source="address", codec=STRING, access=Access.WRITE),
        Prop(name="displayName", source="name", codec=STRING, access=Access.WRITE),
        Prop(name="organizer", source="is_organizer", codec=_MARK),
        Prop(name="self", source="is_self", codec=_MARK),
        Prop(name="resource", source="resource", codec=FLAG, access=Access.WRITE),
        Prop(name="optional", source="optional", codec=FLAG, access=Access.WRITE),
        Prop(name="responseStatus", source="answer", codec=_ANSWER, access=Access.WRITE),
        Prop(name="comment", source="comment", codec=_COMMENT, access=Access.WRITE),
        Prop(name="additionalGuests", source="guests", codec=_GUESTS, access=Access.WRITE),
    ],
)


def entries(view: EventView, ctx: Context) -> list[Entry]:
    """Return everybody, the organizer first, with the newest answers that are known here.

    Who organizes in a second calendar is that calendar, which is nobody's attendee.
    """
    if not view.is_meeting:
        return []
    known = view.event.attendees if view.tracking is None else view.tracking
    me, host = view.owner.address, view.meeting.organizer.address
    listed = [_entry_of(one, me, host) for one in known]
    is_calendars = ctx.is_second and view.meeting.is_organizer
    organizer = [] if is_calendars else [one for one in listed if one.is_organizer] or [_organizer(view)]
    guests = [_with_own_answer(view, one) if one.is_self else one for one in listed if not one.is_organizer]
    if not view.meeting.is_organizer and not any(one.is_self for one in guests):
        guests.append(_with_own_answer(view, Entry(address=view.owner.address, name=view.owner.name)))
    return organizer[:1] + guests


def is_cut(view: EventView, ctx: Context) -> bool:
    """Return whether others than the own entry are left out."""
    if view.event.hide_attendees and not view.meeting.is_organizer:
        return True
    return ctx.max_attendees is not None and len(entries(view, ctx)) > ctx.max_attendees


def _read_entry(value: Any, ctx: Context, known: Mapping[str, Role]) -> AttendeeDraft:
    """Return one entry of a body; `self` stands for the own address. Raises ValueError or Refusal.

    `known` are the roles of those who are invited already, by folded address.
    """
    if not isinstance(value, dict):
        raise ValueError("must be a list of objects")
    fields, _ = ATTENDEE.read(value, ctx)
    address = fields.pop("address", None) or (ctx.me if value.get("self") is True else None)
    if address is None:
        raise Refusal(ATTENDEE_WITHOUT_EMAIL, target="attendees[].email")
    optional, resource = fields.pop("optional", UNSET), fields.pop("resource", UNSET)
    fields["name"] = fields.get("name") or UNSET
    address = _address(address)
    return AttendeeDraft(address=address, role=_role(optional, resource, known.get(fold(address))), **fields)


def _address(text: str) -> str:
    """Return an address that stands alone, as Google wants it: nothing before it, nothing after it."""
    try:
        return check_address(text, target="attendees[].email")
    except InvalidProperty as wrong:
        raise Refusal(ATTENDEE_EMAIL, wrong.message, target="attendees[].email") from None


def _role(
    optional: bool | UnsetType | None, resource: bool | UnsetType | None, known: Role | None
) -> Role | UnsetType:
    """Return the role an entry asks for. Whether it is a room counts only when it is added."""
    if known is Role.RESOURCE:
        return UNSET
    if resource is True and known is None:
        return Role.RESOURCE
    if optional is UNSET:
        return UNSET
    return Role.OPTIONAL if optional else Role.REQUIRED


# A list shows the same people for each of its dates: what was made of one is made once.
@lru_cache(maxsize=_KEPT)
def _entry_of(attendee: Attendee, owner: str, organizer: str) -> Entry:
    entry = Entry(
        address=attendee.address,
        name=attendee.name,
        role=attendee.role,
        answer=attendee.answer,
        comment=attendee.comment,
        guests=attendee.guests,
        is_self=is_same(attendee.address, owner),
    )
    is_organizer = is_same(attendee.address, organizer)
    return structs.replace(entry, is_organizer=True, answer=Answer.ACCEPTED) if is_organizer else entry


@lru_cache(maxsize=_KEPT)
def _to_wire(entry: Entry) -> dict[str, Any]:
    """Return an entry as it stands in every answer, which nobody changes."""
    return _without_nulls(ATTENDEE.write(entry, _ANY))


def _with_own_answer(view: EventView, entry: Entry) -> Entry:
    """Return the owner's entry with what the owner's own copy says."""
    event = view.event
    return structs.replace(
        entry, is_self=True, answer=event.answer, comment=event.comment, guests=event.guests
    )


def _organizer(view: EventView) -> Entry:
    organizer = view.meeting.organizer
    return Entry(
        address=organizer.address,
        name=organizer.name,
        answer=Answer.ACCEPTED,
        is_organizer=True,
        is_self=view.owner.answers_to(organizer.address),
    )


def _write(view: EventView, ctx: Context) -> list[dict[str, Any]] | None:
    listed = entries(view, ctx)
    if is_cut(view, ctx):
        listed = [one for one in listed if one.is_self]
    return [_to_wire(one) for one in listed] or None


def _read(value: Any, ctx: Context) -> tuple[AttendeeDraft, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list):
        raise ValueError("must be a list of objects")
    if len(value) > MOST:
        raise ValueError(f"has more than {MOST} entries")
    known = {fold(one.address): one.role for one in ctx.stored.event.attendees} if ctx.stored else {}
    return tuple(_read_entry(one, ctx, known) for one in value)


def _write_omitted(view: EventView, ctx: Context) -> bool | None:
    return True if is_cut(view, ctx) else None


def _read_omitted(value: Any, ctx: Context) -> bool:
    if value is not None and not isinstance(value, bool):
        raise ValueError("must be true or false")
    return bool(value)


def _without_nulls(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


ATTENDEES: Codec[Context] = Codec("[EventAttendee]", _write, _read)
OMITTED: Codec[Context] = Codec("boolean", _write_omitted, _read_omitted)
