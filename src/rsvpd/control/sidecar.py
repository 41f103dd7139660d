"""Who holds a data file: the lock beside it, and the sidecar that says how to reach the holder.

`<data>.lock` is held with flock for as long as a process has the data file open; it stays when the
process is gone, and its lock does not. `<data>.server` is written by a running server (mode 0600)
and tells its URL and control token. A sidecar counts only while the lock is held, so that one left
behind by a crash misleads nobody.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
from msgspec import Struct

_TRIES, _PAUSE_SECONDS = 3, 0.01


class Sidecar(Struct, frozen=True):
    """How to reach the server that holds a data file. The names stand in the file; `rsvp` reads them too."""

    pid: int
    url: str
    control_token: str


class Held(Exception):
    """Another process has the data file open; `pid` is 0 where it could not be learned."""

    def __init__(self, data: Path, pid: int) -> None:
        server = _read(data)
        where = f" (a server at {server.url})" if server and server.pid == pid else ""
        super().__init__(f"{data} is in use by process {pid or '(unknown)'}{where}; two processes never share it")
        self.pid = pid


@contextmanager
def hold(data: Path) -> Iterator[None]:
    """Hold the lock of `data` while inside; makes the folder where it is missing. Raises Held."""
    data.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(_lock_path(data), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _locked(handle):
            raise Held(data, _pid(handle))
        os.ftruncate(handle, 0)
        os.pwrite(handle, b"%d\n" % os.getpid(), 0)
        yield
    finally:
        os.close(handle)


def holder(data: Path) -> int | None:
    """Return the pid of the process that has `data` open (0: unknown), or None where nobody has."""
    try:
        handle = os.open(_lock_path(data), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _pid(handle)
    finally:
        os.close(handle)
    return None


def write(data: Path, sidecar: Sidecar) -> None:
    """Say how to reach this process."""
    write_secret(_sidecar_path(data), msgspec.json.encode(sidecar) + b"\n")


def remove(data: Path) -> None:
    """Take the sidecar away again."""
    _sidecar_path(data).unlink(missing_ok=True)


def running(data: Path) -> Sidecar | None:
    """Return how to reach the server that has `data` open, or None where none has."""
    return None if holder(data) is None else _read(data)


def _read(data: Path) -> Sidecar | None:
    try:
        return msgspec.json.decode(_sidecar_path(data).read_bytes(), type=Sidecar)
    except (OSError, msgspec.DecodeError):
        return None


def write_secret(path: Path, content: bytes) -> None:
    """Write `path` so that only the owner can read it and nobody ever sees half of it.

    What is no ordinary file (a pipe, a terminal) is written to as it is.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # made with mode 0600
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _locked(handle: int) -> bool:
    """Take the lock; a passing look of `holder` at it is waited out."""
    for _ in range(_TRIES):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            time.sleep(_PAUSE_SECONDS)
    return False


def _lock_path(data: Path) -> Path:
    return data.with_name(data.name + ".lock")


def _sidecar_path(data: Path) -> Path:
    return data.with_name(data.name + ".server")


def _pid(handle: int) -> int:
    with suppress(ValueError):
        return int(os.pread(handle, 32, 0) or b"0")
    return 0
