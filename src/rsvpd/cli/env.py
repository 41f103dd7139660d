"""`rsvpd env`: the variables of `rsvpd run`, for a shell."""

from __future__ import annotations

import argparse
import os
import shlex

from rsvpd import locks
from rsvpd.cli.environment import variables
from rsvpd.cli.run import running_place
from rsvpd.config import Config
from rsvpd.edge.authority import folder_of


def run(args: argparse.Namespace, config: Config) -> None:
    """Print what to set for programs that are to be led to the running server."""
    place = running_place(config)
    folder = folder_of(locks.resolve(config.data)) / "clients"
    folder.mkdir(mode=0o700, exist_ok=True)
    line = {"bash": _bash, "fish": _fish, "powershell": _powershell}[args.shell]
    for name, value in variables(place, folder, os.environ).items():
        print(line(name, value))


def _bash(name: str, value: str) -> str:
    return f"export {name}={shlex.quote(value)}"


def _fish(name: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"set -gx {name} '{escaped}'"


def _powershell(name: str, value: str) -> str:
    doubled = value.replace("'", "''")
    return f"$env:{name} = '{doubled}'"
