"""The commands that lead programs to a server: `rsvpd run`, `rsvpd env` and `rsvpd trust`; agents: `rsvpd mcp`.

Here are their flags; what they do is imported when it is done.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from rsvpd.config import Config

_RUN = """\
Run a command that talks to Microsoft 365 and Google Calendar, unchanged, with a
server of its own in their place: sample people and meetings, gone afterwards.
The exit code is the command's.

  rsvpd run -- pytest
  rsvpd run --log -- npm test
  rsvpd run --attach -- python app.py     with the server that runs already
"""
_TRUST = """\
Print what each client needs to trust this server's HTTPS; with --write, make
the files first, and the authority too where there is none yet. The authority
is good for the vendors' hosts and this server's names alone.
"""
_ENV = """\
Print the variables that `rsvpd run` sets for its command, for a shell and the
server that runs, which was started with --https:

  eval "$(rsvpd env)"
  rsvpd env --shell fish | source
  rsvpd env --shell powershell | Out-String | Invoke-Expression
"""
_MCP = """\
Serve the Model Context Protocol on standard input and output, for coding
agents: people, snapshots, the clock and the requests of the server that runs,
and tools that list, answer and send invitations.

  claude mcp add rsvpd -- rsvpd mcp
  claude mcp add rsvpd -- rsvpd mcp --start     where no server runs already
  {"mcpServers": {"rsvpd": {"command": "rsvpd", "args": ["mcp", "--start"]}}}

It needs the extra `mcp`: pip install 'rsvpd[mcp]'
"""
_GRACE_SECONDS = 10
_SHELLS = ("bash", "fish", "powershell")

Command = Callable[..., argparse.ArgumentParser]


def add_commands(commands: Any, command: Command) -> None:
    """Add the commands; `command` makes the parser of one."""
    _add_run(command(commands, "run", _run, "run a command with a server in the place of the real services"))
    env = command(commands, "env", _env, "print the variables that lead programs to this server")
    env.description = _ENV
    env.add_argument("--shell", choices=_SHELLS, default="bash", help="which shell (default: bash)")
    trust = command(commands, "trust", _trust, "what clients need to trust this server's HTTPS")
    trust.description = _TRUST
    mcp = command(commands, "mcp", _mcp, "serve coding agents, by the Model Context Protocol")
    mcp.description = _MCP
    mcp.add_argument(
        "--start", action="store_true", help="where no server runs, start one with sample people, gone afterwards"
    )
    trust.add_argument("--write", metavar="DIR", help="make the files in this folder")


def _mcp(args: argparse.Namespace, config: Config) -> None:
    from rsvpd.cli.mcp import run

    run(args, config)


def _add_run(run: argparse.ArgumentParser) -> None:
    run.description = _RUN
    run.add_argument(
        "--attach", action="store_true", help="use the server that has the data file open, started with --https"
    )
    run.add_argument("--log", action="store_true", help="print a line for each request on standard error")
    run.add_argument(
        "--grace", metavar="SECONDS", type=_seconds, default=_GRACE_SECONDS,
        help=f"how long a command may take to end when it is asked to (default: {_GRACE_SECONDS})",
    )
    run.add_argument("command", metavar="COMMAND", nargs=argparse.REMAINDER, help="the command, behind --")


def _run(args: argparse.Namespace, config: Config) -> int:
    from rsvpd.cli.run import run

    return run(args, config)


def _env(args: argparse.Namespace, config: Config) -> None:
    from rsvpd.cli.env import run

    run(args, config)


def _trust(args: argparse.Namespace, config: Config) -> None:
    from rsvpd.cli.trust import run

    run(args, config)


def _seconds(text: str) -> float:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of seconds")
    return float(text)
