"""A copy as its readers see it, made of what the organizer says, what the owner keeps, and who answered what."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from rsvpd.calendar.compose import (
    attendee_with_answer,
    component_of,
    compose,
    guest_show_as,
    private_of,
    regular_component,
    response_of,
    sensitivity_for_guest,
    with_response,
)
from rsvpd.calendar.copy import CalledOff, Copy, Overlay, Private, Response
from rsvpd.calendar.event import Answer, Attendee, CommentReaders, Event, Location, Role, Sensitivity, ShowAs, Status
from rsvpd.calendar.revision import Component, Guest, Revision, says_the_same
from rsvpd.calendar.series import NO_RULE, occurrence
from rsvpd.calendar.series import component as event_of
from rsvpd.mail.content import Body, Importance
from support.meetings import (
    BEGIN,
    BOB,
    CAROL,
    DAILY,
    DAVE,
    ELSEWHEN,
    END,
    FIRST,
    FOURTH,
    NOW,
    SECOND,
    SENT,
    THIRD,
    TICK,
    at,
    bobs,
    component,
    guests,
    on,
    organizers,
    series,
    single,
)

NONE, ACCEPTED, TENTATIVE, DECLINED = Answer.NONE, Answer.ACCEPTED, Answer.TENTATIVE, Answer.DECLINED
BOBS, CAROLS = "bob@example.com", "carol@example.com"
MOVED = Overlay(start=at("2027-01-04T12:00"), end=at("2027-01-04T13:00"))


def said(answer: Answer, sequence: int = 2, dtstamp: int = SENT, **more: Any) -> Response:
    return Response(answer=answer, answered=dtstamp, sequence=sequence, dtstamp=dtstamp, **more)


def tracked(revision: Revision, rid: str | None = None, **answers: dict[str, Response]) -> list[Answer]:
    """Return what the organizer sees of bob's and carol's answers; `whole` and `second` are what is known."""
    names = {"whole": "", "second": SECOND, "third": THIRD}
    known = {names[name]: found for name, found in answers.items()}
    found = event_of(compose(organizers(revision), known), rid).attendees
    assert isinstance(found, tuple)
    return [one.answer for one in found]


# --- how time is shown --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said_as", "answer", "chosen", "shown"),
    [
        pytest.param(ShowAs.OOF, NONE, None, ShowAs.TENTATIVE, id="not answered"),
        pytest.param(ShowAs.OOF, TENTATIVE, None, ShowAs.TENTATIVE, id="tentative"),
        pytest.param(ShowAs.OOF, DECLINED, None, ShowAs.FREE, id="declined"),
        pytest.param(ShowAs.OOF, ACCEPTED, None, ShowAs.OOF, id="accepted: as the organizer wants it"),
        pytest.param(ShowAs.FREE, ACCEPTED, None, ShowAs.FREE, id="free as well"),
        pytest.param(ShowAs.BUSY, ACCEPTED, ShowAs.FREE, ShowAs.FREE, id="as the owner chose"),
        pytest.param(ShowAs.BUSY, DECLINED, ShowAs.BUSY, ShowAs.BUSY, id="whatever the answer"),
    ],
)
def test_how_a_guests_copy_shows_the_time(
    said_as: ShowAs, answer: Answer, chosen: ShowAs | None, shown: ShowAs
) -> None:
    event = compose(bobs(single(event=component(show_as=said_as)), Private(answer=answer, show_as=chosen))).event
    assert (event.show_as, event.intended_show_as) == (shown, said_as)
    assert guest_show_as(Status.CANCELLED, answer, said_as) is ShowAs.FREE


def test_the_organizers_copy_shows_what_the_organizer_says() -> None:
    mine = Private(show_as=ShowAs.FREE, sensitivity=Sensitivity.CONFIDENTIAL, categories=("Red",))
    revision = single(event=component(show_as=ShowAs.OOF, sensitivity=Sensitivity.PERSONAL))
    event = compose(organizers(revision, own=mine)).event
    assert (event.show_as, event.sensitivity, event.categories) == (ShowAs.OOF, Sensitivity.PERSONAL, ("Red",))


@pytest.mark.parametrize("one", Sensitivity)
def test_a_guests_copy_is_as_private_as_its_owner_keeps_it(one: Sensitivity) -> None:
    secret = single(event=component(sensitivity=Sensitivity.PRIVATE))
    assert compose(bobs(secret, Private(sensitivity=one))).event.sensitivity is one
    assert sensitivity_for_guest(one) is (Sensitivity.NORMAL if one is Sensitivity.PERSONAL else one)


# --- the whole ------------------------------------------------------------------------------


def test_a_copy_is_what_was_said_with_the_own_part_over_it() -> None:
    own = Private(
        categories=("Red",), answer=ACCEPTED, answered=SENT, comment="Yes", organizer_knows=True, reminder_minutes=5
    )
    copy = bobs(series(), own, modified=NOW, creator=BOB.mailbox, transaction_id="t")
    meeting = compose(copy)
    assert (meeting.uid, meeting.is_organizer, meeting.sequence, meeting.dtstamp) == ("u-1", False, 2, SENT)
    assert (meeting.created, meeting.modified) == (SENT, NOW)
    assert (meeting.creator, meeting.transaction_id) == (BOB.mailbox, "t")
    assert (meeting.recurrence, meeting.pattern_start, meeting.deleted) == (DAILY, None, ())
    event = meeting.event
    assert (event.subject, event.start, event.end) == ("Plans", BEGIN, END)
    assert (event.categories, event.answer, event.comment, event.organizer_knows) == (("Red",), ACCEPTED, "Yes", True)
    assert event.reminder_minutes == 5
    assert compose(copy) is meeting  # it is made once


def test_what_a_copy_shows_is_what_its_owner_was_told() -> None:
    copy = bobs(single(sequence=9, dtstamp=NOW), sequence=3, dtstamp=SENT)
    assert (compose(copy).sequence, compose(copy).dtstamp) == (3, SENT)


@pytest.mark.parametrize(
    ("excluded", "removed", "there"),
    [
        pytest.param((), (), [FIRST, SECOND, THIRD, FOURTH], id="all"),
        pytest.param((SECOND,), (), [FIRST, THIRD, FOURTH], id="excluded by the organizer"),
        pytest.param((), (SECOND,), [FIRST, THIRD, FOURTH], id="removed by its owner"),
        pytest.param((SECOND,), (SECOND, THIRD), [FIRST, FOURTH], id="both"),
    ],
)
@pytest.mark.parametrize("exceptions", [{}, {SECOND: on(5, 14)}, {THIRD: on(6, 14)}], ids=["", "second", "third"])
def test_which_dates_take_place(
    excluded: tuple[str, ...], removed: tuple[str, ...], there: list[str], exceptions: dict[str, Component]
) -> None:
    left = {rid: one for rid, one in exceptions.items() if rid not in excluded}
    meeting = compose(bobs(series(excluded=excluded, exceptions=left), removed=removed))
    assert [rid for rid in (FIRST, SECOND, THIRD, FOURTH) if occurrence(meeting, rid)] == there
    assert meeting.deleted == tuple(sorted({*excluded, *removed}))
    assert {*meeting.exceptions} == {*left} - {*removed}


@pytest.mark.parametrize("kept", [Private(answer=DECLINED), Private(overlay=Overlay(subject="Mine"))])
def test_what_is_kept_of_a_removed_date_brings_it_not_back(kept: Private) -> None:
    meeting = compose(bobs(series(), removed=(SECOND,), dates={SECOND: kept, THIRD: kept}))
    assert (meeting.deleted, [*meeting.exceptions]) == ((SECOND,), [THIRD])


def test_a_date_of_which_something_is_kept_differs_in_that_alone() -> None:
    meeting = compose(bobs(series(), dates={SECOND: Private(answer=DECLINED)}))
    assert [*meeting.exceptions] == [SECOND]
    event = meeting.exceptions[SECOND]
    assert (event.answer, event.subject, event.start) == (DECLINED, "Plans", at("2027-01-05T10:00"))
    assert event.end == at("2027-01-05T11:00")
    assert (SECOND in meeting.exceptions, FIRST in meeting.exceptions, len(meeting.exceptions)) == (True, False, 1)
    with pytest.raises(KeyError):
        meeting.exceptions[FIRST]


def test_a_date_that_the_organizer_made_differ_has_what_is_kept_of_the_whole() -> None:
    meeting = compose(bobs(series(exceptions={SECOND: on(5, 14)}), Private(answer=ACCEPTED, categories=("Red",))))
    event = meeting.exceptions[SECOND]
    assert (event.answer, event.categories, event.start) == (ACCEPTED, ("Red",), at("2027-01-05T14:00"))


# --- single dates -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("revision", "more", "there"),
    [
        pytest.param(series(), {}, [SECOND, THIRD], id="two regular ones"),
        pytest.param(series(exceptions={SECOND: on(5, 14)}), {}, [SECOND, THIRD], id="one that differs"),
        pytest.param(series(excluded=(SECOND,)), {}, [THIRD], id="one that does not take place"),
        pytest.param(
            series(excluded=(SECOND,)),
            {"dates": {SECOND: Private(answer=ACCEPTED)}},
            [THIRD],
            id="nor where it was answered",
        ),
        pytest.param(
            series(excluded=(SECOND,)),
            {"dates": {SECOND: Private(called_off=CalledOff(event=on(5)))}},
            [SECOND, THIRD],
            id="one that was called off stays as such",
        ),
        pytest.param(series(), {"dates": {SECOND: Private(answer=ACCEPTED)}}, [SECOND, THIRD], id="one answered"),
        pytest.param(
            series(), {"own": Private(overlay=MOVED)}, [SECOND, THIRD], id="of a series moved in the own copy"
        ),
    ],
)
def test_a_copy_of_single_dates(revision: Revision, more: dict[str, Any], there: list[str]) -> None:
    meeting = compose(bobs(revision, invited_to=(SECOND, THIRD), **more))
    assert ([*meeting.exceptions], meeting.recurrence, meeting.pattern_start) == (there, NO_RULE, None)
    assert meeting.event.start == at("2027-01-05T10:00")  # recurrence ids are those of the series
    assert meeting.event.end == at("2027-01-05T11:00")


def test_a_date_of_no_series_is_none_of_single_ones() -> None:
    meeting = compose(bobs(series(), invited_to=(SECOND, ELSEWHEN)))
    assert [*meeting.exceptions] == [SECOND]


def test_a_date_outside_of_the_pattern_is_one_of_single_ones_where_its_organizer_made_it() -> None:
    """RFC 5545 3.8.4.4: what has a RECURRENCE-ID takes place, whatever the rule says."""
    revision = series(exceptions={ELSEWHEN: on(5, 14, subject="Special")})
    assert compose(bobs(revision, invited_to=(ELSEWHEN,))).exceptions[ELSEWHEN].subject == "Special"


def test_a_date_of_another_kind_of_series_is_none_of_single_ones() -> None:
    meeting = compose(bobs(series(), invited_to=("20270104", SECOND)))
    assert ([*meeting.exceptions], meeting.event.start) == ([SECOND], BEGIN)


def test_a_removed_single_date_is_told_as_such() -> None:
    assert compose(bobs(series(), invited_to=(SECOND, THIRD), removed=(THIRD,))).deleted == (THIRD,)


# --- what the owner changed in the own copy -----------------------------------------------


@pytest.mark.parametrize(
    ("overlay", "member", "value"),
    [
        pytest.param(Overlay(subject="Mine"), "subject", "Mine", id="subject"),
        pytest.param(Overlay(body=Body("Notes")), "body", Body("Notes"), id="body"),
        pytest.param(Overlay(locations=(Location(name="Home"),)), "locations", (Location(name="Home"),), id="place"),
        pytest.param(Overlay(importance=Importance.LOW), "importance", Importance.LOW, id="importance"),
        pytest.param(MOVED, "start", at("2027-01-04T12:00"), id="start"),
        pytest.param(MOVED, "end", at("2027-01-04T13:00"), id="end"),
    ],
)
def test_a_local_edit_is_seen_in_the_whole_and_in_every_date(overlay: Overlay, member: str, value: Any) -> None:
    kept = {THIRD: Private(answer=DECLINED)}
    meeting = compose(bobs(series(exceptions={SECOND: on(5)}), Private(overlay=overlay), dates=kept))
    assert getattr(meeting.event, member) == value
    for rid, day in ((SECOND, 5), (THIRD, 6), (FOURTH, 7)):
        there = value if member not in ("start", "end") else replace(value, wall=value.wall.replace(day=day))
        assert getattr(event_of(meeting, rid), member) == there


def test_what_differs_on_a_date_is_not_hidden_by_a_local_edit_of_the_whole() -> None:
    revision = series(exceptions={SECOND: on(5, 15, subject="Special")})
    meeting = compose(bobs(revision, Private(overlay=replace(MOVED, subject="Mine", body=Body("Notes")))))
    event = meeting.exceptions[SECOND]
    assert (event.subject, event.start, event.end) == ("Special", at("2027-01-05T15:00"), at("2027-01-05T16:00"))
    assert event.body == Body("Notes")


@pytest.mark.parametrize(
    ("start", "end"),
    [("10:00", "12:00"), ("09:00", "11:00")],
    ids=["a date that only lasts longer", "a date that only begins earlier"],
)
def test_a_date_with_times_of_its_own_stays_where_its_organizer_put_it(start: str, end: str) -> None:
    special = on(5, start=at(f"2027-01-05T{start}"), end=at(f"2027-01-05T{end}"))
    event = compose(bobs(series(exceptions={SECOND: special}), Private(overlay=MOVED))).exceptions[SECOND]
    assert (event.start, event.end) == (special.start, special.end)


def test_a_date_of_another_kind_of_series_is_as_it_was_said() -> None:
    mine = Private(overlay=replace(MOVED, subject="Mine"))
    assert compose(bobs(series(exceptions={"20270105": on(5, 14)}), mine)).exceptions["20270105"].subject == "Plans"


def test_what_is_kept_of_a_date_of_another_kind_of_series_breaks_no_list() -> None:
    event = compose(bobs(series(), dates={"20270105": Private(answer=DECLINED)})).exceptions["20270105"]
    assert (event.answer, event.start) == (DECLINED, BEGIN)


def test_a_local_edit_of_a_date_is_there_alone_and_over_that_of_the_whole() -> None:
    kept = {SECOND: Private(overlay=Overlay(subject="That day"))}
    meeting = compose(bobs(series(), Private(overlay=Overlay(subject="Mine")), dates=kept))
    assert [event_of(meeting, rid).subject for rid in (None, FIRST, SECOND)] == ["Mine", "Mine", "That day"]


def test_a_series_that_was_moved_counts_from_the_organizers_pattern() -> None:
    meeting = compose(bobs(series(), Private(overlay=MOVED)))
    assert (meeting.pattern_start, meeting.event.start) == (BEGIN, at("2027-01-04T12:00"))
    assert event_of(meeting, SECOND).start == at("2027-01-05T12:00")
    assert compose(bobs(single(), Private(overlay=MOVED))).pattern_start is None
    renamed = compose(bobs(series(), Private(overlay=Overlay(subject="Mine"))))
    assert renamed.pattern_start is None


# --- what was called off ----------------------------------------------------------------------


def test_what_was_called_off_shows_what_was_seen_last() -> None:
    seen = CalledOff(responses={CAROLS: Response(answer=ACCEPTED, comment="Yes", guests=1)})
    event = compose(bobs(single(), Private(answer=ACCEPTED, called_off=seen))).event
    assert (event.status, event.show_as, event.subject) == (Status.CANCELLED, ShowAs.FREE, "Canceled: Plans")
    bob, carol = event.attendees
    assert (bob.answer, carol.answer, carol.comment, carol.guests) == (NONE, ACCEPTED, "Yes", 1)


def test_a_series_that_was_called_off_is_so_on_every_date() -> None:
    seen = CalledOff(responses={CAROLS: Response(answer=DECLINED)})
    kept = {SECOND: Private(answer=DECLINED)}
    meeting = compose(bobs(series(exceptions={THIRD: on(6, 15)}), Private(called_off=seen), dates=kept))
    for rid in (None, FIRST, SECOND, THIRD):
        event = event_of(meeting, rid)
        assert (event.status, event.attendees[1].answer) == (Status.CANCELLED, DECLINED), rid


def test_a_date_that_was_called_off_is_so_alone() -> None:
    kept = {SECOND: Private(called_off=CalledOff(event=on(5, 14, subject="Special")))}
    meeting = compose(bobs(series(excluded=(SECOND, THIRD)), dates=kept))
    event = event_of(meeting, SECOND)
    assert (event.status, event.subject, event.start) == (
        Status.CANCELLED,
        "Canceled: Special",
        at("2027-01-05T14:00"),
    )
    assert (event_of(meeting, FIRST).status, meeting.deleted) == (Status.CONFIRMED, (THIRD,))


def test_what_its_organizer_says_is_off_is_free() -> None:
    event = compose(bobs(single(event=component(status=Status.CANCELLED)), Private(answer=ACCEPTED))).event
    assert (event.show_as, event.subject) == (ShowAs.FREE, "Plans")


# --- the guest list -----------------------------------------------------------------------------


@pytest.mark.parametrize("rid", [None, SECOND, THIRD], ids=["the whole", "a regular date", "a date that differs"])
def test_a_hidden_list_is_shown_to_its_organizer_alone(rid: str | None) -> None:
    hidden = component(hide_attendees=True, guests=(Guest("BOB@example.com"), *guests(CAROL)))
    revision = series(event=hidden, exceptions={THIRD: on(6, hide_attendees=True)})
    seen = event_of(compose(bobs(revision)), rid).attendees
    assert [one.address.lower() for one in seen] == [BOBS]
    off = Private(called_off=CalledOff(responses={CAROLS: Response(answer=ACCEPTED)}))
    assert len(event_of(compose(bobs(revision, off)), rid).attendees) == 1
    assert len(event_of(compose(organizers(revision)), rid).attendees) == 2


def test_a_guest_sees_nobodys_answer_in_the_own_copy() -> None:
    answers = [one.answer for one in compose(bobs(single(), Private(answer=ACCEPTED))).event.attendees]
    assert answers == [NONE, NONE]


# --- who answered what --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("revision", "rid", "known", "answers"),
    [
        pytest.param(single(), None, {}, [NONE, NONE], id="nothing is known"),
        pytest.param(single(), None, {"whole": {BOBS: said(ACCEPTED)}}, [ACCEPTED, NONE], id="one answered"),
        pytest.param(
            single(),
            None,
            {"whole": {BOBS: said(ACCEPTED), CAROLS: said(DECLINED), "dave@example.com": said(ACCEPTED)}},
            [ACCEPTED, DECLINED],
            id="who is on no list counts nowhere",
        ),
        pytest.param(series(), SECOND, {"whole": {BOBS: said(ACCEPTED)}}, [ACCEPTED, NONE], id="to all of it"),
        pytest.param(
            series(),
            SECOND,
            {"whole": {BOBS: said(ACCEPTED)}, "second": {BOBS: said(DECLINED, dtstamp=NOW)}},
            [DECLINED, NONE],
            id="to a date, later",
        ),
        pytest.param(
            series(),
            SECOND,
            {"second": {BOBS: said(ACCEPTED), "dave@example.com": said(ACCEPTED)}},
            [ACCEPTED, NONE],
            id="to a date, by who is on no list as well",
        ),
        pytest.param(
            series(),
            SECOND,
            {"whole": {BOBS: said(ACCEPTED, dtstamp=NOW)}, "second": {BOBS: said(DECLINED)}},
            [ACCEPTED, NONE],
            id="to a date, earlier",
        ),
        pytest.param(
            series(sequence=3),
            SECOND,
            {"whole": {BOBS: said(ACCEPTED, dtstamp=NOW)}, "second": {BOBS: said(DECLINED, 3)}},
            [DECLINED, NONE],
            id="to a date, of a later revision",
        ),
        pytest.param(series(), None, {"second": {BOBS: said(ACCEPTED)}}, [NONE, NONE], id="to a date alone"),
        pytest.param(series(), THIRD, {"second": {BOBS: said(ACCEPTED)}}, [NONE, NONE], id="nor to another date"),
        pytest.param(
            single(reset_sequence=3), None, {"whole": {BOBS: said(ACCEPTED)}}, [NONE, NONE], id="before it moved"
        ),
        pytest.param(
            single(reset_sequence=2), None, {"whole": {BOBS: said(ACCEPTED)}}, [ACCEPTED, NONE], id="since it moved"
        ),
        pytest.param(
            series(resets={SECOND: 3}), SECOND, {"whole": {BOBS: said(ACCEPTED)}}, [NONE, NONE], id="a date moved"
        ),
        pytest.param(
            series(resets={SECOND: 3}), THIRD, {"whole": {BOBS: said(ACCEPTED)}}, [ACCEPTED, NONE], id="another moved"
        ),
        pytest.param(
            series(resets={SECOND: 3}), None, {"whole": {BOBS: said(ACCEPTED)}}, [ACCEPTED, NONE], id="one of it moved"
        ),
        pytest.param(
            series(resets={SECOND: 3}),
            SECOND,
            {"whole": {BOBS: said(ACCEPTED)}, "second": {BOBS: said(DECLINED, 3)}},
            [DECLINED, NONE],
            id="since a date moved",
        ),
        pytest.param(
            series(exceptions={SECOND: on(5, 14)}),
            SECOND,
            {"whole": {BOBS: said(ACCEPTED)}, "second": {CAROLS: said(DECLINED)}},
            [ACCEPTED, DECLINED],
            id="on a date that differs",
        ),
        pytest.param(
            series(exceptions={SECOND: on(5, guests=guests(DAVE, BOB))}),
            SECOND,
            {"whole": {BOBS: said(ACCEPTED)}, "second": {"dave@example.com": said(DECLINED)}},
            [DECLINED, ACCEPTED],
            id="on a date with others",
        ),
    ],
)
def test_what_the_organizer_sees_of_answers(
    revision: Revision, rid: str | None, known: dict[str, Any], answers: list[Answer]
) -> None:
    assert tracked(revision, rid, **known) == answers


@pytest.mark.parametrize(
    ("since", "sequence", "counts"),
    [
        pytest.param(3, 2, False, id="an answer to what was before one came"),
        pytest.param(3, 3, True, id="an answer since"),
    ],
)
def test_answers_count_since_a_guest_came(since: int, sequence: int, counts: bool) -> None:
    revision = single(event=component(guests=guests(BOB, CAROL, since=since)), sequence=5)
    assert (tracked(revision, whole={BOBS: said(ACCEPTED, sequence)})[0] is ACCEPTED) is counts


@pytest.mark.parametrize(
    ("resets", "since", "reset"),
    [
        pytest.param({}, 0, 0, id="never asked anew"),
        pytest.param({"reset_sequence": 4}, 0, 4, id="asked anew"),
        pytest.param({"reset_sequence": 4}, 4, 0, id="who came after that was not"),
        pytest.param({"resets": {SECOND: 5}}, 4, 5, id="asked anew for that date"),
    ],
)
def test_since_when_a_guest_is_asked_anew(resets: dict[str, Any], since: int, reset: int) -> None:
    revision = series(event=component(guests=guests(BOB, since=since)), **resets)
    (bob,) = event_of(compose(organizers(revision)), SECOND).attendees
    assert (bob.reset_sequence, bob.answer) == (reset, NONE)
    for who, answer in ((BOBS, ACCEPTED), (CAROLS, NONE)):
        (bob,) = event_of(compose(organizers(revision), {"": {who: said(ACCEPTED, 9)}}), SECOND).attendees
        assert (bob.reset_sequence, bob.answer) == (reset, answer)


@pytest.mark.parametrize(
    ("revision", "known", "differing"),
    [
        pytest.param(series(), {SECOND: {BOBS: said(DECLINED)}}, {SECOND}, id="answered by itself"),
        pytest.param(series(reset_sequence=3), {SECOND: {BOBS: said(DECLINED)}}, set(), id="before it all moved"),
        pytest.param(series(), {SECOND: {"zoe@example.com": said(DECLINED)}}, set(), id="by nobody on the list"),
        pytest.param(
            series(),
            {SECOND: {"zoe@example.com": said(DECLINED), BOBS: said(DECLINED)}},
            {SECOND},
            id="by somebody on the list as well",
        ),
        pytest.param(series(excluded=(SECOND,)), {SECOND: {BOBS: said(DECLINED)}}, set(), id="where nothing is"),
        pytest.param(single(), {"x": {BOBS: said(DECLINED)}}, set(), id="where there are no dates"),
        pytest.param(series(), {ELSEWHEN: {BOBS: said(DECLINED)}}, set(), id="on no date of it"),
        pytest.param(series(), {"": {BOBS: said(DECLINED)}}, set(), id="as a whole"),
        pytest.param(series(resets={SECOND: 3}), {}, {SECOND}, id="asked for anew by itself"),
        pytest.param(series(resets={SECOND: 3}, excluded=(SECOND,)), {}, set(), id="asked for, then called off"),
        pytest.param(series(resets={ELSEWHEN: 3}), {}, set(), id="asked for, now no date of it"),
    ],
)
def test_which_dates_differ_by_their_answers(
    revision: Revision, known: dict[str, dict[str, Response]], differing: set[str]
) -> None:
    assert {*compose(organizers(revision), known).exceptions} == differing
    if not known:
        assert {*compose(bobs(revision)).exceptions} == set()  # guests are not told whom else it was asked


FULLY = Response(
    answer=TENTATIVE,
    answered=NOW,
    sequence=4,
    dtstamp=NOW + TICK,
    comment="Maybe",
    comment_readers=CommentReaders.GUESTS,
    guests=2,
    name="Robert",
    proposal=(BEGIN, END),
)


def test_all_that_is_known_of_an_answer_is_seen() -> None:
    attendee = Attendee(address=BOBS, role=Role.OPTIONAL)
    told = with_response(attendee, FULLY, 3)
    assert response_of(told) == FULLY
    assert (told.address, told.role, told.name, told.reset_sequence) == (BOBS, Role.OPTIONAL, "Robert", 3)
    assert with_response(replace(attendee, name="Bob"), FULLY).name == "Bob"  # as the organizer wrote it
    revision = single(sequence=5)
    assert attendee_with_answer(revision, revision.event, 0, None, FULLY, None) == with_response(
        revision.event.attendees[0], FULLY
    )


# --- from an event to what is said and kept ---------------------------------------------------


def test_an_event_is_said_and_kept_and_seen_again() -> None:
    own = Private(categories=("Red",), reminder_minutes=5, residue={"google": {"colorId": "3"}})
    said_ = component(body=Body("x"), show_as=ShowAs.OOF, sensitivity=Sensitivity.PRIVATE, hide_attendees=True)
    event: Event = compose(organizers(single(event=said_), own=own)).event
    assert component_of(event) == said_
    assert private_of(event) == own


@pytest.mark.parametrize(
    ("before", "people", "since"),
    [
        pytest.param(None, (BOB, CAROL), [7, 7], id="a new list"),
        pytest.param(component(guests=guests(BOB, CAROL, since=2)), (BOB, CAROL), [2, 2], id="who stays"),
        pytest.param(component(guests=guests(BOB, since=2)), (BOB, DAVE), [2, 7], id="who comes"),
        pytest.param(component(guests=guests(DAVE, BOB)), (BOB, DAVE), [0, 0], id="in another order"),
    ],
)
def test_since_when_somebody_is_on_the_list(before: Component | None, people: Any, since: list[int]) -> None:
    event = compose(organizers(single(event=component(guests=guests(*people))))).event
    made = component_of(event, before, since=7)
    assert [one.since for one in made.guests] == since
    # A list that is the same is the same value, by which it is known where there are many dates.
    assert component_of(event, made, since=9).guests is made.guests


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        pytest.param(component(guests=guests(CAROL, BOB)), True, id="in another order"),
        pytest.param(component(guests=(Guest(BOBS, "Rob"), Guest(CAROLS))), True, id="by another name"),
        pytest.param(component(guests=(Guest("BOB@example.com"), Guest(CAROLS))), True, id="in other letters"),
        pytest.param(component(guests=guests(BOB)), False, id="somebody less"),
        pytest.param(component(guests=(Guest(BOBS, role=Role.OPTIONAL), Guest(CAROLS))), False, id="in another role"),
        pytest.param(component(guests=guests(BOB, CAROL, since=1)), False, id="somebody who came later"),
        pytest.param(component(subject="Lunch"), False, id="other words"),
        pytest.param(component(end=at("2027-01-04T12:00")), False, id="another end"),
    ],
)
def test_what_says_the_same(other: Component, is_same: bool) -> None:
    assert says_the_same(component(), other) is is_same


@pytest.mark.parametrize(
    ("rid", "start"),
    [(SECOND, at("2027-01-05T10:00")), (ELSEWHEN, None), ("20270105", None), ("x", None)],
    ids=["a date", "no date of it", "a day", "no date at all"],
)
def test_what_would_be_said_of_a_date_if_nothing_made_it_differ(rid: str, start: Any) -> None:
    found = regular_component(series(exceptions={SECOND: on(5, 15, subject="Special")}, excluded=(THIRD,)), rid)
    assert (found and (found.start, found.subject)) == (start and (start, "Plans"))
    assert regular_component(series(excluded=(THIRD,)), THIRD) is not None
    assert regular_component(single(), "x") is None


def test_nothing_is_kept_of_a_date_unless_it_is() -> None:
    apart: dict[str, Any]
    for apart in ({"overlay": MOVED}, {"called_off": CalledOff()}, {"overlay": MOVED, "called_off": CalledOff()}):
        copy: Copy = bobs(series(), Private(categories=("Red",), **apart))
        assert copy.private(SECOND) == Private(categories=("Red",))
        assert copy.private(None) is copy.own
