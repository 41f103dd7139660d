"""`rsvpd clock`: what time it is for the server, and how its time goes on."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rsvpd.cli.asking import ask_server
from rsvpd.cli.progress import progress
from rsvpd.cli.screen import print_json
from rsvpd.config import Config

if TYPE_CHECKING:
    from rsvpd.control.clock import Advanced, ClockView
    from rsvpd.control.verbs.clock import ClockSetting

ABOUT = """\
The server's clock: meetings, tokens, subscriptions and stamps go by it. How it
is steered is kept with the data, so that a restart goes on with it.

  rsvpd clock freeze                        it stands from now on
  rsvpd clock set 2026-12-07T08:00:00Z      it shows that, and goes on as it did
  rsvpd clock advance 2h                    time passes, with all that falls due
  rsvpd clock run                           it runs on from what it shows
  rsvpd clock reset                         it goes as if nobody had steered it
"""
_WHEN = "an ISO 8601 instant, or +2h from what it shows"

Command = Callable[..., argparse.ArgumentParser]


def add_commands(parser: argparse.ArgumentParser, command: Command) -> None:
    """Give `clock` its commands; without one it shows what time it is."""
    parser.description = ABOUT
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND")
    given: Any = argparse.SUPPRESS  # a flag before the command holds for it as well
    show = command(verbs, "show", run_show, "what time it is for the server", unset=given)
    set_ = command(verbs, "set", run_set, "let it show another time", unset=given)
    set_.add_argument("when", metavar="WHEN", help=_WHEN)
    freeze = command(verbs, "freeze", run_freeze, "let it stand", unset=given)
    run = command(verbs, "run", run_on, "let it run", unset=given)
    for one in (freeze, run):
        one.add_argument("when", metavar="WHEN", nargs="?", help=f"{_WHEN}; without it, what it shows")
    advance = command(verbs, "advance", run_advance, "let time pass, through all that falls due", unset=given)
    advance.add_argument("span", metavar="SPAN", help="how much: 2h, 1d12h, 90s or PT2H30M")
    reset = command(verbs, "reset", run_reset, "let it go as if nobody had ever steered it", unset=given)
    for one in (set_, freeze, run, reset):
        one.add_argument("--back", action="store_true", help="also where that is before what it shows")
    parser.add_argument("--json", action="store_true", help="write JSON")
    for one in (show, set_, freeze, run, advance, reset):
        one.add_argument("--json", action="store_true", default=given, help="write JSON")


def run_show(args: argparse.Namespace, config: Config) -> None:
    """Print what time it is."""
    from rsvpd.control.verbs import clock

    _tell(args, ask_server(config, clock.show_clock))


def run_set(args: argparse.Namespace, config: Config) -> None:
    """Set it."""
    _set(args, config, now=args.when)


def run_freeze(args: argparse.Namespace, config: Config) -> None:
    """Let it stand."""
    _set(args, config, now=args.when, frozen=True)


def run_on(args: argparse.Namespace, config: Config) -> None:
    """Let it run."""
    _set(args, config, now=args.when, frozen=False)


def run_reset(args: argparse.Namespace, config: Config) -> None:
    """Let it go as if nobody had steered it."""
    from rsvpd.control.verbs import clock

    _tell(args, ask_server(config, clock.let_clock_go, back=args.back))


def run_advance(args: argparse.Namespace, config: Config) -> int:
    """Let time pass, and print what happened; return 1 where it stopped on the way."""
    from rsvpd.control.verbs import clock

    with progress(f"Letting {args.span} pass"):
        found: Advanced = ask_server(config, clock.advance_clock, body=clock.Passage(by=args.span))
    if args.json:
        print_json(found)
    else:
        for one in found.happened:
            print(f"{one.at}  {one.text}")
        if found.more:
            print(f"… and {found.more} more")
        print(f"{found.now}, {'frozen' if found.frozen else 'running'}")
        if not found.settled:
            print("It stopped there, as what began then did not come to an end.")
    return 0 if found.settled else 1


def _set(args: argparse.Namespace, config: Config, **given: Any) -> None:
    from rsvpd.control.verbs import clock

    wanted: ClockSetting = clock.ClockSetting(back=args.back, **given)
    _tell(args, ask_server(config, clock.set_clock, body=wanted))


def _tell(args: argparse.Namespace, found: ClockView) -> None:
    if args.json:
        print_json(found)
    else:
        how = "frozen" if found.frozen else "running"
        print(f"{found.now}, {how}{'' if found.steered else ', not steered'}")
