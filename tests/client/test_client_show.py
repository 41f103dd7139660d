"""How invitations look in a terminal."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from rsvpd.cli import show
from rsvpd.cli.show import Layout, when
from rsvpd.cli.tables import Page, display_width
from rsvpd.client import Answer, Answered, Invitation, Organizer, Provider

BERLIN = Layout(zone=ZoneInfo("Europe/Berlin"), today=date(2026, 11, 22))


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
    weekly = invitation(at(24, 9), at(24, 10), is_series=True)
    assert "Tue 24 Nov 10:30–11:30  ↻ Lunch" in show.invitations([("bob", weekly)], BERLIN)
    done = Answered(invitation=weekly, answer=Answer.ACCEPTED, sent=True)
    assert show.answer_sentence(done, BERLIN).startswith("Accepted: Lunch, a series, next on Tue 24 Nov 10:30–11:30. ")
    over = invitation(at(3, 9), at(3, 10), is_series=True)
    done = Answered(invitation=over, answer=Answer.ACCEPTED, sent=True)
    sentence = show.answer_sentence(done, BERLIN)
    assert sentence.startswith("Accepted: Lunch, a series that began on Tue 3 Nov 10:30–11:30. ")


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 200])
def test_the_list_fits_every_terminal(columns: int) -> None:
    accounts = ["bob@example.com", "carol@example.com", "dave@else.test"]
    rows = [
        (accounts[0], invitation(at(24, 9), at(24, 10), subject="Project kickoff", location="Orion")),
        (accounts[1], invitation(at(24, 9), at(24, 10), is_series=True, my_answer=Answer.ACCEPTED)),
        (accounts[2], invitation(at(24, 22), at(25, 23, 12, 2027), subject="会議" * 20, location="In a large garden")),
        (accounts[0], invitation(date(2026, 12, 30), date(2027, 1, 2), my_answer=Answer.DECLINED)),
    ]
    on = structs.replace(BERLIN, page=Page(columns))
    lines = show.invitations(rows, on, of_several=True, accounts=accounts).splitlines()
    assert max(map(display_width, lines)) <= columns
    assert not any("Tue 24 Nov 10:30–" in line and "11:30" not in line for line in lines), "a time is never cut"
    if columns >= 80:
        assert lines[1].startswith("1  Tue 24 Nov 10:30–11:30  ")
        assert sum(line[:1].isdigit() for line in lines) == len(rows)


def test_accounts_are_shown_by_their_short_names_in_a_terminal() -> None:
    one = invitation(at(24, 9), at(24, 10))
    accounts = ["bob@example.com", "bob@else.test", "carol@example.com", "work"]
    on = structs.replace(BERLIN, page=Page(100))
    lines = show.invitations([(name, one) for name in accounts], on, of_several=True, accounts=accounts).splitlines()
    assert [line.split()[-1] for line in lines[1:]] == ["bob@example.com", "bob@else.test", "carol", "work"]
    lines = show.invitations([(accounts[2], one)], BERLIN, of_several=True, accounts=accounts).splitlines()
    assert lines[1].endswith("carol@example.com"), "a pipe gets all of it"


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
    assert show.answer_sentence(done, BERLIN).startswith("Accepted: Lunch, ")
    assert show.answer_sentence(done, BERLIN, name="bob").startswith("Accepted as bob: Lunch, ")


def test_nothing_without_words() -> None:
    one = invitation(at(24, 9), at(24, 10), subject=" \n", organizer=Organizer())
    assert "(no subject)" in show.invitations([("bob", one)], BERLIN)


def test_zones_have_names() -> None:
    assert show.find_zone("Europe/Berlin") == ZoneInfo("Europe/Berlin")
    with pytest.raises(ValueError, match="no time zone called"):
        show.find_zone("Pacific Standard Time")
    assert show.find_zone(None) is not None
