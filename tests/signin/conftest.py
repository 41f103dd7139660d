"""One server for each test of signing in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.sign_in import SignIn


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., SignIn]]:
    """Return a function that makes a server with the given applications and rules."""
    made: list[SignIn] = []

    def make_one(*clients: Any, **rules: Any) -> SignIn:
        folder = tmp_path / f"server{len(made)}"
        folder.mkdir()
        made.append(SignIn(folder, *clients, **rules))
        return made[-1]

    yield make_one
    for one in made:
        one.close()


@pytest.fixture
def server(make: Callable[..., SignIn]) -> SignIn:
    """Return a server that only this machine reaches, with the application that every such server knows."""
    return make()
