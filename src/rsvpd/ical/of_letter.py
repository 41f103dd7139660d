"""The calendar in a meeting message, made of the letter: the meeting as it was when the message was sent."""

from __future__ import annotations

from rsvpd.calendar.compose import CANCELLED_PREFIX
from rsvpd.calendar.event import Answer, Attendee, Event, Meeting, Role, Status
from rsvpd.ical import writer
from rsvpd.mail.address import Mailbox, is_same
from rsvpd.mail.content import Body, as_text
from rsvpd.mail.message import Letter, MeetingKind, MeetingNote
from rsvpd.scheduling.effects import Method
from rsvpd.scheduling.itip import Reply
from rsvpd.scheduling.letters import ANSWER_PREFIXES, PROPOSAL_PREFIX

_ANSWERS = {
    MeetingKind.ACCEPTED: Answer.ACCEPTED,
    MeetingKind.TENTATIVE: Answer.TENTATIVE,
    MeetingKind.DECLINED: Answer.DECLINED,
}
_PREFIXES = (CANCELLED_PREFIX, PROPOSAL_PREFIX, *ANSWER_PREFIXES.values())


def calendar_of(letter: Letter) -> tuple[Method, bytes] | None:
    """Return what a meeting message says in iCalendar (RFC 5546), and the method of it; None for plain mail."""
    note = letter.note
    if note is None:
        return None
    sent_by = "" if is_same(letter.sender.address, letter.from_.address) else letter.sender.address
    rid = note.recurrence_id
    if note.kind in _ANSWERS:
        organizer = letter.to[0] if letter.to else letter.from_
        meeting = _meeting(letter, note, organizer, ())
        reply = Reply(
            uid=note.uid, attendee=letter.from_.address, name=letter.from_.name, answer=_ANSWERS[note.kind],
            sequence=note.sequence, dtstamp=letter.sent, comment=as_text(letter.body), recurrence_id=rid,
            proposal=note.proposed,
        )  # fmt: skip
        if note.proposed is not None:
            return Method.COUNTER, writer.counter(meeting, reply, sent_by=sent_by)
        return Method.REPLY, writer.reply(meeting, reply, sent_by=sent_by)
    guests = (*_guests(letter.to, Role.REQUIRED), *_guests(letter.cc, Role.OPTIONAL))
    meeting = _meeting(letter, note, letter.from_, guests)
    if note.kind is MeetingKind.CANCELLED:
        comment = as_text(letter.body)
        return Method.CANCEL, writer.cancel(meeting, rid, comment=comment, sent_by=sent_by)
    return Method.REQUEST, writer.request(meeting, rid, sent_by=sent_by)


def _guests(boxes: tuple[Mailbox, ...], role: Role) -> tuple[Attendee, ...]:
    return tuple(Attendee(address=one.address, name=one.name, role=role) for one in boxes)


def _meeting(letter: Letter, note: MeetingNote, organizer: Mailbox, guests: tuple[Attendee, ...]) -> Meeting:
    is_off = note.kind is MeetingKind.CANCELLED
    event = Event(
        start=note.start,
        end=note.end,
        subject=_subject(letter, note),
        body=letter.body if note.kind is MeetingKind.REQUEST else Body(),
        locations=(note.location,) if note.location.name else (),
        attendees=guests,
        importance=letter.importance,
        status=Status.CANCELLED if is_off else Status.CONFIRMED,
        response_requested=note.response_requested,
        allow_proposals=note.allow_proposals,
        sensitivity=letter.sensitivity,
    )
    rid = note.recurrence_id
    return Meeting(
        uid=note.uid,
        organizer=organizer,
        is_organizer=False,
        event=event,
        sequence=note.sequence,
        dtstamp=note.dtstamp or letter.sent,
        recurrence=note.recurrence,
        exceptions={} if rid is None else {rid: event},
    )


def _subject(letter: Letter, note: MeetingNote) -> str:
    """Return the subject of the meeting, without what the message says before it."""
    if note.kind is MeetingKind.REQUEST:
        return letter.subject
    found = next((one for one in _PREFIXES if letter.subject.startswith(one)), "")
    return letter.subject[len(found) :]
