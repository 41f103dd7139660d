"""What items of lists were written as, kept in memory for the next list that shows the same.

A fragment belongs to one state of an item (its change number) and to one way of writing it; a whole reply to one state
of the mailbox. A single event as its owner sees it is kept as well, whatever it is written as; what a writer saw too,
since whoever hears of the change asks for it next. Who changes an item gives it a new number, so that nothing has to
be found and removed: what is not asked for any more is forgotten.

Rule 1: only readers keep fragments. What a writer sees may be rolled back, and its change numbers are used again;
        nothing of it is kept before the COMMIT.
Rule 2: fragments belong to an open data file. In another one, or an older state of it, the same number is another
        change.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Hashable
from typing import Any

# How much is kept at most; half of it is what was asked for lately.
MOST_BYTES = 64 * 2**20
_MOST_RENDERINGS = 1024
# What a fragment takes besides its bytes: its key, and its places in tables.
_BESIDES = 250

# The number of a way of writing, or of a reply what was asked; and what names the state of what was written.
Key = tuple[Hashable, Hashable]


class Fragments:
    """Fragments, and replies made of them, by their keys; each with its size in bytes.

    There are two generations: where the young one is full, the old one is forgotten.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._half = most_bytes // 2
        self._young: dict[Key, tuple[Any, int]] = {}
        self._old: dict[Key, tuple[Any, int]] = {}
        self._size = 0  # of the young ones
        self._numbers: dict[Hashable, int] = {}
        self._next = itertools.count(1)
        self._changing = threading.Lock()

    def number_of(self, rendering: Hashable) -> int:
        """Return a number for a way of writing, with which keys begin: it is compared faster."""
        known = self._numbers.get(rendering)
        if known is not None:
            return known
        with self._changing:
            if len(self._numbers) >= _MOST_RENDERINGS:  # words of clients are among them
                self._numbers = {}
            return self._numbers.setdefault(rendering, next(self._next))

    def get(self, key: Key) -> Any:
        """Return what is kept under a key, or None."""
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is None:
                return None
            self.keep(key, *found)
        return found[0]

    def forget(self) -> None:
        """Keep nothing of what there is: it may be of other data."""
        with self._changing:
            self._young, self._old, self._size = {}, {}, 0

    def keep(self, key: Key, value: Any, size: int) -> None:
        """Keep what takes so many bytes, if there is room for any."""
        if size + _BESIDES > self._half:
            return
        with self._changing:
            if self._size + size + _BESIDES > self._half:
                self._old, self._young, self._size = self._young, {}, 0
            if key not in self._young:
                self._young[key] = value, size
                self._size += size + _BESIDES


# For whoever writes.
NONE_KEPT = Fragments(most_bytes=0)
