"""Snapshots of a database: there are none yet."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from rsvpd.store.difference import Kind
from rsvpd.store.engine import Carry, CopyError, Kept, Run


class PostgresShelf:
    """See `engine.Shelf`."""

    def kept(self) -> list[Kept]:
        """Raise CopyError."""
        raise CopyError("There are snapshots of a data file alone; `rsvpd backup` copies a database.")

    def save(self, name: str, *, overwrite: bool) -> None:
        """Raise CopyError."""
        self.kept()

    def remove(self, name: str) -> None:
        """Raise CopyError."""
        self.kept()

    def restore(self, name: str, carry: Carry) -> None:
        """Raise CopyError."""
        self.kept()

    def reading(self, name: str) -> AbstractContextManager[Run]:
        """Raise CopyError."""
        raise CopyError(name)

    def differing(self, before: str, after: str | None, most: int) -> dict[str, Kind]:
        """Raise CopyError."""
        raise CopyError(before)

    def file_of(self, name: str) -> Path | None:
        """Raise CopyError."""
        raise CopyError(name)
