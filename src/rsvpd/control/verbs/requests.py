"""Verbs about the requests that were answered, by whichever process of this server."""

from __future__ import annotations

from itertools import chain
from typing import Annotated

from msgspec import Meta, Struct

from rsvpd.commands.story import story
from rsvpd.control import journal, traps
from rsvpd.control.about import About
from rsvpd.control.desk import Desk, Verb
from rsvpd.control.everywhere import Forgotten, journal_of, of_all
from rsvpd.control.explanation import Explanation
from rsvpd.control.journal import Filter, RequestLine, WholeRequest
from rsvpd.control.workers import Explain, Forget, Lines, Show, Trapped, absent, words_of
from rsvpd.errors import ItemNotFound

_Number = Annotated[int, Meta(ge=0, lt=2**62, description="the number of a request")]
_Limit = Annotated[int, Meta(ge=1, le=1000, description="how many at most")]


class Traps(Struct, frozen=True):
    """Requests that did not do what they were asked for, and the `newest` number of all: ask again `after` that."""

    newest: int
    traps: list[traps.Trap]


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
    # What is numbered later may come from one process and not yet from another, and so would be missed with `after`.
    until = journal_of(desk).newest
    about = About.of(await desk.store(story, meeting)) if meeting else None
    found = await of_all(desk, Lines(wanted, limit, until, about), list[RequestLine])
    return sorted(chain(*found.values()), key=lambda one: one.number, reverse=True)[:limit]


async def list_traps(
    desk: Desk, person: str = "", meeting: str = "", after: _Number = 0, limit: _Limit = 100
) -> Traps:
    """Return the last requests that did not do what they were asked for, the newest first, each with its meeting.

    `meeting` is the UID of one: those about it. What a page of this server asked, and what was made wrong on purpose,
    is left out.
    """
    newest = journal_of(desk).newest
    found = await of_all(desk, Trapped(person, meeting, after, limit, newest), list[traps.Trap])
    return Traps(newest, sorted(chain(*found.values()), key=lambda one: one.number, reverse=True)[:limit])


async def show_request(desk: Desk, id: str) -> WholeRequest:
    """Return a request with its answer, and the same call as curl and as a test in Python and JavaScript."""
    found = list(chain(*(await of_all(desk, Show(id), list[WholeRequest])).values()))
    if not found:
        raise _not_kept(desk, id)
    return max(found, key=lambda one: one.number)


async def explain_request(desk: Desk, id: str) -> Explanation:
    """Return in words what a request did not do: what was ignored, refused or changed, by which rule."""
    found = list(chain(*(await of_all(desk, Explain(id), list[Explanation])).values()))
    if not found:
        raise _not_kept(desk, id)
    return max(found, key=lambda one: one.request.number)


async def forget_requests(desk: Desk) -> Forgotten:
    """Empty the journal."""
    found = await of_all(desk, Forget(), Forgotten)
    return Forgotten(sum(one.requests for one in found.values()))


def _not_kept(desk: Desk, id: str) -> ItemNotFound:
    return journal.not_kept(journal_of(desk), id, words_of(absent.get() or []))


VERBS = (
    Verb("GET", "/requests", list_requests),
    Verb("GET", "/traps", list_traps),
    Verb("DELETE", "/requests", forget_requests),
    Verb("GET", "/requests/{id}", show_request),
    Verb("GET", "/requests/{id}/explanation", explain_request),
)
