"""`rsvpd requests`: the last requests that a server answered, one of them whole, and the same call once more."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rsvpd.cli.asking import ask_server
from rsvpd.cli.screen import as_json, print_json
from rsvpd.cli.tables import LEAST, Column, print_table
from rsvpd.config import Config

if TYPE_CHECKING:
    from rsvpd.control.journal import Content, RequestLine, WholeRequest

ABOUT = """\
The last requests that the running server answered, the newest last. A ? stands
where a hint went out with the answer: `rsvpd explain NUMBER` says more.

  rsvpd requests --person bob --status 4xx
  rsvpd requests 17                 request and answer, whole
  rsvpd requests last --as curl     the same call once more: curl, python, …
"""
_NONE = "There is no such request."
_FORMS = ("curl", "python", "javascript")
_OPTIONS = ("person", "method", "path", "status", "interface", "meeting", "limit")
_CLOCK = slice(11, 19)  # of an ISO 8601 instant


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Give the command its flags."""
    parser.description = ABOUT
    parser.add_argument("id", nargs="?", default="", metavar="ID", help="a number, a request-id, or last")
    parser.add_argument("--as", dest="form", choices=_FORMS, help="print the same call once more")
    parser.add_argument("--person", default="", metavar="WHO", help="those of somebody: bob")
    parser.add_argument("--method", default="", help="those with a method: PATCH")
    parser.add_argument("--path", default="", metavar="TEXT", help="those with this in path or query")
    parser.add_argument("--status", default="", help="those answered so: 404, or 4xx")
    parser.add_argument("--interface", default="", metavar="NAME", help="graph, outlook-v2, outlook-v1, google, other")
    parser.add_argument("--meeting", default="", metavar="UID", help="those about a meeting: its UID or its subject")
    parser.add_argument("--hint", action="store_true", help="those with a hint")
    parser.add_argument("--limit", type=_limit, default=20, metavar="N", help="how many at most (default: 20)")
    parser.add_argument("--clear", action="store_true", help="forget all of them")
    parser.add_argument("--json", action="store_true", help="write JSON")


def run(args: argparse.Namespace, config: Config) -> None:
    """Print requests, or one of them."""
    from rsvpd.control.verbs import requests

    if args.clear:
        print(f"Forgot {ask_server(config, requests.forget_requests).requests} requests.")
    elif args.id or args.form:
        _show(args, ask_server(config, requests.show_request, id=args.id or "last"))
    else:
        given = {name: getattr(args, name) for name in _OPTIONS}
        hint = {"hint": True} if args.hint else {}
        _list(args, ask_server(config, requests.list_requests, **given, **hint))


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= 1000):
        raise argparse.ArgumentTypeError("must be a number from 1 to 1000")
    return int(text)


def _list(args: argparse.Namespace, found: list[RequestLine]) -> None:
    if args.json:
        print_json(found)
    elif found:
        print_table(_columns(found[::-1]))
    else:
        print(_NONE)


def _columns(found: Sequence[RequestLine]) -> list[Column]:
    return [
        Column("NUMBER", tuple(str(one.number) for one in found)),
        Column("UTC", tuple(one.at[_CLOCK] for one in found)),
        Column("WHO", tuple((one.person or one.application or "-").partition("@")[0] for one in found), LEAST),
        Column("REQUEST", tuple(f"{one.method} {one.path}" for one in found), LEAST),
        Column("STATUS", tuple(map(_status, found))),
        Column("MS", tuple(str(round(one.milliseconds)) for one in found)),
    ]


def _status(one: RequestLine) -> str:
    fault = f" (fault {one.fault})" if one.fault else ""
    return f"{one.status or 'none'}{' ?' if one.hint else ''}{fault}"


def _show(args: argparse.Namespace, one: WholeRequest) -> None:
    if args.form:
        print(getattr(one, args.form), end="")
    elif args.json:
        print_json(one)
    else:
        print(f"{one.method} {one.path}")
        print(f"Number {one.number}, {one.at}, {one.person or one.application or 'nobody'}, by {one.interface},")
        print(f"{one.id}")
        _print_content(one.request)
        print(f"\nAnswered {_status(one)} in {one.milliseconds} ms.")
        _print_content(one.answer)
        if one.hint:
            print("\n`rsvpd explain` says what the hint means.")


def _print_content(content: Content) -> None:
    for name, value in content.headers.items():
        print(f"  {name}: {value}")
    if content.bytes and content.text is None:
        print(f"\n  {content.bytes} bytes, not shown")
    elif content.text:
        print("\n" + "\n".join(f"  {line}" for line in _pretty(content.text).splitlines()))
    if content.is_cut:
        print(f"  … cut, of {content.bytes} bytes")


def _pretty(text: str) -> str:
    try:
        return as_json(json.loads(text))
    except (ValueError, RecursionError):
        return text
