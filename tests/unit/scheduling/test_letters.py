"""The messages that meetings cause: their words, what they say of the meeting, and what tells two of them apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from rsvpd.calendar.compose import compose
from rsvpd.calendar.draft import EventDraft
from rsvpd.calendar.event import AllDay, Answer, Event, EventKind, Location, MeetingKey, Role, Sensitivity
from rsvpd.calendar.revision import Guest, Revision
from rsvpd.calendar.series import component as event_of
from rsvpd.mail.address import Mailbox
from rsvpd.mail.content import Body, Importance
from rsvpd.mail.message import Letter, MeetingKind, RequestKind, TimeSlot
from rsvpd.scheduling.itip import Cancel, Reply
from rsvpd.scheduling.letters import (
    cancel_letter,
    conversation_of,
    first_message_id,
    message_id_of,
    reply_letter,
    request_letter,
)
from rsvpd.scheduling.plan import Change, create, request_for_restored_date, revise
from support.meetings import (
    ALICE,
    BEGIN,
    BOB,
    CAROL,
    DAILY,
    END,
    NOW,
    SECOND,
    SENT,
    THIRD,
    TICK,
    at,
    bobs,
    component,
    on,
    organizers,
    series,
    single,
)

FULL, INFORMATIONAL, NEW = RequestKind.FULL, RequestKind.INFORMATIONAL, RequestKind.NEW
NOON = {"start": at("2027-01-04T12:00"), "end": at("2027-01-04T13:00")}
ROOM_1, ROOM_2 = Location(name="Room 1"), Location(name="Room 2")
SLOT = TimeSlot(NOON["start"], NOON["end"])


def changed(revision: Revision, rid: str | None = None, *, now: int = NOW, **draft: Any) -> Change:
    return revise(organizers(revision), rid, EventDraft(**draft), now=now)


def request(change: Change) -> Letter:
    return request_letter(change, sent=NOW)


def cancellation(revision: Revision, rid: str | None = None, comment: str = "", *, sequence: int = 3) -> Letter:
    meeting = compose(organizers(revision))
    cancel = Cancel(uid="u-1", sequence=sequence, dtstamp=NOW, recurrence_id=rid)
    return cancel_letter(meeting, event_of(meeting, rid), cancel, (BOB.mailbox,), comment, sent=NOW)


def said(answer: Answer = Answer.ACCEPTED, rid: str | None = None, **more: Any) -> Reply:
    usual: dict[str, Any] = {"uid": "u-1", "attendee": BOB.address, "name": BOB.name, "sequence": 2, "dtstamp": NOW}
    return Reply(answer=answer, recurrence_id=rid, **(usual | more))


def answered(reply: Reply, revision: Revision | None = None) -> Letter:
    meeting = compose(bobs(revision or series()))
    event: Event = event_of(meeting, reply.recurrence_id)
    return reply_letter(meeting, event, reply, BOB, sent=NOW)


# --- requests -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("draft", "kind", "previous"),
    [
        pytest.param({"subject": "Lunch"}, INFORMATIONAL, {}, id="words"),
        pytest.param(NOON, FULL, {"previous_start": BEGIN, "previous_end": END}, id="another time"),
        pytest.param({"end": NOON["start"]}, FULL, {"previous_end": END}, id="another end"),
        pytest.param({"start": at("2027-01-04T09:00")}, FULL, {"previous_start": BEGIN}, id="another start"),
        pytest.param({"locations": (ROOM_2,)}, INFORMATIONAL, {"previous_location": ROOM_1}, id="another place"),
        pytest.param({"locations": ()}, INFORMATIONAL, {"previous_location": ROOM_1}, id="no place"),
        pytest.param(
            {"start": at("2027-01-04T09:00", "UTC"), "end": at("2027-01-04T10:00", "UTC"), "subject": "Lunch"},
            INFORMATIONAL,
            {},
            id="the same time in another zone",
        ),
    ],
)
def test_a_request_says_what_changed(draft: dict[str, Any], kind: RequestKind, previous: dict[str, Any]) -> None:
    note = request(changed(single(event=component(locations=(ROOM_1,))), **draft)).note
    assert note is not None
    assert (note.kind, note.request) == (MeetingKind.REQUEST, kind)
    names = ("previous_start", "previous_end", "previous_location")
    assert {one: getattr(note, one) for one in names if getattr(note, one) is not None} == previous


def test_an_invitation() -> None:
    optional = Guest("carol@example.com", "Carol", Role.OPTIONAL)
    meeting = component(
        guests=(Guest("bob@example.com", "Bob"), optional, Guest("orion@example.com", "Orion", Role.RESOURCE)),
        body=Body("Bring lunch"),
        importance=Importance.HIGH,
        sensitivity=Sensitivity.PRIVATE,
        locations=(ROOM_1, ROOM_2),
        response_requested=False,
        allow_proposals=False,
    )
    revision = single(event=meeting)
    event = compose(organizers(revision)).event
    change = replace(changed(revision, subject="Lunch"), old=None, new=event, kind=NEW)
    letter = request(change)
    assert (letter.subject, letter.body, letter.importance) == ("Plans", Body("Bring lunch"), Importance.HIGH)
    assert (letter.sender, letter.from_, letter.sent) == (ALICE.mailbox, ALICE.mailbox, NOW)
    assert letter.to == (BOB.mailbox, Mailbox("orion@example.com", "Orion"))
    assert letter.cc == (CAROL.mailbox,)
    assert letter.sensitivity is Sensitivity.PRIVATE
    note = letter.note
    assert note is not None
    assert (note.request, note.uid, note.sequence, note.dtstamp) == (NEW, "u-1", 2, NOW)
    assert (note.start, note.end, note.location) == (BEGIN, END, ROOM_1)
    assert (note.response_requested, note.allow_proposals) == (False, False)
    assert (note.previous_start, note.previous_end, note.previous_location) == (None, None, None)


@pytest.mark.parametrize(
    ("revision", "rid", "kind", "recurrence"),
    [
        pytest.param(single(), None, EventKind.SINGLE, None, id="a single meeting"),
        pytest.param(series(), None, EventKind.MASTER, DAILY, id="a series"),
        pytest.param(series(exceptions={THIRD: on(6, 15)}), THIRD, EventKind.EXCEPTION, None, id="a date that differs"),
    ],
)
def test_what_a_request_is_about(
    revision: Revision, rid: str | None, kind: EventKind, recurrence: object
) -> None:
    note = request(changed(revision, rid, subject="Lunch")).note
    assert note is not None
    assert (note.event_kind, note.recurrence_id, note.recurrence) == (kind, rid, recurrence)


def test_a_date_that_is_back_is_no_exception() -> None:
    change = changed(series(excluded=(SECOND,)), recurrence=DAILY, deleted=())
    note = cancellation(series(), SECOND).note
    assert note is not None
    assert note.event_kind is EventKind.OCCURRENCE
    asked = request(request_for_restored_date(change, SECOND))
    assert asked.note is not None
    assert (asked.note.request, asked.note.previous_start, asked.note.recurrence_id) == (FULL, None, SECOND)


def test_a_date_is_at_least_as_private_as_its_series() -> None:
    private = series(event=component(sensitivity=Sensitivity.PRIVATE))
    assert request(changed(private, SECOND, subject="Lunch", sensitivity=None)).sensitivity is Sensitivity.PRIVATE
    assert cancellation(private, SECOND).sensitivity is Sensitivity.PRIVATE


# --- cancellations ------------------------------------------------------------------------


def test_a_cancellation() -> None:
    optional = Guest("carol@example.com", role=Role.OPTIONAL)
    letter = cancellation(single(event=component(body=Body("Bring lunch"), guests=(optional,))), comment="Too cold")
    assert (letter.subject, letter.body) == ("Canceled: Plans", Body("Too cold"))
    assert (letter.to, letter.cc, letter.importance) == ((BOB.mailbox,), (), Importance.HIGH)
    assert (letter.sender, letter.from_, letter.sent) == (ALICE.mailbox, ALICE.mailbox, NOW)
    note = letter.note
    assert note is not None
    assert (note.kind, note.request, note.recurrence_id) == (MeetingKind.CANCELLED, None, None)


# --- answers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "subject", "kind", "proposed"),
    [
        pytest.param(said(), "Accepted: Plans", MeetingKind.ACCEPTED, None, id="accepted"),
        pytest.param(said(Answer.TENTATIVE), "Tentative: Plans", MeetingKind.TENTATIVE, None, id="tentative"),
        pytest.param(said(Answer.DECLINED), "Declined: Plans", MeetingKind.DECLINED, None, id="declined"),
        pytest.param(
            said(Answer.TENTATIVE, proposal=SLOT),
            "New Time Proposed: Plans",
            MeetingKind.TENTATIVE,
            SLOT,
            id="perhaps, at another time",
        ),
        pytest.param(
            said(Answer.DECLINED, proposal=SLOT),
            "New Time Proposed: Plans",
            MeetingKind.DECLINED,
            SLOT,
            id="no, at another time",
        ),
    ],
)
def test_an_answer(reply: Reply, subject: str, kind: MeetingKind, proposed: object) -> None:
    letter = answered(replace(reply, comment="Well"), single(event=component(sensitivity=Sensitivity.PRIVATE)))
    assert (letter.subject, letter.body) == (subject, Body("Well"))
    assert (letter.sender, letter.from_, letter.to, letter.sent) == (BOB.mailbox, BOB.mailbox, (ALICE.mailbox,), NOW)
    note = letter.note
    assert note is not None
    assert (note.kind, note.proposed, note.start, note.end) == (kind, proposed, BEGIN, END)
    assert (note.request, note.uid) == (None, "u-1")


def test_an_answer_about_what_is_private_is_private() -> None:
    meeting = replace(compose(bobs(series())), event=compose(organizers(series())).event)
    private = replace(meeting.event, sensitivity=Sensitivity.CONFIDENTIAL)
    letter = reply_letter(meeting, private, said(), BOB, sent=NOW)
    assert letter.sensitivity is Sensitivity.CONFIDENTIAL


def test_an_answer_to_one_date_says_which() -> None:
    note = answered(said(rid=SECOND)).note
    assert note is not None
    assert (note.recurrence_id, note.start) == (SECOND, at("2027-01-05T10:00"))


# --- what tells messages apart ------------------------------------------------------------

ONCE = changed(series(), subject="Lunch")
LETTERS: dict[str, Callable[[], Letter]] = {
    "an update": lambda: request(ONCE),
    "the next update": lambda: request(revise(ONCE.copy, None, EventDraft(subject="Tea"), now=NOW)),
    "an invitation for newcomers at that time": lambda: request(replace(ONCE, old=None, kind=NEW)),
    "an update of one date": lambda: request(changed(series(), SECOND, subject="Lunch")),
    "an update of another": lambda: request(changed(series(), THIRD, subject="Lunch")),
    "of another meeting": lambda: request(changed(series(uid="u-2"), subject="Lunch")),
    "of another organizer": lambda: request(changed(series(organizer=BOB.mailbox), subject="Lunch")),
    "a cancellation": lambda: cancellation(series(dtstamp=NOW)),
    "a cancellation of one date": lambda: cancellation(series(dtstamp=NOW), SECOND),
    "a cancellation of another": lambda: cancellation(series(dtstamp=NOW), THIRD),
    "an answer": lambda: answered(said()),
    "a later answer": lambda: answered(replace(said(), dtstamp=NOW + TICK)),
    "an answer to one date": lambda: answered(said(rid=SECOND)),
    "an answer to another": lambda: answered(said(rid=THIRD)),
    "an answer to another meeting": lambda: answered(replace(said(), uid="u-2"), series(uid="u-2")),
    "an answer to another organizer": lambda: answered(said(), series(organizer=CAROL.mailbox)),
    "an answer of somebody else": lambda: reply_letter(
        compose(bobs(series())), compose(bobs(series())).event, said(), CAROL, sent=NOW
    ),
}


def test_no_two_letters_have_one_message_id() -> None:
    ids = {letter().internet_message_id: name for name, letter in LETTERS.items()}
    assert sorted(ids.values()) == sorted(LETTERS)


@pytest.mark.parametrize("name", LETTERS)
def test_a_message_id_is_of_the_senders_domain(name: str) -> None:
    found = LETTERS[name]().internet_message_id
    assert found.startswith("<")
    assert found.endswith("@example.com>")


def test_the_first_message_is_the_one_the_meeting_was_made_with() -> None:
    draft = EventDraft(start=BEGIN, end=END, subject="Plans")
    change = create(draft, ALICE, uid="u-9", now=NOW)
    assert first_message_id(change.meeting) == request(change).internet_message_id
    later = revise(change.copy, None, EventDraft(subject="Lunch"), now=NOW)
    assert first_message_id(later.meeting) == request(change).internet_message_id
    assert request(later).internet_message_id != request(change).internet_message_id


def test_all_messages_about_one_meeting_are_one_conversation() -> None:
    about = {name: letter().conversation for name, letter in LETTERS.items()}
    own = conversation_of(MeetingKey("u-1", "alice@example.com"))
    others = {name for name, one in about.items() if one != own}
    assert others == {
        "of another meeting",
        "of another organizer",
        "an answer to another meeting",
        "an answer to another organizer",
    }
    assert len({about[name] for name in others}) == 3  # the same UID of somebody else is another meeting


def test_ids_are_those_that_stand_in_data_files() -> None:
    # Later messages join what an earlier version sent: another id would begin another conversation.
    assert conversation_of(MeetingKey("u-1", "alice@example.com")) == "jE9aLlTwqFNHaDIXTGghrvKDBqlQUQCF"
    assert message_id_of("u-1", "alice@example.com", 1) == "<7794ea2244c1b4793f64b52806ef4b0e@example.com>"
    assert request(ONCE).internet_message_id == message_id_of("u-1", "alice@example.com", NOW)
    assert answered(said()).internet_message_id == message_id_of("u-1 alice@example.com ", "bob@example.com", NOW)


def test_a_message_id_tells_who_speaks_of_what_and_when() -> None:
    people = ("x@a.example", "x@b.example")
    assert len({message_id_of(uid, who, when) for uid in ("a", "b") for who in people for when in (1, 2)}) == 8
    assert message_id_of("a", "x@a.example", SENT) == message_id_of("a", "x@a.example", SENT)


def test_an_all_day_meeting_has_its_days_in_the_note() -> None:
    day = AllDay(BEGIN.wall.date())
    whole = single(event=component(start=day, end=AllDay(at("2027-01-05").wall.date())))
    note = request(changed(whole, subject="Lunch")).note
    assert note is not None
    assert note.start == day


def test_answers_to_two_dates_at_one_instant_are_two_messages() -> None:
    ids = {answered(said(rid=rid)).internet_message_id for rid in (None, SECOND, THIRD)}
    assert len(ids) == 3
