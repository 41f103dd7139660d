"""Expanded series over any length of time, in stretches that are short enough to be asked for.

A window of a command has two ends and at most five years; Google's may be open or longer. So it is
cut into stretches, which follow each other from page to page. Where the end is open, series are
expanded for five years from the start of the window or from now, whichever is later; single events
are found however late they are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from msgspec import Struct, structs

from rsvpd.calendar.event import EventKind
from rsvpd.calendar.view import EventView
from rsvpd.clock import Instant, from_datetime
from rsvpd.dialects.google.exchange.listing import Listing, Place
from rsvpd.query.algebra import And, Cmp, InWindow, Node, Op, Page, Query

Fetch = Callable[[Query, InWindow | None], Awaitable[Page[EventView]]]

_MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1) // _MICROSECOND
STRETCH = 1824 * DAY
# Events stand between 1900 and 2200 and last five years at most.
_FIRST = from_datetime(datetime(1900, 1, 1, tzinfo=UTC)) - DAY
_LAST = from_datetime(datetime(2206, 1, 1, tzinfo=UTC))


class Stretch(Struct, frozen=True):
    """One part of a longer window. Without `window` only single events are meant."""

    window: InWindow | None
    where: tuple[Node, ...] = ()


def is_short(window: InWindow) -> bool:
    """Return whether `window` can be asked for as it is."""
    return window.start is not None and window.end is not None and window.end - window.start <= STRETCH


def stretches(window: InWindow, *, now: Instant) -> list[Stretch]:
    """Return the parts of `window`, in order; no event is in two of them. An open start is 1900."""
    start = _FIRST if window.start is None else min(max(window.start, _FIRST), _LAST)
    end = _noon(max(start, now) + STRETCH) if window.end is None else min(window.end, _LAST)
    starts = [start]
    while (following := _noon(starts[-1] + STRETCH)) < end:
        starts.append(following)
    parts = [
        Stretch(InWindow(begin, until), () if begin == start else (Cmp("start", Op.GE, begin),))
        for begin, until in zip(starts, [*starts[1:], max(start, end)], strict=True)
    ]
    return [*parts, _singles_from(end)] if window.end is None else parts


async def expanded(
    fetch: Fetch, listing: Listing, parts: list[Stretch]
) -> tuple[list[EventView], Place | None]:
    """Return one page over `parts` from the listing's place on, and where the next begins."""
    place, top = listing.place, listing.query.top
    found: list[EventView] = []
    for number in range(place.stretch, len(parts)):
        after, room = place.after if number == place.stretch else None, top - len(found)
        # On a full page the rest is only looked into: is there a next page at all?
        page = await fetch(_query(listing, parts[number], max(room, 1), after), parts[number].window)
        if not room and page.items:
            return found, Place(None, 0, number)
        found += page.items
        if page.after is not None:
            return found, Place(page.after, 0, number)
    return found, None


def _query(listing: Listing, part: Stretch, top: int, after: str | None) -> Query:
    query = structs.replace(listing.query, top=top, after=after)
    if not part.where:
        return query
    return structs.replace(query, where=And((*(() if query.where is None else (query.where,)), *part.where)))


def _singles_from(instant: Instant) -> Stretch:
    return Stretch(None, (Cmp("kind", Op.EQ, EventKind.SINGLE.value), Cmp("start", Op.GE, instant)))


def _noon(instant: Instant) -> Instant:
    """Return noon UTC of that day: a boundary that no date falls on, whatever the zone."""
    return instant // DAY * DAY + DAY // 2
