"""Finding a time for a meeting (learn.microsoft.com/graph/api/user-findmeetingtimes).

Rule 1: a time lies within what is asked for and within the hours of all whose hours are known.
Rule 2: the organizer, unless optional, is neither busy nor out of office then.
Rule 3: the confidence is the average chance of the attendees: who is free comes, who is busy does not, of whom nothing
        is known comes with 49 percent, and so does who has another invitation not answered yet.
Rule 4: a place that is to be checked is free then.
Rule 5: what is most certain comes first, then what is earliest. Times begin at each half hour, and where a window does.
"""

from __future__ import annotations

import enum
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from rsvpd.calendar.event import ShowAs
from rsvpd.calendar.freebusy import Busy, merge, statuses_at
from rsvpd.calendar.spans import Span, merge_spans
from rsvpd.clock import Instant
from rsvpd.work import Spend, spend_nothing

STEP = 30 * 60 * 1_000_000
_COMES = {
    ShowAs.FREE: 100, ShowAs.ELSEWHERE: 100, ShowAs.TENTATIVE: 49, ShowAs.UNKNOWN: 49, ShowAs.BUSY: 0, ShowAs.OOF: 0,
}  # fmt: skip
_AWAY = (ShowAs.BUSY, ShowAs.OOF)


class Domain(enum.Enum):
    """Within which hours a meeting is to be."""

    WORK = "work"
    PERSONAL = "personal"
    UNRESTRICTED = "unrestricted"


class Reason(enum.Enum):
    """Why no time was found."""

    ATTENDEES = "attendeesUnavailable"
    ATTENDEES_OR_UNKNOWN = "attendeesUnavailableOrUnknown"
    LOCATIONS = "locationsUnavailable"
    ORGANIZER = "organizerUnavailable"
    UNKNOWN = "unknown"


class Participant(Struct, frozen=True):
    """Somebody who is to come: the taken times, None where nobody knows them; the hours, None where all will do."""

    times: tuple[Busy, ...] | None
    hours: tuple[Span, ...] | None = None


class Place(Struct, frozen=True):
    """Where the meeting may be. `times` are None where nobody knows them; `is_checked`: it has to be free.

    `is_spare`: it is for when none of the others is to be had.
    """

    times: tuple[Busy, ...] | None
    is_checked: bool = True
    is_spare: bool = False


class MeetingTimeQuestion(Struct, frozen=True, kw_only=True):
    """What is looked for. `windows` are spans within which a meeting of `length` microseconds is to lie.

    `minimum` is the least confidence in percent, `most` how many suggestions there may be, `spare` how many spare
    places one may have.
    """

    windows: tuple[Span, ...]
    length: int
    organizer: Participant
    is_organizer_optional: bool = False
    attendees: tuple[Participant, ...] = ()
    places: tuple[Place, ...] = ()
    needs_place: bool = False
    spare: int = 0
    minimum: float = 50.0
    most: int = 5


class Suggestion(Struct, frozen=True):
    """A time, how certain it is that everybody comes, how each stands to it, and which places (by number) are free."""

    start: Instant
    end: Instant
    confidence: float
    organizer: ShowAs
    attendees: tuple[ShowAs, ...]
    places: tuple[int, ...]


class MeetingTimeSuggestions(Struct, frozen=True):
    """Suggestions, the best first, or why there are none."""

    suggestions: tuple[Suggestion, ...] = ()
    reason: Reason | None = None


def find(asked: MeetingTimeQuestion, *, spend: Spend = spend_nothing) -> MeetingTimeSuggestions:
    """Return the best times; work grows with the windows, the taken times, and the people."""
    windows = _long_enough(merge_spans(sorted(asked.windows)), asked.length)
    if not windows:
        return MeetingTimeSuggestions(reason=Reason.UNKNOWN)
    if not asked.is_organizer_optional:
        windows = _within(windows, (asked.organizer,), asked.length)
        if not windows:
            return MeetingTimeSuggestions(reason=Reason.ORGANIZER)
    windows = _within(windows, asked.attendees, asked.length)
    if not windows:
        return MeetingTimeSuggestions(reason=Reason.ATTENDEES)
    starts = _starts(windows, asked.length)
    spend(len(starts) * (1 + len(asked.attendees)))
    organizer = _statuses(asked.organizer, starts, asked.length)
    if not asked.is_organizer_optional and all(one in _AWAY for one in organizer):
        return MeetingTimeSuggestions(reason=Reason.ORGANIZER)
    attendees = [_statuses(one, starts, asked.length) for one in asked.attendees]
    possible = [
        (confidence, place)
        for place, confidence in enumerate(_confidences(attendees, len(starts)))
        if confidence >= asked.minimum and (asked.is_organizer_optional or organizer[place] not in _AWAY)
    ]
    if not possible:
        is_unknown = any(one.times is None for one in asked.attendees)
        return MeetingTimeSuggestions(reason=Reason.ATTENDEES_OR_UNKNOWN if is_unknown else Reason.ATTENDEES)
    best = sorted(possible, key=lambda one: (-one[0], one[1]))
    places = _Places(asked, spend)
    found: list[Suggestion] = []
    for confidence, at in best:
        start, end = starts[at], starts[at] + asked.length
        free = places.free(start, end)
        if asked.needs_place and not free:
            continue
        found.append(Suggestion(start, end, confidence, organizer[at], tuple(one[at] for one in attendees), free))
        if len(found) == asked.most:
            break
    return MeetingTimeSuggestions(tuple(found)) if found else MeetingTimeSuggestions(reason=Reason.LOCATIONS)


def _long_enough(windows: Iterable[Span], length: int) -> list[Span]:
    return [one for one in windows if one[1] - one[0] >= length]


def _within(windows: list[Span], people: Iterable[Participant], length: int) -> list[Span]:
    """Return what of the windows is within the hours of everybody and long enough."""
    for one in people:
        if one.hours is not None:
            windows = _long_enough(_intersection(windows, one.hours), length)
    return windows


def _intersection(some: Sequence[Span], others: Sequence[Span]) -> Iterator[Span]:
    """Yield what both have in common; each is in order and does not overlap itself."""
    place = other = 0
    while place < len(some) and other < len(others):
        start, end = max(some[place][0], others[other][0]), min(some[place][1], others[other][1])
        if start < end:
            yield start, end
        if some[place][1] < others[other][1]:
            place += 1
        else:
            other += 1


def _starts(windows: Iterable[Span], length: int) -> list[Instant]:
    out: list[Instant] = []
    for start, end in windows:
        if start % STEP:
            out.append(start)
        out.extend(range(-(-start // STEP) * STEP, end - length + 1, STEP))
    return out


def _statuses(one: Participant, starts: Sequence[Instant], length: int) -> list[ShowAs]:
    return [ShowAs.UNKNOWN] * len(starts) if one.times is None else statuses_at(one.times, starts, length)


def _confidences(attendees: Sequence[Sequence[ShowAs]], count: int) -> list[float]:
    """Return the average chance at each time; nobody is missing where nobody is asked."""
    if not attendees:
        return [100.0] * count
    totals = [sum(_COMES[status] for status in at_once) for at_once in zip(*attendees, strict=True)]
    return [total / len(attendees) for total in totals]


class _Places:
    """Where a meeting can be at a time. The taken times of a place are looked at when it is asked for."""

    def __init__(self, asked: MeetingTimeQuestion, spend: Spend) -> None:
        self._asked = asked
        self._spend = spend
        self._taken: dict[int, list[Span]] = {}

    def free(self, start: Instant, end: Instant) -> tuple[int, ...]:
        """Return the numbers of places that can be had: of those that were named, else spare ones."""
        places = list(enumerate(self._asked.places))
        self._spend(len(places))
        named = tuple(number for number, one in places if not one.is_spare and self._is_free(number, one, start, end))
        if named:
            return named
        spare = (number for number, one in places if one.is_spare and self._is_free(number, one, start, end))
        return tuple(number for number, _ in zip(spare, range(self._asked.spare), strict=False))

    def _is_free(self, number: int, one: Place, start: Instant, end: Instant) -> bool:
        if not one.is_checked:
            return True
        if one.times is None:
            return False
        if number not in self._taken:
            low, high = min(at for at, _ in self._asked.windows), max(at for _, at in self._asked.windows)
            self._taken[number] = merge(one.times, low, high)
        taken = self._taken[number]
        before = bisect_right(taken, end - 1, key=lambda span: span[0])
        return before == 0 or taken[before - 1][1] <= start
