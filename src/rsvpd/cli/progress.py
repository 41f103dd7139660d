"""What is being waited for: one line in the terminal, from the first second on and gone afterwards."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TextIO

from rsvpd.cli.screen import one_line, raw_stream

if TYPE_CHECKING:
    from rich.console import RenderableType

PATIENCE_SECONDS = 1.0
_BAR = 20  # letters

class Say(Protocol):
    """Shows another text, and beside it a bar where it is known which part (0 to 1) of all is done."""

    def __call__(self, text: str, part: float | None = None) -> None:
        """Show it."""
        ...


def _say_nothing(text: str, part: float | None = None) -> None:
    """Show nothing."""


@contextmanager
def progress(text: str, err: TextIO | None = None, *, after_seconds: float = PATIENCE_SECONDS) -> Iterator[Say]:
    """Show `text` while inside, and what the function that is yielded is given instead.

    It goes to standard error, so that it never stands in what is kept, and only where that is a terminal.
    """
    stream = err or sys.stderr
    if not stream.isatty():
        yield _say_nothing
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
        self._part: float | None = None
        self._stream = stream
        self._lock = threading.Lock()
        self._is_over = False
        self._status: _Status | None = None

    def start(self) -> None:
        with self._lock:
            if not self._is_over:
                self._status = _Status(self._text, self._part, self._stream)

    def say(self, text: str, part: float | None = None) -> None:
        with self._lock:
            self._text, self._part = text, part
            if self._status:
                self._status.say(text, part)

    def stop(self) -> None:
        with self._lock:
            self._is_over = True
            if self._status:
                self._status.stop()


class _Status:
    """rich's line with a spinner; rich is loaded only where something takes long."""

    def __init__(self, text: str, part: float | None, stream: TextIO) -> None:
        from rich.console import Console
        from rich.live import Live

        console = Console(file=raw_stream(stream), markup=False, emoji=False, highlight=False)
        self._live = Live(_line(text, part), console=console, transient=True)
        self._live.start(refresh=True)

    def say(self, text: str, part: float | None) -> None:
        self._live.update(_line(text, part), refresh=True)

    def stop(self) -> None:
        self._live.stop()


def _line(text: str, part: float | None) -> RenderableType:
    from rich.progress_bar import ProgressBar
    from rich.spinner import Spinner
    from rich.table import Table
    from rich.text import Text

    line = Spinner("dots", Text(f"{one_line(text)} …", no_wrap=True, overflow="ellipsis"))
    if part is None:
        return line
    row = Table.grid(padding=(0, 1))
    row.add_row(ProgressBar(total=1.0, completed=part, width=_BAR), f"{part:4.0%}", line)
    return row
