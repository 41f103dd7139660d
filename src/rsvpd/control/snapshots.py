"""Named copies of all there is, beside the data: saved, put back and taken apart while servers go on.

A snapshot of a data file is one itself (`NAME.db` in the folder `<data>.snapshots`), so that it can be read, sent and
served like any other; one of a database is a schema there. Whoever is signed in stays signed in when one is put back:
it holds the same keys. Ids, change keys and tokens of lists that were given out since then mean nothing any more, and
those of before go on (store/continuation.py).
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from rsvpd.clock import to_text
from rsvpd.commands import clock
from rsvpd.commands.door import reads, writes
from rsvpd.control import backup
from rsvpd.control.datafile import KEYS, Keys, get_key
from rsvpd.control.move import move
from rsvpd.errors import InvalidProperty, Missing
from rsvpd.spelling import did_you_mean
from rsvpd.store import continuation
from rsvpd.store.continuation import LastNumbers
from rsvpd.store.database import Store
from rsvpd.store.engine import UNLIMITED, CopyError, DataFileError, NamedCopy
from rsvpd.store.engines import URLS
from rsvpd.store.tx import Tx

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
    _check(name)
    store.shelf.save(name, overwrite=overwrite)
    return find_snapshot(store, name)


def snapshots(store: Store) -> list[Snapshot]:
    """Return all there are, by name. Raises CopyError."""
    return [_describe_snapshot(one) for one in store.shelf.copies() if _NAME.fullmatch(one.name)]


def remove(store: Store, name: str) -> Snapshot:
    """Delete a snapshot. Raises Missing."""
    gone = find_snapshot(store, name)
    store.shelf.remove(name)
    return gone


def restore(store: Store, name: str) -> Snapshot:
    """Put a snapshot in the place of all there is.

    Raises Missing, CopyError where it is no copy of these data or of a newer rsvpd, or Unavailable; then nothing has
    changed.
    """
    found = find_snapshot(store, name)
    store.restore_kept(name)
    return found


def fork(store: Store, name: str, target: str) -> backup.Backup:
    """Make a data file of its own of a snapshot, or fill an empty database, with the same people and keys.

    `target` is an absolute file name, or the URL of the database. Raises Missing and CopyError.
    """
    find_snapshot(store, name)
    try:
        if target.startswith(URLS):
            return _fork_into_database(store, name, target)
        return backup.Backup(path=target, bytes=_fork_into_file(store, name, _free_file(target)))
    except DataFileError as wrong:
        raise CopyError(str(wrong)) from None
    except OSError as wrong:
        if isinstance(wrong, CopyError):
            raise
        raise CopyError(f"{target:.200} cannot be written ({wrong.strerror})") from None


def _free_file(target: str) -> Path:
    if "\0" in target or not os.path.isabs(target):
        raise CopyError(f"{target!r:.200} is not an absolute file name")
    if os.path.lexists(target):
        raise CopyError(f"{target} is there already")
    return Path(target)


def _fork_into_file(store: Store, name: str, target: Path) -> int:
    place = store.shelf.file_of(name)
    if place is not None:
        return backup.restore(place, target)
    with store.shelf.reading(name) as run:
        return backup.move_into_file(run, target, overwrite=False)


def _fork_into_database(store: Store, name: str, url: str) -> backup.Backup:
    made = Store.open(url, limits=UNLIMITED)
    try:
        with store.shelf.reading(name) as run:
            move(run, made, lambda _: None)
        health = made.health()
        return backup.Backup(path=health["database"], bytes=health["database_bytes"])
    finally:
        made.close()


def reset(store: Store, make: Callable[[Path, Keys], None]) -> None:
    """Put a new beginning in the place of all there is, which `make` writes with the keys that there are.

    The clock goes on as it is steered.

    Raises CopyError, or Unavailable.
    """
    keys: Keys = tuple((key, kept) for key in (*KEYS, clock.KEY) if (kept := store.run(get_key, key)))
    with tempfile.TemporaryDirectory(prefix="rsvpd-") as folder:
        fresh = Path(folder, "fresh.db")
        make(fresh, keys)
        before = store.run(_last_numbers)
        beginning = Store.open(fresh)
        try:
            beginning.run(_begin_anew, before)
        finally:
            beginning.close()
        store.restore(fresh)


def find_snapshot(store: Store, name: str) -> Snapshot:
    """Return a snapshot. Raises Missing, and InvalidProperty for a name that cannot be."""
    _check(name)
    known = {one.name: one for one in snapshots(store)}
    if name not in known:
        here = f"; here are {', '.join([*known][:10])}." if known else "; there is none yet."
        raise Missing(f"There is no snapshot '{name:.80}'{did_you_mean(name, known) or here}", target="name")
    return known[name]


@reads
def _last_numbers(tx: Tx) -> LastNumbers:
    """Return which numbers were given."""
    return continuation.last_numbers(tx)


@writes
def _begin_anew(tx: Tx, before: LastNumbers) -> None:
    """Begin above these numbers."""
    continuation.begin_anew(tx, before)


def _check(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidProperty("A snapshot is called by letters, digits, '.', '_' and '-', 64 at most.", target="name")


def _describe_snapshot(one: NamedCopy) -> Snapshot:
    made = to_text(one.made // _MICROSECONDS * _MICROSECONDS)
    return Snapshot(name=one.name, made=made, bytes=one.bytes, path=one.place)
