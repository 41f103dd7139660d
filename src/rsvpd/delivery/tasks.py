"""Work that goes on beside the answers, and signals to it from other threads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any


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
