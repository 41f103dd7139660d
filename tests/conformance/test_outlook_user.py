"""The zones that Graph knows, and ids of items in their other form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.world import World

ZONES = "/v1.0/me/outlook/supportedTimeZones"
TRANSLATE = "/v1.0/me/translateExchangeIds"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    for name in ("alice", "bob"):
        world.add(name)
    start, end = ({"dateTime": f"2026-12-01T{hour}:00:00", "timeZone": "UTC"} for hour in (10, 11))
    guests = [{"emailAddress": {"address": "bob@example.com"}}]
    body = {"subject": "Plans", "start": start, "end": end, "attendees": guests}
    assert world.request("alice", "POST", "/v1.0/me/events", body).status == 201
    yield world
    world.close()


@pytest.mark.parametrize(
    ("asked", "alias", "shown"),
    [
        ("", "Pacific Standard Time", "(UTC-08:00) Pacific Standard Time"),
        ("(TimeZoneStandard=microsoft.graph.timeZoneStandard'Iana')", "Asia/Kolkata", "(UTC+05:30) Asia/Kolkata"),
        ("(TimeZoneStandard='Iana')", "Europe/London", "(UTC) Europe/London"),
        ("(TimeZoneStandard='Windows')", "AUS Eastern Standard Time", "(UTC+10:00) AUS Eastern Standard Time"),
    ],
)
def test_zones_have_the_names_that_events_may_have(world: World, asked: str, alias: str, shown: str) -> None:
    reply = world.request("bob", "GET", f"{ZONES}{asked}")
    assert reply.status == 200
    assert {"alias": alias, "displayName": shown} in reply.json["value"]


def test_a_standard_that_nobody_has(world: World) -> None:
    assert world.request("bob", "GET", f"{ZONES}(TimeZoneStandard='Mars')").status == 400


def translated(world: World, ids: list[str], source: str, target: str) -> Any:
    body = {"inputIds": ids, "sourceIdType": source, "targetIdType": target}
    reply = world.request("bob", "POST", TRANSLATE, body)
    assert reply.status == 200, reply.body
    return reply.json["value"]


def test_ids_of_messages_are_translated_there_and_back(world: World) -> None:
    plain = world.request("bob", "GET", "/v1.0/me/messages").json["value"][0]["id"]
    prefer = {"prefer": 'IdType="ImmutableId"'}
    lasting = world.request("bob", "GET", "/v1.0/me/messages", headers=prefer).json["value"][0]["id"]
    event = world.request("bob", "GET", "/v1.0/me/events").json["value"][0]["id"]
    there = translated(world, [plain, event], "restId", "restImmutableEntryId")
    assert there == [{"sourceId": plain, "targetId": lasting}, {"sourceId": event, "targetId": event}]
    moved = world.request("bob", "POST", f"/v1.0/me/messages/{plain}/move", {"destinationId": "archive"}).json["id"]
    back = translated(world, [lasting, plain, "abc"], "restImmutableEntryId", "restId")
    assert back[0] == {"sourceId": lasting, "targetId": moved}
    assert [one["errorDetails"]["code"] for one in back[1:]] == ["ErrorItemNotFound", "ErrorInvalidIdMalformed"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"inputIds": "a", "sourceIdType": "restId", "targetIdType": "restId"}, 400),
        ({"inputIds": ["a"] * 1001, "sourceIdType": "restId", "targetIdType": "restId"}, 400),
        ({"inputIds": [], "sourceIdType": "restId"}, 400),
        ({"inputIds": [], "sourceIdType": "restId", "targetIdType": 7}, 400),
        ({"inputIds": [], "sourceIdType": "entryId", "targetIdType": "restId"}, 501),
    ],
)
def test_what_is_no_translation(world: World, body: Any, status: int) -> None:
    assert world.request("bob", "POST", TRANSLATE, body).status == status
