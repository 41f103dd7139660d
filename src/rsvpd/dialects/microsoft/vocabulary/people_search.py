"""`$search` of people who matter to somebody: words that names and addresses begin with, or nearly do.

Each word of the text begins a part of the name or of the address, case aside; one of four letters and more may also be
one slip away from such a part: a letter that is another, is missing, is too much, or stands on the other side of its
neighbour (learn.microsoft.com/graph/people-insights-overview, fuzzy search; how near is near is ours).
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable

from rsvpd.dialects.microsoft.vocabulary.directory import parts_of
from rsvpd.dialects.microsoft.vocabulary.kql import search_fault
from rsvpd.errors import NotEmulated

_LONGEST, _MOST_WORDS, _LEAST_FOR_A_SLIP = 256, 10, 4
_TOPIC = re.compile(r"\btopic\s*+:", re.IGNORECASE)


class Nearness(enum.IntEnum):
    """How well somebody fits a search; the better the smaller."""

    EXACT = 0
    NEARLY = 1


def words_of(text: str) -> tuple[str, ...]:
    """Return the words that are looked for. Raises InvalidQuery, and NotEmulated for topics."""
    bare = text.replace('\\"', " ").replace('"', " ").strip()
    if _TOPIC.search(bare):
        raise NotEmulated("Topics of conversations are not emulated by rsvpd: search for names.", target="$search")
    words = tuple(dict.fromkeys(word.casefold() for word in bare.split()))
    if not words or len(bare) > _LONGEST or len(words) > _MOST_WORDS:
        raise search_fault(f"1 to {_MOST_WORDS} words of together {_LONGEST} characters at most are possible")
    return words


def nearness(words: Iterable[str], name: str, address: str) -> Nearness | None:
    """Return how well a name with an address fits the words, None where it does not."""
    parts = {*name.casefold().split(), *parts_of(name), address.casefold(), *parts_of(address)}
    found = Nearness.EXACT
    for word in words:
        if any(part.startswith(word) for part in parts):
            continue
        if len(word) < _LEAST_FOR_A_SLIP or not any(is_one_slip(word, part) for part in parts):
            return None
        found = Nearness.NEARLY
    return found


def is_one_slip(one: str, other: str) -> bool:
    """Return whether two words differ by one slip at most."""
    if abs(len(one) - len(other)) > 1:
        return False
    same = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[same:], other[same:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[:2][::-1] and a[2:] == b[2:])
