"""The document that describes the interface: Google's client builds itself from it, and it says what theirs does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import googleapiclient
import pytest
from googleapiclient.discovery import build_from_document

from rsvpd.dialects.google.discovery import PATHS, document
from rsvpd.dialects.google.routes import GAPS, ROUTES
from rsvpd.dialects.google.tables.resources import NOT_EMULATED
from support.world import ORIGIN, World

PUBLISHED = json.loads(
    (Path(googleapiclient.__file__).parent / "discovery_cache/documents/calendar.v3.json").read_text("utf-8")
)
OURS = document(ORIGIN)


def methods(described: Any) -> dict[str, Any]:
    """Return the methods by id."""
    return {one["id"]: one for of in described["resources"].values() for one in of["methods"].values()}


@pytest.mark.parametrize("name", methods(PUBLISHED))
def test_every_published_method_with_its_parameters(name: str) -> None:
    def parameters(method: Any) -> dict[str, Any]:
        return {
            key: (one["location"], one["type"], one.get("format"), one.get("repeated"), one.get("required"))
            for key, one in method.get("parameters", {}).items()
        }

    ours, theirs = methods(OURS)[name], methods(PUBLISHED)[name]
    assert (ours["httpMethod"], ours["path"]) == (theirs["httpMethod"], theirs["path"])
    assert set(theirs["scopes"]) <= set(ours["scopes"])
    # What a newer document of theirs adds is not known to an older copy of it.
    assert parameters(theirs).items() <= parameters(ours).items()
    assert [ours.get(one, {}).get("$ref") for one in ("request", "response")] == [
        theirs.get(one, {}).get("$ref") for one in ("request", "response")
    ]


def test_each_route_is_described_once_and_nothing_else() -> None:
    routes = {f"calendar.{one.id}": (one.method, one.template) for one in (*ROUTES, *GAPS)}
    assert {name: (one["httpMethod"], one["path"]) for name, one in methods(OURS).items()} == routes


def test_whatever_is_referred_to_is_there() -> None:
    found: set[str] = set()

    def walk(one: Any) -> None:
        for name, value in one.items() if isinstance(one, dict) else enumerate(one) if isinstance(one, list) else ():
            if name == "$ref":
                found.add(value)
            walk(value)

    walk(OURS)
    assert found <= OURS["schemas"].keys()
    assert "EventDateTime" in found


@pytest.mark.parametrize("name", ["Event", "EventAttendee", "Calendar", "CalendarListEntry"])
def test_the_members_are_those_that_are_emulated(name: str) -> None:
    published = PUBLISHED["schemas"][name]["properties"]
    assert published.keys() - OURS["schemas"][name]["properties"].keys() <= set(NOT_EMULATED[name])


@pytest.mark.parametrize("path", PATHS)
def test_a_client_builds_itself_from_it_and_calls(path: str, tmp_path: Path) -> None:
    world = World(tmp_path)
    world.add("alice")
    answer = world.request(None, "GET", f"{path}?version=v3")
    client = build_from_document(answer.json, developerKey="none")
    call = client.events().list(calendarId="primary", singleEvents=True, timeMin="2026-11-23T00:00:00Z")
    assert call.uri.startswith(f"{ORIGIN}/calendar/v3/calendars/primary/events?")
    assert world.request("alice", "GET", call.uri).status == 200
    assert world.request("alice", "POST", path).status == 405
    world.close()
