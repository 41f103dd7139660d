"""Notices when the open data file is no longer the one under its name, and keeps the two apart.

Whoever deletes, moves, replaces or overwrites it under a running server would otherwise learn of it by what
is missing after the next start; and the WAL that is left beside a file of the same name would be taken for
that file's own (https://www.sqlite.org/howtocorrupt.html, 1.4 and 4). Rules: a stat on each transaction and
no more; once noticed it stays so until the next start; the file is never opened a second time and closed,
because that drops the locks SQLite holds on it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rsvpd import locks
from rsvpd.errors import StorageFailed
from rsvpd.store.sqlite.untouched import beside

OVERWRITTEN = "overwritten"
# Enough to tell a file from another one of the same story (keys are random) and from an older copy of itself.
_COMPARED_BYTES = 2**20


class DataFileReplaced(StorageFailed):
    """What stands under the name of the data file is not what was opened; `how` says what happened to it."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how


class FileWatch:
    """Compares what is found under the name of a data file with the file that was opened.

    Close it after SQLite closed the file; `learn` once the file is set up. `on_moved` is called once, in
    whatever thread noticed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._place = path.resolve()
        self._wal_path = str(beside(self._place, "-wal"))
        self._handles = [os.open(path, os.O_RDONLY)]
        self._file = _identity(os.fstat(self._handles[0]))
        self._wal: tuple[int, int] | None = None
        self._lock = threading.Lock()
        self._writers = 0
        self._stamp: tuple[int, int] | None = None
        self._content = b""
        self.moved: DataFileReplaced | None = None
        self.on_moved: Callable[[], None] = lambda: None

    def learn(self) -> None:
        """Remember the file as it is: nobody but `own_change` writes it from now on, its WAL aside.

        The WAL is locked as the file is: a server over another file put here finds it in use.
        """
        with suppress(FileNotFoundError):
            handle = os.open(beside(self._place, "-wal"), os.O_RDONLY)
            self._handles.append(handle)
            self._wal = _identity(os.fstat(handle))
            if locks.ON_THE_FILE_ITSELF:
                locks.take(handle)
        self._remember()

    @contextmanager
    def own_change(self) -> Iterator[None]:
        """Let the file change inside: a checkpoint copies the WAL into it."""
        with self._lock:
            self._writers += 1
        try:
            yield
        finally:
            with self._lock:
                self._writers -= 1
                self._remember()

    def check(self) -> None:
        """Raise DataFileReplaced where the file or its WAL was deleted, replaced, or written by somebody else."""
        if self.moved is None:
            how = self._difference()
            if how is None:
                return
            self.moved = DataFileReplaced(how)
            self.on_moved()
        raise DataFileReplaced(self.moved.how)

    def set_aside(self) -> None:
        """Let what somebody wrote over the file be that and nothing else; the WAL gets another name.

        The content moves to a file of its own: SQLite copies no WAL into a file that is not the one it opened.
        """
        copy = beside(self._place, ".own")  # that reading it drops SQLite's locks does no harm any more
        shutil.copyfile(self._place, copy)
        copy.chmod(0o600)
        os.replace(copy, self._place)
        os.replace(beside(self._place, "-wal"), beside(self._place, "-wal.unused"))
        beside(self._place, "-shm").unlink(missing_ok=True)

    def forget_wal(self) -> None:
        """Remove the WAL and what goes with it, once it is empty: the file has left this place."""
        wal = beside(self._place, "-wal")
        with suppress(FileNotFoundError):
            if _identity(wal.stat()) == self._wal:
                beside(self._place, "-shm").unlink(missing_ok=True)
                wal.unlink()

    def close(self) -> None:
        """Let go of the file."""
        for handle in self._handles:
            os.close(handle)

    def _difference(self) -> str | None:
        try:
            found = os.stat(self._path)
        except OSError:
            return "deleted"
        if _identity(found) != self._file:
            return "replaced"
        if self._wal is None:
            return None
        try:
            if _identity(os.stat(self._wal_path)) != self._wal:
                return "wal replaced"
        except OSError:
            return "wal deleted"
        return None if _stamp(found) == self._stamp or self._is_own_content() else OVERWRITTEN

    def _is_own_content(self) -> bool:
        """A time alone says nothing: `touch` and network file systems set it too."""
        with self._lock:
            if self._writers or self._stamp is None:
                return True
            found = os.fstat(self._handles[0])
            if found.st_size != self._stamp[1] or self._digest() != self._content:
                return False
            self._stamp = _stamp(found)
            return True

    def _remember(self) -> None:
        self._content = self._digest()
        self._stamp = _stamp(os.fstat(self._handles[0]))

    def _digest(self) -> bytes:
        return hashlib.blake2b(os.pread(self._handles[0], _COMPARED_BYTES, 0)).digest()


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def _stamp(found: os.stat_result) -> tuple[int, int]:
    return found.st_mtime_ns, found.st_size
