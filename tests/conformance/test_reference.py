"""The examples of Microsoft's reference for mail, calendars and their people, sent as they stand.

They are retold in `reference/*.txt`, each under the name of its page at https://learn.microsoft.com/graph/api/. What
the published types say of an answer is looked at besides, as in every test over a world.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.reference import Block, Tenant, blocks, check
from support.world import World

BLOCKS = list(blocks())


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenant]:
    world = World(tmp_path_factory.mktemp("reference"))
    tenant = Tenant(world)
    tenant.keep()
    yield tenant
    world.close()


@pytest.mark.parametrize("block", BLOCKS, ids=[f"{one.page}-{one.place}" for one in BLOCKS])
def test_what_the_page_shows(block: Block, tenant: Tenant) -> None:
    check(block, tenant.send(block), tenant)


def test_there_are_enough() -> None:
    assert len({one.page for one in BLOCKS}) >= 110
