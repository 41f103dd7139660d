"""What a server keeps of the lists it wrote, checked: all is written anew, and must be the same.

A world keeps its fragments so. Whatever a test does and lists, in whatever dialect, shows where an old list would
have been answered.
"""

from __future__ import annotations

from typing import Any

from rsvpd.store.fragments import Fragments, Key


class CheckedFragments(Fragments):
    """Fragments that have each item written every time, and compare."""

    def get(self, key: Key) -> None:
        """Return None."""
        return

    def keep(self, key: Key, value: Any, size: int) -> None:
        """Raise AssertionError where something else was written under this key."""
        kept = super().get(key)
        assert kept in (None, value), f"a list would show {kept!r} where there is {value!r}"
        super().keep(key, value, size)
