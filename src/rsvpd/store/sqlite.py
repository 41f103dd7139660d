"""The embedded engine: SQLite in WAL mode. Everything that only SQLite knows is here.

Durability: `synchronous=FULL`, so that a COMMIT that returned survives `kill -9` and a power cut.
Checkpoints run off the commit path; `Checkpointer` keeps the WAL bounded.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

WAL_PAGES_SOFT = 4_000
WAL_BYTES_SOFT = WAL_PAGES_SOFT * 4096
WAL_BYTES_HARD = 16 * WAL_BYTES_SOFT


class DataFileError(Exception):
    """The data file cannot be used; the message says why."""


def connect_writer(path: Path) -> sqlite3.Connection:
    """Open the one connection that writes. Raises DataFileError."""
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("PRAGMA cache_size=-65536")
        connection.execute("PRAGMA temp_store=MEMORY")
    except sqlite3.DatabaseError as fault:
        raise DataFileError(f"{path} cannot be opened as a data file: {fault}") from None
    return connection


def connect_reader(path: Path) -> sqlite3.Connection:
    """Open a connection that cannot write."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    connection.execute("PRAGMA query_only=ON")
    connection.execute("PRAGMA cache_size=-32768")
    return connection


def migrate(connection: sqlite3.Connection, functions: Mapping[str, Callable[[bytes], Any]]) -> int:
    """Bring the schema to the newest version and return that; each step commits by itself.

    `functions` are what the steps may ask about stored content, by the names they have in SQL.
    Raises DataFileError for a file of a newer version.
    """
    steps = _steps()
    for name, function in functions.items():
        connection.create_function(name, 1, function, deterministic=True)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(steps):
        raise DataFileError(f"The data file has schema {version}; this rsvpd knows up to {len(steps)}.")
    for number, script in enumerate(steps[version:], start=version + 1):
        connection.execute("BEGIN IMMEDIATE")
        for statement in _statements(script):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={number:d}")
        connection.execute("COMMIT")
    return len(steps)


def check(connection: sqlite3.Connection) -> list[str]:
    """Return what SQLite finds wrong with the file; nothing for a healthy one."""
    found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(20)")]
    return [] if found == ["ok"] else found


class Checkpointer:
    """Copies the WAL back into the file, in a thread and on a connection of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._wal = Path(f"{path}-wal")
        self._wanted = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="rsvpd-checkpoint", daemon=True)
        self._thread.start()

    def after_commit(self, writer: sqlite3.Connection) -> None:
        """Ask for a checkpoint where the WAL has grown; where it runs away, make it now, in the writer."""
        size = self.wal_bytes()
        if size > WAL_BYTES_HARD:
            writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        elif size > WAL_BYTES_SOFT:
            self._wanted.set()

    def wal_bytes(self) -> int:
        """Return the size of the WAL file."""
        try:
            return os.stat(self._wal).st_size
        except FileNotFoundError:
            return 0

    def close(self) -> None:
        """Stop the thread."""
        self._closing = True
        self._wanted.set()
        self._thread.join()

    def _work(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None)
        try:
            while True:
                self._wanted.wait()
                if self._closing:
                    return
                self._wanted.clear()
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        finally:
            connection.close()


def _steps() -> list[str]:
    folder = resources.files("rsvpd.store") / "schema"
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".sql"))
    return [(folder / name).read_text(encoding="utf-8") for name in names]


def _statements(script: str) -> list[str]:
    statements: list[str] = []
    pending = ""
    for line in script.splitlines():
        pending += line.partition("--")[0].rstrip() + "\n"
        if sqlite3.complete_statement(pending):
            statements.append(pending.strip())
            pending = ""
    return statements
