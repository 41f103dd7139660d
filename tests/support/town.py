"""A town in which every route of every dialect can be tried: alice, what she has, and everybody with a role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from rsvpd.commands.directory import change_profile, set_photo
from rsvpd.commands.door import Who
from rsvpd.commands.places import change_room_place
from rsvpd.dialects.google.routes import GAPS as GOOGLE_GAPS
from rsvpd.dialects.google.routes import ROUTES as GOOGLE_ROUTES
from rsvpd.dialects.microsoft.routes import Route, resolve, rows
from rsvpd.dialects.microsoft.tables.profiles import GRAPH, OUTLOOK_V1, OUTLOOK_V2
from rsvpd.dialects.odata import url
from rsvpd.dialects.odata.url import ANY, Row
from rsvpd.edge.dialects import all_dialects
from rsvpd.errors import MethodNotAllowed, NotEmulated, UnknownSegment
from rsvpd.identity.clients import Clients
from rsvpd.mail.person import PersonKind
from rsvpd.mail.profile import Photo
from support.client import Client
from support.listening import URL, Receivers
from support.undoing import Undoing
from support.world import World

ALICE = "alice@example.com"
ANSWERS = ("accept", "tentativelyAccept", "decline")
# From nobody to the owner; whoever comes later may what the ones before may.
SOMEBODY, FREE_BUSY, LIMITED, READ, WRITE, DELEGATE, PRIVATE, OWNER, ADMINISTRATOR = range(9)
IDENTITIES: dict[str, int] = {
    "stranger": SOMEBODY,
    "freeBusyRead": FREE_BUSY,
    "limitedRead": LIMITED,
    "read": READ,
    "write": WRITE,
    "delegateWithoutPrivateEventAccess": DELEGATE,
    "delegateWithPrivateEventAccess": PRIVATE,
    "alice": OWNER,
}
PEOPLE = {name: "alice" if name == "alice" else f"p{number}" for name, number in IDENTITIES.items()}
BY_NAME = {"graph": GRAPH, "v2": OUTLOOK_V2, "v1": OUTLOOK_V1}
MICROSOFT = {"graph": "/v1.0", "v2": "/api/v2.0", "v1": "/api/v1.0"}

_ENDS = ("{calendar}", "{calendar}/permanentDelete")
# Who may use a route that is not the owner's alone: method, pattern below a user, and the least role.
_EVENTS = r"(calendar/|calendars/[^/]+/)?(events|calendarView)"
_ONE = rf"{_EVENTS}/[^/]+(/instances/[^/]+)?"
LEAST: tuple[tuple[str, str, int], ...] = (
    ("GET", "(outlook)?(/?supported(TimeZones|Languages))?", SOMEBODY),
    ("DELETE", "", ADMINISTRATOR),
    ("GET", r"manager(/\$ref)?|directReports(/\$count)?|memberOf|photos?(/.*)?", SOMEBODY),
    ("PUT|DELETE", r"manager/\$ref", ADMINISTRATOR),
    ("GET", "findRooms|findRoomLists", SOMEBODY),
    ("GET", r"people(/[^/]+)?", SOMEBODY),
    ("GET", r"calendar|calendars(/[^/]+)?", FREE_BUSY),
    ("GET", rf"{_EVENTS}(/[^/]+)?(/(calendar|\$ref|\$count|attachments(/\$count)?))?", FREE_BUSY),
    ("GET", rf"{_EVENTS}/[^/]+/(instances|exceptionOccurrences)(/[^/]+)?(/[^/]+)?", FREE_BUSY),
    ("GET", rf"{_EVENTS}/[^/]+/instances/[^/]+/attachments/\$count", FREE_BUSY),
    ("GET", rf"{_EVENTS}/[^/]+(/instances/[^/]+)?/attachments/.+", PRIVATE),
    ("POST", rf"{_EVENTS}/[^/]+(/instances/[^/]+)?/attachments", WRITE),
    ("DELETE", rf"{_EVENTS}/[^/]+(/instances/[^/]+)?/attachments/[^/]+", WRITE),
    ("POST", rf"{_EVENTS}/[^/]+(/instances/[^/]+)?/attachments/createUploadSession", WRITE),
    ("GET", rf"{_ONE}/extensions(/\$count)?", FREE_BUSY),
    ("GET", rf"{_ONE}/extensions/[^/]+", PRIVATE),
    ("POST", rf"{_ONE}/extensions", WRITE),
    ("PATCH|DELETE", rf"{_ONE}/extensions/[^/]+", WRITE),
    ("GET", rf"{_EVENTS}/[^/]+(/instances/[^/]+)?/calendar/(events|calendarView)(/\$count)?", FREE_BUSY),
    ("POST", rf"{_EVENTS}", WRITE),
    ("PATCH|DELETE", rf"{_EVENTS}/[^/]+(/instances/[^/]+)?", WRITE),
    ("POST", rf"{_EVENTS}/[^/]+(/instances/[^/]+)?/(accept|tentativelyAccept|decline|cancel|permanentDelete)", WRITE),
)
GOOGLE_LEAST = {
    "calendarList.get": FREE_BUSY,
    "calendarList.insert": FREE_BUSY,
    "calendarList.patch": FREE_BUSY,
    "calendarList.update": FREE_BUSY,
    "calendars.get": FREE_BUSY,
    "calendars.transferOwnership": ADMINISTRATOR,
    "events.import": WRITE,
    "events.list": READ,
    "events.quickAdd": WRITE,
    "events.get": READ,
    "events.instances": READ,
    "events.watch": READ,
    "channels.stop": OWNER,
    "events.insert": WRITE,
    "events.patch": WRITE,
    "events.update": WRITE,
    "events.delete": WRITE,
}
GOOGLE_OF_SECOND = ("calendars.delete", "calendars.transferOwnership", "calendarList.delete")
PROPERTIES = {
    "singleValueExtendedProperties": [{"id": "String 0x4001", "value": "Secret value"}],
    "multiValueExtendedProperties": [{"id": "StringArray 0x4002", "value": ["Secret value"]}],
}
EXTENSION = {"extensionName": "Com.Contoso.Deal", "note": "Secret note"}
WHEN = {"start": "2026-12-01T10:00:00", "end": "2026-12-01T11:00:00"}
RULE = f"{PEOPLE['read']}@example.com"
SOMEBODY_ELSE = [{"emailAddress": {"name": "Zoe", "address": "zoe@example.com"}}]
# Everything that a rule can ask.
ASKED_OF_MAIL: dict[str, Any] = {
    **{
        name: ["nosuch"] for name in
        ("bodyContains", "bodyOrSubjectContains", "categories", "headerContains", "recipientContains", "senderContains",
         "subjectContains")
    },
    **dict.fromkeys(("fromAddresses", "sentToAddresses"), SOMEBODY_ELSE),
    "importance": "high", "messageActionFlag": "doNotForward", "sensitivity": "private",
    "withinSizeRange": {"minimumSize": 1, "maximumSize": 2},
    **dict.fromkeys(
        ("hasAttachments", "isApprovalRequest", "isAutomaticForward", "isAutomaticReply", "isEncrypted",
         "isMeetingRequest", "isMeetingResponse", "isNonDeliveryReport", "isPermissionControlled", "isReadReceipt",
         "isSigned", "isVoicemail", "notSentToMe", "sentCcMe", "sentOnlyToMe", "sentToMe", "sentToOrCcMe"),
        True,
    ),
}  # fmt: skip
# Of what is in no mailbox, the least role.
ROOTS = {("POST", "users"): ADMINISTRATOR, ("PATCH", "places/{place}"): ADMINISTRATOR}
ROOM, ROOM_LIST = "vega@example.com", "building1@example.com"
# What is sent where something has to be.
OTHER_ATTACHMENTS = {
    "itemAttachment": {
        "@odata.type": "#microsoft.graph.itemAttachment", "name": "Secret item",
        "item": {"@odata.type": "microsoft.graph.message", "subject": "Secret inside"},
    },
    "referenceAttachment": {"@odata.type": "#microsoft.graph.referenceAttachment", "name": "Secret reference"},
}  # fmt: skip
SEARCH = {
    "@odata.type": "microsoft.graph.mailSearchFolder", "displayName": "Secret search", "sourceFolderIds": ["inbox"],
    "filterQuery": "subject ne 'none'", "includeNestedFolders": True,
}
BODIES: dict[str, Any] = {
    "me": {"mobilePhone": "1"},
    "{user}": {"mobilePhone": "1"},
    "{place}": {"nickname": "Star"},
    "$ref": {"@odata.id": "https://graph.microsoft.com/v1.0/users/zoe@example.com"},
    "users": {
        "accountEnabled": True, "displayName": "X", "mailNickname": "x", "userPrincipalName": "x@example.com",
        "passwordProfile": {"password": "Xx-345678"},
    },
    "sendMail": {"message": {"toRecipients": [{"emailAddress": {"address": ALICE}}]}},
    "move": {"destinationId": "archive"},
    "copy": {"destinationId": "archive"},
    "forward": {"toRecipients": [{"emailAddress": {"address": RULE}}]},
    "snoozeReminder": {"newReminderTime": {"dateTime": "2026-11-30T10:00:00", "timeZone": "UTC"}},
    "messageRules": {
        "displayName": "New",
        "actions": {
            "assignCategories": ["Blue"], "copyToFolder": "archive", "moveToFolder": "archive", "delete": True,
            "permanentDelete": True, "markAsRead": True, "markImportance": "high", "stopProcessingRules": True,
            **dict.fromkeys(("forwardTo", "forwardAsAttachmentTo", "redirectTo"), SOMEBODY_ELSE),
        },
        "conditions": ASKED_OF_MAIL,
        "exceptions": ASKED_OF_MAIL,
    },
    "{rule}": {"displayName": "Other"},
    "overrides": {"classifyAs": "other", "senderEmailAddress": {"name": "Zoe", "address": "zoe@example.com"}},
    "{override}": {"classifyAs": "focused"},
    "mailFolders": {"displayName": "New"},
    "childFolders": {"displayName": "New"},
    "{folder}": {"displayName": "Other"},
    ":mailSearchFolder": {"filterQuery": "isRead eq true"},
    "calendarPermissions": {"emailAddress": {"address": "zoe@example.com"}, "role": "read"},
    "{permission}": {"role": "freeBusyRead"},
    "calendars": {"name": "Rowing"},
    "{calendar}": {"color": "lightBlue"},
    "calendar": {"color": "lightBlue"},
    "calendarGroups": {"name": "Clubs"},
    "{group}": {"name": "Clubs"},
    "mailboxSettings": {},
    "translateExchangeIds": {"inputIds": [], "sourceIdType": "restId", "targetIdType": "restImmutableEntryId"},
    "subscriptions": {
        "changeType": "created",
        "notificationUrl": URL,
        "resource": "me/events",
        "expirationDateTime": "2026-11-24T08:00:00Z",
    },
    "attachments": {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "YQ==",
                    "contentId": "a", "contentLocation": "b"},
    "extensions": {"extensionName": "Com.Contoso.Other", "dealValue": 10},
    "{extension}": {"dealValue": 20},
    "masterCategories": {"displayName": "Other", "color": "preset1"},
    "{category}": {"color": "preset2"},
    "createUploadSession": {"attachmentItem": {"attachmentType": "file", "name": "a.bin", "size": 4_000_000}},
    "{subscription}": {"expirationDateTime": "2026-11-24T08:00:00Z"},
}
# Of Outlook REST v2.0, whose words are others.
PUSHED = {
    "subscriptions": {
        "@odata.type": "#Microsoft.OutlookServices.PushSubscription",
        "ChangeType": "Created",
        "NotificationURL": URL,
        "Resource": "me/events",
    },
    "{subscription}": {},
}
SCHEDULE = {
    "startTime": {"dateTime": WHEN["start"], "timeZone": "UTC"},
    "endTime": {"dateTime": WHEN["end"], "timeZone": "UTC"},
}
BODIES["getSchedule"] = {"schedules": [ALICE], **SCHEDULE}
BODIES["getMailTips"] = {"EmailAddresses": [ALICE, "nobody@example.com", "elsewhere@example.org"]}
BODIES["findMeetingTimes"] = {
    "attendees": [{"type": "required", "emailAddress": {"address": RULE}}],
    "locationConstraint": {"locations": [{"displayName": "Here", "resolveAvailability": False}]},
    "returnSuggestionReasons": True,
}
GOOGLE_TIMES = {name: {"dateTime": f"{text}Z"} for name, text in WHEN.items()}
GOOGLE_BODIES: dict[str, Any] = {
    "events.insert": GOOGLE_TIMES,
    "events.import": {**GOOGLE_TIMES, "iCalUID": "elsewhere@example.org"},
    "events.patch": {"summary": "Other"},
    "events.update": GOOGLE_TIMES,
    "calendars.insert": {"summary": "Rowing"},
    "calendars.patch": {"description": "By the lake"},
    "calendars.update": {"summary": "Rowing"},
    "calendarList.insert": {"id": ALICE},
    "calendarList.patch": {"selected": True},
    "calendarList.update": {"selected": True},
    "acl.insert": {"scope": {"type": "user", "value": RULE}, "role": "reader"},
    "acl.patch": {"role": "reader"},
    "acl.update": {"role": "reader"},
    "events.watch": {"id": "one", "type": "web_hook", "address": URL},
    "calendarList.watch": {"id": "one", "type": "web_hook", "address": URL},
    "acl.watch": {"id": "one", "type": "web_hook", "address": URL},
    "settings.watch": {"id": "one", "type": "web_hook", "address": URL},
    "freebusy.query": {"timeMin": "2026-12-01T00:00:00Z", "timeMax": "2026-12-02T00:00:00Z", "items": [{"id": ALICE}]},
}


# As much of a picture as says its size, 120 x 120.
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc0000b080078007801011100ffd9")


class Tried(Struct, frozen=True):
    """A request that can be made, and the least that somebody must be to get it answered."""

    method: str
    path: str
    least: int
    body: Any = None
    is_gap: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """Return what has to be sent beside a token: people are counted eventually or not at all."""
        counted = {"consistencylevel": "eventual"} if self.path.endswith("users/$count") else {}
        return {"content-type": "image/jpeg"} if self.raw is not None else counted

    @property
    def raw(self) -> bytes | None:
        """Return the body of what is no JSON."""
        return JPEG if self.method in ("PUT", "PATCH") and self.path.lower().endswith("photo/$value") else None


class Town:
    """alice with a private meeting she organizes, one she is invited to, and a series; everybody with a role."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.receivers = world.send = Receivers()
        for name in (*PEOPLE.values(), "zoe"):
            world.add(name)
        world.store.run(change_profile, world.people["alice"], {}, manager=world.people["zoe"], is_managed=True)
        photo = Photo(width=120, height=120, media_type="image/jpeg", content=JPEG)
        world.store.run(set_photo, Who(world.people["alice"].oid, None, world.now), photo)
        world.store.run(change_profile, world.people["zoe"], {}, manager=world.people["alice"], is_managed=True)
        world.store.run(change_room_place, world.add("vega", kind=PersonKind.ROOM), {"nickname": "Vega"}, [ROOM_LIST])
        alice, zoe = Client(world, "alice", "graph"), Client(world, "zoe", "graph")
        for role, name in list(PEOPLE.items())[1:-1]:
            body = {"emailAddress": {"address": f"{name}@example.com"}, "role": role}
            assert alice("POST", "/me/calendar/calendarPermissions", body).status == 201
        daily = {"pattern": {"type": "daily", "interval": 1}, "range": {"type": "noEnd", "startDate": "2026-12-01"}}
        private = {"sensitivity": "private", "body": {"contentType": "text", "content": "Secret text"}}
        self.hosted = alice.create("Secret plans", WHEN["start"], WHEN["end"], "zoe", **private)
        self.series = alice.create("Secret series", WHEN["start"], WHEN["end"], "zoe", recurrence=daily, **private)
        file = {**BODIES["attachments"], "name": "Secret.txt", "contentBytes": "U2VjcmV0IGZpbGU="}
        self.attached = {
            one["id"]: alice("POST", f"/me/events/{one['id']}/attachments", file).json["id"]
            for one in (self.hosted, self.series)
        }
        # She is delegated for, but hears of what she is asked herself.
        option = {"delegateMeetingMessageDeliveryOptions": "sendToDelegateAndPrincipal"}
        assert alice("PATCH", "/me/mailboxSettings", option).status == 200
        zoe.create("Secret request", WHEN["start"], WHEN["end"], "alice", **private)
        zoe.create("Secret course", WHEN["start"], WHEN["end"], "alice", recurrence=daily, **private)
        hosted = alice.get(f"/me/events/{self.hosted['id']}")
        theirs = zoe.get(f"/me/events?$filter=iCalUId eq '{hosted['iCalUId']}'")["value"][0]
        assert zoe("POST", f"/me/events/{theirs['id']}/accept", {"comment": "Secret words"}).status == 202
        window = "startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-02T00:00:00Z"
        events = {one["subject"]: one for one in alice.get("/me/events")["value"]}
        self.invited, self.course = events["Secret request"], events["Secret course"]
        self.occurrences = {
            one["id"]: alice.get(f"/me/events/{one['id']}/instances?{window}")["value"][0]["id"]
            for one in (self.series, self.course)
        }
        inbox = alice.get("/me/mailFolders/inbox/messages")["value"]
        self.request = next(one for one in inbox if one["meetingMessageType"] == "meetingRequest")
        self.response = next(one for one in inbox if one["meetingMessageType"] == "meetingAccepted")
        extended = (f"events/{self.hosted['id']}/", f"events/{self.occurrences[self.series['id']]}/")
        assert alice("PATCH", f"/me/events/{self.hosted['id']}", PROPERTIES).status == 200
        for path in (*extended, f"messages/{self.request['id']}/", ""):
            assert alice("POST", f"/me/{path}extensions", EXTENSION).status == 201
        draft = {"subject": "Secret draft", "toRecipients": [{"emailAddress": {"address": ALICE}}],
                 "isDeliveryReceiptRequested": True}  # fmt: skip
        self.draft = alice("POST", "/me/messages", draft).json
        self.folder = alice("POST", "/me/mailFolders", {"displayName": "Secret folder", "isHidden": True}).json["id"]
        self.search = alice("POST", "/me/mailFolders/searchfolders/childFolders", SEARCH).json["id"]
        for one in (self.request, self.response):
            self.attached[one["id"]] = alice("POST", f"/me/messages/{one['id']}/attachments", file).json["id"]
        self.attached_by_type = {
            (holder, type_): alice("POST", f"/me/{kind}/{holder}/attachments", body).json["id"]
            for type_, body in OTHER_ATTACHMENTS.items()
            for kind, several in (("events", (self.hosted, self.series)), ("messages", (self.request, self.response)))
            for holder in (one["id"] for one in several)
        }
        rule = {"displayName": "Secret rule", "isEnabled": False, "actions": {"delete": True}}
        self.rule = alice("POST", "/me/mailFolders/inbox/messageRules", rule).json["id"]
        override = {"classifyAs": "other", "senderEmailAddress": {"address": "secret@example.org"}}
        self.override = alice("POST", "/me/inferenceClassification/overrides", override).json["id"]
        self.calendar = alice.get("/me/calendar")["id"]
        second = world.request("alice", "POST", "/calendar/v3/calendars", {"summary": "Secret society"})
        self.second = second.json["id"]
        self.category = alice.get("/me/outlook/masterCategories")["value"][0]["id"]
        self.second_calendar = alice.get("/me/calendars")["value"][1]["id"]
        self.group = alice("POST", "/me/calendarGroups", {"name": "Secret groups"}).json["id"]
        self.first_group = alice.get("/me/calendarGroups")["value"][0]["id"]
        self.permission = alice.get("/me/calendar/calendarPermissions")["value"][1]["id"]
        self.google_id = world.request("alice", "GET", "/calendar/v3/calendars/primary/events").json["items"][0]["id"]
        self.subscription = alice("POST", "/subscriptions", BODIES["subscriptions"]).json["id"]
        pushed = world.request("alice", "POST", "/api/v2.0/me/subscriptions", PUSHED["subscriptions"])
        self.push_subscription = pushed.json["Id"]
        channel = {"id": "mine", "type": "web_hook", "address": URL}
        made = world.request("alice", "POST", "/calendar/v3/calendars/primary/events/watch", channel).json
        self.channel = {"id": "mine", "resourceId": made["resourceId"]}
        self.undoing = Undoing(world)
        self.serve(Clients())

    def serve(self, clients: Clients) -> None:
        """Let these applications be the registered ones; nothing that is asked from now on stays done."""
        dialects = all_dialects(self.undoing, self.world.tokens, clients, self.receivers)
        self.world.dialects = sorted(dialects, key=lambda one: -len(one.prefix))

    def microsoft(self, profile: str) -> list[Tried]:
        """Return every route of a profile in alice's mailbox, and those of the own with ids of hers."""
        return [one for row in rows() if not is_everybodys(row.pattern) for one in self.tries(profile, row)]

    def tries(self, profile: str, row: Row[Route]) -> Iterator[Tried]:
        """Yield a row of the table as a request that is about alice, where the profile has it."""
        client, method, pattern = Client(self.world, "alice", profile), row.method, row.pattern
        if pattern.endswith("/calendar/permanentDelete"):
            return  # refused to everybody
        user, _, below = pattern.partition("{user}")
        is_own = pattern == "me" or pattern.startswith("me/")
        is_own = is_own or "{subscription}" in pattern
        if user.startswith("users/"):
            least = least_of(method, below.lstrip("/"))
        else:
            least = OWNER if is_own else ROOTS.get((method, pattern), SOMEBODY)
        filled = self._filled(client, pattern, method)
        path = f"{client.mount}/{filled}{window_of(pattern)}"
        verb = "POST" if method == ANY else method
        try:
            resolve(BY_NAME[client.profile], url.parse(f"/{filled}"), verb)
            is_gap = False
        except NotEmulated:
            is_gap = True
        except (UnknownSegment, MethodNotAllowed):
            return  # this version never had it
        body = None if method in ("GET", "DELETE", ANY) else client.cased(body_of(client, pattern, method))
        yield Tried(verb, path, least, body, is_gap)

    def _filled(self, client: Client, pattern: str, method: str) -> str:
        """Return a pattern with what is there for each of its variables."""
        is_answer = pattern.endswith(ANSWERS)
        series = (self.course if is_answer else self.series)["id"]
        event = (self.invited if is_answer else self.hosted)["id"]
        if pattern.endswith(("instances", "instances/$count", "exceptionOccurrences")):
            event = series
        if "{series}" in pattern:
            event = self.occurrences[series]
        is_response, is_sent = "eventMessageResponse" in pattern, pattern.endswith("{message}/send")
        message = (self.draft if is_sent else self.response if is_response else self.request)["id"]
        holder = message if "{message}" in pattern else series if "{series}" in pattern else event
        is_deleted = method == "DELETE" or pattern.endswith("/permanentDelete")
        type_ = next((one for one in OTHER_ATTACHMENTS if f":{one}" in pattern), "")
        values = {
            "user": ALICE,
            "room": ROOM,
            "photo": "120x120",
            "person": self.world.people["zoe"].oid,
            "place": ROOM_LIST if ":roomList" in pattern else ROOM,
            "event": event,
            "series": series,
            "message": message,
            "attachment": self.attached_by_type.get((holder, type_)) or self.attached.get(holder, "x"),
            "folder": self._folder_of(pattern),
            "parent": "searchfolders" if pattern.endswith("{folder}/:mailSearchFolder") else "msgfolderroot",
            "rule": self.rule,
            "override": self.override,
            # What everybody has is not to be deleted.
            "calendar": self.second_calendar if is_deleted and pattern.endswith(_ENDS) else self.calendar,
            "group": self.group if pattern.endswith("{group}") else self.first_group,
            "permission": self.permission,
            "extension": EXTENSION["extensionName"],
            "category": self.category,
            "subscription": self.push_subscription if client.profile == "v2" else self.subscription,
        }
        found = re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], "x"), pattern)
        found = re.sub(r"(allowedCalendarSharingRoles)$", r"\1(User='zoe@example.com')", found)
        found = re.sub(r":(\w+)", lambda match: cast(client, match[1]), found)
        return found.replace("mailFolders", "Folders") if client.profile == "v1" else found

    def _folder_of(self, pattern: str) -> str:
        if pattern.endswith("{message}/send"):
            return "drafts"
        if pattern.endswith("{folder}/:mailSearchFolder"):
            return str(self.search)
        return "inbox" if "/message" in pattern else str(self.folder)

    def google(self) -> list[Tried]:
        """Return every method of Google's in alice's calendar."""
        values = {"calendarId": ALICE, "eventId": self.google_id, "ruleId": f"user:{RULE}", "setting": "timezone"}
        found = []
        for route in (*GOOGLE_ROUTES, *GOOGLE_GAPS):
            # What everybody has is not to be deleted.
            values["calendarId"] = self.second if route.id in GOOGLE_OF_SECOND else ALICE
            path = re.sub(r"\{(\w+)\}", lambda match: values[match[1]], route.template)
            least = GOOGLE_LEAST.get(route.id, OWNER if "{calendarId}" in route.template else SOMEBODY)
            body = self.channel if route.id == "channels.stop" else GOOGLE_BODIES.get(route.id)
            query = "?text=Lunch" if route.id == "events.quickAdd" else ""
            query = f"?destination={self.second}" if route.id == "events.move" else query
            is_transfer = route.id == "calendars.transferOwnership"
            query = "?newDataOwner=zoe@example.com&useAdminAccess=true" if is_transfer else query
            found.append(Tried(route.method, f"/calendar/v3/{path}{query}", least, body, route.handler is None))
        owners_rule = f"/calendar/v3/calendars/{ALICE}/acl/user:{ALICE}"
        return [*found, Tried("GET", owners_rule, OWNER), Tried("PATCH", owners_rule, OWNER, {"role": "owner"})]


def is_everybodys(pattern: str) -> bool:
    """Return whether a pattern is about the own mailbox of whoever asks, without an id of somebody else's."""
    names = set(re.findall(r"\{(\w+)\}", pattern)) - {"user", "folder", "parent"}
    return (pattern == "me" or pattern.startswith("me/")) and not names


def least_of(method: str, below: str) -> int:
    found = (least for methods, path, least in LEAST if re.fullmatch(methods, method) and re.fullmatch(path, below))
    return next(found, OWNER)


def cast(client: Client, name: str) -> str:
    if client.profile == "graph":
        return f"microsoft.graph.{name}"
    return f"Microsoft.OutlookServices.{name[:1].upper()}{name[1:]}"


def window_of(pattern: str) -> str:
    if re.search(r"(calendarView|reminderView)(/\$count|/delta)?$|/instances(/\$count)?$", pattern):
        return "?startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-02T00:00:00Z"
    return ""


def body_of(client: Client, pattern: str, method: str) -> dict[str, Any]:
    last = pattern.rpartition("/")[2]
    if pattern.startswith(("me/subscriptions", "users/{user}/subscriptions")):
        return dict(PUSHED[last])
    if last in ("events", "calendarView") and method == "POST":
        return client.times(WHEN["start"], WHEN["end"])
    if last == "{event}":
        return {"categories": ["Blue"]}
    return dict(BODIES.get(last, {}))
