"""getMailTips in Graph and Outlook v2.0 (learn.microsoft.com/graph/api/user-getmailtips)."""

from __future__ import annotations

from typing import Any

import pytest

from support.client import Client, plain
from support.world import World

PATH = "/me/getMailTips"
BOB = "bob@example.com"


@pytest.fixture(params=["graph", "v2"])
def alice(request: pytest.FixtureRequest, world: World) -> Client:
    return Client(world, "alice", request.param)


def tips(client: Client, *addresses: str, options: str | None = None, path: str = PATH, **headers: str) -> list[Any]:
    body = {"EmailAddresses": list(addresses)} | ({} if options is None else {"MailTipsOptions": options})
    reply = client("POST", path, body, **headers)
    assert reply.status == 200, reply.body
    kind = "Collection(microsoft.graph.mailTips)" if client.profile == "graph" else (
        "Collection(Microsoft.OutlookServices.MailTips)"
    )
    assert reply.json["@odata.context"].endswith(f"$metadata#{kind}")
    found = plain(reply.json)["value"]
    assert [one.pop("emailAddress") for one in found] == [{"name": "", "address": one} for one in addresses]
    return list(found)


def set_replies(world: World, **members: Any) -> None:
    given = {"status": "alwaysEnabled", "internalReplyMessage": "<p>Away</p>", "externalReplyMessage": "Closed"}
    reply = Client(world, "bob", "graph")(
        "PATCH", "/me/mailboxSettings", {"automaticRepliesSetting": given | members, "language": {"locale": "de-DE"}}
    )
    assert reply.status == 200, reply.body


def test_everything_about_somebody_here(alice: Client) -> None:
    assert tips(alice, BOB) == [{
        "automaticReplies": {"message": ""}, "mailboxFull": False, "customMailTip": "", "externalMemberCount": 0,
        "totalMemberCount": 1, "deliveryRestricted": False, "isModerated": False,
        "recipientScope": alice.word("internal"), "recipientSuggestions": [], "maxMessageSize": None,
    }]  # fmt: skip


def test_what_is_asked_for_is_told(alice: Client) -> None:
    (found,) = tips(alice, BOB, options="AutomaticReplies, mailboxFullStatus")
    assert found == {"automaticReplies": {"message": ""}, "mailboxFull": False}
    name = alice.word("mailboxFull")
    (found,) = tips_selected(alice, name)
    assert found == {"mailboxFull": False}


def tips_selected(client: Client, name: str) -> list[Any]:
    reply = client("POST", f"{PATH}?$select={name}", {"EmailAddresses": [BOB]})
    return list(plain(reply.json)["value"])


def test_automatic_replies_are_told_while_they_last(world: World, alice: Client) -> None:
    name = "automaticReplies"
    set_replies(world)
    (found,) = tips(alice, BOB, options=name)
    german = {"locale": "de-DE", "displayName": "German (Germany)"}
    assert found == {name: {"message": "<p>Away</p>", "messageLanguage": german}}
    times = {
        "scheduledStartDateTime": {"dateTime": "2026-11-20T18:00:00", "timeZone": "UTC"},
        "scheduledEndDateTime": {"dateTime": "2026-11-28T18:00:00", "timeZone": "UTC"},
    }
    set_replies(world, status="scheduled", **times)
    (found,) = tips(alice, BOB, options=name, prefer='outlook.timezone="Tokyo Standard Time"')
    assert found[name]["scheduledStartTime"] == {
        "dateTime": "2026-11-21T03:00:00.0000000", "timeZone": "Tokyo Standard Time",
    }  # fmt: skip
    assert found[name]["scheduledEndTime"]["dateTime"] == "2026-11-29T03:00:00.0000000"
    world.now += 7 * 24 * 3600 * 1_000_000
    (found,) = tips(alice, BOB, options=name)
    assert found == {name: {"message": ""}}


def test_who_is_outside_and_who_is_nobody(alice: Client) -> None:
    outside, nobody, wrong = tips(alice, "zed@elsewhere.example", "nobody@example.com", "no address")
    assert outside == {
        "externalMemberCount": 1, "totalMemberCount": 1, "recipientScope": alice.word("external"),
        "recipientSuggestions": [],
    }  # fmt: skip
    assert nobody == {
        "error": {"code": "ErrorNonExistentMailbox", "message": "There is no mailbox with this address here."}
    }
    assert wrong["error"]["code"] == "ErrorInvalidSmtpAddress"


def test_who_was_written_to_together_is_suggested(world: World, alice: Client) -> None:
    for names in (("bob", "carol"), ("bob", "carol"), ("bob", "dora"), ("bob",), ("carol", "erin")):
        to = [{"emailAddress": {"address": f"{name}@example.com", "name": name.title()}} for name in names]
        assert alice("POST", "/me/sendMail", {"message": {"subject": "x", "toRecipients": to}}).status == 202
    (found,) = tips(alice, "BOB@example.com", options="recipientSuggestions")
    assert [one["emailAddress"]["address"] for one in found["recipientSuggestions"]] == [
        "carol@example.com", "dora@example.com",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "ErrorInvalidParameter"),
        ({"EmailAddresses": []}, "ErrorInvalidParameter"),
        ({"EmailAddresses": BOB}, "ErrorPropertyValidationFailure"),
        ({"EmailAddresses": [5]}, "ErrorPropertyValidationFailure"),
        ({"EmailAddresses": [BOB] * 101}, "ErrorPropertyValidationFailure"),
        ({"EmailAddresses": [BOB], "MailTipsOptions": "everything"}, "InvalidArguments"),
        ({"EmailAddresses": [BOB], "MailTipsOptions": ""}, "InvalidArguments"),
        ({"EmailAddresses": [BOB], "MailTipsOptions": 1}, "ErrorPropertyValidationFailure"),
    ],
)
def test_what_cannot_be_asked(alice: Client, body: dict[str, Any], code: str) -> None:
    assert alice.error("POST", PATH, body) == (400, code)


def test_who_may_ask(world: World) -> None:
    alice = Client(world, "alice", "graph")
    assert alice.error("POST", f"/users/{BOB}/getMailTips", {"EmailAddresses": [BOB]}) == (403, "ErrorAccessDenied")
    assert Client(world, "alice", "v1")("POST", PATH, {"EmailAddresses": [BOB]}).status == 400
