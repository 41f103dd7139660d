"""What the directory may be asked, and what only with `ConsistencyLevel: eventual` and `$count=true`.

https://learn.microsoft.com/graph/aad-advanced-queries: the table of what each property is filtered by, the codes and
words of refusals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct, structs

from rsvpd.dialects.microsoft.exchange import listing
from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.odata.filter import Lookup
from rsvpd.dialects.odata.options import Options, Steps, without_casts
from rsvpd.dialects.odata.syntax import Call as Function
from rsvpd.dialects.odata.syntax import Compare, Every, Expr, Lambda, Negated, Null, OneOf, Path, Some, parse
from rsvpd.errors import InvalidDirectoryValue, UnsupportedDirectoryQuery
from rsvpd.query.algebra import Order, Query

DEFAULT_TOP, MAX_TOP = 100, 999
_NO_COUNT = "$count is not currently supported."
_NO_SKIP = "'$skip' is not supported by the service."
_PAGE_SIZE = "Invalid page size specified: '{}'. Must be between 1 and 999 inclusive."
_NO_SORTING = "Sorting not supported for current query."
_CLAUSE = "Unsupported or invalid query filter clause specified for property '{}' of resource 'User'."
_MISSING = (
    "Operator '{}' is not supported because the required parameters might be missing. Try adding $count=true query "
    "parameter and ConsistencyLevel:eventual header. Refer to https://aka.ms/graph-docs/advanced-queries for more "
    "information"
)
_SORTED, _SORTED_IF_ADVANCED = ("displayname", "userprincipalname"), ("createddatetime",)
_RANGE, _TEXT = "eq ge le in", "eq ge le in startswith"


class Support(Struct, frozen=True):
    """The operators of a property: always, and in an advanced query besides, where `ne` and `not` go with `eq`."""

    always: frozenset[str]
    advanced: frozenset[str]


def _row(always: str, advanced: str = "") -> Support:
    every = frozenset(f"{always} {advanced}".split())
    negated = frozenset(("ne", "not")) if "eq" in every else frozenset[str]()
    return Support(frozenset(always.split()), every | negated)


_SUPPORT: Mapping[str, Support] = {
    "accountenabled": _row("eq in", "ge le"),
    "agegroup": _row("eq in", "null"),
    "businessphones": _row("eq"),
    "city": _row(_TEXT, "null"),
    "companyname": _row("", f"{_TEXT} null"),
    "consentprovidedforminor": _row("eq in", "null"),
    "country": _row(_TEXT, "null"),
    "createddatetime": _row("eq ge le", "in"),
    "creationtype": _row("eq in", "null"),
    "department": _row(_TEXT, "null"),
    "displayname": _row("eq in startswith", "ge le null"),
    "employeehiredate": _row("", _RANGE),
    "employeeid": _row("eq startswith", "ge le in null"),
    "employeetype": _row("", _TEXT),
    "externaluserstate": _row("eq in", "null"),
    "faxnumber": _row("", f"{_TEXT} null"),
    "givenname": _row(_TEXT, "null"),
    "id": _row("eq in"),
    "imaddresses": _row("eq ge le startswith"),
    "isresourceaccount": _row("eq"),
    "jobtitle": _row(_TEXT, "null"),
    "mail": _row(_TEXT, "endswith null"),
    "mailnickname": _row(_TEXT, "null"),
    "mobilephone": _row("", f"{_TEXT} null"),
    "officelocation": _row("", f"{_TEXT} null"),
    "onpremisesimmutableid": _row("", _RANGE),
    "onpremiseslastsyncdatetime": _row("", _RANGE),
    "onpremisessamaccountname": _row("", _TEXT),
    "onpremisessecurityidentifier": _row("eq in", "null"),
    "onpremisessyncenabled": _row("eq in", "ge le null"),
    "onpremisesuserprincipalname": _row(_TEXT),
    "othermails": _row(_TEXT, "endswith"),
    "passwordpolicies": _row("", "eq null"),
    "postalcode": _row("", f"{_TEXT} null"),
    "preferredlanguage": _row("", f"{_TEXT} null"),
    "proxyaddresses": _row("eq ge le startswith", "endswith null"),
    "showinaddresslist": _row("", _RANGE),
    "state": _row(_TEXT, "null"),
    "streetaddress": _row("", f"{_TEXT} null"),
    "surname": _row(_TEXT, "null"),
    "usagelocation": _row(_TEXT),
    "userprincipalname": _row(_TEXT, "endswith"),
    "usertype": _row("eq in", "null"),
}
_SPELLED = {"startswith": "startsWith", "endswith": "endsWith", "null": "eq null"}
_TESTS = ("startswith", "endswith", "contains")


def question(call: Call, lookup: Lookup, *, order: tuple[Order, ...] = ()) -> Query:
    """Return the question that the options ask of the directory. Raises UnsupportedDirectoryQuery."""
    asked = listing.query_of_people(call, lookup, order=order)
    if not call.profile.searches_directory:
        return asked
    options, eventual = call.options, is_eventual(call)
    is_number = call.trail[-1].name == "$count"
    if is_number and not eventual:
        raise InvalidDirectoryValue(_NO_COUNT, target="$count")
    is_advanced = eventual and (options.count or is_number)
    _check_paging(options)
    _check_filter(options, is_advanced=is_advanced)
    _check_order(options, is_advanced=is_advanced)
    # Without the header the parameter is passed over in silence.
    return structs.replace(asked, top=options.top or DEFAULT_TOP, count=is_advanced)


def is_eventual(call: Call) -> bool:
    """Return whether a client says that it takes what is true after a while."""
    return call.request.headers.get("consistencylevel", "").strip().lower() == "eventual"


def _check_paging(options: Options) -> None:
    if options.skip is not None:
        raise InvalidDirectoryValue(_NO_SKIP, target="$skip")
    if options.top is not None and not 1 <= options.top <= MAX_TOP:
        raise UnsupportedDirectoryQuery(_PAGE_SIZE.format(options.top), target="$top")


def _check_order(options: Options, *, is_advanced: bool) -> None:
    named = [_name(one.path) for one in options.orderby]
    possible = (*_SORTED, *_SORTED_IF_ADVANCED) if is_advanced else _SORTED
    clashes = named and options.filter is not None and not is_advanced
    if clashes or any(name in _SUPPORT and name not in possible for name in named):
        raise UnsupportedDirectoryQuery(_NO_SORTING, target="$orderby")


def _check_filter(options: Options, *, is_advanced: bool) -> None:
    if options.filter is None:
        return
    for path, operator in _operators(parse(options.filter)):
        support = _SUPPORT.get(_name(path))
        if support is None or operator in support.always or (is_advanced and operator in support.advanced):
            continue  # what no property is, or is never asked about, is refused where it is bound
        if operator in support.advanced:
            raise UnsupportedDirectoryQuery(_MISSING.format(_SPELLED.get(operator, operator)), target="$filter")
        raise UnsupportedDirectoryQuery(_CLAUSE.format("/".join(path)), target="$filter")


def _operators(expr: Expr, scope: Steps = ()) -> Iterator[tuple[Steps, str]]:
    """Yield each property that a filter asks about with the operator; `scope` is the collection of a lambda."""
    match expr:
        case Compare(op, left, right):
            for path in _paths((left, right), scope):
                yield path, op.value
                if isinstance(right, Null) or isinstance(left, Null):
                    yield path, "null"
            yield from _tests((left, right), scope)
        case OneOf(operand, _):
            yield from ((path, "in") for path in _paths((operand,), scope))
        case Function(name, parts) if name in _TESTS:
            yield from ((path, name) for path in _paths(parts[:1], scope))
        case Negated(part):
            for path, operator in _operators(part, scope):
                yield path, "not"
                yield path, operator
        case Every(parts) | Some(parts):
            for part in parts:
                yield from _operators(part, scope)
        case Lambda(path=path, body=body) if body is not None:
            yield from _operators(body, path.steps)
        case Path(steps):
            yield scope or steps, "eq"


def _tests(parts: Iterable[Expr], scope: Steps) -> Iterator[tuple[Steps, str]]:
    """Yield what `startswith(…) eq true` asks."""
    for part in parts:
        if isinstance(part, Function) and part.name in _TESTS:
            yield from _operators(part, scope)


def _paths(parts: Iterable[Expr], scope: Steps) -> Iterator[Steps]:
    for part in parts:
        match part:
            case Path(steps):
                yield scope or steps
            case Function(name, inner) if name not in _TESTS:
                yield from _paths(inner, scope)


def _name(path: Steps) -> str:
    return "/".join(without_casts(path)).lower()
