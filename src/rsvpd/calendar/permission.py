"""What others may do with somebody's calendar, and what of it they see.

Rule 1: each role may what the one before it may, and more.
Rule 2: of what is private nothing is seen but the time, unless the role says so; and what cannot be seen
        cannot be changed.
Rule 3: what a whole organization may ask by default, when people are free, opens no calendar.
Rule 4: an occurrence is at least as private as its series.
Rule 5: the guests of an event, and nobody else, see each other's answers in Google; words that were said to
        the organizer are for the organizer and who acts there.
"""

from __future__ import annotations

import enum

from msgspec import structs

from rsvpd.calendar.event import Attendee, CommentReaders, Event, Meeting, Sensitivity, ShowAs
from rsvpd.calendar.series import is_partial
from rsvpd.mail.address import Mailbox

HIDDEN_SUBJECT = "Private Appointment"
# With more guests their answers are not told to each other (Google: attendees[].responseStatus).
MOST_TRACKED = 200
_PRIVATE = (Sensitivity.PRIVATE, Sensitivity.CONFIDENTIAL)
_BLOCKS: dict[ShowAs, str] = {
    ShowAs.UNKNOWN: "Unknown",
    ShowAs.FREE: "Free",
    ShowAs.TENTATIVE: "Tentative",
    ShowAs.BUSY: "Busy",
    ShowAs.OOF: "Away",
    ShowAs.ELSEWHERE: "Working elsewhere",
}


class CalendarRole(enum.IntEnum):
    """What somebody may do with a calendar; the number is stored. OWNER is nobody but its owner."""

    NONE = 0
    FREE_BUSY = 1
    LIMITED = 2
    READ = 3
    WRITE = 4
    DELEGATE = 5
    PRIVATE_DELEGATE = 6
    OWNER = 7

    @property
    def sees_private(self) -> bool:
        """Return whether private items are shown with their details."""
        return self >= CalendarRole.PRIVATE_DELEGATE

    @property
    def can_edit(self) -> bool:
        """Return whether events may be created, changed and answered."""
        return self >= CalendarRole.WRITE


class Delivery(enum.IntEnum):
    """Where meeting messages go for somebody with delegates; the number is stored."""

    DELEGATE_AND_INFORMATION = 0
    DELEGATE_AND_PRINCIPAL = 1
    DELEGATE_ONLY = 2


# What may be given to a person, and to everybody here; from less to more.
FOR_ONE = (
    CalendarRole.FREE_BUSY,
    CalendarRole.LIMITED,
    CalendarRole.READ,
    CalendarRole.WRITE,
    CalendarRole.DELEGATE,
    CalendarRole.PRIVATE_DELEGATE,
)
FOR_ALL = (CalendarRole.NONE, *FOR_ONE[:4])


def roles_for(*, everybody: bool, is_default: bool) -> tuple[CalendarRole, ...]:
    """Return the roles that can be given; nobody acts for an owner by what is given of another calendar."""
    if everybody:
        return FOR_ALL
    return FOR_ONE if is_default else FOR_ONE[:4]


def is_private(sensitivity: Sensitivity) -> bool:
    """Return whether the content of what is marked so is kept from others."""
    return sensitivity in _PRIVATE


def sensitivity_of(meeting: Meeting, event: Event) -> Sensitivity:
    """Return how private an event of `meeting` is: an occurrence at least as its series."""
    # What stands for the whole of a partial copy is one of its occurrences, not a series they belong to.
    if is_private(event.sensitivity) or is_partial(meeting):
        return event.sensitivity
    return meeting.event.sensitivity if is_private(meeting.event.sensitivity) else event.sensitivity


def is_hidden(meeting: Meeting, event: Event, role: CalendarRole) -> bool:
    """Return whether the details of an event of `meeting` are kept from this role because they are private."""
    return not role.sees_private and is_private(sensitivity_of(meeting, event))


def visible_to(meeting: Meeting, role: CalendarRole, owner: Mailbox) -> Meeting:
    """Return the owner's copy of a meeting as this role sees it."""
    if role.sees_private:
        return meeting
    event = _event_visible_to(meeting, meeting.event, role)
    exceptions = {rid: _event_visible_to(meeting, one, role) for rid, one in meeting.exceptions.items()}
    visible = structs.replace(meeting, event=event, exceptions=exceptions, transaction_id=None)
    return visible if event is meeting.event else structs.replace(visible, organizer=owner, creator=None)


def _event_visible_to(meeting: Meeting, event: Event, role: CalendarRole) -> Event:
    if is_hidden(meeting, event, role):
        return structs.replace(_block(event, HIDDEN_SUBJECT), sensitivity=sensitivity_of(meeting, event))
    if role >= CalendarRole.DELEGATE:
        return event
    if role >= CalendarRole.READ:
        return _without_words(event)
    if role is CalendarRole.LIMITED:
        return structs.replace(_block(event, event.subject), locations=event.locations)
    return _block(event, _BLOCKS[event.show_as])


def is_tracked(event: Event) -> bool:
    """Return whether guests see each other's answers to `event` at all."""
    return not event.hide_attendees and len(event.attendees) <= MOST_TRACKED


def as_guest_sees(one: Attendee) -> Attendee:
    """Return a guest as the others see one in Google: who answers what, not when, and what is said to all."""
    is_for_all = one.comment_readers is CommentReaders.GUESTS
    return Attendee(
        address=one.address,
        name=one.name,
        role=one.role,
        answer=one.answer,
        comment=one.comment if is_for_all else "",
        comment_readers=one.comment_readers,
        guests=one.guests,
    )


def _without_words(event: Event) -> Event:
    """Return `event` without what guests, or its owner as a guest, said to the organizer alone."""
    if _is_for_organizer(event):
        event = structs.replace(event, comment="")
    if not any(_is_for_organizer(one) for one in event.attendees):
        return event
    attendees = (structs.replace(one, comment="") if _is_for_organizer(one) else one for one in event.attendees)
    return structs.replace(event, attendees=tuple(attendees))


def _is_for_organizer(one: Event | Attendee) -> bool:
    return bool(one.comment) and one.comment_readers is CommentReaders.ORGANIZER


def _block(event: Event, subject: str) -> Event:
    """Return the time of an event and nothing of its content."""
    return Event(
        start=event.start,
        end=event.end,
        subject=subject,
        show_as=event.show_as,
        status=event.status,
        sensitivity=event.sensitivity,
        answer=event.answer,
        hide_attendees=True,
        reminder_on=False,
    )
