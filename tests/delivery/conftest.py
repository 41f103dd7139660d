"""A world on each engine, and a notifier over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.listening import Listening, Receivers
from support.postgres import new_database
from support.world import World


@pytest.fixture(params=["data file", "database"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, url=new_database() if request.param == "database" else "")
    for name in ("alice", "bob"):
        world.add(name)
    yield world
    world.close()


@pytest.fixture
def listening(world: World) -> Iterator[Listening]:
    listening = Listening(world, Receivers())
    with listening.heard():
        yield listening
