"""`$search` of messages: what each property of the keyword query language means (Graph: search-query-parameter).

Words without a property are looked for in the sender, the subject and the body. A single word after a
property may be the beginning of one; elsewhere that takes an asterisk (KQL syntax reference). Days are days in
UTC, written 2026-11-28 or 11/28/2026, or called `today`, `this week`, …; a week begins on Sunday. `=` means the
same as `:`. Of attachments their names are searched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from msgspec import Struct

from rsvpd import clock
from rsvpd.clock import Instant
from rsvpd.dialects.microsoft.vocabulary.kql import (
    All,
    Either,
    Negated,
    Restriction,
    Search,
    Term,
    parse,
    search_fault,
)
from rsvpd.query.algebra import And, Cmp, Has, Node, Not, Op, Or, Words
from rsvpd.query.evaluate import ITEM

V = TypeVar("V")
NOTHING = Or(())
_FROM = ("from", "from_name")
_ANYWHERE = (*_FROM, "subject", "body")
_TEXTS = {
    "subject": ("subject",),
    "body": ("body",),
    "content": ("body",),
    "from": _FROM,
    "sender": ("sender", "sender_name"),
}
_PEOPLE = {
    "to": ("to_people",),
    "cc": ("cc_people",),
    "bcc": ("bcc_people",),
    "recipients": ("to_people", "cc_people", "bcc_people"),
    "participants": ("from_people", "to_people", "cc_people", "bcc_people"),
}
_FLAGS = {"hasattachments": "has_attachments", "hasattachment": "has_attachments", "isread": "is_read"}
_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}
_IMPORTANCES = {"low": "low", "medium": "normal", "normal": "normal", "high": "high"}
_PLAIN = Cmp("meeting", Op.EQ, "none")
_OTHER_KINDS = ("contacts", "docs", "faxes", "im", "journals", "notes", "posts", "rssfeeds", "tasks", "voicemail")
_KINDS: dict[str, Node] = {"email": _PLAIN, "meetings": Not(_PLAIN), **dict.fromkeys(_OTHER_KINDS, NOTHING)}
_OPS = {"<": Op.LT, "<=": Op.LE, ">": Op.GT, ">=": Op.GE}
_UNITS = {"": 1, "b": 1, "kb": 1024, "mb": 1024**2, "gb": 1024**3}
_SIZE = re.compile(r"([0-9]{1,12})([a-z]{0,2})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AMERICAN = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,7})?)?[Zz]?")


class _Span(Struct, frozen=True):
    """What a value covers: from `first` up to, but not including, `past`; None is open."""

    first: int | None
    past: int | None


def condition(text: str, *, now: Instant) -> Node:
    """Return the condition that `text`, the value of `$search`, asks for. Raises InvalidQuery or NotEmulated."""
    return _Reader(now).node(parse(unwrap(text), _PROPERTIES))


def unwrap(text: str) -> str:
    """Return the search without the quotes around the whole, in which quotes are escaped. Raises InvalidQuery."""
    bare = text.strip()
    if not bare.startswith('"'):
        return bare
    inside, end = _quoted_text(bare)
    if end == len(bare):
        return inside
    if bare[end : end + 1] in (" ", ")", "*"):
        return bare
    raise search_fault("quotes inside the quotes around a search are written with a backslash before them")


def is_wrapped(text: str) -> bool:
    """Return whether quotes stand around the whole of a search, as the services want it."""
    bare = text.strip()
    return bare.startswith('"') and _quoted_text(bare)[1] == len(bare)


def _quoted_text(text: str) -> tuple[str, int]:
    """Return what stands in the quotes that open `text`, without backslashes, and where they end."""
    inside: list[str] = []
    letters = iter(enumerate(text[1:], 1))
    for at, letter in letters:
        if letter == '"':
            return "".join(inside), at + 1
        inside.append(next(letters, (0, ""))[1] if letter == "\\" else letter)
    raise search_fault("a quote is not closed")


class _Reader:
    """Turns searches into nodes; `now` is what `today` is seen from."""

    def __init__(self, now: Instant) -> None:
        self._now = now

    def node(self, search: Search) -> Node:
        match search:
            case All(parts):
                return And(tuple(self.node(part) for part in parts))
            case Either(parts):
                return Or(tuple(self.node(part) for part in parts))
            case Negated(part):
                return Not(self.node(part))
            case Term(words, is_open):
                return Or(tuple(Words(field, words, is_open) for field in _ANYWHERE))
            case Restriction(name):
                read = _PROPERTIES.get(name)
                if read is None:
                    raise search_fault(f"there is no property '{name[:40]}'; in quotes it is looked for as words")
                return read(self, search)

    def text(self, one: Restriction) -> Node:
        return _equal(one, Or(tuple(_words(one, field) for field in _TEXTS[one.name])))

    def people(self, one: Restriction) -> Node:
        return _equal(one, Or(tuple(Has(field, _words(one, ITEM)) for field in _PEOPLE[one.name])))

    def category(self, one: Restriction) -> Node:
        return _equal(one, Has("categories", _words(one, ITEM)))

    def flag(self, one: Restriction) -> Node:
        return _equal(one, Cmp(_FLAGS[one.name], Op.EQ, _word(one, _TRUTHS)))

    def importance(self, one: Restriction) -> Node:
        return _equal(one, Cmp("importance", Op.EQ, _word(one, _IMPORTANCES)))

    def kind(self, one: Restriction) -> Node:
        return _equal(one, _word(one, _KINDS))

    def attachment(self, one: Restriction) -> Node:
        return _equal(one, Has("attachment_names", _words(one, ITEM)))

    def has(self, one: Restriction) -> Node:
        """`has:attachment` is how older clients say `hasAttachments:true`."""
        if one.value.text.lower() not in ("attachment", "attachments"):
            raise search_fault(f"'has' knows attachments only, not '{one.value.text[:40]}'")
        return _equal(one, Cmp("has_attachments", Op.EQ, True))

    def date(self, one: Restriction) -> Node:
        return _compare(one, lambda text: _days(text, self._now))

    def size(self, one: Restriction) -> Node:
        return _compare(one, _bytes)


Read = Callable[[_Reader, Restriction], Node]
_PROPERTIES: dict[str, Read] = {
    **dict.fromkeys(_TEXTS, _Reader.text),
    **dict.fromkeys(_PEOPLE, _Reader.people),
    **dict.fromkeys(_FLAGS, _Reader.flag),
    **dict.fromkeys(("received", "sent"), _Reader.date),
    **dict.fromkeys(("attachment", "attachmentnames"), _Reader.attachment),
    **dict.fromkeys(("category", "categories"), _Reader.category),
    "has": _Reader.has,
    "importance": _Reader.importance,
    "kind": _Reader.kind,
    "size": _Reader.size,
}


# --- values


def _words(one: Restriction, field: str) -> Node:
    term = one.value
    if not term.words:
        raise search_fault(f"'{one.name}' needs a word to look for")
    return Words(field, term.words, term.is_open or (len(term.words) == 1 and not term.is_phrase))


def _word(one: Restriction, known: Mapping[str, V]) -> V:
    found = known.get(one.value.text.lower())
    if found is None:
        raise search_fault(f"'{one.name}' is one of {', '.join(known)}, not '{one.value.text[:40]}'")
    return found


def _equal(one: Restriction, found: Node) -> Node:
    """Return what a property without less and more means under its operator."""
    if one.op in _OPS:
        raise search_fault(f"'{one.name}' cannot be compared with '{one.op}'")
    return Not(found) if one.op == "<>" else found


def _compare(one: Restriction, read: Callable[[str], _Span]) -> Node:
    """Return what a property with less and more means: all of what a value covers is equal to it."""
    op, text = one.op, one.value.text
    if op in _OPS:
        span = read(text)
        edge, side = (span.past, Op.GE) if op == ">" else (span.first, _OPS[op])
        if op == "<=":
            edge, side = span.past, Op.LT
        return Cmp(one.name, side, edge)
    first, dots, last = text.partition("..")
    span = read(first) if not dots else _Span(
        read(first).first if first else None, read(last).past if last else None
    )
    if span.first is None and span.past is None:
        raise search_fault(f"'{one.name}' needs a value")
    bounds = ((Op.GE, span.first), (Op.LT, span.past))
    inside = And(tuple(Cmp(one.name, side, edge) for side, edge in bounds if edge is not None))
    return Not(inside) if op == "<>" else inside


def _bytes(text: str) -> _Span:
    found = _SIZE.fullmatch(text.lower())
    if found is None or found[2] not in _UNITS:
        raise search_fault(f"'{text[:40]}' is not a size; sizes are bytes, KB, MB or GB")
    number = int(found[1]) * _UNITS[found[2]]
    return _Span(number, number + 1)


def _days(text: str, now: Instant) -> _Span:
    """Return what a date, a date and time or a name covers: the whole day, the second, the interval."""
    today = clock.to_datetime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        first, past = _named_interval(text.lower(), today) or _day_interval(text) or _moment(text)
        return _Span(clock.from_datetime(first), clock.from_datetime(past))
    except (ValueError, OverflowError):
        known = "2026-11-28, 11/28/2026, 2026-11-28T10:00:00Z, today, yesterday, \"this week\""
        raise search_fault(f"'{text[:40]}' is not a date; dates are written like {known}") from None


def _named_interval(name: str, today: datetime) -> tuple[datetime, datetime] | None:
    which, _, interval = name.rpartition(" ")
    if name in ("today", "yesterday"):
        first = today - timedelta(days=1) if name == "yesterday" else today
        return first, first + timedelta(days=1)
    back = {"this": 0, "last": 1}.get(which)
    if back is None or interval not in ("week", "month", "year"):
        return None
    if interval == "week":
        sunday = today - timedelta(days=today.isoweekday() % 7 + 7 * back)
        return sunday, sunday + timedelta(days=7)
    months = 12 if interval == "year" else 1
    begin = today.year * 12 + (0 if interval == "year" else today.month - 1) - months * back
    return _month(begin, today), _month(begin + months, today)


def _month(number: int, day: datetime) -> datetime:
    return day.replace(year=number // 12, month=number % 12 + 1, day=1)


def _day_interval(text: str) -> tuple[datetime, datetime] | None:
    """Return a day, written as ISO 8601 or as the samples of the reference do: month, day, year."""
    american = _AMERICAN.fullmatch(text)
    if american is not None:
        month, day, year = map(int, american.groups())
        first = datetime(year, month, day, tzinfo=UTC)
    elif _DAY.fullmatch(text):
        first = datetime.fromisoformat(text).replace(tzinfo=UTC)
    else:
        return None
    return first, first + timedelta(days=1)


def _moment(text: str) -> tuple[datetime, datetime]:
    if not _TIME.fullmatch(text):
        raise ValueError(text)
    first = clock.to_datetime(clock.parse_instant(text.upper()))
    length = timedelta(microseconds=1) if first.microsecond else timedelta(seconds=1)
    return first, first + length
