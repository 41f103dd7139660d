"""Taken times, and the digits that tell of them."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import CalledOff, Copy, Private
from rsvpd.calendar.event import AllDay, Answer, Event, Meeting, Sensitivity, ShowAs, Status, Timed
from rsvpd.calendar.freebusy import Busy, availability_view, busy, merge, status_of
from rsvpd.clock import parse_instant
from rsvpd.mail.address import Mailbox
from support.meetings import HOUR, SECOND, THIRD, bobs, on, series

NOTHING = Event(start=AllDay(date.min), end=AllDay(date.min))


def copy(**more: Any) -> Meeting:
    times = {"start": Timed(datetime(2026, 12, 1, 10)), "end": Timed(datetime(2026, 12, 1, 11))}
    event = Event(**(times | more))
    return Meeting(uid="u", organizer=Mailbox("a@example.com"), is_organizer=False, event=event)


def taken(meeting: Meeting, *, zone: str = "UTC") -> list[Busy]:
    start, end = parse_instant("2026-12-01T00:00:00"), parse_instant("2026-12-02T00:00:00")
    return list(busy(meeting, start, end, zone=zone))


def at(start: int, end: int, status: ShowAs = ShowAs.BUSY) -> Busy:
    return Busy(start, end, status, NOTHING, is_private=False)


@pytest.mark.parametrize("status", [one for one in ShowAs if one not in (ShowAs.FREE, ShowAs.UNKNOWN)])
def test_what_is_shown_is_told(status: ShowAs) -> None:
    assert [one.status for one in taken(copy(show_as=status))] == [status]


def test_what_is_unknown_is_busy() -> None:
    assert [one.status for one in taken(copy(show_as=ShowAs.UNKNOWN))] == [ShowAs.BUSY]


@pytest.mark.parametrize(
    "more",
    [
        {"show_as": ShowAs.FREE},
        {"answer": Answer.DECLINED},
        {"status": Status.CANCELLED},
        {"end": Timed(datetime(2026, 12, 1, 10))},
        {"start": Timed(datetime(2026, 12, 3, 10)), "end": Timed(datetime(2026, 12, 3, 11))},
    ],
)
def test_what_takes_no_time(more: dict[str, Any]) -> None:
    assert taken(copy(**more)) == []


YES, NO, PERHAPS = (Private(answer=one) for one in (Answer.ACCEPTED, Answer.DECLINED, Answer.TENTATIVE))
MONDAY = parse_instant("2027-01-04T00:00:00")


@pytest.mark.parametrize(
    ("held", "taken_times"),
    [
        pytest.param(bobs(series(), YES), "4@9 busy, 5@9 busy, 6@9 busy, 7@9 busy", id="accepted"),
        pytest.param(bobs(series()), "4@9 tentative, 5@9 tentative, 6@9 tentative, 7@9 tentative", id="not answered"),
        pytest.param(bobs(series(), NO), "", id="declined"),
        pytest.param(
            bobs(series(), NO, dates={SECOND: YES}),
            "5@9 busy",
            id="one date of a declined series accepted",
        ),
        pytest.param(
            bobs(series(), YES, dates={SECOND: NO}),
            "4@9 busy, 6@9 busy, 7@9 busy",
            id="one date declined",
        ),
        pytest.param(
            bobs(series(exceptions={SECOND: on(7, 5), THIRD: on(5, 5)}), YES),
            "4@9 busy, 5@4 busy, 7@4 busy, 7@9 busy",
            id="dates that moved, in order",
        ),
        pytest.param(
            bobs(
                series(exceptions={SECOND: on(7, 5), THIRD: on(5, 5)}),
                replace(YES, show_as=ShowAs.FREE),
                dates={SECOND: PERHAPS, THIRD: YES},
            ),
            "5@4 busy, 7@4 tentative",
            id="a free series takes time where it was changed, in order",
        ),
        pytest.param(
            bobs(series(), YES, dates={SECOND: replace(YES, called_off=CalledOff())}),
            "4@9 busy, 6@9 busy, 7@9 busy",
            id="one date called off",
        ),
        pytest.param(
            bobs(series(excluded=(SECOND,)), YES, removed=(THIRD,)),
            "4@9 busy, 7@9 busy",
            id="dates that do not take place",
        ),
        pytest.param(bobs(series(), YES, invited_to=(SECOND,)), "5@9 busy", id="to a single date alone"),
        pytest.param(
            bobs(series(), replace(YES, sensitivity=Sensitivity.PRIVATE), dates={SECOND: YES}),
            "4@9 busy private, 5@9 busy private, 6@9 busy private, 7@9 busy private",
            id="private: a date at least as its series",
        ),
        pytest.param(
            bobs(series(), YES, dates={SECOND: replace(YES, sensitivity=Sensitivity.PRIVATE)}),
            "4@9 busy, 5@9 busy private, 6@9 busy, 7@9 busy",
            id="private: one date",
        ),
    ],
)
def test_the_times_a_series_takes(held: Copy, taken_times: str) -> None:
    found = busy(compose(held), MONDAY, parse_instant("2027-02-01T00:00:00"))
    days = [
        f"{(one.start - MONDAY) // (24 * HOUR) + 4}@{(one.start - MONDAY) // HOUR % 24} {one.status.value}"
        + (" private" if one.is_private else "")
        for one in found
    ]
    assert ", ".join(days) == taken_times


@pytest.mark.parametrize(
    ("answer", "shown", "told"),
    [
        (Answer.ACCEPTED, ShowAs.ELSEWHERE, ShowAs.ELSEWHERE),
        (Answer.ACCEPTED, ShowAs.UNKNOWN, ShowAs.BUSY),
        (Answer.DECLINED, ShowAs.BUSY, ShowAs.FREE),
        (Answer.NONE, ShowAs.OOF, ShowAs.OOF),
    ],
)
def test_how_the_time_of_an_event_is_told(answer: Answer, shown: ShowAs, told: ShowAs) -> None:
    event = copy(answer=answer, show_as=shown).event
    assert status_of(event) is told
    assert status_of(copy(status=Status.CANCELLED, show_as=shown).event) is ShowAs.FREE


def test_a_day_stands_where_its_owner_is() -> None:
    day = copy(start=AllDay(date(2026, 12, 1)), end=AllDay(date(2026, 12, 2)))
    (one,) = taken(day, zone="Asia/Kolkata")
    assert one.start == parse_instant("2026-11-30T18:30:00")


def test_touching_times_are_one_and_cut_to_the_window() -> None:
    within, outside = (
        [at(5, 9), at(-3, 2), at(2, 3), at(6, 7), at(20, 30)],
        [at(-9, -5), at(-5, 0), at(25, 26), at(30, 40)],
    )
    assert merge(within + outside, 0, 25) == [(0, 3), (5, 9), (20, 25)]
    assert merge(outside, 0, 25) == []


@pytest.mark.parametrize(
    ("times", "view"),
    [
        ([], "0000"),
        ([at(0, HOUR)], "2000"),
        ([at(HOUR - 1, HOUR + 1)], "2200"),
        ([at(-HOUR, 9 * HOUR, ShowAs.TENTATIVE)], "1111"),
        ([at(-9 * HOUR, -HOUR), at(-HOUR, 0), at(4 * HOUR, 5 * HOUR), at(5 * HOUR, 9 * HOUR)], "0000"),
        ([at(0, 2 * HOUR, ShowAs.TENTATIVE), at(HOUR, 3 * HOUR)], "1220"),
        ([at(0, HOUR, ShowAs.OOF), at(0, 2 * HOUR), at(0, 3 * HOUR, ShowAs.ELSEWHERE)], "3240"),
    ],
)
def test_digits(times: list[Busy], view: str) -> None:
    assert availability_view(times, 0, 4 * HOUR, HOUR) == view


def test_the_last_digit_may_stand_for_less() -> None:
    assert availability_view([at(70, 71)], 0, 75, 30) == "002"
    assert availability_view([at(75, 80)], 0, 75, 30) == "000"


def test_what_is_looked_at_is_spent() -> None:
    spent: list[int] = []
    assert list(busy(compose(bobs(series(), YES)), MONDAY, MONDAY + 24 * HOUR, spend=spent.append))
    assert sum(spent) > 0


SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=10)


@given(SPANS, st.integers(0, 40), st.integers(1, 40))
def test_merged_is_the_union(spans: list[tuple[int, int]], start: int, length: int) -> None:
    times, end = [at(first, first + long) for first, long in spans], start + length
    found = merge(times, start, end)
    assert {n for a, b in found for n in range(a, b)} == {
        n for one in times for n in range(max(one.start, start), min(one.end, end))
    }
    assert all(a[1] < b[0] for a, b in pairwise(found))


@given(SPANS, st.integers(1, 40), st.integers(1, 9))
def test_a_digit_tells_whether_anything_is_taken(spans: list[tuple[int, int]], length: int, step: int) -> None:
    times = [at(first, first + long) for first, long in spans]
    view = availability_view(times, 0, length, step)
    assert len(view) == -(-length // step)
    for place, digit in enumerate(view):
        first, last = place * step, min(place * step + step, length)
        assert (digit == "2") is any(one.start < last and one.end > first for one in times)
