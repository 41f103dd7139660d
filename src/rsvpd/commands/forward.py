"""Passing a meeting on to others. One function, one transaction."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.calendar.event import State
from rsvpd.calendar.series import component
from rsvpd.clock import Instant
from rsvpd.commands import revisions, rounds
from rsvpd.commands.access import Found, find_event, open_own
from rsvpd.commands.delegates import inboxes
from rsvpd.commands.door import Done, Who, writes
from rsvpd.commands.references import EventRef, Notify
from rsvpd.commands.rooms import Asked, carry_out, with_rooms
from rsvpd.errors import InvalidProperty, MissingProperty
from rsvpd.hints import Hint
from rsvpd.mail.address import Mailbox, checked
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import Letter, RequestKind
from rsvpd.mail.person import Person
from rsvpd.scheduling import forward as forwarding
from rsvpd.scheduling.component import with_component
from rsvpd.scheduling.effects import Effect, FileLetter, Post, PutMeeting
from rsvpd.scheduling.forward import Hand, Passed
from rsvpd.scheduling.letters import request_letter
from rsvpd.store import events, people
from rsvpd.store.tx import Tx

MOST_RECIPIENTS = 500


@writes
def forward_event(
    tx: Tx, who: Who, ref: EventRef, recipients: tuple[Mailbox, ...], *, comment: str = ""
) -> Done[None]:
    """Forward a meeting, or one occurrence: the recipients are invited, and the organizer is told by whom.

    Raises MissingProperty without recipients, InvalidProperty for impossible or too many ones,
    MeetingIsCancelled, NotAllowed where the organizer lets nobody invite others.
    """
    owner = open_own(tx, who, "Forwarding an event")
    if not recipients:
        raise MissingProperty("At least one recipient is required.", target="ToRecipients")
    if len(recipients) > MOST_RECIPIENTS:
        raise InvalidProperty(f"More than {MOST_RECIPIENTS} recipients.", target="ToRecipients")
    wanted = tuple(Mailbox(checked(one.address, target="ToRecipients"), one.name) for one in recipients)
    found = find_event(tx, owner, ref)
    is_guest = not found.row.meeting.is_organizer
    hand = Hand(person=owner, comment=comment, prefix=forwarding.FORWARD_PREFIX, is_guest=is_guest)
    drafts = tuple(AttendeeDraft(address=one.address, name=one.name) for one in wanted)
    return Done(None, passed_on(tx, owner, found, drafts, hand, notify=Notify.ALL, now=who.now))


def organizers(tx: Tx, row: events.EventRow) -> tuple[Person | None, events.EventRow | None]:
    """Return the organizer of a copy and the organizer's own copy, where they are of this server and it stands."""
    person = people.by_address(tx, row.meeting.organizer.address)
    theirs = events.by_key(tx, person.number, row.meeting.key) if person else None
    is_there = theirs is not None and theirs.meeting.is_organizer and theirs.state is State.LIVE
    return person, theirs if is_there else None


def passed_on(
    tx: Tx,
    owner: Person,
    found: Found,
    recipients: tuple[AttendeeDraft, ...],
    hand: Hand,
    *,
    notify: Notify,
    now: Instant,
) -> tuple[Hint, ...]:
    """Let `owner` pass on what was `found` in the own calendar; return what is to be known of it."""
    organizer, theirs = organizers(tx, found.row)
    meeting = theirs.meeting if theirs else forwarding.as_sent(found.row.meeting)
    known = with_rooms(tx, EventDraft(attendees=recipients)).attendees or ()
    passed = forwarding.forward(meeting, found.recurrence_id, tuple(known), owner, now=now)
    added = tuple(Mailbox(one.address, one.name) for one in (*passed.revision.added, *passed.again))
    if not added:
        return passed.hints
    hand = structs.replace(hand, to=added)
    if theirs is not None and organizer is not None:
        carry_out(tx, _in_order(tx, organizer, theirs, passed, hand, notify, now))
    else:
        carry_out(tx, _without_organizer(tx, owner, found, passed, hand, notify, now))
    hears = notify is Notify.ALL or (organizer is None and notify.reaches_outside)
    if hears and not owner.answers_to(meeting.organizer.address):
        letter = forwarding.notice(meeting, passed.revision.new, owner, added, sent=now)
        carry_out(tx, to_organizer(tx, owner, organizer, theirs, letter))
    return passed.hints


def _in_order(
    tx: Tx, organizer: Person, row: events.EventRow, passed: Passed, hand: Hand, notify: Notify, now: Instant
) -> Iterator[Effect | Asked]:
    """Yield what the organizer's list and everybody's copies become."""
    revision = passed.revision
    if revision.added:
        yield PutMeeting(mailbox=organizer.number, meeting=revision.meeting, item=row.item, state=row.state)
        told = revisions.told(row.meeting, revision, organizer, notify=notify, now=now, by=hand)
        yield from rounds.delivered(tx, told)
    yield from _again(tx, organizer, passed, hand, notify, now)


def _without_organizer(
    tx: Tx, owner: Person, found: Found, passed: Passed, hand: Hand, notify: Notify, now: Instant
) -> Iterator[Effect | Asked]:
    """Yield the own copy with the recipients on its list, and the requests to them."""
    revision, rid, own = passed.revision, found.recurrence_id, found.row.meeting
    if revision.added:
        event = structs.replace(component(own, rid), attendees=revision.new.attendees)
        kept = structs.replace(with_component(own, rid, event), modified=now)
        yield PutMeeting(mailbox=owner.number, meeting=kept, item=found.row.item, state=found.row.state)
        only = structs.replace(revision, guests=revision.added)
        yield from rounds.delivered(tx, rounds.requests(only, owner, notify=notify, now=now, by=hand))
    yield from _again(tx, owner, passed, hand, notify, now)


def _again(
    tx: Tx, organizer: Person, passed: Passed, hand: Hand, notify: Notify, now: Instant
) -> Iterator[Effect | Asked]:
    """Yield the request once more for who was invited before: as new only where the copy is gone."""
    if not passed.again or not notify.reaches_outside:
        return
    revision, key = passed.revision, passed.revision.meeting.key
    lost, have = [], []
    for one in passed.again:
        person = people.by_address(tx, one.address)
        row = events.by_key(tx, person.number, key, whole=False) if person else None
        if person is not None and row is not None and row.state is State.LIVE:
            have.append(person)
        else:
            lost.append(one)
    if lost:
        more = forwarding.once_more(revision, tuple(lost))
        yield from rounds.delivered(tx, rounds.requests(more, organizer, notify=notify, now=now, by=hand))
    if have and notify is Notify.ALL:
        first = structs.replace(revision, old=None, kind=RequestKind.NEW)
        hides_guests = revision.new.hide_attendees
        letter = hand.signed(request_letter(first, sent=now), hides_guests=hides_guests)
        for person in have:
            seen = structs.replace(letter, to=(person.mailbox,)) if hides_guests else letter
            filed = FileLetter(mailbox=person.number, folder=Folder.INBOX, letter=seen, about=key)
            yield from inboxes(tx, person, filed, sender=hand.person.number)
        if not lost and not revision.added:
            yield FileLetter(mailbox=hand.person.number, folder=Folder.SENT, letter=letter, about=key, is_read=True)


def to_organizer(
    tx: Tx, owner: Person, organizer: Person | None, theirs: events.EventRow | None, letter: Letter
) -> Iterator[Effect]:
    """Yield what takes `owner`'s letter to the organizer."""
    if organizer is None:
        yield Post(mailbox=owner.number, recipient=letter.to[0].address, letter=letter)
        return
    item = theirs.item if theirs else 0
    filed = FileLetter(mailbox=organizer.number, folder=Folder.INBOX, letter=letter, item=item)
    yield from inboxes(tx, organizer, filed, sender=owner.number)
