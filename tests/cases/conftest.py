"""What the cases share: alice in Berlin, her guests, a client of each dialect, each Outlook service in turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rsvpd.mail.person import PersonKind
from support.calendar_v3 import CalendarV3
from support.client import MOUNTS, Client
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


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    for name in ("alice", "bob", "carol"):
        world.add(name, zone="Europe/Berlin")
    world.add("orion", zone="Europe/Berlin", kind=PersonKind.ROOM)
    yield world
    world.close()


@pytest.fixture
def alice(world: World) -> CalendarV3:
    return CalendarV3(world, "alice")


@pytest.fixture
def bob(world: World) -> CalendarV3:
    return CalendarV3(world, "bob")


@pytest.fixture(params=MOUNTS)
def organizer(world: World, request: pytest.FixtureRequest) -> Client:
    """alice in each Microsoft profile."""
    return Client(world, "alice", request.param)


@pytest.fixture
def guest(organizer: Client) -> Client:
    """bob in the same profile."""
    return Client(organizer.world, "bob", organizer.profile)


@pytest.fixture
def graph(world: World) -> Client:
    return Client(world, "alice", "graph")
