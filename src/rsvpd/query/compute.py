"""What functions of fields come to, in Python (OData 4.01 URL conventions, 5.1.1.5 to 5.1.1.8).

Instants are taken apart in UTC. What cannot be computed (a place before the text, a day beyond the calendar) is unset.
"""

from __future__ import annotations

from collections.abc import Callable

from rsvpd.clock import to_datetime
from rsvpd.query.algebra import Apply, Constant, Function, Of, Term
from rsvpd.query.fields import Got

SECOND = 1_000_000
DAY = 86_400 * SECOND


def compute(term: Term, get: Callable[[str], Got]) -> Got:
    """Return what `term` comes to; `get` returns the value of a field."""
    match term:
        case Of(field):
            return get(field)
        case Constant(value):
            return value
        case Apply(function, arguments):
            return _apply(function, [compute(one, get) for one in arguments])


def _apply(function: Function, values: list[Got]) -> Got:
    match values:
        case [str(text)] if function in _OF_TEXT:
            return _OF_TEXT[function](text)
        case [int(instant)] if function in _OF_TIME:
            return _OF_TIME[function](instant)
        case [int(instant)] if function in _OF_DATE:
            return _date_part(instant, _OF_DATE[function])
        case [str(text), str(part)] if function is Function.INDEX_OF:
            return text.casefold().find(part.casefold())
        case [str(one), str(other)] if function is Function.CONCAT:
            return one + other
        case [str(text), int(start), *length] if function is Function.SUBSTRING:
            return _substring(text, start, *length)
    return None


def _substring(text: str, start: int, length: Got = None) -> str | None:
    if start < 0 or (isinstance(length, int) and length < 0):
        return None
    return text[start : start + length] if isinstance(length, int) else text[start:]


def _date_part(instant: int, name: str) -> int | None:
    try:
        part: int = getattr(to_datetime(instant), name)
    except OverflowError:
        return None
    return part


_OF_TEXT: dict[Function, Callable[[str], str | int]] = {Function.TRIM: str.strip, Function.LENGTH: len}
_OF_DATE = {Function.YEAR: "year", Function.MONTH: "month", Function.DAY: "day"}
_OF_TIME: dict[Function, Callable[[int], int]] = {
    Function.HOUR: lambda instant: instant % DAY // (3600 * SECOND),
    Function.MINUTE: lambda instant: instant // (60 * SECOND) % 60,
    Function.SECOND: lambda instant: instant // SECOND % 60,
    Function.MICROSECOND: lambda instant: instant % SECOND,
    Function.DATE: lambda instant: instant // DAY * DAY,
    Function.TIME: lambda instant: instant % DAY,
}
