"""`rsvpd`: run the server, and keep its data file.

Exit codes: 0 done, 1 it could not be done, 2 the command or a setting is wrong.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

from rsvpd import __version__, locks, log
from rsvpd.cli import (
    backup,
    clock,
    completion,
    docs,
    explain,
    faults,
    move,
    outbox,
    personas,
    requests,
    rooms,
    scopes,
    seeds,
    snapshots,
    subscriptions,
    timeline,
    users,
    ways_in,
)  # fmt: skip
from rsvpd.cli.screen import one_line, print_prose, run_at_terminal
from rsvpd.cli.usage import HelpWanted, Parser, UsageError
from rsvpd.clock import Clock, fixed_clock, system_clock
from rsvpd.config import Config, ConfigError, load

_ABOUT = """\
A local Microsoft 365 and Google Calendar: invitations and answers truly travel.

  rsvpd up              start the server, with sample people and meetings
  rsvpd run -- pytest   a command that takes it for the real services, unchanged
  rsvpd token bob       a bearer token of bob@example.com, to call it with
  rsvpd docs            what there is to read
"""
_MORE = """\
Every setting can also stand in a TOML file or in RSVPD_… variables: see
rsvpd docs configuration. People are named by their address, or by what stands
before its @ where only one has that.

Exit codes:
  0 done   1 it could not be done   2 the command or a setting is wrong
"""
_SETTINGS = (
    "data", "database", "workers", "host", "port", "https", "https_port", "proxy_port", "seed", "seed_file",
    "ready_file", "clock", "allow_public_bind", "request_log", "stop_at_eof",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    return run_at_terminal("rsvpd", lambda: run(sys.argv[1:] if argv is None else argv))


def run(argv: Sequence[str]) -> int:
    """Run one command on the streams of this process and return its exit code."""
    try:
        args = parser().parse_args(argv)
        if not hasattr(args, "run"):  # needs neither settings nor a data file
            args.alone(args)
            return 0
        config = load(_flags(args), environ=os.environ, file=args.config)
    except SystemExit as done:  # --help and --version
        return int(done.code or 0)
    except HelpWanted as wanted:
        print(wanted, file=sys.stderr)
        return 2
    except (UsageError, ConfigError) as wrong:
        return _fail(wrong, code=2)
    log.setup(config.log_level, config.log_format)
    return _run(args, config)


def _run(args: argparse.Namespace, config: Config) -> int:
    """The rooms are imported here, so that `--help` and a wrong flag answer at once."""
    if locks.NOT_HERE:
        return _fail(locks.NOT_HERE, code=1)
    from rsvpd.cli.reach import Unreachable
    from rsvpd.control.sidecar import DataFileInUse
    from rsvpd.edge.authority import AuthorityError
    from rsvpd.edge.serve import BindError
    from rsvpd.errors import RsvpdError
    from rsvpd.store.engine import DataFileError

    try:
        code: int | None = args.run(args, config)
    except BrokenPipeError:
        raise
    except UsageError as wrong:
        return _fail(wrong, code=2)
    except (RsvpdError, DataFileError, BindError, AuthorityError, DataFileInUse, Unreachable, OSError) as wrong:
        return _fail(wrong, code=1)
    return code or 0


def _up(args: argparse.Namespace, config: Config) -> None:
    from rsvpd.cli.up import up

    up(config, _clock(config))


def _token(args: argparse.Namespace, config: Config) -> None:
    from rsvpd.cli.reach import open_administration
    from rsvpd.control.verbs import people

    with open_administration(config, make=False) as admin:
        print(admin.ask(people.show_person, address=args.address).token)


def parser() -> Parser:
    """Return the whole command line; completion is made from it too."""
    top = Parser(prog="rsvpd", description=_ABOUT, epilog=_MORE)
    top.other = ("rsvp", _commands_of_the_client)
    top.add_argument("--version", action="version", version=f"rsvpd {__version__}", help="show the version")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_up(commands)
    user = commands.add_parser("user", help="people with a mailbox", description="People with a mailbox.")
    users.add_commands(user, _command)
    token = _command(commands, "token", _token, "print a fresh bearer token of somebody")
    token.add_argument("address", metavar="WHO", help="the address, or what is before its @: bob")
    rooms.add_flags(_command(commands, "room", rooms.run, "show or change what a room does with invitations"))
    personas.add_flags(_command(commands, "persona", personas.run, "what somebody does with invitations by itself"))
    waiting = _command(commands, "outbox", outbox.run_list, "what waits to leave this server")
    outbox.add_commands(waiting, _command)
    words = "who is told of changes, how far, and what came of it"
    subscriptions.add_flags(_command(commands, "subscriptions", subscriptions.run, words))
    requests.add_flags(_command(commands, "requests", requests.run, "the last requests that were answered"))
    explain.add_flags(_command(commands, "explain", explain.run, "what a request did not do, and why"))
    timeline.add_flags(_command(commands, "timeline", timeline.run, "what happened with a meeting, and when"))
    backup.add_flags(_command(commands, "backup", backup.run_backup, "copy the data file, also while a server runs"))
    words = "what is emulated, partly or not; the health of the data"
    backup.add_restore_flags(_command(commands, "restore", backup.run_restore, "put a copy back where nothing is yet"))
    saved = _command(commands, "snapshot", snapshots.run_list, "named copies, saved and put back while a server runs")
    snapshots.add_commands(saved, _command)
    snapshots.add_reset_flags(_command(commands, "reset", snapshots.run_reset, "begin anew, as a new data file does"))
    time = _command(commands, "clock", clock.run_show, "what time it is for the server, and how it goes on")
    clock.add_commands(time, _command)
    seeds.add_flags(_command(commands, "seed", seeds.run, "people, meetings and mail from a file"))
    seeds.add_init_flags(commands.add_parser("init", help="write a seed to begin with: the sample people"))
    wrong = _command(commands, "fault", faults.run_list, "what goes wrong on purpose, while a server runs")
    faults.add_commands(wrong, _command)
    move.add_flags(_command(commands, "move", move.run, "everything from a data file into a database, or back"))
    doctor = _command(commands, "doctor", backup.run_doctor, words)
    doctor.add_argument("--deep", action="store_true", help="look at every mailbox, whether all holds together")
    doctor.add_argument(
        "--legacy", nargs="+", metavar="LOG",
        help="say what of Outlook REST and EWS is still used, by logs of requests (- is standard input), and what"
        " Microsoft Graph has instead",
    )
    ways_in.add_commands(commands, _command)
    words = "the least scopes an application needed, by its log"
    scopes.add_flags(commands.add_parser("scopes", help=words, description=scopes.ABOUT))
    _add_docs(commands)
    _add_completion(commands)
    return top


def _commands_of_the_client() -> list[str]:
    from rsvpd.cli import rsvp

    return [name for group in rsvp.parser().groups() for name in group.choices]


def _add_docs(commands: Any) -> None:
    made = commands.add_parser("docs", help="print a page of the documentation", description=docs.ABOUT)
    made.add_argument("page", nargs="?", choices=docs.pages(), metavar="PAGE", help="which one; without it, a list")
    made.set_defaults(alone=docs.run)


def _add_completion(commands: Any) -> None:
    about = completion.ABOUT.format(name="rsvpd")
    made = commands.add_parser("completion", help="print a completion script", description=about)
    made.add_argument("shell", choices=tuple(completion.SHELLS), help="which shell")
    made.set_defaults(alone=lambda args: print(completion.SHELLS[args.shell](parser())))


def _add_up(commands: Any) -> None:
    up = _command(commands, "up", _up, "start the server")
    up.add_argument("--host", help="the address to listen on (default: 127.0.0.1)")
    up.add_argument("--port", help="the port, 0 for any free one (default: 8365)")
    up.add_argument("--workers", metavar="N", help="how many processes answer, over a database (default: 1)")
    up.add_argument(
        "--https", action="store_const", const=True, default=None,
        help="speak HTTPS too, in the place of the vendors' hosts, and be a proxy to them",
    )
    up.add_argument("--https-port", metavar="PORT", help="the port for HTTPS, 0 for any free one (default: 8366)")
    up.add_argument("--proxy-port", metavar="PORT", help="the port of the proxy, 0 for any free one (default: 8367)")
    up.add_argument(
        "--no-seed", dest="seed", action="store_const", const=False, default=None,
        help="start a new data file empty, without the sample people and meetings",
    )
    up.add_argument("--seed-file", metavar="FILE", help="start a new data file with this seed (rsvpd docs seeds)")
    up.add_argument(
        "--ready-file", metavar="FILE", help="write URL and tokens here (JSON) when requests are served"
    )
    up.add_argument("--clock", metavar="ISO-INSTANT", help="start at this time, like 2026-12-07T08:00:00Z")
    up.add_argument(
        "--allow-public-bind", action="store_const", const=True, default=None,
        help="let --host be an address that other machines reach",
    )
    up.add_argument(
        "--quiet", dest="request_log", action="store_const", const=False, default=None,
        help="do not print a line for each request",
    )
    up.add_argument(
        "--stop-at-eof", action="store_const", const=True, default=None,
        help="stop when standard input ends: for programs that start a server",
    )


def _command(commands: Any, name: str, run: Any, words: str, *, unset: Any = None) -> argparse.ArgumentParser:
    """Return the parser of one command, with the flags that all of them have."""
    about = words[:1].upper() + words[1:] + "."
    parser: argparse.ArgumentParser = commands.add_parser(name, help=words, description=about)
    parser.set_defaults(run=run)
    parser.add_argument(
        "--data", metavar="FILE", default=unset,
        help="the data file (default: rsvpd/rsvpd.db in the user's data folder)",
    )
    parser.add_argument(
        "--database", metavar="URL", default=unset, help="a PostgreSQL database instead: postgresql://user@host/name"
    )
    parser.add_argument("--config", metavar="FILE", default=unset, help="settings in a TOML file")
    return parser


def _flags(args: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that were given as flags."""
    given = {key: getattr(args, key, None) for key in _SETTINGS}
    return {key: value for key, value in given.items() if value is not None}


def _clock(config: Config) -> Clock:
    return system_clock if config.clock is None else fixed_clock(config.clock)


def _fail(wrong: Exception | str, *, code: int) -> int:
    print_prose(f"rsvpd: {one_line(str(wrong))}", sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
