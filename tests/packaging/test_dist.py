"""What is built to be installed: `make dist`, what is inside, and that it runs in an environment of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import httpx
import pytest

import rsvpd
from support.running import PATIENCE_SECONDS, clean_environ

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).parent / "uv"
_LOOK_SECONDS = 0.05


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the sdist and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        ["make", "-s", "dist", f"DIST={folder}", f"VENV={Path(sys.executable).parents[1]}"],
        cwd=ROOT, env=clean_environ(), capture_output=True, text=True, timeout=5 * PATIENCE_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of an environment that has the wheel, and of the lock what it needs, and nothing else."""
    place = tmp_path_factory.mktemp("installed") / "venv"
    (wheel,) = built.glob("*.whl")
    into = ["--python", str(place / "bin" / "python")]
    for command in (
        ["venv", "--quiet", "--python", sys.executable, str(place)],
        ["pip", "install", "--quiet", *into, "--require-hashes", "-r", str(ROOT / "requirements.lock")],
        ["pip", "install", "--quiet", *into, "--no-deps", str(wheel)],
        ["pip", "check", "--quiet", *into],
    ):
        done = subprocess.run([UV, *command], capture_output=True, text=True, timeout=5 * PATIENCE_SECONDS)
        assert done.returncode == 0, done.stderr
    return place / "bin"


def test_the_wheel_has_every_file_of_the_package(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if name.startswith("rsvpd/")}
    tracked = subprocess.run(["git", "ls-files", "src"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    wanted = {name.removeprefix("src/") for name in tracked.splitlines()} - {"rsvpd/docs"}
    wanted |= {f"rsvpd/docs/{page.name}" for page in (ROOT / "docs").glob("*.md")}
    assert sorted(wanted - inside) == []
    assert sorted(inside - wanted) == []


def test_the_sdist_has_every_file_of_the_repository(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {one.name.partition("/")[2] for one in archive.getmembers() if one.isfile()}
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    wanted = set(tracked.splitlines()) - {"src/rsvpd/docs"}
    wanted |= {f"src/rsvpd/docs/{page.name}" for page in (ROOT / "docs").glob("*.md")}
    assert sorted(wanted - names) == []
    made = {"PKG-INFO", "setup.cfg"}
    copied = ("src/rsvpd.egg-info/", "src/rsvpd/docs/pictures/")
    more = {one for one in names - wanted - made if not one.startswith(copied)}
    assert sorted(more) == []


def test_the_metadata_say_what_it_is(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (place,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        found = message_from_bytes(archive.read(place))
        (points,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
        entries = archive.read(points).decode()
    assert (found["Name"], found["Version"], found["License-Expression"]) == ("rsvpd", rsvpd.__version__, "Apache-2.0")
    assert found["Description-Content-Type"] == "text/markdown"
    assert found.get_payload(decode=True) == (ROOT / "PACKAGE.md").read_bytes()
    assert found["Requires-Python"] == ">=3.11"
    assert {"mcp", "dev"} <= set(found.get_all("Provides-Extra", []))
    assert "Typing :: Typed" in found.get_all("Classifier", [])
    for line in ("rsvp = rsvpd.cli.rsvp:main", "rsvpd = rsvpd.cli.rsvpd:main", "rsvpd = rsvpd.pytest_plugin"):
        assert line in entries
    assert f"## {rsvpd.__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_text_of_the_package_index_leads_nowhere_that_is_not_there() -> None:
    """A package index shows the text alone: links and pictures beside it are dead there."""
    text = (ROOT / "PACKAGE.md").read_text("utf-8")
    assert re.findall(r"\]\(|<img|<a ", text) == []
    named = set(re.findall(r"`rsvpd docs ([\w-]+)`", text))
    assert named <= {page.stem for page in (ROOT / "docs").glob("*.md")}


def test_uvx_starts_it_and_another_terminal_finds_its_commands(
    built: Path, installed: Path, tmp_path: Path
) -> None:
    """`uvx rsvpd up` with an empty home, of the versions in the lock; what it prints is pasted elsewhere."""
    (wheel,) = built.glob("*.whl")
    home = {"HOME": str(tmp_path / "home"), "NO_PROXY": "127.0.0.1", "PATH": "/usr/bin:/bin"}
    cache = subprocess.run([UV, "cache", "dir"], capture_output=True, text=True, check=True).stdout.strip()
    command = [
        UV, "tool", "run", "--quiet", "--offline", "--python", sys.executable, "--from", wheel,
        "--constraints", _pins(tmp_path), "rsvpd", "up", "--port", "0",
    ]  # fmt: skip
    environ = {name: text for name, text in clean_environ().items() if not name.startswith(("XDG_", "PYTHON"))} | home
    with subprocess.Popen(
        command, env=environ | {"UV_CACHE_DIR": cache}, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout
            said: list[str] = []
            for line in process.stdout:
                said.append(line)
                if line.startswith("Or: "):
                    break
            assert said, process.stderr.read() if process.stderr else ""
            first = next(line.partition(": ")[2] for line in said if line.startswith("In another terminal: export"))
            curl = next(line.rstrip("\\\n") + said[at + 1] for at, line in enumerate(said) if line.startswith("curl"))
            done = subprocess.run(
                ["bash", "-ec", first + curl], env=home, capture_output=True, text=True, timeout=PATIENCE_SECONDS
            )
            assert '"subject":"Project kickoff"' in done.stdout, done.stderr
        finally:
            process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 0
    assert (tmp_path / "home" / ".local" / "share" / "rsvpd" / "rsvpd.db").exists()


def _pins(folder: Path) -> Path:
    """Return a file with the versions in the lock, without hashes: uv takes no wheel of one's own beside them."""
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    pins = folder / "constraints.txt"
    pins.write_text("\n".join(re.findall(r"^[\w.\[\]-]+==[^\s\\]+", lock, re.M)), "utf-8")
    return pins


@pytest.fixture
def server(installed: Path, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of somebody who has started what was installed."""
    environ = clean_environ() | {"RSVPD_DATA": str(tmp_path / "t.db"), "PATH": f"{installed}{os.pathsep}/usr/bin:/bin"}
    environ |= {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CONFIG", "DATA", "STATE")}
    environ.pop("PYTHONPATH", None)
    ready = tmp_path / "ready.json"
    command = [installed / "rsvpd", "up", "--port", "0", "--ready-file", ready, "--quiet"]
    process = subprocess.Popen(command, env=environ, cwd=tmp_path, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + PATIENCE_SECONDS
        while not ready.exists():
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(_LOOK_SECONDS)
        yield environ | {"URL": json.loads(ready.read_bytes())["url"]}
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def test_what_was_installed_runs(installed: Path, server: dict[str, str], tmp_path: Path) -> None:
    def said(*command: str) -> str:
        done = subprocess.run(
            [installed / command[0], *command[1:]], env=server, cwd=tmp_path, capture_output=True, text=True,
            timeout=PATIENCE_SECONDS,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert said("rsvpd", "--version") == f"rsvpd {rsvpd.__version__}\n"
    assert "Project kickoff" in said("rsvp", "invites")
    assert said("rsvpd", "docs", "testing").startswith("# Testing an application with rsvpd")
    token = said("rsvpd", "token", "bob").strip()
    me = httpx.get(f"{server['URL']}/v1.0/me", headers={"Authorization": f"Bearer {token}"}, trust_env=False)
    assert me.json()["mail"] == "bob@example.com"
    assert "rsvpd.pytest_plugin" in said("python", "-c", "import rsvpd.testing, importlib.metadata as m; "
                                         "print([p.value for p in m.entry_points(group='pytest11')])")  # fmt: skip
