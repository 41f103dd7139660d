"""`rsvpd outbox`: what waits to leave this server, and each message as it will be sent."""

from __future__ import annotations

import argparse
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rsvpd.cli.progress import progress
from rsvpd.cli.screen import print_json
from rsvpd.cli.tables import LEAST, Column, print_table
from rsvpd.config import Config

if TYPE_CHECKING:
    from rsvpd.cli.reach import Administration
    from rsvpd.control.outbox import OutgoingMessage, QueuedMessage

_NOTHING = "Nothing waits to leave this server."

Command = Callable[..., argparse.ArgumentParser]


def add_commands(outbox: argparse.ArgumentParser, command: Command) -> None:
    """Give `outbox` its commands; without one it lists what waits."""
    verbs = outbox.add_subparsers(title="commands", metavar="COMMAND")
    given: Any = argparse.SUPPRESS  # a flag before the command holds for it as well
    listed = command(verbs, "list", run_list, "list what waits to leave this server", unset=given)
    show = command(verbs, "show", run_show, "show one message: headers, text, calendar", unset=given)
    show.add_argument("number", type=int, metavar="N", help="its number in the list")
    export = command(verbs, "export", run_export, "write every message to a folder, as .eml and .ics", unset=given)
    export.add_argument("folder", type=Path, metavar="DIR", help="the folder; made where it is missing")
    outbox.add_argument("--json", action="store_true", help="write JSON")
    for verb in (listed, show, export):
        verb.add_argument("--json", action="store_true", default=given, help="write JSON")


def run_list(args: argparse.Namespace, config: Config) -> None:
    """Print what waits."""
    found = _administer(config, lambda admin: list(_list_queued(admin)))
    if args.json:
        print_json(found)
        return
    if found:
        print_table(_columns(found))
    else:
        print(_NOTHING)


def run_show(args: argparse.Namespace, config: Config) -> None:
    """Print one message."""
    one: OutgoingMessage = _administer(config, lambda admin: _show_outgoing(admin, args.number))
    if args.json:
        print_json(one)
        return
    head = b64decode(one.content).partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    parts = (head.replace("\r\n", "\n"), one.text, (one.calendar or "").replace("\r\n", "\n"))
    print("\n\n".join(part.strip("\n") for part in parts if part))


def run_export(args: argparse.Namespace, config: Config) -> None:
    """Write every message to a folder."""
    paths = _administer(config, lambda admin: _export(admin, args.folder))
    if args.json:
        print_json(paths)
        return
    print("\n".join(paths) if paths else _NOTHING)


def _administer(config: Config, what: Callable[[Administration], Any]) -> Any:
    from rsvpd.cli.reach import open_administration

    with open_administration(config, make=False) as admin:
        return what(admin)


def _list_queued(admin: Administration) -> Iterator[QueuedMessage]:
    """Yield what waits to leave the server, in the order it came."""
    from rsvpd.control.verbs import mail

    last = 0
    while found := admin.ask(mail.list_outbox, after=last):
        yield from found
        last = found[-1].number


def _show_outgoing(admin: Administration, number: int) -> OutgoingMessage:
    from rsvpd.control.verbs import mail

    return admin.ask(mail.show_outgoing, number=number)


def _export(admin: Administration, folder: Path) -> list[str]:
    """The messages are private mail: only their owner may read the files."""
    from rsvpd.files import write_secret

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    paths = []
    with progress(f"Writing to {folder}") as say:
        for one in _list_queued(admin):
            say(f"Writing message {one.number} to {folder}")
            message = _show_outgoing(admin, one.number)
            name = folder / f"{one.number:06}-{(one.method or 'mail').lower()}"
            files = {name.with_suffix(".eml"): b64decode(message.content)}
            if message.calendar is not None:
                files[name.with_suffix(".ics")] = message.calendar.encode()
            for path, content in files.items():
                write_secret(path, content)
                paths.append(str(path))
    return paths


def _columns(found: Iterable[QueuedMessage]) -> list[Column]:
    rows = list(found)
    return [
        Column("N", tuple(str(one.number) for one in rows)),
        Column("QUEUED", tuple(one.queued for one in rows)),
        Column("METHOD", tuple(one.method or "mail" for one in rows)),
        Column("FROM", tuple(one.sender for one in rows), LEAST),
        Column("TO", tuple(one.recipient for one in rows), LEAST),
        Column("SUBJECT", tuple(one.subject for one in rows), LEAST),
    ]
