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
from rsvpd.calendar.expansion import Expansion, Found
from rsvpd.calendar.series import Occurrence, is_endless, name_of, wall_of
from rsvpd.calendar.view import EventView
from rsvpd.clock import Instant
from rsvpd.commands.access import Opened
from rsvpd.commands.walk import BY_START, walk_for
from rsvpd.query.algebra import Node, Order, Page, Query
from rsvpd.query.evaluate import matches
from rsvpd.query.fields import ENDS, EVENT_FIELDS, STARTS, TIMES, Got
from rsvpd.query.page import Key, Listed, Ranking, decode, merged, page_of
from rsvpd.query.parts import NEVER, Bounds, Parts
from rsvpd.store import events
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
    found: Found
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

    look: Look
    key: events.EventKey
    at: Instant

    @property
    def row(self) -> events.EventRow:
        """Return the copy, which is read each time."""
        row = events.by_item(self.look.tx, self.look.opened.owner.number, self.key[0])
        assert row is not None  # of the same snapshot as its key
        return self.look.opened.visible(row)

    @property
    def occurrence(self) -> None:
        """Return None: it is the whole of the copy."""


Line = Entry | Single


class Look:
    """One question about a window: who asks what, in which order, from which place on.

    `make` makes the views that are tested.
    """

    def __init__(
        self,
        tx: Tx,
        opened: Opened,
        query: Query,
        window: Window,
        *,
        visible: tuple[State, ...],
        make: MakeView,
    ) -> None:
        self.tx, self.opened, self.query, self.window, self.visible = tx, opened, query, window, visible
        self.make = make
        self.ranking = Ranking(query.order, EVENT_FIELDS)
        self.place = None if query.after is None else decode(query.after)
        self.beyond = None if self.place is None else self.ranking.beyond(self.place)
        # Columns know what is kept from a reader, who so could find it out by asking.
        self.compiled = split(query.where, OCCURRENCE_COLUMNS if opened.sees_all else {})
        self.filter = Parts(self.compiled.residual)
        self.walk = walk_for(query.order)
        self.is_cut = False

    def page(self, streams: Iterable[tuple[Key, Iterable[tuple[Listed, Line]]]]) -> Page[Line]:
        """Return the page of what streams hold, in the order of their bounds; nothing is counted."""
        page = page_of(self.ranking.after(merged(streams), self.query), self.query)
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


def in_window(look: Look) -> Page[Line]:
    """Return a page of all that stands in a window of the calendar."""
    page = look.page(_streams(look))
    return page if not look.query.count else structs.replace(page, total=_count(look))


def of_copy(look: Look, row: events.EventRow) -> Page[Line]:
    """Return a page of what of one copy stands in a window."""
    copy = _Copy(look, row)
    page = look.page([((), copy.entries())])
    return page if not look.query.count else structs.replace(page, total=_Copy(look, row).count())


def _streams(look: Look) -> Iterator[tuple[Key, Iterable[tuple[Listed, Line]]]]:
    first = look.query.order[0] if look.query.order else Order("")
    starts, ends = look.bounds(STARTS), look.bounds(ENDS)
    if first.field in STARTS and first.descending:
        for last, item in _rows(look, events.overlapping_backwards, starts, ends):
            yield look.ranking.bound(last), _entries(look, item)
        return
    is_forward = first.field in TIMES and not first.descending
    but, before = TRUE, NEVER
    if _has_singles(look):
        singles = _singles(look)
        yield (), ((look.ranking.at((one.at,), (one.key[0], "")), one) for one in singles)
        # Where these fill the page, what begins later than its last line is not on it.
        is_full = len(singles) > look.query.skip + look.query.top
        but, before = events.BUT_SINGLES, singles[-1].at + DAY + 1 if is_full else NEVER
    for begins, item in _rows(look, events.overlapping, starts, ends, but=but, before=before):
        # Nothing ends before it begins; an hour that comes twice may be told so.
        yield (look.ranking.bound(begins - DAY) if is_forward else ()), _entries(look, item)


def _has_singles(look: Look) -> bool:
    """Return whether SQL knows which single events are asked for and where in the list they stand: by their starts."""
    order, is_near = look.query.order, look.query.skip + look.query.top < _MOST_SINGLES
    is_forward = len(order) == 1 and order[0].field in STARTS and not order[0].descending
    if not (is_near and is_forward and look.compiled.residual is None):
        return False
    return look.place is None or _after(look) is not None


def _after(look: Look) -> tuple[Instant, int] | None:
    """Return after which start and item the page begins, where a place says so."""
    if look.place is None or not look.place.item:
        return None
    start, item = look.place.values[0], look.place.item[0]
    return (start, item) if isinstance(start, int) and isinstance(item, int) else None


def _singles(look: Look) -> list[Single]:
    """Return as many single events as a page can have, in the order of the list."""
    query, window = look.query, look.window
    found = events.singles(
        look.tx, look.opened.owner.number, window.start, window.end, _condition(look),
        after=_after(look), most=query.skip + query.top + 1, **look.compiled.params,
    )  # fmt: skip
    look.tx.work.spend(len(found))
    return [Single(look, key, start) for key, start in found]


def _condition(look: Look) -> str:
    states = f"state IN ({', '.join(str(int(state)) for state in look.visible)})"
    return f"{states} AND ({look.compiled.sql})"


def _rows(
    look: Look,
    find: Callable[..., Iterator[tuple[Instant, int]]],
    starts: Bounds,
    ends: Bounds,
    *,
    but: str = TRUE,
    before: Instant = NEVER,
) -> Iterator[tuple[Instant, int]]:
    # An all-day event is stored as from midnight UTC; in its reader's zone it may be 14 hours away.
    since = max(look.window.start - DAY, starts[0], ends[0] - DAY)
    until = min(look.window.end + DAY, starts[1] + 1, ends[1] + DAY, before)
    condition = f"{_condition(look)} AND {but}"
    return find(look.tx, look.opened.owner.number, since, until, condition, **look.compiled.params)


def _entries(look: Look, item: int) -> Iterator[tuple[Listed, Entry]]:
    row = events.by_item(look.tx, look.opened.owner.number, item)
    if row is not None:
        yield from _Copy(look, look.opened.visible(row)).entries()


def _count(look: Look) -> int:
    owner = look.opened.owner.number
    found = _rows(look, events.overlapping, look.filter.starts, look.filter.ends)
    rows = (events.by_item(look.tx, owner, item) for _, item in found)
    return sum(_Copy(look, look.opened.visible(row)).count() for row in rows if row is not None)


# --- one copy -----------------------------------------------------------------------------------


class _Copy:
    """What of one stored copy stands in a window."""

    def __init__(self, look: Look, row: events.EventRow) -> None:
        self.look = look
        self.row = row
        window, meeting = look.window, row.meeting
        self.is_cut = window.endless_until < window.end and is_endless(meeting)
        end = window.endless_until if self.is_cut else window.end
        self.expansion = Expansion(
            meeting, window.start, end, zone=look.opened.owner.zone, spend=look.tx.work.spend
        )

    def entries(self) -> Iterator[tuple[Listed, Entry]]:
        """Yield what is asked for, in the order asked for, from about the place asked for on."""
        self._narrow(self.look.bounds(STARTS), self.look.bounds(ENDS))
        parts = [self._regular(), iter(sorted(self._exceptions(), key=itemgetter(0)))]
        if State.DELETED in self.look.visible:
            deleted, walk = self._excluded(), self.look.walk
            parts.append(walk.settle(deleted, 0) if walk is BY_START else iter(sorted(deleted, key=itemgetter(0))))
        return merged(((), part) for part in parts)

    def count(self) -> int:
        """Return how much is asked for."""
        self._narrow(self.look.filter.starts, self.look.filter.ends)
        found = sum(1 for _ in self._exceptions())
        if State.DELETED in self.look.visible:
            found += sum(1 for _ in self._excluded())
        if not self._is_asked_for():
            return found
        if self.look.filter.moving is None:
            return found + self.expansion.count()
        return found + sum(1 for _ in self._matching(self.expansion.by_original()))

    def _narrow(self, starts: Bounds, ends: Bounds) -> None:
        self.expansion.since(starts[0])
        self.expansion.ending_since(ends[0])
        self.expansion.until(min(starts[1], ends[1] + DAY))

    # --- regular occurrences, which are alike in all but their times

    def _regular(self) -> Iterator[tuple[Listed, Entry]]:
        look = self.look
        if not self._is_asked_for():
            return
        look.is_cut = look.is_cut or self.is_cut
        got = {field.name: field.get(self._sample) for field in look.ranking.fields if field.name not in TIMES}
        if look.walk.narrow is not None and not self._go_on(got, look.walk.narrow):
            return
        reach = self.expansion.frame.reach // _MICROSECOND
        yield from look.walk.settle(self._with_places(look.walk.way(self.expansion), got), reach)

    def _is_asked_for(self) -> bool:
        """Return whether regular occurrences are, as far as all of them are alike."""
        if self._is_hidden(self.row.meeting.event.answer):
            return False
        return matches(self.look.filter.fixed, self._sample, EVENT_FIELDS, self.look.tx.work.spend)

    @property
    def _sample(self) -> EventView:
        meeting = self.row.meeting
        kind = EventKind.SINGLE if meeting.recurrence is None else EventKind.OCCURRENCE
        return self.look.make(self.row, Occurrence(None, 0, meeting.event, kind, None, 0, 0))

    def _with_places(self, all_found: Iterable[Found], got: dict[str, Got]) -> Iterator[tuple[Listed, Entry]]:
        ranking, item = self.look.ranking, self.row.item
        names = [field.name for field in ranking.fields]
        for found in self._matching(all_found):
            self.look.tx.work.spend(_LIST)
            values = tuple(got[name] if name in got else self._time(name, found) for name in names)
            yield ranking.at(values, (item, name_of(self.row.meeting, found.wall))), Entry(self, found)

    def _matching(self, all_found: Iterable[Found]) -> Iterator[Found]:
        look = self.look
        low, high = look.filter.starts
        for found in all_found:
            if not low <= found.at <= high:
                continue
            if look.filter.moving is None or self._matches(Entry(self, found), look.filter.moving):
                yield found

    def _time(self, name: str, found: Found) -> Got:
        if name in STARTS:
            return found.at
        return EVENT_FIELDS[name].get(self.look.view(Entry(self, found)))

    def _go_on(self, got: dict[str, Got], narrow: Callable[[Expansion, datetime], None]) -> bool:
        """Skip what comes before the place asked for; return whether anything is left."""
        look, item, place = self.look, self.row.item, self.look.place
        if look.beyond is None or place is None:
            return True
        values = tuple(got[field.name] for field in look.ranking.fields)
        ends = look.ranking.key(values, (item,)), look.ranking.key(values, (item, _HIGHEST))
        if not look.beyond < max(ends):
            return False
        if place.item[:1] == (item,) and len(place.item) == 2 and isinstance(place.item[1], str):
            wall = wall_of(self.row.meeting, place.item[1])
            if wall is not None and look.ranking.key(values, place.item) == look.beyond:
                narrow(self.expansion, wall)
        return True

    # --- the others, each with a content of its own

    def _exceptions(self) -> Iterator[tuple[Listed, Entry]]:
        for found in self.expansion.exceptions():
            if found.event is not None and not self._is_hidden(found.event.answer):
                yield from self._own(Entry(self, found))

    def _excluded(self) -> Iterator[tuple[Listed, Entry]]:
        for found in self.expansion.excluded():
            yield from self._own(Entry(self, found, is_deleted=True))

    def _own(self, entry: Entry) -> Iterator[tuple[Listed, Entry]]:
        view = self.look.view(entry)
        if matches(self.look.filter.whole, view, EVENT_FIELDS, self.look.tx.work.spend):
            yield self.look.ranking.of(view, (self.row.item, view.recurrence_id or "")), entry

    # --- parts

    def _matches(self, entry: Entry, node: Node) -> bool:
        return matches(node, self.look.view(entry), EVENT_FIELDS, self.look.tx.work.spend)

    def _is_hidden(self, answer: Answer) -> bool:
        """Return whether the owner declined what has left the calendar then."""
        is_guest = not self.row.meeting.is_organizer and self.row.meeting.recurrence is not None
        return is_guest and answer is Answer.DECLINED and State.DECLINED not in self.look.visible
