"""What the real service refuses and this one answers: said in a hint, so that nobody is surprised later."""

from __future__ import annotations

from collections.abc import Iterator

from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.odata.options import Steps, without_casts
from rsvpd.dialects.odata.syntax import Call as Function
from rsvpd.dialects.odata.syntax import Compare, Every, Expr, Lambda, Negated, OneOf, Path, Some, parse
from rsvpd.hints import HEADER

TOO_COMPLEX = (
    "Microsoft Graph refuses this with InefficientFilter: what $orderby names has to come first in $filter, in the "
    "same order; here it begins with {}."
)


def of_messages(call: Call) -> tuple[tuple[str, str], ...]:
    """Return the hint on a list of messages whose sort order Graph would refuse beside its filter."""
    options = call.options
    if not call.profile.sorts_what_it_filters or options.filter is None or not options.orderby:
        return ()
    wanted = [_name(item.path) for item in options.orderby]
    if list(dict.fromkeys(_members(parse(options.filter))))[: len(wanted)] == wanted:
        return ()
    return ((HEADER, TOO_COMPLEX.format("/".join(options.orderby[0].path))),)


def _members(expr: Expr) -> Iterator[str]:
    """Yield the members a filter asks about, from left to right."""
    match expr:
        case Path(steps):
            yield _name(steps)
        case Lambda(path=path):
            yield _name(path.steps)
        case Compare(left=left, right=right):
            yield from _members(left)
            yield from _members(right)
        case OneOf(operand=operand):
            yield from _members(operand)
        case Negated(part):
            yield from _members(part)
        case Every(parts) | Some(parts) | Function(arguments=parts):
            for part in parts:
                yield from _members(part)


def _name(steps: Steps) -> str:
    return "/".join(without_casts(steps)).lower()
