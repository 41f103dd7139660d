"""Recurrence rules as values, in the terms of RFC 5545 3.3.10.

What a rule means lives in `recurrence.py`; how a dialect writes one, in the dialect.
"""

from __future__ import annotations

import enum
from datetime import datetime

from msgspec import Struct


class Freq(enum.Enum):
    """The step of a rule."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"
    HOURLY = "HOURLY"


class Weekday(enum.IntEnum):
    """Days of the week, numbered as `date.weekday()` does."""

    MO = 0
    TU = 1
    WE = 2
    TH = 3
    FR = 4
    SA = 5
    SU = 6


class WeekdayNth(Struct, frozen=True):
    """A weekday, or its nth within the month or year (-1 is the last; 0 is every)."""

    day: Weekday
    nth: int = 0


class Rule(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One RRULE. `until` is inclusive: wall time in the zone of the series (midnight for all-day).

    A rule has `count` or `until` or neither, never both. `clamp` says what Outlook's
    patterns say of day 29 to 31 in a shorter month: its last day, where RFC 5545 skips it.
    """

    freq: Freq
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    by_day: tuple[WeekdayNth, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_year_day: tuple[int, ...] = ()
    by_week_no: tuple[int, ...] = ()
    by_month: tuple[int, ...] = ()
    by_hour: tuple[int, ...] = ()
    by_minute: tuple[int, ...] = ()
    by_set_pos: tuple[int, ...] = ()
    week_start: Weekday = Weekday.MO
    clamp: bool = False


class Recurrence(Struct, frozen=True, omit_defaults=True):
    """What makes a meeting recur: rules, and dates beside them (wall time in the zone of the series,
    midnight for all-day)."""

    rules: tuple[Rule, ...] = ()
    dates: tuple[datetime, ...] = ()
