"""Each reply of Outlook REST names the call of Microsoft Graph that came in its place; Graph's own name nothing."""

from __future__ import annotations

import pytest

from rsvpd.hints import GRAPH_HEADER
from support.world import World

WINDOW = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-02T00:00:00Z"


@pytest.mark.parametrize("mount", ["/api/v2.0", "/api/v1.0"])
@pytest.mark.parametrize(
    ("method", "path", "status", "named"),
    [
        ("GET", "/Me/Events", 200, "GET /v1.0/me/events"),
        ("GET", "/me/events/nothing", 400, "GET /v1.0/me/events/{id}"),
        ("GET", "/Users('bob@example.com')/Messages", 403, "GET /v1.0/users/{id}/messages"),
        ("GET", "/me/contacts", 501, "GET /v1.0/me/contacts"),
        ("GET", "/me/nonsense", 400, ""),
        ("GET", f"/me/calendarview?{WINDOW}", 200, "GET /v1.0/me/calendarView"),
        ("GET", "/$metadata", 200, ""),
    ],
)
def test_it_is_named(world: World, mount: str, method: str, path: str, status: int, named: str) -> None:
    for _ in range(2):  # what is kept of a list has it too, once
        reply = world.request("alice", method, mount + path)
        assert (reply.status, reply.headers.get(GRAPH_HEADER.lower(), "")) == (status, named)


def test_who_has_no_token_is_told_too(world: World) -> None:
    reply = world.request(None, "GET", "/api/v2.0/me/events")
    assert (reply.status, reply.headers[GRAPH_HEADER.lower()]) == (401, "GET /v1.0/me/events")


def test_who_follows_a_list_is_sent_to_delta(world: World) -> None:
    path = f"/api/v2.0/me/calendarview?{WINDOW}"
    reply = world.request("alice", "GET", path, headers={"prefer": "odata.maxpagesize=5, odata.track-changes"})
    assert reply.headers[GRAPH_HEADER.lower()] == "GET /v1.0/me/calendarView/delta"
    next_round = world.request("alice", "GET", reply.json["@odata.deltaLink"].removeprefix("http://rsvpd.test"))
    assert next_round.headers[GRAPH_HEADER.lower()] == "GET /v1.0/me/calendarView/delta"


@pytest.mark.parametrize("path", ["/v1.0/me/events", "/v1.0/me/nonsense", "/calendar/v3/colors"])
def test_what_came_after_says_nothing(world: World, path: str) -> None:
    assert GRAPH_HEADER.lower() not in world.request("alice", "GET", path).headers
