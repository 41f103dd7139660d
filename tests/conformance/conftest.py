"""What most of these tests begin with: alice and bob, and nothing in their mailboxes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    for name in ("alice", "bob"):
        world.add(name)
    yield world
    world.close()
