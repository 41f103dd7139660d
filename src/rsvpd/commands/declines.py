"""Invitations that focus time and absences decline, in the transaction that brings them together.

What is declined is decided in `scheduling/declining.py`. The answer goes the way of every other: the organizer tracks
it and gets a message, as the invitation wants it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import chain, islice

from rsvpd.calendar.calendars import DEFAULT_CALENDAR
from rsvpd.calendar.event import Answer, CommentReaders, Meeting, MeetingKey, State
from rsvpd.calendar.series import component
from rsvpd.clock import Instant
from rsvpd.commands import replies
from rsvpd.commands.arrival import apply
from rsvpd.commands.new_invitations import NewInvitation, new_invitations
from rsvpd.commands.references import InvitationStored, Notify
from rsvpd.mail.person import Person
from rsvpd.scheduling import declining as policy
from rsvpd.scheduling.answer import Given
from rsvpd.scheduling.declining import Refusal
from rsvpd.scheduling.effects import Effect
from rsvpd.store import events, people, windows
from rsvpd.store.tx import Tx

# As many events of one mailbox, and dates of theirs, are looked at when an invitation comes, so that no guest holds up
# who invites; and as many copies when an event comes that declines what was there before.
MOST_EVENTS, MOST_ABSENCES = 100, 2_000
MOST_LOOKED_AT = 2_000
_DAY = 24 * 3600 * 1_000_000
_OPEN = (Answer.NONE, Answer.ACCEPTED, Answer.TENTATIVE)


def decline_invitations(tx: Tx, decided: Iterable[Effect | InvitationStored]) -> None:
    """Decline, of what people were just asked for, what meets an event of theirs that declines invitations."""
    asked: dict[int, list[NewInvitation]] = defaultdict(list)
    for mailbox, invitation in new_invitations(decided):
        asked[mailbox].append(invitation)
    if not asked:
        return
    since = min(one.now for invitations in asked.values() for one in invitations)
    for mailbox, items in windows.declining_events(tx, asked, since).items():
        owner = people.by_number(tx, mailbox)
        assert owner is not None
        rows = [events.copy_by_item(tx, mailbox, item) for item in items[:MOST_EVENTS]]
        declining = [row.meeting for row in rows if row is not None]
        for invitation in asked[mailbox]:
            _decline(tx, owner, invitation, declining)


def decline_existing(tx: Tx, owner: Person, before: Meeting | None, after: Meeting, now: Instant) -> None:
    """Decline what stands in the calendar already and meets an event `after` it came or was changed, not `before`."""
    if after.event.auto_decline is None:
        return
    until = now + policy.FARTHEST
    away = list(policy.absences(after, policy.EXISTING, now, until, zone=owner.zone))
    if not away:
        return
    known = list(policy.absences(before, policy.EXISTING, now, until, zone=owner.zone)) if before else []
    for row in _events_of_others(tx, owner, away[0].start, max(one.end for one in away)):
        asked = policy.requested_occurrences(row.copy, None, now, zone=owner.zone)
        found = policy.refusals(row.copy, None, asked, away, _OPEN, before=known)
        _answer(tx, owner, row.copy.revision.key, found, Notify.ALL, now)


def _events_of_others(tx: Tx, owner: Person, start: Instant, end: Instant) -> list[events.CopyRow]:
    """Return the meetings of others that stand in a time, those that begin first; private copies are not asked for."""
    # An all-day event is stored as from midnight UTC; where the owner is it may be 14 hours away.
    key = (owner.number, DEFAULT_CALENDAR)
    found = windows.overlapping_copies(tx, key, start - _DAY, end + _DAY, "state = :live", live=int(State.LIVE))
    items = [item for _, item in islice(found, MOST_LOOKED_AT)]
    rows = (events.copy_by_item(tx, owner.number, item) for item in items)
    return [row for row in rows if row is not None and not (row.copy.is_organizer or row.copy.is_private_copy)]


def _decline(tx: Tx, owner: Person, invitation: NewInvitation, declining: list[Meeting]) -> None:
    row, rid = events.copy_by_key(tx, owner.number, invitation.key), invitation.recurrence_id
    if row is None or row.state is not State.LIVE:
        return
    asked = policy.requested_occurrences(row.copy, rid, invitation.now, zone=owner.zone)
    if not asked:
        return
    start, end = asked[0].start, max(one.end for one in asked)
    every = (policy.absences(one, policy.NEW, start, end, zone=owner.zone) for one in declining)
    away = list(islice(chain.from_iterable(every), MOST_ABSENCES))
    found = policy.refusals(row.copy, rid, asked, away, (Answer.NONE,))
    _answer(tx, owner, invitation.key, found, invitation.notify, invitation.now)


def _answer(
    tx: Tx, owner: Person, key: MeetingKey, found: Iterable[Refusal], notify: Notify, now: Instant
) -> None:
    for refusal in found:
        row = events.copy_by_key(tx, owner.number, key)
        assert row is not None
        given = Given(
            answer=Answer.DECLINED,
            comment=refusal.message or None,
            comment_readers=CommentReaders.GUESTS,
            tell=replies.tell_of(notify, component(row.meeting, refusal.recurrence_id)),
            interface="automatic",
        )
        answered = replies.answers(
            tx, owner, row, row.copy, refusal.recurrence_id, given, now, is_automatic=True
        )
        apply(tx, answered)
