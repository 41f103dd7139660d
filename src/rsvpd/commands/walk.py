"""The ways through the regular occurrences of a series, one for each order a list may have.

They are alike in all but their times. So where a list does not sort by time they come by their original
starts, which is how ties are broken; else by their starts, from the first or from the last.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any, Protocol, TypeVar

from msgspec import Struct

from rsvpd.calendar.expansion import Expansion, OccurrenceSpan
from rsvpd.clock import Instant
from rsvpd.query.algebra import Order
from rsvpd.query.evaluate import is_descending
from rsvpd.query.fields import STARTS, TIMES
from rsvpd.query.page import Key, Position, sort_ties

_DAY = 24 * 3600 * 1_000_000


class HasFound(Protocol):
    """A line of a list that stands for an occurrence."""

    @property
    def found(self) -> OccurrenceSpan:
        """Return the occurrence."""


E = TypeVar("E", bound=HasFound)
Entries = Iterator[tuple[Position, E]]


class Walk(Struct, frozen=True):
    """A way through regular occurrences in which they come nearly in the order of a list.

    `settle` makes that order of it, told how long before an instant what ends then may start. Where all of a
    series is alike to the list, `narrow` lets the way begin at an original start.
    """

    way: Callable[[Expansion], Iterator[OccurrenceSpan]]
    settle: Callable[[Entries[Any], int], Entries[Any]]
    narrow: Callable[[Expansion, datetime], None] | None = None


def _as_they_come(entries: Entries[E], reach: int) -> Entries[E]:
    return entries


def _by_start(entries: Entries[E], reach: int) -> Entries[E]:
    return sort_ties(entries, lambda entry: entry.found.at)


def _by_end(entries: Entries[E], reach: int, *, place: int) -> Entries[E]:
    """Sort what comes by its start: what ends before another begins comes before all that follow."""
    return _sort_nearly_sorted(entries, lambda listed, entry: _end(listed, place) + _DAY <= entry.found.at)


def _by_end_backwards(entries: Entries[E], reach: int, *, place: int) -> Entries[E]:
    """Sort what comes by its start, the last first: no later one can end after this."""
    return _sort_nearly_sorted(entries, lambda listed, entry: _end(listed, place) >= entry.found.at + reach)


def _sort_nearly_sorted(entries: Entries[E], is_before: Callable[[Position, E], bool]) -> Entries[E]:
    waiting: list[tuple[Key, int, Position, E]] = []
    for number, (listed, entry) in enumerate(entries):
        while waiting and is_before(waiting[0][2], entry):
            _, _, first, its = heapq.heappop(waiting)
            yield first, its
        heapq.heappush(waiting, (listed.key, number, listed, entry))
    yield from ((listed, entry) for _, _, listed, entry in sorted(waiting))


def _end(listed: Position, place: int) -> Instant:
    value = listed.values[place]
    return value if isinstance(value, int) else 0


def walk_for(order: tuple[Order, ...]) -> Walk:
    """Return the way for this order."""
    place = next((number for number, one in enumerate(order) if one.field in TIMES), None)
    if place is None:
        return _BACKWARDS if is_descending(order) else _FORWARDS
    if order[place].field in STARTS:
        return _BY_START_BACKWARDS if order[place].descending else BY_START
    if order[place].descending:
        return Walk(Expansion.by_start_backwards, partial(_by_end_backwards, place=place))
    return Walk(Expansion.by_start, partial(_by_end, place=place))


BY_START = Walk(Expansion.by_start, _by_start)
_BY_START_BACKWARDS = Walk(Expansion.by_start_backwards, _by_start)
_FORWARDS = Walk(Expansion.by_original, _as_they_come, Expansion.since_original)
_BACKWARDS = Walk(Expansion.by_original_backwards, _as_they_come, Expansion.until_original)
