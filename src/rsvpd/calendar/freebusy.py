"""Which times of a calendar are taken, and how that is told to others.

Rule 1: what was called off, what the owner declined and what is shown as free takes no time.
Rule 2: an unanswered invitation is shown as tentative on the owner's copy, and so it is here.
Rule 3: where several things stand at one time, the one that binds most is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from rsvpd.calendar.event import Answer, Event, Meeting, ShowAs, Status
from rsvpd.calendar.permission import is_private, sensitivity_of
from rsvpd.calendar.series import expand
from rsvpd.clock import Instant

# From what binds least to what binds most.
_BINDING = (ShowAs.FREE, ShowAs.ELSEWHERE, ShowAs.TENTATIVE, ShowAs.BUSY, ShowAs.OOF)
_DIGITS = {
    ShowAs.FREE: "0",
    ShowAs.TENTATIVE: "1",
    ShowAs.BUSY: "2",
    ShowAs.OOF: "3",
    ShowAs.ELSEWHERE: "4",
}


class Busy(Struct, frozen=True):
    """One taken time, and the event that takes it."""

    start: Instant
    end: Instant
    status: ShowAs
    event: Event
    recurrence_id: str | None = None
    is_private: bool = False


def busy(meeting: Meeting, start: Instant, end: Instant, *, zone: str = "UTC") -> Iterator[Busy]:
    """Yield the times in [start, end) that one copy takes, uncut. All-day events stand in `zone`."""
    for found in expand(meeting, start, end, zone=zone):
        status = status_of(found.event)
        if status is not ShowAs.FREE and found.end > found.start:
            private = is_private(sensitivity_of(meeting, found.event))
            yield Busy(found.start, found.end, status, found.event, found.recurrence_id, private)


def status_of(event: Event) -> ShowAs:
    """Return how the time of `event` is told to others; what is unknown counts as busy."""
    if event.status is Status.CANCELLED or event.answer is Answer.DECLINED:
        return ShowAs.FREE
    return ShowAs.BUSY if event.show_as is ShowAs.UNKNOWN else event.show_as


def merged(times: Iterable[Busy], start: Instant, end: Instant) -> list[tuple[Instant, Instant]]:
    """Return the taken times within [start, end): cut to it, in order, touching ones as one."""
    out: list[tuple[Instant, Instant]] = []
    for first, last in sorted((max(one.start, start), min(one.end, end)) for one in times):
        if last <= first:
            continue
        if out and first <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], last))
        else:
            out.append((first, last))
    return out


def availability_view(times: Iterable[Busy], start: Instant, end: Instant, step: int) -> str:
    """Return one digit for each `step` microseconds of [start, end), the last one perhaps shorter.

    0 free, 1 tentative, 2 busy, 3 out of office, 4 working elsewhere.
    """
    slots = [ShowAs.FREE] * -((start - end) // step)
    for one in times:
        if one.start >= end or one.end <= start:
            continue
        first = max(one.start - start, 0) // step
        last = -((start - min(one.end, end)) // step)
        for place in range(first, last):
            slots[place] = max(slots[place], one.status, key=_BINDING.index)
    return "".join(map(_DIGITS.__getitem__, slots))
