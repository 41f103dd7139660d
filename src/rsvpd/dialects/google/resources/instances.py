"""The holes that deleted instances leave in a series.

Google shows a deleted instance as a cancelled event of its own; the model only remembers its
recurrence id, so the event is made here.
"""

from __future__ import annotations

from typing import Any

from msgspec import structs

from rsvpd.calendar.event import Status
from rsvpd.calendar.series import excluded_occurrence
from rsvpd.calendar.view import EventView
from rsvpd.commands.references import EventRef
from rsvpd.commands.sync import RemovedEvent
from rsvpd.dialects.google.vocabulary import identifiers
from rsvpd.dialects.google.vocabulary.context import Context
from rsvpd.dialects.google.vocabulary.times import write_when
from rsvpd.errors import ItemNotFound


def instance_ref(master: EventView, original: str) -> EventRef:
    """Return what names the instance of a series that originally started then."""
    key = master.meeting.key
    return EventRef(uid=key.uid, organizer=key.organizer if master.is_namesake else None, original=original)


def cancelled_instances(master: EventView) -> list[EventView]:
    """Return the deleted instances of a series as cancelled events, in order."""
    return [one for rid in sorted(master.meeting.deleted) if (one := _find_cancelled_instance(master, rid)) is not None]


def cancelled_instance(master: EventView, original: str) -> EventView:
    """Return the deleted instance that originally started then. Raises ItemNotFound where there is none."""
    for view in cancelled_instances(master):
        if view.original_start is not None and identifiers.original(view.original_start) == original:
            return view
    raise ItemNotFound("Not Found")


def cancelled_event(gone: RemovedEvent, ctx: Context) -> dict[str, Any]:
    """Return the event that says of an event that it is gone: with what is guaranteed of such (reference: status)."""
    whole = identifiers.namesake_id(gone.key) if gone.is_namesake else identifiers.event_id(gone.key.uid)
    named: dict[str, Any] = {"id": whole}
    if gone.original is not None:
        named = {
            "id": f"{whole}_{identifiers.original(gone.original)}",
            "recurringEventId": whole,
            "originalStartTime": write_when(gone.original, ctx.zone),
        }
    return {"kind": "calendar#event", "etag": f'"{gone.change}"', "status": Status.CANCELLED.value, **named}


def _find_cancelled_instance(master: EventView, recurrence_id: str) -> EventView | None:
    found = excluded_occurrence(master.meeting, recurrence_id)
    if found is None:
        return None
    return structs.replace(
        master,
        event=found.event,
        kind=found.kind,
        recurrence_id=recurrence_id,
        slot=found.slot,
        original_start=found.original_start,
    )
