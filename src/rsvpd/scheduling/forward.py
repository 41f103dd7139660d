"""A meeting is passed on: by forwarding it, or in Google by a guest who adds entries to the list.

Rule 1: whoever it is passed on to is invited like everybody else: on the organizer's list, and so in every
        copy (Graph: event-forward).
Rule 2: the request comes from the organizer and is sent by whoever passes it on; the comment is said first.
Rule 3: whoever is on the list gets the request once more and nothing else changes; the organizer gets none.
Rule 4: the organizer is told when somebody else passes the meeting on.
Rule 5: where the organizer is outside, only the own copy and the recipients' show it, and it stays the organizer's
        revision.
"""

from __future__ import annotations

from msgspec import Struct, structs

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import Copy
from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.calendar.event import AllDay, Attendee, Event, Meeting, Status
from rsvpd.calendar.permission import sensitivity_of
from rsvpd.calendar.series import component
from rsvpd.clock import Instant
from rsvpd.errors import MeetingIsCancelled, NotAllowed
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.address import Mailbox, fold
from rsvpd.mail.content import Body, as_text
from rsvpd.mail.message import AutoSubmitted, Letter
from rsvpd.mail.person import Person
from rsvpd.scheduling.letters import conversation_of, message_id_of
from rsvpd.scheduling.plan import Audience, Change, revise
from rsvpd.timezones.zone import windows_name

FORWARD_PREFIX = "FW: "
NOTICE_PREFIX = "Meeting Forward Notification: "
CHANGE_PREFIX = "Updated: "


class SentBy(Struct, frozen=True, kw_only=True):
    """Whoever sends the organizer's requests in the organizer's place, and what is said with them.

    `to` are the only ones the letters name, where not everybody on the list. `sees_private`: what is private
    in the organizer's calendar is shown to this person. `is_guest`: it is one of the guests, to whom a hidden
    list is not shown.
    """

    person: Person
    comment: str = ""
    prefix: str = ""
    to: tuple[Mailbox, ...] = ()
    sees_private: bool = True
    is_guest: bool = False

    def sign(self, letter: Letter, *, hides_guests: bool) -> Letter:
        """Return the organizer's letter as this person sends it."""
        own = (self.person.mailbox,) if self.is_guest and hides_guests else ()
        to = self.to or own
        body = Body(f"{self.comment}\n\n{as_text(letter.body)}".strip()) if self.comment else letter.body
        address = self.person.address
        return structs.replace(
            letter,
            subject=self.prefix + letter.subject,
            body=body,
            sender=self.person.mailbox,
            to=to or letter.to,
            cc=() if to else letter.cc,
            internet_message_id=message_id_of(letter.internet_message_id, address, letter.sent),
        )


class Forward(Struct, frozen=True, kw_only=True):
    """The organizer's meeting with the newcomers, and those who were on the list before."""

    change: Change
    again: tuple[Attendee, ...]
    hints: tuple[Hint, ...] = ()


def forward(
    copy: Copy, recurrence_id: str | None, recipients: tuple[AttendeeDraft, ...], by: Person, *, now: Instant
) -> Forward:
    """Return what becomes of `by` passing a meeting on; `copy` is the organizer's, or `by`'s where that is outside.

    Raises MeetingIsCancelled, NotAllowed where the organizer lets nobody invite others.
    """
    meeting = compose(copy)
    event = component(meeting, recurrence_id)
    if event.status is Status.CANCELLED:
        raise MeetingIsCancelled
    if not event.guests_can_invite and not by.answers_to(meeting.organizer.address):
        raise NotAllowed("The organizer of this meeting does not allow others to be invited.")
    organizer = fold(meeting.organizer.address)
    wanted: dict[str, AttendeeDraft] = {}
    for one in recipients:
        if fold(one.address) != organizer:
            wanted.setdefault(fold(one.address), one)
    listed = tuple(AttendeeDraft(address=one.address) for one in event.attendees)
    draft = EventDraft(attendees=(*listed, *wanted.values()))
    change = revise(as_sent(copy), recurrence_id, draft, now=now)
    if not copy.is_organizer:
        # Nobody but the organizer makes revisions: a later one from outside must not look older (RFC 5546 2.1.5).
        same = structs.replace(change.revision, dtstamp=copy.revision.dtstamp)
        change = structs.replace(change, copy=structs.replace(change.copy, revision=same, dtstamp=same.dtstamp))
    again = tuple(one for one in event.attendees if fold(one.address) in wanted)
    asked = any(fold(one.address) == organizer for one in recipients)
    # Of a hidden list it is not told who stands on it.
    shows_list = not event.hide_attendees or by.answers_to(meeting.organizer.address)
    hints = _hints(again if shows_list else (), (meeting.organizer,) if asked else ())
    return Forward(change=change, again=again, hints=hints)


def once_more(change: Change, again: tuple[Attendee, ...]) -> Change:
    """Return the request, which changes nothing, for those who were on the list but have it no more."""
    return structs.replace(change, audience=Audience.NEWCOMERS, added=again, removed=(), guests=again)


def as_sent(copy: Copy) -> Copy:
    """Return a guest's copy as its organizer has the meeting, without what the guest made of it."""
    if copy.is_organizer:
        return copy
    revision = copy.revision
    return Copy(
        revision=revision,
        is_organizer=True,
        sequence=revision.sequence,
        dtstamp=revision.dtstamp,
        created=copy.created,
        modified=copy.modified,
    )


def notice(
    meeting: Meeting, event: Event, by: Person, recipients: tuple[Mailbox, ...], *, sent: Instant
) -> Letter:
    """Return the letter that tells the organizer to whom the meeting was forwarded."""
    names = "\n".join(f"{one.name} <{one.address}>" if one.name else one.address for one in recipients)
    text = f"{by.name or by.address} has forwarded your meeting request to additional recipients:\n{names}"
    return _to_organizer(meeting, event, by, NOTICE_PREFIX, text, sent)


def change_notice(meeting: Meeting, event: Event, by: Person, changed: tuple[str, ...], *, sent: Instant) -> Letter:
    """Return the letter that tells the organizer what a guest changed."""
    text = f"{by.name or by.address} has changed your meeting: {', '.join(changed)}"
    return _to_organizer(meeting, event, by, CHANGE_PREFIX, text, sent)


def _to_organizer(meeting: Meeting, event: Event, by: Person, prefix: str, text: str, sent: Instant) -> Letter:
    return Letter(
        subject=prefix + event.subject,
        body=Body(f"{text}\n\nMeeting: {event.subject}\nTime: {_time(event)}"),
        sender=by.mailbox,
        from_=by.mailbox,
        to=(meeting.organizer,),
        sent=sent,
        internet_message_id=message_id_of(meeting.uid + prefix, by.address, sent),
        conversation=conversation_of(meeting.key),
        sensitivity=sensitivity_of(meeting, event),
        auto_submitted=AutoSubmitted.GENERATED,
    )


def _time(event: Event) -> str:
    start = event.start
    if isinstance(start, AllDay):
        return start.day.isoformat()
    return f"{start.wall:%Y-%m-%d %H:%M} {windows_name(start.zone)}"


def _hints(again: tuple[Attendee, ...], skipped: tuple[Mailbox, ...]) -> tuple[Hint, ...]:
    known = (Hint(HintCode.ALREADY_INVITED, ", ".join(one.address for one in again)),) if again else ()
    return (*known, *(Hint(HintCode.FORWARD_TO_ORGANIZER, one.address) for one in skipped))
