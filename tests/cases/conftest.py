"""Who the situations are played by: one world, and each of the three Outlook services in turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.microsoft import Microsoft
from support.speakers import speakers
from support.world import World

OUTLOOK_SERVICES = ("graph", "outlook-v2", "outlook-v1")


@pytest.fixture(params=OUTLOOK_SERVICES)
def outlook(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Microsoft]:
    """Return one of the three services; alice, bob and carol have mailboxes, alice and bob a meeting."""
    world = World(tmp_path)
    for name in ("alice", "bob", "carol"):
        world.add(name, zone="Europe/Berlin")
    speaker = speakers(world)[request.param]
    assert isinstance(speaker, Microsoft)
    speaker.invite("alice", "Plans", "2026-12-01T10:00:00", 30, "UTC", ["bob"])
    yield speaker
    world.close()
