"""Times on the wire: RFC 3339 with an offset, dates, and the zone beside them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from rsvpd.calendar.event import AllDay, Timed, When
from rsvpd.clock import Instant, from_datetime, to_datetime
from rsvpd.dialects.google.vocabulary.context import Context
from rsvpd.dialects.google.vocabulary.refusals import BAD_REQUEST, Refusal, missing_time, missing_zone, unknown_zone
from rsvpd.errors import InvalidRange, InvalidTimeZone
from rsvpd.timezones.zone import at_instant, find_iana, offset, to_instant, to_wall

_DATE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d)?)(?:\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)?", re.ASCII
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SECOND = 1_000_000


def write_instant(instant: Instant) -> str:
    """Return an instant in UTC with milliseconds."""
    return to_datetime(instant).isoformat(timespec="milliseconds")[:23] + "Z"


def write_when(when: When, zone: str | None) -> dict[str, str]:
    """Return a start or end. The offset is that of `zone` (None: the event's own); `timeZone` the event's."""
    if isinstance(when, AllDay):
        return {"date": when.day.isoformat()}
    instant, zone_name = to_instant(when), zone or when.zone
    apart = offset(instant, zone_name)
    if apart % timedelta(minutes=1):  # an old local mean time, which RFC 3339 cannot write
        zone_name, apart = "UTC", timedelta()
    wall = to_wall(instant, zone_name)
    return {"dateTime": wall.isoformat(timespec="seconds") + _offset_text(apart), "timeZone": when.zone}


def read_when(value: Any, ctx: Context, *, name: str) -> When:
    """Return the start or end a client wrote.

    Where it is the instant and zone that `name` has already, that very value is returned. Without
    `timeZone` the zone is the calendar's. Raises ValueError for what is no time object at all, else Refusal.
    """
    day, moment, zone = _members(value)
    if day is None and moment is None:
        raise Refusal(missing_time(name), target=name)
    known = _zone(zone, name)
    try:
        read = AllDay(read_date(day)) if day is not None else _read_date_time(moment or "", known, ctx, name)
    except (ValueError, OverflowError, InvalidRange) as wrong:
        raise Refusal(BAD_REQUEST, f"{name}: {wrong}", target=name) from None
    stored = getattr(ctx.stored.event, name) if ctx.stored else None
    if isinstance(read, Timed) and isinstance(stored, Timed) and _is_same(read, stored, named=bool(zone)):
        return stored
    return read


def read_instant(text: str) -> Instant:
    """Return a moment with its offset, in whole seconds. Raises ValueError."""
    wall, apart = _parse(text)
    if apart is None:
        raise ValueError("the offset is missing: write Z or +hh:mm (in a URL, + is %2B)")
    return from_datetime(wall.replace(tzinfo=apart)) // _SECOND * _SECOND


def read_date(text: str) -> date:
    """Return a date written `yyyy-mm-dd`. Raises ValueError."""
    if not _DATE.fullmatch(text):
        raise ValueError(f"'{text[:40]}' is not a date (yyyy-mm-dd)")
    return date.fromisoformat(text)


def _read_date_time(moment: str, zone: str | None, ctx: Context, name: str) -> Timed:
    wall, apart = _parse(moment)
    if apart is not None:
        zone = zone or ctx.calendar_zone
        return at_instant(from_datetime(wall.replace(tzinfo=apart)), zone)
    if zone is None:
        raise Refusal(missing_zone(name), target=f"{name}.timeZone")
    return Timed(wall, zone)


def _zone(zone: str | None, name: str) -> str | None:
    """Return the IANA name; Windows names are unknown to Google."""
    try:
        return find_iana(zone) if zone else None
    except InvalidTimeZone as unknown:
        raise Refusal(unknown_zone(name), unknown.message, target=f"{name}.timeZone") from None


def _is_same(read: Timed, stored: Timed, *, named: bool) -> bool:
    return to_instant(read) == to_instant(stored) and (not named or read.zone == stored.zone)


def _parse(text: str) -> tuple[datetime, Any]:
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"'{text[:40]}' is not a time as RFC 3339 writes it")
    wall = datetime.fromisoformat(f"{found[1]}T{found[2]}")
    if found[3] is None:
        return wall, None
    return wall, datetime.fromisoformat(f"2000-01-01T00:00{found[3].upper()}").tzinfo


def _members(value: Any) -> tuple[str | None, str | None, str | None]:
    if not isinstance(value, dict):
        raise ValueError("must be an object with date, or with dateTime and timeZone")
    day, moment, zone = (_text(value, name) for name in ("date", "dateTime", "timeZone"))
    if day is not None and moment is not None:
        raise ValueError("has both date and dateTime; only one of them can be")
    return day, moment, zone


def _text(value: dict[str, Any], name: str) -> str | None:
    found = value.get(name)
    if found is not None and not isinstance(found, str):
        raise ValueError(f"{name} must be a string")
    return found


def _offset_text(apart: timedelta) -> str:
    if not apart:
        return "Z"
    minutes = apart // timedelta(minutes=1)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
