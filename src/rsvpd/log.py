"""Log lines: an event name and fields, one line each, with the request they belong to.

`log.get(__name__).info("answer.sent", uid=uid, bytes=3)` becomes

    2026-12-07T08:00:00.123Z info answer.sent uid=… bytes=3 request=0d1c…

Rule: nothing personal (names, addresses, subjects, comments, tokens) above debug; who asked stands in the
log of requests (`edge/request_log.py`), and nowhere else. Pure rooms do not log; they return what happened.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Generic, TextIO, TypeVar

import msgspec

request_id: ContextVar[str] = ContextVar("request_id", default="")
# The address whose token came with the request, empty as long as nobody is known.
person: ContextVar[str] = ContextVar("person", default="")
# The client id in that token, empty for a token of `rsvpd token`. With an application and no person it asks for itself.
application: ContextVar[str] = ContextVar("application", default="")

T = TypeVar("T")

_OURS = "rsvpd"
_FOREIGN = ("uvicorn", "asyncio")
_FRAMES = 6
_MOST_WAITING = 8192
_PAUSE_SECONDS = 0.05
_LAST_SECONDS = 2
_PLAIN = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:+@'()$*,;%&~[]{}<>?!|#")


class Log:
    """A named source of log lines."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def is_on(self, level: int) -> bool:
        """Return whether lines of this level are written; ask before costly fields are made."""
        return self._logger.isEnabledFor(level)

    def debug(self, event: str, **fields: Any) -> None:
        """Write what only a developer wants to see; personal fields are allowed here."""
        self._write(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: Any) -> None:
        """Write what happened."""
        self._write(logging.INFO, event, fields)

    def warning(self, event: str, **fields: Any) -> None:
        """Write what somebody should look at."""
        self._write(logging.WARNING, event, fields)

    def error(self, event: str, **fields: Any) -> None:
        """Write what went wrong on our side."""
        self._write(logging.ERROR, event, fields)

    def failure(self, event: str, wrong: BaseException, **fields: Any) -> None:
        """Write an unexpected error: its class and the way it came; its text only with debug on.

        The text of a foreign exception may hold what a user wrote.
        """
        fields["error"] = type(wrong).__qualname__
        fields["at"] = _way(wrong)
        if self.is_on(logging.DEBUG):
            fields["text"] = str(wrong)
        self._write(logging.ERROR, event, fields)

    def _write(self, level: int, event: str, fields: dict[str, Any]) -> None:
        if self._logger.isEnabledFor(level):
            self._logger.log(level, "%s", event, extra={"fields": fields, "request": request_id.get()})


def get(name: str) -> Log:
    """Return the log of a module; call it with `__name__`."""
    return Log(name)


def setup(level: str, form: str, *, stream: TextIO | None = None) -> None:
    """Send all lines to `stream` (standard error if None). `form` is `logfmt` or `json`."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLine() if form == "json" else LogfmtLine())
    for name in (_OURS, *_FOREIGN):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.propagate = False
        logger.setLevel(level.upper() if name == _OURS else logging.WARNING)


class BackgroundWriter(Generic[T]):
    """Lines that a thread of its own makes and writes, a batch at a time: who adds one never waits.

    At most `most` wait. What comes beyond is dropped and counted, and `tell_dropped` makes a line of the
    count. A stream that takes nothing any more loses what is written to it.
    """

    def __init__(
        self, make_line: Callable[[T], str], tell_dropped: Callable[[int], str], stream: TextIO,
        *, most: int = _MOST_WAITING,
    ) -> None:
        self._make_line = make_line
        self._tell_dropped = tell_dropped
        self._stream = stream
        self._most = most
        self._waiting: deque[T] = deque()
        self._dropped = 0
        self._has_some = threading.Event()
        self._is_closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def add(self, record: T) -> None:
        """Have a line written soon, or count it as dropped. Called from one thread only."""
        if len(self._waiting) >= self._most:
            self._dropped += 1
            return
        self._waiting.append(record)
        if not self._has_some.is_set():
            self._has_some.set()

    def close(self) -> None:
        """Write what waits and end; a stream that blocks is not waited for longer than two seconds."""
        self._is_closed.set()
        self._has_some.set()
        self._thread.join(_LAST_SECONDS)

    def _run(self) -> None:
        while not self._is_closed.is_set():
            self._has_some.wait()
            self._has_some.clear()
            self._write()
            # A pause makes batches: waking for each line would take the interpreter from who answers.
            self._is_closed.wait(_PAUSE_SECONDS)
        self._write()

    def _write(self) -> None:
        lines = [self._make_line(self._waiting.popleft()) for _ in range(len(self._waiting))]
        dropped, self._dropped = self._dropped, 0
        if dropped:
            lines.append(self._tell_dropped(dropped))
        if not lines:
            return
        try:
            self._stream.write("".join(f"{line}\n" for line in lines))
            self._stream.flush()
        except (OSError, ValueError):  # closed, or nobody reads it any more
            return


class LogfmtLine(logging.Formatter):
    """`time level event key=value …`; values with blanks or quotes stand as JSON strings."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        head = f"{_time(record)} {record.levelname.lower()} {_event(record)}"
        return " ".join([head, *(f"{key}={_word(value)}" for key, value in _fields(record).items())])


class JsonLine(logging.Formatter):
    """One JSON object: `time`, `level`, `event`, then the fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        head = {"time": _time(record), "level": record.levelname.lower(), "event": _event(record)}
        return msgspec.json.encode(head | _fields(record), enc_hook=str).decode()


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _event(record: logging.LogRecord) -> str:
    return record.getMessage() if hasattr(record, "fields") else f"{record.name}.message"


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    own = getattr(record, "fields", None)
    fields = dict(own) if own is not None else {"text": record.getMessage()}
    if own is None and record.exc_info and record.exc_info[1]:
        fields |= {"error": type(record.exc_info[1]).__qualname__, "at": _way(record.exc_info[1])}
    request = getattr(record, "request", "")
    return fields | {"request": request} if request else fields


def _word(value: Any) -> str:
    text = value if isinstance(value, str) else str(value)
    return text if text and _PLAIN.issuperset(text) else msgspec.json.encode(text).decode()


def _way(wrong: BaseException) -> str:
    """Return the last places the error passed, innermost last: `door.py:31:run > tx.py:80:apply`."""
    frames = traceback.extract_tb(wrong.__traceback__)[-_FRAMES:]
    return " > ".join(f"{one.filename.rpartition('/')[2]}:{one.lineno}:{one.name}" for one in frames)
