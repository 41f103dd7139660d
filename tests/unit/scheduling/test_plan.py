"""The organizer decides: what a change means (RFC 5546 2.1.4), who is told, and what is asked for anew."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import Copy, Private, Response
from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.calendar.event import AllDay, Answer, Location, Role, Sensitivity, ShowAs, Status
from rsvpd.calendar.revision import Component, Guest, Revision
from rsvpd.calendar.series import component as event_of
from rsvpd.errors import ItemNotFound, NotAllowed, StaleSequence
from rsvpd.hints import HintCode
from rsvpd.mail.content import Body, Importance
from rsvpd.mail.message import RequestKind
from rsvpd.scheduling.component import MOST_DIFFERENT
from rsvpd.scheduling.plan import (
    Audience,
    Change,
    cancel,
    restore,
    revise,
    without_occurrence,
)
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
    attendees,
    component,
    guests,
    listed,
    names,
    on,
    organizers,
    rule,
    series,
    single,
)

FULL, INFORMATIONAL, NEW = RequestKind.FULL, RequestKind.INFORMATIONAL, RequestKind.NEW
EVERYBODY, NEWCOMERS, NOBODY = Audience.EVERYBODY, Audience.NEWCOMERS, Audience.NOBODY
NOON = {"start": at("2027-01-04T12:00"), "end": at("2027-01-04T13:00")}
SAME_IN_UTC = {"start": at("2027-01-04T09:00", "UTC"), "end": at("2027-01-04T10:00", "UTC")}


def revised(revision: Revision, rid: str | None = None, **draft: Any) -> Change:
    return revise(organizers(revision), rid, EventDraft(**draft), now=NOW)


# --- what a change means: SEQUENCE, kind, audience -----------------------------------------

WORDS: dict[str, Any] = {
    "subject": "Lunch",
    "body": Body("Bring papers"),
    "locations": (Location(name="Room 2"),),
    "importance": Importance.HIGH,
    "response_requested": False,
    "allow_proposals": False,
    "hide_attendees": True,
    "guests_can_modify": True,
    "guests_can_invite": False,
}
PRIVATE: dict[str, Any] = {
    "categories": ("Red",),
    "reminder_minutes": 5,
    "reminder_on": False,
    "residue": {"google": {"colorId": "3"}},
}
LONGER, SHORTER = rule("FREQ=DAILY;COUNT=6"), rule("FREQ=DAILY;COUNT=3")
WEEKLY, UNTIL = rule("FREQ=WEEKLY;COUNT=4"), rule("FREQ=DAILY;UNTIL=20270107T090000Z")
FEWER = rule("FREQ=DAILY;INTERVAL=2;COUNT=2")  # of the old dates the first and the third
STRUCK = {"recurrence": DAILY, "deleted": (SECOND,)}


@pytest.mark.parametrize(
    ("draft", "raised", "kind", "audience"),
    [
        *(pytest.param({one: WORDS[one]}, 0, INFORMATIONAL, EVERYBODY, id=f"words: {one}") for one in WORDS),
        *(pytest.param({one: PRIVATE[one]}, 0, INFORMATIONAL, NOBODY, id=f"private: {one}") for one in PRIVATE),
        pytest.param({"show_as": ShowAs.OOF}, 0, INFORMATIONAL, NOBODY, id="private: show_as"),
        pytest.param({"sensitivity": Sensitivity.PRIVATE}, 0, INFORMATIONAL, NOBODY, id="private: sensitivity"),
        pytest.param(NOON, 1, FULL, EVERYBODY, id="another time"),
        pytest.param({"start": at("2027-01-04T09:00")}, 1, FULL, EVERYBODY, id="another start"),
        pytest.param({"end": at("2027-01-04T12:00")}, 1, FULL, EVERYBODY, id="another end"),
        pytest.param(NOON | {"subject": "Lunch"}, 1, FULL, EVERYBODY, id="another time with words"),
        pytest.param(SAME_IN_UTC, 0, INFORMATIONAL, NEWCOMERS, id="the same instants in another zone"),
        pytest.param(SAME_IN_UTC | {"subject": "Lunch"}, 0, INFORMATIONAL, EVERYBODY, id="… with words"),
        pytest.param({"start": SAME_IN_UTC["start"]}, 0, INFORMATIONAL, NEWCOMERS, id="one time alone"),
        pytest.param({"recurrence": DAILY}, 1, FULL, EVERYBODY, id="a series of it"),
        pytest.param(SAME_IN_UTC | {"recurrence": DAILY}, 1, FULL, EVERYBODY, id="a series of it in another zone"),
        pytest.param({"status": Status.TENTATIVE}, 1, INFORMATIONAL, EVERYBODY, id="another status"),
        pytest.param({"attendees": listed("bob", "carol", "dave")}, 0, INFORMATIONAL, NEWCOMERS, id="who comes"),
        pytest.param({"attendees": listed("bob")}, 1, INFORMATIONAL, NEWCOMERS, id="who leaves: a CANCEL raises"),
        pytest.param({"attendees": listed("bob", "dave")}, 1, INFORMATIONAL, NEWCOMERS, id="who comes and who leaves"),
        pytest.param({"attendees": listed("carol", "bob")}, 0, INFORMATIONAL, NEWCOMERS, id="another order"),
        pytest.param(
            {"attendees": listed("bob", "dave"), "subject": "Lunch"}, 1, INFORMATIONAL, EVERYBODY, id="… with words"
        ),
        pytest.param(NOON | {"attendees": listed("bob")}, 1, FULL, EVERYBODY, id="… with another time: raised once"),
        pytest.param({"sequence": 7}, 5, INFORMATIONAL, EVERYBODY, id="a later number"),
        pytest.param({"sequence": 3, "attendees": listed("bob")}, 1, INFORMATIONAL, EVERYBODY, id="… and who leaves"),
        pytest.param(NOON | {"sequence": 3}, 1, FULL, EVERYBODY, id="… with another time: raised once, too"),
    ],
)
def test_what_a_change_of_a_single_meeting_means(
    draft: dict[str, Any], raised: int, kind: RequestKind, audience: Audience
) -> None:
    change = revised(single(), **draft)
    assert (change.kind, change.audience) == (kind, audience)
    assert change.revision.sequence == change.copy.sequence == 2 + raised
    # A stamp later than the one before for what is told; what nobody hears of has none of its own.
    assert change.revision.dtstamp == change.copy.dtstamp == (SENT if audience is NOBODY else NOW)
    assert change.copy.modified == NOW
    assert change.revision.reset_sequence == (3 if kind is FULL else 0)
    assert (change.excluded, change.restored) == ((), ())


@pytest.mark.parametrize(
    "draft",
    [
        pytest.param({"sequence": 2}, id="the number it has"),
        pytest.param({}, id="nothing"),
        pytest.param({"subject": "Plans"}, id="the same words"),
        pytest.param({"start": BEGIN, "end": END}, id="the same time"),
        pytest.param({"attendees": listed("bob", "carol")}, id="the same list"),
        pytest.param({"attendees": listed("bob", "BOB", "carol", "alice")}, id="the same list, written otherwise"),
        pytest.param({"status": None}, id="the same status"),
    ],
)
def test_what_says_nothing_new_changes_nothing(draft: dict[str, Any]) -> None:
    copy = organizers(single())
    change = revise(copy, None, EventDraft(**draft), now=NOW)
    assert change.copy is copy
    assert (change.audience, change.added, change.removed) == (NOBODY, (), ())


def test_who_is_asked_anew_is_asked_at_the_number_that_a_client_says() -> None:
    revision = revised(single(), **NOON, sequence=7).revision
    assert (revision.sequence, revision.reset_sequence) == (7, 7)


@pytest.mark.parametrize("said", [{"sequence": 1}, {"sequence": 0, **NOON}, {"sequence": 1, "subject": "Lunch"}])
def test_no_revision_has_an_earlier_number(said: dict[str, Any]) -> None:
    with pytest.raises(StaleSequence) as caught:
        revised(single(), **said)
    assert caught.value.target == "sequence"


@pytest.mark.parametrize("rid", [None, SECOND], ids=["of the whole", "of one date"])
def test_two_changes_within_one_second_leave_in_their_order(rid: str | None) -> None:
    first = revise(organizers(series()), rid, EventDraft(subject="One"), now=NOW)
    second = revise(first.copy, rid, EventDraft(subject="Two"), now=NOW)
    back = revise(second.copy, rid, EventDraft(subject="Three"), now=SENT)  # a clock that stepped back
    assert [one.revision.dtstamp for one in (first, second, back)] == [NOW, NOW + TICK, NOW + 2 * TICK]
    called_off, message = cancel(back.copy, rid, now=SENT)
    assert called_off.dtstamp == message.dtstamp == NOW + 3 * TICK
    assert restore(called_off, rid, EventDraft(), now=SENT).revision.dtstamp == NOW + 4 * TICK


@pytest.mark.parametrize(
    ("draft", "raised", "kind", "audience", "asked_at"),
    [
        pytest.param({"subject": "Lunch"}, 0, INFORMATIONAL, EVERYBODY, 0, id="words"),
        pytest.param(NOON, 1, FULL, EVERYBODY, 3, id="another time"),
        pytest.param({"recurrence": WEEKLY}, 1, FULL, EVERYBODY, 3, id="another pattern"),
        pytest.param({"recurrence": LONGER}, 1, FULL, EVERYBODY, 3, id="it goes on longer"),
        pytest.param({"recurrence": rule("FREQ=DAILY")}, 1, FULL, EVERYBODY, 3, id="it goes on for ever"),
        pytest.param({"recurrence": SHORTER}, 1, INFORMATIONAL, EVERYBODY, 0, id="it ends earlier: nobody is asked"),
        pytest.param({"recurrence": UNTIL}, 1, INFORMATIONAL, EVERYBODY, 0, id="it ends when it did, said otherwise"),
        pytest.param({"recurrence": SHORTER} | NOON, 1, FULL, EVERYBODY, 3, id="it ends earlier at another time"),
        pytest.param({"recurrence": None}, 1, FULL, EVERYBODY, 3, id="no series any more"),
        pytest.param(SAME_IN_UTC | {"recurrence": None}, 1, FULL, EVERYBODY, 3, id="nor in another zone"),
        pytest.param({"recurrence": FEWER}, 1, FULL, EVERYBODY, 3, id="another pattern that ends earlier"),
        # The zone of a series is part of its pattern: dates after a change of clocks would move.
        pytest.param(SAME_IN_UTC, 1, FULL, EVERYBODY, 3, id="the same instants in another zone"),
        pytest.param(STRUCK, 1, INFORMATIONAL, NOBODY, 0, id="EXDATE alone"),
        pytest.param(STRUCK | {"subject": "Lunch"}, 1, INFORMATIONAL, EVERYBODY, 0, id="EXDATE with words"),
    ],
)
def test_what_a_change_of_a_series_means(
    draft: dict[str, Any], raised: int, kind: RequestKind, audience: Audience, asked_at: int
) -> None:
    change = revised(series(), **draft)
    assert (change.kind, change.audience) == (kind, audience)
    assert (change.revision.sequence, change.revision.reset_sequence) == (2 + raised, asked_at)
    assert change.revision.dtstamp == NOW


def test_a_series_without_end_that_gets_one_ends_earlier() -> None:
    change = revised(series(recurrence=rule("FREQ=DAILY")), recurrence=DAILY)
    assert (change.kind, change.revision.reset_sequence, change.revision.sequence) == (INFORMATIONAL, 0, 3)


@pytest.mark.parametrize(
    ("draft", "raised", "kind", "audience", "resets"),
    [
        pytest.param({"subject": "Lunch"}, 0, INFORMATIONAL, EVERYBODY, {}, id="words"),
        pytest.param({"start": at("2027-01-05T12:00")}, 1, FULL, EVERYBODY, {SECOND: 3}, id="another time"),
        pytest.param(
            {"start": at("2027-01-05T09:00", "UTC"), "end": at("2027-01-05T10:00", "UTC")},
            0,
            INFORMATIONAL,
            NEWCOMERS,
            {},
            id="the same instants in another zone",
        ),
        pytest.param({"attendees": listed("bob", "carol", "dave")}, 0, INFORMATIONAL, NEWCOMERS, {}, id="who comes"),
        pytest.param({"attendees": listed("bob")}, 1, INFORMATIONAL, NEWCOMERS, {}, id="who leaves"),
        pytest.param({"reminder_minutes": 5}, 0, INFORMATIONAL, NOBODY, {}, id="what is private"),
    ],
)
def test_what_a_change_of_one_date_means(
    draft: dict[str, Any], raised: int, kind: RequestKind, audience: Audience, resets: dict[str, int]
) -> None:
    if "start" in draft and "end" not in draft:
        draft = draft | {"end": at("2027-01-05T13:00")}
    change = revised(series(), SECOND, **draft)
    assert (change.kind, change.audience, change.recurrence_id) == (kind, audience, SECOND)
    assert (change.revision.sequence, change.revision.resets, change.revision.reset_sequence) == (2 + raised, resets, 0)


MIDNIGHT = {"start": at("2027-01-04T00:00", "UTC"), "end": at("2027-01-05T00:00", "UTC")}
ALL_DAY = {"start": AllDay(date(2027, 1, 4)), "end": AllDay(date(2027, 1, 5))}


@pytest.mark.parametrize(
    ("before", "after"), [(MIDNIGHT, ALL_DAY), (ALL_DAY, MIDNIGHT)], ids=["a time to a day", "a day to a time"]
)
def test_a_day_is_another_time_than_its_midnights(before: dict[str, Any], after: dict[str, Any]) -> None:
    change = revised(single(event=component(**before)), **after)
    assert (change.kind, change.revision.sequence) == (FULL, 3)


def test_a_date_asked_for_anew_stays_asked_when_another_is() -> None:
    one = revised(series(resets={FIRST: 1}), SECOND, start=at("2027-01-05T12:00"), end=at("2027-01-05T13:00"))
    assert one.revision.resets == {FIRST: 1, SECOND: 3}


def test_a_series_that_is_asked_for_anew_is_so_in_all_its_dates() -> None:
    change = revised(series(resets={SECOND: 1}, reset_sequence=1), recurrence=LONGER)
    assert (change.revision.reset_sequence, change.revision.resets) == (3, {})


def test_words_ask_nobody_again() -> None:
    before = series(resets={SECOND: 1}, reset_sequence=1)
    after = revised(before, subject="Lunch").revision
    assert (after.reset_sequence, after.resets) == (1, {SECOND: 1})


# --- who comes, who leaves ----------------------------------------------------------------


def test_who_comes_and_who_leaves() -> None:
    change = revised(single(), attendees=listed("carol", "dave"))
    assert (names(change.added), names(change.removed)) == (["dave"], ["bob"])
    assert [(one.address, one.since) for one in change.revision.event.guests] == [
        ("carol@example.com", 0),
        ("dave@example.com", 2),  # answers to what was before do not count
    ]


def test_who_comes_with_another_time_or_to_one_date_comes_then() -> None:
    moved = revised(single(), **NOON, attendees=listed("bob", "carol", "dave")).revision.event
    on_date = revised(series(), SECOND, attendees=listed("bob", "carol", "dave")).revision.exceptions[SECOND]
    for said in (moved, on_date):
        assert [one.since for one in said.guests] == [0, 0, 2]


def test_who_is_on_the_list_of_a_date_stays_there_as_before() -> None:
    own = guests(BOB, DAVE, since=1)
    change = revised(series(exceptions={SECOND: on(5, guests=own)}), SECOND, subject="Special")
    assert change.revision.exceptions[SECOND].guests == own


def test_who_leaves_and_comes_back_is_new() -> None:
    left = revised(single(), attendees=listed("carol"))
    back = revise(left.copy, None, EventDraft(attendees=listed("bob", "carol")), now=NOW)
    assert [(one.address, one.since) for one in back.revision.event.guests] == [
        ("bob@example.com", 3),
        ("carol@example.com", 0),
    ]


def test_who_stays_keeps_what_the_list_says_of_them() -> None:
    mixed = single(event=component(guests=(*guests(BOB, since=1, role=Role.OPTIONAL), *guests(CAROL))))
    change = revised(mixed, attendees=listed("bob", "carol", "dave"))
    assert change.revision.event.guests[:2] == mixed.event.guests


@pytest.mark.parametrize(
    ("before", "draft", "there"),
    [
        pytest.param((BOB, CAROL), ("bob", "carol", "dave"), ["bob", "carol", "dave"], id="as the series: who comes"),
        pytest.param((BOB, CAROL), ("bob",), ["bob"], id="as the series: who leaves"),
        pytest.param((BOB, CAROL), ("carol", "bob"), ["carol", "bob"], id="as the series: another order"),
        pytest.param((BOB, CAROL, DAVE), ("bob",), ["bob", "dave"], id="an own guest stays"),
        pytest.param((CAROL,), ("bob", "carol", "dave"), ["carol", "dave"], id="who left that date stays away"),
        pytest.param((BOB, DAVE), ("bob", "carol", "dave"), ["bob", "dave"], id="who is there comes once"),
        pytest.param((BOB, DAVE), ("carol",), ["dave"], id="who leaves the series leaves its dates"),
    ],
)
def test_changes_of_the_list_are_made_to_exceptions(
    before: tuple[Any, ...], draft: tuple[str, ...], there: list[str]
) -> None:
    meeting = series(exceptions={SECOND: on(5, subject="Special", guests=guests(*before))})
    change = revised(meeting, attendees=listed(*draft))
    assert names(change.meeting.exceptions[SECOND].attendees) == there
    assert change.meeting.exceptions[SECOND].subject == "Special"
    since = {one.address: one.since for one in change.revision.exceptions[SECOND].guests}
    assert since.get("dave@example.com", 0) == (2 if DAVE not in before and "dave" in there else 0)


def test_a_name_and_a_role_on_the_list_are_those_of_exceptions_too() -> None:
    meeting = series(exceptions={SECOND: on(5, guests=guests(BOB, DAVE))})
    wanted = AttendeeDraft(address="bob@example.com", name="Rob", role=Role.OPTIONAL)
    change = revised(meeting, attendees=(wanted, *listed("carol")))
    bob, dave = change.revision.exceptions[SECOND].guests
    assert (bob.name, bob.role, dave.name, dave.role) == ("Rob", Role.OPTIONAL, "Dave", Role.REQUIRED)


@pytest.mark.parametrize(
    "draft",
    [
        pytest.param({"subject": "Lunch"}, id="words"),
        pytest.param({"attendees": listed("bob", "carol", "dave")}, id="who comes"),
        pytest.param({"attendees": listed("bob")}, id="who leaves"),
    ],
)
def test_a_name_and_a_role_that_somebody_has_on_one_date_stay_there(draft: dict[str, Any]) -> None:
    own = (Guest(BOB.address, "Bobby", Role.OPTIONAL), *guests(CAROL))
    change = revised(series(exceptions={SECOND: on(5, guests=own)}), **draft)
    assert change.revision.exceptions[SECOND].guests[0] == own[0]


def test_what_a_client_claims_of_answers_is_hinted() -> None:
    wanted = (AttendeeDraft(address="bob@example.com", answer=Answer.ACCEPTED), *listed("carol"))
    change = revised(single(), attendees=wanted)
    assert [(one.code, one.detail) for one in change.hints] == [(HintCode.ATTENDEE_STATUS_IGNORED, "bob@example.com")]
    known = attendees(BOB, answer=Answer.ACCEPTED)
    draft = EventDraft(attendees=wanted)
    assert revise(organizers(single()), None, draft, now=NOW, known=known).hints == ()


# --- exceptions ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "draft", "there"),
    [
        pytest.param({}, {"subject": "Lunch"}, {"subject": "Lunch"}, id="what was the series' follows it"),
        pytest.param({"subject": "Special"}, {"subject": "Lunch"}, {"subject": "Special"}, id="what differed stays"),
        pytest.param(
            {"subject": "Special"},
            {"subject": "Lunch", "body": Body("Papers")},
            {"subject": "Special", "body": Body("Papers")},
            id="each member by itself",
        ),
        pytest.param({}, {"importance": Importance.HIGH}, {"importance": Importance.HIGH}, id="importance"),
        pytest.param({}, {"hide_attendees": True}, {"hide_attendees": True}, id="flags"),
    ],
)
def test_exceptions_follow_their_series(own: dict[str, Any], draft: dict[str, Any], there: dict[str, Any]) -> None:
    meeting = series(exceptions={SECOND: on(5, 14, **own)})
    event = revised(meeting, **draft).meeting.exceptions[SECOND]
    assert {name: getattr(event, name) for name in there} == there
    assert event.start == at("2027-01-05T14:00")


@pytest.mark.parametrize(
    "draft",
    [
        pytest.param(NOON, id="another time"),
        pytest.param({"recurrence": WEEKLY}, id="another pattern"),
        pytest.param({"recurrence": FEWER}, id="another pattern with some of its dates"),
    ],
)
def test_a_new_time_or_pattern_ends_what_was_said_of_dates(draft: dict[str, Any]) -> None:
    exceptions = {SECOND: on(5, subject="Special"), THIRD: on(6, subject="Other")}
    meeting = series(exceptions=exceptions, excluded=(FIRST,), resets={SECOND: 1})
    copy = organizers(meeting, dates={THIRD: Private(categories=("Red",))})
    change = revise(copy, None, EventDraft(**draft), now=NOW)
    assert (change.revision.exceptions, change.revision.excluded, change.revision.resets) == ({}, (), {})
    assert change.copy.dates == {}
    assert (change.excluded, change.restored) == ((), ())


def test_a_new_time_with_dates_left_out_leaves_them_out_in_silence() -> None:
    change = revised(series(), **NOON, recurrence=DAILY, deleted=("20270105T120000",))
    assert (change.revision.excluded, change.excluded) == (("20270105T120000",), ())
    change = revised(series(), recurrence=FEWER, deleted=(THIRD,))
    assert (change.revision.excluded, change.excluded) == ((THIRD,), ())


def test_a_date_that_was_left_out_and_is_none_any_more_is_forgotten() -> None:
    assert revised(series(excluded=(THIRD, FOURTH)), recurrence=SHORTER).revision.excluded == (THIRD,)


MONDAYS = rule("FREQ=WEEKLY;BYDAY=MO;COUNT=4")


def test_a_date_may_leave_the_pattern_of_its_series() -> None:
    day = {"start": at("2027-01-13T10:00"), "end": at("2027-01-13T11:00")}
    change = revised(series(recurrence=MONDAYS), "20270111T100000", **day)
    assert change.new.start == day["start"]


def test_words_do_not_move_a_series_that_begins_beside_its_pattern() -> None:
    # Mail brings such series (RFC 5545 3.8.5.3 leaves open what they mean).
    change = revised(series(recurrence=rule("FREQ=WEEKLY;BYDAY=TU;COUNT=2")), subject="Lunch")
    assert (change.new.start, change.revision.sequence) == (BEGIN, 2)


@pytest.mark.parametrize(
    ("recurrence", "left"),
    [
        pytest.param(SHORTER, {SECOND, THIRD}, id="it ends earlier: what is left keeps what differs"),
        pytest.param(LONGER, {SECOND, THIRD, FOURTH}, id="it goes on longer: all of it does"),
    ],
)
def test_another_end_keeps_the_exceptions_that_are_left(recurrence: Any, left: set[str]) -> None:
    meeting = series(
        exceptions={SECOND: on(5, subject="Special"), FOURTH: on(7, subject="Last")},
        excluded=(THIRD,),
    )
    own = {SECOND: Private(categories=("Red",)), FOURTH: Private(categories=("Blue",))}
    change = revise(organizers(meeting, dates=own), None, EventDraft(recurrence=recurrence), now=NOW)
    assert {*change.revision.exceptions, *change.revision.excluded} == left
    assert {*change.copy.dates} == left - {THIRD}


def test_an_end_that_comes_earlier_keeps_what_was_asked_of_dates_left() -> None:
    change = revised(series(resets={SECOND: 1, FOURTH: 2}), recurrence=SHORTER)
    assert change.revision.resets == {SECOND: 1}


@pytest.mark.parametrize(
    ("draft", "differs"),
    [
        pytest.param({"subject": "Special"}, True, id="other words"),
        pytest.param({"subject": "Plans"}, False, id="the words of the series"),
        pytest.param({"reminder_minutes": 5, "categories": ("Red",)}, False, id="what is private"),
        pytest.param({"attendees": listed("carol", "bob")}, False, id="the list in another order"),
        pytest.param({"attendees": listed("bob")}, True, id="another list"),
    ],
)
def test_a_date_is_an_exception_where_the_organizer_made_it_differ(draft: dict[str, Any], differs: bool) -> None:
    assert (SECOND in revised(series(), SECOND, **draft).revision.exceptions) is differs


def test_an_exception_that_is_made_as_the_series_is_none_any_more() -> None:
    meeting = series(exceptions={SECOND: on(5, subject="Special"), THIRD: on(6, 15)})
    assert {*revised(meeting, SECOND, subject="Plans").revision.exceptions} == {THIRD}
    moved = revised(meeting, THIRD, start=at("2027-01-06T10:00"), end=at("2027-01-06T11:00")).revision
    assert ({*moved.exceptions}, moved.resets) == ({SECOND}, {THIRD: 3})


def test_a_change_of_one_date_is_laid_over_what_differs_there() -> None:
    meeting = series(exceptions={SECOND: on(5, 14, body=Body("Papers"))})
    change = revised(meeting, SECOND, subject="Special")
    event = change.new
    assert (event.subject, event.body, event.start) == ("Special", Body("Papers"), at("2027-01-05T14:00"))
    assert change.old is not None
    assert (change.old.subject, change.old.start) == ("Plans", at("2027-01-05T14:00"))


def test_of_one_date_there_is_no_pattern_to_change() -> None:
    change = revised(series(), SECOND, subject="Special", recurrence=WEEKLY, deleted=(THIRD,))
    assert (change.revision.recurrence, change.revision.excluded, change.kind) == (DAILY, (), INFORMATIONAL)
    assert change.revision.sequence == 2


@pytest.mark.parametrize("rid", [ELSEWHEN, THIRD], ids=["no date of it", "a date that does not take place"])
def test_a_date_that_is_not_there_cannot_be_changed(rid: str) -> None:
    copy = organizers(series(excluded=(THIRD,)))
    with pytest.raises(ItemNotFound):
        revise(copy, rid, EventDraft(subject="Special"), now=NOW)
    with pytest.raises(ItemNotFound):
        cancel(copy, rid, now=NOW)


def test_a_series_differs_in_so_many_dates_and_no_more() -> None:
    endless = series(recurrence=rule("FREQ=DAILY"), excluded=tuple(f"x{one}" for one in range(MOST_DIFFERENT)))
    for change in (
        lambda: revised(endless, SECOND, subject="Special"),
        lambda: without_occurrence(organizers(endless), SECOND),
    ):
        with pytest.raises(NotAllowed):
            change()


# --- what is private to the organizer -----------------------------------------------------


@pytest.mark.parametrize("rid", [None, SECOND], ids=["of the whole", "of one date"])
@pytest.mark.parametrize("name", PRIVATE)
def test_what_is_private_stays_in_the_own_part(name: str, rid: str | None) -> None:
    before = organizers(series())
    change = revise(before, rid, EventDraft(**{name: PRIVATE[name]}), now=NOW)
    assert getattr(change.copy.private(rid), name) == PRIVATE[name]
    assert change.revision is before.revision
    assert (SECOND in change.copy.dates) is (rid is not None)


def test_what_is_private_to_a_date_leaves_what_is_said_of_it() -> None:
    # It came to say what its series says since that was renamed.
    before = organizers(series(exceptions={SECOND: on(5)}))
    assert revise(before, SECOND, EventDraft(reminder_minutes=5), now=NOW).revision is before.revision


@pytest.mark.parametrize("draft", [NOON, {"subject": "Lunch"}], ids=["another time", "words"])
def test_what_is_private_survives_the_organizers_own_changes(draft: dict[str, Any]) -> None:
    copy = organizers(series(), own=Private(categories=("Red",), reminder_minutes=5))
    own = revise(copy, None, EventDraft(**draft), now=NOW).copy.own
    assert (own.categories, own.reminder_minutes) == (("Red",), 5)


def test_how_the_organizer_shows_the_time_travels_with_the_next_revision() -> None:
    revision = revised(single(), show_as=ShowAs.OOF, sensitivity=Sensitivity.PERSONAL).revision
    said: Component = revision.event
    assert (said.show_as, said.sensitivity) == (ShowAs.OOF, Sensitivity.PERSONAL)


# --- answers count from when somebody was asked -------------------------------------------


@pytest.mark.parametrize(
    ("draft", "rid", "counts"),
    [
        pytest.param({"subject": "Lunch"}, None, {None: True, SECOND: True}, id="words"),
        pytest.param(NOON, None, {None: False}, id="another time"),
        pytest.param({"recurrence": LONGER}, None, {None: False, SECOND: False}, id="it goes on longer"),
        pytest.param({"recurrence": SHORTER}, None, {None: True, SECOND: True}, id="it ends earlier"),
        pytest.param({"attendees": listed("bob")}, None, {None: True, SECOND: True}, id="somebody else leaves"),
        pytest.param(
            {"start": at("2027-01-05T14:00"), "end": at("2027-01-05T15:00")},
            SECOND,
            {None: True, SECOND: False, THIRD: True},
            id="one date at another time",
        ),
    ],
)
def test_which_answers_count_after_a_change(
    draft: dict[str, Any], rid: str | None, counts: dict[str | None, bool]
) -> None:
    yes = Response(answer=Answer.ACCEPTED, answered=SENT, sequence=2, dtstamp=SENT)
    answers = {"": {"bob@example.com": yes}, SECOND: {"bob@example.com": yes}}
    after: Copy = revised(series(), rid, **draft).copy
    meeting = compose(after, answers)
    for name, is_counted in counts.items():
        assert (event_of(meeting, name).attendees[0].answer is Answer.ACCEPTED) is is_counted, name
