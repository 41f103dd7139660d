"""The keyword query language: the text of a search, and nothing of what is searched ([MS-KQL] 2).

    list        = 1*either                  all of them are wanted
    either      = both *( "OR" both )
    both        = one *( "AND" one )
    one         = *( "NOT" / "-" / "+" ) ( "(" list ")" / phrase / word / restriction )
    phrase      = DQUOTE words [ "*" ] DQUOTE [ "*" ]
    restriction = property ( ":" / "=" / "<>" / "<" / "<=" / ">" / ">=" ) ( phrase / word )

Where no operator stands in the whole search, restrictions of the same property that follow each other are
alternatives ([MS-KQL] 2.2.4), but for comparisons, which nobody means so. An asterisk after a word leaves its end
open. What has neither letter nor digit only parts words. `and` and `or` in lower case join as well where they
stand between two others: to the real service they are words (see `small_operators`).

Rule: any text is read, or raises InvalidQuery or NotEmulated. The work grows with the length of the text alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from msgspec import Struct

from rsvpd.errors import InvalidQuery, NotEmulated
from rsvpd.query.words import words_of

TARGET = "$search"
MOST_LETTERS = 2048
MOST_TERMS = 50
MOST_DEPTH = 20


class Term(Struct, frozen=True):
    """Words that follow one another, folded; with `is_open` the last may go on.

    `text` is how they were written, `is_phrase` whether in quotes.
    """

    words: tuple[str, ...]
    is_open: bool = False
    text: str = ""
    is_phrase: bool = False


class Restriction(Struct, frozen=True):
    """A property, its name in lower case, compared with a value."""

    name: str
    op: str
    value: Term


class All(Struct, frozen=True):
    """Every part is wanted."""

    parts: tuple[Search, ...]


class Either(Struct, frozen=True):
    """One of the parts is enough."""

    parts: tuple[Search, ...]


class Negated(Struct, frozen=True):
    """The part is not wanted."""

    part: Search


Search = Term | Restriction | All | Either | Negated

_RUN = re.compile(r'[^\s()"]++')
_RESTRICTION = re.compile(r"([A-Za-z]\w*+)(<>|[<>]=?|:[<>]=?|[:=])")
_EQUAL = (":", "=")
_JOINING = ("AND", "OR", "NOT")
_PROXIMITY = ("NEAR", "ONEAR", "XRANK")
_FUNCTIONS = ("WORDS", "ALL", "ANY", "NONE")


class _Token(NamedTuple):
    """`kind` is one of `( ) + - AND OR NOT and or operand end`."""

    kind: str
    operand: Term | Restriction = Term(())


def parse(text: str, names: Collection[str] = ()) -> Search:
    """Return what `text` looks for; `names` are the properties there are. Raises InvalidQuery or NotEmulated."""
    if len(text) > MOST_LETTERS:
        raise search_fault(f"it has more than {MOST_LETTERS} letters")
    return _Parser(list(_tokens(text, names))).parse()


def search_fault(why: str) -> InvalidQuery:
    """Return the error for a search that is not understood."""
    return InvalidQuery(f"The search cannot be read: {why}.", target=TARGET)


def small_operators(text: str) -> tuple[str, ...]:
    """Return the operators that stand in lower case outside quotes."""
    outside = (part for number, part in enumerate(text.split('"')) if number % 2 == 0)
    words = dict.fromkeys(word for part in outside for word in part.split())
    return tuple(word for word in words if word in ("and", "or", "not"))


# --- tokens


def _tokens(text: str, names: Collection[str]) -> Iterator[_Token]:
    at = operands = 0
    while at < len(text):
        token, at = _token(text, at, names)
        if token is not None:
            operands += token.kind == "operand"
            yield token
        if operands > MOST_TERMS:
            raise search_fault(f"it has more than {MOST_TERMS} terms")
    yield _Token("end")


def _token(text: str, at: int, names: Collection[str]) -> tuple[_Token | None, int]:
    """Return the token at a place, or None for what only parts others, and where it ends."""
    letter = text[at]
    if letter.isspace():
        return None, at + 1
    if letter in "()":
        return _Token(letter), at + 1
    if letter == '"':
        term, end = _phrase(text, at)
        return _operand(term), end
    if letter in "+-" and not (text[at + 1 : at + 2] or " ").isspace():
        return _Token(letter), at + 1
    return _word(text, at, names)


def _operand(term: Term) -> _Token | None:
    return _Token("operand", term) if term.words else None


def _phrase(text: str, at: int) -> tuple[Term, int]:
    """Return the words in the quotes that open at a place."""
    closing = text.find('"', at + 1)
    if closing < 0:
        raise search_fault("a quote is not closed")
    inside, end = text[at + 1 : closing], closing + 1
    if text[end : end + 1] == "*":
        inside, end = inside + "*", end + 1
    return _term(inside, is_phrase=True), end


def _word(text: str, at: int, names: Collection[str]) -> tuple[_Token | None, int]:
    found = _RUN.match(text, at)
    assert found is not None
    run, end = found[0], found.end()
    restriction = _RESTRICTION.match(run)
    if restriction is not None:
        return _restriction(text, restriction, at, names)
    if run in _JOINING or run in ("and", "or"):
        return _Token(run), end
    if run in _PROXIMITY or (run in _FUNCTIONS and text[end : end + 1] == "("):
        raise NotEmulated(f"{run} of the keyword query language is not emulated by rsvpd.", target=TARGET)
    if not run.strip("<>=") and run != "":
        raise search_fault(f"no blank stands beside '{run}'")
    return _operand(_term(run)), end


def _restriction(
    text: str, found: re.Match[str], at: int, names: Collection[str]
) -> tuple[_Token | None, int]:
    """Return a property with its value; `RE: plans` has none, and is two words."""
    name, op = found[1].lower(), found[2]
    op = op.removeprefix(":") or op  # `received:>=2026-01-01` is written as well
    start = at + found.end()
    run = _RUN.match(text, start)
    if run is not None:
        return _Token("operand", Restriction(name, op, _term(run[0]))), run.end()
    if text[start : start + 1] == '"':
        term, end = _phrase(text, start)
        return _Token("operand", Restriction(name, op, term)), end
    if name in names:
        raise search_fault(f"a value has to follow '{found[0]}', without a blank or parenthesis")
    return _operand(_term(found[1])), start


def _term(text: str, *, is_phrase: bool = False) -> Term:
    is_open = text.endswith("*")
    bare = text[:-1] if is_open else text
    if "*" in bare:
        raise search_fault("an asterisk stands at the end of a word or phrase only")
    return Term(words_of(bare), is_open and bare[-1:].isalnum(), bare, is_phrase)


# --- the grammar


class _Parser:
    """Recursive descent; each method reads what its name says and leaves the rest."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0
        self._has_operators = any(token.kind not in ("operand", "(", ")", "end") for token in tokens)

    def parse(self) -> Search:
        found = self._list()
        if self._kind() != "end":
            raise search_fault("a parenthesis is closed that was not opened")
        return found

    def _kind(self, ahead: int = 0) -> str:
        return self._tokens[min(self._next + ahead, len(self._tokens) - 1)].kind

    def _list(self) -> Search:
        parts: list[Search] = []
        while self._kind() not in (")", "end"):
            parts.append(self._either())
        if not parts:
            raise search_fault("there is nothing to look for")
        return _one_or(All, tuple(parts) if self._has_operators else _alternatives(parts))

    def _either(self) -> Search:
        return self._chain("OR", self._both, Either)

    def _both(self) -> Search:
        return self._chain("AND", self._one, All)

    def _chain(
        self, word: str, part: Callable[[], Search], whole: Callable[[tuple[Search, ...]], Search]
    ) -> Search:
        parts = [part()]
        while self._kind() == word or (self._kind() == word.lower() and self._begins_another(1)):
            self._next += 1
            parts.append(part())
        return _one_or(whole, tuple(parts))

    def _begins_another(self, ahead: int) -> bool:
        return self._kind(ahead) not in (")", "end", "AND", "OR")

    def _one(self) -> Search:
        wanted = True
        while self._kind() in ("NOT", "-", "+"):
            wanted = wanted is (self._kind() == "+")
            self._next += 1
        part = self._operand()
        return part if wanted else Negated(part)

    def _operand(self) -> Search:
        kind, operand = self._tokens[self._next]
        if kind == "(":
            return self._inside()
        if kind in ("and", "or"):
            operand = Term((kind,), text=kind)
        elif kind != "operand":
            where = "at its end" if kind == "end" else f"before '{kind}'"
            raise search_fault(f"something to look for is missing {where}")
        self._next += 1
        return operand

    def _inside(self) -> Search:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise search_fault(f"it has more than {MOST_DEPTH} parentheses in each other")
        self._next += 1
        found = self._list()
        if self._kind() != ")":
            raise search_fault("a parenthesis is not closed")
        self._next += 1
        self._depth -= 1
        return found


def _one_or(whole: Callable[[tuple[Search, ...]], Search], parts: tuple[Search, ...]) -> Search:
    return parts[0] if len(parts) == 1 else whole(parts)


def _alternatives(parts: list[Search]) -> tuple[Search, ...]:
    """Return parts in which restrictions of the same property are one part: any of them is enough."""
    grouped: dict[object, list[Search]] = {}
    for number, part in enumerate(parts):
        is_equal = isinstance(part, Restriction) and part.op in _EQUAL and ".." not in part.value.text
        grouped.setdefault(part.name if isinstance(part, Restriction) and is_equal else number, []).append(part)
    return tuple(_one_or(Either, tuple(group)) for group in grouped.values())
