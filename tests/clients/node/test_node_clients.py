"""Stock clients in Node, unmodified, each with modules of its own, play the life of an invitation.

`make test-clients` installs them and plays this.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from support.stock import environment_of, play

HERE = Path(__file__).parent
FLOWS = sorted(file.stem.removesuffix("_flow") for file in HERE.glob("*_flow.js"))
ENDS = frozenset({"bob is told so", "bob's event is cancelled"})


@pytest.mark.parametrize("client", FLOWS)
def test_a_whole_life(client: str) -> None:
    modules = environment_of("node", client) / "node_modules"
    steps = play("node", str(HERE / f"{client}_flow.js"), environ={"NODE_PATH": str(modules)})
    assert ENDS & set(steps)
