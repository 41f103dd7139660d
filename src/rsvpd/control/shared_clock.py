"""A server's clock that several processes go by: whoever steers it tells all of them at once.

Rule 1: how it is steered is one number in memory that they share, so that it is written at once, or not yet, for
        whoever reads it.
Rule 2: the data have the last word, as they hear of other servers too; what was told before a process began is in them.
"""

from __future__ import annotations

from rsvpd.clock import Clock, ClockSteering, Instant, SteeredClock, system_clock
from rsvpd.shared_memory import shared_numbers

# The lowest bits of the number say what the others are; nothing was told yet where it is 0.
_FREE, _FROZEN, _AHEAD = 1, 2, 3
_BITS = 2


class CommonClock:
    """What was told last. Made before the processes are."""

    def __init__(self) -> None:
        self._word = shared_numbers(1, signed=True)

    @property
    def word(self) -> int:
        """Return a number that is another one where something else was told."""
        return self._word[0]

    def tell(self, steered: ClockSteering | None) -> int:
        """Tell how the clock goes; return the number that says so."""
        self._word[0] = word = _word(steered)
        return word


class SharedClock(SteeredClock):
    """A clock that goes as it is steered, in whichever process."""

    def __init__(self, common: CommonClock, unsteered: Clock, machine: Clock = system_clock) -> None:
        super().__init__(unsteered, machine)
        self._common = common
        self._followed = common.word

    def __call__(self) -> Instant:
        """Return the present instant."""
        word = self._common.word
        if word != self._followed:
            self._followed = word
            self.steer(_read_steering(word))
        return self._read()

    def tell(self) -> None:
        """Let the other processes go by it as well."""
        self._followed = self._common.tell(self.steered)


def _word(steered: ClockSteering | None) -> int:
    if steered is None:
        return _FREE
    if steered.frozen is not None:
        return steered.frozen << _BITS | _FROZEN
    return steered.ahead << _BITS | _AHEAD


def _read_steering(word: int) -> ClockSteering | None:
    kind, value = word & (1 << _BITS) - 1, word >> _BITS
    if kind == _FROZEN:
        return ClockSteering(frozen=value)
    return ClockSteering(ahead=value) if kind == _AHEAD else None
