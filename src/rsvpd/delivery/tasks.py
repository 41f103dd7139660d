"""Work that goes on beside the answers, and signals to it from other threads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from rsvpd import log
from rsvpd.errors import Unavailable

_log = log.get(__name__)

_PATIENCE_SECONDS = 1.0


@asynccontextmanager
async def under_way(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Let `work` go on as long as the context lasts."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def wake(loop: asyncio.AbstractEventLoop, signal: Callable[..., None], *args: object) -> None:
    """Call `signal` in the thread of a loop, from whatever thread."""
    with suppress(RuntimeError):  # the loop is closing: the next start goes on
        loop.call_soon_threadsafe(signal, *args)


async def go_on(turn: Callable[[], Awaitable[None]], *, failure: str) -> None:
    """Take one turn after the other, without end; a turn waits for what it is for by itself.

    After one that failed there is a pause; what is not to be expected is logged as `failure`.
    """
    while True:
        try:
            await turn()
        except Unavailable:
            await asyncio.sleep(_PATIENCE_SECONDS)
        except Exception as fault:
            _log.failure(failure, fault)
            await asyncio.sleep(_PATIENCE_SECONDS)


async def repeat(work: Callable[[], Awaitable[bool]], wanted: asyncio.Event, *, failure: str) -> None:
    """Do `work` whenever it is wanted, without end.

    It returns whether something is left, for which it is tried again after a while, as it is where it failed; what is
    not to be expected is logged as `failure`.
    """
    while True:
        await wanted.wait()
        wanted.clear()
        is_left = True
        try:
            is_left = await work()
        except Unavailable:
            pass
        except Exception as fault:
            _log.failure(failure, fault)
        if is_left:
            await asyncio.sleep(_PATIENCE_SECONDS)
            wanted.set()
