"""Links to files in Google Calendar: everybody who has the event has them, and to Outlook they are references."""

from __future__ import annotations

from typing import Any

import pytest

from support.client import Client
from support.world import World

EVENTS = "/calendar/v3/calendars/primary/events"
TIMES = {"start": {"dateTime": "2026-12-01T10:00:00Z"}, "end": {"dateTime": "2026-12-01T11:00:00Z"}}
LINK = {
    "fileUrl": "https://drive.test/a", "title": "Plan", "mimeType": "text/plain", "iconLink": "https://i", "fileId": "1"
}  # fmt: skip
OTHER = {"fileUrl": "https://drive.test/b", "title": "Other"}


def create(world: World, **more: Any) -> Any:
    body = {"summary": "Plans", "attendees": [{"email": "bob@example.com"}], **TIMES, **more}
    reply = world.request("alice", "POST", f"{EVENTS}?supportsAttachments=true&sendUpdates=all", body)
    assert reply.status == 200, reply.body
    return reply.json


def of(world: World, who: str) -> Any:
    (event,) = world.request(who, "GET", EVENTS).json["items"]
    return event


def test_guests_have_them_and_outlook_calls_them_references(world: World) -> None:
    assert create(world, attachments=[LINK, OTHER])["attachments"] == [LINK, OTHER]
    assert of(world, "bob")["attachments"] == [LINK, OTHER]
    bob = Client(world, "bob", "graph")
    (event,) = bob.get("/me/events")["value"]
    found = bob.get(f"/me/events/{event['id']}/attachments")["value"]
    assert [(one["@odata.type"], one["name"], one["contentType"]) for one in found] == [
        ("#microsoft.graph.referenceAttachment", "Plan", "text/plain"),
        ("#microsoft.graph.referenceAttachment", "Other", None),
    ]
    (request,) = bob.get("/me/messages")["value"]
    assert request["hasAttachments"] is True


def test_a_patch_replaces_the_list_and_says_so_to_guests(world: World) -> None:
    event = create(world, attachments=[LINK])
    path = f"{EVENTS}/{event['id']}?supportsAttachments=true&sendUpdates=all"
    assert world.request("alice", "PATCH", path, {"attachments": [OTHER]}).json["attachments"] == [OTHER]
    assert of(world, "bob")["attachments"] == [OTHER]
    assert len(Client(world, "bob", "graph").get("/me/messages")["value"]) == 2
    # The same again tells nobody.
    assert world.request("alice", "PATCH", path, {"attachments": [OTHER]}).status == 200
    assert len(Client(world, "bob", "graph").get("/me/messages")["value"]) == 2
    assert "attachments" not in world.request("alice", "PATCH", path, {"attachments": []}).json
    assert "attachments" not in of(world, "bob")


def test_without_the_parameter_they_are_left_alone(world: World) -> None:
    event = create(world, attachments=[LINK])
    path = f"{EVENTS}/{event['id']}"
    assert world.request("alice", "PATCH", path, {"attachments": [OTHER]}).json["attachments"] == [LINK]
    assert world.request("alice", "PUT", path, {"summary": "Plans", **TIMES}).json["attachments"] == [LINK]
    gone = world.request("alice", "PUT", f"{path}?supportsAttachments=true", {"summary": "Plans", **TIMES}).json
    assert "attachments" not in gone


def test_files_of_outlook_stay_where_google_writes_links(world: World) -> None:
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "YQ=="}
    alice = Client(world, "alice", "graph")
    made = alice.create("Plans", "2026-12-01T10:00:00", "2026-12-01T11:00:00", attachments=[file])
    event = of(world, "alice")
    assert "attachments" not in event
    path = f"{EVENTS}/{event['id']}?supportsAttachments=true"
    assert world.request("alice", "PATCH", path, {"attachments": [LINK]}).json["attachments"] == [LINK]
    assert [one["name"] for one in alice.get(f"/me/events/{made['id']}/attachments")["value"]] == ["a.txt", "Plan"]
    assert world.request("alice", "PATCH", path, {"attachments": None}).status == 200
    assert [one["name"] for one in alice.get(f"/me/events/{made['id']}/attachments")["value"]] == ["a.txt"]


def test_a_guest_changes_them_only_where_guests_may(world: World) -> None:
    create(world, attachments=[LINK])
    path = f"{EVENTS}/{of(world, 'bob')['id']}?supportsAttachments=true"
    assert world.request("bob", "PATCH", path, {"attachments": [OTHER]}).status == 403
    assert world.request("bob", "PATCH", path, {"attachments": [LINK], "colorId": "1"}).status == 200


@pytest.mark.parametrize(
    "attachments", ["x", [1], [{}], [{"title": "x"}], [{"fileUrl": 1}], [{"fileUrl": "x", "title": 1}], [LINK] * 26]
)
def test_what_is_no_link(world: World, attachments: Any) -> None:
    reply = world.request("alice", "POST", f"{EVENTS}?supportsAttachments=true", {**TIMES, "attachments": attachments})
    assert reply.status == 400
