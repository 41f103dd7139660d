"""Working hours as instants: days, zones, clocks that change, custom zones, hours day by day."""

from __future__ import annotations

from datetime import datetime

import pytest
from msgspec import structs

from rsvpd.calendar.rule import Weekday
from rsvpd.calendar.working_hours import HOUR, Period, WorkingHours, of_periods, working_spans
from rsvpd.clock import Instant, parse_instant, to_datetime
from rsvpd.timezones.custom import CustomZone, Onset

USUAL = WorkingHours()
# Clocks go forward on the second Sunday of March and back on the first of November, at two.
EASTERN = CustomZone(
    name="Custom", bias=-300, daylight_bias=60,
    standard=Onset(month=11, weekday=6, nth=1, at=2 * HOUR), daylight=Onset(month=3, weekday=6, nth=2, at=2 * HOUR),
)  # fmt: skip
# South of the equator, from the last Sunday of October to the first of April.
SOUTH = CustomZone(
    name="South", bias=600, daylight_bias=60,
    standard=Onset(month=4, weekday=6, nth=1, at=3 * HOUR), daylight=Onset(month=10, weekday=6, nth=5, at=2 * HOUR),
)  # fmt: skip


def shown(hours: WorkingHours, start: str, end: str, zone: str = "UTC") -> list[str]:
    spans = working_spans(hours, zone, parse_instant(start), parse_instant(end))
    return [f"{to_datetime(first):%m-%d %H:%M} {to_datetime(last):%H:%M}" for first, last in spans]


@pytest.mark.parametrize(
    ("hours", "zone", "start", "end", "spans"),
    [
        (USUAL, "UTC", "2026-11-27", "2026-12-01", ["11-27 08:00 17:00", "11-30 08:00 17:00"]),
        (USUAL, "UTC", "2026-11-27T16:00", "2026-11-30T08:30", ["11-27 16:00 17:00", "11-30 08:00 08:30"]),
        (USUAL, "UTC", "2026-11-28", "2026-11-30", []),
        (USUAL, "Asia/Tokyo", "2026-11-30", "2026-12-01", ["11-30 00:00 08:00", "11-30 23:00 00:00"]),
        (USUAL, "Europe/Berlin", "2026-03-27", "2026-03-31", ["03-27 07:00 16:00", "03-30 06:00 15:00"]),
        (WorkingHours(zone="Tokyo Standard Time"), "UTC", "2026-11-30", "2026-11-30T12", ["11-30 00:00 08:00"]),
        (structs.replace(USUAL, zone=EASTERN), "UTC", "2026-01-05", "2026-01-06", ["01-05 13:00 22:00"]),
        (structs.replace(USUAL, zone=EASTERN), "UTC", "2026-07-06", "2026-07-07", ["07-06 12:00 21:00"]),
        (structs.replace(USUAL, zone=SOUTH), "UTC", "2026-01-04T12", "2026-01-05T12", ["01-04 21:00 06:00"]),
        (structs.replace(USUAL, zone=SOUTH), "UTC", "2026-07-05T12", "2026-07-06T12", ["07-05 22:00 07:00"]),
        (USUAL.with_weekends(), "UTC", "2026-11-28", "2026-11-29", ["11-28 08:00 17:00"]),
        (WorkingHours(days=()), "UTC", "2026-11-23", "2026-11-30", []),
    ],
)  # fmt: skip
def test_which_times_are_worked(hours: WorkingHours, zone: str, start: str, end: str, spans: list[str]) -> None:
    assert shown(hours, start, end, zone) == spans


def test_hours_day_by_day() -> None:
    monday, noon = Weekday.MO, 12 * HOUR
    periods = Period(monday, 13 * HOUR, 17 * HOUR), Period(monday, 9 * HOUR, noon)
    hours = of_periods((Period(Weekday.TU, 8 * HOUR, noon), *periods), USUAL)
    assert (hours.days, hours.start, hours.end) == ((Weekday.MO, Weekday.TU), 8 * HOUR, 17 * HOUR)
    assert shown(hours, "2026-11-30", "2026-12-05") == ["11-30 09:00 12:00", "11-30 13:00 17:00", "12-01 08:00 12:00"]
    assert shown(hours.with_weekends(), "2026-12-01", "2026-12-06") == ["12-01 08:00 12:00", "12-05 08:00 17:00"]


def test_hours_that_are_the_same_each_day_are_days_and_hours() -> None:
    same = tuple(Period(day, 9 * HOUR, 18 * HOUR) for day in (Weekday.TU, Weekday.MO))
    assert of_periods(same, USUAL) == WorkingHours(days=(Weekday.MO, Weekday.TU), start=9 * HOUR, end=18 * HOUR)
    assert of_periods((), USUAL) == WorkingHours(days=())


def test_hours_that_touch_are_one() -> None:
    noon = Period(Weekday.MO, 12 * HOUR, 24 * HOUR)
    hours = WorkingHours(periods=(Period(Weekday.MO, 9 * HOUR, 12 * HOUR), noon, Period(Weekday.TU, 0, 8 * HOUR)))
    assert shown(hours, "2026-11-30", "2026-12-02") == ["11-30 09:00 08:00"]


@pytest.mark.parametrize(
    ("onset", "year", "when"),
    [
        (Onset(month=3, weekday=6, nth=2), 2026, "2026-03-08"),
        (Onset(month=10, weekday=6, nth=5), 2026, "2026-10-25"),
        (Onset(month=2, weekday=6, nth=5), 2026, "2026-02-22"),
        (Onset(month=3, weekday=6, nth=1, year=2025), 2026, None),
        (Onset(month=3, weekday=6, nth=1, year=2026, at=HOUR), 2026, "2026-03-01T01:00"),
    ],
)
def test_when_a_kind_of_time_begins(onset: Onset, year: int, when: str | None) -> None:
    assert onset.in_year(year) == (None if when is None else datetime.fromisoformat(when))


def test_a_zone_without_onsets_has_one_time() -> None:
    def instant(zone: CustomZone) -> Instant:
        return zone.to_instant(datetime.fromisoformat("2026-07-01T12:00"))

    noon = parse_instant("2026-07-01T12:00Z")
    assert instant(CustomZone(name="x", bias=60, daylight_bias=60)) == noon - 3600 * 1_000_000
    of_2025 = structs.replace(EASTERN, daylight=Onset(month=3, weekday=6, nth=2, year=2025))
    assert instant(of_2025) == noon + 5 * 3600 * 1_000_000
