"""What can be read of a calendar."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any, TypeVar

from msgspec import Struct, structs

from rsvpd.calendar.event import EventKind, State
from rsvpd.calendar.series import (
    Frame,
    Occurrence,
    excluded_occurrence,
    is_partial,
    occurrence,
    occurrence_by_id,
    representative,
)
from rsvpd.calendar.view import EventView
from rsvpd.clock import Instant
from rsvpd.commands.access import CalendarAccess, open_calendar, open_event
from rsvpd.commands.door import Who, reads, reads_by_index
from rsvpd.commands.extended import event_loader
from rsvpd.commands.fragments import ItemWriter, write_items
from rsvpd.commands.narrowing import read_candidates
from rsvpd.commands.paging import Beside, Table, page
from rsvpd.commands.references import EventRef
from rsvpd.commands.tracking import Tracking
from rsvpd.commands.window import DAY, Line, Window, WindowQuery, in_window, of_copy
from rsvpd.errors import InvalidRange, WindowTooLong
from rsvpd.mail.person import Person
from rsvpd.query.algebra import InWindow, Node, Page, Query
from rsvpd.query.evaluate import matches
from rsvpd.query.fields import EVENT_FIELDS, TIMES
from rsvpd.query.parts import ALWAYS, NEVER
from rsvpd.query.terms import EVENT_TERMS
from rsvpd.store import changes, events
from rsvpd.store.compile import EVENT_COLUMNS
from rsvpd.store.tx import Tx
from rsvpd.work import Spend

T = TypeVar("T")

_LONGEST_WINDOW = 1825 * DAY
_INSTANCE = 50  # what making an instance beside its series costs, in steps
# The other columns know what is kept from a reader, who so could find it out by asking.
_TIMES_ONLY = {name: EVENT_COLUMNS[name] for name in sorted(TIMES)}


@reads_by_index
def get_event(
    tx: Tx,
    who: Who,
    ref: EventRef,
    *,
    visible: tuple[State, ...] = (State.LIVE,),
    tracking: bool = False,
) -> EventView:
    """Return one event. Raises ItemNotFound."""
    access, found = open_event(tx, who, ref, visible=visible)
    return visible_view(tx, access, found.row, recurrence_id=found.recurrence_id, tracking=tracking)


@reads
def find_events(
    tx: Tx,
    who: Who,
    query: Query,
    *,
    window: InWindow | None = None,
    endless_until: Instant | None = None,
    visible: tuple[State, ...] = (State.LIVE,),
    tracking: bool = False,
) -> Page[EventView]:
    """Return a page of events: masters and single meetings, or with a `window` what happens in it.

    Where deleted events are asked for, the deleted occurrences of a series are too, as cancelled ones.
    With `endless_until` a window may be open and of any length, and series that never end are shown so far.
    """
    access = open_calendar(tx, who)
    if window is not None:
        asked, lines = _in_window(tx, access, query, bounds_of(window, endless_until), visible)
        return _views(asked, lines, tracking=tracking)
    tracked = Tracking(tx) if tracking else None
    found = _stored_page(tx, access, query, visible, tracked)
    return _page_of_views(tx, access, found, [one.view for one in found.items], tracked)


@reads_by_index
def write_events(
    tx: Tx, who: Who, query: Query, *, writer: ItemWriter[EventView], window: InWindow | None = None
) -> Page[bytes]:
    """Return a page of what `find_events` finds as `writer` writes it: pieces that stand in a JSON array.

    What was written before and has not changed since is not read.
    """
    access, visible = open_calendar(tx, who), (State.LIVE,)
    seen_by, state = (access.owner, access.role), changes.state(tx, access.owner.number)
    if window is None:
        stored = _stored_page(tx, access, query, visible)
        items = write_items(tx, writer, seen_by, stored.items, key=_key_of, view=_view_of)
        return stored.with_items(items, state=state)

    def view(line: Line) -> EventView:
        return make_view(access.owner, line.row, line.occurrence)

    _, lines = _in_window(tx, access, query, bounds_of(window), visible)
    return lines.with_items(write_items(tx, writer, seen_by, lines.items, key=_key_of, view=view), state=state)


class _ListedCopy(Struct):
    """A copy in a list, which is read once somebody looks at it."""

    key: events.EventKey
    read: Callable[[events.EventKey], EventView]
    made: EventView | None = None

    @property
    def item(self) -> int:
        """Return the number of the copy."""
        return self.key[0]

    @property
    def view(self) -> EventView:
        """Return what its reader sees."""
        if self.made is None:
            self.made = self.read(self.key)
        return self.made


_item_of, _key_of, _view_of = attrgetter("item"), attrgetter("key"), attrgetter("view")


def _stored_page(
    tx: Tx, access: CalendarAccess, query: Query, visible: tuple[State, ...], tracked: Tracking | None = None
) -> Page[_ListedCopy]:
    read = _reader(tx, access, query, tracked)
    return _page(tx, access, query, visible, lambda key: _ListedCopy(key, read), view=_view_of)


def _reader(
    tx: Tx, access: CalendarAccess, query: Query, tracked: Tracking | None
) -> Callable[[events.EventKey], EventView]:
    load = event_loader(tx, access, query.where)

    def read(key: events.EventKey) -> EventView:
        visible_row = access.visible(events.in_state(tx, access.owner.number, key))
        return load(make_view(access.owner, visible_row, representative(visible_row.meeting), tracked))

    return read


def _page(
    tx: Tx,
    access: CalendarAccess,
    query: Query,
    visible: tuple[State, ...],
    make: Callable[[events.EventKey], T],
    *,
    view: Callable[[T], EventView],
    beside: Beside[T] | None = None,
) -> Page[T]:
    columns = EVENT_COLUMNS if access.sees_all else _TIMES_ONLY
    table = Table(columns, EVENT_FIELDS, _item_of, view)
    base = f"calendar = {access.calendar:d} AND state IN ({', '.join(str(int(state)) for state in visible)})"
    owner, spend = access.owner.number, tx.work.spend

    def read(items: str | None) -> Page[T]:
        def source(sql: str, tail: str, params: dict[str, Any]) -> Iterable[T]:
            return map(make, events.keys(tx, owner, sql, tail, items=items, **params))

        def count(sql: str, params: dict[str, Any]) -> int:
            return events.count(tx, owner, sql, items=items, **params)

        return page(
            source, table, query, base=base, params={}, count=count, spend=spend, beside=beside,
            in_parts=not tx.streams,
        )  # fmt: skip

    return _read_candidates(tx, access, query, read)


def _read_candidates(tx: Tx, access: CalendarAccess, query: Query, read: Callable[[str | None], T]) -> T:
    """Return what `read` returns, told which copies it has to look at; the index knows what is kept from a reader."""
    return read_candidates(tx, access.owner.number, query.where, EVENT_TERMS, read) if access.sees_all else read(None)


def _in_window(
    tx: Tx, access: CalendarAccess, query: Query, window: Window, visible: tuple[State, ...]
) -> tuple[WindowQuery, Page[Line]]:
    """Return a page of a window, and the question that it answers."""

    def read(items: str | None) -> tuple[WindowQuery, Page[Line]]:
        asked = window_query(tx, access, query, window, visible, items=items)
        return asked, in_window(asked)

    return _read_candidates(tx, access, query, read)


@reads
def find_series(
    tx: Tx,
    who: Who,
    query: Query,
    *,
    beside: Node | None = None,
    visible: tuple[State, ...] = (State.LIVE,),
    tracking: bool = False,
) -> Page[EventView]:
    """Return a page of masters and single meetings, each series followed by those of its occurrences that differ.

    These are changed and deleted ones, the latter as cancelled, for which `beside` is true. A page may end
    between a series and them. Where a count is asked for, it is that of masters and single meetings.
    """
    access = open_calendar(tx, who)
    tracked = Tracking(tx) if tracking else None

    def with_instances(view: EventView) -> Iterator[tuple[str, EventView]]:
        yield "", view
        for name, one in instances_of(view, tracked, tx.work.spend):
            if beside is None or matches(beside, one, EVENT_FIELDS, tx.work.spend):
                yield name, one

    read = _reader(tx, access, query, tracked)
    found = _page(tx, access, query, visible, read, view=lambda view: view, beside=with_instances)
    return found.with_items(found.items, follows=_organizer_states(tracked, found.items))


@reads
def instances(
    tx: Tx,
    who: Who,
    ref: EventRef,
    query: Query,
    *,
    window: InWindow,
    endless_until: Instant | None = None,
    visible: tuple[State, ...] = (State.LIVE,),
    tracking: bool = False,
) -> Page[EventView]:
    """Return a page of the occurrences of one series, all as in `find_events`. Raises ItemNotFound."""
    access, found = open_event(tx, who, ref, visible=visible)
    asked = window_query(tx, access, query, bounds_of(window, endless_until), visible)
    page = of_copy(asked, access.visible(events.with_responses(tx, access.owner.number, found.row)))
    return _views(asked, page, tracking=tracking)


def visible_view(
    tx: Tx, access: CalendarAccess, row: events.CopyRow, *, recurrence_id: str | None = None, tracking: bool = False
) -> EventView:
    """Return what a reader sees of a stored copy, or of one occurrence of it."""
    visible_row = access.visible(events.with_responses(tx, access.owner.number, row))
    return view_of(access.owner, visible_row, recurrence_id, Tracking(tx) if tracking else None)


def view_of(
    owner: Person, row: events.EventRow, recurrence_id: str | None = None, tracked: Tracking | None = None
) -> EventView:
    """Return the view of a copy, or of one occurrence of it."""
    found = occurrence(row.meeting, recurrence_id) if recurrence_id is not None else representative(row.meeting)
    return make_view(owner, row, found, tracked)


def make_view(
    owner: Person, row: events.EventRow, found: Occurrence | None, tracked: Tracking | None = None
) -> EventView:
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
        calendar=row.calendar,
        meeting=row.meeting,
        event=event,
        kind=kind,
        recurrence_id=rid,
        slot=found.slot if found else 0,
        original_start=found.original_start if found else None,
        tracking=tracked.of(owner, row.item, row.meeting, event, rid) if tracked else None,
        is_namesake=row.is_namesake,
    )


def instances_of(view: EventView, tracked: Tracking | None, spend: Spend) -> Iterator[tuple[str, EventView]]:
    """Yield the changed and deleted occurrences of a series but the one that is shown for it, with their ids."""
    meeting = view.meeting
    if meeting.recurrence is None:
        return
    frame, names = Frame(meeting), {*meeting.exceptions, *meeting.deleted}
    for name in sorted(names - {view.recurrence_id}):
        spend(_INSTANCE)
        found = excluded_occurrence(meeting, name) if name in meeting.deleted else occurrence_by_id(frame, name)
        if found is not None:
            yield name, _instance_view(view, found, tracked)


def _instance_view(view: EventView, found: Occurrence, tracked: Tracking | None) -> EventView:
    """Return the view of another occurrence of the same copy."""
    rid = found.recurrence_id
    return structs.replace(
        view,
        event=found.event,
        kind=EventKind.SINGLE if is_partial(view.meeting) else found.kind,
        recurrence_id=rid,
        slot=found.slot,
        original_start=found.original_start,
        tracking=tracked.of(view.owner, view.item, view.meeting, found.event, rid) if tracked else None,
    )


def window_query(
    tx: Tx,
    access: CalendarAccess,
    query: Query,
    window: Window,
    visible: tuple[State, ...],
    *,
    items: str | None = None,
) -> WindowQuery:
    load = event_loader(tx, access, query.where)

    def make(row: events.EventRow, found: Occurrence | None) -> EventView:
        return load(make_view(access.owner, row, found))

    return WindowQuery(tx, access, query, window, visible=visible, make=make, items=items)


def _views(asked: WindowQuery, page: Page[Line], *, tracking: bool) -> Page[EventView]:
    tracked = Tracking(asked.tx) if tracking else None
    views = [make_view(asked.access.owner, one.row, one.occurrence, tracked) for one in page.items]
    return _page_of_views(asked.tx, asked.access, page, views, tracked)


def _page_of_views(
    tx: Tx, access: CalendarAccess, page: Page[Any], views: list[EventView], tracked: Tracking | None
) -> Page[EventView]:
    """Return a page of views, with the state of the mailbox where they follow from that alone."""
    state = changes.state(tx, access.owner.number) if tracked is None else None
    return page.with_items(views, state=state, follows=_organizer_states(tracked, views))


def _organizer_states(tracked: Tracking | None, views: list[EventView]) -> dict[int, int]:
    return tracked.states_of(views) if tracked else {}


def bounds_of(window: InWindow, endless_until: Instant | None = None) -> Window:
    """Return the window. Raises InvalidRange where it is open or ends too early, WindowTooLong (1825 days).

    With `endless_until` it may be open, and as long as one likes.
    """
    start, end = window.start, window.end
    if endless_until is None and (start is None or end is None):
        raise InvalidRange("A window needs a start and an end.")
    found = Window(start=ALWAYS if start is None else start, end=NEVER if end is None else end)
    if found.end < found.start:
        raise InvalidRange("The end of the window is before its start.")
    if endless_until is not None:
        return structs.replace(found, endless_until=endless_until)
    if found.end - found.start > _LONGEST_WINDOW:
        raise WindowTooLong("The window is longer than 1825 days.")
    return found
