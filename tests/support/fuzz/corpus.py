"""Real requests of every dialect, made from the route tables themselves: a new route is fuzzed as it comes.

What a route needs (ids, bodies, options) is found in the seeded story of a running server (found.py); a body that does
not stand here is the sample that tests/support/town.py has for the route.
"""

from __future__ import annotations

import builtins
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

import msgspec

from rsvpd.dialects.google import routes as google
from rsvpd.dialects.microsoft import routes as microsoft
from rsvpd.dialects.microsoft.tables.profiles import PROFILES
from rsvpd.dialects.odata.url import ANY, Gap
from support.listening import URL
from support.town import BODIES, PUSHED
from support.town import GOOGLE_BODIES as GOOGLE_SAMPLES

PEOPLE = ("alice", "bob", "carol", "dave")
GOOGLE = "/calendar/v3"
FIRST, LAST = "2026-11-01T00:00:00Z", "2027-02-01T00:00:00Z"
_WHEN = {"dateTime": "2026-12-10T10:00:00", "timeZone": "Europe/Berlin"}
_END = {"dateTime": "2026-12-10T11:00:00", "timeZone": "Europe/Berlin"}
_WEEKLY = {
    "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["thursday"]},
    "range": {"type": "numbered", "startDate": "2026-12-10", "numberOfOccurrences": 4},
}
_MAIL = {
    "subject": "Lunch",
    "body": {"contentType": "html", "content": "<p>Hello <b>you</b></p><a href='https://x.example/'>there</a>"},
    "toRecipients": [{"emailAddress": {"address": "bob@example.com", "name": "Bob"}}],
    "ccRecipients": [{"emailAddress": {"address": "zoe@elsewhere.example"}}],
    "importance": "high",
}
_EVENT = {
    "subject": "Budget",
    "body": {"contentType": "text", "content": "Bring numbers"},
    "start": _WHEN,
    "end": _END,
    "location": {"displayName": "Room 1"},
    "attendees": [
        {"emailAddress": {"address": "bob@example.com"}, "type": "required"},
        {"emailAddress": {"address": "carol@example.com"}, "type": "optional"},
    ],
    "categories": ["Red"],
    "reminderMinutesBeforeStart": 10,
    "isReminderOn": True,
    "recurrence": _WEEKLY,
}
_SCHEDULE = {
    "schedules": ["alice@example.com", "carol@example.com"],
    "startTime": _WHEN,
    "endTime": {"dateTime": "2026-12-11T10:00:00", "timeZone": "UTC"},
    "availabilityViewInterval": 30,
}
_ANSWER = {"comment": "fine", "sendResponse": True}
_PROPOSAL = {**_ANSWER, "proposedNewTime": {"start": _WHEN, "end": _END}}
_TO = {"comment": "fyi", "toRecipients": [{"emailAddress": {"address": "dave@example.com"}}]}
_BATCH = {
    "requests": [
        {"id": "1", "method": "GET", "url": "/me/events?$top=2", "headers": {"Prefer": 'outlook.timezone="UTC"'}},
        {"id": 2, "method": "POST", "url": "/me/events", "headers": {"Content-Type": "application/json"},
         "body": _EVENT, "dependsOn": ["1"]},
        {"id": "3", "method": "PUT", "url": "/me", "headers": {"Content-Type": "image/png"}, "body": "AAAA"},
    ]
}  # fmt: skip

# What is sent to a route of the Microsoft dialects, by method and the last word of its path.
MICROSOFT_BODIES: Mapping[tuple[str, str], Any] = {
    ("POST", "events"): _EVENT,
    ("PATCH", "{event}"): {"subject": "Budget II", "start": _WHEN, "end": _END, "showAs": "free"},
    ("PATCH", "{message}"): {"isRead": True, "categories": ["Blue"], "flag": {"flagStatus": "flagged"}},
    ("POST", "$batch"): _BATCH,
    ("POST", "sendMail"): {"message": _MAIL, "saveToSentItems": True},
    ("POST", "move"): {"destinationId": "archive"},
    ("POST", "accept"): _ANSWER,
    ("POST", "tentativelyAccept"): _PROPOSAL,
    ("POST", "decline"): _PROPOSAL,
    ("POST", "cancel"): {"comment": "sorry"},
    ("POST", "forward"): _TO,
    ("POST", "snoozeReminder"): {"newReminderTime": _WHEN},
    ("POST", "getSchedule"): _SCHEDULE,
    ("POST", "calendarPermissions"): {
        "emailAddress": {"address": "dave@example.com", "name": "Dave"},
        "role": "read",
    },
    ("PATCH", "{permission}"): {"role": "write"},
    ("PATCH", "mailboxSettings"): {
        "delegateMeetingMessageDeliveryOptions": "sendToDelegateOnly",
        "timeZone": "Europe/Berlin",
        "dateFormat": "dd.MM.yyyy",
        "timeFormat": "HH:mm",
        "language": {"locale": "de-DE"},
        "automaticRepliesSetting": {
            "status": "scheduled",
            "externalAudience": "all",
            "internalReplyMessage": "<p>Away</p>",
            "externalReplyMessage": "Away",
            "scheduledStartDateTime": {"dateTime": "2026-12-20T00:00:00", "timeZone": "UTC"},
            "scheduledEndDateTime": {"dateTime": "2026-12-31T00:00:00", "timeZone": "Pacific Standard Time"},
        },
        "workingHours": {
            "daysOfWeek": ["monday", "friday"],
            "startTime": "08:30:00.0000000",
            "endTime": "17:00:00",
            "timeZone": {
                "@odata.type": "#microsoft.graph.customTimeZone",
                "bias": -300,
                "name": "Customized Time Zone",
                "standardOffset": {
                    "time": "02:00:00", "dayOccurrence": 2, "dayOfWeek": "sunday", "month": 10, "year": 0,
                },
                "daylightOffset": {
                    "daylightBias": 60, "time": "02:00:00", "dayOccurrence": 4, "dayOfWeek": "sunday", "month": 5,
                },
            },
        },
    },
}
_INSTANT = {"dateTime": "2026-12-12T10:00:00+01:00", "timeZone": "Europe/Berlin"}
_GOOGLE_EVENT = {
    "summary": "Planning",
    "description": "<b>what</b>",
    "start": _INSTANT,
    "end": {"dateTime": "2026-12-12T11:00:00+01:00", "timeZone": "Europe/Berlin"},
    "attendees": [{"email": "bob@example.com"}, {"email": "carol@example.com", "optional": True}],
    "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=5;BYDAY=SA", "EXDATE;TZID=Europe/Berlin:20261219T100000"],
    "reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}]},
    "extendedProperties": {"private": {"a": "b"}, "shared": {"c": "d"}},
    "visibility": "private",
    "transparency": "opaque",
}
_OWN = {"attendeesOmitted": True, "attendees": [{"email": "bob@example.com", "responseStatus": "accepted"}]}
_ROLE = {"role": "reader", "scope": {"type": "user", "value": "dave@example.com"}}
GOOGLE_BODIES: Mapping[str, Any] = {
    "events.insert": _GOOGLE_EVENT,
    "events.patch": _OWN,
    "events.update": _GOOGLE_EVENT,
    "events.import": {**_GOOGLE_EVENT, "iCalUID": "fuzz-1@example.com"},
    "acl.insert": _ROLE,
    "acl.patch": {"role": "writer"},
    "acl.update": _ROLE,
    "freebusy.query": {
        "timeMin": FIRST,
        "timeMax": "2026-12-31T00:00:00Z",
        "items": [{"id": "alice@example.com"}, {"id": "x"}],
    },
}
# Options of lists, as people write them.
ODATA_OPTIONS: tuple[tuple[str, str], ...] = (
    ("$select", "subject,start"),
    ("$select", "id"),
    ("$top", "5"),
    ("$skip", "1"),
    ("$count", "true"),
    ("$orderby", "start/dateTime desc"),
    ("$orderby", "receivedDateTime"),
    ("$orderby", "subject,createdDateTime desc"),
    ("$filter", "subject eq 'Project kickoff'"),
    ("$filter", "start/dateTime ge '2026-11-01T00:00:00'"),
    ("$filter", "contains(subject,'plan') or not startswith(subject,'P')"),
    ("$filter", "isRead eq false"),
    ("$filter", "categories/any(c:c eq 'Red')"),
    ("$filter", "importance in ('high','low') and hasAttachments eq false"),
    ("$filter", "receivedDateTime gt 2026-01-01T00:00:00Z"),
    ("$filter", "(isAllDay ne true)"),
    ("$filter", "from/emailAddress/address eq 'alice@example.com'"),
    ("$filter", "tolower(subject) eq 'x'"),
    ("$search", '"kickoff"'),
    ("$search", '"subject:plan from:alice"'),
    ("$search", '"received>=2026-01-01 OR (a -b*)"'),
    ("$expand", "attachments"),
    ("$expand", "microsoft.graph.eventMessage/event($select=subject)"),
    ("$expand", "calendar"),
    ("$expand", "childFolders($top=2)"),
    ("$skiptoken", "abc"),
    ("$deltatoken", "x"),
    ("startDateTime", FIRST),
    ("endDateTime", LAST),
)
GOOGLE_OPTIONS: tuple[tuple[str, str], ...] = (
    ("singleEvents", "true"),
    ("orderBy", "startTime"),
    ("orderBy", "updated"),
    ("timeMin", FIRST),
    ("timeMax", LAST),
    ("maxResults", "3"),
    ("q", "plan"),
    ("showDeleted", "true"),
    ("fields", "items(id,summary,attendees(email))"),
    ("timeZone", "America/New_York"),
    ("pageToken", "abc"),
    ("maxAttendees", "1"),
    ("sendUpdates", "all"),
    ("updatedMin", FIRST),
    ("syncToken", "x"),
    ("iCalUID", "x@example.com"),
    ("prettyPrint", "false"),
    ("privateExtendedProperty", "a=b"),
    ("alwaysIncludeEmail", "true"),
    ("conferenceDataVersion", "1"),
    ("alt", "json"),
)
_WRITES = frozenset(GOOGLE_BODIES)
_VIEWS = ("calendarView", "reminderView", "instances")
_WITH_BODY = frozenset(("POST", "PATCH"))
_PUSHED = ("me/subscriptions", "users/{user}/subscriptions")


@dataclass(frozen=True)
class Ask:
    """One request before it is bytes. `dialect` is the mount it belongs to; `value` is the JSON body, `raw` one that is
    something else, of the type `media`.
    """

    dialect: str
    person: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    value: Any = None
    has_body: bool = False
    raw: builtins.bytes | None = None
    media: str = "application/json"
    token: str = field(default="", repr=False)

    def body(self) -> builtins.bytes:
        """Return the body as it is without any change."""
        if self.raw is not None:
            return self.raw
        return msgspec.json.encode(self.value) if self.has_body else b""

    def target(self) -> str:
        """Return path and query."""
        query = "&".join(
            f"{quote(name, safe='$')}={quote(value.encode('utf-8', 'surrogatepass'))}" for name, value in self.query
        )
        return self.path + (f"?{query}" if query else "")

    def bytes(self, body: builtins.bytes | None = None, *, target: str | None = None) -> builtins.bytes:
        """Return the request as it goes over the wire."""
        where = self.target() if target is None else target
        if body is None:
            body = self.body()
        lines = [f"{self.method} {where} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {self.token}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.has_body or body:
            lines += [f"Content-Type: {self.media}", f"Content-Length: {len(body)}"]
        return "\r\n".join(lines).encode("utf-8", "surrogatepass") + b"\r\n\r\n" + body


@dataclass
class Found:
    """What a running server has, by the variable of a route that it fills; and who has which token.

    `options` are tokens that lists gave, by person and the name of their option; `uploads` are where attachments go.
    `receiver` is where notifications are heard.
    """

    tokens: dict[str, str]
    keys: dict[str, dict[str, list[str]]]
    options: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    uploads: dict[str, list[str]] = field(default_factory=dict)
    receiver: str = URL

    def key(self, person: str, name: str, rng: random.Random) -> str:
        """Return something that may stand for a variable of a path, mostly of this person's."""
        whose = person if rng.random() < 0.9 else rng.choice(PEOPLE)
        known = self.keys[whose].get(name) or ["nothing"]
        return rng.choice(known)


Maker = Callable[[random.Random, Found], Ask]


def makers() -> list[list[Maker]]:
    """Return makers of requests for each route of each dialect, those alike in a list of their own.

    Routes that differ only in the way that leads there (`me` or `users/…`, a folder or none) are alike; so are
    all that are not emulated.
    """
    alike: dict[tuple[str, str, str], list[Maker]] = {}
    for profile in PROFILES:
        for row in microsoft.rows():
            kind = "gap" if isinstance(row.handler, Gap) else row.pattern.rpartition("/")[2]
            made = _microsoft(profile.mount, profile.namespace, row.method, row.pattern)
            alike.setdefault((profile.mount, row.method if kind != "gap" else "", kind), []).append(made)
        # No row of a table, as it asks for all the others.
        alike[profile.mount, "", "batch"] = [_microsoft(profile.mount, profile.namespace, "POST", "$batch")]
    for route in (*google.ROUTES, *google.GAPS):
        kind = route.id if route.handler else "gap"
        # Google's few routes weigh as much as the many of one Microsoft dialect.
        for copy in range(3 if route.handler else 1):
            alike.setdefault((GOOGLE, str(copy), kind), []).append(_google(route))
    others = [_other(path) for path in ("/", "/health", "/beta/me/events", "/_rsvpd/health", "/batch/calendar/v3")]
    # What writes is asked for more often: it can break what is read later.
    writing = [made for (_, method, kind), made in alike.items() if kind in _WRITES or method in ("POST", "PATCH")]
    return [*alike.values(), *writing * 3, others]


def _fill(pattern: str, person: str, rng: random.Random, found: Found, namespace: str = "") -> str:
    parts = []
    for part in pattern.split("/"):
        if part.startswith("{"):
            parts.append(quote(found.key(person, part[1:-1], rng), safe="@"))
        else:
            parts.append(f"{namespace}.{part[1:]}" if part.startswith(":") else part)
    return "/".join(parts)


def _options(
    rng: random.Random, pool: tuple[tuple[str, str], ...], known: Mapping[str, list[str]]
) -> tuple[tuple[str, str], ...]:
    """Return some options; tokens are mostly those that a list gave, whosever and of whatever question."""
    chosen = rng.sample(pool, rng.choice((0, 0, 1, 1, 2, 3)))
    return tuple(
        (name, rng.choice(known[name])) if known.get(name) and rng.random() < 0.8 else (name, value)
        for name, value in chosen
    )


def _sent(value: Any, receiver: str) -> Any:
    """Return a body that names where notifications are really heard."""
    if isinstance(value, dict):
        return {name: _sent(one, receiver) for name, one in value.items()}
    return receiver if value == URL else value


def _microsoft(mount: str, namespace: str, method: str, pattern: str) -> Maker:
    last = pattern.rpartition("/")[2]
    body = MICROSOFT_BODIES.get((method, last))
    if body is None and method in _WITH_BODY:
        body = (PUSHED if pattern.startswith(_PUSHED) else BODIES).get(last)
    is_raw = method == "PUT"

    def make(rng: random.Random, found: Found) -> Ask:
        person = rng.choice(PEOPLE)
        asked = rng.choice(("GET", "POST", "PATCH", "DELETE")) if method == ANY else method
        path = f"{mount}/{_fill(pattern, person, rng, found, namespace)}"
        known = found.options.get(person if rng.random() < 0.8 else rng.choice(PEOPLE), {})
        query = _options(rng, ODATA_OPTIONS, known) if asked == "GET" else ()
        if any(view in pattern for view in _VIEWS):
            query = (("startDateTime", FIRST), ("endDateTime", LAST), *query)
        value = _sent(body, found.receiver)
        value = _pascal(value) if mount != "/v1.0" else value
        if mount == "/api/v1.0" and body is _EVENT and isinstance(value, dict) and rng.random() < 0.5:
            value = {**value, "StartTimeZone": "UTC", "EndTimeZone": "UTC"}
        ask = Ask(mount, person, asked, path, query, value=value, has_body=body is not None)
        if is_raw:
            ask = replace(ask, raw=rng.randbytes(rng.choice((0, 10, 5_000))), media="image/png", has_body=True)
        return replace(ask, token=found.tokens[person], headers=_headers(rng))

    return make


def _pascal(value: Any) -> Any:
    if isinstance(value, dict):
        return {name if "@" in name else name[:1].upper() + name[1:]: _pascal(one) for name, one in value.items()}
    return [_pascal(one) for one in value] if isinstance(value, list) else value


def _google(route: google.Route) -> Maker:
    body = GOOGLE_BODIES.get(route.id) or GOOGLE_SAMPLES.get(route.id)

    def make(rng: random.Random, found: Found) -> Ask:
        person = rng.choice(PEOPLE)
        path = f"{GOOGLE}/{_fill(route.template, person, rng, found)}"
        known = found.options.get(person if rng.random() < 0.8 else rng.choice(PEOPLE), {})
        query = _options(rng, GOOGLE_OPTIONS, known)
        value = _sent(body, found.receiver)
        if route.id.endswith(".watch") and isinstance(value, dict):
            value = {**value, "id": f"channel-{rng.randrange(1_000)}"}
        ask = Ask(GOOGLE, person, route.method, path, query, value=value, has_body=body is not None)
        return replace(ask, token=found.tokens[person], headers=_headers(rng))

    return make


def _other(path: str) -> Maker:
    def make(rng: random.Random, found: Found) -> Ask:
        person = rng.choice(PEOPLE)
        mount = "/batch" if path.startswith("/batch") else ""
        return Ask(mount, person, rng.choice(("GET", "POST")), path, token=found.tokens[person])

    return make


_HEADERS: tuple[tuple[str, str], ...] = (
    ("Prefer", 'outlook.timezone="Pacific Standard Time"'),
    ("Prefer", 'outlook.body-content-type="text"'),
    ("Prefer", 'IdType="ImmutableId", odata.maxpagesize=3'),
    ("Prefer", "return=minimal"),
    ("Prefer", "outlook.allow-unsafe-html"),
    ("If-Match", "*"),
    ("If-Match", 'W/"abc"'),
    ("If-None-Match", '"x"'),
    ("Accept", "application/json;odata.metadata=full"),
    ("Accept-Encoding", "gzip"),
    ("ConsistencyLevel", "eventual"),
    ("client-request-id", "9f0f3b4c-1111-2222-3333-444455556666"),
    ("X-HTTP-Method-Override", "PATCH"),
    ("Origin", "http://localhost:3000"),
)


def _headers(rng: random.Random) -> tuple[tuple[str, str], ...]:
    return tuple(rng.sample(_HEADERS, rng.choice((0, 0, 0, 1, 1, 2))))
