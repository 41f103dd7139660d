"""Verbs about the requests that were answered."""

from __future__ import annotations

from itertools import islice
from typing import Annotated

from msgspec import Meta, Struct
from starlette.concurrency import run_in_threadpool

from rsvpd.commands.story import meetings_named, story
from rsvpd.control import explanation, journal, traps
from rsvpd.control.about import About
from rsvpd.control.desk import Desk, Verb
from rsvpd.control.journal import Filter, RequestLine, WholeRequest
from rsvpd.errors import DomainError
from rsvpd.journal import Journal

_Number = Annotated[int, Meta(ge=0, lt=2**62, description="the number of a request")]
_Limit = Annotated[int, Meta(ge=1, le=1000, description="how many at most")]


class Traps(Struct, frozen=True):
    """Requests that did not do what they were asked for, and the `newest` number of all: ask again `after` that."""

    newest: int
    traps: list[traps.Trap]


class Forgotten(Struct, frozen=True):
    """How many requests were in the journal."""

    requests: int


async def list_requests(
    desk: Desk,
    person: str = "",
    method: str = "",
    path: str = "",
    status: str = "",
    interface: str = "",
    hint: bool | None = None,
    meeting: str = "",
    after: _Number = 0,
    limit: _Limit = 100,
) -> list[RequestLine]:
    """Return the last requests, the newest first; of a person, a status like 4xx, or with a hint alone.

    `meeting` is the UID or the subject of one: those that were about it, or showed it.
    """
    wanted = Filter(
        person=person, method=method, path=path, status=status, interface=interface, hint=hint, after=after
    )
    kept = _journal(desk)
    if not meeting:
        return journal.lines(kept, wanted, limit)
    about, entries = About(await desk.store(story, meeting)), list(kept)
    return await run_in_threadpool(
        lambda: journal.lines((one for one in entries if about.part_of(one)), wanted, limit)
    )


async def list_traps(
    desk: Desk, person: str = "", meeting: str = "", after: _Number = 0, limit: _Limit = 100
) -> Traps:
    """Return the last requests that did not do what they were asked for, the newest first, each with its meeting.

    `meeting` is the UID of one: those about it. What a page of this server asked, and what was made wrong on purpose,
    is left out.
    """
    kept = _journal(desk)
    newest = kept.newest
    found = list(traps.trapped(kept, person=person, after=after))
    if not meeting:
        found = found[:limit]
    uids = await desk.store(meetings_named, [traps.names_in(one) for one in found])
    # A date of a series is named in Graph by the UID of the series, an underscore, and when it is.
    wanted = {meeting, meeting.rpartition("_")[0]} - {""}
    chosen = ((one, uid) for one, uid in zip(found, uids, strict=True) if not wanted or uid in wanted)
    return Traps(newest, [traps.trap(one, uid) for one, uid in islice(chosen, limit)])


async def show_request(desk: Desk, id: str) -> WholeRequest:
    """Return a request with its answer, and the same call as curl and as a test in Python and JavaScript."""
    return await run_in_threadpool(journal.whole, journal.entry_of(_journal(desk), id))


async def explain_request(desk: Desk, id: str) -> explanation.Explanation:
    """Return in words what a request did not do: what was ignored, refused or changed, by which rule."""
    kept = _journal(desk)
    entry = journal.entry_of(kept, id)
    return explanation.explain(entry, kept.inside(entry.id))


async def forget_requests(desk: Desk) -> Forgotten:
    """Empty the journal."""
    return Forgotten(_journal(desk).clear())


def _journal(desk: Desk) -> Journal:
    if desk.journal is None:
        raise DomainError(
            "No journal of requests is kept. A running server keeps one where only this machine reaches it, or with the"
            " setting 'journal' (RSVPD_JOURNAL=1000)."
        )
    return desk.journal


VERBS = (
    Verb("GET", "/requests", list_requests),
    Verb("GET", "/traps", list_traps),
    Verb("DELETE", "/requests", forget_requests),
    Verb("GET", "/requests/{id}", show_request),
    Verb("GET", "/requests/{id}/explanation", explain_request),
)
