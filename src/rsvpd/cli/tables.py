"""Tables for a terminal of any width, and for files and pipes.

Three shapes, the first that fits: columns side by side; the same, with the widest of those columns narrower that may
be; each row on lines of its own, a cell a line. Where no terminal reads, every row is one line and nothing is cut.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO, TypeVar

from msgspec import Struct

from rsvpd.cli.screen import one_line, print_json, raw_stream

if TYPE_CHECKING:
    from rich.console import OverflowMethod, RenderableType

T = TypeVar("T")

LEAST = 8
_BETWEEN = 2
_LEAST_VALUE = 12
_ENDLESS = 1_000_000


class Column(Struct, frozen=True):
    """One column: its title and a cell for each row. `least` is how narrow it may get in a small terminal, 0 means
    that it keeps its width; what no longer fits is cut, or `wraps` to the next line."""

    title: str
    cells: tuple[str, ...]
    least: int = 0
    wraps: bool = False


class Page(Struct, frozen=True):
    """What a table is drawn on. `width` 0 means that nothing is cut, as for a file or a pipe."""

    width: int = 0
    colour: bool = False


def page(out: TextIO, environ: Mapping[str, str]) -> Page:
    """Return how to draw on `out`: as wide as the terminal, in colour unless NO_COLOR is set."""
    if not out.isatty():
        return Page()
    colour = not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
    return Page(max(1, shutil.get_terminal_size().columns), colour)


def print_list(
    found: Sequence[T], columns: Callable[[Sequence[T]], Sequence[Column]], nothing: str, *, as_json: bool
) -> None:
    """Print what a command found: as JSON, as a table, or that there is nothing."""
    if as_json:
        print_json(found)
    elif found:
        print_table(columns(found))
    else:
        print(nothing)


def print_table(columns: Sequence[Column], out: TextIO | None = None) -> None:
    """Draw a table where the command writes to."""
    stream = out or sys.stdout
    raw_stream(stream).write(table(columns, page(stream, os.environ)) + "\n")


def table(columns: Sequence[Column], on: Page) -> str:
    """Return a table without the last line end; cells are on one line and steer nothing."""
    safe = [Column(one.title, tuple(map(one_line, one.cells)), one.least, one.wraps) for one in columns]
    widths = _widths(safe, on.width)
    return _render(_rows(safe, on.width) if widths is None else _columns(safe, widths), on)


def _widths(columns: Sequence[Column], limit: int) -> list[int] | None:
    """Return the width of each column, the widest that may shrink made narrower; None where they do not fit."""
    widths = [max(map(display_width, (one.title, *one.cells))) for one in columns]
    while limit and sum(widths) + _BETWEEN * (len(widths) - 1) > limit:
        able = [number for number, one in enumerate(columns) if one.least and widths[number] > one.least]
        if not able:
            return None
        widths[max(able, key=widths.__getitem__)] -= 1
    return widths


def display_width(text: str) -> int:
    """Return how many columns a terminal uses for `text` (Unicode annex 11)."""
    from rich.cells import cell_len

    return cell_len(text)


def _columns(columns: Sequence[Column], widths: Sequence[int]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, pad_edge=False, padding=(0, _BETWEEN, 0, 0), header_style="bold")
    for one, width in zip(columns, widths, strict=True):
        overflow: OverflowMethod = "fold" if one.wraps else "ellipsis"
        drawn.add_column(Text(one.title), width=width, no_wrap=not one.wraps, overflow=overflow)
    for row in zip(*(one.cells for one in columns), strict=True):
        drawn.add_row(*map(Text, row))
    return drawn


def _rows(columns: Sequence[Column], limit: int) -> RenderableType:
    """Return each row as its first cell, and below it the others, as far as they say something."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    first, *others = columns
    titles = max((display_width(one.title) for one in others), default=0)
    titled = titles + 2 * _BETWEEN + _LEAST_VALUE <= limit
    parts: list[RenderableType] = []
    for number, head in enumerate(first.cells):
        grid = Table.grid(padding=(0, _BETWEEN, 0, 0))
        for one in others:
            title = (Text(one.title, no_wrap=True),) if titled else ()
            if one.cells[number]:
                grid.add_row(*title, Text(one.cells[number], overflow="fold"))
        parts += [Text("")] if parts else []
        parts += [Text(head, style="bold", overflow="fold"), Padding(grid, (0, 0, 0, _BETWEEN if titled else 0))]
    return Group(*parts)


def _render(what: RenderableType, on: Page) -> str:
    from rich.console import Console

    drawn = io.StringIO()  # not the output itself: a reader that has gone away is for the command to deal with
    console = Console(
        file=drawn, width=on.width or _ENDLESS, force_terminal=on.colour,
        color_system="standard" if on.colour else None,
        markup=False, emoji=False, highlight=False, legacy_windows=False,
    )  # fmt: skip
    console.print(what)
    return "\n".join(line.rstrip() for line in drawn.getvalue().splitlines())
