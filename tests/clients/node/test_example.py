"""The example in JavaScript: its own suite, as its authors run it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.running import PATIENCE_SECONDS, clean_environ

EXAMPLE = Path(__file__).parents[3] / "examples" / "javascript"


def test_the_suite_of_the_javascript_example() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rsvpd.cli.rsvpd", "run", "--", "node", "--test"],
        cwd=EXAMPLE, env=clean_environ(), capture_output=True, text=True, timeout=2 * PATIENCE_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\n# fail 0\n" in done.stdout.replace("ℹ", "#")
