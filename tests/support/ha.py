"""Three PostgreSQL nodes under Patroni, with etcd, on loopback ports: what a failover is tried on.

Everything runs as `nobody`, from folders that it can enter: PGBIN are Debian's binaries, PATRONI a virtual environment.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psycopg

from support.postgres import free_port

NODES = ("one", "two", "three")
PATIENCE_SECONDS = 60
_USER = "nobody"
_DCS = {
    "ttl": 5, "loop_wait": 1, "retry_timeout": 2, "maximum_lag_on_failover": 1048576,
    "primary_start_timeout": 0,
    "postgresql": {
        "use_pg_rewind": True, "use_slots": True, "remove_data_directory_on_diverged_timelines": True,
        "parameters": {
            "wal_log_hints": "on", "max_connections": 100, "wal_sender_timeout": "3s", "wal_receiver_timeout": "3s",
            "wal_retrieve_retry_interval": "500ms", "unix_socket_directories": "",
        },
    },
}  # fmt: skip


class Cluster:
    """The nodes, by name, each with its ports and processes. `is_synchronous` where a COMMIT waits for a standby."""

    def __init__(self, binaries: Path, environment: Path, *, is_synchronous: bool) -> None:
        self._is_synchronous = is_synchronous
        self._folder = Path(tempfile.mkdtemp(prefix="rsvpd-ha-", dir="/tmp"))
        shutil.chown(self._folder, _USER)
        self._binaries, self._environment = binaries, environment
        self.ports = {name: free_port() for name in NODES}
        self._rest = {name: free_port() for name in NODES}
        self._etcd_port, peer = free_port(), free_port()
        self._patroni: dict[str, subprocess.Popen[bytes]] = {}
        at = f"http://127.0.0.1:{self._etcd_port}"
        self._etcd = self._start(
            "etcd", "/usr/bin/etcd", "--data-dir", str(self._folder / "etcd"), "--listen-client-urls", at,
            "--advertise-client-urls", at, "--listen-peer-urls", f"http://127.0.0.1:{peer}",
            "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}",
            "--initial-cluster", f"default=http://127.0.0.1:{peer}", "--unsafe-no-fsync",
        )  # fmt: skip
        for name in NODES:
            self.start(name)
        self.wait(lambda: len(self.running()) == len(NODES))

    @property
    def url(self) -> str:
        """Return the URL with which clients find the primary, whichever node that is."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports.values())
        return f"postgresql://rsvpd:secret@{hosts}/postgres?target_session_attrs=read-write&connect_timeout=2"

    def start(self, name: str) -> None:
        """Start a node's Patroni, which starts its PostgreSQL."""
        config = self._folder / f"{name}.json"
        config.write_text(json.dumps(self._config(name)))  # which YAML is as well
        shutil.chown(config, _USER)
        self._patroni[name] = self._start(name, str(self._environment / "bin" / "patroni"), str(config))

    def leader(self) -> str | None:
        """Return the node that is the primary and says so."""
        for name, port in self._rest.items():
            try:
                if httpx.get(f"http://127.0.0.1:{port}/primary", timeout=1).status_code == 200:
                    return name
            except httpx.HTTPError:
                continue
        return None

    def running(self) -> list[str]:
        """Return the nodes that the cluster has running, where it has a leader and a standby that follows it."""
        follows = "sync_standby" if self._is_synchronous else "replica"
        for port in self._rest.values():
            try:
                members = httpx.get(f"http://127.0.0.1:{port}/cluster", timeout=1).json()["members"]
            except (httpx.HTTPError, ValueError, KeyError):
                continue
            roles = {one["role"] for one in members}
            if {"leader", follows} <= roles:
                return [one["name"] for one in members if one["state"] in ("running", "streaming")]
        return []

    def kill(self, name: str) -> None:
        """End a node as a power cut would."""
        postmaster = self._postmaster(name)
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        self._patroni[name].kill()
        for one in (postmaster, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        self._patroni[name].wait(PATIENCE_SECONDS)

    def stop_senders(self, name: str) -> None:
        """Let the standbys of a node hear of nothing any more, while it goes on."""
        with psycopg.connect(f"postgresql://postgres:secret@127.0.0.1:{self.ports[name]}/postgres") as connection:
            senders = connection.execute("SELECT pid FROM pg_stat_replication").fetchall()
        for (pid,) in senders:
            os.kill(pid, signal.SIGSTOP)

    def hang(self, name: str) -> Callable[[], None]:
        """Hang a node's Patroni, and return what lets it go on."""
        process = self._patroni[name]
        process.send_signal(signal.SIGSTOP)
        return lambda: process.send_signal(signal.SIGCONT)

    def wait(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        until = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert time.monotonic() < until, self.logs()
            time.sleep(0.1)

    def logs(self) -> str:
        """Return the ends of what everything said."""
        return "\n".join(f"{one.name}: {one.read_text()[-1500:]}" for one in sorted(self._folder.glob("*.log")))

    def close(self) -> None:
        """Stop everything, and let nothing stay."""
        for process in (*self._patroni.values(), self._etcd):
            process.send_signal(signal.SIGCONT)
            process.kill()
        for name in NODES:
            try:
                os.kill(self._postmaster(name), signal.SIGKILL)
            except (OSError, ValueError, IndexError):
                continue
        shutil.rmtree(self._folder, ignore_errors=True)

    def _postmaster(self, name: str) -> int:
        return int((self._folder / name / "postmaster.pid").read_text().split()[0])

    def _start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        with (self._folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                command, stdout=log, stderr=log, user=_USER, cwd=self._folder,
                env={"LC_ALL": "C.UTF-8", "PATH": f"{self._binaries}:/usr/bin:/bin", "HOME": str(self._folder)},
            )  # fmt: skip

    def _config(self, name: str) -> dict[str, Any]:
        local = f"127.0.0.1:{self.ports[name]}"
        return {
            "scope": "rsvpd",
            "name": name,
            "restapi": {"listen": f"127.0.0.1:{self._rest[name]}", "connect_address": f"127.0.0.1:{self._rest[name]}"},
            "etcd3": {"host": f"127.0.0.1:{self._etcd_port}"},
            "bootstrap": {
                "dcs": {**_DCS, "synchronous_mode": self._is_synchronous},
                "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"],
                "pg_hba": ["host all all 127.0.0.1/32 md5", "host replication all 127.0.0.1/32 md5"],
                "users": {"rsvpd": {"password": "secret", "options": ["superuser"]}},
            },
            "postgresql": {
                "listen": local, "connect_address": local, "data_dir": str(self._folder / name),
                "bin_dir": str(self._binaries), "pgpass": str(self._folder / f"{name}.pgpass"),
                "authentication": {
                    "superuser": {"username": "postgres", "password": "secret"},
                    "replication": {"username": "replicator", "password": "secret"},
                    "rewind": {"username": "rewind", "password": "secret"},
                },
            },
            "watchdog": {"mode": "off"},
        }  # fmt: skip
