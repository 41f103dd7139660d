"""`rsvpd clock`: the time of a running server, frozen, set and let pass, and kept over whatever happens to it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from support.running import Running

BEGIN = "2030-03-01T08:00:00Z"
LUNCH = {
    "subject": "Lunch",
    "start": {"dateTime": "2030-03-02T10:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2030-03-02T11:00:00", "timeZone": "UTC"},
}


def said(server: Running, *words: str) -> str:
    reply = server.cli("clock", *words)
    assert reply.returncode == 0, reply.stderr
    return reply.stdout


def shown(server: Running) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said(server, "--json"))
    return found


def made(server: Running, token: str) -> str:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as http:
        reply = http.post("/v1.0/me/events", json=LUNCH, headers={"Authorization": f"Bearer {token}"})
    assert reply.status_code == 201, reply.text
    return str(reply.json()["createdDateTime"])


def fresh(server: Running) -> str:
    return server.cli("token", "bob").stdout.strip()


def test_it_stands_and_a_restart_and_a_crash_go_on_with_it(server: Running) -> None:
    assert said(server).endswith("running, not steered\n")
    assert said(server, "freeze", BEGIN) == f"{BEGIN}, frozen\n"
    for again in (server.restart, lambda: (server.kill(), server.start()), lambda: None):
        again()
        assert made(server, fresh(server)) == "2030-03-01T08:00:00.0000000Z"
        assert shown(server)["now"] == BEGIN
    assert said(server, "run").startswith("2030-03-01T08:00:0")
    assert not shown(server)["frozen"]
    server.restart()
    assert datetime.fromisoformat(shown(server)["now"]) - datetime.fromisoformat(BEGIN) < timedelta(minutes=5)
    assert "not steered" in said(server, "reset", "--back")


def test_tokens_end_with_their_time(server: Running) -> None:
    said(server, "freeze", BEGIN)
    token = fresh(server)
    said(server, "advance", "23h59m")
    made(server, token)
    told = said(server, "advance", "PT2M")
    assert told == "2030-03-02T08:00:00Z  A token of bob@example.com expired.\n2030-03-02T08:01:00Z, frozen\n"
    headers = {"Authorization": f"Bearer {token}"}
    assert server.ask("GET", "/v1.0/me", headers=headers).status_code == 401
    made(server, fresh(server))


def test_to_set_it_back_has_to_be_said(server: Running) -> None:
    said(server, "freeze", BEGIN)
    reply = server.cli("clock", "set", "2030-02-01T00:00:00Z")
    assert reply.returncode == 1
    assert "--back" in reply.stderr
    assert shown(server)["now"] == BEGIN
    assert said(server, "set", "--back", "2030-02-01T00:00:00Z") == "2030-02-01T00:00:00Z, frozen\n"


@pytest.mark.data_file
def test_a_snapshot_and_a_new_beginning_go_on_with_it(server: Running) -> None:
    server.cli("snapshot", "save", "free")
    said(server, "freeze", BEGIN)
    server.cli("snapshot", "save", "monday")
    said(server, "advance", "3d")
    assert server.cli("snapshot", "restore", "monday").returncode == 0
    assert shown(server)["now"] == BEGIN
    assert server.cli("reset").returncode == 0
    assert shown(server)["now"] == BEGIN
    server.restart()
    assert shown(server)["now"] == BEGIN
    assert server.cli("snapshot", "restore", "free").returncode == 0
    assert not shown(server)["steered"]


def test_without_a_server_it_is_set_in_the_data(server: Running) -> None:
    server.stop()
    said(server, "freeze", BEGIN)
    assert said(server, "set", "+1d") == "2030-03-02T08:00:00Z, frozen\n"
    reply = server.cli("clock", "advance", "2h")
    assert reply.returncode == 1
    assert "`rsvpd up`" in reply.stderr
    server.start()
    assert shown(server)["now"] == "2030-03-02T08:00:00Z"


def test_what_cannot_be_is_said(server: Running) -> None:
    words = {
        ("advance", "soon"): "is no span of time",
        ("set", "soon"): "is no instant",
        ("set", "4000-01-01"): "3000-01-01",
    }
    for asked, expected in words.items():
        reply = server.cli("clock", *asked)
        assert reply.returncode == 1
        assert expected in reply.stderr
    assert not shown(server)["steered"]
