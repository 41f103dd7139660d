"""Messages that arrive in any order: the latest by SEQUENCE, then DTSTAMP, counts (RFC 5546 2.1.4, 2.1.5).

What must come of them is said here by a list of facts read in the order in which they were sent, nothing else: the
newest says how the meeting is, a request that asks takes the answer, one that informs leaves it.
"""

from __future__ import annotations

from itertools import permutations

import pytest
from msgspec import Struct
from msgspec.structs import replace

from rsvpd.calendar.compose import compose
from rsvpd.calendar.copy import Copy, Private, Response
from rsvpd.calendar.event import Answer, State, Status
from rsvpd.calendar.revision import Revision
from rsvpd.calendar.series import component as event_of
from rsvpd.mail.message import RequestKind
from rsvpd.scheduling.itip import Cancel, InvitedDates, Reply, Request
from rsvpd.scheduling.receive import on_cancel, on_reply, on_request
from support.meetings import (
    BOB,
    NOW,
    SECOND,
    SENT,
    THIRD,
    TICK,
    at,
    bobs,
    later,
    on,
    organizers,
    series,
    single,
)

ACCEPTED, TENTATIVE, DECLINED, NONE = Answer.ACCEPTED, Answer.TENTATIVE, Answer.DECLINED, Answer.NONE
HOURS = {10: at("2027-01-04T10:00"), 12: at("2027-01-04T12:00"), 14: at("2027-01-04T14:00")}


class Sent(Struct, frozen=True, kw_only=True):
    """One message of the organizer: `asks` for an answer, only informs, or calls off.

    `of` is the date it is about, None for the whole.
    """

    sequence: int
    stamp: int
    subject: str = "Plans"
    hour: int = 10
    asks: bool = False
    is_off: bool = False
    of: str | None = None

    @property
    def order(self) -> tuple[int, int]:
        return self.sequence, self.stamp


WORDS = Sent(sequence=0, stamp=1, subject="Lunch")
MOVES = Sent(sequence=1, stamp=2, subject="Lunch", hour=12, asks=True)
LATER_WORDS = Sent(sequence=1, stamp=3, subject="Dinner", hour=12)
MOVES_BACK = Sent(sequence=2, stamp=4, subject="Dinner", asks=True)
IS_OFF = Sent(sequence=2, stamp=5, subject="Dinner", hour=12, is_off=True)
IS_BACK = Sent(sequence=3, stamp=6, subject="Dinner", hour=14, asks=True)
# Within one second: the stamp alone says which came first.
SOON, SOONER = Sent(sequence=1, stamp=8, subject="B", hour=12), Sent(sequence=1, stamp=7, subject="A", hour=12)

DATE_MOVES = Sent(sequence=1, stamp=2, hour=12, asks=True, of=SECOND)
OTHER_MOVES = Sent(sequence=2, stamp=3, hour=14, asks=True, of=THIRD)
WORDS_OF_ALL = Sent(sequence=2, stamp=4, subject="Lunch")
WORDS_OF_DATE = Sent(sequence=2, stamp=5, subject="Dinner", of=SECOND)
LONGER = Sent(sequence=3, stamp=6, asks=True)
LAST_WORDS = Sent(sequence=3, stamp=7, subject="Tea", of=SECOND)


def revisions(sent: tuple[Sent, ...], first: Revision) -> dict[Sent, Revision]:
    """Return what the organizer's meeting was at each message, in the order of sending."""
    found: dict[Sent, Revision] = {}
    now = first
    for one in sorted(sent, key=lambda one: one.order):
        start = HOURS[one.hour]
        said = replace(first.event, subject=one.subject, start=start, end=later(start, 60))
        day = 5 if one.of == SECOND else 6
        asked = {one.of: one.sequence} if one.asks and one.of else {}
        now = replace(
            now,
            sequence=one.sequence,
            dtstamp=SENT + one.stamp * TICK,
            event=said if one.of is None else now.event,
            exceptions=now.exceptions | ({one.of: on(day, one.hour, subject=one.subject)} if one.of else {}),
            reset_sequence=one.sequence if one.asks and one.of is None else now.reset_sequence,
            resets={} if one.asks and one.of is None else now.resets | asked,
        )
        found[one] = now
    return found


def receive(copy: Copy | None, sent: Sent, revision: Revision) -> Copy | None:
    """Return a copy after a message, as it stands there if the message changes nothing."""
    if sent.is_off:
        cancel = Cancel(uid="u-1", sequence=sent.sequence, dtstamp=revision.dtstamp, recurrence_id=sent.of)
        return on_cancel(copy, cancel, NOW) or copy
    kind = RequestKind.FULL if sent.asks else RequestKind.INFORMATIONAL
    request = Request(revision=revision, invited=InvitedDates(), kind=kind, recurrence_id=sent.of)
    done = on_request(copy, State.LIVE, request, BOB, NOW)
    return done[0] if done else copy


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param((WORDS, MOVES), id="words, then another time"),
        pytest.param((MOVES, LATER_WORDS), id="another time, then words"),
        pytest.param((WORDS, MOVES, LATER_WORDS, MOVES_BACK), id="moved and moved back"),
        pytest.param((SOONER, SOON), id="twice within one revision"),
        pytest.param((WORDS, MOVES, LATER_WORDS, IS_OFF), id="called off in the end"),
        pytest.param((MOVES, LATER_WORDS, IS_OFF, IS_BACK), id="called off and back"),
    ],
)
@pytest.mark.parametrize("said", [ACCEPTED, DECLINED])
def test_requests_and_cancellations_in_any_order_end_the_same(sent: tuple[Sent, ...], said: Answer) -> None:
    last = max(sent, key=lambda one: one.order)
    revision = revisions(sent, single(sequence=0))
    own = Private(answer=said, comment="So be it", guests=1, organizer_knows=True)
    for order in permutations(sent):
        copy: Copy | None = bobs(single(sequence=0), own)
        for one in (*order, order[0]):  # and what arrives twice is as once
            copy = receive(copy, one, revision[one])
        assert copy is not None
        event = compose(copy).event
        assert (copy.sequence, copy.dtstamp) == (last.sequence, SENT + last.stamp * TICK)
        assert (event.status is Status.CANCELLED) is last.is_off
        if last.is_off:
            continue  # its words and times are those that were told last, and nobody asks for an answer to it
        assert (event.subject, event.start) == (last.subject, HOURS[last.hour])
        answer, comment = (NONE, "") if any(one.asks for one in sent) else (said, "So be it")
        assert (event.answer, event.comment, event.guests) == (answer, comment, 1 if comment else 0), order


@pytest.mark.parametrize(
    ("sent", "asked"),
    [
        pytest.param((DATE_MOVES, WORDS_OF_ALL), {SECOND}, id="a date moves, then words of all"),
        pytest.param((DATE_MOVES, WORDS_OF_DATE), {SECOND}, id="a date moves, then words of it"),
        pytest.param((DATE_MOVES, OTHER_MOVES), {SECOND, THIRD}, id="two dates move"),
        pytest.param((DATE_MOVES, OTHER_MOVES, WORDS_OF_DATE), {SECOND, THIRD}, id="two dates move, then words of one"),
        pytest.param((DATE_MOVES, OTHER_MOVES, LONGER), {None, SECOND, THIRD}, id="then all of it asks"),
        pytest.param((LONGER, LAST_WORDS), {None, SECOND, THIRD}, id="all of it asks, then words of one"),
        pytest.param((WORDS_OF_DATE, LONGER), {None, SECOND, THIRD}, id="words of one, then all of it asks"),
    ],
)
def test_what_is_asked_of_a_series_does_not_depend_on_the_order(
    sent: tuple[Sent, ...], asked: set[str | None]
) -> None:
    revision = revisions(sent, series(sequence=0))
    for order in permutations(sent):
        copy: Copy | None = bobs(series(sequence=0), Private(answer=ACCEPTED), dates={THIRD: Private(answer=TENTATIVE)})
        for one in order:
            copy = receive(copy, one, revision[one])
        assert copy is not None
        meeting = compose(copy)
        before = {None: ACCEPTED, SECOND: ACCEPTED, THIRD: TENTATIVE}
        answers = {rid: event_of(meeting, rid).answer for rid in before}
        assert answers == {rid: NONE if rid in asked else answer for rid, answer in before.items()}, order


# --- answers ------------------------------------------------------------------------------


def reply(said: Answer, sequence: int, stamp: int, of: str | None = None) -> Reply:
    return Reply(
        uid="u-1",
        attendee=BOB.address,
        name=BOB.name,
        answer=said,
        sequence=sequence,
        dtstamp=SENT + stamp * TICK,
        recurrence_id=of,
    )


@pytest.mark.parametrize(
    ("replies", "counts"),
    [
        pytest.param([reply(ACCEPTED, 2, 1), reply(DECLINED, 2, 2)], DECLINED, id="the later one"),
        pytest.param([reply(ACCEPTED, 3, 1), reply(DECLINED, 2, 2)], ACCEPTED, id="the one to the later revision"),
        pytest.param([reply(ACCEPTED, 2, 1), reply(NONE, 2, 2)], NONE, id="one that was taken back"),
        pytest.param(
            [reply(ACCEPTED, 2, 1), reply(TENTATIVE, 2, 2), reply(DECLINED, 3, 0), reply(ACCEPTED, 3, 3)],
            ACCEPTED,
            id="the last of four",
        ),
        pytest.param([reply(ACCEPTED, 0, 9), reply(DECLINED, 0, 10)], NONE, id="none to what was before it moved"),
        pytest.param([reply(ACCEPTED, 0, 9), reply(DECLINED, 2, 1)], DECLINED, id="one since it moved"),
    ],
)
@pytest.mark.parametrize("moves_after", range(5), ids=lambda number: f"it moved after {number} of them arrived")
def test_replies_in_any_order_end_in_the_latest(replies: list[Reply], counts: Answer, moves_after: int) -> None:
    before, after = single(sequence=0), single(sequence=3, reset_sequence=1)
    for order in permutations(replies):
        known: Response | None = None
        for number, one in enumerate(order):
            # An answer to a revision is given once that was sent.
            revision = before if number < moves_after and one.sequence == 0 else after
            known = on_reply(compose(organizers(revision)), revision, known, one) or known
        meeting = compose(organizers(after), {"": {BOB.address: known}} if known else {})
        assert meeting.event.attendees[0].answer is counts, order


@pytest.mark.parametrize(
    ("replies", "whole", "date"),
    [
        pytest.param([reply(ACCEPTED, 2, 1), reply(DECLINED, 2, 2, SECOND)], ACCEPTED, DECLINED, id="the date later"),
        pytest.param([reply(DECLINED, 2, 1, SECOND), reply(ACCEPTED, 2, 2)], ACCEPTED, ACCEPTED, id="the whole later"),
        pytest.param(
            [reply(DECLINED, 2, 1, SECOND), reply(ACCEPTED, 2, 2), reply(TENTATIVE, 2, 3, SECOND)],
            ACCEPTED,
            TENTATIVE,
            id="the date once more",
        ),
        pytest.param([reply(DECLINED, 3, 1, SECOND), reply(ACCEPTED, 2, 2)], ACCEPTED, DECLINED, id="by SEQUENCE"),
    ],
)
def test_answers_to_the_whole_and_to_a_date_in_any_order(replies: list[Reply], whole: Answer, date: Answer) -> None:
    revision = series(sequence=3)
    for order in permutations(replies):
        known: dict[str, dict[str, Response]] = {"": {}, SECOND: {}}
        for one in order:
            rid, who = one.recurrence_id or "", BOB.address
            response = on_reply(compose(organizers(revision)), revision, known[rid].get(who), one)
            if response is not None:
                known[rid][who] = response
        meeting = compose(organizers(revision), known)
        found = [event_of(meeting, rid).attendees[0].answer for rid in (None, SECOND, THIRD)]
        assert found == [whole, date, whole], order
