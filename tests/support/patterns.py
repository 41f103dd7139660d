"""Whether a regular expression takes time in proportion to its input, told from its parse tree.

A pattern is quick where it never looks at a letter twice. So each repetition without a bound has to be possessive,
and where the rest may fail after one, what it ran over must hold no letter with which the next try could begin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _compiler, _constants, _parser
from typing import Any

# What repeats so often at most costs what it costs once.
FEW = 300
LETTERS = [chr(number) for number in range(0x250)] + ["\u2028", "\ud800", "\U0001f600"]
_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)
_SINGLE = (_constants.LITERAL, _constants.NOT_LITERAL, _constants.ANY, _constants.IN)
_LOOKS = (_constants.ASSERT, _constants.ASSERT_NOT)

Items = Any  # of `re._parser.SubPattern`
Letters = frozenset[str]


def faults(pattern: re.Pattern[str], *, is_searched: bool) -> list[str]:
    """Return why `pattern` could look at letters again; `is_searched` says that it is tried from any place on."""
    tree = _parser.parse(pattern.pattern, pattern.flags)
    begin = _first(tree)[0] if is_searched else frozenset()
    return list(_faults(tree, may_fail=False, begin=begin))


def _faults(items: Items, *, may_fail: bool, begin: Letters) -> Iterator[str]:
    for at, (op, argument) in enumerate(items):
        fails = may_fail or not all(map(_never_fails, items[at + 1 :]))
        if op in _REPEATS:
            yield from _of_repeat(op, argument, may_fail=fails, begin=begin)
        else:
            for inner in _parts(op, argument):
                yield from _faults(inner, may_fail=fails or op in _LOOKS, begin=begin)


def _of_repeat(op: Any, argument: Any, *, may_fail: bool, begin: Letters) -> Iterator[str]:
    _, most, body = argument
    if most <= FEW:
        yield from _faults(body, may_fail=may_fail, begin=begin)
        return
    if op is not _constants.POSSESSIVE_REPEAT:
        yield "a repetition without a bound that is not possessive"
    if may_fail and (again := _letters(body) & begin):
        yield f"a try that fails has run over {min(again)!r}, with which another begins"
    yield from _faults(body, may_fail=False, begin=begin | _first(body)[0] if _has_branch(body) else begin)


def _has_branch(items: Items) -> bool:
    """Return whether there is a choice in `items`: where one branch fails, another begins at the same place."""
    inner = [part for op, argument in items for part in ([argument[2]] if op in _REPEATS else _parts(op, argument))]
    return any(op is _constants.BRANCH for op, _ in items) or any(map(_has_branch, inner))


def _parts(op: Any, argument: Any) -> list[Items]:
    """Return the sequences within an item that is not a repetition."""
    if op is _constants.SUBPATTERN:
        return [argument[-1]]
    if op is _constants.BRANCH:
        return list(argument[1])
    if op is _constants.ATOMIC_GROUP:
        return [argument]
    return [argument[1]] if op in _LOOKS else []


def _never_fails(item: Any) -> bool:
    op, argument = item
    if op in _REPEATS:
        return argument[0] == 0
    if op is _constants.BRANCH:  # `(?:"|\Z)` after `[^"]*+` is one or the other
        return any(all(map(_never_fails, branch)) or _is_end(branch) for branch in argument[1])
    parts = _parts(op, argument) if op not in _LOOKS else []
    return bool(parts) and all(all(map(_never_fails, part)) for part in parts)


def _is_end(branch: Items) -> bool:
    return list(branch) == [(_constants.AT, _constants.AT_END_STRING)]


def _first(items: Items) -> tuple[Letters, bool]:
    """Return with which letters `items` can begin, and whether they can be empty."""
    found: Letters = frozenset()
    for item in items:
        letters, is_empty = _first_of(*item, items)
        found |= letters
        if not is_empty:
            return found, False
    return found, True


def _first_of(op: Any, argument: Any, items: Items) -> tuple[Letters, bool]:
    if op in _SINGLE:
        return _single(op, argument, items), False
    if op in _REPEATS:
        letters, is_empty = _first(argument[2])
        return letters, is_empty or argument[0] == 0
    if op in _LOOKS or op is _constants.AT:
        return frozenset(), True
    found = [_first(part) for part in _parts(op, argument)]
    assert found, f"{op} is not understood"
    return frozenset().union(*(letters for letters, _ in found)), any(is_empty for _, is_empty in found)


def _letters(items: Items) -> Letters:
    """Return the letters that `items` can run over."""
    found: Letters = frozenset()
    for op, argument in items:
        if op in _SINGLE:
            found |= _single(op, argument, items)
        elif op not in _LOOKS:
            inner = [argument[2]] if op in _REPEATS else _parts(op, argument)
            found = found.union(*map(_letters, inner))
    return found


def _single(op: Any, argument: Any, items: Items) -> Letters:
    one = _compiler.compile(_parser.SubPattern(items.state, [(op, argument)]), items.state.flags)
    return frozenset(letter for letter in LETTERS if one.fullmatch(letter))
