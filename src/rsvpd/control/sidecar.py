"""Who holds a data file: the lock on it, and the sidecar that says how to reach the holder.

The lock (see `locks.py`) is held for as long as a process has the data file open, and ends with it.
`<data>.server` is written by a running server (mode 0600) and tells its URL and control token. A sidecar
counts only while the lock is held, and whoever takes the lock removes the one it finds: what a crash left
behind misleads nobody.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from rsvpd import locks
from rsvpd.files import write_secret
from rsvpd.store.engine import DataFileError
from rsvpd.store.sqlite.untouched import beside

_TRIES, _PAUSE_SECONDS = 3, 0.01
_WITHOUT_WAITING = getattr(os, "O_NONBLOCK", 0)  # a pipe is refused, not waited for
_FLAGS = os.O_RDWR | _WITHOUT_WAITING


class Sidecar(Struct, frozen=True):
    """How to reach the server that holds a data file. The names stand in the file; `rsvp` reads them too."""

    pid: int
    url: str
    control_token: str
    https_url: str = ""
    proxy_url: str = ""


class DataFileInUse(Exception):
    """Another process has the data file open; `pid` is 0 where it is not a server that says so."""

    def __init__(self, data: Path) -> None:
        server = _read(data)
        where = f"process {server.pid} (a server at {server.url})" if server else "another process"
        super().__init__(f"{data} is in use by {where}; stop that one, or name another file with --data")
        self.pid = server.pid if server else 0


class Lock:
    """The lock of a data file, held by this process."""

    def __init__(self, data: Path) -> None:
        self._place = locks.resolve(data)
        self._handle, self._is_made = _acquire(data)
        if _is_wal_held(data):
            self.close()
            raise DataFileInUse(data)
        if self._is_made or not self._place.exists():
            # What stands beside a file that is gone would be taken for a part of the new one.
            for ending in ("-wal", "-shm", "-journal"):
                beside(self._place, ending).unlink(missing_ok=True)

    def put(self, fresh: Path, place: Path) -> None:
        """Move `fresh` to the place of the data file, and hold it from then on."""
        if not locks.ON_THE_FILE_ITSELF:
            os.replace(fresh, place)
            return
        handle = os.open(fresh, _FLAGS)
        locks.take(handle)
        os.replace(fresh, place)
        os.close(self._handle)
        self._handle = handle

    def close(self) -> None:
        """Let go of the data file. One that was made for the lock and never filled goes again."""
        if self._is_made and os.fstat(self._handle).st_size == 0 and _is_under(self._place, self._handle):
            self._place.unlink(missing_ok=True)
        os.close(self._handle)


@contextmanager
def hold(data: Path) -> Iterator[Lock]:
    """Hold the lock of `data` while inside; makes file and folder where they are missing.

    Raises DataFileInUse, and DataFileError where that is no place for a data file.
    """
    try:
        locks.resolve(data).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = Lock(data)
    except OSError as wrong:
        raise DataFileError(f"{data} cannot be written ({wrong.strerror}); name another file with --data") from None
    try:
        _sidecar_path(data).unlink(missing_ok=True)
        yield lock
    finally:
        lock.close()


@contextmanager
def share(data: Path) -> Iterator[None]:
    """Keep servers away from `data` while inside, without writing anything. Raises DataFileInUse and DataFileError."""
    try:
        handle = os.open(locks.carrier(data), os.O_RDONLY | _WITHOUT_WAITING)
    except FileNotFoundError:  # the lock stands beside the file, and nobody ever took it
        yield
        return
    except OSError as wrong:
        raise DataFileError(f"{data} cannot be read ({wrong.strerror})") from None
    try:
        if not locks.take(handle, shared=True) or _is_wal_held(data):
            raise DataFileInUse(data)
        yield
    finally:
        os.close(handle)


def write(data: Path, sidecar: Sidecar) -> None:
    """Say how to reach this process."""
    write_secret(_sidecar_path(data), msgspec.json.encode(sidecar) + b"\n")


def remove(data: Path) -> None:
    """Take the sidecar of this process away again; one of another server over a file put there since stays."""
    server = _read(data)
    if server is not None and server.pid == os.getpid():
        _sidecar_path(data).unlink(missing_ok=True)


def find_server(data: Path) -> Sidecar | None:
    """Return how to reach the server that has `data` open, or None where none has."""
    try:
        return _read(data) if locks.is_held(data) else None
    except OSError:
        return None


def _read(data: Path) -> Sidecar | None:
    try:
        return msgspec.json.decode(_sidecar_path(data).read_bytes(), type=Sidecar)
    except (OSError, msgspec.DecodeError):
        return None


def _acquire(data: Path) -> tuple[int, bool]:
    """Return the locked file and whether it was made for that; a passing look at the lock is waited out."""
    carrier = locks.carrier(data)
    for _ in range(_TRIES):
        handle, is_made = _open_carrier(carrier)
        if locks.take(handle) and _is_under(carrier, handle):
            return handle, is_made and locks.ON_THE_FILE_ITSELF
        os.close(handle)
        time.sleep(_PAUSE_SECONDS)
    raise DataFileInUse(data)


def _open_carrier(carrier: Path) -> tuple[int, bool]:
    try:
        return os.open(carrier, _FLAGS | os.O_CREAT | os.O_EXCL, 0o600), True
    except FileExistsError:
        handle = os.open(carrier, _FLAGS | os.O_CREAT, 0o600)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(None, "it is not a file")
    return handle, False


def _is_wal_held(data: Path) -> bool:
    """Return whether a server has a file open that was here before: SQLite would take its WAL for this one's."""
    return locks.ON_THE_FILE_ITSELF and locks.is_held(beside(locks.resolve(data), "-wal"))


def _is_under(path: Path, handle: int) -> bool:
    """Return whether the open file still has this name: it may have been replaced before it was locked."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return False
    return os.path.samestat(found, os.fstat(handle))


def _sidecar_path(data: Path) -> Path:
    return beside(locks.resolve(data), ".server")
