"""Stock clients in Python, unmodified, each in an environment of its own, play the life of an invitation.

`make test-clients` installs them and plays this.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from support.stock import environment_of, play

HERE = Path(__file__).parent
LARGE = frozenset({"msgraph_sdk"})
FLOWS = sorted(file.stem.removesuffix("_flow") for file in HERE.glob("*_flow.py"))
ENDS = frozenset({"bob is told so", "bob's event is cancelled"})


@pytest.mark.parametrize(
    "client", [pytest.param(one, marks=pytest.mark.large) if one in LARGE else one for one in FLOWS]
)
def test_a_whole_life(client: str) -> None:
    python = environment_of("python", client) / "bin" / "python"
    assert ENDS & set(play(str(python), str(HERE / f"{client}_flow.py")))


def test_a_library_that_synchronizes() -> None:
    python = environment_of("python", "gcal_sync") / "bin" / "python"
    steps = play(str(python), str(HERE / "gcal_sync_following.py"))
    assert "she calls it off, and the next synchronization takes it away" in steps
