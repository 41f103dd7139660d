"""Places: what a directory knows of rooms and of lists of rooms, and who may change it."""

from __future__ import annotations

from typing import Any

import pytest

from rsvpd.commands.directory import change_profile
from rsvpd.commands.places import change_room_place
from rsvpd.identity.clients import LOCAL_CLIENT
from rsvpd.mail.person import PersonKind
from support.client import Client
from support.world import World

LIST = "building1@example.com"
KNOWN = {
    "nickname": "Conf Room", "building": "1", "label": "100", "capacity": 50, "isWheelChairAccessible": False,
    "floorNumber": 1, "floorLabel": "1P", "phone": "555-0100", "tags": ["bean bags"], "audioDeviceName": "a",
    "videoDeviceName": "b", "displayDeviceName": "surface hub", "teamsEnabledState": "enabled",
    "bookingType": "standard", "displayName": "Conf Room 100",
    "address": {"street": "Main Street", "city": "Buffalo", "state": "NY", "postalCode": "1", "countryOrRegion": "USA"},
    "geoCoordinates": {"latitude": 47.0, "longitude": -122.0},
}  # fmt: skip


@pytest.fixture
def rooms(world: World) -> World:
    world.store.run(change_profile, world.people["alice"], {"is_administrator": True})
    for name in ("orion", "vega"):
        world.store.run(change_room_place, world.add(name, kind=PersonKind.ROOM), {}, [LIST])
    world.add("lyra", kind=PersonKind.ROOM)
    return world


def addresses(found: Any) -> list[str]:
    return [one["emailAddress"] for one in found["value"]]


def test_what_is_written_is_kept(rooms: World) -> None:
    alice, bob = Client(rooms, "alice", "graph"), Client(rooms, "bob", "graph")
    body = {"@odata.type": "microsoft.graph.room", **KNOWN}
    reply = alice("PATCH", "/places/orion@example.com", body)
    assert (reply.status, reply.hint) == (200, "")
    room = bob.get(f"/places/{rooms.people['orion'].oid}")
    assert room["@odata.context"].endswith("/$metadata#places/$entity")
    assert (room["@odata.type"], room["emailAddress"]) == ("#microsoft.graph.room", "orion@example.com")
    assert {name: room[name] for name in KNOWN} == KNOWN
    assert room["id"] == room["placeId"] == rooms.people["orion"].oid
    assert alice("PATCH", "/places/orion@example.com", {"tags": [], "building": None}).status == 200
    assert bob.get("/places/orion@example.com/microsoft.graph.room")["building"] is None


def test_what_a_directory_has_of_rooms(rooms: World) -> None:
    bob = Client(rooms, "bob", "graph")
    found = bob.get("/places/microsoft.graph.room")
    assert found["@odata.context"].endswith("/$metadata#places/microsoft.graph.room")
    assert addresses(found) == ["lyra@example.com", "orion@example.com", "vega@example.com"]
    assert bob("GET", "/places/microsoft.graph.room/$count").body == b"3"
    assert [one["capacity"] for one in bob.get("/places/microsoft.graph.room?$select=capacity")["value"]] == [None] * 3
    lists = bob.get("/places/microsoft.graph.roomlist")["value"]
    assert [(one["displayName"], one["emailAddress"]) for one in lists] == [("building1", LIST)]
    (shown,) = bob.get("/places/microsoft.graph.roomlist?$expand=rooms($select=displayName)")["value"]
    assert [sorted(one) for one in shown["rooms"]] == [["@odata.type", "displayName", "id"]] * len(shown["rooms"])
    assert shown["rooms"]
    inside = bob.get(f"/places/{LIST}/microsoft.graph.roomlist/rooms")
    assert inside["@odata.context"].endswith("#places('building1%40example.com')/microsoft.graph.roomList/rooms")
    assert addresses(inside) == ["orion@example.com", "vega@example.com"]
    assert addresses(bob.get(f"/places/{lists[0]['id']}/descendants")) == addresses(inside)
    assert bob.get("/places/orion@example.com/descendants")["value"] == []
    for name in ("building", "floor", "section", "desk", "workspace"):
        assert bob.get(f"/places/microsoft.graph.{name}")["value"] == []


def test_rooms_are_asked_for(rooms: World) -> None:
    alice, bob = Client(rooms, "alice", "graph"), Client(rooms, "bob", "graph")
    assert alice("PATCH", "/places/vega@example.com", {"capacity": 12, "building": "1", "tags": ["view"]}).status == 200

    def asked(query: str) -> list[str]:
        return addresses(bob.get(f"/places/microsoft.graph.room?{query}"))

    assert asked("$filter=capacity ge 10") == ["vega@example.com"]
    assert asked("$filter=building eq '1' and tags/any(t:t eq 'view')") == ["vega@example.com"]
    assert asked("$filter=emailAddress eq 'lyra@example.com'") == ["lyra@example.com"]
    assert asked("$filter=bookingType eq 'reserved'") == []
    assert asked("$top=1&$skip=1") == ["orion@example.com"]


def test_a_list_is_changed(rooms: World) -> None:
    alice = Client(rooms, "alice", "graph")
    body = {"@odata.type": "microsoft.graph.roomList", "displayName": "Building 1", "phone": "1"}
    changed = alice("PATCH", f"/places/{LIST}", body).json
    assert (changed["@odata.type"], changed["displayName"], changed["phone"]) == (
        "#microsoft.graph.roomList", "Building 1", "1",
    )  # fmt: skip


def test_a_room_that_is_reserved_is_not_booked(rooms: World) -> None:
    alice = Client(rooms, "alice", "graph")
    assert alice("PATCH", "/places/orion@example.com", {"bookingType": "reserved"}).status == 200
    event = alice.create("Plans", "2026-12-01T10:00:00", "2026-12-01T11:00:00", "orion")
    (guest,) = alice.get(f"/me/events/{event['id']}")["attendees"]
    assert guest["status"]["response"] == "declined"


def test_who_may_not(rooms: World) -> None:
    alice, bob = Client(rooms, "alice", "graph"), Client(rooms, "bob", "graph")
    assert bob.error("PATCH", "/places/orion@example.com", {"label": "1"})[0] == 403
    narrow = rooms.tokens.issue(rooms.people["alice"], now=rooms.now, scopes=["Place.Read.All"], app_id=LOCAL_CLIENT)
    bearer = f"Bearer {narrow}"
    assert alice.error("PATCH", "/places/orion@example.com", {"label": "1"}, authorization=bearer)[0] == 403
    assert alice("GET", "/places/orion@example.com", authorization=bearer).status == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "answer"),
    [
        ("GET", "/places/nowhere@example.com", None, (404, "ErrorItemNotFound")),
        ("GET", "/places/alice@example.com", None, (404, "ErrorItemNotFound")),
        ("GET", "/places/orion@example.com/microsoft.graph.roomList", None, (404, "ErrorItemNotFound")),
        ("GET", "/places/orion@example.com/microsoft.graph.roomList/rooms", None, (404, "ErrorItemNotFound")),
        ("GET", "/places", None, (501, "NotImplemented")),
        ("PATCH", "/places/orion@example.com", {"capacity": "many"}, (400, "ErrorPropertyValidationFailure")),
        ("PATCH", "/places/orion@example.com", {"capacity": -1}, (400, "ErrorPropertyValidationFailure")),
        ("PATCH", "/places/orion@example.com", {"bookingType": "never"}, (400, "ErrorPropertyValidationFailure")),
        ("PATCH", "/places/orion@example.com", {"displayName": ""}, (400, "ErrorPropertyValidationFailure")),
        ("PATCH", "/places/orion@example.com", {"hue": "red"}, (400, "RequestBodyRead")),
    ],
)
def test_what_cannot_be(rooms: World, method: str, path: str, body: Any, answer: tuple[int, str]) -> None:
    assert Client(rooms, "alice", "graph").error(method, path, body) == answer


def test_who_removes_a_room_takes_it_off_the_lists(rooms: World) -> None:
    alice = Client(rooms, "alice", "graph")
    assert alice("DELETE", "/users/vega@example.com").status == 204
    assert addresses(alice.get(f"/places/{LIST}/microsoft.graph.roomlist/rooms")) == ["orion@example.com"]


def test_outlook_finds_rooms(rooms: World) -> None:
    bob = Client(rooms, "bob", "v2")
    assert bob.get("/me/findRoomLists")["value"] == [{"name": "building1", "address": LIST}]
    assert [one["address"] for one in bob.get("/me/findRooms")["value"]] == [
        "lyra@example.com", "orion@example.com", "vega@example.com",
    ]  # fmt: skip
    found = bob.get(f"/me/FindRooms(RoomList='{LIST}')")["value"]
    assert [one["name"] for one in found] == ["Orion", "Vega"]
    assert Client(rooms, "bob", "v1")("GET", "/me/findRooms").status == 400
    assert Client(rooms, "bob", "graph")("GET", "/me/findRooms").status == 400
