"""Answers on their way to the organizer: into a mailbox of this server at once, outside through the outbox.

They come in through the door of `scheduling/receive.py`, in the transaction that caused them, so
that when a 202 goes out the organizer's mailbox is already right.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import Copy
from rsvpd.calendar.event import Answer, Event, Meeting, State
from rsvpd.calendar.series import occurrence
from rsvpd.clock import Instant
from rsvpd.commands.delegates import inboxes
from rsvpd.commands.references import Notify
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.address import fold
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import Header
from rsvpd.mail.person import Person, PersonKind
from rsvpd.scheduling import outside, receive
from rsvpd.scheduling.answer import Given, Tell
from rsvpd.scheduling.answer import answer as decide_answer
from rsvpd.scheduling.effects import (
    DiscardRequests,
    Effect,
    FileLetter,
    PutCopy,
    TrackAnswer,
)
from rsvpd.scheduling.itip import Reply
from rsvpd.scheduling.letters import reply_letter
from rsvpd.store import events, messages, people, responses
from rsvpd.store.tx import Tx

_TELL = {
    Notify.ALL: Tell.MESSAGE,
    Notify.EXTERNAL: Tell.OUTSIDE,
    Notify.UNSTATED: Tell.OUTSIDE,
    Notify.NONE: Tell.TRACKING,
}


def tell_of(notify: Notify, event: Event) -> Tell:
    """Return who learns of an answer where the organizer's tracking follows in any case."""
    return _TELL[notify] if event.response_requested else Tell.TRACKING


def unsent_reply_hints(tx: Tx, meeting: Meeting, event: Event, given: Given) -> tuple[Hint, ...]:
    """Return the hint that is due where an organizer outside wants an answer and gets no message, or nobody ever."""
    if meeting.is_private_copy:
        return (Hint(HintCode.PRIVATE_COPY),)
    is_wanted = given.tell is Tell.TRACKING and event.response_requested
    if not is_wanted or people.by_address(tx, meeting.organizer.address) is not None:
        return ()
    return (Hint(HintCode.RESPONSE_NOT_SENT),)


def answers(
    tx: Tx,
    owner: Person,
    row: events.CopyRow,
    copy: Copy,
    recurrence_id: str | None,
    given: Given,
    now: Instant,
    by: Person | None = None,
    *,
    is_automatic: bool = False,
    headers: tuple[Header, ...] = (),
) -> Iterator[Effect]:
    """Yield all that `owner` answering comes to. `copy` is the one in `row`, or what an edit made of it.

    `by` is whoever answers in the owner's name; an `is_automatic` answer nobody gave. The message has these `headers`.
    """
    organizer = people.by_address(tx, copy.revision.organizer.address)
    given = structs.replace(given, by_mail=organizer is None, is_kept=copy.is_private_copy)
    done = decide_answer(copy, row.state, recurrence_id, given, owner, now)
    if not done.changed:
        return
    yield PutCopy(mailbox=owner.number, copy=done.copy, item=row.item, state=done.state)
    if done.reply is not None:
        sent = given.is_sent and given.answer is not Answer.NONE
        yield from deliver_reply(
            tx, compose(copy), row.item, done.reply, owner, organizer, with_message=sent, now=now, by=by,
            is_automatic=is_automatic, headers=headers,
        )  # fmt: skip
    yield from discard_requests(tx, owner, row.item)


def deliver_reply(
    tx: Tx,
    meeting: Meeting,
    item: int,
    reply: Reply,
    attendee: Person,
    organizer: Person | None,
    *,
    with_message: bool,
    now: Instant,
    by: Person | None = None,
    is_automatic: bool = False,
    headers: tuple[Header, ...] = (),
) -> Iterator[Effect]:
    """Yield what an answer brings to the organizer: the tracking, and a message where one is to be sent.

    `item` is the number of the attendee's copy; the `organizer` is None where outside.
    """
    row = events.copy_by_key(tx, organizer.number, meeting.key) if organizer else None
    if organizer is not None and row is not None and row.copy.is_organizer and row.state is State.LIVE:
        yield from _track(tx, organizer, row, reply, now)
    if not with_message:
        return
    of_organizer = row.meeting if row else meeting
    letter = reply_letter(of_organizer, _event_of(of_organizer, reply), reply, attendee, sent=now)
    sender = by or attendee
    letter = structs.replace(letter, sender=sender.mailbox, headers=headers)
    if organizer is not None:
        theirs = row.item if row else 0
        filed = FileLetter(mailbox=organizer.number, folder=Folder.INBOX, letter=letter, item=theirs)
        yield from inboxes(tx, organizer, filed, sender=sender.number)
    else:
        invitation = messages.newest_request(tx, attendee.number, item)
        before = invitation.internet_message_id if invitation else ""
        posted = outside.answer(attendee, meeting, reply, letter, in_reply_to=before)
        yield structs.replace(posted, is_automatic=True) if is_automatic else posted
    yield FileLetter(
        mailbox=sender.number,
        folder=Folder.SENT,
        letter=letter,
        item=item,
        principal=attendee.number if by else 0,
        is_read=True,
    )


def _track(tx: Tx, organizer: Person, row: events.CopyRow, reply: Reply, now: Instant) -> Iterator[Effect]:
    """Yield the tracking of an answer: a row of its own beside the organizer's copy."""
    rid, who = reply.recurrence_id, fold(reply.attendee)
    known = responses.of_guest(tx, organizer.number, row.item, rid, who)
    response = receive.on_reply(row.meeting, row.copy.revision, known, reply)
    if response is not None:
        yield TrackAnswer(
            mailbox=organizer.number, item=row.item, recurrence_id=rid, address=who, response=response, now=now
        )


def discard_requests(tx: Tx, owner: Person, item: int) -> Iterator[Effect]:
    """Yield what becomes of the invitation once it is answered (a setting, for users and for rooms)."""
    rules = tx.rules
    if rules.discard_answered_room if owner.kind is PersonKind.ROOM else rules.discard_answered_user:
        yield DiscardRequests(mailbox=owner.number, item=item)


def _event_of(meeting: Meeting, reply: Reply) -> Event:
    found = occurrence(meeting, reply.recurrence_id) if reply.recurrence_id else None
    return found.event if found else meeting.event
