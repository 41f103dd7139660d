"""The organizer makes a meeting, calls it off, strikes out dates and lets them take place again."""

from __future__ import annotations

from typing import Any

import pytest

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import Private
from rsvpd.calendar.draft import AttendeeDraft, EventDraft
from rsvpd.calendar.event import Answer, Status
from rsvpd.calendar.revision import Revision
from rsvpd.calendar.rule import Freq, Recurrence, Rule
from rsvpd.calendar.series import occurrence
from rsvpd.errors import InvalidRecurrence, ItemNotFound, OccurrenceCrossing
from rsvpd.mail.message import RequestKind
from rsvpd.scheduling.itip import Cancel
from rsvpd.scheduling.plan import (
    Audience,
    Change,
    cancel,
    create,
    refuse_crossing,
    request_for_restored_date,
    restore,
    revise,
)
from support.meetings import (
    ALICE,
    BEGIN,
    DAILY,
    ELSEWHEN,
    END,
    FIRST,
    FOURTH,
    NOW,
    SECOND,
    SENT,
    THIRD,
    at,
    component,
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
LONGER, SHORTER = rule("FREQ=DAILY;COUNT=6"), rule("FREQ=DAILY;COUNT=3")
WEEKLY = rule("FREQ=WEEKLY;COUNT=4")


def revised(revision: Revision, rid: str | None = None, **draft: Any) -> Change:
    return revise(organizers(revision), rid, EventDraft(**draft), now=NOW)


# --- dates that do not take place ---------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "deleted", "excluded", "restored", "raised"),
    [
        pytest.param((), (SECOND,), (SECOND,), (), 1, id="one is struck out"),
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
    asked = request_for_restored_date(change, SECOND)
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


def test_a_series_that_begins_on_its_pattern_has_its_times_as_they_were_written() -> None:
    within_the_gap = at("2027-03-28T02:30")  # RFC 5545 3.3.5: the same instant as half past three
    assert made(start=at("2027-03-28T01:30"), end=within_the_gap, recurrence=DAILY).new.end == within_the_gap


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


def test_a_date_of_a_tentative_series_is_back_as_confirmed_where_nothing_else_is_said() -> None:
    # Google: Events, status: "confirmed" is the default.
    tentative = series(event=component(status=Status.TENTATIVE), excluded=(SECOND,))
    change = restore(organizers(tentative), SECOND, EventDraft(), now=NOW)
    assert (change.new.status, change.meeting.event.status) == (Status.CONFIRMED, Status.TENTATIVE)


def test_a_single_meeting_is_back_at_another_time() -> None:
    off, _ = cancel(organizers(single()), None, now=NOW)
    change = restore(off, None, EventDraft(**NOON), now=NOW)
    assert (change.new.start, change.new.status, change.revision.reset_sequence) == (NOON["start"], Status.CONFIRMED, 4)


def test_what_is_back_may_have_other_guests() -> None:
    off, _ = cancel(organizers(single()), None, now=NOW)
    change = restore(off, None, EventDraft(attendees=listed("bob", "dave")), now=NOW)
    assert (names(change.added), names(change.removed)) == (["dave"], ["carol"])
    assert change.old is not None
    assert change.old.status is Status.CONFIRMED  # what carol leaves takes place


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


NOONTIME = "20270105T120000"
BESIDE = series(excluded=(SECOND,), exceptions={NOONTIME: on(5, 12)})


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
@pytest.mark.parametrize("is_of_pattern", [True, False], ids=["of the pattern", "beside it"])
def test_an_occurrence_does_not_cross_its_neighbours(
    start: str, end: str, is_refused: bool, is_of_pattern: bool
) -> None:
    # Mail brings dates that the rules do not yield.
    meeting, rid = (series(), SECOND) if is_of_pattern else (BESIDE, NOONTIME)
    copy = organizers(meeting)
    change = revise(copy, rid, EventDraft(start=at(start), end=at(end)), now=NOW)
    if not is_refused:
        refuse_crossing(compose(copy), change)
        return
    with pytest.raises(OccurrenceCrossing):
        refuse_crossing(compose(copy), change)


# As Google moves them.
OVER_FIRST = series(exceptions={SECOND: on(4, 9)})
OVER_THIRD = series(exceptions={SECOND: component(start=at("2027-01-05T10:00"), end=at("2027-01-06T10:30"))})


@pytest.mark.parametrize(
    ("meeting", "rid", "draft"),
    [
        pytest.param(series(), None, NOON, id="a series as a whole"),
        pytest.param(series(), SECOND, {"subject": "Special"}, id="words"),
        pytest.param(OVER_FIRST, SECOND, {"subject": "Special"}, id="words of what crosses already"),
        pytest.param(OVER_THIRD, SECOND, {"subject": "Special"}, id="words of what lasts into the next"),
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
