"""OData paths: from text to segments, and from segments to a row of a route table.

Grammar (OData 4.0 part 2, 4.1 to 4.11), read leniently:

    path      = segment *( "/" segment )      empty segments and a trailing slash do not count
    segment   = word | key | word "(" "'" key "'" ")" | word "(" name "=" value ... ")"
    word      = [ namespace "." ] name        in any case

Percent-encoding is undone once, after the path was cut at its slashes, so that `%2F` belongs
to its segment. A word is tried before a key: `Messages/Microsoft.OutlookServices.EventMessage`
is a cast, `Messages/AAMk…` a key.

Rule: any text parses and resolves, or raises a DomainError.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, TypeVar
from urllib.parse import quote, unquote

from msgspec import Struct

from rsvpd.errors import InvalidId, MethodNotAllowed, NotEmulated, UnknownSegment

H = TypeVar("H")

# The prefixes a type or action may carry, in any dialect; `graph` is the alias of Graph, as Kiota writes it.
NAMESPACES = ("microsoft.graph.", "graph.", "microsoft.outlookservices.", "microsoft.exchange.services.odata.model.")
ANY = "*"

_MOST_SEGMENTS = 24
_ECHO = 80
_CLOSE = 0.7  # how much alike two words have to be: one letter in four may be wrong
_ARGUMENT = re.compile(r"\s*+([A-Za-z_]\w*+)\s*+=\s*+([\w.]*+'(?:[^']|'')*+'|[^,'()=]++)\s*+(?:,|\Z)")


class Segment(Struct, frozen=True):
    """One decoded segment: the whole `text`, the `word` before any parentheses, and what stood in them."""

    text: str
    word: str
    key: str | None = None
    arguments: Mapping[str, str] = {}


class Gap(Struct, frozen=True):
    """A route that the real service has and this one has not; `near` is the row to use instead, where one helps."""

    near: str = ""


class Row(Struct, Generic[H], frozen=True):
    """One route. `pattern` is `me/events/{event}/accept`; a name after `:` is a type cast.

    A Gap for the method `*` stands for everything at and below its pattern.
    """

    method: str
    pattern: str
    handler: H | Gap


class Step(Struct, frozen=True):
    """A step of a resolved path: the name as the table spells it, and the key that followed."""

    name: str
    key: str | None = None
    is_cast: bool = False


class ResolvedPath(Struct, Generic[H], frozen=True):
    """A resolved path: keys by their names in the pattern, and the way that was walked."""

    handler: H
    keys: Mapping[str, str]
    trail: tuple[Step, ...]


def parse(path: str) -> tuple[Segment, ...]:
    """Return the segments of a percent-encoded path. Raises UnknownSegment or InvalidId."""
    parts = [part for part in path.split("/") if part]
    if len(parts) > _MOST_SEGMENTS:
        raise UnknownSegment("The request path has too many segments.")
    return tuple(_segment(_decode(part)) for part in parts)


def strip_namespace(word: str) -> tuple[str, bool]:
    """Return `word` without its namespace, and whether it had one."""
    lower = word.lower()
    for prefix in NAMESPACES:
        if lower.startswith(prefix):
            return word[len(prefix) :], True
    return word, False


def key_text(key: str, *, safe: str = "@=-_.~!$&*+,;:'") -> str:
    """Return `('key')` as it stands in a URL: quotes doubled, what a URL cannot hold encoded."""
    doubled = key.replace("'", "''")
    return f"('{quote(doubled, safe=safe)}')"


class Routes(Generic[H]):
    """A table of routes, walked word by word."""

    def __init__(self, rows: Iterable[Row[H]]) -> None:
        self._root: _Node[H] = _Node()
        for row in rows:
            self._root.add(row)

    def resolve(
        self,
        segments: tuple[Segment, ...],
        method: str,
        *,
        root: str = "",
        synonyms: Mapping[str, str] | None = None,
        namespace: str = "",
    ) -> ResolvedPath[H]:
        """Return the row for these segments. `root` is set before paths named in messages, `namespace` before casts.

        Raises UnknownSegment, NotEmulated (both name a route that is near, where there is one) or
        MethodNotAllowed, whose target lists the methods of the path.
        """
        walk = _Walk(self._root, root, synonyms or {}, f"{namespace}." if namespace else "")
        try:
            for segment in segments:
                walk.enter(segment)
            return walk.resolve(method)
        except UnknownSegment as unknown:
            near = self._nearest(segments, walk, method)
            if near is None:
                raise
            words = f"{unknown.message} The nearest route that exists is {near}."
            raise UnknownSegment(words, target=unknown.target) from None

    def _nearest(self, segments: tuple[Segment, ...], walk: _Walk[H], method: str) -> str | None:
        """Return the route that was meant, or what the words lead to where they are a route's beginning."""
        if walk.done == len(segments):
            return walk.route(method)
        before, wrong, after = segments[: walk.done], segments[walk.done], segments[walk.done + 1 :]
        for meant in walk.suggestions(wrong):
            route = self._mend((*before, *meant, *after), walk, method)
            if route is not None:
                return route
        return None

    def _mend(self, segments: tuple[Segment, ...], before: _Walk[H], method: str) -> str | None:
        walk = before.afresh(self._root)
        try:
            for segment in segments:
                walk.enter(segment)
        except UnknownSegment:
            return None
        return None if walk.gap is not None else walk.route(method)


class _Node(Generic[H]):
    """A place in the table: what may follow, and what may be done here."""

    def __init__(self, name: str = "", *, is_cast: bool = False) -> None:
        self.name = name
        self.is_cast = is_cast
        self.words: dict[str, _Node[H]] = {}
        self.key: _Node[H] | None = None
        self.rows: dict[str, tuple[Row[H], tuple[str, ...]]] = {}

    def add(self, row: Row[H]) -> None:
        node, names = self, []
        for part in row.pattern.split("/") if row.pattern else ():
            if part.startswith("{"):
                node.key = node.key or _Node()
                node = node.key
                names.append(part[1:-1])
            else:
                child: _Node[H] = _Node(part.removeprefix(":"), is_cast=part.startswith(":"))
                node = node.words.setdefault(part.lower(), child)
        if row.method in node.rows:
            raise ValueError(f"{row.method} {row.pattern} stands twice")
        node.rows[row.method] = (row, tuple(names))

    def methods(self) -> list[str]:
        """Return the methods that are answered here, without gaps."""
        return [method for method, (row, _) in self.rows.items() if not isinstance(row.handler, Gap)]

    def spelling(self, namespace: str) -> str:
        """Return the word that leads here; a type cast carries its namespace."""
        return namespace + self.name if self.is_cast else self.name

    def first_route(self, namespace: str, method: str) -> str | None:
        """Return the method and the rest of the path of the first route at or below this node; `method` rather."""
        if methods := self.methods():
            return f"{method if method in methods else methods[0]} "
        below = [("/{id}", self.key)] if self.key else []
        below += [("/" + node.spelling(namespace), node) for node in self.words.values()]
        for text, node in below:
            if route := node.first_route(namespace, method):
                found, _, rest = route.partition(" ")
                return f"{found} {text}{rest}"
        return None


class _Walk(Generic[H]):
    """One path on its way through the table."""

    def __init__(self, node: _Node[H], root: str, synonyms: Mapping[str, str], namespace: str) -> None:
        self.node = node
        self.root = root
        self.synonyms = synonyms
        self.namespace = namespace
        self.keys: list[str] = []
        self.trail: list[Step] = []
        self.gap: tuple[Gap, tuple[str, ...]] | None = None
        self.done = 0  # how many segments were found

    def afresh(self, node: _Node[H]) -> _Walk[H]:
        """Return a walk that begins at `node`, under the same names."""
        return _Walk(node, self.root, self.synonyms, self.namespace)

    def enter(self, segment: Segment) -> None:
        """Take one step. Raises UnknownSegment where there is none."""
        if self.gap is not None:
            return
        child = self._word(segment)
        if child is not None and segment.key is not None and child.key is None:
            raise self._unknown_segment(segment)
        if child is not None:
            self.node = child
            self.trail.append(Step(child.name, is_cast=child.is_cast))
            if segment.key is not None:
                self._key(segment.key, self.node.key)
        elif self.node.key is not None and self.trail and segment.text == segment.word:
            self._key(segment.text, self.node.key)
        else:
            raise self._unknown_segment(segment)
        self.done += 1
        self._look_for_gap()

    def route(self, method: str) -> str | None:
        """Return the route at this place, or else the first one below it."""
        route = self.node.first_route(self.namespace, method)
        if route is None:
            return None
        found, _, rest = route.partition(" ")
        here = self._here()
        return f"{found} {self.root}{'/' if here else ''}{here}{rest}"

    def suggestions(self, segment: Segment) -> Iterator[tuple[Segment, ...]]:
        """Yield what may have been meant by a segment that leads nowhere from here."""
        word, _ = strip_namespace(segment.word)
        if not self.trail:
            yield Segment("me", "me"), segment
        for node in self.node.words.values():
            if node.is_cast and word.lower() in node.words:
                cast = node.spelling(self.namespace)
                yield Segment(cast, cast), segment
        known = {node.name.lower(): node.name for node in self.node.words.values()}
        for close in difflib.get_close_matches(word.lower()[:_ECHO], known, n=1, cutoff=_CLOSE):
            text = known[close] + segment.text[len(segment.word) :]
            yield (Segment(text, known[close], segment.key, segment.arguments),)

    def resolve(self, method: str) -> ResolvedPath[H]:
        """Return what stands at the end of the path for `method`."""
        if self.gap is not None:
            raise self._not_emulated_error(*self.gap)
        if method in self.node.rows:
            row, names = self.node.rows[method]
            if isinstance(row.handler, Gap):
                raise self._not_emulated_error(row.handler, names, f"{method} of ")
            return ResolvedPath(row.handler, dict(zip(names, self.keys, strict=True)), tuple(self.trail))
        if methods := self.node.methods():
            *others, last = methods
            allowed = f"{', '.join(others)} and {last} are" if others else f"{last} is"
            raise MethodNotAllowed(
                f"The method {method[:20]} is not allowed here; {allowed}.", target=", ".join(methods)
            )
        raise self._unknown_segment(Segment(self._here() or "/", ""))

    def _word(self, segment: Segment) -> _Node[H] | None:
        name, qualified = strip_namespace(segment.word)
        lower = name.lower()
        lower = self.synonyms.get(lower, lower)
        words = self.node.words
        return (words.get(":" + lower) or words.get(lower)) if qualified else words.get(lower)

    def _key(self, key: str, node: _Node[H] | None) -> None:
        assert node is not None
        self.node = node
        self.keys.append(key)
        self.trail[-1] = Step(self.trail[-1].name, key, self.trail[-1].is_cast)

    def _look_for_gap(self) -> None:
        row, names = self.node.rows.get(ANY, (None, ()))
        if row is not None and isinstance(row.handler, Gap):
            self.gap = (row.handler, names)

    def _here(self) -> str:
        return "/".join(
            (self.namespace if step.is_cast else "")
            + step.name
            + ("" if step.key is None else f"/{step.key[:_ECHO]}")
            for step in self.trail
        )

    def _unknown_segment(self, segment: Segment) -> UnknownSegment:
        text = segment.text[:_ECHO]
        return UnknownSegment(f"Resource not found for the segment '{text}'.", target=text)

    def _not_emulated_error(self, gap: Gap, names: tuple[str, ...], method_of: str = "") -> NotEmulated:
        method, _, near = gap.near.partition(" ")
        keys = dict(zip(names, self.keys, strict=False))
        if "user" in keys and near.startswith("me"):
            near = "users/{user}" + near[2:]
        for name, key in keys.items():
            near = near.replace(f"{{{name}}}", key[:_ECHO])
        last = self.trail[-1].name if self.trail else "/"
        return not_emulated_error(
            f"{method_of}'{last}'", self._here(), f"{method} {self.root}/{near}" if near else "", target=last
        )


def not_emulated_error(what: str, place: str, near: str, *, target: str) -> NotEmulated:
    """Return the error for what the real service has at `place`; `near` is the route to use instead, or nothing."""
    words = f"{what} exists in the real service and is not emulated by rsvpd at '{place}'."
    return NotEmulated(f"{words} The nearest route that exists is {near}." if near else words, target=target)


def _decode(part: str) -> str:
    if "%" not in part and part.isascii():
        return part
    try:
        text = unquote(part, errors="strict")
        text.encode()  # a lone surrogate cannot be echoed to anybody
    except UnicodeError:
        raise UnknownSegment("The request path is not UTF-8.") from None
    return text


def _segment(text: str) -> Segment:
    word, opening, rest = text.partition("(")
    if not opening or ")" in word or not rest.endswith(")"):
        return Segment(text, text)
    inside = rest[:-1]
    if (quoted := _unquote(inside)) is not None:
        return Segment(text, word, quoted)
    if not inside.strip():
        return Segment(text, word)
    arguments = _arguments(inside)
    if len(arguments) == 1 and "id" in arguments:
        return Segment(text, word, arguments["id"])
    if arguments:
        return Segment(text, word, None, arguments)
    if "'" in inside:
        raise InvalidId("Id is malformed.")
    return Segment(text, word, inside)


def _arguments(inside: str) -> dict[str, str]:
    """Return `name='value',…` by lower-case name, or nothing where it is not written so."""
    found: dict[str, str] = {}
    at = 0
    while at < len(inside):
        match = _ARGUMENT.match(inside, at)
        if match is None:
            return {}
        name, value = match.groups()
        quoted = _unquote(value[value.find("'") :]) if value.endswith("'") else None
        found[name.lower()] = value.strip() if quoted is None else quoted
        at = match.end()
    return found


def _unquote(text: str) -> str | None:
    """Return what stands in quotes, where `text` is nothing but that; a quote in it stands twice."""
    if len(text) < 2 or text[0] != "'" or text[-1] != "'":
        return None
    inside = text[1:-1]
    return None if "'" in inside.replace("''", "") else inside.replace("''", "'")
