"""What all tests share: a server of one's own, started the way scripts start it."""

from __future__ import annotations

import gc
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from zlib import crc32

import pytest
from hypothesis import settings

from support.engines import ON_POSTGRES
from support.running import Running, rsvpd

# The same examples every time; HYPOTHESIS_PROFILE=random looks for new ones.
settings.register_profile("fixed", derandomize=True)
settings.register_profile("random", print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))

Start = Callable[..., Running]
_OUTLOOK = frozenset({"v1", "v2", "/api/v1.0", "/api/v2.0"})  # words of a test's id
_LINES_KEPT = 3
_TABLE = "one of many lines of a table"  # slow, because there are so many
_STARTS_A_PROCESS = frozenset({"start_server", "server", "hasty_server", "shared_server"})


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Keep the garbage collector away from thousands of items that stay as long as the run does."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what `make test-fast` leaves out.

    That is whatever starts a process, the laws, which try hundreds of examples, and what is played in the two
    Outlook dialects as well: their tables are Graph's with other names, so what breaks there has most often broken
    in Graph too. Of a long table of which each line has a data file of its own a third is left.
    """
    tables: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if ON_POSTGRES and item.get_closest_marker("data_file"):
            item.add_marker(pytest.mark.skip("about the data file"))
        starts_a_process = _STARTS_A_PROCESS & set(getattr(item, "fixturenames", ()))
        is_law = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        if starts_a_process or _runs_a_command(item) or is_law or _is_outlook(item):
            item.add_marker(pytest.mark.slow)
        elif _is_line_of_a_table(item):
            tables[item.nodeid.partition("[")[0]].append(item)
    for lines in tables.values():
        # By a checksum, which meets every column of a table of several; the order is another in each run.
        lines.sort(key=lambda item: crc32(item.nodeid.encode()))
        for item in lines[max(_LINES_KEPT, len(lines) // 3) :]:
            item.add_marker(pytest.mark.slow(_TABLE))


def _runs_a_command(item: pytest.Item) -> bool:
    function = getattr(item, "function", None)
    names = function.__code__.co_names if function is not None else ()
    return "subprocess" in names or ("rsvpd" in names and function.__globals__["rsvpd"] is rsvpd)


def _is_line_of_a_table(item: pytest.Item) -> bool:
    if item.path.parent.name == "dialogues" or item.get_closest_marker("slow"):
        return False
    return hasattr(item, "callspec") and "tmp_path" in getattr(item, "fixturenames", ())


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
        server.close()


@pytest.fixture
def server(start_server: Start) -> Running:
    """Return a fresh server with the seeded story (see support/running.py)."""
    return start_server()


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Return one server with the seeded story for all tests that only read, or add what is theirs alone."""
    running = Running(tmp_path_factory.mktemp("shared"))
    yield running
    running.close()
