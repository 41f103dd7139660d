"""Every answer against what Microsoft and Google publish: no unknown member, no other JSON type, nothing left out.

World calls `check` with each answer it gets. A check is made once for each type; it takes a value and returns what is
wrong with it, from the place on where that is, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import structs

from rsvpd.dialects.google import routes
from rsvpd.dialects.google.serve import override_method
from rsvpd.dialects.odata.url import parse
from rsvpd.dialects.wire import Request, Response
from rsvpd.errors import DomainError
from support.published import Published, google, google_answers, graph, graph_words

Check = Callable[[Any], str]

GRAPH, GOOGLE = "/v1.0", "/calendar/v3"
NULL = type(None)
_GRAPH_TYPES: dict[str, frozenset[type]] = {
    "Edm.Boolean": frozenset({bool}),
    "Edm.Double": frozenset({int, float}),
    **dict.fromkeys(("Edm.Int32", "Edm.Int64"), frozenset({int})),
}
_GOOGLE_TYPES: dict[str, frozenset[type]] = {"boolean": frozenset({bool}), "integer": frozenset({int})}
_TEXT = frozenset({str})
# Texts that have a form (RFC 3339; CSDL 4.0, 4.4; the formats of JSON Schema that Google names).
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_FORMS = {
    "Edm.DateTimeOffset": _MOMENT,
    "Edm.Date": _DAY,
    "Edm.TimeOfDay": re.compile(r"\d\d:\d\d:\d\d(\.\d+)?"),
    "Edm.Guid": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "string:date-time": _MOMENT,
    "string:date": _DAY,
    "string:int64": re.compile(r"-?\d+"),
}
# Never null, and yet not in every answer: Graph shows them only to who selects them.
ONLY_SELECTED = {
    "event": frozenset({"cancelledOccurrences"}),
    "user": frozenset({"otherMails", "proxyAddresses"}),
}
# Types that are open (CSDL 4.0, 6.3): members of anybody's stand beside their own.
OPEN = frozenset({"extension", "openTypeExtension"})
# Kept and given back as clients sent it, whatever that is.
AS_SENT = frozenset({"EventAttachment", "{gadget}"})
BATCH = "/$batch"
# What is no answer of a published type: a document, a count, a reference, bytes. (Google's batches are no JSON.)
UNTYPED = ("$metadata", "$count", "$ref", "$value")


def check(request: Request, response: Response) -> None:
    """Fail where the answer is not what its publisher says it is. Refusals and texts are not looked at."""
    if request.mount not in (GRAPH, GOOGLE) or response.status >= 300 or not response.body:
        return
    if not _is_json(response) or request.path.rstrip("/").lower().endswith(UNTYPED):
        return
    request = structs.replace(request, path=request.path.replace("%24", "$"))
    value = msgspec.json.decode(response.body)
    of = _graph if request.mount == GRAPH else _google
    for asked, answer in _parts(request, value):
        fault = of(asked, answer)
        assert not fault, f"{asked.method} {asked.mount}{asked.path}?{asked.query}: {fault}"


def _parts(request: Request, value: Any) -> Iterator[tuple[Request, Any]]:
    """Yield the request with its answer; of a batch in JSON each of its requests that was answered with an object."""
    if not request.path.lower().rstrip("/").endswith(BATCH):
        yield request, value
        return
    asked = {str(one["id"]): one for one in msgspec.json.decode(request.body)["requests"]}
    for one in value["responses"]:
        if one["status"] < 300 and isinstance(one.get("body"), dict):
            url = urlsplit(asked[one["id"]]["url"])
            path = "/" + url.path.removeprefix(GRAPH).strip("/")
            if not path.endswith(UNTYPED):
                method = asked[one["id"]]["method"].upper()
                yield structs.replace(request, method=method, path=path, query=url.query, body=b""), one["body"]


def _is_json(response: Response) -> bool:
    return any(name == "Content-Type" and one.startswith("application/json") for name, one in response.headers)


# --- Graph


def _graph(request: Request, value: Any) -> str:
    kind = _graph_kind(request.method, request.path)
    if kind is None:
        return "no type is published for this path"
    # With $select an answer has what was selected; without metadata it does not say of which derived type it is.
    # Tokens carry the query of the first request.
    query = request.query.lower()
    is_partial = "select" in query or "token=" in query
    return _graph_answer(kind, is_partial, "@odata.context" not in value)(value)


@lru_cache(maxsize=4096)
def _graph_kind(method: str, path: str) -> str | None:
    return graph().answer(method, parse(path))


@cache
def _graph_answer(kind: str, is_partial: bool, is_bare: bool) -> Check:
    types = _Types(graph(), is_partial=is_partial, is_bare=is_bare)
    inner = types.check(kind)
    if not kind.startswith(("Collection(", "Edm.")) and kind not in graph_words():
        return inner

    def wrapped(value: Any) -> str:
        return inner(value["value"]) if isinstance(value, dict) and "value" in value else " has no value"

    return wrapped


class _Types:
    """The checks of Graph's types, each made once."""

    def __init__(self, published: Published, *, is_partial: bool, is_bare: bool) -> None:
        self.published = published
        self.is_partial = is_partial
        self.is_bare = is_bare
        self.objects: dict[str, Check] = {}

    def check(self, kind: str) -> Check:
        """Return the check of a kind; `!` at its end forbids null, as every collection does."""
        name = kind.rstrip("!")
        if name.startswith("Collection("):
            return _list_check(self.check(name[11:-1] + "!"))
        if name in graph_words():
            return _word_check(graph_words()[name], kind != name)
        if name.startswith("Edm."):
            allowed = _GRAPH_TYPES.get(name, _TEXT)
            return _scalar_check(allowed if kind != name else allowed | {NULL}, name)
        if name not in self.objects:
            members: dict[str, Check] = {}
            self.objects[name] = self._entity_check(name, members)
            for member, one in self._known(name).items():
                members[member] = self.check(one)
        inside = self.objects[name]
        return inside if kind != name else lambda value: "" if value is None else inside(value)

    def _known(self, name: str) -> dict[str, str]:
        found = self.published.all_members(name)
        if self.is_bare:
            for one in self.published.derived(name):
                found = {**self.published.all_members(one), **found}
        return found

    def _entity_check(self, name: str, members: Mapping[str, Check]) -> Check:
        every = self.published.all_members(name)
        is_entity = "id" in every
        needed = {member for member, kind in every.items() if kind.endswith("!")} - ONLY_SELECTED.get(name, set())
        plain = _object_check(name, members, {"id"} & needed if is_entity and self.is_partial else needed)
        derived = {f"#microsoft.graph.{one}": one for one in self.published.derived(name)}
        if not derived:
            return plain

        def of_its_type(value: Any) -> str:
            said = value.get("@odata.type") if isinstance(value, dict) else None
            return self.check(f"{derived[said]}!")(value) if said in derived else plain(value)

        return of_its_type


# --- Google


def _google(request: Request, value: Any) -> str:
    asked = override_method(request)
    try:
        route, _ = routes.find(asked.method, asked.path)
    except DomainError:
        return "no method is published for this path"
    kind = google_answers().get(route.id)
    return " is an answer where none is published" if kind is None else _google_check(kind)(value)


_google_objects: dict[str, Check] = {}


def _google_check(kind: str) -> Check:
    """Return the check of a kind of Google's; nothing is ever null, and everything may be left out."""
    if kind.startswith("["):
        return _list_check(_google_check(kind[1:-1]))
    if kind.startswith("<"):
        return _map_check(_google_check(kind[1:-1]))
    word = kind.partition(":")[0]
    if word == "any" or kind in AS_SENT:
        return lambda value: ""
    if word in ("string", "boolean", "integer"):
        return _scalar_check(_GOOGLE_TYPES.get(word, _TEXT), kind)
    if kind not in _google_objects:
        members: dict[str, Check] = {}
        _google_objects[kind] = _object_check(kind, members, set())
        for member, one in google().members[kind].items():
            members[member] = _google_check(one)
    return _google_objects[kind]


# --- both


def _scalar_check(allowed: frozenset[type], name: str) -> Check:
    has_form = _FORMS[name].fullmatch if name in _FORMS else None

    def check_scalar(value: Any) -> str:
        is_right = type(value) in allowed and (has_form is None or value is None or has_form(value))
        return "" if is_right else f" is no {name}: {value!r}"

    return check_scalar


def _word_check(words: frozenset[str], is_needed: bool) -> Check:
    known = words if is_needed else words | {None}
    return lambda value: "" if value in known else f" is none of its words: {value!r}"


def _list_check(inner: Check) -> Check:
    def check_all(values: Any) -> str:
        if type(values) is not list:
            return f" is no list: {values!r}"
        for place, value in enumerate(values):
            if fault := inner(value):
                return f"[{place}]{fault}"
        return ""

    return check_all


def _map_check(inner: Check) -> Check:
    def check_all(values: Any) -> str:
        if type(values) is not dict:
            return f" is no object: {values!r}"
        return next((f"/{name}{fault}" for name, value in values.items() if (fault := inner(value))), "")

    return check_all


def _object_check(name: str, members: Mapping[str, Check], needed: set[str]) -> Check:
    def check_members(value: Any) -> str:
        if type(value) is not dict:
            return f" is no {name}: {value!r}"
        for member, one in value.items():
            inner = members.get(member)
            if inner is None:
                if "@" not in member and name not in OPEN:
                    return f"/{member} is no member of {name}"
            elif fault := inner(one):
                return f"/{member}{fault}"
        missing = needed - value.keys()
        return f" has no {', '.join(sorted(missing))} ({name})" if missing else ""

    return check_members
