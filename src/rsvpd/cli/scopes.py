"""`rsvpd scopes`: the least scopes and roles that an application needed, from the log of its requests."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from rsvpd.cli.logs import count, lines_of
from rsvpd.cli.screen import print_json, print_prose
from rsvpd.cli.tables import LEAST, Column, print_table

if TYPE_CHECKING:
    from rsvpd.cli.needed import Found, Service

ABOUT = """\
Read the log of an application's requests and say the least that its tokens have
to carry: scopes where a person signs in, roles where it asks for itself.

  RSVPD_LOG_FORMAT=json rsvpd up 2> requests.log   let it make its requests
  rsvpd scopes requests.log                        what they needed
"""
_SHARED = "In /users/... counts the mailbox of somebody else; in the own one the scope without .Shared will do."


def add_flags(scopes: argparse.ArgumentParser) -> None:
    """Give the command `scopes` its flags."""
    scopes.add_argument("logs", nargs="+", metavar="LOG", help="a log in JSON (log_format = json); - is standard input")
    scopes.add_argument("--json", action="store_true", help="write JSON")
    scopes.set_defaults(alone=run)


def run(args: argparse.Namespace) -> None:
    """Print what was needed, and how much of the logs is not known."""
    from rsvpd.cli.needed import needs_of

    found = needs_of(lines_of(args.logs))
    if args.json:
        print_json(found)
        return
    for service in found.services:
        _print(service)
    print_prose(_rest(found), sys.stdout)


def _print(service: Service) -> None:
    print(f"{service.name}: {count(service.requests, 'request')}")
    for kind, names in (("scopes", service.scopes), ("roles", service.roles)):
        if names:
            print(f"  {kind:7} {' '.join(names)}")
    print()
    calls = service.calls
    print_table([
        Column("REQUESTS", tuple(str(one.requests) for one in calls)),
        Column("NEEDS", tuple(one.needs for one in calls), LEAST, wraps=True),
        Column("KIND", tuple(one.kind for one in calls)),
        Column("CALL", tuple(one.call for one in calls), LEAST, wraps=True),
    ])  # fmt: skip
    if any(one.kind == "delegated" and one.needs.endswith(".Shared") for one in calls):
        print_prose(_SHARED, sys.stdout)
    print()


def _rest(found: Found) -> str:
    words = [f"{count(found.requests, 'request')} read."]
    if found.elsewhere:
        words.append(f"{found.elsewhere} of them had no good token, or are calls that no interface here answers.")
    if found.unknown_lines:
        words.append(f"{count(found.unknown_lines, 'line')} could not be read: the log has to be JSON (log_format).")
    return " ".join(words)
