"""What is said of an event beside what stands in it: the series it is of, and whether anybody is invited."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import Copy
from rsvpd.calendar.event import EventKind, State
from rsvpd.calendar.series import component as event_of
from rsvpd.calendar.view import EventView
from support.meetings import BOB, SECOND, bobs, component, organizers, series, single


def view(copy: Copy, rid: str | None = None, kind: EventKind = EventKind.SINGLE, **more: Any) -> EventView:
    meeting = compose(copy)
    return EventView(
        owner=BOB, item=7, change=1, state=State.LIVE, meeting=meeting, event=event_of(meeting, rid), kind=kind,
        recurrence_id=rid, **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "has_master"),
    [
        pytest.param(view(bobs(single())), False, id="a single meeting"),
        pytest.param(view(bobs(series()), kind=EventKind.MASTER), False, id="a series itself"),
        pytest.param(view(bobs(series()), SECOND, EventKind.OCCURRENCE), True, id="an occurrence"),
        pytest.param(view(bobs(series()), SECOND, EventKind.EXCEPTION), True, id="an exception"),
        pytest.param(view(bobs(series(), invited_to=(SECOND,)), SECOND), False, id="a date invited to alone"),
    ],
)
def test_of_which_series_an_event_is(seen: EventView, has_master: bool) -> None:
    """Graph, event: seriesMasterId is that of the series of an occurrence, and null of everything else."""
    whole = replace(seen, recurrence_id=None)
    assert seen.master_id == (whole.id if has_master else None)
    assert (seen.id == whole.id) is (seen.recurrence_id is None)


@pytest.mark.parametrize(
    ("copy", "is_meeting"),
    [
        pytest.param(organizers(single(event=component(guests=()))), False, id="an appointment"),
        pytest.param(organizers(single()), True, id="with guests"),
        pytest.param(bobs(single()), True, id="of another organizer"),
        pytest.param(bobs(single(event=component(guests=()))), True, id="of another organizer, without a list"),
    ],
)
def test_whether_it_is_a_meeting(copy: Copy, is_meeting: bool) -> None:
    assert view(copy).is_meeting is is_meeting
