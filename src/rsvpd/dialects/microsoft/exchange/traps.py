"""What the real service refuses and this one answers: said in a hint, so that nobody is surprised later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.vocabulary import search
from rsvpd.dialects.microsoft.vocabulary.kql import small_operators
from rsvpd.dialects.odata.options import Steps, without_casts
from rsvpd.dialects.odata.syntax import Call as Function
from rsvpd.dialects.odata.syntax import Compare, Every, Expr, Lambda, Negated, OneOf, Path, Some, parse
from rsvpd.hints import HEADER

Headers = tuple[tuple[str, str], ...]

TOO_COMPLEX = (
    "Microsoft Graph refuses this with InefficientFilter: what $orderby names has to come first in $filter, in the "
    "same order; here it begins with {}."
)
UNSUPPORTED = (
    "The real service refuses a filter by {} with UnsupportedEntityExpression: read the events of a window and compare "
    "there."
)
UNQUOTED = 'The real service wants the whole of a search in quotes: $search="...".'
SMALL_OPERATORS = (
    "To the real service {} in lower case is a word to look for like any other: operators are AND, OR and NOT."
)
# Members that no filter of the service takes, whatever its reference says (microsoft-graph-docs#426, #1771, #292).
_NOT_FILTERED = ("organizer", "attendees", "responsestatus")
_LONGEST = 400


def of_messages(call: Call) -> Headers:
    """Return the hint on a list of messages whose sort order or search the service would take otherwise."""
    return _hint_header((*_filter_traps(call), *_search_traps(call)))


def of_events(call: Call) -> Headers:
    """Return the hint on a list of events by what the service does not filter."""
    if call.options.filter is None:
        return ()
    asked = dict.fromkeys(member.partition("/")[0] for member in members(parse(call.options.filter)))
    refused = [call.profile.spelling(name) for name in asked if name in _NOT_FILTERED]
    return _hint_header([UNSUPPORTED.format(" and ".join(refused))] if refused else ())


def _filter_traps(call: Call) -> Iterator[str]:
    options = call.options
    if not call.profile.sorts_what_it_filters or options.filter is None or not options.orderby:
        return
    wanted = [_name(item.path) for item in options.orderby]
    if list(dict.fromkeys(members(parse(options.filter))))[: len(wanted)] != wanted:
        yield TOO_COMPLEX.format("/".join(options.orderby[0].path))


def _search_traps(call: Call) -> Iterator[str]:
    text = call.options.search
    if text is None:
        return
    if not search.is_wrapped(text) and not text.isalnum():
        yield UNQUOTED
    small = small_operators(search.unwrap(text))
    if small:
        yield SMALL_OPERATORS.format(" and ".join(small))


def _hint_header(lines: Iterable[str]) -> Headers:
    text = " ".join(line.encode("ascii", "backslashreplace").decode()[:_LONGEST] for line in lines)
    return ((HEADER, " ".join(text.split())),) if text else ()


def members(expr: Expr) -> Iterator[str]:
    """Yield the members a filter asks about, from left to right."""
    match expr:
        case Path(steps):
            yield _name(steps)
        case Lambda(path=path):
            yield _name(path.steps)
        case Compare(left=left, right=right):
            yield from members(left)
            yield from members(right)
        case OneOf(operand=operand):
            yield from members(operand)
        case Negated(part):
            yield from members(part)
        case Every(parts) | Some(parts) | Function(arguments=parts):
            for part in parts:
                yield from members(part)


def _name(steps: Steps) -> str:
    return "/".join(without_casts(steps)).lower()
