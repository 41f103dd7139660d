"""Whatever happens in a mailbox, and however often its receiver fails: who only listens knows what is there.

The receiver keeps ids from what it hears (created and updated add, deleted removes), takes part of what it answers with
an error all the same, and in the end has what the lists show.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from rsvpd.dialects.push import Answer, Push, Undelivered
from support.listening import Listening, Receivers
from support.world import World

STEPS, SEEDS = 40, range(6)
URL = "https://receiver.example/"
RESOURCES = {
    "events": "me/events",
    "messages": "me/messages",
    "inbox": "me/mailFolders('inbox')/messages",
}


class Mirror:
    """A receiver that keeps a picture of each resource by what it is told, and often fails."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.pictures: dict[str, set[str]] = {name: set() for name in RESOURCES}
        self.fails = 0.4

    async def __call__(self, push: Push) -> Answer:
        fate = self.chance.random()
        if fate < self.fails / 2:
            raise Undelivered("refused")  # it never got there
        self._take(push)
        if fate < self.fails:
            raise Undelivered("timeout")  # it got there, and the answer did not
        return Answer(202)

    def _take(self, push: Push) -> None:
        for one in json.loads(push.body)["value"]:
            picture, id = self.pictures[one["clientState"]], one["resourceData"]["id"]
            if one["changeType"] == "deleted":
                picture.discard(id)
            else:
                picture.add(id)


@pytest.mark.parametrize("seed", SEEDS)
def test_who_listens_knows_what_is_there(tmp_path: Path, seed: int) -> None:
    world = World(tmp_path)
    for name in ("alice", "bob"):
        world.add(name)
    chance = random.Random(seed)
    world.send = Receivers()
    for name, resource in RESOURCES.items():
        body = {
            "changeType": "created,updated,deleted", "notificationUrl": f"{URL}{name}", "resource": resource,
            "clientState": name, "expirationDateTime": "2026-11-29T00:00:00Z",
        }  # fmt: skip
        assert world.request("bob", "POST", "/v1.0/subscriptions", body).status == 201
    mirror = Mirror(chance)
    listening = Listening(world, Receivers(), world.publishers())
    listening.notifier._send = mirror
    with listening.heard():
        for _ in range(STEPS):
            live(world, chance)
            if chance.random() < 0.6:
                listening.tell(after=chance.choice((0, 1, 7, 60)))
        mirror.fails = 0
        listening.tell(after=3600)
    assert mirror.pictures == {name: shown(world, resource) for name, resource in RESOURCES.items()}
    world.close()


def shown(world: World, resource: str) -> set[str]:
    path = resource.replace("('inbox')", "/inbox")
    return {one["id"] for one in world.request("bob", "GET", f"/v1.0/{path}?$top=500").json["value"]}


def live(world: World, chance: random.Random) -> None:
    """Let one thing happen that bob may hear of."""
    hosted = listed(world, "alice", "/v1.0/me/events")
    events, messages = listed(world, "bob", "/v1.0/me/events"), listed(world, "bob", "/v1.0/me/messages")
    what = chance.randrange(9)
    if what <= 1 or not hosted:
        hours = (("start", 10), ("end", 11))
        times = {name: {"dateTime": f"2026-12-01T{hour}:00:00", "timeZone": "UTC"} for name, hour in hours}
        guests = [{"emailAddress": {"address": "bob@example.com"}}]
        ask(world, "alice", "POST", "/v1.0/me/events", times | {"attendees": guests, "subject": "Plans"})
    elif what == 2:
        ask(world, "alice", "PATCH", f"/v1.0/me/events/{chance.choice(hosted)}", {"subject": f"{chance.random()}"})
    elif what == 3:
        ask(world, "alice", "DELETE", f"/v1.0/me/events/{chance.choice(hosted)}")
    elif what == 4 and events:
        answer = chance.choice(("accept", "tentativelyAccept", "decline"))
        ask(world, "bob", "POST", f"/v1.0/me/events/{chance.choice(events)}/{answer}", {})
    elif what == 5 and events:
        ask(world, "bob", "DELETE", f"/v1.0/me/events/{chance.choice(events)}")
    elif what == 6 and messages:
        ask(world, "bob", "PATCH", f"/v1.0/me/messages/{chance.choice(messages)}", {"isRead": True})
    elif what == 7 and messages:
        where = {"destinationId": chance.choice(("inbox", "archive", "deleteditems"))}
        ask(world, "bob", "POST", f"/v1.0/me/messages/{chance.choice(messages)}/move", where)
    elif messages:
        ask(world, "bob", "DELETE", f"/v1.0/me/messages/{chance.choice(messages)}")


def listed(world: World, who: str, path: str) -> list[str]:
    return sorted(one["id"] for one in world.request(who, "GET", f"{path}?$top=500").json["value"])


def ask(world: World, who: str, method: str, path: str, body: Any = None) -> None:
    reply = world.request(who, method, path, body)
    # A called off meeting cannot be answered, and so on: what is refused is no change.
    assert reply.status < 300 or reply.status in (400, 404), reply.body
