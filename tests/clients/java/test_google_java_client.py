"""Google's Java client, unmodified (Debian's libgoogle-api-client-java), drives the Google dialect.

`make test-clients` installs it and plays this.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from support.running import Running

HERE = Path(__file__).parent
JARS = "/usr/share/java/*"


def test_a_whole_life(server: Running) -> None:
    command = ["java", "-cp", JARS, str(HERE / "Flow.java"), server.url, server.token("alice"), server.token("bob")]
    played = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert played.returncode == 0, played.stdout + played.stderr[-2000:]
    assert "ok it is called off" in played.stdout
