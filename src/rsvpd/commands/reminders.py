"""Reminders of a mailbox: which there are, and what is done to them. One function, one transaction."""

from __future__ import annotations

from msgspec import Struct, structs

from rsvpd.calendar.event import Meeting
from rsvpd.calendar.series import component
from rsvpd.calendar.view import EventView
from rsvpd.clock import Instant
from rsvpd.commands.access import Found, find_event, open_own
from rsvpd.commands.door import Done, Who, reads, writes
from rsvpd.commands.reading import find_events
from rsvpd.commands.references import EventRef
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.person import Person
from rsvpd.query.algebra import InWindow, Order, Query
from rsvpd.scheduling import reminders
from rsvpd.scheduling.effects import PutMeeting
from rsvpd.store.apply import apply
from rsvpd.store.tx import Tx

_PAGE = 1000


class Reminder(Struct, frozen=True):
    """The reminder of an event, and when it fires."""

    view: EventView
    fires: Instant


@reads
def list_reminders(tx: Tx, who: Who, *, window: InWindow) -> list[Reminder]:
    """Return the reminders of what happens in a window, in the order in which they fire."""
    owner = open_own(tx, who, "Reminders")
    found: list[Reminder] = []
    after: str | None = None
    while True:
        query = Query(order=(Order("start"),), top=_PAGE, after=after)
        page = find_events(tx, who, query, window=window)
        for view in page.items:
            at = reminders.fires(view.event, zone=owner.zone)
            if at is not None:
                found.append(Reminder(view, at))
        after = page.after
        if after is None:
            return sorted(found, key=lambda one: one.fires)


@writes
def dismiss_reminder(tx: Tx, who: Who, ref: EventRef) -> Done[None]:
    """Let a reminder be over; of a series those that have fired, or else the next."""
    owner = open_own(tx, who, "Reminders")
    found = find_event(tx, owner, ref)
    meeting, rid = found.row.meeting, found.recurrence_id
    off = _is_off(meeting, rid)
    if off:
        return Done(None, off)
    return _kept(tx, owner, found, reminders.dismissed(meeting, rid, zone=owner.zone, now=who.now), who.now)


@writes
def snooze_reminder(tx: Tx, who: Who, ref: EventRef, until: Instant) -> Done[None]:
    """Let a reminder fire again at `until`; of a series that of the meeting at hand."""
    owner = open_own(tx, who, "Reminders")
    found = find_event(tx, owner, ref)
    meeting, rid = found.row.meeting, found.recurrence_id
    off = _is_off(meeting, rid)
    if off:
        return Done(None, off)
    hints: tuple[Hint, ...] = ()
    if rid is None and meeting.recurrence is not None:
        one = reminders.at_hand(meeting, zone=owner.zone, now=who.now)
        if one is None or one.recurrence_id is None:
            return Done(None, (Hint(HintCode.REMINDER_IS_OFF),))
        rid, hints = one.recurrence_id, (Hint(HintCode.REMINDER_OF_ONE, one.recurrence_id),)
    done = _kept(tx, owner, found, reminders.snoozed(meeting, rid, until), who.now)
    return structs.replace(done, hints=hints)


def _is_off(meeting: Meeting, recurrence_id: str | None) -> tuple[Hint, ...]:
    return () if component(meeting, recurrence_id).reminder_on else (Hint(HintCode.REMINDER_IS_OFF),)


def _kept(tx: Tx, owner: Person, found: Found, meeting: Meeting, now: Instant) -> Done[None]:
    if meeting != found.row.meeting:
        kept = structs.replace(meeting, modified=now)
        apply(tx, (PutMeeting(mailbox=owner.number, meeting=kept, item=found.row.item, state=found.row.state),))
    return Done(None)
