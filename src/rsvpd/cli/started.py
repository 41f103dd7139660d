"""A server in a process of its own, for as long as somebody needs one: `rsvpd run`, and test suites."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from rsvpd.cli.environment import Place
from rsvpd.cli.reach import Unreachable
from rsvpd.control import sidecar
from rsvpd.edge.authority import folder_of, read_authority

_READY_SECONDS, _LOOK_SECONDS, _STOP_SECONDS = 60.0, 0.02, 10.0
_LAST_LINES = 5


class StartedServer:
    """A server on free ports of the loopback, out of reach of what the terminal sends; it ends with this process.

    `flags` are more of `rsvpd up`, `environ` is its environment. With `shows_log` its log goes to standard error.
    """

    def __init__(
        self,
        data: Path,
        folder: Path,
        *,
        environ: Mapping[str, str],
        flags: Sequence[str] = (),
        shows_log: bool = False,
    ) -> None:
        self._data = data
        self._ready_file = folder / "ready.json"
        self._log = folder / "server.log"
        self._is_ready = False
        ports = [f"--{name}=0" for name in ("port", "https-port", "proxy-port")]
        place = ["--host=127.0.0.1", *ports, f"--data={data}", f"--ready-file={self._ready_file}"]
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "rsvpd.cli.rsvpd", "up", "--stop-at-eof", "--https", *place, *flags],
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=None if shows_log else log,
                env={
                    **environ,
                    "RSVPD_HTTPS_STANDARD_PORT": "false", "RSVPD_REQUEST_LOG": str(shows_log).lower(),
                },
                start_new_session=True,
            )  # fmt: skip

    def wait(self) -> Place:
        """Return where it is once it answers. Raises Unreachable with what it said."""
        until = time.monotonic() + _READY_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            if self._ready_file.exists() and (server := sidecar.find_server(self._data)):
                self._is_ready = True
                return place_of(server, self._data, self._ready_file)
            time.sleep(_LOOK_SECONDS)
        log = self._log.read_text("utf-8", "replace").strip().removeprefix("rsvpd: ")
        raise Unreachable(f"the server did not start: {log}" if log else "the server did not start")

    def stop(self) -> None:
        """End it; where it had ended by itself, what it said last is told."""
        code = self._process.poll()
        if code and self._is_ready:
            last_lines = self._log.read_text("utf-8", "replace").splitlines()[-_LAST_LINES:]
            print("\n".join([f"rsvpd: the server ended with exit code {code}", *last_lines]), file=sys.stderr)
        assert self._process.stdin
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def place_of(server: sidecar.Sidecar, data: Path, ready_file: Path | None) -> Place:
    """Return where a running server is, with the certificate to trust. Raises Unreachable where that is gone."""
    authority = read_authority(folder_of(data))
    if authority is None:
        raise Unreachable(f"the authority of {data} is gone; start the server again")
    return Place(server=server, data=data, authority=authority.pem, ready_file=ready_file)
