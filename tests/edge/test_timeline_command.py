"""`rsvpd timeline`: what happened with a meeting, told by what is stored and by the journal."""

from __future__ import annotations

import json
from typing import Any

from support.running import Running

EVENTS = "/v1.0/me/events"
LUNCH = {
    "subject": "Lunch",
    "start": {"dateTime": "2030-01-01T10:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2030-01-01T11:00:00", "timeZone": "UTC"},
    "attendees": [{"emailAddress": {"address": "bob@example.com"}}],
}


def invite(server: Running) -> dict[str, Any]:
    reply = server.ask("POST", EVENTS, "alice", json=LUNCH)
    assert reply.status_code == 201, reply.text
    found: dict[str, Any] = reply.json()
    return found


def told(server: Running, meeting: str) -> dict[str, Any]:
    reply = server.cli("timeline", meeting, "--json")
    assert reply.returncode == 0, reply.stderr
    found: dict[str, Any] = json.loads(reply.stdout)
    return found


def refused(server: Running, *words: str) -> str:
    reply = server.cli("timeline", *words)
    assert reply.returncode == 1, reply.stdout
    return reply.stderr


def test_a_meeting_is_told_from_request_to_answer(server: Running) -> None:
    made = invite(server)
    query = f"{EVENTS}?$filter=subject%20eq%20'Lunch'"
    (copy,) = server.ask("GET", query, "bob", headers={"User-Agent": "outlook/1"}).json()["value"]
    answer = {"comment": "Yes!", "sendResponse": True}
    assert server.ask("POST", f"{EVENTS}/{copy['id']}/accept", "bob", json=answer).status_code == 202
    server.ask("GET", EVENTS, "carol")
    found = told(server, made["iCalUId"])
    moments = [(one["kind"], one["who"].partition("@")[0]) for one in found["moments"]]
    for expected in (
        ("request", "alice"), ("sent", "alice"), ("delivered", "bob"), ("seen", "bob"), ("request", "bob"),
        ("sent", "bob"), ("answer", "bob"), ("delivered", "alice"),
    ):
        assert expected in moments, expected
    assert "carol" not in str(moments)
    by_kind = {(one["kind"], one["who"]): one for one in found["moments"]}
    assert by_kind["seen", "bob@example.com"]["client"] == "outlook/1"
    assert by_kind["request", "bob@example.com"]["interface"] == "graph"
    assert by_kind["answer", "bob@example.com"]["what"].startswith("accepted")
    assert by_kind["answer", "bob@example.com"]["interface"] == "graph"
    assert "accepted: Yes!, by Graph" in " ".join(server.cli("timeline", made["iCalUId"]).stdout.split())
    assert by_kind["delivered", "bob@example.com"]["what"] == "request: Lunch"
    assert [one["at"] for one in found["moments"]] == sorted(one["at"] for one in found["moments"])
    organizer, guest = found["copies"]
    assert (organizer["mailbox"], organizer["is_organizer"], organizer["id"]) == ("alice@example.com", True, made["id"])
    assert (guest["mailbox"], guest["answer"], guest["id"]) == ("bob@example.com", "accepted", copy["id"])
    assert guest["changes"][0]["happened"] == "created"
    assert server.token("bob") not in json.dumps(found)


DAILY = {"pattern": {"type": "daily", "interval": 1}, "range": {"type": "noEnd", "startDate": "2030-01-01"}}


def test_dates_and_messages_are_found_inside_lists(server: Running) -> None:
    made = server.ask("POST", EVENTS, "alice", json=LUNCH | {"recurrence": DAILY}).json()
    window = "startDateTime=2030-01-02T00:00:00Z&endDateTime=2030-01-03T00:00:00Z&$select=id"
    (date,) = server.ask("GET", f"/v1.0/me/calendarView?{window}", "bob").json()["value"]
    server.ask("GET", "/v1.0/me/messages?$select=id&$top=1", "bob")
    server.ask("GET", f"{EVENTS}/{date['id']}?$select=id", "bob")
    server.ask("GET", "/v1.0/me/calendarView?startDateTime=2020-01-02&endDateTime=2020-01-03&$select=id", "bob")
    seen = [one for one in told(server, made["iCalUId"])["moments"] if one["kind"] == "seen"]
    assert [one["what"].split("?")[0].rpartition("/")[2] for one in seen] == ["calendarView", "messages", date["id"]]
    assert date["id"] != made["id"]


def test_it_is_found_by_its_subject_and_without_a_server(server: Running) -> None:
    invite(server)
    shown = server.cli("timeline", "LUNCH")
    assert "alice@example.com" in shown.stdout
    assert "delivered" in shown.stdout
    server.stop()
    found = told(server, "lunch")
    assert found["requests"] == 0
    assert {one["kind"] for one in found["moments"]} == {"sent", "delivered"}


def test_what_cannot_be_told(server: Running) -> None:
    assert "no meeting with the UID or the whole subject 'Dinner'" in refused(server, "Dinner")
    uids = sorted(invite(server)["iCalUId"] for _ in range(2))
    assert f"by its UID: {uids[0]}, {uids[1]}" in refused(server, "Lunch")
    assert server.ask("GET", "/_rsvpd/meetings/%00/timeline").status_code == 404
    assert server.ask("GET", "/_rsvpd/meetings/x/timeline?who=bob").status_code == 400
