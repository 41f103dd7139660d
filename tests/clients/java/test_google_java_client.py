"""Google's Java client, unmodified (Debian's libgoogle-api-client-java), drives the Google dialect.

`make test-clients` installs it and plays this.
"""

from __future__ import annotations

from pathlib import Path

from support.stock import play

JARS = "/usr/share/java/*"


def test_a_whole_life() -> None:
    assert "it is called off" in play("java", "-cp", JARS, str(Path(__file__).parent / "Flow.java"))
