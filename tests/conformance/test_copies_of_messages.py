"""Copies of messages in the three Microsoft profiles, and in Graph messages that are removed for good."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rsvpd import ids
from rsvpd.calendar.event import AllDay
from rsvpd.clock import Instant
from rsvpd.commands import outbox
from rsvpd.commands.door import reads, writes
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import Letter, MeetingKind, MeetingNote
from rsvpd.scheduling.effects import FileLetter
from rsvpd.store.apply import apply
from rsvpd.store.tx import Tx
from support.client import MOUNTS, Client, plain
from support.incoming import UID, ZOE, arrive
from support.world import World

ARCHIVE = {"destinationId": "archive"}


@pytest.fixture(params=MOUNTS)
def alice(world: World, request: pytest.FixtureRequest) -> Client:
    return Client(world, "alice", request.param)


def bob_of(alice: Client) -> Client:
    return Client(alice.world, "bob", alice.profile)


def mail(sender: Client, recipient: str, subject: str) -> None:
    message = {"subject": subject, "toRecipients": [{"emailAddress": {"address": f"{recipient}@example.com"}}]}
    assert sender("POST", "/me/sendMail", {"message": message}).status == 202


def listed(client: Client, folder: str) -> list[Any]:
    value: list[Any] = client.get(f"/me/mailFolders/{folder}/messages")["value"]
    return value


@reads
def letters(tx: Tx) -> int:
    """Return how many letters are stored."""
    (number,) = tx.row("SELECT count(*) FROM letter") or (0,)
    return int(number)


# What differs between a message and its copy.
OWN = {"id", "createdDateTime", "lastModifiedDateTime", "changeKey", "parentFolderId", "webLink"}


def common(message: Any) -> dict[str, Any]:
    return {name: one for name, one in message.items() if name not in OWN and "@odata" not in name}


def test_a_copy_stands_beside_its_original(alice: Client) -> None:
    mail(bob_of(alice), "alice", "Plans")
    (before,) = listed(alice, "inbox")
    path = f"/me/messages/{before['id']}"
    assert alice("PATCH", path, {"isRead": True, "categories": ["Blue"]}).status == 200
    original, stored = alice.get(path), alice.world.store.run(letters)
    reply = alice("POST", f"{path}/copy", ARCHIVE)
    made = plain(reply.json)
    assert reply.status == 201
    assert reply.headers["location"].endswith(f"('{made['id']}')")
    assert made["id"] != original["id"]
    assert made["createdDateTime"] > original["createdDateTime"]
    assert common(made) == common(original)
    assert (made["isRead"], made["categories"]) == (True, ["Blue"])
    assert alice.get(path) == original
    assert [one["id"] for one in listed(alice, "archive")] == [made["id"]]
    assert alice.world.store.run(letters) == stored
    # Each goes its own way from now on.
    assert alice("PATCH", path, {"isRead": False}).status == 200
    assert alice("DELETE", path).status == 204
    assert [one["isRead"] for one in listed(alice, "archive")] == [True]


def test_a_copy_within_its_folder(alice: Client) -> None:
    mail(bob_of(alice), "alice", "Plans")
    (before,) = listed(alice, "inbox")
    path = f"/me/mailFolders/inbox/messages/{before['id']}"
    assert alice("POST", f"{path}/copy", {"destinationId": before["parentFolderId"]}).status == 201
    assert len({one["id"] for one in listed(alice, "inbox")}) == 2


def test_a_copy_of_a_draft_is_a_draft_of_its_own(alice: Client) -> None:
    draft = plain(alice("POST", "/me/messages", {"subject": "Plans"}).json)
    copy = plain(alice("POST", f"/me/messages/{draft['id']}/copy", {"destinationId": "drafts"}).json)
    assert copy["isDraft"] is True
    assert alice("PATCH", f"/me/messages/{copy['id']}", {"subject": "Other"}).status == 200
    assert alice("DELETE", f"/me/messages/{draft['id']}").status == 204
    (gone,) = listed(alice, "deleteditems")
    assert alice("DELETE", f"/me/messages/{gone['id']}").status == 204
    assert [one["subject"] for one in listed(alice, "drafts")] == ["Other"]
    assert alice.world.store.run(letters) == 1


def test_a_copy_of_a_request_is_about_the_same_meeting(alice: Client) -> None:
    bob = bob_of(alice)
    made = bob.create("Standup", "2026-12-01T10:00:00", "2026-12-01T11:00:00", "alice")
    (request,) = listed(alice, "inbox")
    copy = plain(alice("POST", f"/me/messages/{request['id']}/copy", ARCHIVE).json)
    assert "EventMessage" in copy["@odata.type"] or "eventMessage" in copy["@odata.type"]
    cast = alice.word("eventMessage") if alice.profile == "graph" else "EventMessage"
    namespace = "microsoft.graph" if alice.profile == "graph" else "Microsoft.OutlookServices"
    path = f"/me/messages/{copy['id']}/{namespace}.{cast}/event"
    assert alice.get(path)["subject"] == "Standup"
    assert alice("POST", f"{path}/accept", {}).status == 202
    (guest,) = (one for one in bob.get(f"/me/events/{made['id']}")["attendees"] if "alice" in str(one))
    assert plain(guest["status"])["response"].lower() == "accepted"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "ErrorInvalidParameter"),
        ({"destinationId": 1}, 400, "ErrorPropertyValidationFailure"),
        ({"destinationId": "nowhere"}, 400, "ErrorInvalidIdMalformed"),
        ({"destinationId": "clutter"}, 404, "ErrorFolderNotFound"),
    ],
)
def test_a_copy_goes_to_a_folder(alice: Client, body: dict[str, Any], status: int, code: str) -> None:
    mail(bob_of(alice), "alice", "Plans")
    (before,) = listed(alice, "inbox")
    assert alice.error("POST", f"/me/messages/{before['id']}/copy", body) == (status, code)
    elsewhere = f"/me/mailFolders/archive/messages/{before['id']}/copy"
    assert alice.error("POST", elsewhere, ARCHIVE) == (404, "ErrorItemNotFound")
    assert alice("GET", "/me/messages/$count").body == b"1"


@writes
def file_update(tx: Tx, mailbox: int, event: int, now: Instant) -> None:
    """Put an update of zoe's meeting, which stands in a calendar as `event`, into an inbox."""
    at = AllDay(date(2026, 12, 1))
    note = MeetingNote(kind=MeetingKind.REQUEST, uid=UID, sequence=6, dtstamp=now, start=at, end=at)
    letter = Letter(sender=ZOE, from_=ZOE, sent=now, internet_message_id="<update@else.test>", note=note)
    apply(tx, (FileLetter(mailbox=mailbox, folder=Folder.INBOX, letter=letter, item=event),))


def test_an_answer_is_to_the_newest_request_whatever_was_copied(world: World) -> None:
    bob = Client(world, "bob", "graph")
    event = arrive(world)
    (first,) = listed(bob, "inbox")
    world.store.run(file_update, world.people["bob"].number, ids.decode(event).item, world.now)
    assert bob("POST", f"/me/messages/{first['id']}/copy", ARCHIVE).status == 201
    assert bob("POST", f"/me/events/{event}/accept", {}).status == 202
    (row,) = world.store.run(outbox.list_messages)
    assert row.post.in_reply_to == "<update@else.test>"


@pytest.mark.parametrize("folder", ["inbox", "deleteditems"])
def test_what_is_removed_for_good_is_nowhere(world: World, folder: str) -> None:
    alice, bob = Client(world, "alice", "graph"), Client(world, "bob", "graph")
    mail(bob, "alice", "Plans")
    (one,) = listed(alice, "inbox")
    moved = alice("POST", f"/me/messages/{one['id']}/move", {"destinationId": folder}).json
    path = f"/me/messages/{moved['id']}"
    wrong = alice.error("POST", f"/me/mailFolders/archive/messages/{moved['id']}/permanentDelete")
    assert wrong == (404, "ErrorItemNotFound")
    reply = alice("POST", f"{path}/permanentDelete")
    assert (reply.status, reply.body) == (204, b"")
    assert alice.error("GET", path) == (404, "ErrorItemNotFound")
    assert alice.get("/me/messages")["value"] == []
    assert [one["subject"] for one in listed(bob, "sentitems")] == ["Plans"]


@pytest.mark.parametrize("profile", ["v2", "v1"])
def test_the_outlook_services_remove_nothing_for_good(world: World, profile: str) -> None:
    alice = Client(world, "alice", profile)
    draft = plain(alice("POST", "/me/messages", {"subject": "Plans"}).json)
    path = f"/me/messages/{draft['id']}"
    assert alice.error("POST", f"{path}/permanentDelete") == (400, "RequestBroker--ParseUri")
    assert alice("GET", path).status == 200
