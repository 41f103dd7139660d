"""`$expand`, checked before anything is done: a name that a type does not have, and what is not emulated.

What is answered is shown by whoever answers the resource. Members of a derived type need its cast, in the
path or before the name (`$expand=microsoft.graph.eventMessage/event`).
"""

from __future__ import annotations

from collections.abc import Mapping

from rsvpd.dialects.microsoft.exchange.call import Call
from rsvpd.dialects.microsoft.exchange.listing import navigation, no_property
from rsvpd.dialects.microsoft.tables.published import GRAPH_SCHEMA
from rsvpd.dialects.odata.options import Expand
from rsvpd.dialects.odata.url import Segment, strip_namespace
from rsvpd.errors import InvalidQuery, NotEmulated

# Outlook REST v1.0 has not all of these.
_PROPERTIES = frozenset(("multivalueextendedproperties", "singlevalueextendedproperties"))
_OF_ITEMS = _PROPERTIES | {"attachments", "extensions"}
_OF_A_LIST = ("$count", "delta")
_OF_EVENT_MESSAGE = _OF_ITEMS | {"event"}
_ANSWERED: Mapping[str, frozenset[str]] = {
    "attachment": frozenset(("item",)),
    "calendar": _PROPERTIES,
    "calendargroup": frozenset(("calendars",)),
    "event": _OF_ITEMS | {"calendar", "exceptionoccurrences"},
    "eventmessage": _OF_EVENT_MESSAGE,
    "eventmessagerequest": _OF_EVENT_MESSAGE,
    "eventmessageresponse": _OF_EVENT_MESSAGE,
    "inferenceclassification": frozenset(("overrides",)),
    "itemattachment": frozenset(("item",)),
    "mailfolder": _PROPERTIES | {"childfolders", "messagerules", "messages"},
    "message": _OF_ITEMS,
    "outlookitem": frozenset(("attachments",)),
    "roomlist": frozenset(("rooms",)),
    "user": frozenset(("manager",)),
}
_INSTEAD: Mapping[tuple[str, str], str] = {
    ("event", "instances"): "GET {root}/me/events('ID')/instances?startDateTime=...&endDateTime=...",
}


def check(call: Call, segments: tuple[Segment, ...]) -> None:
    """Raise InvalidQuery for an expansion that the type at the end of the path does not have, NotEmulated for one
    that it has and that is not answered.
    """
    expand = call.options.expand if call.request.query else ()
    if segments and strip_namespace(segments[-1].word)[0].lower() in _OF_A_LIST:
        segments = segments[:-1]
    for one in expand:
        _check(call, one, _type_at(call, segments))


def _type_at(call: Call, segments: tuple[Segment, ...]) -> str:
    """Return the type at the end of a path, which this service may have from Graph only; else its last word."""
    schemas = (call.profile.published, GRAPH_SCHEMA)
    found = (schema.type_of(segments, call.profile.synonyms) for schema in schemas)
    return next(filter(None, found), strip_namespace(segments[-1].word)[0])


def _check(call: Call, one: Expand, here: str) -> None:
    casts = [step for step in one.path if "." in step]
    type_name = (strip_namespace(casts[-1])[0] if casts else here).lower()
    name = navigation(one)
    published = call.profile.published.navigations(type_name)
    if name in _ANSWERED.get(type_name, ()) and (name in published or name not in (*_OF_ITEMS, "manager")):
        target = call.profile.published.target(type_name, name) or GRAPH_SCHEMA.target(type_name, name)
        for inner in one.options.expand:
            _check(call, inner, target)
        return
    if name in published:
        raise _not_emulated_error(call, type_name, name)
    raise _unknown_navigation(call, one, here)


def _not_emulated_error(call: Call, type_name: str, name: str) -> NotEmulated:
    words = f"$expand={name} is not emulated by rsvpd."
    near = _INSTEAD.get((type_name, name))
    if near is not None:
        route = near.format(root=call.profile.mount, folders=call.profile.segment("mailFolders"))
        words += f" The nearest route that exists is {route}."
    return NotEmulated(words, target="$expand")


def _unknown_navigation(call: Call, one: Expand, here: str) -> InvalidQuery:
    profile = call.profile
    name = profile.folder.name if here == "mailFolder" else profile.style.type(here)
    return no_property("/".join(one.path), f"{profile.namespace}.{name}", option="$expand")
