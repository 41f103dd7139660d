"""Somebody else's client, unmodified, under `rsvpd run` (see tests/clients)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support.running import clean_environ

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ROOT / ".clients"
PATIENCE_SECONDS = 120

# The person at the browser, as Python's webbrowser and the programs in tests/clients start it.
BROWSER = f"{sys.executable} {ROOT / 'tests' / 'clients' / 'browser.py'} %s &"
# All that a client prints in one stream: the other is the server's, and neither gets into the other's lines.
_APART = ("sh", "-c", 'exec "$@" 2>&1', "sh")
_LAST_WORDS, _LAST_REQUESTS = 80, 12


def play(*command: str, environ: dict[str, str] | None = None) -> list[str]:
    """Run a client's program and return its steps.

    One that breaks fails the test with the step, what the client raised (the SDKs tell the body of an answer) and
    the last requests that came to the server.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "rsvpd.cli.rsvpd", "run", "--log", "--", *_APART, *command],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=clean_environ() | {"BROWSER": BROWSER} | (environ or {}),
    ) as process:  # fmt: skip
        out, err = _ended(process)
    steps = [line.removeprefix("ok ") for line in out.splitlines() if line.startswith("ok ")]
    if process.returncode or not steps:
        pytest.fail(told(process.returncode, out, err), pytrace=False)
    return steps


def _ended(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Return what a program printed; one that does not end is asked to, as `rsvpd run` passes on."""
    try:
        return process.communicate(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.terminate()
        return process.communicate()


def told(code: int, out: str, err: str) -> str:
    """Return what somebody needs to see why a client broke: its steps, its words, the requests."""
    words, requests = out.splitlines()[-_LAST_WORDS:], err.splitlines()[-_LAST_REQUESTS:]
    return "\n".join([f"it ended with {code}", *words, "the last requests:", *requests])


def environment_of(language: str, client: str) -> Path:
    """Return the folder into which a client was installed."""
    folder = ENVIRONMENTS / language / client
    assert (folder / ".installed").exists(), f"{client} is not installed: `make test-clients` does so"
    return folder
