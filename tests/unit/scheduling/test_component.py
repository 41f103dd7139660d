"""The parts of a guest's copy: where the copy stands, how the time of each is shown, what single dates look like."""

from __future__ import annotations

from datetime import datetime

import pytest
from msgspec.structs import replace

from rsvpd.calendar.compose import compose, shown_as
from rsvpd.calendar.copy import CalledOff, Copy, Private
from rsvpd.calendar.event import Answer, ShowAs, State, Status, Timed
from rsvpd.calendar.revision import Component, Revision
from rsvpd.calendar.rule import Recurrence
from rsvpd.calendar.series import NO_RULE, occurrence
from rsvpd.ical.rrule import read
from rsvpd.mail.address import Mailbox
from rsvpd.scheduling.component import where_it_stands

BEGIN = Timed(datetime(2027, 1, 4, 10), "Europe/Berlin")  # noqa: DTZ001 - a wall time
END = Timed(datetime(2027, 1, 4, 11), "Europe/Berlin")  # noqa: DTZ001 - a wall time
DAILY = Recurrence((read("FREQ=DAILY;COUNT=4", BEGIN),))
SECOND, THIRD = "20270105T100000", "20270106T100000"
NONE, ACCEPTED, DECLINED = Answer.NONE, Answer.ACCEPTED, Answer.DECLINED
SERIES = Revision(
    uid="u",
    organizer=Mailbox("alice@example.com"),
    event=Component(start=BEGIN, end=END, subject="Stand-up"),
    recurrence=DAILY,
)


def copy(answer: Answer, *dates: Answer, alone: bool = False, removed: tuple[str, ...] = ()) -> Copy:
    """Return a guest's copy of a series that was answered so, and these dates of it by themselves."""
    names = (SECOND, THIRD)
    return Copy(
        revision=SERIES,
        is_organizer=False,
        own=Private(answer=answer),
        dates={name: Private(answer=one) for name, one in zip(names, dates, strict=False)},
        invited_to=names if alone else None,
        removed=removed,
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
        (copy(DECLINED, ACCEPTED, removed=(SECOND,)), State.DECLINED),
        (copy(NONE, DECLINED, DECLINED, alone=True), State.DECLINED),
        (copy(DECLINED, DECLINED, NONE, alone=True), State.LIVE),
        (copy(NONE, DECLINED, NONE, alone=True, removed=(THIRD,)), State.DECLINED),
    ],
)
def test_a_copy_has_left_the_calendar_once_all_of_it_is_declined(held: Copy, stands: State) -> None:
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
    assert shown_as(Status.CONFIRMED, answer, wanted) is shown
    assert shown_as(Status.CANCELLED, answer, wanted) is ShowAs.FREE


def test_what_the_owner_chose_is_shown_whatever_the_answer() -> None:
    held = replace(copy(ACCEPTED), own=Private(answer=ACCEPTED, show_as=ShowAs.OOF))
    assert compose(held).event.show_as is ShowAs.OOF


def test_single_dates_are_those_of_the_series_without_the_rest() -> None:
    series, alone = compose(copy(NONE, ACCEPTED)), compose(copy(NONE, ACCEPTED, alone=True))
    assert alone.recurrence == NO_RULE
    assert sorted(alone.exceptions) == [SECOND, THIRD]
    assert alone.event.answer is ACCEPTED
    assert alone.event.start == Timed(datetime(2027, 1, 5, 10), "Europe/Berlin")  # noqa: DTZ001 - a wall time
    for name in (SECOND, THIRD):
        there, here = occurrence(series, name), occurrence(alone, name)
        assert there is not None
        assert here is not None
        assert (here.event, here.start, here.end) == (there.event, there.start, there.end)


def test_a_date_that_was_called_off_stays_as_it_was_told_last() -> None:
    off = CalledOff(event=replace(SERIES.event, start=END, end=END, subject="Before"))
    later = replace(SERIES, excluded=(SECOND,), event=replace(SERIES.event, subject="After"))
    held = replace(copy(ACCEPTED), revision=later, dates={SECOND: Private(answer=ACCEPTED, called_off=off)})
    meeting = compose(held)
    assert meeting.deleted == ()
    event = meeting.exceptions[SECOND]
    assert (event.subject, event.status, event.show_as) == ("Canceled: Before", Status.CANCELLED, ShowAs.FREE)
    assert meeting.event.subject == "After"
