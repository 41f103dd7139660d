"""The example in Python: its own suite, as its authors run it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support.running import PATIENCE_SECONDS, clean_environ

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.slow
def test_the_suite_of_the_python_example() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", "."],
        cwd=EXAMPLES / "python", env=clean_environ(), capture_output=True, text=True, timeout=2 * PATIENCE_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout


@pytest.mark.slow
def test_the_sequence_of_the_documentation(tmp_path: Path) -> None:
    page = (EXAMPLES.parent / "docs" / "testing.md").read_text("utf-8")
    script = page.partition("```sh\n")[2].partition("```")[0]
    (tmp_path / "test.sh").write_text(script, "utf-8")

    def play() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "rsvpd.cli.rsvpd", "run", "--", "sh", "-e", "test.sh"]
        return subprocess.run(
            command, cwd=tmp_path, env=clean_environ(), capture_output=True, text=True, timeout=PATIENCE_SECONDS
        )  # fmt: skip

    done = play()
    assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / "test.sh").write_text(script.replace("/accept -d", "/decline -d"), "utf-8")
    assert play().returncode == 1
