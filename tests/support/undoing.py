"""A door through which everything can be tried and nothing comes of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from rsvpd.store.tx import Tx
from support.forgetful import Forgetful
from support.world import World


class Undoing(Forgetful):
    """Runs each command in a transaction of its own and rolls it back, whatever it answered."""

    def __init__(self, world: World) -> None:
        self._store = world.store
        self._seeds = itertools.count()

    async def __call__(self, command: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Return what the command returns, or raise what it raises."""

        def job(tx: Tx) -> None:
            tx.entropy = self._entropy
            raise _DoneError(command(tx, *args, **kwargs))

        try:
            self._store.engine.run(job, writes=True)
        except _DoneError as done:
            return done.value
        raise AssertionError

    def _entropy(self, size: int) -> bytes:
        return next(self._seeds).to_bytes(8, "big").rjust(size, b"\0")[:size]


class _DoneError(Exception):
    """What a command returned; it is rolled back as one that failed."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value
