"""What the organizer's decisions bring to everybody, as rounds of delivery."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from rsvpd.calendar.event import Meeting
from rsvpd.calendar.series import component
from rsvpd.clock import Instant
from rsvpd.commands.references import Notify
from rsvpd.commands.rounds import Round, cancellations, requests
from rsvpd.mail.person import Person
from rsvpd.scheduling.forward import Hand
from rsvpd.scheduling.itip import Cancel
from rsvpd.scheduling.plan import Revision, asking_for
from rsvpd.scheduling.single import Gone, consequences, guests_of_one


def told(
    before: Meeting, revision: Revision, organizer: Person, *, notify: Notify, now: Instant, by: Hand | None = None
) -> Iterator[Round]:
    """Yield the rounds that a revision of `before` starts: to guests, to those of single occurrences, to who leaves.

    What is called off comes first: a copy that was updated before has that date no more, and shows no cancellation.
    `by` is whoever sends them in the organizer's place.
    """
    ends = by and structs.replace(by, comment="", prefix="", to=())
    off = tuple(_called_off(before, rid) for rid in revision.excluded)
    yield from _endings(before, revision.meeting, off, organizer, "", notify, now, ends)
    yield from requests(revision, organizer, notify=notify, now=now, by=by)
    for rid in revision.restored:
        yield from requests(asking_for(revision, rid), organizer, notify=notify, now=now, by=by)
    changed, gone = consequences(before, revision)
    for part in changed:
        yield from requests(part, organizer, notify=notify, now=now, by=by)
    yield from _endings(before, revision.meeting, gone, organizer, "", notify, now, ends)
    if revision.removed and revision.old is not None:
        left = Gone(recurrence_id=revision.recurrence_id, event=revision.old, guests=revision.removed)
        yield from _endings(before, revision.meeting, (left,), organizer, "", notify, now, ends)


def told_of_end(
    before: Meeting,
    after: Meeting,
    organizer: Person,
    *,
    comment: str,
    notify: Notify,
    now: Instant,
    by: Hand | None = None,
) -> Iterator[Round]:
    """Yield the rounds beside the one to the guests when a whole series is called off."""
    yield from _endings(None, after, guests_of_one(before), organizer, comment, notify, now, by)


def _called_off(before: Meeting, recurrence_id: str) -> Gone:
    event = component(before, recurrence_id)
    return Gone(recurrence_id=recurrence_id, event=event, guests=event.attendees)


def _endings(
    before: Meeting | None,
    meeting: Meeting,
    gone: tuple[Gone, ...],
    organizer: Person,
    comment: str,
    notify: Notify,
    now: Instant,
    by: Hand | None,
) -> Iterator[Round]:
    for one in gone:
        leaving = Cancel(
            uid=meeting.uid, sequence=meeting.sequence, dtstamp=meeting.dtstamp, recurrence_id=one.recurrence_id
        )
        yield from cancellations(
            meeting,
            one.event,
            leaving,
            one.guests,
            organizer,
            last=before,
            comment=comment,
            notify=notify,
            now=now,
            by=by,
        )
