"""Subscriptions of Microsoft Graph: who may subscribe to what, the handshake, and what receivers are sent."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import pytest
from msgspec import structs

from rsvpd.clock import parse_instant
from rsvpd.commands.subscriptions import MOST
from rsvpd.dialects.push import Answer, Push
from rsvpd.identity.clients import LOCAL_CLIENT
from rsvpd.store import subscriptions
from support.listening import Listening, Receivers
from support.world import Reply, World

URL = "https://receiver.example/hook"
HANDSHAKE = "Subscription validation request failed."
OK_NEEDED = "Notification endpoint must respond with 200 OK to validation request."


def body(**more: Any) -> dict[str, Any]:
    return {
        "changeType": "created,updated,deleted",
        "notificationUrl": URL,
        "resource": "me/events",
        "expirationDateTime": "2026-11-25T08:00:00Z",
        "clientState": "secret",
    } | more


def subscribe(world: World, who: str = "bob", *, headers: dict[str, str] | None = None, **more: Any) -> Reply:
    sent = {name: value for name, value in body(**more).items() if value is not ...}
    return world.request(who, "POST", "/v1.0/subscriptions", sent, headers=headers)


def told(reply: Reply) -> tuple[int, str, str]:
    error = reply.json["error"]
    return reply.status, error["code"], error["message"]


def invite(world: World) -> None:
    slot = {
        "start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-12-01T11:00:00", "timeZone": "UTC"},
    }
    guests = [{"emailAddress": {"address": "bob@example.com"}}]
    assert world.request("alice", "POST", "/v1.0/me/events", slot | {"attendees": guests}).status == 201


def test_what_is_made_is_shown(world: World, receivers: Receivers) -> None:
    made = subscribe(world, latestSupportedTlsVersion="v1_2", lifecycleNotificationUrl=f"{URL}/life")
    assert made.status == 201
    expected = {
        "resource": "me/events",
        "applicationId": None,
        "changeType": "created,updated,deleted",
        "clientState": "secret",
        "notificationUrl": URL,
        "notificationQueryOptions": None,
        "lifecycleNotificationUrl": f"{URL}/life",
        "expirationDateTime": "2026-11-25T08:00:00.0000000Z",
        "creatorId": world.people["bob"].oid,
        "includeResourceData": None,
        "latestSupportedTlsVersion": "v1_2",
        "encryptionCertificate": None,
        "encryptionCertificateId": None,
        "notificationUrlAppId": None,
    }
    assert made.json["@odata.context"] == "http://rsvpd.test/v1.0/$metadata#subscriptions/$entity"
    id = made.json["id"]
    assert {name: value for name, value in made.json.items() if name in expected} == expected
    assert world.request("bob", "GET", f"/v1.0/subscriptions/{id.upper()}").json["id"] == id
    listed = world.request("bob", "GET", "/v1.0/subscriptions").json
    assert listed["@odata.context"] == "http://rsvpd.test/v1.0/$metadata#subscriptions"
    assert [one["id"] for one in listed["value"]] == [id]


def test_others_see_nothing_of_it(world: World, receivers: Receivers) -> None:
    id = subscribe(world).json["id"]
    assert world.request("alice", "GET", "/v1.0/subscriptions").json["value"] == []
    for method in ("GET", "PATCH", "DELETE"):
        reply = world.request("alice", method, f"/v1.0/subscriptions/{id}", {} if method == "PATCH" else None)
        assert told(reply) == (404, "ResourceNotFound", "The object was not found.")


@pytest.mark.parametrize("id", ["x", "00000000-0000-8000-8000-000000000000", "zzzzzzzz-0000-8000-8000-000000000000"])
def test_what_is_not_there(world: World, id: str) -> None:
    assert told(world.request("bob", "GET", f"/v1.0/subscriptions/{id}"))[:2] == (404, "ResourceNotFound")


@pytest.mark.parametrize(
    ("wrong", "code", "words"),
    [
        ({"changeType": ...}, "ErrorInvalidParameter", "changeType is a required property for subscription creation."),
        ({"resource": ...}, "ErrorInvalidParameter", "resource is a required property for subscription creation."),
        ({"notificationUrl": ...}, "ErrorInvalidParameter",
         "notificationUrl is a required property for subscription creation."),
        ({"expirationDateTime": ...}, "ErrorInvalidParameter",
         "expirationDateTime is a required property for subscription creation."),
        ({"changeType": "created,moved"}, "ErrorPropertyValidationFailure", "'moved' is none of"),
        ({"changeType": 7}, "ErrorPropertyValidationFailure", "changeType"),
        ({"clientState": "x" * 129}, "ErrorPropertyValidationFailure", "at most 128 letters"),
        ({"latestSupportedTlsVersion": "v9"}, "ValidationError",
         "Invalid property value for LatestSupportedTlsVersion"),
        ({"expirationDateTime": "soon"}, "ErrorPropertyValidationFailure", "a date and time"),
        ({"expirationDateTime": "2026-11-30T08:00:02Z"}, "ExtensionError",
         "Subscription expiration can only be 10080 minutes in the future."),
        ({"notificationUrl": "http://receiver.example"}, "ValidationError", "It has to be https"),
        ({"notificationUrl": "hook"}, "ValidationError", "no absolute https URL"),
        ({"lifecycleNotificationUrl": "ftp://x"}, "ValidationError", "no absolute https URL"),
        ({"resource": "me/nothing"}, "ValidationError", "cannot be subscribed to"),
        ({"resource": ""}, "ValidationError", "cannot be subscribed to"),
        ({"resource": "me/events/" + "a/" * 40}, "ValidationError", "cannot be subscribed to"),
        ({"resource": "me/mailFolders('nowhere')/messages"}, "ErrorInvalidIdMalformed", ""),
        ({"resource": "me"}, "ValidationError", "cannot be subscribed to"),
        ({"resource": "me/calendar"}, "ValidationError", "cannot be subscribed to"),
        ({"resource": "me/calendarView"}, "ValidationError", "cannot be subscribed to"),
        ({"resource": "me/mailFolders/inbox"}, "ValidationError", "cannot be subscribed to"),
        ({"resource": "users/bob@example.com/mailFolders"}, "ValidationError", "cannot be subscribed to"),
        ({"resource": "me/events/AAMk"}, "ValidationError", "cannot be subscribed to"),
        ({"resource": "https://graph.microsoft.com/v1.0/me/events"}, "ValidationError", "cannot be subscribed to"),
        ({"changeType": "created,"}, "ErrorPropertyValidationFailure", "'' is none of"),
        ({"colour": "red"}, "RequestBodyRead", "colour"),
    ],
)  # fmt: skip
def test_what_cannot_be(world: World, receivers: Receivers, wrong: dict[str, Any], code: str, words: str) -> None:
    status, said, message = told(subscribe(world, **wrong))
    assert (status, said) == (400, code)
    assert words in message
    assert receivers.take() == []


@pytest.mark.parametrize(
    "more",
    [{"resource": "me/contacts"}, {"resource": "groups"}, {"resource": "users"}, {"resource": "me/todo/lists"},
     {"resource": "me/mailFolders/inbox/childFolders/x/messages"},
     {"resource": "me/messages?$filter=isRead eq false"}],
)  # fmt: skip
def test_what_is_not_emulated_is_said(world: World, receivers: Receivers, more: dict[str, Any]) -> None:
    assert told(subscribe(world, **more))[:2] == (501, "NotImplemented")


@pytest.mark.parametrize(
    "resource",
    ["me/events", "/me/events", "Me/Events", "me/events/", "users/bob%40example.com/messages", "me/messages?",
     "users('{bob}')/mailFolders('Inbox')/messages", "me/messages?$select=subject,from",
     "users/bob@example.com/events", "users('{bob}')/events",
     "me/calendar/events", "me/messages", "me/mailFolders('inbox')/messages", "/me/mailFolders/Inbox/messages",
     "users/{bob}/mailFolders/sentitems/messages"],
)  # fmt: skip
def test_resources(world: World, receivers: Receivers, resource: str) -> None:
    wanted = resource.replace("{bob}", world.people["bob"].oid)
    made = subscribe(world, resource=wanted)
    assert (made.status, made.json["resource"]) == (201, wanted)


@pytest.mark.parametrize("shared", [False, True])
def test_a_person_subscribes_to_the_own_mailbox_alone(world: World, receivers: Receivers, shared: bool) -> None:
    if shared:
        rule = {"emailAddress": {"address": "bob@example.com"}, "role": "write"}
        world.request("alice", "POST", "/v1.0/me/calendar/calendarPermissions", rule)
    assert told(subscribe(world, resource="users/alice@example.com/events"))[:2] == (403, "ErrorAccessDenied")
    assert receivers.take() == []


@pytest.mark.parametrize(
    ("resource", "role", "expected"),
    [
        ("users/bob@example.com/events", "Calendars.Read", (201, "")),
        ("users/bob@example.com/messages", "Mail.Read", (201, "")),
        ("users/bob@example.com/messages", "Calendars.Read", (403, "ErrorAccessDenied")),
        ("users/nobody@example.com/events", "Calendars.Read", (404, "ResourceNotFound")),
        ("me/events", "Calendars.Read", (400, "BadRequest")),
    ],
)
def test_an_application_subscribes_to_any_mailbox(
    world: World, receivers: Receivers, resource: str, role: str, expected: tuple[int, str]
) -> None:
    def by(app: str) -> dict[str, str]:
        token = world.tokens.issue_to_application(app, f"oid-{app}", roles=(role,), now=world.now)
        return {"authorization": f"Bearer {token}"}

    made = world.request(None, "POST", "/v1.0/subscriptions", body(resource=resource), headers=by(LOCAL_CLIENT))
    code = made.json["error"]["code"] if made.status >= 400 else ""
    assert (made.status, code) == expected
    if made.status == 201:
        assert made.json["applicationId"] == LOCAL_CLIENT
        for app, count in ((LOCAL_CLIENT, 1), ("other", 0)):
            listed = world.request(None, "GET", "/v1.0/subscriptions", headers=by(app)).json["value"]
            assert len(listed) == count


def test_the_receiver_is_asked_first(world: World, receivers: Receivers) -> None:
    asked: list[Push] = []

    async def send(push: Push) -> Answer:
        asked.append(push)
        return await receivers(push)

    world.send = send
    assert subscribe(world, notificationUrl=f"{URL}?a=b", lifecycleNotificationUrl=f"{URL}/life").status == 201
    first, second = asked
    assert first.url.startswith(f"{URL}?a=b&validationToken=Validation%3A%20")
    assert second.url.startswith(f"{URL}/life?validationToken=")
    assert (first.body, dict(first.headers)["Content-Type"]) == (b"", "text/plain; charset=utf-8")


def echo(status: int = 200, media: str = "text/plain", add: str = "") -> Any:
    def answer(push: Push) -> Answer:
        token = parse_qs(push.url.partition("?")[2])["validationToken"][0]
        return Answer(status, media, (token + add).encode())

    return answer


@pytest.mark.parametrize(
    ("reaction", "words"),
    [
        (None, "Subscription validation request timed out."),
        (echo(403), f"{HANDSHAKE} HTTP status code is 'Forbidden'. {OK_NEEDED}"),
        (echo(202), f"{HANDSHAKE} HTTP status code is 'Accepted'. {OK_NEEDED}"),
        (echo(307), f"{HANDSHAKE} HTTP status code is 'TemporaryRedirect'. {OK_NEEDED}"),
        (Answer(200, "text/plain", b"x" * 4_096),
         f"{HANDSHAKE} Response must exactly match validationToken query parameter."),
        (echo(799), f"{HANDSHAKE} HTTP status code is '799'. {OK_NEEDED}"),
        (echo(media="text/html"), f"{HANDSHAKE} Response must exactly match validationToken query parameter."),
        (echo(add="x"), f"{HANDSHAKE} Response must exactly match validationToken query parameter."),
        (Answer(200, "text/plain", b"\xff"),
         f"{HANDSHAKE} Response must exactly match validationToken query parameter."),
    ],
)  # fmt: skip
def test_who_does_not_agree_hears_nothing(world: World, receivers: Receivers, reaction: Any, words: str) -> None:
    receivers.will(reaction)
    assert told(subscribe(world)) == (400, "ValidationError", words)
    assert world.request("bob", "GET", "/v1.0/subscriptions").json["value"] == []
    receivers.will(echo(media="Text/Plain; charset=utf-8", add="\r\n"))
    assert subscribe(world).status == 201


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("2026-11-23T08:44:00Z", "2026-11-23T08:45:01"),
        ("2016-11-20T18:23:45.9356913Z", "2026-11-23T08:45:01"),
        ("2026-11-23T10:00:00+01:00", "2026-11-23T09:00:00"),
        ("2026-11-30T08:00:01Z", "2026-11-30T08:00:01"),
    ],
)
def test_when_it_ends(world: World, receivers: Receivers, wanted: str, got: str) -> None:
    assert subscribe(world, expirationDateTime=wanted).json["expirationDateTime"] == f"{got}.0000000Z"


def test_it_is_renewed_and_ended(world: World, receivers: Receivers) -> None:
    place = f"/v1.0/subscriptions/{subscribe(world).json['id']}"
    renewed = world.request("bob", "PATCH", place, {"expirationDateTime": "2026-11-29T08:00:00Z"})
    assert (renewed.status, renewed.json["expirationDateTime"]) == (200, "2026-11-29T08:00:00.0000000Z")
    late = world.request("bob", "PATCH", place, {"expirationDateTime": "2027-11-29T08:00:00Z"})
    assert told(late)[:2] == (400, "ExtensionError")
    refused = world.request("bob", "PATCH", place, {"clientState": "other"})
    assert told(refused) == (400, "ValidationError", "clientState cannot be changed.")
    assert world.request("bob", "POST", f"{place}/reauthorize").status == 204
    assert world.request("bob", "DELETE", place).status == 204
    assert world.request("bob", "GET", place).status == 404


def test_another_receiver_has_to_agree(world: World, receivers: Receivers, listening: Listening) -> None:
    place = f"/v1.0/subscriptions/{subscribe(world).json['id']}"
    other = "https://other.example/hook"
    receivers.will(echo(500), url=other)
    assert told(world.request("bob", "PATCH", place, {"notificationUrl": other}))[1] == "ValidationError"
    assert world.request("bob", "PATCH", place, {"notificationUrl": other}).json["notificationUrl"] == other
    receivers.take()
    invite(world)
    world.wait(listening.notifier.drain())
    assert [push.url for push in receivers.take()] == [other]


def test_it_is_over_when_it_ends(world: World, receivers: Receivers) -> None:
    place = f"/v1.0/subscriptions/{subscribe(world).json['id']}"
    world.now = parse_instant("2026-11-25T08:00:00")
    assert world.request("bob", "GET", place).status == 404
    assert world.request("bob", "GET", "/v1.0/subscriptions").json["value"] == []


def test_a_mailbox_has_so_many(world: World, receivers: Receivers) -> None:
    subscribe(world)
    fill(world, MOST - 1)
    status, code, message = told(subscribe(world))
    assert (status, code) == (400, "ErrorInvalidRequest")
    assert str(MOST) in message
    assert receivers.take() == []


def fill(world: World, count: int) -> None:
    def work(tx: Any) -> None:
        (one,) = subscriptions.after(tx, 0, "", most=1)
        for number in range(count):
            subscriptions.add(tx, structs.replace(one, id=f"{number}"))

    world.store.engine.run(work, writes=True)


@pytest.mark.parametrize("mount", ["/api/v1.0", "/api/v2.0"])
def test_the_outlook_services_have_none_at_their_root(world: World, mount: str) -> None:
    assert "Resource not found" in world.request("bob", "POST", f"{mount}/subscriptions", {}).json["error"]["message"]


def test_scopes(world: World, receivers: Receivers) -> None:
    def status(scope: str, resource: str) -> int:
        token = world.tokens.issue(world.people["bob"], now=world.now, scopes=(scope,))
        return subscribe(world, resource=resource, headers={"authorization": f"Bearer {token}"}).status

    assert status("Calendars.Read", "me/events") == 201
    assert status("Calendars.ReadBasic", "me/events") == 403
    assert status("Mail.ReadBasic", "me/events") == 403
    assert status("Mail.ReadBasic", "me/messages") == 201
    assert status("Calendars.Read", "me/messages") == 403


def test_a_server_that_reaches_nobody_says_so(world: World) -> None:
    status, code, message = told(subscribe(world))
    assert (status, code) == (400, "ValidationError")
    assert "push_private_addresses" in message


def test_a_folder_that_was_made_is_heard_of(world: World, listening: Listening) -> None:
    def ask(method: str, path: str, sent: Any = None) -> Reply:
        return world.request("bob", method, f"/v1.0/me/{path}", sent)

    folder = ask("POST", "mailFolders", {"displayName": "Clients"}).json["id"]
    assert subscribe(world, resource=f"me/mailFolders/{folder}/messages").status == 201
    listening.tell()
    message = ask("POST", "messages", {"subject": "Plans"}).json["id"]
    assert listening.tell() == []
    moved = ask("POST", f"messages/{message}/move", {"destinationId": folder}).json["id"]
    copy = ask("POST", f"messages/{moved}/copy", {"destinationId": folder}).json["id"]
    (told_of,) = listening.tell()
    assert [(one["changeType"], one["resourceData"]["id"]) for one in told_of["value"]] == [
        ("created", moved), ("created", copy),
    ]  # fmt: skip
    assert ask("POST", f"mailFolders/{folder}/permanentDelete").status == 204
    (told_of,) = listening.tell()
    assert [(one["changeType"], one["resourceData"]["id"]) for one in told_of["value"]] == [
        ("deleted", moved), ("deleted", copy),
    ]  # fmt: skip
    gone = subscribe(world, resource=f"me/mailFolders/{folder}/messages")
    assert told(gone)[:2] == (404, "ErrorFolderNotFound")
