"""Deletes what was in mailboxes that were removed, slice by slice, as long as the server runs.

Whoever removes one is answered before: nobody finds the mailbox from then on. What is left when a server stops goes
with the next start (control/datafile.py), and what a snapshot that is put back had not finished goes on then.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from rsvpd.commands.steps import clean_up, run_between
from rsvpd.delivery.tasks import repeat, under_way, wake
from rsvpd.store.database import Store
from rsvpd.store.engine import Commit


@asynccontextmanager
async def background_removal(store: Store) -> AsyncIterator[None]:
    """Delete in the background what is left of removed mailboxes, as long as the context lasts."""
    loop, wanted = asyncio.get_running_loop(), asyncio.Event()

    def on_commit(commit: Commit) -> None:
        if commit.removed or commit.is_anything:
            wake(loop, wanted.set)

    with store.on_commit(on_commit):
        async with under_way(repeat(partial(_work, store), wanted, failure="removal.failed")):
            yield


async def _work(store: Store) -> bool:
    await run_between(clean_up(), store)
    return False
