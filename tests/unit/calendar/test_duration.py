"""Where something ends once it starts elsewhere: it lasts exactly as long as it did."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from rsvpd.calendar.duration import end_after_move
from rsvpd.calendar.event import AllDay, Timed, When
from rsvpd.errors import InvalidRange


def at(text: str, zone: str = "Europe/Berlin", fold: int = 0) -> Timed:
    return Timed(datetime.fromisoformat(text), zone, fold)


def day(text: str) -> AllDay:
    return AllDay(date.fromisoformat(text))


@pytest.mark.parametrize(
    ("start", "end", "to", "last"),
    [
        pytest.param(
            at("2027-03-01T10:00"), at("2027-03-01T11:30"), at("2027-03-02T09:00"), at("2027-03-02T10:30"), id="a time"
        ),
        pytest.param(day("2027-03-26"), day("2027-03-28"), day("2027-03-27"), day("2027-03-29"), id="two days"),
        pytest.param(
            at("2027-03-01T22:00"), at("2027-03-02T06:00"), at("2027-03-27T22:00"), at("2027-03-28T07:00"),
            id="into the night without an hour",
        ),
        pytest.param(
            at("2027-03-27T22:00"), at("2027-03-28T06:00"), at("2027-03-01T22:00"), at("2027-03-02T05:00"),
            id="out of it",
        ),
        pytest.param(
            at("2027-03-01T10:00"), at("2027-03-01T12:00"), at("2027-10-31T01:30"), at("2027-10-31T02:30", fold=1),
            id="to the second of an hour that comes twice",
        ),
        pytest.param(
            at("2027-03-01T10:00"), at("2027-03-01T10:00", "Europe/London"),
            at("2027-03-01T15:00", "Asia/Kolkata"), at("2027-03-01T10:30", "Europe/London"),
            id="a zone of its own that the end keeps",
        ),
    ],
)  # fmt: skip
def test_where_it_ends(start: When, end: When, to: When, last: When) -> None:
    assert end_after_move(start, end, to) == last


def test_nothing_ends_beyond_the_years_of_the_calendar() -> None:
    with pytest.raises(InvalidRange):
        end_after_move(at("2027-03-01T10:00"), at("2027-03-02T10:00"), at("9999-12-31T20:00"))
