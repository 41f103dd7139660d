"""Reminders of a mailbox: which there are, and what is done to them. One function, one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, takewhile
from typing import NamedTuple

from msgspec import Struct, structs

from rsvpd.calendar.copy import Copy
from rsvpd.calendar.event import Answer, Meeting, State
from rsvpd.calendar.expansion import Expansion, OccurrenceSpan
from rsvpd.calendar.series import component, name_of
from rsvpd.calendar.view import EventView
from rsvpd.clock import Instant
from rsvpd.commands.access import CalendarAccess, open_own, open_own_event
from rsvpd.commands.access import StoredEvent as FoundEvent
from rsvpd.commands.arrival import apply
from rsvpd.commands.door import Done, Who, reads, writes
from rsvpd.commands.reading import bounds_of, make_view
from rsvpd.commands.references import EventRef
from rsvpd.commands.window import DAY, Window
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.person import Person
from rsvpd.query.algebra import InWindow, Order, Page, Query
from rsvpd.query.fields import Field, Kind
from rsvpd.query.page import Position, SortOrder, decode, merge_streams, page_of, sort_ties
from rsvpd.scheduling import reminders
from rsvpd.scheduling.effects import PutCopy
from rsvpd.store import calendars
from rsvpd.store.events import EventRow, by_item
from rsvpd.store.tx import Tx
from rsvpd.store.windows import overlapping_copies

# Google's reminders come 40,320 minutes before at most; what was put off may have begun long ago.
_LEAD, _BACK = 28 * DAY, 31 * DAY


class Reminder(Struct, frozen=True):
    """The reminder of an event, and when it fires."""

    view: EventView
    fires: Instant


@reads
def list_reminders(tx: Tx, who: Who, query: Query, *, window: InWindow) -> Page[Reminder]:
    """Return a page of the reminders of what happens in a window, in the order in which they fire.

    Of the query count the size of the page, its place, and whether to count.
    """
    owner = open_own(tx, who, "Reminders")
    bounds = bounds_of(window)
    found = merge_streams(((), stream) for stream in _streams(tx, owner, bounds, _since(query)))
    page = page_of(_sort_order.after(found, query), query)
    total = sum(1 for stream in _streams(tx, owner, bounds, 0) for _ in stream) if query.count else None
    views = [Reminder(make_view(owner, one.row, one.expansion.occurrence(one.found)), one.fires) for one in page.items]
    return Page(items=views, after=page.after, total=total)


def fired_reminders(
    tx: Tx, owner: Person, after: Instant, until: Instant, most: int
) -> Iterator[tuple[Instant, str, Instant]]:
    """Yield the first reminders that fire after an instant and until another: when, the subject, and when that begins.

    What begins later than `_LEAD` after the last instant is not looked at.
    """
    window = Window(start=after - _BACK, end=until + _LEAD)
    found = (one for _, one in merge_streams(((), stream) for stream in _streams(tx, owner, window, after)))
    within = takewhile(lambda one: one.fires <= until, found)
    fresh = (one for one in within if one.fires > after and one.fires >= one.row.meeting.created)
    for one in islice(fresh, most):
        event = one.found.event or one.row.meeting.event
        yield one.fires, event.subject, one.found.start


class _Fires(NamedTuple):
    """A reminder before it is a view."""

    fires: Instant
    row: EventRow
    expansion: Expansion
    found: OccurrenceSpan


_ORDER = (Order("fires"),)
_sort_order = SortOrder(_ORDER, {"fires": Field("fires", Kind.INSTANT, lambda one: one.fires)})


def _since(query: Query) -> Instant:
    """Return an instant before which no reminder of this page fires."""
    values = () if query.after is None else decode(query.after).values
    return values[0] if values and isinstance(values[0], int) else 0


def _streams(
    tx: Tx, owner: Person, window: Window, since: Instant
) -> Iterator[Iterator[tuple[Position, _Fires]]]:
    """Yield the reminders of each copy in a window, from about those that fire at `since` on."""
    # An all-day event is stored as from midnight UTC; in its owner's zone it may be 14 hours away.
    since_day, until_day, live = window.start - DAY, window.end + DAY, f"state = {int(State.LIVE):d}"
    for calendar in calendars.all_of(tx, owner.number):
        zone = calendar.properties.zone or owner.zone
        for _, item in overlapping_copies(tx, (owner.number, calendar.number), since_day, until_day, live):
            row = by_item(tx, owner.number, item)
            if row is not None:
                yield _of_copy(tx, zone, row, window, since)


def _of_copy(
    tx: Tx, zone: str, row: EventRow, window: Window, since: Instant
) -> Iterator[tuple[Position, _Fires]]:
    meeting = row.meeting
    expansion = Expansion(meeting, window.start, window.end, zone=zone, spend=tx.work.spend)
    left = not meeting.is_organizer  # a guest's declined occurrences have left the calendar

    def entries() -> Iterator[tuple[Position, _Fires]]:
        for fires, found in reminders.pending_reminders(expansion, meeting, since=since):
            if not (left and (found.event or meeting.event).answer is Answer.DECLINED):
                one = _Fires(fires, row, expansion, found)
                yield _sort_order.of(one, (row.item, name_of(meeting, found.wall))), one

    return sort_ties(entries(), lambda one: one.fires)


@writes
def dismiss_reminder(tx: Tx, who: Who, ref: EventRef) -> Done[None]:
    """Let a reminder be over; of a series those that have fired, or else the next."""
    access, found = open_own_event(tx, who, ref, "Reminders")
    meeting, rid = found.row.meeting, found.recurrence_id
    off = _is_off(meeting, rid)
    if off:
        return Done(None, off)
    return _keep(tx, access, found, reminders.dismiss(found.row.copy, rid, zone=access.zone, now=who.now), who.now)


@writes
def snooze_reminder(tx: Tx, who: Who, ref: EventRef, until: Instant) -> Done[None]:
    """Let a reminder fire again at `until`; of a series that of the meeting at hand."""
    access, found = open_own_event(tx, who, ref, "Reminders")
    meeting, rid = found.row.meeting, found.recurrence_id
    off = _is_off(meeting, rid)
    if off:
        return Done(None, off)
    hints: tuple[Hint, ...] = ()
    if rid is None and meeting.recurrence is not None:
        one = reminders.occurrence_to_remind_of(meeting, zone=access.zone, now=who.now)
        if one is None or one.recurrence_id is None:
            return Done(None, (Hint(HintCode.REMINDER_IS_OFF),))
        rid, hints = one.recurrence_id, (Hint(HintCode.REMINDER_OF_ONE, one.recurrence_id),)
    done = _keep(tx, access, found, reminders.snooze(found.row.copy, rid, until), who.now)
    return structs.replace(done, hints=hints)


def _is_off(meeting: Meeting, recurrence_id: str | None) -> tuple[Hint, ...]:
    return () if component(meeting, recurrence_id).reminder_on else (Hint(HintCode.REMINDER_IS_OFF),)


def _keep(tx: Tx, access: CalendarAccess, found: FoundEvent, copy: Copy, now: Instant) -> Done[None]:
    if copy != found.row.copy:
        kept = structs.replace(copy, modified=now)
        apply(tx, (PutCopy(mailbox=access.owner.number, copy=kept, item=found.row.item, state=found.row.state),))
    return Done(None)
