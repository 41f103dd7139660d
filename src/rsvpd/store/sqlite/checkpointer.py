"""Copies what was committed from the WAL into the file, so that the WAL stays bounded."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

from rsvpd import log
from rsvpd.store.sqlite import driver
from rsvpd.store.sqlite.faults import faults_of
from rsvpd.store.sqlite.file import PATIENCE_SECONDS
from rsvpd.store.sqlite.untouched import beside
from rsvpd.store.sqlite.watch import OVERWRITTEN, DataFileReplaced, FileWatch

WAL_BYTES_SOFT = 16 * 2**20
WAL_BYTES_HARD = 16 * WAL_BYTES_SOFT
# How often it is tried to empty the WAL, while it grows by as much again, when somebody is always reading.
_TRIES = 16

_log = log.get(__name__)


class Checkpointer:
    """Copies the WAL back into the file, in a thread and on a connection of its own.

    Once the WAL has grown the thread copies what is in it; what was committed meanwhile is little, and the writer
    copies that after a commit and empties the WAL, at a moment when nobody reads. A checkpoint that fails loses
    nothing: what was committed stands in the WAL. It is tried again when the WAL has grown some more.
    """

    def __init__(self, path: Path, watch: FileWatch) -> None:
        self._wal = beside(path, "-wal")
        self._watch = watch
        self._faults = faults_of(path)
        self._due = 0  # the size of the WAL up to which there is nothing to do
        self._is_copied = False
        self._connection = driver.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA schema_version").fetchone()  # opens the WAL, as long as it is that of the file
        self._wanted = threading.Event()
        self._closing = False
        self._has_parted = False
        watch.on_moved = self._wanted.set
        self._thread = threading.Thread(target=self._work, name="rsvpd-checkpoint", daemon=True)
        self._thread.start()

    def after_commit(self, writer: driver.Connection) -> None:
        """Ask for a checkpoint where the WAL has grown; empty it once it is copied, or where it runs away."""
        size = self.wal_bytes()
        if size <= WAL_BYTES_SOFT:
            self._due, self._is_copied = 0, False
        elif size <= self._due:
            return
        elif size > WAL_BYTES_HARD:
            self._checkpoint(writer, "TRUNCATE")
        elif self._is_copied:
            writer.execute("PRAGMA busy_timeout=0")
            self._checkpoint(writer, "TRUNCATE")
            writer.execute(f"PRAGMA busy_timeout={1000 * PATIENCE_SECONDS:.0f}")
        else:
            self._due = size + WAL_BYTES_SOFT
            self._wanted.set()

    def wal_bytes(self) -> int:
        """Return the size of the WAL file."""
        try:
            return os.stat(self._wal).st_size
        except OSError:
            return 0

    def close(self, writer: driver.Connection) -> None:
        """Stop the thread, and copy all of the WAL into the file, if that can be."""
        self._closing = True
        self._wanted.set()
        self._thread.join()
        self._connection.close()
        self._copy(writer, "TRUNCATE")

    def _work(self) -> None:
        while True:
            is_parting = self._watch.moved is not None and not self._has_parted
            self._wanted.wait(PATIENCE_SECONDS if is_parting else None)
            if self._closing:
                return
            self._wanted.clear()
            self._copy(self._connection, "PASSIVE")

    def _copy(self, connection: driver.Connection, mode: str) -> None:
        with suppress(DataFileReplaced):
            self._watch.check()
        if self._watch.moved is None:
            if self._checkpoint(connection, mode):
                self._due, self._is_copied = 0, True
        elif not self._has_parted:
            self._part(connection, self._watch.moved)

    def _part(self, connection: driver.Connection, moved: DataFileReplaced) -> None:
        """Bring what was committed into the file that was opened, wherever that is now, and leave no WAL behind."""
        try:
            if moved.how == OVERWRITTEN:
                self._watch.set_aside()
                self._has_parted = True
            elif self._checkpoint(connection, "TRUNCATE"):
                self._watch.forget_wal()
                self._has_parted = True
        except OSError as fault:
            _log.failure("checkpoint.failed", fault)

    def _checkpoint(self, connection: driver.Connection, mode: str) -> bool:
        """Return whether it was done."""
        try:
            with self._watch.own_change():
                (is_busy, *_) = connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
        except Exception as fault:
            self._due = self.wal_bytes() + WAL_BYTES_SOFT
            if self._faults.met(fault, at="checkpoint") is fault:
                _log.failure("checkpoint.failed", fault)
            return False
        if is_busy:
            self._due = self.wal_bytes() + WAL_BYTES_SOFT // _TRIES
        self._faults.over()
        return not is_busy
