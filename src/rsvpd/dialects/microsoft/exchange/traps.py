"""What the real service refuses and this one answers: said in a hint, so that nobody is surprised later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.vocabulary import search
from rsvpd.dialects.microsoft.vocabulary.kql import small_operators
from rsvpd.dialects.odata.options import Steps, without_casts
from rsvpd.dialects.odata.syntax import Call as Function
from rsvpd.dialects.odata.syntax import Compare, Every, Expr, Includes, Lambda, Negated, OneOf, Path, Some, parse
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
INVALID_NODES = (
    "The real service refuses a filter with {} with ErrorInvalidUrlQueryFilter: it takes comparisons, contains and "
    "startswith, or $search."
)
# Members that no filter of the service takes, whatever its reference says (microsoft-graph-docs#426, #292).
_NOT_FILTERED = ("organizer", "responsestatus")
# Functions that it takes of mail and events; others are invalid nodes to it (microsoft-graph-docs#4331), and so are
# lambdas over recipients (microsoft-graph-explorer-v4#3957).
_TAKEN = ("contains", "startswith", "tolower", "toupper")
_RECIPIENTS = ("torecipients", "ccrecipients", "bccrecipients", "replyto")
_LONGEST = 400


def of_messages(call: Call) -> Headers:
    """Return the hint on a list of messages whose sort order or search the service would take otherwise."""
    return _hint_header((*_filter_traps(call), *_search_traps(call)))


def of_events(call: Call) -> Headers:
    """Return the hint on a list of events by what the service does not filter."""
    if call.options.filter is None:
        return ()
    expr = parse(call.options.filter)
    asked = dict.fromkeys(member.partition("/")[0] for member in members(expr))
    refused = [call.profile.spelling(name) for name in asked if name in _NOT_FILTERED]
    return _hint_header((*([UNSUPPORTED.format(" and ".join(refused))] if refused else ()), *_node_traps(expr)))


def _filter_traps(call: Call) -> Iterator[str]:
    options = call.options
    if options.filter is None:
        return
    expr = parse(options.filter)
    yield from _node_traps(expr)
    if not call.profile.sorts_what_it_filters or not options.orderby:
        return
    wanted = [_name(item.path) for item in options.orderby]
    if list(dict.fromkeys(members(expr)))[: len(wanted)] != wanted:
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


def _node_traps(expr: Expr) -> Iterator[str]:
    found = dict.fromkeys(_invalid_nodes(expr))
    if found:
        yield INVALID_NODES.format(" and ".join(found))


def _invalid_nodes(expr: Expr) -> Iterator[str]:
    """Yield what of a filter the service does not know for mail and events, in the order in which it stands."""
    if isinstance(expr, Function) and expr.name not in _TAKEN:
        yield expr.name
    if isinstance(expr, Lambda) and expr.path.steps[-1].lower() in _RECIPIENTS:
        yield f"{expr.path.steps[-1]}/{expr.quantifier.value}"
    for part in parts_of(expr):
        yield from _invalid_nodes(part)


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
        case _:
            for part in parts_of(expr):
                yield from members(part)


def parts_of(expr: Expr) -> tuple[Expr, ...]:
    """Return what an expression is made of, but for what a lambda says of items."""
    match expr:
        case Compare(left=left, right=right):
            return left, right
        case OneOf(operand=operand) | Includes(operand=operand):
            return (operand,)
        case Negated(part):
            return (part,)
        case Every(parts) | Some(parts) | Function(arguments=parts):
            return parts
        case _:
            return ()


def _name(steps: Steps) -> str:
    return "/".join(without_casts(steps)).lower()
