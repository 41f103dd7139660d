"""Several processes that answer on the same sockets: forked from one that only looks after them.

One that dies is started again; what it was about to do is not lost, as others see what it committed and take up what
it left. SIGINT and SIGTERM stop all of them; so does one that ends by itself as it should.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from rsvpd import log

_log = log.get(__name__)

# A worker that did not last so long is not started again at once.
_LEAST_SECONDS = 1.0


def supervise(count: int, work: Callable[[int], None]) -> None:
    """Run `work` in `count` processes, each with its number, until they are stopped."""
    _Supervisor(work).run(count)


class _Supervisor:
    def __init__(self, work: Callable[[int], None]) -> None:
        self._work = work
        self._workers: dict[int, tuple[int, float]] = {}  # by process id: number, since when
        self._stopping = False

    def run(self, count: int) -> None:
        kept = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            for number in range(count):
                self._start(number)
            while self._workers:
                self._wait()
        finally:
            for number, handler in kept.items():
                signal.signal(number, handler)

    def _wait(self) -> None:
        pid, status = os.wait()
        number, since = self._workers.pop(pid, (-1, 0.0))
        code = os.waitstatus_to_exitcode(status)
        if self._stopping or number < 0:
            return
        if code == 0:
            self._stop()
            return
        _log.warning("worker.ended", worker=number, process=pid, code=code)
        if time.monotonic() - since < _LEAST_SECONDS:
            time.sleep(_LEAST_SECONDS)
        self._start(number)

    def _start(self, number: int) -> None:
        if self._stopping:
            return
        pid = os.fork()
        if pid == 0:
            self._be(number)
        self._workers[pid] = number, time.monotonic()

    def _be(self, number: int) -> None:
        code = 1
        try:
            for one in (signal.SIGINT, signal.SIGTERM):
                signal.signal(one, signal.SIG_DFL)
            self._work(number)
            code = 0
        except Exception as fault:
            _log.failure("worker.failed", fault)
        finally:
            os._exit(code)

    def _stop(self, number: int = 0, frame: FrameType | None = None) -> None:
        self._stopping = True
        for pid in tuple(self._workers):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
