"""What an application needed to be allowed: the least scopes and roles, found from the log of its requests.

Each logged path is looked up in the route table that answered it, and of what suffices there the smallest set is
chosen that has something for every call. Ids are cut short in the log (`edge/request_log.py`), which matters to no
route; a path that is cut off itself cannot be looked up.

Rule: a line is a request, another line of a log, or unknown; none of them is an error.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec import Struct

from rsvpd.cli.logs import Line, read_json
from rsvpd.dialects.google import routes as google
from rsvpd.dialects.microsoft.routes import resolve
from rsvpd.dialects.microsoft.tables.profiles import GRAPH, OUTLOOK_V1, OUTLOOK_V2, Profile
from rsvpd.dialects.microsoft.tables.published import GRAPH_SCHEMA
from rsvpd.dialects.microsoft.tables.scopes import WITHHELD, AnyOf, Needs
from rsvpd.dialects.odata import url
from rsvpd.edge.dialects import BETA, TITLES
from rsvpd.edge.request_log import CUT, LONGEST
from rsvpd.errors import DomainError

_PROFILES = {one.mount: one for one in (GRAPH, OUTLOOK_V2, OUTLOOK_V1)}
_GOOGLE = next(mount for mount in TITLES if mount not in _PROFILES)
_SEPARATORS = str.maketrans(",/+", "   ")  # of names in `$select`
_ARGUMENTS = re.compile(rf"\({CUT}\)")
_WITH_BODY = frozenset(("event", "message", "eventMessage", "eventMessageRequest", "eventMessageResponse"))
_UNAUTHORIZED = 401


class Call(Struct, frozen=True, order=True):
    """A call as it stands in the route table: the service, the method, and the path with its ids left out."""

    service: str
    method: str
    path: str
    by_application: bool
    wanted: tuple[str, ...]


class Service(Struct, frozen=True):
    """What was needed of one service: scopes in the name of people, roles for the application itself."""

    name: str
    requests: int
    scopes: tuple[str, ...]
    roles: tuple[str, ...]
    calls: tuple[CallCount, ...]


class CallCount(Struct, frozen=True):
    """A call, how often it was made, and the least scope or role that it would have done with alone."""

    call: str
    requests: int
    needs: str
    kind: str


class Found(Struct, frozen=True):
    """What a log says. `elsewhere` are requests that no interface answers, or without a good token."""

    services: tuple[Service, ...]
    requests: int
    elsewhere: int
    unknown_lines: int


def needs_of(lines: Iterable[bytes]) -> Found:
    """Return what the requests in these lines of a JSON log needed."""
    calls: Counter[Call] = Counter()
    requests = elsewhere = unknown = 0
    for line in lines:
        read = read_json(line)
        if read is None:
            unknown += bool(line.strip())
            continue
        if read.event != "request":
            continue
        requests += 1
        call = _call(read)
        if call is None:
            elsewhere += 1
        else:
            calls[call] += 1
    names = [title for title in TITLES.values() if any(one.service == title for one in calls)]
    return Found(tuple(_service(name, calls) for name in names), requests, elsewhere, unknown)


def least(wanted: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Return a small set with one of each alternative, in which the least stands first.

    What leaves no choice is chosen first, so that what it opens besides needs nothing of its own.
    """
    chosen: dict[str, None] = {}
    for names in sorted(dict.fromkeys(wanted), key=len):
        if not chosen.keys() & set(names):
            chosen[names[0]] = None
    return tuple(sorted(chosen))


def _service(name: str, calls: Counter[Call]) -> Service:
    own = {call: count for call, count in calls.items() if call.service == name}
    scopes = least(call.wanted for call in own if not call.by_application)
    roles = least(call.wanted for call in own if call.by_application)
    counted = tuple(
        CallCount(
            call=f"{call.method} {call.path}",
            requests=count,
            needs=call.wanted[0],
            kind="application" if call.by_application else "delegated",
        )
        for call, count in sorted(own.items())
    )
    return Service(name, sum(own.values()), scopes, roles, counted)


def _call(line: Line) -> Call | None:
    """Return the call that a request was, or None where no interface has it, or nobody good asked."""
    path, _, query = line.path.partition("?")
    if line.status == _UNAUTHORIZED or (not query and path.endswith(CUT) and len(line.path) >= LONGEST):
        return None
    method = "GET" if line.method == "HEAD" else line.method
    by_application = not line.person and bool(line.application)
    mount = next((one for one in (*TITLES, BETA) if path.startswith(f"{one}/")), "")
    below = path[len(mount) :]
    try:
        if mount == _GOOGLE:
            return _of_google(method, below, by_application)
        return _of_microsoft(mount, method, below, query, by_application) if mount else None
    except DomainError:
        return None


def _of_google(method: str, path: str, by_application: bool) -> Call:
    route, _ = google.find(method, path)
    return Call(TITLES[_GOOGLE], method, f"{_GOOGLE}/{route.template}", by_application, route.needs.names)


def _of_microsoft(mount: str, method: str, path: str, query: str, by_application: bool) -> Call | None:
    profile = _PROFILES.get(mount, GRAPH)
    segments = url.parse(path)
    try:
        found = resolve(profile, segments, method)
    except DomainError:  # `reminderView(…)` has arguments where others have a key
        segments = url.parse(_ARGUMENTS.sub("", path))
        found = resolve(profile, segments, method)
    if by_application and found.trail[0].name == "me":  # no role opens it
        return None
    needs = found.handler.needs
    own = not found.keys.get("user")
    wanted = needs.application if by_application else needs.delegated if own else needs.shared
    names = _whole(wanted, needs) if _shows_body(profile, segments, query) else wanted.names
    template = "/".join((profile.mount, *_steps(found.trail)))
    return Call(TITLES[profile.mount], method, template, by_application, names)


def _whole(wanted: AnyOf, needs: Needs) -> tuple[str, ...]:
    """Return what suffices to be shown bodies as well."""
    whole = needs.whole
    return wanted.names if whole is None else tuple(one for one in wanted.names if one in whole.names)


def _shows_body(profile: Profile, segments: tuple[url.Segment, ...], query: str) -> bool:
    """Return whether the answer has members that a basic permission leaves out, or may have them."""
    options = dict(part.partition("=")[::2] for part in query.lower().split("&"))
    if "$search" in options:
        return True
    types = (schema.type_of(segments, profile.synonyms) for schema in (profile.published, GRAPH_SCHEMA))
    if next(filter(None, types), None) not in _WITH_BODY:
        return False
    selected = options.get("$select", CUT).translate(_SEPARATORS).split(" ")
    return CUT in selected or not WITHHELD.isdisjoint(selected)


def _steps(trail: tuple[url.Step, ...]) -> Iterator[str]:
    for step in trail:
        yield step.name
        if step.key is not None:
            yield "{id}"
