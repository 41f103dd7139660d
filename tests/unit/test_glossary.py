"""docs/glossary.md: the words it gives for each service are those that the service's own dialect has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DIALECTS = {"microsoft": 2, "google": 3}


def rows() -> list[list[str]]:
    """Return the cells of each row, without the heads of the tables."""
    tables = re.findall(r"(?:^\|.*\n)+", (ROOT / "docs" / "glossary.md").read_text("utf-8"), re.M)
    lines = [line for table in tables for line in table.splitlines()[2:]]
    return [[one.strip() for one in line.strip("|").split("|")] for line in lines]


def test_every_row_says_all_of_it() -> None:
    assert len(rows()) > 40
    assert all(len(cells) == 5 and all(cells) for cells in rows())
    ours = [cells[0] for cells in rows()]
    assert len(ours) == len(set(ours))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_names_on_the_wire_are_those_of_the_dialect(dialect: str) -> None:
    folders = (ROOT / "src" / "rsvpd" / "dialects" / one for one in (dialect, "odata"))
    text = "\n".join(path.read_text("utf-8") for folder in folders for path in folder.rglob("*.py"))
    named = {name for cells in rows() for name in re.findall(r"`([^`]+)`", cells[DIALECTS[dialect]])}
    assert named
    assert {name for name in named if not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)} == set()
