"""What can be read of a calendar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rsvpd.calendar.event import Answer, Attendee, Event, EventKind, State
from rsvpd.calendar.permission import CalendarRole, as_guests_see, is_tracked_by
from rsvpd.calendar.series import Occurrence, expand, is_partial, occurrence, shown, struck_out
from rsvpd.calendar.view import CalendarView, EventView
from rsvpd.commands.access import Opened, find_event, open_calendar
from rsvpd.commands.door import Who, reads
from rsvpd.commands.paging import Table, page
from rsvpd.commands.references import EventRef
from rsvpd.errors import CalendarNotFound, InvalidRange, WindowTooLong
from rsvpd.mail.person import Person
from rsvpd.query.algebra import InWindow, Page, Query
from rsvpd.query.evaluate import matches
from rsvpd.query.fields import EVENT_FIELDS
from rsvpd.query.page import cut
from rsvpd.store import changes, events, people, permissions
from rsvpd.store.compile import EVENT_COLUMNS, OCCURRENCE_COLUMNS, split
from rsvpd.store.tx import Tx

_DAY = 24 * 3600 * 1_000_000
_LONGEST_WINDOW = 1825 * _DAY
_TABLE = Table(EVENT_COLUMNS, EVENT_FIELDS, lambda view: view.item)
# Columns know what is kept from a reader, who so could find it out by asking.
_UNINDEXED = Table({}, EVENT_FIELDS, lambda view: view.item)
# From here on, the numbers of calendars that others share: this and the number of their mailbox.
_SHARED = 1 << 30


@reads
def list_calendars(tx: Tx, who: Who) -> list[CalendarView]:
    """Return the calendars of the mailbox: its own, and in the own mailbox those that others share."""
    opened = open_calendar(tx, who)
    own = _calendar(tx, opened)
    if not opened.is_own:
        return [own]
    shared = permissions.shared_with(tx, opened.owner.number)
    return [own, *(_shared(tx, opened.owner, number, role) for number, role in shared.items())]


@reads
def get_calendar(tx: Tx, who: Who, number: int | None = None) -> CalendarView:
    """Return a calendar, the default one where none is named. Raises CalendarNotFound."""
    opened = open_calendar(tx, who)
    if number in (None, events.DEFAULT_CALENDAR):
        return _calendar(tx, opened)
    role = permissions.given_to(tx, number - _SHARED, opened.owner.number) if opened.is_own else None
    if not role:
        raise CalendarNotFound("The specified folder could not be found in the store.")
    return _shared(tx, opened.owner, number - _SHARED, role)


@reads
def get_event(
    tx: Tx,
    who: Who,
    ref: EventRef,
    *,
    visible: tuple[State, ...] = (State.LIVE,),
    tracking: bool = False,
) -> EventView:
    """Return one event. Raises ItemNotFound."""
    opened = open_calendar(tx, who)
    found = find_event(tx, opened.owner, ref, visible=visible)
    return view_of(tx, opened.owner, opened.seen(found.row), recurrence_id=found.recurrence_id, tracking=tracking)


@reads
def find_events(
    tx: Tx,
    who: Who,
    query: Query,
    *,
    window: InWindow | None = None,
    visible: tuple[State, ...] = (State.LIVE,),
    tracking: bool = False,
) -> Page[EventView]:
    """Return a page of events: masters and single meetings, or with a `window` what happens in it.

    Where deleted events are asked for, the deleted occurrences of a series are too, as cancelled ones.
    """
    opened = open_calendar(tx, who)
    owner = opened.owner
    if window is not None:
        return _in_window(tx, opened, query, window, visible, tracking=tracking)

    def source(sql: str, tail: str, params: dict[str, Any]) -> Iterable[EventView]:
        rows = events.find(tx, owner.number, sql, tail, **params)
        return (view_of(tx, owner, opened.seen(row), tracking=tracking) for row in rows)

    def count(sql: str, params: dict[str, Any]) -> int:
        return events.count(tx, owner.number, sql, **params)

    table = _TABLE if opened.sees_all else _UNINDEXED
    return page(source, table, query, base=_visible(visible), params={}, count=count)


@reads
def instances(
    tx: Tx,
    who: Who,
    ref: EventRef,
    query: Query,
    *,
    window: InWindow,
    visible: tuple[State, ...] = (State.LIVE,),
    tracking: bool = False,
) -> Page[EventView]:
    """Return a page of the occurrences of one series, deleted ones as in `find_events`. Raises ItemNotFound."""
    opened = open_calendar(tx, who)
    found = find_event(tx, opened.owner, ref, visible=visible)
    start, end = _bounds(window)
    views = _occurrences(tx, opened.owner, opened.seen(found.row), start, end, visible, tracking=tracking)
    return cut(_matching(views, query), query, EVENT_FIELDS, _tie)


def view_of(
    tx: Tx,
    owner: Person,
    row: events.EventRow,
    *,
    recurrence_id: str | None = None,
    tracking: bool = False,
) -> EventView:
    """Return what a reader sees of a stored copy, or of one occurrence of it."""
    found = occurrence(row.meeting, recurrence_id) if recurrence_id is not None else shown(row.meeting)
    return _view(tx, owner, row, found, tracking=tracking)


def _view(tx: Tx, owner: Person, row: events.EventRow, found: Occurrence | None, *, tracking: bool) -> EventView:
    """Return the view of one occurrence, or of the whole where that is None."""
    rid = found.recurrence_id if found else None
    event = found.event if found else row.meeting.event
    whole = EventKind.SINGLE if row.meeting.recurrence is None else EventKind.MASTER
    kind = EventKind.SINGLE if is_partial(row.meeting) else found.kind if found else whole
    return EventView(
        owner=owner,
        item=row.item,
        change=row.change,
        state=row.state,
        meeting=row.meeting,
        event=event,
        kind=kind,
        recurrence_id=rid,
        slot=found.slot if found else 0,
        original_start=found.original_start if found else None,
        tracking=_tracking(tx, owner, row, event, rid) if tracking else None,
        is_namesake=row.is_namesake,
    )


def _tracking(
    tx: Tx, owner: Person, row: events.EventRow, event: Event, recurrence_id: str | None
) -> tuple[Attendee, ...] | None:
    """Return the guests of an event with the answers its organizer knows of, as the owner of a guest's copy sees them.

    None where that copy says all: for the organizer, where the list is hidden or very long, and for whoever is
    not on the list any more, in whose copy stands what was last seen.
    """
    if row.meeting.is_organizer or event.hide_attendees:
        return None
    organizer = people.by_address(tx, row.meeting.organizer.address)
    theirs = events.by_key(tx, organizer.number, row.meeting.key) if organizer else None
    if theirs is None or not theirs.meeting.is_organizer:
        return None
    found = occurrence(theirs.meeting, recurrence_id) if recurrence_id else None
    if recurrence_id and found is None:
        return None
    known = found.event if found else theirs.meeting.event
    return as_guests_see(known.attendees) if is_tracked_by(known, owner) else None


def _in_window(
    tx: Tx,
    opened: Opened,
    query: Query,
    window: InWindow,
    visible: tuple[State, ...],
    *,
    tracking: bool,
) -> Page[EventView]:
    start, end = _bounds(window)
    # An all-day event is stored as from midnight UTC; in its reader's zone it may be 14 hours away.
    said = split(query.where, OCCURRENCE_COLUMNS if opened.sees_all else {})
    owner = opened.owner
    rows = events.find(
        tx,
        owner.number,
        f"{_visible(visible)} AND end_us >= :from_us AND start_us < :to_us AND ({said.sql})",
        "",
        from_us=start - _DAY,
        to_us=end + _DAY,
        **said.params,
    )
    found = (_occurrences(tx, owner, opened.seen(row), start, end, visible, tracking=tracking) for row in rows)
    views = (view for some in found for view in some)
    return cut(_matching(views, query), query, EVENT_FIELDS, _tie)


def _occurrences(
    tx: Tx,
    owner: Person,
    row: events.EventRow,
    start: int,
    end: int,
    visible: tuple[State, ...],
    *,
    tracking: bool,
) -> Iterator[EventView]:
    hides_declined = State.DECLINED not in visible and not row.meeting.is_organizer
    for found in expand(row.meeting, start, end, zone=owner.zone):
        if not (hides_declined and found.recurrence_id and found.event.answer is Answer.DECLINED):
            yield _view(tx, owner, row, found, tracking=tracking)
    if row.meeting.deleted and State.DELETED in visible:
        for found in struck_out(row.meeting, start, end, zone=owner.zone):
            yield _view(tx, owner, row, found, tracking=tracking)


def _matching(views: Iterable[EventView], query: Query) -> Iterable[EventView]:
    where = query.where
    return views if where is None else (view for view in views if matches(where, view, EVENT_FIELDS))


def _bounds(window: InWindow) -> tuple[int, int]:
    """Return both ends of a window. Raises InvalidRange (open, or it ends too early) or WindowTooLong (1825 days)."""
    if window.start is None or window.end is None:
        raise InvalidRange("A window needs a start and an end.")
    if window.end < window.start:
        raise InvalidRange("The end of the window is before its start.")
    if window.end - window.start > _LONGEST_WINDOW:
        raise WindowTooLong("The window is longer than 1825 days.")
    return window.start, window.end


def _visible(states: tuple[State, ...]) -> str:
    return f"state IN ({', '.join(str(int(state)) for state in states)})"


def _tie(view: EventView) -> tuple[int | str, ...]:
    return (view.item, view.recurrence_id or "")


def _calendar(tx: Tx, opened: Opened) -> CalendarView:
    newest = changes.newest(tx, opened.owner.number)
    return CalendarView(
        owner=opened.owner, number=events.DEFAULT_CALENDAR, name="Calendar", change=newest, role=opened.role
    )


def _shared(tx: Tx, lister: Person, mailbox: int, role: CalendarRole) -> CalendarView:
    """Return the calendar of `mailbox` as it stands among those of `lister`; it is called after its owner."""
    owner = people.by_number(tx, mailbox)
    assert owner is not None
    return CalendarView(
        owner=owner,
        number=_SHARED + mailbox,
        name=owner.name,
        change=changes.newest(tx, mailbox),
        role=role,
        lister=lister,
    )
