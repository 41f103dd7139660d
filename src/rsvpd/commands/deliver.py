"""Deliveries on their way: a request or a cancellation for every guest of a meeting.

What is for a mailbox of this server goes through the door of `scheduling/receive.py`, in the
transaction that caused it; what leaves the server becomes an outbox row. A delivery for more than
`SLICE` guests is kept in the data file and carried out slice by slice, each in a transaction of
its own, so that nobody else waits for it; it is over when every guest has it.

Everything is read before anything is written: a guest who is in several deliveries of one decision has one copy after
all of them, and it is written once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec import structs

from rsvpd.calendar.calendars import DEFAULT_CALENDAR
from rsvpd.calendar.compose import attendee_with_answer, compose, response_of
from rsvpd.calendar.copy import NO_RESPONSES, Copy, Response
from rsvpd.calendar.event import Attendee, MeetingKey, State
from rsvpd.calendar.permission import as_guest_sees, is_tracked
from rsvpd.calendar.series import component
from rsvpd.clock import Instant
from rsvpd.commands.delegates import inboxes
from rsvpd.commands.deliveries import Delivery, DeliveryPart, LastSeen, of_change
from rsvpd.commands.door import reads, writes
from rsvpd.commands.references import InvitationStored, Notify
from rsvpd.commands.rooms import answers_itself, carry_out, without_cancelled
from rsvpd.mail.address import Mailbox, fold
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import Letter, RequestKind
from rsvpd.mail.person import Person, PersonKind
from rsvpd.scheduling import outside, receive
from rsvpd.scheduling.effects import Effect, FileLetter, Invite, KeepDelivery, Post, PutCopy, TrackAnswer
from rsvpd.scheduling.forward import SentBy
from rsvpd.scheduling.itip import InvitedDates, Request
from rsvpd.scheduling.plan import Change
from rsvpd.scheduling.single import Invitations
from rsvpd.store import deliveries as kept_deliveries
from rsvpd.store import events, people, permissions, responses
from rsvpd.store.tx import Tx

SLICE = 64

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(DeliveryPart).decode
_PART = DeliveryPart.__struct_fields__
_ALL_OF_IT = InvitedDates()


def save(
    tx: Tx,
    organizer: Person,
    row: events.CopyRow,
    change: Change,
    *,
    notify: Notify,
    now: Instant,
    state: State | None = None,
    by: SentBy | None = None,
) -> Iterator[Effect | InvitationStored]:
    """Yield all that a change of the organizer's meeting comes to: the copy in `row`, the guests' copies and messages.

    `state` is where the copy stands then, None for where it stood; `by` is who sends in the organizer's place.
    """
    mailbox = organizer.number
    yield PutCopy(mailbox=mailbox, copy=change.copy, item=row.item, state=row.state if state is None else state)
    yield from _invite_newcomers_to_date(tx, mailbox, row, change, now)
    last_seen = last_seen_of(tx, mailbox, row)
    found = of_change(row.copy, change, organizer, last_seen=last_seen, notify=notify, now=now, by=by)
    yield from deliver(tx, found)


def _invite_newcomers_to_date(
    tx: Tx, mailbox: int, row: events.CopyRow, change: Change, now: Instant
) -> Iterator[Effect | InvitationStored]:
    """Yield what asks newcomers to a date for it, whatever they said of the series while they were not on its list."""
    if change.recurrence_id is None or not row.has_responses:
        return
    for guest in change.added:
        who = fold(guest.address)
        earlier = responses.of_guest(tx, mailbox, row.item, None, who)
        if earlier is not None:
            none = Response(sequence=earlier.sequence, dtstamp=earlier.dtstamp, name=earlier.name)
            yield TrackAnswer(
                mailbox=mailbox,
                item=row.item,
                recurrence_id=change.recurrence_id,
                address=who,
                response=none,
                now=now,
            )


def last_seen_of(tx: Tx, mailbox: int, row: events.CopyRow) -> LastSeen:
    """Return what tells the answers as guests see them now, for those who will not be guests any more."""

    def last_seen(recurrence_id: str | None) -> dict[str, dict[str, Response]]:
        names = [recurrence_id] if recurrence_id is not None else ["", *row.copy.revision.exceptions]
        known = responses.of_dates(tx, mailbox, row.item, names) if row.has_responses else NO_RESPONSES
        meeting = compose(row.copy, known)
        events_ = {rid: component(meeting, rid or None) for rid in names}
        return {
            rid: {fold(one.address): response_of(as_guest_sees(one)) for one in event.attendees}
            for rid, event in events_.items()
            if is_tracked(event)
        }

    return last_seen


def deliver(tx: Tx, found: Iterable[Delivery]) -> list[Effect | InvitationStored]:
    """Return what deliveries of one meeting bring to the first guests; what remains is kept for later.

    While an earlier one of the same meeting is under way, all of a delivery waits behind it, so that no
    guest gets a cancellation before the invitation.
    """
    out = _Outcome(tx)
    waits: bool | None = None
    every = tuple(found)
    for one in every:
        key = one.revision.key
        if waits is None:
            waits = kept_deliveries.is_under_way(tx, one.mailbox, key.uid)
        done = 0 if waits else SLICE
        _to_guests(out, one, one.guests[:done], (None, None), is_only=len(every) == 1)
        if len(one.guests) > done:
            waits = True
            part = DeliveryPart(**{name: getattr(one, name) for name in _PART})
            keep = KeepDelivery(
                mailbox=one.mailbox,
                uid=key.uid,
                revision=one.revision,
                data=_encode(part),
                letters=one.letters,
                done=done,
            )
            out.effects.append(keep)
        if one.notify.reaches_outside and (one.tells_all or one.newcomers):
            letter = one.letters[1 if one.tells_all else 0]
            sent = FileLetter(mailbox=one.sent_items, folder=Folder.SENT, letter=letter, about=key, is_read=True)
            out.effects.append(sent)
    return out.effects


@writes
def deliver_next(tx: Tx) -> bool:
    """Carry out the next slice of the oldest delivery that nobody else has; return whether there was one."""
    kept = kept_deliveries.oldest(tx, _decode)
    if kept is None:
        return False
    members = {name: getattr(kept.part, name) for name in _PART}
    one = Delivery(revision=kept.revision, **members)
    done, out = kept.done + SLICE, _Outcome(tx)
    _to_guests(out, one, one.guests[kept.done : done], kept.letters, is_only=True)
    carry_out(tx, out.effects)
    kept_deliveries.advance(tx, kept, done, is_over=done >= len(one.guests))
    return True


@reads
def is_any_left(tx: Tx) -> bool:
    """Return whether a delivery is under way, also one that another process has."""
    return kept_deliveries.count_deliveries(tx) > 0


class _Outcome:
    """What is to be written, and the guests' copies as they will be then: each is read once and written once."""

    def __init__(self, tx: Tx) -> None:
        self.tx = tx
        self.effects: list[Effect | InvitationStored] = []
        self._rows: dict[int, events.CopyRow | None] = {}
        self._with_delegates: frozenset[int] = frozenset()
        self._looked_up: set[int] = set()
        self._copies: dict[int, tuple[Copy, State]] = {}
        self._places: dict[int, int] = {}

    def look_up(self, guests: Iterable[Attendee], key: MeetingKey) -> None:
        """Read the copies of all who have a mailbox here, and who of them has delegates."""
        found = (people.by_address(self.tx, guest.address) for guest in guests)
        new = [person.number for person in found if person is not None and person.number not in self._looked_up]
        if new:
            self._rows.update(events.copies_by_key(self.tx, new, key))
            self._with_delegates |= permissions.with_delegates(self.tx, new)
            self._looked_up.update(new)

    def copy_of(self, person: Person) -> tuple[Copy | None, State]:
        """Return a guest's copy as it will be, and where it will stand."""
        if person.number in self._copies:
            return self._copies[person.number]
        row = self._rows.get(person.number)
        return (row.copy, row.state) if row else (None, State.LIVE)

    def newcomer(self, one: Delivery, guest: Attendee) -> Person | None:
        """Return who a guest is that had no copy yet and reads the own mail alone; None for all others."""
        person = people.by_address(self.tx, guest.address)
        if person is None or person.kind is not PersonKind.USER or person.number == one.sent_by:
            return None
        has_copy = self._rows.get(person.number) is not None or person.number in self._with_delegates
        return person if fold(guest.address) in one.newcomers and not has_copy else None

    def file(self, person: Person, filed: FileLetter, *, sender: int) -> None:
        """Put a meeting message into the inbox of a guest, and of whoever acts for the guest."""
        acts_alone = person.number not in self._with_delegates
        self.effects.extend((filed,) if acts_alone else inboxes(self.tx, person, filed, sender=sender))

    def put(self, person: Person, copy: Copy, state: State) -> None:
        """Write a guest's copy in the place where it was touched first."""
        mailbox, row = person.number, self._rows.get(person.number)
        # What comes back after it was deleted arrives where invitations do: its calendar may be gone.
        comes_back = row is not None and row.state is State.DELETED and state is not State.DELETED
        calendar = DEFAULT_CALENDAR if comes_back else None
        effect = PutCopy(
            mailbox=mailbox, copy=copy, item=row.item if row else None, state=state, calendar=calendar
        )  # fmt: skip
        self._copies[mailbox] = copy, state
        if mailbox in self._places:
            self.effects[self._places[mailbox]] = effect
            return
        self._places[mailbox] = len(self.effects)
        self.effects.append(effect)


def _to_guests(
    out: _Outcome, one: Delivery, guests: Sequence[Attendee], stored: tuple[int | None, int | None], *, is_only: bool
) -> None:
    """Add what a delivery brings to some guests. `stored` are the numbers of its letters, once they have them.

    Where it `is_only` one of a decision, those who only get an invitation get it together.
    """
    invitations = Invitations(one.revision)
    out.look_up(guests, one.revision.key)
    invites = is_only and one.cancel is None and one.notify is Notify.ALL and not one.hides_guests
    newcomers = []
    for guest in guests:
        invited = invitations.of(guest.address)
        person = out.newcomer(one, guest) if invites and invited == _ALL_OF_IT else None
        if person is None:
            _to_guest(out, one, guest, invited, stored)
        else:
            newcomers.append(person)
    if newcomers:
        out.effects.append(_invite(one, newcomers, stored[0]))


def _invite(one: Delivery, newcomers: list[Person], stored: int | None) -> Invite:
    """Return what brings the same invitation to people without a copy."""
    request = Request(
        revision=one.revision, invited=_ALL_OF_IT, kind=RequestKind.NEW, recurrence_id=one.recurrence_id
    )
    copy = receive.first_copy(request, newcomers[0], one.now)
    guests = tuple((person.number, fold(person.address)) for person in newcomers)
    return Invite(guests=guests, copy=copy, letter=one.letters[0], stored=stored)


def _to_guest(
    out: _Outcome, one: Delivery, guest: Attendee, invited: InvitedDates, stored: tuple[int | None, int | None]
) -> None:
    tx, is_new = out.tx, fold(guest.address) in one.newcomers
    letter, number = one.letters[0 if is_new else 1], stored[0 if is_new else 1]
    if one.hides_guests:
        letter, number = structs.replace(letter, to=(Mailbox(guest.address, guest.name),), cc=()), None
    hears = (one.tells_all or is_new) and one.notify.reaches_outside
    person = people.by_address(tx, guest.address)
    if person is None:
        if hears:
            out.effects.append(_post(tx, one, guest, letter, invited, is_new=is_new))
        return
    _receive(out, one, person, invited, is_new=is_new)
    if hears and one.notify is Notify.ALL and person.number != one.sent_by:
        filed = FileLetter(
            mailbox=person.number, folder=Folder.INBOX, letter=letter, about=one.revision.key, stored=number
        )
        out.file(person, filed, sender=one.sent_by or one.mailbox)


def _receive(out: _Outcome, one: Delivery, person: Person, invited: InvitedDates, *, is_new: bool) -> None:
    """Let a message of the organizer come in at a guest's mailbox."""
    stored, state = out.copy_of(person)
    if one.cancel is not None:
        cancelled = receive.on_cancel(stored, one.cancel, one.now, last_seen=one.last_seen)
        if cancelled is not None:
            by_itself = answers_itself(out.tx, person)
            out.put(person, *(without_cancelled(cancelled, one.recurrence_id) if by_itself else (cancelled, state)))
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
    out.put(person, copy, stands)
    if kind is not RequestKind.INFORMATIONAL:
        asked = InvitationStored(
            person=person, key=one.revision.key, recurrence_id=one.recurrence_id, notify=one.notify, now=one.now
        )
        out.effects.append(asked)


def _post(tx: Tx, one: Delivery, guest: Attendee, letter: Letter, invited: InvitedDates, *, is_new: bool) -> Post:
    if one.cancel is not None and one.cancelled is not None:
        return outside.cancellation(one.mailbox, one.meeting(), one.cancelled, guest, one.cancel, letter)
    known = guest if is_new else _with_answer(tx, one, guest)
    return outside.invitation(one.mailbox, one.meeting(invited), known, one.recurrence_id, letter, is_new=is_new)


def _with_answer(tx: Tx, one: Delivery, guest: Attendee) -> Attendee:
    """Return a guest with what the organizer knows of the answer to what the request is about."""
    component, who, rid = one.revision.list_of(one.recurrence_id), fold(guest.address), one.recurrence_id
    item = events.item_of(tx, one.mailbox, one.revision.key)
    if who not in component.places or not item:
        return guest
    whole = responses.of_guest(tx, one.mailbox, item, None, who)
    own = responses.of_guest(tx, one.mailbox, item, rid, who) if rid is not None else None
    return attendee_with_answer(one.revision, component, component.places[who], rid, whole, own)


