"""An attendee answers: what the own copy becomes, what the organizer is told, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import CalledOff, Copy, Private
from rsvpd.calendar.event import Answer, CommentReaders, ShowAs, State
from rsvpd.calendar.revision import Revision
from rsvpd.errors import (
    CommentWithoutResponse,
    DomainError,
    ItemNotFound,
    MeetingIsCancelled,
    OrganizerCannotRespond,
    ProposalNotAllowed,
    ProposalWithoutResponse,
    ResponseNotRequested,
)
from rsvpd.hints import Hint, HintCode
from rsvpd.mail.message import TimeSlot
from rsvpd.scheduling.answer import Answered, Given, Tell, answer
from rsvpd.scheduling.itip import Reply
from support.meetings import (
    BEGIN,
    BOB,
    ELSEWHEN,
    END,
    NOW,
    SECOND,
    SENT,
    THIRD,
    TICK,
    at,
    bobs,
    component,
    organizers,
    series,
    single,
)

NONE, ACCEPTED, TENTATIVE, DECLINED = Answer.NONE, Answer.ACCEPTED, Answer.TENTATIVE, Answer.DECLINED
NOBODY, TRACKING, OUTSIDE, MESSAGE = Tell.NOBODY, Tell.TRACKING, Tell.OUTSIDE, Tell.MESSAGE
NOON = TimeSlot(at("2027-01-04T12:00"), at("2027-01-04T13:00"))
EARLIER = SENT + 60 * TICK


def held(said: Answer, **more: Any) -> Private:
    """Return an own part that was answered so, and told."""
    stamps = {"answered": EARLIER, "reply_dtstamp": EARLIER}
    usual = {"answer": said, "organizer_knows": True, **stamps} if said is not NONE else {}
    return Private(**(usual | more))


def off(said: Answer = NONE) -> Private:
    return held(said, called_off=CalledOff())


def answered(copy: Copy, said: Answer, rid: str | None = None, *, now: int = NOW, **more: Any) -> Answered:
    """Return what comes of bob saying so."""
    return answer(copy, State.LIVE, rid, Given(answer=said, **more), BOB, now)


# --- the own copy --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "shown", "state"),
    [
        pytest.param(ACCEPTED, ShowAs.OOF, State.LIVE, id="accepted as the organizer asked"),
        pytest.param(TENTATIVE, ShowAs.TENTATIVE, State.LIVE, id="tentative as tentative"),
        pytest.param(DECLINED, ShowAs.FREE, State.DECLINED, id="declined is free and leaves the calendar"),
    ],
)
@pytest.mark.parametrize("before", [NONE, ACCEPTED, TENTATIVE, DECLINED], ids=lambda one: f"after {one.value}")
def test_what_an_answer_makes_of_the_copy(before: Answer, said: Answer, shown: ShowAs, state: State) -> None:
    meeting = single(event=component(show_as=ShowAs.OOF))
    # What the owner chose before goes with the answer.
    done = answered(bobs(meeting, held(before, show_as=ShowAs.BUSY)), said, comment="Gladly")
    event = compose(done.copy).event
    assert (event.answer, event.answered, event.comment, event.organizer_knows) == (said, NOW, "Gladly", True)
    assert (event.show_as, done.state, done.changed) == (shown, state, True)
    assert done.copy.modified == NOW


@pytest.mark.parametrize(
    ("copy", "rid", "state"),
    [
        pytest.param(bobs(series()), None, State.DECLINED, id="a whole series"),
        pytest.param(bobs(series()), SECOND, State.LIVE, id="one date of it"),
        pytest.param(bobs(series(), held(DECLINED), dates={SECOND: held(ACCEPTED)}), SECOND, State.DECLINED, id="last"),
        pytest.param(bobs(series(), invited_to=(SECOND,)), SECOND, State.DECLINED, id="the only date there is"),
        pytest.param(bobs(series(), invited_to=(SECOND, THIRD)), SECOND, State.LIVE, id="one of two single dates"),
    ],
)
def test_a_series_leaves_the_calendar_with_the_last_of_its_dates(copy: Copy, rid: str | None, state: State) -> None:
    assert answered(copy, DECLINED, rid).state is state


def test_a_date_of_a_declined_series_that_is_accepted_is_back_alone() -> None:
    done = answered(bobs(series(), held(DECLINED)), ACCEPTED, SECOND)
    meeting = compose(done.copy)
    assert done.state is State.LIVE
    assert (meeting.event.answer, meeting.exceptions[SECOND].answer) == (DECLINED, ACCEPTED)
    assert meeting.exceptions[SECOND].show_as is ShowAs.BUSY


def test_an_answer_to_a_series_is_one_to_every_date() -> None:
    dates = {SECOND: held(DECLINED, comment="Away", categories=("Red",)), THIRD: held(TENTATIVE, guests=2)}
    done = answered(bobs(series(), dates=dates), ACCEPTED, comment="All of it", guests=1)
    for private in (done.copy.own, *done.copy.dates.values()):
        assert (private.answer, private.comment, private.guests) == (ACCEPTED, "All of it", 1)
        assert (private.answered, private.organizer_knows) == (NOW, True)
    assert done.copy.dates[SECOND].categories == ("Red",)


def test_an_answer_to_one_date_leaves_the_others() -> None:
    before = bobs(series(), held(ACCEPTED, comment="Yes"), dates={THIRD: held(TENTATIVE)})
    done = answered(before, DECLINED, SECOND)
    assert (done.copy.own, done.copy.dates[THIRD]) == (before.own, before.dates[THIRD])
    assert done.copy.dates[SECOND].answer is DECLINED


def test_what_else_is_private_stays() -> None:
    mine = Private(categories=("Red",), reminder_minutes=5, residue={"google": {"colorId": "3"}})
    assert answered(bobs(single(), mine), ACCEPTED).copy.own.categories == ("Red",)
    kept = answered(bobs(single(), mine), ACCEPTED).copy.own
    assert (kept.reminder_minutes, kept.residue) == (5, {"google": {"colorId": "3"}})


@pytest.mark.parametrize(
    ("before", "given", "guests"),
    [
        pytest.param(2, {}, 2, id="not said: as before"),
        pytest.param(2, {"guests": 0}, 0, id="none any more"),
        pytest.param(0, {"guests": 3}, 3, id="three"),
    ],
)
def test_who_is_brought_along(before: int, given: dict[str, int], guests: int) -> None:
    done = answered(bobs(single(), held(ACCEPTED, guests=before)), TENTATIVE, **given)
    assert done.reply is not None
    assert (done.copy.own.guests, done.reply.guests) == (guests, guests)


@pytest.mark.parametrize(
    ("comment", "readers"),
    [
        pytest.param("Yes", CommentReaders.GUESTS, id="words for all who see the list"),
        pytest.param("", CommentReaders.ORGANIZER, id="no words are for nobody else"),
        pytest.param(None, CommentReaders.ORGANIZER, id="nothing said"),
    ],
)
def test_whom_words_are_for(comment: str | None, readers: CommentReaders) -> None:
    done = answered(bobs(single()), ACCEPTED, comment=comment, comment_readers=CommentReaders.GUESTS)
    assert done.reply is not None
    assert (done.copy.own.comment, done.copy.own.comment_readers) == (comment or "", readers)
    assert (done.reply.comment, done.reply.comment_readers) == (comment or "", readers)


def test_a_new_answer_takes_the_words_of_the_old_one_with_it() -> None:
    before = held(DECLINED, comment="Away", comment_readers=CommentReaders.GUESTS)
    own = answered(bobs(single(), before), ACCEPTED).copy.own
    assert (own.comment, own.comment_readers) == ("", CommentReaders.ORGANIZER)


def test_an_answer_that_is_taken_back_was_not_given() -> None:
    own = answered(bobs(single(), held(ACCEPTED)), NONE).copy.own
    assert (own.answer, own.answered, own.reply_dtstamp) == (NONE, 0, NOW)


# --- the same again ------------------------------------------------------------------------

YES = held(ACCEPTED, comment="Yes", guests=1)


@pytest.mark.parametrize(
    ("before", "given", "is_new"),
    [
        pytest.param(YES, {"comment": "Yes"}, False, id="the same"),
        pytest.param(YES, {"comment": "Yes", "guests": 1}, False, id="the same with as many"),
        pytest.param(YES, {"comment": "Yes", "guests": 2}, True, id="with more people"),
        pytest.param(YES, {"comment": "Oh yes"}, True, id="other words"),
        pytest.param(YES, {}, True, id="no words"),
        pytest.param(YES, {"comment": "Yes", "proposal": NOON}, True, id="with a proposal"),
        pytest.param(replace(YES, organizer_knows=False), {"comment": "Yes"}, True, id="never told before"),
        pytest.param(
            replace(YES, organizer_knows=False), {"comment": "Yes", "tell": TRACKING}, True, id="not told, now tracked"
        ),
        pytest.param(held(ACCEPTED, organizer_knows=False), {"tell": NOBODY}, False, id="told to nobody, twice"),
        pytest.param(held(ACCEPTED), {"tell": NOBODY}, False, id="told, then in silence"),
        pytest.param(held(ACCEPTED, answered=0), {}, True, id="never given before"),
    ],
)
def test_the_same_again_changes_nothing_and_tells_nobody(before: Private, given: dict[str, Any], is_new: bool) -> None:
    copy = bobs(single(), before)
    done = answered(copy, ACCEPTED, **given)
    assert done.changed is is_new
    if not is_new:
        assert done.copy is copy
        assert done.reply is None
        assert done.state is State.LIVE


@pytest.mark.parametrize(
    ("own", "tell", "is_new"),
    [
        pytest.param(Private(), MESSAGE, False, id="nothing said, and nothing now"),
        pytest.param(held(ACCEPTED), MESSAGE, True, id="taken back"),
    ],
)
def test_saying_nothing(own: Private, tell: Tell, is_new: bool) -> None:
    assert answered(bobs(single(), own), NONE, tell=tell).changed is is_new


@pytest.mark.parametrize(
    ("own", "dates", "rid", "given", "is_new"),
    [
        pytest.param(ACCEPTED, {SECOND: held(ACCEPTED)}, None, {}, False, id="all dates say so"),
        pytest.param(ACCEPTED, {SECOND: held(DECLINED)}, None, {}, True, id="one date was answered otherwise"),
        pytest.param(ACCEPTED, {SECOND: Private()}, None, {}, True, id="one date was asked for anew"),
        pytest.param(ACCEPTED, {SECOND: off(DECLINED)}, None, {}, False, id="that date was called off"),
        pytest.param(ACCEPTED, {SECOND: held(DECLINED)}, None, {"is_written_back": True}, False, id="written back"),
        pytest.param(DECLINED, {SECOND: held(DECLINED)}, None, {"is_written_back": True}, True, id="written, and new"),
        pytest.param(DECLINED, {SECOND: held(ACCEPTED)}, SECOND, {}, False, id="that date says so"),
        pytest.param(ACCEPTED, {}, SECOND, {}, False, id="the series says so"),
        pytest.param(ACCEPTED, {THIRD: held(DECLINED)}, SECOND, {}, False, id="another date does not matter"),
    ],
)
def test_the_same_of_a_series_is_the_same_of_all_its_dates(
    own: Answer, dates: dict[str, Private], rid: str | None, given: dict[str, Any], is_new: bool
) -> None:
    assert answered(bobs(series(), held(own), dates=dates), ACCEPTED, rid, **given).changed is is_new


# --- the reply -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tell", "by_mail", "is_sent", "is_told"),
    [
        pytest.param(NOBODY, False, False, False, id="nobody, organizer here"),
        pytest.param(NOBODY, True, False, False, id="nobody, organizer outside"),
        pytest.param(TRACKING, False, False, True, id="tracking alone, organizer here"),
        pytest.param(TRACKING, True, False, False, id="tracking alone, organizer outside"),
        pytest.param(OUTSIDE, False, False, True, id="messages outside alone, organizer here"),
        pytest.param(OUTSIDE, True, True, True, id="messages outside alone, organizer outside"),
        pytest.param(MESSAGE, False, True, True, id="a message, organizer here"),
        pytest.param(MESSAGE, True, True, True, id="a message, organizer outside"),
    ],
)
def test_who_learns_of_an_answer(tell: Tell, by_mail: bool, is_sent: bool, is_told: bool) -> None:
    given = Given(answer=ACCEPTED, tell=tell, by_mail=by_mail)
    assert (given.is_sent, given.is_told) == (is_sent, is_told)
    done = answer(bobs(single()), State.LIVE, None, given, BOB, NOW)
    assert (done.copy.own.organizer_knows, done.reply is not None) == (is_told, is_told)


@pytest.mark.parametrize("rid", [None, SECOND], ids=["of the whole", "of one date"])
def test_a_reply_names_the_revision_it_answers(rid: str | None) -> None:
    copy = bobs(series(sequence=9), sequence=7)
    more: dict[str, Any] = {"comment": "Yes", "guests": 2, "proposal": NOON}
    done = answered(copy, TENTATIVE, rid, **more)
    assert done.reply == Reply(
        uid="u-1",
        attendee="bob@example.com",
        name="Bob",
        answer=TENTATIVE,
        sequence=7,  # what bob was told, not what others were
        dtstamp=NOW,
        comment="Yes",
        guests=2,
        recurrence_id=rid,
        proposal=NOON,
    )


@pytest.mark.parametrize(
    ("own", "dates", "rid", "stamp"),
    [
        pytest.param({}, {}, None, NOW, id="the first"),
        pytest.param({"reply_dtstamp": NOW}, {}, None, NOW + TICK, id="the second within one second"),
        pytest.param({"reply_dtstamp": NOW + 9 * TICK}, {}, None, NOW + 10 * TICK, id="after a clock stepped back"),
        pytest.param({"answered": NOW}, {}, None, NOW + TICK, id="after one that is known by its time alone"),
        pytest.param({}, {"reply_dtstamp": NOW}, None, NOW + TICK, id="to the whole, after one to a date"),
        pytest.param({}, {"reply_dtstamp": NOW}, SECOND, NOW + TICK, id="to a date, after one to it"),
        pytest.param({}, {"reply_dtstamp": NOW}, THIRD, NOW, id="to another date"),
        pytest.param({"reply_dtstamp": NOW}, {}, SECOND, NOW + TICK, id="to a date, after one to the whole"),
    ],
)
def test_a_later_answer_has_a_later_stamp(
    own: dict[str, int], dates: dict[str, int], rid: str | None, stamp: int
) -> None:
    copy = bobs(series(), Private(**own), dates={SECOND: Private(**dates)} if dates else {})
    done = answered(copy, ACCEPTED, rid)
    assert done.reply is not None
    assert (done.reply.dtstamp, done.copy.private(rid).answered, done.copy.private(rid).reply_dtstamp) == (stamp,) * 3


# --- what is refused -----------------------------------------------------------------------

QUIET: dict[str, Any] = {"event": component(response_requested=False)}
FIXED: dict[str, Any] = {"event": component(allow_proposals=False)}


@pytest.mark.parametrize(
    ("copy", "rid", "given", "error"),
    [
        pytest.param(organizers(single()), None, {}, OrganizerCannotRespond, id="the organizer answers"),
        pytest.param(bobs(single()), None, {"tell": NOBODY, "comment": "Yes"}, CommentWithoutResponse, id="words"),
        pytest.param(bobs(single()), None, {"tell": NOBODY, "comment": ""}, CommentWithoutResponse, id="empty words"),
        pytest.param(bobs(single()), None, {"tell": NOBODY, "proposal": NOON}, ProposalWithoutResponse, id="a time"),
        pytest.param(bobs(single(), off()), None, {}, MeetingIsCancelled, id="what was called off"),
        pytest.param(bobs(series(), dates={SECOND: off()}), SECOND, {}, MeetingIsCancelled, id="a date called off"),
        pytest.param(bobs(single(**FIXED)), None, {"proposal": NOON}, ProposalNotAllowed, id="no proposals wanted"),
        pytest.param(bobs(single(**QUIET)), None, {}, ResponseNotRequested, id="no answers wanted"),
        pytest.param(bobs(series()), ELSEWHEN, {}, ItemNotFound, id="a date that is none"),
        pytest.param(bobs(series(excluded=(SECOND,))), SECOND, {}, ItemNotFound, id="a date that does not take place"),
    ],
)
def test_what_is_refused(copy: Copy, rid: str | None, given: dict[str, Any], error: type[DomainError]) -> None:
    with pytest.raises(error):
        answered(copy, TENTATIVE, rid, **given)


def test_the_organizer_is_told_why() -> None:
    with pytest.raises(OrganizerCannotRespond) as error:
        answered(organizers(single()), ACCEPTED)
    assert error.value.hint == Hint(HintCode.ORGANIZER_CANNOT_RESPOND)


@pytest.mark.parametrize(
    ("meeting", "given"),
    [
        pytest.param(single(**QUIET), {"tell": TRACKING}, id="no message where none is wanted"),
        pytest.param(single(**QUIET), {"tell": NOBODY}, id="silence where nothing is wanted"),
        pytest.param(single(**FIXED), {}, id="no time where none may be proposed"),
        pytest.param(single(), {"tell": TRACKING, "comment": "Yes"}, id="words that the tracking takes"),
        pytest.param(single(), {"tell": TRACKING, "proposal": NOON}, id="a time that the tracking takes"),
    ],
)
def test_what_is_not_refused(meeting: Revision, given: dict[str, Any]) -> None:
    assert answered(bobs(meeting), TENTATIVE, **given).changed


def test_a_proposal_moves_nothing_in_the_own_copy() -> None:
    event = compose(answered(bobs(single()), TENTATIVE, proposal=NOON).copy).event
    assert (event.start, event.end) == (BEGIN, END)
