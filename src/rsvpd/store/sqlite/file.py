"""The embedded engine: SQLite in WAL mode. Everything that only SQLite knows is here.

Durability: `synchronous=FULL`, so that a COMMIT that returned survives `kill -9` and a power cut.
Checkpoints run off the commit path; `Checkpointer` keeps the WAL bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rsvpd import log
from rsvpd.store.engine import DataFileError
from rsvpd.store.sqlite import driver
from rsvpd.store.sqlite.untouched import APPLICATION_ID, beside, open_untouched, refuse_foreign, refuse_newer
from rsvpd.store.steps import steps

Functions = Mapping[str, Callable[[bytes], Any]]
Upgrades = Mapping[int, Callable[[driver.Connection], None]]

# Rows are short and lie by mailbox, so that a COMMIT touches a page for each few of them and writes it whole.
_PAGE_BYTES = 2048
# How long a COMMIT may be held up by another process that has the file locked.
PATIENCE_SECONDS = 1.0
_PRIVATE = 0o600

_log = log.get(__name__)


def open_writer(path: Path, functions: Functions, upgrades: Upgrades) -> tuple[driver.Connection, int]:
    """Open the one connection that writes, with the newest schema; return that too.

    `functions` are what a step of the schema may ask about stored content, by the names they have in SQL, `upgrades`
    what else belongs to a step, by its number.
    A file that is not ours, or of a newer rsvpd, is left as it is. Raises DataFileError.
    """
    refuse_foreign(path)
    refuse_newer(path, len(steps("sqlite")))
    make_private(path)
    with _usable(path):
        connection = connect_writer(path)
        try:
            return connection, migrate(connection, functions, upgrades)
        except BaseException:
            connection.close()
            raise


def connect_writer(path: Path) -> driver.Connection:
    """Open a connection that writes, as every COMMIT needs it."""
    connection = driver.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=256, timeout=PATIENCE_SECONDS
    )
    connection.execute(f"PRAGMA page_size={_PAGE_BYTES:d}")  # of a new file; others keep theirs
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("PRAGMA foreign_keys=OFF")
    connection.execute("PRAGMA cache_size=-65536")
    connection.execute("PRAGMA temp_store=MEMORY")
    return connection


def connect_reader(path: Path) -> driver.Connection:
    """Open a connection that cannot write."""
    connection = driver.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
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


def migrate(connection: driver.Connection, functions: Functions, upgrades: Upgrades) -> int:
    """Bring the schema to the newest version and return that; each step commits by itself."""
    scripts = steps("sqlite")
    for name, function in functions.items():
        connection.create_function(name, 1, function, deterministic=True)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for number, script in enumerate(scripts[version:], start=version + 1):
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
    return len(scripts)


def check(connection: driver.Connection) -> list[str]:
    """Return what SQLite finds wrong with the file; nothing for a healthy one."""
    found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(20)")]
    return [] if found == ["ok"] else found


def refuse_older(path: Path, connection: driver.Connection) -> None:
    """Raise DataFileError where a data file of an earlier version was not brought up to date yet."""
    (schema,) = connection.execute("PRAGMA user_version").fetchone()
    newest = len(steps("sqlite"))
    if schema < newest:
        raise DataFileError(f"{path} has schema {schema}; `rsvpd up` brings it up to {newest} first")


def health(path: Path) -> dict[str, Any]:
    """Return what `Store.health` does, of a file that no process has open, without writing to it.

    Raises DataFileError.
    """
    refuse_foreign(path)
    with _usable(path), open_untouched(path) as connection:
        (schema,) = connection.execute("PRAGMA user_version").fetchone()
        faults = check(connection)
    return health_of(path, schema, faults)


def health_of(path: Path, schema: int, faults: list[str]) -> dict[str, Any]:
    """Return what whoever keeps a data file wants to know: schema, sizes in bytes, faults found."""
    wal = beside(path.resolve(), "-wal")
    return {
        "path": str(path),
        "schema": schema,
        "sqlite": driver.sqlite_version,
        "file_bytes": path.stat().st_size,
        "wal_bytes": wal.stat().st_size if wal.exists() else 0,
        "faults": faults,
    }


@contextmanager
def _transaction(connection: driver.Connection) -> Iterator[None]:
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
    except driver.DatabaseError as fault:
        then = "move it away, and `rsvpd restore` puts a backup there"
        raise DataFileError(f"{path} cannot be opened as a data file ({fault}); {then}") from None



def _statements(script: str) -> list[str]:
    statements: list[str] = []
    pending = ""
    for line in script.splitlines():
        pending += line.partition("--")[0].rstrip() + "\n"
        if driver.complete_statement(pending):
            statements.append(pending.strip())
            pending = ""
    return statements
