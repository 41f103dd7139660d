"""What runs beside the answers as long as the server does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from rsvpd.delivery.notifier import Clocks, Notifier, background_notification
from rsvpd.delivery.personas import Answering
from rsvpd.delivery.remover import background_removal
from rsvpd.delivery.sender import ClosableSender
from rsvpd.delivery.worker import background_delivery, deliver_all
from rsvpd.dialects.push import Publisher
from rsvpd.store.database import Store


class Background:
    """Delivers rounds, lets people answer who do so by themselves, tells subscribers, deletes what was removed."""

    def __init__(
        self, store: Store, publishers: Mapping[str, Publisher], send: ClosableSender, clocks: Clocks
    ) -> None:
        self._store = store
        self._send = send
        self._notifier = Notifier(store, publishers, send, clocks)
        self._answering = Answering(store, clocks.server)

    @asynccontextmanager
    async def under_way(self) -> AsyncIterator[None]:
        """Do all that as long as the context lasts. In the end nothing is sent any more."""
        store = self._store
        try:
            async with (
                background_delivery(store), background_removal(store),
                background_notification(store, self._notifier), self._answering.under_way(),
            ):  # fmt: skip
                yield
        finally:
            await self._send.close()

    async def settle(self) -> list[str]:
        """Go on until nothing is left that can be done now: what was delivered is told, and the answers are there.

        Return what people did by themselves since the last time.
        """
        await deliver_all(self._store)
        while await self._answering.act():
            await deliver_all(self._store)
        await self._notifier.settle()
        return self._answering.take()
