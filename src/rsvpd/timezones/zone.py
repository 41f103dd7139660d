"""Zone names, and the way between wall time and instants.

Inside, a zone is its IANA name, `UTC` included. Names are found in any case, IANA or Windows.
Two rules settle the nights when clocks change (RFC 5545 3.3.5): a wall time that does not
exist is read with the offset before the gap, one that happens twice is its first time, unless
its `fold` says that the second one is meant.
Offsets come from the IANA database of the machine, or of the `tzdata` package without one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rsvpd.calendar.event import AllDay, Timed, When
from rsvpd.clock import EPOCH, Instant
from rsvpd.errors import InvalidRange, InvalidTimeZone
from rsvpd.timezones.windows_names import CURRENT, FROM_IANA, TO_IANA

_MICROSECOND = timedelta(microseconds=1)
_ZERO = timedelta(0)
_WALL_EPOCH = EPOCH.replace(tzinfo=None)
_LONGEST_NAME = 64
_UTC_NAMES = (
    "Etc/UCT", "Etc/UTC", "Etc/Universal", "Etc/Zulu", "UCT", "Universal", "Zulu", "tzone://Microsoft/Utc",
)  # fmt: skip


def _iana_names() -> tuple[str, ...]:
    names = files("tzdata").joinpath("zones").read_text(encoding="ascii").split()
    return tuple(sorted(name for name in names if name != "Factory"))


def _names_by_fold() -> dict[str, str]:
    """Return every accepted name, casefolded, with the IANA name it means."""
    known = {name.casefold(): zone for name, zone in TO_IANA.items()}
    known |= {name.casefold(): name for name in _IANA_NAMES}
    return known | {name.casefold(): "UTC" for name in _UTC_NAMES}


_IANA_NAMES = _iana_names()
_IANA_BY_FOLD = {name.casefold(): "UTC" if name in _UTC_NAMES else name for name in _IANA_NAMES}
_BY_FOLD = _names_by_fold()


def find(name: str) -> str:
    """Return the IANA name for an IANA or Windows name in any case.

    Raises InvalidTimeZone for an unknown or empty name, and for the names Outlook gives to zones
    it only knows by their rules (`Customized Time Zone`, `tzone://Microsoft/Custom`).
    """
    zone = _BY_FOLD.get(name.casefold())
    if zone is None:
        raise _unknown_zone(name)
    return zone


def find_iana(name: str) -> str:
    """Return the IANA name for an IANA name in any case; a Windows name raises InvalidTimeZone as well."""
    zone = _IANA_BY_FOLD.get(name.casefold())
    if zone is None:
        raise _unknown_zone(name)
    return zone


def windows_name(zone: str) -> str:
    """Return the Windows name of an IANA zone, or `zone` itself where Windows has none like it."""
    return FROM_IANA.get(zone, zone)


def all_iana_names() -> tuple[str, ...]:
    """Return the names of the IANA database, sorted."""
    return _IANA_NAMES


def all_windows_names() -> tuple[str, ...]:
    """Return the names Windows has today, sorted."""
    return CURRENT


@lru_cache(maxsize=1024)
def _info(zone: str) -> tzinfo:
    if zone == "UTC":
        return UTC
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _unknown_zone(zone) from None


def wall_to_instant(wall: datetime, zone: str, *, fold: int = 0) -> Instant:
    """Return the instant at which clocks of `zone` show `wall` (naive); with `fold` 1 the second such instant."""
    if wall.fold != fold:
        wall = wall.replace(fold=fold)
    # A tzinfo answers for a naive wall time as for its own; that spares two copies per call.
    return (wall - _WALL_EPOCH - (_info(zone).utcoffset(wall) or _ZERO)) // _MICROSECOND


def to_utc(when: Timed) -> datetime:
    """Return what a clock in UTC shows at `when`, naive. Raises InvalidRange outside years 1 to 9999."""
    wall = when.wall if when.wall.fold == when.fold else when.wall.replace(fold=when.fold)
    try:
        return wall - (_info(when.zone).utcoffset(wall) or _ZERO)
    except OverflowError:
        raise _out_of_range() from None


def to_instant(when: Timed | AllDay, *, floating: str = "UTC") -> Instant:
    """Return the instant of `when`; a date begins at its midnight in the zone `floating`."""
    if isinstance(when, Timed):
        return wall_to_instant(when.wall, when.zone, fold=when.fold)
    return wall_to_instant(datetime(when.day.year, when.day.month, when.day.day), floating)  # noqa: DTZ001 - a wall time


def to_wall(instant: Instant, zone: str) -> datetime:
    """Return what clocks of `zone` show at `instant`, naive. Raises InvalidRange outside years 1 to 9999."""
    try:
        return _WALL_EPOCH + (timedelta(microseconds=instant) + offset(instant, zone))
    except OverflowError:
        raise _out_of_range() from None


def at_instant(instant: Instant, zone: str) -> Timed:
    """Return `instant` as clocks of `zone` tell it: `to_instant` of the answer is `instant`.

    Raises InvalidRange outside years 1 to 9999.
    """
    wall = to_wall(instant, zone)
    return Timed(wall, zone, int(wall_to_instant(wall, zone) != instant))


def is_skipped(wall: datetime, zone: str) -> bool:
    """Return whether clocks of `zone` never show `wall`, because they are set over it."""
    if wall.toordinal() not in leaps(zone, wall.year):
        return False
    # PEP 495: in a gap the offset of fold=0 is the one before it, and that is the smaller one.
    return _utc_offset(wall.replace(fold=0), zone) < _utc_offset(wall.replace(fold=1), zone)


@lru_cache(maxsize=8192)
def leaps(zone: str, year: int) -> frozenset[int]:
    """Return the days of a year, as ordinals, on which clocks of `zone` are set forward."""
    if zone == "UTC":
        return frozenset()
    midnights = [datetime(year, 1, 1) + timedelta(days=day) for day in range(366)]  # noqa: DTZ001 - wall time
    return frozenset(
        one.toordinal() for one in midnights if _utc_offset(one, zone) < _utc_offset(one + timedelta(days=1), zone)
    )


def _utc_offset(wall: datetime, zone: str) -> timedelta:
    return _info(zone).utcoffset(wall) or _ZERO


def offset(instant: Instant, zone: str) -> timedelta:
    """Return how far clocks of `zone` are ahead of UTC at `instant`."""
    info = _info(zone)
    if info is UTC:
        return _ZERO
    try:
        return (EPOCH + timedelta(microseconds=instant)).astimezone(info).utcoffset() or _ZERO
    except OverflowError:
        raise _out_of_range() from None


def offsets_and_name(instant: Instant, zone: str) -> tuple[timedelta, timedelta, str]:
    """Return how far clocks of `zone` are ahead of UTC at `instant`, how much of that is daylight saving,
    and what the zone calls that time."""
    there = (EPOCH + timedelta(microseconds=instant)).astimezone(_info(zone))
    return there.utcoffset() or _ZERO, there.dst() or _ZERO, there.tzname() or zone


def shift(when: When, zone: str) -> When:
    """Return the same instant told in another zone; a date stays as it is.

    The wall time of the answer exists, also where the one of `when` falls into a gap.
    """
    if isinstance(when, AllDay) or when.zone == zone == "UTC":
        return when
    return at_instant(to_instant(when), zone)


def _unknown_zone(name: str) -> InvalidTimeZone:
    known = "zones are called as by IANA (Europe/Berlin) or by Windows"
    return InvalidTimeZone(f"The time zone '{name[:_LONGEST_NAME]}' is not known; {known}.")


def _out_of_range() -> InvalidRange:
    return InvalidRange("The date lies outside the years 1 to 9999.")
