"""Working hours as a primary calendar has them: those of each day, in minutes after midnight."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from rsvpd.calendar.rule import Weekday
from rsvpd.calendar.working_hours import Period, WorkingHours
from rsvpd.dialects.google.vocabulary.context import Context

MOST_PERIODS = 7 * 24
_MINUTE, _DAY = 60, 24 * 60
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def write_hours(hours: WorkingHours | None, _: Context) -> dict[str, Any] | None:
    """Write the hours of each day, by their clock, whatever zone that is in."""
    if hours is None:
        return None
    times = [
        {"dayOfWeek": _DAYS[one.day], "periodStart": one.start // _MINUTE, "periodEnd": one.end // _MINUTE}
        for one in hours.by_day
    ]
    return {"availableTimes": times, "workingHoursEnabled": bool(times)}


def read_periods(value: Any, _: Context) -> tuple[Period, ...] | None:
    """Return the hours of each day, none where they are disabled; None where nothing is to change (null, {})."""
    if value is None or value == {}:
        return None
    if not isinstance(value, dict):
        raise ValueError("must be an object")
    times, is_enabled = value.get("availableTimes") or [], value.get("workingHoursEnabled", True)
    if not isinstance(times, list) or len(times) > MOST_PERIODS or not isinstance(is_enabled, bool):
        raise ValueError("needs availableTimes, a list, and workingHoursEnabled, true or false")
    if not is_enabled:
        return ()
    if not times:
        raise ValueError("cannot be enabled without availableTimes")
    periods = tuple(sorted(_periods(times), key=lambda one: (one.day, one.start)))
    if any(one.day == other.day and other.start < one.end for one, other in pairwise(periods)):
        raise ValueError("has times of one day that overlap")
    return periods


def _periods(times: list[Any]) -> Iterator[Period]:
    for one in times:
        known = one if isinstance(one, dict) else {}
        day, start, end = known.get("dayOfWeek"), known.get("periodStart"), known.get("periodEnd")
        if day not in _DAYS or type(start) is not int or type(end) is not int:
            raise ValueError("needs dayOfWeek, and periodStart and periodEnd in minutes, in each of availableTimes")
        if not 0 <= start < end <= _DAY:
            raise ValueError("has a period that is not within a day")
        yield Period(Weekday(_DAYS.index(day)), start * _MINUTE, end * _MINUTE)
