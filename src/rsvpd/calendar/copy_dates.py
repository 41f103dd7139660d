"""Which dates a copy has: kept of a state that a change replaced, whoever saw it learns from it what is gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import takewhile

from msgspec import Struct, structs

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import Copy
from rsvpd.calendar.event import Meeting, When
from rsvpd.calendar.recurrence import EARLIEST, LATEST, starts
from rsvpd.calendar.rule import Recurrence
from rsvpd.calendar.series import at_wall_time, is_partial, pattern_start, wall_time
from rsvpd.clock import Instant
from rsvpd.timezones.zone import to_wall, wall_to_instant
from rsvpd.work import Spend

# What names a date in any zone differs by no more from when it is.
_MARGIN = timedelta(days=2)
_FIRST, _LAST = wall_to_instant(EARLIEST + _MARGIN, "UTC"), wall_to_instant(LATEST - _MARGIN, "UTC")
_LOOK = 7  # what it costs to walk over a date, in steps


class CopyDates(Struct, frozen=True, omit_defaults=True, kw_only=True, forbid_unknown_fields=True):
    """What names the events of a copy: where its pattern begins, its rules, and which dates stand apart from these.

    Without a recurrence it is a single event. `names` are the recurrence ids of changed and of excluded dates, sorted;
    `is_partial`: these are all there is (calendar.series.is_partial).
    """

    start: When
    recurrence: Recurrence | None = None
    names: tuple[str, ...] = ()
    is_partial: bool = False

    @property
    def is_endless(self) -> bool:
        """Return whether the dates go on for ever."""
        rules = self.recurrence.rules if self.recurrence else ()
        return any(rule.count is None and rule.until is None for rule in rules)

    def originals(self, since: Instant, until: Instant, spend: Spend) -> Iterator[When]:
        """Yield the original starts of the dates, those of the rules that lie about between two instants."""
        yield from self.exception_starts()
        if self.recurrence is None or self.is_partial:
            return
        low, high = _wall(since) - _MARGIN, _wall(until) + _MARGIN
        walls = starts(self.recurrence, wall_time(self.start), not_before=low, spend=spend)
        for wall in takewhile(lambda wall: wall < high, walls):
            spend(_LOOK)
            yield at_wall_time(self.start, wall)

    def exception_starts(self) -> Iterator[When]:
        """Yield the original starts of the dates that stand apart."""
        for name in self.names:
            wall = _wall_of(name)
            if wall is not None:
                yield at_wall_time(self.start, wall)


def dates_of(meeting: Meeting) -> CopyDates:
    """Return which dates a meeting has, as its reader sees it."""
    if meeting.recurrence is None:
        return CopyDates(start=meeting.event.start)
    return CopyDates(
        start=pattern_start(meeting),
        recurrence=meeting.recurrence,
        names=tuple(sorted({*meeting.exceptions, *meeting.deleted})),
        is_partial=is_partial(meeting),
    )


def dates_of_copy(copy: Copy) -> CopyDates:
    """Return which dates a copy has; for copies that show nothing but the revision its part is made once."""
    if copy.is_partial or copy.own.overlay or copy.own.called_off:
        return _with_names(dates_of(compose(copy)), copy)
    made: CopyDates | None = copy.revision.__dict__.get("dates_")
    if made is None:
        plain = structs.replace(copy, dates={}, removed=())
        made = copy.revision.__dict__["dates_"] = dates_of(compose(plain))
    return _with_names(made, copy)


def has_lost(before: CopyDates, after: CopyDates) -> bool:
    """Return whether there may be less of a copy than there was: then not all is said by what it is now."""
    if before.recurrence is None and after.recurrence is None:
        return False
    if (before.recurrence, before.is_partial) != (after.recurrence, after.is_partial) or before.start != after.start:
        return True
    return not set(before.names) <= set(after.names)


def _with_names(found: CopyDates, copy: Copy) -> CopyDates:
    own = {*copy.removed, *copy.dates}
    if found.recurrence is None or own <= set(found.names):
        return found
    return structs.replace(found, names=tuple(sorted(own.union(found.names))))


def _wall_of(name: str) -> datetime | None:
    try:
        return datetime.fromisoformat(name)
    except ValueError:
        return None


def _wall(instant: Instant) -> datetime:
    return to_wall(min(max(instant, _FIRST), _LAST), "UTC")
