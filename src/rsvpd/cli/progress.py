"""What is being waited for: one line in the terminal, from the first second on and gone afterwards."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from rsvpd.cli.screen import one_line, raw_stream

if TYPE_CHECKING:
    from rich.spinner import Spinner

PATIENCE_SECONDS = 1.0

Say = Callable[[str], None]


@contextmanager
def progress(text: str, err: TextIO | None = None, *, after_seconds: float = PATIENCE_SECONDS) -> Iterator[Say]:
    """Show `text` while inside, and what the function that is yielded is given instead.

    It goes to standard error, so that it never stands in what is kept, and only where that is a terminal.
    """
    stream = err or sys.stderr
    if not stream.isatty():
        yield lambda text: None
        return
    line = _Shown(text, stream)
    timer = threading.Timer(after_seconds, line.start)
    timer.daemon = True
    timer.start()
    try:
        yield line.say
    finally:
        timer.cancel()
        line.stop()


class _Shown:
    """A line that may not be there yet. The timer starts it from a thread of its own."""

    def __init__(self, text: str, stream: TextIO) -> None:
        self._text = text
        self._stream = stream
        self._lock = threading.Lock()
        self._is_over = False
        self._status: _Status | None = None

    def start(self) -> None:
        with self._lock:
            if not self._is_over:
                self._status = _Status(self._text, self._stream)

    def say(self, text: str) -> None:
        with self._lock:
            self._text = text
            if self._status:
                self._status.say(text)

    def stop(self) -> None:
        with self._lock:
            self._is_over = True
            if self._status:
                self._status.stop()


class _Status:
    """rich's line with a spinner; rich is loaded only where something takes long."""

    def __init__(self, text: str, stream: TextIO) -> None:
        from rich.console import Console
        from rich.live import Live

        console = Console(file=raw_stream(stream), markup=False, emoji=False, highlight=False)
        self._live = Live(_line(text), console=console, transient=True)
        self._live.start(refresh=True)

    def say(self, text: str) -> None:
        self._live.update(_line(text), refresh=True)

    def stop(self) -> None:
        self._live.stop()


def _line(text: str) -> Spinner:
    from rich.spinner import Spinner
    from rich.text import Text

    return Spinner("dots", Text(f"{one_line(text)} …", no_wrap=True, overflow="ellipsis"))
