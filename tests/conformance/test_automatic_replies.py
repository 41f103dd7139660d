"""Automatic replies that answer: once per sender, in the transaction that delivers, never to what nobody wrote."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from msgspec import structs

from rsvpd.commands import outbox, people
from rsvpd.commands.automatic_replies import automatic_replies
from rsvpd.commands.deliver import deliver_next
from rsvpd.commands.door import writes
from rsvpd.delivery import imip
from rsvpd.mail.address import Mailbox
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import AutoSubmitted, Letter
from rsvpd.scheduling.effects import Effect, FileLetter
from rsvpd.store.apply import apply
from rsvpd.store.tx import Tx
from support.client import Client
from support.world import World

SETTINGS = "/me/mailboxSettings"
PREFIX = "Automatic reply: "
START, END = "2026-12-01T10:00:00", "2026-12-01T11:00:00"


@pytest.fixture(params=["graph", "v2", "v1"])
def alice(request: pytest.FixtureRequest, world: World) -> Client:
    world.add("carol")
    return Client(world, "alice", request.param)


@pytest.fixture
def bob(alice: Client) -> Client:
    return Client(alice.world, "bob", alice.profile)


def set_replies(client: Client, **members: Any) -> None:
    usual = {"status": "alwaysEnabled", "internalReplyMessage": "<p>Away</p>", "externalReplyMessage": "Closed"}
    reply = client("PATCH", SETTINGS, {"automaticRepliesSetting": usual | members})
    assert reply.status == 200, reply.body


def scheduled(start: str, end: str) -> dict[str, Any]:
    """Return replies that are scheduled from one day to another."""
    times = {"scheduledStartDateTime": start, "scheduledEndDateTime": end}
    return {"status": "scheduled"} | {
        name: {"dateTime": f"{day}T00:00:00", "timeZone": "UTC"} for name, day in times.items()
    }


def send(client: Client, *to: str, subject: str = "Lunch?") -> None:
    recipients = [{"emailAddress": {"address": f"{name}@example.com"}} for name in to]
    message = {"subject": subject, "body": {"contentType": "text", "content": "Today"}, "toRecipients": recipients}
    assert client("POST", "/me/sendMail", {"message": message}).status == 202


def inbox(client: Client) -> list[Any]:
    page = client.get("/me/mailFolders/inbox/messages")
    return list(reversed(page["value"]))


def subjects(client: Client) -> list[str]:
    return [one["subject"] for one in inbox(client)]


def test_mail_is_answered_once_per_sender(alice: Client, bob: Client) -> None:
    set_replies(bob)
    send(alice, "bob", "bob")
    (answer,) = inbox(alice)
    assert answer["subject"] == f"{PREFIX}Lunch?"
    assert answer["from"]["emailAddress"]["address"] == "bob@example.com"
    assert [one["emailAddress"]["address"] for one in answer["toRecipients"]] == ["alice@example.com"]
    assert answer["isRead"] is False
    assert "<p>Away</p>" in answer["body"]["content"]
    assert answer["conversationId"] == inbox(bob)[0]["conversationId"]
    send(alice, "bob", subject="Dinner?")
    assert len(inbox(alice)) == 1
    carol = Client(alice.world, "carol", alice.profile)
    send(carol, "bob")
    assert subjects(carol) == [f"{PREFIX}Lunch?"]
    assert bob.get("/me/mailFolders/sentitems/messages")["value"] == []


def test_replies_that_begin_anew_answer_everybody_again(alice: Client, bob: Client) -> None:
    set_replies(bob)
    send(alice, "bob")
    set_replies(bob, internalReplyMessage="Still away")  # the same replies in other words
    send(alice, "bob")
    assert len(inbox(alice)) == 1
    set_replies(bob, status="disabled")
    send(alice, "bob")
    set_replies(bob)
    send(alice, "bob")
    assert len(inbox(alice)) == 2


@pytest.mark.parametrize(
    ("members", "is_answered"),
    [
        ({"status": "disabled"}, False),
        ({"internalReplyMessage": ""}, False),
        ({"externalAudience": "none"}, True),
        (scheduled("2026-11-01", "2026-12-31"), True),
        (scheduled("2026-12-01", "2026-12-31"), False),
    ],
)
def test_when_mail_is_answered(alice: Client, bob: Client, members: dict[str, Any], is_answered: bool) -> None:
    set_replies(bob, **members)
    send(alice, "bob")
    assert bool(inbox(alice)) is is_answered


def test_scheduled_replies_end(world: World) -> None:
    alice, bob = Client(world, "alice", "graph"), Client(world, "bob", "graph")
    set_replies(bob, **scheduled("2026-11-01", "2026-12-01"))
    world.now += 14 * 24 * 3600 * 1_000_000
    send(alice, "bob")
    assert inbox(alice) == []


def test_invitations_are_answered_and_answers_are_not(alice: Client, bob: Client) -> None:
    set_replies(bob)
    made = alice.create("Plans", START, END, "bob", "carol")
    assert subjects(alice) == [f"{PREFIX}Plans"]
    set_replies(alice)
    (request,) = inbox(bob)
    cast = f"{'microsoft.graph' if bob.profile == 'graph' else 'Microsoft.OutlookServices'}.eventMessage"
    event = bob.get(f"/me/messages/{request['id']}/{cast}/event")["id"]
    assert bob("POST", f"/me/events/{event}/accept", {"comment": "Yes"}).status == 202
    assert subjects(bob) == ["Plans"]
    assert subjects(alice) == [f"{PREFIX}Plans", "Accepted: Plans"]
    carol = Client(alice.world, "carol", alice.profile)
    set_replies(carol)
    assert alice("DELETE", f"/me/events/{made['id']}").status == 204  # nobody answers a cancellation
    assert subjects(alice) == [f"{PREFIX}Plans", "Accepted: Plans"]


def test_two_who_are_away_do_not_go_on_for_ever(alice: Client, bob: Client) -> None:
    set_replies(alice)
    set_replies(bob)
    send(alice, "bob")
    assert (subjects(alice), subjects(bob)) == ([f"{PREFIX}Lunch?"], ["Lunch?"])
    send(alice, "alice")
    assert len(inbox(alice)) == 2  # nobody answers himself


def test_a_draft_a_reply_and_a_forward_are_answered(alice: Client, bob: Client) -> None:
    set_replies(bob)
    to = {"toRecipients": [{"emailAddress": {"address": "bob@example.com"}}]}
    draft = alice("POST", "/me/messages", {"subject": "Drafted", **to}).json
    path = f"/me/messages/{draft[alice.word('id')]}"
    assert alice("POST", f"{path}/send").status == 202
    assert subjects(alice) == [f"{PREFIX}Drafted"]
    set_replies(bob, status="disabled")
    set_replies(bob)
    (received,) = inbox(bob)
    set_replies(alice)
    assert bob("POST", f"/me/messages/{received['id']}/reply", {"comment": "Yes"}).status == 202
    assert subjects(bob) == ["Drafted", f"{PREFIX}RE: Drafted"]


def test_a_large_meeting_is_answered_by_each_guest_who_is_away(world: World) -> None:
    names = [f"guest{number}" for number in range(70)]
    for name in names:
        world.add(name)
    away = names[::7]
    for name in away:
        set_replies(Client(world, name, "graph"))
    alice = Client(world, "alice", "graph")
    alice.create("Assembly", START, END, *names)
    while world.store.run(deliver_next):
        pass
    page = alice.get("/me/mailFolders/inbox/messages?$top=100")["value"]
    assert {one["subject"] for one in page} == {f"{PREFIX}Assembly"}
    assert sorted(one["from"]["emailAddress"]["address"].partition("@")[0] for one in page) == sorted(away)


def test_a_delegate_does_not_answer_for_the_own_absence(world: World) -> None:
    world.add("carol")
    alice, bob, carol = (Client(world, name, "graph") for name in ("alice", "bob", "carol"))
    share = {"emailAddress": {"address": "bob@example.com"}, "role": "delegateWithPrivateEventAccess"}
    assert alice("POST", "/me/calendar/calendarPermissions", share).status == 201
    set_replies(bob)
    carol.create("Plans", START, END, "alice")
    assert (subjects(bob), subjects(carol)) == (["Plans"], [])
    set_replies(alice, internalReplyMessage="Ask bob")
    carol.create("More plans", START, END, "alice")
    (answer,) = inbox(carol)
    assert answer["from"]["emailAddress"]["address"] == "alice@example.com"


@writes
def receive(tx: Tx, effects: tuple[Effect, ...]) -> None:
    """Let mail come in, as it will from outside."""
    apply(tx, (*effects, *automatic_replies(tx, effects)))


@pytest.mark.parametrize(
    ("members", "letter", "answer"),
    [
        ({}, {}, "Closed"),
        ({"externalAudience": "none"}, {}, None),
        ({"externalAudience": "contactsOnly"}, {}, None),
        ({"externalReplyMessage": ""}, {}, None),
        ({}, {"auto_submitted": AutoSubmitted.REPLIED}, None),
        ({}, {"auto_submitted": AutoSubmitted.GENERATED}, None),
        ({}, {"reply_to": (Mailbox("list@elsewhere.example"),)}, "Closed"),
    ],
)
def test_who_writes_from_outside(
    world: World, members: dict[str, str], letter: dict[str, Any], answer: str | None
) -> None:
    set_replies(Client(world, "bob", "graph"), **members)
    sender = Mailbox("Zed@Elsewhere.example", "Zed")
    bob = world.people["bob"]
    plain = Letter(
        subject="Offer", sender=sender, from_=sender, to=(bob.mailbox,), sent=world.now,
        internet_message_id="<1@elsewhere.example>", conversation="c",
    )  # fmt: skip
    for number in range(2):
        sent = structs.replace(plain, **letter, internet_message_id=f"<{number}@elsewhere.example>")
        world.store.run(receive, (FileLetter(mailbox=bob.number, folder=Folder.INBOX, letter=sent),))
    posts = [row.post for row in world.store.run(outbox.list_messages)]
    assert [post.recipient for post in posts] == ([] if answer is None else ["Zed@Elsewhere.example"])
    for post in posts:
        message = message_from_bytes(imip.message(post), policy=default)
        assert message["Auto-Submitted"] == "auto-replied"
        assert message["In-Reply-To"] == message["References"] == "<0@elsewhere.example>"
        assert message["Subject"] == f"{PREFIX}Offer"
        assert answer in str(message.get_body(("html",)))


def test_replies_that_were_given_are_forgotten_with_the_mailbox(world: World) -> None:
    alice, bob = Client(world, "alice", "graph"), Client(world, "bob", "graph")
    set_replies(bob)
    send(alice, "bob")
    world.store.run(people.remove_person, "bob@example.com")
    while world.store.run(people.delete_removed):
        pass
    world.know("alice")
    send(alice, "bob")
    assert len(inbox(alice)) == 1
