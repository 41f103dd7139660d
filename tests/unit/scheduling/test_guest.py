"""A guest edits the own copy: what is the guest's, what is local in Outlook, and what Google refuses."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import Copy, Private
from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.calendar.event import AllDay, Answer, CommentReaders, Location, Sensitivity, ShowAs
from rsvpd.errors import ItemNotFound, SharedPropertyByGuest
from rsvpd.hints import HintCode
from rsvpd.mail.content import Body, Importance
from rsvpd.scheduling.answer import Given, Tell
from rsvpd.scheduling.guest import change_by_guest, edit_as_answer, edit_locally
from support.meetings import (
    BEGIN,
    BOB,
    DAILY,
    ELSEWHEN,
    END,
    FIRST,
    NOW,
    SECOND,
    SENT,
    THIRD,
    at,
    bobs,
    component,
    on,
    rule,
    series,
    single,
)

MINE: dict[str, Any] = {
    "categories": ("Red",),
    "show_as": ShowAs.OOF,
    "sensitivity": Sensitivity.PRIVATE,
    "reminder_minutes": 5,
    "residue": {"google": {"colorId": "3"}},
}
SHARED: dict[str, Any] = {
    "subject": "My plans",
    "body": Body("Notes"),
    "locations": (Location(name="Home"),),
    "importance": Importance.HIGH,
    "start": at("2027-01-04T12:00"),
    "end": at("2027-01-04T13:00"),
}


def entry(address: str = "bob@example.com", **more: Any) -> AttendeeDraft:
    return AttendeeDraft(address=address, **more)


def as_answer(copy: Copy, rid: str | None = None, **draft: Any) -> tuple[Copy, Given | None]:
    edited = edit_as_answer(copy, rid, EventDraft(**draft), owner=BOB, tell=Tell.MESSAGE, now=NOW)
    return edited.copy, edited.given


# --- what is private -----------------------------------------------------------------------


@pytest.mark.parametrize("name", MINE)
@pytest.mark.parametrize("rid", [None, SECOND], ids=["of the whole", "of one date"])
def test_what_is_private_is_the_guests_to_change_in_every_dialect(name: str, rid: str | None) -> None:
    copy, draft = bobs(series()), EventDraft(**{name: MINE[name]})
    in_outlook = edit_locally(copy, rid, draft, now=NOW)
    in_google = edit_as_answer(copy, rid, draft, owner=BOB, tell=Tell.MESSAGE, now=NOW)
    for edited in (in_outlook, in_google):
        assert getattr(edited.copy.private(rid), name) == MINE[name]
        assert edited.copy.modified == NOW
        assert (edited.given, edited.hints) == (None, ())
        assert edited.copy.revision == copy.revision
        assert (SECOND in edited.copy.dates) is (rid is not None)


@pytest.mark.parametrize(
    "draft",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"subject": "Plans"}, id="the subject that is there"),
        pytest.param({"reminder_minutes": 15}, id="the reminder that is there"),
        pytest.param({"show_as": ShowAs.TENTATIVE}, id="what an unanswered one is shown as"),
    ],
)
def test_what_says_nothing_new_changes_nothing(draft: dict[str, Any]) -> None:
    copy = bobs(single(), modified=SENT)
    edited = edit_locally(copy, None, EventDraft(**draft), now=NOW)
    assert edited.copy is copy
    assert as_answer(copy, **draft)[0] is copy


def test_what_a_guest_chose_stays_beside_a_later_choice() -> None:
    first = edit_locally(bobs(single()), None, EventDraft(categories=("Red",)), now=NOW).copy
    second = edit_locally(first, None, EventDraft(reminder_minutes=5), now=NOW).copy
    assert (second.own.categories, second.own.reminder_minutes) == (("Red",), 5)


# --- what is shared, in Outlook ------------------------------------------------------------


@pytest.mark.parametrize("name", [one for one in SHARED if one != "end"])
@pytest.mark.parametrize("rid", [None, FIRST], ids=["of the whole", "of one date"])
def test_a_guest_writes_shared_members_into_the_own_copy_alone(name: str, rid: str | None) -> None:
    copy = bobs(series())
    draft = {one: SHARED[one] for one in (("start", "end") if name == "start" else (name,))}
    edited = edit_locally(copy, rid, EventDraft(**draft), now=NOW)
    meeting = compose(edited.copy)
    event = meeting.event if rid is None else meeting.exceptions[rid]
    assert {one: getattr(event, one) for one in draft} == draft
    assert edited.copy.revision is copy.revision
    (hint,) = edited.hints
    assert (hint.code, hint.detail) == (HintCode.SHARED_PROPERTY_LOCAL, ", ".join(draft))


def test_one_local_change_stays_beside_another() -> None:
    first = edit_locally(bobs(single()), None, EventDraft(subject="Mine"), now=NOW).copy
    second = edit_locally(first, None, EventDraft(body=Body("Notes")), now=NOW).copy
    event = compose(second).event
    assert (event.subject, event.body) == ("Mine", Body("Notes"))


def test_a_series_a_guest_moves_keeps_the_recurrence_ids_of_the_organizers_pattern() -> None:
    edited = edit_locally(bobs(series()), None, EventDraft(start=SHARED["start"], end=SHARED["end"]), now=NOW)
    meeting = compose(edited.copy)
    assert (meeting.event.start, meeting.pattern_start) == (SHARED["start"], BEGIN)


@pytest.mark.parametrize("name", ["status", "response_requested", "hide_attendees", "guests_can_modify", "recurrence"])
def test_a_guest_has_no_own_version_of_what_rules_the_meeting(name: str) -> None:
    draft = EventDraft(**{name: None if name != "recurrence" else rule("FREQ=WEEKLY;COUNT=2")})
    copy = bobs(series(event=component(response_requested=False, hide_attendees=True)))
    edited = edit_locally(copy, None, draft, now=NOW)
    assert edited.copy is copy


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        pytest.param((entry(),), HintCode.ATTENDEE_LIST_IGNORED, id="a list"),
        pytest.param((), HintCode.ATTENDEE_LIST_IGNORED, id="an empty list"),
        pytest.param(None, HintCode.ATTENDEE_LIST_IGNORED, id="null"),
        pytest.param((entry(answer=Answer.ACCEPTED),), HintCode.ATTENDEE_STATUS_IGNORED, id="an answer"),
        pytest.param((entry(answer=Answer.NONE),), HintCode.ATTENDEE_STATUS_IGNORED, id="no answer"),
    ],
)
def test_a_list_a_guest_writes_changes_nothing_in_outlook(wanted: Any, code: HintCode) -> None:
    copy = bobs(single())
    edited = edit_locally(copy, None, EventDraft(attendees=wanted), now=NOW)
    assert edited.copy is copy
    assert [one.code for one in edited.hints] == [code]


@pytest.mark.parametrize("rid", [ELSEWHEN, SECOND], ids=["no date of it", "a date that does not take place"])
def test_a_date_that_is_not_there_cannot_be_changed(rid: str) -> None:
    copy, draft = bobs(series(excluded=(SECOND,))), EventDraft(subject="Mine")
    for change in (
        lambda: edit_locally(copy, rid, draft, now=NOW),
        lambda: as_answer(copy, rid, subject="Mine"),
        lambda: change_by_guest(compose(copy), rid, draft),
    ):
        with pytest.raises(ItemNotFound):
            change()


# --- the own entry, in Google --------------------------------------------------------------

SPOKEN = Private(
    answer=Answer.TENTATIVE, answered=SENT, comment="Maybe", comment_readers=CommentReaders.ORGANIZER, guests=1
)


@pytest.mark.parametrize(
    ("own", "answer", "comment", "readers", "guests"),
    [
        pytest.param({"answer": Answer.ACCEPTED}, Answer.ACCEPTED, "Maybe", CommentReaders.ORGANIZER, None, id="said"),
        pytest.param({"comment": "Yes"}, Answer.TENTATIVE, "Yes", CommentReaders.GUESTS, None, id="words for all"),
        pytest.param({"comment": ""}, Answer.TENTATIVE, "", CommentReaders.GUESTS, None, id="words taken back"),
        pytest.param({"guests": 2}, Answer.TENTATIVE, "Maybe", CommentReaders.ORGANIZER, 2, id="people"),
        pytest.param({"guests": 0}, Answer.TENTATIVE, "Maybe", CommentReaders.ORGANIZER, 0, id="nobody"),
        pytest.param(
            {"answer": Answer.DECLINED, "comment": "Maybe"},
            Answer.DECLINED,
            "Maybe",
            CommentReaders.ORGANIZER,
            None,
            id="words written back are for whom they were",
        ),
    ],
)
def test_the_own_entry_is_the_answer(
    own: dict[str, Any], answer: Answer, comment: str, readers: CommentReaders, guests: int | None
) -> None:
    copy = bobs(single(), SPOKEN)
    written, given = as_answer(copy, attendees=(entry("carol@example.com", answer=Answer.DECLINED), entry(**own)))
    assert written is copy
    assert given == Given(
        answer=answer,
        comment=comment,
        comment_readers=readers,
        guests=guests,
        tell=Tell.MESSAGE,
        is_written_back=True,
    )


@pytest.mark.parametrize(
    ("draft", "is_written_back"),
    [
        pytest.param({"attendees": (entry(answer=Answer.ACCEPTED),)}, False, id="the own entry alone"),
        pytest.param(
            {"attendees": (entry(answer=Answer.ACCEPTED),), "attendees_omitted": True}, False, id="others left out"
        ),
        pytest.param({"attendees": (entry(answer=Answer.ACCEPTED),), "ignored": ("x",)}, False, id="without effect"),
        pytest.param(
            {"attendees": (entry("carol@example.com"), entry(answer=Answer.ACCEPTED))}, True, id="the whole list"
        ),
        pytest.param({"attendees": (entry(answer=Answer.ACCEPTED),), "subject": "Plans"}, True, id="with others"),
    ],
)
def test_an_answer_among_other_members_may_be_written_back(draft: dict[str, Any], is_written_back: bool) -> None:
    _, given = as_answer(bobs(single()), **draft)
    assert given is not None
    assert given.is_written_back is is_written_back


@pytest.mark.parametrize("tell", Tell)
def test_who_learns_of_it_is_as_the_guest_asked(tell: Tell) -> None:
    draft = EventDraft(attendees=(entry(answer=Answer.ACCEPTED),))
    given = edit_as_answer(bobs(single()), None, draft, owner=BOB, tell=tell, now=NOW).given
    assert given is not None
    assert given.tell is tell


@pytest.mark.parametrize(
    "draft",
    [
        pytest.param({}, id="no list"),
        pytest.param({"attendees": None}, id="null"),
        pytest.param({"attendees": ()}, id="an empty list"),
        pytest.param({"attendees": (entry("carol@example.com", answer=Answer.ACCEPTED),)}, id="somebody else's entry"),
        pytest.param({"attendees": (entry(name="Bobby"),)}, id="the own entry without an answer"),
    ],
)
def test_nobody_answers_for_anybody_else(draft: dict[str, Any]) -> None:
    copy = bobs(single())
    assert as_answer(copy, **draft) == (copy, None)


def test_the_private_part_goes_with_the_answer_and_the_shared_does_not() -> None:
    written, given = as_answer(
        bobs(single()), attendees=(entry(answer=Answer.ACCEPTED),), reminder_minutes=5, subject="Mine"
    )
    assert given is not None
    assert (written.own.reminder_minutes, compose(written).event.subject) == (5, "Plans")


# --- the organizer's meeting, changed by a guest in Google ---------------------------------


OPEN = single(event=component(guests_can_modify=True, body=Body("Bring lunch\n"), locations=(Location(name="Room 1"),)))
OPEN_SERIES = replace(series(event=OPEN.event), excluded=(THIRD,))


@pytest.mark.parametrize(
    ("draft", "changed"),
    [
        pytest.param({}, (), id="nothing"),
        pytest.param({"subject": "Plans"}, (), id="the words that are there"),
        pytest.param({"subject": "Mine"}, ("subject",), id="other words"),
        pytest.param({"subject": None}, ("subject",), id="no words"),
        pytest.param({"start": at("2027-01-04T09:00", "UTC")}, (), id="the same instant in another zone"),
        pytest.param({"end": at("2027-01-04T10:00", "UTC")}, (), id="and the end there"),
        pytest.param({"start": at("2027-01-04T09:30")}, ("start",), id="another start"),
        pytest.param({"end": at("2027-01-04T12:00")}, ("end",), id="another end"),
        pytest.param({"body": Body(" Bring lunch ")}, (), id="the same text between other blanks"),
        pytest.param({"body": Body("Bring papers")}, ("body",), id="another text"),
        pytest.param({"body": None}, ("body",), id="no text"),
        pytest.param({"locations": (Location(name="Room 1", kind="conferenceRoom"),)}, (), id="the place by its name"),
        pytest.param({"locations": (Location(name="Room 2"),)}, ("locations",), id="another place"),
        pytest.param({"locations": None}, ("locations",), id="no place"),
        pytest.param({"hide_attendees": None}, (), id="null where nothing is"),
        pytest.param({"hide_attendees": True}, ("hide_attendees",), id="a flag"),
        pytest.param({"importance": Importance.HIGH}, ("importance",), id="importance"),
        pytest.param({"reminder_minutes": 5, "show_as": ShowAs.OOF}, (), id="what is private"),
        pytest.param({"attendees": (entry(),)}, (), id="the list is not shared words"),
    ],
)
def test_what_a_guest_would_change(draft: dict[str, Any], changed: tuple[str, ...]) -> None:
    wanted = change_by_guest(compose(bobs(OPEN)), None, EventDraft(**draft))
    assert wanted.changed == changed
    assert wanted.changes == EventDraft(**{name: draft[name] for name in changed})
    closed = single(event=replace(OPEN.event, guests_can_modify=False))
    if not changed:
        assert change_by_guest(compose(bobs(closed)), None, EventDraft(**draft)).changed == ()
        return
    with pytest.raises(SharedPropertyByGuest) as error:
        change_by_guest(compose(bobs(closed)), None, EventDraft(**draft))
    assert error.value.target == changed[0]


def test_a_day_is_another_time_than_its_midnights() -> None:
    midnights = {"start": at("2027-01-04T00:00", "UTC"), "end": at("2027-01-05T00:00", "UTC")}
    meeting = compose(bobs(single(event=component(guests_can_modify=True, **midnights))))
    day = {"start": AllDay(date(2027, 1, 4)), "end": AllDay(date(2027, 1, 5))}
    assert change_by_guest(meeting, None, EventDraft(**day)).changed == ("start", "end")


@pytest.mark.parametrize(
    ("draft", "changed"),
    [
        pytest.param({"recurrence": DAILY}, (), id="the rule that is there"),
        pytest.param({"recurrence": DAILY, "deleted": (THIRD,)}, (), id="with the dates that are out"),
        pytest.param({"recurrence": DAILY, "deleted": (SECOND, THIRD)}, ("recurrence",), id="one date more is out"),
        pytest.param({"recurrence": rule("FREQ=DAILY;COUNT=5")}, ("recurrence",), id="another rule"),
        pytest.param({"recurrence": None}, ("recurrence",), id="no rule"),
    ],
)
def test_what_a_guest_would_change_of_a_series(draft: dict[str, Any], changed: tuple[str, ...]) -> None:
    wanted = change_by_guest(compose(bobs(OPEN_SERIES)), None, EventDraft(**draft))
    assert wanted.changed == changed
    assert wanted.changes == (EventDraft(**draft) if changed else EventDraft())


def test_a_date_is_compared_with_what_stands_there() -> None:
    meeting = compose(bobs(replace(OPEN_SERIES, exceptions={SECOND: on(5, subject="Special", guests_can_modify=True)})))
    assert change_by_guest(meeting, SECOND, EventDraft(subject="Special")).changed == ()
    assert change_by_guest(meeting, SECOND, EventDraft(subject="Plans")).changed == ("subject",)
    assert change_by_guest(meeting, SECOND, EventDraft(end=END)).changed == ("end",)


@pytest.mark.parametrize(
    ("draft", "who"),
    [
        pytest.param({}, [], id="no list"),
        pytest.param({"attendees": None}, [], id="null"),
        pytest.param({"attendees": (entry("BOB@example.com"),)}, [], id="who is there"),
        pytest.param({"attendees": (entry("Alice@example.com"),)}, [], id="the organizer"),
        pytest.param({"attendees": (entry(), entry("dave@example.com"))}, ["dave@example.com"], id="somebody new"),
        pytest.param({"attendees": (entry("dave@example.com"),), "attendees_omitted": True}, [], id="others left out"),
    ],
)
def test_whom_a_guest_invites(draft: dict[str, Any], who: list[str]) -> None:
    wanted = change_by_guest(compose(bobs(single())), None, EventDraft(**draft))
    assert [one.address for one in wanted.newcomers] == who
    assert wanted.changes == EventDraft()


@pytest.mark.parametrize(
    ("invite", "modify", "is_allowed"),
    [(True, False, True), (False, True, True), (True, True, True), (False, False, False)],
    ids=["may invite", "may modify", "may both", "may neither"],
)
def test_whether_a_guest_may_invite(invite: bool, modify: bool, is_allowed: bool) -> None:
    meeting = compose(bobs(single(event=component(guests_can_invite=invite, guests_can_modify=modify))))
    draft = EventDraft(attendees=(entry("dave@example.com"),))
    if is_allowed:
        assert len(change_by_guest(meeting, None, draft).newcomers) == 1
        return
    with pytest.raises(SharedPropertyByGuest) as error:
        change_by_guest(meeting, None, draft)
    assert error.value.target == "attendees"
    assert change_by_guest(meeting, None, EventDraft(attendees=(entry(),))).newcomers == ()
