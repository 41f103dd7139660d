"""The document that describes the interface (Google: APIs Discovery Service), made from the tables.

Clients that carry no copy of it ask for it first, and know those methods and parameters that it names. So every
published method is in it: what is not emulated says so when it is called.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rsvpd.dialects.google.routes import GAPS, ROUTES, Route
from rsvpd.dialects.google.tables.attendee import ATTENDEE
from rsvpd.dialects.google.tables.calendar import CALENDAR, CALENDAR_LIST_ENTRY
from rsvpd.dialects.google.tables.resources import EVENT
from rsvpd.dialects.google.tables.scopes import PREFIX
from rsvpd.dialects.shape import Shape

PATHS = ("/discovery/v1/apis/calendar/v3/rest", "/$discovery/rest")

_SERVICE, _BATCH = "calendar/v3/", "batch/calendar/v3"
_TEXT: dict[str, Any] = {"type": "string"}
_FLAG: dict[str, Any] = {"type": "boolean"}
_NUMBER: dict[str, Any] = {"type": "integer", "format": "int32"}
_INSTANT: dict[str, Any] = {"type": "string", "format": "date-time"}
_SEVERAL: dict[str, Any] = {"type": "string", "repeated": True}
# Whatever of it is sent is passed on as it is.
_ANYTHING: dict[str, Any] = {"type": "any"}

_KINDS: Mapping[str, dict[str, Any]] = {
    "alwaysIncludeEmail": _FLAG, "colorRgbFormat": _FLAG, "conferenceDataVersion": _NUMBER, "destination": _TEXT,
    "eventLabelVersion": _NUMBER, "eventTypes": _SEVERAL, "iCalUID": _TEXT, "maxAttendees": _NUMBER,
    "maxResults": _NUMBER, "minAccessRole": _TEXT, "newDataOwner": _TEXT, "orderBy": _TEXT, "originalStart": _TEXT,
    "pageToken": _TEXT, "privateExtendedProperty": _SEVERAL, "q": _TEXT, "sendNotifications": _FLAG,
    "sendUpdates": _TEXT, "sharedExtendedProperty": _SEVERAL, "showDeleted": _FLAG, "showHidden": _FLAG,
    "showHiddenInvitations": _FLAG, "showOwnOrganizationOnly": _FLAG, "singleEvents": _FLAG,
    "supportsAttachments": _FLAG, "syncToken": _TEXT, "text": _TEXT, "timeMax": _INSTANT, "timeMin": _INSTANT,
    "timeZone": _TEXT, "updatedMin": _INSTANT, "useAdminAccess": _FLAG,
}  # fmt: skip
_REQUIRED = frozenset({"destination", "newDataOwner", "text", "useAdminAccess"})
_COMMON: Mapping[str, dict[str, Any]] = {
    "alt": {"type": "string", "enum": ["json"], "default": "json"}, "fields": _TEXT, "key": _TEXT,
    "oauth_token": _TEXT, "prettyPrint": {"type": "boolean", "default": "true"}, "quotaUser": _TEXT, "userIp": _TEXT,
}  # fmt: skip

_PAGED = "maxResults pageToken syncToken"
_ENTRIES = f"{_PAGED} minAccessRole showDeleted showHidden showOwnOrganizationOnly"
_TOLD = "sendNotifications sendUpdates"
_WRITTEN = f"{_TOLD} conferenceDataVersion eventLabelVersion maxAttendees supportsAttachments"
_SHOWN = "alwaysIncludeEmail maxAttendees timeZone"
_FOUND = (
    f"{_SHOWN} {_PAGED} eventTypes iCalUID orderBy privateExtendedProperty q sharedExtendedProperty showDeleted"
    " showHiddenInvitations singleEvents timeMax timeMin updatedMin"
)
_QUERIES: Mapping[str, str] = {
    "acl.insert": "sendNotifications", "acl.patch": "sendNotifications", "acl.update": "sendNotifications",
    "acl.list": f"{_PAGED} showDeleted", "acl.watch": f"{_PAGED} showDeleted",
    "calendarList.list": _ENTRIES, "calendarList.watch": _ENTRIES, "calendarList.insert": "colorRgbFormat",
    "calendarList.patch": "colorRgbFormat", "calendarList.update": "colorRgbFormat",
    "calendars.transferOwnership": "newDataOwner useAdminAccess",
    "events.delete": _TOLD, "events.get": _SHOWN, "events.insert": _WRITTEN,
    "events.import": "conferenceDataVersion eventLabelVersion supportsAttachments",
    "events.instances": f"{_SHOWN} maxResults pageToken originalStart showDeleted timeMax timeMin",
    "events.list": _FOUND, "events.watch": _FOUND, "events.move": f"destination {_TOLD}",
    "events.patch": f"{_WRITTEN} alwaysIncludeEmail", "events.update": f"{_WRITTEN} alwaysIncludeEmail",
    "events.quickAdd": f"text {_TOLD}", "settings.list": _PAGED, "settings.watch": _PAGED,
}  # fmt: skip

# What a method takes and answers, by its resource; a list answers what is named second.
_SCHEMAS: Mapping[str, tuple[str, str]] = {
    "acl": ("AclRule", "Acl"), "calendarList": ("CalendarListEntry", "CalendarList"),
    "calendars": ("Calendar", "Calendar"), "channels": ("Channel", "Channel"), "colors": ("Colors", "Colors"),
    "events": ("Event", "Events"), "freebusy": ("FreeBusyRequest", "FreeBusyResponse"),
    "settings": ("Setting", "Settings"),
}  # fmt: skip
_LISTS = frozenset({"list", "instances", "query"})
_WITHOUT_BODY = frozenset({"move", "quickAdd", "clear", "transferOwnership"})
_WITHOUT_ANSWER = frozenset({"delete", "clear", "stop", "transferOwnership"})


def document(origin: str) -> dict[str, Any]:
    """Return the description of the interface below `origin`."""
    routes = sorted((*ROUTES, *GAPS), key=lambda one: one.id)
    resources: dict[str, Any] = {}
    for route in routes:
        resource, _, name = route.id.partition(".")
        resources.setdefault(resource, {"methods": {}})["methods"][name] = _method(route)
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": "calendar:v3",
        "name": "calendar",
        "version": "v3",
        "title": "Calendar API",
        "ownerName": "rsvpd",
        "protocol": "rest",
        "rootUrl": f"{origin}/",
        "baseUrl": f"{origin}/{_SERVICE}",
        "basePath": f"/{_SERVICE}",
        "servicePath": _SERVICE,
        "batchPath": _BATCH,
        "auth": {"oauth2": {"scopes": {name: {"description": name.removeprefix(PREFIX)} for name in _scopes(routes)}}},
        "parameters": {name: {**kind, "location": "query"} for name, kind in _COMMON.items()},
        "schemas": {name: {"id": name, "type": "object", "properties": of} for name, of in _schemas().items()},
        "resources": resources,
    }


def _scopes(routes: Iterable[Route]) -> list[str]:
    return sorted({name for route in routes for name in route.needs.names})


def _method(route: Route) -> dict[str, Any]:
    resource, _, name = route.id.partition(".")
    variables = [segment[1:-1] for segment in route.template.split("/") if segment.startswith("{")]
    in_path = {one: {"type": "string", "required": True, "location": "path"} for one in variables}
    in_query = {
        one: {**_KINDS[one], "location": "query", **({"required": True} if one in _REQUIRED else {})}
        for one in _QUERIES.get(route.id, "").split()
    }
    one, many = _SCHEMAS[resource]
    taken = "Channel" if name == "watch" else one
    given = "Channel" if name == "watch" else many if name in _LISTS else one
    has_body = route.method in ("POST", "PUT", "PATCH") and name not in _WITHOUT_BODY
    return {
        "id": f"calendar.{route.id}",
        "path": route.template,
        "httpMethod": route.method,
        "parameters": in_path | in_query,
        "parameterOrder": [*variables, *(one for one in in_query if one in _REQUIRED)],
        **({"request": {"$ref": taken}} if has_body else {}),
        **({"response": {"$ref": given}} if name not in _WITHOUT_ANSWER else {}),
        "scopes": sorted(route.needs.names),
    }


def _schemas() -> dict[str, dict[str, Any]]:
    """Return the members of every object that a method takes or answers."""
    found = {shape.name: _members(shape) for shape in (ATTENDEE, EVENT, CALENDAR, CALENDAR_LIST_ENTRY)}
    for route in ROUTES:
        resource, _, name = route.id.partition(".")
        one, many = _SCHEMAS[resource]
        answered = many if name in _LISTS else one
        if answered not in found:
            found[answered] = _properties(route.names, one)
    named = {name for pair in _SCHEMAS.values() for name in pair} | {"Channel", "EventDateTime"}
    return {name: {} for name in sorted(named)} | found


def _properties(names: Iterable[str], item: str) -> dict[str, Any]:
    members = dict.fromkeys(names, _ANYTHING)
    return members | ({"items": {"type": "array", "items": {"$ref": item}}} if "items" in members else {})


def _members(shape: Shape[Any]) -> dict[str, Any]:
    return {prop.name: _type(prop.codec.edm) for prop in shape.props}


def _type(name: str) -> dict[str, Any]:
    if name.startswith("["):
        return {"type": "array", "items": _type(name[1:-1])}
    if name in ("EventDateTime", "EventAttendee"):
        return {"$ref": name}
    kind, _, form = name.partition(":")
    if kind not in ("string", "boolean", "integer"):
        return _ANYTHING
    return {"type": kind, **({"format": form} if form else {})}
