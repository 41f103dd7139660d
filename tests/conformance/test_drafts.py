"""Drafts in the three Microsoft profiles: made, changed, sent."""

from __future__ import annotations

from typing import Any

import pytest

from rsvpd.commands import outbox
from rsvpd.commands.door import reads
from rsvpd.store.tx import Tx
from support.client import MOUNTS, Client, plain
from support.world import Reply, World

# What names a message and its conversation; the first of them v1.0 does not have.
NAMES = ("internetMessageId", "conversationId")
BOB, OUTSIDE = "bob@example.com", "eve@elsewhere.example"


@pytest.fixture(params=MOUNTS)
def alice(world: World, request: pytest.FixtureRequest) -> Client:
    return Client(world, "alice", request.param)


def to(*addresses: str) -> list[dict[str, Any]]:
    return [{"emailAddress": {"address": one}} for one in addresses]


def text(content: str) -> dict[str, str]:
    return {"contentType": "Text", "content": content}


def draft(client: Client, **members: Any) -> Any:
    """Create a draft and return it in Graph's words."""
    reply = client("POST", "/me/messages", members)
    assert reply.status == 201, reply.body
    return plain(reply.json)


def listed(client: Client, folder: str) -> list[Any]:
    value: list[Any] = client.get(f"/me/mailFolders/{folder}/messages")["value"]
    return value


def addresses(boxes: list[Any]) -> list[str]:
    return [plain(one)["emailAddress"]["address"] for one in boxes]


@reads
def letters(tx: Tx) -> int:
    """Return how many letters are stored."""
    (number,) = tx.row("SELECT count(*) FROM letter") or (0,)
    return int(number)


def test_a_draft_is_made_in_drafts(alice: Client) -> None:
    reply = alice("POST", "/me/messages", {"subject": "Plans", "body": text("Soon"), "toRecipients": to(BOB)})
    made = plain(reply.json)
    assert (reply.status, reply.hint) == (201, "")
    assert reply.headers["location"].endswith(f"/{alice.word('messages')}('{made['id']}')")
    assert reply.headers["etag"] == made["@odata.etag"]
    assert (made["subject"], made["isDraft"], made["isRead"]) == ("Plans", True, True)
    assert addresses(made["toRecipients"]) == [BOB]
    assert plain(made["from"])["emailAddress"]["address"] == "alice@example.com"
    assert made["conversationId"]
    assert alice.profile == "v1" or made["internetMessageId"]
    shown = alice.get(f"/me/messages/{made['id']}")
    assert {name: one for name, one in made.items() if name != "@odata.context"} == {
        name: one for name, one in shown.items() if name != "@odata.context"
    }
    assert [one["id"] for one in listed(alice, "drafts")] == [made["id"]]
    assert listed(Client(alice.world, "bob", alice.profile), "inbox") == []


def test_an_empty_draft_is_one(alice: Client) -> None:
    made = draft(alice)
    assert (made["subject"], made["toRecipients"], made["bodyPreview"]) == ("", [], "")


def test_a_draft_in_another_folder_with_what_its_owner_keeps(alice: Client) -> None:
    members: dict[str, Any] = {"categories": ["Blue"], "isRead": False}
    if alice.profile != "v1":
        members["flag"] = {"flagStatus": alice.word("flagged")}
    reply = alice("POST", "/me/mailFolders/archive/messages", {**members, "importance": alice.word("high")})
    assert reply.status == 201, reply.body
    (found,) = listed(alice, "archive")
    assert (found["categories"], found["isRead"], found["isDraft"]) == (["Blue"], False, True)
    assert found["importance"].lower() == "high"
    assert alice.profile == "v1" or plain(found["flag"])["flagStatus"].lower() == "flagged"
    assert listed(alice, "drafts") == []


@pytest.mark.parametrize(
    ("members", "status", "code"),
    [
        ({"toRecipients": to("nobody")}, 400, "ErrorPropertyValidationFailure"),
        ({"toRecipients": "bob"}, 400, "ErrorPropertyValidationFailure"),
        ({"from": to(BOB)[0]}, 403, "ErrorSendAsDenied"),
        ({"noSuchThing": 1}, 400, "RequestBodyRead"),
        ({"toRecipients": to(*(f"p{number}@example.com" for number in range(501)))}, 400,
         "ErrorPropertyValidationFailure"),
    ],
)  # fmt: skip
def test_a_draft_that_cannot_be(alice: Client, members: dict[str, Any], status: int, code: str) -> None:
    assert alice.error("POST", "/me/messages", members) == (status, code)
    made = draft(alice, subject="Plans")
    assert alice.error("PATCH", f"/me/messages/{made['id']}", members) == (status, code)
    assert [one["subject"] for one in listed(alice, "drafts")] == ["Plans"]


def test_a_meeting_message_is_not_made_by_hand(alice: Client) -> None:
    namespace = "microsoft.graph.eventMessage" if alice.profile == "graph" else "Microsoft.OutlookServices.EventMessage"
    assert alice.error("POST", "/me/messages", {"@odata.type": f"#{namespace}"}) == (400, "ErrorInvalidRequest")


def test_a_draft_is_changed_and_its_letter_with_it(alice: Client) -> None:
    made = draft(alice, subject="Plans", toRecipients=to(BOB), body=text("Soon"))
    path = f"/me/messages/{made['id']}"
    members = {
        "subject": "Other plans", "body": text("Later"), "toRecipients": to(OUTSIDE), "ccRecipients": to(BOB),
        "bccRecipients": to("carol@example.com"), "replyTo": to("office@example.com"),
        "importance": alice.word("high"), "categories": ["Blue"], "isRead": False,
    }  # fmt: skip
    reply = alice("PATCH", path, members)
    assert (reply.status, reply.hint) == (200, "")
    shown = plain(reply.json)
    assert (shown["id"], shown["isDraft"]) == (made["id"], True)
    assert shown["changeKey"] != made["changeKey"]
    assert (shown["subject"], shown["bodyPreview"], shown["importance"].lower()) == ("Other plans", "Later", "high")
    assert [addresses(shown[f"{one}Recipients"]) for one in ("to", "cc", "bcc")] == [
        [OUTSIDE], [BOB], ["carol@example.com"],
    ]  # fmt: skip
    assert (addresses(shown["replyTo"]), shown["categories"], shown["isRead"]) == (
        ["office@example.com"], ["Blue"], False,
    )  # fmt: skip
    assert [shown.get(one) for one in NAMES] == [made.get(one) for one in NAMES]
    found = alice.get("/me/messages?$filter=subject eq 'Other plans'")["value"]
    assert [one["id"] for one in found] == [made["id"]]
    assert alice.world.store.run(letters) == 1
    assert alice.error("PATCH", path, {"subject": "Third"}, if_match=made["@odata.etag"])[0] == 412


def test_nothing_changes_without_a_change(alice: Client) -> None:
    made = draft(alice, subject="Plans", body=text("Soon"))
    shown = plain(alice("PATCH", f"/me/messages/{made['id']}", {"subject": "Plans", "body": text("Soon")}).json)
    assert shown["changeKey"] == made["changeKey"]


def test_a_draft_that_is_deleted_takes_its_letter_along(alice: Client) -> None:
    path = f"/me/messages/{draft(alice, subject='Plans')['id']}"
    assert alice("DELETE", path).status == 204
    (there,) = listed(alice, "deleteditems")
    assert alice.world.store.run(letters) == 1
    assert alice("DELETE", f"/me/messages/{there['id']}").status == 204
    assert alice.world.store.run(letters) == 0


def test_a_draft_is_sent(alice: Client) -> None:
    made = draft(
        alice, subject="Plans", body=text("Soon"), toRecipients=to(BOB, OUTSIDE), bccRecipients=to("alice@example.com")
    )
    path = f"/me/messages/{made['id']}"
    reply = alice("POST", f"{path}/send")
    assert (reply.status, reply.body) == (202, b"")
    assert alice("GET", path).status == 404
    assert listed(alice, "drafts") == []
    (sent,) = listed(alice, "sentitems")
    assert (sent["subject"], sent["isDraft"], sent["isRead"]) == ("Plans", False, True)
    assert sent["sentDateTime"] > made["sentDateTime"]
    assert sent["receivedDateTime"] == sent["sentDateTime"]
    assert addresses(sent["bccRecipients"]) == ["alice@example.com"]
    (got,) = listed(Client(alice.world, "bob", alice.profile), "inbox")
    (blind,) = listed(alice, "inbox")
    for one in (got, blind):
        assert (one["subject"], one["isDraft"], one["isRead"], one["bccRecipients"]) == ("Plans", False, False, [])
        assert [one.get(name) for name in NAMES] == [made.get(name) for name in NAMES]
        assert one["sentDateTime"] == sent["sentDateTime"]
    (row,) = alice.world.store.run(outbox.list_messages)
    assert (row.post.recipient, row.post.letter.bcc, row.post.letter.subject) == (OUTSIDE, (), "Plans")
    # One for the sender, who sees the bcc, and one for everybody else: the draft's is gone.
    assert alice.world.store.run(letters) == 2


def test_what_was_sent_cannot_be_changed_or_sent_again(alice: Client) -> None:
    made = draft(alice, subject="Plans", toRecipients=to(BOB))
    assert alice("POST", f"/me/messages/{made['id']}/send").status == 202
    (sent,) = listed(alice, "sentitems")
    path = f"/me/messages/{sent['id']}"
    reply = alice("PATCH", path, {"subject": "Other", "categories": ["Blue"]})
    assert reply.status == 200
    assert "ubject" in reply.hint
    (sent,) = listed(alice, "sentitems")
    assert (sent["subject"], sent["categories"]) == ("Plans", ["Blue"])
    assert alice.error("POST", f"{path}/send") == (400, "ErrorInvalidRequest")
    assert alice.error("POST", f"/me/messages/{made['id']}/send") == (404, "ErrorItemNotFound")
    assert len(listed(Client(alice.world, "bob", alice.profile), "inbox")) == 1


def test_the_id_that_lasts_finds_what_was_sent(world: World) -> None:
    alice = Client(world, "alice", "graph")
    lasting = {"prefer": 'IdType="ImmutableId"'}
    made = alice("POST", "/me/messages", {"subject": "Plans", "toRecipients": to(BOB)}, **lasting).json
    assert alice("POST", f"/me/messages/{made['id']}/send", **lasting).status == 202
    sent = alice("GET", f"/me/messages/{made['id']}", **lasting).json
    assert (sent["id"], sent["isDraft"]) == (made["id"], False)


def test_a_draft_to_nobody_is_not_sent(alice: Client) -> None:
    made = draft(alice, subject="Plans")
    path = f"/me/messages/{made['id']}"
    assert alice.error("POST", f"{path}/send") == (400, "ErrorInvalidRecipients")
    assert alice.error("POST", "/me/sendMail", {"message": {"subject": "Plans"}}) == (400, "ErrorInvalidRecipients")
    assert alice.get(path)["changeKey"] == made["changeKey"]
    assert listed(alice, "sentitems") == []


def test_a_draft_is_sent_where_the_path_finds_it(alice: Client) -> None:
    made = draft(alice, toRecipients=to(BOB))
    assert alice.error("POST", f"/me/mailFolders/inbox/messages/{made['id']}/send") == (404, "ErrorItemNotFound")
    assert alice("POST", f"/me/mailFolders/drafts/messages/{made['id']}/send").status == 202


def test_drafts_of_somebody_else(alice: Client) -> None:
    made = draft(alice, toRecipients=to(BOB))
    bob = Client(alice.world, "bob", alice.profile)
    answers: list[Reply] = [
        bob("POST", "/users/alice@example.com/messages", {"subject": "x"}),
        bob("PATCH", f"/users/alice@example.com/messages/{made['id']}", {"subject": "x"}),
        bob("POST", f"/users/alice@example.com/messages/{made['id']}/send"),
        bob("POST", f"/me/messages/{made['id']}/send"),
    ]
    assert [one.status for one in answers] == [403, 403, 403, 404]
