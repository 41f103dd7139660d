"""`rsvpd outbox`: through the server that holds the file, or on the file itself."""

from __future__ import annotations

import email
import json
from pathlib import Path

import pytest

from support.running import Running, rsvpd

INVITATION = {
    "subject": "Plans\x1b[31m",
    "start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "Europe/Berlin"},
    "end": {"dateTime": "2026-12-01T11:00:00", "timeZone": "Europe/Berlin"},
    "attendees": [{"emailAddress": {"address": "zoe@else.test", "name": "Zoë"}}],
}


@pytest.fixture(params=["through the server", "on the file"])
def place(request: pytest.FixtureRequest, server: Running) -> Running:
    made = server.ask("POST", "/v1.0/me/events", "alice", json=INVITATION)
    assert made.status_code == 201
    if request.param == "on the file":
        server.stop()
    return server


def test_list(place: Running):
    for command in (("outbox",), ("outbox", "list")):
        reply = place.cli(*command)
        assert reply.returncode == 0, reply.stderr
        titles, line = reply.stdout.splitlines()
        assert titles.split() == ["N", "QUEUED", "METHOD", "FROM", "TO", "SUBJECT"]
        assert line.split()[2:] == ["REQUEST", "alice@example.com", "zoe@else.test", "Plans", "[31m"]


def test_list_as_json(place: Running):
    for command in (("outbox", "--json"), ("outbox", "list", "--json"), ("outbox", "--json", "list")):
        (one,) = json.loads(place.cli(*command).stdout)
        assert (one["number"], one["method"], one["recipient"]) == (1, "REQUEST", "zoe@else.test")
        assert (one["sequence"], one["recurrence_id"]) == (0, None)


def test_show(place: Running):
    reply = place.cli("outbox", "show", "1")
    assert reply.returncode == 0, reply.stderr
    assert "To: =?utf-8?B?Wm/Dqw==?= <zoe@else.test>" in reply.stdout
    assert "When: Tue 1 Dec 2026, 10:00 to 11:00 (Europe/Berlin)" in reply.stdout
    assert "METHOD:REQUEST" in reply.stdout
    assert "\x1b" not in reply.stdout
    shown = json.loads(place.cli("outbox", "show", "1", "--json").stdout)
    assert shown["calendar"].startswith("BEGIN:VCALENDAR\r\n")


def test_show_what_is_not_there(place: Running):
    reply = place.cli("outbox", "show", "99")
    assert (reply.returncode, reply.stdout) == (1, "")
    assert "no message 99" in reply.stderr


def test_export(place: Running, tmp_path: Path):
    folder = tmp_path / "mail" / "out"
    reply = place.cli("outbox", "export", str(folder))
    assert reply.returncode == 0, reply.stderr
    files = sorted(path.name for path in folder.iterdir())
    assert files == ["000001-request.eml", "000001-request.ics"]
    assert sorted(reply.stdout.split()) == [str(folder / name) for name in files]
    found = email.message_from_bytes((folder / files[0]).read_bytes())
    assert found["To"].endswith("<zoe@else.test>")
    assert (folder / files[1]).read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


def test_nothing_waits(server: Running):
    assert "Nothing waits" in server.cli("outbox").stdout
    assert json.loads(server.cli("outbox", "--json").stdout) == []


def test_it_needs_the_control_token(server: Running):
    for path in ("/_rsvpd/outbox", "/_rsvpd/outbox/1"):
        assert server.ask("GET", path, headers={"Origin": "http://pages.example"}).status_code == 401


@pytest.mark.parametrize("args", [["show"], ["show", "one"], ["export"], ["fly"]])
def test_a_wrong_command_is_exit_code_2(args: list[str]):
    assert rsvpd("outbox", *args).returncode == 2
