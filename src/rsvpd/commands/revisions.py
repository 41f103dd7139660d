"""What the organizer's decisions bring to everybody, as deliveries."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import Copy
from rsvpd.calendar.series import component
from rsvpd.clock import Instant
from rsvpd.commands.references import Notify
from rsvpd.commands.rounds import Delivery, LastSeen, cancellations, requests
from rsvpd.mail.person import Person
from rsvpd.scheduling.forward import SentBy
from rsvpd.scheduling.itip import Cancel
from rsvpd.scheduling.plan import Change, asking_for
from rsvpd.scheduling.single import Ending, consequences, guests_of_one


def of_change(
    before: Copy,
    change: Change,
    organizer: Person,
    *,
    seen: LastSeen,
    notify: Notify,
    now: Instant,
    by: SentBy | None = None,
) -> Iterator[Delivery]:
    """Yield the deliveries that a change of `before` starts: to guests, to those of single occurrences, to who leaves.

    What is called off comes first: a copy that was updated before has that date no more, and shows no cancellation.
    `by` is whoever sends them in the organizer's place; `seen` are the answers as guests saw them before.
    """
    ends = by and structs.replace(by, comment="", prefix="", to=())
    off = tuple(_called_off(before, rid) for rid in change.excluded)
    yield from _endings(change.copy, off, organizer, "", seen, notify, now, ends)
    yield from requests(change, organizer, notify=notify, now=now, by=by)
    for rid in change.restored:
        yield from requests(asking_for(change, rid), organizer, notify=notify, now=now, by=by)
    changed, ended = consequences(before, change)
    for part in changed:
        yield from requests(part, organizer, notify=notify, now=now, by=by)
    yield from _endings(change.copy, ended, organizer, "", seen, notify, now, ends)
    if change.removed and change.old is not None:
        left = Ending(recurrence_id=change.recurrence_id, event=change.old, guests=change.removed)
        yield from _endings(change.copy, (left,), organizer, "", seen, notify, now, ends)


def of_end(
    before: Copy,
    after: Copy,
    organizer: Person,
    *,
    comment: str,
    notify: Notify,
    now: Instant,
    by: SentBy | None = None,
) -> Iterator[Delivery]:
    """Yield the deliveries beside the one to the guests when a whole series is called off."""
    yield from _endings(after, guests_of_one(before), organizer, comment, None, notify, now, by)


def _called_off(before: Copy, recurrence_id: str) -> Ending:
    event = component(compose(before), recurrence_id)
    return Ending(recurrence_id=recurrence_id, event=event, guests=event.attendees)


def _endings(
    copy: Copy,
    endings: tuple[Ending, ...],
    organizer: Person,
    comment: str,
    seen: LastSeen | None,
    notify: Notify,
    now: Instant,
    by: SentBy | None,
) -> Iterator[Delivery]:
    for one in endings:
        leaving = Cancel(
            uid=copy.revision.uid, sequence=copy.sequence, dtstamp=copy.dtstamp, recurrence_id=one.recurrence_id
        )
        yield from cancellations(
            copy,
            one.event,
            leaving,
            one.guests,
            organizer,
            seen=seen(one.recurrence_id) if seen else {},
            comment=comment,
            notify=notify,
            now=now,
            by=by,
        )
