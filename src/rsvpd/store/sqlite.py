"""The embedded engine: SQLite in WAL mode. Everything that only SQLite knows is here.

Durability: `synchronous=FULL`, so that a COMMIT that returned survives `kill -9` and a power cut.
Checkpoints run off the commit path; `Checkpointer` keeps the WAL bounded.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path
from typing import Any

from rsvpd import log
from rsvpd.store.faults import Faults
from rsvpd.store.untouched import APPLICATION_ID, DataFileError, beside, refuse_foreign, refuse_newer, untouched
from rsvpd.store.watch import OVERWRITTEN, FileWatch, Moved

Functions = Mapping[str, Callable[[bytes], Any]]
Upgrades = Mapping[int, Callable[[sqlite3.Connection], None]]

# Rows are short and lie by mailbox, so that a COMMIT touches a page for each few of them and writes it whole.
_PAGE_BYTES = 2048
WAL_BYTES_SOFT = 16 * 2**20
WAL_BYTES_HARD = 16 * WAL_BYTES_SOFT
# How often it is tried to empty the WAL, while it grows by as much again, when somebody is always reading.
_TRIES = 16
# How long a COMMIT may be held up by another process that has the file locked.
_PATIENCE_SECONDS = 1.0
_PRIVATE = 0o600

_log = log.get(__name__)


def open_writer(path: Path, functions: Functions, upgrades: Upgrades) -> tuple[sqlite3.Connection, int]:
    """Open the one connection that writes, with the newest schema; return that too.

    `functions` are what a step of the schema may ask about stored content, by the names they have in SQL, `upgrades`
    what else belongs to a step, by its number.
    A file that is not ours, or of a newer rsvpd, is left as it is. Raises DataFileError.
    """
    refuse_foreign(path)
    refuse_newer(path, len(_steps()))
    make_private(path)
    with _usable(path):
        connection = connect_writer(path)
        try:
            return connection, migrate(connection, functions, upgrades)
        except BaseException:
            connection.close()
            raise


def connect_writer(path: Path) -> sqlite3.Connection:
    """Open a connection that writes, as every COMMIT needs it."""
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=256, timeout=_PATIENCE_SECONDS
    )
    connection.execute(f"PRAGMA page_size={_PAGE_BYTES:d}")  # of a new file; others keep theirs
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute("PRAGMA cache_size=-65536")
    connection.execute("PRAGMA temp_store=MEMORY")
    return connection


def connect_reader(path: Path) -> sqlite3.Connection:
    """Open a connection that cannot write."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    connection.execute("PRAGMA query_only=ON")
    connection.execute("PRAGMA cache_size=-32768")
    return connection


def make_private(path: Path) -> None:
    """Let only the owner read the file and what stands beside it, whoever made it: it holds the signing key.

    SQLite makes its files beside it with the same permissions.
    """
    for one in (path, beside(path, "-wal"), beside(path, "-shm")):
        try:
            if one.stat().st_mode & 0o777 != _PRIVATE:
                one.chmod(_PRIVATE)
        except FileNotFoundError:
            continue
        except OSError as wrong:  # somebody else's, shared with us
            _log.warning("storage.not-private", file=one, fault=wrong.strerror)


def migrate(connection: sqlite3.Connection, functions: Functions, upgrades: Upgrades) -> int:
    """Bring the schema to the newest version and return that; each step commits by itself."""
    steps = _steps()
    for name, function in functions.items():
        connection.create_function(name, 1, function, deterministic=True)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for number, script in enumerate(steps[version:], start=version + 1):
        with _transaction(connection):
            for statement in _statements(script):
                connection.execute(statement)
            if number in upgrades:
                upgrades[number](connection)
            connection.execute(f"PRAGMA user_version={number:d}")
            connection.execute(f"PRAGMA application_id={APPLICATION_ID:d}")
    if connection.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
        with _transaction(connection):
            connection.execute(f"PRAGMA application_id={APPLICATION_ID:d}")
    return len(steps)


def check(connection: sqlite3.Connection) -> list[str]:
    """Return what SQLite finds wrong with the file; nothing for a healthy one."""
    found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(20)")]
    return [] if found == ["ok"] else found


def health(path: Path) -> dict[str, Any]:
    """Return what `Store.health` does, of a file that no process has open, without writing to it.

    Raises DataFileError.
    """
    refuse_foreign(path)
    with _usable(path), untouched(path) as connection:
        (schema,) = connection.execute("PRAGMA user_version").fetchone()
        faults = check(connection)
    return health_of(path, schema, faults)


def health_of(path: Path, schema: int, faults: list[str]) -> dict[str, Any]:
    """Return what whoever keeps a data file wants to know: schema, sizes in bytes, faults found."""
    wal = beside(path.resolve(), "-wal")
    return {
        "path": str(path),
        "schema": schema,
        "sqlite": sqlite3.sqlite_version,
        "file_bytes": path.stat().st_size,
        "wal_bytes": wal.stat().st_size if wal.exists() else 0,
        "faults": faults,
    }


class Checkpointer:
    """Copies the WAL back into the file, in a thread and on a connection of its own.

    Once the WAL has grown the thread copies what is in it; what was committed meanwhile is little, and the writer
    copies that after a commit and empties the WAL, at a moment when nobody reads. A checkpoint that fails loses
    nothing: what was committed stands in the WAL. It is tried again when the WAL has grown some more.
    """

    def __init__(self, path: Path, watch: FileWatch) -> None:
        self._wal = beside(path, "-wal")
        self._watch = watch
        self._faults = Faults(path)
        self._due = 0  # the size of the WAL up to which there is nothing to do
        self._is_copied = False
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA schema_version").fetchone()  # opens the WAL, as long as it is that of the file
        self._wanted = threading.Event()
        self._closing = False
        self._has_parted = False
        watch.on_moved = self._wanted.set
        self._thread = threading.Thread(target=self._work, name="rsvpd-checkpoint", daemon=True)
        self._thread.start()

    def after_commit(self, writer: sqlite3.Connection) -> None:
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
            writer.execute(f"PRAGMA busy_timeout={1000 * _PATIENCE_SECONDS:.0f}")
        else:
            self._due = size + WAL_BYTES_SOFT
            self._wanted.set()

    def wal_bytes(self) -> int:
        """Return the size of the WAL file."""
        try:
            return os.stat(self._wal).st_size
        except OSError:
            return 0

    def close(self, writer: sqlite3.Connection) -> None:
        """Stop the thread, and copy all of the WAL into the file, if that can be."""
        self._closing = True
        self._wanted.set()
        self._thread.join()
        self._connection.close()
        self._copy(writer, "TRUNCATE")

    def _work(self) -> None:
        while True:
            is_parting = self._watch.moved is not None and not self._has_parted
            self._wanted.wait(_PATIENCE_SECONDS if is_parting else None)
            if self._closing:
                return
            self._wanted.clear()
            self._copy(self._connection, "PASSIVE")

    def _copy(self, connection: sqlite3.Connection, mode: str) -> None:
        with suppress(Moved):
            self._watch.check()
        if self._watch.moved is None:
            if self._checkpoint(connection, mode):
                self._due, self._is_copied = 0, True
        elif not self._has_parted:
            self._part(connection, self._watch.moved)

    def _part(self, connection: sqlite3.Connection, moved: Moved) -> None:
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

    def _checkpoint(self, connection: sqlite3.Connection, mode: str) -> bool:
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


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _usable(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as fault:
        raise DataFileError(f"{path} cannot be opened as a data file: {fault}") from None


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
