"""Taken times, and the digits that tell of them."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsvpd.calendar.event import AllDay, Answer, Event, Meeting, ShowAs, Status, Timed
from rsvpd.calendar.freebusy import Busy, availability_view, busy, merged
from rsvpd.clock import parse_instant
from rsvpd.mail.address import Mailbox

HOUR = 3_600_000_000
NOTHING = Event(start=AllDay(date.min), end=AllDay(date.min))


def copy(**more: Any) -> Meeting:
    times = {"start": Timed(datetime(2026, 12, 1, 10)), "end": Timed(datetime(2026, 12, 1, 11))}  # noqa: DTZ001 - a wall time
    event = Event(**(times | more))
    return Meeting(uid="u", organizer=Mailbox("a@example.com"), is_organizer=False, event=event)


def taken(meeting: Meeting, *, zone: str = "UTC") -> list[Busy]:
    start, end = parse_instant("2026-12-01T00:00:00"), parse_instant("2026-12-02T00:00:00")
    return list(busy(meeting, start, end, zone=zone))


def at(start: int, end: int, status: ShowAs = ShowAs.BUSY) -> Busy:
    return Busy(start, end, status, NOTHING)


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
        {"end": Timed(datetime(2026, 12, 1, 10))},  # noqa: DTZ001 - a wall time
        {"start": Timed(datetime(2026, 12, 3, 10)), "end": Timed(datetime(2026, 12, 3, 11))},  # noqa: DTZ001 - a wall time
    ],
)
def test_what_takes_no_time(more: dict[str, Any]) -> None:
    assert taken(copy(**more)) == []


def test_a_day_stands_where_its_owner_is() -> None:
    day = copy(start=AllDay(date(2026, 12, 1)), end=AllDay(date(2026, 12, 2)))
    (one,) = taken(day, zone="Asia/Kolkata")
    assert one.start == parse_instant("2026-11-30T18:30:00")


def test_touching_times_are_one_and_cut_to_the_window() -> None:
    assert merged([at(5, 9), at(-3, 2), at(2, 3), at(6, 7), at(20, 30)], 0, 25) == [(0, 3), (5, 9), (20, 25)]


@pytest.mark.parametrize(
    ("times", "view"),
    [
        ([], "0000"),
        ([at(0, HOUR)], "2000"),
        ([at(HOUR - 1, HOUR + 1)], "2200"),
        ([at(-HOUR, 9 * HOUR, ShowAs.TENTATIVE)], "1111"),
        ([at(0, 2 * HOUR, ShowAs.TENTATIVE), at(HOUR, 3 * HOUR)], "1220"),
        ([at(0, HOUR, ShowAs.OOF), at(0, 2 * HOUR), at(0, 3 * HOUR, ShowAs.ELSEWHERE)], "3240"),
    ],
)
def test_digits(times: list[Busy], view: str) -> None:
    assert availability_view(times, 0, 4 * HOUR, HOUR) == view


def test_the_last_digit_may_stand_for_less() -> None:
    assert availability_view([at(70, 71)], 0, 75, 30) == "002"


SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=10)


@given(SPANS, st.integers(0, 40), st.integers(1, 40))
def test_merged_is_the_union(spans: list[tuple[int, int]], start: int, length: int) -> None:
    times, end = [at(first, first + long) for first, long in spans], start + length
    found = merged(times, start, end)
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
