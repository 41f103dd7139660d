"""What tests of the store share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support import postgres


@pytest.fixture
def url() -> Iterator[str]:
    """Return the URL of a database that has the tables and nothing in them."""
    made = postgres.new_database()
    yield made
    postgres.drop_database(made)
