"""The pytest plugin: the fixtures `rsvpd` and `rsvpd_people`, over a real server of this worker's own.

pytest loads this wherever rsvpd is installed, so it imports nothing of the server; that is done by the first test that
uses a fixture. A test gets the tenant as it was at the beginning: a snapshot is put back, which takes milliseconds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from rsvpd.testing import Tenant

_LED_BY = ("RSVPD_URL", "RSVPD_DATA")
_OF_XDIST = "PYTEST_XDIST_WORKER"


@pytest.fixture(scope="session")
def rsvpd_options() -> Mapping[str, Any]:
    """Return what rsvpd.testing.server is called with; a suite that wants other data or settings overrides it."""
    return {}


@pytest.fixture(scope="session")
def rsvpd_server(rsvpd_options: Mapping[str, Any]) -> Iterator[Tenant]:
    """Return the server of this session, of each xdist worker its own: started here, or the one of `rsvpd run`."""
    from rsvpd import testing

    is_led = all(os.environ.get(name) for name in _LED_BY)
    if is_led and os.environ.get(_OF_XDIST):
        pytest.fail("`rsvpd run` leads to one server, which the workers of xdist would put back under each other's"
                    " hands; run pytest -n without `rsvpd run`, or `rsvpd run` without -n", pytrace=False)  # fmt: skip
    with testing.attach() if is_led else testing.server(**rsvpd_options) as tenant:
        yield tenant


@pytest.fixture(scope="session")
def rsvpd_beginning(rsvpd_server: Tenant) -> None:
    """Make what every test begins with, once; a suite overrides it: people, meetings, answers."""


@pytest.fixture(scope="session")
def _rsvpd_saved(rsvpd_server: Tenant, rsvpd_beginning: object) -> Iterator[str]:
    name = f"pytest-{os.getpid()}"
    rsvpd_server.snapshot(name)
    yield name
    rsvpd_server.restore(name)
    rsvpd_server.remove_snapshot(name)


@pytest.fixture
def rsvpd(rsvpd_server: Tenant, _rsvpd_saved: str) -> Tenant:
    """Return a fresh tenant: its people, their calendars and mailboxes as they were at the beginning."""
    rsvpd_server.begin_again(_rsvpd_saved)
    return rsvpd_server


@pytest.fixture
def rsvpd_people(rsvpd: Tenant) -> Mapping[str, str]:
    """Return a bearer token of everybody, by address and by what stands before its @."""
    tokens = {address: str(one["token"]) for address, one in rsvpd.people().items()}
    return {address.partition("@")[0]: token for address, token in tokens.items()} | tokens
