"""`$search` of messages: a small part of the keyword query language.

    search  = [ '"' ] term *( [ AND ] term ) [ '"' ]
    term    = [ property ":" ] ( word | "\"" words "\"" )

All terms have to be found, in any case, anywhere in the subject, the body or the names and
addresses; `OR`, `NOT` and ranges are not read.
"""

from __future__ import annotations

import re

from rsvpd.errors import InvalidQuery
from rsvpd.query.algebra import And, Cmp, Contains, Node, Op, Or

_EVERYWHERE = ("subject", "body", "participants")
_PLACES: dict[str, tuple[str, ...]] = {
    "subject": ("subject",),
    "body": ("body",),
    "content": ("body",),
    "from": ("from", "from_name"),
    "sender": ("sender", "sender_name"),
    "participants": ("participants",),
    "recipients": ("participants",),
    "to": ("participants",),
    "cc": ("participants",),
}
_TERM = re.compile(r'(?:(\w+):)?(?:\\?"([^"\\]*)\\?"|([^\s"\\]+))')
_MOST_TERMS = 20


def searched(text: str) -> Node:
    """Return the condition that `text` asks for. Raises InvalidQuery for what is not read."""
    terms = _TERM.findall(_unwrapped(text.strip()))
    words = [(name.lower(), (quoted or bare).strip()) for name, quoted, bare in terms]
    if len(words) > _MOST_TERMS:
        raise _unread("more terms than it may")
    if unread := [bare for _, bare in words if bare in ("OR", "NOT")]:
        raise _unread(unread[0])
    return And(tuple(_term(name, word) for name, word in words if word and (name or word != "AND")))


def _unwrapped(text: str) -> str:
    """Return what stands in the outer quotes."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _term(name: str, word: str) -> Node:
    if name == "importance":
        return Cmp("importance", Op.EQ, word.lower())
    if name and name not in _PLACES:
        raise _unread(name)
    places = _PLACES.get(name, _EVERYWHERE)
    return Or(tuple(Contains(place, word) for place in places))


def _unread(what: str) -> InvalidQuery:
    return InvalidQuery(f"The search cannot be read: it has {what[:80]}.", target="$search")
