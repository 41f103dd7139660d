"""`rsvpd outbox`: what waits to leave this server, and each message as it will be sent."""

from __future__ import annotations

import argparse
import re
from base64 import b64decode
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rsvpd.config import Config

if TYPE_CHECKING:
    from rsvpd.cli.reach import Desk
    from rsvpd.control.outbox import Shown, Waiting

_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

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
    found = _asked(config, lambda desk: list(desk.waiting()))
    if args.json:
        print(_json(found))
        return
    print("\n".join(_table(found)) if found else "Nothing waits to leave this server.")


def run_show(args: argparse.Namespace, config: Config) -> None:
    """Print one message."""
    one: Shown = _asked(config, lambda desk: desk.outgoing(args.number))
    if args.json:
        print(_json(one))
        return
    head = b64decode(one.content).partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    parts = (head.replace("\r\n", "\n"), one.text, (one.calendar or "").replace("\r\n", "\n"))
    print("\n\n".join(_harmless(part).strip("\n") for part in parts if part))


def run_export(args: argparse.Namespace, config: Config) -> None:
    """Write every message to a folder."""
    written = _asked(config, lambda desk: _exported(desk, args.folder))
    if args.json:
        print(_json(written))
        return
    print("\n".join(written) if written else "Nothing waits to leave this server.")


def _asked(config: Config, what: Callable[[Desk], Any]) -> Any:
    from rsvpd.cli.reach import reached
    from rsvpd.clock import fixed_clock, system_clock

    clock = system_clock if config.clock is None else fixed_clock(config.clock)
    with reached(config, clock, make=False) as desk:
        return what(desk)


def _exported(desk: Desk, folder: Path) -> list[str]:
    """The messages are private mail: only their owner may read the files."""
    from rsvpd.control.sidecar import write_secret

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = []
    for one in desk.waiting():
        shown = desk.outgoing(one.number)
        name = folder / f"{one.number:06}-{(one.method or 'mail').lower()}"
        files = {name.with_suffix(".eml"): b64decode(shown.content)}
        if shown.calendar is not None:
            files[name.with_suffix(".ics")] = shown.calendar.encode()
        for path, content in files.items():
            write_secret(path, content)
            written.append(str(path))
    return written


def _table(found: Iterable[Waiting]) -> list[str]:
    titles = ("N", "QUEUED", "METHOD", "FROM", "TO", "SUBJECT")
    rows = [titles, *(_row(one) for one in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(titles))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _row(one: Waiting) -> tuple[str, ...]:
    subject = " ".join(_harmless(one.subject).split())
    return (str(one.number), one.queued, one.method or "mail", one.sender, one.recipient, subject)


def _harmless(text: str) -> str:
    """Return `text` without what could steer a terminal or turn the writing around."""
    return _STEERING.sub("", text)


def _json(found: object) -> str:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode()
