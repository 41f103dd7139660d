"""What somebody does with invitations who answers by itself. Pure: from the invitation, the calendar and the time.

Rules:
1. What is over, called off or answered already is left alone.
2. A time meets another where that one is shown as busy, away or elsewhere; tentative and free times are no conflict.
3. Of a series that is not free throughout, the dates that are not are declined and the rest is accepted; where none is
   free all of it is declined.
4. Whoever proposes proposes the first half hour from then on, on a working day between 9 and 17 in the own zone, at
   which all of it is free. Of a series, and where none is found or the organizer wants none, it is declined instead.
5. Whoever passes an invitation on does so once: not to somebody who is invited already.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence

from msgspec import Struct

from rsvpd.calendar.event import Answer, Meeting, ShowAs, Status, Timed
from rsvpd.calendar.freebusy import Busy
from rsvpd.calendar.series import Occurrence
from rsvpd.clock import Instant
from rsvpd.mail.address import fold, is_same
from rsvpd.mail.message import TimeSlot
from rsvpd.timezones.zone import at_instant, to_wall

LOOK_AHEAD = 14 * 86_400 * 1_000_000
# Dates of a series that are declined by themselves.
MOST_DATES = 100
LONGEST_SECONDS = 366 * 86_400
_HALF_HOUR = 1_800 * 1_000_000
_MORNING, _EVENING = 9, 17
_TAKES = (ShowAs.BUSY, ShowAs.OOF, ShowAs.ELSEWHERE)
_AWAY = "I am out of the office."


class Habit(enum.Enum):
    """What somebody does with an invitation."""

    ACCEPTS = "accepts"
    TENTATIVE = "tentative"
    DECLINES = "declines"
    DECLINES_ON_CONFLICT = "declines-on-conflict"
    PROPOSES = "proposes"
    FORWARDS = "forwards"
    NEVER = "never"
    AWAY = "out-of-office"


class Persona(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What somebody does, how many seconds after the invitation came, and with which comment. Stored.

    `to` is the address to which invitations are passed on.
    """

    does: Habit
    after_seconds: int = 0
    comment: str = ""
    to: str = ""


class Act(Struct, frozen=True):
    """An answer to the whole (`recurrence_id` None) or to one date; with `forward_to` it is passed on instead."""

    recurrence_id: str | None
    answer: Answer = Answer.NONE
    comment: str | None = None
    proposal: TimeSlot | None = None
    forward_to: str = ""


def decide(
    persona: Persona, meeting: Meeting, recurrence_id: str | None, asked: Sequence[Occurrence], taken: Iterable[Busy],
    *, zone: str,
) -> tuple[Act, ...]:  # fmt: skip
    """Return what somebody does who was asked for these times; `taken` are the other times of the calendar.

    They are known from the first of those asked until `LOOK_AHEAD` after the last. `zone` is the owner's.
    """
    open_ = [one for one in asked if one.event.answer is Answer.NONE and one.event.status is not Status.CANCELLED]
    if not open_ or persona.does is Habit.NEVER:
        return ()
    comment = persona.comment or None
    match persona.does:
        case Habit.ACCEPTS:
            return (Act(recurrence_id, Answer.ACCEPTED, comment),)
        case Habit.TENTATIVE:
            return (Act(recurrence_id, Answer.TENTATIVE, comment),)
        case Habit.DECLINES:
            return (Act(recurrence_id, Answer.DECLINED, comment),)
        case Habit.AWAY:
            return (Act(recurrence_id, Answer.DECLINED, comment or _AWAY),)
        case Habit.FORWARDS:
            return () if _is_invited(meeting, open_[0], persona.to) else (Act(recurrence_id, forward_to=persona.to),)
    times = [(one.start, one.end) for one in taken if one.status in _TAKES]
    met = [one for one in open_ if _meets(times, one.start, one.end)]
    if persona.does is Habit.PROPOSES and len(met) == len(open_) == 1:
        slot = _free_slot(met[0], times, zone) if met[0].event.allow_proposals else None
        if slot is not None:
            return (Act(recurrence_id, Answer.TENTATIVE, comment, slot),)
    if len(met) == len(open_):
        return (Act(recurrence_id, Answer.DECLINED, comment),)
    alone = (Act(one.recurrence_id, Answer.DECLINED, comment) for one in met[:MOST_DATES])
    return (Act(recurrence_id, Answer.ACCEPTED, comment), *alone)


def _is_invited(meeting: Meeting, asked: Occurrence, address: str) -> bool:
    known = {fold(one.address) for one in (*meeting.event.attendees, *asked.event.attendees)}
    return fold(address) in known or is_same(meeting.organizer.address, address)


def _meets(times: Iterable[tuple[Instant, Instant]], start: Instant, end: Instant) -> bool:
    return any(first < end and start < last for first, last in times)


def _free_slot(asked: Occurrence, times: Sequence[tuple[Instant, Instant]], zone: str) -> TimeSlot | None:
    """Return the first time after the one that is asked for at which all of it is free."""
    start, end = asked.event.start, asked.event.end
    if not isinstance(start, Timed) or not isinstance(end, Timed):
        return None
    length, first = asked.end - asked.start, -(-asked.start // _HALF_HOUR) * _HALF_HOUR
    for begin in range(first, asked.start + LOOK_AHEAD, _HALF_HOUR):
        at, over = to_wall(begin, zone), to_wall(begin + length, zone)
        is_worked = at.weekday() < 5 and at.hour >= _MORNING and over.date() == at.date()
        if is_worked and (over.hour, over.minute) <= (_EVENING, 0) and not _meets(times, begin, begin + length):
            return TimeSlot(at_instant(begin, start.zone), at_instant(begin + length, end.zone))
    return None
