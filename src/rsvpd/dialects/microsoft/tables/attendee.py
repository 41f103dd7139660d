"""Attendees and answers, as each copy of a meeting shows them.

Rules (sources: docs/compatibility.md):
1. The organizer's copy tracks: nobody answered is `none` at the year 1; an answer asked for anew is
   `notResponded` at the year 4501; an answer stands with its real time, to seven digits.
2. An attendee's copy does not track: the organizer comes first, then everybody invited, all `none`,
   and the own entry shows the own answer, without a time.
3. With `hideAttendees` an attendee sees only the organizer and the own entry.
4. `proposedNewTime` is absent, not null, where nobody proposed one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import UNSET

from rsvpd.calendar.draft import AttendeeDraft
from rsvpd.calendar.event import Answer, Attendee, Role
from rsvpd.calendar.view import EventView
from rsvpd.dialects.microsoft.tables.builder import (
    Builder,
    mailbox_writer,
    many,
    member,
    reader,
    refuse_to_write,
)
from rsvpd.dialects.microsoft.vocabulary import words
from rsvpd.dialects.microsoft.vocabulary.codecs import NEVER, PRECISE, RESET, Ctx, enumeration, precise, read_only
from rsvpd.dialects.shape import Codec, Prop
from rsvpd.mail.address import Mailbox, fold

Entry = Callable[..., dict[str, Any]]


def attendees(build: Builder, recipient: Codec[Ctx], slot: Codec[Ctx]) -> Codec[Ctx]:
    """Return the codec of an event's attendee list. It writes a whole view and reads attendee drafts."""
    entry = _entry(build, slot)
    one = _attendee(build, recipient, slot)
    response_words = _response_words(build)
    none = response_words[Answer.NONE]
    not_responded = build.style.word("notResponded")

    def write_tracking(guest: Attendee, ctx: Ctx) -> dict[str, Any]:
        if guest.answer is not Answer.NONE:
            word, time = response_words[guest.answer], precise(guest.answered)
        else:
            word, time = (not_responded, RESET) if guest.reset_sequence else (none, NEVER)
        return entry(guest, word, time, ctx, guest.proposal)

    def write_list_of_guest(view: EventView, ctx: Ctx) -> list[dict[str, Any]]:
        event, organizer = view.event, view.meeting.organizer
        host, me = fold(organizer.address), fold(view.owner.address)
        listed = [entry(Attendee(address=organizer.address, name=organizer.name), none, NEVER, ctx)]
        for guest in event.attendees:
            key = fold(guest.address)
            if key == me:
                listed.append(entry(guest, response_words[event.answer], NEVER, ctx))
            elif key != host and not event.hide_attendees:
                listed.append(entry(guest, none, NEVER, ctx))
        return listed

    def write(view: EventView, ctx: Ctx) -> list[dict[str, Any]]:
        if view.meeting.is_organizer:
            return [write_tracking(guest, ctx) for guest in view.event.attendees]
        return write_list_of_guest(view, ctx)

    return Codec(f"Collection({one.edm})", write, many(one).read)


def response_status(build: Builder) -> Codec[Ctx]:
    """Return the codec of the owner's own answer; it writes a whole view."""
    response, time = build.style.names("response", "time")
    response_words = _response_words(build) | {Answer.NONE: build.style.word("notResponded")}
    organizer = build.style.word("organizer")

    def write(view: EventView, _: Ctx) -> dict[str, str]:
        if view.meeting.is_organizer:
            return {response: organizer, time: NEVER}
        event = view.event
        answered = precise(event.answered) if event.answer is not Answer.NONE else NEVER
        return {response: response_words[event.answer], time: answered}

    return read_only(build.edm("responseStatus"), write)


def _response_words(build: Builder) -> dict[Answer, str]:
    return {answer: build.style.word(word) for answer, word in words.RESPONSE_TYPE.meaning.items()}


def _entry(build: Builder, slot: Codec[Ctx]) -> Entry:
    """Return a function that writes one attendee."""
    style = build.style
    type_, status, proposed, address = style.names("type", "status", "proposedNewTime", "emailAddress")
    response_, time_ = style.names("response", "time")
    roles = {role: style.word(role.value) for role in Role}
    write_mailbox = mailbox_writer(style)
    proposes = "attendee.proposedNewTime" not in build.without

    def entry(guest: Attendee, response: str, time: str, ctx: Ctx, proposal: Any = None) -> dict[str, Any]:
        out: dict[str, Any] = {
            type_: roles[guest.role],
            status: {response_: response, time_: time},
        }
        if proposal is not None and proposes:
            out[proposed] = slot.write(proposal, ctx)
        out[address] = write_mailbox(guest.name, guest.address)
        return out

    return entry


def _attendee(build: Builder, recipient: Codec[Ctx], slot: Codec[Ctx]) -> Codec[Ctx]:
    """Return the codec that reads one attendee, and describe the three types it is made of."""
    status = build.table(
        "responseStatus",
        member("response", enumeration(words.RESPONSE_TYPE, build.style), "response"),
        member("time", PRECISE, "time"),
    )
    types = enumeration(words.ATTENDEE_TYPE, build.style)
    inner = build.tables["recipient"].props[0]
    role = member("type", types, "role")
    build.table("attendeeBase", role, base="recipient")
    shape = build.table(
        "attendee",
        role,
        member("status", Codec(status.name, refuse_to_write, reader(status, _answer_of)), "status"),
        Prop(name="proposedNewTime", source="", codec=slot),
        Prop(name="emailAddress", source="", codec=inner.codec, access=inner.access, field="who"),
        base="attendeeBase",
    )
    return Codec(shape.name, refuse_to_write, reader(shape, _draft))


def _answer_of(response: Any = None, time: Any = None) -> Answer | None:
    """Return the answer a client claims; what only organizers have is no answer."""
    return response if isinstance(response, Answer) else None


def _draft(
    who: Mailbox | None = None, role: Role | None = None, status: Answer | None = None
) -> AttendeeDraft:
    if who is None:
        raise ValueError("emailAddress is missing.")
    return AttendeeDraft(
        address=who.address,
        name=who.name or UNSET,
        role=UNSET if role is None else role,
        answer=UNSET if status is None else status,
    )
