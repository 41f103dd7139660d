"""A data file for laws about what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rsvpd.store.database import Store
from support.engines import sqlite_of


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder: Path = tmp_path_factory.mktemp("laws")
    store = Store.open(folder / "t.db")
    sqlite_of(store).connection.execute("PRAGMA synchronous=OFF")  # nothing here survives a power cut
    yield store
    store.close()
