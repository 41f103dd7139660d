"""`docs/scopes.md` says what the route tables say, and Google's part what the published description says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import dropwhile
from pathlib import Path

from rsvpd.dialects.google.routes import GAPS
from rsvpd.dialects.google.routes import ROUTES as GOOGLE_ROUTES
from rsvpd.dialects.google.tables.scopes import PREFIX
from rsvpd.dialects.microsoft.routes import calls as graph_calls
from rsvpd.dialects.microsoft.routes import patterns_of
from rsvpd.dialects.microsoft.tables import scopes
from rsvpd.dialects.microsoft.tables.scopes import AnyOf, Needs

PAGE = Path(__file__).parents[3] / "docs" / "scopes.md"
PUBLISHED = Path(__file__).parent / "data" / "google_scopes.txt"
NAMES = {id(needs): name.lower().replace("_", " ") for name, needs in vars(scopes).items() if isinstance(needs, Needs)}


def names(found: AnyOf) -> str:
    return ", ".join(f"`{name}`" for name in found.names)


def groups() -> Iterator[str]:
    yield "| to | own mailbox | somebody else's | application |"
    yield "|---|---|---|---|"
    for needs in vars(scopes).values():
        if isinstance(needs, Needs):
            cells = (NAMES[id(needs)], *map(names, (needs.delegated, needs.shared, needs.application)))
            yield f"| {' | '.join(cells)} |"


def calls() -> Iterator[str]:
    yield "| call | needs what it takes to |"
    yield "|---|---|"
    shown = dict.fromkeys((method, _shortest(short), NAMES[id(needs)]) for method, short, _, needs in graph_calls())
    for method, pattern, name in shown:
        yield f"| `{method} /{pattern}` | {name} |"


def _shortest(short: str) -> str:
    """Return the first pattern that is meant; one setting stands for all, one type cast too."""
    first = "U/mailboxSettings/{setting}" if short == "S" else short
    return patterns_of(first)[0].replace("/:", "/microsoft.graph.")


def google() -> Iterator[str]:
    yield "| method | scopes, the least first |"
    yield "|---|---|"
    for route in GOOGLE_ROUTES:
        yield f"| `{route.id}` | {', '.join(f'`{one.removeprefix(PREFIX)}`' for one in route.needs.names)} |"


def test_the_page_says_what_the_route_tables_say() -> None:
    page = PAGE.read_text("utf-8")
    expected = page
    for table in (groups, calls, google):
        expected = _with_table(expected, list(table()))
    if os.environ.get("RSVPD_UPDATE_GOLDEN"):
        PAGE.write_text(expected, "utf-8")
    assert PAGE.read_text("utf-8") == expected, f"`make parity` writes {PAGE.name}:\n{expected}"


def _with_table(page: str, lines: list[str]) -> str:
    """Return the page with these lines in the place of the table that has the same head."""
    before, head, after = page.partition(lines[0])
    assert head, lines[0]
    rest = after.splitlines(keepends=True)[1:]
    return "".join([before, "\n".join(lines), "\n", *dropwhile(lambda line: line.startswith("|"), rest)])


def test_google_names_the_scopes_that_are_published() -> None:
    lines = [line.split() for line in PUBLISHED.read_text("utf-8").splitlines() if line[0] != "#"]
    published = {method: {PREFIX + one for one in short} for method, *short in lines}
    assert {route.id: set(route.needs.names) for route in (*GOOGLE_ROUTES, *GAPS)} == published
