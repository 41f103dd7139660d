"""A page of what stands in a window of a calendar: single events, occurrences, exceptions.

Every copy in the window is a sorted stream of its own; the streams are merged, and each is opened only when the
page has come to it. So a page costs what it shows, wherever it begins, whatever follows; what an order or a filter
asks of each single occurrence, and counting, costs what there is, and is spent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from operator import itemgetter
from typing import NamedTuple

from msgspec import Struct, structs

from rsvpd.calendar.event import Answer, EventKind, State
from rsvpd.calendar.expansion import Expansion, OccurrenceSpan
from rsvpd.calendar.series import Occurrence, is_endless, name_of, wall_of
from rsvpd.calendar.view import EventView
from rsvpd.clock import Instant
from rsvpd.commands.access import CalendarAccess
from rsvpd.commands.walk import BY_START, walk_for
from rsvpd.query.algebra import Node, Order, Page, Query
from rsvpd.query.evaluate import matches
from rsvpd.query.fields import ENDS, EVENT_FIELDS, STARTS, TIMES, Got
from rsvpd.query.page import Key, Position, SortOrder, decode, merge_streams, page_of
from rsvpd.query.parts import NEVER, Bounds, Parts
from rsvpd.store import events, windows
from rsvpd.store.compile import OCCURRENCE_COLUMNS, TRUE, split
from rsvpd.store.tx import Tx

DAY = 24 * 3600 * 1_000_000
# What it costs to list an entry, and to make it a view; in steps.
_LIST, _VIEW = 10, 20
# As many lines are held at a time; a page that begins further on takes them from streams.
_MOST_SINGLES = 5_000
_MICROSECOND = timedelta(microseconds=1)
_HIGHEST = chr(0x10FFFF)

MakeView = Callable[[events.EventRow, Occurrence], EventView]


class Window(Struct, frozen=True, kw_only=True):
    """The instants [start, end); series that never end are looked at until `endless_until`."""

    start: Instant
    end: Instant
    endless_until: Instant = NEVER


class Entry(NamedTuple):
    """One line of a list, before it is a view."""

    copy: _Copy
    found: OccurrenceSpan
    is_deleted: bool = False

    @property
    def row(self) -> events.EventRow:
        """Return the copy."""
        return self.copy.row

    @property
    def key(self) -> events.EventKey:
        """Return what names the state of what is shown."""
        return self.row.item, self.row.change, name_of(self.row.meeting, self.found.wall) or None

    @property
    def occurrence(self) -> Occurrence:
        """Return the event."""
        expansion = self.copy.expansion
        return expansion.excluded_occurrence(self.found) if self.is_deleted else expansion.occurrence(self.found)


class Single(Struct):
    """A line of a list that is one event alone: nothing of it is read before it is to be seen."""

    asked: WindowQuery
    key: events.EventKey
    at: Instant

    @property
    def row(self) -> events.EventRow:
        """Return the copy, which is read each time."""
        return self.asked.access.visible(events.in_state(self.asked.tx, self.asked.access.owner.number, self.key))

    @property
    def occurrence(self) -> None:
        """Return None: it is the whole of the copy."""


Line = Entry | Single


class WindowQuery:
    """One question about a window: who asks what, in which order, from which place on.

    `make` makes the views that are tested; `items` are the only copies to be looked at, where that is known.
    """

    def __init__(
        self,
        tx: Tx,
        access: CalendarAccess,
        query: Query,
        window: Window,
        *,
        visible: tuple[State, ...],
        make: MakeView,
        items: str | None = None,
    ) -> None:
        self.items = items
        self.tx, self.access, self.query, self.window, self.visible = tx, access, query, window, visible
        self.make = make
        self.sort_order = SortOrder(query.order, EVENT_FIELDS)
        self.place = None if query.after is None else decode(query.after)
        self.beyond = None if self.place is None else self.sort_order.beyond(self.place)
        # Columns know what is kept from a reader, who so could find it out by asking.
        self.compiled = split(query.where, OCCURRENCE_COLUMNS if access.sees_all else {})
        self.filter = Parts(self.compiled.residual)
        self.walk = walk_for(query.order)
        self.is_cut = False

    def page(self, streams: Iterable[tuple[Key, Iterable[tuple[Position, Line]]]]) -> Page[Line]:
        """Return the page of what streams hold, in the order of their bounds; nothing is counted."""
        page = page_of(self.sort_order.after(merge_streams(streams), self.query), self.query)
        cut_at = self.window.endless_until if self.is_cut and page.after is None else None
        return structs.replace(page, cut_at=cut_at)

    def view(self, entry: Entry) -> EventView:
        """Return what an entry is tested by."""
        self.tx.work.spend(_VIEW)
        return self.make(entry.copy.row, entry.occurrence)

    def bounds(self, fields: tuple[str, ...]) -> Bounds:
        """Return between which instants an entry of this page may start (or end), as lists have it."""
        low, high = self.filter.starts if fields is STARTS else self.filter.ends
        order, place = self.query.order, self.place
        if place is None or not order or order[0].field not in fields or not isinstance(place.values[0], int):
            return low, high
        return (low, min(high, place.values[0])) if order[0].descending else (max(low, place.values[0]), high)


def in_window(asked: WindowQuery) -> Page[Line]:
    """Return a page of all that stands in a window of the calendar."""
    page = asked.page(_streams(asked))
    return page if not asked.query.count else structs.replace(page, total=_count(asked))


def of_copy(asked: WindowQuery, row: events.EventRow) -> Page[Line]:
    """Return a page of what of one copy stands in a window."""
    copy = _Copy(asked, row)
    page = asked.page([((), copy.entries())])
    return page if not asked.query.count else structs.replace(page, total=_Copy(asked, row).count())


def _streams(asked: WindowQuery) -> Iterator[tuple[Key, Iterable[tuple[Position, Line]]]]:
    first = asked.query.order[0] if asked.query.order else Order("")
    starts, ends = asked.bounds(STARTS), asked.bounds(ENDS)
    if first.field in STARTS and first.descending:
        for last, item in _rows(asked, windows.overlapping_copies_backwards, starts, ends):
            yield asked.sort_order.bound(last), _entries(asked, item)
        return
    is_forward = first.field in TIMES and not first.descending
    but, before = TRUE, NEVER
    if _has_singles(asked):
        singles = _singles(asked)
        yield (), ((asked.sort_order.at((one.at,), (one.key[0], "")), one) for one in singles)
        # Where these fill the page, what begins later than its last line is not on it.
        is_full = len(singles) > asked.query.skip + asked.query.top
        but, before = windows.BUT_SINGLES, singles[-1].at + DAY + 1 if is_full else NEVER
    for begins, item in _rows(asked, windows.overlapping_copies, starts, ends, but=but, before=before):
        # Nothing ends before it begins; an hour that comes twice may be told so.
        yield (asked.sort_order.bound(begins - DAY) if is_forward else ()), _entries(asked, item)


def _has_singles(asked: WindowQuery) -> bool:
    """Return whether SQL knows which single events are asked for and where in the list they stand: by their starts."""
    order, is_near = asked.query.order, asked.query.skip + asked.query.top < _MOST_SINGLES
    is_forward = len(order) == 1 and order[0].field in STARTS and not order[0].descending
    if not (is_near and is_forward and asked.compiled.residual is None):
        return False
    return asked.place is None or _after(asked) is not None


def _after(asked: WindowQuery) -> tuple[Instant, int] | None:
    """Return after which start and item the page begins, where a place says so."""
    if asked.place is None or not asked.place.item:
        return None
    start, item = asked.place.values[0], asked.place.item[0]
    return (start, item) if isinstance(start, int) and isinstance(item, int) else None


def _singles(asked: WindowQuery) -> list[Single]:
    """Return as many single events as a page can have, in the order of the list."""
    query, window = asked.query, asked.window
    found = windows.singles(
        asked.tx, asked.access.key, window.start, window.end, _condition(asked),
        after=_after(asked), most=query.skip + query.top + 1, items=asked.items, **asked.compiled.params,
    )  # fmt: skip
    asked.tx.work.spend(len(found))
    return [Single(asked, key, start) for key, start in found]


def _condition(asked: WindowQuery) -> str:
    states = f"state IN ({', '.join(str(int(state)) for state in asked.visible)})"
    return f"{states} AND ({asked.compiled.sql})"


def _rows(
    asked: WindowQuery,
    find: Callable[..., Iterator[tuple[Instant, int]]],
    starts: Bounds,
    ends: Bounds,
    *,
    but: str = TRUE,
    before: Instant = NEVER,
) -> Iterator[tuple[Instant, int]]:
    # An all-day event is stored as from midnight UTC; in its reader's zone it may be 14 hours away.
    since = max(asked.window.start - DAY, starts[0], ends[0] - DAY)
    until = min(asked.window.end + DAY, starts[1] + 1, ends[1] + DAY, before)
    condition = f"{_condition(asked)} AND {but}"
    return find(asked.tx, asked.access.key, since, until, condition, items=asked.items, **asked.compiled.params)


def _entries(asked: WindowQuery, item: int) -> Iterator[tuple[Position, Entry]]:
    row = events.by_item(asked.tx, asked.access.owner.number, item)
    if row is not None:
        yield from _Copy(asked, asked.access.visible(row)).entries()


def _count(asked: WindowQuery) -> int:
    owner = asked.access.owner.number
    found = _rows(asked, windows.overlapping_copies, asked.filter.starts, asked.filter.ends)
    rows = (events.by_item(asked.tx, owner, item) for _, item in found)
    return sum(_Copy(asked, asked.access.visible(row)).count() for row in rows if row is not None)


# --- one copy -----------------------------------------------------------------------------------


class _Copy:
    """What of one stored copy stands in a window."""

    def __init__(self, asked: WindowQuery, row: events.EventRow) -> None:
        self.asked = asked
        self.row = row
        window, meeting = asked.window, row.meeting
        self.is_cut = window.endless_until < window.end and is_endless(meeting)
        end = window.endless_until if self.is_cut else window.end
        self.expansion = Expansion(
            meeting, window.start, end, zone=asked.access.zone, spend=asked.tx.work.spend
        )

    def entries(self) -> Iterator[tuple[Position, Entry]]:
        """Yield what is asked for, in the order asked for, from about the place asked for on."""
        self._narrow(self.asked.bounds(STARTS), self.asked.bounds(ENDS))
        parts = [self._regular(), iter(sorted(self._exceptions(), key=itemgetter(0)))]
        if State.DELETED in self.asked.visible:
            deleted, walk = self._excluded_entries(), self.asked.walk
            parts.append(walk.settle(deleted, 0) if walk is BY_START else iter(sorted(deleted, key=itemgetter(0))))
        return merge_streams(((), part) for part in parts)

    def count(self) -> int:
        """Return how much is asked for."""
        self._narrow(self.asked.filter.starts, self.asked.filter.ends)
        found = sum(1 for _ in self._exceptions())
        if State.DELETED in self.asked.visible:
            found += sum(1 for _ in self._excluded_entries())
        if not self._is_asked_for():
            return found
        if self.asked.filter.moving is None:
            return found + self.expansion.count()
        return found + sum(1 for _ in self._filter_found(self.expansion.by_original()))

    def _narrow(self, starts: Bounds, ends: Bounds) -> None:
        self.expansion.since(starts[0])
        self.expansion.skip_before(ends[0])
        self.expansion.until(min(starts[1], ends[1] + DAY))

    # --- regular occurrences, which are alike in all but their times

    def _regular(self) -> Iterator[tuple[Position, Entry]]:
        asked = self.asked
        if not self._is_asked_for():
            return
        asked.is_cut = asked.is_cut or self.is_cut
        got = {field.name: field.get(self._sample) for field in asked.sort_order.fields if field.name not in TIMES}
        if asked.walk.narrow is not None and not self._go_on(got, asked.walk.narrow):
            return
        reach = self.expansion.frame.reach // _MICROSECOND
        yield from asked.walk.settle(self._with_places(asked.walk.way(self.expansion), got), reach)

    def _is_asked_for(self) -> bool:
        """Return whether regular occurrences are, as far as all of them are alike."""
        if self._is_hidden(self.row.meeting.event.answer):
            return False
        return matches(self.asked.filter.fixed, self._sample, EVENT_FIELDS, self.asked.tx.work.spend)

    @property
    def _sample(self) -> EventView:
        meeting = self.row.meeting
        is_single = meeting.recurrence is None
        kind, rid = (EventKind.SINGLE, None) if is_single else (EventKind.OCCURRENCE, "")  # any: it leads to the series
        return self.asked.make(self.row, Occurrence(rid, 0, meeting.event, kind, None, 0, 0))

    def _with_places(
        self, all_found: Iterable[OccurrenceSpan], got: dict[str, Got]
    ) -> Iterator[tuple[Position, Entry]]:
        sort_order, item = self.asked.sort_order, self.row.item
        names = [field.name for field in sort_order.fields]
        for found in self._filter_found(all_found):
            self.asked.tx.work.spend(_LIST)
            values = tuple(got[name] if name in got else self._time(name, found) for name in names)
            yield sort_order.at(values, (item, name_of(self.row.meeting, found.wall))), Entry(self, found)

    def _filter_found(self, all_found: Iterable[OccurrenceSpan]) -> Iterator[OccurrenceSpan]:
        asked = self.asked
        low, high = asked.filter.starts
        for found in all_found:
            if not low <= found.at <= high:
                continue
            if asked.filter.moving is None or self._matches(Entry(self, found), asked.filter.moving):
                yield found

    def _time(self, name: str, found: OccurrenceSpan) -> Got:
        if name in STARTS:
            return found.at
        return EVENT_FIELDS[name].get(self.asked.view(Entry(self, found)))

    def _go_on(self, got: dict[str, Got], narrow: Callable[[Expansion, datetime], None]) -> bool:
        """Skip what comes before the place asked for; return whether anything is left."""
        asked, item, place = self.asked, self.row.item, self.asked.place
        if asked.beyond is None or place is None:
            return True
        values = tuple(got[field.name] for field in asked.sort_order.fields)
        ends = asked.sort_order.key(values, (item,)), asked.sort_order.key(values, (item, _HIGHEST))
        if not asked.beyond < max(ends):
            return False
        if place.item[:1] == (item,) and len(place.item) == 2 and isinstance(place.item[1], str):
            wall = wall_of(self.row.meeting, place.item[1])
            if wall is not None and asked.sort_order.key(values, place.item) == asked.beyond:
                narrow(self.expansion, wall)
        return True

    # --- the others, each with a content of its own

    def _exceptions(self) -> Iterator[tuple[Position, Entry]]:
        exceptions = self.expansion.exceptions()
        shown = [one for one in exceptions if one.event is not None and not self._is_hidden(one.event.answer)]
        self.asked.tx.work.foresee(_VIEW * len(shown))
        for found in shown:
            yield from self._own(Entry(self, found))

    def _excluded_entries(self) -> Iterator[tuple[Position, Entry]]:
        for found in self.expansion.excluded_occurrences():
            yield from self._own(Entry(self, found, is_deleted=True))

    def _own(self, entry: Entry) -> Iterator[tuple[Position, Entry]]:
        view = self.asked.view(entry)
        if matches(self.asked.filter.whole, view, EVENT_FIELDS, self.asked.tx.work.spend):
            yield self.asked.sort_order.of(view, (self.row.item, view.recurrence_id or "")), entry

    # --- parts

    def _matches(self, entry: Entry, node: Node) -> bool:
        return matches(node, self.asked.view(entry), EVENT_FIELDS, self.asked.tx.work.spend)

    def _is_hidden(self, answer: Answer) -> bool:
        """Return whether the owner declined what has left the calendar then."""
        is_guest = not self.row.meeting.is_organizer and self.row.meeting.recurrence is not None
        return is_guest and answer is Answer.DECLINED and State.DECLINED not in self.asked.visible
