"""How many occurrences stand in a window, counted without walking through it, and which excluded ones."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from rsvpd.calendar.event import AllDay, Event, Meeting, Timed
from rsvpd.calendar.expansion import Expansion
from rsvpd.calendar.rule import Recurrence
from rsvpd.clock import parse_instant
from rsvpd.ical.rrule import read
from rsvpd.mail.address import Mailbox


def series(start: str, rule: str, *, zone: str = "Europe/Berlin", **more: Any) -> Meeting:
    """Return a series of half hours."""
    begin = Timed(datetime.fromisoformat(start), zone)
    end = Timed(begin.wall + timedelta(minutes=30), zone)
    return Meeting(
        uid="u",
        organizer=Mailbox("alice@example.com"),
        is_organizer=True,
        event=Event(start=begin, end=end),
        recurrence=Recurrence((read(rule, begin),)),
        **more,
    )


def looked(meeting: Meeting, start: str, end: str) -> Expansion:
    return Expansion(meeting, parse_instant(f"{start}Z"), parse_instant(f"{end}Z"))


DAILY = series("2026-03-02T09:00", "FREQ=DAILY")
HOURLY = series("2026-03-02T00:00", "FREQ=HOURLY")
DAYS = replace(DAILY, event=Event(start=AllDay(date(2026, 3, 2)), end=AllDay(date(2026, 3, 3))))
MOVED = Event(start=Timed(datetime(2027, 1, 1, 9)), end=Timed(datetime(2027, 1, 1, 10)))  # noqa: DTZ001 - wall times


@pytest.mark.parametrize(
    ("meeting", "start", "end", "number"),
    [
        pytest.param(DAILY, "2026-02-01T00:00", "2026-03-12T00:00", 10, id="from before it begins"),
        pytest.param(DAILY, "2026-03-10T00:00", "2026-03-20T00:00", 10, id="within it"),
        pytest.param(DAILY, "2026-03-10T08:00", "2026-03-20T08:00", 10, id="from one to before another"),
        pytest.param(DAILY, "2026-03-10T08:29", "2026-03-20T08:01", 11, id="from one that lasts to one that begins"),
        pytest.param(DAILY, "2026-03-10T08:30", "2026-03-10T09:00", 0, id="between two"),
        pytest.param(DAILY, "2026-03-10T06:00", "2026-03-10T20:00", 1, id="of a few hours"),
        pytest.param(replace(DAILY, recurrence=None), "2026-02-01T00:00", "2027-03-12T00:00", 1, id="one alone"),
        pytest.param(DAYS, "2026-03-10T00:00", "2026-03-20T00:00", 10, id="days"),
        pytest.param(HOURLY, "2026-03-10T23:00", "2026-03-20T23:00", 240, id="hours"),
        # RFC 5545 3.3.10: an hour that clocks skip is no start of its own where the next one is a start, too.
        pytest.param(HOURLY, "2026-03-20T23:00", "2026-04-04T22:00", 15 * 24 - 1, id="over the missing hour"),
        pytest.param(
            series("2026-03-02T00:30", "FREQ=DAILY;BYHOUR=2,4"), "2026-03-20T23:00", "2026-04-04T22:00", 30,
            id="into the missing hour alone",
        ),
        pytest.param(HOURLY, "2026-10-20T22:00", "2026-10-30T23:00", 240, id="of the hour that comes twice the first"),
        pytest.param(
            series(
                "2026-03-02T09:00", "FREQ=DAILY", deleted=("20260314T090000", "20260315T090001"),
                exceptions={"20260315T090000": MOVED, "20260401T090000": MOVED},
            ),
            "2026-03-10T00:00", "2026-03-20T00:00", 8, id="without what is changed or deleted there",
        ),
    ],
)  # fmt: skip
def test_how_many_stand_in_a_window(meeting: Meeting, start: str, end: str, number: int) -> None:
    assert looked(meeting, start, end).count() == number
    assert len(list(looked(meeting, start, end).by_start())) == number


def test_what_is_no_date_of_the_series_is_not_excluded_from_it() -> None:
    """A date or a moment in UTC names no occurrence of a timed series (RFC 5545 3.8.5.1: EXDATE has its value type)."""
    odd = series("2026-03-02T09:00", "FREQ=DAILY", deleted=("20260304", "20260305T090000", "20260306T090000Z"))
    found = [one.wall.day for one in looked(odd, "2026-03-02T00:00", "2026-03-09T00:00").excluded()]
    assert found == [5]
