"""The parts of a guest's copy: where the copy stands, how the time of each is shown, what single dates look like."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from rsvpd.calendar.compose import compose, guest_show_as
from rsvpd.calendar.copy import CalledOff, Copy, Private
from rsvpd.calendar.event import Answer, Sensitivity, ShowAs, State, Status, Timed
from rsvpd.calendar.revision import Component, Revision
from rsvpd.calendar.rule import Recurrence
from rsvpd.calendar.series import NO_RULE, component, occurrence
from rsvpd.errors import NotAllowed
from rsvpd.ical.rrule import read
from rsvpd.mail.address import Mailbox
from rsvpd.scheduling.component import (
    MOST_DIFFERENT,
    change_every_part,
    component_at,
    where_it_stands,
    with_own_changes,
    with_private,
    without_date,
)

BEGIN = Timed(datetime(2027, 1, 4, 10), "Europe/Berlin")
END = Timed(datetime(2027, 1, 4, 11), "Europe/Berlin")
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
    assert guest_show_as(Status.CONFIRMED, answer, wanted) is shown
    assert guest_show_as(Status.CANCELLED, answer, wanted) is ShowAs.FREE


def test_what_the_owner_chose_is_shown_whatever_the_answer() -> None:
    held = replace(copy(ACCEPTED), own=Private(answer=ACCEPTED, show_as=ShowAs.OOF))
    assert compose(held).event.show_as is ShowAs.OOF


def test_single_dates_are_those_of_the_series_without_the_rest() -> None:
    series, alone = compose(copy(NONE, ACCEPTED)), compose(copy(NONE, ACCEPTED, alone=True))
    assert alone.recurrence == NO_RULE
    assert sorted(alone.exceptions) == [SECOND, THIRD]
    assert alone.event.answer is ACCEPTED
    assert alone.event.start == Timed(datetime(2027, 1, 5, 10), "Europe/Berlin")
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


# --- what is kept of parts ------------------------------------------------------------------


def test_what_is_kept_of_the_whole_and_of_a_date() -> None:
    mine = Private(categories=("Red",))
    assert with_private(copy(NONE), None, mine).own == mine
    dated = with_private(copy(NONE, ACCEPTED), THIRD, mine)
    assert (dated.own, dated.dates) == (copy(NONE).own, {SECOND: Private(answer=ACCEPTED), THIRD: mine})


def test_a_change_is_made_to_all_parts() -> None:
    changed = change_every_part(copy(NONE, ACCEPTED), lambda one: replace(one, categories=("Red",)))
    assert [one.categories for one in (changed.own, *changed.dates.values())] == [("Red",), ("Red",)]
    assert changed.dates[SECOND].answer is ACCEPTED


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({"subject": "Mine"}, {}, id="what is the organizer's"),
        pytest.param({"categories": ("Red",), "subject": "Mine"}, {"categories": ("Red",)}, id="what is private"),
        pytest.param({"show_as": ShowAs.OOF}, {"show_as": ShowAs.OOF}, id="how the time is shown"),
    ],
)
@pytest.mark.parametrize("rid", [None, SECOND], ids=["of the whole", "of one date"])
def test_what_an_edit_leaves_in_the_own_part(changes: dict[str, Any], kept: dict[str, Any], rid: str | None) -> None:
    before = copy(NONE)
    old = component(compose(before), rid)
    after = with_own_changes(before, rid, old, replace(old, **changes))
    if not kept:
        assert after is before
        return
    assert after.private(rid) == Private(**kept)
    assert (SECOND in after.dates) is (rid is not None)


@pytest.mark.parametrize("name", ["show_as", "sensitivity"])
def test_what_travels_of_the_organizers_own_part_is_not_kept_twice(name: str) -> None:
    own = Copy(revision=SERIES, is_organizer=True)
    old = compose(own).event
    new = replace(old, **{name: {"show_as": ShowAs.OOF, "sensitivity": Sensitivity.PRIVATE}[name]})
    assert with_own_changes(own, None, old, new) is own
    assert with_own_changes(own, None, old, replace(new, categories=("Red",))).own == Private(categories=("Red",))


def test_a_date_that_is_removed_takes_what_was_kept_of_it_along() -> None:
    left = without_date(copy(NONE, ACCEPTED, DECLINED, removed=("20270107T100000",)), SECOND)
    assert (left.removed, {*left.dates}) == ((SECOND, "20270107T100000"), {THIRD})
    assert occurrence(compose(left), SECOND) is None


SPECIAL = replace(SERIES.event, subject="Special")


@pytest.mark.parametrize(
    ("revision", "held", "subject", "day"),
    [
        pytest.param(SERIES, None, "Stand-up", 5, id="a regular date"),
        pytest.param(replace(SERIES, exceptions={SECOND: SPECIAL}), None, "Special", 4, id="a date that differs"),
        pytest.param(SERIES, Private(called_off=CalledOff(event=SPECIAL)), "Special", 4, id="one that was called off"),
        pytest.param(SERIES, Private(called_off=CalledOff()), "Stand-up", 5, id="called off with the whole"),
        pytest.param(replace(SERIES, recurrence=None), None, "Stand-up", 4, id="where there is no series"),
    ],
)
def test_what_was_told_last_of_a_date(revision: Revision, held: Private | None, subject: str, day: int) -> None:
    dates = {} if held is None else {SECOND: held}
    told = component_at(Copy(revision=revision, is_organizer=False, dates=dates), SECOND)
    assert (told.subject, told.start) == (subject, Timed(datetime(2027, 1, day, 10), "Europe/Berlin"))


def test_so_many_dates_may_differ_and_no_more() -> None:
    names = [f"x{number}" for number in range(MOST_DIFFERENT)]
    quarter = MOST_DIFFERENT // 4
    revision = replace(
        SERIES,
        exceptions=dict.fromkeys(names[:quarter], SPECIAL),
        excluded=tuple(names[quarter : 2 * quarter]),
    )
    full = Copy(
        revision=revision,
        is_organizer=False,
        dates=dict.fromkeys(names[2 * quarter : 3 * quarter], Private()),
        removed=tuple(names[3 * quarter :]),
    )
    for change in (with_private(full, name, Private()) for name in names[::quarter]):
        assert change  # what differs already may go on doing so
    with pytest.raises(NotAllowed):
        with_private(full, SECOND, Private())
    with pytest.raises(NotAllowed):
        without_date(full, SECOND)
    less = replace(full, removed=full.removed[1:])
    assert SECOND in with_private(less, SECOND, Private()).dates
