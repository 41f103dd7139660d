"""Long lists are written in turns with the other requests: the event loop has one thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
V = TypeVar("V")

AT_A_TIME = 8


async def in_turn(values: Iterable[V], write: Callable[[V], T], *, at_a_time: int = AT_A_TIME) -> list[T]:
    """Return what `write` makes of each value; after every few of them the loop goes on with what waits."""
    done: list[T] = []
    for value in values:
        if done and len(done) % at_a_time == 0:
            await asyncio.sleep(0)
        done.append(write(value))
    return done
