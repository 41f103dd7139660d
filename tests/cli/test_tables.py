"""Tables: in a terminal of any width, in a file, in a pipe."""

from __future__ import annotations

import io

import pytest

from rsvpd.cli.screen import screen
from rsvpd.cli.tables import Column, Page, display_width, page, print_table, table

COLUMNS = [
    Column("#", ("1", "2")),
    Column("SUBJECT", ("A very long subject indeed", "会議会議会議会議会議"), 8),
    Column("FROM", ("Alice", ""), 4),
    Column("WHEN", ("Wed 30 Dec – Fri 1 Jan 2027, all day", "Tue 24 Nov"), 22, wraps=True),
]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("width", [1, 2, 10, 20, 30, 40, 50, 60, 70, 80, 81, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert max(map(display_width, table(COLUMNS, Page(width)).splitlines())) <= width


def test_the_widest_columns_get_narrower_until_all_fit() -> None:
    assert table(COLUMNS, Page(51)).splitlines() == [
        "#  SUBJECT            FROM   WHEN",
        "1  A very long subj…  Alice  Wed 30 Dec – Fri 1 Jan",
        "                             2027, all day",
        "2  会議会議会議会議…         Tue 24 Nov",
    ]


def test_where_columns_do_not_fit_each_row_has_lines_of_its_own() -> None:
    assert table(COLUMNS, Page(30)).splitlines() == [
        "1",
        "  SUBJECT  A very long subject",
        "           indeed",
        "  FROM     Alice",
        "  WHEN     Wed 30 Dec – Fri 1",
        "           Jan 2027, all day",
        "",
        "2",
        "  SUBJECT  会議会議会議会議会",
        "           議",
        "  WHEN     Tue 24 Nov",
    ]


def test_in_a_pipe_each_row_is_one_line_with_all_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    for columns in ("40", "200"):
        monkeypatch.setenv("COLUMNS", columns)
        out = io.StringIO()
        print_table(COLUMNS, out)
        titles, first, second = out.getvalue().splitlines()
        assert titles.split() == ["#", "SUBJECT", "FROM", "WHEN"]
        assert first == "1  A very long subject indeed  Alice  Wed 30 Dec – Fri 1 Jan 2027, all day"
        assert second.endswith("Tue 24 Nov")


@pytest.mark.parametrize(
    ("text", "columns"),
    [("abc", 3), ("会議", 4), ("e\u0301", 1), ("", 0), ("ｆ", 2), ("🎉", 2)],
)
def test_width_is_counted_in_columns(text: str, columns: int) -> None:
    assert display_width(text) == columns


@pytest.mark.parametrize(
    ("out", "environ", "colour"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(out: io.StringIO, environ: dict[str, str], colour: bool) -> None:
    on = page(out, environ)
    assert on.colour is colour
    assert (on.width > 0) is out.isatty()
    assert ("\x1b" in table([Column("A", ("b",))], on)) is colour


def test_its_own_colours_reach_the_terminal_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    out = Terminal()
    print_table([Column("TITLE", ("a\x1b[31mb\u202e\x9b",))], screen(out))
    titles, cell = out.getvalue().splitlines()
    assert titles.startswith("\x1b[1m")
    assert cell == "a [31mb"
