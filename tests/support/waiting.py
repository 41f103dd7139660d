"""Waiting for what another thread or process does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def until(holds: Callable[[], bool], *, seconds: float = 20) -> None:
    """Wait for what another does; it fails after so long."""
    patience = threading.Event()
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        patience.wait(0.01)
