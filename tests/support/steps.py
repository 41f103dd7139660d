"""How many lines of the source run while something is done: what work in Python costs, without a clock."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import rsvpd

_SOURCE = str(Path(rsvpd.__file__).parent)


def lines_run(do: Callable[[], object]) -> int:
    """Return how many lines of the source `do` runs, whether it returns or raises an Exception."""
    count = 0

    def on_line(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return on_line

    def on_call(frame: FrameType, _event: str, _argument: Any) -> Any:
        return on_line if frame.f_code.co_filename.startswith(_SOURCE) else None

    before = sys.gettrace()
    sys.settrace(on_call)
    try:
        do()
    except Exception:  # a refusal costs as well; what it says is for other tests
        pass
    finally:
        sys.settrace(before)
    return count
