"""What tests of the store share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rsvpd.store.database import Store
from support import postgres


@pytest.fixture
def url() -> Iterator[str]:
    """Return the URL of a database that has the tables and nothing in them."""
    made = postgres.new_database()
    yield made
    postgres.drop_database(made)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Return the store over that database."""
    opened = Store.open(url)
    yield opened
    opened.close()


@pytest.fixture
def other(url: str, store: Store) -> Iterator[Store]:
    """Return a store over the same, as another process or another server has it."""
    opened = Store.open(url)
    yield opened
    opened.close()
