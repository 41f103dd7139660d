"""The messages that meetings cause, in the words people know them by.

Subjects: answers carry their prefix (`Accepted: `, `Tentative: `, `Declined: `,
`New Time Proposed: `), cancellations `Canceled: `; requests none.
"""

from __future__ import annotations

import base64
import hashlib

from msgspec import structs

from rsvpd.calendar.compose import CANCELLED_PREFIX
from rsvpd.calendar.event import Answer, Event, EventKind, Location, Meeting, MeetingKey, Role
from rsvpd.calendar.permission import sensitivity_of
from rsvpd.clock import Instant
from rsvpd.mail.address import Mailbox
from rsvpd.mail.content import Body, Importance
from rsvpd.mail.message import ANSWER_KINDS, Letter, MeetingKind, MeetingNote, RequestKind
from rsvpd.mail.person import Person
from rsvpd.scheduling.itip import Cancel, Reply
from rsvpd.scheduling.plan import Change

ANSWER_PREFIXES: dict[Answer, str] = {
    Answer.ACCEPTED: "Accepted: ",
    Answer.TENTATIVE: "Tentative: ",
    Answer.DECLINED: "Declined: ",
}
PROPOSAL_PREFIX = "New Time Proposed: "


def conversation_of(key: MeetingKey) -> str:
    """Return the conversation that all messages about one meeting belong to."""
    name = f"{key.organizer} {key.uid}".encode()
    return base64.urlsafe_b64encode(hashlib.blake2s(name, digest_size=24).digest()).decode()


def request_letter(change: Change, *, sent: Instant) -> Letter:
    """Return the invitation, or what changed in it."""
    meeting, event, old = change.meeting, change.new, change.old
    before = old if change.kind is RequestKind.FULL else None
    note = _note(
        meeting,
        event,
        change.recurrence_id,
        kind=MeetingKind.REQUEST,
        request=change.kind,
        previous_start=before.start if before and before.start != event.start else None,
        previous_end=before.end if before and before.end != event.end else None,
        previous_location=_place(old) if old and old.locations != event.locations else None,
    )
    letter = _letter(meeting, event, note, subject=event.subject, body=event.body, sent=sent)
    return structs.replace(letter, attachments=event.attachments) if event.attachments else letter


def cancel_letter(
    meeting: Meeting, event: Event, cancel: Cancel, to: tuple[Mailbox, ...], comment: str, *, sent: Instant
) -> Letter:
    """Return the cancellation for `to`; the comment is its body."""
    note = _note(meeting, event, cancel.recurrence_id, kind=MeetingKind.CANCELLED)
    subject = CANCELLED_PREFIX + event.subject
    letter = _letter(meeting, event, note, subject=subject, body=Body(comment), sent=sent)
    return _address(letter, to, importance=Importance.HIGH)


def reply_letter(meeting: Meeting, event: Event, reply: Reply, attendee: Person, *, sent: Instant) -> Letter:
    """Return the answer to the organizer. `meeting` and `event` are the meeting as it is, not as proposed."""
    prefix = PROPOSAL_PREFIX if reply.proposal else ANSWER_PREFIXES[reply.answer]
    note = _note(meeting, event, reply.recurrence_id, kind=ANSWER_KINDS[reply.answer], proposed=reply.proposal)
    return Letter(
        subject=prefix + event.subject,
        body=Body(reply.comment),
        sender=attendee.mailbox,
        from_=attendee.mailbox,
        to=(meeting.organizer,),
        sent=sent,
        internet_message_id=message_id_of(_about_reply(meeting, reply), attendee.address, reply.dtstamp),
        conversation=conversation_of(meeting.key),
        note=note,
        sensitivity=sensitivity_of(meeting, event),
    )


def _letter(meeting: Meeting, event: Event, note: MeetingNote, *, subject: str, body: Body, sent: Instant) -> Letter:
    organizer = meeting.organizer
    guests = [(one.role, Mailbox(one.address, one.name)) for one in event.attendees]
    return Letter(
        subject=subject,
        body=body,
        sender=organizer,
        from_=organizer,
        to=tuple(box for role, box in guests if role is not Role.OPTIONAL),
        cc=tuple(box for role, box in guests if role is Role.OPTIONAL),
        importance=event.importance,
        sent=sent,
        internet_message_id=message_id_of(_about(meeting, note), organizer.address, meeting.dtstamp),
        conversation=conversation_of(meeting.key),
        note=note,
        sensitivity=sensitivity_of(meeting, event),
    )


def _address(letter: Letter, to: tuple[Mailbox, ...], *, importance: Importance) -> Letter:
    return structs.replace(letter, to=to, cc=(), importance=importance)


def _note(
    meeting: Meeting,
    event: Event,
    recurrence_id: str | None,
    *,
    kind: MeetingKind,
    request: RequestKind | None = None,
    **more: object,
) -> MeetingNote:
    whole = recurrence_id is None
    return MeetingNote(
        kind=kind,
        uid=meeting.uid,
        recurrence_id=recurrence_id,
        sequence=meeting.sequence,
        dtstamp=meeting.dtstamp,
        start=event.start,
        end=event.end,
        location=_place(event),
        event_kind=_kind(meeting, recurrence_id),
        recurrence=meeting.recurrence if whole else None,
        request=request,
        response_requested=event.response_requested,
        allow_proposals=event.allow_proposals,
        **more,  # type: ignore[arg-type]  # members of MeetingNote, as the callers above name them
    )


def _kind(meeting: Meeting, recurrence_id: str | None) -> EventKind:
    if recurrence_id is None:
        return EventKind.SINGLE if meeting.recurrence is None else EventKind.MASTER
    return EventKind.EXCEPTION if recurrence_id in meeting.exceptions else EventKind.OCCURRENCE


def _place(event: Event) -> Location:
    return event.locations[0] if event.locations else Location()


def _about(meeting: Meeting, note: MeetingNote) -> str:
    """Return what a message of the organizer is about: at one instant there may be one of each kind.

    Newcomers are invited while others hear what changed; the first invitation of a meeting has no other beside it.
    """
    is_for_newcomers = note.request is RequestKind.NEW and meeting.dtstamp != meeting.created
    kind = " cancelled" if note.kind is MeetingKind.CANCELLED else " new" if is_for_newcomers else ""
    return note.uid + (note.recurrence_id or "") + kind


def _about_reply(meeting: Meeting, reply: Reply) -> str:
    """Return what an answer is about: at one instant there may be one to each occurrence."""
    return f"{meeting.uid} {meeting.organizer.address} {reply.recurrence_id or ''}"


def first_message_id(meeting: Meeting) -> str:
    """Return the Internet message id of the invitation with which `meeting` was made."""
    return message_id_of(meeting.uid, meeting.organizer.address, meeting.created)


def message_id_of(uid: str, address: str, stamp: Instant) -> str:
    """Return the Internet message id of what `address` says of a meeting with that time stamp."""
    name = hashlib.blake2s(f"{uid} {address} {stamp}".encode(), digest_size=16).hexdigest()
    return f"<{name}@{address.rpartition('@')[2]}>"
