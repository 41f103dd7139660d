"""What rules of an inbox ask of a letter, and what they make of it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from rsvpd.calendar.event import AllDay, Sensitivity
from rsvpd.clock import to_datetime
from rsvpd.mail.address import Mailbox
from rsvpd.mail.attachment import Attachment, AttachmentKind
from rsvpd.mail.content import Body, BodyKind, Importance
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import AutoSubmitted, Header, Letter, MeetingKind, MeetingNote
from rsvpd.mail.person import Person
from rsvpd.mail.rule import (
    MOST_HOPS,
    Actions,
    Incoming,
    MessageRule,
    Predicates,
    SizeRange,
    applies,
    decide,
    may_pass_on,
)

BOB = Person(number=2, oid="oid-b", address="bob@example.com", name="Bob", zone="UTC")
ALICE, CAROL, OWN = Mailbox("Alice@Example.com", "Alice Ames"), Mailbox("carol@example.com"), BOB.mailbox
PLAIN = Letter(
    subject="The Plans", body=Body("<p>Bring <b>Lunch</b></p>", BodyKind.HTML), sender=ALICE, from_=ALICE, to=(OWN,)
)
DAY = AllDay(to_datetime(0).date())


def meeting(kind: MeetingKind) -> Letter:
    return structs.replace(PLAIN, note=MeetingNote(kind=kind, uid="uid", start=DAY, end=DAY))


def letter(**members: Any) -> Letter:
    return structs.replace(PLAIN, **members)


FILE = Attachment(number=1, kind=AttachmentKind.FILE, name="a", size=3000, digest=b"x")
INLINE = structs.replace(FILE, is_inline=True)
# What is asked, of a letter that answers it, and of one that does not.
ASKED: tuple[tuple[dict[str, Any], Letter, Letter], ...] = (
    ({"subject_contains": ("nothing", "PLANS")}, PLAIN, letter(subject="Other")),
    ({"body_contains": ("lunch",)}, PLAIN, letter(body=Body())),
    ({"body_or_subject_contains": ("lunch",)}, PLAIN, letter(body=Body("Dinner"))),
    ({"body_or_subject_contains": ("the plans",)}, letter(body=Body()), letter(subject="", body=Body())),
    ({"sender_contains": ("ames",)}, PLAIN, letter(from_=CAROL)),
    ({"sender_contains": ("alice@example",)}, PLAIN, letter(from_=CAROL)),
    ({"recipient_contains": ("carol",)}, letter(cc=(CAROL,)), PLAIN),
    ({"from_addresses": (Mailbox("alice@example.COM"),)}, PLAIN, letter(from_=CAROL)),
    ({"sent_to_addresses": (CAROL,)}, letter(cc=(CAROL,)), PLAIN),
    ({"header_contains": ("x-mailer: mine",)}, letter(headers=(Header("X-Mailer", "Mine"),)), PLAIN),
    ({"header_contains": ("subject: the plans",)}, PLAIN, letter(subject="Other")),
    ({"importance": Importance.HIGH}, letter(importance=Importance.HIGH), PLAIN),
    ({"sensitivity": Sensitivity.PRIVATE}, letter(sensitivity=Sensitivity.PRIVATE), PLAIN),
    ({"has_attachments": True}, letter(attachments=(FILE,)), letter(attachments=(INLINE,))),
    ({"within_size_range": SizeRange(1, 4)}, letter(attachments=(FILE,)), PLAIN),
    ({"within_size_range": SizeRange(None, 1)}, PLAIN, letter(attachments=(FILE,))),
    ({"within_size_range": SizeRange(2, None)}, letter(attachments=(FILE,)), PLAIN),
    ({"sent_to_me": True}, PLAIN, letter(to=(CAROL,), cc=(OWN,))),
    ({"sent_cc_me": True}, letter(to=(CAROL,), cc=(OWN,)), PLAIN),
    ({"sent_to_or_cc_me": True}, letter(to=(CAROL,), cc=(OWN,)), letter(to=(CAROL,))),
    ({"sent_only_to_me": True}, PLAIN, letter(cc=(CAROL,))),
    ({"not_sent_to_me": True}, letter(to=(CAROL,), cc=(OWN,)), PLAIN),
    ({"is_meeting_request": True}, meeting(MeetingKind.REQUEST), meeting(MeetingKind.ACCEPTED)),
    ({"is_meeting_response": True}, meeting(MeetingKind.DECLINED), meeting(MeetingKind.CANCELLED)),
    ({"is_automatic_forward": True}, letter(passed_on_by=("carol@example.com",)), PLAIN),
    ({"is_automatic_reply": True}, letter(auto_submitted=AutoSubmitted.REPLIED),
     letter(auto_submitted=AutoSubmitted.GENERATED)),
    ({"sent_to_me": True, "subject_contains": ("plans",)}, PLAIN, letter(subject="Other")),
)  # fmt: skip


def rule(sequence: int = 1, *, conditions: Any = None, exceptions: Any = None, **actions: Any) -> MessageRule:
    return MessageRule(
        name="Rule", sequence=sequence, conditions=conditions, exceptions=exceptions, actions=Actions(**actions)
    )


def named(one: Any) -> str:
    return "-".join(one) if isinstance(one, dict) else ""


@pytest.mark.parametrize(("asked", "that", "other"), ASKED, ids=named)
def test_what_is_asked(asked: dict[str, Any], that: Letter, other: Letter) -> None:
    asks = Predicates(**asked)
    assert applies(rule(conditions=asks), Incoming(that, BOB))
    assert not applies(rule(conditions=asks), Incoming(other, BOB))


@pytest.mark.parametrize(("asked", "that", "other"), ASKED[:-1], ids=named)
def test_what_is_excepted(asked: dict[str, Any], that: Letter, other: Letter) -> None:
    excepts = Predicates(**asked)
    assert not applies(rule(exceptions=excepts), Incoming(that, BOB))
    assert applies(rule(exceptions=excepts), Incoming(other, BOB))


@pytest.mark.parametrize(
    "name",
    ["is_approval_request", "is_encrypted", "is_non_delivery_report", "is_permission_controlled", "is_read_receipt",
     "is_signed", "is_voicemail", "message_action_flag"],
)  # fmt: skip
def test_no_mail_here_is_of_these_kinds(name: str) -> None:
    asks = Predicates(**{name: "any" if name == "message_action_flag" else True})
    assert not applies(rule(conditions=asks), Incoming(PLAIN, BOB))


def test_one_exception_of_several_is_enough() -> None:
    excepts = Predicates(sent_to_me=True, subject_contains=("nothing",))
    assert not applies(rule(exceptions=excepts), Incoming(PLAIN, BOB))


def test_categories_and_importance_are_those_that_rules_before_gave() -> None:
    marks = rule(assign_categories=("Blue",), mark_importance=Importance.HIGH)
    asks = Predicates(categories=("Blue", "Red"), importance=Importance.HIGH)
    follows = rule(conditions=asks, assign_categories=("Green", "Blue"))
    assert decide((marks, follows), PLAIN, BOB).categories == ("Blue", "Green")
    assert decide((follows, marks), PLAIN, BOB).categories == ("Blue",)


def test_the_first_place_counts_and_others_get_copies() -> None:
    places = [rule(move_to_folder=int(Folder.ARCHIVE)), rule(move_to_folder=1000), rule(delete=True)]
    outcome = decide(places, PLAIN, BOB)
    assert (outcome.folder, outcome.copies) == (Folder.ARCHIVE, (1000,))
    outcome = decide(places[::-1], PLAIN, BOB)
    assert (outcome.folder, outcome.copies) == (Folder.DELETED, (1000, Folder.ARCHIVE))
    outcome = decide([rule(permanent_delete=True, copy_to_folder=1000)], PLAIN, BOB)
    assert (outcome.folder, outcome.copies) == (None, (1000,))


def test_nothing_is_looked_at_after_a_stop() -> None:
    stops = rule(mark_as_read=True, stop_processing_rules=True)
    outcome = decide((stops, rule(delete=True)), PLAIN, BOB)
    assert (outcome.is_read, outcome.folder) == (True, Folder.INBOX)
    elsewhere = structs.replace(stops, conditions=Predicates(sent_cc_me=True))
    assert decide((elsewhere, rule(delete=True)), PLAIN, BOB).folder == Folder.DELETED
    assert decide((structs.replace(stops, is_enabled=False), rule(delete=True)), PLAIN, BOB).folder == Folder.DELETED


def test_everybody_is_told_once() -> None:
    both = [rule(forward_to=(CAROL, ALICE)), rule(forward_to=(Mailbox("CAROL@example.com"),), redirect_to=(CAROL,))]
    outcome = decide(both, PLAIN, BOB)
    assert [one.address.lower() for one in outcome.forward_to] == ["carol@example.com", "alice@example.com"]
    assert outcome.redirect_to == (CAROL,)


def test_what_was_passed_on_is_not_for_ever() -> None:
    assert may_pass_on(PLAIN, BOB)
    assert not may_pass_on(letter(passed_on_by=("bob@example.com",)), BOB)
    others = tuple(f"p{number}@example.com" for number in range(MOST_HOPS))
    assert may_pass_on(letter(passed_on_by=others[1:]), BOB)
    assert not may_pass_on(letter(passed_on_by=others), BOB)
