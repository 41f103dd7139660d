"""The parts of a meeting: reading and replacing the master or one occurrence.

A recurrence id of None means the whole: a single meeting, or the master of a series.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import structs

from rsvpd.calendar.event import PRIVATE, Answer, Event, Meeting, ShowAs, State, Status
from rsvpd.calendar.series import NO_RULE, Frame, at_wall_time, is_partial, named, original_start, wall_time
from rsvpd.errors import NotAllowed

# Changed and deleted occurrences of one series together; all of them are read with it.
MOST_DIFFERENT = 1_000
# What an answer makes of the time; an accepted one is shown as its organizer wants it (MS-OXOCAL, PidLidBusyStatus).
_SHOWN_AS = {Answer.NONE: ShowAs.TENTATIVE, Answer.TENTATIVE: ShowAs.TENTATIVE, Answer.DECLINED: ShowAs.FREE}


def with_component(meeting: Meeting, recurrence_id: str | None, event: Event) -> Meeting:
    """Return `meeting` with `event` in that place; an occurrence becomes an exception."""
    if recurrence_id is None:
        return structs.replace(meeting, event=event)
    check_budget(meeting, recurrence_id)
    return structs.replace(meeting, exceptions={**meeting.exceptions, recurrence_id: event})


def check_budget(meeting: Meeting, recurrence_id: str) -> None:
    """Raise NotAllowed where one more occurrence that is not as the others would be too many."""
    different = {*meeting.exceptions, *meeting.deleted}
    if recurrence_id not in different and len(different) >= MOST_DIFFERENT:
        raise NotAllowed(f"A series has at most {MOST_DIFFERENT} occurrences that are changed, answered or deleted.")


def everywhere(meeting: Meeting, change: Callable[[Event], Event]) -> Meeting:
    """Return `meeting` with `change` made to the master and to every exception."""
    return structs.replace(
        meeting,
        event=change(meeting.event),
        exceptions={rid: change(event) for rid, event in meeting.exceptions.items()},
    )


def dates_alone(meeting: Meeting, recurrence_ids: Iterable[str]) -> Meeting:
    """Return `meeting` as who is invited to these occurrences alone has it (MS-OXOCAL, orphan instances).

    At least one is named; those that do not take place are left out.
    """
    names, frame = sorted(recurrence_ids), Frame(meeting)
    found = {rid: one.event for rid in names if (one := named(frame, rid)) is not None}
    begin = original_start(meeting, names[0])
    end = wall_time(begin) + (wall_time(meeting.event.end) - wall_time(meeting.event.start))
    stands = structs.replace(
        found.get(names[0], meeting.event), start=begin, end=at_wall_time(meeting.event.end, end)
    )
    return structs.replace(meeting, event=stands, recurrence=NO_RULE, exceptions=found, deleted=())


def where_it_stands(copy: Meeting) -> State:
    """Return where a guest's copy that was not deleted stands: it has left the calendar once all of it is declined."""
    dates = [event for rid, event in copy.exceptions.items() if rid not in copy.deleted]
    parts = dates if is_partial(copy) else [copy.event, *dates]
    left = all(event.answer is Answer.DECLINED for event in parts)
    return State.DECLINED if left else State.LIVE


def shown_as(event: Event) -> ShowAs:
    """Return how a guest's copy shows the time of `event`, as its status and the owner's answer have it."""
    if event.status is Status.CANCELLED:
        return ShowAs.FREE
    return _SHOWN_AS.get(event.answer, event.intended_show_as)


def private_of(event: Event) -> dict[str, Any]:
    """Return the members that belong to the owner of one copy."""
    return {name: getattr(event, name) for name in PRIVATE}
