"""Which test reaches which lines, how long it takes, and whether it passes with nothing changed."""

from __future__ import annotations

import sys
import threading
import time
from itertools import zip_longest
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from msgspec import Struct

from support.mutants.anew import be_patient

Lines = dict[str, frozenset[int]]  # by file


class Reached(Struct, frozen=True):
    """One test: which lines it reaches in each file, and how many seconds of a processor it takes."""

    seconds: float
    lines: Lines
    has_failed: bool = False


class Tracer:
    """Notes which lines of some files run, in every thread that is started while it does."""

    def __init__(self, paths: list[Path]) -> None:
        self._seen: dict[str, set[int]] = {str(path): set() for path in paths}
        self._locals = {path: self._noting(seen) for path, seen in self._seen.items()}

    def __enter__(self) -> Tracer:
        for seen in self._seen.values():
            seen.clear()
        threading.settrace(self._begin)
        sys.settrace(self._begin)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)
        threading.settrace(None)  # what it was: none

    @property
    def lines(self) -> Lines:
        """Return what ran since it was entered."""
        return {path: frozenset(seen) for path, seen in self._seen.items() if seen}

    def _begin(self, frame: FrameType, event: str, argument: Any) -> Any:
        return self._locals.get(frame.f_code.co_filename)

    @staticmethod
    def _noting(seen: set[int]) -> Any:
        def note(frame: FrameType, event: str, argument: Any) -> Any:
            seen.add(frame.f_lineno)
            return note

        return note


def reached(items: list[pytest.Item], paths: list[Path]) -> dict[str, Reached]:
    """Play tests and return what each reaches, by its id."""
    tracer, found = Tracer(paths), {}
    for item, after in zip(items, [*items[1:], None], strict=True):
        began = time.process_time()  # which other work on the machine does not change
        with tracer:
            reports = runtestprotocol(item, nextitem=after, log=False)
        seconds = time.process_time() - began
        found[item.nodeid] = Reached(seconds, tracer.lines, any(one.failed for one in reports))
    return found


def passes(items: list[pytest.Item]) -> bool:
    """Play tests until one fails, and return whether none did; there may be none at all."""
    for item, after in zip_longest(items, items[1:]):
        be_patient(item)
        if any(one.failed for one in runtestprotocol(item, nextitem=after, log=False)):
            return False
    return True
