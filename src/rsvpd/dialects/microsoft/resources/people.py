"""People who matter to somebody, for those who pick people: the most relevant first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rsvpd.commands import directory, relevance
from rsvpd.dialects.microsoft.exchange import access, control_info, listing
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.exchange.collections import Collection, no_place, show
from rsvpd.dialects.microsoft.tables.person import RELEVANT_FIELDS
from rsvpd.dialects.microsoft.tables.user import PERSON_FIELDS
from rsvpd.dialects.microsoft.vocabulary.directory import PARTS
from rsvpd.dialects.microsoft.vocabulary.people_search import nearness, words_of
from rsvpd.dialects.odata.filter import Lookup
from rsvpd.dialects.wire import Response
from rsvpd.errors import InvalidQuery
from rsvpd.mail.profile import UserView
from rsvpd.mail.relevance import RelevantPerson
from rsvpd.query.algebra import And, Or, Order, Page, Query, StartsWith, Words
from rsvpd.query.page import cut_few

_SOURCES = "x-peoplequery-querysources"


async def get_person(call: Call) -> Response:
    """Answer one of the people who matter to somebody."""
    return await show(call, PEOPLE, await call.door(relevance.get_relevant, call.who, call.keys["person"]))


def _question(call: Call, lookup: Lookup, *, order: tuple[Order, ...] = ()) -> Query:
    """Return what is asked; who fits a search is found with the people."""
    if call.options.search is not None and call.options.skip:
        message = call.profile.search_clash.format(call.profile.member("skip"))
        raise InvalidQuery(message, target="$search with $skip")
    return listing.query_beside_search(call, lookup, order=order)


async def _find(call: Call, _: None, asked: Query) -> Page[RelevantPerson]:
    words, is_own = _words(call), access.is_own(call)
    if words and not is_own:
        raise InvalidQuery("$search is possible in the own list of people only.", target="$search")
    found = _rank_matches(words, await call.door(relevance.list_relevant, call.who))
    if is_own and _asks_directory(call):
        known = {one.id for one in found}
        found += [one for one in await _of_directory(call, words) if one.id not in known]
    return cut_few(found, asked, RELEVANT_FIELDS)


def _words(call: Call) -> tuple[str, ...]:
    """Return the words of a search, none where there is none. Raises InvalidQuery, NotEmulated."""
    return () if call.options.search is None else words_of(call.options.search)


def _asks_directory(call: Call) -> bool:
    """Return whether a client wants those of the directory as well."""
    sources = call.request.headers.get(_SOURCES, "").lower().split(",")
    return "directory" in (one.strip() for one in sources)


async def _of_directory(call: Call, words: Sequence[str]) -> list[RelevantPerson]:
    """Return those of the directory whose names or addresses have parts that begin with each of the words."""
    conditions = tuple(Or((Words(PARTS, (word,), is_open=True), StartsWith("address", word))) for word in words)
    asked = Query(where=And(conditions) if conditions else None, order=(Order("address"),), top=relevance.MOST)
    page: Page[UserView] = await call.door(directory.find_users, call.who, asked, PERSON_FIELDS)
    return [
        RelevantPerson(owner=call.me, other=view.person.mailbox, score=0.0, known=view)
        for view in page.items
        if view.person.oid != call.me.oid and view.profile.show_in_address_list is not False
    ]


def _rank_matches(words: Sequence[str], found: list[RelevantPerson]) -> list[RelevantPerson]:
    """Return who fits a search, and before those who nearly do, who does exactly."""
    near = [(nearness(words, one.name, one.address), one) for one in found]
    fitting = [(how, one) for how, one in near if how is not None]
    return [one for _, one in sorted(fitting, key=lambda pair: pair[0])]


def _to_wire(call: Call, view: RelevantPerson, select: frozenset[str] | None) -> dict[str, Any]:
    return {**control_info.of_relevant(call, view), **call.profile.person.write(view, call.ctx, select)}


PEOPLE: Collection[RelevantPerson, None] = Collection(
    place=no_place,
    find=_find,
    shapes=lambda profile: (profile.person,),
    lookup=lambda profile: profile.lookups.person,
    question=_question,
    write=lambda call, select: lambda view: _to_wire(call, view, select),
)
