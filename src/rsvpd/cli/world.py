"""What `rsvp` touches outside itself: the terminal, the environment, the network, the clock."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

import httpx
import msgspec
from msgspec import Struct

from rsvpd import clock as clocks
from rsvpd.client.accounts import AccountBook, config_folder
from rsvpd.client.opening import Opening
from rsvpd.config import ConfigError, load


class UsageError(Exception):
    """The command cannot be carried out as it was given. The text is for the person at the terminal."""


class World(Struct, frozen=True, kw_only=True):
    """Everything a command may use. Tests put their own in."""

    environ: Mapping[str, str]
    out: TextIO
    err: TextIO
    stdin: TextIO
    transport: httpx.BaseTransport | None = None
    sleep: Callable[[float], None] = time.sleep
    clock: clocks.Clock = clocks.system_clock

    @property
    def book(self) -> AccountBook:
        """Return the accounts that were signed in with."""
        return AccountBook(config_folder(self.environ))

    @property
    def opening(self) -> Opening:
        """Return what opens accounts."""
        return Opening(book=self.book, transport=self.transport, sleep=self.sleep, clock=self.clock)

    @property
    def data(self) -> Path:
        """Return the data file of the local server, as the server itself would find it. Raises UsageError."""
        try:
            return load({}, environ=self.environ).data
        except ConfigError as wrong:
            raise UsageError(f"The server's settings cannot be read: {wrong}") from None

    @property
    def state(self) -> Path:
        """Return the folder for what may be lost (XDG base directories)."""
        home = self.environ.get("XDG_STATE_HOME", "")
        return (Path(home) if home.startswith("/") else Path.home() / ".local" / "state") / "rsvpd"

    def say(self, text: str) -> None:
        """Write a line of output."""
        print(text, file=self.out)

    def warn(self, text: str) -> None:
        """Write a line that is not output."""
        print(text, file=self.err)

    def give(self, document: Any) -> None:
        """Write a JSON document as output."""
        self.say(as_json(document))


def as_json(document: Any) -> str:
    """Return a document the way `--json` writes it: indented, in the order it was made."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def terminal() -> World:
    """Return the world of a command started in a terminal."""
    import os

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that cannot show a character shows `?`
            stream.reconfigure(errors="replace")
    return World(environ=os.environ, out=sys.stdout, err=sys.stderr, stdin=sys.stdin)
