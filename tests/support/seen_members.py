"""Which members Google's answers show, and which questions are read, asked of a town in which everything was tried."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rsvpd.dialects.google import routes
from support.published import google, google_answers
from support.town import GOOGLE_BODIES, GOOGLE_TIMES, Town
from support.world import World

CALENDAR = "/calendar/v3"
EVENTS = f"{CALENDAR}/calendars/primary/events"
REMINDERS = {"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}]}
# What shows more than the one try of each method does: pages, all-day events, other reminders, calendars that are not.
MORE: tuple[tuple[str, str, Any], ...] = (
    ("GET", f"{EVENTS}?maxResults=1", None),
    ("GET", f"{CALENDAR}/calendars/primary/acl?maxResults=1", None),
    ("GET", f"{CALENDAR}/users/me/calendarList?maxResults=1", None),
    ("GET", f"{CALENDAR}/users/me/settings?maxResults=1", None),
    ("POST", EVENTS, {"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}, "reminders": REMINDERS}),
    ("POST", EVENTS, {name: {**at, "timeZone": "UTC"} for name, at in GOOGLE_TIMES.items()}),
    ("POST", f"{CALENDAR}/freeBusy", {**GOOGLE_BODIES["freebusy.query"], "items": [{"id": "nobody@example.com"}]}),
    ("POST", f"{CALENDAR}/freeBusy", {**GOOGLE_BODIES["freebusy.query"], "items": [{"id": "g@groups.example.com"}]}),
)
WRONG = {"of": "another kind"}


def google_members_seen(folder: Path) -> set[tuple[str, str]]:
    """Return (object, member) of what the answers show, and of the questions that are read."""
    world = World(folder)
    try:
        town = Town(world)
        asked = [(one.method, one.path, one.body) for one in town.google() if not one.is_gap]
        return {found for one in (*asked, *MORE) for found in _answered(world, *one)} | set(_read(world))
    finally:
        world.close()


def _answered(world: World, method: str, path: str, body: Any) -> Iterator[tuple[str, str]]:
    route, _ = routes.find(method, path.removeprefix(CALENDAR).partition("?")[0])
    reply = world.request("alice", method, path, body)
    if reply.status == 200 and reply.body and route.id in google_answers():
        yield from _members(google_answers()[route.id], reply.json)


def _members(kind: str, value: Any) -> Iterator[tuple[str, str]]:
    if kind.startswith(("[", "<")):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _members(kind[1:-1], one)
    elif kind in google().members:
        for member, one in value.items():
            yield kind, member
            yield from _members(google().members[kind][member], one)


def _read(world: World) -> Iterator[tuple[str, str]]:
    """Yield the members of a question about free time that are refused where they are of another kind."""
    plain = GOOGLE_BODIES["freebusy.query"]
    for member in google().members["FreeBusyRequest"]:
        if world.request("alice", "POST", f"{CALENDAR}/freeBusy", {**plain, member: WRONG}).status == 400:
            yield "FreeBusyRequest", member
    if world.request("alice", "POST", f"{CALENDAR}/freeBusy", {**plain, "items": [{"id": WRONG}]}).status == 400:
        yield "FreeBusyRequestItem", "id"
