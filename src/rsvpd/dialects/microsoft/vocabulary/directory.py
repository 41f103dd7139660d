"""`$search` of the directory: clauses in quotes, joined by AND and OR (Graph: search-query-parameter).

    search = clause *( ( "AND" / "OR" ) clause )            parentheses may stand around parts
    clause = DQUOTE property ":" text DQUOTE

Display names are searched by their parts, which blanks, digits, symbols and a change from small to capital
letters divide; each part of the text has to begin one of them, in any order. Other properties begin with
the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from rsvpd.dialects.microsoft.vocabulary import kql
from rsvpd.dialects.microsoft.vocabulary.kql import All, Either, Search, Term, search_fault
from rsvpd.query.algebra import And, Node, Or, StartsWith, Words

_RUN = re.compile(r"\d++|[^\W\d_]++")
SEARCHED_BY_PARTS = "name"
PARTS = "name_parts"

# From a property to the field of the query algebra it is asked by; raises InvalidQuery for another one.
FieldOf = Callable[[str], str]


def parts_of(text: str) -> tuple[str, ...]:
    """Return the parts of a name in small letters; words that only symbols divide are one part besides."""
    found: list[str] = []
    for chunk in text.split():
        runs = [part for run in _RUN.findall(chunk) for part in _by_case(run)]
        joined = "".join(runs)
        found += [*runs, joined] if len(runs) > 1 else runs
    return tuple(dict.fromkeys(part.casefold() for part in found))


def condition(text: str, field_of: FieldOf) -> Node:
    """Return the condition that `text`, the value of `$search`, asks for. Raises InvalidQuery or NotEmulated."""
    return _node(kql.parse(text), field_of)


def _node(search: Search, field_of: FieldOf) -> Node:
    match search:
        case All(parts):
            return And(tuple(_node(part, field_of) for part in parts))
        case Either(parts):
            return Or(tuple(_node(part, field_of) for part in parts))
        case Term(is_phrase=True, text=text):
            return _clause(text, field_of)
    raise search_fault('each clause is written "property:text", with the quotes, and joined by AND or OR')


def _clause(text: str, field_of: FieldOf) -> Node:
    name, colon, wanted = (part.strip() for part in text.partition(":"))
    if not colon or not wanted:
        raise search_fault(f'"{text[:40]}" is not a property with a text after a colon')
    field = field_of(name)
    if field != SEARCHED_BY_PARTS:
        return StartsWith(field, wanted)
    runs = [part for run in _RUN.findall(wanted) for part in _by_case(run)]
    return And(tuple(Words(PARTS, (part.casefold(),), is_open=True) for part in dict.fromkeys(runs)))


def _by_case(run: str) -> list[str]:
    """Return the pieces of a word that begin where a capital letter follows a small one."""
    begins = [at for at in range(1, len(run)) if run[at].isupper() and run[at - 1].islower()]
    edges = [0, *begins, len(run)]
    return [run[one:other] for one, other in pairwise(edges)]
