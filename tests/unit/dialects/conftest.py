"""bob's clients in the Microsoft profiles, each with a door of its own."""

from __future__ import annotations

import pytest

from rsvpd.dialects.microsoft.tables.profiles import GRAPH, OUTLOOK_V1, OUTLOOK_V2, PROFILES
from support.microsoft_door import Client


@pytest.fixture
def graph() -> Client:
    return Client(GRAPH)


@pytest.fixture
def v1() -> Client:
    return Client(OUTLOOK_V1)


@pytest.fixture
def v2() -> Client:
    return Client(OUTLOOK_V2)


@pytest.fixture(params=PROFILES, ids=lambda profile: profile.name)
def any_profile(request: pytest.FixtureRequest) -> Client:
    return Client(request.param)
