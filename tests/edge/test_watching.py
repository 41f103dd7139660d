"""A page that follows its mailbox while the server runs and stops, and what is counted."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import httpx
import pytest

from conftest import Start
from support.running import PATIENCE_SECONDS, Running

LUNCH = {
    "subject": "Lunch",
    "start": {"dateTime": "2030-01-01T10:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2030-01-01T11:00:00", "timeZone": "UTC"},
}


def told(lines: Iterator[str]) -> int:
    found = json.loads(next(line for line in lines if line.startswith("data: ")).removeprefix("data: "))
    assert found["mailbox"] == "bob@example.com"
    return int(found["change"])


def test_a_page_is_told_at_once_and_let_go_when_the_server_stops(start_server: Start) -> None:
    server = start_server(environ={"RSVPD_STOP_SECONDS": "50"})
    url = f"{server.url}/_rsvpd/live?token={server.token('bob')}"
    with httpx.Client(trust_env=False, timeout=PATIENCE_SECONDS) as http, http.stream("GET", url) as reply:
        assert (reply.status_code, reply.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        lines = reply.iter_lines()
        before = told(lines)
        server.ask("POST", "/v1.0/me/events", "bob", json=LUNCH)
        assert told(lines) > before
        began = time.monotonic()
        assert server.stop() == 0
        list(lines)
        assert time.monotonic() - began < 40  # less than stop_seconds, after which it would be cut
    assert server.token("bob") not in server.logged


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200), ({"Origin": "https://evil.example"}, 403), ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Authorization": "Bearer x"}, 401),
    ],
)
def test_who_may_follow(server: Running, headers: dict[str, str], status: int) -> None:
    url = f"{server.url}/_rsvpd/live?token={server.token('bob')}"
    with (
        httpx.Client(trust_env=False, timeout=PATIENCE_SECONDS) as http,
        http.stream("GET", url, headers=headers) as reply,
    ):
        assert reply.status_code == status


def test_what_was_answered_is_counted(server: Running) -> None:
    server.ask("GET", "/v1.0/me", "bob")
    server.ask("GET", "/beta/me", "bob")
    server.ask("GET", "/calendar/v3/calendars/none/events", "bob")
    server.ask("POST", "/api/v2.0/me/events", "bob", content=b"{", headers={"Content-Type": "application/json"})
    reply = server.ask("GET", "/_rsvpd/metrics")
    assert reply.headers["content-type"].startswith("text/plain; version=")
    for line in (
        'rsvpd_request_seconds_count{interface="graph",method="read",status="2xx"} 2.0',
        'rsvpd_request_seconds_count{interface="google",method="read",status="4xx"} 1.0',
        'rsvpd_request_seconds_count{interface="outlook-v2",method="write",status="4xx"} 1.0',
        "rsvpd_outbox_messages 0.0", "rsvpd_subscriptions 0.0", "rsvpd_live_streams 0.0",
    ):
        assert f"\n{line}\n" in reply.text, line
    assert "rsvpd_commits_total" in reply.text
    assert server.ask("GET", "/_rsvpd/metrics", "bob").status_code == 401
