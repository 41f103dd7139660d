"""Passing a meeting on to others. One function, one transaction."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.calendar.event import State
from rsvpd.clock import Instant
from rsvpd.commands.access import StoredEvent, open_own_event
from rsvpd.commands.delegates import inboxes
from rsvpd.commands.deliver import deliver, save
from rsvpd.commands.deliveries import requests
from rsvpd.commands.door import Done, Who, writes
from rsvpd.commands.references import EventRef, InvitationStored, Notify
from rsvpd.commands.rooms import carry_out, with_rooms
from rsvpd.errors import InvalidProperty, MissingProperty, NotAllowed
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.address import Mailbox, parse_address
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import Letter, RequestKind
from rsvpd.mail.person import Person
from rsvpd.scheduling import forward as forwarding
from rsvpd.scheduling.effects import Effect, FileLetter, Post, PutCopy
from rsvpd.scheduling.forward import Forward, SentBy
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
    access, found = open_own_event(tx, who, ref, "Forwarding an event")
    owner = access.owner
    if not recipients:
        raise MissingProperty("At least one recipient is required.", target="ToRecipients")
    if len(recipients) > MOST_RECIPIENTS:
        raise InvalidProperty(f"More than {MOST_RECIPIENTS} recipients.", target="ToRecipients")
    wanted = tuple(Mailbox(parse_address(one.address, target="ToRecipients"), one.name) for one in recipients)
    is_guest = not found.row.copy.is_organizer
    by = SentBy(person=owner, comment=comment, prefix=forwarding.FORWARD_PREFIX, is_guest=is_guest)
    drafts = tuple(AttendeeDraft(address=one.address, name=one.name) for one in wanted)
    return Done(None, forward_to(tx, owner, found, drafts, by, notify=Notify.ALL, now=who.now))


def organizers(tx: Tx, row: events.CopyRow) -> tuple[Person | None, events.CopyRow | None]:
    """Return the organizer of a copy and the organizer's own copy, where they are of this server and it stands."""
    person = people.by_address(tx, row.copy.revision.organizer.address)
    theirs = events.copy_by_key(tx, person.number, row.copy.revision.key) if person else None
    is_there = theirs is not None and theirs.copy.is_organizer and theirs.state is State.LIVE
    return person, theirs if is_there else None


def forward_to(
    tx: Tx,
    owner: Person,
    found: StoredEvent,
    recipients: tuple[AttendeeDraft, ...],
    by: SentBy,
    *,
    notify: Notify,
    now: Instant,
) -> tuple[Hint, ...]:
    """Let `owner` pass on what was `found` in the own calendar; return what is to be known of it.

    Raises NotAllowed for a private copy.
    """
    if found.row.copy.is_private_copy:
        raise NotAllowed("A private copy of a meeting invites nobody.", hint=Hint(HintCode.PRIVATE_COPY))
    organizer, theirs = organizers(tx, found.row)
    row = theirs or found.row
    known = with_rooms(tx, EventDraft(attendees=recipients)).attendees or ()
    passed = forwarding.forward(row.copy, found.recurrence_id, tuple(known), owner, now=now)
    added = tuple(Mailbox(one.address, one.name) for one in (*passed.change.added, *passed.again))
    if not added:
        return passed.hints
    by = structs.replace(by, to=added)
    if theirs is not None and organizer is not None:
        carry_out(tx, _in_order(tx, organizer, theirs, passed, by, notify, now))
    else:
        carry_out(tx, _without_organizer(tx, owner, found, passed, by, notify, now))
    hears = notify is Notify.ALL or (organizer is None and notify.reaches_outside)
    if hears and not owner.answers_to(row.meeting.organizer.address):
        letter = forwarding.notice(row.meeting, passed.change.new, owner, added, sent=now)
        carry_out(tx, to_organizer(tx, owner, organizer, theirs, letter))
    return passed.hints


def _in_order(
    tx: Tx, organizer: Person, row: events.CopyRow, passed: Forward, by: SentBy, notify: Notify, now: Instant
) -> Iterator[Effect | InvitationStored]:
    """Yield what the organizer's list and everybody's copies become."""
    change = passed.change
    if change.added:
        yield from save(tx, organizer, row, change, notify=notify, now=now, by=by)
    yield from _repeat_requests(tx, organizer, passed, by, notify, now)


def _without_organizer(
    tx: Tx, owner: Person, found: StoredEvent, passed: Forward, by: SentBy, notify: Notify, now: Instant
) -> Iterator[Effect | InvitationStored]:
    """Yield the own copy with the recipients on its list, and the requests to them."""
    change = passed.change
    if change.added:
        kept = structs.replace(found.row.copy, revision=change.revision, modified=now)
        yield PutCopy(mailbox=owner.number, copy=kept, item=found.row.item, state=found.row.state)
        only = structs.replace(change, guests=change.added)
        yield from deliver(tx, requests(only, owner, notify=notify, now=now, by=by))
    yield from _repeat_requests(tx, owner, passed, by, notify, now)


def _repeat_requests(
    tx: Tx, organizer: Person, passed: Forward, by: SentBy, notify: Notify, now: Instant
) -> Iterator[Effect | InvitationStored]:
    """Yield the request once more for who was invited before: as new only where the copy is gone."""
    if not passed.again or not notify.reaches_outside:
        return
    change, key = passed.change, passed.change.revision.key
    lost, have = [], []
    for one in passed.again:
        person = people.by_address(tx, one.address)
        row = events.copy_by_key(tx, person.number, key) if person else None
        if person is not None and row is not None and row.state is State.LIVE:
            have.append(person)
        else:
            lost.append(one)
    if lost:
        more = forwarding.once_more(change, tuple(lost))
        yield from deliver(tx, requests(more, organizer, notify=notify, now=now, by=by))
    if have and notify is Notify.ALL:
        first = structs.replace(change, old=None, kind=RequestKind.NEW)
        hides_guests = change.new.hide_attendees
        letter = by.sign(request_letter(first, sent=now), hides_guests=hides_guests)
        for person in have:
            addressed = structs.replace(letter, to=(person.mailbox,)) if hides_guests else letter
            filed = FileLetter(mailbox=person.number, folder=Folder.INBOX, letter=addressed, about=key)
            yield from inboxes(tx, person, filed, sender=by.person.number)
        if not lost and not change.added:
            yield FileLetter(mailbox=by.person.number, folder=Folder.SENT, letter=letter, about=key, is_read=True)


def to_organizer(
    tx: Tx, owner: Person, organizer: Person | None, theirs: events.CopyRow | None, letter: Letter
) -> Iterator[Effect]:
    """Yield what takes `owner`'s letter to the organizer."""
    if organizer is None:
        yield Post(mailbox=owner.number, recipient=letter.to[0].address, letter=letter)
        return
    item = theirs.item if theirs else 0
    filed = FileLetter(mailbox=organizer.number, folder=Folder.INBOX, letter=letter, item=item)
    yield from inboxes(tx, organizer, filed, sender=owner.number)
