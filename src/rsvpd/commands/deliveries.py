"""What the organizer's decisions bring to everybody: requests and cancellations, each for some guests.

Nothing is read or written here; `deliver.py` carries deliveries out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct, structs

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import Copy, Response
from rsvpd.calendar.event import Attendee, Event, Meeting, Role
from rsvpd.calendar.permission import is_private
from rsvpd.calendar.revision import Revision
from rsvpd.calendar.series import component
from rsvpd.clock import Instant
from rsvpd.commands.references import Notify
from rsvpd.mail.address import Mailbox, fold
from rsvpd.mail.message import Letter, RequestKind
from rsvpd.mail.person import Person
from rsvpd.scheduling import outside
from rsvpd.scheduling.forward import SentBy
from rsvpd.scheduling.itip import Cancel, InvitedDates
from rsvpd.scheduling.letters import cancel_letter, request_letter
from rsvpd.scheduling.plan import Audience, Change, request_for_restored_date
from rsvpd.scheduling.single import Ending, consequences, guests_of_one

_WHOLE = InvitedDates()


class DeliveryPart(Struct, frozen=True, kw_only=True):
    """What is kept of a delivery beside the revision it tells.

    `created` is when the meeting was made. `cancel` makes it a delivery of cancellations of the event `cancelled`;
    `last_seen` are the answers that these guests saw last, where it goes on without them. Without
    `tells_all` only the `newcomers` (folded addresses) hear of it.
    `letters` are the one for newcomers and the one for the others. `sent_by` is the mailbox that sends them,
    where it is not the organizer's, and `sees_private` whether that may keep a copy of what is private.
    """

    mailbox: int
    guests: tuple[Attendee, ...]
    letters: tuple[Letter, Letter]
    notify: Notify
    now: Instant
    created: Instant = 0
    recurrence_id: str | None = None
    kind: RequestKind = RequestKind.NEW
    cancel: Cancel | None = None
    cancelled: Event | None = None
    last_seen: dict[str, dict[str, Response]] = {}
    tells_all: bool = True
    newcomers: frozenset[str] = frozenset()
    hides_guests: bool = False
    sent_by: int = 0
    sees_private: bool = True

    @property
    def sent_items(self) -> int:
        """Return the mailbox whose Sent Items keep what is sent."""
        is_kept = self.sees_private or not is_private(self.letters[0].sensitivity)
        return self.sent_by if self.sent_by and is_kept else self.mailbox


class Delivery(DeliveryPart, frozen=True, kw_only=True):
    """What the guests of one meeting get, as it was decided: a request, or a cancellation."""

    revision: Revision

    def meeting(self, invited: InvitedDates = _WHOLE) -> Meeting:
        """Return the organizer's meeting, as far as somebody is invited to it, without answers."""
        copy = Copy(
            revision=self.revision,
            is_organizer=True,
            sequence=self.revision.sequence,
            dtstamp=self.revision.dtstamp,
            invited_to=invited.to,
            removed=invited.without,
            created=self.created,
        )
        return compose(copy)


# What guests saw of the answers to a date, or to the whole and the dates that differ: by recurrence id (of the whole:
# an empty text) and folded address.
LastSeen = Callable[[str | None], dict[str, dict[str, Response]]]



def requests(
    change: Change, organizer: Person, *, notify: Notify, now: Instant, by: SentBy | None = None
) -> Iterator[Delivery]:
    """Yield the delivery that a change starts; none where nobody but the organizer is concerned, or of a private copy.

    `by` is whoever sends it in the organizer's place, and is told nothing.
    """
    meant = change.new.attendees if change.guests is None else change.guests
    guests = _guests(meant, organizer)
    if not guests or change.audience is Audience.NOBODY or change.copy.is_private_copy:
        return
    common = request_letter(change, sent=now)
    invites_more = change.old is not None and change.added  # to whom this is an invitation, to the others an update
    first = request_letter(_as_new(change), sent=now) if invites_more else common
    yield Delivery(
        mailbox=organizer.number,
        revision=change.revision,
        guests=guests,
        letters=(_sign(first, by, change.new), _sign(common, by, change.new)),
        notify=notify,
        now=now,
        created=change.copy.created,
        recurrence_id=change.recurrence_id,
        kind=change.kind,
        tells_all=change.audience is Audience.EVERYBODY,
        newcomers=frozenset(fold(one.address) for one in change.added),
        hides_guests=change.new.hide_attendees,
        sent_by=by.person.number if by else 0,
        sees_private=by is None or by.sees_private,
    )


def cancellations(
    copy: Copy,
    event: Event,
    cancel: Cancel,
    guests: Iterable[Attendee],
    organizer: Person,
    *,
    last_seen: dict[str, dict[str, Response]] | None = None,
    comment: str,
    notify: Notify,
    now: Instant,
    by: SentBy | None = None,
) -> Iterator[Delivery]:
    """Yield the delivery that tells `guests` of a cancellation, but that of a private copy.

    `event` is the event as it was, `copy` the organizer's.
    `last_seen` are the answers as these guests saw them, where the meeting goes on for others.
    """
    others = _guests(guests, organizer)
    if not others or copy.is_private_copy:
        return
    everybody = tuple(Mailbox(one.address, one.name) for one in others)
    letter = cancel_letter(compose(copy), event, cancel, everybody, comment, sent=now)
    letter = _sign(letter, by, event)
    yield Delivery(
        mailbox=organizer.number,
        revision=copy.revision,
        guests=others,
        letters=(letter, letter),
        notify=notify,
        now=now,
        created=copy.created,
        recurrence_id=cancel.recurrence_id,
        cancel=cancel,
        cancelled=outside.event_to_cancel(event),
        last_seen=last_seen or {},
        hides_guests=event.hide_attendees,
        sent_by=by.person.number if by else 0,
        sees_private=by is None or by.sees_private,
    )


def of_change(
    before: Copy,
    change: Change,
    organizer: Person,
    *,
    last_seen: LastSeen,
    notify: Notify,
    now: Instant,
    by: SentBy | None = None,
) -> Iterator[Delivery]:
    """Yield the deliveries that a change of `before` starts: to guests, to those of single occurrences, to who leaves.

    What is called off comes first: a copy that was updated before has that date no more, and shows no cancellation.
    `by` is whoever sends them in the organizer's place; `last_seen` are the answers as guests saw them before.
    """
    ends = by and structs.replace(by, comment="", prefix="", to=())
    off = tuple(_ending_of_date(before, rid) for rid in change.excluded)
    yield from _endings(change.copy, off, organizer, "", last_seen, notify, now, ends)
    yield from requests(change, organizer, notify=notify, now=now, by=by)
    for rid in change.restored:
        yield from requests(request_for_restored_date(change, rid), organizer, notify=notify, now=now, by=by)
    changed, ended = consequences(before, change)
    for part in changed:
        yield from requests(part, organizer, notify=notify, now=now, by=by)
    yield from _endings(change.copy, ended, organizer, "", last_seen, notify, now, ends)
    if change.removed and change.old is not None:
        left = Ending(recurrence_id=change.recurrence_id, event=change.old, guests=change.removed)
        yield from _endings(change.copy, (left,), organizer, "", last_seen, notify, now, ends)


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


def _ending_of_date(before: Copy, recurrence_id: str) -> Ending:
    event = component(compose(before), recurrence_id)
    return Ending(recurrence_id=recurrence_id, event=event, guests=event.attendees)


def _endings(
    copy: Copy,
    endings: tuple[Ending, ...],
    organizer: Person,
    comment: str,
    last_seen: LastSeen | None,
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
            last_seen=last_seen(one.recurrence_id) if last_seen else {},
            comment=comment,
            notify=notify,
            now=now,
            by=by,
        )


def _sign(letter: Letter, by: SentBy | None, event: Event) -> Letter:
    return letter if by is None else by.sign(letter, hides_guests=event.hide_attendees)


def _as_new(change: Change) -> Change:
    return structs.replace(change, old=None, kind=RequestKind.NEW)


def _guests(attendees: Iterable[Attendee], organizer: Person) -> tuple[Attendee, ...]:
    """Return everybody but the organizer, rooms first: a long list is served slice by slice, and they answer."""
    others = (one for one in attendees if not organizer.answers_to(one.address))
    return tuple(sorted(others, key=lambda one: one.role is not Role.RESOURCE))
