"""Messages as they stand in Internet mail: read with `$value`, and sent as MIME in base64."""

from __future__ import annotations

import email
from base64 import b64encode
from collections.abc import Mapping
from email import policy
from email.message import EmailMessage
from typing import Any

import icalendar
import pytest

from rsvpd.commands import outbox
from rsvpd.delivery import imip
from support.client import Client
from support.world import Reply, World

TIMES = ("2026-12-01T10:00:00", "2026-12-01T11:00:00")
BOB = [{"emailAddress": {"address": "bob@example.com"}}]
FILE = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "Bericht für alle.txt", "contentBytes": "SGVsbG8="}
WITH_VALUE = ("graph", "v2")


@pytest.fixture
def alice(world: World) -> Client:
    return Client(world, "alice", "graph")


@pytest.fixture
def bob(world: World) -> Client:
    return Client(world, "bob", "graph")


def in_inbox(client: Client) -> Any:
    return client.get("/me/mailFolders/inbox/messages?$top=1")["value"][0]


def value(client: Client, path: str) -> EmailMessage:
    reply = client("GET", f"{path}/$value")
    assert reply.status == 200, reply.body
    found = email.message_from_bytes(reply.body, policy=policy.SMTPUTF8)
    assert isinstance(found, EmailMessage)
    assert not [part for part in found.walk() if part.defects]
    return found


def calendar(message: EmailMessage) -> Any:
    """Return the meeting in a message as programs that answer invitations read it, and the method of its part."""
    (part,) = (one for one in message.walk() if one.get_content_type() == "text/calendar")
    whole = icalendar.Calendar.from_ical(part.get_content())
    assert whole["METHOD"] == part.get_param("method")
    (event,) = whole.walk("VEVENT")
    return whole["METHOD"], event


def send(client: Client, path: str, message: EmailMessage | bytes) -> Reply:
    data = message if isinstance(message, bytes) else message.as_bytes()
    return client.world.request(
        client.who, "POST", f"{client.mount}{path}", raw=b64encode(data), headers={"content-type": "text/plain"}
    )


def written(**headers: str) -> EmailMessage:
    message = EmailMessage()
    for name, text in ({"To": "bob@example.com", "Subject": "Grüße"} | headers).items():
        message[name.replace("_", "-")] = text
    message.set_content("Hello")
    return message


# --- out


@pytest.mark.parametrize("profile", WITH_VALUE)
def test_an_invitation_says_what_programs_that_answer_read(world: World, alice: Client, profile: str) -> None:
    event = alice.create("Plans", *TIMES, "bob", attachments=[FILE], location={"displayName": "Here"})
    bob = Client(world, "bob", profile)
    message = value(bob, f"/me/messages/{in_inbox(bob)['id']}")
    method, found = calendar(message)
    assert (method, str(found["UID"]), int(found["SEQUENCE"])) == ("REQUEST", event["iCalUId"], 0)
    assert str(found["ATTENDEE"]).lower() == "mailto:bob@example.com"
    assert found["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"
    assert str(found["ORGANIZER"]).lower() == "mailto:alice@example.com"
    assert (str(found["SUMMARY"]), str(found["LOCATION"])) == ("Plans", "Here")
    assert found["DTSTART"].dt.isoformat() == "2026-12-01T10:00:00+00:00"
    (attached,) = message.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("Bericht für alle.txt", "Hello")
    assert message["From"].addresses[0].addr_spec == "alice@example.com"


def test_updates_answers_and_cancellations_say_their_method(alice: Client, bob: Client) -> None:
    event = alice.create("Plans", *TIMES, "bob")
    assert alice("PATCH", f"/me/events/{event['id']}", alice.times("2026-12-02T10:00:00", "2026-12-02T11:00:00")).status
    method, found = calendar(value(bob, f"/me/messages/{in_inbox(bob)['id']}"))
    assert (method, int(found["SEQUENCE"])) == ("REQUEST", 1)
    (mine,) = bob.get("/me/events")["value"]
    assert bob("POST", f"/me/events/{mine['id']}/accept", {"comment": "Gladly"}).status == 202
    method, found = calendar(value(alice, f"/me/messages/{in_inbox(alice)['id']}"))
    assert (method, found["ATTENDEE"].params["PARTSTAT"], int(found["SEQUENCE"])) == ("REPLY", "ACCEPTED", 1)
    assert (str(found["COMMENT"]), str(found["UID"])) == ("Gladly", event["iCalUId"])
    slot = alice.times("2026-12-03T10:00:00", "2026-12-03T11:00:00")
    assert bob("POST", f"/me/events/{mine['id']}/tentativelyAccept", {"proposedNewTime": slot}).status == 202
    method, found = calendar(value(alice, f"/me/messages/{in_inbox(alice)['id']}"))
    assert (method, found["DTSTART"].dt.day) == ("COUNTER", 3)
    assert alice("POST", f"/me/events/{event['id']}/cancel", {"comment": "Sorry"}).status == 202
    method, found = calendar(value(bob, f"/me/messages/{in_inbox(bob)['id']}"))
    assert (method, str(found["STATUS"]), int(found["SEQUENCE"])) == ("CANCEL", "CANCELLED", 2)


def test_one_date_of_a_series_has_its_recurrence_id(alice: Client, bob: Client) -> None:
    daily = {"pattern": {"type": "daily", "interval": 1},
             "range": {"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 3}}  # fmt: skip
    series = alice.create("Daily", *TIMES, "bob", recurrence=daily)
    _, found = calendar(value(bob, f"/me/messages/{in_inbox(bob)['id']}"))
    assert found["RRULE"]["COUNT"] == [3]
    window = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-05T00:00:00Z"
    _, second, _ = alice.get(f"/me/events/{series['id']}/instances?{window}")["value"]
    later = alice.times("2026-12-02T12:00:00", "2026-12-02T13:00:00")
    assert alice("PATCH", f"/me/events/{second['id']}", later).status == 200
    _, found = calendar(value(bob, f"/me/messages/{in_inbox(bob)['id']}"))
    assert found["RECURRENCE-ID"].dt.isoformat() == "2026-12-02T10:00:00+00:00"
    assert found["DTSTART"].dt.hour == 12


def test_a_message_has_its_bodies_what_is_shown_inside_and_what_is_attached(alice: Client) -> None:
    picture = FILE | {"name": "p.png", "contentType": "image/png", "isInline": True, "contentId": "pic"}
    inner = {"@odata.type": "#microsoft.graph.message", "subject": "Inner", "attachments": [FILE],
             "from": {"emailAddress": {"address": "zoe@example.org"}}}  # fmt: skip
    item = {"@odata.type": "#microsoft.graph.itemAttachment", "name": "Inner", "item": inner}
    link = {"@odata.type": "#microsoft.graph.referenceAttachment", "name": "Link", "sourceUrl": "https://x.test/a?b"}
    body = {"contentType": "html", "content": '<p>Grüße</p><img src="cid:pic">'}
    made = alice("POST", "/me/messages", {"subject": "Überschrift", "toRecipients": BOB, "bccRecipients": BOB,
                                          "body": body, "attachments": [picture, FILE, item, link]}).json  # fmt: skip
    message = value(alice, f"/me/messages/{made['id']}")
    assert (message["Subject"], message["Bcc"]) == ("Überschrift", "bob@example.com")
    kinds = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
    assert kinds[:3] == ["text/plain", "text/html", "image/png"]
    (within,) = (part for part in message.walk() if part.get_content_type() == "message/rfc822")
    (enclosed,) = within.get_payload()
    assert (enclosed["Subject"], enclosed["From"]) == ("Inner", "zoe@example.org")
    assert [part.get_content() for part in enclosed.iter_attachments()] == ["Hello"]
    (external,) = (part for part in message.walk() if part.get_content_type() == "message/external-body")
    assert external.get_param("url") == "https://x.test/a?b"
    # What was written so is read again as it was.
    again = send(alice, "/me/messages", alice("GET", f"/me/messages/{made['id']}/$value").body)
    assert again.status == 201
    found = alice.get(f"/me/messages/{again.json['id']}?$expand=attachments")
    assert [(one["name"], one["isInline"]) for one in found["attachments"]] == [
        ("p.png", True), ("Bericht für alle.txt", False), ("Inner", False), ("Link", False)
    ]  # fmt: skip
    assert "Grüße" in found["body"]["content"]


def test_an_item_is_read_by_itself(alice: Client) -> None:
    message = {"@odata.type": "#microsoft.graph.message", "subject": "Inner"}
    event = {"@odata.type": "#microsoft.graph.event", "subject": "Lunch", **alice.times(*TIMES)}
    path = f"/me/messages/{alice('POST', '/me/messages', {}).json['id']}"
    found = []
    for item in (message, event):
        attachment = {"@odata.type": "#microsoft.graph.itemAttachment", "name": "x", "item": item}
        made = alice("POST", f"{path}/attachments", attachment).json
        found.append(alice("GET", f"{path}/attachments/{made['id']}/$value"))
    assert email.message_from_bytes(found[0].body)["Subject"] == "Inner"
    assert found[1].headers["content-type"] == "text/calendar; charset=utf-8"
    whole = icalendar.Calendar.from_ical(found[1].body)
    assert (whole["METHOD"], [str(one["SUMMARY"]) for one in whole.walk("VEVENT")]) == ("PUBLISH", ["Lunch"])
    assert value(alice, path).get_content_type() == "multipart/mixed"


def test_v1_never_had_it(world: World) -> None:
    client = Client(world, "alice", "v1")
    id = client("POST", "/me/messages", {"subject": "x"}).json["Id"]
    assert client.error("GET", f"/me/messages/{id}/$value")[0] == 400


# --- in


def test_mime_is_sent(alice: Client, bob: Client) -> None:
    message = written(From="Alice <alice@example.com>", Cc="Zoe <zoe@else.test>", X_Report="7", Importance="high")
    message.add_attachment(b"Hello", maintype="application", subtype="x-report", filename="größe.bin")
    assert send(alice, "/me/sendMail", message).status == 202
    got = in_inbox(bob)
    assert (got["subject"], got["importance"], got["hasAttachments"]) == ("Grüße", "high", True)
    assert got["ccRecipients"] == [{"emailAddress": {"name": "Zoe", "address": "zoe@else.test"}}]
    assert "Hello" in got["body"]["content"]
    headers = bob.get(f"/me/messages/{got['id']}?$select=internetMessageHeaders")["internetMessageHeaders"]
    assert {"name": "X-Report", "value": "7"} in headers
    (attached,) = bob.get(f"/me/messages/{got['id']}/attachments")["value"]
    assert (attached["name"], attached["contentType"], attached["contentBytes"]) == (
        "größe.bin", "application/x-report", "SGVsbG8="
    )  # fmt: skip
    assert alice.get("/me/mailFolders/sentitems/messages")["value"][0]["subject"] == "Grüße"


def test_mime_becomes_a_draft(alice: Client) -> None:
    message = written(Bcc="zoe@else.test", Message_ID="<mine@example.com>", Disposition_Notification_To="x@example.com")
    message.add_alternative("<b>Hello</b>", subtype="html")
    made = send(alice, "/me/messages", message)
    assert made.status == 201
    draft = made.json
    assert (draft["isDraft"], draft["internetMessageId"], draft["isReadReceiptRequested"]) == (
        True, "<mine@example.com>", True
    )  # fmt: skip
    assert draft["bccRecipients"][0]["emailAddress"]["address"] == "zoe@else.test"
    assert (draft["body"]["contentType"], "<b>Hello</b>" in draft["body"]["content"]) == ("html", True)
    assert draft["hasAttachments"] is False


def test_a_reply_written_as_mime_goes_where_a_reply_goes(alice: Client, bob: Client) -> None:
    assert alice("POST", "/me/sendMail", {"message": {"subject": "Report", "toRecipients": BOB}}).status == 202
    got = in_inbox(bob)
    reply = EmailMessage()
    reply.set_content("Thanks")
    for path in ("reply", "replyAll"):
        assert send(bob, f"/me/messages/{got['id']}/{path}", reply).status == 202
    answer = in_inbox(alice)
    assert (answer["subject"], answer["conversationId"]) == ("RE: Report", got["conversationId"])
    assert "Thanks" in answer["body"]["content"]
    assert value(alice, f"/me/messages/{answer['id']}")["In-Reply-To"] == got["internetMessageId"]
    made = send(bob, f"/me/messages/{got['id']}/createForward", written(To="alice@example.com"))
    assert (made.status, made.json["toRecipients"][0]["emailAddress"]["address"]) == (201, "alice@example.com")


LYING: Mapping[str, tuple[bytes, int]] = {
    "no such charset": (b"Subject: x\r\nContent-Type: text/plain; charset=nope\r\n\r\nHi", 201),
    "a charset that is none": (b"Subject: x\r\nContent-Type: text/plain; charset=zip\r\n\r\nHi", 201),
    "base64 that is none": (b"Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\n!SGVsb", 201),
    "a boundary that never comes": (b'Subject: x\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\nHi', 201),
    "a boundary that never ends": (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHi", 201),
    "a boundary with nothing in it": (b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n', 201),
    "NULs": (b"Subject: a\0b\r\nX-\0: c\r\n\r\n\0\0", 201),
    "no UTF-8": (b"Subject: \xff\xfe\r\nX-A: \xff\r\n\r\n\xff", 201),
    "a header that is cut": (b"Subject: =?utf-8?B?!!", 201),
    "brackets without an end": (b"To: " + b"(" * 60_000 + b"\r\n\r\n", 201),
    "a date that is none": (b"Date: 99999999999 Foo\r\n\r\n", 201),
    "nothing": (b"", 400),
    "no headers": (b"Hello", 400),
    "a thousand parts": (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 1000, 400),
    "headers without an end": (b"X-A: b\r\n" * 60_000, 400),
}


@pytest.mark.parametrize(("data", "status"), LYING.values(), ids=LYING)
def test_mime_that_lies_is_read_as_far_as_it_is_sound_or_refused(alice: Client, data: bytes, status: int) -> None:
    reply = send(alice, "/me/messages", data)
    assert reply.status == status, reply.body
    if status == 400:
        assert reply.json["error"]["code"] == "ErrorMimeContentInvalid"
        return
    again = alice("GET", f"/me/messages/{reply.json['id']}/$value")
    assert again.status == 200
    assert email.message_from_bytes(again.body, policy=policy.SMTPUTF8).walk()


def test_mime_that_is_nested_too_deep(alice: Client) -> None:
    deep = b"Subject: x\r\n\r\nHi"
    for level in range(60):
        name = b"b%d" % level
        deep = b"Content-Type: multipart/mixed; boundary=%b\r\n\r\n--%b\r\n%b\r\n--%b--\r\n" % (name, name, deep, name)
    assert send(alice, "/me/messages", deep).json["error"]["code"] == "ErrorMimeContentInvalid"
    deep = b"Subject: x\r\n\r\nHi"
    for _ in range(60):
        deep = b"Content-Type: message/rfc822\r\n\r\n" + deep
    assert send(alice, "/me/messages", deep).json["error"]["code"] == "ErrorMimeContentInvalid"


@pytest.mark.parametrize("path", ["/me/messages", "/me/sendMail"])
def test_what_is_no_base64(alice: Client, path: str) -> None:
    for data in (b"Subject: x", b"YQ", b"====", b"\xff"):
        reply = alice.world.request("alice", "POST", f"/v1.0{path}", raw=data, headers={"content-type": "text/plain"})
        assert (reply.status, reply.json["error"]) == (
            400, reply.json["error"] | {"code": "ErrorMimeContentInvalidBase64String",
                                        "message": "Invalid base64 string for MIME content."}
        )  # fmt: skip


def test_mime_in_the_name_of_another(alice: Client) -> None:
    reply = send(alice, "/me/sendMail", written(From="bob@example.com"))
    assert (reply.status, reply.json["error"]["code"]) == (403, "ErrorSendAsDenied")
    nobody = EmailMessage()
    nobody["Subject"] = "x"
    assert send(alice, "/me/sendMail", nobody).json["error"]["code"] == "ErrorInvalidRecipients"


def test_outlook_rest_reads_no_mime(world: World) -> None:
    reply = send(Client(world, "alice", "v2"), "/me/messages", written())
    assert reply.status == 415


# --- headers and receipts


@pytest.mark.parametrize("profile", ["graph", "v2"])
def test_headers_of_ones_own_travel(world: World, profile: str) -> None:
    alice, bob = Client(world, "alice", profile), Client(world, "bob", profile)
    own = [{"name": "x-report", "value": "seven"}, {"name": "X-B", "value": "Grüße"}]
    message = {"subject": "Report", "toRecipients": BOB, "internetMessageHeaders": own}
    made = alice("POST", "/me/messages", message)
    assert made.status == 201, made.body
    id = made.json.get("id") or made.json["Id"]
    shown = alice.get(f"/me/messages/{id}?$select=internetMessageHeaders")["internetMessageHeaders"]
    assert [one["value"] for one in shown] == ["seven", "Grüße"]
    assert "internetMessageHeaders" not in alice.get(f"/me/messages/{id}")
    assert alice("POST", f"/me/messages/{id}/send").status == 202
    got = bob.get(f"/me/messages/{in_inbox(bob)['id']}?$select=internetMessageHeaders")["internetMessageHeaders"]
    names = [one["name"].lower() for one in got]
    assert {"from", "to", "subject", "date", "message-id", "x-report", "x-b"} <= {*names}


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ([{"name": "Report", "value": "x"}], "InvalidInternetMessageHeader"),
        ([{"name": "x-a b", "value": "x"}], "InvalidInternetMessageHeader"),
        ([{"name": "x-a", "value": "x" * 2000}], "InvalidInternetMessageHeader"),
        ([{"name": f"x-{one}", "value": "x"} for one in range(6)], "InvalidInternetMessageHeaderCollection"),
        ([{"name": "x-a"}], "ErrorPropertyValidationFailure"),
        ("x", "ErrorPropertyValidationFailure"),
    ],
)
def test_headers_that_nobody_writes(alice: Client, headers: Any, code: str) -> None:
    assert alice.error("POST", "/me/messages", {"internetMessageHeaders": headers}) == (400, code)


def test_a_header_is_one_line(alice: Client) -> None:
    own = [{"name": "x-report", "value": "a\r\nBcc: zoe@else.test"}]
    id = alice("POST", "/me/messages", {"subject": "a\r\nTo: x", "internetMessageHeaders": own}).json["id"]
    message = value(alice, f"/me/messages/{id}")
    assert (message["Bcc"], message["X-Report"]) == (None, "a Bcc: zoe@else.test")


@pytest.mark.parametrize("profile", ["graph", "v2", "v1"])
def test_a_draft_keeps_what_its_author_says(world: World, profile: str) -> None:
    alice, bob = Client(world, "alice", profile), Client(world, "bob", profile)
    made = alice("POST", "/me/messages", {"subject": "Report", "toRecipients": BOB, "isReadReceiptRequested": True})
    id = made.json.get("id") or made.json["Id"]
    me = {"emailAddress": {"address": "alice@example.com"}}
    more = {"isDeliveryReceiptRequested": True, "bccRecipients": BOB, "replyTo": BOB, "sender": me, "from": me}
    if profile != "v1":
        more["internetMessageId"] = "<mine@example.com>"
    assert alice("PATCH", f"/me/messages/{id}", more).status == 200
    draft = alice.get(f"/me/messages/{id}")
    assert (draft["isReadReceiptRequested"], draft["isDeliveryReceiptRequested"]) == (True, True)
    assert len(draft["bccRecipients"]) == 1
    assert alice("POST", f"/me/messages/{id}/send").status == 202
    got = in_inbox(bob)
    assert (got["isReadReceiptRequested"], got["bccRecipients"]) == (True, [])
    if profile != "v1":
        assert got["internetMessageId"] == "<mine@example.com>"
    # Nobody is told that it was read: these answers would be mail in the reader's name.
    assert bob("PATCH", f"/me/messages/{got['id']}", {"isRead": True}).status == 200
    assert alice.get("/me/mailFolders/inbox/messages")["value"] == []


def test_a_draft_is_in_nobody_elses_name(alice: Client) -> None:
    assert alice.error("POST", "/me/messages", {"sender": BOB[0]}) == (403, "ErrorSendAsDenied")


def test_mail_that_leaves_has_what_is_attached(alice: Client, world: World) -> None:
    outside = [{"emailAddress": {"address": "zoe@else.test"}}]
    message = {"subject": "Report", "toRecipients": outside, "attachments": [FILE]}
    assert alice("POST", "/me/sendMail", {"message": message}).status == 202
    waiting = world.store.run(outbox.waiting_message, 1)
    found = email.message_from_bytes(imip.message(waiting.row.post, waiting.enclosed), policy=policy.SMTPUTF8)
    assert isinstance(found, EmailMessage)
    assert [part.get_content() for part in found.iter_attachments()] == ["Hello"]
