"""What of a question an index of words can answer: the terms that an item has wherever the question is true of it.

A term is a letter that says where a word stands, and the word. An index finds the items that have terms; what of
them the question is true of is decided by `evaluate.py`. So terms may promise too little and never too much: a word
is cut after so many letters, an item with very many terms is found by all questions (`MANY`), and what cannot be said
in terms narrows nothing.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from rsvpd.query.algebra import And, Cmp, Contains, EndsWith, Has, In, Node, Not, Op, Or, StartsWith, Value, Words
from rsvpd.query.evaluate import ITEM
from rsvpd.query.fields import EVENT_FIELDS, MESSAGE_FIELDS, Fields, Got, Kind
from rsvpd.query.words import ends_in_word, first_words, starts_in_word, words_of

# Names what terms are made of: raised with every change of this. An index of another name is made anew.
VERSION = f"2 {unicodedata.unidata_version}"
# The letters of a word that count; how many terms of an item are kept; the term of an item that has more.
LONGEST, MOST = 40, 4_000
MANY = "z"
# Parts of a question beyond which an index is not asked.
_MOST_PARTS = 300


class Term(Struct, frozen=True):
    """Items that have this term; with `is_open` one that begins so."""

    text: str
    is_open: bool = False


class AllOf(Struct, frozen=True):
    """Items that are found by all of these."""

    parts: tuple[Terms, ...]


class AnyOf(Struct, frozen=True):
    """Items that are found by one of these."""

    parts: tuple[Terms, ...]


Terms = Term | AllOf | AnyOf


class Vocabulary(Struct, frozen=True):
    """What of a kind of items is in the index.

    `letters` says where the words of a field stand, `values` of which fields whole values are terms; `sources` are the
    fields that are read to index an item, which hold the words of all the others. Of the texts of `wholes` each is a
    term as a whole besides: the words of an address stand in those of many others.
    """

    fields: Fields
    letters: Mapping[str, str]
    values: Mapping[str, str]
    sources: tuple[str, ...]
    wholes: frozenset[str] = frozenset()


MESSAGE_TERMS = Vocabulary(
    fields=MESSAGE_FIELDS,
    letters={
        "subject": "s", "body": "b",
        **dict.fromkeys(("from", "from_name", "from_people"), "f"), **dict.fromkeys(("sender", "sender_name"), "g"),
        **dict.fromkeys(("to", "to_names", "to_people"), "t"), **dict.fromkeys(("cc", "cc_names", "cc_people"), "c"),
        **dict.fromkeys(("bcc", "bcc_names", "bcc_people"), "d"),
        "categories": "k", "internet_message_id": "i", "conversation": "h", "attachment_names": "a",
    },
    values={"is_read": "r", "importance": "p", "flag": "l", "meeting": "m"},
    sources=(
        "subject", "body", "from", "from_people", "sender", "sender_name", "to", "to_people", "cc", "cc_people", "bcc",
        "bcc_people", "categories", "internet_message_id", "conversation", "attachment_names",
    ),
    wholes=frozenset({"from", "sender", "to", "cc", "bcc", "internet_message_id", "conversation"}),
)  # fmt: skip
# Of a series the words of all its dates.
EVENT_TERMS = Vocabulary(
    fields=EVENT_FIELDS,
    letters={
        "subject": "s", "body": "b", "location": "o", "attendees_text": "t", "organizer": "f", "organizer_name": "f",
        "categories": "k",
    },
    values={"importance": "p", "sensitivity": "v", "show_as": "w"},
    sources=("subject", "body", "location", "attendees_text", "organizer", "organizer_name", "categories"),
    wholes=frozenset({"organizer"}),
)  # fmt: skip


def terms_of(views: Iterable[Any], vocabulary: Vocabulary) -> set[str]:
    """Return the terms of an item, which is seen as these views."""
    found: set[str] = set()
    for view in views:
        for name in vocabulary.sources:
            letter = vocabulary.letters[name]
            for text in _texts(vocabulary, name, view):
                # No more than may be kept is taken from a text, and one too many.
                found.update([letter + word[:LONGEST] for word in first_words(text, MOST + 1)])
                if name in vocabulary.wholes:
                    found.add(_whole(letter, text))
            if len(found) > MOST:
                return {MANY}
        found.update(_value_term(vocabulary, name, vocabulary.fields[name].get(view)) for name in vocabulary.values)
    return found


def narrow(where: Node | None, vocabulary: Vocabulary) -> Terms | None:
    """Return terms that an item has wherever `where` is true of it; None where that says nothing."""
    if where is None:
        return None
    found = _terms(where, vocabulary)
    if found is None or sum(1 for _ in _leaves(found)) > _MOST_PARTS:
        return None
    return AnyOf((found, Term(MANY)))


def _texts(vocabulary: Vocabulary, name: str, view: Any) -> tuple[str, ...]:
    got: Got = vocabulary.fields[name].get(view)
    return got if isinstance(got, tuple) else (got,) if isinstance(got, str) else ()


def _value_term(vocabulary: Vocabulary, name: str, value: Got) -> str:
    return f"{vocabulary.values[name]}{str(value).casefold()}"


def _whole(letter: str, text: str) -> str:
    # An index takes letters and digits alone, so the text itself cannot be a term.
    return letter + hashlib.blake2b(text.casefold().encode(errors="surrogatepass"), digest_size=8).hexdigest()


def _leaves(terms: Terms) -> Iterator[Term]:
    if isinstance(terms, Term):
        yield terms
        return
    for part in terms.parts:
        yield from _leaves(part)


def _terms(node: Node, vocabulary: Vocabulary) -> Terms | None:
    match node:
        case And(parts):
            return _all_of(_terms(part, vocabulary) for part in parts)
        case Or(parts) if parts:
            return _any_of(_terms(part, vocabulary) for part in parts)
        case Not(Not(part)):
            return _terms(part, vocabulary)
        case Not(Or(parts)):
            return _all_of(_terms(Not(part), vocabulary) for part in parts)
        case Cmp(name, Op.EQ, bool(value)) | Not(Cmp(name, Op.NE, bool(value))):
            return _is(name, value, vocabulary)
        case Cmp(name, Op.NE, bool(value)) | Not(Cmp(name, Op.EQ, bool(value))):
            return _is(name, not value, vocabulary)
        case Cmp(name, Op.EQ, value):
            return _equal(name, value, vocabulary)
        case In(name, values) if values:
            return _any_of(_equal(name, value, vocabulary) for value in values)
        case Words(name, words, is_open):
            return _in_field(name, vocabulary, lambda letter: _sequence(letter, words, is_open))
        case Contains(name, text) | StartsWith(name, text) | EndsWith(name, text):
            return _in_field(name, vocabulary, lambda letter: _part(letter, node, text))
        case Has(name, test):
            is_whole = name in vocabulary.wholes
            return _in_field(name, vocabulary, lambda letter: _terms(test, _item(letter, is_whole=is_whole)))
    return None


def _item(letter: str, *, is_whole: bool) -> Vocabulary:
    """Return what is in the index of one of a list, which is tested under a name of its own."""
    wholes = frozenset({ITEM} if is_whole else ())
    return Vocabulary(fields={}, letters={ITEM: letter}, values={}, sources=(), wholes=wholes)


def _in_field(name: str, vocabulary: Vocabulary, make: Callable[[str], Terms | None]) -> Terms | None:
    letter = vocabulary.letters.get(name)
    return None if letter is None else make(letter)


def _is(name: str, value: bool, vocabulary: Vocabulary) -> Terms | None:
    is_known = name in vocabulary.values and vocabulary.fields[name].kind is Kind.BOOL
    return Term(_value_term(vocabulary, name, value)) if is_known else None


def _equal(name: str, value: Value, vocabulary: Vocabulary) -> Terms | None:
    if not isinstance(value, str):
        return None
    if name in vocabulary.values:
        is_word = vocabulary.fields[name].kind is Kind.WORD
        return Term(_value_term(vocabulary, name, value)) if is_word and value.isalnum() else None
    if name in vocabulary.wholes:
        return _in_field(name, vocabulary, lambda letter: Term(_whole(letter, value)))
    return _in_field(name, vocabulary, lambda letter: _sequence(letter, words_of(value), False))


def _sequence(letter: str, words: tuple[str, ...], is_open: bool) -> Terms | None:
    """Return the terms of words, the last of which may go on."""
    last = len(words) - 1
    return _all_of(_word(letter, word, is_open and place == last) for place, word in enumerate(words))


def _word(letter: str, word: str, is_open: bool = False) -> Term:
    return Term(letter + word[:LONGEST], is_open)


def _part(letter: str, test: Node, text: str) -> Terms | None:
    """Return the terms of a text that stands within another: words at its ends may be parts of longer ones."""
    words = words_of(text)
    parts: list[Term | None] = [_word(letter, word) for word in words]
    if words and not isinstance(test, StartsWith) and starts_in_word(text):
        parts[0] = None
    if words and not isinstance(test, EndsWith) and ends_in_word(text):
        is_begun = len(words) > 1 or parts[0] is not None
        parts[-1] = _word(letter, words[-1], is_open=True) if is_begun else None
    return _all_of(parts)


def _all_of(parts: Iterable[Terms | None]) -> Terms | None:
    found = tuple(part for part in parts if part is not None)
    return None if not found else found[0] if len(found) == 1 else AllOf(found)


def _any_of(parts: Iterable[Terms | None]) -> Terms | None:
    found: list[Terms] = []
    for part in parts:
        if part is None:
            return None
        found.append(part)
    return found[0] if len(found) == 1 else AnyOf(tuple(found)) if found else None
