"""The only place that asks what time it is.

An instant is an `int`: microseconds since 1970-01-01T00:00:00Z. Everything inside
takes it as an argument; only the edge and the worker own a `Clock`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Instant = int
Clock = Callable[[], Instant]

# How far the clocks of those who speak with each other may be apart, several servers over one database among them.
# Microsoft's libraries allow the same
# (https://learn.microsoft.com/dotnet/api/microsoft.identitymodel.tokens.tokenvalidationparameters.clockskew).
SKEW_SECONDS = 300

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


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
