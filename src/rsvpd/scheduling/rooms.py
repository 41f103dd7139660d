"""A room answers by itself.

Rules (the words of Exchange's calendar processing are in docs/compatibility.md):
1. What is over already is not answered, nor is anything where the administrator chose so.
2. Out of policy is declined: a series where none is taken, too long, too far ahead; all, where whoever comes first
   has the room.
3. A single meeting that meets another is declined. A series is declined where more of its occurrences
   meet others than are allowed, by number or by percentage; else it is taken, and those are declined.
4. What is free is accepted, or held as tentative where that is the setting or a delegate has to agree.
5. The capacity forbids nothing; the answer mentions it.
"""

from __future__ import annotations

import bisect
import enum
from collections.abc import Sequence
from datetime import timedelta
from itertools import accumulate, islice

from msgspec import Struct

from rsvpd.calendar.event import AllDay, Answer, Event, EventKind, Meeting, Role, Status, When
from rsvpd.calendar.expansion import expand
from rsvpd.calendar.freebusy import Busy
from rsvpd.calendar.series import Frame, Occurrence, occurrence, span
from rsvpd.clock import Instant
from rsvpd.errors import InvalidProperty
from rsvpd.mail.address import Mailbox
from rsvpd.mail.content import Body
from rsvpd.mail.message import AutoSubmitted, Letter
from rsvpd.mail.person import Person
from rsvpd.scheduling.letters import conversation_of, message_id_of
from rsvpd.timezones.zone import to_instant, to_wall

_MINUTE = 60_000_000
_DAY = 24 * 60 * _MINUTE
MOST_CHECKED = 1000  # occurrences of one series
FARTHEST_DAYS = 1825
_NAMED = 5  # conflicts that a text lists


class Auto(enum.Enum):
    """What a room does with a request that is within its policy."""

    ACCEPT = "accept"
    TENTATIVE = "tentative"
    NONE = "none"


class Settings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The policy of one room. None means without a limit; the defaults are Exchange's.

    `max_conflicts` and `conflict_percentage` say how much of a series may meet other meetings; both must hold.
    `is_reserved`: it is for whoever comes first and cannot be booked. `capacity` informs. With `delegates` (addresses),
    requests wait as tentative until one of them answers.
    """

    auto: Auto = Auto.ACCEPT
    horizon_days: int | None = 180
    recurring: bool = True
    max_minutes: int | None = 1440
    max_conflicts: int = 0
    conflict_percentage: int = 0
    capacity: int | None = None
    delegates: tuple[str, ...] = ()
    is_reserved: bool = False


class Verdict(Struct, frozen=True):
    """What the room says of the whole (`recurrence_id` None) or of one occurrence, and why."""

    answer: Answer
    reason: str
    recurrence_id: str | None = None


class RequestedTimes(Struct, frozen=True):
    """The times a request asks for that are not over yet, in order, as far as they are looked at.

    `is_series`: it asks for a whole series. `is_more`: it goes on beyond what is looked at.
    """

    slots: tuple[Occurrence, ...]
    is_series: bool = False
    is_more: bool = False

    @property
    def window(self) -> tuple[Instant, Instant]:
        """Return the instants between which the room's other meetings matter."""
        return self.slots[0].start, max(one.end for one in self.slots)


_LIMITS = {
    "horizon_days": (0, FARTHEST_DAYS),
    "max_minutes": (1, FARTHEST_DAYS * 24 * 60),
    "max_conflicts": (0, MOST_CHECKED),
    "conflict_percentage": (0, 100),
    "capacity": (1, 1_000_000),
}


def check(settings: Settings) -> Settings:
    """Return `settings`. Raises InvalidProperty for a number out of range."""
    for name, (least, most) in _LIMITS.items():
        number = getattr(settings, name)
        if number is not None and not least <= number <= most:
            raise InvalidProperty(f"{name} must be from {least} to {most}.", target=name)
    return settings


def requested_times(
    meeting: Meeting, recurrence_id: str | None, settings: Settings, *, zone: str, now: Instant
) -> RequestedTimes:
    """Return the times that a request asks of a room in `zone`; none where everything is over."""
    if recurrence_id is not None:
        found = occurrence(meeting, recurrence_id, zone=zone)
        return RequestedTimes((found,) if found and found.end > now else ())
    if meeting.recurrence is None:
        start, end = Frame(meeting, zone).instants_of(meeting.event)
        single = Occurrence(None, 0, meeting.event, EventKind.SINGLE, None, start, end)
        return RequestedTimes((single,) if end > now else ())
    _, last = span(meeting)
    days = FARTHEST_DAYS if settings.horizon_days is None else settings.horizon_days + 2
    until = max(now, to_instant(meeting.event.start)) + days * _DAY
    slots = tuple(islice(expand(meeting, now, until, zone=zone), MOST_CHECKED + 1))
    is_more = len(slots) > MOST_CHECKED or last is None or last > max([until, *(one.end for one in slots)])
    return RequestedTimes(slots[:MOST_CHECKED], is_series=True, is_more=is_more)


def decide(
    settings: Settings, meeting: Meeting, asked: RequestedTimes, taken: Sequence[Busy], *, room: Person, now: Instant
) -> tuple[Verdict, ...]:
    """Return what the room says: nothing, or one word on what was asked and then declined occurrences.

    `taken` are the room's other times within the window of `asked`.
    """
    zone = room.zone
    if settings.auto is Auto.NONE or not asked.slots or meeting.event.status is Status.CANCELLED:
        return ()
    about = None if asked.is_series else asked.slots[0].recurrence_id
    refused = _out_of_policy(settings, asked, zone, now)
    if refused:
        return (Verdict(Answer.DECLINED, refused, about),)
    conflicts = _conflicts(asked.slots, taken)
    if _too_many(settings, len(conflicts), len(asked.slots)):
        return (Verdict(Answer.DECLINED, _busy(asked, conflicts, zone), about),)
    answer, words = _in_policy(settings)
    if conflicts:
        words += f" Not on these dates, when the room is taken: {_slots_text(conflicts, zone)}."
    if settings.capacity is not None and (people := _people(meeting, room)) > settings.capacity:
        words += f" The room seats {settings.capacity}, and {people} people are invited."
    alone = (
        Verdict(Answer.DECLINED, f"The room is taken: {_slots_text([one], zone)}.", one.recurrence_id)
        for one in conflicts
    )
    return (Verdict(answer, words, about), *alone)


def _out_of_policy(settings: Settings, asked: RequestedTimes, zone: str, now: Instant) -> str:
    """Return why the request cannot be, or an empty text."""
    if settings.is_reserved:
        return "This room cannot be booked: whoever comes first has it."
    if asked.is_series and not settings.recurring:
        return "This room takes no series, only single meetings."
    longest = max(one.end - one.start for one in asked.slots)
    if settings.max_minutes is not None and longest > settings.max_minutes * _MINUTE:
        return f"This room can be had for at most {settings.max_minutes} minutes at a time."
    if asked.is_more and len(asked.slots) == MOST_CHECKED:
        return f"This room takes no series of more than {MOST_CHECKED} meetings."
    days = settings.horizon_days
    if days is not None:
        farthest = to_wall(now, zone).date() + timedelta(days=days)
        if any(to_wall(one.start, zone).date() > farthest for one in asked.slots) or asked.is_more:
            return f"This room can be booked at most {days} days ahead, until {farthest.isoformat()}."
    return ""


def _in_policy(settings: Settings) -> tuple[Answer, str]:
    if settings.delegates:
        return Answer.TENTATIVE, f"Your request waits for approval by {', '.join(settings.delegates)}."
    if settings.auto is Auto.TENTATIVE:
        return Answer.TENTATIVE, "Your request was tentatively accepted."
    return Answer.ACCEPTED, "Your request was accepted."


def _conflicts(slots: Sequence[Occurrence], taken: Sequence[Busy]) -> list[Occurrence]:
    """Return the slots that meet a taken time. Of those that start before a slot ends, the latest end decides."""
    times = sorted((one.start, one.end) for one in taken)
    starts = [start for start, _ in times]
    ends = list(accumulate((end for _, end in times), max))
    found = []
    for slot in slots:
        place = bisect.bisect_left(starts, slot.end)
        if slot.end > slot.start and place and ends[place - 1] > slot.start:
            found.append(slot)
    return found


def _too_many(settings: Settings, conflicts: int, every: int) -> bool:
    """Return whether so many conflicts decline the request; nothing is taken of which nothing is free."""
    if conflicts == every or conflicts > settings.max_conflicts:
        return True
    return conflicts * 100 > settings.conflict_percentage * every


def _busy(asked: RequestedTimes, conflicts: Sequence[Occurrence], zone: str) -> str:
    if not asked.is_series:
        return f"The room is taken: {_slots_text(conflicts, zone)}."
    part = f"{len(conflicts)} of {len(asked.slots)}"
    return f"The room is taken at {part} of the times asked for: {_slots_text(conflicts, zone)}."


def _slots_text(slots: Sequence[Occurrence], zone: str) -> str:
    listed = ", ".join(_slot_text(one, zone) for one in slots[:_NAMED])
    more = len(slots) - _NAMED
    return f"{listed} ({zone})" + (f" and {more} more" if more > 0 else "")


def _slot_text(slot: Occurrence, zone: str) -> str:
    first, last = to_wall(slot.start, zone), to_wall(slot.end, zone)
    end = f"{last:%H:%M}" if last.date() == first.date() else f"{last:%Y-%m-%d %H:%M}"
    return f"{first:%Y-%m-%d %H:%M} to {end}"


def _people(meeting: Meeting, room: Person) -> int:
    """Return how many are invited, with the organizer and without rooms."""
    guests = [one for one in meeting.event.attendees if one.role is not Role.RESOURCE]
    return 1 + sum(not room.answers_to(one.address) for one in guests)


def approval_letter(
    room: Person, meeting: Meeting, event: Event, delegates: Sequence[str], *, sent: Instant
) -> Letter:
    """Return the letter that asks the delegates of a room to answer for it."""
    times = f"{_time(event.start, room.zone)} to {_time(event.end, room.zone)} ({room.zone})"
    text = (
        f"{meeting.organizer.name or meeting.organizer.address} asks for {room.name}: {event.subject}, {times}.\n"
        f"The room holds the time as tentative. Answer in the calendar of {room.address}."
    )
    return Letter(
        subject=f"Approval needed: {event.subject}",
        body=Body(text),
        sender=room.mailbox,
        from_=room.mailbox,
        to=tuple(Mailbox(one) for one in delegates),
        sent=sent,
        internet_message_id=message_id_of(f"approval {meeting.uid}", room.address, sent),
        conversation=conversation_of(meeting.key),
        auto_submitted=AutoSubmitted.GENERATED,
    )


def _time(when: When, zone: str) -> str:
    return when.day.isoformat() if isinstance(when, AllDay) else f"{to_wall(to_instant(when), zone):%Y-%m-%d %H:%M}"
