"""What is being waited for: told in a terminal, where it takes long, and nowhere else."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from rsvpd.cli.progress import progress
from rsvpd.cli.screen import screen
from rsvpd.cli.world import World
from rsvpd.client import Provider
from rsvpd.client.accounts import Account, TokenSignIn
from support.recorded import Exchange, Recording, graph_page, still_clock


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything takes long: what waits for a timer is done when it is set."""

    class Now:
        daemon = False

        def __init__(self, seconds: float, do: Any) -> None:
            self.start = do

        def cancel(self) -> None: ...

    monkeypatch.setattr("rsvpd.cli.progress.threading.Timer", Now)
    monkeypatch.setenv("TERM", "xterm")


def test_in_a_terminal_it_is_told_and_gone_afterwards(at_once: None) -> None:
    err = Terminal()
    with progress("Asking\x1b[31m bob\u202e", screen(err)) as say:
        assert "Asking [31m bob" in err.getvalue()
        say("Asking carol")
    assert "carol" in err.getvalue()
    assert "\u202e" not in err.getvalue()
    assert "\x1b[31m" not in err.getvalue()
    assert err.getvalue().endswith("\x1b[2K"), "the line is erased"


def test_a_bar_where_it_is_known_how_much_there_is(at_once: None) -> None:
    err = Terminal()
    with progress("Seeding", screen(err)) as say:
        say("1,200 of 20,000 meetings", 0.06)
        assert "6%" in err.getvalue()
        assert "1,200 of 20,000 meetings" in err.getvalue()


def test_what_is_quick_says_nothing() -> None:
    err = Terminal()
    with progress("Asking", err) as say:
        say("Asking bob")
    assert err.getvalue() == ""


def test_elsewhere_nothing_is_told(at_once: None) -> None:
    err = io.StringIO()
    with progress("Asking", err) as say:
        say("Asking bob")
    assert err.getvalue() == ""


def test_it_names_who_is_asked_and_who_wants_to_be_left_alone(at_once: None, tmp_path: Path) -> None:
    err, naps = Terminal(), list[float]()
    recording = Recording(
        Exchange("GET /v1.0/me/calendarView", status=429, headers={"Retry-After": "20"}),
        Exchange("GET /v1.0/me/calendarView", graph_page()),
        Exchange("GET /v1.0/me/events", graph_page()),
    )
    world = World(
        environ={"XDG_CONFIG_HOME": str(tmp_path)}, out=io.StringIO(), err=err, stdin=io.StringIO(),
        transport=recording, sleep=naps.append, clock=still_clock,
    )  # fmt: skip
    bob = Account(name="bob", provider=Provider.GRAPH, base="https://graph.example/v1.0", sign_in=TokenSignIn())
    world.book.add(bob, "token")
    with world.account_opener() as open_account, open_account(bob) as client:
        assert client.invitations() == []
    assert naps == [20.0]
    assert "Asking bob, which wants to be left alone for 20 s" in err.getvalue()
