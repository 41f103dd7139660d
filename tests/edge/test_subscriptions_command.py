"""`rsvpd subscriptions`: who is told of changes, through the server and on the file."""

from __future__ import annotations

import json

import pytest

from support.running import Running


@pytest.mark.slow
def test_who_is_told(server: Running) -> None:
    assert "programs subscribe" in server.cli("subscriptions").stdout
    channel = {"id": "one", "type": "web_hook", "address": f"{server.url}/nowhere?secret=1"}
    made = server.ask("POST", "/calendar/v3/calendars/primary/events/watch", "alice", json=channel)
    assert made.status_code == 200, made.text
    (found,) = json.loads(server.cli("subscriptions", "--json").stdout)
    assert (found["mailbox"], found["id"]) == ("alice@example.com", "one")
    assert (found["receiver"], found["has_content"]) == (server.url, False)
    reply = server.cli("subscriptions", "alice")
    assert "alice@example.com" in reply.stdout
    assert "secret" not in reply.stdout
    assert "programs subscribe" in server.cli("subscriptions", "bob").stdout
    assert server.cli("subscriptions", "nobody").returncode == 1
    removed = json.loads(server.cli("subscriptions", "--remove", "one", "--json").stdout)
    assert [one["id"] for one in removed] == ["one"]
    assert "programs subscribe" in server.cli("subscriptions").stdout
    assert "subscriptions are called one" in server.cli("subscriptions", "--remove", "one").stderr
    again = server.ask("POST", "/calendar/v3/calendars/primary/events/watch", "alice", json=channel)
    assert again.status_code == 200, again.text
    server.stop()
    assert json.loads(server.cli("subscriptions", "alice", "--json").stdout)[0]["id"] == "one"
