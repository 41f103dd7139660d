"""Which members answers show, and which questions are read, asked of a town in which everything was tried."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from msgspec.structs import fields

from rsvpd.calendar.event import Coordinates, PostalAddress
from rsvpd.calendar.place import Place
from rsvpd.commands.directory import change_profile
from rsvpd.commands.places import change_room_place
from rsvpd.dialects.google import routes
from rsvpd.dialects.odata.url import parse
from rsvpd.identity.clients import LOCAL_CLIENT, Clients
from rsvpd.mail.person import PersonKind
from rsvpd.mail.profile import AgeGroup, Consent, Profile
from support.client import Client
from support.decrypting import opener
from support.listening import URL
from support.published import Published, google, google_answers, graph
from support.town import ALICE, BODIES, GOOGLE_BODIES, GOOGLE_TIMES, PEOPLE, ROOM_LIST, WHEN, Town
from support.world import Reply, World

GRAPH, CALENDAR = "/v1.0", "/calendar/v3"
EVENTS = f"{CALENDAR}/calendars/primary/events"
REMINDERS = {"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}]}
GUESTS = [
    {"email": "zoe@example.com", "optional": True, "additionalGuests": 2},
    {"email": "orion@example.com", "resource": True},
]
ATTACHED = {"fileUrl": "https://example.com/a", "title": "A", "mimeType": "text/plain", "iconLink": "b", "fileId": "c"}
EVERYTHING = {
    **GOOGLE_TIMES, "attendees": GUESTS, "attachments": [ATTACHED],
    "extendedProperties": {"private": {"a": "b"}, "shared": {"c": "d"}},
    "guestsCanInviteOthers": False, "anyoneCanAddSelf": True, "endTimeUnspecified": True, "gadget": {"title": "x"},
    "conferenceData": {"createRequest": {"requestId": "x", "conferenceSolutionKey": {"type": "hangoutsMeet"}}},
    "guestsCanModify": True, "guestsCanSeeOtherGuests": False, "location": "Here", "transparency": "transparent",
    "source": {"title": "A", "url": "https://example.com/"},
}  # fmt: skip
# An online meeting of a program's own, with all that can be said of one.
CONFERENCE = {
    "conferenceSolution": {"key": {"type": "addOn"}, "name": "Ours", "iconUri": "https://example.com/i.png"},
    "entryPoints": [{
        "entryPointType": "phone", "uri": "tel:+1-202-555-0100", "label": "+1 202 555 0100", "pin": "1",
        "accessCode": "2", "meetingCode": "3", "passcode": "4", "password": "5", "regionCode": "US",
        "entryPointFeatures": ["toll"],
    }],
    "conferenceId": "x", "signature": "y", "notes": "z", "parameters": {"addOnParameters": {"parameters": {"a": "b"}}},
}  # fmt: skip
DECLINING = {"autoDeclineMode": "declineNone", "declineMessage": "x"}
PLACE = {
    "type": "customLocation", "homeOffice": {}, "customLocation": {"label": "a"}, "officeLocation": {"deskId": "7"},
}  # fmt: skip
WHOLE_DAY = {"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}, "transparency": "transparent"}
KINDS: tuple[dict[str, Any], ...] = (
    {**GOOGLE_TIMES, "eventType": "focusTime", "focusTimeProperties": {**DECLINING, "chatStatus": "available"}},
    {**GOOGLE_TIMES, "eventType": "outOfOffice", "outOfOfficeProperties": DECLINING},
    {**WHOLE_DAY, "eventType": "workingLocation", "visibility": "public", "workingLocationProperties": PLACE},
    {
        **WHOLE_DAY, "eventType": "birthday", "visibility": "private", "recurrence": ["RRULE:FREQ=YEARLY"],
        "birthdayProperties": {"type": "birthday", "contact": "people/c1", "customTypeName": "x"},
    },
)  # fmt: skip
LABEL = {"id": "42617328-8756-4291-8273-192837465647", "name": "Project", "backgroundColor": "#039be5"}
VERSIONS = "supportsAttachments=true&eventLabelVersion=1&conferenceDataVersion=1"
WEEK = "timeMin=2026-12-01T00:00:00Z&timeMax=2026-12-08T00:00:00Z"
# What shows more than the one try of each method does: pages, all-day events, other reminders, calendars that are not.
SECOND = {"summary": "Rowing", "description": "Eights", "location": "Lake", "timeZone": "Europe/Zurich"}
LISTED = {"hidden": True, "summaryOverride": "Boats"}
MORE_OF_GOOGLE: tuple[tuple[str, str, Any], ...] = (
    ("GET", f"{EVENTS}?maxResults=1", None),
    ("GET", f"{CALENDAR}/calendars/primary/acl?maxResults=1", None),
    ("GET", f"{CALENDAR}/users/me/calendarList?maxResults=1", None),
    ("GET", f"{CALENDAR}/users/me/settings?maxResults=1", None),
    ("GET", f"{EVENTS}?singleEvents=true&{WEEK}", None),
    ("GET", f"{EVENTS}?maxAttendees=1", None),
    ("POST", f"{EVENTS}?{VERSIONS}", EVERYTHING),
    ("POST", f"{EVENTS}?{VERSIONS}", {**GOOGLE_TIMES, "conferenceData": CONFERENCE}),
    ("POST", EVENTS, {**GOOGLE_TIMES, "privateCopy": True, "colorId": "1"}),
    ("PATCH", f"{CALENDAR}/calendars/primary", {"labelProperties": {"eventLabels": [LABEL]}}),
    ("POST", f"{EVENTS}?{VERSIONS}", {**GOOGLE_TIMES, "eventLabelId": LABEL["id"]}),
    ("POST", EVENTS, {"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}, "reminders": REMINDERS}),
    ("POST", EVENTS, {name: {**at, "timeZone": "UTC"} for name, at in GOOGLE_TIMES.items()}),
    *(("POST", EVENTS, one) for one in KINDS),
    ("POST", f"{CALENDAR}/freeBusy", {**GOOGLE_BODIES["freebusy.query"], "items": [{"id": "nobody@example.com"}]}),
    ("POST", f"{CALENDAR}/freeBusy", {**GOOGLE_BODIES["freebusy.query"], "items": [{"id": ROOM_LIST}]}),
    (
        "POST", f"{CALENDAR}/freeBusy",
        {**GOOGLE_BODIES["freebusy.query"], "groupExpansionMax": 1, "items": [{"id": ROOM_LIST}]},
    ),
)
# What is asked of everybody who has a part in the meetings; some is shown only to who selects it.
LISTS_OF_GRAPH = (
    "/me/events",
    "/me/events?$select=cancelledOccurrences",
    "/me/messages",
    "/me/messages?$select=uniqueBody,internetMessageHeaders",
    "/me/mailFolders/searchfolders/childFolders",
    "/me/events?$expand=singleValueExtendedProperties($filter=id%20eq%20'String%200x4001'),"
    "multiValueExtendedProperties($filter=id%20eq%20'StringArray%200x4002')",
    "/me?$select=mailNickname,proxyAddresses,mailboxSettings",
    f"/me?$select=mailboxSettings,{','.join(graph().members['user'])}",
)
ONLINE = {**{name: {"dateTime": text, "timeZone": "UTC"} for name, text in WHEN.items()}, "isOnlineMeeting": True}
MORE_OF_A_SUBSCRIPTION = {
    "clientState": "x",
    "latestSupportedTlsVersion": "v1_2",
    "lifecycleNotificationUrl": URL,
    "resource": "me/events?$select=subject",
    "includeResourceData": True,
    "encryptionCertificateId": "x",
    "notificationUrlAppId": "y",
}
# Of somebody whom others pick, a manager.
KNOWN_OF_ZOE = ("surname", "job_title", "company_name", "department", "office_location", "mobile_phone")
WHO_MEETS = ("alice", "zoe", PEOPLE["delegateWithPrivateEventAccess"])
OF_A_ROOM = ("calendars/primary", "users/me/calendarList")
QUESTIONS_TO_GOOGLE = (
    ("FreeBusyRequest", f"{CALENDAR}/freeBusy", GOOGLE_BODIES["freebusy.query"]),
    ("Channel", f"{EVENTS}/watch", GOOGLE_BODIES["events.watch"]),
)
# An object where a text or a number belongs; where an object belongs, its one published parameter is wrong.
WRONG = {"ttl": "another kind"}


@cache
def google_members_seen() -> set[tuple[str, str]]:
    """Return (object, member) of what Google's answers show, and of the questions that are read."""
    with _new_world() as world:
        world.add("orion", kind=PersonKind.ROOM)
        tries = [(one.method, one.path, one.body) for one in Town(world).google() if not one.is_gap]
        for name in ("orion", "vega"):
            world.store.run(change_room_place, world.people[name], {}, [ROOM_LIST])
        found = set(_read(world))
        (invited,) = world.request("alice", "GET", f"{EVENTS}?q=request").json["items"]
        with_others = {"attendees": [{"email": ALICE, "additionalGuests": 2}]}
        asked = [("alice", *one) for one in (*tries, *MORE_OF_GOOGLE)]
        asked.append(("alice", "PATCH", f"{EVENTS}/{invited['id']}", with_others))
        asked += [("orion", "GET", f"{CALENDAR}/{path}", None) for path in OF_A_ROOM]
        for who, method, path, body in chain(asked, _of_a_second_calendar(world)):
            route, _ = routes.find(method, path.removeprefix(CALENDAR).partition("?")[0])
            answer = google_answers().get(route.id)
            found |= set(_members(google(), answer, _json(world.request(who, method, path, body))))
        return found


def _of_a_second_calendar(world: World) -> Iterator[tuple[str, str, str, Any]]:
    """Yield what shows a calendar beside the primary one, as it stands in the list and once it was taken off it."""
    world.rewire()  # nothing of this is undone
    id = world.request("alice", "POST", f"{CALENDAR}/calendars", SECOND).json["id"]
    yield "alice", "PATCH", f"{CALENDAR}/users/me/calendarList/{id}", LISTED
    yield "alice", "GET", f"{CALENDAR}/calendars/{id}", None
    yield "alice", "GET", f"{CALENDAR}/calendars/{id}/events", None
    yield "alice", "DELETE", f"{CALENDAR}/users/me/calendarList/{id}", None
    yield "alice", "GET", f"{CALENDAR}/users/me/calendarList?showDeleted=true&showHidden=true", None


def _read(world: World) -> Iterator[tuple[str, str]]:
    """Yield the members of questions that are refused where they are of another kind."""
    for name, path, plain in QUESTIONS_TO_GOOGLE:
        for member in google().members[name]:
            if world.request("alice", "POST", path, {**plain, member: WRONG}).status == 400:
                yield name, member
    _, path, plain = QUESTIONS_TO_GOOGLE[0]
    if world.request("alice", "POST", path, {**plain, "items": [{"id": WRONG}]}).status == 400:
        yield "FreeBusyRequestItem", "id"


@cache
def graph_members_seen() -> set[tuple[str, str]]:
    """Return (type, member) of what Graph's answers show with a value; what is inherited stands with the base."""
    with _new_world() as world:
        town = Town(world)
        world.rewire()  # nothing of this is undone
        _meet(town)
        _know(world)
        world.add("tess", online="skypeForBusiness")
        town.serve(Clients())
        asked = [("alice", one.method, one.path, one.body) for one in town.microsoft("graph") if not one.is_gap]
        asked += [(who, "GET", GRAPH + path, None) for who in WHO_MEETS for path in LISTS_OF_GRAPH]
        asked += [("tess", "POST", f"{GRAPH}/me/events", ONLINE), ("tess", "GET", f"{GRAPH}/me/calendar", None)]
        found = set(_members(graph(), "subscription", _json(_subscribe(world))))
        for who, method, path, body in asked:
            answer = graph().answer(method, parse(path.removeprefix(GRAPH).partition("?")[0]))
            found |= set(_members(graph(), answer, _json(world.request(who, method, path, body))))
        return found


def _know(world: World) -> None:
    """Let everything be known of alice that can be, in whatever combination."""
    samples = {
        "tuple": ("text",), "bool": True, "int": world.now, "AgeGroup": AgeGroup.MINOR, "Consent": Consent.GRANTED,
    }  # fmt: skip
    kinds = {one.name: str(one.type) for one in fields(Profile)}
    known = {name: next((one for kind, one in samples.items() if kind in of), "text") for name, of in kinds.items()}
    world.store.run(change_profile, world.people["alice"], known)
    world.store.run(change_profile, world.people["zoe"], {name: known[name] for name in KNOWN_OF_ZOE})
    samples = {"tuple": ("text",), "bool": True, "int": 1, "Coord": Coordinates(1.0, 1.0), "Postal": PostalAddress("a")}
    kinds = {one.name: str(one.type) for one in fields(Place) if one.name != "teams"}
    known = {name: next((one for kind, one in samples.items() if kind in of), "text") for name, of in kinds.items()}
    world.store.run(change_room_place, world.people["vega"], {**known, "capacity": 8}, [ROOM_LIST])


def _subscribe(world: World) -> Reply:
    """Return the answer to an application that subscribes with everything that can be said."""
    token = world.tokens.issue(world.people["alice"], now=world.now, app_id=LOCAL_CLIENT)
    body = BODIES["subscriptions"] | MORE_OF_A_SUBSCRIPTION | {"encryptionCertificate": opener().text()}
    return world.request("alice", "POST", f"{GRAPH}/subscriptions", body, headers={"authorization": f"Bearer {token}"})


def _meet(town: Town) -> None:
    """Let a meeting move and be answered with another time, and a date of the series be called off."""
    alice, zoe = Client(town.world, "alice", "graph"), Client(town.world, "zoe", "graph")
    here, there = ({"location": {"displayName": name}} for name in ("Here", "There"))
    plans = alice.create("Plans", WHEN["start"], WHEN["end"], "zoe", transactionId="x", **here)
    path = f"/me/events/{plans['id']}"
    assert alice("PATCH", path, there | alice.times("2026-12-03T10:00:00", "2026-12-03T11:00:00")).status == 200
    invited = zoe.get(f"/me/events?$filter=iCalUId eq '{plans['iCalUId']}'")["value"][0]
    slot = zoe.times("2026-12-04T10:00:00", "2026-12-04T11:00:00")
    assert zoe("POST", f"/me/events/{invited['id']}/tentativelyAccept", {"proposedNewTime": slot}).status == 202
    assert alice("DELETE", f"/me/events/{town.occurrences[town.series['id']]}").status == 204


# --- both


@contextmanager
def _new_world() -> Iterator[World]:
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        try:
            yield world
        finally:
            world.close()


def _json(reply: Reply) -> Any:
    is_json = reply.headers.get("content-type", "").startswith("application/json")
    return reply.json if reply.status < 300 and is_json and reply.body else None


def _members(published: Published, kind: str | None, value: Any) -> Iterator[tuple[str, str]]:
    if kind is None or value is None:
        return
    if kind.startswith("Collection(") and isinstance(value, dict):
        value = value["value"]  # the whole answer
    inner = kind.rstrip("!").removeprefix("Collection(").removesuffix(")").strip("[]<>")
    if isinstance(value, list) or kind.startswith("<"):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _members(published, inner, one)
    elif isinstance(value, dict):
        yield from _of_object(published, value.get("@odata.type", inner).rpartition(".")[2], value)


def _of_object(published: Published, name: str, value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for member, one in value.items():
        for owner in published.line_of(name):
            if member in published.members.get(owner, {}) and one is not None:
                yield owner, member
                yield from _members(published, published.members[owner][member], one)
            for way in published.ways.get(owner, ()):
                if way.name == member:  # shown inside
                    yield from _each(published, way.target, one)


def _each(published: Published, name: str, value: Any) -> Iterator[tuple[str, str]]:
    for one in value if isinstance(value, list) else [value]:
        yield from _members(published, name, one)
