"""The three dialects of the Outlook services, as values.

A profile says everything in which Microsoft Graph v1.0, Outlook REST v2.0 and v1.0 differ;
code elsewhere asks the profile and never which one it is.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from rsvpd.calendar.draft import EventDraft
from rsvpd.dialects.microsoft.tables.event_draft import finish_event, finish_event_with_zones
from rsvpd.dialects.microsoft.tables.published import GRAPH_SCHEMA, V1_SCHEMA, V2_SCHEMA, Schema
from rsvpd.dialects.microsoft.tables.queries import Lookups, lookups
from rsvpd.dialects.microsoft.tables.resources import GRAPH_TABLES, V1_TABLES, V2_TABLES, Tables
from rsvpd.dialects.microsoft.tables.user import NOT_EMULATED
from rsvpd.dialects.microsoft.vocabulary.codecs import CAMEL, PASCAL, Ctx, Style
from rsvpd.dialects.shape import Shape
from rsvpd.mail.folder import Folder
from rsvpd.mail.message import MeetingKind
from rsvpd.mail.person import Person
from rsvpd.mail.view import FolderView, MessageView

FinishEvent = Callable[..., EventDraft]


class BatchForm(enum.Enum):
    """How several requests are written as one."""

    JSON = "application/json"
    MULTIPART = "multipart/mixed"


class Profile(Struct, frozen=True, kw_only=True, eq=False):
    """One dialect.

    `interface` is its name in the journal of requests and with answers. `segments` are the canonical words of
    paths, by their lower-case Graph name. `user_key` makes what stands in `Users('…')` of canonical links, from a
    person and the tenant. `me_context` is the context of `/me`, before what is selected and after it.
    `message_types` are the names of event message types by what the message says.
    `has_delta`: whether lists have the function `delta`; in the others a header asks for what changed.
    `has_successor`: whether Graph came in its place.
    `searches_directory` says whether users can be searched; `unknown_of_users` are members of theirs in lower
    case that the service has and of which nothing is known here. `search_clash` is what is said of an option
    that does not go with `$search`; `sorts_what_it_filters` says that messages can be sorted only by what the
    filter names first; `selects_by_cast` that a member of a derived type is selected with the type before it,
    `reads_mime` that a message may be sent as MIME.
    `synonyms` are lower-case words of paths that stand for another (`folders`).
    `lookups` find what the paths of filters mean (odata/filter.py). `published` is what the real service has,
    emulated or not. `without` are the folders that
    `/messages` leaves out. `batch_form` is how a batch is written, `batch_paths` are where it is sent, in lower case.
    """

    name: str
    interface: str
    mount: str
    namespace: str
    alias: str | None = None
    container: str
    version: str
    style: Style
    tables: Tables
    lookups: Lookups
    published: Schema
    segments: Mapping[str, str]
    synonyms: Mapping[str, str] = {}
    user_key: Callable[[Person, str], str]
    context_root: Callable[[Person], str]
    me_context: tuple[str, str]
    message_types: Mapping[MeetingKind, str]
    finish_event: FinishEvent
    error_has_inner: bool
    has_entity_ids: bool
    has_event_links: bool
    can_search_text: bool
    has_delta: bool = False
    has_successor: bool = False
    searches_directory: bool = False
    unknown_of_users: frozenset[str] = frozenset()
    search_clash: str
    sorts_what_it_filters: bool = False
    selects_by_cast: bool = False
    reads_mime: bool = False
    without: tuple[Folder, ...] = ()
    default_top: int = 10
    max_top: int = 1000
    batch_form: BatchForm | None = None
    batch_paths: tuple[str, ...] = ()

    @property
    def event(self) -> Shape[Ctx]:
        """Return the table of events."""
        return self.tables.event

    @property
    def message(self) -> Shape[Ctx]:
        """Return the table of plain messages."""
        return self.tables.message

    @property
    def rule(self) -> Shape[Ctx]:
        """Return the table of rules, which the published schema leads to only where the profile has them."""
        return self.tables.rules[0]

    @property
    def override(self) -> Shape[Ctx]:
        """Return the table of overrides of the focused inbox, the same."""
        assert self.tables.override is not None
        return self.tables.override

    @property
    def event_message(self) -> Shape[Ctx]:
        """Return the table of event messages (cancellations; in Outlook REST all of them)."""
        return self.tables.event_message

    @property
    def event_message_request(self) -> Shape[Ctx]:
        """Return the table of invitations."""
        return self.tables.event_message_request

    @property
    def event_message_response(self) -> Shape[Ctx]:
        """Return the table of answers."""
        return self.tables.event_message_response

    @property
    def folder(self) -> Shape[Ctx]:
        """Return the table of mail folders."""
        return self.tables.folder

    @property
    def calendar(self) -> Shape[Ctx]:
        """Return the table of calendars."""
        return self.tables.calendar

    @property
    def calendar_group(self) -> Shape[Ctx]:
        """Return the table of groups of calendars."""
        return self.tables.calendar_group

    @property
    def permission(self) -> Shape[Ctx]:
        """Return the table of a calendar's permissions."""
        return self.tables.permission

    @property
    def user(self) -> Shape[Ctx]:
        """Return the table of users."""
        return self.tables.user

    @property
    def person(self) -> Shape[Ctx]:
        """Return the table of people who matter to somebody, which only routes that a profile has lead to."""
        return self.tables.people[0]

    @property
    def mailbox_settings(self) -> Shape[Ctx]:
        """Return the table of mailbox settings."""
        return self.tables.mailbox_settings

    def ctx(self, **request: Any) -> Ctx:
        """Return what the codecs need to know; `request` are the members of `Ctx` that one request decides."""
        return Ctx(style=self.style, mount=self.mount, user_key=self.user_key, **request)

    @property
    def modified(self) -> str:
        """Return the member that says when an event or message was last changed."""
        return next(prop.name for prop in self.event.props if prop.query == "modified")

    def spelling(self, name: str) -> str:
        """Return a member as the tables spell it, in whatever case it was written."""
        return _spellings(self).get(name.lower(), name)

    def word(self, graph: str) -> str:
        """Return a word of an enumeration in this profile's spelling."""
        return self.style.word(graph)

    def member(self, graph: str) -> str:
        """Return a member, action or navigation name in this profile's spelling."""
        return self.style.name(graph)

    def segment(self, graph: str) -> str:
        """Return the canonical word of a path: `mailFolders` is `Folders` in Outlook REST v1.0."""
        return self.segments.get(graph.lower()) or self.style.name(graph)

    def type_name(self, kind: MeetingKind) -> str | None:
        """Return the `@odata.type` of a message, or None for a plain one, which carries none."""
        name = self.message_types.get(kind)
        return self.type_of(name) if name else None

    def type_of(self, name: str) -> str:
        """Return the `@odata.type` of what is of the type that a table is called after."""
        return f"#{self.namespace}.{name}"


_SPELLINGS: dict[str, dict[str, str]] = {}


def _spellings(profile: Profile) -> dict[str, str]:
    """Return every member of a profile by its name in lower case, collected once."""
    known = _SPELLINGS.get(profile.name)
    if known is None:
        props = (prop for shape in profile.tables.shapes() for prop in shape.props)
        known = _SPELLINGS[profile.name] = {prop.name.lower(): prop.name for prop in props}
    return known


def message_shape(profile: Profile, view: MessageView) -> Shape[Ctx]:
    """Return the table that fits what the message says."""
    return profile.tables.messages[view.kind]


def folder_shape(profile: Profile, view: FolderView) -> Shape[Ctx]:
    """Return the table that fits a folder: a search folder is a plain one to who knows no others."""
    return profile.folder if view.folder.search is None else profile.tables.folders[-1]


_GRAPH_MESSAGES: Mapping[MeetingKind, str] = {
    MeetingKind.REQUEST: "eventMessageRequest",
    MeetingKind.CANCELLED: "eventMessage",
    MeetingKind.ACCEPTED: "eventMessageResponse",
    MeetingKind.TENTATIVE: "eventMessageResponse",
    MeetingKind.DECLINED: "eventMessageResponse",
}
_OUTLOOK_MESSAGES: Mapping[MeetingKind, str] = {
    kind: "EventMessage" for kind in MeetingKind if kind is not MeetingKind.NONE
}

GRAPH = Profile(
    name="Microsoft Graph v1.0",
    interface="graph",
    mount="/v1.0",
    namespace="microsoft.graph",
    alias="graph",
    container="GraphService",
    version="graph",
    style=CAMEL,
    tables=GRAPH_TABLES,
    lookups=lookups(GRAPH_TABLES),
    published=GRAPH_SCHEMA,
    segments={},
    user_key=lambda person, tenant: person.oid,
    context_root=lambda person: f"users('{person.oid}')",
    me_context=("users", "/$entity"),
    message_types=_GRAPH_MESSAGES,
    finish_event=finish_event,
    error_has_inner=True,
    has_entity_ids=False,
    has_event_links=False,
    can_search_text=True,
    has_delta=True,
    searches_directory=True,
    unknown_of_users=NOT_EMULATED,
    search_clash="The query parameter '${0}' is not supported with '$search'.",
    sorts_what_it_filters=True,
    selects_by_cast=True,
    reads_mime=True,
    batch_form=BatchForm.JSON,
    batch_paths=("$batch",),
)

OUTLOOK_V2 = Profile(
    name="Outlook REST v2.0",
    interface="outlook-v2",
    mount="/api/v2.0",
    namespace="Microsoft.OutlookServices",
    container="EntityContainer",
    version="v2",
    style=PASCAL,
    tables=V2_TABLES,
    lookups=lookups(V2_TABLES),
    published=V2_SCHEMA,
    segments={},
    synonyms={"folders": "mailfolders"},
    user_key=lambda person, tenant: f"{person.oid}@{tenant}",
    context_root=lambda person: "Me",
    me_context=("Me", ""),
    message_types=_OUTLOOK_MESSAGES,
    finish_event=finish_event,
    error_has_inner=False,
    has_entity_ids=True,
    has_event_links=True,
    can_search_text=False,
    search_clash="The query parameter '{0}' is invalid.",
    has_successor=True,
    without=(Folder.DELETED,),
    batch_form=BatchForm.MULTIPART,
    batch_paths=("$batch", "me/$batch"),
)

OUTLOOK_V1 = Profile(
    name="Outlook REST v1.0",
    interface="outlook-v1",
    mount="/api/v1.0",
    namespace="Microsoft.OutlookServices",
    container="EntityContainer",
    version="v1",
    style=PASCAL,
    tables=V1_TABLES,
    lookups=lookups(V1_TABLES),
    published=V1_SCHEMA,
    segments={"mailfolders": "Folders"},
    synonyms={"folders": "mailfolders"},
    user_key=lambda person, tenant: person.address,
    context_root=lambda person: "Me",
    me_context=("Me", ""),
    message_types=_OUTLOOK_MESSAGES,
    finish_event=finish_event_with_zones,
    error_has_inner=False,
    has_entity_ids=True,
    has_event_links=True,
    can_search_text=False,
    search_clash="The query parameter '{0}' is invalid.",
    has_successor=True,
    without=(Folder.DELETED,),
)

PROFILES: tuple[Profile, ...] = (GRAPH, OUTLOOK_V2, OUTLOOK_V1)
