"""What is decided follows the table of the life of a copy, of the whole and of a date, and the docs show that table."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from rsvpd.calendar.copy import CalledOff, Copy, Private
from rsvpd.calendar.event import Answer, State, Status, Timed
from rsvpd.calendar.revision import Component, Guest, Revision
from rsvpd.calendar.rule import Recurrence
from rsvpd.errors import ItemNotFound, MeetingIsCancelled
from rsvpd.ical.rrule import read
from rsvpd.mail.address import Mailbox
from rsvpd.mail.message import RequestKind
from rsvpd.mail.person import Person
from rsvpd.scheduling.answer import Given, answer
from rsvpd.scheduling.itip import Cancel, InvitedDates, Request
from rsvpd.scheduling.life import MOVE_OF, TRANSITIONS, Move, Stage, after, stage_of
from rsvpd.scheduling.receive import on_cancel, on_request

DOCS = Path(__file__).parents[3] / "docs" / "meetings.md"
NOW, LATER = 1_800_000_000_000_000, 1_800_000_060_000_000
BEGIN = Timed(datetime(2027, 1, 4, 10), "Europe/Berlin")
END = Timed(datetime(2027, 1, 4, 11), "Europe/Berlin")
DATE = "20270105T100000"
BOB = Person(number=1, oid="b", address="bob@example.com", name="Bob", zone="UTC")
SERIES = Revision(
    uid="u",
    organizer=Mailbox("alice@example.com"),
    event=Component(start=BEGIN, end=END, guests=(Guest("bob@example.com"),)),
    dtstamp=NOW,
    recurrence=Recurrence((read("FREQ=DAILY;COUNT=4", BEGIN),)),
)
CANCELLED = replace(SERIES.event, status=Status.CANCELLED)
ANSWERS = {move: given for given, move in MOVE_OF.items()}
ANSWER_OF = {
    Stage.ACCEPTED: Answer.ACCEPTED,
    Stage.TENTATIVE: Answer.TENTATIVE,
    Stage.DECLINED: Answer.DECLINED,
}
KINDS = {Move.REQUEST: RequestKind.FULL, Move.INFORMATION: RequestKind.INFORMATIONAL}
ROWS = [
    (stage, move, recurrence_id)
    for stage in Stage
    for move in Move
    for recurrence_id in (None, DATE)
    # A copy is deleted by where it stands in its mailbox (commands/calendar.py), which no decision here changes.
    if move is not Move.DELETE
]


def copy_in(stage: Stage, recurrence_id: str | None) -> tuple[Copy, State]:
    """Return a copy of which the whole, or that date, stands in a stage."""
    private = Private(
        answer=ANSWER_OF.get(stage, Answer.NONE),
        answered=NOW if stage in ANSWER_OF else 0,
        called_off=CalledOff(event=SERIES.event if recurrence_id else None) if stage is Stage.CANCELLED else None,
    )
    copy = Copy(revision=SERIES, is_organizer=False, address="bob@example.com", dtstamp=NOW)
    if recurrence_id is None:
        return replace(copy, own=private), State.DELETED if stage is Stage.DELETED else State.LIVE
    if stage is Stage.DELETED:
        return replace(copy, removed=(recurrence_id,)), State.LIVE
    revision = replace(SERIES, excluded=(recurrence_id,)) if stage is Stage.CANCELLED else SERIES
    return replace(copy, revision=revision, dates={recurrence_id: private}), State.LIVE


def moved(copy: Copy, state: State, move: Move, recurrence_id: str | None) -> tuple[Copy, State]:
    """Let it happen."""
    if move in ANSWERS:
        done = answer(copy, state, recurrence_id, Given(answer=ANSWERS[move]), BOB, LATER)
        return done.copy, done.state
    if move is Move.CANCEL:
        cancel = Cancel(uid="u", sequence=1, dtstamp=LATER, recurrence_id=recurrence_id)
        return on_cancel(copy, cancel, LATER) or copy, state
    excluded = copy.revision.excluded if move is Move.INFORMATION else ()
    revision = replace(SERIES, sequence=1, dtstamp=LATER, excluded=excluded)
    request = Request(revision=revision, invited=InvitedDates(), kind=KINDS[move], recurrence_id=recurrence_id)
    received = on_request(copy, state, request, BOB, LATER)
    assert received is not None
    return received


@pytest.mark.parametrize(("stage", "move", "recurrence_id"), ROWS)
def test_what_happens_to_a_copy_leads_where_the_table_says(
    stage: Stage, move: Move, recurrence_id: str | None
) -> None:
    copy, state = copy_in(stage, recurrence_id)
    assert stage_of(copy, state, recurrence_id) is stage
    expected = after(stage, move)
    is_answer = move in ANSWERS
    if expected is None:
        assert is_answer
        with pytest.raises((MeetingIsCancelled, ItemNotFound)):
            moved(copy, state, move, recurrence_id)
        return
    assert stage_of(*moved(copy, state, move, recurrence_id), recurrence_id) is expected


@pytest.mark.parametrize("own", [{}, {DATE: Private(answer=Answer.ACCEPTED)}], ids=["as the whole", "answered"])
def test_each_date_of_what_was_called_off_is_called_off(own: dict[str, Private]) -> None:
    copy = replace(copy_in(Stage.CANCELLED, None)[0], dates=own)
    assert stage_of(copy, State.LIVE, DATE) is Stage.CANCELLED
    with pytest.raises(MeetingIsCancelled):
        moved(copy, State.LIVE, Move.ACCEPT, DATE)


@pytest.mark.parametrize(
    ("revision", "recurrence_id"),
    [
        pytest.param(replace(SERIES, event=CANCELLED), None, id="the whole"),
        pytest.param(replace(SERIES, event=CANCELLED), DATE, id="a date of it"),
        pytest.param(replace(SERIES, exceptions={DATE: CANCELLED}), DATE, id="one date"),
    ],
)
def test_what_its_organizer_says_is_cancelled_is_so(revision: Revision, recurrence_id: str | None) -> None:
    # As a request may say (RFC 5545 3.8.1.11), without any cancellation.
    copy = Copy(revision=revision, is_organizer=False, address="bob@example.com")
    assert stage_of(copy, State.LIVE, recurrence_id) is Stage.CANCELLED


@pytest.mark.parametrize("kind", list(KINDS), ids=lambda kind: kind.name)
def test_who_has_no_copy_is_asked_by_whatever_comes(kind: Move) -> None:
    request = Request(revision=SERIES, invited=InvitedDates(), kind=KINDS[kind])
    received = on_request(None, State.LIVE, request, BOB, LATER)
    assert received is not None
    assert stage_of(*received, None) is after(None, kind) is Stage.NEEDS_ACTION


def picture() -> str:
    """Return the table as a state diagram: what leads from several stages to one is said of each."""
    lines = ["stateDiagram-v2"]
    for stage, moves in TRANSITIONS.items():
        by_end: dict[Stage, list[str]] = {}
        for move, end in moves.items():
            if end is not stage:
                by_end.setdefault(end, []).append(move.value)
        name = "[*]" if stage is None else stage.value
        lines += [f"    {name} --> {end.value}: {' / '.join(words)}" for end, words in by_end.items()]
    return "\n".join(lines)


def test_the_picture_in_the_docs_is_drawn_from_the_table() -> None:
    text = DOCS.read_text(encoding="utf-8")
    drawn = text.partition("```mermaid\n")[2].partition("\n```")[0]
    assert drawn.partition("\n\n")[0] == picture()
