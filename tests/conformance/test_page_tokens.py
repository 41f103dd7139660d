"""Tokens of pages that are cut, forged, or of another list: never an error of ours, and never somebody else's items."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from support.world import World

GOOGLE = "/calendar/v3/calendars/primary/events"
# Where a list is, how its page is limited, the option of the token, and another list and another question.
LISTS = (
    ("/v1.0/me/events?$top=1", "$skiptoken", "/v1.0/me/messages?$top=1", "/v1.0/me/events?$top=1&$orderby=subject"),
    (
        "/api/v2.0/me/messages?$top=1", "$skiptoken", "/api/v2.0/me/events?$top=1",
        "/api/v2.0/me/messages?$top=1&$orderby=Subject",
    ),
    (f"{GOOGLE}?maxResults=1", "pageToken", "", f"{GOOGLE}?maxResults=1&orderBy=updated"),
)  # fmt: skip


@pytest.fixture
def pair(world: World) -> World:
    """Both have two events, and bob two invitations."""
    for day in (1, 2):
        slot = {"dateTime": f"2026-12-0{day}T10:00:00", "timeZone": "UTC"}
        end = {"dateTime": f"2026-12-0{day}T11:00:00", "timeZone": "UTC"}
        guests = [{"emailAddress": {"address": "bob@example.com"}}]
        body = {"subject": f"Plan {day}", "start": slot, "end": end, "attendees": guests}
        assert world.request("alice", "POST", "/v1.0/me/events", body).status == 201
    return world


def token_of(page: dict[str, Any], option: str) -> str:
    link = page.get("@odata.nextLink")
    return parse_qs(urlsplit(link).query)[option][0] if link else str(page["nextPageToken"])


@pytest.mark.parametrize(("path", "option", "other_list", "other_question"), LISTS, ids=["graph", "v2", "google"])
def test_a_token_is_of_its_list_and_question(
    pair: World, path: str, option: str, other_list: str, other_question: str
) -> None:
    token = token_of(pair.request("bob", "GET", path).json, option)

    def status(place: str, given: str) -> int:
        return pair.request("bob", "GET", f"{place}&{option}={quote(given)}").status

    assert status(path, token) == 200
    for wrong in (token[:-3], token[1:], "x", "\u00e9", "A" * 4_000, "kgGRAQ", "W251bGwsMCwwXQ", "%00"):
        assert status(path, wrong) in (400, 410), wrong
    if other_list:  # sorted by a time as well, in which the token is a place and no key to anything
        assert status(other_list, token) in (200, 400)
    assert status(other_question, token) == 400


@pytest.mark.parametrize(("path", "option"), [one[:2] for one in LISTS], ids=["graph", "v2", "google"])
def test_a_token_of_somebody_else_shows_nothing_of_theirs(pair: World, path: str, option: str) -> None:
    own = {one["id"] for one in pair.request("alice", "GET", GOOGLE).json["items"]}
    token = token_of(pair.request("bob", "GET", path).json, option)
    page = pair.request("alice", "GET", f"{path}&{option}={quote(token)}")
    assert page.status in (200, 400, 410)
    if page.status == 200 and "items" in page.json:
        assert {one["id"] for one in page.json["items"]} <= own
    bobs = {one["id"] for one in pair.request("bob", "GET", "/v1.0/me/events").json["value"]}
    bobs |= {one["id"] for one in pair.request("bob", "GET", "/v1.0/me/messages").json["value"]}
    assert not [id for id in bobs if id.encode() in page.body]
