"""What a server keeps of the lists it wrote, checked: all is written anew, and must be the same.

A world keeps its fragments so. Whatever a test does and lists, in whatever dialect, shows where an old list would
have been answered.
"""

from __future__ import annotations

from rsvpd.store.fragments import Fragments, Key


class CheckedFragments(Fragments):
    """Fragments that have each item written every time, and compare."""

    def get_all(self, keys: list[Key]) -> list[bytes | None]:
        """Return nothing."""
        return [None] * len(keys)

    def keep(self, key: Key, fragment: bytes) -> None:
        """Raise AssertionError where something else was written under this key."""
        (kept,) = super().get_all([key])
        assert kept in (None, fragment), f"a list would show {kept!r} where there is {fragment!r}"
        super().keep(key, fragment)
