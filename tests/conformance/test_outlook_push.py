"""Push subscriptions of Outlook REST v2.0: the handshake, when they end, and what receivers are sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rsvpd.clock import parse_instant
from rsvpd.dialects.microsoft.resources import notifications
from rsvpd.dialects.push import Answer, Push
from rsvpd.identity.clients import LOCAL_CLIENT
from support.listening import DAY, Listening, Receivers, invite, rename
from support.world import SECOND, Reply, World

URL = "https://receiver.example/hook"
MOUNT = "/api/v2.0"
ROOT = f"http://rsvpd.test{MOUNT}"
PLACE = f"{MOUNT}/me/subscriptions"
TYPE = "#Microsoft.OutlookServices.PushSubscription"


def body(**more: Any) -> dict[str, Any]:
    sent = {
        "@odata.type": TYPE,
        "Resource": "https://outlook.office.com/api/v2.0/me/events",
        "NotificationURL": URL,
        "ChangeType": "Created,Updated,Deleted",
        "ClientState": "secret",
    }
    return {name: value for name, value in (sent | more).items() if value is not ...}


def subscribe(world: World, who: str = "bob", **more: Any) -> Reply:
    return world.request(who, "POST", PLACE, body(**more))


def told(reply: Reply) -> tuple[int, str, str]:
    error = reply.json["error"]
    return reply.status, error["code"], error["message"]


def values(listening: Listening, *, after: float = 0) -> list[dict[str, Any]]:
    return [one for push in listening.tell(after=after) for one in push["value"]]


def test_what_is_made_is_shown(world: World, receivers: Receivers) -> None:
    made = subscribe(world, ChangeType="created, deleted")
    id = made.json["Id"]
    user = f"{world.people['bob'].oid}@{world.store.tenant}"
    assert (made.status, made.json) == (
        201,
        {
            "@odata.context": f"{ROOT}/$metadata#Me/Subscriptions/$entity",
            "@odata.type": TYPE,
            "@odata.id": f"{ROOT}/Users('{user}')/Subscriptions('{id}')",
            "Id": id,
            "Resource": "https://outlook.office.com/api/v2.0/me/events",
            "ChangeType": "Created, Deleted, Missed",
            "ClientState": "secret",
            "NotificationURL": URL,
            "SubscriptionExpirationDateTime": "2026-11-26T08:00:01.0000000Z",
        },
    )
    # Who reads it later is not told what the receiver knows the service by.
    shown = {name: value for name, value in made.json.items() if name != "ClientState"}
    for place in (f"{PLACE}('{id}')", f"{PLACE}/{id.upper()}", f"{MOUNT}/Users('{user}')/Subscriptions('{id}')"):
        assert world.request("bob", "GET", place).json == shown
    listed = world.request("bob", "GET", PLACE).json
    assert listed["@odata.context"] == f"{ROOT}/$metadata#Me/Subscriptions"
    assert listed["value"] == [{name: value for name, value in shown.items() if name != "@odata.context"}]


@pytest.mark.parametrize("mount", ["/v1.0", "/api/v1.0"])
def test_the_other_versions_have_none_below_a_user(world: World, mount: str) -> None:
    for place in ("me/subscriptions", "users/bob@example.com/subscriptions"):
        assert "Resource not found" in world.request("bob", "POST", f"{mount}/{place}", {}).json["error"]["message"]


def test_graph_and_outlook_do_not_see_those_of_the_other(world: World, receivers: Receivers) -> None:
    id = subscribe(world).json["Id"]
    assert world.request("bob", "GET", "/v1.0/subscriptions").json["value"] == []
    assert world.request("bob", "GET", f"/v1.0/subscriptions/{id}").status == 404
    assert world.request("bob", "DELETE", f"/v1.0/subscriptions/{id}").status == 404
    assert world.request("bob", "GET", f"{PLACE}/{id}").status == 200


def test_others_see_nothing_of_it(world: World, receivers: Receivers) -> None:
    id = subscribe(world).json["Id"]
    assert world.request("alice", "GET", PLACE).json["value"] == []
    for method in ("GET", "PATCH", "DELETE"):
        for owner in ("me", "users/bob@example.com"):
            place = f"{MOUNT}/{owner}/subscriptions/{id}"
            assert world.request("alice", method, place, {} if method == "PATCH" else None).status in (403, 404)
    assert world.request("bob", "GET", f"{PLACE}/{id}").status == 200


@pytest.mark.parametrize(
    ("wrong", "code", "words"),
    [
        ({"@odata.type": ...}, "ErrorInvalidParameter", "@odata.type is a required property"),
        ({"@odata.type": "#Microsoft.OutlookServices.Event"}, "ValidationError", "is no subscription"),
        ({"@odata.type": 7}, "ValidationError", "is no subscription"),
        ({"ChangeType": ...}, "ErrorInvalidParameter", "ChangeType is a required property"),
        ({"Resource": ...}, "ErrorInvalidParameter", "Resource is a required property"),
        ({"NotificationURL": None}, "ErrorInvalidParameter", "NotificationURL is a required property"),
        ({"ChangeType": "Created,Moved"}, "ErrorPropertyValidationFailure", "'moved' is none of"),
        ({"ChangeType": "Missed"}, "ErrorPropertyValidationFailure", "is expected"),
        ({"ClientState": "x" * 256}, "ErrorPropertyValidationFailure", "at most 255 letters"),
        ({"ClientState": "a\r\nX-Evil: b"}, "ErrorPropertyValidationFailure", "letters of ASCII"),
        ({"SubscriptionExpirationDateTime": "soon"}, "ErrorPropertyValidationFailure", "a date and time"),
        ({"NotificationURL": "http://receiver.example"}, "ValidationError", "It has to be https"),
        ({"Resource": "https://elsewhere.example/api/v2.0/me/events"}, "ValidationError", "is not of this service"),
        ({"Resource": "https://outlook.office.com/api/v1.0/me/events"}, "ValidationError", "is not of this service"),
        ({"Resource": "https://outlook.office.com/api/v2.0events"}, "ValidationError", "is not of this service"),
        ({"Resource": "https://[x/api/v2.0/me/events"}, "ValidationError", "no URL"),
        ({"Resource": "me/nothing"}, "ValidationError", "cannot be subscribed to"),
        ({"Colour": "red"}, "RequestBodyRead", "Colour"),
    ],
)  # fmt: skip
def test_what_cannot_be(world: World, receivers: Receivers, wrong: dict[str, Any], code: str, words: str) -> None:
    status, said, message = told(subscribe(world, **wrong))
    assert (status, said) == (400, code)
    assert words in message
    assert receivers.take() == []


@pytest.mark.parametrize(
    "more",
    [
        {"@odata.type": "#Microsoft.OutlookServices.StreamingSubscription"},
        {"Resource": f"{ROOT}/me/messages?$filter=IsRead eq false"},
        {"Resource": f"{ROOT}/me/contacts"},
        {"Resource": "me/tasks"},
    ],
)
def test_what_is_not_emulated_is_said(world: World, receivers: Receivers, more: dict[str, Any]) -> None:
    assert subscribe(world, **more).status == 501
    assert receivers.take() == []


@pytest.mark.parametrize(
    "resource",
    [
        "me/events", "/Me/Messages", f"{ROOT}/me/events", f"{ROOT}/Me/MailFolders('Inbox')/Messages",
        "https://outlook.office365.com/api/v2.0/me/folders/inbox/messages",
        "HTTPS://outlook.office.com/API/v2.0/Users('bob@example.com')/events",
    ],
)  # fmt: skip
def test_resources(world: World, receivers: Receivers, resource: str) -> None:
    made = subscribe(world, Resource=resource, **{"@odata.type": TYPE.removeprefix("#")})
    assert (made.status, made.json.get("Resource")) == (201, resource)


@pytest.mark.parametrize(
    ("path", "resource", "role", "status"),
    [
        ("users/bob@example.com", "users/bob@example.com/events", "Calendars.Read", 201),
        ("users/bob@example.com", "users/bob@example.com/events", "Mail.Read", 403),
        ("users/bob@example.com", "users/alice@example.com/events", "Calendars.Read", 400),
        ("users/bob@example.com", "me/events", "Calendars.Read", 400),
        ("me", "users/bob@example.com/events", "Calendars.Read", 400),
    ],
)
def test_an_application_names_the_mailbox(
    world: World, receivers: Receivers, path: str, resource: str, role: str, status: int
) -> None:
    token = world.tokens.issue_to_application(LOCAL_CLIENT, "oid", roles=(role,), now=world.now)
    by = {"authorization": f"Bearer {token}"}
    place = f"{MOUNT}/{path}/subscriptions"
    made = world.request(None, "POST", place, body(Resource=resource), headers=by)
    assert made.status == status, made.body
    if status == 201:
        id = made.json["Id"]
        assert world.request(None, "GET", f"{place}/{id}", headers=by).status == 200
        elsewhere = f"{MOUNT}/users/alice@example.com/subscriptions"
        assert world.request(None, "GET", elsewhere, headers=by).json["value"] == []
        for method in ("GET", "DELETE"):
            assert world.request(None, method, f"{elsewhere}/{id}", headers=by).status == 404


def test_a_person_subscribes_to_the_own_mailbox_alone(world: World, receivers: Receivers) -> None:
    rule = {"emailAddress": {"address": "bob@example.com"}, "role": "write"}
    world.request("alice", "POST", "/v1.0/me/calendar/calendarPermissions", rule)
    assert subscribe(world, Resource="users/alice@example.com/events").status == 403
    assert receivers.take() == []


def test_the_receiver_is_asked_first(world: World, receivers: Receivers) -> None:
    asked: list[Push] = []

    async def send(push: Push) -> Answer:
        asked.append(push)
        return Answer(200, "text/plain", push.url.rpartition("=")[2].encode())

    world.send = send
    # It gives back what was sent as `validationtoken`.
    assert subscribe(world, NotificationURL=f"{URL}?a=b").status == 201
    (push,) = asked
    assert push.url.startswith(f"{URL}?a=b&validationtoken=")
    assert dict(push.headers) == {"Content-Type": "text/plain; charset=utf-8", "ClientState": "secret"}
    assert (push.body, push.seconds) == (b"", 5.0)


@pytest.mark.parametrize("reaction", [None, 202, 500, Answer(200, "text/plain", b"other"), Answer(200, "text/html")])
def test_who_does_not_agree_hears_nothing(world: World, receivers: Receivers, reaction: Any) -> None:
    receivers.will(*[reaction] * 1)
    world.send = _without_token(receivers)
    assert told(subscribe(world))[:2] == (400, "ValidationError")
    assert world.request("bob", "GET", PLACE).json["value"] == []


def _without_token(receivers: Receivers) -> Any:
    async def send(push: Push) -> Answer:
        return await receivers(Push(url=push.url.partition("?")[0], headers=push.headers, body=push.body))

    return send


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        (..., "2026-11-26T08:00:01"),
        ("2026-11-25T08:00:00Z", "2026-11-25T08:00:00"),
        ("2026-12-25T08:00:00Z", "2026-11-26T08:00:01"),
        ("2015-11-20T23:05:01.9420124Z", "2026-11-23T08:45:01"),
    ],
)
def test_when_it_ends(world: World, receivers: Receivers, wanted: Any, got: str) -> None:
    made = subscribe(world, SubscriptionExpirationDateTime=wanted)
    assert made.json["SubscriptionExpirationDateTime"] == f"{got}.0000000Z"


def test_it_is_renewed_and_ended(world: World, receivers: Receivers) -> None:
    place = f"{PLACE}('{subscribe(world).json['Id']}')"
    world.now += DAY
    until = {"@odata.type": TYPE, "SubscriptionExpirationDateTime": "2026-11-25T08:00:00Z"}
    renewed = world.request("bob", "PATCH", place, until)
    assert (renewed.status, renewed.json["SubscriptionExpirationDateTime"]) == (200, "2026-11-25T08:00:00.0000000Z")
    for nothing in ({"@odata.type": TYPE}, {}):
        renewed = world.request("bob", "PATCH", place, nothing)
        day = parse_instant(renewed.json["SubscriptionExpirationDateTime"])
        assert 0 <= day - world.now - 3 * DAY <= SECOND
        assert renewed.json["ClientState"] == "secret"
    refused = world.request("bob", "PATCH", place, {"ClientState": "other"})
    assert told(refused) == (400, "ValidationError", "ClientState cannot be changed.")
    assert world.request("bob", "DELETE", place).status == 204
    assert world.request("bob", "GET", place).status == 404
    assert world.request("bob", "PATCH", place, {}).status == 404


def test_it_is_over_when_it_ends(world: World, receivers: Receivers) -> None:
    place = f"{PLACE}/{subscribe(world).json['Id']}"
    world.now = parse_instant("2026-11-26T08:00:02")
    assert world.request("bob", "GET", place).status == 404
    assert world.request("bob", "GET", PLACE).json["value"] == []


def test_what_an_event_looks_like(world: World, receivers: Receivers, listening: Listening) -> None:
    made = subscribe(world).json
    invite(world, "bob")
    world.wait(listening.notifier.drain())
    (push,) = receivers.take()
    (event,) = world.request("bob", "GET", f"{MOUNT}/me/events").json["value"]
    assert push.url == URL
    assert dict(push.headers) == {"Content-Type": "application/json; charset=utf-8", "ClientState": "secret"}
    assert json.loads(push.body) == {
        "value": [
            {
                "@odata.type": "#Microsoft.OutlookServices.Notification",
                "Id": None,
                "SubscriptionId": made["Id"],
                "SubscriptionExpirationDateTime": made["SubscriptionExpirationDateTime"],
                "SequenceNumber": 1,
                "ChangeType": "Created",
                "Resource": event["@odata.id"],
                "ResourceData": {
                    "@odata.type": "#Microsoft.OutlookServices.Event",
                    "@odata.id": event["@odata.id"],
                    "@odata.etag": event["@odata.etag"],
                    "Id": event["Id"],
                },
            }
        ]
    }


@pytest.mark.parametrize(
    ("resource", "members"),
    [
        ("me/events?$select=Subject,Start", {"Subject", "Start"}),
        (f"{ROOT}/me/messages?%24select=Subject,Body,IsRead", {"Subject", "Body", "IsRead"}),
        ("me/folders/inbox/messages?$select=Sender", {"Sender"}),
    ],
)
def test_what_is_selected_is_told(
    world: World, receivers: Receivers, listening: Listening, resource: str, members: set[str]
) -> None:
    made = subscribe(world, Resource=resource)
    assert (made.status, made.json["Resource"]) == (201, resource)
    invite(world, "bob")
    (one,) = values(listening)
    data = one["ResourceData"]
    item = world.request("bob", "GET", f"{data['@odata.id']}?{resource.partition('?')[2]}").json
    assert set(data) == {"@odata.type", "@odata.id", "@odata.etag", "Id"} | members
    assert {name: data[name] for name in members} == {name: item[name] for name in members}


def test_what_is_gone_is_told_by_its_id_alone(world: World, receivers: Receivers, listening: Listening) -> None:
    subscribe(world, "alice", Resource="me/events?$select=Subject")
    event = invite(world)
    world.request("alice", "DELETE", f"/v1.0/me/events/{event}")
    assert values(listening) == []
    event = invite(world)
    assert "Subject" in values(listening)[0]["ResourceData"]
    world.request("alice", "DELETE", f"/v1.0/me/events/{event}")
    (one,) = values(listening)
    assert (one["ChangeType"], set(one["ResourceData"])) == (
        "Deleted", {"@odata.type", "@odata.id", "@odata.etag", "Id"},
    )  # fmt: skip


def test_a_message_has_an_end(
    world: World, receivers: Receivers, listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "MOST_CONTENT_BYTES", 100)
    subscribe(world, "alice", Resource="me/events?$select=Subject")
    invite(world)
    invite(world)
    first, second = values(listening)
    assert "Subject" in first["ResourceData"]
    assert "Subject" not in second["ResourceData"]


def test_without_a_state_there_is_no_header(world: World, receivers: Receivers, listening: Listening) -> None:
    assert subscribe(world, ClientState=...).json["ClientState"] is None
    invite(world, "bob")
    world.wait(listening.notifier.drain())
    (push,) = receivers.take()
    assert dict(push.headers) == {"Content-Type": "application/json; charset=utf-8"}


def test_messages_have_the_ids_that_are_shown(world: World, receivers: Receivers, listening: Listening) -> None:
    subscribe(world, Resource="me/messages")
    invite(world, "bob")
    (one,) = values(listening)
    (message,) = world.request("bob", "GET", f"{MOUNT}/me/messages").json["value"]
    assert (one["ResourceData"]["Id"], one["Resource"]) == (message["Id"], message["@odata.id"])
    moved = world.request("bob", "POST", f"{MOUNT}/me/messages/{message['Id']}/move", {"DestinationId": "Archive"}).json
    found = [(one["SequenceNumber"], one["ChangeType"], one["ResourceData"]["Id"]) for one in values(listening)]
    assert found == [(2, "Deleted", message["Id"]), (3, "Created", moved["Id"])]


def test_numbers_follow_each_other_also_when_a_message_is_sent_again(
    world: World, receivers: Receivers, listening: Listening
) -> None:
    subscribe(world, "alice")
    event = invite(world)
    assert [one["SequenceNumber"] for one in values(listening)] == [1]
    receivers.will(500)
    rename(world, event)
    invite(world)
    assert [one["SequenceNumber"] for one in values(listening)] == [2, 3]
    assert [one["SequenceNumber"] for one in values(listening, after=5)] == [2, 3]
    rename(world, event, "Newer")
    assert [one["SequenceNumber"] for one in values(listening)] == [4]


def test_what_was_given_up_is_missed_under_the_next_number(
    world: World, receivers: Receivers, listening: Listening
) -> None:
    made = subscribe(world).json
    receivers.will(*[500] * 17)
    invite(world, "bob")
    sent: list[dict[str, Any]] = []
    while not any(one["ChangeType"] == "Missed" for one in sent):
        sent += values(listening, after=1800)
        assert len(sent) < 30
    assert {one["SequenceNumber"] for one in sent[:-1]} == {1}
    assert sent[-1] == {
        "@odata.type": "#Microsoft.OutlookServices.Notification",
        "Id": None,
        "SubscriptionId": made["Id"],
        "SubscriptionExpirationDateTime": made["SubscriptionExpirationDateTime"],
        "SequenceNumber": 2,
        "ChangeType": "Missed",
    }
