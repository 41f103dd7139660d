"""A meeting and its occurrences: recurrence ids, exceptions, single occurrences (windows: `expansion.py`).

A recurrence id is the original start of an occurrence as text, in the wall time of the
series: `20261208T090000`, or `20261208` when the series is all-day. It stays the same when
the occurrence itself is moved (RFC 5545 3.8.4.4). A slot counts the occurrences that
originally start on one day, from 0, exceptions and deleted ones included, so that it stays
when a neighbour goes.

An occurrence starts at the wall time of its series, so it stays at nine o'clock when clocks change,
and lasts exactly as long as the series says, so on such a night its end shows another time
(RFC 5545 3.8.5.3 for DTEND). All-day occurrences are counted in days.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import islice, takewhile

from msgspec import Struct
from msgspec.structs import replace

from rsvpd.calendar import recurrence as rules
from rsvpd.calendar.event import AllDay, Answer, Event, EventKind, Meeting, Status, Timed, When
from rsvpd.calendar.recurrence import each_once
from rsvpd.calendar.rule import Recurrence
from rsvpd.clock import Instant
from rsvpd.errors import ItemNotFound
from rsvpd.timezones.zone import at_instant, is_skipped, to_instant, to_wall, wall_to_instant
from rsvpd.work import Spend, spend_nothing

# No two clocks differ by more, and no clock ever jumped further.
ZONES_APART = timedelta(hours=26)
# Longer than all the years series live in; an occurrence that lasts longer is cut there.
_LONGEST = timedelta(days=110_000)
_EARLIEST = wall_to_instant(rules.EARLIEST, "UTC")
_LATEST = wall_to_instant(rules.LATEST, "UTC")
_MICROSECOND = timedelta(microseconds=1)
_ONE_DAY = timedelta(days=1)
_NEAR = 64  # as many starts as a walk passes over before it begins anew
NO_RULE = Recurrence()


class Occurrence(Struct, frozen=True):
    """One event of a meeting as it stands at its time; `start` and `end` are its instants.

    For a single meeting `recurrence_id` and `original_start` are None and the kind is SINGLE.
    """

    recurrence_id: str | None
    slot: int
    event: Event
    kind: EventKind
    original_start: When | None
    start: Instant
    end: Instant


def wall_time(when: When) -> datetime:
    """Return the wall time of `when`; a date's is its midnight."""
    return when.wall if isinstance(when, Timed) else datetime.combine(when.day, time.min)


def at_wall_time(like: When, wall: datetime) -> When:
    """Return `wall` as a date or as a time in the same zone, as `like` is one.

    At the wall time of `like` it is the same instant. Elsewhere a series knows wall times alone: one that
    happens twice is its first time.
    """
    if isinstance(like, AllDay):
        return AllDay(wall.date())
    is_own = bool(like.fold) and wall.replace(microsecond=0) == like.wall.replace(microsecond=0)
    return Timed(wall, like.zone, like.fold if is_own else 0)


# --- recurrence ids -------------------------------------------------------------------------


def recurrence_id(original: When) -> str:
    """Return the recurrence id of the occurrence that originally starts at `original`."""
    if isinstance(original, AllDay):
        return original.day.isoformat().replace("-", "")
    return original.wall.isoformat(timespec="seconds").replace("-", "").replace(":", "")


def pattern_start(meeting: Meeting) -> When:
    """Return where the pattern of a series begins: from there its recurrence ids count."""
    return meeting.pattern_start or meeting.event.start


def name_of(meeting: Meeting, wall: datetime) -> str:
    """Return the recurrence id of the occurrence originally at `wall`; of a single meeting an empty text."""
    return "" if meeting.recurrence is None else recurrence_id(at_wall_time(pattern_start(meeting), wall))


_name = recurrence_id  # where a parameter is called so


def day_of(recurrence_id: str) -> date:
    """Return the day an occurrence originally stands on, in the zone of its series."""
    return date.fromisoformat(recurrence_id[:8])


def original_start(meeting: Meeting, recurrence_id: str) -> When:
    """Return when the occurrence of this id would stand had nobody moved it.

    Raises ItemNotFound for a text that is no recurrence id of this kind of series.
    """
    wall = wall_of(meeting, recurrence_id)
    if wall is None:
        raise ItemNotFound("The specified object was not found in the store.")
    return at_wall_time(pattern_start(meeting), wall)


def recurrence_id_at(meeting: Meeting, instant: Instant) -> str | None:
    """Return the id of the occurrence that originally starts at `instant`, or None. For timed series."""
    start = pattern_start(meeting)
    if isinstance(start, AllDay) or not _EARLIEST <= instant <= _LATEST:
        return None
    near = to_wall(instant, start.zone)
    for wall in Frame(meeting).originals(near - ZONES_APART):
        if wall > near:
            return None
        if to_instant(at_wall_time(start, wall)) == instant:
            return recurrence_id(Timed(wall, start.zone))
    return None


# --- single occurrences ---------------------------------------------------------------------


def component(meeting: Meeting, recurrence_id: str | None) -> Event:
    """Return the event an id stands for, the meeting's own for None.

    Raises ItemNotFound where the series has no such occurrence or it is deleted.
    """
    if recurrence_id is None:
        return meeting.event
    found = occurrence(meeting, recurrence_id)
    if found is None:
        raise ItemNotFound("The specified object was not found in the store.")
    return found.event


def occurrence(meeting: Meeting, recurrence_id: str, *, zone: str = "UTC") -> Occurrence | None:
    """Return the occurrence of this id; None where the series has none or it is deleted.

    `zone` is where all-day events are looked at from, as in `expand`.
    """
    return occurrence_by_id(Frame(meeting, zone), recurrence_id)


def occurrence_by_id(frame: Frame, recurrence_id: str) -> Occurrence | None:
    """Return the occurrence of this id, as `occurrence` does, for who asks for many."""
    wall = frame.wall_of(recurrence_id)
    return None if wall is None or frame.meeting.recurrence is None else at(frame, wall)


def occurrence_on(meeting: Meeting, day: date, slot: int, *, zone: str = "UTC") -> Occurrence | None:
    """Return the occurrence that is the `slot`th to start on `day` originally; None as in `occurrence`."""
    if meeting.recurrence is None:
        return None
    frame = Frame(meeting, zone)
    originals = frame.originals_on(day)
    return _one_of(frame, originals, originals[slot]) if 0 <= slot < len(originals) else None


def at(frame: Frame, wall: datetime) -> Occurrence | None:
    """Return the occurrence originally at `wall`; None as in `occurrence`."""
    return _one_of(frame, frame.originals_on(wall.date()), wall)


def _one_of(frame: Frame, originals: list[datetime], wall: datetime) -> Occurrence | None:
    """Return the occurrence at `wall`, where `originals` are all that start on that day."""
    meeting = frame.meeting
    name = recurrence_id(at_wall_time(frame.pattern, wall))
    if wall not in originals or name in meeting.deleted:
        return None
    changed = meeting.exceptions.get(name)
    first, last = frame.instants_of(changed) if changed is not None else frame.instants(wall)
    return frame.occurrence(wall, originals.index(wall), first, last)


def neighbours(meeting: Meeting, recurrence_id: str) -> tuple[Occurrence | None, Occurrence | None]:
    """Return the occurrences before and after this one in their original order, deleted ones passed over."""
    wall = wall_of(meeting, recurrence_id)
    if wall is None:
        return None, None
    frame = Frame(meeting)
    following = (one for one in frame.originals(wall) if one > wall)
    after = next((one for one in map(partial(at, frame), following) if one), None)
    return _before(frame, wall), after


def follows(meeting: Meeting, recurrence_id: str) -> bool:
    """Return whether the rules of a series yield this occurrence, deleted or changed or not."""
    wall = wall_of(meeting, recurrence_id)
    return wall is not None and Frame(meeting).follows(wall)


def is_same_but_for_its_end(one: Recurrence | None, other: Recurrence | None) -> bool:
    """Return whether two recurrences differ in nothing but when they end."""
    if one is None or other is None:
        return False
    return _endless(one) == _endless(other)


def is_endless(meeting: Meeting) -> bool:
    """Return whether a series goes on for ever."""
    rules_ = meeting.recurrence.rules if meeting.recurrence else ()
    return any(rule.count is None and rule.until is None for rule in rules_)


def is_partial(meeting: Meeting) -> bool:
    """Return whether this is a guest's copy of single occurrences: the series itself is not for this guest.

    Such a copy has a recurrence without any rule or date; all there is of it are its exceptions.
    """
    return meeting.recurrence == NO_RULE and not meeting.is_organizer


def representative(meeting: Meeting) -> Occurrence | None:
    """Return what stands for a copy of single dates where one event is wanted: the first that takes place.

    None for every other meeting.
    """
    if not is_partial(meeting) or not meeting.exceptions:
        return None
    return occurrence(meeting, min(meeting.exceptions, key=lambda rid: (_is_off(meeting.exceptions[rid]), rid)))


def _is_off(event: Event) -> bool:
    return event.answer is Answer.DECLINED or event.status is Status.CANCELLED


def first_start(recurrence: Recurrence, start: When) -> When:
    """Return `start`, or where the recurrence does not match it, the first start at or after it that does.

    Raises InvalidRecurrence where there is none.
    """
    return at_wall_time(start, rules.first(recurrence, wall_time(start)))


# --- deleted occurrences, and the whole ----------------------------------------------------


def excluded_occurrence(meeting: Meeting, recurrence_id: str) -> Occurrence | None:
    """Return a date that is excluded, as a cancelled exception; None where the series never had it."""
    if recurrence_id not in meeting.deleted:
        return None
    found = occurrence(replace(meeting, exceptions={}, deleted=()), recurrence_id)
    return as_cancelled(found) if found else None


def as_cancelled(one: Occurrence) -> Occurrence:
    """Return an occurrence as a cancelled exception."""
    return replace(one, event=replace(one.event, status=Status.CANCELLED), kind=EventKind.EXCEPTION)


def span(meeting: Meeting) -> tuple[Instant, Instant | None]:
    """Return the first start and the last end, exceptions included, or None where a series does not end.

    Deleted occurrences count, so this bounds what an expansion yields. All-day events stand at midnight UTC;
    who asks for another zone widens the answer by a day.
    """
    frame = Frame(meeting)
    if meeting.recurrence is None:
        return frame.instants_of(meeting.event)
    bounds = [frame.instants_of(event) for event in meeting.exceptions.values()]
    begin = next(rules.starts(meeting.recurrence, frame.wall), None)
    bounds.append(frame.instants(begin or frame.wall))
    end = rules.last(meeting.recurrence, frame.wall) if begin else frame.wall
    if end is None:
        return min(bounds)[0], None
    return min(bounds)[0], max(bound[1] for bound in (*bounds, frame.instants(end)))


# --- the frame of a series -----------------------------------------------------------------


class Frame:
    """What turns original wall times of one series into instants and events.

    `floating` is the zone in which all-day events stand at midnight. `reach` is how far before an instant
    an occurrence that still lasts then may start, with all that clocks may differ. `pattern` is where the pattern
    begins, and `shift` how much later than there its owner has put the series in the own copy. `duration` is
    what lies between the wall times of start and end, `exact_duration` in microseconds what goes by between them.
    """

    __slots__ = (
        "_ahead", "_by_day", "_exception_starts", "_next", "_walked_until", "_walls", "duration", "end_zone",
        "exact_duration", "floating", "fold", "is_all_day", "meeting", "pattern", "pattern_zone", "reach", "shift",
        "wall", "zone",
    )  # fmt: skip

    def __init__(self, meeting: Meeting, floating: str = "UTC") -> None:
        event = meeting.event
        self.meeting = meeting
        self.floating = floating
        self.pattern = pattern_start(meeting)
        self.pattern_zone = self.pattern.zone if isinstance(self.pattern, Timed) else floating
        self.wall = _whole_seconds(self.pattern)
        self.shift = _whole_seconds(event.start) - self.wall
        self.is_all_day = isinstance(event.start, AllDay)
        self.zone = event.start.zone if isinstance(event.start, Timed) else floating
        self.end_zone = event.end.zone if isinstance(event.end, Timed) else floating
        self.fold = event.start.fold if isinstance(event.start, Timed) else 0
        self.duration = min(wall_time(event.end) - wall_time(event.start), _LONGEST)
        first, last = self.instants_of(event)
        self.exact_duration = min(last - first, _LONGEST // _MICROSECOND)
        self.reach = self.exact_duration * _MICROSECOND + ZONES_APART
        self._exception_starts: list[datetime] | None = None
        self._by_day: dict[str, list[str]] | None = None
        self._walls: dict[str, datetime | None] = {}
        self._ahead: Iterator[datetime] = iter(())  # what the rules yield after `_next`
        self._next: datetime | None = None
        self._walked_until: datetime | None = None

    def wall_of(self, recurrence_id: str) -> datetime | None:
        """Return what the function of this name does; lists ask for the same id several times."""
        if recurrence_id not in self._walls:
            self._walls[recurrence_id] = wall_of(self.meeting, recurrence_id)
        return self._walls[recurrence_id]

    @property
    def exception_starts(self) -> list[datetime]:
        """Return the original starts of the exceptions, sorted."""
        if self._exception_starts is None:
            walls = map(self.wall_of, self.meeting.exceptions)
            self._exception_starts = sorted(wall for wall in walls if wall is not None)
        return self._exception_starts

    def originals(self, not_before: datetime, spend: Spend = spend_nothing) -> Iterator[datetime]:
        """Yield the original starts of the series, those of exceptions included, each once."""
        walls = self._of_rules(not_before, spend)
        if not self.meeting.exceptions:
            return walls
        changed = islice(self.exception_starts, bisect_left(self.exception_starts, not_before), None)
        return each_once(heapq.merge(walls, changed))

    def originals_on(self, day: date) -> list[datetime]:
        """Return the original starts on one day."""
        midnight, name = datetime.combine(day, time.min), recurrence_id(AllDay(day))
        found = self._of_rules_on(midnight)
        changed = map(self.wall_of, self._exceptions_on(name))
        return sorted({*found, *filter(None, changed)})

    def _of_rules_on(self, midnight: datetime) -> list[datetime]:
        """Return the original starts that the rules yield on one day.

        Lists ask for one day after the other: where the next is near, the walk goes on from where it stands.
        """
        if self._walked_until is None or midnight < self._walked_until:
            self._walk_from(midnight)
        for _ in range(_NEAR):
            if self._next is None or self._next >= midnight:
                break
            self._next = next(self._ahead, None)
        else:
            self._walk_from(midnight)
        found, self._walked_until = [], midnight + _ONE_DAY
        while self._next is not None and self._next < self._walked_until:
            found.append(self._next)
            self._next = next(self._ahead, None)
        return found

    def _walk_from(self, midnight: datetime) -> None:
        self._ahead = self._of_rules(midnight, spend_nothing)
        self._next = next(self._ahead, None)

    def _exceptions_on(self, day: str) -> list[str]:
        """Return the recurrence ids of the exceptions that originally start on a day, by the id of that."""
        if self._by_day is None:
            # Who asks once looks through them; who asks again, as lists do, finds them by their days.
            self._by_day = {}
            return [one for one in self.meeting.exceptions if one.startswith(day)]
        if not self._by_day:
            for one in self.meeting.exceptions:
                self._by_day.setdefault(one[:8], []).append(one)
        return self._by_day.get(day, [])

    def follows(self, wall: datetime) -> bool:
        """Return whether the rules and dates of the series yield this original start."""
        return next(self._of_rules(wall, spend_nothing), None) == wall

    def _of_rules(self, not_before: datetime, spend: Spend) -> Iterator[datetime]:
        recurrence = self.meeting.recurrence
        if recurrence is None:
            return iter(())
        walls = rules.starts(recurrence, self.wall, not_before=not_before, spend=spend)
        if isinstance(self.pattern, AllDay):
            return each_once(datetime.combine(wall, time.min) for wall in walls)
        return (wall for wall in walls if not self.falls_together(wall))

    def falls_together(self, wall: datetime) -> bool:
        """Return whether clocks are set over `wall`, and the time they are set to is another start of the series.

        Both would be one instant with one recurrence id in UTC, which names one occurrence (RFC 5545 3.8.4.4).
        RFC 5545 3.3.10 leaves out a start that does not exist; it is moved only where it stands alone.
        """
        recurrence = self.meeting.recurrence
        if recurrence is None or not is_skipped(wall, self.pattern_zone):
            return False
        moved = to_wall(wall_to_instant(wall, self.pattern_zone), self.pattern_zone)
        return next(rules.starts(recurrence, self.wall, not_before=moved), None) == moved

    def instants_of(self, event: Event) -> tuple[Instant, Instant]:
        return (
            to_instant(event.start, floating=self.floating),
            to_instant(event.end, floating=self.floating),
        )

    def stands(self, wall: datetime) -> datetime:
        """Return the wall time at which the occurrence originally at `wall` stands."""
        moved = wall + self.shift
        return datetime.combine(moved, time.min) if self.is_all_day else moved

    def instants(self, wall: datetime) -> tuple[Instant, Instant]:
        """Return start and end of the occurrence originally at `wall`."""
        stands = self.stands(wall)
        if self.is_all_day:
            return wall_to_instant(stands, self.zone), wall_to_instant(stands + self.duration, self.zone)
        first = wall_to_instant(stands, self.zone, fold=self.fold if wall == self.wall else 0)
        return first, first + self.exact_duration

    def event(self, wall: datetime) -> Event:
        """Return the event of the series as it stands at `wall`."""
        stands = self.stands(wall)
        end = stands + self.duration
        if self.is_all_day:
            return replace(self.meeting.event, start=AllDay(stands.date()), end=AllDay(end.date()))
        _, last = self.instants(wall)
        until = Timed(end, self.end_zone)
        if last != to_instant(until):
            until = at_instant(last, self.end_zone)
        return replace(self.meeting.event, start=at_wall_time(self.meeting.event.start, stands), end=until)

    def occurrence(self, wall: datetime, slot: int, first: Instant, last: Instant) -> Occurrence:
        original = at_wall_time(self.pattern, wall)
        name = recurrence_id(original)
        changed = self.meeting.exceptions.get(name)
        if changed is not None:
            return Occurrence(name, slot, changed, EventKind.EXCEPTION, original, first, last)
        return Occurrence(name, slot, self.event(wall), EventKind.OCCURRENCE, original, first, last)


# --- original starts -----------------------------------------------------------------------


def _endless(recurrence: Recurrence) -> Recurrence:
    return replace(recurrence, rules=tuple(replace(rule, count=None, until=None) for rule in recurrence.rules))


def _before(frame: Frame, wall: datetime) -> Occurrence | None:
    """Return the last occurrence that originally starts before `wall`, looking back further and further."""
    first, back = min([frame.wall, *frame.exception_starts[:1]]), _ONE_DAY
    while True:
        lower = wall - min(back, wall - first)
        earlier = list(takewhile(lambda one: one < wall, frame.originals(lower)))
        found = next((one for one in map(partial(at, frame), reversed(earlier)) if one), None)
        if found is not None or lower == first:
            return found
        back *= 8


def wall_of(meeting: Meeting, recurrence_id: str) -> datetime | None:
    """Return the original wall time an id names, or None where it is not one of this kind of series."""
    try:
        wall = datetime.fromisoformat(recurrence_id)
    except ValueError:
        return None
    is_own = wall.tzinfo is None and _name(at_wall_time(pattern_start(meeting), wall)) == recurrence_id
    return wall if is_own else None


def _whole_seconds(when: When) -> datetime:
    """Return the wall time of `when` in whole seconds, as recurrence ids have them."""
    return wall_time(when).replace(microsecond=0)
