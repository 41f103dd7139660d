"""The words of a text, as searches find them: runs of letters and digits, case put aside.

Punctuation only parts words, so that `Re: plans` holds the words `re` and `plans`, and an address the
words of its parts. Chinese characters and kana each are a word, as nothing parts them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

# Kana, and the ideographs of three blocks; every other script parts its words.
_ALONE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_JOINED = re.compile(rf"[^\W_{_ALONE}]")
_WORD = re.compile(rf"[{_ALONE}]|[^\W_{_ALONE}]++")


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of `text` in their order, folded."""
    return tuple(_WORD.findall(text.casefold()))


def first_words(text: str, most: int) -> Iterable[str]:
    """Return so many different words of `text`, folded, in any order, or all where these are fewer."""
    if len(text) < most:
        return words_of(text)
    found: set[str] = set()
    for one in _WORD.finditer(text.casefold()):
        found.add(one[0])
        if len(found) == most:
            break
    return found


def starts_in_word(text: str) -> bool:
    """Return whether the first word of `text` may be the end of a longer one, where more text stands before it."""
    return _JOINED.match(text.casefold()) is not None


def ends_in_word(text: str) -> bool:
    """Return whether the last word of `text` may be the beginning of a longer one, where more text follows it."""
    return _JOINED.match(text.casefold()[-1:]) is not None


def holds(text: str, words: tuple[str, ...], *, is_open: bool = False) -> bool:
    """Return whether `text` has these words one after another; with `is_open` the last may be a beginning."""
    if not words:
        return True
    # One search in one string: its cost is the length of the text, whatever is looked for.
    wanted = f" {' '.join(words)}"
    return (wanted if is_open else f"{wanted} ") in _pad(text)


# A question may ask many things of one text, and of one text after the other.
@lru_cache(maxsize=8)
def _pad(text: str) -> str:
    return f" {' '.join(words_of(text))} "
