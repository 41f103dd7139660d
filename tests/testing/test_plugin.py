"""The pytest plugin as a suite has it: a fresh tenant per test, also under xdist, and no cost where it is not used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.running import PATIENCE_SECONDS, clean_environ

pytestmark = pytest.mark.slow  # servers in processes of their own

# Whichever test comes first, the other one finds nothing of it.
SUITE = """
import pytest

@pytest.fixture(scope="session")
def rsvpd_beginning(rsvpd_server):
    rsvpd_server.add_person("erin@example.com")

@pytest.mark.parametrize("number", range(6))
def test_alone(rsvpd, rsvpd_people, number):
    assert rsvpd.events("erin", "Kickoff") == []
    rsvpd.invite("Kickoff", to="erin")
    assert rsvpd.inbox("erin")[0]["subject"] == "Kickoff"
    assert rsvpd_people["erin"] == rsvpd_people["erin@example.com"]
"""
UNUSED = """
import sys

def test_nothing_is_loaded():
    assert [name for name in sys.modules if name.startswith("rsvpd")] == ["rsvpd", "rsvpd.pytest_plugin"]
    assert "httpx" not in sys.modules and "msgspec" not in sys.modules
"""
OPTIONS = """
import pytest

@pytest.fixture(scope="session")
def rsvpd_options():
    return {"seed": False, "clock": "2030-01-07T08:00:00Z"}

def test_empty(rsvpd):
    assert rsvpd.people() == {} and rsvpd.now().year == 2030
"""


def suite(folder: Path, text: str, *flags: str, before: tuple[str, ...] = ()) -> str:
    """Run a suite of one file and return what pytest said."""
    (folder / "test_it.py").write_text(text, "utf-8")
    # Whoever runs these tests may be a worker of xdist itself.
    environ = {name: one for name, one in clean_environ().items() if not name.startswith("PYTEST_XDIST")}
    done = subprocess.run(
        [*before, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *flags, "test_it.py"],
        cwd=folder, env=environ, capture_output=True, text=True, timeout=2 * PATIENCE_SECONDS,
    )  # fmt: skip
    return f"{done.returncode}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("flags", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_each_test_has_a_fresh_tenant(tmp_path: Path, flags: tuple[str, ...]) -> None:
    said = suite(tmp_path, SUITE, *flags)
    assert said.startswith("0\n"), said
    assert "6 passed" in said


def test_where_it_is_not_used_nothing_is_loaded(tmp_path: Path) -> None:
    assert "1 passed" in suite(tmp_path, UNUSED)


def test_a_suite_says_how_its_server_is(tmp_path: Path) -> None:
    assert "1 passed" in suite(tmp_path, OPTIONS)


def test_under_rsvpd_run_it_is_the_server_of_that_run(tmp_path: Path) -> None:
    text = SUITE + "\ndef test_same(rsvpd):\n    import os\n    assert rsvpd.url == os.environ['RSVPD_URL']\n"
    run = (sys.executable, "-m", "rsvpd.cli.rsvpd", "run", "--")
    assert "7 passed" in suite(tmp_path, text, before=run)
    assert "the workers of xdist" in suite(tmp_path, SUITE, "-n", "2", before=run)


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (tmp_path / "test_it.py").write_text(OPTIONS, "utf-8")
    environ = clean_environ() | {"TMPDIR": str(scratch)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"]
    subprocess.run(command, cwd=tmp_path, env=environ, check=True, timeout=PATIENCE_SECONDS)
    assert os.listdir(scratch) == []
