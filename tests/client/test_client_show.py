"""How invitations look in a terminal."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rsvpd.cli import show
from rsvpd.cli.show import Column, Paper, clean, table, when, width
from rsvpd.client import Answer, Answered, Invitation, Organizer, Provider

BERLIN = Paper(zone=ZoneInfo("Europe/Berlin"), today=date(2026, 11, 22))


def invitation(start: Any, end: Any, **more: Any) -> Invitation:
    values: dict[str, Any] = {
        "id": "i",
        "subject": "Lunch",
        "organizer": Organizer("alice@example.com", "Alice"),
        "start": start,
        "end": end,
        "all_day": not isinstance(start, datetime),
        "location": "",
        "my_answer": Answer.NONE,
        "received": None,
        "is_series": False,
        "provider": Provider.GRAPH,
    }
    return Invitation(**(values | more))


def at(day: int, hour: int, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (at(24, 9), at(24, 10), "Tue 24 Nov 10:30–11:30"),
        (at(24, 22), at(24, 23), "Tue 24 Nov 23:30 – Wed 25 Nov 00:30"),
        (at(24, 9), at(26, 10), "Tue 24 Nov 10:30 – Thu 26 Nov 11:30"),
        (at(4, 9, 7, 2027), at(4, 10, 7, 2027), "Sun 4 Jul 2027 11:30–12:30"),
        (date(2026, 11, 30), date(2026, 12, 1), "Mon 30 Nov, all day"),
        (date(2026, 11, 30), date(2026, 11, 30), "Mon 30 Nov, all day"),
        (date(2026, 12, 30), date(2027, 1, 2), "Wed 30 Dec – Fri 1 Jan 2027, all day"),
    ],
)
def test_times_are_those_of_the_place(start: Any, end: Any, text: str) -> None:
    assert when(invitation(start, end), BERLIN) == text


def test_series_say_so() -> None:
    assert when(invitation(at(24, 9), at(24, 10), is_series=True), BERLIN) == "Tue 24 Nov 10:30–11:30, series"


@pytest.mark.parametrize(
    ("text", "columns"),
    [("abc", 3), ("会議", 4), ("e\u0301", 1), ("", 0), ("ｆ", 2), ("🎉", 2), ("a\u200db", 2)],
)
def test_width_is_counted_in_columns(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\x1b[2Jb", "a [2Jb"),
        ("a\nb\tc", "a b c"),
        ("\u202eabc\u2066", "abc"),
        ("a\x9bb", "a b"),
        ("  a  ", "a"),
    ],
)
def test_nothing_steers_the_terminal(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_columns_shrink_until_they_fit() -> None:
    columns = [
        Column("#", ("1",)),
        Column("SUBJECT", ("A very long subject indeed",), 8),
        Column("FROM", ("Alice",), 4),
    ]
    lines = table(columns, Paper(width=24, today=date(2026, 11, 22))).splitlines()
    assert lines == ["#  SUBJECT         FROM", "1  A very long s…  Alice"]
    assert table(columns, Paper(width=5, today=date(2026, 11, 22))).splitlines()[1] == "1  A very …  Ali…"
    assert "indeed" in table(columns, Paper(today=date(2026, 11, 22)))


def test_wide_characters_are_cut_to_the_column() -> None:
    lines = table([Column("SUBJECT", ("会議会議会議",), 7)], Paper(width=7, today=date(2026, 11, 22))).splitlines()
    assert lines[1] == "会議会…"


def test_columns_that_say_nothing_are_left_out() -> None:
    one = invitation(at(24, 9), at(24, 10))
    assert show.invitations([("bob", one)], BERLIN).splitlines()[0].split() == [
        "#",
        "WHEN",
        "SUBJECT",
        "FROM",
    ]
    other = invitation(at(24, 9), at(24, 10), my_answer=Answer.DECLINED, location="Orion")
    head = show.invitations([("bob", one), ("carol", other)], BERLIN, of_several=True).splitlines()[0]
    assert head.split() == ["#", "WHEN", "SUBJECT", "FROM", "WHERE", "ANSWER", "ACCOUNT"]


def test_whose_invitation_it_is_stands_there_once_several_were_asked() -> None:
    one = invitation(at(24, 9), at(24, 10))
    assert "ACCOUNT" in show.invitations([("bob", one)], BERLIN, of_several=True)
    done = Answered(invitation=one, answer=Answer.ACCEPTED, sent=True)
    assert show.answered(done, BERLIN).startswith("Accepted: Lunch, ")
    assert show.answered(done, BERLIN, name="bob").startswith("Accepted as bob: Lunch, ")


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("out", "environ", "colour"),
    [
        (Screen(), {}, True),
        (Screen(), {"NO_COLOR": "1"}, False),
        (Screen(), {"NO_COLOR": ""}, True),
        (Screen(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(out: io.StringIO, environ: dict[str, str], colour: bool) -> None:
    on = show.paper(out, environ, zone=UTC, now=datetime(2026, 11, 22, tzinfo=UTC))
    assert on.colour is colour
    assert (on.width > 0) is out.isatty()
    assert ("\x1b" in table([Column("A", ("b",))], on)) is colour


def test_nothing_without_words() -> None:
    one = invitation(at(24, 9), at(24, 10), subject=" \n", organizer=Organizer())
    assert "(no subject)" in show.invitations([("bob", one)], BERLIN)


def test_zones_have_names() -> None:
    assert show.zone_named("Europe/Berlin") == ZoneInfo("Europe/Berlin")
    with pytest.raises(ValueError, match="no time zone called"):
        show.zone_named("Pacific Standard Time")
    assert show.zone_named(None) is not None
