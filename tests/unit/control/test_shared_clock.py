"""A clock that several processes go by, here two of them in one: none shows another time than was set."""

from __future__ import annotations

import pytest

from rsvpd.clock import ClockSteering, parse_instant
from rsvpd.control.shared_clock import CommonClock, SharedClock

NOW = parse_instant("2026-11-30T08:00:00Z")
ENDS = [parse_instant("1971-01-01"), parse_instant("2999-12-31T23:59:59.999999")]


def clock(common: CommonClock) -> SharedClock:
    return SharedClock(common, lambda: NOW, lambda: NOW)


@pytest.mark.parametrize("instant", ENDS)
@pytest.mark.parametrize("is_frozen", [True, False])
def test_what_one_tells_all_show_at_once(instant: int, is_frozen: bool) -> None:
    common = CommonClock()
    first, second = clock(common), clock(common)
    steered = ClockSteering(frozen=instant) if is_frozen else ClockSteering(ahead=instant - NOW)
    first.steer(steered)
    assert second() == NOW  # nobody was told yet: it may still come to nothing
    first.tell()
    assert (second(), second.steered) == (instant, steered)
    second.steer(None)
    second.tell()
    assert (first(), first.steered) == (NOW, None)


def test_what_the_data_said_since_is_not_taken_back() -> None:
    common = CommonClock()
    first, second = clock(common), clock(common)
    first.steer(ClockSteering(frozen=ENDS[0]))
    first.tell()
    assert second() == ENDS[0]
    second.steer(ClockSteering(frozen=ENDS[1]))  # another server set it
    assert second() == ENDS[1]
    begun_again = clock(common)
    begun_again.steer(ClockSteering(frozen=ENDS[1]))
    assert begun_again() == ENDS[1]
