"""What the real services publish, emulated or not: the names that may follow each type in a path.

A path whose words all stand here is real: what is missing of it is answered as missing (501), never as
unknown. Graph's names are those of its v1.0 metadata; the two Outlook services have fewer, and a few of
their own (Outlook mail, calendar and contacts REST reference). `ANYTHING` is a type whose own members are
not listed: whatever stands below it is taken for real.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from msgspec import Struct, structs

from rsvpd.dialects.microsoft.tables.resources import GRAPH_TABLES, V1_TABLES, V2_TABLES, Tables
from rsvpd.dialects.odata.url import Segment, strip_namespace

V = TypeVar("V")
ROOT, ANYTHING = "", "*"
READ, ENTITY, SINGLE, COLLECTION = ("GET",), ("GET", "PATCH", "DELETE"), ("GET", "PATCH"), ("GET", "POST")
ACTION, STREAM, EVERY = ("POST",), ("GET", "PUT"), ("GET", "POST", "PATCH", "PUT", "DELETE")


class Type(Struct, frozen=True, kw_only=True):
    """The names below one type: ways to one entity and to many, with the type there; actions and functions.

    `views` are ways to entities that stand elsewhere, so that nothing is created or changed by them.
    `read_only` are ways on which nothing is changed or created, to one entity or to many.
    `of_many` are the operations of a whole collection, `casts` the derived types, `properties` what is read
    on its own.
    """

    one: Mapping[str, str] = {}
    many: Mapping[str, str] = {}
    views: Mapping[str, str] = {}
    actions: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    of_many: Mapping[str, tuple[str, ...]] = {}
    casts: Mapping[str, str] = {}
    properties: tuple[str, ...] = ()
    read_only: tuple[str, ...] = ()


Types = Mapping[str, Type]
_VALUES = {
    "multiValueExtendedProperties": "multiValueLegacyExtendedProperty",
    "singleValueExtendedProperties": "singleValueLegacyExtendedProperty",
}
_ANSWERS = ("accept", "decline", "tentativelyAccept")
_REPLIES = ("createForward", "createReply", "createReplyAll", "forward", "reply", "replyAll", "send")
_DELTA = {"delta": READ}
_EVENT_MESSAGES = {name: name for name in ("eventMessage", "eventMessageRequest", "eventMessageResponse")}
_SETTINGS = (
    "archiveFolder", "automaticRepliesSetting", "dateFormat", "delegateMeetingMessageDeliveryOptions",
    "language", "timeFormat", "timeZone", "userPurpose", "workingHours",
)  # fmt: skip

_ATTACHMENT = Type(
    of_many={"createUploadSession": ACTION},
    casts={
        "fileAttachment": "attachment", "itemAttachment": "itemAttachment", "referenceAttachment": "attachment",
    },
    properties=("$value", "contentBytes", "contentType", "isInline", "lastModifiedDateTime", "name", "size"),
)  # fmt: skip
# What is attached may be a message or an event.
_ITEM = Type(many={"attachments": "attachment", "extensions": "extension", **_VALUES})
_MESSAGE = Type(
    many={"attachments": "attachment", "extensions": "extension", **_VALUES},
    actions=(*_REPLIES, "copy", "move", "permanentDelete"),
    of_many=_DELTA,
    casts={"message": "message", **_EVENT_MESSAGES},
    properties=("$value",),
)
# Outlook extensions to the eventMessage: the event itself, with all that is below it.
_EVENT_MESSAGE = structs.replace(_MESSAGE, one={"event": "event"})

_GRAPH: dict[str, Type] = {
    "attachment": _ATTACHMENT,
    "itemAttachment": structs.replace(_ATTACHMENT, one={"item": "outlookItem"}),
    "outlookItem": _ITEM,
    "calendar": Type(
        many={"calendarPermissions": "calendarPermission", "events": "event", **_VALUES},
        views={"calendarView": "event"},
        actions=("getSchedule", "permanentDelete"),
        functions=("allowedCalendarSharingRoles",),
    ),
    "calendarGroup": Type(many={"calendars": "calendar"}),
    "calendarPermission": Type(),
    "event": Type(
        one={"calendar": "calendar"},
        many={"attachments": "attachment", "extensions": "extension", **_VALUES},
        views={"exceptionOccurrences": "event", "instances": "event"},
        actions=(*_ANSWERS, "cancel", "dismissReminder", "forward", "permanentDelete", "snoozeReminder"),
        of_many=_DELTA,
    ),
    "extension": Type(casts={"openTypeExtension": "extension"}),
    "inferenceClassification": Type(many={"overrides": "inferenceClassificationOverride"}),
    "inferenceClassificationOverride": Type(),
    "mailFolder": Type(
        many={"childFolders": "mailFolder", "messageRules": "messageRule", "messages": "message", **_VALUES},
        actions=("copy", "move", "permanentDelete"),
        of_many=_DELTA,
        casts={"mailSearchFolder": "mailFolder"},
    ),
    "mailboxSettings": Type(properties=_SETTINGS),
    "message": _MESSAGE,
    "eventMessage": _EVENT_MESSAGE,
    "eventMessageRequest": _EVENT_MESSAGE,
    "eventMessageResponse": _EVENT_MESSAGE,
    "messageRule": Type(),
    "multiValueLegacyExtendedProperty": Type(),
    "singleValueLegacyExtendedProperty": Type(),
    "outlookCategory": Type(),
    "outlookUser": Type(
        many={"masterCategories": "outlookCategory"}, functions=("supportedLanguages", "supportedTimeZones")
    ),
    "person": Type(),
    "place": Type(
        functions=("descendants",),
        casts={
            "room": "room", "roomList": "roomList",
            **dict.fromkeys(("building", "desk", "floor", "section", "workspace"), "place"),
        },
    ),
    "room": Type(),
    "roomList": Type(many={"rooms": "room"}),
    "subscription": Type(actions=("reauthorize",)),
    "user": Type(
        one={
            "calendar": "calendar", "inferenceClassification": "inferenceClassification",
            "mailboxSettings": "mailboxSettings", "outlook": "outlookUser",
            **dict.fromkeys(
                ("authentication", "cloudClipboard", "cloudPC", "drive", "employeeExperience", "insights", "manager",
                 "onenote", "onPremisesSyncBehavior", "photo", "planner", "presence", "settings", "solutions",
                 "teamwork", "todo"),
                ANYTHING,
            ),
        },
        many={
            "calendarGroups": "calendarGroup", "calendars": "calendar", "events": "event",
            "extensions": "extension", "mailFolders": "mailFolder", "messages": "message", "people": "person",
            **dict.fromkeys(
                ("activities", "adhocCalls", "agreementAcceptances", "appRoleAssignments", "chats", "contactFolders",
                 "contacts", "createdObjects", "deviceManagementTroubleshootingEvents", "directReports", "drives",
                 "followedSites", "joinedTeams", "licenseDetails", "managedAppRegistrations",
                 "managedDevices", "memberOf", "oauth2PermissionGrants", "onlineMeetings", "ownedDevices",
                 "ownedObjects", "permissionGrants", "photos", "registeredDevices",
                 "scopedRoleMemberOf", "sponsors", "transitiveMemberOf"),
                ANYTHING,
            ),
        },
        views={"calendarView": "event"},
        actions=(
            "assignLicense", "changePassword", "checkMemberGroups", "checkMemberObjects",
            "convertExternalToInternalMemberUser", "exportPersonalData", "findMeetingTimes", "getMailTips",
            "getMemberGroups", "getMemberObjects", "removeAllDevicesFromManagement", "reprocessLicenseAssignment",
            "restore", "retryServiceProvisioning", "revokeSignInSessions", "sendMail", "translateExchangeIds",
            "wipeManagedAppRegistrationsByDeviceTag",
        ),
        functions=("exportDeviceAndAppManagementData", "getManagedAppDiagnosticStatuses", "getManagedAppPolicies",
                   "getManagedDevicesWithAppFailures", "reminderView"),
        of_many={"delta": READ, "getAvailableExtensionProperties": ACTION, "getByIds": ACTION,
                 "validateProperties": ACTION},
    ),
}  # fmt: skip
_GRAPH_ROOTS = Type(
    one={"me": "user", **dict.fromkeys(
        ("admin", "appCatalogs", "auditLogs", "communications", "deviceAppManagement", "deviceManagement", "directory",
         "drive", "education", "employeeExperience", "external", "identity", "identityGovernance",
         "identityProtection", "informationProtection", "planner", "policies", "print", "privacy", "reports",
         "reportSettings", "roleManagement", "search", "security", "solutions", "storage", "teamwork",
         "tenantRelationships"),
        ANYTHING,
    )},
    many={"users": "user", "places": "place", "subscriptions": "subscription", **dict.fromkeys(
        ("agreementAcceptances", "agreements", "applications", "applicationTemplates", "chats", "connections",
         "contacts", "contracts", "devices", "directoryObjects", "directoryRoles", "directoryRoleTemplates",
         "domainDnsRecords", "domains", "drives", "groupLifecyclePolicies", "groups", "groupSettings",
         "groupSettingTemplates", "invitations", "oauth2PermissionGrants", "organization", "permissionGrants",
         "schemaExtensions", "scopedRoleMemberships", "servicePrincipals", "shares", "sites", "subscribedSkus",
         "teams", "teamsTemplates"),
        ANYTHING,
    )},
)  # fmt: skip
_OUTLOOK_OWN = ("contactFolders", "contacts", "photos", "taskFolders", "taskGroups", "tasks")
_V2_USER = Type(
    one={
        "calendar": "calendar", "inferenceClassification": "inferenceClassification",
        "mailboxSettings": "mailboxSettings", "photo": ANYTHING,
    },
    many={
        "calendarGroups": "calendarGroup", "calendars": "calendar", "events": "event", "extensions": "extension",
        "mailFolders": "mailFolder", "messages": "message", "masterCategories": "outlookCategory",
        "people": "person", "subscriptions": "subscription", **dict.fromkeys(_OUTLOOK_OWN, ANYTHING),
    },
    views={"calendarView": "event"},
    actions=("findMeetingTimes", "getMailTips", "sendMail", "translateExchangeIds"),
    functions=("findRoomLists", "findRooms", "reminderView", "supportedLanguages", "supportedTimeZones"),
)  # fmt: skip
_V2_MESSAGE = structs.replace(_MESSAGE, actions=(*_REPLIES, "copy", "move"))
_V2: dict[str, Type] = {
    **_GRAPH,
    "calendar": structs.replace(_GRAPH["calendar"], actions=("getSchedule",), functions=()),
    "event": structs.replace(
        _GRAPH["event"],
        views={"instances": "event"},
        actions=(*_ANSWERS, "cancel", "dismissReminder", "forward", "snoozeReminder"),
    ),
    "mailFolder": structs.replace(_GRAPH["mailFolder"], actions=("copy", "move"), casts={}),
    "subscription": Type(),
    "message": _V2_MESSAGE,
    **dict.fromkeys(_EVENT_MESSAGES, structs.replace(_V2_MESSAGE, one={"event": "event"})),
    "user": _V2_USER,
}
_EVERY_CAST = frozenset(cast.lower() for type_ in _GRAPH.values() for cast in type_.casts)
_V2_ROOTS = Type(one={"me": "user"}, many={"users": "user"}, read_only=("me", "users"))
_V1_ATTACHMENTS = {"attachments": "attachment"}
# What v2.0 brought, and applications of v1.0 may do here all the same.
_BEYOND_V1 = ("cancel", "dismissReminder", "forward", "snoozeReminder")
_V1_MESSAGE = structs.replace(
    _MESSAGE, many=_V1_ATTACHMENTS, actions=(*_REPLIES, "copy", "move"), of_many={}, properties=()
)
_V1_FOLDER = Type(many={"childFolders": "mailFolder", "messages": "message"}, actions=("copy", "move"))
_V1: dict[str, Type] = {
    **_GRAPH,
    "calendar": Type(
        many={"calendarPermissions": "calendarPermission", "events": "event"}, views={"calendarView": "event"}
    ),
    "event": Type(
        one={"calendar": "calendar"}, many=_V1_ATTACHMENTS, views={"instances": "event"},
        actions=(*_ANSWERS, *_BEYOND_V1),
    ),
    "mailFolder": _V1_FOLDER,
    "folder": _V1_FOLDER,
    "message": _V1_MESSAGE,
    "eventMessage": structs.replace(_V1_MESSAGE, one={"event": "event"}),
    "user": Type(
        one={"calendar": "calendar", "mailboxSettings": "mailboxSettings"},
        many={
            "calendarGroups": "calendarGroup", "calendars": "calendar", "contactFolders": ANYTHING,
            "contacts": ANYTHING, "events": "event", "mailFolders": "mailFolder", "messages": "message",
        },
        views={"calendarView": "event"},
        actions=("sendMail",),
        functions=("reminderView",),
    ),
}  # fmt: skip
_V1_ROOTS = _V2_ROOTS


class Place(Struct, frozen=True):
    """A place in a path: what may be done there, and of which type what stands there is (none: nothing follows).

    `is_member`: it is a single member of an entity. `of_one` is what may be done with one of many.
    """

    methods: tuple[str, ...]
    type: str | None = None
    is_many: bool = False
    is_member: bool = False
    of_one: tuple[str, ...] = ENTITY


class Schema(Struct, frozen=True):
    """The types of one service, and the members of those that rsvpd answers, in lower case.

    What stands at the root of the service is the type without a name.
    """

    types: Types
    members: Mapping[str, frozenset[str]]

    def methods(self, segments: Iterable[Segment], synonyms: Mapping[str, str] = {}) -> tuple[str, ...]:
        """Return the methods of the path in the real service; none where it knows no such path."""
        place = self._place(segments, synonyms)
        return place.methods if place is not None else ()

    def is_member(self, segments: Iterable[Segment], synonyms: Mapping[str, str] = {}) -> bool:
        """Return whether the path ends in a single member of an entity."""
        place = self._place(segments, synonyms)
        return place is not None and place.is_member

    def _place(self, segments: Iterable[Segment], synonyms: Mapping[str, str]) -> Place | None:
        place = Place((), ROOT)
        for segment in segments:
            word = strip_namespace(segment.word)[0].lower()
            below = self._below(place, segment, synonyms.get(word, word))
            if below is None:
                return None
            place = below
        return place

    def type_of(self, segments: Iterable[Segment], synonyms: Mapping[str, str] = {}) -> str | None:
        """Return the type of the entities at the end of a path; None where there are none."""
        place = self._place(segments, synonyms)
        return None if place is None else place.type

    def navigations(self, name: str) -> frozenset[str]:
        """Return the ways from a type, in any case, to other entities, in lower case."""
        type_ = _find(self.types, name.lower()) or Type()
        return _lower((*type_.one, *type_.many, *type_.views))

    def target(self, name: str, way: str) -> str:
        """Return the type to which a way leads from a type, in any case; nothing where there is none."""
        type_ = _find(self.types, name.lower()) or Type()
        return _find({**type_.one, **type_.many, **type_.views}, way) or ""

    def _below(self, place: Place, segment: Segment, word: str) -> Place | None:
        if place.type == ANYTHING:
            return Place(EVERY, ANYTHING)
        if place.type is None:
            return Place(READ) if word in ("$value", "$count") and place.methods == READ else None
        if place.is_many:
            return self._in_collection(place, place.type, segment, word)
        return self._in_entity(place, self.types[place.type], segment, word)

    def _in_entity(self, place: Place, type_: Type, segment: Segment, word: str) -> Place | None:
        found = self._way(place, type_, segment, word)
        is_read_only = word in _lower(type_.read_only)
        return structs.replace(found, methods=READ, of_one=READ) if found is not None and is_read_only else found

    def _way(self, place: Place, type_: Type, segment: Segment, word: str) -> Place | None:
        for ways, methods in ((type_.many, COLLECTION), (type_.views, READ)):
            if (name := _find(ways, word)) is not None:
                return Place(methods, name, is_many=True) if segment.key is None else Place(ENTITY, name)
        if word in _lower(type_.functions) or word == "$ref":
            return Place(READ)
        if segment.key is not None:
            return None
        if (name := _find(type_.one, word)) is not None:
            return Place(SINGLE if name != ANYTHING else EVERY, name)
        if (name := _find(type_.casts, word)) is not None:
            return Place(place.methods, name)
        if word in _lower(type_.actions):
            return Place(ACTION)
        if word in _lower(type_.properties):
            return Place(STREAM if word == "$value" else READ)
        is_member = word in self.members.get(place.type or "", ())
        return Place(READ, is_member=True) if is_member else None

    def _in_collection(self, place: Place, name: str, segment: Segment, word: str) -> Place | None:
        type_ = self.types[name]
        if word in ("$count", "$ref"):
            return Place(READ)
        if (operation := _find(type_.of_many, word)) is not None:
            return Place(operation)
        if (cast := _find(type_.casts, word)) is not None and segment.key is None:
            return Place(place.methods, cast, is_many=True)
        # The ids of extensions begin as casts do; one to a type that is none of these leads nowhere.
        is_cast = strip_namespace(segment.word)[1] and word in _EVERY_CAST
        return Place(place.of_one, name) if segment.text == segment.word and not is_cast else None


def _find(ways: Mapping[str, V], word: str) -> V | None:
    return next((found for way, found in ways.items() if way.lower() == word), None)


def _lower(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in names)


def _members(tables: Tables) -> dict[str, frozenset[str]]:
    """Return the names of all members of the types that a profile answers, by Graph's name of the type."""
    shapes = {
        "event": (tables.event,), "message": tuple(tables.messages.values()), "mailFolder": tables.folders,
        "calendar": (tables.calendar,), "calendarPermission": (tables.permission,),
        "calendarGroup": (tables.calendar_group,), "user": (tables.user,), "person": tables.people[:1],
    }  # fmt: skip
    shapes |= dict.fromkeys(_EVENT_MESSAGES, shapes["message"])
    return {name: _lower(prop.name for one in several for prop in one.props) for name, several in shapes.items()}


GRAPH_SCHEMA = Schema({ROOT: _GRAPH_ROOTS, **_GRAPH}, _members(GRAPH_TABLES))
V2_SCHEMA = Schema({ROOT: _V2_ROOTS, **_V2}, _members(V2_TABLES))
V1_SCHEMA = Schema({ROOT: _V1_ROOTS, **_V1}, _members(V1_TABLES))
