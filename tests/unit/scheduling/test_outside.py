"""What leaves this server: the meeting as its recipient is to see it, and nothing that is private to a copy."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import Copy, Overlay, Private, Response
from rsvpd.calendar.event import PRIVATE, Answer, Attendee, Event, Meeting, Role, Sensitivity, ShowAs, Status
from rsvpd.calendar.revision import Guest, Revision
from rsvpd.calendar.series import component as event_of
from rsvpd.mail.address import Mailbox
from rsvpd.mail.content import Body
from rsvpd.mail.message import TimeSlot
from rsvpd.scheduling.effects import Method, Post
from rsvpd.scheduling.itip import Cancel, Reply
from rsvpd.scheduling.letters import first_message_id
from rsvpd.scheduling.outside import answer, cancellation, event_to_cancel, invitation
from support.meetings import (
    ALICE,
    BEGIN,
    BOB,
    CAROL,
    DAILY,
    DAVE,
    NOW,
    ORION,
    SECOND,
    SENT,
    THIRD,
    at,
    attendees,
    bobs,
    component,
    guests,
    letter,
    on,
    organizers,
    series,
    single,
)

MINE: dict[str, Any] = {
    "categories": ("Red",),
    "reminder_minutes": 5,
    "residue": {"google": {"colorId": "3"}},
    "comment": "Yes",
    "answer": Answer.ACCEPTED,
    "guests": 2,
}
# What alice knows of bob: what he answered is his to see again, what he said is not sent back.
BOB_SAID = Attendee(
    address="bob@example.com", name="Bob", answer=Answer.ACCEPTED, answered=SENT, comment="Yes", guests=2,
    reply_sequence=2, reply_dtstamp=SENT, role=Role.OPTIONAL,
)  # fmt: skip
TRACKED = {
    "": {
        "bob@example.com": Response(answer=Answer.ACCEPTED, answered=SENT, sequence=2, comment="Yes", guests=2),
        "carol@example.com": Response(answer=Answer.DECLINED, answered=SENT, sequence=2, comment="Ill", guests=1),
    }
}
MANY = tuple(Guest(f"guest{number}@example.com") for number in range(199))


def alices(revision: Revision, **own: Any) -> Meeting:
    """Return the organizer's meeting with what she keeps and knows of it."""
    return compose(organizers(revision, own=Private(**own), modified=NOW, transaction_id="t"), TRACKED)


def invited(revision: Revision, rid: str | None = None, *, is_new: bool = False, guest: Attendee = BOB_SAID) -> Post:
    return invitation(1, alices(revision, **MINE), guest, rid, letter(), is_new=is_new)


def shown(post: Post, rid: str | None = None) -> Event:
    assert post.meeting is not None
    return event_of(post.meeting, rid)


# --- requests -----------------------------------------------------------------------------


def test_a_request_to_somebody_outside() -> None:
    post = invited(series(exceptions={SECOND: on(5, subject="Special")}, excluded=(THIRD,)), SECOND)
    assert (post.mailbox, post.method, post.recipient) == (1, Method.REQUEST, "bob@example.com")
    assert (post.recurrence_id, post.letter, post.reply, post.is_automatic) == (SECOND, letter(), None, False)
    meeting = post.meeting
    assert meeting is not None
    assert (meeting.uid, meeting.organizer, meeting.is_organizer) == ("u-1", ALICE.mailbox, True)
    assert (meeting.sequence, meeting.dtstamp, meeting.created) == (2, SENT, SENT)
    assert (meeting.recurrence, meeting.deleted, {*meeting.exceptions}) == (DAILY, (THIRD,), {SECOND})
    assert meeting.exceptions[SECOND].subject == "Special"


@pytest.mark.parametrize("rid", [None, SECOND], ids=["the whole", "one date"])
def test_what_is_private_to_a_copy_does_not_leave_it(rid: str | None) -> None:
    post = invited(series(exceptions={SECOND: on(5, subject="Special")}))
    event, blank = shown(post, rid), Event(start=BEGIN, end=BEGIN)
    travels = ("show_as", "sensitivity")
    assert {one: getattr(event, one) for one in PRIVATE if one not in travels} == {
        one: getattr(blank, one) for one in PRIVATE if one not in travels
    }
    assert post.meeting is not None
    assert (post.meeting.transaction_id, post.meeting.modified, post.meeting.creator) == (None, 0, None)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("show_as", ShowAs.OOF),
        ("sensitivity", Sensitivity.PRIVATE),
        ("body", Body("Papers")),
        ("status", Status.TENTATIVE),
        ("response_requested", False),
        ("allow_proposals", False),
    ],
)
def test_what_the_organizer_says_leaves(member: str, value: object) -> None:
    event = shown(invited(single(event=component(**{member: value}))))
    assert (getattr(event, member), event.start, event.subject) == (value, BEGIN, "Plans")


@pytest.mark.parametrize("rid", [None, SECOND], ids=["the whole", "one date"])
def test_a_guest_sees_the_own_answer_and_nobody_elses(rid: str | None) -> None:
    bob, carol = shown(invited(series(exceptions={SECOND: on(5, subject="Special")})), rid).attendees
    assert bob == Attendee(
        address="bob@example.com", name="Bob", role=Role.OPTIONAL, answer=Answer.ACCEPTED, guests=2
    )
    assert carol == Attendee(address="carol@example.com", name="Carol")


def test_how_the_others_take_part_is_seen() -> None:
    listed = (*guests(BOB), Guest("carol@example.com", role=Role.OPTIONAL))
    assert [one.role for one in shown(invited(single(event=component(guests=listed)))).attendees] == [Role.OPTIONAL] * 2


def test_a_letter_to_one_guest_names_nobody_else() -> None:
    hidden = alices(single(event=component(hide_attendees=True)))
    post = invitation(1, hidden, BOB_SAID, None, letter(cc=(CAROL.mailbox,)), is_new=True)
    assert (post.letter.to, post.letter.cc) == ((BOB.mailbox,), ())


@pytest.mark.parametrize(
    ("event", "seen"),
    [
        pytest.param(component(), 2, id="everybody"),
        pytest.param(component(hide_attendees=True), 1, id="a hidden list"),
        pytest.param(component(guests=(*guests(BOB), *MANY)), 200, id="a long list"),
        pytest.param(component(guests=(*guests(BOB, CAROL), *MANY)), 1, id="a very long list"),
    ],
)
def test_how_much_of_the_list_a_guest_sees(event: Any, seen: int) -> None:
    post = invited(single(event=event), guest=replace(BOB_SAID, address="BOB@example.com"))
    found = shown(post).attendees
    assert len(found) == seen
    assert "BOB@example.com" in {one.address for one in found}
    # The letter names no more than the list.
    alone = (Mailbox("BOB@example.com", "Bob"),)
    assert (post.letter.to, post.letter.cc) == ((alone if seen == 1 else letter().to), ())


@pytest.mark.parametrize(
    ("is_new", "follows"),
    [pytest.param(True, False, id="an invitation nothing"), pytest.param(False, True, id="an update the first")],
)
def test_what_a_request_follows(is_new: bool, follows: bool) -> None:
    first = first_message_id(alices(single()))
    assert invited(single(), is_new=is_new).in_reply_to == (first if follows else "")
    again = invitation(
        1, alices(single()), BOB_SAID, None, letter(internet_message_id=first), is_new=False
    )
    assert again.in_reply_to == ""  # nothing follows itself


# --- cancellations ------------------------------------------------------------------------


def called_off(before: Revision, after: Revision, rid: str | None, guest: Attendee = BOB_SAID) -> Post:
    """Return the cancellation to bob of what was `before` and is `after` now."""
    was = event_of(compose(organizers(before)), rid)
    cancel = Cancel(uid="u-1", sequence=7, dtstamp=NOW, recurrence_id=rid)
    return cancellation(1, alices(after, **MINE), event_to_cancel(was), guest, cancel, letter())


def off(revision: Revision) -> Revision:
    return replace(revision, event=replace(revision.event, status=Status.CANCELLED, subject="Later"))


def test_a_meeting_that_is_off_is_shown_as_it_was() -> None:
    post = called_off(single(), off(single()), None)
    event = shown(post)
    assert (post.method, post.recipient, post.recurrence_id) == (Method.CANCEL, "bob@example.com", None)
    assert post.meeting is not None
    assert (post.meeting.sequence, post.meeting.dtstamp) == (7, NOW)
    assert (event.status, event.subject, event.start) == (Status.CANCELLED, "Plans", BEGIN)
    assert [one.address for one in event.attendees] == ["bob@example.com", "carol@example.com"]
    assert post.letter == letter()
    assert post.in_reply_to == first_message_id(alices(single()))


def test_who_was_removed_gets_a_cancel_without_status_and_the_own_entry_alone() -> None:
    post = called_off(single(), single(event=component(guests=guests(CAROL))), None)
    event = shown(post)
    assert (event.status, event.subject) == (Status.CONFIRMED, "Plans")
    assert [one.address for one in event.attendees] == ["bob@example.com"]
    assert (post.letter.to, post.letter.cc) == ((BOB.mailbox,), ())


def test_one_date_that_is_off_comes_with_its_series() -> None:
    before = series(exceptions={SECOND: on(5, 14, subject="Special")})
    post = called_off(before, series(excluded=(SECOND,)), SECOND)
    meeting = post.meeting
    assert meeting is not None
    assert (post.recurrence_id, meeting.recurrence, {*meeting.exceptions}) == (SECOND, DAILY, {SECOND})
    event = meeting.exceptions[SECOND]
    assert (event.status, event.subject, event.start) == (Status.CANCELLED, "Special", at("2027-01-05T14:00"))
    assert [one.address for one in event.attendees] == ["bob@example.com", "carol@example.com"]
    assert [one.address for one in meeting.event.attendees] == ["bob@example.com"]
    assert (meeting.event.status, meeting.event.subject) == (Status.CONFIRMED, "Plans")


def test_who_was_removed_from_one_date_sees_it_taking_place() -> None:
    after = series(exceptions={SECOND: on(5, guests=guests(CAROL))})
    post = called_off(series(), after, SECOND)
    assert post.meeting is not None
    event = post.meeting.exceptions[SECOND]
    assert event.status is Status.CONFIRMED
    assert [one.address for one in event.attendees] == ["bob@example.com"]


@pytest.mark.parametrize(
    ("before", "recurrence"),
    [
        pytest.param(series(), DAILY, id="where it stood"),
        pytest.param(series(event=component(start=at("2027-01-04T09:00"))), None, id="elsewhere: it was another"),
    ],
)
def test_the_pattern_of_a_series_that_is_off(before: Revision, recurrence: object) -> None:
    post = called_off(before, off(series()), None)
    assert post.meeting is not None
    assert post.meeting.recurrence == recurrence


@pytest.mark.parametrize("rid", [None, SECOND], ids=["the whole", "one date"])
def test_a_cancellation_takes_nothing_private_along(rid: str | None) -> None:
    after = off(series()) if rid is None else series(excluded=(SECOND,))
    event = shown(called_off(series(), after, rid), rid)
    assert (event.categories, event.reminder_minutes, event.residue, event.comment) == ((), 15, {}, "")
    assert event.attendees[0].comment == ""


@pytest.mark.parametrize(
    ("event", "kept"),
    [
        pytest.param(component(), 2, id="everybody"),
        pytest.param(component(hide_attendees=True), 0, id="a hidden list"),
        pytest.param(component(guests=(*guests(BOB), *MANY)), 200, id="a long list"),
        pytest.param(component(guests=(*guests(BOB, CAROL), *MANY)), 0, id="a very long list"),
    ],
)
def test_a_list_that_is_not_shown_is_not_kept_for_it(event: Any, kept: int) -> None:
    was = compose(organizers(single(event=event))).event
    assert len(event_to_cancel(was).attendees) == kept
    post = called_off(single(event=event), off(single(event=event)), None)
    assert [one.address for one in shown(post).attendees][:1] == ["bob@example.com"]
    assert len(shown(post).attendees) == (kept or 1)
    assert len(post.letter.to) == (2 if kept else 1)


# --- answers ------------------------------------------------------------------------------

SLOT = TimeSlot(at("2027-01-04T12:00"), at("2027-01-04T13:00"))


def reply(rid: str | None = None, **more: Any) -> Reply:
    usual: dict[str, Any] = {"attendee": BOB.address, "name": "Bob", "answer": Answer.TENTATIVE, "sequence": 2}
    return Reply(uid="u-1", dtstamp=NOW, recurrence_id=rid, **(usual | more))


@pytest.mark.parametrize(
    ("said", "method"),
    [
        pytest.param(reply(), Method.REPLY, id="an answer"),
        pytest.param(reply(proposal=SLOT), Method.COUNTER, id="an answer with another time"),
        pytest.param(reply(SECOND), Method.REPLY, id="to one date"),
        pytest.param(reply(SECOND, proposal=SLOT), Method.COUNTER, id="to one date with another time"),
    ],
)
@pytest.mark.parametrize(("who", "is_automatic"), [(BOB, False), (ORION, True)], ids=["a person", "a room"])
def test_an_answer_to_an_organizer_outside(said: Reply, method: Method, who: Any, is_automatic: bool) -> None:
    post = answer(who, compose(bobs(series())), said, letter(), in_reply_to="<it@example.com>")
    assert (post.method, post.recipient, post.mailbox) == (method, "alice@example.com", who.number)
    assert (post.reply, post.recurrence_id, post.letter) == (said, said.recurrence_id, letter())
    assert (post.in_reply_to, post.is_automatic) == ("<it@example.com>", is_automatic)


@pytest.mark.parametrize(
    ("rid", "recurrence", "exceptions"),
    [
        pytest.param(None, None, set(), id="to the whole: without the pattern"),
        pytest.param(SECOND, DAILY, {SECOND}, id="to a date that differs: with it"),
        pytest.param(THIRD, DAILY, set(), id="to a regular date: with the series"),
    ],
)
def test_what_an_answer_is_to(rid: str | None, recurrence: object, exceptions: set[str]) -> None:
    copy: Copy = bobs(series(exceptions={SECOND: on(5, subject="Special")}), Private(**MINE))
    post = answer(BOB, compose(copy), reply(rid), letter())
    meeting = post.meeting
    assert meeting is not None
    assert (meeting.recurrence, {*meeting.exceptions}, post.in_reply_to) == (recurrence, exceptions, "")
    for event in (meeting.event, *meeting.exceptions.values()):
        assert event.attendees == ()
        assert (event.comment, event.categories, event.residue, event.guests) == ("", (), {}, 0)


def test_an_answer_names_dates_by_the_organizers_pattern() -> None:
    moved = Overlay(start=at("2027-01-04T12:00"), end=at("2027-01-04T13:00"))
    post = answer(BOB, compose(bobs(series(), Private(overlay=moved))), reply(THIRD), letter())
    assert post.meeting is not None
    assert post.meeting.pattern_start == BEGIN


def test_a_repeat_is_harmless_and_two_recipients_are_two() -> None:
    one, two = invited(single()), invited(single(), guest=attendees(DAVE)[0])
    assert one.key == invited(single()).key
    assert one.key != two.key
