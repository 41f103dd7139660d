"""The command `rsvp` before recorded services: numbers, accounts, words, exit codes."""

from __future__ import annotations

import argparse
import json
import shlex
from pathlib import Path
from typing import Any

import httpx
import pytest

from rsvpd.cli.rsvp import parser
from rsvpd.client import Provider
from rsvpd.client.accounts import Account, AccountBook, TokenSignIn
from support.command_line import parsers
from support.recorded import Exchange, Recording, Terminal, graph_event, graph_page

LUNCH = graph_event("lunch", "Lunch", "2026-11-24T11:00", "2026-11-24T12:00")
DINNER = graph_event("dinner", "Dinner", "2026-11-25T18:00", "2026-11-25T20:00")
ACCEPTED = {"responseStatus": {"response": "accepted"}}


def shows(*events: dict[str, Any]) -> list[Exchange]:
    """Return the exchanges of a list on which these events wait."""
    view = Exchange("GET /v1.0/me/calendarView", graph_page(*events))
    return [view, Exchange("GET /v1.0/me/events", graph_page()), *(one(event) for event in events)]


def one(event: dict[str, Any], **more: Any) -> Exchange:
    return Exchange(f"GET /v1.0/me/events/{event['id']}", event, **more)


def takes(event: str, action: str = "accept", **more: Any) -> Exchange:
    return Exchange(f"POST /v1.0/me/events/{event}/{action}", **({"status": 202} | more))


@pytest.fixture
def bob(tmp_path: Path) -> Terminal:
    """A terminal where bob is signed in to Graph."""
    terminal = Terminal(tmp_path)
    add(terminal, "bob@example.com")
    return terminal


def add(terminal: Terminal, name: str) -> None:
    account = Account(
        name=name,
        provider=Provider.GRAPH,
        base="https://graph.microsoft.com/v1.0",
        sign_in=TokenSignIn(),
        address=name,
    )
    AccountBook(terminal.home / "config" / "rsvpd").add(account, f"token of {name}")


def plays(terminal: Terminal, *exchanges: Exchange) -> Recording:
    terminal.recording = recording = Recording(*exchanges)
    return recording


# --- rsvp invites


def test_the_list(bob: Terminal) -> None:
    plays(bob, *shows(LUNCH, DINNER))
    assert bob("invites", "--time-zone", "Europe/Berlin") == 0
    assert bob.out.splitlines() == [
        "#  WHEN                    SUBJECT  FROM   WHERE",
        "1  Tue 24 Nov 12:00–13:00  Lunch    Alice  Orion",
        "2  Wed 25 Nov 19:00–21:00  Dinner   Alice  Orion",
        "",
        "Times are those of Europe/Berlin.",
        "Answer with: rsvp accept|maybe|decline NUMBER [-m COMMENT]",
    ]
    assert bob.err == ""


def test_nothing_waits(bob: Terminal) -> None:
    plays(bob, *shows())
    assert bob("invites") == 0
    assert bob.out == "No invitation waits for an answer. `rsvp invites --all` shows those already answered.\n"
    plays(bob, *shows())
    assert bob("invites", "--all") == 0
    assert "--all" not in bob.out


def test_the_list_for_programs(bob: Terminal) -> None:
    plays(bob, *shows(LUNCH))
    assert bob("invites", "--json") == 0
    assert bob.json == {
        "invitations": [
            {
                "number": 1,
                "account": "bob@example.com",
                "id": "lunch",
                "subject": "Lunch",
                "organizer": {"address": "alice@example.com", "name": "Alice"},
                "start": "2026-11-24T11:00:00Z",
                "end": "2026-11-24T12:00:00Z",
                "all_day": False,
                "location": "Orion",
                "my_answer": "none",
                "received": None,
                "is_series": False,
                "message_id": None,
                "provider": "graph",
                "invited_as": None,
                "wants_response": True,
            }
        ],
        "failed": [],
    }


def test_several_accounts_share_one_list(bob: Terminal) -> None:
    add(bob, "carol@example.com")
    plays(bob, *shows(DINNER), *shows(LUNCH))
    assert bob("invites") == 0
    rows = [line.split() for line in bob.out.splitlines()[1:3]]
    assert [(row[0], row[-1]) for row in rows] == [("1", "carol@example.com"), ("2", "bob@example.com")]


def test_one_account_that_fails_does_not_hide_the_others(bob: Terminal) -> None:
    add(bob, "carol@example.com")
    plays(bob, Exchange("GET /v1.0/me/calendarView", status=401), *shows(LUNCH))
    assert bob("invites", "--json") == 3
    assert [found["account"] for found in bob.json["invitations"]] == ["carol@example.com"]
    assert bob.json["failed"][0]["account"] == "bob@example.com"
    plays(bob, Exchange("GET /v1.0/me/calendarView", status=401), *shows(LUNCH))
    assert bob("invites") == 3
    assert "Lunch" in bob.out
    assert bob.err.startswith("rsvp: bob@example.com: ")


def test_subjects_cannot_steer_the_terminal(bob: Terminal) -> None:
    plays(bob, *shows(LUNCH | {"subject": "Lun\x1b[31mch\r\n\u202eevil"}))
    assert bob("invites") == 0
    assert "Lun [31mch evil" in bob.out


# --- answering


@pytest.mark.parametrize(
    ("word", "action", "said"),
    [
        ("accept", "accept", "Accepted"),
        ("maybe", "tentativelyAccept", "Maybe"),
        ("decline", "decline", "Declined"),
    ],
)
def test_the_only_one_needs_no_number(bob: Terminal, word: str, action: str, said: str) -> None:
    recording = plays(bob, *shows(LUNCH), takes("lunch", action))
    assert bob(word, "-m", "I will be there!", "--time-zone", "UTC") == 0
    assert bob.out == f"{said}: Lunch, Tue 24 Nov 11:00–12:00. Alice gets your answer.\n"
    assert recording.sent(-1) == {"sendResponse": True, "comment": "I will be there!"}


def test_without_a_number_several_are_listed(bob: Terminal) -> None:
    plays(bob, *shows(LUNCH, DINNER))
    assert bob("accept") == 2
    assert "Lunch" in bob.out
    assert bob.err == "rsvp: 2 invitations wait, so say which one: give its number.\n"
    plays(bob, one(DINNER), takes("dinner"))
    assert bob("accept", "2") == 0


def test_without_a_number_nothing_waits(bob: Terminal) -> None:
    plays(bob, *shows())
    assert bob("accept") == 2
    assert "No invitation waits for an answer. `rsvp invites --all`" in bob.err
    plays(bob, *shows())
    assert bob("accept", "1") == 2
    assert "number 1; none waits. `rsvp invites --all`" in bob.err


def test_numbers_mean_what_was_shown(bob: Terminal) -> None:
    plays(bob, *shows(LUNCH, DINNER), one(LUNCH), takes("lunch"), one(DINNER), takes("dinner", "decline"))
    assert bob("invites") == 0
    assert bob("accept", "1") == 0
    assert bob("decline", "2") == 0  # though it is number 1 of what waits now
    assert bob.recording.is_over


def test_a_number_answered_since_says_how_to_change_ones_mind(bob: Terminal) -> None:
    plays(bob, *shows(LUNCH), one(LUNCH), takes("lunch"), one(LUNCH | ACCEPTED), one(LUNCH | ACCEPTED))
    bob("invites")
    assert bob("accept", "1") == 0
    assert bob("decline", "1") == 2
    assert "'Lunch', is answered already (accepted). If you changed your mind" in bob.err
    plays(bob, one(LUNCH | ACCEPTED), takes("lunch", "decline"))
    assert bob(*bob.err.rpartition(": `rsvp ")[2].rstrip("`\n").split()) == 0


@pytest.mark.parametrize("named", ["1", "lunch"])
def test_the_same_answer_again_says_so_and_sends_nothing(bob: Terminal, named: str) -> None:
    plays(bob, *shows(LUNCH), one(LUNCH | ACCEPTED))
    bob("invites")
    assert bob("accept", named, "--time-zone", "UTC") == 0
    assert bob.out.startswith("Accepted already: Lunch, Tue 24 Nov 11:00–12:00. Nothing was sent; with a comment (-m)")
    plays(bob, one(LUNCH | ACCEPTED))
    assert bob("accept", named, "--json") == 0
    assert (bob.json["answer"], bob.json["sent"]) == ("accepted", False)
    assert "already" in bob.json["hint"]
    recording = plays(bob, one(LUNCH | ACCEPTED), takes("lunch"))
    assert bob("accept", named, "-m", "See you") == 0
    assert recording.sent(-1) == {"sendResponse": True, "comment": "See you"}


def test_after_declining_here_it_says_who_can_bring_it_back(bob: Terminal) -> None:
    plays(bob, *shows(LUNCH), one(LUNCH), takes("lunch", "decline"), one(LUNCH, status=404), one(LUNCH, status=404))
    bob("invites")
    assert bob("decline", "1") == 0
    for again in ("accept", "decline"):
        assert bob(again, "1") == 1
        assert "You declined number 1 of the list you last saw, 'Lunch'." in bob.err
        assert "ask Alice to invite you again" in bob.err


def test_a_series_is_confirmed_with_its_next_date(bob: Terminal) -> None:
    whole = graph_event("M", "Standup", "2026-08-03T08:00", "2026-08-03T08:15", type="seriesMaster")
    dates = [
        graph_event(f"M{day}", "Standup", f"2026-11-{day}T08:00", f"2026-11-{day}T08:15", seriesMasterId="M")
        for day in (30, 23)
    ]
    following = Exchange("GET /v1.0/me/events/M/instances", graph_page(*dates))
    recording = plays(bob, one(whole), following, takes("M"))
    assert bob("accept", "M", "--time-zone", "UTC") == 0
    assert bob.out == "Accepted: Standup, a series, next on Mon 23 Nov 08:00–08:15. Alice gets your answer.\n"
    assert recording.query(1)["startDateTime"] == "2026-11-22T12:00:00Z"
    assert recording.query(1)["endDateTime"] == "2027-01-21T12:00:00Z"


def test_a_series_that_is_over_or_far_away(bob: Terminal) -> None:
    whole = graph_event("M", "Review", "2026-08-03T08:00", "2026-08-03T08:15", type="seriesMaster")
    none = Exchange("GET /v1.0/me/events/M/instances", graph_page())
    plays(bob, one(whole), none, none, takes("M"))
    assert bob("accept", "M", "--time-zone", "UTC") == 0
    assert "Review, a series that began on Mon 3 Aug 08:00–08:15." in bob.out
    far = graph_event("M1", "Review", "2027-08-03T08:00", "2027-08-03T08:15", seriesMasterId="M")
    plays(bob, one(whole), none, Exchange("GET /v1.0/me/events/M/instances", graph_page(far)), takes("M"))
    assert bob("accept", "M", "--time-zone", "UTC") == 0
    assert "next on Tue 3 Aug 2027" in bob.out
    plays(bob, one(whole), Exchange("GET /v1.0/me/events/M/instances", status=400), takes("M"))
    assert bob("accept", "M", "--time-zone", "UTC") == 0


@pytest.mark.parametrize("file", ["invite.ics", "Invite.ICS", "/tmp/mail.eml"])
def test_a_file_cannot_be_answered(bob: Terminal, file: str) -> None:
    recording = plays(bob)
    assert bob("accept", file) == 2
    assert f"'{file}' is a file." in bob.err
    assert "`rsvp invites` lists it" in bob.err
    assert recording.requests == []


def test_a_number_that_is_gone(bob: Terminal) -> None:
    plays(bob, *shows(LUNCH), one(LUNCH, status=404))
    bob("invites")
    assert bob("accept", "1") == 1
    assert "'Lunch', is not in the calendar any more" in bob.err


@pytest.mark.parametrize("number", ["0", "3", "999"])
def test_a_number_that_was_not_shown(bob: Terminal, number: str) -> None:
    plays(bob, *shows(LUNCH, DINNER))
    bob("invites")
    assert bob("accept", number) == 2
    assert f"no number {number}" in bob.err


def test_without_a_list_numbers_are_counted_anew(bob: Terminal) -> None:
    plays(bob, *shows(LUNCH, DINNER), takes("dinner"))
    assert bob("accept", "2") == 0
    plays(bob, *shows(LUNCH))
    assert bob("accept", "2") == 2


def test_a_list_is_forgotten_after_an_hour(bob: Terminal) -> None:
    plays(bob, *shows(LUNCH, DINNER))
    bob("invites")
    now = bob.clock()
    bob.clock = lambda: now + 3600 * 1_000_000
    plays(bob, *shows(DINNER), takes("dinner"))
    assert bob("accept", "1") == 0


def test_an_id_changes_an_earlier_answer(bob: Terminal) -> None:
    plays(bob, one(LUNCH | ACCEPTED), takes("lunch", "tentativelyAccept"))
    assert bob("maybe", "lunch", "--json") == 0
    assert (bob.json["answer"], bob.json["sent"], bob.json["invitation"]["my_answer"]) == (
        "tentative",
        True,
        "tentative",
    )


def test_an_id_is_looked_for_in_every_account(bob: Terminal) -> None:
    add(bob, "carol@example.com")
    recording = plays(bob, *shows(DINNER), *shows(LUNCH), one(LUNCH), takes("lunch"))
    assert bob("accept", "lunch") == 0
    assert recording.requests[-1].headers["authorization"] == "Bearer token of carol@example.com"
    plays(bob, *shows(), *shows())
    assert bob("accept", "nowhere") == 1


def test_a_comment_needs_sending(bob: Terminal) -> None:
    recording = plays(bob)
    assert bob("decline", "1", "-m", "sorry", "--no-send") == 2
    assert "leave out either" in bob.err
    assert recording.requests == []


def test_in_silence(bob: Terminal) -> None:
    recording = plays(bob, *shows(LUNCH), takes("lunch", headers={"X-Rsvpd-Hint": "nobody was told"}))
    assert bob("accept", "--no-send", "--time-zone", "UTC") == 0
    assert recording.sent(-1) == {"sendResponse": False}
    assert bob.out.endswith("Alice is not told; only your own calendar has it.\n")
    assert bob.err == ""


def test_hints_of_the_server_are_shown(bob: Terminal) -> None:
    plays(bob, *shows(LUNCH), takes("lunch", headers={"X-Rsvpd-Hint": "left the calendar"}))
    assert bob("accept") == 0
    assert bob.err == "Hint: left the calendar\n"


# --- whose


@pytest.mark.parametrize("wanted", ["carol@example.com", "CAROL@EXAMPLE.COM", "carol", "Carol"])
def test_an_account_is_found_by_what_stands_before_its_at(bob: Terminal, wanted: str) -> None:
    add(bob, "carol@example.com")
    recording = plays(bob, *shows(LUNCH))
    assert bob("invites", "--account", wanted) == 0
    assert recording.requests[0].headers["authorization"] == "Bearer token of carol@example.com"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("bob", "could be any of bob@example.com, bob@else.test"),
        ("dave", "There is no account 'dave'. Known: bob@"),
        ("be", "There is no account 'be'; did you mean bea"),
    ],
)
def test_an_account_that_is_not_clear(bob: Terminal, wanted: str, said: str) -> None:
    add(bob, "bob@else.test")
    add(bob, "bea@example.com")
    assert bob("invites", "--account", wanted) == 2
    assert said in bob.err


def test_an_account_whose_token_is_gone(bob: Terminal) -> None:
    (bob.home / "config" / "rsvpd" / "tokens.json").unlink()
    assert bob("accept") == 3
    assert "Sign in again" in bob.err


def test_nobody_is_known(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    assert terminal("invites") == 3
    assert "rsvp login --help" in terminal.err
    assert terminal("accounts") == 0


# --- exit codes and errors


@pytest.mark.parametrize(
    ("exchange", "code", "kind"),
    [
        (one(LUNCH, status=404), 1, "notFound"),
        (one(LUNCH, status=403), 1, "forbidden"),
        (one(LUNCH, status=400), 1, "refused"),
        (one(LUNCH, status=401), 3, "notSignedIn"),
        (one(LUNCH, status=500), 4, "unavailable"),
        (Exchange("GET /v1.0/me/events/lunch", b"<html>"), 4, "unreadable"),
    ],
)
def test_exit_codes(bob: Terminal, exchange: Exchange, code: int, kind: str) -> None:
    plays(bob, exchange)
    assert bob("accept", "lunch", "--json") == code
    error = json.loads(bob.err)["error"]
    assert (error["kind"], error["exit"], bob.out) == (kind, code, "")


def test_a_service_out_of_reach(bob: Terminal) -> None:
    plays(bob, *[Exchange("GET /v1.0/me/events/lunch", fails=httpx.ConnectError)] * 4)
    assert bob("accept", "lunch") == 4
    assert "graph.microsoft.com cannot be reached" in bob.err


def test_the_words_of_the_service_and_its_hint(bob: Terminal) -> None:
    said = {"error": {"code": "ErrorInvalidRequest", "message": "You can't respond to this meeting."}}
    plays(bob, *shows(LUNCH), takes("lunch", status=400, body=said, headers={"X-Rsvpd-Hint": "cancel it"}))
    assert bob("accept") == 1
    assert bob.err == "rsvp: You can't respond to this meeting.\nHint: cancel it\n"


@pytest.mark.parametrize(
    "argv",
    [
        ("dance",),
        ("accept", "--days", "3"),
        ("invites", "--days", "0"),
        ("invites", "--time-zone", "Mars/Base"),
        ("accept", "--time-zone", "../etc/passwd"),
        ("completion", "tcsh"),
        ("logout",),
        ("invites", "extra"),
    ],
)
def test_wrong_usage(bob: Terminal, argv: tuple[str, ...]) -> None:
    assert bob(*argv) == 2
    assert bob.err.startswith("rsvp: ")
    assert bob.err.count("\n") == 1


def test_alone_it_shows_what_it_can_do(bob: Terminal) -> None:
    assert bob() == 2
    assert "rsvp invites  " in bob.err
    assert bob.out == ""


@pytest.mark.parametrize("one", list(parsers(parser())), ids=lambda one: one.prog)
def test_every_command_has_an_example_and_words_for_each_option(one: argparse.ArgumentParser) -> None:
    silent = {action.dest for action in one._actions if not action.help}
    assert silent <= {"command", "service"}
    assert f"{one.prog} " in (one.description or "") or one.prog == "rsvp accounts", "an example"


def test_every_example_of_help_can_be_typed() -> None:
    examples = [
        line.strip().split("  ")[0]
        for one in parsers(parser())
        for line in (one.description or "").replace(" \\\n", " ").splitlines()
        if line.strip().startswith("rsvp ") and " > " not in line
    ]
    assert len(examples) > 20
    for example in examples:
        parser().parse_args(shlex.split(example)[1:])


def test_a_broken_accounts_file(bob: Terminal) -> None:
    (bob.home / "config" / "rsvpd" / "accounts.json").write_text("{")
    assert bob("invites") == 2
    assert "accounts.json" in bob.err


@pytest.mark.parametrize("argv", [("--help",), ("accept", "--help"), ("login", "graph", "--help"), ("--version",)])
def test_help_teaches(bob: Terminal, argv: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert bob(*argv) == 0
    assert "rsvp" in capsys.readouterr().out
