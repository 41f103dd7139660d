"""Cancellations and answers come into a mailbox: what is marked, what comes back, and which answer counts.

The rules are those of RFC 5546 2.1.4, 2.1.5, 3.2.3 and 3.2.5, as docs/meetings.md has them.
"""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import Copy, Overlay, Private, Response
from rsvpd.calendar.event import Answer, CommentReaders, ShowAs, Status
from rsvpd.calendar.revision import Revision
from rsvpd.calendar.series import component as event_of
from rsvpd.calendar.series import occurrence
from rsvpd.mail.content import Body
from rsvpd.mail.message import RequestKind, TimeSlot
from rsvpd.scheduling.itip import Cancel, InvitedDates, Reply
from rsvpd.scheduling.receive import on_cancel, on_reply
from support.meetings import (
    BOB,
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
    on,
    organizers,
    received,
    reworded,
    rule,
    series,
    single,
)

FULL, INFORMATIONAL, NEW = RequestKind.FULL, RequestKind.INFORMATIONAL, RequestKind.NEW
NONE, ACCEPTED, TENTATIVE, DECLINED = Answer.NONE, Answer.ACCEPTED, Answer.TENTATIVE, Answer.DECLINED


# --- cancellations --------------------------------------------------------------------------

ONCE = rule("FREQ=DAILY;COUNT=1")
MONDAYS_AND_TUESDAYS = rule("FREQ=WEEKLY;BYDAY=MO,TU;COUNT=4")  # the first and the second among them
OFF = Cancel(uid="u-1", sequence=3, dtstamp=LATER)
ONE_OFF = Cancel(uid="u-1", sequence=3, dtstamp=LATER, recurrence_id=SECOND)
CAROL_SAID = {"carol@example.com": Response(answer=ACCEPTED, answered=5)}


@pytest.mark.parametrize("said", [NONE, ACCEPTED, TENTATIVE, DECLINED])
def test_what_was_called_off_stays_marked_and_is_free(said: Answer) -> None:
    stored = bobs(single(), held(said, show_as=ShowAs.OOF, categories=("Red",)))
    copy = on_cancel(stored, OFF, NOW, last_seen={"": CAROL_SAID})
    assert copy is not None
    assert (copy.sequence, copy.dtstamp, copy.modified) == (3, LATER, NOW)
    event = compose(copy).event
    assert (event.subject, event.status, event.show_as) == ("Canceled: Plans", Status.CANCELLED, ShowAs.FREE)
    assert (event.answer, event.categories) == (said, ("Red",))
    assert [one.answer for one in event.attendees] == [NONE, ACCEPTED]  # as they were seen last


def test_a_date_that_its_owner_removed_does_not_come_back_called_off() -> None:
    stored = bobs(series(exceptions={THIRD: on(6, subject="Special")}), held(ACCEPTED), removed=(THIRD,))
    copy = on_cancel(stored, OFF, NOW, last_seen={"": CAROL_SAID, THIRD: CAROL_SAID})
    assert copy is not None
    assert compose(copy).deleted == (THIRD,)
    assert THIRD not in compose(copy).exceptions


def test_a_series_is_called_off_with_all_its_dates() -> None:
    meeting = series(exceptions={THIRD: on(6, subject="Special")})
    stored = bobs(meeting, held(ACCEPTED, show_as=ShowAs.OOF), dates={SECOND: held(DECLINED, show_as=ShowAs.OOF)})
    seen = {"": CAROL_SAID, THIRD: {"carol@example.com": Response(answer=DECLINED)}, FOURTH: CAROL_SAID}
    copy = on_cancel(stored, OFF, NOW, last_seen=seen)
    assert copy is not None
    off = compose(copy)
    for rid, subject, answer in (
        (None, "Canceled: Plans", ACCEPTED),
        (FIRST, "Canceled: Plans", ACCEPTED),
        (SECOND, "Canceled: Plans", ACCEPTED),
        (THIRD, "Canceled: Special", DECLINED),
    ):
        event = event_of(off, rid)
        assert (event.status, event.show_as, event.subject) == (Status.CANCELLED, ShowAs.FREE, subject)
        assert event.attendees[1].answer is answer
    assert {*copy.dates} == {SECOND, THIRD}


def test_one_date_is_called_off_alone_and_stays_as_it_was_told() -> None:
    meeting = series(exceptions={SECOND: on(5, 14, subject="Special")})
    stored = bobs(meeting, held(ACCEPTED), dates={SECOND: held(TENTATIVE, show_as=ShowAs.OOF)})
    copy = on_cancel(stored, ONE_OFF, NOW, last_seen={SECOND: CAROL_SAID})
    assert copy is not None
    there, off = event_of(compose(copy), FIRST), event_of(compose(copy), SECOND)
    assert there.status is Status.CONFIRMED
    assert (off.status, off.subject, off.show_as) == (Status.CANCELLED, "Canceled: Special", ShowAs.FREE)
    assert (off.answer, off.start, off.attendees[1].answer) == (TENTATIVE, at("2027-01-05T14:00"), ACCEPTED)
    # What comes later of the series says nothing of it.
    later = received(copy, reworded(meeting, exceptions={}, excluded=(SECOND,), sequence=3), INFORMATIONAL)
    event = event_of(compose(later), SECOND)
    assert (event.subject, event.start) == ("Canceled: Special", at("2027-01-05T14:00"))
    assert event_of(compose(later), FIRST).subject == "Lunch"


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param(bobs(series(excluded=(SECOND,))), id="that does not take place"),
        pytest.param(bobs(series(), removed=(SECOND,)), id="that its owner removed"),
        pytest.param(bobs(series(), invited_to=(THIRD,)), id="to which its owner is not invited"),
    ],
)
def test_a_cancellation_of_a_date_is_known_and_marks_nothing(stored: Copy) -> None:
    copy = on_cancel(stored, ONE_OFF, NOW)
    assert copy is not None
    assert (copy.sequence, copy.dtstamp, copy.dates) == (3, LATER, {})


def test_called_off_twice_is_once() -> None:
    once = on_cancel(bobs(series()), ONE_OFF, NOW, last_seen={SECOND: CAROL_SAID})
    twice = on_cancel(once, replace(ONE_OFF, sequence=4), NOW)
    assert once is not None
    assert twice is not None
    assert twice.dates == once.dates
    assert event_of(compose(twice), SECOND).subject == "Canceled: Plans"


@pytest.mark.parametrize("cancel", [OFF, ONE_OFF], ids=["the whole", "one date"])
@pytest.mark.parametrize(
    ("overlay", "subject"),
    [
        pytest.param(Overlay(subject="Mine"), "Canceled: Mine", id="with the owner's subject"),
        pytest.param(Overlay(body=Body("Notes")), "Canceled: Plans", id="with the owner's notes"),
        pytest.param(None, "Canceled: Plans", id="as it was"),
    ],
)
def test_how_it_is_named(cancel: Cancel, overlay: Overlay | None, subject: str) -> None:
    dates = {SECOND: Private(overlay=overlay)} if cancel.recurrence_id else {}
    stored = bobs(series(), Private(overlay=None if dates else overlay), dates=dates)
    once = on_cancel(stored, cancel, NOW)
    for copy in (once, on_cancel(once, replace(cancel, sequence=4), NOW)):
        assert copy is not None
        assert event_of(compose(copy), cancel.recurrence_id).subject == subject


@pytest.mark.parametrize(
    ("kind", "is_back"), [(INFORMATIONAL, False), (FULL, True), (NEW, True)], ids=["words", "asked again", "invited"]
)
@pytest.mark.parametrize("meeting", [single(), series()], ids=["single", "series"])
def test_what_was_called_off_is_back_once_it_is_asked_for(
    meeting: Revision, kind: RequestKind, is_back: bool
) -> None:
    off = on_cancel(bobs(meeting, held(ACCEPTED)), OFF, NOW)
    copy = received(off, reworded(meeting, sequence=4), kind)
    event = compose(copy).event
    assert (event.status is Status.CONFIRMED) is is_back
    assert event.answer is (NONE if is_back else ACCEPTED)
    assert event.subject == ("Lunch" if is_back else "Canceled: Lunch")


def test_who_left_a_series_and_is_invited_to_one_date_has_that_date_alone() -> None:
    off = on_cancel(bobs(series(), held(ACCEPTED)), OFF, NOW)
    copy = received(off, reworded(series(), sequence=4), NEW, THIRD, invited=InvitedDates(to=(THIRD,)))
    meeting = compose(copy)
    assert {rid: (one.status, one.answer) for rid, one in meeting.exceptions.items()} == {
        THIRD: (Status.CONFIRMED, NONE)
    }


def test_who_had_single_dates_of_what_was_called_off_and_is_invited_to_another_has_that_one() -> None:
    off = on_cancel(bobs(series(), held(ACCEPTED), invited_to=(SECOND,)), OFF, NOW)
    sent = reworded(series(), excluded=(SECOND,), sequence=4)
    copy = received(off, sent, NEW, THIRD, invited=InvitedDates(to=(THIRD,)))
    assert {rid: one.status for rid, one in compose(copy).exceptions.items()} == {
        SECOND: Status.CANCELLED,
        THIRD: Status.CONFIRMED,
    }


@pytest.mark.parametrize(
    ("sent", "kind", "rid", "stands"),
    [
        pytest.param(reworded(series(), excluded=(SECOND,)), INFORMATIONAL, None, "off", id="words: it stays off"),
        pytest.param(reworded(series(), excluded=(SECOND,)), FULL, THIRD, "off", id="another date is asked for"),
        pytest.param(reworded(series()), FULL, SECOND, "on", id="it is asked for"),
        pytest.param(reworded(series(), excluded=(SECOND,)), FULL, None, "gone", id="the rest is asked for"),
        pytest.param(reworded(series()), FULL, None, "on", id="the whole is asked for with it"),
        pytest.param(reworded(series(), recurrence=ONCE), INFORMATIONAL, None, "gone", id="it ends before"),
        pytest.param(
            reworded(series(), recurrence=MONDAYS_AND_TUESDAYS, excluded=(SECOND,)),
            INFORMATIONAL,
            None,
            "gone",
            id="another pattern with it",
        ),
        pytest.param(
            reworded(series(), recurrence=ONCE, excluded=(SECOND,)), INFORMATIONAL, None, "gone", id="it ended before"
        ),
    ],
)
def test_what_becomes_of_a_date_that_was_called_off(
    sent: Revision, kind: RequestKind, rid: str | None, stands: str
) -> None:
    off = on_cancel(bobs(series(), held(ACCEPTED)), ONE_OFF, NOW)
    found = occurrence(compose(received(off, replace(sent, sequence=4), kind, rid)), SECOND)
    status = found.event.status if found else None
    assert status is {"off": Status.CANCELLED, "on": Status.CONFIRMED, "gone": None}[stands]


def test_a_single_date_that_was_called_off_stays_in_a_partial_copy() -> None:
    stored = bobs(series(), held(ACCEPTED), invited_to=(SECOND, THIRD))
    off = on_cancel(stored, ONE_OFF, NOW)
    invited = InvitedDates(to=(THIRD,))
    copy = received(off, reworded(series(), excluded=(SECOND,), sequence=3), INFORMATIONAL, invited=invited)
    meeting = compose(copy)
    assert {rid: one.status for rid, one in meeting.exceptions.items()} == {
        SECOND: Status.CANCELLED,
        THIRD: Status.CONFIRMED,
    }


def test_a_single_date_that_was_called_off_stays_so_when_another_is_asked_for() -> None:
    """The owner deleted the rest of the series, and that date has a guest list of its own now, without the owner."""
    off = on_cancel(bobs(series(), held(ACCEPTED), invited_to=(SECOND,)), ONE_OFF, NOW)
    sent = reworded(series(), exceptions={SECOND: on(5, guests=guests(CAROL))}, sequence=4)
    copy = received(off, sent, FULL, THIRD, invited=InvitedDates(without=(SECOND,)))
    assert {rid: (one.status, one.answer) for rid, one in compose(copy).exceptions.items()} == {
        SECOND: (Status.CANCELLED, ACCEPTED),
        THIRD: (Status.CONFIRMED, NONE),
    }


# --- replies --------------------------------------------------------------------------------

NOON = TimeSlot(at("2027-01-04T12:00"), at("2027-01-04T13:00"))
KNOWN = Response(answer=TENTATIVE, answered=LATER, sequence=2, dtstamp=LATER, name="Bob", comment="Maybe", guests=1)


def reply(said: Answer = ACCEPTED, rid: str | None = None, **more: Any) -> Reply:
    usual: dict[str, Any] = {"sequence": 2, "dtstamp": LATER}
    return Reply(
        uid="u-1", attendee="Bob@example.com", name="Bob", answer=said, recurrence_id=rid, **(usual | more)
    )


def tracked(revision: Revision, known: Response | None, said: Reply) -> Response | None:
    return on_reply(compose(organizers(revision)), revision, known, said)


@pytest.mark.parametrize("said", [ACCEPTED, TENTATIVE, DECLINED])
@pytest.mark.parametrize("known", [None, replace(KNOWN, dtstamp=SENT)], ids=["the first", "another"])
def test_what_an_answer_says_is_known(said: Answer, known: Response | None) -> None:
    words: dict[str, Any] = {"comment": "Gladly", "comment_readers": CommentReaders.GUESTS, "guests": 3}
    assert tracked(single(), known, reply(said, **words, proposal=NOON)) == Response(
        answer=said,
        answered=LATER,
        sequence=2,
        dtstamp=LATER,
        comment="Gladly",
        comment_readers=CommentReaders.GUESTS,
        guests=3,
        name="Bob",
        proposal=(NOON.start, NOON.end),
    )


def test_an_answer_without_a_proposal_takes_the_old_one_back() -> None:
    known = replace(KNOWN, dtstamp=SENT, proposal=(NOON.start, NOON.end))
    response = tracked(single(), known, reply())
    assert response is not None
    assert (response.proposal, response.comment, response.guests) == (None, "", 0)


def test_an_answer_that_is_taken_back_is_none() -> None:
    response = tracked(single(), replace(KNOWN, dtstamp=SENT), reply(NONE))
    assert response is not None
    assert (response.answer, response.answered, response.dtstamp) == (NONE, 0, LATER)


@pytest.mark.parametrize(
    ("sequence", "dtstamp", "counts"),
    [
        pytest.param(3, SENT, True, id="to a later revision, whenever it was given"),
        pytest.param(2, LATER + TICK, True, id="to the same revision, later"),
        pytest.param(2, LATER, True, id="to the same revision, at the same time"),
        pytest.param(2, LATER - TICK, False, id="to the same revision, earlier"),
        pytest.param(1, LATER + TICK, False, id="to an earlier revision, whenever it was given"),
    ],
)
def test_the_latest_answer_counts_by_sequence_then_stamp(sequence: int, dtstamp: int, counts: bool) -> None:
    response = tracked(single(sequence=3), KNOWN, reply(DECLINED, sequence=sequence, dtstamp=dtstamp))
    assert (response is not None) is counts


def test_the_same_answer_once_more_changes_nothing() -> None:
    first = tracked(single(), None, reply())
    assert tracked(single(), first, reply()) is None


BOB_ON_SECOND = series(event=component(guests=guests(CAROL)), exceptions={SECOND: on(5)})
LATECOMERS = component(guests=(*guests(BOB, since=2), *guests(CAROL)))


@pytest.mark.parametrize(
    ("revision", "rid", "sequence", "counts"),
    [
        pytest.param(single(sequence=5, reset_sequence=3), None, 3, True, id="since it moved"),
        pytest.param(single(sequence=5, reset_sequence=3), None, 2, False, id="before it moved"),
        pytest.param(series(sequence=5, reset_sequence=3), SECOND, 2, False, id="to a date, before all of it moved"),
        pytest.param(series(sequence=5, resets={SECOND: 4}), SECOND, 3, False, id="before that date moved"),
        pytest.param(series(sequence=5, resets={SECOND: 4}), SECOND, 4, True, id="since that date moved"),
        pytest.param(series(sequence=5, resets={SECOND: 4}), THIRD, 3, True, id="another date moved"),
        pytest.param(series(sequence=5, resets={SECOND: 4}), None, 3, True, id="to the whole, one date moved"),
        pytest.param(single(event=LATECOMERS, sequence=5), None, 1, False, id="before one left and came back"),
        pytest.param(single(event=LATECOMERS, sequence=5), None, 2, True, id="since one came back"),
        pytest.param(single(event=component(guests=guests(CAROL))), None, 2, False, id="who is not on the list"),
        pytest.param(
            series(exceptions={SECOND: on(5, guests=guests(CAROL))}), SECOND, 2, False, id="who is not on that date's"
        ),
        pytest.param(BOB_ON_SECOND, SECOND, 2, True, id="on that date's alone"),
        pytest.param(BOB_ON_SECOND, None, 2, True, id="to all there is"),
        pytest.param(
            series(event=LATECOMERS, exceptions={SECOND: on(5)}, sequence=5), None, 1, True, id="on a date all along"
        ),
        pytest.param(series(), ELSEWHEN, 2, False, id="to no date of it"),
        pytest.param(series(excluded=(SECOND,)), SECOND, 2, False, id="to a date that does not take place"),
    ],
)
def test_which_answers_count(revision: Revision, rid: str | None, sequence: int, counts: bool) -> None:
    assert (tracked(revision, None, reply(rid=rid, sequence=sequence)) is not None) is counts
