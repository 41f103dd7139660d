"""`rsvpd room`: what a room does with invitations."""

from __future__ import annotations

import argparse
from typing import Any

from rsvpd.cli.usage import pair
from rsvpd.config import Config

_NUMBERS = ("max_conflicts", "conflict_percentage")
_LIMITS = ("horizon_days", "max_minutes", "capacity")
_YES_NO = {"yes": True, "no": False}


def add_flags(room: argparse.ArgumentParser) -> None:
    """Give the command `room` its flags; without any it shows what is set."""
    room.add_argument("address", metavar="WHO", help="the room: orion@example.com, or orion")
    room.add_argument(
        "--auto", choices=("accept", "tentative", "none"), help="what a request that fits gets (new rooms: accept)"
    )
    room.add_argument("--horizon-days", type=_limit, metavar="N", help="how far ahead it can be booked, or none")
    room.add_argument("--recurring", choices=tuple(_YES_NO), help="whether it takes series")
    room.add_argument("--max-minutes", type=_limit, metavar="N", help="the longest booking, or none")
    room.add_argument("--max-conflicts", type=int, metavar="N", help="how many meetings of a series may clash")
    room.add_argument("--conflict-percentage", type=int, metavar="P", help="and how much of it, in percent")
    room.add_argument("--capacity", type=_limit, metavar="N", help="how many it seats, for information, or none")
    room.add_argument(
        "--list", dest="lists", action="append", metavar="ADDRESS",
        help="the list of rooms it is in, made where there is none; repeat it for several, none for none",
    )
    room.add_argument(
        "--set", dest="values", nargs="+", action="extend", metavar="NAME=VALUE",
        help="what the directory knows, in Graph's names: building=1 floorNumber=2 tags=a,b",
    )
    room.add_argument(
        "--delegate", dest="delegates", action="append", metavar="WHO",
        help="who has to agree; repeat it for several, none for nobody",
    )


def run(args: argparse.Namespace, config: Config) -> None:
    """Change what was given and show the room."""
    from rsvpd.cli.reach import open_administration
    from rsvpd.cli.report import print_room
    from rsvpd.control import rooms
    from rsvpd.control.verbs import people

    with open_administration(config, make=False) as admin:
        room = admin.ask(people.change_room, address=args.address, body=rooms.PolicyChange(**_policy_changes(args)))
    print_room(room)


def _policy_changes(args: argparse.Namespace) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name in (*_NUMBERS, "auto"):
        if (value := getattr(args, name)) is not None:
            changes[name] = value
    for name in _LIMITS:
        if (value := getattr(args, name)) is not None:
            changes[name] = None if value == "none" else value
    if args.recurring is not None:
        changes["recurring"] = _YES_NO[args.recurring]
    if args.delegates is not None:
        changes["delegates"] = tuple(one for one in args.delegates if one != "none")
    if args.lists is not None:
        changes["lists"] = tuple(one for one in args.lists if one != "none")
    if args.values:
        changes["place"] = dict(pair(one) for one in args.values)
    return changes


def _limit(text: str) -> int | str:
    try:
        return "none" if text == "none" else int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is neither a number nor none") from None
