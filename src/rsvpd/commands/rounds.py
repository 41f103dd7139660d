"""Rounds of delivery: a request or a cancellation for every guest of a meeting.

What is for a mailbox of this server goes through the door of `scheduling/receive.py`, in the
transaction that caused it; what leaves the server becomes an outbox row. A round for more than
`SLICE` guests is kept in the data file and delivered slice by slice, each in a transaction of
its own, so that nobody else waits for it; it is over when every guest has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct, structs

from rsvpd.calendar.event import Attendee, Event, Meeting, Role, State
from rsvpd.calendar.permission import is_private
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
from rsvpd.scheduling.effects import Effect, FileLetter, KeepRound, Post, PutMeeting
from rsvpd.scheduling.forward import Hand
from rsvpd.scheduling.itip import Cancel, Request
from rsvpd.scheduling.letters import cancel_letter, request_letter
from rsvpd.scheduling.plan import Audience, Revision
from rsvpd.scheduling.single import Copies
from rsvpd.store import events, people, rounds
from rsvpd.store.tx import Tx

SLICE = 64


class Round(Struct, frozen=True, kw_only=True):
    """What the guests of one meeting get, as it was decided.

    `meeting` is as guests may see it; whoever is invited to a part of it gets that part. `cancel` makes
    it a round of cancellations; `last` is the organizer's meeting as these guests last saw it, where it goes on
    without them. Without `tells_all` only the `newcomers` (folded addresses) hear of it.
    `letters` are the one for newcomers and the one for the others. `sent_by` is the mailbox that sends them,
    where it is not the organizer's, and `sees_private` whether that may keep a copy of what is private.
    """

    mailbox: int
    meeting: Meeting
    guests: tuple[Attendee, ...]
    letters: tuple[Letter, Letter]
    notify: Notify
    now: Instant
    recurrence_id: str | None = None
    kind: RequestKind = RequestKind.NEW
    cancel: Cancel | None = None
    cancelled: Event | None = None
    last: Meeting | None = None
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


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Round).decode


def requests(
    revision: Revision, organizer: Person, *, notify: Notify, now: Instant, by: Hand | None = None
) -> Iterator[Round]:
    """Yield the round that a revision starts; none where nobody but the organizer is concerned.

    `by` is whoever sends it in the organizer's place, and is told nothing.
    """
    meant = revision.new.attendees if revision.guests is None else revision.guests
    guests = _guests(meant, organizer)
    if not guests or revision.audience is Audience.NOBODY:
        return
    common = request_letter(revision, sent=now)
    first = common if revision.old is None else request_letter(_as_new(revision), sent=now)
    yield Round(
        mailbox=organizer.number,
        meeting=receive.shown_to_guests(revision.meeting, revision.recurrence_id),
        guests=guests,
        letters=(_signed(first, by, revision.new), _signed(common, by, revision.new)),
        notify=notify,
        now=now,
        recurrence_id=revision.recurrence_id,
        kind=revision.kind,
        tells_all=revision.audience is Audience.EVERYBODY,
        newcomers=frozenset(fold(one.address) for one in revision.added),
        hides_guests=revision.new.hide_attendees,
        sent_by=by.person.number if by else 0,
        sees_private=by is None or by.sees_private,
    )


def cancellations(
    meeting: Meeting,
    event: Event,
    cancel: Cancel,
    guests: Iterable[Attendee],
    organizer: Person,
    *,
    last: Meeting | None = None,
    comment: str,
    notify: Notify,
    now: Instant,
    by: Hand | None = None,
) -> Iterator[Round]:
    """Yield the round that tells `guests` of a cancellation. `event` is the event as it was.

    `last` is the whole meeting as it was, where it goes on for others.
    """
    others = _guests(guests, organizer)
    if not others:
        return
    everybody = tuple(Mailbox(one.address, one.name) for one in others)
    letter = cancel_letter(meeting, event, cancel, everybody, comment, sent=now)
    letter = _signed(letter, by, event)
    yield Round(
        mailbox=organizer.number,
        meeting=receive.shown_to_guests(meeting, cancel.recurrence_id),
        guests=others,
        letters=(letter, letter),
        notify=notify,
        now=now,
        recurrence_id=cancel.recurrence_id,
        cancel=cancel,
        cancelled=outside.cancelled(event),
        last=last,
        hides_guests=event.hide_attendees,
        sent_by=by.person.number if by else 0,
        sees_private=by is None or by.sees_private,
    )


def delivered(tx: Tx, found: Iterable[Round]) -> Iterator[Effect | Asked]:
    """Yield what rounds bring to the first guests; what remains is kept for later.

    While an earlier round of the same meeting is under way, all of a round waits behind it, so that no
    guest gets a cancellation before the invitation.
    """
    for one in found:
        done = 0 if rounds.is_under_way(tx, one.mailbox, one.meeting.uid) else SLICE
        copies = Copies(one.meeting)
        for guest in one.guests[:done]:
            yield from _to_guest(tx, one, guest, copies, (None, None))
        if len(one.guests) > done:
            data = _encode(one)
            yield KeepRound(
                mailbox=one.mailbox, uid=one.meeting.uid, data=data, letters=one.letters, done=done
            )
        if one.notify.reaches_outside and (one.tells_all or one.newcomers):
            letter = one.letters[1 if one.tells_all else 0]
            yield FileLetter(
                mailbox=one.sent_items, folder=Folder.SENT, letter=letter, about=one.meeting.key, is_read=True
            )


@writes
def deliver_next(tx: Tx) -> bool:
    """Deliver the next slice of the oldest round that is kept; return whether there was one."""
    kept = rounds.oldest(tx, _decode)
    if kept is None:
        return False
    one: Round = kept.round
    done = kept.done + SLICE
    guests, copies = one.guests[kept.done : done], Copies(one.meeting)
    carry_out(tx, (effect for guest in guests for effect in _to_guest(tx, one, guest, copies, kept.letters)))
    rounds.advance(tx, kept.number, done, is_over=done >= len(one.guests))
    return True


def _to_guest(
    tx: Tx, one: Round, guest: Attendee, copies: Copies, stored: tuple[int | None, int | None]
) -> Iterator[Effect | Asked]:
    """Yield what a round brings to one guest. `stored` are the numbers of its letters, once they have them."""
    is_new = fold(guest.address) in one.newcomers
    letter, number = one.letters[0 if is_new else 1], stored[0 if is_new else 1]
    if one.hides_guests:
        letter, number = structs.replace(letter, to=(Mailbox(guest.address, guest.name),), cc=()), None
    hears = (one.tells_all or is_new) and one.notify.reaches_outside
    person = people.by_address(tx, guest.address)
    if person is None:
        if hears:
            yield _post(one, guest, letter, copies, is_new=is_new)
        return
    row = events.by_key(tx, person.number, one.meeting.key)
    yield from _received(tx, one, person, row, copies.of(guest.address), is_new=is_new)
    if hears and one.notify is Notify.ALL and person.number != one.sent_by:
        filed = FileLetter(
            mailbox=person.number, folder=Folder.INBOX, letter=letter, about=one.meeting.key, stored=number
        )
        yield from inboxes(tx, person, filed, sender=one.sent_by or one.mailbox)


def _received(
    tx: Tx, one: Round, person: Person, row: events.EventRow | None, meeting: Meeting, *, is_new: bool
) -> Iterator[Effect | Asked]:
    stored, state = (row.meeting, row.state) if row else (None, State.LIVE)
    if one.cancel is not None:
        copy = receive.on_cancel(stored, one.cancel, person, one.now, last=one.last)
        if row is not None and copy is not None:
            if answers_itself(tx, person):
                copy, state = cleared(copy, one.recurrence_id)
            yield PutMeeting(mailbox=person.number, meeting=copy, item=row.item, state=state)
        return
    kind = RequestKind.NEW if is_new else one.kind
    request = Request(meeting=meeting, kind=kind, recurrence_id=one.recurrence_id)
    received = receive.on_request(stored, state, request, person, one.now)
    if received is None:
        return
    copy, stands = received
    if not (one.tells_all or is_new) and stored is not None:
        # Nobody told this guest anything: what was received before is not outdated by it.
        copy = structs.replace(copy, dtstamp=stored.dtstamp)
    yield PutMeeting(mailbox=person.number, meeting=copy, item=row.item if row else None, state=stands)
    if person.kind is PersonKind.ROOM and kind is not RequestKind.INFORMATIONAL:
        yield Asked(
            room=person, key=one.meeting.key, recurrence_id=one.recurrence_id, notify=one.notify, now=one.now
        )


def _post(one: Round, guest: Attendee, letter: Letter, copies: Copies, *, is_new: bool) -> Post:
    if one.cancel is not None and one.cancelled is not None:
        return outside.cancellation(one.mailbox, one.meeting, one.cancelled, guest, one.cancel, letter)
    invited = copies.of(guest.address)
    return outside.invitation(one.mailbox, invited, guest, one.recurrence_id, letter, is_new=is_new)


def _signed(letter: Letter, by: Hand | None, event: Event) -> Letter:
    return letter if by is None else by.signed(letter, hides_guests=event.hide_attendees)


def _as_new(revision: Revision) -> Revision:
    return structs.replace(revision, old=None, kind=RequestKind.NEW)


def _guests(attendees: Iterable[Attendee], organizer: Person) -> tuple[Attendee, ...]:
    """Return everybody but the organizer, rooms first: a long list is served slice by slice, and they answer."""
    others = (one for one in attendees if not organizer.answers_to(one.address))
    return tuple(sorted(others, key=lambda one: one.role is not Role.RESOURCE))
