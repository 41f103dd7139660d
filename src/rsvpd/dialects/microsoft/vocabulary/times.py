"""Times of events on the wire.

Graph and Outlook v2.0 write `{dateTime, timeZone}`, in UTC or in the zone the client prefers;
Outlook v1.0 writes DateTimeOffset beside `StartTimeZone`. All-day events are always midnight.
What is read stays a `Stamp`, the time as it was written, until the request as a whole says
whether it means a time or a date (`drafts.py`).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from msgspec import Struct

from rsvpd.calendar.event import AllDay, Timed, When
from rsvpd.clock import Instant, from_datetime
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx, Style, read_object, read_only, read_text, whole
from rsvpd.dialects.shape import Codec
from rsvpd.timezones import zone

MIDNIGHT = time()
SEVEN_DIGITS = ".0000000"
FIRST_YEAR, LAST_YEAR = 1601, 4500  # what the services can store
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d)?)(?:[.,]\d++)?)?\s*+([Zz]|[+-]\d\d:?\d\d)?", re.ASCII
)


class Stamp(Struct, frozen=True):
    """A time as a client wrote it: wall time, the offset beside it, the named zone (IANA), if any."""

    wall: datetime
    offset: timedelta | None = None
    zone: str | None = None


def parse_stamp(text: str, zone_name: str | None = None) -> Stamp:
    """Return what `text` says; fractions of a second are dropped, as iCalendar has none.

    Raises ValueError.
    """
    match = _ISO.fullmatch(text.strip()[:60])
    if match is None:
        raise ValueError(f"'{text[:40]}' is not a date and time.")
    day, clock_time, offset = match.groups()
    wall = datetime.fromisoformat(f"{day}T{clock_time or '00:00'}{(offset or '').upper()}")
    if not FIRST_YEAR <= wall.year <= LAST_YEAR:
        raise ValueError(f"the year {wall.year} is out of range.")
    return Stamp(wall.replace(tzinfo=None), wall.utcoffset(), zone.find(zone_name) if zone_name else None)


def as_timed(stamp: Stamp) -> Timed:
    """Return `stamp` as a time; without zone and offset it is UTC."""
    name = stamp.zone or "UTC"
    if stamp.offset is None:
        return Timed(stamp.wall, name)
    return zone.at_instant(_instant(stamp.wall, stamp.offset), name)


def as_timed_or_stored(stamp: Stamp, stored: When | None, preferred_zone: str | None) -> Timed:
    """Return `stamp` as a time, or `stored` where the stamp says what that one is shown as.

    Times are shown in UTC, or in the zone `shown` that the client prefers. Whoever writes back what was read
    changes nothing, neither the zone nor which of two equal wall times is meant; a zone beside these is a wish.
    """
    read = as_timed(stamp)
    if not isinstance(stored, Timed):
        return read
    is_echo = stamp.offset is None and zone.to_wall(zone.to_instant(stored), read.zone) == read.wall
    if not is_echo and zone.to_instant(read) != zone.to_instant(stored):
        return read
    is_known = read.zone == (preferred_zone or "UTC") or zone.windows_name(read.zone) == zone.windows_name(stored.zone)
    return stored if is_known else read


def as_timed_of_series(stamp: Stamp, stored: When | None, preferred_zone: str | None) -> Timed:
    """Return `stamp` as a time of a series: in the zone of the series.

    The pattern has a zone of its own (Graph: recurrenceRange, recurrenceTimeZone), and a program that reads times
    writes in the zone it was shown. Only another time in yet another zone is a wish for that zone.
    """
    read = as_timed_or_stored(stamp, stored, preferred_zone)
    if not isinstance(stored, Timed):
        return read
    if zone.to_instant(read) == zone.to_instant(stored):
        return stored
    return zone.at_instant(zone.to_instant(read), stored.zone) if read.zone == (preferred_zone or "UTC") else read


def as_day(stamp: Stamp) -> AllDay:
    """Return `stamp` as a date. Raises ValueError where it is not midnight."""
    wall = stamp.wall if stamp.offset is None or stamp.zone is None else as_timed(stamp).wall
    if wall.time() != MIDNIGHT:
        raise ValueError("an all-day event starts and ends at midnight.")
    return AllDay(wall.date())


def _instant(wall: datetime, offset: timedelta) -> Instant:
    return from_datetime((wall - offset).replace(tzinfo=UTC))


# --- Graph and Outlook v2.0: {dateTime, timeZone}


def date_time_time_zone(style: Style, *, fraction: str = SEVEN_DIGITS) -> Codec[Ctx]:
    """Return the codec of dateTimeTimeZone."""
    date_time, time_zone = style.names("dateTime", "timeZone")

    def write(when: When | None, ctx: Ctx) -> dict[str, str] | None:
        if when is None:
            return None
        wall = _midnight(when.day) if isinstance(when, AllDay) else _wall(when, ctx.zone)
        return {date_time: wall + fraction, time_zone: ctx.zone_name or ctx.zone or "UTC"}

    return Codec(style.type("dateTimeTimeZone"), write, read_zoned)


def read_zoned(value: Any, ctx: Ctx) -> Stamp | None:
    """Return what a dateTimeTimeZone says; without a zone it is UTC."""
    members = read_object(value)
    if members is None:
        return None
    known = {name.lower(): one for name, one in members.items()}
    text = read_text(known.get("datetime"), ctx)
    if text is None:
        raise ValueError("dateTime is missing.")
    return parse_stamp(text, (read_text(known.get("timezone"), ctx) or "").strip() or None)


def time_slot(style: Style, when: Codec[Ctx]) -> Codec[Ctx]:
    """Return the codec of a proposed start and end."""
    start, end = style.names("start", "end")

    def write(slot: tuple[When, When], ctx: Ctx) -> dict[str, Any]:
        return {start: when.write(slot[0], ctx), end: when.write(slot[1], ctx)}

    def read(value: Any, ctx: Ctx) -> tuple[Timed, Timed] | None:
        members = read_object(value)
        if members is None:
            return None
        known = {name.lower(): one for name, one in members.items()}
        first, last = (read_zoned(known.get(name), ctx) for name in ("start", "end"))
        if first is None or last is None:
            raise ValueError("start and end are needed.")
        return as_timed(first), as_timed(last)

    return Codec(style.type("timeSlot"), write, read)


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00"


def _wall(when: Timed, wanted: str | None) -> str:
    """Return the wall time of `when` in the zone `wanted`, or in UTC."""
    target = wanted or "UTC"
    if when.zone == target:
        wall = when.wall
    else:
        wall = zone.to_utc(when) if target == "UTC" else zone.to_wall(zone.to_instant(when), target)
    return wall.isoformat(timespec="seconds")


# --- Outlook v1.0: DateTimeOffset beside a zone name


def _write_offset(when: When, ctx: Ctx) -> str:
    """Write with the offset of the zone asked for, else as `…Z`; clients parse it without a fraction."""
    if ctx.zone is None or ctx.zone == "UTC":
        return (_midnight(when.day) if isinstance(when, AllDay) else _wall(when, None)) + "Z"
    if isinstance(when, AllDay):
        when = Timed(datetime.combine(when.day, MIDNIGHT), ctx.zone)
    instant = zone.to_instant(when)
    wall, offset = zone.to_wall(instant, ctx.zone), zone.offset(instant, ctx.zone)
    return wall.isoformat(timespec="seconds") + _offset_text(offset)


def _offset_text(offset: timedelta) -> str:
    minutes = offset // timedelta(minutes=1)
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def _read_offset(value: Any, ctx: Ctx) -> Stamp | None:
    """Read DateTimeOffset; an object in the shape of v2.0 is understood too."""
    if not isinstance(value, str):
        return read_zoned(value, ctx)
    return parse_stamp(value)


def _write_zone(when: When, ctx: Ctx) -> str:
    if ctx.zone is not None:
        return ctx.zone_name or zone.windows_name(ctx.zone)
    return original_zone(when)


def original_zone(when: When) -> str:
    """Return the Windows name of the zone an event was given in; a floating date has none, so UTC."""
    return "UTC" if isinstance(when, AllDay) else zone.windows_name(when.zone)


def _read_zone(value: Any, ctx: Ctx) -> str | None:
    name = (read_text(value, ctx) or "").strip()
    return zone.find(name) if name else None


OFFSET: Codec[Ctx] = Codec("Edm.DateTimeOffset", _write_offset, _read_offset)
ZONE_NAME: Codec[Ctx] = Codec("Edm.String", _write_zone, _read_zone)
ORIGINAL_ZONE: Codec[Ctx] = read_only("Edm.String", lambda when, _: original_zone(when))


# --- instants of a When


def _write_instant_of(when: When | None, _: Ctx) -> str | None:
    return None if when is None else whole(zone.to_instant(when))


INSTANT_OF: Codec[Ctx] = read_only("Edm.DateTimeOffset", _write_instant_of)
