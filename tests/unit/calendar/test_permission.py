"""What others see of somebody's calendar, and what guests see of each other's answers."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import Private
from rsvpd.calendar.event import (
    Answer,
    Attendee,
    CommentReaders,
    Event,
    Location,
    Meeting,
    Role,
    Sensitivity,
    ShowAs,
    Status,
)
from rsvpd.calendar.permission import (
    FOR_ALL,
    FOR_ONE,
    MOST_TRACKED,
    CalendarRole,
    as_guest_sees,
    is_hidden,
    is_private,
    is_tracked,
    sensitivity_of,
    visible_to,
)
from rsvpd.calendar.revision import Guest
from rsvpd.mail.content import Body
from support.meetings import ALICE, BEGIN, BOB, CAROL, END, SECOND, attendees, bobs, component, guests, on, series

NORMAL, PERSONAL = Sensitivity.NORMAL, Sensitivity.PERSONAL
SECRET, CONFIDENTIAL = Sensitivity.PRIVATE, Sensitivity.CONFIDENTIAL
FREE_BUSY, LIMITED, READ = CalendarRole.FREE_BUSY, CalendarRole.LIMITED, CalendarRole.READ
WRITE, DELEGATE = CalendarRole.WRITE, CalendarRole.DELEGATE
SEES_PRIVATE = (CalendarRole.PRIVATE_DELEGATE, CalendarRole.OWNER)
ROLES = (FREE_BUSY, LIMITED, READ, WRITE, DELEGATE, *SEES_PRIVATE)


def bobs_meeting(sensitivity: Sensitivity = NORMAL, of_date: Sensitivity | None = None, **more: Any) -> Meeting:
    """Return bob's copy of a series whose second date differs."""
    revision = series(
        event=component(body=Body("Words"), locations=(Location(name="Room 1"),)),
        exceptions={SECOND: on(5, 14, body=Body("Words"), locations=(Location(name="Room 2"),))},
    )
    own = Private(sensitivity=sensitivity, answer=Answer.ACCEPTED, comment="Yes", categories=("Red",), **more)
    dates = {} if of_date is None else {SECOND: replace(own, sensitivity=of_date)}
    return compose(bobs(revision, own, dates=dates, transaction_id="t", creator=CAROL.mailbox))


# --- roles --------------------------------------------------------------------------------


def test_each_role_may_what_the_one_before_it_may_and_more() -> None:
    assert sorted(FOR_ONE) == list(FOR_ONE) == list(ROLES[:-1])
    assert [one for one in CalendarRole if one.can_edit] == [WRITE, DELEGATE, *SEES_PRIVATE]
    assert [one for one in CalendarRole if one.sees_private] == list(SEES_PRIVATE)


def test_everybody_at_once_is_never_given_more_than_to_write() -> None:
    assert FOR_ALL == (CalendarRole.NONE, FREE_BUSY, LIMITED, READ, WRITE)


OPEN = {"subject", "place", "body", "guests", "categories"}


@pytest.mark.parametrize(
    ("role", "shows"),
    [
        pytest.param(FREE_BUSY, set(), id="free/busy: the time alone"),
        pytest.param(LIMITED, {"subject", "place"}, id="limited: subject and place"),
        pytest.param(READ, OPEN, id="read: all but words to the organizer"),
        pytest.param(WRITE, OPEN, id="write: the same"),
        *(pytest.param(one, OPEN | {"comment"}, id=f"{one.name}: all") for one in (DELEGATE, *SEES_PRIVATE)),
    ],
)
@pytest.mark.parametrize("where", ["the series", "one date"])
def test_what_a_role_shows(role: CalendarRole, shows: set[str], where: str) -> None:
    meeting = visible_to(bobs_meeting(), role, BOB.mailbox)
    event: Event = meeting.event if where == "the series" else meeting.exceptions[SECOND]
    found = {
        "subject": event.subject == "Plans",
        "place": bool(event.locations),
        "body": event.body == Body("Words"),
        "guests": len(event.attendees) == 2,
        "categories": event.categories == ("Red",),
        "comment": event.comment == "Yes",
    }
    assert {name for name, is_there in found.items() if is_there} == shows
    assert event.start == (BEGIN if where == "the series" else on(5, 14).start)
    assert event.end == (END if where == "the series" else on(5, 14).end)
    assert event.answer is Answer.ACCEPTED
    assert (meeting.transaction_id is None) is not role.sees_private


@pytest.mark.parametrize(
    ("shown", "word"),
    [
        (ShowAs.FREE, "Free"),
        (ShowAs.TENTATIVE, "Tentative"),
        (ShowAs.BUSY, "Busy"),
        (ShowAs.OOF, "Away"),
        (ShowAs.ELSEWHERE, "Working elsewhere"),
        (ShowAs.UNKNOWN, "Unknown"),
    ],
)
def test_free_busy_names_the_time_by_how_it_is_shown(shown: ShowAs, word: str) -> None:
    event = visible_to(bobs_meeting(show_as=shown), FREE_BUSY, BOB.mailbox).event
    assert (event.subject, event.show_as, event.reminder_on, event.hide_attendees) == (word, shown, False, True)


@pytest.mark.parametrize("role", [FREE_BUSY, LIMITED])
def test_who_sees_the_time_alone_sees_whether_it_takes_place_and_how_it_is_marked(role: CalendarRole) -> None:
    event = Event(start=BEGIN, end=END, status=Status.CANCELLED, sensitivity=PERSONAL)
    meeting = Meeting(uid="u", organizer=ALICE.mailbox, is_organizer=True, event=event)
    shown = visible_to(meeting, role, ALICE.mailbox).event
    assert (shown.status, shown.sensitivity) == (Status.CANCELLED, PERSONAL)


@pytest.mark.parametrize("role", [FREE_BUSY, LIMITED])
def test_who_sees_the_time_alone_does_not_see_who_called_the_meeting(role: CalendarRole) -> None:
    meeting = visible_to(bobs_meeting(), role, BOB.mailbox)
    assert (meeting.organizer, meeting.creator) == (BOB.mailbox, None)
    open_ = visible_to(bobs_meeting(), DELEGATE, BOB.mailbox)
    assert (open_.organizer, open_.creator) == (ALICE.mailbox, CAROL.mailbox)


# --- what is private ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("whole", "of_date", "hidden", "date_hidden"),
    [
        pytest.param(NORMAL, None, False, False, id="normal"),
        pytest.param(PERSONAL, None, False, False, id="personal is open"),
        pytest.param(SECRET, None, True, True, id="private"),
        pytest.param(CONFIDENTIAL, None, True, True, id="confidential"),
        pytest.param(NORMAL, SECRET, False, True, id="one date private"),
        pytest.param(SECRET, NORMAL, True, True, id="a date at least as its series"),
        pytest.param(CONFIDENTIAL, PERSONAL, True, True, id="however it is marked"),
    ],
)
@pytest.mark.parametrize("role", ROLES)
def test_of_what_is_private_nothing_is_seen_but_the_time(
    whole: Sensitivity, of_date: Sensitivity | None, hidden: bool, date_hidden: bool, role: CalendarRole
) -> None:
    meeting = bobs_meeting(whole, of_date)
    shown = visible_to(meeting, role, BOB.mailbox)
    for before, after, is_secret in (
        (meeting.event, shown.event, hidden),
        (meeting.exceptions[SECOND], shown.exceptions[SECOND], date_hidden),
    ):
        is_kept = is_secret and not role.sees_private
        assert is_hidden(meeting, before, role) is is_kept
        assert (after.subject == "Private Appointment") is is_kept
        if is_kept:
            assert (after.start, after.show_as) == (before.start, before.show_as)
            assert (after.body, after.locations, after.attendees, after.categories) == (Body(), (), (), ())
            assert is_private(after.sensitivity)


@pytest.mark.parametrize(
    ("whole", "of_date", "found"),
    [
        pytest.param(SECRET, NORMAL, SECRET, id="as its series"),
        pytest.param(SECRET, CONFIDENTIAL, CONFIDENTIAL, id="as it is marked"),
        pytest.param(NORMAL, CONFIDENTIAL, CONFIDENTIAL, id="more than its series"),
        pytest.param(PERSONAL, NORMAL, NORMAL, id="personal is of the series alone"),
    ],
)
def test_how_private_a_date_is(whole: Sensitivity, of_date: Sensitivity, found: Sensitivity) -> None:
    meeting = bobs_meeting(whole, of_date)
    assert sensitivity_of(meeting, meeting.exceptions[SECOND]) is found


def test_a_single_date_is_not_as_private_as_another() -> None:
    dates = {SECOND: Private(sensitivity=SECRET)}
    meeting = compose(bobs(series(), Private(), dates=dates, invited_to=(SECOND, "20270106T100000")))
    assert is_private(meeting.event.sensitivity)  # the first stands for the whole
    assert sensitivity_of(meeting, meeting.exceptions["20270106T100000"]) is NORMAL


# --- answers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "is_shown"),
    [
        pytest.param(component(), True, id="a list"),
        pytest.param(component(hide_attendees=True), False, id="a hidden list"),
        pytest.param(
            component(guests=tuple(Guest(f"g{one}@example.com") for one in range(MOST_TRACKED - 1)) + guests(BOB)),
            True,
            id="a long list",
        ),
        pytest.param(
            component(guests=tuple(Guest(f"g{one}@example.com") for one in range(MOST_TRACKED)) + guests(BOB)),
            False,
            id="a very long list",
        ),
    ],
)
def test_guests_see_each_others_answers(event: Any, is_shown: bool) -> None:
    found = Event(start=BEGIN, end=END, attendees=event.attendees, hide_attendees=event.hide_attendees)
    assert is_tracked(found) is is_shown


@pytest.mark.parametrize(
    ("readers", "comment"),
    [
        pytest.param(CommentReaders.GUESTS, "Yes", id="words for all"),
        pytest.param(CommentReaders.ORGANIZER, "", id="words for the organizer"),
    ],
)
def test_what_guests_see_of_an_answer(readers: CommentReaders, comment: str) -> None:
    answered = Attendee(
        address=BOB.address,
        name="Bob",
        role=Role.OPTIONAL,
        answer=Answer.ACCEPTED,
        answered=7,
        comment="Yes",
        comment_readers=readers,
        guests=2,
        reply_sequence=3,
        reply_dtstamp=8,
        reset_sequence=1,
        proposal=(BEGIN, END),
    )
    assert as_guest_sees(answered) == Attendee(
        address=BOB.address,
        name="Bob",
        role=Role.OPTIONAL,
        answer=Answer.ACCEPTED,
        comment=comment,
        comment_readers=readers if comment else CommentReaders.ORGANIZER,
        guests=2,
    )


def test_of_several_answers_the_words_to_the_organizer_alone_are_kept_back() -> None:
    said = (
        *attendees(BOB, comment="Ill", comment_readers=CommentReaders.ORGANIZER),
        *attendees(CAROL, comment="Yes", comment_readers=CommentReaders.GUESTS),
    )
    meeting = Meeting(
        uid="u", organizer=ALICE.mailbox, is_organizer=True, event=Event(start=BEGIN, end=END, attendees=said)
    )
    shown = visible_to(meeting, READ, ALICE.mailbox).event
    assert [one.comment for one in shown.attendees] == ["", "Yes"]


@pytest.mark.parametrize("role", [READ, WRITE, DELEGATE])
@pytest.mark.parametrize("readers", CommentReaders)
def test_words_to_the_organizer_are_for_who_acts_there(role: CalendarRole, readers: CommentReaders) -> None:
    said = attendees(BOB, CAROL, comment="Ill", comment_readers=readers)
    event = Event(start=BEGIN, end=END, attendees=said, comment="Ill", comment_readers=readers)
    meeting = Meeting(uid="u", organizer=ALICE.mailbox, is_organizer=True, event=event)
    shown = visible_to(meeting, role, ALICE.mailbox).event
    is_shown = role is DELEGATE or readers is CommentReaders.GUESTS
    assert [one.comment for one in shown.attendees] == ["Ill" if is_shown else ""] * 2
    assert shown.comment == ("Ill" if is_shown else "")
