"""What runs beside the answers as long as the server does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from rsvpd.delivery.notifier import Clocks, notifying
from rsvpd.delivery.remover import removing
from rsvpd.delivery.sender import HttpSender
from rsvpd.delivery.worker import delivering
from rsvpd.dialects.push import Publisher
from rsvpd.store.database import Store


@asynccontextmanager
async def background(
    store: Store, publishers: Mapping[str, Publisher], send: HttpSender, clocks: Clocks
) -> AsyncIterator[None]:
    """Deliver rounds, tell subscribers and delete what was removed, as long as the context lasts.

    In the end `send` is closed.
    """
    try:
        async with delivering(store), removing(store), notifying(store, publishers, send, clocks):
            yield
    finally:
        await send.close()
