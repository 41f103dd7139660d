"""What each process of a server knows of what it did, and all of them together."""

from __future__ import annotations

from itertools import islice
from typing import Any, TypeVar

from msgspec import Struct
from starlette.concurrency import run_in_threadpool

from rsvpd.commands.story import meetings_named, uids_meant
from rsvpd.control import explanation, journal, metrics, timeline, traps
from rsvpd.control.desk import Desk
from rsvpd.control.journal import RequestLine
from rsvpd.control.workers import Counts, Explain, Forget, Lines, Moments, Question, Show, Trapped
from rsvpd.errors import DomainError
from rsvpd.journal import Journal

T = TypeVar("T")


class Forgotten(Struct, frozen=True):
    """How many requests were in the journal."""

    requests: int


async def of_all(desk: Desk, question: Question, kind: type[T]) -> dict[int, T]:
    """Return what each process answers to a question, by its number, this one first. Raises what this one raises."""
    own: T = await answer(desk, question)
    if desk.workers is None:
        return {0: own}
    return {desk.workers.number: own} | await desk.workers.ask(question, kind)


async def answer(desk: Desk, question: Question) -> Any:
    """Return what this process knows. Raises DomainError."""
    match question:
        case Lines():
            return await _lines(desk, question)
        case Trapped():
            return await _find_traps(desk, question)
        case Show():
            entry = journal_of(desk).find(question.id)
            return [] if entry is None else [await run_in_threadpool(journal.whole, entry)]
        case Explain():
            kept = journal_of(desk)
            entry = kept.find(question.id)
            return [] if entry is None else [explanation.explain(entry, kept.inside(entry.id))]
        case Forget():
            return Forgotten(journal_of(desk).clear())
        case Moments():
            entries = tuple(desk.journal or ())
            return await run_in_threadpool(timeline.requests_about, question.about, entries)
        case Counts():
            return metrics.process_counts(desk.tally, desk.store, len(desk.live or ()))


async def _lines(desk: Desk, asked: Lines) -> list[RequestLine]:
    kept, about = journal_of(desk), asked.about
    if about is None:
        return journal.lines(kept, asked.wanted, asked.limit, asked.until)
    entries = list(kept)
    return await run_in_threadpool(
        lambda: journal.lines(
            (one for one in entries if about.part_of(one)), asked.wanted, asked.limit, asked.until
        )
    )


async def _find_traps(desk: Desk, asked: Trapped) -> list[traps.Trap]:
    meeting = asked.meeting
    found = list(traps.trapped_requests(journal_of(desk), person=asked.person, after=asked.after, until=asked.until))
    if not meeting:
        found = found[: asked.limit]
    uids = await desk.store(meetings_named, [traps.names_in(one) for one in found])
    wanted = uids_meant(meeting)
    chosen = ((one, uid) for one, uid in zip(found, uids, strict=True) if not wanted or uid in wanted)
    return [traps.trap(one, uid) for one, uid in islice(chosen, asked.limit)]


def journal_of(desk: Desk) -> Journal:
    """Return the journal. Raises DomainError where none is kept."""
    if desk.journal is None:
        raise DomainError(
            "No journal of requests is kept. A running server keeps one where only this machine reaches it, or with the"
            " setting 'journal' (RSVPD_JOURNAL=1000)."
        )
    return desk.journal
