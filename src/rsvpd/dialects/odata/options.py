"""Query options of a URL: `$select`, `$expand`, `$filter`, `$orderby` and their like, and all others.

Names count in any case, with or without `$`, percent-encoded or not; `+` is a blank. An option
stands once. What an option means is for whoever asks: `$filter` is text here (`filter.py` reads
it), and an option that is not known is kept by its name.

Rule: any query string is either read or raises InvalidQuery, the option being its target.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from urllib.parse import quote, unquote_plus

from msgspec import Struct

from rsvpd.errors import InvalidQuery

MOST_TOP = 1000
_MOST_SKIP = 2**31 - 1
_MOST_DEPTH = 8
_REMEMBERED, _LONGEST_REMEMBERED = 512, 1000

# A member path: `from/emailAddress`; a step with a dot in it is a type cast.
Steps = tuple[str, ...]

_KNOWN = frozenset(
    ("select", "expand", "filter", "orderby", "top", "skip", "count", "search", "skiptoken", "deltatoken")
)
_PLACES = ("$skip", "$skiptoken")
_STEP = re.compile(r"[^\W\d]\w*+(?:\.[^\W\d]\w*+)*+|\*")
_NUMBER = re.compile(r"[0-9]{1,10}")
_DIRECTIONS = {"": False, "asc": False, "desc": True}
_TRUTHS = {"true": True, "false": False}


class OrderBy(Struct, frozen=True):
    """One member to sort by."""

    path: Steps
    descending: bool = False


class Expand(Struct, frozen=True):
    """One thing to include, with options of its own."""

    path: Steps
    options: Options


class Options(Struct, frozen=True, kw_only=True):
    """The options of one request. `select` is None where everything is asked for.

    `others` holds what is not named here, by its name in lower case (`startdatetime`); a name that was
    written with `$` keeps it.
    """

    select: tuple[Steps, ...] | None = None
    expand: tuple[Expand, ...] = ()
    filter: str | None = None
    orderby: tuple[OrderBy, ...] = ()
    top: int | None = None
    skip: int | None = None
    count: bool = False
    search: str | None = None
    skiptoken: str | None = None
    deltatoken: str | None = None
    others: Mapping[str, str] = {}


def parse(query: str) -> Options:
    """Return the options of a raw query string, which is still percent-encoded. Raises InvalidQuery.

    Clients ask the same over and over: what it meant is remembered, unless it is long.
    """
    return _parse_with_cache(query) if len(query) <= _LONGEST_REMEMBERED else _parse(query)


def _parse(query: str) -> Options:
    return _options([(_decode(name), _decode(value)) for name, value in _pairs(query)], depth=0)


_parse_with_cache = lru_cache(maxsize=_REMEMBERED)(_parse)


def next_query(query: str, skiptoken: str) -> str:
    """Return the raw query string of the next page: the same, but for the place it starts at."""
    kept = _without_place(query)
    return f"{kept}{'&' if kept else ''}$skiptoken={quote(skiptoken, safe='')}"


def without_casts(path: Steps) -> Steps:
    """Return the members of a path alone: `microsoft.graph.eventMessage/event` is `event`."""
    return tuple(step for step in path if "." not in step)


@lru_cache(maxsize=_REMEMBERED)
def _without_place(query: str) -> str:
    return "&".join(part for part in query.split("&") if part and not _is_place(part))


def _is_place(part: str) -> bool:
    return _canonical(_decode(part.partition("=")[0])) in _PLACES


def _pairs(query: str) -> Iterator[tuple[str, str]]:
    for part in query.split("&"):
        if part:
            name, _, value = part.partition("=")
            yield name, value


def _decode(text: str) -> str:
    try:
        decoded = unquote_plus(text, errors="strict")
        decoded.encode()
    except UnicodeError:
        raise InvalidQuery("The query string is not UTF-8.") from None
    return decoded


def _canonical(name: str) -> str:
    bare = name.strip().lower()
    return f"${bare}" if bare in _KNOWN else bare


def _options(pairs: list[tuple[str, str]], *, depth: int) -> Options:
    given: dict[str, str] = {}
    for name, value in pairs:
        option = _canonical(name)
        if option in given:
            raise InvalidQuery(f"The query option '{option[:80]}' stands twice.", target=option)
        given[option] = value
    return Options(
        select=_select(given.pop("$select", "")),
        expand=_expand(given.pop("$expand", ""), depth),
        filter=_text(given.pop("$filter", "")),
        orderby=_orderby(given.pop("$orderby", "")),
        top=_number("$top", given.pop("$top", None), MOST_TOP),
        skip=_number("$skip", given.pop("$skip", None), _MOST_SKIP),
        count=_truth("$count", given.pop("$count", "false")),
        search=_text(given.pop("$search", "")),
        skiptoken=given.pop("$skiptoken", None),
        deltatoken=given.pop("$deltatoken", None),
        others=given,
    )


def _text(value: str) -> str | None:
    return value.strip() or None


def _number(option: str, value: str | None, most: int) -> int | None:
    if value is None:
        return None
    bare = value.strip()
    if not _NUMBER.fullmatch(bare) or int(bare) > most:
        raise InvalidQuery(
            f"The query option '{option}' must be a whole number from 0 to {most}, not '{bare[:80]}'.",
            target=option,
        )
    return int(bare)


def _truth(option: str, value: str) -> bool:
    found = _TRUTHS.get(value.strip().lower())
    if found is None:
        raise InvalidQuery(f"The query option '{option}' must be true or false, not '{value[:80]}'.", target=option)
    return found


def _select(value: str) -> tuple[Steps, ...] | None:
    paths = dict.fromkeys(_path("$select", part) for part in _parts("$select", value, ","))
    return tuple(paths) if paths and ("*",) not in paths else None


def _orderby(value: str) -> tuple[OrderBy, ...]:
    return tuple(_order(part) for part in _parts("$orderby", value, ","))


def _order(part: str) -> OrderBy:
    path, _, word = part.strip().partition(" ")
    direction = _DIRECTIONS.get(word.strip().lower())
    if direction is None:
        raise _fault("$orderby", part)
    return OrderBy(_path("$orderby", path), direction)


def _expand(value: str, depth: int) -> tuple[Expand, ...]:
    if depth > _MOST_DEPTH:
        raise InvalidQuery(f"$expand is at most {_MOST_DEPTH} levels deep.", target="$expand")
    return tuple(_expand_item(part, depth) for part in _parts("$expand", value, ","))


def _expand_item(part: str, depth: int) -> Expand:
    path, opening, rest = part.partition("(")
    inside, closing, beyond = rest.rpartition(")")
    if bool(opening) is not bool(closing) or beyond.strip():
        raise _fault("$expand", part)
    pairs = [one.partition("=") for one in _parts("$expand", inside, ";")]
    options = _options([(name, value) for name, _, value in pairs], depth=depth + 1)
    return Expand(_path("$expand", path), options)


def _path(option: str, text: str) -> Steps:
    steps = tuple(text.strip().split("/"))
    if not all(_STEP.fullmatch(step) for step in steps):
        raise _fault(option, text)
    return steps


def _parts(option: str, text: str, separator: str) -> list[str]:
    """Split at separators that stand neither in quotes nor in parentheses; nothing at all is no parts."""
    if not text.strip():
        return []
    parts, start, depth, in_quotes = [], 0, 0, False
    for at, letter in enumerate(text):
        if letter == "'":
            in_quotes = not in_quotes
        elif in_quotes:
            continue
        elif letter == separator and depth == 0:
            parts.append(text[start:at])
            start = at + 1
        else:
            depth += {"(": 1, ")": -1}.get(letter, 0)
            if depth < 0:
                break
    if depth != 0 or in_quotes:
        raise _fault(option, text)
    return [*parts, text[start:]]


def _fault(option: str, text: str) -> InvalidQuery:
    return InvalidQuery(f"The query option '{option}' cannot be read at '{text[:80]}'.", target=option)
