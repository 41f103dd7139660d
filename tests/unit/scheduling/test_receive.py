"""Meeting messages come into a mailbox: what each makes of a guest's copy, and of what the organizer knows.

The rules are those of RFC 5546 2.1.4, 2.1.5 and RFC 6638 3.2.2.1, as docs/meetings.md has them.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import CalledOff, Copy, Overlay, Private
from rsvpd.calendar.event import AllDay, Answer, CommentReaders, Sensitivity, ShowAs, State
from rsvpd.calendar.revision import Revision
from rsvpd.calendar.series import component as event_of
from rsvpd.calendar.series import occurrence
from rsvpd.mail.content import Body, Importance
from rsvpd.mail.message import RequestKind
from rsvpd.scheduling.itip import Cancel, InvitedDates
from rsvpd.scheduling.receive import on_cancel
from support.meetings import (
    ALL,
    BEGIN,
    CAROL,
    ELSEWHEN,
    FIRST,
    FOURTH,
    LATER,
    NOW,
    SECOND,
    SENT,
    THIRD,
    TICK,
    at,
    bobs,
    component,
    guests,
    held,
    moved,
    on,
    organizers,
    received,
    request,
    reworded,
    rule,
    series,
    single,
)

FULL, INFORMATIONAL, NEW = RequestKind.FULL, RequestKind.INFORMATIONAL, RequestKind.NEW
NONE, ACCEPTED, TENTATIVE, DECLINED = Answer.NONE, Answer.ACCEPTED, Answer.TENTATIVE, Answer.DECLINED
LIVE, GONE = State.LIVE, State.DELETED


# --- order --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sequence", "dtstamp", "is_taken"),
    [
        pytest.param(3, SENT, True, id="a higher SEQUENCE"),
        pytest.param(3, SENT - TICK, True, id="a higher SEQUENCE with an earlier stamp"),
        pytest.param(2, LATER, True, id="the same SEQUENCE, later"),
        pytest.param(2, SENT, True, id="the same once more"),
        pytest.param(2, SENT - TICK, False, id="the same SEQUENCE, earlier"),
        pytest.param(1, LATER, False, id="a lower SEQUENCE with a later stamp"),
    ],
)
@pytest.mark.parametrize("kind", [NEW, FULL, INFORMATIONAL])
def test_revisions_are_ordered_by_sequence_then_stamp(
    sequence: int, dtstamp: int, is_taken: bool, kind: RequestKind
) -> None:
    stored = bobs(single())
    sent = replace(single(event=component(subject="Lunch")), sequence=sequence, dtstamp=dtstamp)
    done = request(stored, sent, kind)
    assert (done is not None) is is_taken
    if done is not None:
        assert compose(done[0]).event.subject == "Lunch"
        assert (done[0].sequence, done[0].dtstamp, done[0].modified) == (sequence, dtstamp, NOW)
    cancelled = on_cancel(stored, Cancel(uid="u-1", sequence=sequence, dtstamp=dtstamp), NOW)
    assert (cancelled is not None) is is_taken


def test_nobody_changes_the_organizers_own_copy_by_a_message() -> None:
    own = organizers(single())
    assert request(own, moved(single()), FULL) is None
    assert on_cancel(own, Cancel(uid="u-1", sequence=9, dtstamp=LATER), NOW) is None


def test_a_cancellation_of_what_is_not_there_brings_nothing() -> None:
    assert on_cancel(None, Cancel(uid="u-1", sequence=9, dtstamp=LATER), NOW) is None


# --- a new copy ---------------------------------------------------------------------------


def test_a_new_copy() -> None:
    done = request(None, single(event=component(show_as=ShowAs.OOF)), NEW)
    assert done is not None
    copy, state = done
    assert state is LIVE
    assert (copy.is_organizer, copy.address, copy.created, copy.modified) == (False, "bob@example.com", NOW, NOW)
    assert (copy.sequence, copy.dtstamp) == (2, SENT)
    event = compose(copy).event
    assert (event.answer, event.organizer_knows, event.show_as) == (NONE, False, ShowAs.TENTATIVE)
    assert (event.reminder_on, event.reminder_minutes, event.categories) == (True, 15, ())


@pytest.mark.parametrize(
    ("said", "there"),
    [
        pytest.param(Sensitivity.NORMAL, Sensitivity.NORMAL, id="normal"),
        # RFC 5545 3.8.1.3 knows no such CLASS: it is a note to oneself.
        pytest.param(Sensitivity.PERSONAL, Sensitivity.NORMAL, id="personal does not travel"),
        pytest.param(Sensitivity.PRIVATE, Sensitivity.PRIVATE, id="private"),
        pytest.param(Sensitivity.CONFIDENTIAL, Sensitivity.CONFIDENTIAL, id="confidential"),
    ],
)
@pytest.mark.parametrize("where", ["the whole", "one date"])
def test_how_private_a_new_copy_is(said: Sensitivity, there: Sensitivity, where: str) -> None:
    if where == "the whole":
        copy = received(None, single(event=component(sensitivity=said)), NEW)
        assert compose(copy).event.sensitivity is there
        return
    meeting = compose(received(None, series(exceptions={SECOND: on(5, sensitivity=said)}), NEW))
    assert meeting.exceptions[SECOND].sensitivity is there
    assert meeting.event.sensitivity is Sensitivity.NORMAL


def test_a_private_date_that_is_not_for_this_guest_leaves_nothing_behind() -> None:
    sent = series(exceptions={SECOND: on(5, sensitivity=Sensitivity.PRIVATE)})
    copy = received(None, sent, NEW, invited=InvitedDates(without=(SECOND,)))
    assert (copy.dates, copy.removed) == ({}, (SECOND,))


def test_a_date_as_private_as_its_series_has_nothing_of_its_own() -> None:
    whole = component(sensitivity=Sensitivity.PRIVATE)
    sent = series(event=whole, exceptions={SECOND: on(5, sensitivity=Sensitivity.PRIVATE)})
    assert received(None, sent, NEW).dates == {}


@pytest.mark.parametrize(
    ("invited", "there"),
    [
        pytest.param(ALL, {FIRST, SECOND, THIRD, FOURTH}, id="all of it"),
        pytest.param(InvitedDates(without=(SECOND,)), {FIRST, THIRD, FOURTH}, id="all but one"),
        pytest.param(InvitedDates(to=(SECOND,)), {SECOND}, id="one date"),
        pytest.param(InvitedDates(to=(SECOND, FOURTH)), {SECOND, FOURTH}, id="two dates"),
    ],
)
@pytest.mark.parametrize("before", [None, bobs(series())], ids=["new", "in a full update"])
def test_a_guest_has_as_much_as_is_for_the_guest(before: Copy | None, invited: InvitedDates, there: set[str]) -> None:
    sent = series(sequence=3, dtstamp=LATER)
    meeting = compose(received(before, sent, NEW if before is None else FULL, invited=invited))
    assert {rid for rid in (FIRST, SECOND, THIRD, FOURTH) if occurrence(meeting, rid)} == there


# --- what a request does to the answer -----------------------------------------------------

SPOKEN: dict[str, Any] = {
    "comment": "Yes",
    "comment_readers": CommentReaders.GUESTS,
    "guests": 2,
    "show_as": ShowAs.OOF,
}
KEPT: dict[str, Any] = {
    "categories": ("Red",),
    "reminder_minutes": 5,
    "reminder_on": False,
    "sensitivity": Sensitivity.PRIVATE,
    "residue": {"google": {"colorId": "3"}},
}


@pytest.mark.parametrize("said", [ACCEPTED, TENTATIVE, DECLINED])
@pytest.mark.parametrize("kind", [FULL, NEW])
def test_a_new_time_asks_again_and_nothing_of_the_old_answer_is_left(said: Answer, kind: RequestKind) -> None:
    state = State.DECLINED if said is DECLINED else LIVE
    done = request(bobs(single(), held(said, **SPOKEN)), moved(single()), kind, state=state)
    assert done is not None
    own = done[0].own
    assert (own.answer, own.answered, own.organizer_knows, own.comment, own.guests) == (NONE, 0, False, "", 0)
    assert own.comment_readers is CommentReaders.ORGANIZER
    assert own.reply_dtstamp == SENT  # the next one is later still
    assert (compose(done[0]).event.show_as, done[1]) == (ShowAs.TENTATIVE, LIVE)


@pytest.mark.parametrize(
    ("said", "state"),
    [(NONE, LIVE), (ACCEPTED, LIVE), (TENTATIVE, LIVE), (DECLINED, State.DECLINED)],
    ids=lambda one: str(getattr(one, "value", one)),
)
def test_words_keep_the_answer_and_the_state(said: Answer, state: State) -> None:
    stored = bobs(single(), held(said, **SPOKEN))
    done = request(stored, reworded(single()), INFORMATIONAL, state=state)
    assert done is not None
    assert (done[0].own, done[1]) == (stored.own, state)
    assert compose(done[0]).event.subject == "Lunch"


@pytest.mark.parametrize("name", KEPT)
@pytest.mark.parametrize(
    ("sent", "kind", "rid"),
    [
        pytest.param(moved(series()), FULL, None, id="another time"),
        pytest.param(reworded(series()), INFORMATIONAL, None, id="words"),
        pytest.param(reworded(series(), exceptions={SECOND: on(5, 14)}), FULL, SECOND, id="one date moves"),
        pytest.param(reworded(series()), NEW, None, id="a new invitation"),
    ],
)
def test_what_is_private_survives_every_update(name: str, sent: Revision, kind: RequestKind, rid: str | None) -> None:
    stored = bobs(series(), held(ACCEPTED, **KEPT), dates={SECOND: held(ACCEPTED, **KEPT)})
    copy = received(stored, sent, kind, rid)
    assert getattr(copy.own, name) == KEPT[name]
    if sent.event.start == BEGIN:
        assert getattr(copy.dates[SECOND], name) == KEPT[name]


OVERLAYS: dict[str, Any] = {
    "subject": "Mine",
    "body": Body("Notes"),
    "importance": Importance.HIGH,
    "start": at("2027-01-04T15:00"),
    "end": at("2027-01-04T16:00"),
}


@pytest.mark.parametrize("where", ["the whole", "one date"])
@pytest.mark.parametrize(
    ("kind", "rid"),
    [
        pytest.param(INFORMATIONAL, None, id="words"),
        pytest.param(FULL, None, id="asked again"),
        pytest.param(INFORMATIONAL, SECOND, id="words of one date"),
        pytest.param(FULL, SECOND, id="one date asked again"),
    ],
)
def test_what_the_owner_wrote_over_does_not_survive_an_update(kind: RequestKind, rid: str | None, where: str) -> None:
    overlaid = held(ACCEPTED, overlay=Overlay(**OVERLAYS))
    stored = bobs(series(), overlaid) if where == "the whole" else bobs(series(), dates={SECOND: overlaid})
    copy = received(stored, reworded(series()), kind, rid)
    assert compose(copy).event == compose(replace(copy, own=replace(copy.own, overlay=None))).event
    assert all(one.overlay is None for one in (copy.own, *copy.dates.values()))
    assert event_of(compose(copy), SECOND).subject == "Lunch"
    assert event_of(compose(copy), SECOND).start == at("2027-01-05T10:00")


FEWER = rule("FREQ=DAILY;INTERVAL=3;COUNT=2")  # the first and the fourth
NEW_YORK = "America/New_York"
IN_NEW_YORK = component(start=at("2027-01-04T10:00", NEW_YORK), end=at("2027-01-04T11:00", NEW_YORK))

# --- dates of a series ----------------------------------------------------------------------


def test_a_full_update_of_a_series_asks_for_every_date() -> None:
    dates = {SECOND: held(DECLINED, **SPOKEN), THIRD: held(ACCEPTED, categories=("Red",))}
    copy = received(bobs(series(), held(ACCEPTED), dates=dates), reworded(series(), sequence=3), FULL)
    for private in (copy.own, *copy.dates.values()):
        assert (private.answer, private.comment, private.guests, private.organizer_knows) == (NONE, "", 0, False)
    assert copy.dates[THIRD].categories == ("Red",)


def test_an_update_of_one_date_moves_that_one_alone() -> None:
    stored = bobs(series(), held(ACCEPTED), dates={THIRD: held(DECLINED)})
    copy = received(stored, reworded(series(), exceptions={SECOND: on(5, 14)}), FULL, SECOND)
    answers = {rid: event_of(compose(copy), rid).answer for rid in (None, SECOND, THIRD)}
    assert answers == {None: ACCEPTED, SECOND: NONE, THIRD: DECLINED}


def test_words_about_one_date_keep_its_answer() -> None:
    stored = bobs(series(), held(ACCEPTED), dates={SECOND: held(DECLINED)})
    copy = received(stored, reworded(series(), exceptions={SECOND: on(5, subject="Special")}), INFORMATIONAL, SECOND)
    event = event_of(compose(copy), SECOND)
    assert (event.answer, event.subject) == (DECLINED, "Special")


@pytest.mark.parametrize(
    ("sent", "left"),
    [
        pytest.param(reworded(series()), {SECOND, FOURTH}, id="words"),
        pytest.param(reworded(series(recurrence=FEWER)), set(), id="another pattern with some of its dates"),
        pytest.param(reworded(series(event=IN_NEW_YORK)), set(), id="at the same hour elsewhere"),
        pytest.param(reworded(series(), recurrence=rule("FREQ=DAILY;COUNT=3")), {SECOND}, id="it ends earlier"),
        pytest.param(reworded(series(), excluded=(SECOND,)), {FOURTH}, id="a date takes place no more"),
        pytest.param(reworded(series(), recurrence=rule("FREQ=WEEKLY;COUNT=2")), set(), id="another pattern"),
        pytest.param(moved(series()), set(), id="another time"),
        pytest.param(reworded(series(recurrence=None)), set(), id="no series any more"),
    ],
)
@pytest.mark.parametrize("kind", [INFORMATIONAL, FULL])
def test_what_is_kept_of_dates_goes_with_them(sent: Revision, left: set[str], kind: RequestKind) -> None:
    dates = {one: Private(categories=("Red",)) for one in (SECOND, FOURTH)}
    assert {*received(bobs(series(), dates=dates), sent, kind).dates} == left


@pytest.mark.parametrize(
    ("state", "said", "there"),
    [
        pytest.param(LIVE, ACCEPTED, {FIRST: ACCEPTED, SECOND: NONE, THIRD: ACCEPTED}, id="accepted"),
        pytest.param(State.DECLINED, DECLINED, {FIRST: DECLINED, SECOND: NONE, THIRD: DECLINED}, id="declined"),
        pytest.param(GONE, ACCEPTED, {SECOND: NONE}, id="deleted: that date alone"),
    ],
)
@pytest.mark.parametrize("kind", [FULL, NEW])
def test_a_date_that_is_asked_for_anew_comes_back(
    state: State, said: Answer, there: dict[str, Answer], kind: RequestKind
) -> None:
    sent = reworded(series(), exceptions={SECOND: on(5, 14)}, sequence=3)
    done = request(bobs(series(), held(said)), sent, kind, SECOND, state=state)
    assert done is not None
    meeting = compose(done[0])
    found = {rid: occurrence(meeting, rid) for rid in (FIRST, SECOND, THIRD)}
    assert {rid: one.event.answer for rid, one in found.items() if one} == there
    assert done[1] is LIVE


@pytest.mark.parametrize("state", [State.DECLINED, GONE])
def test_words_bring_nothing_back(state: State) -> None:
    done = request(bobs(series(), held(DECLINED)), reworded(series()), INFORMATIONAL, state=state)
    assert done is not None
    assert (done[1], done[0].invited_to) == (state, None)


def test_a_copy_leaves_the_calendar_with_the_last_date_that_was_not_declined() -> None:
    stored = bobs(series(), held(DECLINED), dates={SECOND: held(ACCEPTED)})
    done = request(stored, reworded(series(), excluded=(SECOND,)), INFORMATIONAL)
    assert done is not None
    assert done[1] is State.DECLINED


def test_a_date_that_is_none_is_not_kept() -> None:
    assert received(bobs(series()), reworded(series()), FULL, ELSEWHEN).dates == {}


@pytest.mark.parametrize(
    "own", [{"categories": ("Red",)}, {"overlay": Overlay(subject="Mine")}], ids=["kept", "changed"]
)
def test_what_was_kept_of_a_date_goes_with_the_invitation_to_it(own: dict[str, Any]) -> None:
    sent = reworded(series(), exceptions={SECOND: on(5, guests=guests(CAROL))})
    stored = bobs(series(), dates={SECOND: Private(**own)})
    copy = received(stored, sent, INFORMATIONAL, invited=InvitedDates(without=(SECOND,)))
    assert (copy.dates, copy.removed) == ({}, (SECOND,))


def test_a_removed_date_is_forgotten_where_the_series_ends_before_it() -> None:
    sent = reworded(series(), recurrence=rule("FREQ=DAILY;COUNT=3"))
    assert received(bobs(series(), removed=(THIRD, FOURTH)), sent, INFORMATIONAL).removed == (THIRD,)


# --- asked since what is known --------------------------------------------------------------


@pytest.mark.parametrize(
    ("resets", "invited", "there"),
    [
        pytest.param({SECOND: 2}, ALL, {None: ACCEPTED, SECOND: DECLINED}, id="what was asked is known"),
        pytest.param({SECOND: 3}, ALL, {None: ACCEPTED, SECOND: NONE}, id="a date was asked for since"),
        pytest.param({SECOND: 3}, InvitedDates(without=(SECOND,)), {None: ACCEPTED}, id="of others"),
    ],
)
def test_words_ask_for_what_was_asked_since(
    resets: dict[str, int], invited: InvitedDates, there: dict[str | None, Answer]
) -> None:
    stored = bobs(series(), held(ACCEPTED), dates={SECOND: held(DECLINED)})
    copy = received(stored, reworded(series(), sequence=3, resets=resets), INFORMATIONAL, invited=invited)
    meeting = compose(copy)
    found = {rid: occurrence(meeting, rid) for rid in (SECOND,)}
    dates = {rid: one.event.answer for rid, one in found.items() if one}
    assert {None: meeting.event.answer, **dates} == there


def test_words_about_single_dates_ask_for_those_that_were_asked_for_since() -> None:
    stored = bobs(series(), held(ACCEPTED), invited_to=(SECOND, THIRD))
    sent = reworded(series(), sequence=3, resets={SECOND: 3})
    copy = received(stored, sent, INFORMATIONAL, THIRD, invited=InvitedDates(to=(SECOND, THIRD)))
    assert {rid: one.answer for rid, one in compose(copy).exceptions.items()} == {SECOND: NONE, THIRD: ACCEPTED}


def test_words_about_single_dates_bring_back_none_of_others() -> None:
    stored = bobs(series(), held(ACCEPTED), invited_to=(THIRD,))
    sent = reworded(series(), sequence=3, resets={SECOND: 3})
    done = request(stored, sent, INFORMATIONAL, THIRD, state=GONE, invited=InvitedDates(to=(THIRD,)))
    assert done is not None
    assert (done[1], done[0].invited_to) == (GONE, (THIRD,))


def test_single_dates_are_asked_for_one_by_one() -> None:
    dates = {SECOND: held(ACCEPTED), THIRD: held(DECLINED)}
    stored = bobs(series(), invited_to=(SECOND, THIRD), dates=dates)
    sent = reworded(series(), sequence=3, reset_sequence=3)
    copy = received(stored, sent, FULL, SECOND, invited=InvitedDates(to=(SECOND, THIRD)))
    assert {rid: one.answer for rid, one in compose(copy).exceptions.items()} == {SECOND: NONE, THIRD: DECLINED}


def test_whoever_loses_one_of_two_single_dates_has_the_other() -> None:
    stored = bobs(series(), held(ACCEPTED), invited_to=(SECOND, THIRD))
    assert received(stored, reworded(series()), INFORMATIONAL, invited=InvitedDates(to=(THIRD,))).invited_to == (THIRD,)


def test_whoever_has_a_single_date_keeps_what_is_private_to_it_whatever_becomes_of_the_others() -> None:
    stored = bobs(series(), invited_to=(SECOND,), dates={SECOND: held(ACCEPTED, categories=("Red",))})
    sent = reworded(series(), recurrence=rule("FREQ=WEEKLY;BYDAY=MO,TU;COUNT=4"))
    copy = received(stored, sent, NEW, SECOND, invited=InvitedDates(to=(SECOND,)))
    assert (copy.dates[SECOND].answer, copy.dates[SECOND].categories) == (NONE, ("Red",))


def test_invited_anew_to_all_of_it_nothing_of_the_old_answers_is_left() -> None:
    stored = bobs(series(), held(ACCEPTED), dates={SECOND: held(ACCEPTED)})
    meeting = compose(received(stored, reworded(series()), NEW))
    assert [event_of(meeting, rid).answer for rid in (None, SECOND)] == [NONE, NONE]


@pytest.mark.parametrize(
    ("kind", "rid", "is_back"),
    [
        pytest.param(INFORMATIONAL, None, False, id="not by words"),
        pytest.param(INFORMATIONAL, SECOND, False, id="not by words about it"),
        pytest.param(FULL, THIRD, False, id="not by another date"),
        pytest.param(FULL, SECOND, True, id="asked for"),
        pytest.param(FULL, None, True, id="all of it asked for"),
        pytest.param(NEW, None, True, id="a new invitation"),
    ],
)
@pytest.mark.parametrize("differs", [False, True], ids=["a regular date", "an exception"])
def test_a_date_the_owner_removed_comes_back_once_it_is_asked_for(
    kind: RequestKind, rid: str | None, is_back: bool, differs: bool
) -> None:
    exceptions = {SECOND: on(5, subject="Special")} if differs else {}
    stored = bobs(series(exceptions=exceptions), held(ACCEPTED), removed=(SECOND,))
    meeting = compose(received(stored, reworded(series(exceptions=exceptions)), kind, rid))
    assert (occurrence(meeting, SECOND) is not None) is is_back


def test_of_a_deleted_series_all_comes_back_once_the_whole_is_asked_for() -> None:
    done = request(bobs(series(), held(DECLINED)), reworded(series(), sequence=3), FULL, state=GONE)
    assert done is not None
    meeting = compose(done[0])
    assert [rid for rid in (FIRST, SECOND, THIRD, FOURTH) if occurrence(meeting, rid)] == [FIRST, SECOND, THIRD, FOURTH]
    assert done[1] is LIVE


def test_a_date_of_a_deleted_series_comes_back_with_what_its_owner_kept_of_it() -> None:
    own = held(ACCEPTED, reminder_minutes=5, categories=("Red",))
    stored = bobs(series(), held(ACCEPTED), dates={SECOND: own, THIRD: own})
    done = request(stored, reworded(series(), exceptions={SECOND: on(5, 14)}, sequence=3), FULL, SECOND, state=GONE)
    assert done is not None
    kept = [(rid, one.reminder_minutes, one.categories, one.answer) for rid, one in done[0].dates.items()]
    assert kept == [(SECOND, 5, ("Red",), NONE)]


def test_a_date_of_a_deleted_series_comes_back_without_what_was_called_off() -> None:
    off = CalledOff(event=on(6))
    stored = bobs(series(excluded=(THIRD,)), held(ACCEPTED), dates={THIRD: held(ACCEPTED, called_off=off)})
    done = request(stored, reworded(series(excluded=(THIRD,)), sequence=3), FULL, SECOND, state=GONE)
    assert done is not None
    assert {*compose(done[0]).exceptions} == {SECOND}


def test_of_single_dates_that_were_deleted_one_comes_back_alone() -> None:
    stored = bobs(series(), held(ACCEPTED), invited_to=(SECOND, THIRD))
    sent = reworded(series(), exceptions={SECOND: on(5, 14)}, sequence=3)
    done = request(stored, sent, FULL, SECOND, state=GONE, invited=InvitedDates(to=(SECOND, THIRD)))
    assert done is not None
    meeting = compose(done[0])
    assert [rid for rid in (FIRST, SECOND, THIRD, FOURTH) if occurrence(meeting, rid)] == [SECOND]


def test_a_date_asked_for_joins_the_single_ones_that_are_there() -> None:
    stored = bobs(series(), held(ACCEPTED), invited_to=(SECOND,), dates={SECOND: held(ACCEPTED)})
    sent = reworded(series())
    copy = received(stored, sent, NEW, FOURTH, invited=InvitedDates(to=(SECOND, FOURTH)))
    meeting = compose(copy)
    assert {rid: one.answer for rid, one in meeting.exceptions.items()} == {SECOND: ACCEPTED, FOURTH: NONE}


@pytest.mark.parametrize(
    ("kind", "answers"),
    [
        pytest.param(NEW, {None: NONE, SECOND: ACCEPTED}, id="invited to the whole: the answer stays"),
        pytest.param(FULL, {None: NONE, SECOND: NONE}, id="all of it asked for anew"),
    ],
)
def test_who_had_single_dates_and_gets_the_whole(kind: RequestKind, answers: dict[str | None, Answer]) -> None:
    dates = {SECOND: held(ACCEPTED, comment="Yes"), THIRD: held(ACCEPTED, called_off=CalledOff())}
    stored = bobs(series(), invited_to=(SECOND, THIRD), dates=dates)
    copy = received(stored, reworded(series()), kind)
    meeting = compose(copy)
    assert {rid: event_of(meeting, rid).answer for rid in (None, SECOND)} == answers
    assert event_of(meeting, THIRD).answer is NONE  # what was called off there is asked for
    assert not copy.is_partial


def test_words_leave_a_partial_copy_partial() -> None:
    stored = bobs(series(), held(ACCEPTED), invited_to=(SECOND,), removed=(THIRD,))
    copy = received(stored, reworded(series()), INFORMATIONAL)
    assert (copy.invited_to, copy.removed) == ((SECOND,), (THIRD,))


# --- reminders ------------------------------------------------------------------------------

DISMISSED = {"reminder_dismissed": 7, "reminder_snoozed": 8}


@pytest.mark.parametrize(
    ("sent", "kind", "rid", "whole", "date"),
    [
        pytest.param(reworded(series()), INFORMATIONAL, None, True, True, id="words leave it alone"),
        pytest.param(reworded(series()), FULL, None, True, True, id="asked again at the same time"),
        pytest.param(
            reworded(series(event=component(start=at("2027-01-04T09:00", "UTC"), end=at("2027-01-04T10:00", "UTC")))),
            INFORMATIONAL,
            None,
            True,
            False,  # its recurrence ids are those of another series
            id="the same instant in another zone",
        ),
        pytest.param(moved(series()), FULL, None, False, False, id="another time begins it afresh"),
        pytest.param(reworded(series(), exceptions={SECOND: on(5, 14)}), FULL, SECOND, True, False, id="of that date"),
        pytest.param(reworded(series(), exceptions={THIRD: on(6, 14)}), FULL, THIRD, True, True, id="of another date"),
    ],
)
def test_a_new_time_begins_reminders_afresh(
    sent: Revision, kind: RequestKind, rid: str | None, whole: bool, date: bool
) -> None:
    stored = bobs(series(), Private(**DISMISSED), dates={SECOND: Private(**DISMISSED)})
    copy = received(stored, sent, kind, rid)
    there = copy.dates.get(SECOND, Private())
    assert (copy.own.reminder_dismissed, copy.own.reminder_snoozed) == ((7, 8) if whole else (0, 0))
    assert (there.reminder_dismissed, there.reminder_snoozed) == ((7, 8) if date else (0, 0))


@pytest.mark.parametrize("mark", DISMISSED)
@pytest.mark.parametrize("where", ["the whole", "one date"])
def test_either_mark_of_a_reminder_is_begun_afresh(mark: str, where: str) -> None:
    marked = Private(**{mark: 7})
    stored = bobs(series(), marked) if where == "the whole" else bobs(series(), dates={SECOND: marked})
    sent = moved(series()) if where == "the whole" else reworded(series(), exceptions={SECOND: on(5, 14)})
    copy = received(stored, sent, FULL, None if where == "the whole" else SECOND)
    assert getattr(copy.private(None if where == "the whole" else SECOND), mark) == 0


def test_a_day_is_another_time_than_its_midnight() -> None:
    midnight = single(event=component(start=at("2027-01-04T00:00", "UTC"), end=at("2027-01-05T00:00", "UTC")))
    day = component(start=AllDay(date(2027, 1, 4)), end=AllDay(date(2027, 1, 5)))
    copy = received(bobs(midnight, Private(**DISMISSED)), replace(midnight, event=day, sequence=3), FULL)
    assert copy.own.reminder_dismissed == 0
