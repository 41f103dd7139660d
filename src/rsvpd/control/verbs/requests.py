"""Verbs about the requests that were answered."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct
from starlette.concurrency import run_in_threadpool

from rsvpd.control import explanation, journal
from rsvpd.control.desk import Desk, Verb
from rsvpd.control.journal import Filter, RequestLine, WholeRequest
from rsvpd.errors import DomainError
from rsvpd.journal import Journal

_Number = Annotated[int, Meta(ge=0, lt=2**62, description="the number of a request")]
_Limit = Annotated[int, Meta(ge=1, le=1000, description="how many at most")]


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
    after: _Number = 0,
    limit: _Limit = 100,
) -> list[RequestLine]:
    """Return the last requests, the newest first; of a person, a status like 4xx, or with a hint alone."""
    wanted = Filter(
        person=person, method=method, path=path, status=status, interface=interface, hint=hint, after=after
    )
    return journal.lines(_journal(desk), wanted, limit)


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
    Verb("DELETE", "/requests", forget_requests),
    Verb("GET", "/requests/{id}", show_request),
    Verb("GET", "/requests/{id}/explanation", explain_request),
)
