"""`rsvpd subscriptions`: who is told of changes, where to and how far, and what came of the last try."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rsvpd.cli.asking import ask
from rsvpd.cli.tables import LEAST, Column, print_list
from rsvpd.config import Config

if TYPE_CHECKING:
    from rsvpd.control.subscriptions import ToldSubscription

ABOUT = """\
Subscriptions of Microsoft Graph and Outlook REST, and channels of Google
Calendar: whose mailbox they watch, where notifications go, how many arrived
(SENT) and how many changes are not told yet (PENDING), and what the receiver
answered last. With +data they hold the items themselves. Of a receiver only the
origin is shown, as URLs may hold secrets. --remove ends one as the service may
at any time: a lifecycleNotificationUrl is told subscriptionRemoved.
"""
_WHOLE = "+data"
_NOTHING = "Nobody is told of anything; programs subscribe through the interfaces."


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Give the command its flags."""
    parser.description = ABOUT
    parser.add_argument("mailbox", nargs="?", default="", metavar="WHO", help="only those of one mailbox: bob")
    parser.add_argument("--remove", metavar="ID", default="", help="end one, as the service does by itself")
    parser.add_argument("--json", action="store_true", help="write JSON")


def run(args: argparse.Namespace, config: Config) -> None:
    """Print the subscriptions, or end one."""
    from rsvpd.control.verbs import mail

    if args.remove:
        found = [ask(config, mail.remove_subscription, id=args.remove)]
    else:
        found = ask(config, mail.list_subscriptions, mailbox=args.mailbox)
    print_list(found, _columns, _NOTHING, as_json=args.json)


def _columns(found: Sequence[ToldSubscription]) -> list[Column]:
    return [
        Column("MAILBOX", tuple(one.mailbox for one in found), LEAST),
        Column("INTERFACE", tuple(one.interface for one in found)),
        Column("OF", tuple(f"{one.topic}{_WHOLE if one.has_content else ''}" for one in found)),
        Column("RECEIVER", tuple(one.receiver for one in found), LEAST),
        Column("SENT", tuple(str(one.sent) for one in found)),
        Column("PENDING", tuple(str(one.pending) for one in found)),
        Column("ANSWERED", tuple(one.answered or "not yet" for one in found)),
        Column("FAILURES", tuple(str(one.failures) for one in found)),
        Column("EXPIRES", tuple(one.expires for one in found)),
    ]
