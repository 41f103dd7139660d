"""What is wrong with whatever holds the data, in the words of errors.py, and in the log: once when it begins, once when
it is over, however many requests meet it meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable

from rsvpd import log
from rsvpd.errors import StorageFull, Unavailable

_log = log.get(__name__)


class Faults:
    """Turns what an engine raises into an error for the caller and a line in the log.

    `error_of` returns the error of what is the storage's fault, else None; `word_of` names that in the log, where
    `place` is told as `file`.
    """

    def __init__(
        self, place: object, error_of: Callable[[Exception], Unavailable | None], word_of: Callable[[Exception], str]
    ) -> None:
        self._place = place
        self._error_of, self._word_of = error_of, word_of
        self._known: set[str] = set()
        self._lock = threading.Lock()

    def met(self, fault: Exception, *, at: str) -> Exception:
        """Return what the caller is told: Unavailable where the storage is at fault, else `fault` itself."""
        error = self._error_of(fault)
        if error is not None:
            self._say(error, self._word_of(fault), at)
        return fault if error is None else error

    def over(self) -> None:
        """Note that it went well again: whatever was wrong is so no longer."""
        if not self._known:
            return
        with self._lock:
            known, self._known = self._known, set()
        if known:
            _log.info("storage.recovered", file=self._place)

    def _say(self, error: Unavailable, word: str, at: str) -> None:
        with self._lock:
            is_new = word not in self._known
            self._known.add(word)
        if is_new:
            event = "storage.full" if isinstance(error, StorageFull) else "storage.failed"
            _log.error(event, file=self._place, fault=word, at=at)
