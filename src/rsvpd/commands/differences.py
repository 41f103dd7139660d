"""What is to be told of one copy that changed: all there is of it, and what of it is not there any more.

Two ways of listing, as lists have them: masters and single events, each series followed by those of its dates that
differ; or, expanded, what takes place in a window. Each line stands at a place within its copy: the whole first, or
where it is gone last, and dates by their original starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from msgspec import Struct

from rsvpd.calendar.copy_dates import CopyDates, dates_of
from rsvpd.calendar.event import AllDay, State, Status, When
from rsvpd.calendar.series import (
    Occurrence,
    is_partial,
    occurrence,
    original_start,
    pattern_start,
    recurrence_id,
    recurrence_id_at,
    representative,
)
from rsvpd.calendar.view import EventView
from rsvpd.clock import Instant
from rsvpd.commands.access import CalendarAccess
from rsvpd.commands.reading import bounds_of, instances_of, make_view, window_query
from rsvpd.commands.tracking import Tracking
from rsvpd.commands.window import Line, of_copy
from rsvpd.query.algebra import Cmp, InWindow, Op, Order, Query
from rsvpd.query.parts import ALWAYS, NEVER
from rsvpd.store import events, responses
from rsvpd.store.tx import Tx
from rsvpd.timezones.zone import to_instant

# As many dates of one copy are told; a series that is expanded has fewer (200 years of days).
_MOST_DATES = 100_000
_GONE = 5  # what it costs to tell that a date is gone, in steps
WHOLE = ""
# Where the whole is told once it is gone: whoever keeps cancelled dates of a series drops them with it.
_AT_LAST = "~"

MakeView = Callable[[], EventView]
Originals = Mapping[str, When | None]


class ListingQuestion(Struct, frozen=True, kw_only=True):
    """How a calendar is listed: with deleted events or as what is left of them; with series or, expanded, with dates.

    Expanded is what stands in `window`; series that never end until `until`.
    """

    visible: tuple[State, ...]
    shows_deleted: bool = False
    is_expanded: bool = False
    window: InWindow = InWindow(None, None)
    until: Instant = 0


class Entry(Struct):
    """A line: of an event that is there, with what makes its view; or of one that is not, of a series its date."""

    place: str
    row: events.EventRow
    original: When | None = None
    view: MakeView | None = None


def differences(
    tx: Tx,
    access: CalendarAccess,
    item: int,
    asked: ListingQuestion,
    former: list[CopyDates],
    tracked: Tracking,
    *,
    prolonged_since: Instant | None = None,
) -> Iterable[Entry]:
    """Return the lines of a copy, in the order of their places. `former` is which dates it had since it was seen.

    With `prolonged_since` the copy did not change, and only what an endless series has from then on is told.
    """
    stored = events.copy_by_item(tx, access.owner.number, item)
    if stored is None:
        return ()
    row = access.visible(events.with_responses(tx, access.owner.number, stored))
    told = _Copy(tx, access, row, asked, former, tracked)
    if prolonged_since is not None:
        return told.lines_since(prolonged_since)
    if asked.is_expanded:
        return told.instance_lines()
    answered = responses.of(tx, access.owner.number, item) if stored.has_responses else ()
    return told.series_lines([*stored.copy.dates, *answered])


class _Copy:
    """One copy, and what of it is there."""

    def __init__(
        self,
        tx: Tx,
        access: CalendarAccess,
        row: events.EventRow,
        asked: ListingQuestion,
        former: list[CopyDates],
        tracked: Tracking,
    ) -> None:
        self._tx, self._access, self._row, self._asked = tx, access, row, asked
        self._former, self._tracked = former, tracked
        self._meeting = row.meeting

    def series_lines(self, others: Iterable[str]) -> list[Entry]:
        """Return the lines of a list with series. `others` names dates of which something is kept."""
        seen = self._view(representative(self._meeting))
        named = [one for name in others if name and (one := self._original(name))]
        apart = _places((*self._exception_starts(self._former), *named))
        if not self._is_here or not self._is_shown(seen):
            now = _places((seen.original_start, *dates_of(self._meeting).exception_starts()))
            return self._removed_entries({**now, **apart, **self._former_whole()})
        beside = instances_of(seen, self._tracked, self._tx.work.spend)
        found = {_place(one.original_start): partial(_itself, one) for one in (seen, *(one for _, one in beside))}
        return self._lines(found, {**apart, **self._former_whole()})

    def instance_lines(self) -> list[Entry]:
        """Return the lines of a list of what takes place."""
        now = dates_of(self._meeting)
        before = {**_places(self._dates(self._former)), **self._former_whole()}
        if not self._is_here or self._row.state not in self._asked.visible:
            return self._removed_entries({**before, **_places(self._dates([now]))})
        found = self._current_lines(self._asked.window.start)
        if self._meeting.event.status is Status.CANCELLED and not self._asked.shows_deleted:
            return self._lines(found, {**before, **_places(self._dates([now]))})
        if now.recurrence is None:
            return self._lines(found, {WHOLE: None, **before})
        # What the rules still have and the list has not stands beyond the window, and did so before.
        regular = _places(self._dates([now])) if before else {}
        lost = {place: one for place, one in before.items() if place not in regular}
        return self._lines(found, {**lost, **_places(self._exception_starts((*self._former, now)))})

    def lines_since(self, since: Instant) -> list[Entry]:
        """Return what an endless series has from `since` on."""
        return self._lines(self._current_lines(since), {}) if self._row.state in self._asked.visible else []

    # --- parts

    @property
    def _is_here(self) -> bool:
        """Return whether it stands in the calendar that is listed, and was not moved to another one."""
        return self._row.calendar == self._access.calendar

    def _current_lines(self, since: Instant | None) -> dict[str, MakeView]:
        """Return what takes place from an instant on, by place."""
        asked = self._asked
        where = None if asked.shows_deleted else Cmp("is_cancelled", Op.NE, True)
        query = Query(where=where, order=(Order("start"),), top=_MOST_DATES)
        window = bounds_of(InWindow(since, asked.window.end), asked.until)
        lines = of_copy(window_query(self._tx, self._access, query, window, asked.visible), self._row).items
        return {_place(self._original(one.key[2] or "")): partial(self._line, one) for one in lines}

    def _dates(self, several: Iterable[CopyDates]) -> Iterator[When | None]:
        """Yield all that there is in the window with these dates."""
        low = ALWAYS if self._asked.window.start is None else self._asked.window.start
        for dates in several:
            until = self._asked.until if dates.is_endless else NEVER
            yield from (None,) if dates.recurrence is None else dates.originals(low, until, self._tx.work.spend)

    def _exception_starts(self, several: Iterable[CopyDates]) -> Iterator[When]:
        for dates in several:
            yield from dates.exception_starts()

    def _former_whole(self) -> Originals:
        """Return the line of the whole where it was there before and is not now: it became dates, or got some."""
        was = any(self._is_whole(dates.recurrence is None, is_partial=dates.is_partial) for dates in self._former)
        is_single = self._meeting.recurrence is None
        return {} if not was or self._is_whole(is_single, is_partial=is_partial(self._meeting)) else {WHOLE: None}

    def _is_whole(self, is_single: bool, *, is_partial: bool) -> bool:
        return is_single if self._asked.is_expanded else not is_partial

    def _lines(self, found: Mapping[str, MakeView], others: Originals) -> list[Entry]:
        """Return lines of what was found, and of the others: each as it is now, or as gone."""
        lines = [Entry(place, self._row, view=view) for place, view in found.items()]
        rest = {place: one for place, one in others.items() if place not in found}
        self._tx.work.spend(_GONE * len(rest))
        lines += [self._present_or_removed(place, original) for place, original in rest.items()]
        return sorted(lines, key=_by_place)

    def _removed_entries(self, originals: Originals) -> list[Entry]:
        self._tx.work.spend(_GONE * len(originals))
        lines = [Entry(place or _AT_LAST, self._row, original) for place, original in originals.items()]
        return sorted(lines, key=_by_place)

    def _present_or_removed(self, place: str, original: When | None) -> Entry:
        found = self._occurrence(original)
        if original is None:
            is_there = self._meeting.recurrence is None and self._is_shown(self._view(None))
        else:
            is_there = found is not None and self._is_shown(self._view(found))
        view = partial(self._view, found) if is_there else None
        return Entry(place, self._row, original, view)

    def _occurrence(self, original: When | None) -> Occurrence | None:
        """Return the date that originally starts then, if the series has it."""
        meeting = self._meeting
        if original is None or meeting.recurrence is None:
            return None
        if isinstance(pattern_start(meeting), AllDay) is not isinstance(original, AllDay):
            return None
        if isinstance(original, AllDay):
            return occurrence(meeting, recurrence_id(original))
        rid = recurrence_id_at(meeting, to_instant(original))
        return occurrence(meeting, rid) if rid else None

    def _is_shown(self, view: EventView) -> bool:
        is_cancelled = view.event.status is Status.CANCELLED
        return view.state in self._asked.visible and (self._asked.shows_deleted or not is_cancelled)

    def _original(self, name: str) -> When | None:
        return original_start(self._meeting, name) if name and self._meeting.recurrence is not None else None

    def _line(self, line: Line) -> EventView:
        return make_view(self._access.owner, line.row, line.occurrence, self._tracked)

    def _view(self, found: Occurrence | None) -> EventView:
        return make_view(self._access.owner, self._row, found, self._tracked)


def _places(originals: Iterable[When | None]) -> dict[str, When | None]:
    return {_place(one): one for one in originals}


def _place(original: When | None) -> str:
    """Return what sorts dates of a copy by when they would start, the whole before them."""
    if original is None:
        return WHOLE
    return f"{'d' if isinstance(original, AllDay) else 't'}{to_instant(original) + 2**62:020d}"


def _by_place(entry: Entry) -> str:
    return entry.place


def _itself(view: EventView) -> EventView:
    return view
