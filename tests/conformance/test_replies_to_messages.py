"""Replies and forwards of messages in the three Microsoft profiles, sent at once or made as drafts."""

from __future__ import annotations

import email
from typing import Any

import pytest

from rsvpd.commands import outbox
from rsvpd.delivery import imip
from support.client import MOUNTS, Client, plain
from support.world import World

TEXT = {"prefer": 'outlook.body-content-type="text"'}
OUTSIDE = "eve@elsewhere.example"
BOTH = {"comment": "Fine", "message": {"body": {"contentType": "Text", "content": "Gladly"}}}
REPLIES = ("reply", "replyAll", "forward", "createReply", "createReplyAll", "createForward")


class People:
    """alice, bob and carol in one profile."""

    def __init__(self, world: World, profile: str) -> None:
        world.add("carol")
        self.world, self.profile = world, profile
        self.alice, self.bob, self.carol = (Client(world, name, profile) for name in ("alice", "bob", "carol"))

    def received(self, **members: Any) -> str:
        """Return the path of a message of bob's to alice and others, in her inbox."""
        message = {"subject": "Plans", "body": {"contentType": "Text", "content": "Soon"}, **members}
        message.setdefault("toRecipients", to("alice@example.com"))
        assert self.bob("POST", "/me/sendMail", {"message": message}).status == 202
        (found,) = inbox(self.alice)
        return f"/me/messages/{found['id']}"


@pytest.fixture(params=MOUNTS)
def people(world: World, request: pytest.FixtureRequest) -> People:
    return People(world, request.param)


def to(*addresses: str) -> list[dict[str, Any]]:
    return [{"emailAddress": {"address": one}} for one in addresses]


def inbox(client: Client, **headers: str) -> list[Any]:
    value: list[Any] = client.get("/me/mailFolders/inbox/messages", **headers)["value"]
    return value


def sent(client: Client) -> list[Any]:
    value: list[Any] = client.get("/me/mailFolders/sentitems/messages")["value"]
    return value


def addresses(boxes: list[Any]) -> list[str]:
    return [plain(one)["emailAddress"]["address"] for one in boxes]


def content(message: Any) -> str:
    return str(plain(message["body"])["content"])


def test_a_reply(people: People) -> None:
    path = people.received(ccRecipients=to("carol@example.com"))
    reply = people.alice("POST", f"{path}/reply", {"comment": "Gladly"})
    assert (reply.status, reply.body, reply.hint) == (202, b"", "")
    (got,) = inbox(people.bob, **TEXT)
    original = people.alice.get(path)
    assert (got["subject"], got["conversationId"]) == ("RE: Plans", original["conversationId"])
    assert got.get("internetMessageId") != original.get("internetMessageId") or people.profile == "v1"
    assert (addresses(got["toRecipients"]), got["ccRecipients"]) == (["bob@example.com"], [])
    lines = content(got).splitlines()
    assert (lines[0], lines[-1]) == ("Gladly", "Soon")
    assert "From: Bob <bob@example.com>" in lines
    assert "Cc: carol@example.com" in lines
    assert "Subject: Plans" in lines
    (kept,) = sent(people.alice)
    assert (kept["subject"], kept["isRead"], kept["isDraft"]) == ("RE: Plans", True, False)
    assert [one["subject"] for one in inbox(people.carol)] == ["Plans"]
    assert people.alice.get("/me/mailFolders/drafts/messages")["value"] == []


def test_a_reply_to_all(people: People) -> None:
    path = people.received(
        toRecipients=to("alice@example.com", "carol@example.com"), ccRecipients=to(OUTSIDE, "Alice@Example.com")
    )
    assert people.alice("POST", f"{path}/replyAll", {"comment": ""}).status == 202
    for who in (people.bob, people.carol):
        got = next(one for one in inbox(who) if one["subject"] == "RE: Plans")
        assert addresses(got["toRecipients"]) == ["bob@example.com", "carol@example.com"]
        assert addresses(got["ccRecipients"]) == [OUTSIDE]
    assert len(inbox(people.alice)) == 1


def test_a_message_outside_names_those_it_follows(people: People) -> None:
    path = people.received(replyTo=to(OUTSIDE))
    assert people.alice("POST", f"{path}/reply", {"comment": "One"}).status == 202
    (first,) = sent(people.alice)
    assert people.alice("POST", f"/me/messages/{first['id']}/replyAll", {"comment": "Two"}).status == 202
    rows = people.world.store.run(outbox.list_messages)
    one, two = (email.message_from_bytes(imip.message(row.post)) for row in rows)
    started = one["In-Reply-To"]
    assert started and one["References"] == started  # noqa: PT018 - what is not there follows nothing
    assert two["In-Reply-To"] == one["Message-ID"]
    assert two["References"].split() == [started, one["Message-ID"]]
    assert two["Message-ID"] not in (started, one["Message-ID"])


def test_a_forward(people: People) -> None:
    path = people.received()
    body = {"comment": "For you", "toRecipients": to("carol@example.com")}
    assert people.alice("POST", f"{path}/forward", body).status == 202
    (got,) = inbox(people.carol, **TEXT)
    assert (got["subject"], addresses(got["toRecipients"])) == ("FW: Plans", ["carol@example.com"])
    assert content(got).startswith("For you")
    assert content(got).endswith("Soon")
    inside = {"message": {"toRecipients": to("carol@example.com")}}
    assert people.alice("POST", f"{path}/forward", inside).status == 202
    assert len(inbox(people.carol)) == 2


def test_drafts_are_made_changed_and_sent(people: People) -> None:
    path = people.received(toRecipients=to("alice@example.com", "carol@example.com"))
    original = people.alice.get(path)
    wanted = {
        "createReply": ("RE: Plans", ["bob@example.com"]),
        "createReplyAll": ("RE: Plans", ["bob@example.com", "carol@example.com"]),
        "createForward": ("FW: Plans", []),
    }
    for action, (subject, recipients) in wanted.items():
        reply = people.alice("POST", f"{path}/{action}", **TEXT)
        made = plain(reply.json)
        assert reply.status == 201, reply.body
        assert (made["subject"], addresses(made["toRecipients"]), made["isDraft"]) == (subject, recipients, True)
        assert made["conversationId"] == original["conversationId"]
        assert "Soon" in content(made)
        assert reply.headers["location"].endswith(f"('{made['id']}')")
        own = f"/me/messages/{made['id']}"
        assert people.alice("PATCH", own, {"toRecipients": to(OUTSIDE)}).status == 200
        assert people.alice("POST", f"{own}/send").status == 202
    posts = [row.post for row in people.world.store.run(outbox.list_messages)]
    assert [(one.recipient, one.letter.subject) for one in posts] == [
        (OUTSIDE, subject) for subject, _ in wanted.values()
    ]
    assert len({one.letter.references for one in posts}) == 1
    assert posts[0].letter.references
    assert people.alice.get("/me/mailFolders/drafts/messages")["value"] == []


def test_what_the_message_says_takes_the_place(people: People) -> None:
    path = people.received()
    message = {
        "subject": "Other", "toRecipients": to("carol@example.com"), "ccRecipients": to(OUTSIDE),
        "body": {"contentType": "Text", "content": "All of it"}, "importance": people.alice.word("high"),
        "categories": ["Blue"],
    }  # fmt: skip
    made = plain(people.alice("POST", f"{path}/createReply", {"message": message, "comment": ""}, **TEXT).json)
    assert (made["subject"], content(made), made["importance"].lower()) == ("Other", "All of it", "high")
    assert (addresses(made["toRecipients"]), addresses(made["ccRecipients"])) == (["carol@example.com"], [OUTSIDE])
    assert made["categories"] == ["Blue"]


@pytest.mark.parametrize("action", REPLIES)
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (BOTH, 400, "ErrorPropertyValidationFailure"),
        ({"comment": 1}, 400, "ErrorPropertyValidationFailure"),
        ({"message": []}, 400, "BadRequest"),
        ({"message": {"toRecipients": to("nobody")}}, 400, "ErrorPropertyValidationFailure"),
        ({"message": {"from": to("bob@example.com")[0], "toRecipients": to(OUTSIDE)}}, 403, "ErrorSendAsDenied"),
    ],
)
def test_what_cannot_be(people: People, action: str, body: dict[str, Any], status: int, code: str) -> None:
    path = people.received()
    assert people.alice.error("POST", f"{path}/{action}", body) == (status, code)
    assert people.alice.error("POST", f"{path.replace('/me/', '/me/mailFolders/archive/')}/{action}")[0] == 404
    assert len(people.alice.get("/me/mailFolders/inbox/messages")["value"]) == 1
    assert sent(people.alice) == people.alice.get("/me/mailFolders/drafts/messages")["value"] == []


def test_a_forward_goes_to_somebody_named_once(people: People) -> None:
    path = people.received()
    twice = {"toRecipients": to(OUTSIDE), "message": {"toRecipients": to(OUTSIDE)}}
    for action in ("forward", "createForward"):
        assert people.alice.error("POST", f"{path}/{action}", twice) == (400, "ErrorPropertyValidationFailure")
        odd = {"toRecipients": "eve"}
        assert people.alice.error("POST", f"{path}/{action}", odd) == (400, "ErrorPropertyValidationFailure")
    assert people.alice.error("POST", f"{path}/forward", {"comment": "x"}) == (400, "ErrorInvalidRecipients")


def test_the_time_is_told_in_the_preferred_zone(people: People) -> None:
    path = people.received()
    prefer = 'outlook.timezone="Tokyo Standard Time", outlook.body-content-type="text"'
    made = plain(people.alice("POST", f"{path}/createReply", prefer=prefer).json)
    assert "Sent: Monday, November 23, 2026 5:00:0" in content(made)


def test_a_reply_to_a_meeting_request_is_an_ordinary_one(people: People) -> None:
    made = people.bob.create("Standup", "2026-12-01T10:00:00", "2026-12-01T11:00:00", "alice")
    (request,) = inbox(people.alice)
    assert people.alice("POST", f"/me/messages/{request['id']}/reply", {"comment": "Where?"}).status == 202
    (got,) = inbox(people.bob)
    assert (got["subject"], got["conversationId"]) == ("RE: Standup", request["conversationId"])
    assert "@odata.type" not in got
    (guest,) = (
        one for one in people.bob.get(f"/me/events/{made['id']}")["attendees"] if "alice" in str(one)
    )
    assert plain(guest["status"])["response"].lower() == "none"
    assert len(inbox(people.alice)) == 1
