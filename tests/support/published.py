"""What Microsoft and Google publish of their interfaces, from tests/unit/dialects/data: types, members, ways, methods.

A kind is what a value is, in the words of its publisher: `Edm.String`, `Collection(attendee)`; `string`, `[Event]`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from msgspec import Struct

from rsvpd.dialects.odata.url import Segment, strip_namespace

DATA = Path(__file__).parents[1] / "unit" / "dialects" / "data"
ROOT = "/"
ONE, MANY, OPERATIONS = "one", "many", ("action", "function")


def lines(name: str) -> list[list[str]]:
    """Return the words of each line of a file in the data folder, without its comments."""
    text = (DATA / name).read_text("utf-8")
    return [line.split() for line in text.splitlines() if not line.startswith("#")]


class Way(Struct, frozen=True):
    """What may follow a type in a path of Graph: a navigation to `target`, or an operation that answers it."""

    kind: str
    name: str
    target: str = ""


class Published(Struct, frozen=True):
    """The types of an interface: their own members with the kinds of these, their bases, their ways."""

    members: Mapping[str, Mapping[str, str]]
    bases: Mapping[str, str] = {}
    ways: Mapping[str, tuple[Way, ...]] = {}

    def line_of(self, name: str) -> Iterator[str]:
        """Yield a type and its bases, the nearest first."""
        while name:
            yield name
            name = self.bases.get(name, "")

    def all_members(self, name: str) -> dict[str, str]:
        """Return the members of a type and of its bases, navigations as well."""
        found: dict[str, str] = {}
        for one in self.line_of(name):
            found |= self.members.get(one, {})
            found |= {way.name: _kind_of(way) for way in self.ways.get(one, ()) if way.kind in (ONE, MANY)}
        return found

    def derived(self, name: str) -> list[str]:
        """Return the types that have this one among their bases."""
        return [one for one in self.bases if one != name and name in self.line_of(one)]

    def way(self, name: str, word: str) -> Way | None:
        """Return what `word` leads to from a type, in any case."""
        every = (way for one in self.line_of(name) for way in self.ways.get(one, ()))
        return next((way for way in every if way.name.lower() == word), None)

    def answer(self, method: str, segments: tuple[Segment, ...]) -> str | None:
        """Return the kind of what a path of Graph answers, or None where no type is published for it."""
        kind, is_collection = ROOT, False
        for segment in segments:
            bare, is_qualified = strip_namespace(segment.word)
            word = bare.lower()
            if word.startswith("$"):
                return None
            if is_collection:
                below = self._below_collection(kind, word, is_qualified)
            else:
                below = self._below(kind, word, is_qualified)
                if segment.key is not None and below is not None:
                    below = (below[0], False)
            if below is None:
                return None
            kind, is_collection = below
        return f"Collection({kind})" if is_collection and method == "GET" else kind

    def _below_collection(self, kind: str, word: str, is_qualified: bool) -> tuple[str, bool] | None:
        way = self.way(f"{kind}*", word)
        if way is not None:
            return way.target, False
        cast = next((one for one in (kind, *self.derived(kind)) if one.lower() == word), None)
        return (cast, True) if cast and is_qualified else (kind, False)

    def _below(self, kind: str, word: str, is_qualified: bool) -> tuple[str, bool] | None:
        way = self.way(kind, word)
        if way is not None:
            return way.target, way.kind == MANY
        cast = next((one for one in (kind, *self.derived(kind)) if one.lower() == word), None)
        if cast and is_qualified:
            return cast, False
        members = {name.lower(): of for name, of in self.all_members(kind).items()}
        return (members[word].rstrip("!"), False) if word in members else None


def _kind_of(way: Way) -> str:
    return f"Collection({way.target})" if way.kind == MANY else way.target


def _members(name: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for type_, member, kind in lines(name):
        found[type_][member] = kind
    return dict(found)


@cache
def graph() -> Published:
    """Return what Microsoft publishes of Graph v1.0's mail and calendars."""
    bases, ways = {}, defaultdict(list)
    for type_, kind, name, *target in lines("graph_ways.txt"):
        if kind == "is":
            bases[type_] = name
        else:
            ways[type_].append(Way(kind, name, *target))
    return Published(_members("graph_properties.txt"), bases, {name: tuple(one) for name, one in ways.items()})


@cache
def graph_words() -> dict[str, frozenset[str]]:
    """Return the words of each enumeration of Graph."""
    return {name: frozenset(words) for name, *words in lines("graph_words.txt")}


@cache
def google() -> Published:
    """Return what Google publishes of Calendar v3."""
    return Published(_members("google_properties.txt"))


@cache
def google_answers() -> dict[str, str]:
    """Return the type that each method of Calendar v3 answers, of those that answer one."""
    return {id_: answer[0] for id_, _, _, *answer in lines("google_methods.txt") if answer}
