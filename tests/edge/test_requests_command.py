"""`rsvpd requests` and `rsvpd explain`: what was answered last, the same call once more, and what was not done."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.running import Running, clean_environ

EVENTS = "/v1.0/me/events"
DECLINED = {"emailAddress": {"address": "bob@example.com"}, "status": {"response": "declined"}}


def said(server: Running, *words: str) -> Any:
    reply = server.cli(*words, "--json")
    assert reply.returncode == 0, reply.stderr
    return json.loads(reply.stdout)


def refused(server: Running, *words: str) -> str:
    reply = server.cli(*words)
    assert reply.returncode == 1, reply.stdout
    assert reply.stderr.count("\n") == 1
    return reply.stderr


@pytest.fixture
def answered(server: Running) -> Running:
    """Return a server that was asked four things."""
    event = server.ask("GET", f"{EVENTS}?$top=1", "bob").json()["value"][0]["id"]
    server.ask("PATCH", f"{EVENTS}/{event}?$select=subject", "bob", json={"attendees": [DECLINED]})
    server.ask("GET", "/calendar/v3/calendars/primary/events/none", "alice")
    server.ask("GET", "/api/v2.0/me/messages?$top=1")
    return server


def test_requests_are_listed_and_chosen(answered: Running) -> None:
    listed = answered.cli("requests").stdout.splitlines()
    assert [line.split()[0] for line in listed] == ["NUMBER", "1", "2", "3", "4"]
    numbers = {
        "--person bob": [2, 1], "--person ALICE@example.com": [3], "--method patch": [2], "--path /EVENTS/": [3, 2],
        "--status 4xx": [4, 3], "--status 401": [4], "--interface graph": [2, 1], "--interface google": [3],
        "--hint": [2], "--limit 1": [4], "--person bob --status 4xx": [],
    }  # fmt: skip
    for words, expected in numbers.items():
        assert [one["number"] for one in said(answered, "requests", *words.split())] == expected, words
    assert [one["number"] for one in answered.ask("GET", "/_rsvpd/requests?after=2").json()] == [4, 3]
    assert [one["number"] for one in answered.ask("GET", "/_rsvpd/requests?hint=false&limit=1").json()] == [4]


@pytest.mark.parametrize("form", ["python", "javascript", "curl"])
def test_the_same_call_is_made_again(answered: Running, tmp_path: Path, form: str) -> None:
    environ = clean_environ() | {"TOKEN": answered.token("bob")}
    text = answered.cli("requests", "2", "--as", form).stdout
    assert answered.token("bob") not in text
    file = tmp_path / {"python": "test_again.py", "javascript": "again.test.mjs", "curl": "again.sh"}[form]
    file.write_text(text, "utf-8")
    command = {
        "python": [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)],
        "javascript": ["node", "--test", str(file)], "curl": ["sh", str(file)],
    }[form]  # fmt: skip
    if shutil.which(command[0]) is None or (form == "curl" and shutil.which("curl") is None):
        pytest.skip(f"there is no {command[0]} here")
    done = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    again, first = said(answered, "requests", "last"), said(answered, "requests", "2")
    assert again["number"] == 5
    for name in ("method", "path", "status", "person", "hint"):
        assert again[name] == first[name]
    assert json.loads(again["request"]["text"]) == json.loads(first["request"]["text"])
    assert again["answer"]["text"] == first["answer"]["text"]


def test_what_was_ignored_and_refused_is_explained(answered: Running) -> None:
    ignored = said(answered, "explain", "2")
    (one,) = ignored["sentences"]
    assert (one["kind"], one["name"]) == ("hint", "attendee-status-ignored")
    assert "bob@example.com asked PATCH" in ignored["summary"]
    missing, nobody = (said(answered, "explain", *id)["sentences"][0] for id in (["3"], []))
    assert (missing["kind"], missing["name"], "google" in missing["page"]) == ("error", "notFound", True)
    assert (nobody["name"], "Outlook" in nobody["page"]) == ("InvalidAuthenticationToken", False)
    assert "nothing was ignored" in said(answered, "explain", "1")["summary"]
    shown = answered.cli("explain", "2").stdout
    assert "Rule: Everybody answers for themselves" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_requests_of_a_batch_are_found_one_by_one(server: Running) -> None:
    asked = [{"id": "1", "method": "GET", "url": "/me"}, {"id": "2", "method": "GET", "url": "/me/events/none"}]
    reply = server.ask("POST", "/v1.0/$batch", "bob", json={"requests": asked})
    id = reply.headers["request-id"]
    assert "of their own: 1, 2." in said(server, "explain", id)["summary"]
    assert said(server, "explain", f"{id}.2")["sentences"][0]["name"] == "ErrorInvalidIdMalformed"
    assert said(server, "requests", f"{id}.1")["answer"]["bytes"] > 0


def test_what_cannot_be_asked(answered: Running) -> None:
    assert "4xx, not '4x'" in refused(answered, "requests", "--status", "4x")
    assert "here are outlook-v1" in refused(answered, "requests", "--interface", "ews")
    assert "no request 'zzz'" in refused(answered, "requests", "zzz")
    assert "no request '99'" in refused(answered, "explain", "99")
    assert answered.cli("requests", "--limit", "0").returncode == 2
    for query in ("limit=0", "limit=1001", "after=-1", "hint=maybe", "colour=red"):
        assert answered.ask("GET", f"/_rsvpd/requests?{query}").status_code == 400, query
    assert answered.ask("GET", "/_rsvpd/requests/%00").status_code == 404


def test_it_can_be_emptied(answered: Running) -> None:
    assert answered.cli("requests", "--clear").stdout == "Forgot 4 requests.\n"
    assert answered.cli("requests").stdout == "There is no such request.\n"
    assert "nothing yet" in refused(answered, "explain")


def test_where_none_is_kept_it_says_how_to_have_one(server: Running) -> None:
    server.environ["RSVPD_JOURNAL"] = "0"
    server.restart()
    server.ask("GET", EVENTS, "bob")
    assert "RSVPD_JOURNAL=1000" in refused(server, "requests")
    server.stop()
    assert "RSVPD_JOURNAL=1000" in refused(server, "explain")
