"""The server on this machine, found by the file it leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from rsvpd import locks
from rsvpd.client import Client, NotSignedIn, Provider, Unavailable, local
from support.recorded import Exchange, Recording, Terminal, graph_event, graph_page

PEOPLE = {
    "people": {
        "alice@example.com": {"token": "A", "name": "Alice", "oid": "1"},
        "bob@example.com": {"token": "B"},
    }
}
ASK = "GET /_rsvpd/people"
LUNCH = graph_event("lunch", "Lunch", "2026-11-24T11:00", "2026-11-24T12:00")


@contextmanager
def running(data: Path) -> Iterator[None]:
    """Leave what a server leaves: the lock it holds, and the file that says where it listens."""
    data.parent.mkdir(parents=True, exist_ok=True)
    door = {"pid": 1, "url": "http://127.0.0.1:8365", "control_token": "control"}
    data.with_name(data.name + ".server").write_text(json.dumps(door))
    data.touch()
    with open(locks.carrier(data), "r+b") as lock:
        assert locks.take(lock.fileno())
        yield


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Terminal]:
    """A terminal on a machine where a server runs."""
    with running(tmp_path / "data" / "rsvpd" / "rsvpd.db"):
        yield Terminal(tmp_path)


def plays(terminal: Terminal, *exchanges: Exchange) -> Recording:
    terminal.recording = recording = Recording(*exchanges)
    return recording


def test_its_people_are_named(tmp_path: Path) -> None:
    with running(tmp_path / "x.db"):
        recording = Recording(Exchange(ASK, PEOPLE))
        server = local.find(tmp_path / "x.db", transport=recording)
    assert list(server.people) == ["alice@example.com", "bob@example.com"]
    assert recording.requests[0].headers["authorization"] == "Bearer control"
    assert server.base(Provider.OUTLOOK_V1) == "http://127.0.0.1:8365/api/v1.0"


@pytest.mark.parametrize(
    "exchange",
    [
        Exchange(ASK, status=401),
        Exchange(ASK, b"<html>"),
        Exchange(ASK, {"people": 1}),
        Exchange(ASK, fails=httpx.ConnectError),
    ],
)
def test_a_server_that_does_not_answer_is_none(tmp_path: Path, exchange: Exchange) -> None:
    with running(tmp_path / "x.db"), pytest.raises(Unavailable, match="rsvpd up"):
        local.find(tmp_path / "x.db", transport=Recording(exchange))


def test_what_a_crash_left_behind_is_not_believed(tmp_path: Path) -> None:
    with running(tmp_path / "x.db"):
        pass
    recording = Recording()
    with pytest.raises(Unavailable):
        local.find(tmp_path / "x.db", transport=recording)
    assert recording.requests == []


def test_everybody_there_is_an_account(here: Terminal) -> None:
    plays(here, Exchange(ASK, PEOPLE))
    assert here("accounts", "--json") == 0
    assert [(one["name"], one["provider"], one["configured"]) for one in here.json["accounts"]] == [
        ("alice@example.com", "graph", False),
        ("bob@example.com", "graph", False),
    ]


def test_rooms_are_asked_for_by_name_only(here: Terminal) -> None:
    rooms = {"people": {"orion@example.com": {"token": "O", "kind": "room"}}}
    plays(here, Exchange(ASK, rooms))
    assert here("invites") == 3
    plays(
        here,
        *[Exchange(ASK, rooms)] * 2,
        Exchange("GET /v1.0/me/calendarView", graph_page()),
        Exchange("GET /v1.0/me/events", graph_page()),
    )
    assert here("invites", "--account", "orion") == 0


def test_an_account_there_needs_no_sign_in(here: Terminal) -> None:
    recording = plays(
        here,
        Exchange(ASK, PEOPLE),
        Exchange(ASK, PEOPLE),
        Exchange("GET /v1.0/me/calendarView", graph_page(LUNCH)),
        Exchange("GET /v1.0/me/events", graph_page()),
        Exchange("GET /v1.0/me/events/lunch", LUNCH),
        Exchange(ASK, PEOPLE),
        Exchange("POST /v1.0/me/events/lunch/accept", status=202),
    )
    assert here("accept", "--account", "bob") == 0, here.err
    assert recording.is_over
    assert recording.requests[2].headers["authorization"] == "Bearer B"


def test_the_library_finds_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "x.db"
    monkeypatch.setenv("RSVPD_DATA", str(data))
    recording = Recording(Exchange(ASK, PEOPLE), Exchange("GET /v1.0/me", {"mail": "bob@example.com"}))
    with running(data), Client.local("Bob@example.com", transport=recording) as client:
        assert client.address() == "bob@example.com"
    assert recording.requests[1].headers["authorization"] == "Bearer B"


def test_a_token_that_has_run_out_there_is_asked_for_anew(tmp_path: Path) -> None:
    renewed = {"people": {"bob@example.com": {"token": "B2"}}}
    recording = Recording(
        Exchange(ASK, PEOPLE),
        Exchange("GET /v1.0/me", status=401),
        Exchange(ASK, renewed),
        Exchange("GET /v1.0/me", {"mail": "bob@example.com"}),
    )
    data = tmp_path / "x.db"
    with running(data), Client.local("bob@example.com", data=data, transport=recording) as client:
        assert client.address() == "bob@example.com"
    assert recording.requests[3].headers["authorization"] == "Bearer B2"


def test_somebody_unknown_there(tmp_path: Path) -> None:
    data = tmp_path / "x.db"
    with running(data), pytest.raises(NotSignedIn, match=r"'zoe'; it knows alice@example\.com, bob@example\.com"):
        Client.local("zoe", data=data, transport=Recording(Exchange(ASK, PEOPLE)))
    with pytest.raises(Unavailable, match="rsvpd up"):
        Client.local("bob@example.com", data=tmp_path / "other.db")


def test_the_servers_own_clock_counts(here: Terminal) -> None:
    people: dict[str, Any] = PEOPLE | {"now": "2026-05-04T08:00:00Z"}
    recording = plays(
        here,
        Exchange(ASK, people),
        Exchange(ASK, people),
        Exchange("GET /v1.0/me/calendarView", graph_page()),
        Exchange("GET /v1.0/me/events", graph_page()),
    )
    assert here("invites", "--account", "bob") == 0
    assert recording.query(2)["startDateTime"] == "2026-05-04T08:00:00Z"


def test_an_interface_can_be_chosen_once(here: Terminal) -> None:
    plays(here, Exchange(ASK, PEOPLE), Exchange("GET /calendar/v3/calendars/primary", {"id": "bob@example.com"}))
    assert here("login", "rsvpd", "--as", "bob", "--through", "google") == 0, here.err
    assert here.out.startswith("Signed in as bob@example.com (google).")
    plays(here, Exchange(ASK, PEOPLE), Exchange("GET /calendar/v3/calendars/primary/events", {"items": []}))
    assert here("invites") == 0
    assert here.out.startswith("No invitation waits for an answer. `rsvp invites --all`")


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ((), "Say who you are with --as; this server knows alice@example.com, bob@example.com."),
        (("--as", "eve"), "This server has nobody called 'eve'. It knows alice@example.com, bob@example.com."),
        (("--as", "bbo"), "This server has nobody called 'bbo'; did you mean bob? It knows alice@example.com, "),
        (("--as", "b"), "This server has nobody called 'b'; did you mean bob"),
    ],
)
def test_it_must_be_clear_who_one_is(here: Terminal, who: tuple[str, ...], said: str) -> None:
    plays(here, Exchange(ASK, PEOPLE))
    assert here("login", "rsvpd", *who) == 2
    assert said in here.err


def test_another_server_needs_a_token(here: Terminal) -> None:
    plays(here, Exchange(ASK, PEOPLE))
    assert here("login", "rsvpd", "--url", "https://rsvpd.example.net") == 2
    assert "rsvpd token ADDRESS" in here.err
    plays(here, Exchange("GET /api/v2.0/me", {"EmailAddress": "bob@example.com"}))
    url = "https://rsvpd.example.net"
    assert here("login", "rsvpd", "--url", url, "--token", "t", "--through", "outlook-v2") == 0
    plays(here, Exchange(ASK, PEOPLE))
    here("accounts")
    assert here.out.splitlines() == [
        "ACCOUNT            THROUGH     AT",
        "bob@example.com    outlook-v2  https://rsvpd.example.net/api/v2.0",
        "alice@example.com  graph       this machine's server (no sign-in needed)",
        "bob@example.com    graph       this machine's server (no sign-in needed)",
    ]


def test_a_server_that_stopped(here: Terminal) -> None:
    plays(here, Exchange(ASK, PEOPLE), Exchange("GET /v1.0/me", {"mail": "bob@example.com"}))
    assert here("login", "rsvpd", "--as", "bob") == 0
    plays(here, Exchange(ASK, fails=httpx.ConnectError))
    assert here("invites") == 4
    assert "start one: rsvpd up" in here.err


def test_a_setting_of_the_server_that_cannot_be(here: Terminal) -> None:
    here.environ["RSVPD_PORT"] = "many"
    assert here("invites") == 2
    assert "RSVPD_PORT" in here.err
