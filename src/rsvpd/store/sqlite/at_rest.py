"""Reading a data file that no process has open, without writing to it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rsvpd.store.engine import WorkLimits
from rsvpd.store.sqlite.file import refuse_older
from rsvpd.store.sqlite.session import SqliteSession
from rsvpd.store.sqlite.untouched import open_untouched, refuse_foreign, refuse_newer
from rsvpd.store.steps import steps
from rsvpd.store.tx import Directory, Rules, Tx, is_writing
from rsvpd.work import Work


@contextmanager
def reading(path: Path) -> Iterator[Callable[..., Any]]:
    """Lend what runs commands that read, as `Store.run` does. Raises DataFileError, also for an older schema."""
    refuse_foreign(path)
    refuse_newer(path, len(steps("sqlite")))
    with open_untouched(path) as connection:
        refuse_older(path, connection)
        directory = Directory()

        def run(command: Callable[..., Any], *args: Any, **more: Any) -> Any:
            assert not is_writing(command)
            work = Work(WorkLimits().read)
            session = SqliteSession(connection)
            tx = Tx(session, directory=directory, entropy=os.urandom, rules=Rules(), work=work)
            return command(tx, *args, **more)

        yield run
