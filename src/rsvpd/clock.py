"""The only place that asks what time it is.

An instant is an `int`: microseconds since 1970-01-01T00:00:00Z. Everything inside
takes it as an argument; only the edge and the worker own a `Clock`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from msgspec import Struct

Instant = int
Clock = Callable[[], Instant]

# How far the clocks of those who speak with each other may be apart, several servers over one database among them.
# Microsoft's libraries allow the same
# (https://learn.microsoft.com/dotnet/api/microsoft.identitymodel.tokens.tokenvalidationparameters.clockskew).
SKEW_SECONDS = 300

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND = 1_000_000
_UNITS = {"W": 7 * 86_400 * _SECOND, "D": 86_400 * _SECOND, "H": 3_600 * _SECOND, "M": 60 * _SECOND, "S": _SECOND}
_AMOUNT = re.compile(r"(\d{1,9})([WDHMS])", re.ASCII)


class ClockSteering(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How somebody steered a clock: frozen at an instant, or ahead of the machine's by so many microseconds."""

    frozen: Instant | None = None
    ahead: int = 0


def system_clock() -> Instant:
    """Return the present instant of this machine."""
    return time.time_ns() // 1000


def fixed_clock(instant: Instant) -> Clock:
    """Return a clock that starts at `instant` and runs on from there, steadily.

    It follows the machine's monotonic clock, so that two requests do not fall on
    the same instant, and never jumps with the machine's wall clock.
    """
    started = time.monotonic_ns()
    return lambda: instant + (time.monotonic_ns() - started) // 1000


class SteeredClock:
    """A `Clock` that goes as `unsteered` does until somebody steers it; `steered` says how, None where nobody did."""

    def __init__(self, unsteered: Clock, machine: Clock = system_clock) -> None:
        self.steered: ClockSteering | None = None
        self.unsteered = unsteered
        self._machine = machine
        self._read = unsteered

    def __call__(self) -> Instant:
        """Return the present instant."""
        return self._read()

    def steer(self, steered: ClockSteering | None) -> None:
        """Go on like that; None lets it go as if nobody had ever steered it."""
        self.steered = steered
        if steered is None:
            self._read = self.unsteered
        elif steered.frozen is not None:
            self.hold(steered.frozen)
        else:
            ahead, machine = steered.ahead, self._machine
            self._read = lambda: machine() + ahead

    def tell(self) -> None:
        """Let others go by it as well who do; here nobody does."""

    def hold(self, instant: Instant) -> None:
        """Stand at an instant until it is steered again."""
        self._read = lambda: instant


def to_datetime(instant: Instant) -> datetime:
    """Return `instant` as an aware UTC datetime."""
    return EPOCH + timedelta(microseconds=instant)


def from_datetime(moment: datetime) -> Instant:
    """Return an aware datetime as an instant."""
    return (moment - EPOCH) // _MICROSECOND


def parse_instant(text: str) -> Instant:
    """Return the instant of an ISO 8601 text; without an offset it means UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def to_text(instant: Instant) -> str:
    """Return an instant in ISO 8601, UTC, with as many digits as it has."""
    return to_datetime(instant).isoformat().replace("+00:00", "Z")


def parse_span(text: str) -> int:
    """Return how many microseconds `2h`, `1d12h`, `2h 30m` or a duration of ISO 8601 like `PT2H30M` are.

    Raises ValueError. Years and months are none, as they have no length of their own; so are fractions.
    """
    upper = text.strip().upper()
    if not upper.startswith("P"):
        return _sum("".join(upper.split()), "WDHMS")
    days, divider, hours = upper[1:].partition("T")
    return (_sum(days, "WD") if days or not divider else 0) + (_sum(hours, "HMS") if divider else 0)


def _sum(text: str, units: str) -> int:
    """Return what amounts come to, each of another unit, in the order of `units`."""
    total, place = 0, 0
    while place < len(text) or not place:
        found = _AMOUNT.match(text, place)
        if found is None or found[2] not in units:
            raise ValueError("a span is written like 2h, 1d12h or PT2H30M")
        total, place, units = total + int(found[1]) * _UNITS[found[2]], found.end(), units.partition(found[2])[2]
    return total
