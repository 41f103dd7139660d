"""A door through which everything can be tried and nothing comes of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from rsvpd.store.engine import WorkLimits
from rsvpd.store.sqlite.file import connect_writer
from rsvpd.store.sqlite.session import SqliteSession
from rsvpd.store.tx import Directory, Rules, Tx
from rsvpd.work import Work
from support.forgetful import Forgetful
from support.world import World


class Undoing(Forgetful):
    """Runs each command in a transaction of its own and rolls it back, whatever it answered."""

    def __init__(self, world: World) -> None:
        self._connection = connect_writer(world.path)
        self._seeds = itertools.count()

    async def __call__(self, command: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Return what the command returns, or raise what it raises."""
        work = Work(WorkLimits().write)
        tx = Tx(SqliteSession(self._connection), directory=Directory(), entropy=self._entropy, rules=Rules(), work=work)
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            return command(tx, *args, **kwargs)
        finally:
            self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _entropy(self, size: int) -> bytes:
        return next(self._seeds).to_bytes(8, "big").rjust(size, b"\0")[:size]
