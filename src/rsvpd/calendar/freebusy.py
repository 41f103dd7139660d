"""Which times of a calendar are taken, and how that is told to others.

Rule 1: what was called off, what the owner declined and what is shown as free takes no time.
Rule 2: an unanswered invitation is shown as tentative on the owner's copy, and so it is here.
Rule 3: where several things stand at one time, the one that binds most is told.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from msgspec import Struct

from rsvpd.calendar.event import Answer, Event, Meeting, ShowAs, Status
from rsvpd.calendar.expansion import Expansion, in_order
from rsvpd.calendar.permission import is_private, sensitivity_of
from rsvpd.calendar.spans import Span, merge_spans
from rsvpd.clock import Instant
from rsvpd.work import Spend, spend_nothing

# What takes time, from what binds least to what binds most.
_BINDING = (ShowAs.ELSEWHERE, ShowAs.TENTATIVE, ShowAs.BUSY, ShowAs.OOF)
_DIGITS = {
    ShowAs.FREE: "0",
    ShowAs.TENTATIVE: "1",
    ShowAs.BUSY: "2",
    ShowAs.OOF: "3",
    ShowAs.ELSEWHERE: "4",
}


class Busy(Struct, frozen=True):
    """One taken time, and the event that takes it; for a regular occurrence of a series that of the series."""

    start: Instant
    end: Instant
    status: ShowAs
    event: Event
    is_private: bool


def busy(
    meeting: Meeting, start: Instant, end: Instant, *, zone: str = "UTC", spend: Spend = spend_nothing
) -> Iterator[Busy]:
    """Yield the times in [start, end) that one copy takes, uncut, in order. All-day events stand in `zone`."""
    expansion = Expansion(meeting, start, end, zone=zone, spend=spend)
    usual = status_of(meeting.event)
    # A series shown as free takes time only where an occurrence was changed.
    all_found = sorted(expansion.exceptions()) if usual is ShowAs.FREE else in_order(expansion)
    for found in all_found:
        event = found.event or meeting.event
        status = status_of(found.event) if found.event else usual
        if status is not ShowAs.FREE and found.end > found.start:
            yield Busy(found.start, found.end, status, event, is_private(sensitivity_of(meeting, event)))


def status_of(event: Event) -> ShowAs:
    """Return how the time of `event` is told to others; what is unknown counts as busy."""
    if event.status is Status.CANCELLED or event.answer is Answer.DECLINED:
        return ShowAs.FREE
    return ShowAs.BUSY if event.show_as is ShowAs.UNKNOWN else event.show_as


def merge(times: Iterable[Busy], start: Instant, end: Instant) -> list[Span]:
    """Return the taken times within [start, end): cut to it, in order, touching ones as one."""
    cut = ((max(one.start, start), min(one.end, end)) for one in times)
    return list(merge_spans(sorted(span for span in cut if span[0] < span[1])))


def statuses_at(times: Iterable[Busy], starts: Sequence[Instant], length: int) -> list[ShowAs]:
    """Return what binds most within `length` microseconds from each of `starts`, which are in order."""
    count = len(starts)
    begins = {status: [0] * (count + 1) for status in _BINDING}
    for one in times:
        # It meets what begins before its end and ends after its start.
        begins[one.status][bisect_right(starts, one.start - length)] += 1
        begins[one.status][bisect_left(starts, one.end)] -= 1
    found = [ShowAs.FREE] * count
    for status in _BINDING:
        covered = accumulate(begins[status])
        found = [status if some > 0 else known for some, known in zip(covered, found, strict=False)]
    return found


def availability_view(times: Iterable[Busy], start: Instant, end: Instant, step: int) -> str:
    """Return one digit for each `step` microseconds of [start, end), the last one perhaps shorter.

    0 free, 1 tentative, 2 busy, 3 out of office, 4 working elsewhere.
    """
    count = -((start - end) // step)
    begins = {status: [0] * (count + 1) for status in _BINDING}
    for one in times:
        if one.start >= end or one.end <= start:
            continue
        # Where each status begins and ends; so a long event costs no more than a short one.
        begins[one.status][max(one.start - start, 0) // step] += 1
        begins[one.status][-((start - min(one.end, end)) // step)] -= 1
    digits = [_DIGITS[ShowAs.FREE]] * count
    for status in _BINDING:
        covered = accumulate(begins[status])
        digits = [_DIGITS[status] if some else digit for some, digit in zip(covered, digits, strict=False)]
    return "".join(digits)
