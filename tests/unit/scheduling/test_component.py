"""The parts of a guest's copy: where the copy stands, and how the time of each is shown."""

from __future__ import annotations

from datetime import datetime

import pytest
from msgspec.structs import replace

from rsvpd.calendar.event import Answer, Event, Meeting, ShowAs, State, Status, Timed
from rsvpd.calendar.rule import Recurrence
from rsvpd.calendar.series import NO_RULE, occurrence
from rsvpd.ical.rrule import read
from rsvpd.mail.address import Mailbox
from rsvpd.scheduling.component import dates_alone, shown_as, where_it_stands

BEGIN = Timed(datetime(2027, 1, 4, 10), "Europe/Berlin")  # noqa: DTZ001 - a wall time
END = Timed(datetime(2027, 1, 4, 11), "Europe/Berlin")  # noqa: DTZ001 - a wall time
EVENT = Event(start=BEGIN, end=END)
DAILY = Recurrence((read("FREQ=DAILY;COUNT=4", BEGIN),))
SECOND, THIRD = "20270105T100000", "20270106T100000"
NONE, ACCEPTED, DECLINED = Answer.NONE, Answer.ACCEPTED, Answer.DECLINED


def copy(answer: Answer, *dates: Answer, rule: Recurrence = DAILY, deleted: tuple[str, ...] = ()) -> Meeting:
    """Return a guest's copy of a series that was answered so, and these dates of it by themselves."""
    names = (SECOND, THIRD)
    return Meeting(
        uid="u",
        organizer=Mailbox("alice@example.com"),
        is_organizer=False,
        event=replace(EVENT, answer=answer),
        recurrence=rule,
        exceptions={name: replace(EVENT, answer=one) for name, one in zip(names, dates, strict=False)},
        deleted=deleted,
    )


@pytest.mark.parametrize(
    ("held", "stands"),
    [
        (copy(NONE), State.LIVE),
        (copy(ACCEPTED), State.LIVE),
        (copy(DECLINED), State.DECLINED),
        (copy(ACCEPTED, DECLINED, DECLINED), State.LIVE),
        (copy(DECLINED, DECLINED), State.DECLINED),
        (copy(DECLINED, DECLINED, ACCEPTED), State.LIVE),
        (copy(DECLINED, NONE), State.LIVE),
        (copy(DECLINED, ACCEPTED, deleted=(SECOND,)), State.DECLINED),
        (copy(NONE, DECLINED, DECLINED, rule=NO_RULE), State.DECLINED),
        (copy(DECLINED, DECLINED, NONE, rule=NO_RULE), State.LIVE),
        (copy(NONE, DECLINED, NONE, rule=NO_RULE, deleted=(THIRD,)), State.DECLINED),
    ],
)
def test_a_copy_has_left_the_calendar_once_all_of_it_is_declined(held: Meeting, stands: State) -> None:
    assert where_it_stands(held) is stands


@pytest.mark.parametrize(
    ("answer", "wanted", "shown"),
    [
        (Answer.NONE, ShowAs.BUSY, ShowAs.TENTATIVE),
        (Answer.TENTATIVE, ShowAs.OOF, ShowAs.TENTATIVE),
        (Answer.ACCEPTED, ShowAs.BUSY, ShowAs.BUSY),
        (Answer.ACCEPTED, ShowAs.OOF, ShowAs.OOF),
        (Answer.ACCEPTED, ShowAs.FREE, ShowAs.FREE),
        (Answer.DECLINED, ShowAs.BUSY, ShowAs.FREE),
    ],
)
def test_time_is_shown_by_status_and_answer(answer: Answer, wanted: ShowAs, shown: ShowAs) -> None:
    event = replace(EVENT, answer=answer, intended_show_as=wanted)
    assert shown_as(event) is shown
    assert shown_as(replace(event, status=Status.CANCELLED)) is ShowAs.FREE


def test_dates_alone_are_those_of_the_series_without_the_rest() -> None:
    series = copy(NONE, ACCEPTED)
    alone = dates_alone(series, {THIRD, SECOND, "20270101T100000"})
    assert alone.recurrence == NO_RULE
    assert sorted(alone.exceptions) == [SECOND, THIRD]
    assert dates_alone(series, {SECOND}).event.answer is ACCEPTED
    for name in (SECOND, THIRD):
        there, here = occurrence(series, name), occurrence(alone, name)
        assert there is not None
        assert here is not None
        assert (here.event, here.start, here.end) == (there.event, there.start, there.end)
