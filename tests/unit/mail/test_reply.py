"""What a reply and a forward are made of."""

from __future__ import annotations

from typing import Any

import pytest

from rsvpd.clock import parse_instant
from rsvpd.mail.address import Mailbox
from rsvpd.mail.content import Body, BodyKind, as_text
from rsvpd.mail.message import Letter
from rsvpd.mail.person import Person
from rsvpd.mail.reply import ReplyKind, reply

ALICE, BOB, CAROL, DAVE = (Mailbox(f"{name}@example.com", name.title()) for name in ("alice", "bob", "carol", "dave"))
OWNER = Person(number=1, oid="a", address="alice@example.com", name="Alice", zone="UTC")
BLANK = Letter(sender=ALICE, from_=ALICE, internet_message_id="<new@example.com>", conversation="new", sent=5)
SENT = parse_instant("2026-11-23T23:05:09")


def answered(kind: ReplyKind = ReplyKind.REPLY, *, comment: str = "Fine", zone: str = "UTC", **more: Any) -> Letter:
    plain = {"sender": BOB, "from_": BOB, "to": (ALICE,), "sent": SENT, "internet_message_id": "<one@example.com>"}
    return reply(kind, Letter(**(plain | more)), BLANK, OWNER, comment=comment, zone=zone)


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        (ReplyKind.REPLY, "Plans", "RE: Plans"),
        (ReplyKind.REPLY, "RE: Plans", "RE: Plans"),
        (ReplyKind.REPLY_ALL, "re:Plans", "RE: Plans"),
        (ReplyKind.REPLY, "FW: RE: Plans", "RE: Plans"),
        (ReplyKind.FORWARD, "RE: Plans", "FW: Plans"),
        (ReplyKind.FORWARD, "Fwd: Plans", "FW: Plans"),
        (ReplyKind.REPLY, "Canceled: Plans", "RE: Canceled: Plans"),
        (ReplyKind.REPLY, "Plans re: RE: you", "RE: Plans re: RE: you"),
        (ReplyKind.REPLY, "Recent: news", "RE: Recent: news"),
        (ReplyKind.REPLY, "", "RE: "),
    ],
)
def test_the_prefix_stands_once(kind: ReplyKind, before: str, after: str) -> None:
    assert answered(kind, subject=before).subject == after


@pytest.mark.parametrize(
    ("kind", "original", "to", "cc"),
    [
        (ReplyKind.REPLY, {"cc": (CAROL,)}, (BOB,), ()),
        (ReplyKind.REPLY, {"reply_to": (CAROL, DAVE)}, (CAROL, DAVE), ()),
        (ReplyKind.REPLY, {"from_": ALICE}, (ALICE,), ()),
        (ReplyKind.REPLY_ALL, {"to": (Mailbox("Alice@Example.com"), CAROL), "cc": (DAVE,)}, (BOB, CAROL), (DAVE,)),
        (ReplyKind.REPLY_ALL, {"reply_to": (CAROL,), "to": (ALICE, DAVE)}, (CAROL, DAVE), ()),
        (ReplyKind.REPLY_ALL, {"to": (ALICE, BOB, CAROL), "cc": (CAROL, DAVE, ALICE, DAVE)}, (BOB, CAROL), (DAVE,)),
        (ReplyKind.REPLY_ALL, {"from_": ALICE, "to": (BOB,), "cc": (CAROL,)}, (BOB,), (CAROL,)),
        (ReplyKind.REPLY_ALL, {"from_": ALICE, "to": (ALICE,)}, (ALICE,), ()),
        (ReplyKind.FORWARD, {"cc": (CAROL,), "reply_to": (DAVE,)}, (), ()),
    ],
)
def test_recipients(kind: ReplyKind, original: dict[str, Any], to: tuple[Any, ...], cc: tuple[Any, ...]) -> None:
    letter = answered(kind, **original)
    assert (letter.to, letter.cc, letter.bcc) == (to, cc, ())


def test_the_conversation_goes_on() -> None:
    letter = answered(conversation="old", references=("<zero@example.com>",))
    assert (letter.conversation, letter.internet_message_id) == ("old", "<new@example.com>")
    assert letter.references == ("<zero@example.com>", "<one@example.com>")


def test_a_long_conversation_names_its_first_message_and_the_last() -> None:
    long = tuple(f"<{number}@example.com>" for number in range(80))
    letter = answered(references=long, internet_message_id="<80@example.com>")
    assert letter.references == ("<0@example.com>", *(f"<{number}@example.com>" for number in range(32, 81)))


def test_below_the_comment_stands_the_original_with_who_wrote_it() -> None:
    letter = answered(subject="Plans", body=Body("Soon"), cc=(CAROL, Mailbox("x@example.com")))
    assert letter.body == Body(
        "Fine\n\n________________________________\nFrom: Bob <bob@example.com>\n"
        "Sent: Monday, November 23, 2026 11:05:09 PM\nTo: Alice <alice@example.com>\n"
        "Cc: Carol <carol@example.com>; x@example.com\nSubject: Plans\n\nSoon"
    )


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("America/New_York", "Monday, November 23, 2026 6:05:09 PM"),
        ("Europe/Berlin", "Tuesday, November 24, 2026 12:05:09 AM"),
        ("Asia/Tokyo", "Tuesday, November 24, 2026 8:05:09 AM"),
        ("Pacific/Auckland", "Tuesday, November 24, 2026 12:05:09 PM"),
    ],
)
def test_when_it_was_sent_is_told_in_a_zone(zone: str, told: str) -> None:
    assert f"\nSent: {told}\n" in answered(zone=zone).body.text


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("<html><head><style>p{}</style></head><body class='a'><p>Soon</p></body></html>",
         "<html><head><style>p{}</style></head><body class='a'>", "<p>Soon</p></body></html>"),
        ("<p>Soon</p>", "", "<p>Soon</p>"),
        ("<tbody><tr><td>Soon", "", "<tbody><tr><td>Soon"),
    ],
)  # fmt: skip
def test_html_stays_html_with_the_reply_at_the_beginning_of_its_body(text: str, begin: str, end: str) -> None:
    letter = answered(subject="1 < 2", comment="a <b>\nc", body=Body(text, BodyKind.HTML))
    assert letter.body.kind is BodyKind.HTML
    assert letter.body.text.startswith(f"{begin}<div>a &lt;b&gt;<br>\nc</div>")
    assert letter.body.text.endswith(end)
    assert "<b>Subject:</b> 1 &lt; 2" in letter.body.text
    words = as_text(letter.body)
    assert words.index("a <b>") < words.index("From: Bob <bob@example.com>") < words.index("Soon")


def test_tags_that_are_left_open_cost_no_more_than_others() -> None:
    text = "<body " * 100_000
    letter = answered(body=Body(text, BodyKind.HTML))
    assert letter.body.text.startswith("<div>Fine</div>")
    assert letter.body.text.endswith(text)
