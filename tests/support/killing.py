"""Ending a process in the middle of what it does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def kill_in_the_middle(script: str, place: Path | str, *, seconds: float) -> None:
    """Run a script on a data file or a database, and kill it so long after it has said `ready`."""
    process = subprocess.Popen([sys.executable, "-c", script, str(place)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
