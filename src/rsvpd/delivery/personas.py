"""Lets people answer who do so by themselves, each invitation when it is due by the server's clock.

What waits is a row: it survives a restart, and is answered once however the server ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from rsvpd import log
from rsvpd.clock import Clock
from rsvpd.commands.persona_acts import act, give_up, next_instant, next_waiting
from rsvpd.delivery.tasks import go_on, under_way, wake
from rsvpd.errors import DomainError
from rsvpd.store.database import Store
from rsvpd.store.engine import Commit

_LONGEST_SECONDS = 3_600.0
_SECOND = 1_000_000
_MOST_KEPT = 1_000

_log = log.get(__name__)


class Answering:
    """The work. What was done since somebody took it last is kept in words, the first of it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._wanted = asyncio.Event()
        self._acting = asyncio.Lock()
        self._done: list[str] = []

    async def act(self) -> bool:
        """Do all that is due; return whether there was anything."""
        has_acted = False
        async with self._acting:
            while await self._act_once():
                has_acted = True
        return has_acted

    def take(self) -> list[str]:
        """Return what was done since the last time."""
        done, self._done = self._done, []
        return done

    @asynccontextmanager
    async def under_way(self) -> AsyncIterator[None]:
        """Do it in the background as long as the context lasts."""
        loop = asyncio.get_running_loop()

        def on_commit(commit: Commit) -> None:
            if commit.has_delivery or commit.is_anything:
                wake(loop, self._wanted.set)

        with self._store.on_commit(on_commit):
            async with under_way(go_on(self._turn, failure="personas.failed")):
                yield

    async def _turn(self) -> None:
        self._wanted.clear()
        await self.act()
        await self._wait()

    async def _wait(self) -> None:
        """Wait until something is due, is asked, or the clock is steered."""
        due = await self._store(next_instant)
        left = None if due is None else min(max(0, due - self._clock()) / _SECOND, _LONGEST_SECONDS)
        with suppress(TimeoutError):
            async with asyncio.timeout(left):
                await self._wanted.wait()

    async def _act_once(self) -> bool:
        waiting = await self._store(next_waiting, self._clock())
        if waiting is None:
            return False
        words = ""
        try:
            words = await self._store(act, waiting, self._clock())
        except DomainError as refused:  # what cannot be answered waits for nothing
            _log.info("persona.refused", mailbox=waiting.mailbox, reason=type(refused).__name__)
            await self._store(give_up, waiting)
        if words and len(self._done) < _MOST_KEPT:
            self._done.append(words)
        return True
