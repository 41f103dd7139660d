"""`rsvpd docs`: the documentation, wherever rsvpd is installed.

`src/rsvpd/docs` leads to `docs/` of the repository, so a wheel carries the same pages and nothing is written twice.
"""

from __future__ import annotations

import argparse
from importlib.resources import files
from importlib.resources.abc import Traversable

from rsvpd.cli.tables import Column, print_table

ABOUT = """\
Print a page of the documentation.

  rsvpd docs                       the pages there are
  rsvpd docs configuration | less  one of them
"""


def pages() -> tuple[str, ...]:
    """Return the names of the pages."""
    return tuple(sorted(one.name.removesuffix(".md") for one in _folder().iterdir() if one.name.endswith(".md")))


def run(args: argparse.Namespace) -> None:
    """Print a page, or what pages there are."""
    if args.page:
        print(_text(args.page).rstrip())
        return
    names = pages()
    print_table([Column("PAGE", names), Column("IS ABOUT", tuple(map(_title, names)), 20, wraps=True)])
    print("\nRead one with: rsvpd docs PAGE")


def _title(page: str) -> str:
    return _text(page).partition("\n")[0].removeprefix("# ")


def _text(page: str) -> str:
    return (_folder() / f"{page}.md").read_text("utf-8")


def _folder() -> Traversable:
    return files("rsvpd") / "docs"
