"""`rsvpd fault`: what goes wrong on purpose, as programs in each dialect meet it."""

from __future__ import annotations

import json
import time
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from support.running import Running

EVENTS = "/v1.0/me/events"
GOOGLE_EVENTS = "/calendar/v3/calendars/primary/events"
LUNCH = {
    "subject": "Lunch",
    "start": {"dateTime": "2030-01-01T10:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2030-01-01T11:00:00", "timeZone": "UTC"},
}


def said(server: Running, *words: str) -> str:
    reply = server.cli("fault", *words)
    assert reply.returncode == 0, reply.stderr
    return reply.stdout


def refused(server: Running, *words: str) -> str:
    reply = server.cli("fault", *words)
    assert reply.returncode in (1, 2), reply.stdout
    return reply.stderr


def desk(server: Running, method: str, path: str, **more: Any) -> httpx.Response:
    return server.ask(method, f"/_rsvpd{path}", **more)


def test_busy_three_times_and_then_well_again(server: Running) -> None:
    assert "No fault is set" in said(server)
    assert said(server, "add", "busy", "429", "--retry-after", "2", "--path", "/me/events", "--times", "3").startswith(
        "Set busy: 429, /me/events"
    )
    replies = [server.ask("GET", EVENTS, "bob") for _ in range(4)]
    assert [one.status_code for one in replies] == [429, 429, 429, 200]
    assert [one.headers.get("X-Rsvpd-Fault") for one in replies] == ["busy", "busy", "busy", None]
    assert replies[0].headers["Retry-After"] == "2"
    error = replies[0].json()["error"]
    assert error["code"] == "ApplicationThrottled"
    assert error["innerError"]["request-id"]
    assert "over" in said(server)
    said(server, "remove", "busy")
    assert json.loads(said(server, "--json")) == []


def test_each_dialect_in_its_own_shape(server: Running) -> None:
    said(server, "add", "down", "503")
    assert server.ask("GET", EVENTS, "bob").json()["error"]["code"] == "ServiceUnavailable"
    outlook = server.ask("GET", "/api/v2.0/me/events", "bob")
    assert set(outlook.json()["error"]) == {"code", "message"}
    google = server.ask("GET", GOOGLE_EVENTS, "bob")
    assert google.status_code == 503
    assert google.json()["error"]["errors"][0]["reason"] == "backendError"
    assert "Retry-After" not in google.headers
    said(server, "clear")
    said(server, "add", "full", "403", "--interface", "google", "--code", "userRateLimitExceeded")
    google = server.ask("GET", GOOGLE_EVENTS, "bob")
    assert google.status_code == 403
    assert google.json()["error"]["errors"] == [
        {"domain": "usageLimits", "reason": "userRateLimitExceeded", "message": "User Rate Limit Exceeded"}
    ]
    assert server.ask("GET", EVENTS, "bob").status_code == 200


def test_a_date_to_come_back_at(server: Running) -> None:
    said(server, "add", "busy", "429", "--retry-after", "90", "--as-date")
    back = parsedate_to_datetime(server.ask("GET", EVENTS, "bob").headers["Retry-After"])
    assert 60 < back.timestamp() - time.time() <= 90


def test_a_token_taken_for_expired_once(server: Running) -> None:
    said(server, "add", "old", "expired-token", "--person", "bob", "--times", "1")
    assert server.ask("GET", EVENTS, "alice").status_code == 200
    reply = server.ask("GET", EVENTS, "bob")
    assert reply.status_code == 401
    assert reply.json()["error"]["message"] == "Access token has expired."
    assert "invalid_token" in reply.headers["WWW-Authenticate"]
    assert server.ask("GET", EVENTS, "bob").status_code == 200


@pytest.mark.parametrize(("effect", "came"), [("drop", 0), ("drop-answer", 1), ("cut", 1)])
def test_a_connection_that_ends(server: Running, effect: str, came: int) -> None:
    said(server, "add", "lost", effect, "--method", "POST", "--path", "/me/events", "--times", "1")
    with pytest.raises(httpx.RemoteProtocolError):
        server.ask("POST", EVENTS, "bob", json=LUNCH)
    subjects = [one["subject"] for one in server.ask("GET", f"{EVENTS}?$top=500", "bob").json()["value"]]
    assert subjects.count("Lunch") == came
    assert "(fault lost)" in server.logged
    assert "ASGI" not in server.logged


def test_an_answer_that_comes_bit_by_bit_comes_whole(server: Running) -> None:
    said(server, "add", "slow", "trickle", "--seconds", "0.2", "--path", "/me", "--times", "1")
    said(server, "add", "late", "delay", "--seconds", "0.01", "--path", "/me")
    slow, late = (server.ask("GET", "/v1.0/me", "bob") for _ in range(2))
    assert slow.json() == late.json()
    assert [one.headers["X-Rsvpd-Fault"] for one in (slow, late)] == ["slow", "late"]


def test_the_limits_of_outlook(server: Running) -> None:
    made = desk(server, "POST", "/faults", json={"profile": "outlook", "requests": 2})
    assert made.status_code == 201, made.text
    statuses = [server.ask("GET", EVENTS, "bob").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert server.ask("GET", EVENTS, "alice").status_code == 200
    beyond = server.ask("GET", EVENTS, "bob")
    assert 1 <= int(beyond.headers["Retry-After"]) <= 600
    (rule,) = desk(server, "GET", "/faults").json()
    assert (rule["made"], rule["is_active"]) == (2, True)


def test_what_cannot_be_is_told_with_what_may_be_meant(server: Running) -> None:
    assert "did you mean me/events" in refused(server, "add", "a", "drop", "--path", "/me/event")
    assert "did you mean drop-answer" in refused(server, "add", "a", "drop-answr")
    assert "what goes wrong is missing" in refused(server, "add", "a")
    assert "none is set" in refused(server, "remove", "a")
    reply = desk(server, "POST", "/faults", json={"name": "a", "effect": "drop", "colour": "red"})
    assert reply.status_code == 400
    assert "no member 'colour'" in reply.json()["error"]["message"]
    said(server, "add", "a", "drop")
    assert "already" in refused(server, "add", "a", "drop")
    server.stop()
    assert "a server that runs" in refused(server, "list")
