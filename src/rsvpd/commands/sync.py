"""What changed in a calendar since somebody read it, page by page, from the change log.

A point names the numbers of the newest changes then: of the mailbox, and of each organizer whose tracking was shown,
since guests see each other's answers through the organizer's copy. Nothing is written for that: whoever answers knows
nothing of who reads.

Rule 1: a round goes from one point to the next. Both are known from its first page on, so each page finds the same
        items; they are shown as they are by then, and what changes meanwhile comes with the next round once more.
Rule 2: of each item all is told that is there, then what is not there any more (calendar/copy_dates.py).
Rule 3: what cannot be told from the log is no round: whoever asks begins anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from rsvpd.calendar.calendars import calendar_and_state
from rsvpd.calendar.event import MeetingKey, When
from rsvpd.calendar.permission import CalendarRole
from rsvpd.calendar.view import EventView
from rsvpd.clock import Instant
from rsvpd.commands.access import CalendarAccess, open_calendar
from rsvpd.commands.differences import Entry, ListingQuestion, differences
from rsvpd.commands.door import Who, reads
from rsvpd.commands.tracking import Tracking
from rsvpd.commands.window import DAY
from rsvpd.query.algebra import InWindow
from rsvpd.query.parts import ALWAYS, NEVER
from rsvpd.store import changes, events, former_dates, people, windows
from rsvpd.store.changes import Change, Feed, ItemKind
from rsvpd.store.tx import Tx

# So many organizers a point keeps; of the meetings of all others everything is told each time.
MOST_ORGANIZERS = 200
# So many changes of a mailbox are looked at for a round.
_A_ROUND = 1000

Span = tuple[Instant, Instant] | None


class Point(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """How far a calendar was seen: `own` is the number of its newest change, `others` are those of organizers.

    `until`: so far endless series were listed, where they were. `is_cut`: not all organizers are in it.
    """

    own: int
    others: dict[int, int] = {}
    until: Instant = 0
    is_cut: bool = False

    def with_organizers(self, mailboxes: Mapping[int, int]) -> Point:
        """Return the point with organizers that were met beside those that are known, which stay as they are."""
        others = dict(self.others)
        for mailbox, number in sorted(mailboxes.items()):
            if mailbox in others or len(others) < MOST_ORGANIZERS:
                others.setdefault(mailbox, number)
        is_cut = self.is_cut or any(mailbox not in others for mailbox in mailboxes)
        return Point(self.own, others, self.until, is_cut)


class Progress(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Where a reader is: at the point `since`, or within the round from there to `to`, `after` some item and event.

    `is_last`: then all is read that there was when the round began.
    """

    since: Point
    to: Point | None = None
    after: tuple[int, str] = (0, "")
    is_last: bool = False


class RemovedEvent(Struct, frozen=True, kw_only=True):
    """An event that is not there any more; with `original`, a date of a series, by when it would start."""

    key: MeetingKey
    is_namesake: bool
    change: int
    original: When | None = None


class ChangePage(Struct, frozen=True, kw_only=True):
    """A page of what changed; `progress` says where to go on: at the end of it with the next synchronization."""

    items: list[EventView | RemovedEvent]
    progress: Progress
    is_all: bool


@reads
def changed_events(
    tx: Tx, who: Who, progress: Progress, *, asked: ListingQuestion, window: InWindow, top: int
) -> ChangePage | None:
    """Return what changed since some progress, at most `top` events; None for who has to begin anew.

    What neither is nor was in the window is left out, where the log knows that.
    """
    access = open_calendar(tx, who, CalendarRole.READ)
    found = _begin(tx, access, progress, asked)
    return None if found is None else found.page(tx, access, asked, window, top)


class _Round(Struct):
    """One round: the items that changed, with the times these touch where they are known, and those only prolonged."""

    since: Point
    to: Point
    after: tuple[int, str]
    is_last: bool
    spans: dict[int, Span]
    prolonged: frozenset[int]

    def page(self, tx: Tx, access: CalendarAccess, asked: ListingQuestion, window: InWindow, top: int) -> ChangePage:
        """Return the page after where the reader is."""
        tracked = Tracking(tx)
        items: list[EventView | RemovedEvent] = []
        for item, name, entry in self._entries(tx, access, asked, window, tracked):
            if len(items) == top:
                break
            items.append(_view_or_removal(entry))
            self.after = item, name
        else:
            point = self.to.with_organizers(tracked.states())
            return ChangePage(items=items, progress=Progress(point), is_all=self.is_last)
        met = tracked.states()
        here = Progress(self.since.with_organizers(met), self.to.with_organizers(met), self.after, self.is_last)
        return ChangePage(items=items, progress=here, is_all=False)

    def _entries(
        self, tx: Tx, access: CalendarAccess, asked: ListingQuestion, window: InWindow, tracked: Tracking
    ) -> Iterator[tuple[int, str, Entry]]:
        low, high = (window.start or ALWAYS) - DAY, (NEVER if window.end is None else window.end) + DAY
        for item in sorted({*self.spans, *self.prolonged}):
            if item < self.after[0]:
                continue
            span = self.spans.get(item)
            if span is not None and not (span[0] < high and span[1] >= low):
                continue
            is_new = item not in self.spans
            former = [] if is_new else former_dates.since(tx, access.owner.number, item, self.since.own)
            since = self.since.until if is_new else None
            if span is None and not is_new and not _stands_in(tx, access, item):
                continue
            for entry in differences(tx, access, item, asked, former, tracked, prolonged_since=since):
                if (item, entry.place) > self.after:
                    yield item, entry.place, entry


def _view_or_removal(entry: Entry) -> EventView | RemovedEvent:
    if entry.view is not None:
        return entry.view()
    row = entry.row
    key = row.meeting.key
    return RemovedEvent(key=key, is_namesake=row.is_namesake, change=row.change, original=entry.original)


def _begin(tx: Tx, access: CalendarAccess, progress: Progress, asked: ListingQuestion) -> _Round | None:
    mailbox, since, goal = access.owner.number, progress.since, progress.to
    own = _feed(tx, mailbox, since.own, None if goal is None else goal.own)
    if own is None:
        return None
    spans: dict[int, Span] = {
        one.item: _span(one.trace) for one in own.changes if _concerns(access, one)
    }
    is_all, reached = own.is_all, dict(since.others)
    newest = changes.newest_of(tx, since.others) if goal is None else goal.others
    for organizer, number in since.others.items():
        if people.by_number(tx, organizer) is None:
            return None  # and with the mailbox went what guests saw of each other
        if newest.get(organizer, 0) == number:
            continue
        aim = None if goal is None else newest[organizer]
        items, reached[organizer], has_all = _of_organizer(tx, mailbox, organizer, number, aim)
        is_all = is_all and has_all
        spans |= {item: None for item in items if item not in spans}
    if since.is_cut:
        spans |= {item: None for item in _of_others(tx, access, since.others) if item not in spans}
    to = goal or Point(own.reached, reached, max(asked.until, since.until), since.is_cut)
    prolonged = windows.endless(tx, access.key) if asked.is_expanded and to.until > since.until else ()
    is_last = is_all if goal is None else progress.is_last
    return _Round(since, to, progress.after, is_last, spans, frozenset(prolonged))


def _of_organizer(
    tx: Tx, mailbox: int, organizer: int, number: int, goal: int | None
) -> tuple[list[int], int, bool]:
    """Return the copies whose tracking may have changed, how far the organizer's changes were read, and if that is all.

    Where these are not kept any more, that may be each meeting of this organizer.
    """
    feed = _feed(tx, organizer, number, goal)
    if feed is not None:
        theirs = [one.item for one in feed.changes if one.kind is ItemKind.EVENT]
        return events.same_meetings(tx, mailbox, organizer, theirs), feed.reached, feed.is_all
    by_address = ((item, people.by_address(tx, fold)) for item, fold in events.organizers(tx, mailbox))
    items = [item for item, person in by_address if person and person.number == organizer]
    return items, changes.newest(tx, organizer) if goal is None else goal, True


def _of_others(tx: Tx, access: CalendarAccess, known: Mapping[int, int]) -> list[int]:
    """Return the copies of meetings of organizers who are here and not among those that are known."""
    found = ((item, people.by_address(tx, fold)) for item, fold in events.organizers(tx, access.owner.number))
    return [item for item, one in found if one and one.number not in known and one.number != access.owner.number]


def _feed(tx: Tx, mailbox: int, number: int, goal: int | None) -> Feed | None:
    """Return what changed up to the number `goal`, or without one as much as a round looks at."""
    if goal == number:
        return Feed((), number, is_all=True)
    # Where numbers were left out, a round has fewer changes than numbers.
    return changes.since(tx, mailbox, number, most=_A_ROUND if goal is None else min(goal - number, _A_ROUND))


def _concerns(access: CalendarAccess, change: Change) -> bool:
    """Return whether a change is of an event that stood in the calendar, before or after it."""
    if change.kind is not ItemKind.EVENT:
        return False
    places = {place for one in change.traces for place in (one.place, one.place_before) if place is not None}
    return any(calendar_and_state(place)[0] == access.calendar for place in places)


def _stands_in(tx: Tx, access: CalendarAccess, item: int) -> bool:
    """Return whether an event stands in the calendar now."""
    return events.calendar_of(tx, access.owner.number, item) == access.calendar


def _span(trace: changes.Trace) -> Span:
    return None if trace.first is None or trace.last is None else (trace.first, trace.last)
