"""The Containerfile by its parts, without anything to build it by; `make test-image` builds it."""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.running import PATIENCE_SECONDS, clean_environ

ROOT = Path(__file__).parents[2]
STEPS = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", (ROOT / "Containerfile").read_text("utf-8"), flags=re.M))
_LOOK_SECONDS = 0.2


def steps(name: str, text: str = STEPS) -> list[str]:
    return re.findall(rf"^{name} (.*)$", text, re.M)


def final() -> str:
    """Return the last stage."""
    return STEPS[STEPS.rindex("\nFROM ") :]


def test_it_runs_as_nobody_and_keeps_its_data_in_one_volume() -> None:
    assert steps("USER", final()) == ["nobody"]
    assert steps("VOLUME", final()) == ["/data"]
    (environ,) = steps("ENV", final())
    assert "RSVPD_DATA=/data/" in environ
    assert final().index("install -d -o nobody") < final().index("USER nobody")


def test_what_it_copies_is_there_and_nothing_else_is_sent() -> None:
    sources = [one for line in steps("COPY") if "--from" not in line for one in line.split()[:-1]]
    assert [one for one in sources if not (ROOT / one).exists()] == []
    sent = [line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")]
    assert sorted(sent) == sorted(sources)


def test_both_stages_have_the_same_python() -> None:
    assert [one.split()[0] for one in steps("FROM")] == ["docker.io/library/python:${PYTHON}"] * 2


@pytest.mark.slow
def test_its_command_becomes_healthy_by_its_own_check(tmp_path: Path) -> None:
    (command,) = steps("CMD", final())
    (check,) = steps("HEALTHCHECK", final())
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = clean_environ() | {"RSVPD_DATA": str(tmp_path / "rsvpd.db"), "RSVPD_PORT": port, "PATH": beside}
    is_healthy = ["/bin/sh", "-c", check.partition(" CMD ")[2]]
    assert shlex.split(is_healthy[2])[0] == "python"
    assert subprocess.run(is_healthy, env=environ, capture_output=True, timeout=PATIENCE_SECONDS).returncode
    process = subprocess.Popen(json.loads(command), env=environ, cwd=tmp_path, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + PATIENCE_SECONDS
        while subprocess.run(is_healthy, env=environ, capture_output=True, timeout=PATIENCE_SECONDS).returncode:
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(_LOOK_SECONDS)
    finally:
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0
