"""Numbers in memory that the processes of one server share; it is made before they are."""

from __future__ import annotations

import mmap

_BYTES = 8


def shared_numbers(count: int, *, signed: bool = False) -> memoryview:
    """Return so many numbers, 0 to begin with, which every process that is forked then sees as the others write them.

    An aligned number of eight bytes is written at once, or not yet, for whoever reads it. Only those pages take memory
    that something was written to.
    """
    return memoryview(mmap.mmap(-1, count * _BYTES)).cast("q" if signed else "Q")
