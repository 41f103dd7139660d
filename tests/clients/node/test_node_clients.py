"""Stock clients in Node, unmodified, each with modules of its own, play the life of an invitation, keep in step, and
let agents use their tools.

`make test-clients` installs them and plays this.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from support.stock import environment_of, play

HERE = Path(__file__).parent
FLOWS = sorted(file.stem.removesuffix("_flow") for file in HERE.glob("*_flow.js"))
AGENTS = sorted(file.stem.removesuffix("_tools") for file in HERE.glob("*_tools.js"))
ENDS = frozenset({"bob is told so", "bob's event is cancelled"})


@pytest.mark.parametrize("client", FLOWS)
def test_a_whole_life(client: str) -> None:
    assert ENDS & set(steps_of(client, f"{client}_flow.js"))


def test_a_library_that_synchronizes() -> None:
    steps = steps_of("node_outlook", "node_outlook_following.js")
    assert steps.count("alice calls it off, and it is in step") == 2, "in both versions"


@pytest.mark.parametrize("client", AGENTS)
def test_agents_use_every_tool(client: str) -> None:
    assert "every tool was used" in steps_of(client, f"{client}_tools.js")


def steps_of(client: str, program: str) -> list[str]:
    modules = environment_of("node", client) / "node_modules"
    return play("node", str(HERE / program), environ={"NODE_PATH": str(modules), "PYTHON": sys.executable})
