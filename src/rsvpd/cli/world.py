"""What `rsvp` touches outside itself: the terminal, the environment, the network, the clock."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import httpx
from msgspec import Struct
from msgspec.structs import replace

from rsvpd import clock as clocks
from rsvpd.cli.progress import progress
from rsvpd.cli.screen import print_json, print_prose, raw_stream, screen
from rsvpd.cli.usage import UsageError
from rsvpd.client.accounts import Account, AccountBook, config_folder
from rsvpd.client.client import Client
from rsvpd.client.factory import ClientFactory
from rsvpd.config import ConfigError, load


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
    def clients(self) -> ClientFactory:
        """Return what opens accounts."""
        return ClientFactory(book=self.book, transport=self.transport, sleep=self.sleep, clock=self.clock)

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

    @contextmanager
    def account_opener(self) -> Iterator[Callable[[Account], Client]]:
        """Yield what opens accounts; where it takes long, the terminal shows who is asked, and who asks to wait."""
        with progress("Asking", self.err) as say:

            def open_account(account: Account) -> Client:
                text = f"Asking {account.name}"

                def pause(seconds: float) -> None:
                    say(f"{text}, which wants to be left alone for {seconds:.0f} s")
                    self.sleep(seconds)
                    say(text)

                say(text)
                return replace(self.clients, sleep=pause).open(account)

            yield open_account

    def behind_screens(self) -> World:
        """Return this world with outputs through which nothing leaves that could steer a terminal."""
        return replace(self, out=screen(self.out), err=screen(self.err))

    def say(self, text: str) -> None:
        """Write output as it is."""
        print(text, file=self.out)

    def tell(self, text: str) -> None:
        """Write sentences as output."""
        print_prose(text, self.out)

    def warn(self, text: str) -> None:
        """Write sentences that are not output."""
        print_prose(text, self.err)

    def draw(self, table: str) -> None:
        """Write a table, whose colours are its own."""
        raw_stream(self.out).write(f"{table}\n")

    def give(self, document: Any) -> None:
        """Write a JSON document as output."""
        print_json(document, self.out)


def terminal() -> World:
    """Return the world of a command started in a terminal."""
    return World(environ=os.environ, out=sys.stdout, err=sys.stderr, stdin=sys.stdin)
