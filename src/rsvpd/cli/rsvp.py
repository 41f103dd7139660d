"""The command `rsvp`: see invitations and answer them, at this machine's server and at the real services.

Exit codes: 0 done; 1 the service refused; 2 wrong usage; 3 not signed in; 4 the service cannot be reached.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NoReturn

from rsvpd import __version__
from rsvpd.calendar.event import Answer
from rsvpd.cli import accounts, answering, completion
from rsvpd.cli.outcome import INTERRUPTED, OK, USAGE, error_document, usage_document
from rsvpd.cli.show import clean
from rsvpd.cli.world import UsageError, World, as_json, terminal
from rsvpd.client.client import BASES, DEFAULT_DAYS
from rsvpd.client.credentials import AUTHORITY
from rsvpd.client.errors import ClientError
from rsvpd.client.values import Provider

Run = Callable[[argparse.Namespace, World], int]

_ABOUT = """\
See which meeting invitations wait for you, and answer them.

  rsvp invites                         what waits, numbered
  rsvp accept 2                        answer number 2 of that list
  rsvp maybe 1 -m 'Train may be late'  with a comment to the organizer
  rsvp decline --no-send               the only one that waits; the organizer is not told
"""
_MORE = """\
A server started with `rsvpd up` (or `make up`) is found by itself: everybody there is an account.
For Microsoft 365, Outlook REST and Google sign in first: rsvp login --help

Every command also takes --json. Exit codes:
  0 done   1 the service refused   2 wrong usage   3 not signed in   4 the service cannot be reached
"""
_INVITES = """\
List the invitations that wait for an answer, numbered for `rsvp accept`, `maybe` and `decline`.

  rsvp invites                                 of every account
  rsvp invites --account bob                   of one
  rsvp invites --all                           also what is answered already, to change an answer
  rsvp invites --time-zone America/New_York    times there, not those of this machine

A series is one invitation, shown at its next date. The numbers keep their meaning for an hour.
"""
_ANSWER = """\
{does} {effect}

  rsvp {word}                  the only invitation that waits; if there are more, they are listed
  rsvp {word} 2                number 2 of the list `rsvp invites` last showed
  rsvp {word} 2 -m 'See you'   with a comment to the organizer
  rsvp {word} 2 --no-send      in your own calendar only; Google shows it to the organizer all the same
  rsvp {word} AAMkAGI1...      an id, as `rsvp invites --json` shows it; this also changes an earlier answer

A series is answered as a whole.
"""
_LOGIN = """\
Sign in to a service whose invitations you want to answer.

  rsvp login graph --client-id 11111111-2222-3333-4444-555555555555
  rsvp login outlook --base https://outlook.example.com/api/v2.0 --token -
  rsvp login google --client-secrets authorized_user.json
  rsvp login rsvpd --as bob@example.com --through outlook-v1

The local server needs no sign-in unless you want another of its interfaces than Graph.
"""
_GRAPH = """\
Sign in to Microsoft 365 through Microsoft Graph.

  rsvp login graph --client-id 11111111-2222-3333-4444-555555555555
  rsvp login graph --client-id 11111111-2222-3333-4444-555555555555 --tenant contoso.example
  rsvp login graph --token -             a token fetched elsewhere; it is not renewed

You need an app registration of your own (Microsoft Entra admin center, "App registrations"): a public client,
"Allow public client flows" on, with the delegated permissions Calendars.ReadWrite and User.Read. rsvp then
shows a code to type in at a Microsoft page. The sign-in is kept and renewed; rsvp logout forgets it.
"""
_OUTLOOK = """\
Sign in to an Outlook REST v1.0 or v2.0 service with a bearer token.

  rsvp login outlook --base https://outlook.example.com/api/v2.0 --token -
  rsvp login outlook --base https://mail.example.com/rest --version v1 --token -

`--token -` reads the token from standard input, where no list of processes shows it. It cannot be renewed:
when it has run out, sign in again.
"""
_GOOGLE = """\
Sign in to Google Calendar.

  rsvp login google --client-secrets authorized_user.json
  rsvp login google --token -            a token fetched elsewhere; it is not renewed

--client-secrets takes an authorized-user file (JSON with client_id, client_secret and refresh_token), or the
client-secrets file of a desktop application of yours where google-auth-oauthlib is installed: the browser
then asks for your consent. The permission needed is https://www.googleapis.com/auth/calendar.events
"""
_RSVPD = """\
Sign in as somebody of an rsvpd server.

  rsvp login rsvpd --as bob@example.com                       the server on this machine, through Graph
  rsvp login rsvpd --as bob@example.com --through google      the same, through Google's interface
  rsvp login rsvpd --url https://rsvpd.example.net --token -  one elsewhere; `rsvpd token` there has it
"""
_ACCOUNTS = """\
List the accounts that can be used: those you signed in with, and the people of a server on this machine.

Commands without --account are for all you signed in with; where there is none, for everybody of the local
server but its rooms. `--account` takes a name or an address, or how one begins.
"""
_LOGOUT = """\
Forget an account and its tokens on this machine. The service is not told.

  rsvp logout bob@example.com
"""
_COMPLETION = """\
Print a completion script for your shell. Keep it where the shell looks, then open a new one:

  bash   mkdir -p ~/.local/share/bash-completion/completions
         rsvp completion bash > ~/.local/share/bash-completion/completions/rsvp
  zsh    rsvp completion zsh > "${fpath[1]}/_rsvp"
  fish   rsvp completion fish > ~/.config/fish/completions/rsvp.fish
"""
_ANSWERS = {
    "accept": (Answer.ACCEPTED, "Accept an invitation.", "The organizer is told."),
    "maybe": (Answer.TENTATIVE, "Answer an invitation with maybe.", "The organizer is told."),
    "decline": (
        Answer.DECLINED,
        "Decline an invitation.",
        "The organizer is told. On the Microsoft services the\n"
        "meeting leaves the calendar, and its answer cannot be changed any more; in Google Calendar it stays.",
    ),
}


class Parser(argparse.ArgumentParser):
    """Says what is wrong as `main` says everything else, and shows examples as they were written."""

    def __init__(self, **settings: Any) -> None:
        shape = partial(argparse.RawDescriptionHelpFormatter, max_help_position=28)
        super().__init__(formatter_class=shape, allow_abbrev=False, **settings)

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing and leaving."""
        raise UsageError(f"{message[:1].upper()}{message[1:]}. See: {self.prog} --help")


def parser() -> Parser:
    """Return the whole command line; completion is made from it too."""
    top = Parser(prog="rsvp", description=_ABOUT, epilog=_MORE)
    top.add_argument("--version", action="version", version=f"rsvp {__version__}", help="show the version")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", dest="command", required=True)
    _add_invites(commands)
    for word in _ANSWERS:
        _add_answer(commands, word)
    _add_login(commands)
    _add_accounts(commands)
    _add_completion(commands)
    return top


def _command(commands: Any, name: str, does: str, run: Run, about: str = "") -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(name, help=does, description=about or does)
    made.add_argument("--json", action="store_true", help="write JSON, for programs")
    made.set_defaults(run=run)
    return made


def _add_invites(commands: Any) -> None:
    made = _command(commands, "invites", "List the invitations that wait for an answer.", answering.invites, _INVITES)
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
    said, does, effect = _ANSWERS[word]
    about = _ANSWER.format(does=does, effect=effect, word=word)
    made = _command(commands, word, does, partial(_answer, said=said), about)
    made.add_argument("which", nargs="?", metavar="N|ID", help="a number of the last list, or an id")
    made.add_argument("-m", "--comment", metavar="COMMENT", help="a few words to the organizer")
    made.add_argument("--no-send", action="store_true", help="do not tell the organizer")
    _add_which_account(made)
    _add_zone(made)


def _answer(args: argparse.Namespace, world: World, *, said: Answer) -> int:
    return answering.answer(args, world, said)


def _add_which_account(made: argparse.ArgumentParser) -> None:
    made.add_argument("--account", metavar="A", help="whose: a name or address, or how one begins")


def _add_zone(made: argparse.ArgumentParser) -> None:
    made.add_argument("--time-zone", metavar="ZONE", help="show times there (Europe/Berlin), not here")


def _add_login(commands: Any) -> None:
    group = commands.add_parser("login", help="Sign in to a service.", description=_LOGIN)
    services = group.add_subparsers(title="services", metavar="SERVICE", dest="service", required=True)
    graph = _command(services, "graph", "Microsoft 365.", accounts.login_graph, _GRAPH)
    graph.add_argument("--client-id", metavar="ID", help="your app registration's Application (client) ID")
    graph.add_argument("--tenant", default="common", metavar="T", help="tenant id or domain (common)")
    graph.add_argument("--mail", action="store_true", help="also ask for Mail.Read (invites --messages)")
    graph.add_argument("--authority", default=AUTHORITY, metavar="URL", help=f"where to sign in ({AUTHORITY})")
    _add_service(graph, Provider.GRAPH)
    outlook = _command(services, "outlook", "Outlook REST v1.0 or v2.0.", accounts.login_outlook, _OUTLOOK)
    outlook.add_argument("--version", choices=("v1", "v2"), help="which one, if the URL does not end in it")
    _add_service(outlook, None)
    google = _command(services, "google", "Google Calendar.", accounts.login_google, _GOOGLE)
    google.add_argument("--client-secrets", metavar="FILE", help="authorized-user or client-secrets file")
    _add_service(google, Provider.GOOGLE)
    local = _command(services, "rsvpd", "An rsvpd server.", accounts.login_rsvpd, _RSVPD)
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
    _command(commands, "accounts", "List the accounts that can be used.", accounts.accounts, _ACCOUNTS)
    made = _command(commands, "logout", "Forget an account on this machine.", accounts.logout, _LOGOUT)
    made.add_argument("account", metavar="A", help="a name or address, or how one begins")


def _add_completion(commands: Any) -> None:
    made = _command(commands, "completion", "Print a completion script.", _completion, _COMPLETION)
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
    code = run(sys.argv[1:] if argv is None else argv, terminal())
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # who read has read enough; Python would complain once more on leaving
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def run(argv: Sequence[str], world: World) -> int:
    """Run one command in this world and return the exit code."""
    try:
        if not argv:
            world.warn(parser().format_help().rstrip())
            return USAGE
        args = parser().parse_args(argv)
        return int(args.run(args, world))
    except SystemExit as done:  # --help and --version
        return int(done.code or OK)
    except UsageError as wrong:
        return _fail(world, argv, usage_document(str(wrong)))
    except ClientError as error:
        return _fail(world, argv, error_document(error))
    except BrokenPipeError:
        return OK
    except KeyboardInterrupt:
        return INTERRUPTED


def _fail(world: World, argv: Sequence[str], error: dict[str, Any]) -> int:
    """Say on standard error what went wrong: a sentence, or with `--json` a document."""
    if "--json" in argv:
        world.warn(as_json({"error": error}))
    else:
        world.warn(f"rsvp: {clean(error['message'])}")
        if error["hint"]:
            world.warn(f"Hint: {clean(error['hint'])}")
    return int(error["exit"])


if __name__ == "__main__":
    sys.exit(main())
