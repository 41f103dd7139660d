"""`rsvpd explain`: what a request did not do, in words, and what to call instead."""

from __future__ import annotations

import argparse
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

from rsvpd.cli.asking import ask_server
from rsvpd.cli.screen import one_line, print_json
from rsvpd.config import Config

if TYPE_CHECKING:
    from rsvpd.control.explanation import Explanation

ABOUT = """\
What a request did not do: what was ignored, refused or changed, by which rule,
where the documentation has it, and what to call instead.

  rsvpd explain last
  rsvpd explain 17        by its number in `rsvpd requests`, or request-id
"""
_WIDTH = 80
_TITLES = {"what": "", "rule": "Rule: ", "instead": "Instead: ", "page": "See: "}


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Give the command its flags."""
    parser.description = ABOUT
    parser.add_argument("id", nargs="?", default="last", metavar="ID", help="a number, a request-id, or last (default)")
    parser.add_argument("--json", action="store_true", help="write JSON")


def run(args: argparse.Namespace, config: Config) -> None:
    """Print the explanation of a request."""
    from rsvpd.control.verbs import requests

    found: Explanation = ask_server(config, requests.explain_request, id=args.id)
    if args.json:
        print_json(found)
        return
    _print(found.summary, "")
    for one in found.sentences:
        print()
        _print(f"{one.kind} {one.name}{': ' + one.said if one.kind == 'error' else ''}", "")
        for name, title in _TITLES.items():
            _print(title + getattr(one, name), "  ")
    if found.request.hint:
        print()
        _print(f"The answer's hint: {found.request.hint}", "")


def _print(text: str, indent: str) -> None:
    width = min(_WIDTH, shutil.get_terminal_size().columns) if sys.stdout.isatty() else _WIDTH
    lines = textwrap.wrap(
        one_line(text), max(20, width), initial_indent=indent, subsequent_indent=indent + "  " * bool(indent),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    print("\n".join(lines))
