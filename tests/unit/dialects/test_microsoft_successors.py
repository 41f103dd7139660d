"""What Graph has in the place of each call of Outlook REST: a call that Graph really has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rsvpd.dialects.microsoft.routes import resolve, rows
from rsvpd.dialects.microsoft.successors import call_of, successor
from rsvpd.dialects.microsoft.tables.profiles import GRAPH, OUTLOOK_V1, OUTLOOK_V2, Profile
from rsvpd.dialects.odata.url import Gap, parse
from rsvpd.errors import DomainError

ID = "AAMkAAABAAAAAQAAAAAAAAAAaDw0Hq8="
OUTLOOK = (OUTLOOK_V2, OUTLOOK_V1)
WAYS = Path(__file__).parent / "data" / "outlook_ways.txt"
# Of tasks and rooms Graph has more than is listed here; what stands below `todo` is not looked up.
ELSEWHERE = ("/v1.0/me/todo/lists", "/v1.0/places/microsoft.graph.room")


def in_graph(found: str) -> bool:
    method, _, path = found.partition(" ")
    below = path.removeprefix(GRAPH.mount)
    return path.startswith(ELSEWHERE) or method in GRAPH.published.methods(parse(below))


@pytest.mark.parametrize("profile", OUTLOOK, ids=lambda one: one.version)
def test_each_call_that_is_answered_has_one_in_graph(profile: Profile) -> None:
    named = 0
    for row in rows():
        path = re.sub(r"\{\w+\}", ID, row.pattern).replace("/:", "/Microsoft.OutlookServices.")
        try:
            route = resolve(profile, parse(path), row.method).handler
        except DomainError:
            continue
        if isinstance(route, Gap) or not route.is_real:
            continue
        found = successor(profile, row.method, path)
        assert in_graph(found), (row, found)
        assert ID not in found
        named += 1
    assert named > 150


def test_each_call_of_the_references_has_one_in_graph() -> None:
    for line in WAYS.read_text("utf-8").splitlines():
        version, method, path = ("#", "", "") if line.startswith("#") else line.split(" ", 2)
        profile = {"v1": OUTLOOK_V1, "v2": OUTLOOK_V2}.get(version)
        if profile is not None:
            assert in_graph(successor(profile, method, re.sub(r"\{\w+\}", ID, path))), line


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("GET", "/Me/Events", "GET /v1.0/me/events"),
        ("GET", f"/Me/Events('{ID}')", "GET /v1.0/me/events/{id}"),
        ("POST", f"/Users('bob@example.com')/Events/{ID}/Accept", "POST /v1.0/users/{id}/events/{id}/accept"),
        ("GET", "/me/folders/inbox/messages", "GET /v1.0/me/mailFolders/{id}/messages"),
        (
            "GET",
            f"/me/messages/{ID}/Microsoft.OutlookServices.EventMessage/Event",
            "GET /v1.0/me/messages/{id}/microsoft.graph.eventMessage/event",
        ),
        ("POST", "/$batch", "POST /v1.0/$batch"),
        ("POST", "/me/$batch", "POST /v1.0/$batch"),
        ("PATCH", f"/me/subscriptions('{ID}')", "PATCH /v1.0/subscriptions/{id}"),
        ("GET", "/me/findrooms(RoomList='rooms@example.com')", "GET /v1.0/places/microsoft.graph.room"),
        ("GET", "/me/MasterCategories", "GET /v1.0/me/outlook/masterCategories"),
        ("GET", f"/me/taskfolders('{ID}')/tasks", "GET /v1.0/me/todo/lists/{id}/tasks"),
        ("GET", f"/me/Contacts('{ID}')", "GET /v1.0/me/contacts/{id}"),
        ("GET", "/me/nonsense", ""),
        ("GET", "/", ""),
        ("PUT", "/me/events", ""),
    ],
)  # fmt: skip
def test_where_it_is(method: str, path: str, found: str) -> None:
    assert successor(OUTLOOK_V2, method, path) == found


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/me/calendarview", "GET /v1.0/me/calendarView/delta"),
        ("/me/mailfolders('inbox')/messages", "GET /v1.0/me/mailFolders/{id}/messages/delta"),
        ("/me/mailfolders", "GET /v1.0/me/mailFolders/delta"),
        ("/me/calendars", "GET /v1.0/me/calendars"),
        ("/me/contacts", "GET /v1.0/me/contacts"),
    ],
)
def test_what_is_followed_is_delta_in_graph(path: str, found: str) -> None:
    assert successor(OUTLOOK_V2, "GET", path, tracks=True) == found
    assert successor(OUTLOOK_V2, "GET", path) == found.removesuffix("/delta")


def test_the_call_itself_has_no_ids() -> None:
    assert call_of(OUTLOOK_V1, "GET", f"/Me/Folders('{ID}')/Messages") == "GET /api/v1.0/me/mailFolders/{id}/messages"
    assert call_of(OUTLOOK_V1, "POST", "/me/subscriptions") == ""
