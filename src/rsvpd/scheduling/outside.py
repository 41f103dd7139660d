"""A meeting as somebody outside this server is to see it, and the messages that take it there.

Rule 1: what is private to a copy does not leave it: reminders, categories, residue of the dialects, and
        what guests answered; a guest sees the own answer as the organizer knows it.
Rule 2: with a hidden guest list, or a very long one, a guest sees the own entry only.
Rule 3: a cancellation shows the event as it was when it was last sent.
Rule 4: an answer with another time is a COUNTER, any other a REPLY (RFC 5546 3.2.3, 3.2.7).
"""

from __future__ import annotations

from msgspec import structs

from rsvpd.calendar.event import Attendee, Event, Meeting, Status
from rsvpd.mail.address import Mailbox, fold
from rsvpd.mail.message import Letter
from rsvpd.mail.person import Person, PersonKind
from rsvpd.scheduling.effects import Method, Post
from rsvpd.scheduling.itip import TRAVELS, Cancel, Reply
from rsvpd.scheduling.letters import first_message_id

MOST_SHOWN = 200


def invitation(
    mailbox: int, meeting: Meeting, guest: Attendee, recurrence_id: str | None, letter: Letter, *, is_new: bool
) -> Post:
    """Return the request to `guest`. `meeting` is the organizer's, as far as the guest is invited to it."""
    outgoing = structs.replace(
        _bare(meeting),
        event=_event_for(meeting.event, guest),
        recurrence=meeting.recurrence,
        exceptions={rid: _event_for(event, guest) for rid, event in meeting.exceptions.items()},
        deleted=meeting.deleted,
    )
    return Post(
        mailbox=mailbox,
        method=Method.REQUEST,
        recipient=guest.address,
        letter=_address(letter, meeting.event, guest),
        meeting=outgoing,
        recurrence_id=recurrence_id,
        in_reply_to="" if is_new else _first_message_id(meeting, letter),
    )


def event_to_cancel(event: Event) -> Event:
    """Return what has to be known of an event that was cancelled; a list that is not shown is left out."""
    return structs.replace(event, attendees=()) if _is_alone(event) else event


def cancellation(
    mailbox: int, meeting: Meeting, event: Event, guest: Attendee, cancel: Cancel, letter: Letter
) -> Post:
    """Return the cancellation to `guest`; `event` is what was cancelled as it was, `meeting` as it is now."""
    rid, is_off = cancel.recurrence_id, _is_off(meeting, cancel.recurrence_id)
    listed = event.attendees if is_off and event.attendees else (guest,)
    for_guest = _event_for(structs.replace(event, attendees=listed), guest)
    if is_off:
        for_guest = structs.replace(for_guest, status=Status.CANCELLED)
    outgoing = structs.replace(_bare(meeting), sequence=cancel.sequence, dtstamp=cancel.dtstamp)
    if rid is not None:
        series = _event_for(structs.replace(meeting.event, attendees=(guest,)), guest)
        outgoing = structs.replace(outgoing, event=series, recurrence=meeting.recurrence, exceptions={rid: for_guest})
    else:
        stays = event.start == meeting.event.start
        outgoing = structs.replace(outgoing, event=for_guest, recurrence=meeting.recurrence if stays else None)
    return Post(
        mailbox=mailbox,
        method=Method.CANCEL,
        recipient=guest.address,
        letter=letter if len(for_guest.attendees) > 1 else _to(letter, guest),
        meeting=outgoing,
        recurrence_id=rid,
        in_reply_to=_first_message_id(meeting, letter),
    )


def answer(
    attendee: Person, meeting: Meeting, reply: Reply, letter: Letter, *, in_reply_to: str = ""
) -> Post:
    """Return the answer to an organizer outside; `in_reply_to` is the message id of the invitation."""
    rid = reply.recurrence_id
    own = {rid: meeting.exceptions[rid]} if rid is not None and rid in meeting.exceptions else {}
    outgoing = structs.replace(
        _bare(meeting),
        event=_without_guests(meeting.event),
        recurrence=meeting.recurrence if rid is not None else None,
        exceptions={one: _without_guests(event) for one, event in own.items()},
    )
    return Post(
        mailbox=attendee.number,
        method=Method.COUNTER if reply.proposal else Method.REPLY,
        recipient=meeting.organizer.address,
        letter=letter,
        meeting=outgoing,
        recurrence_id=rid,
        reply=reply,
        in_reply_to=in_reply_to,
        is_automatic=attendee.kind is PersonKind.ROOM,
    )


def _bare(meeting: Meeting) -> Meeting:
    return Meeting(
        uid=meeting.uid,
        organizer=meeting.organizer,
        is_organizer=meeting.is_organizer,
        event=meeting.event,
        sequence=meeting.sequence,
        dtstamp=meeting.dtstamp,
        pattern_start=meeting.pattern_start,
        created=meeting.created,
    )


def _event_for(event: Event, guest: Attendee) -> Event:
    who = fold(guest.address)
    own = Attendee(address=guest.address, name=guest.name, role=guest.role, answer=guest.answer, guests=guest.guests)
    if _is_alone(event):
        guests: tuple[Attendee, ...] = (own,)
    else:
        guests = tuple(own if fold(one.address) == who else _without_answer(one) for one in event.attendees)
    return structs.replace(_without_guests(event), attendees=guests)


def _without_guests(event: Event) -> Event:
    return Event(**{name: getattr(event, name) for name in TRAVELS})


def _without_answer(one: Attendee) -> Attendee:
    return Attendee(address=one.address, name=one.name, role=one.role)


def _is_alone(event: Event) -> bool:
    return event.hide_attendees or len(event.attendees) > MOST_SHOWN


def _address(letter: Letter, event: Event, guest: Attendee) -> Letter:
    return _to(letter, guest) if _is_alone(event) else letter


def _to(letter: Letter, guest: Attendee) -> Letter:
    return structs.replace(letter, to=(Mailbox(guest.address, guest.name),), cc=())


def _is_off(meeting: Meeting, recurrence_id: str | None) -> bool:
    return recurrence_id in meeting.deleted or meeting.event.status is Status.CANCELLED


def _first_message_id(meeting: Meeting, letter: Letter) -> str:
    """Return the message id of the meeting's first invitation, unless `letter` is that."""
    first = first_message_id(meeting)
    return first if first != letter.internet_message_id else ""
