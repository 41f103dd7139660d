"""What is left of a mailbox that was removed goes in the background, also where a snapshot brings it back half gone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from rsvpd.commands.people import is_removal_left, remove_person
from rsvpd.control import snapshots, work
from rsvpd.delivery.remover import background_removal
from support.world import World, lend_world

LUNCH = {
    "subject": "Lunch",
    "start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2026-12-01T11:00:00", "timeZone": "UTC"},
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from lend_world(tmp_path, "alice", "bob")


def test_it_goes_on_with_what_a_snapshot_had_not_finished(world: World) -> None:
    assert world.request("bob", "POST", "/v1.0/me/events", LUNCH).status == 201
    world.store.run(remove_person, "bob@example.com")
    snapshots.save(world.store, "half", overwrite=False)
    work.run(work.clean_up(), world.store.run)

    async def put_back() -> None:
        async with background_removal(world.store):
            while await world.store(is_removal_left):  # of the beginning of what is in the background
                await asyncio.sleep(0)
            gone = asyncio.Event()
            loop = asyncio.get_running_loop()
            with world.store.on_commit(lambda commit: loop.call_soon_threadsafe(gone.set)):
                await asyncio.to_thread(snapshots.restore, world.store, "half")
                async with asyncio.timeout(20):
                    while await world.store(is_removal_left):
                        gone.clear()
                        if await world.store(is_removal_left):
                            await gone.wait()

    world.wait(put_back())
    assert not world.store.run(is_removal_left)
