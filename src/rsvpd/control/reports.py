"""How far something that takes long has come, for whoever waits for it and wants to be told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from msgspec import Struct


class Counts(Struct, frozen=True, kw_only=True):
    """How many people and rooms, meetings, answers and messages."""

    people: int
    meetings: int
    answers: int
    messages: int


class Progress(Struct, frozen=True, kw_only=True):
    """How much of it is done."""

    done: Counts
    of: Counts

    @property
    def part(self) -> float:
        """Return which part of all is done, between 0 and 1."""
        names = Counts.__struct_fields__
        of = sum(getattr(self.of, name) for name in names)
        return sum(getattr(self.done, name) for name in names) / of if of else 1.0


Report = Callable[[Progress], None]


class Abandoned(Exception):
    """Nobody waits for it any more: what was done is taken back."""


_listener: ContextVar[Report | None] = ContextVar("listener", default=None)


@contextmanager
def reports_to(report: Report) -> Iterator[None]:
    """Let `report` be told how far what is begun inside has come, in whatever thread."""
    token = _listener.set(report)
    try:
        yield
    finally:
        _listener.reset(token)


@contextmanager
def reporting() -> Iterator[Report]:
    """Lend what tells whoever listens. Once this is left, as where who waited has gone, it raises Abandoned."""
    listener, is_over = _listener.get(), threading.Event()

    def report(progress: Progress) -> None:
        if is_over.is_set():
            raise Abandoned
        if listener is not None:
            listener(progress)

    try:
        yield report
    finally:
        is_over.set()
