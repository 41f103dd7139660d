"""What all tests share: a server of one's own, started the way scripts start it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from support.running import Running

# The same examples every time; HYPOTHESIS_PROFILE=random looks for new ones.
settings.register_profile("fixed", derandomize=True)
settings.register_profile("random", print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))

Start = Callable[..., Running]
_OUTLOOK = frozenset({"v1", "v2", "/api/v1.0", "/api/v2.0"})  # words of a test's id
_STARTS_A_PROCESS = frozenset({"start_server", "server", "shared_server"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what `make test-fast` leaves out.

    That is whatever starts a server of its own process, the laws, which try hundreds of examples, and what is
    played in the two Outlook dialects as well: their tables are Graph's with other names, so what breaks there has
    most often broken in Graph too.
    """
    for item in items:
        starts_a_process = _STARTS_A_PROCESS & set(getattr(item, "fixturenames", ()))
        is_law = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if starts_a_process or is_law or _is_outlook(item):
            item.add_marker(pytest.mark.slow)


def _is_outlook(item: pytest.Item) -> bool:
    callspec = getattr(item, "callspec", None)
    if item.path.parent.name == "dialogues":  # they are played in one dialect each, in turn
        return False
    return callspec is not None and not _OUTLOOK.isdisjoint(callspec.id.split("-"))


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Start]:
    """Return a function that starts `rsvpd up` with more flags; all are stopped at the end."""
    started: list[Running] = []

    def start(*flags: str, environ: dict[str, str] | None = None) -> Running:
        folder = tmp_path / f"server{len(started)}"
        folder.mkdir()
        started.append(Running(folder, *flags, environ=environ))
        return started[-1]

    yield start
    for server in started:
        server.kill()


@pytest.fixture
def server(start_server: Start) -> Running:
    """Return a fresh server with the seeded story (see support/running.py)."""
    return start_server()


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Return one server with the seeded story for all tests that only read, or add what is theirs alone."""
    running = Running(tmp_path_factory.mktemp("shared"))
    yield running
    running.kill()
