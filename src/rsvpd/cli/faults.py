"""`rsvpd fault`: what goes wrong on purpose, while a server runs."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from rsvpd.cli.asking import ask_server
from rsvpd.cli.screen import print_json
from rsvpd.cli.tables import LEAST, Column, print_list
from rsvpd.cli.usage import UsageError
from rsvpd.config import Config

if TYPE_CHECKING:
    from rsvpd.control.faults import SetFault

ABOUT = """\
What goes wrong on purpose, so that a program can be tried on it. Rules last
until they are used up, over, taken away, or the server stops.

  rsvpd fault add busy 429 --retry-after 2 --path /me/events --times 3
  rsvpd fault add lost drop-answer --path '/me/events/{event}/accept' --times 1
  rsvpd fault add old expired-token --person bob --times 1
  rsvpd fault add outlook                   the documented limits of Outlook
  rsvpd fault add deaf drop --webhooks      no notification arrives
"""
_WHAT = """\
a status (403 of Google, 429, 500 to 599), or expired-token, delay, drop
(before anything is done), drop-answer (after it was done), cut, trickle, limit;
none where NAME is a profile: outlook, google, google-429, unsteady
"""
_NONE = "No fault is set; `rsvpd fault add NAME WHAT` sets one."

Command = Callable[..., argparse.ArgumentParser]


def add_commands(parser: argparse.ArgumentParser, command: Command) -> None:
    """Give `fault` its commands; without one it lists what is set."""
    parser.description = ABOUT
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND")
    given: Any = argparse.SUPPRESS  # a flag before the command holds for it as well
    listed = command(verbs, "list", run_list, "list the faults that are set", unset=given)
    add = command(verbs, "add", run_add, "set one", unset=given)
    remove = command(verbs, "remove", run_remove, "take one away", unset=given)
    clear = command(verbs, "clear", run_clear, "take all away", unset=given)
    add.add_argument("name", metavar="NAME", help="what it is called, or a profile")
    add.add_argument("what", metavar="WHAT", nargs="?", default="", help=_WHAT)
    _add_flags(add)
    remove.add_argument("name", metavar="NAME", help="what it is called")
    parser.add_argument("--json", action="store_true", help="write JSON")
    for one in (listed, add, remove, clear):
        one.add_argument("--json", action="store_true", default=given, help="write JSON")


# By flag: the member of the rule, what is read, and what it is.
_FLAGS: tuple[tuple[str, str, Any, str], ...] = (
    ("--code", "code", str, "the code of the error, where not the usual one"),
    ("--retry-after", "retry_after", int, "seconds of Retry-After; without it there is none"),
    ("--seconds", "seconds", float, "how long to wait before, or to trickle"),
    ("--method", "method", str, "only this method"),
    ("--path", "path", str, "only this route: /me/events/{event}; * is any segment, ** the rest"),
    ("--person", "person", str, "only what this person asks"),
    ("--application", "application", str, "only what this client id asks"),
    ("--url", "url", str, "only notifications to addresses that begin so"),
    ("--times", "times", int, "only the next so many"),
    ("--probability", "probability", float, "only so many of all, from 0 to 1"),
    ("--seed", "seed", int, "what they are drawn from (default: 0)"),
    ("--until", "until", str, "until this ISO instant, by the server's clock"),
    ("--requests", "requests", int, "of a limit: so many in its time"),
    ("--window", "window_seconds", int, "of a limit: its time in seconds (default: 60)"),
    ("--concurrent", "concurrent", int, "of a limit: so many at a time"),
)


def _add_flags(parser: argparse.ArgumentParser) -> None:
    for flag, member, kind, words in _FLAGS:
        parser.add_argument(flag, dest=member, type=kind, default=None, metavar=flag[2:].upper(), help=words)
    parser.add_argument("--as-date", action="store_true", help="write Retry-After as an HTTP date")
    parser.add_argument("--webhooks", action="store_true", help="of notifications, not of requests")
    parser.add_argument(
        "--interface", action="append", metavar="NAME", help="only graph, outlook, google; may be said again"
    )


def run_list(args: argparse.Namespace, config: Config) -> None:
    """Print the faults that are set."""
    from rsvpd.control.verbs import faults

    found = ask_server(config, faults.list_faults)
    print_list(found, _columns, _NONE, as_json=args.json)


def run_add(args: argparse.Namespace, config: Config) -> None:
    """Set one."""
    from rsvpd.control.verbs import faults

    _tell(args, "Set", ask_server(config, faults.add_fault, body=_body(args)))


def run_remove(args: argparse.Namespace, config: Config) -> None:
    """Take one away."""
    from rsvpd.control.verbs import faults

    _tell(args, "Removed", ask_server(config, faults.remove_fault, name=args.name))


def run_clear(args: argparse.Namespace, config: Config) -> None:
    """Take all away."""
    from rsvpd.control.verbs import faults

    ask_server(config, faults.clear_faults)
    print("No fault is set any more.")


def _body(args: argparse.Namespace) -> dict[str, Any]:
    members = [member for _, member, _, _ in _FLAGS]
    body: dict[str, Any] = {one: getattr(args, one) for one in members if getattr(args, one) is not None}
    body["name"] = args.name
    if args.what.isdecimal():
        body |= {"effect": "answer", "status": int(args.what)}
    elif args.what:
        body["effect"] = args.what
    else:
        body["profile"] = _profile(args.name)
    if args.as_date:
        body["retry_after_form"] = "date"
    if args.webhooks:
        body["webhooks"] = True
    if args.interface:
        body["interfaces"] = args.interface
    return body


def _profile(name: str) -> str:
    """Return the profile that is called so. Raises UsageError: of everything else has to be said what goes wrong."""
    from rsvpd.control.faults import PROFILES

    if name not in PROFILES:
        raise UsageError(f"what goes wrong is missing (429, drop, …); without it NAME is one of {', '.join(PROFILES)}")
    return name


def _tell(args: argparse.Namespace, done: str, one: SetFault) -> None:
    if args.json:
        print_json(one)
    else:
        print(f"{done} {one.fault.name}: {_what(one)}, {_whom(one)}; made {one.made} times")
        if one.note and not one.made:
            print(one.note)


def _columns(found: Sequence[SetFault]) -> list[Column]:
    return [
        Column("NAME", tuple(one.fault.name for one in found)),
        Column("WHAT", tuple(_what(one) for one in found)),
        Column("MADE", tuple(str(one.made) for one in found)),
        Column("LEFT", tuple(_remaining_text(one) for one in found)),
        Column("FOR", tuple(_whom(one) for one in found), LEAST),
    ]


def _what(one: SetFault) -> str:
    fault = one.fault
    effect = fault.effect.value
    return str(fault.status) if effect == "answer" else effect


def _remaining_text(one: SetFault) -> str:
    if not one.is_active:
        return "over"
    return "" if one.left is None else str(one.left)


def _whom(one: SetFault) -> str:
    fault = one.fault
    if fault.webhooks:
        return f"notifications {fault.url}".strip()
    words = (*fault.interfaces, fault.method, fault.path, fault.person, fault.application)
    return " ".join(word for word in words if word) or "every request"
