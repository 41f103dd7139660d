"""Snapshots of a data file: data files themselves, `NAME.db` in the folder `<data>.snapshots` beside it.

Each takes its name when it is whole. What a process that was killed has left of one goes with the next.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rsvpd.store import meta
from rsvpd.store.difference import Kind
from rsvpd.store.engine import OTHER_DATA, Carry, CopyError, DataFileError, NamedCopy, Run
from rsvpd.store.sqlite import driver, file
from rsvpd.store.sqlite.at_rest import reading
from rsvpd.store.sqlite.difference import files_differing
from rsvpd.store.sqlite.untouched import beside, refuse_cut, refuse_foreign, refuse_newer
from rsvpd.store.sqlite.upgrades import ABOUT_CONTENT, UPGRADES
from rsvpd.store.steps import steps

if TYPE_CHECKING:
    from rsvpd.store.sqlite.engine import SqliteEngine

_ENDING = ".db"
_MICROSECONDS = 1_000_000
_TENANT = "tenant"


class SqliteShelf:
    """See `engine.Shelf`."""

    def __init__(self, engine: SqliteEngine, data: Path) -> None:
        self._engine = engine
        self._data = data
        self._folder = beside(data, ".snapshots")
        self._saving = threading.Lock()

    def copies(self) -> list[NamedCopy]:
        """Return what there is, by name."""
        return [_copy_of(one) for one in sorted(self._folder.glob(f"*{_ENDING}")) if not one.name.startswith(".")]

    def save(self, name: str, *, overwrite: bool) -> None:
        """Copy the data file. Raises CopyError, or Unavailable."""
        place = self._place(name)
        with self._saving:
            try:
                place.parent.mkdir(mode=0o700, exist_ok=True)
                for left in place.parent.glob(".*"):
                    left.unlink(missing_ok=True)
            except OSError as wrong:
                raise CopyError(f"{place} cannot be written ({wrong.strerror})") from None
            if place.exists() and not overwrite:
                raise CopyError(f"There is a snapshot '{name}' already; --force writes over it.")
            self._engine.backup(place, overwrite=overwrite)

    def remove(self, name: str) -> None:
        """Delete one, if it is there."""
        self._place(name).unlink(missing_ok=True)

    def restore(self, name: str, carry: Carry) -> None:
        """Put one in the place of all there is. Raises CopyError, or Unavailable; then nothing has changed."""
        place = self._place(name)
        try:
            refuse_foreign(place)
            refuse_cut(place)
            refuse_newer(place, len(steps("sqlite")))
            self._engine.put_in(place, carry, self._fit)
        except DataFileError as wrong:
            raise CopyError(str(wrong)) from None

    @contextmanager
    def reading(self, name: str) -> Iterator[Run]:
        """Lend what runs commands that read one. Raises DataFileError."""
        with reading(self._place(name)) as run:
            yield run

    def compare(self, before: str, after: str | None, most: int) -> dict[str, Kind]:
        """Return what differs from one to another, or to what there is now. Raises DataFileError."""
        first = self._place(before)
        if after is None:
            return files_differing(first, self._data, is_after_open=True, most=most)
        return files_differing(first, self._place(after), is_after_open=False, most=most)

    def file_of(self, name: str) -> Path | None:
        """Return the data file that one is."""
        return self._place(name)

    def _place(self, name: str) -> Path:
        return self._folder / f"{name}{_ENDING}"

    def _fit(self, copy: driver.Connection) -> None:
        """Bring a copy up to date. Raises DataFileError where it is of other data, or cannot be read."""
        try:
            file.migrate(copy, ABOUT_CONTENT, UPGRADES)
        except driver.DatabaseError as fault:
            raise DataFileError(f"The copy cannot be read ({fault}).") from None
        tenant = copy.execute("SELECT value FROM meta WHERE key = :key", {"key": _TENANT}).fetchone()
        own = self._engine.run(lambda tx: meta.get(tx, _TENANT), writes=False)
        if tenant is None or tenant[0] != own:
            raise DataFileError(OTHER_DATA)


def _copy_of(place: Path) -> NamedCopy:
    found = place.stat()
    made = int(found.st_mtime) * _MICROSECONDS
    return NamedCopy(place.name.removesuffix(_ENDING), made, found.st_size, str(place))

