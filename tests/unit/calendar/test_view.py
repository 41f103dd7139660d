"""What is said of an event beside what stands in it: the series it is of, and whether anybody is invited."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from rsvpd import ids
from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import Copy, Private
from rsvpd.calendar.event import Answer, EventKind, State
from rsvpd.calendar.series import component as event_of
from rsvpd.calendar.view import SHARED, CalendarView, EventView, exceptions_of
from support.meetings import ALICE, BOB, SECOND, THIRD, at, bobs, component, on, organizers, rule, series, single


def view(copy: Copy, rid: str | None = None, kind: EventKind = EventKind.SINGLE, **more: Any) -> EventView:
    meeting = compose(copy)
    return EventView(
        owner=BOB, item=7, change=1, state=State.LIVE, meeting=meeting, event=event_of(meeting, rid), kind=kind,
        recurrence_id=rid, is_namesake=False, **more,
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
    ("seen", "named"),
    [
        pytest.param(view(bobs(single())), ids.ItemId(ids.Kind.EVENT, BOB.number, 7), id="a single meeting"),
        pytest.param(
            view(bobs(series()), SECOND, EventKind.OCCURRENCE),
            ids.ItemId(ids.Kind.OCCURRENCE, BOB.number, 7, date(2027, 1, 5), 0),
            id="an occurrence: by its day and its place there",
        ),
        pytest.param(
            view(bobs(series()), THIRD, EventKind.OCCURRENCE, slot=2),
            ids.ItemId(ids.Kind.OCCURRENCE, BOB.number, 7, date(2027, 1, 6), 2),
            id="the third of a day",
        ),
    ],
)
def test_what_an_id_names(seen: EventView, named: ids.ItemId) -> None:
    assert ids.decode(seen.id) == named


def test_a_calendar_has_an_id_of_its_own_for_who_lists_it() -> None:
    default, second = (CalendarView(owner=BOB, number=number, change=1) for number in (1, 3))
    assert ids.decode(default.id) == ids.ItemId(ids.Kind.CALENDAR, BOB.number, 1)
    assert ids.decode(second.id) == ids.ItemId(ids.Kind.CALENDAR, BOB.number, 3)
    listed = ids.ItemId(ids.Kind.CALENDAR, ALICE.number, SHARED + BOB.number)
    assert ids.decode(replace(default, lister=ALICE).id) == listed
    assert ids.decode(replace(second, lister=ALICE).id) == ids.ItemId(ids.Kind.SHARED_CALENDAR, BOB.number, 3)


KEPT = Private(reminder_minutes=5)
MOVED, OFF = series(exceptions={THIRD: on(8), SECOND: on(9)}), Private(answer=Answer.DECLINED)


@pytest.mark.parametrize(
    ("seen", "shown"),
    [
        pytest.param(view(bobs(MOVED), kind=EventKind.MASTER), [SECOND, THIRD], id="in their original order"),
        pytest.param(
            view(bobs(MOVED, dates={SECOND: OFF}), kind=EventKind.MASTER), [THIRD], id="without what was declined"
        ),
        pytest.param(
            view(bobs(series(excluded=(SECOND,)), dates={SECOND: KEPT}), kind=EventKind.MASTER),
            [],
            id="without what is excluded, though something is kept of it",
        ),
        pytest.param(view(bobs(series()), kind=EventKind.MASTER), [], id="none differs"),
        pytest.param(view(bobs(MOVED), SECOND, EventKind.EXCEPTION), [], id="of one of them"),
        pytest.param(view(bobs(single())), [], id="of a single meeting"),
    ],
)
def test_which_occurrences_differ_from_their_series(seen: EventView, shown: list[str]) -> None:
    """Graph, event: exceptionOccurrences; what was declined left the calendar of its guest."""
    assert [one.recurrence_id for one in exceptions_of(seen)] == shown


def test_what_is_said_of_an_occurrence_that_differs() -> None:
    twice = series(recurrence=rule("FREQ=DAILY;BYHOUR=10,12;COUNT=8"), exceptions={"20270105T120000": on(9)})
    whole = view(organizers(twice), kind=EventKind.MASTER)
    (one,) = exceptions_of(whole)
    assert one == replace(
        whole,
        event=event_of(whole.meeting, "20270105T120000"),
        kind=EventKind.EXCEPTION,
        recurrence_id="20270105T120000",
        slot=1,
        original_start=at("2027-01-05T12:00"),
    )


def test_an_organizer_sees_each_date_whatever_the_own_answer() -> None:
    meeting = compose(organizers(MOVED))
    declined = {rid: replace(one, answer=Answer.DECLINED) for rid, one in meeting.exceptions.items()}
    whole = view(organizers(MOVED), kind=EventKind.MASTER)
    assert len(exceptions_of(replace(whole, meeting=replace(meeting, exceptions=declined)))) == 2


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
