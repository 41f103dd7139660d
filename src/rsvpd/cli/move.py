"""`rsvpd move`: everything from a data file into a database, or back."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rsvpd.cli.progress import progress
from rsvpd.config import Config

if TYPE_CHECKING:
    from rsvpd.store.database import Store

ABOUT = """\
Move all mailboxes: from a data file into a PostgreSQL database, or back. No
server may have them open. The target has to be empty. What was cut short goes
on where it stood when it is run again; at the end every row is compared. The
source stays as it is.
"""


def add_flags(move: argparse.ArgumentParser) -> None:
    """Give the command `move` its flags."""
    move.description = ABOUT
    move.add_argument("source", metavar="FROM", help="a data file, or postgresql://…")
    move.add_argument("target", metavar="TO", help="a database: postgresql://…, or a data file that is not there yet")


def run(args: argparse.Namespace, config: Config) -> None:
    """Move, and say what arrived."""
    from rsvpd.cli.tables import Column, print_table
    from rsvpd.control.move import move

    with ExitStack() as stack:
        say = stack.enter_context(progress(f"Moving {args.source}"))
        source = stack.enter_context(open_store(args.source, must_exist=True))
        target = stack.enter_context(open_store(args.target, must_exist=False))
        moved = move(source.run, target, say)
    counts = tuple(f"{count:,}" for count in moved.rows.values())
    print_table([Column("MOVED", tuple(moved.rows)), Column("ROWS", counts)])


@contextmanager
def open_store(name: str, *, must_exist: bool) -> Iterator[Store]:
    """Open what is named, for this process alone where it is a file."""
    from rsvpd.control import sidecar
    from rsvpd.store.database import Store
    from rsvpd.store.engine import UNLIMITED
    from rsvpd.store.engines import URLS

    with ExitStack() as stack:
        if not name.startswith(URLS):
            stack.enter_context(sidecar.hold(Path(name)))
        place = name if name.startswith(URLS) else Path(name)
        store = Store.open(place, create=not must_exist, limits=UNLIMITED)
        try:
            yield store
        finally:
            store.close()
