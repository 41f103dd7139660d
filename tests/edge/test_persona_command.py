"""`rsvpd persona`: somebody answers by itself on a running server, also after it was killed."""

from __future__ import annotations

import json
from typing import Any

import httpx

from support.running import Running

MEETING = {
    "subject": "Kickoff",
    "start": {"dateTime": "2030-03-05T10:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2030-03-05T11:00:00", "timeZone": "UTC"},
    "attendees": [{"emailAddress": {"address": "bob@example.com"}}],
}


def said(server: Running, *words: str) -> str:
    reply = server.cli(*words)
    assert reply.returncode == 0, reply.stderr
    return reply.stdout


def asked(server: Running, method: str, path: str, **more: Any) -> httpx.Response:
    token = said(server, "token", "alice").strip()
    return server.ask(method, path, headers={"Authorization": f"Bearer {token}"}, **more)


def acts(server: Running, by: str) -> list[str]:
    """Let time pass; return when people did something by themselves."""
    found = json.loads(said(server, "clock", "advance", by, "--json"))["happened"]
    return [one["at"] for one in found if one["what"] == "persona"]


def test_an_answer_comes_once_when_it_is_due_though_the_server_was_killed(server: Running) -> None:
    assert said(server, "persona", "bob") == "bob@example.com does nothing by itself.\n"
    assert "accepts after 7200 seconds" in said(server, "persona", "bob", "accepts", "--after", "2h")
    said(server, "clock", "freeze", "2030-03-01T08:00:00Z")
    event = asked(server, "POST", "/v1.0/me/events", json=MEETING).json()["id"]
    server.kill()
    server.start()
    assert json.loads(said(server, "persona", "bob", "--json"))["waiting"] == 1
    assert acts(server, "3h") == ["2030-03-01T10:00:00Z"]
    server.kill()
    server.start()
    assert acts(server, "1d") == []
    (guest,) = asked(server, "GET", f"/v1.0/me/events/{event}").json()["attendees"]
    assert guest["status"] == {"response": "accepted", "time": "2030-03-01T10:00:00.0000000Z"}


def test_it_happens_by_itself_while_the_clock_runs(server: Running) -> None:
    said(server, "persona", "bob", "declines", "--comment", "Not me.")
    event = asked(server, "POST", "/v1.0/me/events", json=MEETING).json()["id"]
    said(server, "clock", "advance", "1s")
    (guest,) = asked(server, "GET", f"/v1.0/me/events/{event}").json()["attendees"]
    assert guest["status"]["response"] == "declined"
    assert "does nothing" in said(server, "persona", "bob", "off")


def test_what_cannot_be_is_said(server: Running) -> None:
    words = {
        ("bob", "forwards"): "`to` says to whom",
        ("bob", "forwards", "--to", "bob"): "to itself",
        ("bob", "accepts", "--after", "soon"): "is no span of time",
        ("bobby", "accepts"): "nobody here is called bobby",
    }
    for given, expected in words.items():
        reply = server.cli("persona", *given)
        assert reply.returncode == 1
        assert expected in reply.stderr
    assert server.cli("persona", "bob", "--after", "2h").returncode == 2
