"""Meeting messages on their way: into mailboxes of this server at once, outside through the outbox.

Everything comes in through the door of `scheduling/receive.py`, in the transaction that caused
it, so that when a request is answered the others' mailboxes are already right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import structs

from rsvpd.calendar.event import Attendee, Event, Meeting, State
from rsvpd.calendar.series import occurrence
from rsvpd.clock import Instant
from rsvpd.commands.references import Notify
from rsvpd.mail.address import Mailbox, fold
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import Letter, RequestKind
from rsvpd.mail.person import Person, PersonKind
from rsvpd.scheduling import receive
from rsvpd.scheduling.effects import (
    DiscardRequests,
    Effect,
    FileLetter,
    Method,
    Post,
    PutMeeting,
    TrackAnswer,
)
from rsvpd.scheduling.itip import Cancel, Reply, Request
from rsvpd.scheduling.letters import cancel_letter, reply_letter, request_letter
from rsvpd.scheduling.plan import Audience, Revision
from rsvpd.store import events, people
from rsvpd.store.tx import Tx


def requests(tx: Tx, revision: Revision, organizer: Person, *, notify: Notify, now: Instant) -> Iterator[Effect]:
    """Yield what a revision brings to everybody's mailbox, and the organizer's copy of what was sent."""
    new = {fold(one.address) for one in revision.added}
    letters = _Letters(revision, now)
    told = False
    for guest in _guests(revision.new.attendees, organizer):
        is_new = fold(guest.address) in new
        hears = revision.audience is Audience.EVERYBODY or is_new
        letter = letters.for_guest(guest, is_new=is_new) if hears else None
        told = told or (letter is not None and notify is not Notify.NONE)
        yield from _request(tx, revision, guest, organizer, letter, notify, now, is_new=is_new)
    if told:
        yield _sent(organizer, letters.common, revision.meeting.uid)


def cancellations(
    tx: Tx,
    meeting: Meeting,
    event: Event,
    cancel: Cancel,
    guests: tuple[Attendee, ...],
    organizer: Person,
    *,
    comment: str,
    notify: Notify,
    now: Instant,
) -> Iterator[Effect]:
    """Yield what a cancellation brings to `guests`. `event` is the event as it was."""
    others = _guests(guests, organizer)
    if not others:
        return
    everybody = tuple(Mailbox(one.address, one.name) for one in others)
    letter = cancel_letter(meeting, event, cancel, everybody, comment, sent=now)
    for guest in others:
        own = structs.replace(letter, to=(Mailbox(guest.address, guest.name),))
        yield from _cancel(tx, meeting, guest, cancel, own if event.hide_attendees else letter, organizer, notify, now)
    if notify is not Notify.NONE:
        yield _sent(organizer, letter, meeting.uid)


def answered(
    tx: Tx, meeting: Meeting, item: int, reply: Reply, attendee: Person, *, with_message: bool, now: Instant
) -> Iterator[Effect]:
    """Yield what an answer brings to the organizer: the tracking, and a message where one is to be sent.

    `item` is the number of the attendee's copy.
    """
    organizer = people.by_address(tx, meeting.organizer.address)
    row = events.by_uid(tx, organizer.number, meeting.uid, whole=False) if organizer else None
    if organizer is not None and row is not None and row.meeting.is_organizer and row.state is State.LIVE:
        yield from _track(tx, organizer, row, reply, now)
    if not with_message:
        return
    of_organizer = row.meeting if row else meeting
    letter = reply_letter(of_organizer, _named(of_organizer, reply), reply, attendee, sent=now)
    if organizer is not None:
        theirs = row.item if row else 0
        yield FileLetter(mailbox=organizer.number, folder=Folder.INBOX, letter=letter, item=theirs)
    else:
        yield Post(
            mailbox=attendee.number,
            method=Method.REPLY,
            recipient=meeting.organizer.address,
            letter=letter,
            meeting=meeting,
            recurrence_id=reply.recurrence_id,
        )
    yield FileLetter(mailbox=attendee.number, folder=Folder.SENT, letter=letter, item=item, is_read=True)


def _track(tx: Tx, organizer: Person, row: events.EventRow, reply: Reply, now: Instant) -> Iterator[Effect]:
    """Yield the tracking of an answer: beside a long guest list, or in the organizer's copy itself."""
    if row.rosters is not None:
        if reply.recurrence_id is None or reply.recurrence_id in row.rosters:
            yield TrackAnswer(mailbox=organizer.number, item=row.item, reply=reply)
            return
        row = events.by_item(tx, organizer.number, row.item) or row
    tracked = receive.on_reply(row.meeting, reply, now)
    if tracked is not None:
        yield PutMeeting(mailbox=organizer.number, meeting=tracked, item=row.item, state=row.state)


def discarded(tx: Tx, owner: Person, uid: str) -> Iterator[Effect]:
    """Yield what becomes of the invitation once it is answered (a setting, for users and for rooms)."""
    rules = tx.rules
    if rules.discard_answered_room if owner.kind is PersonKind.ROOM else rules.discard_answered_user:
        yield DiscardRequests(mailbox=owner.number, uid=uid)


class _Letters:
    """The letters of one revision: one for newcomers, one for the others; each alone if guests are hidden."""

    def __init__(self, revision: Revision, now: Instant) -> None:
        self._hidden = revision.new.hide_attendees
        self.common = request_letter(revision, sent=now)
        first = revision.old is None
        self._newcomers = self.common if first else request_letter(_as_new(revision), sent=now)

    def for_guest(self, guest: Attendee, *, is_new: bool) -> Letter:
        letter = self._newcomers if is_new else self.common
        if self._hidden:
            return structs.replace(letter, to=(Mailbox(guest.address, guest.name),), cc=())
        return letter


def _as_new(revision: Revision) -> Revision:
    return structs.replace(revision, old=None, kind=RequestKind.NEW)


def _guests(attendees: Iterable[Attendee], organizer: Person) -> list[Attendee]:
    return [one for one in attendees if not organizer.answers_to(one.address)]


def _request(
    tx: Tx,
    revision: Revision,
    guest: Attendee,
    organizer: Person,
    letter: Letter | None,
    notify: Notify,
    now: Instant,
    *,
    is_new: bool,
) -> Iterator[Effect]:
    meeting = revision.meeting
    person = people.by_address(tx, guest.address)
    if person is None:
        if letter is not None and notify is not Notify.NONE:
            yield Post(
                mailbox=organizer.number,
                method=Method.REQUEST,
                recipient=guest.address,
                letter=letter,
                meeting=meeting,
                recurrence_id=revision.recurrence_id,
            )
        return
    kind = RequestKind.NEW if is_new else revision.kind
    row = events.by_uid(tx, person.number, meeting.uid)
    stored, state = (row.meeting, row.state) if row else (None, State.LIVE)
    request = Request(meeting=meeting, kind=kind, recurrence_id=revision.recurrence_id)
    received = receive.on_request(stored, state, request, person, now)
    if received is not None:
        copy, stands = received
        if letter is None and stored is not None:
            # Nobody told this guest anything: what was received before is not outdated by it.
            copy = structs.replace(copy, dtstamp=stored.dtstamp)
        yield PutMeeting(mailbox=person.number, meeting=copy, item=row.item if row else None, state=stands)
    if letter is not None and notify is Notify.ALL:
        yield FileLetter(mailbox=person.number, folder=Folder.INBOX, letter=letter, uid=meeting.uid)


def _cancel(
    tx: Tx,
    meeting: Meeting,
    guest: Attendee,
    cancel: Cancel,
    letter: Letter,
    organizer: Person,
    notify: Notify,
    now: Instant,
) -> Iterator[Effect]:
    person = people.by_address(tx, guest.address)
    if person is None:
        if notify is not Notify.NONE:
            yield Post(
                mailbox=organizer.number,
                method=Method.CANCEL,
                recipient=guest.address,
                letter=letter,
                meeting=meeting,
                recurrence_id=cancel.recurrence_id,
            )
        return
    row = events.by_uid(tx, person.number, meeting.uid)
    copy = receive.on_cancel(row.meeting if row else None, cancel, now)
    if row is not None and copy is not None:
        yield PutMeeting(mailbox=person.number, meeting=copy, item=row.item, state=row.state)
    if notify is Notify.ALL:
        yield FileLetter(mailbox=person.number, folder=Folder.INBOX, letter=letter, uid=meeting.uid)


def _named(meeting: Meeting, reply: Reply) -> Event:
    found = occurrence(meeting, reply.recurrence_id) if reply.recurrence_id else None
    return found.event if found else meeting.event


def _sent(owner: Person, letter: Letter, uid: str) -> FileLetter:
    return FileLetter(mailbox=owner.number, folder=Folder.SENT, letter=letter, uid=uid, is_read=True)
