"""A real `rsvpd up` in a process of its own, on any free port of the loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from support.engines import ON_POSTGRES
from support.postgres import drop_database, new_database

PATIENCE_SECONDS = 60
_LOOK_SECONDS = 0.02


class Running:
    """A server, its data and its people's tokens. `start` it again after `stop` or `kill`.

    With RSVPD_ENGINE=postgres it stands on a database of its own, unless the flags name one; `data` then says only
    where it leaves what commands find it by.
    """

    def __init__(self, folder: Path, *flags: str, environ: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.data = folder / "t.db"
        self.ready_file = folder / "ready.json"
        self.flags = flags
        self._database = new_database() if ON_POSTGRES and "--database" not in flags else ""
        self.environ = clean_environ() | (environ or {})
        self.url = ""
        self.people: dict[str, dict[str, str]] = {}
        self.starts = 0
        self.process: subprocess.Popen[bytes]
        self.start()

    def start(self) -> None:
        """Start the process and wait until it serves; an early end raises with what it said."""
        self.ready_file.unlink(missing_ok=True)
        self.starts += 1
        flags = ("--port", "0", *self.place, "--ready-file", str(self.ready_file), *self.flags)
        with open(self._log("out"), "wb") as out, open(self._log("err"), "wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "rsvpd.cli.rsvpd", "up", *flags],
                stdout=out, stderr=err, stdin=subprocess.DEVNULL, env=self.environ, cwd=self.folder,
            )
        self._wait_until_ready()
        ready = json.loads(self.ready_file.read_bytes())
        self.url, self.people = ready["url"], ready["people"]

    def stop(self) -> int:
        """Ask it to stop, as Ctrl-C does, and return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(PATIENCE_SECONDS)

    def close(self) -> None:
        """End it, and leave no database behind."""
        self.kill()
        if self._database:
            drop_database(self._database)

    def restart(self) -> None:
        """Stop and start again, on another port, over the same data."""
        self.stop()
        self.start()

    def token(self, name: str) -> str:
        """Return the bearer token of `name` (the part before `@example.com`, or a whole address)."""
        return self.people[name if "@" in name else f"{name}@example.com"]["token"]

    def auth(self, name: str) -> dict[str, str]:
        """Return the headers with which `name` asks."""
        return {"Authorization": f"Bearer {self.token(name)}"}

    def ask(self, method: str, path: str, name: str | None = None, **more: Any) -> httpx.Response:
        """Send one request, as `name` where given."""
        headers = (self.auth(name) if name else {}) | more.pop("headers", {})
        with httpx.Client(base_url=self.url, trust_env=False, timeout=PATIENCE_SECONDS) as http:
            return http.request(method, path, headers=headers, **more)

    def cli(self, *args: str) -> subprocess.CompletedProcess[str]:
        """Run another `rsvpd` command over the same data."""
        return rsvpd(*args, *self.place, environ=self.environ)

    @property
    def place(self) -> tuple[str, ...]:
        """Return the flags that say where the data are."""
        return "--data", str(self.data), *(("--database", self._database) if self._database else ())

    @property
    def said(self) -> str:
        """Return what it printed since the last start."""
        return self._log("out").read_text("utf-8")

    @property
    def logged(self) -> str:
        """Return what it logged since the last start."""
        return self._log("err").read_text("utf-8")

    def _log(self, stream: str) -> Path:
        return self.folder / f"{stream}.{self.starts}"

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            try:
                code = self.process.wait(_LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                if self.ready_file.exists():
                    return
            else:
                raise AssertionError(f"rsvpd up ended with {code}: {self.logged}")
        self.kill()
        raise AssertionError(f"rsvpd up was not ready in {PATIENCE_SECONDS} s: {self.logged}")


def rsvpd(*args: str, environ: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run `rsvpd` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "rsvpd.cli.rsvpd", *args],
        capture_output=True, text=True, env=environ or clean_environ(), timeout=PATIENCE_SECONDS, check=False,
    )


def clean_environ() -> dict[str, str]:
    """Return this process's environment without settings that would reach the server."""
    return {key: value for key, value in os.environ.items() if not key.startswith("RSVPD_")}
