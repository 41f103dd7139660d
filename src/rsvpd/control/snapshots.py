"""Named copies of all there is, beside the data file: saved, put back and taken apart while the server goes on.

A snapshot is a data file (`NAME.db` in the folder `<data>.snapshots`), so that it can be read, sent and served like
any other. Whoever is signed in stays signed in when one is put back: it holds the same keys. Ids, change keys and
tokens of lists that were given out since then mean nothing any more, and those of before go on
(store/continuation.py).
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from rsvpd.clock import to_datetime
from rsvpd.commands import clock
from rsvpd.commands.door import reads, writes
from rsvpd.control import backup
from rsvpd.control.datafile import KEYS, Keys, get_key
from rsvpd.errors import InvalidProperty, Missing
from rsvpd.spelling import did_you_mean
from rsvpd.store import continuation
from rsvpd.store.continuation import Given
from rsvpd.store.database import Store
from rsvpd.store.engine import CopyError, DataFileError
from rsvpd.store.sqlite.at_rest import reading
from rsvpd.store.sqlite.untouched import beside, refuse_cut, refuse_foreign
from rsvpd.store.tx import Tx

_ENDING = ".db"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MICROSECONDS = 1_000_000


class Snapshot(Struct, frozen=True, kw_only=True):
    """A copy: its name, when it was made by this machine's clock (ISO 8601, UTC), its size, and where it is."""

    name: str
    made: str
    bytes: int
    path: str


def save(store: Store, name: str, *, overwrite: bool) -> Snapshot:
    """Copy all there is. Raises InvalidProperty for a name that cannot be, CopyError, or Unavailable."""
    place = _place(store, name)
    place.parent.mkdir(mode=0o700, exist_ok=True)
    if place.exists() and not overwrite:
        raise CopyError(f"There is a snapshot '{name}' already; --force writes over it.")
    store.backup(place, overwrite=overwrite)
    return _told(place)


def snapshots(store: Store) -> list[Snapshot]:
    """Return all there are, by name. Raises CopyError."""
    return [_told(one) for one in sorted(_folder(store).glob(f"*{_ENDING}")) if _NAME.fullmatch(one.stem)]


def remove(store: Store, name: str) -> Snapshot:
    """Delete a snapshot. Raises Missing."""
    place = existing(store, name)
    gone = _told(place)
    place.unlink(missing_ok=True)
    return gone


def restore(store: Store, name: str) -> Snapshot:
    """Put a snapshot in the place of all there is.

    Raises Missing, CopyError where it is no copy of these data or of a newer rsvpd, or Unavailable; then nothing has
    changed.
    """
    place = existing(store, name)
    with _fitting(store, place) as copy:
        store.restore(copy)
    return _told(place)


def fork(store: Store, name: str, target: Path) -> backup.Backup:
    """Make a data file of its own of a snapshot, with the same people and keys. Raises Missing and CopyError."""
    place = existing(store, name)
    if not target.is_absolute():
        raise CopyError(f"{target} is not an absolute file name")
    if target.exists():
        raise CopyError(f"{target} is there already")
    try:
        return backup.Backup(path=str(target), bytes=backup.restore(place, target))
    except DataFileError as wrong:
        raise CopyError(str(wrong)) from None


def reset(store: Store, make: Callable[[Path, Keys], None]) -> None:
    """Put a new beginning in the place of all there is, which `make` writes with the keys that there are.

    The clock goes on as it is steered.

    Raises CopyError, or Unavailable.
    """
    keys: Keys = tuple((key, kept) for key in (*KEYS, clock.KEY) if (kept := store.run(get_key, key)))
    _folder(store)
    with tempfile.TemporaryDirectory(prefix="rsvpd-") as folder:
        fresh = Path(folder, "fresh.db")
        make(fresh, keys)
        before = store.run(_given)
        beginning = Store.open(fresh)
        try:
            beginning.run(_begin_anew, before)
        finally:
            beginning.close()
        store.restore(fresh)


def existing(store: Store, name: str) -> Path:
    """Return where a snapshot is. Raises Missing, InvalidProperty and CopyError."""
    place = _place(store, name)
    if not place.is_file():
        known = [one.name for one in snapshots(store)]
        here = f"; here are {', '.join(known[:10])}." if known else "; there is none yet."
        raise Missing(f"There is no snapshot '{name}'{did_you_mean(name, known) or here}", target="name")
    return place


@reads
def _given(tx: Tx) -> Given:
    """Return which numbers were given."""
    return continuation.given(tx)


@writes
def _begin_anew(tx: Tx, before: Given) -> None:
    """Begin above these numbers."""
    continuation.begin_anew(tx, before)


def _folder(store: Store) -> Path:
    if store.engine.path is None:
        raise CopyError("There are snapshots of a data file alone; `rsvpd backup` copies a database.")
    return beside(store.engine.path.resolve(), ".snapshots")


def _place(store: Store, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise InvalidProperty("A snapshot is called by letters, digits, '.', '_' and '-', 64 at most.", target="name")
    return _folder(store) / f"{name}{_ENDING}"


def _told(place: Path) -> Snapshot:
    found = place.stat()
    made = to_datetime(int(found.st_mtime) * _MICROSECONDS).isoformat().replace("+00:00", "Z")
    return Snapshot(name=place.name.removesuffix(_ENDING), made=made, bytes=found.st_size, path=str(place))


@contextmanager
def _fitting(store: Store, place: Path) -> Iterator[Path]:
    """Lend a copy that can be put in: the snapshot itself, or one of it that was brought up to date."""
    try:
        refuse_foreign(place)
        refuse_cut(place)
        try:
            with reading(place) as run:
                _check_tenant(store, run(get_key, "tenant"))
            yield place
            return
        except DataFileError:  # of an older rsvpd, or none that can be read
            pass
        with tempfile.TemporaryDirectory(prefix="rsvpd-") as folder:
            fresh = Path(folder, "copy.db")
            backup.restore(place, fresh)
            older = Store.open(fresh)
            try:
                _check_tenant(store, older.run(get_key, "tenant"))
            finally:
                older.close()
            yield fresh
    except DataFileError as wrong:
        raise CopyError(str(wrong)) from None


def _check_tenant(store: Store, tenant: bytes) -> None:
    if tenant != store.run(get_key, "tenant"):
        raise CopyError("This is a copy of other data, which know other people: `rsvpd up --data FILE` serves it.")
