"""A meeting is passed on: who is invited, who gets it once more, what the organizer is told."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import CalledOff, Copy, Overlay, Private
from rsvpd.calendar.draft import AttendeeDraft
from rsvpd.calendar.event import AllDay, Answer, Sensitivity, Status
from rsvpd.calendar.series import component as event_of
from rsvpd.errors import ItemNotFound, MeetingIsCancelled, NotAllowed
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.address import Mailbox
from rsvpd.mail.content import Body, BodyKind, as_text
from rsvpd.mail.message import RequestKind
from rsvpd.mail.person import Person
from rsvpd.scheduling.forward import Forward, SentBy, as_sent, change_notice, forward, notice, once_more
from rsvpd.scheduling.letters import conversation_of
from rsvpd.scheduling.plan import Audience
from support.meetings import (
    ALICE,
    BOB,
    CAROL,
    DAVE,
    ELSEWHEN,
    NOW,
    SECOND,
    SENT,
    bobs,
    component,
    guests,
    letter,
    organizers,
    series,
    single,
)

OFF, CLOSED = single(event=component(status=Status.CANCELLED)), single(event=component(guests_can_invite=False))


def passed(copy: Copy, *names: str, rid: str | None = None, by: Person = BOB) -> Forward:
    recipients = tuple(AttendeeDraft(address=f"{name}@example.com") for name in names)
    return forward(copy, rid, recipients, by, now=NOW)


def addresses(people: Any) -> list[str]:
    return [one.address.partition("@")[0] for one in people]


# --- who is invited -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "new", "again"),
    [
        pytest.param(("dave",), ["dave"], [], id="somebody new"),
        pytest.param(("carol",), [], ["carol"], id="who is on the list"),
        pytest.param(("dave", "carol"), ["dave"], ["carol"], id="both"),
        pytest.param(("dave", "DAVE"), ["dave"], [], id="twice is once"),
        pytest.param(("bob",), [], ["bob"], id="oneself"),
        pytest.param(("alice",), [], [], id="the organizer"),
    ],
)
@pytest.mark.parametrize("by", [ALICE, BOB], ids=["by the organizer", "by a guest"])
def test_whom_a_meeting_is_passed_on_to(names: tuple[str, ...], new: list[str], again: list[str], by: Person) -> None:
    done = passed(organizers(single()), *names, by=by)
    assert (addresses(done.change.added), addresses(done.again)) == (new, again)
    assert addresses(done.change.meeting.event.attendees) == ["bob", "carol", *new]
    assert (done.change.removed, done.change.audience) == ((), Audience.NEWCOMERS if new else Audience.NOBODY)
    assert done.change.kind is RequestKind.INFORMATIONAL
    # Nobody is asked anew, and answers stay.
    assert (done.change.revision.sequence, done.change.revision.reset_sequence) == (2, 0)
    assert done.change.revision.event.guests[:2] == single().event.guests


def test_one_date_is_passed_on_alone() -> None:
    change = passed(organizers(series()), "dave", rid=SECOND).change
    assert change.recurrence_id == SECOND
    assert addresses(change.meeting.event.attendees) == ["bob", "carol"]
    assert addresses(change.meeting.exceptions[SECOND].attendees) == ["bob", "carol", "dave"]


@pytest.mark.parametrize(
    ("names", "by", "is_hidden", "hints"),
    [
        pytest.param(("dave",), BOB, False, [], id="somebody new"),
        pytest.param(("carol",), BOB, False, [(HintCode.ALREADY_INVITED, "carol@example.com")], id="who is there"),
        pytest.param(
            ("bob", "carol"), BOB, False, [(HintCode.ALREADY_INVITED, "bob@example.com, carol@example.com")], id="two"
        ),
        pytest.param(("carol",), BOB, True, [], id="of a hidden list it is not told"),
        pytest.param(("carol",), ALICE, True, [(HintCode.ALREADY_INVITED, "carol@example.com")], id="but to its owner"),
        pytest.param(("ALICE",), BOB, False, [(HintCode.FORWARD_TO_ORGANIZER, "alice@example.com")], id="organizer"),
        pytest.param(
            ("dave", "alice"), BOB, False, [(HintCode.FORWARD_TO_ORGANIZER, "alice@example.com")], id="among others"
        ),
    ],
)
def test_what_is_hinted(names: tuple[str, ...], by: Person, is_hidden: bool, hints: list[tuple[HintCode, str]]) -> None:
    done = passed(organizers(single(event=component(hide_attendees=is_hidden))), *names, by=by)
    assert done.hints == tuple(Hint(*one) for one in hints)


@pytest.mark.parametrize(
    ("copy", "rid", "by", "error"),
    [
        pytest.param(bobs(single(), Private(called_off=CalledOff())), None, BOB, MeetingIsCancelled, id="called off"),
        pytest.param(organizers(OFF), None, ALICE, MeetingIsCancelled, id="called off, by the organizer"),
        pytest.param(organizers(CLOSED), None, BOB, NotAllowed, id="guests may invite nobody"),
        pytest.param(bobs(CLOSED), None, BOB, NotAllowed, id="nor where the organizer is outside"),
        pytest.param(organizers(series()), ELSEWHEN, BOB, ItemNotFound, id="no such date"),
    ],
)
def test_what_is_refused(copy: Copy, rid: str | None, by: Person, error: type[Exception]) -> None:
    with pytest.raises(error):
        passed(copy, "dave", rid=rid, by=by)


def test_the_organizer_may_always_invite() -> None:
    assert addresses(passed(organizers(CLOSED), "dave", by=ALICE).change.added) == ["dave"]


# --- where the organizer is outside -------------------------------------------------------


@pytest.mark.parametrize("rid", [None, SECOND], ids=["the whole", "one date"])
def test_where_the_organizer_is_outside_it_stays_the_organizers_revision(rid: str | None) -> None:
    copy = bobs(series(sequence=5), Private(answer=Answer.ACCEPTED))
    change = passed(copy, "dave", rid=rid).change
    assert (change.revision.sequence, change.revision.dtstamp) == (5, SENT)
    assert (change.copy.sequence, change.copy.dtstamp) == (5, SENT)
    assert addresses(change.new.attendees) == ["bob", "carol", "dave"]
    at_home = passed(organizers(series(sequence=5)), "dave", rid=rid).change
    assert (at_home.revision.sequence, at_home.revision.dtstamp) == (5, NOW)


def test_what_a_guest_made_of_the_own_copy_is_not_passed_on() -> None:
    mine = Private(overlay=Overlay(subject="Mine"), categories=("Red",), answer=Answer.DECLINED)
    copy = bobs(series(), mine, dates={SECOND: mine}, removed=(SECOND,), creator=BOB.mailbox, modified=NOW)
    sent = as_sent(copy)
    assert sent == organizers(series(), modified=NOW)
    assert passed(copy, "dave").change.new.subject == "Plans"
    own = organizers(single())
    assert as_sent(own) is own


def test_an_organizer_outside_who_takes_part_gets_no_request() -> None:
    """RFC 5545 3.8.4.1: an organizer who takes part may stand among the attendees."""
    copy = bobs(single(event=component(guests=guests(ALICE, BOB))))
    done = passed(copy, "alice", "bob")
    assert (addresses(done.again), addresses(done.change.added)) == (["bob"], [])
    assert once_more(done.change, done.again).removed == ()


@pytest.mark.parametrize("names", [("dave", "carol"), ("carol",)], ids=["beside somebody new", "alone"])
def test_once_more_changes_nothing_for_nobody_else(names: tuple[str, ...]) -> None:
    done = passed(organizers(single()), *names)
    again = once_more(done.change, done.again)
    assert (again.audience, again.removed) == (Audience.NEWCOMERS, ())
    assert (addresses(again.added), addresses(again.guests)) == (["carol"], ["carol"])
    assert again.copy is done.change.copy


# --- how the request is sent --------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "is_hidden", "to", "cc"),
    [
        pytest.param(SentBy(person=BOB), False, [BOB, CAROL], [DAVE], id="to all"),
        pytest.param(SentBy(person=BOB, to=(DAVE.mailbox,)), False, [DAVE], [], id="to some alone"),
        pytest.param(SentBy(person=BOB), True, [BOB, CAROL], [DAVE], id="hidden, by a delegate"),
        pytest.param(SentBy(person=BOB, is_guest=True), False, [BOB, CAROL], [DAVE], id="by a guest"),
        pytest.param(SentBy(person=BOB, is_guest=True), True, [BOB], [], id="hidden, by a guest: oneself"),
        pytest.param(SentBy(person=BOB, is_guest=True, to=(DAVE.mailbox,)), True, [DAVE], [], id="hidden, to some"),
    ],
)
def test_whom_a_letter_names(by: SentBy, is_hidden: bool, to: list[Person], cc: list[Person]) -> None:
    signed = by.sign(letter(cc=(DAVE.mailbox,)), hides_guests=is_hidden)
    assert (list(signed.to), list(signed.cc)) == ([one.mailbox for one in to], [one.mailbox for one in cc])


@pytest.mark.parametrize(
    ("comment", "body", "text"),
    [
        pytest.param("", Body("Bring lunch"), Body("Bring lunch"), id="no comment"),
        pytest.param("Look", Body("Bring lunch"), Body("Look\n\nBring lunch"), id="the comment first"),
        pytest.param("Look", Body(""), Body("Look"), id="a comment alone"),
        pytest.param("Look", Body("<p>Hi</p>", BodyKind.HTML), Body("Look\n\nHi"), id="before HTML as text"),
        pytest.param("", Body("<p>Hi</p>", BodyKind.HTML), Body("<p>Hi</p>", BodyKind.HTML), id="HTML stays"),
    ],
)
def test_what_a_letter_says(comment: str, body: Body, text: Body) -> None:
    before = letter(body=body)
    signed = SentBy(person=BOB, comment=comment, prefix="FW: ").sign(before, hides_guests=False)
    assert (signed.subject, signed.body) == ("FW: Plans", text)
    assert (signed.from_, signed.sender) == (ALICE.mailbox, BOB.mailbox)
    assert signed.internet_message_id != before.internet_message_id
    carols = SentBy(person=CAROL).sign(before, hides_guests=False)
    later = SentBy(person=BOB).sign(replace(before, sent=NOW + 1), hides_guests=False)
    assert len({one.internet_message_id for one in (signed, carols, later)}) == 3


# --- what the organizer is told -----------------------------------------------------------


def test_the_organizer_is_told_who_passed_it_on_to_whom() -> None:
    meeting = compose(organizers(series()))
    to = (Mailbox("dave@example.com", "Dave"), Mailbox("eve@example.com"))
    told = notice(meeting, event_of(meeting, SECOND), BOB, to, sent=NOW)
    assert told.subject == "Meeting Forward Notification: Plans"
    assert told.body == Body(
        "Bob has forwarded your meeting request to additional recipients:\nDave <dave@example.com>\neve@example.com"
        "\n\nMeeting: Plans\nTime: 2027-01-05 10:00 W. Europe Standard Time"
    )
    assert (told.sender, told.from_, told.to, told.sent, told.note) == (
        BOB.mailbox,
        BOB.mailbox,
        (ALICE.mailbox,),
        NOW,
        None,
    )


def test_the_organizer_is_told_what_a_guest_changed() -> None:
    day = AllDay(date(2027, 1, 4))
    meeting = compose(organizers(single(event=component(start=day, end=AllDay(date(2027, 1, 5))))))
    told = change_notice(meeting, meeting.event, replace(BOB, name=""), ("subject", "start"), sent=NOW)
    assert told.subject == "Updated: Plans"
    assert told.body == Body(
        "bob@example.com has changed your meeting: subject, start\n\nMeeting: Plans\nTime: 2027-01-04"
    )
    forwarded = notice(meeting, meeting.event, BOB, (), sent=NOW)
    assert told.internet_message_id != forwarded.internet_message_id
    assert told.conversation == forwarded.conversation == conversation_of(meeting.key)


def test_who_sends_in_the_organizers_place_sees_all_unless_it_is_said() -> None:
    usual = SentBy(person=BOB)
    assert (usual.sees_private, usual.is_guest, usual.comment, usual.prefix, usual.to) == (True, False, "", "", ())


@pytest.mark.parametrize(("by", "name"), [(BOB, "Bob"), (replace(BOB, name=""), "bob@example.com")])
def test_who_did_it_is_named_or_else_the_address_is_told(by: Person, name: str) -> None:
    meeting = compose(organizers(single()))
    for tell in (notice, change_notice):
        assert as_text(tell(meeting, meeting.event, by, (), sent=NOW).body).startswith(f"{name} has ")


def test_a_notice_about_what_is_private_is_private() -> None:
    private = series(event=component(sensitivity=Sensitivity.PRIVATE, guests=guests(BOB)))
    meeting = compose(organizers(private))
    plain = replace(event_of(meeting, SECOND), sensitivity=Sensitivity.NORMAL)
    assert notice(meeting, plain, BOB, (), sent=NOW).sensitivity is Sensitivity.PRIVATE
