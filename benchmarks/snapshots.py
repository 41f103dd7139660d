"""What named copies of a data file or, with `--postgres`, of a database cost: save, put back, fork, compare.

A mailbox with half as many events and as many messages as there are items in all is saved; a few hundred changes
follow, which are told of and taken back, over and over. Printed for each is how long it takes and how much of that is
CPU (p50 of both), and how large the file is. `diff of all` is over a mailbox whose changes are not kept any more, where
every item is looked at.

The number that this protects: one second each at 100,000 items, on a machine that has nothing else to do.

With `--postgres` it is a database that is made for that; a fork is a data file there too, and made once.

    python benchmarks/snapshots.py [--items 100000] [--rounds 9] [--changes 300] [--postgres]
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from lists import OWNER, prepare
from rsvpd.commands.door import writes
from rsvpd.control import snapshots
from rsvpd.control.differences import differences
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import Letter
from rsvpd.scheduling.effects import FileLetter
from rsvpd.store import changes, people
from rsvpd.store.apply import apply
from rsvpd.store.database import Store
from rsvpd.store.tx import Tx
from support.postgres import Server

LIMIT_MS = 1_000
NAME = "monday"


@writes
def file_letters(tx: Tx, count: int) -> None:
    """Put so many new messages into the inbox."""
    owner = people.by_address(tx, OWNER)
    assert owner is not None
    letter = Letter(subject="Since then", sender=owner.mailbox, from_=owner.mailbox)
    apply(tx, [FileLetter(mailbox=owner.number, folder=Folder.INBOX, letter=letter) for _ in range(count)])


@writes
def forget(tx: Tx) -> None:
    """Keep of the changes of each mailbox the newest alone."""
    while changes.trim(tx, 1):
        pass


def measure(store: Store, folder: Path, rounds: int, count: int) -> dict[str, list[tuple[float, float]]]:
    """Return how long each took each time, and how much of that was CPU, in milliseconds."""
    found: dict[str, list[tuple[float, float]]] = {}

    def timed(what: str, does: Callable[[], object]) -> None:
        began, cpu = time.perf_counter(), time.process_time()
        does()
        took = (time.perf_counter() - began) * 1000, (time.process_time() - cpu) * 1000
        found.setdefault(what, []).append(took)

    for number in range(rounds):
        timed("save", lambda: snapshots.save(store, NAME, overwrite=True))
        if store.engine.path is not None or not number:
            fork = folder / f"fork{number}.db"
            timed("fork", partial(snapshots.fork, store, NAME, str(fork)))
            fork.unlink()
        store.run(file_letters, count)
        timed("diff", lambda: differences(store, NAME, "", 0))
        timed("restore", lambda: snapshots.restore(store, NAME))
    store.run(file_letters, count)
    store.run(forget)
    for _ in range(rounds):
        timed("diff of all", lambda: differences(store, NAME, "", 0))
    return found


def main() -> None:
    """Print one line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--changes", type=int, default=300)
    parser.add_argument("--postgres", action="store_true", help="over a database of PostgreSQL, which is made for that")
    args = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rsvpd-")))
        place: Path | str = folder / "t.db"
        if args.postgres:
            server = Server()
            stack.callback(server.stop)
            place = server.new_database()
        prepare(place, args.items // 2)
        store = Store.open(place)
        try:
            found = measure(store, folder, args.rounds, args.changes)
            health = store.health()
        finally:
            store.close()
        size = health["database_bytes" if args.postgres else "file_bytes"] / 2**20
    print(f"{args.items} items, {size:.0f} MiB, {args.changes} changes (limit {LIMIT_MS} ms)")
    for what, times in found.items():
        took, cpu = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"{what}: {took:.0f} ms, {cpu:.0f} ms of them CPU")


if __name__ == "__main__":
    main()
