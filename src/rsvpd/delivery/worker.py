"""Does what was too much for one transaction, slice by slice: deliveries for very many guests, copies and removals of
folders with very many messages, calendars that are emptied.

A slice is a command like any other; between two of them everybody else has a turn. What is left
from before a restart goes on when the server starts, or with another process over the same database.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from rsvpd.commands import calendars, folders
from rsvpd.commands.deliver import deliver_next, is_any_left
from rsvpd.delivery.tasks import repeat, under_way, wake
from rsvpd.store.database import Store
from rsvpd.store.engine import Commit

_PAUSE_SECONDS = 0.05


@asynccontextmanager
async def background_delivery(store: Store) -> AsyncIterator[None]:
    """Deliver rounds in the background as long as the context lasts."""
    loop, wanted = asyncio.get_running_loop(), asyncio.Event()
    wanted.set()

    def on_commit(commit: Commit) -> None:
        if commit.has_delivery or commit.is_anything:
            wake(loop, wanted.set)

    with store.on_commit(on_commit):
        async with under_way(repeat(partial(_work, store), wanted, failure="delivery.failed")):
            yield


async def deliver_all(store: Store) -> None:
    """Do all there is; where another process has some of it, wait for that."""
    while await _work(store):
        await asyncio.sleep(_PAUSE_SECONDS)


async def _work(store: Store) -> bool:
    while await store(deliver_next) or await store(folders.go_on_next) or await store(calendars.empty_next):
        pass
    # Another process has it, and may die over it.
    left = (is_any_left, folders.is_any_left, calendars.is_emptying_left)
    return any([await store(one) for one in left])
