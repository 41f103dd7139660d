"""Paths: which call a method and a path mean, and what the calls that are not there yet are told.

`ROUTES` are answered, `GAPS` are published by Google and not emulated: their line names the nearest
call that is. A variable in braces is one segment; fixed words win over variables.
"""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import unquote

from msgspec import Struct

from rsvpd.dialects.google.exchange.call import Call, Reply
from rsvpd.dialects.google.exchange.partial import Names
from rsvpd.dialects.google.resources import acl, additions, calendars, channels, events, freebusy, lists, settings
from rsvpd.dialects.google.tables import scopes
from rsvpd.dialects.google.tables.attendee import ATTENDEE
from rsvpd.dialects.google.tables.calendar import CALENDAR, CALENDAR_LIST_ENTRY
from rsvpd.dialects.google.tables.resources import EVENT, NOT_EMULATED
from rsvpd.dialects.google.tables.scopes import Needs
from rsvpd.dialects.shape import Shape
from rsvpd.errors import MethodNotAllowed, NotEmulated, UnknownSegment

Handler = Callable[[Call], Awaitable[Reply]]

_MOST_SEGMENTS = 12


class Route(Struct, frozen=True):
    """One published method. `needs` are the scopes that suffice, `names` the fields an answer can have; without a
    handler it is a gap.
    """

    id: str
    method: str
    template: str
    needs: Needs
    handler: Handler | None = None
    names: Names = {}
    nearest: str = ""


def _names(shape: Shape[Any], **below: Names) -> Names:
    names = (*(prop.name for prop in shape.props), *NOT_EMULATED[shape.name])
    return {**dict.fromkeys(names), **below}


def _list(items: Names, *others: str) -> Names:
    return {
        **dict.fromkeys(("kind", "etag", "nextPageToken", "nextSyncToken", *others)), "items": items
    }


_EVENT = _names(EVENT, attendees=_names(ATTENDEE))
_ENTRY = _names(CALENDAR_LIST_ENTRY)
_CALENDAR_NAMES = _names(CALENDAR)
_RULE_NAMES: Names = dict.fromkeys(acl.NAMES)
_CHANNEL: Names = dict.fromkeys(channels.NAMES)
_SETTING: Names = dict.fromkeys(("kind", "etag", "id", "value"))
_EVENTS = _list(_EVENT, "summary", "description", "updated", "timeZone", "accessRole", "defaultReminders")

_COLORS: Names = dict.fromkeys(("kind", "updated", "calendar", "event"))
_FREE_BUSY: Names = dict.fromkeys(("kind", "timeMin", "timeMax", "groups", "calendars"))
_LIST, _ONE = "calendars/{calendarId}/events", "calendars/{calendarId}/events/{eventId}"
_MY_LIST, _MY_ONE = "users/me/calendarList", "users/me/calendarList/{calendarId}"
_SETTINGS, _CALENDAR = "users/me/settings", "calendars/{calendarId}"
_ACL, _RULE = "calendars/{calendarId}/acl", "calendars/{calendarId}/acl/{ruleId}"

ROUTES = (
    Route("calendarList.list", "GET", _MY_LIST, scopes.READ_LIST, calendars.list_entries, _list(_ENTRY)),
    Route("calendarList.get", "GET", _MY_ONE, scopes.READ_ENTRY, calendars.get_entry, _ENTRY),
    Route("calendarList.insert", "POST", _MY_LIST, scopes.ADD_ENTRY, calendars.insert_entry, _ENTRY),
    Route("calendarList.patch", "PATCH", _MY_ONE, scopes.CHANGE_ENTRY, calendars.change_entry, _ENTRY),
    Route("calendarList.update", "PUT", _MY_ONE, scopes.CHANGE_ENTRY, calendars.change_entry, _ENTRY),
    Route("calendarList.delete", "DELETE", _MY_ONE, scopes.CHANGE_ENTRY, calendars.delete_entry),
    Route("calendars.insert", "POST", "calendars", scopes.CHANGE_CALENDAR, calendars.insert_calendar, _CALENDAR_NAMES),
    Route("calendars.patch", "PATCH", _CALENDAR, scopes.CHANGE_CALENDAR, calendars.change_calendar, _CALENDAR_NAMES),
    Route("calendars.update", "PUT", _CALENDAR, scopes.CHANGE_CALENDAR, calendars.change_calendar, _CALENDAR_NAMES),
    Route("calendars.delete", "DELETE", _CALENDAR, scopes.CHANGE_CALENDAR, calendars.delete_calendar),
    Route("calendars.clear", "POST", f"{_CALENDAR}/clear", scopes.CLEAR_CALENDAR, calendars.clear_calendar),
    Route(
        "calendars.transferOwnership", "POST", f"{_CALENDAR}/transferOwnership", scopes.CLEAR_CALENDAR,
        calendars.transfer_ownership,
    ),
    Route("calendars.get", "GET", _CALENDAR, scopes.READ_CALENDAR, calendars.get_calendar, _CALENDAR_NAMES),
    Route("acl.list", "GET", _ACL, scopes.LIST_RULES, acl.list_rules, _list(_RULE_NAMES)),
    Route("acl.insert", "POST", _ACL, scopes.CHANGE_RULES, acl.insert, _RULE_NAMES),
    Route("acl.get", "GET", _RULE, scopes.READ_RULE, acl.get_rule, _RULE_NAMES),
    Route("acl.patch", "PATCH", _RULE, scopes.CHANGE_RULES, acl.change, _RULE_NAMES),
    Route("acl.update", "PUT", _RULE, scopes.CHANGE_RULES, acl.change, _RULE_NAMES),
    Route("acl.delete", "DELETE", _RULE, scopes.CHANGE_RULES, acl.delete),
    Route("settings.list", "GET", _SETTINGS, scopes.READ_SETTINGS, settings.list_settings, _list(_SETTING)),
    Route("settings.get", "GET", f"{_SETTINGS}/{{setting}}", scopes.READ_SETTINGS, settings.get_setting, _SETTING),
    Route("colors.get", "GET", "colors", scopes.READ_COLORS, settings.get_colors, _COLORS),
    Route("freebusy.query", "POST", "freeBusy", scopes.ASK_FREE_BUSY, freebusy.query, _FREE_BUSY),
    Route("events.list", "GET", _LIST, scopes.READ_EVENTS, lists.list_events, _EVENTS),
    Route("events.insert", "POST", _LIST, scopes.CHANGE_EVENTS, events.insert, _EVENT),
    Route("events.import", "POST", f"{_LIST}/import", scopes.CHANGE_EVENTS, additions.import_one, _EVENT),
    Route("events.quickAdd", "POST", f"{_LIST}/quickAdd", scopes.CHANGE_EVENTS, additions.quick_add, _EVENT),
    Route("events.get", "GET", _ONE, scopes.READ_EVENTS, events.get, _EVENT),
    Route("events.patch", "PATCH", _ONE, scopes.CHANGE_EVENTS, events.patch, _EVENT),
    Route("events.update", "PUT", _ONE, scopes.CHANGE_EVENTS, events.update, _EVENT),
    Route("events.move", "POST", f"{_ONE}/move", scopes.MOVE_EVENTS, additions.move, _EVENT),
    Route("events.delete", "DELETE", _ONE, scopes.CHANGE_EVENTS, events.delete),
    Route("events.instances", "GET", f"{_ONE}/instances", scopes.READ_EVENTS, lists.instances, _EVENTS),
    Route("events.watch", "POST", f"{_LIST}/watch", scopes.READ_EVENTS, channels.watch_events, _CHANNEL),
    Route("calendarList.watch", "POST", f"{_MY_LIST}/watch", scopes.READ_LIST, channels.watch_calendars, _CHANNEL),
    Route("acl.watch", "POST", f"{_ACL}/watch", scopes.LIST_RULES, channels.watch_rules, _CHANNEL),
    Route("settings.watch", "POST", f"{_SETTINGS}/watch", scopes.READ_SETTINGS, channels.watch_settings, _CHANNEL),
    Route("channels.stop", "POST", "channels/stop", scopes.STOP_CHANNEL, channels.stop),
)

_NEAR_MINE = f"GET {_MY_LIST}"


# What is published and not emulated: nothing any more.
GAPS: tuple[Route, ...] = ()


class _Node:
    """One segment of the tree of templates: fixed words, a variable, and the methods that end here."""

    def __init__(self) -> None:
        self.words: dict[str, _Node] = {}
        self.variable: _Node | None = None
        self.methods: dict[str, Route] = {}

    def below(self, segment: str) -> _Node:
        """Return the node for a segment of a template, made where it is not there yet."""
        if not segment.startswith("{"):
            return self.words.setdefault(segment, _Node())
        self.variable = self.variable or _Node()
        return self.variable

    def match(self, segments: list[str]) -> list[_Node]:
        """Return the nodes that `segments` lead to, fixed words before variables."""
        nodes = [self]
        for segment in segments:
            nodes = [
                below
                for node in nodes
                for below in (node.words.get(segment), node.variable if segment else None)
                if below is not None
            ]
        return [node for node in nodes if node.methods]


def _tree(routes: tuple[Route, ...]) -> _Node:
    root = _Node()
    for route in routes:
        node = root
        for segment in route.template.split("/"):
            node = node.below(segment)
        node.methods[route.method] = route
    return root


_TREE = _tree((*ROUTES, *GAPS))


def resolve(method: str, path: str) -> tuple[Route, Mapping[str, str]]:
    """Return the route and the values of its variables. `path` is percent-encoded.

    Raises UnknownSegment, MethodNotAllowed, or NotEmulated for a gap; each names what is there instead.
    """
    route, names = find(method, path)
    if route.handler is None:
        raise NotEmulated(
            f"{route.id} ({route.method} {route.template}) is not emulated yet;"
            f" the nearest call is {route.nearest}."
        )
    return route, names


def find(method: str, path: str) -> tuple[Route, Mapping[str, str]]:
    """Return what `resolve` does, gaps included. Raises UnknownSegment or MethodNotAllowed."""
    segments = _segments(path)
    nodes = _TREE.match(segments)
    if not nodes:
        asked = "/".join(segments)[:120] or "call at the root"
        raise UnknownSegment(f"There is no {asked}; the nearest call is {_nearest(segments)}.")
    route = next((node.methods[method] for node in nodes if method in node.methods), None)
    if route is None:
        allowed = ", ".join(sorted({one for node in nodes for one in node.methods}))
        raise MethodNotAllowed(
            f"{method[:20]} is not a method of this path; it knows {allowed}.", target=allowed
        )
    pairs = zip(route.template.split("/"), segments, strict=True)
    return route, {template[1:-1]: segment for template, segment in pairs if template.startswith("{")}


def _segments(path: str) -> list[str]:
    parts = path.strip("/").split("/")
    if len(parts) > _MOST_SEGMENTS:
        raise UnknownSegment("The path has too many segments.")
    try:
        return [unquote(part, errors="strict") for part in parts]
    except UnicodeDecodeError:
        raise UnknownSegment("The path is not UTF-8.") from None


def _nearest(segments: list[str]) -> str:
    wanted = "/".join(segments)[:200]
    # Of the ways to watch only who says that word means one.
    known = (route for route in ROUTES if not route.template.endswith("/watch") or "watch" in wanted)
    templates = {f"{route.method} {route.template}": route.template for route in known}
    best = difflib.get_close_matches(wanted, templates.values(), n=1, cutoff=0.3)
    return next((call for call, template in templates.items() if template in best), _NEAR_MINE)
