"""What is declined because of focus time or an absence in the calendar of who is invited.

Rules (Google: guide "Manage focus time, out of office, and working location events", and `autoDeclineMode` of the
discovery document; what they leave open is in docs/compatibility.md):
1. An invitation that comes while such an event is there is declined where it meets it, one of before where the event is
   to decline all; so is what the event comes to meet when it is moved.
2. Nobody declines what they organize, what takes no time, what is called off, and what is over.
3. Of a series the dates are declined that meet it, and the whole where there is none that does not.
4. Of the rest of a very long series nothing is said: so many dates, and so far ahead, are looked at.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import accumulate, chain, islice

from msgspec import Struct

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import Copy
from rsvpd.calendar.declining import DeclineMode
from rsvpd.calendar.event import Answer, Event, EventKind, Meeting, ShowAs, Status
from rsvpd.calendar.expansion import Expansion, expand, in_order
from rsvpd.calendar.freebusy import status_of
from rsvpd.calendar.series import Frame, Occurrence, occurrence
from rsvpd.clock import Instant
from rsvpd.scheduling.component import MOST_DIFFERENT

# How far ahead a series is looked at, in microseconds, and how many of its dates are declined by themselves.
FARTHEST = 731 * 24 * 3600 * 1_000_000
MOST_DATES = 100
MOST_TIMES = 1_000

NEW = (DeclineMode.NEW, DeclineMode.ALL)
EXISTING = (DeclineMode.ALL,)


class Absence(Struct, frozen=True):
    """A time in which invitations are declined, and with which words."""

    start: Instant
    end: Instant
    message: str


class Refusal(Struct, frozen=True):
    """What is declined, the whole (`recurrence_id` None) or one date, and with which words."""

    recurrence_id: str | None
    message: str


def absences(
    meeting: Meeting, modes: Collection[DeclineMode], start: Instant, end: Instant, *, zone: str
) -> Iterator[Absence]:
    """Yield the times within [start, end) in which an event of somebody in `zone` declines, in order."""
    if all(_mode(one) not in modes for one in chain((meeting.event,), meeting.exceptions.values())):
        return
    expansion = Expansion(meeting, start, end, zone=zone)
    for found in in_order(expansion):
        event = found.event or meeting.event
        if event.auto_decline is not None and _mode(event) in modes and _takes_time(event) and found.end > found.start:
            yield Absence(found.start, found.end, event.auto_decline.message)


def requested_occurrences(copy: Copy, recurrence_id: str | None, now: Instant, *, zone: str) -> tuple[Occurrence, ...]:
    """Return the times that a guest's copy asks for, all or one date, and that are not over, as far as one looks."""
    meeting = compose(copy)
    if recurrence_id is not None:
        found = occurrence(meeting, recurrence_id, zone=zone)
        return (found,) if found and found.end > now else ()
    if meeting.recurrence is None:
        start, end = Frame(meeting, zone).instants_of(meeting.event)
        return (Occurrence(None, 0, meeting.event, EventKind.SINGLE, None, start, end),) if end > now else ()
    return tuple(islice(expand(meeting, now, now + FARTHEST, zone=zone), MOST_TIMES))


def refusals(
    copy: Copy,
    recurrence_id: str | None,
    asked: Sequence[Occurrence],
    away: Iterable[Absence],
    answers: Collection[Answer],
    *,
    before: Iterable[Absence] = (),
) -> tuple[Refusal, ...]:
    """Return what is declined of the times that a guest's copy asks for.

    That is what meets a time of `away`, has one of these answers until now, and met none of `before`.
    """
    times, earlier = _Times(away), _Times(before)

    def meets(one: Occurrence) -> Absence | None:
        is_open = one.event.answer in answers and _takes_time(one.event)
        return times.meeting(one) if is_open and earlier.meeting(one) is None else None

    met = [(one, found) for one in asked if (found := meets(one)) is not None]
    if not met:
        return ()
    if recurrence_id is None and not copy.is_partial and len(met) == len(asked):
        return (Refusal(None, met[0][1].message),)
    different = {*copy.revision.exceptions, *copy.revision.excluded, *copy.dates, *copy.removed}
    left = max(0, min(MOST_DATES, MOST_DIFFERENT - len(different)))
    return tuple(Refusal(one.recurrence_id, found.message) for one, found in met[:left])


class _Times:
    """Times in which something else may stand: of those that begin before it ends, the latest end decides."""

    def __init__(self, times: Iterable[Absence]) -> None:
        ordered = sorted(times, key=lambda one: one.start)
        self._starts = [one.start for one in ordered]
        self._latest: list[Absence] = list(accumulate(ordered, _later))

    def meeting(self, one: Occurrence) -> Absence | None:
        """Return a time that an occurrence of some length meets."""
        place = bisect_left(self._starts, one.end)
        found = self._latest[place - 1] if place and one.end > one.start else None
        return found if found is not None and found.end > one.start else None


def _later(one: Absence, other: Absence) -> Absence:
    return other if other.end > one.end else one


def _mode(event: Event) -> DeclineMode:
    return event.auto_decline.mode if event.auto_decline else DeclineMode.NONE


def _takes_time(event: Event) -> bool:
    """Return whether an event takes time once it is accepted: neither its organizer nor its owner shows it as free."""
    is_free = status_of(event) is ShowAs.FREE or event.intended_show_as is ShowAs.FREE
    return not is_free and event.status is not Status.CANCELLED
