"""Whatever the real services have is answered, or called missing; only what they never had is called unknown.

The paths come from what the services publish: Graph's metadata, and the lists of the Outlook references.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from rsvpd.dialects.microsoft.routes import resolve
from rsvpd.dialects.microsoft.tables.profiles import GRAPH, OUTLOOK_V1, OUTLOOK_V2, PROFILES, Profile
from rsvpd.dialects.odata.url import parse
from rsvpd.errors import MethodNotAllowed, NotEmulated, UnknownSegment

DATA = Path(__file__).parent / "data"
DOCS = Path(__file__).parents[3] / "docs" / "compatibility.md"
CASTS = {"message": ("eventMessage", "eventMessageRequest", "eventMessageResponse")}
# Seen from another side: nothing is created there.
VIEWS = ("calendarView", "exceptionOccurrences", "instances")
DEEPEST = 5


def lines(name: str) -> list[list[str]]:
    text = (DATA / name).read_text(encoding="utf-8")
    return [line.split(" ", 3) for line in text.splitlines() if not line.startswith("#")]


BASES = {type_: words[0] for type_, kind, *words in lines("graph_ways.txt") if kind == "is"}
WAYS: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
for type_, kind, name, *target in lines("graph_ways.txt"):
    WAYS[type_].append((kind, name, *target) if target else (kind, name, ""))


def ways(type_: str) -> list[tuple[str, str, str]]:
    """Return what may follow a type, with what its bases have."""
    inherited = ways(BASES[type_]) if type_ in BASES else []
    return [*(way for way in WAYS[type_] if way[0] != "is"), *inherited]


def below(path: str, type_: str, walked: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the routes from one entity on; no way is walked twice."""
    for kind, name, target in ways(type_):
        here = f"{path}/{name}"
        if kind == "action":
            yield "POST", here
        elif kind == "function":
            yield "GET", f"{here}(a='b')"
        elif name in walked or len(walked) == DEEPEST:
            continue
        elif kind == "one":
            yield "GET", here
            yield from below(here, target, (*walked, name))
        else:
            yield from collection(here, target, (*walked, name))


def collection(path: str, type_: str, walked: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    yield from (("GET", path), ("GET", f"{path}/$count"), ("GET", f"{path}('X')"))
    if walked[-1] not in VIEWS:
        yield from (("POST", path), ("PATCH", f"{path}/X"), ("DELETE", f"{path}/X"))
    for kind, name, _ in WAYS[f"{type_}*"]:
        yield {"action": "POST", "function": "GET"}[kind], f"{path}/{name}"
    yield from below(f"{path}/X", type_, walked)
    for cast in CASTS.get(type_, ()):
        yield "GET", f"{path}/microsoft.graph.{cast}"
        yield from below(f"{path}/X/microsoft.graph.{cast}", cast, walked)


GRAPH_ROUTES = sorted({(method, path) for method, path in below("", "/", ())})


def answered(profile: Profile, method: str, path: str) -> str:
    """Return whether a route is answered, missing, or called unknown."""
    try:
        resolve(profile, parse(path), method)
    except NotEmulated:
        return "missing"
    except (UnknownSegment, MethodNotAllowed) as refusal:
        return refusal.message
    return "answered"


def test_the_walk_reaches_far() -> None:
    assert len(GRAPH_ROUTES) > 5000
    assert ("GET", "/me/calendarGroups('X')") in GRAPH_ROUTES
    assert ("POST", "/users/X/mailFolders/X/childFolders/X/messages/X/createReply") in GRAPH_ROUTES
    assert ("GET", "/me/messages/X/microsoft.graph.eventMessage/event/calendar/calendarPermissions") in GRAPH_ROUTES


@pytest.mark.slow
def test_every_route_of_graph_is_answered_or_called_missing() -> None:
    found = {(method, path): answered(GRAPH, method, path) for method, path in GRAPH_ROUTES}
    assert {route: said for route, said in found.items() if said not in ("answered", "missing")} == {}
    assert len([said for said in found.values() if said == "answered"]) > 300


def test_every_name_that_is_missing_stands_in_the_docs() -> None:
    routes = DOCS.read_text(encoding="utf-8").partition("## Routes (Microsoft)")[2].partition("\n## ")[0]
    names = {path.rpartition("/")[2].partition("(")[0] for _, path in GRAPH_ROUTES if "microsoft.graph." not in path}
    assert names
    assert {name for name in names if f"`{name}`" not in routes} == {"X"}  # an id


OUTLOOK = [(since, method, path) for since, method, path in lines("outlook_ways.txt")]


@pytest.mark.parametrize(("since", "method", "path"), OUTLOOK)
def test_every_route_of_the_outlook_services_is_answered_or_called_missing(since: str, method: str, path: str) -> None:
    for profile in (OUTLOOK_V1, OUTLOOK_V2) if since == "v1" else (OUTLOOK_V2,):
        for user in ("me", "users('bob@example.com')"):
            other = path.replace("me", user, 1) if path.startswith("me") else path
            assert answered(profile, method, f"/{other}") in ("answered", "missing")


@pytest.mark.parametrize("name", ["organization", "me/presence", "groups/X/members", "me/sponsors", "me/drive/root"])
def test_case_real_routes_the_directory_around_mail_is_missing_in_graph_alone(name: str) -> None:
    assert answered(GRAPH, "GET", f"/{name}") == "missing"
    for profile in (OUTLOOK_V1, OUTLOOK_V2):
        assert "Resource not found" in answered(profile, "GET", f"/{name}")


@pytest.mark.parametrize(
    ("profile", "method", "path"),
    [
        (GRAPH, "GET", "/me/events/X/nosuch"),
        (GRAPH, "GET", "/me/events/X/calendar/nosuch"),
        (GRAPH, "GET", "/me/calendarGroups/X/nosuch"),
        (GRAPH, "GET", "/me/mailFolders/X/childFolders/X/nosuch"),
        (GRAPH, "GET", "/me/events/X/attachments/X/nosuch"),
        (GRAPH, "GET", "/me/mailboxSettings/nosuch"),
        (GRAPH, "POST", "/me/messages/X/accept/accept"),
        (GRAPH, "GET", "/me/findRooms"),
        (GRAPH, "GET", "/me/messages/X/graph.nosuch"),
        (GRAPH, "GET", "/me/messages/('X')/calendar"),
        (OUTLOOK_V2, "POST", "/subscriptions"),
        (OUTLOOK_V2, "GET", "/places"),
        (OUTLOOK_V1, "POST", "/me/subscriptions"),
        (OUTLOOK_V1, "GET", "/me/FindRooms"),
        (OUTLOOK_V1, "POST", "/$batch"),
    ],
)
def test_what_a_service_never_had_is_called_unknown(profile: Profile, method: str, path: str) -> None:
    assert "Resource not found for the segment" in answered(profile, method, path)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.version)
def test_a_method_that_no_service_has_is_refused_by_its_name(profile: Profile) -> None:
    for path in ("/me/events", "/me/messages/X", "/me/mailFolders/inbox"):
        assert answered(profile, "PUT", path).startswith("The method PUT is not allowed here")


def near(profile: Profile, method: str, path: str) -> str:
    """Return the route that a refusal names, or nothing."""
    with pytest.raises((NotEmulated, UnknownSegment)) as caught:
        resolve(profile, parse(path), method)
    return caught.value.message.partition(" The nearest route that exists is ")[2].removesuffix(".")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        # One word is spelled otherwise: the whole of what was meant.
        ("GET", "/me/mesages", "GET /v1.0/me/messages"),
        ("POST", "/me/mesages/X/move", "POST /v1.0/me/messages/X/move"),
        ("POST", "/me/events/X/acept", "POST /v1.0/me/events/X/accept"),
        ("GET", "/me/folders/inbox/messages", "GET /v1.0/me/mailFolders/inbox/messages"),
        ("GET", "/user", "GET /v1.0/users"),
        ("PATCH", "/me/mailboxSetting", "PATCH /v1.0/me/mailboxSettings"),
        # `me` was forgotten.
        ("GET", "/events", "GET /v1.0/me/events"),
        ("POST", "/sendMail", "POST /v1.0/me/sendMail"),
        # A cast was forgotten.
        ("GET", "/me/messages/X/event", "GET /v1.0/me/messages/X/microsoft.graph.eventMessage/event"),
        ("POST", "/me/messages/X/event/accept",
         "POST /v1.0/me/messages/X/microsoft.graph.eventMessage/event/accept"),
        # What is missing names what does the same, where something does.
        ("PATCH", "/me/events/X/subject", ""),
        # Nothing like it, nothing instead: nothing is named.
        ("GET", "/zzz", ""),
        ("GET", "/me/zzz", ""),
        ("GET", "/me/events/X/zzz", ""),
        ("GET", "/organization", ""),
        ("GET", "/me/presence", ""),
        ("GET", "/me/mailFolders/archive/singleValueExtendedProperties", ""),
    ],
)  # fmt: skip
def test_a_route_is_named_where_it_helps(method: str, path: str, expected: str) -> None:
    assert near(GRAPH, method, path) == expected
