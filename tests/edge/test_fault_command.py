"""`rsvpd fault`: what goes wrong on purpose, as programs in each dialect meet it."""

from __future__ import annotations

import json
import time
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from support.batches import MEDIA, answers, part, together
from support.running import Running
from support.world import Reply

EVENTS = "/v1.0/me/events"
GOOGLE_EVENTS = "/calendar/v3/calendars/primary/events"
# What a client says of a connection that ends; one that has something unread is reset (RFC 9112 9.6).
ENDED = (httpx.RemoteProtocolError, httpx.ReadError)
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
    with pytest.raises(ENDED):
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


def batch(server: Running, *urls: str) -> list[dict[str, Any]]:
    """Return the answers to the requests of a batch, which itself succeeds."""
    asked = [{"id": str(n), "method": "GET", "url": url} for n, url in enumerate(urls)]
    reply = server.ask("POST", "/v1.0/$batch", "bob", json={"requests": asked})
    assert reply.status_code == 200, reply.text
    assert "X-Rsvpd-Fault" not in reply.headers
    return sorted(reply.json()["responses"], key=lambda one: int(one["id"]))


def test_requests_of_a_batch_are_throttled_each_by_itself(server: Running) -> None:
    said(server, "add", "busy", "429", "--retry-after", "7", "--path", "/me/events", "--times", "2", "--person", "bob")
    found = batch(server, "/me/events", "/me", "/me/events", "/me/events")
    assert [one["status"] for one in found] == [429, 200, 429, 200]
    assert [one["headers"].get("X-Rsvpd-Fault") for one in found] == ["busy", None, "busy", None]
    assert found[0]["headers"]["Retry-After"] == "7"
    assert found[0]["body"]["error"]["code"] == "ApplicationThrottled"
    whole, *inside = desk(server, "GET", "/requests?limit=5").json()
    assert (whole["status"], whole["fault"]) == (200, "")
    assert sorted((one["status"], one["fault"]) for one in inside) == [(200, "")] * 2 + [(429, "busy")] * 2
    listed = server.cli("requests", "--status", "429")
    assert listed.stdout.count("429 (fault busy)") == 2
    server.stop()
    assert server.logged.count("(fault busy)") == 2


def test_a_limit_counts_the_requests_of_a_batch(server: Running) -> None:
    made = desk(server, "POST", "/faults", json={"profile": "outlook", "requests": 5})
    assert made.status_code == 201, made.text
    # Of four at a time none is refused for being the fifth.
    assert [one["status"] for one in batch(server, *["/me"] * 4)] == [200] * 4
    assert [one["status"] for one in batch(server, *["/me/events"] * 3)] == [200, 429, 429]
    assert server.ask("GET", "/v1.0/me", "bob").status_code == 429


def test_calls_of_a_batch_of_google(server: Running) -> None:
    path = "/calendars/{calendar}/events"
    said(server, "add", "full", "403", "--interface", "google", "--path", path, "--times", "1")
    said(server, "add", "whole", "drop", "--interface", "google", "--path", "$batch", "--times", "1")
    calls = together([part("GET", GOOGLE_EVENTS)] * 2)
    with pytest.raises(ENDED):
        server.ask("POST", "/batch/calendar/v3", "bob", content=calls, headers={"Content-Type": MEDIA})
    reply = server.ask("POST", "/batch/calendar/v3", "bob", content=calls, headers={"Content-Type": MEDIA})
    found = answers(Reply(reply.status_code, dict(reply.headers), reply.content))
    assert [one.status for one in found] == [403, 200]
    assert found[0].headers["X-Rsvpd-Fault"] == "full"
    assert found[0].json["error"]["errors"][0]["domain"] == "usageLimits"


def test_parts_of_a_batch_of_outlook(server: Running) -> None:
    said(server, "add", "down", "503", "--retry-after", "3", "--interface", "outlook", "--path", "/Me/Events")
    calls = together([part("GET", "/api/v2.0/Me/Events"), part("GET", "/api/v2.0/Me")])
    headers = {"Content-Type": MEDIA, "Prefer": "odata.continue-on-error"}
    reply = server.ask("POST", "/api/v2.0/me/$batch", "bob", content=calls, headers=headers)
    found = answers(Reply(reply.status_code, dict(reply.headers), reply.content))
    assert [one.status for one in found] == [503, 200]
    assert (found[0].headers["Retry-After"], found[0].headers["X-Rsvpd-Fault"]) == ("3", "down")


def test_what_is_about_a_connection_is_about_the_batch(server: Running) -> None:
    assert "a rule with the path $batch" in said(server, "add", "lost", "drop-answer", "--path", "/me/events")
    assert [one["status"] for one in batch(server, "/me/events")] == [200]
    said(server, "clear")
    said(server, "add", "lost", "drop-answer", "--path", "$batch", "--times", "1")
    asked = {"id": "1", "method": "POST", "url": "/me/events", "body": LUNCH | {"subject": "In a batch"}}
    asked["headers"] = {"Content-Type": "application/json"}
    with pytest.raises(ENDED):
        server.ask("POST", "/v1.0/$batch", "bob", json={"requests": [asked]})
    subjects = [one["subject"] for one in server.ask("GET", f"{EVENTS}?$top=500", "bob").json()["value"]]
    assert subjects.count("In a batch") == 1


def test_what_a_browser_asks_before_it_asks_is_let_through(server: Running) -> None:
    said(server, "add", "busy", "429", "--times", "1")
    headers = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "GET"}
    assert server.ask("OPTIONS", EVENTS, headers=headers).status_code == 204
    assert server.ask("GET", EVENTS, "bob").status_code == 429


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
