"""`rsvpd snapshot` and `rsvpd reset`: all there is, saved under a name and put back while the server goes on."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from support.running import Running

EVENTS = "/v1.0/me/events"
LUNCH = {
    "subject": "Lunch",
    "start": {"dateTime": "2030-01-01T10:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2030-01-01T11:00:00", "timeZone": "UTC"},
}


def lunches(server: Running) -> int:
    return [one["subject"] for one in server.ask("GET", f"{EVENTS}?$top=500", "bob").json()["value"]].count("Lunch")


def add_lunch(server: Running) -> None:
    assert server.ask("POST", EVENTS, "bob", json=LUNCH).status_code == 201


def said(server: Running, *words: str) -> str:
    reply = server.cli(*words)
    assert reply.returncode == 0, reply.stderr
    return reply.stdout


def refused(server: Running, *words: str) -> str:
    reply = server.cli(*words)
    assert reply.returncode == 1, reply.stdout
    assert reply.stderr.count("\n") == 1
    return reply.stderr


def test_what_came_since_is_gone_and_whoever_is_signed_in_goes_on(server: Running) -> None:
    assert "no snapshot" in said(server, "snapshot")
    add_lunch(server)
    assert said(server, "snapshot", "save", "monday").startswith("Saved monday, ")
    for _ in range(2):  # what is remembered of before the second time means nothing either
        add_lunch(server)
        assert lunches(server) == lunches(server) == 2
        assert said(server, "snapshot", "restore", "monday").startswith("Restored monday, ")
        assert lunches(server) == 1
    (listed,) = json.loads(said(server, "snapshot", "--json"))
    assert listed["name"] == "monday"
    server.restart()
    assert lunches(server) == 1
    add_lunch(server)
    assert "bob@example.com\n  event    new: \"Lunch\", 2030-01-01 10:00-11:00 UTC\n" in said(
        server, "snapshot", "diff", "monday"
    )
    assert "Nothing differs" in said(server, "snapshot", "diff", "monday", "monday")
    said(server, "snapshot", "remove", "monday")
    assert json.loads(said(server, "snapshot", "list", "--json")) == []


def test_without_a_server_it_is_done_on_the_file(server: Running) -> None:
    server.stop()
    said(server, "snapshot", "save", "before")
    server.start()
    add_lunch(server)
    server.stop()
    said(server, "snapshot", "restore", "before")
    server.start()
    assert lunches(server) == 0


@pytest.mark.data_file
def test_a_fork_is_a_data_file_of_its_own(
    server: Running, tmp_path: Path, start_server: Callable[..., Running]
) -> None:
    add_lunch(server)
    said(server, "snapshot", "save", "monday")
    add_lunch(server)
    copy = tmp_path / "monday.db"
    assert said(server, "snapshot", "fork", "monday", str(copy)).startswith(f"{copy}  ")
    assert "is there already" in refused(server, "snapshot", "fork", "monday", str(copy))
    assert lunches(start_server("--data", str(copy))) == 1
    assert lunches(server) == 2


def test_all_begins_anew_with_the_same_people(server: Running) -> None:
    before = server.ask("GET", "/v1.0/me/messages?$select=subject", "bob").json()["value"]
    add_lunch(server)
    said(server, "user", "add", "zoe@example.com")
    said(server, "reset")
    assert lunches(server) == 0
    after = server.ask("GET", "/v1.0/me/messages?$select=subject", "bob").json()["value"]
    assert [one["subject"] for one in after] == [one["subject"] for one in before]
    assert "zoe" not in said(server, "user", "list")
    assert "nobody" in said(server, "reset", "--empty")
    assert server.ask("GET", EVENTS, "bob").status_code == 401


def test_nobody_is_turned_away_meanwhile(server: Running) -> None:
    said(server, "snapshot", "save", "monday")
    over, statuses = threading.Event(), set()

    def go_on() -> None:
        while not over.is_set():
            statuses.add(server.ask("POST", EVENTS, "alice", json=LUNCH).status_code)
            statuses.add(server.ask("GET", EVENTS, "bob").status_code)

    others = [threading.Thread(target=go_on) for _ in range(3)]
    for one in others:
        one.start()
    try:
        for _ in range(3):
            said(server, "snapshot", "restore", "monday")
    finally:
        over.set()
        for one in others:
            one.join()
    assert statuses == {200, 201}
    said(server, "doctor", "--deep")


@pytest.mark.data_file
def test_what_cannot_be_put_back_changes_nothing(
    server: Running, start_server: Callable[..., Running]
) -> None:
    said(server, "snapshot", "save", "monday")
    add_lunch(server)
    folder = server.data.with_name("t.db.snapshots")
    (folder / "cut.db").write_bytes((folder / "monday.db").read_bytes()[:20_000])
    (folder / "letter.db").write_bytes(b"Dear Bob, " * 100)
    shutil.copy(folder / "monday.db", folder / "newer.db")
    with closing(sqlite3.connect(folder / "newer.db")) as newer:
        newer.execute("PRAGMA user_version=9999")
    said(start_server(), "backup", str(folder / "other.db"))
    words = {
        "mondy": "did you mean monday?",
        "a:b": "A snapshot is called by letters",
        "cut": "its end is missing",
        "letter": "no data file of rsvpd",
        "newer": "this rsvpd knows up to",
        "other": "copy of other data",
    }
    for name, expected in words.items():
        assert expected in refused(server, "snapshot", "restore", name), name
        assert lunches(server) == 1
    assert "--force" in refused(server, "snapshot", "save", "monday")
    said(server, "snapshot", "save", "monday", "--force")
