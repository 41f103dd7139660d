"""Letters as Internet messages, read by the standard library's parser."""

from __future__ import annotations

import email
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsvpd.clock import parse_instant
from rsvpd.mail.address import Mailbox
from rsvpd.mail.content import Importance
from rsvpd.mail.message import Letter
from rsvpd.mail.mime import Invite, message, one_line

ALICE = Mailbox("alice@example.com", "Alice")
ZOE = Mailbox("zoe@else.test", "Zoë Out")
INVITE = Invite("REQUEST", b"BEGIN:VCALENDAR\r\nSUMMARY:Gr\xc3\xb6\xc3\x9fe\r\nEND:VCALENDAR\r\n", ALICE)
TEXT = st.text(st.characters(codec="utf-8"), max_size=120)


def a_letter(**more: Any) -> Letter:
    plain = {
        "subject": "Plans",
        "sender": ALICE,
        "from_": ALICE,
        "to": (ZOE,),
        "sent": parse_instant("2026-11-23T08:00:00Z"),
        "internet_message_id": "<one@example.com>",
    }
    return Letter(**plain | more)


def written(letter: Letter, **more: Any) -> bytes:
    octets = message(letter, **{"plain": "Hello\n", "html": "<p>Hello</p>\n", "invite": INVITE} | more)
    lines = octets.split(b"\r\n")
    assert all(len(line) <= 998 for line in lines)
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    return octets


def parsed(octets: bytes) -> EmailMessage:
    found = email.message_from_bytes(octets, policy=policy.SMTPUTF8)
    assert isinstance(found, EmailMessage)
    for part in found.walk():
        assert part.defects == []
    return found


def test_a_meeting_message_has_the_calendar_as_last_alternative_and_as_a_file():
    found = parsed(written(a_letter()))
    alternative, attached = found.iter_parts()
    assert found.get_content_type() == "multipart/mixed"
    assert [part.get_content_type() for part in alternative.iter_parts()] == [
        "text/plain", "text/html", "text/calendar",
    ]  # fmt: skip
    calendar = list(alternative.iter_parts())[2]
    assert calendar.get_param("method") == "REQUEST"
    assert calendar.get_content_charset() == "utf-8"
    assert calendar["Content-Transfer-Encoding"] == "base64"
    assert calendar.get_content_disposition() is None
    assert calendar.get_payload(decode=True) == attached.get_payload(decode=True) == INVITE.document
    assert attached.get_content_type() == "application/ics"
    assert (attached.get_content_disposition(), attached.get_filename()) == ("attachment", "invite.ics")


def test_plain_mail():
    found = parsed(written(a_letter(), invite=None, html=""))
    assert (found.get_content_type(), found.get_content()) == ("text/plain", "Hello\r\n")
    found = parsed(written(a_letter(), invite=None))
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]


def test_headers():
    letter = a_letter(
        sender=Mailbox("bob@example.com", "Bob"), cc=(Mailbox("max@else.test"),), importance=Importance.HIGH
    )
    found = parsed(written(letter, in_reply_to="<before@example.com>"))
    assert found["From"] == "Alice <alice@example.com>"
    assert found["Sender"] == "Bob <bob@example.com>"
    assert found["Reply-To"] == "Alice <alice@example.com>"
    assert found["To"].addresses[0].display_name == "Zoë Out"
    assert found["Cc"] == "max@else.test"
    assert found["Date"].datetime.isoformat() == "2026-11-23T08:00:00+00:00"
    assert found["Message-ID"] == "<one@example.com>"
    assert found["In-Reply-To"] == found["References"] == "<before@example.com>"
    assert (found["Importance"], found["X-Priority"]) == ("high", "1")
    assert found["MIME-Version"] == "1.0"
    assert "Auto-Submitted" not in found
    assert parsed(written(letter, is_automatic=True))["Auto-Submitted"] == "auto-generated"


def test_who_is_written_to_blind_is_not_named():
    octets = written(a_letter(to=(), bcc=(ZOE,)), invite=None)
    assert b"zoe@else.test" not in octets
    assert parsed(octets)["To"].addresses == ()


@pytest.mark.parametrize(
    "evil", ["Plans\r\nBcc: eve@else.test", "Plans\nBcc: eve@else.test", "a\rBcc: x\u2028Bcc: y\x85Bcc: z\x00"]
)
def test_nothing_becomes_a_header_of_its_own(evil):
    letter = a_letter(
        subject=evil, from_=Mailbox("alice@example.com", evil), to=(Mailbox("zoe@else.test", evil),),
        internet_message_id=f"<one@example.com>{evil}",
    )  # fmt: skip
    found = parsed(written(letter, in_reply_to=f"<x@y>{evil}"))
    assert found["Bcc"] is None
    assert "In-Reply-To" not in found
    assert found["Subject"] == one_line(evil)


@settings(deadline=None)
@given(TEXT)
def test_any_subject_is_read_back(subject):
    assert parsed(written(a_letter(subject=subject)))["Subject"] == one_line(subject)


@settings(deadline=None)
@given(TEXT)
def test_any_name_is_read_back(name):
    # The older parser: the newer one keeps the blank between two encoded words of a name (RFC 2047 6.2).
    found = email.message_from_bytes(written(a_letter(to=(Mailbox("zoe@else.test", name),))))
    shown, address = parseaddr("".join(found["To"].splitlines()))
    assert str(make_header(decode_header(shown))) == " ".join(one_line(name).split())
    assert address == "zoe@else.test"


@settings(deadline=None)
@given(TEXT, TEXT)
def test_any_body_is_read_back(plain, html):
    found = parsed(written(a_letter(), plain=plain, html=html + ".", invite=None))
    for part, text in zip(found.iter_parts(), (plain, html + "."), strict=True):
        kept = text.replace("\r\n", "\n").replace("\r", "\n")
        kept = "".join(char for char in kept if char in "\n\t" or char not in CONTROLS)
        assert part.get_payload(decode=True).decode().replace("\r\n", "\n") == kept


CONTROLS = {chr(code) for code in (*range(32), 127)}


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("zoë@else.test", "zoë@else.test"),
        ("zoe@bücher.test", "zoe@xn--bcher-kva.test"),
        ("zoe+tag@else.test", "zoe+tag@else.test"),
        ("zoe..out@else.test", '"zoe..out"@else.test'),
    ],
)
def test_addresses(address, shown):
    octets = written(a_letter(to=(Mailbox(address),)))
    assert f"To: {shown}\r\n".encode() in octets
    assert len(parsed(octets)["To"].addresses) == 1
