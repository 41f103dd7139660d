"""Notifications of Microsoft Graph with the items themselves, as their receivers open them
(learn.microsoft.com/graph/change-notifications-with-resource-data)."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from rsvpd.clock import parse_instant
from rsvpd.identity.clients import LOCAL_CLIENT
from rsvpd.store import changes
from support.decrypting import Opener, opener
from support.listening import URL, Listening, Receivers, invite, rename
from support.world import SECOND, Reply, World

MESSAGES = "me/messages?$select=subject,from,isRead,receivedDateTime"
EVENTS = "me/events?$select=subject,start,responseStatus,webLink"
PUBLISHER = "0bf30f3b-4a52-48df-9a82-234910c4a086"
REFUSED = "Operation: Create; Exception: [Status Code: BadRequest; Reason: "
NOT_THERE = (
    f"{REFUSED}$top, $skip, $orderby, $select=body,uniqueBody and $expand other than"
    " singleValueExtendedProperties,multiValueExtendedProperties are not supported in subscription resource Url.]"
)


def subscribe(world: World, who: str | None = "bob", *, headers: dict[str, str] | None = None, **more: Any) -> Reply:
    body = {
        "changeType": "created,updated,deleted", "notificationUrl": URL, "resource": EVENTS, "clientState": "secret",
        "expirationDateTime": "2026-11-24T08:00:00Z", "includeResourceData": True,
        "encryptionCertificate": opener().text(), "encryptionCertificateId": "mine",
    } | more  # fmt: skip
    sent = {name: value for name, value in body.items() if value is not ...}
    return world.request(who, "POST", "/v1.0/subscriptions", sent, headers=headers)


def told(reply: Reply) -> tuple[int, str, str]:
    error = reply.json["error"]
    return reply.status, error["code"], error["message"]


def plain(world: World, path: str, who: str = "bob") -> Any:
    """Return what whoever subscribed would be answered."""
    return world.request(who, "GET", f"/v1.0/{path}").json


def test_what_is_made_is_shown(world: World, receivers: Receivers) -> None:
    made = subscribe(world)
    assert made.status == 201
    shown = plain(world, f"subscriptions/{made.json['id']}")
    for reply in (made.json, shown):
        assert reply["includeResourceData"] is True
        assert (reply["encryptionCertificate"], reply["encryptionCertificateId"]) == (opener().text(), "mine")
        assert reply["resource"] == EVENTS


def test_a_receiver_reads_what_it_would_get(world: World, receivers: Receivers, listening: Listening) -> None:
    """The resource data is the answer to a GET with the same $select, byte for byte."""
    subscribe(world)
    subscribe(world, resource=MESSAGES)
    invite(world, "bob")
    bodies = {one["value"][0]["resourceData"]["@odata.type"]: one for one in listening.tell()}
    assert set(bodies) == {"#Microsoft.Graph.Event", "#Microsoft.Graph.Message"}
    for body, resource in zip(map(bodies.get, sorted(bodies)), (EVENTS, MESSAGES), strict=True):
        (one,) = body["value"]
        content = one["encryptedContent"]
        assert (content["encryptionCertificateId"], content["encryptionCertificateThumbprint"]) == (
            "mine", opener().thumbprint,
        )  # fmt: skip
        path, _, query = resource.partition("?")
        item = plain(world, f"{path}/{one['resourceData']['id']}?{query}")
        assert opener().open(content) == item
        names = query.partition("=")[2].split(",")
        assert set(names) <= set(item)
        assert "organizer" not in item


def test_the_receiver_in_the_documentation_opens_it(
    world: World, receivers: Receivers, listening: Listening
) -> None:
    pages = Path(__file__).parents[2] / "docs" / "clients.md"
    section = pages.read_text("utf-8").partition("\n## Notifications with resource data\n")[2]
    code: dict[str, Any] = {}
    exec(section.partition("```python\n")[2].partition("```")[0], code)
    subscribe(world, "alice")
    event = invite(world)
    (body,) = listening.tell()
    content = body["value"][0]["encryptedContent"]
    assert code["resource_data"](content, opener().key)["id"] == event
    with pytest.raises(ValueError, match="changed"):
        code["resource_data"](content | {"data": content["dataKey"]}, opener().key)
    keys = Mock(get_signing_key_from_jwt=lambda _: jwt.PyJWK(world.wait(world.provider.ring()).public[0]))
    with patch("jwt.api_jwt.datetime", Mock(now=lambda tz: datetime.fromtimestamp(world.now / SECOND, tz))):
        assert code["comes_from_graph"](body["validationTokens"][0], LOCAL_CLIENT, keys)
        with pytest.raises(jwt.InvalidAudienceError):
            code["comes_from_graph"](body["validationTokens"][0], "another", keys)


def test_each_item_has_a_key_of_its_own(world: World, receivers: Receivers, listening: Listening) -> None:
    subscribe(world, "alice")
    first, second = invite(world), invite(world)
    (body,) = listening.tell()
    contents = [one["encryptedContent"] for one in body["value"]]
    assert [opener().open(one)["id"] for one in contents] == [first, second]
    assert len({one["dataKey"] for one in contents}) == len({one["data"] for one in contents}) == 2
    assert len(body["validationTokens"]) == 1


def test_what_is_gone_is_told_without(world: World, receivers: Receivers, listening: Listening) -> None:
    subscribe(world, "alice")
    event = invite(world)
    receivers.will(503)
    listening.tell()
    world.request("alice", "DELETE", f"/v1.0/me/events/{event}")
    created, deleted = (one for body in listening.tell(after=5) for one in body["value"])
    assert (created["changeType"], deleted["changeType"]) == ("created", "deleted")
    assert "encryptedContent" not in created
    assert "encryptedContent" not in deleted


def test_what_is_sent_again_is_as_it_is_by_then(world: World, receivers: Receivers, listening: Listening) -> None:
    subscribe(world, "alice")
    event = invite(world)
    receivers.will(503)
    listening.tell()
    rename(world, event, "Newer")
    first, second = (one for body in listening.tell(after=5) for one in body["value"])
    assert (first["changeType"], second["changeType"]) == ("created", "updated")
    assert {opener().open(one["encryptedContent"])["subject"] for one in (first, second)} == {"Newer"}


@pytest.mark.parametrize(
    ("more", "audience"), [({}, LOCAL_CLIENT), ({"notificationUrlAppId": "the-receiver"}, "the-receiver")]
)
def test_a_receiver_knows_who_tells_it(
    world: World, receivers: Receivers, listening: Listening, more: dict[str, str], audience: str
) -> None:
    made = subscribe(world, "alice", **more)
    assert made.json["notificationUrlAppId"] == more.get("notificationUrlAppId")
    event = invite(world)
    (token,) = listening.tell()[0]["validationTokens"]
    ring = world.wait(world.provider.ring())
    (key,) = ring.public
    claims = jwt.decode(
        token, jwt.PyJWK(key), algorithms=["RS256"], audience=audience,
        issuer=f"https://sts.windows.net/{world.store.tenant}/",
        options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},  # the test's clock is another one
    )  # fmt: skip
    assert claims["appid"] == claims["azp"] == PUBLISHER
    assert claims["tid"] == world.store.tenant
    assert claims["nbf"] <= world.now // SECOND < claims["exp"]
    rename(world, event, "One")
    assert listening.tell()[0]["validationTokens"] == [token]
    world.now += 600 * SECOND
    rename(world, event, "Two")
    (later,) = listening.tell()[0]["validationTokens"]
    assert ring.open(later)["iat"] > claims["iat"]


def test_nobody_is_told_of_items_who_did_not_ask(world: World, receivers: Receivers, listening: Listening) -> None:
    """A certificate alone asks for nothing, and neither does a selection."""
    made = subscribe(world, "alice", includeResourceData=...)
    assert (made.status, made.json["includeResourceData"]) == (201, None)
    invite(world)
    (body,) = listening.tell()
    assert set(body) == {"value"}
    assert "encryptedContent" not in body["value"][0]


def test_losses_are_told_without(world: World, receivers: Receivers, listening: Listening) -> None:
    subscribe(world, "alice", lifecycleNotificationUrl=f"{URL}/life")
    world.store.engine.run(lambda tx: changes.trim(tx, kept=1), writes=True)
    for _ in range(3):
        invite(world)
    world.store.engine.run(lambda tx: changes.trim(tx, kept=1), writes=True)
    (body,) = listening.tell()
    assert [one["lifecycleEvent"] for one in body["value"]] == ["missed"]
    assert set(body) == {"value"}


@pytest.mark.parametrize(
    ("wrong", "code", "words"),
    [
        ({"resource": "me/events"}, "ExtensionError", f"{REFUSED}$select is required"),
        ({"resource": "me/messages?$top=1&$select=subject"}, "ExtensionError", NOT_THERE),
        ({"resource": "me/messages?$select=subject&$orderby=subject"}, "ExtensionError", NOT_THERE),
        ({"resource": "me/messages?$select=subject,Body"}, "ExtensionError", NOT_THERE),
        ({"resource": "me/messages?$select=uniqueBody"}, "ExtensionError", NOT_THERE),
        ({"resource": "me/messages?$select=subject&$expand=attachments"}, "ExtensionError", NOT_THERE),
        ({"resource": "me/messages?$select=subject&$search=x"}, "ExtensionError", NOT_THERE),
        ({"resource": "me/messages?$select=nonsense"}, "BadRequest", "nonsense"),
        ({"resource": "me/events?$select="}, "", ""),
        ({"resource": "me/events?$select=subject&$select=start"}, "", ""),
        ({"encryptionCertificate": ...}, "ValidationError", "encryptionCertificate is required"),
        ({"encryptionCertificate": None}, "ValidationError", "encryptionCertificate is required"),
        ({"encryptionCertificateId": ...}, "ValidationError", "encryptionCertificateId is required"),
        ({"encryptionCertificateId": ""}, "ValidationError", "encryptionCertificateId is required"),
        ({"encryptionCertificateId": "x" * 129}, "ErrorPropertyValidationFailure", "at most 128 letters"),
        ({"encryptionCertificate": "?"}, "ValidationError",
         "Certificate validation error: Cannot find the requested object."),
        ({"encryptionCertificate": "AAAA"}, "ValidationError",
         "Certificate validation error: Cannot find the requested object."),
        ({"encryptionCertificate": "A" * 20_000}, "ValidationError", "Certificate validation error: It is too long."),
        ({"encryptionCertificate": 7}, "ErrorPropertyValidationFailure", "encryptionCertificate"),
        ({"encryptionCertificate": "?", "includeResourceData": False}, "ValidationError",
         "Certificate validation error"),
        ({"includeResourceData": "yes"}, "ErrorPropertyValidationFailure", "includeResourceData"),
        ({"expirationDateTime": "2026-11-24T08:00:02Z"}, "ExtensionError",
         "Subscription expiration can only be 1440 minutes in the future."),
        ({"notificationQueryOptions": "$filter=isFetchable eq true"}, "ValidationError", "notificationQueryOptions"),
        ({"notificationUrlAppId": "x" * 129}, "ErrorPropertyValidationFailure", "at most 128 letters"),
    ],
)  # fmt: skip
def test_what_cannot_be(world: World, receivers: Receivers, wrong: dict[str, Any], code: str, words: str) -> None:
    status, said, message = told(subscribe(world, **wrong))
    assert (status, said if code else "") == (400, code)
    assert words in message
    assert receivers.take() == []


def test_a_key_is_rsa_and_neither_short_nor_long(world: World, receivers: Receivers) -> None:
    for wrong in (Opener(ec.generate_private_key(ec.SECP256R1())), opener(1024)):
        status, code, message = told(subscribe(world, encryptionCertificate=wrong.text()))
        assert (status, code) == (400, "ValidationError")
        assert message == "Certificate validation error: The key has to be RSA, of 2048 to 4096 bits."


def test_a_certificate_may_be_in_pem_and_in_lines(world: World, receivers: Receivers, listening: Listening) -> None:
    """As the samples of Microsoft send it, and as tools export it."""
    lines = base64.encodebytes(base64.b64decode(opener().text())).decode()
    for text in (opener().text(Encoding.PEM), lines):
        made = subscribe(world, "alice", encryptionCertificate=text)
        assert (made.status, made.json["encryptionCertificate"]) == (201, text)
    invite(world)
    for body in listening.tell():
        assert opener().open(body["value"][0]["encryptedContent"])["subject"] is not None


def test_it_is_renewed_for_a_day_and_its_key_is_changed(
    world: World, receivers: Receivers, listening: Listening
) -> None:
    place = f"/v1.0/subscriptions/{subscribe(world, 'alice').json['id']}"
    late = world.request("alice", "PATCH", place, {"expirationDateTime": "2026-11-25T08:00:00Z"})
    assert told(late) == (400, "ExtensionError", "Subscription expiration can only be 1440 minutes in the future.")
    other = opener(number=1)
    change = {"encryptionCertificate": other.text(), "encryptionCertificateId": "next"}
    world.now = parse_instant("2026-11-23T20:00:00")
    changed = world.request("alice", "PATCH", place, change | {"expirationDateTime": "2026-11-24T19:00:00Z"})
    assert (changed.status, changed.json["encryptionCertificateId"]) == (200, "next")
    invite(world)
    (body,) = listening.tell()
    content = body["value"][0]["encryptedContent"]
    assert content["encryptionCertificateThumbprint"] == other.thumbprint != opener().thumbprint
    assert other.open(content)


@pytest.mark.parametrize(
    "change",
    [{"encryptionCertificate": None}, {"encryptionCertificate": "AAAA"}, {"encryptionCertificateId": None},
     {"includeResourceData": False}, {"resource": "me/messages"}, {"notificationUrlAppId": "other"}],
)  # fmt: skip
def test_what_cannot_be_changed(world: World, receivers: Receivers, change: dict[str, Any]) -> None:
    place = f"/v1.0/subscriptions/{subscribe(world).json['id']}"
    before = plain(world, place.removeprefix("/v1.0/"))
    assert told(world.request("bob", "PATCH", place, change))[:2] == (400, "ValidationError")
    assert plain(world, place.removeprefix("/v1.0/")) == before


def test_the_basic_permission_tells_the_basics(world: World, receivers: Receivers, listening: Listening) -> None:
    def by(scope: str, resource: str) -> int:
        token = world.tokens.issue(world.people["bob"], now=world.now, scopes=(scope,))
        return subscribe(world, resource=resource, headers={"authorization": f"Bearer {token}"}).status

    assert by("Mail.ReadBasic", "me/messages?$select=subject") == 201
    assert by("Mail.ReadBasic", "me/messages?$select=subject,bodyPreview") == 403
    assert by("Mail.Read", "me/messages?$select=subject,bodyPreview") == 201


def test_an_application_is_told_of_any_mailbox(world: World, receivers: Receivers, listening: Listening) -> None:
    token = world.tokens.issue_to_application(LOCAL_CLIENT, "oid", roles=("Mail.Read",), now=world.now)
    resource = f"users/{world.people['bob'].oid}/messages?$select=subject,bodyPreview"
    made = subscribe(world, None, resource=resource, headers={"authorization": f"Bearer {token}"})
    assert made.status == 201
    invite(world, "bob")
    (body,) = listening.tell()
    (one,) = body["value"]
    content = opener().open(one["encryptedContent"])
    item = plain(world, f"me/messages/{one['resourceData']['id']}?$select=subject,bodyPreview")
    assert {name: content[name] for name in ("id", "subject", "bodyPreview")} == {
        name: item[name] for name in ("id", "subject", "bodyPreview")
    }


def test_ids_are_as_the_subscription_has_them(world: World, receivers: Receivers, listening: Listening) -> None:
    lasting = {"prefer": 'IdType="ImmutableId"'}
    subscribe(world, resource="me/messages?$select=subject", headers=lasting)
    invite(world, "bob")
    (body,) = listening.tell()
    (one,) = body["value"]
    assert opener().open(one["encryptedContent"])["id"] == one["resourceData"]["id"]


def test_extended_properties_are_told(world: World, receivers: Receivers, listening: Listening) -> None:
    name = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name Color"
    query = f"$select=subject&$expand=singleValueExtendedProperties($filter=id eq '{name}')"
    assert subscribe(world, "alice", resource=f"me/events?{query}").status == 201
    event = invite(world)
    listening.tell()
    change = {"singleValueExtendedProperties": [{"id": name, "value": "Green"}]}
    assert world.request("alice", "PATCH", f"/v1.0/me/events/{event}", change).status == 200
    (body,) = listening.tell()
    content = opener().open(body["value"][0]["encryptedContent"])
    assert content["singleValueExtendedProperties"] == [{"id": name, "value": "Green"}]
    assert json.dumps(content).count("Green") == 1
