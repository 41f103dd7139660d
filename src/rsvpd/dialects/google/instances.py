"""The instances of a series that stand beside it: changed ones, and the holes that deleted ones leave.

Google shows a deleted instance as a cancelled event of its own; the model only remembers its
recurrence id, so the event is made here.
"""

from __future__ import annotations

from msgspec import structs

from rsvpd.calendar.event import EventKind, Status
from rsvpd.calendar.series import original_start
from rsvpd.calendar.view import EventView
from rsvpd.dialects.google import identifiers
from rsvpd.errors import ItemNotFound


def originals(master: EventView) -> list[str]:
    """Return the original starts of the changed instances, as ids write them, in order."""
    meeting = master.meeting
    return [identifiers.original(original_start(meeting, rid)) for rid in sorted(meeting.exceptions)]


def holes(master: EventView) -> list[EventView]:
    """Return the deleted instances of a series as cancelled events, in order."""
    return [_hole(master, rid) for rid in sorted(master.meeting.deleted)]


def hole(master: EventView, original: str) -> EventView:
    """Return the deleted instance that originally started then. Raises ItemNotFound where there is none."""
    for view in holes(master):
        if view.original_start is not None and identifiers.original(view.original_start) == original:
            return view
    raise ItemNotFound("Not Found")


def _hole(master: EventView, recurrence_id: str) -> EventView:
    start = original_start(master.meeting, recurrence_id)
    return structs.replace(
        master,
        event=structs.replace(master.meeting.event, start=start, end=start, status=Status.CANCELLED),
        kind=EventKind.EXCEPTION,
        recurrence_id=recurrence_id,
        original_start=start,
    )
