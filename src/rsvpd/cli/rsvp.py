"""The command `rsvp`: see invitations and answer them, at this machine's server and at the real services.

Exit codes: 0 done; 1 the service refused; 2 wrong usage; 3 not signed in; 4 the service cannot be reached.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from rsvpd import __version__
from rsvpd.calendar.event import Answer
from rsvpd.cli import accounts, answering, completion
from rsvpd.cli import rsvp_help as words
from rsvpd.cli.outcome import OK, USAGE, error_document, usage_document
from rsvpd.cli.screen import as_json, one_line, run_at_terminal
from rsvpd.cli.usage import HelpWanted, Parser, UsageError
from rsvpd.cli.world import World, terminal
from rsvpd.client.client import BASES, DEFAULT_DAYS
from rsvpd.client.credentials import AUTHORITY
from rsvpd.client.errors import ClientError
from rsvpd.client.values import Provider

Run = Callable[[argparse.Namespace, World], int]

_ANSWERS = {
    "accept": (Answer.ACCEPTED, "Accept an invitation.", "The organizer is told."),
    "maybe": (Answer.TENTATIVE, "Answer an invitation with maybe.", "The organizer is told."),
    "decline": (Answer.DECLINED, "Decline an invitation.", words.DECLINE_EFFECT),
}


def parser() -> Parser:
    """Return the whole command line; completion is made from it too."""
    top = Parser(prog="rsvp", description=words.ABOUT, epilog=words.MORE)
    top.other = ("rsvpd", _commands_of_the_server)
    top.add_argument("--version", action="version", version=f"rsvp {__version__}", help="show the version")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", dest="command", required=True)
    _add_invites(commands)
    for word in _ANSWERS:
        _add_answer(commands, word)
    _add_login(commands)
    _add_accounts(commands)
    _add_completion(commands)
    return top


def _commands_of_the_server() -> list[str]:
    from rsvpd.cli import rsvpd

    return [name for group in rsvpd.parser().groups() for name in group.choices]


def _command(commands: Any, name: str, does: str, run: Run, about: str = "") -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(name, help=does, description=about or does)
    made.add_argument("--json", action="store_true", help="write JSON, for programs")
    made.set_defaults(run=run)
    return made


def _add_invites(commands: Any) -> None:
    does = "List the invitations that wait for an answer."
    made = _command(commands, "invites", does, answering.invites, words.INVITES)
    _add_which_account(made)
    made.add_argument("--all", action="store_true", help="also those already answered")
    made.add_argument(
        "--days", type=_days, default=DEFAULT_DAYS, metavar="N",
        help=f"how far ahead series are looked at date by date (Microsoft; {DEFAULT_DAYS})",
    )  # fmt: skip
    made.add_argument(
        "--messages",
        action="store_true",
        help="find the invitation messages too (Microsoft; needs Mail.Read)",
    )
    _add_zone(made)


def _add_answer(commands: Any, word: str) -> None:
    answer, does, effect = _ANSWERS[word]
    about = words.ANSWER.format(does=does, effect=effect, word=word)
    made = _command(commands, word, does, partial(_answer, answer=answer), about)
    made.add_argument("which", nargs="?", metavar="N|ID", help="a number of the last list, or an id")
    made.add_argument("-m", "--comment", metavar="COMMENT", help="a few words to the organizer")
    made.add_argument("--no-send", action="store_true", help="do not tell the organizer")
    _add_which_account(made)
    _add_zone(made)


def _answer(args: argparse.Namespace, world: World, *, answer: Answer) -> int:
    return answering.answer(args, world, answer)


def _add_which_account(made: argparse.ArgumentParser) -> None:
    made.add_argument("--account", metavar="A", help="whose: a name, an address, or what is before its @")


def _add_zone(made: argparse.ArgumentParser) -> None:
    made.add_argument("--time-zone", metavar="ZONE", help="show times there (Europe/Berlin), not here")


def _add_login(commands: Any) -> None:
    group = commands.add_parser("login", help="Sign in to a service.", description=words.LOGIN)
    services = group.add_subparsers(title="services", metavar="SERVICE", dest="service", required=True)
    graph = _command(services, "graph", "Microsoft 365.", accounts.login_graph, words.GRAPH)
    graph.add_argument("--client-id", metavar="ID", help="your app registration's Application (client) ID")
    graph.add_argument("--tenant", default="common", metavar="T", help="tenant id or domain (common)")
    graph.add_argument("--mail", action="store_true", help="also ask for Mail.Read (invites --messages)")
    graph.add_argument("--authority", default=AUTHORITY, metavar="URL", help=f"where to sign in ({AUTHORITY})")
    _add_service(graph, Provider.GRAPH)
    outlook = _command(services, "outlook", "Outlook REST v1.0 or v2.0.", accounts.login_outlook, words.OUTLOOK)
    outlook.add_argument("--version", choices=("v1", "v2"), help="which one, if the URL does not end in it")
    _add_service(outlook, None)
    google = _command(services, "google", "Google Calendar.", accounts.login_google, words.GOOGLE)
    google.add_argument("--client-secrets", metavar="FILE", help="authorized-user or client-secrets file")
    _add_service(google, Provider.GOOGLE)
    local = _command(services, "rsvpd", "An rsvpd server.", accounts.login_rsvpd, words.RSVPD)
    local.add_argument("--as", dest="address", metavar="ADDRESS", help="who you are there")
    local.add_argument(
        "--through", choices=[one.value for one in Provider], default=Provider.GRAPH.value,
        help="which of its interfaces to use (graph)",
    )  # fmt: skip
    local.add_argument("--url", metavar="URL", help="where it is; found by itself on this machine")
    local.add_argument("--data", metavar="FILE", help="the data file of a server on this machine")
    _add_token(local)


def _add_service(made: argparse.ArgumentParser, provider: Provider | None) -> None:
    base = BASES[provider] if provider else None
    made.add_argument(
        "--base", metavar="URL", default=base, required=not base,
        help="the API's root URL" + (f" ({base})" if base else ""),
    )  # fmt: skip
    _add_token(made, required=not base)


def _add_token(made: argparse.ArgumentParser, *, required: bool = False) -> None:
    made.add_argument("--token", metavar="T", required=required, help="a bearer token; - reads it from standard input")
    made.add_argument("--name", metavar="NAME", help="what to call the account here (its address)")
    made.add_argument("--allow-http", action="store_true", help="send the token by plain http to other machines too")


def _add_accounts(commands: Any) -> None:
    _command(commands, "accounts", "List the accounts that can be used.", accounts.accounts, words.ACCOUNTS)
    made = _command(commands, "logout", "Forget an account on this machine.", accounts.logout, words.LOGOUT)
    made.add_argument("account", metavar="A", help="a name, an address, or what is before its @")


def _add_completion(commands: Any) -> None:
    about = completion.ABOUT.format(name="rsvp")
    made = _command(commands, "completion", "Print a completion script.", _completion, about)
    made.add_argument("shell", choices=tuple(completion.SHELLS), help="which shell")


def _completion(args: argparse.Namespace, world: World) -> int:
    script = completion.SHELLS[args.shell](parser())
    if args.json:
        world.give({"shell": args.shell, "script": script})
    else:
        world.say(script)
    return OK


def _days(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 365:
        return int(text)
    raise argparse.ArgumentTypeError("a number from 1 to 365 is expected")


# --- running


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    return run_at_terminal("rsvp", lambda: run(sys.argv[1:] if argv is None else argv, terminal()))


def run(argv: Sequence[str], world: World) -> int:
    """Run one command in this world and return the exit code."""
    world = world.behind_screens()
    try:
        args = parser().parse_args(argv)
        return int(args.run(args, world))
    except SystemExit as done:  # --help and --version
        return int(done.code or OK)
    except HelpWanted as wanted:
        print(wanted, file=world.err)
        return USAGE
    except UsageError as wrong:
        return _fail(world, argv, usage_document(str(wrong)))
    except ClientError as error:
        return _fail(world, argv, error_document(error))


def _fail(world: World, argv: Sequence[str], error: dict[str, Any]) -> int:
    """Say on standard error what went wrong: a sentence, or with `--json` a document."""
    if "--json" in argv:
        print(as_json({"error": error}), file=world.err)
    else:
        world.warn(f"rsvp: {one_line(error['message'])}")
        if error["hint"]:
            world.warn(f"Hint: {one_line(error['hint'])}")
    return int(error["exit"])


if __name__ == "__main__":
    sys.exit(main())
