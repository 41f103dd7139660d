"""Copies of all there is, each a data file: of one that a server has open, of one at rest, which is not written to for
it, or of a database, while servers read and write it.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct

from rsvpd import locks
from rsvpd.control.move import move
from rsvpd.control.work import within
from rsvpd.store.database import Store
from rsvpd.store.engine import UNLIMITED, CopyError, Run
from rsvpd.store.sqlite.backup import write_copy
from rsvpd.store.sqlite.untouched import open_untouched, refuse_foreign


class BackupRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the copy is to be: an absolute file name, as the process that writes it sees it."""

    path: str
    overwrite: bool = False


class Backup(Struct, frozen=True, kw_only=True):
    """A copy that stands there now."""

    path: str
    bytes: int


def of_store(store: Store, wanted: BackupRequest) -> Backup:
    """Copy what `store` has open. Raises CopyError, or Unavailable where it is not there any more."""
    target = _target(store.engine.path, wanted)
    if store.engine.path is None:
        def copy(run: Run) -> int:
            return move_into_file(run, target, overwrite=wanted.overwrite)

        size: int = store.engine.run(lambda tx: copy(within(tx)), writes=False)
        return Backup(path=wanted.path, bytes=size)
    return Backup(path=wanted.path, bytes=store.backup(target, overwrite=wanted.overwrite))


def restore(copy: Path, data: Path) -> int:
    """Put a copy in the place of a data file that is not there yet; the caller holds it. Return its size in bytes.

    Raises CopyError and DataFileError.
    """
    refuse_foreign(copy)
    if not copy.exists() or copy.stat().st_size == 0:
        raise CopyError(f"There is no copy at {copy}.")
    with open_untouched(copy) as connection:
        return write_copy(connection, data, overwrite=True)


def move_into_file(run: Run, target: Path, *, overwrite: bool) -> int:
    """Move all that `run` reads, which is of one moment, into a new data file, which then takes its place.

    Returns its size in bytes. Raises CopyError.
    """
    if target.exists() and not overwrite:
        raise CopyError(f"{target} is there already; --force writes over it")
    try:
        with TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
            fresh = Path(folder, "copy.db")
            made = Store.open(fresh, limits=UNLIMITED)
            try:
                move(run, made, lambda _: None)
                return made.backup(target, overwrite=overwrite)
            finally:
                made.close()
    except OSError as wrong:
        if isinstance(wrong, CopyError):
            raise
        raise CopyError(f"{target} cannot be written ({wrong.strerror})") from None


def of_file(data: Path, wanted: BackupRequest) -> Backup:
    """Copy a data file that no process has open; the caller holds it. Raises CopyError and DataFileError."""
    target = _target(data, wanted)
    refuse_foreign(data)
    with open_untouched(data) as connection:
        return Backup(path=wanted.path, bytes=write_copy(connection, target, overwrite=wanted.overwrite))


def _target(data: Path | None, wanted: BackupRequest) -> Path:
    target = Path(wanted.path)
    try:
        wrong = _fault(data, target)
    except OSError as fault:
        wrong = f"cannot be written ({fault.strerror})"
    except ValueError:  # a NUL among the letters
        wrong = "is not a file name"
    if wrong:
        raise CopyError(f"{target} {wrong}")
    return target


def _fault(data: Path | None, target: Path) -> str:
    """Return why nothing can be copied there, or nothing."""
    if not target.is_absolute():
        return "is not an absolute file name"
    if data is not None and target.exists() and target.samefile(data):
        return "is the data file itself"
    if target.exists() and not target.is_file():
        return "is not a file"
    return "is in use by another process" if locks.is_held(target) else ""
