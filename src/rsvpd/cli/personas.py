"""`rsvpd persona`: what somebody does with invitations by itself."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from rsvpd.cli.asking import ask_server
from rsvpd.cli.screen import print_json
from rsvpd.cli.usage import UsageError
from rsvpd.config import Config

if TYPE_CHECKING:
    from rsvpd.control.verbs.personas import ToldPersona

ABOUT = """\
Let somebody answer by itself the invitations that come from now on, at once or
a while after, by the server's clock. What is answered already stays.

  rsvpd persona bob accepts                  at once
  rsvpd persona bob accepts --after 2h       two hours after
  rsvpd persona bob declines-on-conflict     what is free is accepted
  rsvpd persona bob proposes                 another time, on conflict
  rsvpd persona bob forwards --to dave       and leaves it unanswered
  rsvpd persona bob out-of-office            declines, and says why
  rsvpd persona bob off                      bob answers as bob is told
"""
_HABITS = (
    "accepts", "tentative", "declines", "declines-on-conflict", "proposes", "forwards", "never", "out-of-office",
)  # fmt: skip
_OFF = "off"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Give the command its flags; without a habit it shows what is set."""
    parser.description = ABOUT
    parser.add_argument("address", metavar="WHO", help="the address, or what is before its @: bob")
    parser.add_argument(
        "does", metavar="HABIT", nargs="?", choices=(*_HABITS, _OFF), help=f"{', '.join(_HABITS)}, or {_OFF}"
    )
    parser.add_argument("--after", metavar="SPAN", default="", help="how long after: 2h, 1d12h or PT2H30M")
    parser.add_argument("--comment", metavar="TEXT", default="", help="what the answer says")
    parser.add_argument("--to", metavar="WHO", default="", help="to whom invitations are forwarded")
    parser.add_argument("--json", action="store_true", help="write JSON")


def run(args: argparse.Namespace, config: Config) -> None:
    """Set what was given, and show what is set."""
    from rsvpd.control.verbs import personas
    from rsvpd.scheduling.persona import Habit

    is_setting = args.does not in (None, _OFF)
    if (args.after or args.comment or args.to) and not is_setting:
        raise UsageError("--after, --comment and --to need a habit: rsvpd persona bob accepts --after 2h")
    if args.does == _OFF:
        ask_server(config, personas.remove_persona, address=args.address)
    if is_setting:
        wanted = personas.PersonaSetting(does=Habit(args.does), after=args.after, comment=args.comment, to=args.to)
        found = ask_server(config, personas.set_persona, address=args.address, body=wanted)
    else:
        found = ask_server(config, personas.show_persona, address=args.address)
    if args.json:
        print_json(found)
    else:
        print(_text(found))


def _text(one: ToldPersona) -> str:
    if one.does is None:
        return f"{one.address} does nothing by itself."
    to = f" to {one.to}" if one.to else ""
    after = f" after {one.after_seconds} seconds" if one.after_seconds else ""
    return f"{one.address} {one.does.value}{to}{after}; waiting: {one.waiting}"
