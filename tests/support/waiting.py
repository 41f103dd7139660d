"""Waiting for what another thread does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def until(holds: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    patience = threading.Event()
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        patience.wait(0.01)
