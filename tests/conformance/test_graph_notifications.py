"""What receivers of Microsoft Graph are sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rsvpd.dialects.push import Push
from support.listening import Listening, Receivers
from support.world import SECOND, Reply, World

URL = "https://receiver.example/hook"


def subscribe(world: World, who: str = "bob", *, headers: dict[str, str] | None = None, **more: Any) -> Reply:
    body = {
        "changeType": "created,updated,deleted",
        "notificationUrl": URL,
        "resource": "me/events",
        "expirationDateTime": "2026-11-25T08:00:00Z",
        "clientState": "secret",
    }
    return world.request(who, "POST", "/v1.0/subscriptions", body | more, headers=headers)


def invite(world: World) -> None:
    slot = {
        "start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-12-01T11:00:00", "timeZone": "UTC"},
    }
    guests = [{"emailAddress": {"address": "bob@example.com"}}]
    assert world.request("alice", "POST", "/v1.0/me/events", slot | {"attendees": guests}).status == 201


def test_what_an_event_looks_like(world: World, receivers: Receivers, listening: Listening) -> None:
    made = subscribe(world).json
    invite(world)
    world.wait(listening.notifier.drain())
    (push,) = receivers.take()
    (event,) = world.request("bob", "GET", "/v1.0/me/events").json["value"]
    place = f"Users/{world.people['bob'].oid}@{world.store.tenant}/Events/{event['id']}"
    assert dict(push.headers) == {"Content-Type": "application/json; charset=utf-8"}
    assert json.loads(push.body) == {
        "value": [
            {
                "subscriptionId": made["id"],
                "subscriptionExpirationDateTime": made["expirationDateTime"],
                "clientState": "secret",
                "tenantId": world.store.tenant,
                "changeType": "created",
                "resource": place,
                "resourceData": {
                    "@odata.type": "#Microsoft.Graph.Event",
                    "@odata.id": place,
                    "@odata.etag": event["@odata.etag"],
                    "id": event["id"],
                },
            }
        ]
    }
    assert world.request("bob", "GET", f"/v1.0/{place}").json["id"] == event["id"]


@pytest.mark.parametrize("lasting", [False, True])
def test_ids_of_messages_are_those_that_are_shown(
    world: World, receivers: Receivers, listening: Listening, lasting: bool
) -> None:
    headers = {"prefer": 'IdType="ImmutableId"'} if lasting else {}
    made = subscribe(world, resource="me/messages", headers=headers)
    assert made.status == 201
    invite(world)
    changes = values(listening)
    (message,) = world.request("bob", "GET", "/v1.0/me/messages", headers=headers).json["value"]
    assert [(one["changeType"], one["resourceData"]["id"]) for one in changes] == [("created", message["id"])]
    assert changes[0]["resourceData"]["@odata.type"] == "#Microsoft.Graph.Message"
    place = f"/v1.0/me/messages/{message['id']}/move"
    moved = world.request("bob", "POST", place, {"destinationId": "archive"}, headers=headers).json["id"]
    found = [(one["changeType"], one["resourceData"]["id"]) for one in values(listening)]
    assert found == ([("updated", moved)] if lasting else [("deleted", message["id"]), ("created", moved)])


def values(listening: Listening) -> list[dict[str, Any]]:
    return [one for push in listening.tell() for one in push["value"]]


def test_accepting_is_heard_by_both(world: World, receivers: Receivers, listening: Listening) -> None:
    invite(world)
    for who, resource in (("alice", "me/events"), ("alice", "me/messages"), ("bob", "me/events")):
        assert subscribe(world, who, resource=resource, clientState=f"{who} {resource}").status == 201
    (event,) = world.request("bob", "GET", "/v1.0/me/events").json["value"]
    world.request("bob", "POST", f"/v1.0/me/events/{event['id']}/accept", {"comment": "Yes"})
    found = {(one["clientState"], one["changeType"]) for one in values(listening)}
    assert found == {("alice me/events", "updated"), ("alice me/messages", "created"), ("bob me/events", "updated")}


def test_what_was_given_up_is_missed(world: World, receivers: Receivers, listening: Listening) -> None:
    made = subscribe(world, lifecycleNotificationUrl=f"{URL}/life").json
    receivers.will(*[500] * 30)
    invite(world)
    sent: list[Push] = []
    while not any(push.url.endswith("/life") for push in sent):
        listening.machine += 1800 * SECOND
        world.wait(listening.notifier.drain())
        sent += receivers.take()
        assert len(sent) < 30
    assert json.loads(sent[-1].body) == {
        "value": [
            {
                "subscriptionId": made["id"],
                "subscriptionExpirationDateTime": made["expirationDateTime"],
                "clientState": "secret",
                "tenantId": world.store.tenant,
                "lifecycleEvent": "missed",
            }
        ]
    }
