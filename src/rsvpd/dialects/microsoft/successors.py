"""What Microsoft Graph has in the place of a call of Outlook REST, so that whoever moves there need not look it up.

Most paths are the same; `_ELSEWHERE` has those that Graph has at another place (learn.microsoft.com/outlook/rest:
compare Microsoft Graph and Outlook REST API endpoints). A list that is followed with `Prefer: odata.track-changes` is
`delta` there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from rsvpd.dialects.microsoft.exchange import batch
from rsvpd.dialects.microsoft.routes import resolve
from rsvpd.dialects.microsoft.tables.profiles import GRAPH, Profile
from rsvpd.dialects.microsoft.tables.published import Type
from rsvpd.dialects.odata import url
from rsvpd.dialects.odata.url import Segment, Step, strip_namespace
from rsvpd.dialects.wire import Request
from rsvpd.errors import DomainError
from rsvpd.hints import GRAPH_HEADER

KEY = "{id}"
_REMEMBERED = 512
# What follows a user in Outlook REST, in lower case, and where it is in Graph: below the user, or with a slash first
# at the root.
_ELSEWHERE: Mapping[str, str] = {
    "findroomlists": "/places/microsoft.graph.roomList",
    "findrooms": "/places/microsoft.graph.room",
    "mastercategories": "outlook/masterCategories",
    "subscriptions": "/subscriptions",
    "supportedlanguages": "outlook/supportedLanguages",
    "supportedtimezones": "outlook/supportedTimeZones",
    "taskfolders": "todo/lists",
    "taskgroups": "todo/lists",
    "tasks": "todo/lists/{id}/tasks",
}
# A word of the interface, as the log of requests tells it from ids, which it cuts short (edge/request_log.py).
_WORD = re.compile(r"[A-Za-z$._]{1,48}")
_TRACKS = re.compile(r"(?:^|[,;\s])odata\.track-changes(?:[,;\s]|$)", re.IGNORECASE)


def successor(profile: Profile, method: str, path: str, *, tracks: bool = False) -> str:
    """Return the method and the path in Graph for a call of `profile`, ids as `{id}`; nothing where there is none."""
    try:
        segments = url.parse(path)
        if batch.is_batch(profile, segments):
            return f"{method} {GRAPH.mount}/$batch"
        found = _in_graph(profile, segments, method)
    except DomainError:
        return ""
    if not found:
        return ""
    delta = "/delta" if tracks and method == "GET" and _is_followed(found) else ""
    return f"{method} {GRAPH.mount}/{found}{delta}"


def call_of(profile: Profile, method: str, path: str) -> str:
    """Return a call of `profile` with its ids left out; nothing where that version has no such call."""
    try:
        segments = url.parse(path)
        is_batch = batch.is_batch(profile, segments)
        words = ["$batch"] if is_batch else _words(profile, segments, method)
    except DomainError:
        return ""
    return f"{method} {profile.mount}/{'/'.join(words)}"


@lru_cache(maxsize=_REMEMBERED)
def _cached_successor(profile: Profile, method: str, path: str, tracks: bool) -> str:
    return successor(profile, method, path, tracks=tracks)


def header(profile: Profile, request: Request) -> tuple[tuple[str, str], ...]:
    """Return the header that names what Graph has instead, for a profile that Graph came after."""
    if not profile.has_successor:
        return ()
    tracks = follows(request.headers.get("prefer", ""), request.query)
    found = _cached_successor(profile, request.method, request.path, tracks)
    return ((GRAPH_HEADER, found),) if found else ()


def follows(prefer: str, query: str) -> bool:
    """Return whether a list is asked for by what changed in it."""
    return bool(prefer and _TRACKS.search(prefer)) or "$deltatoken=" in query.lower()


def _in_graph(profile: Profile, segments: tuple[Segment, ...], method: str) -> str:
    """Return the path below Graph's root, or nothing. Raises what `resolve` raises for a path that nobody has."""
    words = _words(profile, segments, method)
    path = "/".join(_graph_words(words))
    return path if method in GRAPH.published.methods(url.parse(path)) else ""


def _words(profile: Profile, segments: tuple[Segment, ...], method: str) -> list[str]:
    """Return the words of a path as Graph spells them, and `{id}` for ids. Raises what `resolve` raises."""
    try:
        return list(_of_trail(resolve(profile, segments, method).trail))
    except DomainError:
        if method not in profile.published.methods(segments, profile.synonyms):
            raise
        return list(_of_segments(segments, profile.synonyms))


def _graph_words(words: list[str]) -> list[str]:
    """Return the words of a path where Graph has it."""
    below = 2 if words[:1] == ["users"] else 1
    target = _ELSEWHERE.get(words[below].lower()) if len(words) > below else None
    if target is None:
        return words
    rest = words[below + 1 :]
    if target.startswith("/"):
        return [*target[1:].split("/"), *rest]
    return [*words[:below], *target.split("/"), *rest]


def _of_trail(trail: tuple[Step, ...]) -> Iterator[str]:
    for step in trail:
        yield f"{GRAPH.namespace}.{step.name}" if step.is_cast else step.name
        if step.key is not None:
            yield KEY


def _of_segments(segments: tuple[Segment, ...], synonyms: Mapping[str, str]) -> Iterator[str]:
    """Yield the words of a real path that is not emulated; what is no word is an id."""
    for segment in segments:
        word, _ = strip_namespace(segment.word)
        if not _WORD.fullmatch(word):
            yield KEY
            continue
        lower = synonyms.get(word.lower(), word.lower())
        yield _SPELLED.get(lower, word[:1].lower() + word[1:])
        if segment.key is not None:
            yield KEY


def _is_followed(path: str) -> bool:
    """Return whether Graph's `delta` of a list is here."""
    try:
        last = resolve(GRAPH, url.parse(f"{path}/delta"), "GET").trail[-1]
    except DomainError:
        return False
    return last.name == "delta"


def _names(type_: Type) -> Iterator[str]:
    yield from (*type_.one, *type_.many, *type_.views, *type_.of_many, *type_.casts)
    yield from (*type_.actions, *type_.functions, *type_.properties)


_SPELLED = {name.lower(): name for type_ in GRAPH.published.types.values() for name in _names(type_)}
