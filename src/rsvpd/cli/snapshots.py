"""`rsvpd snapshot`: named copies of all there is, saved and put back while a server runs; `rsvpd reset`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from rsvpd.cli.asking import ask
from rsvpd.cli.progress import progress
from rsvpd.cli.screen import print_json
from rsvpd.cli.tables import LEAST, Column, print_list
from rsvpd.config import Config

if TYPE_CHECKING:
    from rsvpd.control.snapshots import Snapshot

ABOUT = """\
Named copies of all mailboxes, kept beside the data file or in the database. A
test suite saves one and puts it back before each test; the server goes on
meanwhile, and whoever is signed in stays signed in.

  rsvpd snapshot save monday
  rsvpd snapshot restore monday
  rsvpd snapshot diff monday                 what is otherwise now, in words
  rsvpd snapshot fork monday ./monday.db     then: rsvpd up --data ./monday.db
"""
RESET = """\
Begin anew, as a new data file begins: with the sample people and their
meetings, or with nobody. The sample people keep their ids, passwords and
tokens.
"""
_WIDTH = 8  # of what a difference is of
_NONE = "There is no snapshot yet; `rsvpd snapshot save NAME` makes one."

Command = Callable[..., argparse.ArgumentParser]


def add_commands(parser: argparse.ArgumentParser, command: Command) -> None:
    """Give `snapshot` its commands; without one it lists what there is."""
    parser.description = ABOUT
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND")
    given: Any = argparse.SUPPRESS  # a flag before the command holds for it as well
    listed = command(verbs, "list", run_list, "list the snapshots", unset=given)
    save = command(verbs, "save", run_save, "save all there is under a name", unset=given)
    save.add_argument("--force", action="store_true", help="take the place of one that is called so")
    restore = command(verbs, "restore", run_restore, "put one in the place of all there is", unset=given)
    remove = command(verbs, "remove", run_remove, "delete one", unset=given)
    fork = command(verbs, "fork", run_fork, "make a data file of its own of one", unset=given)
    diff = command(verbs, "diff", run_diff, "what differs from one to another, or to now", unset=given)
    for one in (save, restore, remove, fork, diff):
        one.add_argument("name", metavar="NAME", help="what it is called")
    diff.add_argument("other", metavar="OTHER", nargs="?", default="", help="another one; without it, now")
    fork.add_argument("file", metavar="FILE", help="the data file to make, or the URL of an empty database")
    parser.add_argument("--json", action="store_true", help="write JSON")
    for one in (listed, save, restore, remove, fork, diff):
        one.add_argument("--json", action="store_true", default=given, help="write JSON")


def add_reset_flags(parser: argparse.ArgumentParser) -> None:
    """Give the command `reset` its flags."""
    parser.description = RESET
    parser.add_argument("--empty", action="store_true", help="with nobody, instead of the sample people")


def run_list(args: argparse.Namespace, config: Config) -> None:
    """Print the snapshots."""
    from rsvpd.control.verbs import snapshots

    found = ask(config, snapshots.list_snapshots)
    print_list(found, _columns, _NONE, as_json=args.json)


def run_save(args: argparse.Namespace, config: Config) -> None:
    """Save one, and say how large it is."""
    from rsvpd.control.verbs import snapshots

    wanted = snapshots.NewSnapshot(name=args.name, overwrite=args.force)
    with progress(f"Saving {args.name}"):
        _tell(args, "Saved", ask(config, snapshots.save_snapshot, body=wanted))


def run_restore(args: argparse.Namespace, config: Config) -> None:
    """Put one back."""
    from rsvpd.control.verbs import snapshots

    with progress(f"Restoring {args.name}"):
        _tell(args, "Restored", ask(config, snapshots.restore_snapshot, name=args.name))


def run_remove(args: argparse.Namespace, config: Config) -> None:
    """Delete one."""
    from rsvpd.control.verbs import snapshots

    _tell(args, "Removed", ask(config, snapshots.remove_snapshot, name=args.name))


def run_fork(args: argparse.Namespace, config: Config) -> None:
    """Make a data file of one."""
    from rsvpd.control.verbs import snapshots
    from rsvpd.store.engines import URLS

    is_url = args.file.startswith(URLS)
    wanted = snapshots.Fork(path=args.file if is_url else os.path.abspath(os.path.expanduser(args.file)))
    made = ask(config, snapshots.fork_snapshot, name=args.name, body=wanted)
    if args.json:
        print_json(made)
    else:
        print(f"{made.path}  {made.bytes} bytes")


def run_diff(args: argparse.Namespace, config: Config) -> None:
    """Print what differs, by person, and how much it is."""
    from rsvpd.control.verbs import snapshots

    found = ask(config, snapshots.compare_snapshots, name=args.name, other=args.other)
    if args.json:
        print_json(found)
        return
    person = ""
    width = max((_WIDTH, *(len(one.of) for one in found.differences)))
    for one in found.differences:
        if one.person != person:
            person = one.person
            print(person)
        print(f"{'  ' if person else ''}{one.of:<{width}} {one.text}")
    totals = [
        f"{name}: {total.came} new, {total.went} gone, {total.changed} changed"
        for name, total in found.totals.items()
    ]
    print("; ".join(totals) if totals else f"Nothing differs between {found.before} and {found.after}.")
    print(f"Not compared: {'; '.join(found.not_compared)}.")


def run_reset(args: argparse.Namespace, config: Config) -> None:
    """Begin anew."""
    from rsvpd.control.verbs import snapshots

    with progress("Beginning anew"):
        ask(config, snapshots.reset, body=snapshots.Beginning(story=not args.empty))
    print("All is new, with nobody in it." if args.empty else "All is new, with the sample people and their meetings.")


def _tell(args: argparse.Namespace, done: str, one: Snapshot) -> None:
    if args.json:
        print_json(one)
    else:
        print(f"{done} {one.name}, {one.bytes} bytes, of {one.made}")


def _columns(found: Sequence[Snapshot]) -> list[Column]:
    return [
        Column("NAME", tuple(one.name for one in found)),
        Column("MADE", tuple(one.made for one in found)),
        Column("BYTES", tuple(str(one.bytes) for one in found)),
        Column("FILE", tuple(one.path for one in found), LEAST),
    ]
