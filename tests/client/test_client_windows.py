"""On Windows, where Python has no `fcntl`: the client works, the server says in one line that it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# What Python lacks on Windows: https://docs.python.org/3/library/unix.html, and the Unix-only parts of `os`.
AS_ON_WINDOWS = """
import os, sys
for name in ("fcntl", "termios", "resource", "pwd", "grp", "uvloop"):
    sys.modules[name] = None
for name in ("O_NONBLOCK", "O_CLOEXEC", "fchmod", "fchown", "geteuid", "getuid", "mkfifo", "pread", "pwrite"):
    delattr(os, name)
"""


def run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("RSVPD_", "XDG_"))}
    return subprocess.run(
        [sys.executable, "-c", AS_ON_WINDOWS + script],
        capture_output=True, text=True, timeout=60, check=False, env=environ | {"HOME": str(folder)}, cwd=folder,
    )


def test_the_library_is_there(tmp_path: Path) -> None:
    script = """
import pathlib
import rsvpd.client
from rsvpd.client import local
pathlib.Path("t.db").touch()
pathlib.Path("t.db.server").write_text('{"pid": 1, "url": "http://127.0.0.1:1", "control_token": "x"}')
try:
    local.find(pathlib.Path("t.db"))
except rsvpd.client.Unavailable as wrong:
    print(wrong)
"""
    done = run(script, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "No rsvpd server is running" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["--help"], 0, "usage: rsvp"),
        (["--version"], 0, "rsvp"),
        (["accounts"], 0, ""),
        (["invites"], 3, "rsvp login --help"),
    ],
)
def test_the_command_rsvp_works(tmp_path: Path, args: list[str], code: int, said: str) -> None:
    done = run(f"from rsvpd.cli.rsvp import main; sys.exit(main({args!r}))", tmp_path)
    assert done.returncode == code, done.stderr
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("args", [["up"], ["user", "add", "e@x.org"], ["token", "bob@example.com"], ["doctor"]])
def test_the_server_says_in_one_line_that_it_does_not(tmp_path: Path, args: list[str]) -> None:
    done = run(f"from rsvpd.cli.rsvpd import main; sys.exit(main({args!r}))", tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert "does not run on Windows" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_servers_help_is_there_all_the_same(tmp_path: Path) -> None:
    done = run("from rsvpd.cli.rsvpd import main; sys.exit(main(['--help']))", tmp_path)
    assert done.returncode == 0
    assert "usage: rsvpd" in done.stdout
