"""A store for laws about what is stored."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rsvpd.store.database import Store
from support.engines import new_store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with new_store(tmp_path_factory.mktemp("laws")) as store:
        yield store
