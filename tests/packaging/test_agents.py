"""What coding agents and continuous integration are told to do: every command there runs."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.running import PATIENCE_SECONDS, Running, clean_environ

ROOT = Path(__file__).parents[2]
BESIDE = str(Path(sys.executable).parent)
PROXIES = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")


def blocks(page: str, kind: str = "sh") -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", (ROOT / page).read_text("utf-8"), re.M | re.S)


def bash(script: str, environ: dict[str, str], folder: Path) -> str:
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        env=environ, cwd=folder, capture_output=True, text=True, timeout=2 * PATIENCE_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def environ_of(folder: Path, **more: str) -> dict[str, str]:
    homes = {f"XDG_{name}_HOME": str(folder / name) for name in ("CONFIG", "DATA", "STATE")}
    plain = {name: text for name, text in clean_environ().items() if name not in PROXIES}
    return plain | homes | {"PATH": f"{BESIDE}{os.pathsep}{os.environ['PATH']}", "NO_PROXY": "127.0.0.1"} | more


@pytest.mark.slow
@pytest.mark.data_file
def test_every_command_of_the_skill_runs(tmp_path: Path) -> None:
    """From the first to the last, by somebody who has nothing but the installed commands."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    script = "\n".join(blocks("SKILL.md")).replace("8365", port).replace("rsvpd up ", f"rsvpd up --port {port} ")
    said = bash(f"trap 'kill $!' EXIT\n{script}", environ_of(tmp_path), tmp_path)
    assert "Project kickoff" in said
    assert '"subject":"Kickoff"' in said.replace(": ", ":")
    assert '"mail":"bob@example.com"' in said
    assert '"error":' not in said


@pytest.mark.slow
@pytest.mark.data_file
def test_what_the_package_index_shows_runs(server: Running, tmp_path: Path) -> None:
    environ = environ_of(tmp_path, RSVPD_DATA=str(server.data))
    said = bash("\n".join(blocks("PACKAGE.md")).replace("http://127.0.0.1:8365", server.url), environ, tmp_path)
    assert '"mail":"bob@example.com"' in said
    assert '"subject":"Project kickoff"' in said
    (test,) = blocks("PACKAGE.md", "python")
    (tmp_path / "test_bob.py").write_text(test, "utf-8")
    assert "1 passed" in bash("python -m pytest -p no:randomly -p no:cacheprovider test_bob.py", environ, tmp_path)


def test_the_skill_says_when_it_is_for() -> None:
    _, head, _ = (ROOT / "SKILL.md").read_text("utf-8").split("---\n", 2)
    assert set(yaml.safe_load(head)) == {"name", "description"}


def test_every_target_that_agents_are_told_of_is_there(tmp_path: Path) -> None:
    told = [line for block in blocks("AGENTS.md") for line in block.splitlines()]
    assert told
    for line in told:
        command, *targets = line.split()
        assert command == "make"
        bash(f"make -n {' '.join(targets)}", environ_of(tmp_path), ROOT)


@pytest.mark.slow
@pytest.mark.parametrize("everything", ["true", "false"])
def test_the_action_starts_a_server_and_tells_the_next_steps(tmp_path: Path, everything: str) -> None:
    step = _step("start")
    assert set(step["env"]) == {"FLAGS", "EVERYTHING"}
    environ = environ_of(
        tmp_path, RUNNER_TEMP=str(tmp_path), GITHUB_ENV=str(tmp_path / "env"), GITHUB_OUTPUT=str(tmp_path / "out"),
        FLAGS="--clock 2030-01-07T08:00:00Z", EVERYTHING=everything,
    )  # fmt: skip
    try:
        bash(step["run"] + '\necho "$!" > "$RUNNER_TEMP/pid"\n', environ, tmp_path)
        told = dict(line.split("=", 1) for line in (tmp_path / "env").read_text("utf-8").splitlines())
        assert (tmp_path / "out").read_text("utf-8") == f"url={told['RSVPD_URL']}\n"
        assert "NODE_OPTIONS" not in told
        assert ("AZURE_CLIENT_ID" in told) == (everything == "true")
        next_step = "curl -sS $RSVPD_URL/_rsvpd/people; rsvpd run --attach -- true"
        assert "2030-01-07" in bash(next_step, environ | told, tmp_path)
    finally:
        os.kill(int((tmp_path / "pid").read_text("ascii")), signal.SIGTERM)


def test_the_action_installs_what_it_says(tmp_path: Path) -> None:
    """Without a network: pip itself is only asked for what it would do."""
    for version, wanted in (("", "/the/action"), ("0.1.0", "rsvpd==0.1.0")):
        pip = tmp_path / f"temp{version}" / "rsvpd" / "bin" / "pip"
        pip.parent.mkdir(parents=True)
        pip.write_text('#!/bin/sh\necho "$@"\n')
        pip.chmod(0o755)
        python = tmp_path / "python3"
        python.write_text("#!/bin/sh\n")
        python.chmod(0o755)
        environ = {
            "PATH": f"{tmp_path}:{os.environ['PATH']}", "RUNNER_TEMP": str(pip.parents[2]), "VERSION": version,
            "GITHUB_ACTION_PATH": "/the/action", "GITHUB_PATH": str(tmp_path / "path"),
        }  # fmt: skip
        assert bash(_step("install")["run"], environ, tmp_path).split()[-1] == wanted


def _step(name: str) -> dict[str, Any]:
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    assert action["runs"]["using"] == "composite"
    (found,) = [one for one in action["runs"]["steps"] if one["id"] == name]
    assert isinstance(found, dict)
    return found
