"""What `$filter` and `$orderby` may ask of each resource: from wire paths to fields of the query algebra.

A property's own row names its field; the paths into complex types stand here, in Graph's names.
Paths are found in any case, type casts in them are passed over, so Outlook's spelling is
understood as well. A property without a field exists, but cannot be asked about.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from rsvpd.dialects.microsoft.tables.extended import FORMS, name_reader
from rsvpd.dialects.microsoft.tables.person import RELEVANT_FIELDS, RELEVANT_PATHS
from rsvpd.dialects.microsoft.tables.place import PLACE_FIELDS
from rsvpd.dialects.microsoft.tables.resources import Tables
from rsvpd.dialects.microsoft.tables.user import PERSON_FIELDS
from rsvpd.dialects.microsoft.vocabulary import words
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx
from rsvpd.dialects.odata import filter as odata
from rsvpd.dialects.odata.filter import Bound, Lookup
from rsvpd.dialects.shape import Shape
from rsvpd.mail.address import fold
from rsvpd.mail.extended import Form
from rsvpd.mail.message import MeetingKind
from rsvpd.query.algebra import Value
from rsvpd.query.fields import EVENT_FIELDS, FOLDER_FIELDS, MESSAGE_FIELDS, Field, Fields, Kind

# Ways from one resource to others. They may be selected, and expanded where there never is anything in them;
# nothing can be asked about them.
NAVIGATIONS = frozenset((
    "attachments", "calendar", "calendarpermissions", "calendars", "calendarview", "childfolders", "event", "events",
    "exceptionoccurrences", "extensions", "instances", "item", "messages", "multivalueextendedproperties",
    "singlevalueextendedproperties",
))  # fmt: skip
# Of attendees nothing can be asked: the services refuse it (microsoft-graph-docs-contrib#8066).
EVENT_PATHS = {
    "start/dateTime": "start",
    "end/dateTime": "end",
    "organizer/emailAddress/address": "organizer",
    "organizer/emailAddress/name": "organizer_name",
    "location/displayName": "location",
    "responseStatus/response": "response",
    "body/content": "body",
}
MESSAGE_PATHS = {
    "from/emailAddress/address": "from",
    "from/emailAddress/name": "from_name",
    "sender/emailAddress/address": "sender",
    "sender/emailAddress/name": "sender_name",
    "toRecipients/emailAddress/address": "to",
    "toRecipients/emailAddress/name": "to_names",
    "ccRecipients/emailAddress/address": "cc",
    "ccRecipients/emailAddress/name": "cc_names",
    "bccRecipients/emailAddress/address": "bcc",
    "bccRecipients/emailAddress/name": "bcc_names",
    "flag/flagStatus": "flag",
    "body/content": "body",
}


def _fields(*fields: Field) -> Fields:
    return {field.name: field for field in fields}


# What may be asked of the resources that are few: evaluated in Python only.
ATTACHMENT_FIELDS: Fields = _fields(
    Field("name", Kind.TEXT, lambda view: view.attachment.name),
    Field("content_type", Kind.TEXT, lambda view: view.attachment.content_type),
    Field("size", Kind.NUMBER, lambda view: view.attachment.size),
    Field("is_inline", Kind.BOOL, lambda view: view.attachment.is_inline),
    Field("modified", Kind.INSTANT, lambda view: view.attachment.modified),
)
CALENDAR_FIELDS: Fields = _fields(
    Field("name", Kind.TEXT, lambda view: view.name),
    Field("extended", Kind.EXTENDED, lambda view: view.extended),
)
CALENDAR_GROUP_FIELDS: Fields = _fields(Field("name", Kind.TEXT, lambda view: view.name))
PERMISSION_FIELDS: Fields = _fields()
CATEGORY_FIELDS: Fields = _fields(
    Field("id", Kind.ID, lambda one: one.id), Field("name", Kind.TEXT, lambda one: one.name)
)
EXTENSION_FIELDS: Fields = _fields(Field("extension", Kind.ID, lambda placed: placed.one.name.casefold()))
RULE_FIELDS: Fields = _fields(
    Field("name", Kind.TEXT, lambda view: view.rule.name),
    Field("sequence", Kind.NUMBER, lambda view: view.rule.sequence),
    Field("is_enabled", Kind.BOOL, lambda view: view.rule.is_enabled),
    Field("has_error", Kind.BOOL, lambda view: view.has_error),
)
OVERRIDE_FIELDS: Fields = _fields(
    Field("side", Kind.WORD, lambda view: view.override.classify_as.name.lower()),
    Field("sender", Kind.TEXT, lambda view: fold(view.override.sender.address)),
)
OVERRIDE_PATHS = {"senderEmailAddress/address": "sender"}


def _query_value(value: Any) -> Value:
    """Return what the query algebra calls one of the model's values."""
    match value:
        case MeetingKind():
            return value.name.lower()
        case enum.Enum(value=str(word)):
            return word
    return None


def _reader(vocabulary: words.Words, more: Mapping[str, Value] = {}) -> odata.Reader:
    spelled = {word: _query_value(value) for value, word in vocabulary.meaning.items()}
    also = {word: _query_value(value) for word, value in vocabulary.also.items()}
    return odata.words({**spelled, **also, **more})


READERS: dict[str, odata.Reader] = {
    "importance": _reader(words.IMPORTANCE),
    "sensitivity": _reader(words.SENSITIVITY),
    "show_as": _reader(words.FREE_BUSY_STATUS),
    "booking": odata.words({word: word for word, _ in words.BOOKING_TYPE.members}),
    "kind": _reader(words.EVENT_TYPE),
    "response": _reader(words.RESPONSE_TYPE, {"organizer": "organizer"}),
    "flag": _reader(words.FOLLOWUP_FLAG_STATUS),
    "meeting": _reader(words.MEETING_MESSAGE_TYPE),
    "side": odata.words({word: word for word, _ in words.INFERENCE_CLASSIFICATION.members}),
    "inference": odata.words({word: word for word, _ in words.INFERENCE_CLASSIFICATION.members}),
}
UNASKABLE = Bound(None, Kind.TEXT)


def _id_reader(form: Form) -> odata.Reader:
    read = name_reader(form)
    return lambda literal: read(odata.read_text(literal))


# What programs hang on items is asked about by what it is and by the id that one of them has.
_EXTENSION_ID = Bound("extension", Kind.ID, _id_reader(Form.EXTENSION))
EXTENDED = {name: Bound(form.name.lower(), Kind.EXTENDED, _id_reader(form)) for name, form in FORMS.items()}


class Lookups(Struct, frozen=True):
    """How the paths of one profile's filters are found, by resource."""

    event: Lookup
    message: Lookup
    attachment: Lookup
    folder: Lookup
    calendar: Lookup
    calendar_group: Lookup
    permission: Lookup
    user: Lookup
    extension: Lookup
    rule: Lookup
    override: Lookup
    category: Lookup
    place: Lookup
    person: Lookup


def lookups(tables: Tables) -> Lookups:
    """Return the lookups of one profile. Messages may be asked about what only event messages have."""
    messages = tuple(dict.fromkeys(tables.messages.values()))
    extended = EXTENDED if tables.extended else {}
    properties = {name: bound for name, bound in extended.items() if FORMS[name] is not Form.EXTENSION}
    return Lookups(
        attachment=lookup(tuple(tables.attachments.values()), ATTACHMENT_FIELDS),
        event=lookup((tables.event,), EVENT_FIELDS, EVENT_PATHS, extended),
        message=lookup(messages, MESSAGE_FIELDS, MESSAGE_PATHS, extended),
        folder=lookup(tables.folders, FOLDER_FIELDS, more=properties),
        calendar=lookup((tables.calendar,), CALENDAR_FIELDS, more=properties),
        calendar_group=lookup((tables.calendar_group,), CALENDAR_GROUP_FIELDS),
        permission=lookup((tables.permission,), PERMISSION_FIELDS),
        rule=lookup(tables.rules[:1], RULE_FIELDS),
        override=lookup(tuple(filter(None, (tables.override,))), OVERRIDE_FIELDS, OVERRIDE_PATHS),
        user=lookup((tables.user,), PERSON_FIELDS),
        extension=lookup(tables.extended[Form.EXTENSION :], EXTENSION_FIELDS, more={"id": _EXTENSION_ID}),
        category=lookup(() if tables.category is None else (tables.category,), CATEGORY_FIELDS),
        place=lookup(tables.places, PLACE_FIELDS),
        person=lookup(tables.people[:1], RELEVANT_FIELDS, RELEVANT_PATHS),
    )


def lookup(
    shapes: tuple[Shape[Ctx], ...],
    fields: Fields,
    paths: Mapping[str, str] = {},
    more: Mapping[str, Bound] = {},
) -> Lookup:
    """Return a function that finds what a path means to filters and sort orders on these tables; `more` are paths that
    mean no field.
    """
    bounds = dict.fromkeys(NAVIGATIONS, UNASKABLE)
    bounds |= {path.lower(): _bind(fields[name]) for path, name in paths.items()}
    for shape in reversed(shapes):
        for prop in shape.props:
            bounds[prop.name.lower()] = _bind(fields[prop.query]) if prop.query else UNASKABLE
    bounds |= more

    def find(path: tuple[str, ...]) -> Bound | None:
        steps = [step.lower() for step in path if "." not in step]
        bound = bounds.get("/".join(steps))
        if bound is None and len(steps) > 1 and steps[0] in bounds:
            return UNASKABLE
        return bound

    return find


def _bind(field: Field) -> Bound:
    return Bound(field.name, field.kind, READERS.get(field.name))
