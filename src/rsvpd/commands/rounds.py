"""Rounds of delivery: a request or a cancellation for every guest of a meeting.

What is for a mailbox of this server goes through the door of `scheduling/receive.py`, in the
transaction that caused it; what leaves the server becomes an outbox row. A round for more than
`SLICE` guests is kept in the data file and delivered slice by slice, each in a transaction of
its own, so that nobody else waits for it; it is over when every guest has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec
from msgspec import Struct, structs

from rsvpd.calendar.compose import answered, compose, response_of
from rsvpd.calendar.copy import NO_RESPONSES, Copy, Response
from rsvpd.calendar.event import Attendee, Event, Meeting, Role, State
from rsvpd.calendar.permission import as_guests_see, is_private, is_tracked
from rsvpd.calendar.revision import Revision
from rsvpd.calendar.series import component
from rsvpd.clock import Instant
from rsvpd.commands.delegates import inboxes
from rsvpd.commands.door import writes
from rsvpd.commands.references import Notify
from rsvpd.commands.rooms import Asked, answers_itself, carry_out, cleared
from rsvpd.mail.address import Mailbox, fold
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import Letter, RequestKind
from rsvpd.mail.person import Person, PersonKind
from rsvpd.scheduling import outside, receive
from rsvpd.scheduling.effects import Effect, FileLetter, KeepRound, Post, PutCopy
from rsvpd.scheduling.forward import SentBy
from rsvpd.scheduling.itip import Cancel, Invited, Request
from rsvpd.scheduling.letters import cancel_letter, request_letter
from rsvpd.scheduling.plan import Audience, Change
from rsvpd.scheduling.single import Invitations
from rsvpd.store import events, people, responses, rounds
from rsvpd.store.tx import Tx

SLICE = 64
_WHOLE = Invited()


class DeliveryPart(Struct, frozen=True, kw_only=True):
    """What is kept of a delivery beside the revision it tells.

    `created` is when the meeting was made. `cancel` makes it a delivery of cancellations of the event `cancelled`;
    `seen` are the answers that these guests saw last, where it goes on without them. Without
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
    seen: dict[str, dict[str, Response]] = {}
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

    def meeting(self, invited: Invited = _WHOLE) -> Meeting:
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

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(DeliveryPart).decode


def requests(
    change: Change, organizer: Person, *, notify: Notify, now: Instant, by: SentBy | None = None
) -> Iterator[Delivery]:
    """Yield the delivery that a change starts; none where nobody but the organizer is concerned.

    `by` is whoever sends it in the organizer's place, and is told nothing.
    """
    meant = change.new.attendees if change.guests is None else change.guests
    guests = _guests(meant, organizer)
    if not guests or change.audience is Audience.NOBODY:
        return
    common = request_letter(change, sent=now)
    first = common if change.old is None else request_letter(_as_new(change), sent=now)
    yield Delivery(
        mailbox=organizer.number,
        revision=change.revision,
        guests=guests,
        letters=(_signed(first, by, change.new), _signed(common, by, change.new)),
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
    seen: dict[str, dict[str, Response]] | None = None,
    comment: str,
    notify: Notify,
    now: Instant,
    by: SentBy | None = None,
) -> Iterator[Delivery]:
    """Yield the delivery that tells `guests` of a cancellation. `event` is the event as it was, `copy` the organizer's.

    `seen` are the answers as these guests saw them, where the meeting goes on for others.
    """
    others = _guests(guests, organizer)
    if not others:
        return
    everybody = tuple(Mailbox(one.address, one.name) for one in others)
    letter = cancel_letter(compose(copy), event, cancel, everybody, comment, sent=now)
    letter = _signed(letter, by, event)
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
        cancelled=outside.cancelled(event),
        seen=seen or {},
        hides_guests=event.hide_attendees,
        sent_by=by.person.number if by else 0,
        sees_private=by is None or by.sees_private,
    )


def seen_before(tx: Tx, mailbox: int, row: events.CopyRow) -> LastSeen:
    """Return what tells the answers as guests see them now, for those who will not be guests any more."""

    def seen(recurrence_id: str | None) -> dict[str, dict[str, Response]]:
        names = [recurrence_id] if recurrence_id is not None else ["", *row.copy.revision.exceptions]
        known = responses.of_dates(tx, mailbox, row.item, names) if row.has_responses else NO_RESPONSES
        meeting = compose(row.copy, known)
        events_ = {rid: component(meeting, rid or None) for rid in names}
        return {
            rid: {fold(one.address): response_of(one) for one in as_guests_see(event.attendees)}
            for rid, event in events_.items()
            if is_tracked(event)
        }

    return seen


def delivered(tx: Tx, found: Iterable[Delivery]) -> Iterator[Effect | Asked]:
    """Yield what deliveries bring to the first guests; what remains is kept for later.

    While an earlier one of the same meeting is under way, all of a delivery waits behind it, so that no
    guest gets a cancellation before the invitation.
    """
    for one in found:
        key = one.revision.key
        done = 0 if rounds.is_under_way(tx, one.mailbox, key.uid) else SLICE
        invitations = Invitations(one.revision)
        for guest in one.guests[:done]:
            yield from _to_guest(tx, one, guest, invitations, (None, None))
        if len(one.guests) > done:
            part = DeliveryPart(**{name: getattr(one, name) for name in DeliveryPart.__struct_fields__})
            yield KeepRound(
                mailbox=one.mailbox,
                uid=key.uid,
                revision=one.revision,
                data=_encode(part),
                letters=one.letters,
                done=done,
            )
        if one.notify.reaches_outside and (one.tells_all or one.newcomers):
            letter = one.letters[1 if one.tells_all else 0]
            yield FileLetter(mailbox=one.sent_items, folder=Folder.SENT, letter=letter, about=key, is_read=True)


@writes
def deliver_next(tx: Tx) -> bool:
    """Deliver the next slice of the oldest delivery that is kept; return whether there was one."""
    kept = rounds.oldest(tx, _decode)
    if kept is None:
        return False
    part: DeliveryPart = kept.round
    members = {name: getattr(part, name) for name in DeliveryPart.__struct_fields__}
    one = Delivery(revision=kept.revision, **members)
    done = kept.done + SLICE
    guests, invitations = one.guests[kept.done : done], Invitations(one.revision)
    carry_out(tx, (effect for guest in guests for effect in _to_guest(tx, one, guest, invitations, kept.letters)))
    rounds.advance(tx, kept, done, is_over=done >= len(one.guests))
    return True


def _to_guest(
    tx: Tx, one: Delivery, guest: Attendee, invitations: Invitations, stored: tuple[int | None, int | None]
) -> Iterator[Effect | Asked]:
    """Yield what a delivery brings to one guest. `stored` are the numbers of its letters, once they have them."""
    is_new = fold(guest.address) in one.newcomers
    letter, number = one.letters[0 if is_new else 1], stored[0 if is_new else 1]
    if one.hides_guests:
        letter, number = structs.replace(letter, to=(Mailbox(guest.address, guest.name),), cc=()), None
    hears = (one.tells_all or is_new) and one.notify.reaches_outside
    person, invited = people.by_address(tx, guest.address), invitations.of(guest.address)
    if person is None:
        if hears:
            yield _post(tx, one, guest, letter, invited, is_new=is_new)
        return
    row = events.copy_by_key(tx, person.number, one.revision.key)
    yield from _received(tx, one, person, row, invited, is_new=is_new)
    if hears and one.notify is Notify.ALL and person.number != one.sent_by:
        filed = FileLetter(
            mailbox=person.number, folder=Folder.INBOX, letter=letter, about=one.revision.key, stored=number
        )
        yield from inboxes(tx, person, filed, sender=one.sent_by or one.mailbox)


def _received(
    tx: Tx, one: Delivery, person: Person, row: events.CopyRow | None, invited: Invited, *, is_new: bool
) -> Iterator[Effect | Asked]:
    stored, state = (row.copy, row.state) if row else (None, State.LIVE)
    if one.cancel is not None:
        copy = receive.on_cancel(stored, one.cancel, one.now, seen=one.seen)
        if row is not None and copy is not None:
            if answers_itself(tx, person):
                copy, state = cleared(copy, one.recurrence_id)
            yield PutCopy(mailbox=person.number, copy=copy, item=row.item, state=state)
        return
    kind = RequestKind.NEW if is_new else one.kind
    request = Request(revision=one.revision, invited=invited, kind=kind, recurrence_id=one.recurrence_id)
    received = receive.on_request(stored, state, request, person, one.now)
    if received is None:
        return
    copy, stands = received
    if not (one.tells_all or is_new) and stored is not None:
        # Nobody told this guest anything: what was received before is not outdated by it.
        copy = structs.replace(copy, dtstamp=stored.dtstamp)
    yield PutCopy(mailbox=person.number, copy=copy, item=row.item if row else None, state=stands)
    if person.kind is PersonKind.ROOM and kind is not RequestKind.INFORMATIONAL:
        yield Asked(
            room=person, key=one.revision.key, recurrence_id=one.recurrence_id, notify=one.notify, now=one.now
        )


def _post(tx: Tx, one: Delivery, guest: Attendee, letter: Letter, invited: Invited, *, is_new: bool) -> Post:
    if one.cancel is not None and one.cancelled is not None:
        return outside.cancellation(one.mailbox, one.meeting(), one.cancelled, guest, one.cancel, letter)
    known = guest if is_new else _with_answer(tx, one, guest)
    return outside.invitation(one.mailbox, one.meeting(invited), known, one.recurrence_id, letter, is_new=is_new)


def _with_answer(tx: Tx, one: Delivery, guest: Attendee) -> Attendee:
    """Return a guest with what the organizer knows of the answer to what the request is about."""
    said, who, rid = one.revision.list_of(one.recurrence_id), fold(guest.address), one.recurrence_id
    item = events.item_of(tx, one.mailbox, one.revision.key)
    if who not in said.places or not item:
        return guest
    whole = responses.of_guest(tx, one.mailbox, item, None, who)
    own = responses.of_guest(tx, one.mailbox, item, rid, who) if rid is not None else None
    return answered(one.revision, said, said.places[who], rid, whole, own)


def _signed(letter: Letter, by: SentBy | None, event: Event) -> Letter:
    return letter if by is None else by.signed(letter, hides_guests=event.hide_attendees)


def _as_new(change: Change) -> Change:
    return structs.replace(change, old=None, kind=RequestKind.NEW)


def _guests(attendees: Iterable[Attendee], organizer: Person) -> tuple[Attendee, ...]:
    """Return everybody but the organizer, rooms first: a long list is served slice by slice, and they answer."""
    others = (one for one in attendees if not organizer.answers_to(one.address))
    return tuple(sorted(others, key=lambda one: one.role is not Role.RESOURCE))
