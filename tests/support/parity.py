"""What of Graph v1.0 and of Calendar v3 is here, from the tables that answer: docs/parity.md; `make parity` writes it.

A call is answered where the route table resolves it. A member is there where the property table writes it from what is
stored, and reads it where clients may write it. Of what has no property table, those are there that an answer showed.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from rsvpd.dialects.google.routes import GAPS as GOOGLE_GAPS
from rsvpd.dialects.google.routes import ROUTES as GOOGLE_ROUTES
from rsvpd.dialects.google.tables.attendee import ATTENDEE
from rsvpd.dialects.google.tables.calendar import CALENDAR, CALENDAR_LIST_ENTRY
from rsvpd.dialects.google.tables.kinds import PROPERTIES
from rsvpd.dialects.google.tables.resources import EVENT, KEPT
from rsvpd.dialects.microsoft.exchange import batch
from rsvpd.dialects.microsoft.resources import calendars, events, folders, messages
from rsvpd.dialects.microsoft.routes import resolve
from rsvpd.dialects.microsoft.tables.extended import FORMS
from rsvpd.dialects.microsoft.tables.profiles import GRAPH
from rsvpd.dialects.odata.url import parse
from rsvpd.dialects.shape import Access, Constant, Prop, Shape
from rsvpd.errors import MethodNotAllowed, NotEmulated
from support.published import MANY, ONE, Published, google, graph, lines
from support.seen_members import google_members_seen, graph_members_seen

PAGE = Path(__file__).parents[2] / "docs" / "parity.md"
COMMAND = "make parity"


class Mark(enum.Enum):
    """How much of something is here."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Finding(Struct, frozen=True):
    """Something published: what it belongs to, its name, whether it is here, and why not wholly."""

    of: str
    name: str
    mark: Mark
    why: str = ""


ALWAYS_SAME = "always the same"
NOT_WRITTEN, ONLY_AT_CREATION = "cannot be written", "written at creation alone"
KEPT_AS_SENT = "kept as it is sent"
# What a table cannot say of itself.
REMARKS: Mapping[tuple[str, str], str] = {
    ("calendarPermission", "isInsideOrganization"): ALWAYS_SAME,
    ("subscription", "notificationQueryOptions"): "refused, as printers alone have it",
}
# Where the services themselves, through their interfaces, show nothing else; compatibility.md has a row for each.
SAME_THERE = frozenset({("event", "isDraft"), ("messageRule", "isReadOnly"), ("mailSearchFolder", "isSupported")})
# What the reference says that clients write, and the service takes without effect (microsoft-graph-docs#15050).
NEVER_WRITTEN = frozenset({("calendar", "isDefaultCalendar")})
# Where the ways of a type are looked for.
PLACES = {
    "calendar": "me/calendars/x",
    "calendarGroup": "me/calendarGroups/x",
    "event": "me/events/x",
    "eventMessage": "me/messages/x/microsoft.graph.eventMessage",
    "inferenceClassification": "me/inferenceClassification",
    "itemAttachment": "me/messages/x/attachments/x/microsoft.graph.itemAttachment",
    "mailFolder": "me/mailFolders/x",
    "message": "me/messages/x",
    "outlookUser": "me/outlook",
    "roomList": "places/x/microsoft.graph.roomList",
    "user": "me",
}
INSIDE = {
    "calendar": calendars.CALENDARS.expand,
    "event": events.EVENTS.expand,
    "mailFolder": folders.FOLDERS.expand,
    "message": messages.MESSAGES.expand,
}
GRAPH_TYPES = (
    "attachment", "calendar", "calendarGroup", "calendarPermission", "event", "eventMessage", "eventMessageRequest",
    "eventMessageResponse", "extension", "fileAttachment", "inferenceClassification",
    "inferenceClassificationOverride", "itemAttachment", "mailFolder", "mailSearchFolder", "mailboxSettings", "message",
    "messageRule", "multiValueLegacyExtendedProperty", "openTypeExtension", "outlookCategory", "outlookItem",
    "outlookUser", "person", "place", "referenceAttachment", "room", "roomList", "singleValueLegacyExtendedProperty",
    "subscription", "user",
)  # fmt: skip
GOOGLE_SHAPES: Mapping[str, Shape[Any]] = {one.name: one for one in (CALENDAR, CALENDAR_LIST_ENTRY, EVENT, ATTENDEE)}


# --- Graph


def graph_operations() -> Iterator[Finding]:
    """Yield every documented call."""
    for type_, method, path in lines("graph_operations.txt"):
        yield Finding(type_, f"{method} /{path}", *_answered(method, path))


def _answered(method: str, path: str) -> tuple[Mark, str]:
    segments = parse(path)
    if batch.is_batch(GRAPH, segments):
        return Mark.YES, ""
    try:
        resolve(GRAPH, segments, method)
    except (NotEmulated, MethodNotAllowed):
        return Mark.NO, ""
    return Mark.YES, ""


def graph_members() -> Iterator[Finding]:
    """Yield every property and every way of the published types; what is inherited stands with the base."""
    shapes = _graph_shapes()
    written = _written("graph_written.txt")
    for type_ in GRAPH_TYPES:
        for member in graph().members.get(type_, {}):
            if type_ in shapes:
                prop = next((found for one in shapes[type_] if (found := one.find(member))), None)
                remark, of_drafts = REMARKS.get((type_, member)), type_ == "message"
                found = _held(prop, written.get((type_, member)), remark, of_drafts=of_drafts)
            else:
                found = _shown((type_, member) in graph_members_seen())
            yield Finding(type_, member, *((Mark.YES, "") if (type_, member) in SAME_THERE else found))
        for way in graph().ways.get(type_, ()):
            if way.kind in (ONE, MANY):
                yield Finding(type_, way.name, *_way(type_, way.name))


def _way(type_: str, name: str) -> tuple[Mark, str]:
    """Return whether a navigation is answered, or else shown inside its item, as all there is of some is."""
    found = _answered("GET", f"{PLACES[type_]}/{name}")
    is_inside = name.lower() in FORMS and name.lower() in INSIDE.get(type_, {})
    return (Mark.YES, "") if found[0] is Mark.NO and is_inside else found


def _graph_shapes() -> dict[str, tuple[Shape[Any], ...]]:
    tables = GRAPH.tables
    shapes: dict[str, tuple[Shape[Any], ...]] = {one.name: (one,) for one in tables.shapes()}
    return {**shapes, "outlookItem": (tables.event, tables.message)}


# --- Google


def google_methods() -> Iterator[Finding]:
    """Yield every published method."""
    answered = {one.id for one in GOOGLE_ROUTES if one.handler is not None}
    for route in sorted((*GOOGLE_ROUTES, *GOOGLE_GAPS), key=lambda one: one.id):
        mark = Mark.YES if route.id in answered else Mark.NO
        yield Finding(route.id.partition(".")[0], route.id, mark)


def google_members() -> Iterator[Finding]:
    """Yield every member of the published objects that have a name."""
    written = _written("google_written.txt")
    kept = set(_below(google(), [google().members["Event"][name] for name in KEPT - {*PROPERTIES.values()}]))
    seen = google_members_seen()
    for type_, members in google().members.items():
        for member in members if not type_.startswith("{") else ():
            if type_ in GOOGLE_SHAPES:
                prop = GOOGLE_SHAPES[type_].find(member)
                found = _held(prop, written.get((type_, member)), REMARKS.get((type_, member)))
            elif type_ in kept:
                found = (Mark.PARTLY, KEPT_AS_SENT)
            else:
                found = _shown((type_, member) in seen)
            remark = REMARKS.get((type_, member))
            if remark and found[0] is Mark.YES:
                found = (Mark.PARTLY, remark)
            yield Finding(type_, member, *found)


def _below(published: Published, kinds: list[str]) -> Iterator[str]:
    for kind in kinds:
        name = kind.strip("[]<>")
        if name in published.members:
            yield name
            yield from _below(published, list(published.members[name].values()))


# --- both


def _held(
    prop: Prop[Any] | None, written: Access | None, remark: str | None, *, of_drafts: bool = False
) -> tuple[Mark, str]:
    if prop is None:
        return Mark.NO, ""
    # What kind of object it is never differs in the real services either.
    if isinstance(prop.codec.write, Constant) and prop.name != "kind":
        return Mark.PARTLY, ALWAYS_SAME
    if written is not None and prop.access is Access.READ_ONLY:
        return Mark.PARTLY, NOT_WRITTEN
    if written is Access.WRITE and prop.access is Access.CREATE and not of_drafts:
        return Mark.PARTLY, ONLY_AT_CREATION
    return (Mark.PARTLY, remark) if remark else (Mark.YES, "")


def _shown(is_seen: bool) -> tuple[Mark, str]:
    return (Mark.YES if is_seen else Mark.NO), ""


def _written(name: str) -> dict[tuple[str, str], Access]:
    access = {"create": Access.CREATE, "update": Access.WRITE}
    rows = [(type_, when, members) for type_, when, *members in lines(name)]
    # What may be written at creation and later is written later as well: that row counts.
    rows.sort(key=lambda row: row[1])
    found = {(type_, member): access[when] for type_, when, members in rows for member in members}
    return {key: when for key, when in found.items() if key not in NEVER_WRITTEN}


# --- the page

_SAME = ", ".join(f"`{type_}.{member}`" for type_, member in sorted(SAME_THERE))
INTRO = f"""# Parity: what of Microsoft Graph and of Google Calendar is here

Every call and every member that the two services publish for mail and calendars, and what becomes of it here.
`{COMMAND}` writes this page from the tables that answer, and a test compares the two.

- **yes**: a call is answered; a member is written from what is stored, and read where clients may write it, or is what
  the service itself shows for all that is made through its interface:
  {_SAME}
- **partly**: with the reason (what the service lets be written to drafts alone is written to drafts)
- **no**: a call is answered 501, with what helps instead where something does; a member is in no answer, and left out
  where it is sent

What a call does beyond that, and how we know, [compatibility.md](compatibility.md) says behaviour by behaviour.
Every answer that the tests get is compared with the published types (`tests/support/validated.py`): no member that the
service does not have, no other type, nothing missing that is never null.
"""
GRAPH_CALLS = """## Calls of Microsoft Graph v1.0

The operations that Microsoft's reference documents, and the actions and functions of its metadata. Each call that is
answered is tried by everybody who may and who may not, in `tests/conformance/test_every_route.py`; batches are tried in
`tests/conformance/test_graph_batch.py`.
"""
GRAPH_MEMBERS = """## Members of Microsoft Graph v1.0

Properties and navigations of each type of Microsoft's metadata; what a type inherits stands with its base. Of `user`
the properties of plain types are counted, and the navigations that lead to mail and calendars.
`tests/unit/dialects/test_microsoft_tables.py` compares names and types with the published ones, and
`tests/unit/dialects/test_parity_page.py` has seen each that is here in an answer, with a value.
"""
GOOGLE_CALLS = """## Methods of Google Calendar v3

The methods of Google's discovery document. Each one that is answered is tried by everybody who may and who may not, in
`tests/conformance/test_every_route.py`.
"""
GOOGLE_MEMBERS = """## Members of Google Calendar v3

`tests/unit/dialects/test_google_tables.py` compares names and types of events, guests and calendars with the published
ones, and `tests/unit/dialects/test_parity_page.py` has seen each that is here in an answer. Of questions for
free times and of channels those members are here for which they are refused where these are of another kind.
"""


def page() -> str:
    """Return the whole page."""
    parts = {
        "calls of Microsoft Graph v1.0": list(graph_operations()),
        "members of Microsoft Graph v1.0": list(graph_members()),
        "methods of Google Calendar v3": list(google_methods()),
        "members of Google Calendar v3": list(google_members()),
    }
    of_graph, in_graph, of_google, in_google = parts.values()
    totals = parts | {"all": [one for found in parts.values() for one in found]}
    sections = (
        INTRO,
        _table(("", *_MARKS, "of"), ((name, *_counts(found)) for name, found in totals.items())),
        GRAPH_CALLS,
        _table(("resource", *_MARKS, "counted"), _rows(of_graph)),
        GRAPH_MEMBERS,
        _table(("type", *_MARKS, "counted"), _rows(in_graph)),
        GOOGLE_CALLS,
        _table(("resource", *_MARKS, "counted"), _rows(of_google)),
        GOOGLE_MEMBERS,
        _table(("object", *_MARKS, "counted"), _rows(in_google)),
    )
    return "\n".join(sections)


_MARKS = tuple(mark.value for mark in Mark)


def _counts(found: list[Finding]) -> tuple[str, ...]:
    return (*(str(sum(one.mark is mark for one in found)) for mark in Mark), str(len(found)))


def _rows(found: list[Finding]) -> Iterator[tuple[str, ...]]:
    for of in dict.fromkeys(one.of for one in found):
        own = [one for one in found if one.of == of]
        counts = _counts(own)
        yield of, *(_cell([one for one in own if one.mark is mark]) for mark in Mark), f"{counts[0]} of {counts[-1]}"


def _cell(found: list[Finding]) -> str:
    reasons = dict.fromkeys(one.why for one in found)
    cells = (", ".join(f"`{one.name}`" for one in found if one.why == why) for why in reasons)
    return "; ".join(f"{why}: {names}" if why else names for why, names in zip(reasons, cells, strict=True))


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    body = (f"| {' | '.join(cells)} |" for cells in rows)
    return "\n".join((f"| {' | '.join(head)} |", "|---" * len(head) + "|", *body)) + "\n"
