"""How many occurrences stand in a window, counted without walking through it, and which excluded ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from rsvpd.calendar.event import AllDay, Event, Meeting, Timed
from rsvpd.calendar.expansion import Expansion, OccurrenceSpan
from rsvpd.calendar.rule import Recurrence
from rsvpd.clock import parse_instant
from rsvpd.ical.rrule import read
from rsvpd.mail.address import Mailbox

wall = datetime.fromisoformat


def instant(text: str) -> int:
    return parse_instant(f"{text}Z")


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
    return Expansion(meeting, instant(start), instant(end))


DAILY = series("2026-03-02T09:00", "FREQ=DAILY")
HOURLY = series("2026-03-02T00:00", "FREQ=HOURLY")
DAYS = replace(DAILY, event=Event(start=AllDay(date(2026, 3, 2)), end=AllDay(date(2026, 3, 3))))
MOVED = Event(start=Timed(datetime(2027, 1, 1, 9)), end=Timed(datetime(2027, 1, 1, 10)))


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
    found = [one.wall.day for one in looked(odd, "2026-03-02T00:00", "2026-03-09T00:00").excluded_occurrences()]
    assert found == [5]


# --- in which order, and from where on ------------------------------------------------------


def starts_of(found: Iterable[OccurrenceSpan]) -> str:
    """Return the wall times at which what was found stands originally, short: `14@09 15@09`."""
    return " ".join(f"{one.wall:%d@%H}" for one in found)


@pytest.mark.parametrize(
    ("narrow", "shown"),
    [
        pytest.param(lambda one: None, "04@09 05@09 06@09 07@09 08@09", id="all"),
        pytest.param(lambda one: one.since(instant("2026-03-05T08:00")), "05@09 06@09 07@09 08@09", id="since a start"),
        pytest.param(lambda one: one.since(instant("2026-03-05T08:01")), "06@09 07@09 08@09", id="after a start"),
        pytest.param(lambda one: one.until(instant("2026-03-07T08:00")), "04@09 05@09 06@09 07@09", id="until a start"),
        pytest.param(lambda one: one.until(instant("2026-03-07T07:59")), "04@09 05@09 06@09", id="until before it"),
        pytest.param(lambda one: one.since_original(wall("2026-03-07T09:00")), "07@09 08@09", id="since an original"),
        pytest.param(lambda one: one.since_original(wall("2026-03-07T09:01")), "08@09", id="after an original"),
        pytest.param(lambda one: one.until_original(wall("2026-03-05T09:00")), "04@09 05@09", id="until an original"),
        pytest.param(lambda one: one.until_original(wall("2026-03-05T08:59")), "04@09", id="until before an original"),
    ],
)
@pytest.mark.parametrize("way", ["by_start", "by_start_backwards", "by_original", "by_original_backwards"])
def test_what_is_left_out_of_a_window(narrow: Callable[[Expansion], None], shown: str, way: str) -> None:
    expansion = looked(DAILY, "2026-03-04T00:00", "2026-03-09T00:00")
    narrow(expansion)
    found = starts_of(getattr(expansion, way)())
    assert found == (" ".join(reversed(shown.split())) if way.endswith("backwards") else shown)


def test_what_still_lasts_is_not_left_out_by_its_end() -> None:
    """Nothing that ends later is left out, and of a long series little of what ends before is looked at."""
    spent: list[int] = []
    expansion = Expansion(DAILY, instant("2026-03-01T00:00"), instant("2036-03-01T00:00"), spend=spent.append)
    expansion.skip_before(instant("2035-03-01T08:30"))
    found = [one.wall for one in expansion.by_start()]
    assert wall("2035-03-01T09:00") in found
    assert found[0] >= wall("2035-02-26T00:00")


def of_dates(start: Timed, *others: str) -> Meeting:
    """Return a series of half hours that stands at its start and at other times."""
    end = replace(start, wall=start.wall + timedelta(minutes=30))
    dates = (start.wall, *map(wall, others))
    return replace(DAILY, event=Event(start=start, end=end), recurrence=Recurrence((), dates))


BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("meeting", "shown"),
    [
        # RFC 5545 3.3.5: where 02:45 does not exist it is 03:45.
        pytest.param(
            of_dates(
                Timed(wall("2026-03-28T02:45"), BERLIN), "2026-03-29T02:45", "2026-03-29T03:10", "2026-03-29T03:50"
            ),
            "28@02:45 29@03:10 29@02:45 29@03:50",
            id="in an hour that is skipped",
        ),
        pytest.param(
            of_dates(
                Timed(wall("2026-03-28T02:45"), BERLIN), "2026-03-29T02:30", "2026-03-29T02:45", "2026-03-29T03:35"
            ),
            "28@02:45 29@02:30 29@03:35 29@02:45",
            id="two in it",
        ),
        pytest.param(
            of_dates(Timed(wall("2026-03-28T02:45"), BERLIN), "2026-03-29T01:45", "2026-03-29T02:45"),
            "28@02:45 29@01:45 29@02:45",
            id="nothing after it",
        ),
        pytest.param(
            of_dates(
                Timed(wall("2026-10-25T02:30"), BERLIN, 1), "2026-10-25T02:45", "2026-10-25T03:00", "2026-10-26T02:30"
            ),
            "25@02:45 25@02:30 25@03:00 26@02:30",
            id="from the second of an hour that comes twice",
        ),
    ],
)
def test_the_order_of_true_starts(meeting: Meeting, shown: str) -> None:
    window = (meeting, "2026-03-01T00:00", "2026-11-30T00:00")
    found = list(looked(*window).by_start())
    assert [one.at for one in found] == sorted(one.at for one in found)
    assert " ".join(f"{one.wall:%d@%H:%M}" for one in found) == shown
    assert list(looked(*window).by_start_backwards()) == found[::-1]


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/Los_Angeles"])
def test_days_are_listed_by_their_date_and_stand_where_they_are_looked_at(zone: str) -> None:
    window = (instant("2026-03-10T00:00"), instant("2026-03-12T00:00"))
    found = list(Expansion(DAYS, *window, zone=zone).by_start())
    assert [one.at for one in found] == [instant(f"{one.wall:%Y-%m-%d}T00:00") for one in found]
    assert [one.wall.day for one in found] == ([10, 11, 12] if zone.startswith("Asia") else [9, 10, 11])
    assert list(Expansion(DAYS, *window, zone=zone).by_start_backwards()) == found[::-1]
    assert Expansion(DAYS, *window, zone=zone).count() == 3


def test_what_has_no_length_counts_at_its_start() -> None:
    moment = replace(DAILY, recurrence=None, event=replace(DAILY.event, end=DAILY.event.start))
    for start, end, number in (("08:00", "09:00", 1), ("07:00", "08:00", 0), ("08:01", "09:00", 0)):
        assert looked(moment, f"2026-03-02T{start}", f"2026-03-02T{end}").count() == number


@pytest.mark.parametrize("days", [10, -10])
def test_a_series_that_its_owner_has_put_elsewhere_is_found_where_it_stands(days: int) -> None:
    begin = replace(DAILY.event.start, wall=wall("2026-03-02T09:00") - timedelta(days=days))
    moved = replace(DAILY, pattern_start=begin)
    window = (moved, "2026-04-14T00:00", "2026-04-19T00:00")
    found = list(looked(*window).by_start())
    assert [one.start for one in found] == [instant(f"2026-04-{day}T07:00") for day in range(14, 19)]
    assert [one.wall for one in found] == [wall(f"2026-04-{day}T09:00") - timedelta(days=days) for day in range(14, 19)]
    assert list(looked(*window).by_start_backwards()) == found[::-1]
    assert list(looked(*window).by_original_backwards()) == found[::-1]
    assert looked(*window).count() == 5
