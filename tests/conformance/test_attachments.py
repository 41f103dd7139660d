"""What is attached to messages and events: whoever gets the one gets the other, and it is stored once."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from rsvpd.commands.door import reads
from rsvpd.dialects.microsoft.exchange import call
from rsvpd.dialects.microsoft.resources import attachments
from rsvpd.dialects.microsoft.tables.attachment import MOST_SENT_BYTES
from rsvpd.store.tx import Tx
from support.client import MOUNTS, Client
from support.world import World

TIMES = ("2026-12-01T10:00:00", "2026-12-01T11:00:00")
BOB = [{"emailAddress": {"address": "bob@example.com"}}]


@pytest.fixture(params=MOUNTS)
def profile(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def alice(world: World, profile: str) -> Client:
    return Client(world, "alice", profile)


@pytest.fixture
def bob(world: World, profile: str) -> Client:
    return Client(world, "bob", profile)


def file(data: bytes = b"Hello", name: str = "a.txt", **more: Any) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.fileAttachment", "name": name, "contentBytes": b64encode(data).decode(), **more
    }  # fmt: skip


def draft(client: Client, **more: Any) -> Any:
    reply = client("POST", "/me/messages", {"subject": "Report", "toRecipients": BOB, **more})
    assert reply.status == 201, reply.body
    return reply.json.get("id") or reply.json["Id"]


def attach(client: Client, path: str, what: dict[str, Any]) -> str:
    reply = client("POST", f"{path}/attachments", what)
    assert reply.status == 201, reply.body
    return str(reply.json.get("id") or reply.json["Id"])


def in_inbox(client: Client) -> Any:
    return client.get("/me/mailFolders/inbox/messages?$top=1")["value"][0]


def held(world: World) -> int:
    """Return how many contents are stored."""

    @reads
    def count(tx: Tx) -> int:
        (contents,) = tx.row("SELECT count(*) FROM content") or (0,)
        (pieces,) = tx.row("SELECT count(DISTINCT content) FROM content_piece") or (0,)
        assert contents == pieces
        return int(contents)

    return world.store.run(count)


def names(client: Client, path: str) -> list[str]:
    return [one["name"] for one in client.get(f"{path}/attachments")["value"]]


# --- messages


def test_a_file_is_attached_read_and_taken_away(alice: Client) -> None:
    path = f"/me/messages/{draft(alice)}"
    made = alice("POST", f"{path}/attachments", file(contentType="text/x-report", contentId="one"))
    assert made.status == 201
    (one,) = alice.get(f"{path}/attachments")["value"]
    assert (one["name"], one["contentType"], one["size"], one["contentId"]) == ("a.txt", "text/x-report", 5, "one")
    assert one["contentBytes"] == "SGVsbG8="
    assert one["@odata.type"].lower().endswith(".fileattachment")
    assert alice.get(f"{path}/attachments/{one['id']}")["contentBytes"] == "SGVsbG8="
    value = alice("GET", f"{path}/attachments/{one['id']}/$value")
    assert (value.body, value.headers["content-type"]) == (b"Hello", "text/x-report")
    assert alice.get(path)["hasAttachments"] is True
    assert alice("DELETE", f"{path}/attachments/{one['id']}").status == 204
    assert alice.get(f"{path}/attachments")["value"] == []
    assert alice.get(path)["hasAttachments"] is False
    assert alice.error("GET", f"{path}/attachments/{one['id']}") == (404, "ErrorItemNotFound")
    assert held(alice.world) == 0


def test_what_is_not_selected_is_not_read(alice: Client) -> None:
    path = f"/me/messages/{draft(alice, attachments=[file(), file(b'More', 'b.txt')])}"
    for asked in ("attachments?$select=name", "attachments?$select=name&$orderby=name desc"):
        found = alice.get(f"{path}/{asked}")["value"]
        assert all("contentBytes" not in one for one in found)
    assert [one["name"] for one in found] == ["b.txt", "a.txt"]
    (named,) = alice.get(f"{path}/attachments?$filter=name eq 'b.txt'")["value"]
    assert named["contentBytes"] == "TW9yZQ=="
    expanded = alice.get(f"{path}?$expand=attachments($select=name,size)")["attachments"]
    assert [(one["Name" if "Name" in one else "name"], "contentBytes" in one) for one in expanded] == [
        ("a.txt", False), ("b.txt", False)
    ]  # fmt: skip


def test_it_arrives_with_a_draft_that_is_sent(alice: Client, bob: Client) -> None:
    path = f"/me/messages/{draft(alice, attachments=[file()])}"
    attach(alice, path, file(b"Second", "b.txt"))
    assert alice("POST", f"{path}/send").status == 202
    got = in_inbox(bob)
    assert got["hasAttachments"] is True
    assert names(bob, f"/me/messages/{got['id']}") == ["a.txt", "b.txt"]
    sent = alice.get("/me/mailFolders/sentitems/messages")["value"][0]
    assert names(alice, f"/me/messages/{sent['id']}") == ["a.txt", "b.txt"]
    assert held(alice.world) == 2


def test_it_arrives_with_what_is_sent_at_once_and_goes_with_the_last_who_has_it(alice: Client, bob: Client) -> None:
    message = {"subject": "Report", "toRecipients": BOB, "attachments": [file()]}
    assert alice("POST", "/me/sendMail", {"message": message}).status == 202
    got = in_inbox(bob)["id"]
    assert names(bob, f"/me/messages/{got}") == ["a.txt"]
    sent = alice.get("/me/mailFolders/sentitems/messages")["value"][0]["id"]
    for client, id in ((bob, got), (alice, sent)):
        assert held(alice.world) == 1
        assert client("DELETE", f"/me/messages/{id}").status == 204
        gone = client.get("/me/mailFolders/deleteditems/messages")["value"][0]["id"]
        assert client("DELETE", f"/me/mailFolders/deleteditems/messages/{gone}").status == 204
    assert held(alice.world) == 0


def test_a_forward_carries_all_on_and_a_reply_what_the_body_shows(alice: Client, bob: Client) -> None:
    message = {
        "subject": "Report", "toRecipients": BOB, "body": {"contentType": "html", "content": '<img src="cid:pic">'},
        "attachments": [file(), file(b"pixels", "p.png", isInline=True, contentId="pic")],
    }  # fmt: skip
    assert alice("POST", "/me/sendMail", {"message": message}).status == 202
    path = f"/me/messages/{in_inbox(bob)['id']}"
    to_alice = [{"emailAddress": {"address": "alice@example.com"}}]
    assert bob("POST", f"{path}/forward", {"toRecipients": to_alice}).status == 202
    assert names(alice, f"/me/messages/{in_inbox(alice)['id']}") == ["a.txt", "p.png"]
    reply = bob("POST", f"{path}/createReply", {"message": {"attachments": [file(b"New", "n.txt")]}})
    made = reply.json.get("id") or reply.json["Id"]
    assert names(bob, f"/me/messages/{made}") == ["p.png", "n.txt"]


def test_messages_are_filtered_by_what_is_attached(alice: Client) -> None:
    with_file = draft(alice, attachments=[file()])
    draft(alice, attachments=[file(isInline=True)])
    draft(alice)
    found = alice.get("/me/messages?$filter=hasAttachments eq true")["value"]
    assert [one["id"] for one in found] == [with_file]
    assert len(alice.get("/me/messages?$filter=hasAttachments eq false")["value"]) == 2


def test_a_message_that_was_received_changes_in_one_mailbox_alone(alice: Client, bob: Client) -> None:
    assert alice("POST", "/me/sendMail", {"message": {"subject": "Report", "toRecipients": BOB}}).status == 202
    path = f"/me/messages/{in_inbox(bob)['id']}"
    attach(bob, path, file())
    assert bob.get(path)["hasAttachments"] is True
    sent = alice.get("/me/mailFolders/sentitems/messages")["value"][0]
    assert sent["hasAttachments"] is False


def test_a_copy_has_it_as_well(alice: Client) -> None:
    path = f"/me/messages/{draft(alice, attachments=[file()])}"
    copy = alice("POST", f"{path}/copy", {"destinationId": "archive"}).json
    assert alice("DELETE", path).status == 204
    assert alice("DELETE", f"/me/messages/{alice.get('/me/mailFolders/deleteditems/messages')['value'][0]['id']}")
    assert names(alice, f"/me/messages/{copy.get('id') or copy['Id']}") == ["a.txt"]


# --- items and references


def test_a_message_is_attached_with_what_is_attached_to_it(alice: Client) -> None:
    inner = {
        "@odata.type": "#microsoft.graph.message", "subject": "Inner", "body": {"contentType": "text", "content": "Hi"},
        "from": {"emailAddress": {"name": "Zoe", "address": "zoe@example.org"}}, "attachments": [file()],
    }  # fmt: skip
    item = {"@odata.type": "#microsoft.graph.itemAttachment", "name": "A message", "item": inner}
    path = f"/me/messages/{draft(alice)}"
    id = attach(alice, path, item)
    assert "item" not in alice.get(f"{path}/attachments/{id}")
    cast = "microsoft.graph.itemAttachment" if alice.profile == "graph" else "Microsoft.OutlookServices.ItemAttachment"
    found = alice.get(f"{path}/attachments/{id}?$expand={cast}/item($expand=attachments)")["item"]
    assert (found["subject"], found["id"], found["hasAttachments"]) == ("Inner", "", True)
    assert found["from"] == {"emailAddress": {"name": "Zoe", "address": "zoe@example.org"}}
    assert [one["contentBytes"] for one in found["attachments"]] == ["SGVsbG8="]
    assert held(alice.world) == 2
    assert alice("DELETE", f"{path}/attachments/{id}").status == 204
    assert held(alice.world) == 0


def test_an_event_is_attached(alice: Client) -> None:
    event = {"@odata.type": "#microsoft.graph.event", "subject": "Lunch", **alice.times(*TIMES)}
    path = f"/me/messages/{draft(alice)}"
    id = attach(alice, path, {"@odata.type": "#microsoft.graph.itemAttachment", "name": "An event", "item": event})
    found = alice.get(f"{path}/attachments/{id}?$expand=microsoft.graph.itemAttachment/item")["item"]
    assert (found["subject"], found["id"]) == ("Lunch", "")


def test_a_reference_has_no_bytes(alice: Client) -> None:
    path = f"/me/messages/{draft(alice)}"
    reference = {
        "@odata.type": "#microsoft.graph.referenceAttachment",
        "name": "Shared",
        "sourceUrl": "https://x.test/",
    }
    id = attach(alice, path, reference)
    assert alice.get(f"{path}/attachments/{id}")["name"] == "Shared"
    assert alice.error("GET", f"{path}/attachments/{id}/$value") == (405, "ErrorMethodNotAllowed")
    assert alice.get(path)["hasAttachments"] is True


# --- events


def test_an_invitation_carries_what_is_attached_to_the_event(alice: Client, bob: Client) -> None:
    event = alice.create("Plans", *TIMES, "bob", attachments=[file()])
    assert event["hasAttachments"] is True
    request = in_inbox(bob)
    assert request["hasAttachments"] is True
    assert names(bob, f"/me/messages/{request['id']}") == ["a.txt"]
    (theirs,) = bob.get("/me/events")["value"]
    (one,) = bob.get(f"/me/events/{theirs['id']}/attachments")["value"]
    assert one["contentBytes"] == "SGVsbG8="
    assert bob("GET", f"/me/events/{theirs['id']}/attachments/{one['id']}/$value").body == b"Hello"
    assert held(alice.world) == 1
    assert [one["subject"] for one in bob.get("/me/events?$filter=hasAttachments eq true")["value"]] == ["Plans"]


def test_who_attaches_tells_nobody_and_the_next_update_brings_it(alice: Client, bob: Client) -> None:
    event = alice.create("Plans", *TIMES, "bob")
    attach(alice, f"/me/events/{event['id']}", file())
    assert alice.get(f"/me/events/{event['id']}")["hasAttachments"] is True
    (theirs,) = bob.get("/me/events")["value"]
    assert theirs["hasAttachments"] is False
    assert len(bob.get("/me/mailFolders/inbox/messages")["value"]) == 1
    assert alice("PATCH", f"/me/events/{event['id']}", {"subject": "Plans, with a file"}).status == 200
    (theirs,) = bob.get("/me/events")["value"]
    assert theirs["hasAttachments"] is True
    assert in_inbox(bob)["hasAttachments"] is True


def test_what_a_guest_attaches_stays_in_the_own_copy_until_the_next_update(alice: Client, bob: Client) -> None:
    event = alice.create("Plans", *TIMES, "bob", attachments=[file()])
    (theirs,) = bob.get("/me/events")["value"]
    attach(bob, f"/me/events/{theirs['id']}", file(b"Mine", "mine.txt"))
    assert names(bob, f"/me/events/{theirs['id']}") == ["a.txt", "mine.txt"]
    assert names(alice, f"/me/events/{event['id']}") == ["a.txt"]
    assert held(alice.world) == 2
    assert alice("PATCH", f"/me/events/{event['id']}", {"subject": "Other"}).status == 200
    assert names(bob, f"/me/events/{theirs['id']}") == ["a.txt"]
    assert held(alice.world) == 1


def test_one_date_of_a_series_has_its_own(alice: Client) -> None:
    daily = {"pattern": {"type": "daily", "interval": 1},
             "range": {"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 3}}  # fmt: skip
    series = alice.create("Daily", *TIMES, recurrence=daily, attachments=[file()])
    window = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-05T00:00:00Z"
    _, second, third = alice.get(f"/me/events/{series['id']}/instances?{window}")["value"]
    attach(alice, f"/me/events/{second['id']}", file(b"Second", "b.txt"))
    assert names(alice, f"/me/events/{second['id']}") == ["a.txt", "b.txt"]
    assert names(alice, f"/me/events/{third['id']}") == ["a.txt"]
    (inherited, _) = alice.get(f"/me/events/{second['id']}/attachments")["value"]
    assert alice("DELETE", f"/me/events/{second['id']}/attachments/{inherited['id']}").status == 204
    assert names(alice, f"/me/events/{second['id']}") == ["b.txt"]
    assert names(alice, f"/me/events/{series['id']}") == ["a.txt"]


def test_what_is_called_off_lets_go_what_only_the_old_revision_had(alice: Client) -> None:
    event = alice.create("Plans", *TIMES, attachments=[file()])
    (one,) = alice.get(f"/me/events/{event['id']}/attachments")["value"]
    assert alice("DELETE", f"/me/events/{event['id']}/attachments/{one['id']}").status == 204
    assert held(alice.world) == 0


# --- bad input


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "a.txt", "contentBytes": "YQ=="}, 400),
        ({"@odata.type": "#microsoft.graph.attachment", "name": "a"}, 400),
        (file(name="a.txt") | {"contentBytes": "!"}, 400),
        (file(name="a.txt") | {"contentBytes": "YQ"}, 400),
        (file(name="a.txt") | {"contentBytes": 5}, 400),
        ({"@odata.type": "#microsoft.graph.fileAttachment", "name": "a"}, 400),
        (file(name="a.txt") | {"name": ["a"]}, 400),
        (file(name="a.txt") | {"nosuch": 1}, 400),
        ({"@odata.type": "#microsoft.graph.itemAttachment", "name": "a", "item": {}}, 400),
        ({"@odata.type": "#microsoft.graph.itemAttachment", "name": "a"}, 400),
        ({"@odata.type": "#microsoft.graph.itemAttachment", "item": {"@odata.type": "microsoft.graph.event"}}, 400),
        ({"@odata.type": "#microsoft.graph.itemAttachment", "item": {"@odata.type": "microsoft.graph.contact"}}, 501),
    ],
)
def test_what_cannot_be_attached(alice: Client, body: dict[str, Any], status: int) -> None:
    path = f"/me/messages/{draft(alice)}/attachments"
    assert alice("POST", path, body).status == status
    whole = {"subject": "Report", "attachments": [body]}
    assert alice("POST", "/me/messages", whole).status == status
    assert held(alice.world) == 0


def test_an_empty_file_is_one(alice: Client) -> None:
    path = f"/me/messages/{draft(alice)}"
    id = attach(alice, path, file(b"", "empty.bin"))
    found = alice.get(f"{path}/attachments/{id}")
    assert (found["size"], found["contentBytes"]) == (0, "")
    assert alice("GET", f"{path}/attachments/{id}/$value").body == b""


def test_bytes_in_other_alphabets_are_read(alice: Client) -> None:
    path = f"/me/messages/{draft(alice)}"
    id = attach(alice, path, file() | {"contentBytes": "-_\r\n-_"})
    assert alice.get(f"{path}/attachments/{id}")["contentBytes"] == "+/+/"


def test_a_file_is_too_large(alice: Client) -> None:
    path = f"/me/messages/{draft(alice)}/attachments"
    assert alice.error("POST", path, file(b"a" * (MOST_SENT_BYTES + 10))) == (413, "ErrorAttachmentSizeLimitExceeded")
    assert alice("POST", path, file(b"a" * MOST_SENT_BYTES)).status == 201


def test_an_id_is_of_one_item_alone(alice: Client, bob: Client) -> None:
    one, other = (f"/me/messages/{draft(alice, attachments=[file()])}" for _ in range(2))
    id = alice.get(f"{one}/attachments")["value"][0]["id"]
    assert alice.error("GET", f"{other}/attachments/{id}") == (404, "ErrorItemNotFound")
    assert alice.error("GET", f"{one}/attachments/x") == (400, "ErrorInvalidIdMalformed")
    theirs = draft(bob, attachments=[file()])
    assert bob.error("GET", f"/me/messages/{theirs}/attachments/{id}") == (404, "ErrorItemNotFound")
    message = one.rpartition("/")[2]
    assert alice.error("GET", f"{one}/attachments/{message}") == (400, "ErrorInvalidIdMalformed")
    assert alice.error("GET", f"/me/messages/{id}") == (400, "ErrorInvalidIdMalformed")


def test_the_bytes_are_selected_with_the_type_before_them(alice: Client) -> None:
    path = f"/me/messages/{draft(alice, attachments=[file()])}/attachments"
    cast = "microsoft.graph.fileAttachment" if alice.profile == "graph" else "Microsoft.OutlookServices.FileAttachment"
    (one,) = alice.get(f"{path}?$select=name,{cast}/contentBytes")["value"]
    assert (one["contentBytes"], "size" in one) == ("SGVsbG8=", False)
    status = alice("GET", f"{path}?$select=contentBytes").status
    assert status == (400 if alice.profile == "graph" else 200)


@pytest.mark.parametrize("way", ["cancel", "delete"])
def test_a_series_of_which_a_date_was_called_off_is_moved(alice: Client, bob: Client, way: str) -> None:
    """What was attached is looked at before what is kept of dates is gone (found by `make fuzz`)."""
    daily = {"pattern": {"type": "daily", "interval": 1}, "range": {"type": "noEnd", "startDate": "2026-12-01"}}
    made = alice.create("Daily", "2026-12-01T10:00:00", "2026-12-01T11:00:00", "bob", recurrence=daily)
    window = "startDateTime=2026-12-03T00:00:00Z&endDateTime=2026-12-04T00:00:00Z"
    (one,) = alice.get(f"/me/calendarView?{window}")["value"]
    path = f"/me/events/{one['id']}"
    done = alice("DELETE", path) if way == "delete" else alice("POST", f"{path}/cancel", {})
    assert done.status in (202, 204)
    alice.world.reopen()  # nothing is remembered of it
    later = alice.times("2026-12-01T12:00:00", "2026-12-01T13:00:00")
    assert alice("PATCH", f"/me/events/{made['id']}", later).status == 200
    assert len(bob.get(f"/me/calendarView?{window}")["value"]) == 1


def test_a_page_holds_no_more_bytes_than_an_answer_may(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MOST_PAGE_BYTES", 10)
    path = f"/me/messages/{draft(alice, attachments=[file(b'12345678', name) for name in ('a', 'b', 'c')])}/attachments"
    pages = list(alice.pages(path))
    assert [[one["name"] for one in page] for page in pages] == [["a"], ["b"], ["c"]]
    assert all(one["contentBytes"] for page in pages for one in page)
    (whole,) = alice.pages(f"{path}?$select=name")
    assert len(whole) == 3


def test_an_answer_is_not_made_of_all_that_is_attached_anywhere(alice: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call, "MOST_EXPANDED_BYTES", 20)
    for _ in range(3):
        draft(alice, attachments=[file(b"12345678")])
    assert alice("GET", "/me/messages?$expand=attachments").status == 504
    assert alice("GET", "/me/messages?$top=2&$expand=attachments").status == 200
    assert alice("GET", "/me/messages?$expand=attachments($select=name)").status == 200
