"""`rsvpd seed`: people, meetings and mail from a file, or a made-up company; `rsvpd init` writes one to begin with."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from rsvpd.cli.progress import progress
from rsvpd.cli.screen import print_json
from rsvpd.cli.usage import UsageError
from rsvpd.config import Config

if TYPE_CHECKING:
    from rsvpd.cli.progress import Say
    from rsvpd.control.reports import Progress, Report
    from rsvpd.control.seeds.tell import Told

ABOUT = """\
Let people, rooms, calendars, meetings, answers and mail be as a file says them,
in YAML or JSON, whether a server runs or not: all of it, or nothing where
something of it cannot be. `rsvpd init` writes a file to begin with.

  rsvpd init seed.yaml
  rsvpd seed seed.yaml

With --people a believable company is made up: departments, managers, rooms,
one-to-ones, team meetings, interviews, answers, mail and who is away.

  rsvpd seed --people 50 --meetings 200 --seed 7
"""
MORE = """\
`rsvpd docs seeds` describes the file. A data file that is not there yet is
made, with nobody else in it; `rsvpd reset --empty` empties one that is.
"""
INIT = """\
Write a seed to begin with: the sample people and their meetings, with comments.
Without a FILE it is printed.
"""


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Give the command `seed` its flags."""
    parser.description, parser.epilog = ABOUT, MORE
    parser.add_argument("file", metavar="FILE", nargs="?", help="the seed, - for standard input")
    parser.add_argument("--people", type=_number, metavar="N", help="a company of N people, 2 to 5000")
    parser.add_argument("--meetings", type=_number, metavar="N", help="with N meetings (default: 4 for each)")
    parser.add_argument("--seed", dest="number", type=_number, metavar="N", help="which company of all (default: 1)")
    parser.add_argument("--domain", metavar="DOMAIN", help="of its addresses (default: company.example)")
    parser.add_argument("--json", action="store_true", help="write JSON")
    parser.set_defaults(seed=False)


def add_init_flags(parser: argparse.ArgumentParser) -> None:
    """Give the command `init` its flags."""
    parser.description = INIT
    parser.add_argument("file", metavar="FILE", nargs="?", help="the file to write")
    parser.add_argument("--force", action="store_true", help="write over one that is there")
    parser.set_defaults(alone=run_init)


def run(args: argparse.Namespace, config: Config) -> None:
    """Let it be, and say how much it was."""
    if args.people is not None:
        _run_company(args, config)
        return
    if not args.file or any(one is not None for one in (args.meetings, args.number, args.domain)):
        raise UsageError("give a FILE, or --people N and what goes with it")
    from rsvpd.cli.reach import Unreachable, open_administration
    from rsvpd.control.seeds.files import read_text
    from rsvpd.control.verbs import seeds
    from rsvpd.errors import DomainError

    try:
        text = read_text(Path(args.file))
        with open_administration(config) as admin, progress(f"Seeding from {args.file}") as say:
            told = admin.follow(seeds.seed, _teller(say), body=text)
        _print(args, told)
    except (DomainError, Unreachable) as wrong:
        raise Unreachable(f"{args.file}: {wrong}") from None


def _run_company(args: argparse.Namespace, config: Config) -> None:
    if args.file:
        raise UsageError("--people makes a company up, and goes with no FILE")
    import msgspec

    from rsvpd.cli.reach import open_administration
    from rsvpd.control.seeds.company import Company
    from rsvpd.control.verbs import seeds

    meetings = min(4 * args.people, 20_000) if args.meetings is None else args.meetings
    given = {"people": args.people, "meetings": meetings, "seed": args.number, "domain": args.domain}
    try:
        wanted = msgspec.convert({name: one for name, one in given.items() if one is not None}, Company)
    except msgspec.ValidationError as wrong:
        raise UsageError(f"there is no such company: {wrong}") from None
    with open_administration(config) as admin, progress(f"Making a company of {wanted.people} people") as say:
        told = admin.follow(seeds.seed_company, _teller(say), body=wanted)
    _print(args, told)


def _teller(say: Say) -> Report:
    """Return what shows how far it has come."""

    def tell(progress: Progress) -> None:
        counts = (
            f"{getattr(progress.done, name):,} of {getattr(progress.of, name):,} {name}"
            for name in progress.of.__struct_fields__
            if getattr(progress.of, name)
        )
        say(", ".join(counts), progress.part)

    return tell


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise argparse.ArgumentTypeError(f"'{text[:20]}' is not a number")
    return int(text)


def run_init(args: argparse.Namespace) -> None:
    """Write the seed to begin with."""
    from rsvpd.control.seeds.files import starter

    if not args.file:
        print(starter(), end="")
        return
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if args.force else os.O_EXCL)
    try:
        with os.fdopen(os.open(args.file, flags, 0o666), "w", encoding="utf-8") as file:
            file.write(starter())
    except FileExistsError:
        raise UsageError(f"{args.file} is there already; --force writes over it") from None
    print(f"{args.file} is written: change it, then `rsvpd seed {args.file}`")


def _print(args: argparse.Namespace, told: Told) -> None:
    if args.json:
        print_json(told)
        return
    parts = {
        "people": told.people, "rooms": told.rooms, "calendars": told.calendars, "meetings": told.meetings,
        "answers": told.answers, "messages": told.messages,
    }  # fmt: skip
    print("There are now " + ", ".join(f"{number} more {name}" for name, number in parts.items() if number) + ".")
