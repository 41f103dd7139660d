"""Where programs fell into a trap: requests that were refused, or not done as asked, each with its meeting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from rsvpd.clock import to_text
from rsvpd.commands.story import Names
from rsvpd.control.about import READS, items_in
from rsvpd.control.explanation import Sentence, explain
from rsvpd.control.journal import interface_of, is_by
from rsvpd.dialects.google.vocabulary import identifiers
from rsvpd.errors import ItemNotFound
from rsvpd.identity.clients import PAGE_CLIENT
from rsvpd.journal import Entry

# A name of more is of nobody, and in a path there are few.
_MOST_ITEMS = 4
_SAME_ORIGIN = ("sec-fetch-site", "same-origin")
_EVENTS = "events"


class Trap(Struct, frozen=True, kw_only=True):
    """A request that did not do what it was asked for. `number` is that in the journal, `at` is ISO 8601 in UTC by the
    server's clock, `meeting` the iCalendar UID of what it was about, empty where it was about none."""

    number: int
    at: str
    person: str
    application: str
    interface: str
    method: str
    path: str
    status: int
    meeting: str
    sentences: list[Sentence]


def trapped_requests(entries: Iterable[Entry], *, person: str, after: int, until: int) -> Iterator[Entry]:
    """Yield the requests of programs that did not do what they were asked for, up to a number, the newest first.

    Left out is what was made wrong on purpose, and what a page of this server asked.
    """
    person = person.lower()
    for entry in entries:
        if entry.number <= after:
            return
        is_wanted = not person or is_by(entry, person)
        if entry.number <= until and is_wanted and _is_trap(entry) and not (entry.fault or _is_of_a_page(entry)):
            yield entry


def trap(entry: Entry, meeting: str) -> Trap:
    """Return what there is to know of one that was about this meeting."""
    return Trap(
        number=entry.number, at=to_text(entry.now), person=entry.person, application=entry.application,
        interface=interface_of(entry), method=entry.method, path=entry.target, status=entry.status, meeting=meeting,
        sentences=explain(entry).sentences,
    )  # fmt: skip


def names_in(entry: Entry) -> Names:
    """Return what may name the meeting that a request was about: its path, else what it was answered."""
    path = unquote(entry.path)
    items, uids = tuple(items_in(path)), tuple(_google_uids(path))
    if not items and not uids and entry.method not in READS:
        made = _read_created_event(entry.answer.body or b"")
        items, uids = tuple(items_in(made.id or made.outlook)), (made.uid,) if made.uid else ()
    return Names(items[:_MOST_ITEMS], uids)


def _is_trap(entry: Entry) -> bool:
    return bool(entry.hint) or (entry.problem is not None and 400 <= entry.status < 500)


def _is_of_a_page(entry: Entry) -> bool:
    """The page says itself what came of what it asked."""
    return entry.application == PAGE_CLIENT or _SAME_ORIGIN in entry.request.headers


def _google_uids(path: str) -> Iterator[str]:
    parts = path.split("/")
    for before, name in pairwise(parts):
        if before == _EVENTS:
            try:
                yield identifiers.read(name).uid
            except ItemNotFound:
                return


class _CreatedEvent(Struct, frozen=True):
    """An event that was answered: its id and its UID, in the words of each interface."""

    id: str = ""
    graph: str = msgspec.field(name="iCalUId", default="")
    google: str = msgspec.field(name="iCalUID", default="")
    outlook: str = msgspec.field(name="Id", default="")

    @property
    def uid(self) -> str:
        return self.graph or self.google


def _read_created_event(body: bytes) -> _CreatedEvent:
    try:
        return msgspec.json.decode(body, type=_CreatedEvent)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _CreatedEvent()
