"""Copies of the data file: of one that a server has open, or of one at rest, which is not written to for it."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from rsvpd import locks
from rsvpd.store.database import Store
from rsvpd.store.engine import CopyError
from rsvpd.store.sqlite.backup import write_copy
from rsvpd.store.sqlite.untouched import refuse_foreign, untouched


class BackupRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the copy is to be: an absolute file name, as the process that writes it sees it."""

    path: str
    overwrite: bool = False


class Backup(Struct, frozen=True, kw_only=True):
    """A copy that stands there now."""

    path: str
    bytes: int


def of_store(store: Store, wanted: BackupRequest) -> Backup:
    """Copy the data file that `store` has open. Raises CopyError, or Unavailable where it is not there any more."""
    target = _target(store.engine.path, wanted)
    return Backup(path=wanted.path, bytes=store.backup(target, overwrite=wanted.overwrite))


def of_file(data: Path, wanted: BackupRequest) -> Backup:
    """Copy a data file that no process has open; the caller holds it. Raises CopyError and DataFileError."""
    target = _target(data, wanted)
    refuse_foreign(data)
    with untouched(data) as connection:
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
