"""Notification channels of Google Calendar: what they take, what receivers are sent, how they end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from rsvpd.dialects.push import Push
from support.listening import Listening, Receivers
from support.world import Reply, World

URL = "https://receiver.example/hook"
ROOT = "/calendar/v3"
EVENTS = "/calendars/primary/events"
DAY_MS = 86_400_000
NOW_MS = 1_795_420_800_000  # 2026-11-23T08:00:00Z


@pytest.fixture
def listening(world: World) -> Iterator[Listening]:
    listening = Listening(world, Receivers(), world.publishers())
    with listening.heard():
        yield listening


def watch(world: World, who: str = "bob", *, at: str = EVENTS, **more: Any) -> Reply:
    body = {"id": "one", "type": "web_hook", "address": URL, "token": "secret"} | more
    sent = {name: value for name, value in body.items() if value is not ...}
    return world.request(who, "POST", f"{ROOT}{at}/watch", sent)


def told(reply: Reply) -> tuple[int, str, str]:
    error = reply.json["error"]
    return reply.status, error["errors"][0]["reason"], error["message"]


def take(listening: Listening, *, after: float = 0) -> list[dict[str, str]]:
    listening.machine += int(after * 1_000_000)
    listening.world.wait(listening.notifier.drain())
    return [headers(push) for push in listening.receivers.take()]


def headers(push: Push) -> dict[str, str]:
    assert (push.url, push.body) == (URL, b"")
    return {name.removeprefix("X-Goog-"): value for name, value in push.headers if name.startswith("X-Goog-")}


def invite(world: World) -> None:
    times = {name: {"dateTime": f"2026-12-01T{hour}:00:00Z"} for name, hour in (("start", 10), ("end", 11))}
    body = times | {"attendees": [{"email": "bob@example.com"}]}
    assert world.request("alice", "POST", f"{ROOT}{EVENTS}?sendUpdates=all", body).status == 200


def test_what_is_answered(world: World) -> None:
    made = watch(world)
    assert made.status == 200
    uri = f"http://rsvpd.test{ROOT}{EVENTS}?alt=json"
    resource = made.json.pop("resourceId")
    body = dict(made.json)
    assert resource == body.pop("resourceId")
    expiration = int(body.pop("expiration"))
    assert body == {"kind": "api#channel", "id": "one", "resourceUri": uri, "token": "secret"}
    assert expiration == NOW_MS + 1_000 + 7 * DAY_MS
    assert isinstance(made.json["expiration"], str)


def test_it_begins_with_sync_and_then_says_that_there_is_something(world: World, listening: Listening) -> None:
    made = watch(world).json
    common = {
        "Channel-ID": "one",
        "Channel-Token": "secret",
        "Channel-Expiration": "Mon, 30 Nov 2026 08:00:01 GMT",
        "Resource-ID": made["resourceId"],
        "Resource-URI": made["resourceUri"],
    }
    assert take(listening) == [common | {"Resource-State": "sync", "Message-Number": "1"}]
    invite(world)
    assert take(listening) == [common | {"Resource-State": "exists", "Message-Number": "2"}]
    assert take(listening, after=3600) == []


def test_a_channel_without_a_token_tells_none(world: World, listening: Listening) -> None:
    assert "token" not in watch(world, token=...).json
    assert "Channel-Token" not in take(listening)[0]


@pytest.mark.parametrize("wants", [True, False, None])
def test_no_message_has_a_body_whoever_wants_one(world: World, listening: Listening, wants: bool | None) -> None:
    made = watch(world, payload=wants)
    assert (made.status, "payload" in made.hint) == (200, wants is True)
    invite(world)
    assert [one["Resource-State"] for one in take(listening)] == ["sync", "exists"]
    assert "payload" not in made.json


def test_a_declined_event_is_told(world: World, listening: Listening) -> None:
    invite(world)
    watch(world)
    take(listening)
    (event,) = world.request("bob", "GET", f"{ROOT}{EVENTS}").json["items"]
    answer = {"attendees": [{"email": "bob@example.com", "responseStatus": "declined"}]}
    assert world.request("bob", "PATCH", f"{ROOT}{EVENTS}/{event['id']}", answer).status == 200
    assert [one["Resource-State"] for one in take(listening)] == ["exists"]


@pytest.mark.parametrize(
    ("at", "change"),
    [
        ("/calendars/primary/acl", ("POST", "/calendar/v3/calendars/primary/acl",
                                    {"role": "reader", "scope": {"type": "user", "value": "alice@example.com"}})),
        ("/users/me/settings", ("PATCH", "/v1.0/me/mailboxSettings",
                                {"delegateMeetingMessageDeliveryOptions": "sendToDelegateAndPrincipal"})),
        ("/users/me/calendarList", ("PATCH", "/calendar/v3/users/me/calendarList/primary", {"colorId": "3"})),
        ("/users/me/calendarList", ("POST", "/calendar/v3/calendars", {"summary": "Rowing"})),
    ],
)  # fmt: skip
def test_other_resources(world: World, listening: Listening, at: str, change: tuple[str, str, Any]) -> None:
    assert watch(world, at=at).json["resourceUri"] == f"http://rsvpd.test{ROOT}{at}?alt=json"
    assert len(take(listening)) == 1
    invite(world)
    assert take(listening) == []
    method, url, body = change
    assert world.request("bob", method, url, body).status == 200
    assert [one["Resource-State"] for one in take(listening)] == ["exists"]


@pytest.mark.parametrize(
    ("wrong", "reason", "words"),
    [
        ({"id": ...}, "required", "Required"),
        ({"type": ...}, "required", "Required"),
        ({"address": ...}, "required", "Required"),
        ({"id": "a b"}, "invalid", "id"),
        ({"id": "x" * 65}, "invalid", "id"),
        ({"id": 7}, "invalid", "id"),
        ({"type": "carrier_pigeon"}, "invalid", "carrier_pigeon"),
        ({"token": "x" * 257}, "invalid", "token"),
        ({"token": "a\r\nX-Goog-Channel-ID: b"}, "invalid", "token"),
        ({"expiration": "soon"}, "invalid", "expiration"),
        ({"expiration": True}, "invalid", "expiration"),
        ({"expiration": NOW_MS - 1}, "invalid", "over already"),
        ({"params": {"ttl": "-5"}}, "invalid", "params.ttl"),
        ({"payload": "true"}, "invalid", "payload"),
        ({"payload": 1}, "invalid", "payload"),
        ({"address": "http://receiver.example/"}, "push.webhookUrlNotHttps",
         "WebHook callback must be HTTPS: http://receiver.example/"),
        ({"address": "hook"}, "push.webhookUrlNotHttps", "WebHook callback must be HTTPS: hook"),
    ],
)  # fmt: skip
def test_what_cannot_be(world: World, wrong: dict[str, Any], reason: str, words: str) -> None:
    status, said, message = told(watch(world, **wrong))
    assert (status, said) == (400, reason)
    assert words in message


@pytest.mark.parametrize(
    ("asked", "milliseconds"),
    [
        ({"params": {"ttl": "3600"}}, 3_600_000 + 1_000),
        ({"params": {"ttl": 60}}, 60_000 + 1_000),
        ({"expiration": NOW_MS + DAY_MS}, DAY_MS),
        ({"expiration": str(NOW_MS + DAY_MS), "params": {"ttl": "60"}}, DAY_MS),
        ({"expiration": NOW_MS + 1_000 * DAY_MS}, 30 * DAY_MS + 1_000),
    ],
)
def test_when_it_ends(world: World, asked: dict[str, Any], milliseconds: int) -> None:
    assert int(watch(world, **asked).json["expiration"]) == NOW_MS + milliseconds


def test_an_id_is_for_one_channel(world: World) -> None:
    watch(world)
    for who, at in (("bob", EVENTS), ("bob", "/users/me/settings"), ("alice", EVENTS)):
        assert told(watch(world, who, at=at)) == (400, "channelIdNotUnique", "Channel id one not unique")


def test_this_machine_may_be_told_without_tls(world: World) -> None:
    assert watch(world, address="http://localhost:3000/hook").status == 200


def test_it_is_stopped_by_who_made_it(world: World, listening: Listening) -> None:
    resource = watch(world).json["resourceId"]
    take(listening)
    stop = {"id": "one", "resourceId": resource}
    gone = (404, "notFound", "Channel 'one' not found for project ''")
    assert told(world.request("alice", "POST", f"{ROOT}/channels/stop", stop)) == gone
    for wrong in ({"id": "one", "resourceId": "x"}, {"id": "other", "resourceId": resource}):
        assert told(world.request("bob", "POST", f"{ROOT}/channels/stop", wrong))[:2] == (404, "notFound")
    assert told(world.request("bob", "POST", f"{ROOT}/channels/stop", {"id": "one"}))[:2] == (400, "required")
    reply = world.request("bob", "POST", f"{ROOT}/channels/stop", stop)
    assert (reply.status, reply.body) == (204, b"")
    invite(world)
    assert take(listening) == []
    assert told(world.request("bob", "POST", f"{ROOT}/channels/stop", stop)) == gone
    assert watch(world).status == 200


def test_a_shared_calendar_is_watched_by_who_reads_it(world: World, listening: Listening) -> None:
    at = "/calendars/alice@example.com/events"
    assert told(watch(world, at=at))[:2] == (404, "notFound")
    rule = {"role": "reader", "scope": {"type": "user", "value": "bob@example.com"}}
    world.request("alice", "POST", f"{ROOT}/calendars/primary/acl", rule)
    assert watch(world, at=at).status == 200
    assert told(watch(world, at="/calendars/alice@example.com/acl", id="two"))[:2] == (404, "notFound")
    invite(world)
    assert [one["Resource-State"] for one in take(listening)] == ["sync", "exists"]


@pytest.mark.parametrize(
    ("status", "times"),
    [(200, 1), (201, 1), (204, 1), (102, 1), (500, 2), (502, 2), (503, 2), (504, 2), (None, 2), (404, 1), (301, 1)],
)
def test_what_is_said_again(world: World, listening: Listening, status: int | None, times: int) -> None:
    watch(world)
    listening.receivers.will(status)
    found = take(listening) + take(listening, after=3600)
    assert [one["Resource-State"] for one in found] == ["sync"] * times
    assert {one["Message-Number"] for one in found} == {"1"}
