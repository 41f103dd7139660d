"""The organizer decides: what a change means (RFC 5546 2.1.4), who is told, and what is asked for anew."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import Copy, Private, Response
from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.calendar.event import AllDay, Answer, Attendee, Location, Role, Sensitivity, ShowAs, Status
from rsvpd.calendar.revision import Component, Revision
from rsvpd.calendar.rule import Freq, Recurrence, Rule
from rsvpd.calendar.series import component as event_of
from rsvpd.calendar.series import occurrence
from rsvpd.errors import InvalidRecurrence, ItemNotFound, NotAllowed, OccurrenceCrossing
from rsvpd.hints import HintCode
from rsvpd.mail.content import Body, Importance
from rsvpd.mail.message import RequestKind
from rsvpd.scheduling.amend import without_occurrence
from rsvpd.scheduling.component import MOST_DIFFERENT
from rsvpd.scheduling.itip import Cancel
from rsvpd.scheduling.plan import (
    Audience,
    Change,
    asking_for,
    cancel,
    create,
    refuse_crossing,
    restore,
    revise,
)
from support.meetings import (
    ALICE,
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


def listed(*names: str) -> tuple[AttendeeDraft, ...]:
    return tuple(AttendeeDraft(address=f"{name}@example.com") for name in names)


def revised(revision: Revision, rid: str | None = None, **draft: Any) -> Change:
    return revise(organizers(revision), rid, EventDraft(**draft), now=NOW)


def names(people: tuple[Attendee, ...]) -> list[str]:
    return [one.address.partition("@")[0] for one in people]


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
EXCLUDED = {"recurrence": DAILY, "deleted": (SECOND,)}
FEWER = rule("FREQ=DAILY;INTERVAL=2;COUNT=2")  # of the old dates the first and the third


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
        pytest.param(EXCLUDED, 1, INFORMATIONAL, NOBODY, 0, id="EXDATE alone"),
        pytest.param(EXCLUDED | {"subject": "Lunch"}, 1, INFORMATIONAL, EVERYBODY, 0, id="EXDATE with words"),
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
    change = revised(series(recurrence=TUESDAYS), subject="Lunch")
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


def test_a_change_of_one_date_is_applied_to_what_differs_there() -> None:
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


# --- dates that do not take place ---------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "deleted", "excluded", "restored", "raised"),
    [
        pytest.param((), (SECOND,), (SECOND,), (), 1, id="one is excluded"),
        pytest.param((SECOND,), (SECOND, THIRD), (THIRD,), (), 1, id="one more"),
        pytest.param((SECOND,), (SECOND,), (), (), 0, id="the same"),
        pytest.param((SECOND,), (), (), (SECOND,), 1, id="it is back"),
        pytest.param((SECOND,), (THIRD,), (THIRD,), (SECOND,), 1, id="one for another"),
        pytest.param((), (ELSEWHEN,), (), (), 1, id="one that never took place"),
    ],
)
def test_an_excluded_date_is_called_off_and_one_that_is_no_more_asked_for(
    before: tuple[str, ...], deleted: tuple[str, ...], excluded: tuple[str, ...], restored: tuple[str, ...], raised: int
) -> None:
    change = revised(series(excluded=before), recurrence=DAILY, deleted=deleted)
    assert (change.excluded, change.restored, change.revision.sequence) == (excluded, restored, 2 + raised)
    assert (change.audience, change.kind) == (NOBODY, INFORMATIONAL)
    assert change.revision.excluded == deleted
    assert change.revision.resets == dict.fromkeys(restored, 3)
    assert change.revision.dtstamp == (NOW if excluded or restored else SENT)


def test_lines_without_exdate_leave_dates_out_where_a_dialect_does_not_say() -> None:
    change = revised(series(excluded=(SECOND,)), subject="Lunch")
    assert (change.revision.excluded, change.restored, change.revision.sequence) == ((SECOND,), (), 2)


def test_an_excluded_date_takes_what_was_said_of_it_along() -> None:
    meeting = series(exceptions={SECOND: on(5, subject="Special"), THIRD: on(6, subject="Other")})
    copy = organizers(meeting, dates={SECOND: Private(categories=("Red",)), THIRD: Private(categories=("Blue",))})
    change = revise(copy, None, EventDraft(recurrence=DAILY, deleted=(SECOND,)), now=NOW)
    assert ({*change.revision.exceptions}, {*change.copy.dates}) == ({THIRD}, {THIRD})
    assert occurrence(change.meeting, SECOND) is None


def test_a_date_that_is_back_is_not_asked_for_beside_all_of_them() -> None:
    change = revised(series(excluded=(SECOND,)), recurrence=LONGER, deleted=())
    assert (change.kind, change.restored, change.revision.reset_sequence) == (FULL, (), 3)


def test_a_date_beyond_an_earlier_end_is_not_back() -> None:
    change = revised(series(excluded=(SECOND, FOURTH)), recurrence=SHORTER, deleted=())
    assert change.restored == (SECOND,)


def test_what_is_said_of_a_date_that_is_back() -> None:
    meeting = series(excluded=(SECOND,))
    bob, (dave,) = AttendeeDraft(address="bob@example.com", answer=Answer.ACCEPTED), listed("dave")
    change = revised(meeting, recurrence=DAILY, deleted=(), attendees=(bob, dave))
    assert change.hints
    asked = asking_for(change, SECOND)
    assert (asked.recurrence_id, asked.kind, asked.audience) == (SECOND, FULL, EVERYBODY)
    assert (asked.new.start, asked.old) == (at("2027-01-05T10:00"), asked.new)
    assert (asked.added, asked.removed, asked.hints) == ((), (), ())
    assert asked.guests is not None
    assert names(asked.guests) == ["bob"]  # dave is asked for all of it, carol has left


# --- created ------------------------------------------------------------------------------


def made(**draft: Any) -> Change:
    usual = {"start": BEGIN, "end": END, "subject": "New", "attendees": listed("bob", "carol")}
    return create(EventDraft(**(usual | draft)), ALICE, uid="u-9", now=NOW)


def test_a_new_meeting() -> None:
    change = made(reminder_minutes=5, categories=("Red",), transaction_id="t-1")
    assert (change.kind, change.audience, change.old, change.recurrence_id) == (NEW, EVERYBODY, None, None)
    assert (names(change.added), change.removed) == (["bob", "carol"], ())
    revision, copy = change.revision, change.copy
    assert (revision.uid, revision.organizer, revision.sequence, revision.dtstamp) == ("u-9", ALICE.mailbox, 0, NOW)
    assert (copy.is_organizer, copy.dtstamp, copy.created, copy.modified) == (True, NOW, NOW, NOW)
    assert (copy.transaction_id, copy.own.reminder_minutes, copy.own.categories) == ("t-1", 5, ("Red",))
    assert change.new.subject == change.meeting.event.subject == "New"
    assert [one.since for one in revision.event.guests] == [0, 0]
    assert (revision.recurrence, revision.excluded, revision.reset_sequence) == (None, (), 0)
    assert made().copy.transaction_id is None


def test_a_new_series_without_some_dates() -> None:
    change = made(recurrence=DAILY, deleted=(SECOND,))
    assert (change.revision.recurrence, change.revision.excluded) == (DAILY, (SECOND,))
    assert (change.meeting.deleted, change.excluded) == ((SECOND,), ())


TUESDAYS = rule("FREQ=WEEKLY;BYDAY=TU;COUNT=2")


@pytest.mark.parametrize("way", ["created", "made of a single one", "restored as one"])
def test_a_series_begins_on_the_first_date_of_its_pattern(way: str) -> None:
    if way == "created":
        change = made(recurrence=TUESDAYS)
    elif way == "restored as one":
        off, _ = cancel(organizers(single()), None, now=NOW)
        change = restore(off, None, EventDraft(recurrence=TUESDAYS), now=NOW)
    else:
        change = revised(single(), recurrence=TUESDAYS)
    assert (change.new.start, change.new.end) == (at("2027-01-05T10:00"), at("2027-01-05T11:00"))


def test_a_pattern_without_any_date_is_refused() -> None:
    never = rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")
    with pytest.raises(InvalidRecurrence):
        made(recurrence=never)


def test_a_pattern_that_contradicts_itself_is_refused() -> None:
    both = Recurrence((Rule(freq=Freq.DAILY, count=2, until=END.wall),))
    with pytest.raises(InvalidRecurrence, match="not by both"):
        made(recurrence=both)


# --- called off, and back -----------------------------------------------------------------


def test_a_meeting_is_called_off() -> None:
    copy, message = cancel(organizers(series(exceptions={SECOND: on(5, subject="Special")})), None, now=NOW)
    assert message == Cancel(uid="u-1", sequence=3, dtstamp=NOW)
    assert (copy.sequence, copy.dtstamp, copy.modified) == (3, NOW, NOW)
    assert (copy.revision.sequence, copy.revision.dtstamp) == (3, NOW)
    meeting = compose(copy)
    assert (meeting.event.status, meeting.exceptions[SECOND].status) == (Status.CANCELLED,) * 2
    assert meeting.exceptions[SECOND].subject == "Special"


def test_one_date_is_called_off_as_by_an_exdate() -> None:
    before = organizers(
        series(exceptions={SECOND: on(5, subject="Special"), THIRD: on(6, subject="Other")}, excluded=(FOURTH,)),
        dates={SECOND: Private(categories=("Red",)), THIRD: Private()},
    )
    copy, message = cancel(before, SECOND, now=NOW)
    assert message == Cancel(uid="u-1", sequence=3, dtstamp=NOW, recurrence_id=SECOND)
    assert (copy.revision.excluded, {*copy.revision.exceptions}, {*copy.dates}) == ((SECOND, FOURTH), {THIRD}, {THIRD})
    assert compose(copy).event.status is Status.CONFIRMED
    by_exdate = revise(before, None, EventDraft(recurrence=DAILY, deleted=(SECOND, FOURTH)), now=NOW)
    assert (by_exdate.revision, by_exdate.copy.dates) == (copy.revision, copy.dates)


@pytest.mark.parametrize(
    ("draft", "status"),
    [
        pytest.param({}, Status.CONFIRMED, id="not said"),
        pytest.param({"status": None}, Status.CONFIRMED, id="null"),
        pytest.param({"status": Status.TENTATIVE}, Status.TENTATIVE, id="as asked"),
    ],
)
def test_what_was_called_off_takes_place_again_and_everybody_is_asked(draft: dict[str, Any], status: Status) -> None:
    exceptions = {SECOND: on(5, subject="Special")}
    off, _ = cancel(organizers(series(exceptions=exceptions, excluded=(THIRD,))), None, now=NOW)
    change = restore(off, None, EventDraft(subject="Again", **draft), now=NOW)
    assert (change.kind, change.audience, change.recurrence_id) == (FULL, EVERYBODY, None)
    assert (change.revision.sequence, change.revision.reset_sequence) == (4, 4)
    assert change.copy.sequence == 4
    meeting = change.meeting
    assert (meeting.event.status, meeting.event.subject) == (status, "Again")
    assert (meeting.exceptions[SECOND].status, meeting.exceptions[SECOND].subject) == (status, "Special")
    assert meeting.deleted == (THIRD,)
    assert change.new.status is status


def test_one_date_takes_place_again() -> None:
    before = organizers(series(excluded=(SECOND, THIRD), reset_sequence=1, resets={FOURTH: 2}))
    change = restore(before, SECOND, EventDraft(), now=NOW)
    assert (change.kind, change.audience, change.recurrence_id) == (FULL, EVERYBODY, SECOND)
    assert (change.revision.sequence, change.revision.reset_sequence) == (3, 1)
    assert change.revision.resets == {SECOND: 3, FOURTH: 2}
    assert change.revision.excluded == (THIRD,)
    assert change.new.start == at("2027-01-05T10:00")
    assert compose(change.copy).exceptions[SECOND].status is Status.CONFIRMED


def test_one_date_is_back_as_it_is_asked_and_the_others_stay_as_they_are() -> None:
    before = organizers(series(excluded=(SECOND,), exceptions={THIRD: on(6, subject="Special")}))
    later = {"start": at("2027-01-05T15:00"), "end": at("2027-01-05T16:00")}
    change = restore(before, SECOND, EventDraft(status=Status.TENTATIVE, **later), now=NOW)
    meeting = change.meeting
    assert (meeting.exceptions[SECOND].status, meeting.exceptions[SECOND].start) == (Status.TENTATIVE, later["start"])
    assert (meeting.event.status, meeting.exceptions[THIRD].status) == (Status.CONFIRMED,) * 2
    assert (meeting.event.start, meeting.exceptions[THIRD].subject) == (BEGIN, "Special")


def test_a_single_meeting_is_back_at_another_time() -> None:
    off, _ = cancel(organizers(single()), None, now=NOW)
    change = restore(off, None, EventDraft(**NOON), now=NOW)
    assert (change.new.start, change.new.status, change.revision.reset_sequence) == (NOON["start"], Status.CONFIRMED, 4)


def test_what_is_back_may_have_other_guests() -> None:
    off, _ = cancel(organizers(single()), None, now=NOW)
    change = restore(off, None, EventDraft(attendees=listed("bob", "dave")), now=NOW)
    assert (names(change.added), names(change.removed)) == (["dave"], ["carol"])


def test_what_is_back_at_another_time_begins_anew() -> None:
    copy = organizers(series(exceptions={SECOND: on(5, subject="Special")}, excluded=(THIRD,)))
    off, _ = cancel(copy, None, now=NOW)
    change = restore(off, None, EventDraft(**NOON), now=NOW)
    assert (change.revision.exceptions, change.revision.excluded) == ({}, ())
    assert change.revision.recurrence == DAILY
    weekly = restore(off, None, EventDraft(recurrence=WEEKLY, deleted=("20270111T100000",)), now=NOW).revision
    assert (weekly.recurrence, weekly.excluded) == (WEEKLY, ("20270111T100000",))


def test_a_date_the_series_never_had_cannot_be_back() -> None:
    with pytest.raises(ItemNotFound):
        restore(organizers(series()), ELSEWHEN, EventDraft(), now=NOW)


# --- crossing -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "is_refused"),
    [
        pytest.param("2027-01-05T14:00", "2027-01-05T15:00", False, id="within its day"),
        pytest.param("2027-01-04T11:00", "2027-01-04T12:00", False, id="right after the one before"),
        pytest.param("2027-01-04T10:59", "2027-01-04T12:00", True, id="into the one before"),
        pytest.param("2027-01-04T08:00", "2027-01-04T09:00", True, id="over the one before"),
        pytest.param("2027-01-06T09:00", "2027-01-06T10:00", False, id="right before the one after"),
        pytest.param("2027-01-06T09:01", "2027-01-06T10:01", True, id="into the one after"),
        pytest.param("2027-01-07T12:00", "2027-01-07T13:00", True, id="over the one after"),
    ],
)
def test_an_occurrence_does_not_cross_its_neighbours(start: str, end: str, is_refused: bool) -> None:
    copy = organizers(series())
    change = revise(copy, SECOND, EventDraft(start=at(start), end=at(end)), now=NOW)
    if not is_refused:
        refuse_crossing(compose(copy), change)
        return
    with pytest.raises(OccurrenceCrossing):
        refuse_crossing(compose(copy), change)


@pytest.mark.parametrize(
    ("meeting", "rid", "draft"),
    [
        pytest.param(series(), None, NOON, id="a series as a whole"),
        pytest.param(series(), SECOND, {"subject": "Special"}, id="words"),
        pytest.param(series(), FIRST, {"start": at("2026-12-01T10:00"), "end": at("2026-12-01T11:00")}, id="the first"),
        pytest.param(series(), FOURTH, {"start": at("2027-02-01T10:00"), "end": at("2027-02-01T11:00")}, id="the last"),
        pytest.param(
            series(excluded=(FIRST,)),
            SECOND,
            {"start": at("2027-01-03T10:00"), "end": at("2027-01-03T11:00")},
            id="over one that does not take place",
        ),
        pytest.param(
            series(exceptions={FIRST: on(4, 8)}),
            SECOND,
            {"start": at("2027-01-04T10:00"), "end": at("2027-01-04T11:00")},
            id="where its neighbour has left",
        ),
        pytest.param(
            series(event=component(end=at("2027-01-05T12:00"))),
            SECOND,
            {"start": at("2027-01-05T10:30"), "end": at("2027-01-06T12:00")},
            id="what overlaps in the pattern",
        ),
        pytest.param(
            series(event=component(end=at("2027-01-05T12:00")), exceptions={SECOND: on(5, 16)}),
            SECOND,
            {"start": at("2027-01-05T10:00"), "end": at("2027-01-06T12:00")},
            id="back to where it overlaps in the pattern",
        ),
    ],
)
def test_what_is_no_crossing(meeting: Revision, rid: str | None, draft: dict[str, Any]) -> None:
    copy = organizers(meeting)
    refuse_crossing(compose(copy), revise(copy, rid, EventDraft(**draft), now=NOW))


# --- what is private to the organizer -----------------------------------------------------


@pytest.mark.parametrize("rid", [None, SECOND], ids=["of the whole", "of one date"])
@pytest.mark.parametrize("name", PRIVATE)
def test_what_is_private_stays_in_the_own_part(name: str, rid: str | None) -> None:
    before = organizers(series())
    change = revise(before, rid, EventDraft(**{name: PRIVATE[name]}), now=NOW)
    assert getattr(change.copy.private(rid), name) == PRIVATE[name]
    assert change.revision is before.revision
    assert (SECOND in change.copy.dates) is (rid is not None)


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
