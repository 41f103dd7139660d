"""Rules of faults that all processes of one server have in common.

They stand in an open file without a name, which the processes inherit, with all that is counted of them: whoever asks
the rules holds a lock on it (fcntl(2), which ends with a process) and writes what has changed. So `times` and limits
count over all processes, exactly.

Rule 1: where nothing is set a request costs one look into memory that the processes share: a number that changes with
each change of the file.
Rule 2: nobody waits longer than PATIENCE_SECONDS for the lock. A request then goes on as if no rule were for it, and
the desk says so.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

import msgspec
from msgspec import Struct

from rsvpd import log
from rsvpd.clock import Instant
from rsvpd.errors import Unavailable
from rsvpd.faults import NO_FAULT, Fault, FaultDecision, Faults, Key, KnownRoute, RequestFacts, Rule, RuleState
from rsvpd.shared_memory import shared_numbers

PATIENCE_SECONDS = 1.0
_PAUSE_SECONDS = 0.0002
_LENGTH_BYTES = 8

_log = log.get(__name__)


class RulesAreHeld(Unavailable):
    """Another process has the rules and does not let go of them."""

    message = "Another process of this server holds the rules of faults, and does not go on."


class _Saved(Struct):
    serial: int = 0
    rules: list[RuleState] = []


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Saved).decode


class CommonRules:
    """Where the rules stand. Made before the processes are."""

    def __init__(self) -> None:
        self._handle, name = tempfile.mkstemp(prefix="rsvpd-")
        os.unlink(name)
        self._version = shared_numbers(1)
        self.write(_encode(_Saved()))

    @property
    def version(self) -> int:
        """Return a number that is another one when the rules have changed."""
        return self._version[0]

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the lock while inside. Raises Unavailable where another process does not let go of it."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                fcntl.lockf(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > until:
                    raise RulesAreHeld from None
                time.sleep(_PAUSE_SECONDS)
        try:
            yield
        finally:
            fcntl.lockf(self._handle, fcntl.LOCK_UN)

    def read(self) -> bytes:
        """Return what was written last."""
        length = int.from_bytes(os.pread(self._handle, _LENGTH_BYTES, 0))
        return os.pread(self._handle, length, _LENGTH_BYTES)

    def write(self, saved: bytes) -> None:
        """Write all of it, and let everybody see that it is another one."""
        os.pwrite(self._handle, len(saved).to_bytes(_LENGTH_BYTES) + saved, 0)
        self._version[0] += 1


class SharedFaults(Faults):
    """The rules as one of the processes sees them."""

    def __init__(
        self, common: CommonRules, worker: int, routes: Callable[[], Sequence[KnownRoute]] = tuple
    ) -> None:
        super().__init__(routes, worker=worker)
        self._common = common
        self._seen = -1
        with self._changing():
            for rule in self._rules.values():  # of the process that had this number before
                rule.forget_worker()

    @property
    def requests(self) -> tuple[Rule, ...]:
        """Return the rules for requests that count at present."""
        with suppress(Unavailable):
            self._look()
        return self._requests

    @property
    def webhooks(self) -> tuple[Rule, ...]:
        """Return the rules for notifications that count at present."""
        with suppress(Unavailable):
            self._look()
        return self._webhooks

    def rules(self) -> list[Rule]:
        """Return all of them, in the order in which they were set."""
        self._look()
        return super().rules()

    def put(self, fault: Fault, now: Instant) -> Rule:
        """Set a rule that was checked."""
        with self._changing():
            return super().put(fault, now)

    def remove(self, name: str) -> Rule:
        """Take a rule away."""
        with self._changing():
            return super().remove(name)

    def clear(self) -> list[Rule]:
        """Take all of them away, and return them."""
        with self._changing():
            return super().clear()

    def decide(self, asked: RequestFacts, now: Instant) -> FaultDecision:
        """Return what to do to a request."""
        try:
            with self._changing(only_if=lambda: any(rule.fits(asked) for rule in self._requests)):
                return super().decide(asked, now)
        except Unavailable as wrong:
            _log.warning("faults.not_asked", why=wrong.message)
            return NO_FAULT

    def decide_webhook(self, url: str, now: Instant) -> Fault | None:
        """Return what to do to a notification, if anything."""
        try:
            with self._changing():
                return super().decide_webhook(url, now)
        except Unavailable as wrong:
            _log.warning("faults.not_asked", why=wrong.message)
            return None

    def _release(self, held: Iterable[tuple[int, Key]]) -> None:
        try:
            with self._changing():
                super()._release(held)
        except Unavailable as wrong:
            _log.warning("faults.not_released", why=wrong.message)

    def _look(self) -> None:
        """See what others have changed. Raises Unavailable."""
        if self._seen != self._common.version:
            with self._common.hold():
                self._load()

    @contextmanager
    def _changing(self, only_if: Callable[[], bool] = lambda: True) -> Iterator[None]:
        """Hold the rules as they are while inside, and write them afterwards where they may have changed."""
        with self._common.hold():
            if self._seen != self._common.version:
                self._load()
            is_changing = only_if()
            yield
            if is_changing:
                self._common.write(_encode(_Saved(self._serial, [one.state for one in self._rules.values()])))
                self._seen = self._common.version

    def _load(self) -> None:
        self._seen = self._common.version
        saved = _decode(self._common.read())
        self._serial = saved.serial
        self._rules = {one.fault.name: Rule(one, self._worker) for one in saved.rules}
        self._order(None)
