"""What most of these tests begin with: alice and bob, and nothing in their mailboxes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.listening import Listening, Receivers
from support.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    for name in ("alice", "bob"):
        world.add(name)
    yield world
    world.close()


@pytest.fixture
def receivers(world: World) -> Receivers:
    """Return all receivers of notifications there are."""
    receivers = Receivers()
    world.send = receivers
    return receivers


@pytest.fixture
def listening(world: World, receivers: Receivers) -> Iterator[Listening]:
    """Return a notifier that hears of the commits of this world."""
    listening = Listening(world, receivers, world.publishers())
    with listening.heard():
        yield listening
