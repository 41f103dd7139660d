"""From a request body to a draft: the rows of the table first, then what only the whole request says.

Members without effect are named in `ignored`, unless they claim nothing (null, false, empty); a member that
no version of the services has is refused, as they do. `Reason` says why one has no effect.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from msgspec import UNSET, Struct, UnsetType, structs

from rsvpd.calendar.calendars import PropertiesDraft
from rsvpd.calendar.draft import EventDraft
from rsvpd.calendar.view import EventView
from rsvpd.dialects.microsoft.tables.extended import is_read, read_extended
from rsvpd.dialects.microsoft.tables.profiles import Profile
from rsvpd.dialects.microsoft.tables.queries import NAVIGATIONS
from rsvpd.dialects.microsoft.tables.resources import GRAPH_TABLES, V1_TABLES, V2_TABLES
from rsvpd.dialects.microsoft.vocabulary.codecs import Ctx
from rsvpd.dialects.shape import Shape
from rsvpd.errors import InvalidProperty, MalformedBody, NotEmulated, UnknownProperty
from rsvpd.mail.attachment import AttachmentKind, Link, type_of_file
from rsvpd.mail.content import Body, is_shown_as
from rsvpd.mail.draft import AttachmentDraft, FolderDraft, ItemDraft, MessageDraft
from rsvpd.mail.extended import CustomProperty
from rsvpd.mail.view import MessageView

MOST_IGNORED = 20
_LONGEST_NAME = 64
# What some version of the services has: clients send it to all of them.
_BETA = frozenset(("uid", "occurrenceid", "mentions", "mentionspreview"))
_EVERY = (GRAPH_TABLES, V2_TABLES, V1_TABLES)
EVENT_MEMBERS = _BETA | NAVIGATIONS | {prop.name.lower() for t in _EVERY for prop in t.event.props}
MESSAGE_MEMBERS = _BETA | NAVIGATIONS | {
    prop.name.lower() for t in _EVERY for table in t.messages.values() for prop in table.props
}
FOLDER_MEMBERS = NAVIGATIONS | {"messagerules"} | {prop.name.lower() for t in _EVERY for prop in t.folder.props}
# What references have in other versions of the services: where they lead, and who may do what there.
_ATTACHMENT_MEMBERS = frozenset((
    "id", "item", "iscontactphoto", "sourceurl", "providertype", "thumbnailurl", "previewurl", "permission", "isfolder",
    *(prop.name.lower() for t in _EVERY for table in t.attachments.values() for prop in table.props),
))  # fmt: skip
# The words of the service.
ABSTRACT = "Cannot create an abstract class."
_NEEDS_STORED = frozenset({
    "start", "end", "isallday", "recurrence", "body", "isonlinemeeting", "onlinemeetingprovider",
})  # fmt: skip


class Reason(enum.Enum):
    """Why a member that was sent has no effect."""

    READ_ONLY = "read-only"
    OTHER_VERSION = "of another version"


def reason(profile: Profile, name: str) -> Reason:
    """Return why the member `name` of an event, a message or what holds them has no effect in this profile."""
    head = name.lower().partition("/")[0]
    tables = profile.tables.entities()
    ways = (profile.published.navigations(shape.name) for shape in tables)
    if not any(shape.find(head) for shape in tables) and not any(head in some for some in ways):
        return Reason.OTHER_VERSION
    return Reason.READ_ONLY


def needs_stored(body: Mapping[str, Any]) -> bool:
    """Return whether an update with this body can be read only beside the event as it is stored."""
    return any(name.lower() in _NEEDS_STORED for name in body)


def read_event(
    profile: Profile,
    body: object,
    ctx: Ctx,
    *,
    creating: bool = False,
    stored: EventView | None = None,
) -> EventDraft:
    """Return what a client wants an event to be. `stored` is the event to be updated, where it is needed."""
    members = _object(body)
    fields, names = profile.event.read(members, ctx, creating=creating)
    _refuse_unknown(profile, profile.event, names, EVENT_MEMBERS)
    if creating:
        _take_attachments(profile, members, names, ctx, into=fields, name="attached")
    sent, names = _read_custom_data(profile, profile.event, members, names, creating=creating)
    fields |= {"extended": sent} if sent else {}
    if stored is not None and not _takes_pattern(stored):
        fields.pop("recurrence", None)
        names += [name for name in members if name.lower() == "recurrence"]
    if stored is not None and names:
        names = _names_of_changes(members, names, profile.event.write(stored, ctx))
    fields["ignored"] = _members_without_effect(members, names)
    if stored is not None:
        _pass_over_same(fields, stored.event.body)
    return profile.finish_event(fields, ctx, creating=creating, stored=stored)


def read_message(
    profile: Profile,
    body: object,
    ctx: Ctx,
    *,
    creating: bool = False,
    stored: MessageView | None = None,
) -> MessageDraft:
    """Return what a client wants a message to be; a letter that has been sent keeps its words."""
    members = _object(body)
    is_open = creating or (stored is not None and stored.message.is_draft)
    table = profile.message if stored is None else profile.tables.messages[stored.kind]
    fields, names = table.read(members, ctx, creating=is_open)
    _refuse_unknown(profile, table, names, MESSAGE_MEMBERS)
    sent, names = _read_custom_data(profile, table, members, names, creating=creating)
    fields |= {"extended": sent} if sent else {}
    if stored is None:
        _take_attachments(profile, members, names, ctx, into=fields, name="attachments")
    else:
        _pass_over_same(fields, stored.message.letter.body)
    if stored is not None and names:
        names = _names_of_changes(members, names, table.write(stored, ctx))
    return MessageDraft(**fields, ignored=_members_without_effect(members, names))


class NamedSearch(Struct, frozen=True, kw_only=True):
    """What a client wants a search folder to show; the question as it was written, folders as they were named."""

    filter: str | UnsetType | None = UNSET
    sources: tuple[str, ...] | UnsetType | None = UNSET
    is_deep: bool | UnsetType | None = UNSET


def is_search_folder(profile: Profile, body: object) -> bool:
    """Return whether a body says that it is a search folder. Raises MalformedBody for a type that is no folder's."""
    named = _type_named(_object(body))
    if named not in ("", *(table.name.lower() for table in profile.tables.folders)):
        raise MalformedBody(ABSTRACT)
    return bool(named) and named != profile.folder.name.lower()


def read_folder(
    profile: Profile, body: object, ctx: Ctx, *, creating: bool = False, is_search: bool = False
) -> tuple[FolderDraft, NamedSearch]:
    """Return what a client wants a folder to be, and a search folder to show."""
    members = _object(body)
    table = profile.tables.search_folder if is_search else profile.folder
    assert table is not None  # a service without search folders has none
    fields, names = table.read(members, ctx, creating=True)
    _refuse_unknown(profile, table, names, FOLDER_MEMBERS | {prop.name.lower() for prop in table.props})
    sent, names = _read_custom_data(profile, profile.folder, members, names, creating=creating)
    fields |= {"extended": sent} if sent else {}
    search = {name: fields.pop(name) for name in NamedSearch.__struct_fields__ if name in fields}
    return FolderDraft(**fields, ignored=_members_without_effect(members, names)), NamedSearch(**search)


def read_calendar(
    profile: Profile, body: object, ctx: Ctx, *, creating: bool = False
) -> tuple[PropertiesDraft, tuple[CustomProperty, ...], tuple[str, ...]]:
    """Return what a client wants a calendar to be, what is to hang on it, and the names of what has no effect."""
    members = _object(body)
    ways = profile.published.navigations(profile.calendar.name) if profile.tables.extended else frozenset()
    sent = read_extended(members, ways, creating=creating)
    rest = {name: value for name, value in members.items() if not is_read(name, ways, creating=creating)}
    fields, ignored = profile.calendar.read(rest, ctx, creating=creating, strict=True)
    for name in ("name", "color", "provider"):
        if name in fields and fields[name] is None:
            raise InvalidProperty(f"The property '{name}' cannot be null.", target=name)
    return PropertiesDraft(**fields), sent, tuple(ignored)


def read_attachment(profile: Profile, body: object, ctx: Ctx) -> AttachmentDraft:
    """Return what a client wants attached. Raises MalformedBody where it does not say of which kind it is."""
    members = _object(body)
    kind = _kind_of(profile, members)
    table = profile.tables.attachments[kind]
    fields, names = table.read(members, ctx, creating=True)
    _refuse_unknown(profile, table, names, _ATTACHMENT_MEMBERS)
    draft = AttachmentDraft(kind=kind, **fields)
    match kind:
        case AttachmentKind.ITEM:
            return structs.replace(draft, item=_read_item(profile, _member(members, "item"), ctx))
        case AttachmentKind.REFERENCE:
            url = _member(members, "sourceUrl")
            return structs.replace(draft, link=Link(url=url)) if isinstance(url, str) and url else draft
    if draft.content is None:
        raise InvalidProperty(f"{ctx.style.name('contentBytes')}: base64 is expected.", target="contentBytes")
    return draft if draft.content_type else structs.replace(draft, content_type=type_of_file(draft.name))


def _read_item(profile: Profile, body: object, ctx: Ctx) -> ItemDraft:
    """Return an item that is to be attached, with what is attached to it; how deep, the body bounds."""
    members = _object(body)
    named = _type_named(members)
    if named == profile.event.name.lower():
        return read_event(profile, members, ctx, creating=True)
    if named == "contact":
        raise NotEmulated("A contact as an attachment is not emulated by rsvpd.", target="item")
    if named != profile.message.name.lower():
        raise MalformedBody(ABSTRACT)
    return read_message(profile, members, ctx, creating=True)


def _take_attachments(
    profile: Profile, members: Mapping[str, Any], names: list[str], ctx: Ctx, *, into: dict[str, Any], name: str
) -> None:
    """Take attachments out of the names without effect, and read them."""
    given = next((one for one in names if one.lower() == "attachments"), None)
    if given is None:
        return
    names.remove(given)
    found = members[given]
    if found is not None and not isinstance(found, list):
        raise InvalidProperty(f"{given}: an array is expected.", target=given)
    into[name] = tuple(read_attachment(profile, one, ctx) for one in found or ())


def _kind_of(profile: Profile, members: Mapping[str, Any]) -> AttachmentKind:
    named = _type_named(members)
    kinds = {table.name.lower(): kind for kind, table in profile.tables.attachments.items()}
    if named not in kinds:
        raise MalformedBody(ABSTRACT)
    return kinds[named]


def _type_named(members: Mapping[str, Any]) -> str:
    """Return the type that an object says it is of, in lower case and without its namespace."""
    return str(members.get("@odata.type", "")).rpartition(".")[2].lower()


def _member(members: Mapping[str, Any], name: str) -> Any:
    return next((value for one, value in members.items() if one.lower() == name.lower()), None)


def _read_custom_data(
    profile: Profile, table: Shape[Ctx], members: Mapping[str, Any], names: list[str], *, creating: bool
) -> tuple[tuple[CustomProperty, ...], list[str]]:
    """Return what a body wants to hang on its item, and the names of members that are not read otherwise."""
    ways = profile.published.navigations(table.name) if profile.tables.extended else frozenset()
    found = read_extended(members, ways, creating=creating)
    return found, [name for name in names if not is_read(name, ways, creating=creating)]


def _takes_pattern(stored: EventView) -> bool:
    """Return whether a pattern can be written to this event: one date has none, and a guest's is the organizer's."""
    return stored.recurrence_id is None and stored.meeting.is_organizer


def _pass_over_same(fields: dict[str, Any], stored: Body) -> None:
    """Forget a body that is written back as it was read: in its wrapping, or as the text it was shown as."""
    given = fields.get("body")
    if given is not None and is_shown_as(stored, given):
        del fields["body"]


def _object(body: object) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise MalformedBody("The request body has to be a JSON object.")
    return body


def _refuse_unknown(profile: Profile, table: Shape[Ctx], names: Iterable[str], known: frozenset[str]) -> None:
    for name in names:
        if name.lower() not in known:
            type_name, quoted = f"{profile.namespace}.{table.name}", name[:_LONGEST_NAME]
            raise UnknownProperty(f"The property '{quoted}' does not exist on type '{type_name}'.", target=quoted)


def _names_of_changes(body: Mapping[str, Any], names: Iterable[str], current: Mapping[str, Any]) -> list[str]:
    """Return the names whose values differ from what is shown: to write back what was read claims nothing."""
    known = {name.lower(): value for name, value in current.items()}
    return [name for name in names if body[name] != known.get(name.lower())]


def _members_without_effect(body: Mapping[str, Any], names: Iterable[str]) -> tuple[str, ...]:
    filled = (name for name in names if body.get(name, name) not in (None, False, "", "false", [], {}))
    return tuple(name[:_LONGEST_NAME] for name in islice(filled, MOST_IGNORED))
